package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
)

// DrawerRequest opens the drawer without a sale.
type DrawerRequest struct {
	Reason   string    `json:"reason"`
	Approval *Approval `json:"approval"` // of a manager, where a barista may not open it alone
}

// DrawerOpened is a drawer that was asked to open.
type DrawerOpened struct {
	Printer string `json:"printer"` // it hangs on
	Job     string `json:"job"`     // of that printer; nobody waits for it after spool.DrawerLife
}

// errDrawerApproval is told when a manager has to agree.
var errDrawerApproval = fault.New(fault.Denied, "drawer.approval", "The drawer is opened without a sale by a manager only.")

// OpenDrawer opens the drawer of the till that the command comes from, without a sale: to give change, to count. The journal
// says who did, and why (fiscal R58); the drawer opens after the commit. A barista does it alone where the café has chosen
// so (Settings.DrawerAlone); else with a manager's PIN, good for this one time, of which nothing is kept.
//
// Refusals: right.missing, reason.missing, text.invalid, training.real, drawer.none, drawer.approval, approval.wrong,
// pin.wait, print.full.
func (t *Till) OpenDrawer(ctx context.Context, by By, r DrawerRequest) (DrawerOpened, error) {
	if r.Approval != nil {
		by.Command = by.Command.Of([]byte("drawer"), []byte(by.Operator.ID), []byte(r.Reason), []byte(r.Approval.Operator))
	}
	opened, err := t.openDrawer(ctx, by, r.Reason, keptOperator{})
	if r.Approval == nil || fault.CodeOf(err) != errDrawerApproval.Code {
		return opened, err
	}
	manager, err := t.approve(ctx, by, *r.Approval)
	if err != nil {
		return DrawerOpened{}, err
	}
	return t.openDrawer(ctx, by, r.Reason, manager)
}

func (t *Till) openDrawer(ctx context.Context, by By, reason string, manager keptOperator) (DrawerOpened, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (DrawerOpened, error) {
		if err := t.forReal(tx, by); err != nil {
			return DrawerOpened{}, err
		}
		reason, err := cleanReason(reason)
		if err != nil {
			return DrawerOpened{}, err
		}
		p, there := t.printers.Get(tx).receipts(by.Printer)
		if !there || !p.HasDrawer() {
			return DrawerOpened{}, errNoDrawer.With("name", p.Name)
		}
		facts := map[string]any{"reason": reason, "printer": p.Name}
		if err := mayOpenDrawer(ctx, tx, by, manager); err != nil {
			return DrawerOpened{}, err
		}
		if manager.ID != "" {
			facts["auth"] = manager.Code
		}
		job, err := spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobDrawer, Body: struct{}{}, Life: spool.DrawerLife})
		if err != nil {
			return DrawerOpened{}, err
		}
		seq, err := t.drawerOpened(ctx, tx, by, facts)
		if err != nil {
			return DrawerOpened{}, err
		}
		return DrawerOpened{Printer: p.Name, Job: job}, tx.Record(data.Event{Type: "drawer.opened", Topics: []string{spool.Topic},
			Body: map[string]any{"journal": []int64{seq}}})
	})
}

// reasonDrawerTest is why a drawer opens while it is being set up.
const reasonDrawerTest = "test"

// drawerOpened journals that the drawer opens without a sale, and returns the entry's seq (fiscal R58).
func (t *Till) drawerOpened(ctx context.Context, tx *data.Tx, by By, facts map[string]any) (int64, error) {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code,
		Body: journal.EventBody{Code: journal.EventDrawerOpen, Data: facts}})
	return e.Seq, err
}

// mayOpenDrawer refuses a barista alone where the café wants a manager's word.
func mayOpenDrawer(ctx context.Context, q data.Querier, by By, manager keptOperator) error {
	switch {
	case by.Operator.Role == RoleManager:
		return nil
	case manager.ID != "":
		return stillManages(ctx, q, manager)
	}
	chosen, err := loadSettings(ctx, q)
	if err == nil && !chosen.DrawerAlone {
		return errDrawerApproval
	}
	return err
}

// HasDrawer reports whether a drawer hangs on the receipt printer of a till; empty: the café's first.
func (t *Till) HasDrawer(printer string) bool {
	p, there := t.ReceiptPrinter(printer)
	return there && p.HasDrawer()
}
