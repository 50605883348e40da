package pos

import (
	"context"
	"encoding/json"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// Kinds of print jobs. What is frozen elsewhere is named in the body of its job; what is nowhere else is frozen there.
const (
	JobDocument = "document"
	JobNote     = "note"
	JobClosing  = "closing"
	JobReading  = "reading"
	JobKitchen  = "kitchen"
	JobDrawer   = spool.Drawer
	JobTest     = spool.Test
	JobCard     = "card"
	JobSlip     = "slip"
)

// documentJob is the body of the job of a document, a note or a closing.
type documentJob struct {
	Number string `json:"number"`
	N      int    `json:"n,omitempty"` // 0 the original, k of « DUPLICATA n° k »
}

// WarnPrintFull says that so many jobs wait already that a paper of this sale was not asked for.
const WarnPrintFull = "print.full"

var (
	errJob      = fault.New(fault.Internal, "print.unreadable", "This print job cannot be read.")
	errNoPaper  = fault.New(fault.Conflict, "printer.none", "No printer of receipts is set up.")
	errNoDrawer = fault.New(fault.Conflict, "drawer.none", "No drawer hangs on this printer.")
)

// pulse opens a drawer, and prints nothing.
type pulse struct{}

// ESCPOS implements receipts.Printable.
func (pulse) ESCPOS(p escpos.Profile) ([]byte, error) {
	e := escpos.New(p)
	e.Drawer()
	return e.Bytes()
}

// readJob reads the body of a job. Refusal: print.unreadable.
func readJob[T any](j spool.Job) (body T, err error) {
	if err := json.Unmarshal(j.Body, &body); err != nil {
		return body, errJob.With("id", j.ID).Wrap(err)
	}
	return body, nil
}

// Paper is what a job prints. One that comes out of another printer than its own says so, where its reader has to know.
// Refusals: print.unreadable, and those of the document.
func (t *Till) Paper(ctx context.Context, j spool.Job) (receipts.Printable, error) {
	switch j.Kind {
	case JobDocument, JobNote, JobClosing:
		return t.paperOfDocument(ctx, j)
	case JobKitchen:
		k, err := readJob[receipts.KitchenTicket](j)
		if j.CameOut != "" && j.CameOut != j.Printer {
			k.Instead = j.Printer
		}
		return k, err
	case JobReading:
		return readJob[receipts.Closing](j)
	case JobDrawer:
		return pulse{}, nil
	case JobTest:
		return receipts.TestPage{Printer: j.Printer}, nil
	case JobCard:
		return t.paperOfCard(j)
	case JobSlip:
		return t.paperOfSlip(ctx, j)
	}
	return nil, errJob.With("id", j.ID).With("kind", j.Kind)
}

func (t *Till) paperOfDocument(ctx context.Context, j spool.Job) (receipts.Printable, error) {
	d, err := readJob[documentJob](j)
	switch {
	case err != nil:
		return nil, err
	case j.Kind == JobNote:
		return t.Document(ctx, d.Number)
	case j.Kind == JobClosing:
		if err := t.AwaitBackup(ctx, d.Number); err != nil {
			return nil, err
		}
		return t.ClosingDocument(ctx, d.Number)
	}
	return t.Copy(ctx, d.Number, d.N)
}

// receiptPrinter is the printer that a paper is asked of by name, or else that of the till the command comes from.
// Refusals: printer.unknown, also for one that prints no receipts; printer.none.
func (t *Till) receiptPrinter(tx *data.Tx, by By, name string) (Printer, error) {
	state := t.printers.Get(tx)
	if name == "" {
		p, there := state.receipts(by.Printer)
		if !there {
			return p, errNoPaper
		}
		return p, nil
	}
	p, there := state.named(name)
	if !there || !p.Active || !p.Receipts {
		return p, errNoPrinter.Field("printer", "unknown").With("name", name)
	}
	return p, nil
}

// kick opens the drawer of the till that a command comes from, after its commit; nothing when none hangs on its printer.
// A full queue opens nothing, and refuses nothing: told says whether a job was added.
func (t *Till) kick(ctx context.Context, tx *data.Tx, by By) (told bool, err error) {
	p, there := t.printers.Get(tx).receipts(by.Printer)
	if !there || !p.HasDrawer() || tx.Resent() {
		return false, nil
	}
	_, err = spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobDrawer, Body: struct{}{}, Life: spool.DrawerLife})
	if fault.CodeOf(err) == spool.ErrFull.Code {
		return false, nil
	}
	return err == nil, err
}

// kicked are the topics of a command that moves cash: the printer wakes when the drawer is to open.
func (t *Till) kicked(ctx context.Context, tx *data.Tx, by By) ([]string, error) {
	told, err := t.kick(ctx, tx, by)
	if !told {
		return nil, err
	}
	return []string{spool.Topic}, nil
}

// PrintTest prints the test page of a printer, by which its letters are chosen, and returns the job. Refusals:
// right.missing, printer.unknown, print.full.
func (t *Till) PrintTest(ctx context.Context, by By, printer string) (string, error) {
	return t.asksPrinter(ctx, by, printer, JobTest, func(Printer) error { return nil })
}

// PrintKick opens the drawer of a printer, so that a manager sees whether it hangs there. No money moves, but a drawer that
// opens without a sale is in the journal, whatever it opens for (fiscal R58). Refusals: right.missing, printer.unknown,
// drawer.none, training.real, print.full.
func (t *Till) PrintKick(ctx context.Context, by By, printer string) (string, error) {
	return t.asksPrinter(ctx, by, printer, JobDrawer, func(p Printer) error {
		if !p.HasDrawer() {
			return errNoDrawer.With("name", p.Name)
		}
		return nil
	})
}

// asksPrinter is a job that a manager asks of one printer while setting it up.
func (t *Till) asksPrinter(ctx context.Context, by By, name, kind string, may func(Printer) error) (string, error) {
	if err := by.mustManage(); err != nil {
		return "", err
	}
	id, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		p, there := t.printers.Get(tx).named(name)
		if !there || !p.Active {
			return "", errNoPrinter.With("name", name)
		}
		if err := may(p); err != nil {
			return "", err
		}
		r := spool.Request{Printer: p.Name, Kind: kind, Body: struct{}{}}
		told := data.Event{Type: "print.asked", Topics: []string{spool.Topic}, Body: map[string]any{"printer": p.Name, "kind": kind}}
		if kind == JobDrawer {
			if err := t.forReal(tx, by); err != nil {
				return "", err
			}
			seq, err := t.drawerOpened(ctx, tx, by, map[string]any{"reason": reasonDrawerTest, "printer": p.Name})
			if err != nil {
				return "", err
			}
			r.Life, told.Type, told.Body = spool.DrawerLife, "drawer.opened", map[string]any{"journal": []int64{seq}}
		}
		id, err := spool.Add(ctx, tx, r)
		if err != nil {
			return "", err
		}
		return id, tx.Record(told)
	})
	return id, err
}
