package pos

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// The reasons of a discount (fiscal R44).
const (
	ReasonPromo      = "promo"
	ReasonStaffMeal  = "staff_meal" // earns no stamp (case 13, fiscal U11)
	ReasonCommercial = "commercial"
	ReasonQuality    = "quality"
)

// DiscountReasons lists the reasons of a discount, in the order they are proposed.
func DiscountReasons() []string {
	return []string{ReasonCommercial, ReasonQuality, ReasonPromo, ReasonStaffMeal}
}

// DiscountRequest is a discount, with its reason. 100 % is an offered line. Percent and Amount both 0 take it off.
type DiscountRequest struct {
	Percent  int         `json:"percent"` // 1 to 100 of the line
	Amount   money.Cents `json:"amount"`  // or cents off one unit, at most its price
	Reason   string      `json:"reason"`  // one of DiscountReasons
	Approval *Approval   `json:"approval"`
}

// Approval is a manager's PIN, good for the one action it comes with. It is looked at only when the action needs it.
type Approval struct {
	Operator string `json:"operator"` // id or name of the manager
	PIN      string `json:"pin"`
}

var (
	errDiscount      = fault.New(fault.Invalid, "discount.invalid", "A discount is 1 to 100 percent, or an amount up to the price of one, with a reason.")
	errDiscountKind  = fault.New(fault.Invalid, "discount.kind", "What is bought for somebody or served from the shelf has one price.").Field("line", "kind")
	errApproval      = fault.New(fault.Denied, "discount.approval", "A discount this large needs a manager.")
	errApprovalWrong = fault.New(fault.Denied, "approval.wrong", "This is not the name and PIN of a manager.").Field("approval.pin", "wrong")
)

// eventOrderDiscount is the technical event of a discount on what was sent, put aside, noted or paid in part: the amount
// taken off it, below zero when it was given back.
const eventOrderDiscount journal.Code = "ORDER_DISCOUNT"

// discount is the rule of a line's discount: it is kept, not its cents, so that another quantity has its own.
type discount struct {
	Percent int         `json:"percent,omitempty"`
	Off     money.Cents `json:"off,omitempty"` // of one unit
	Reason  string      `json:"reason,omitempty"`
	By      string      `json:"by,omitempty"`       // code of who gave it
	Auth    string      `json:"auth,omitempty"`     // code of the manager who gave or approved it; empty: a barista alone
	AuthQty int         `json:"auth_qty,omitempty"` // of how many units
}

func (d discount) none() bool { return d.Percent == 0 && d.Off == 0 }

// cut is what the discount takes off qty units: rounded half up once, for all of them.
func (l line) cut(qty int) money.Cents {
	unit := l.unit()
	if l.Discount.Percent > 0 {
		return (unit*money.Cents(qty)*money.Cents(l.Discount.Percent) + 50) / 100
	}
	return min(l.Discount.Off, unit) * money.Cents(qty)
}

// alone is what of the discount nobody with the right has approved.
func (l line) alone() money.Cents { return l.cut(l.Qty) - l.cut(min(l.Qty, l.Discount.AuthQty)) }

func (tk ticket) alone() money.Cents {
	var sum money.Cents
	for _, l := range tk.Lines {
		sum += l.alone()
	}
	return sum
}

// cuts shares the discount of a line over its parts, pro rata of their prices: each rate has its own.
func (l line) cuts() []money.Cents {
	weights := make([]int64, len(l.Parts))
	for i, p := range l.Parts {
		weights[i] = int64(p.Price)
	}
	return money.Allocate(l.cut(l.Qty), weights)
}

// earns reports whether the meals of the line are paid for, and so earn stamps: what is free of charge and the meals
// of the staff do not (case 13, fiscal U11). A gift has meals only where the café has chosen so (case 17).
func (l line) earns() bool {
	return (l.Kind == LineSale || l.Kind == LineGift) && l.total() > 0 && l.Discount.Reason != ReasonStaffMeal
}

// auth is the code of the manager behind the largest approved discount of a ticket, else of whoever gave the largest
// one: another may be paid for it. Empty when there is none, or when it is who rings it up.
func (tk ticket) auth(operator string) string {
	largest := func(who func(line) (string, money.Cents)) string {
		var most money.Cents
		code := ""
		for _, l := range tk.Lines {
			if by, cut := who(l); by != "" && by != operator && cut > most {
				most, code = cut, by
			}
		}
		return code
	}
	manager := largest(func(l line) (string, money.Cents) { return l.Discount.Auth, l.cut(min(l.Qty, l.Discount.AuthQty)) })
	return cmp.Or(manager, largest(func(l line) (string, money.Cents) { return l.Discount.By, l.cut(l.Qty) }))
}

// DiscountLine gives a line a discount with a reason, replaces it, or takes it off; line 0 is every line of the
// ticket that is bought for oneself, in percent (fiscal R44). A barista alone takes off Settings.DiscountAlone of a
// ticket; more needs a manager, or the PIN of one, which is journaled. The PIN is compared outside the writer, and
// neither it nor a digest of it is stored.
//
// Refusals: line.unknown, ticket.empty, discount.invalid (its fields say why), discount.kind, discount.approval (args
// max, the cents one may take off alone), approval.wrong, pin.wait, ticket.overpaid, voucher.food.
func (t *Till) DiscountLine(ctx context.Context, by By, ticketID string, lineID int, r DiscountRequest) (Ticket, error) {
	if r.Approval != nil {
		by.Command = by.Command.Of([]byte("discount"), []byte(by.Operator.ID), []byte(ticketID), []byte(strconv.Itoa(lineID)),
			[]byte(strconv.Itoa(r.Percent)), []byte(r.Amount.String()), []byte(r.Reason), []byte(r.Approval.Operator))
	}
	tk, err := t.discountLine(ctx, by, ticketID, lineID, r, keptOperator{})
	if r.Approval == nil || fault.CodeOf(err) != errApproval.Code {
		return tk, err
	}
	manager, err := t.approve(ctx, by, *r.Approval)
	if err != nil {
		return Ticket{}, err
	}
	return t.discountLine(ctx, by, ticketID, lineID, r, manager)
}

func (t *Till) discountLine(ctx context.Context, by By, ticketID string, lineID int, r DiscountRequest, manager keptOperator) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.discount", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		before, seen := tk.alone(), tk.seen()
		lines, err := tk.discounted(lineID, r)
		if err != nil {
			return nil, err
		}
		auth := ""
		switch {
		case by.Operator.Role == RoleManager:
			auth = by.Operator.Code
		case manager.ID != "":
			if err := stillManages(ctx, tx, manager); err != nil {
				return nil, err
			}
			auth = manager.Code
		}
		var taken money.Cents
		for _, l := range lines {
			taken += l.cut(l.Qty)
			if l.Discount.none() {
				continue
			}
			l.Discount.By = by.Operator.Code
			if auth != "" {
				l.Discount.Auth, l.Discount.AuthQty = auth, l.Qty
			}
		}
		if err := t.mayDiscount(ctx, tx, by, tk, before); err != nil {
			return nil, err
		}
		made, err := t.journalCheaper(ctx, tx, by, *tk, lineID, seen-tk.seen(), r.Reason)
		if err != nil || manager.ID == "" {
			return made, err
		}
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventRoleOverride, map[string]any{
			"right": "discount", "by": manager.Code, "ticket": tk.ID, "line": lineID, "amount": int64(taken), "reason": r.Reason})
		return append(made, seq), err
	})
}

// journalCheaper tells that what has left the hands of whoever rang it costs less than it did, or more again: whoever
// has a note of it was told another price (fiscal R17). Nothing is told of a cart that nobody else has seen.
func (t *Till) journalCheaper(ctx context.Context, tx *data.Tx, by By, tk ticket, lineID int, less money.Cents, reason string) ([]int64, error) {
	if less == 0 {
		return nil, nil
	}
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Training: tk.Training, Body: journal.EventBody{
		Code: eventOrderDiscount, Sev: journal.Warning, Data: map[string]any{"ticket": tk.ID, "line": lineID, "amount": int64(less), "reason": reason}}})
	return []int64{e.Seq}, err
}

// discounted puts the rule on a line, or on every line bought for oneself, and returns them.
func (tk *ticket) discounted(lineID int, r DiscountRequest) ([]*line, error) {
	d := discount{Percent: r.Percent, Off: r.Amount, Reason: r.Reason}
	if d.none() {
		d.Reason = ""
	}
	lines := []*line{}
	if lineID != 0 {
		l, err := tk.find(lineID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	} else {
		for i := range tk.Lines {
			if tk.Lines[i].Kind == LineSale && !tk.Lines[i].forFund() {
				lines = append(lines, &tk.Lines[i])
			}
		}
		if len(lines) == 0 {
			return nil, errEmpty
		}
	}
	if err := d.check(lineID, *lines[0]); err != nil {
		return nil, err
	}
	for _, l := range lines {
		l.Discount = d
	}
	return lines, nil
}

// check refuses what is no discount for a line; of a whole ticket it is a percentage.
func (d discount) check(lineID int, l line) error {
	switch {
	case l.Kind != LineSale || l.forFund():
		return errDiscountKind
	case d.none():
		return nil
	case d.Percent < 0 || d.Percent > 100 || d.Percent > 0 && d.Off != 0:
		return errDiscount.Field("percent", codeRange).With("max", 100)
	case d.Off != 0 && lineID == 0:
		return errDiscount.Field("amount", "percent_only")
	case d.Off < 0 || d.Off > l.unit():
		return errDiscount.Field("amount", codeRange).With("max", l.unit())
	case d.Reason == "":
		return errDiscount.Field("reason", "required")
	case !slices.Contains(DiscountReasons(), d.Reason):
		return errDiscount.Field("reason", "one_of")
	}
	return nil
}

// mayDiscount refuses a change by which a barista alone would have taken more off than the café allows. before is
// what nobody had approved until now: what was there already is no reason to refuse.
func (t *Till) mayDiscount(ctx context.Context, q data.Querier, by By, tk *ticket, before money.Cents) error {
	after := tk.alone()
	if after <= before || by.Operator.Role == RoleManager {
		return nil
	}
	chosen, err := loadSettings(ctx, q)
	if err != nil {
		return err
	}
	if after > chosen.DiscountAlone {
		return errApproval.With("max", chosen.DiscountAlone)
	}
	return nil
}

// approve checks a manager's PIN, under the same delays as signing in, and recorded alike when it is wrong. It is
// slow: never call it inside a write.
func (t *Till) approve(ctx context.Context, by By, a Approval) (manager keptOperator, err error) {
	if by.Command.Resent { // the PIN was right then, and is kept nowhere
		if by.Approver == nil || *by.Approver == "" {
			return manager, errApprovalWrong
		}
		return loadOperator(ctx, t.db.Reader(), *by.Approver)
	}
	err = t.prove(ctx, DoorTill, a.Operator, a.PIN, func(o keptOperator) error {
		manager = o // whose role is looked at where the approval is used: see stillManages
		return nil
	})
	if fault.CodeOf(err) == errPINWrong.Code {
		return manager, errApprovalWrong
	}
	if err == nil && by.Approver != nil {
		*by.Approver = manager.ID
	}
	return manager, err
}

// stillManages refuses who is no manager, or was disabled or given another PIN while the old one was compared.
func stillManages(ctx context.Context, q data.Querier, o keptOperator) error {
	now, err := loadOperator(ctx, q, o.ID)
	if err != nil {
		return err
	}
	if !now.active || now.pin != o.pin || now.Role != RoleManager {
		return errApprovalWrong
	}
	return nil
}
