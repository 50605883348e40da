package pos

import (
	"context"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Payment is a part of a ticket that was paid before the whole of it. It is kept on the ticket, where every till sees
// it, and becomes a tender of the sale when the ticket is settled.
type Payment struct {
	ID       int         `json:"id"` // 1, 2, 3… of the ticket
	Means    Means       `json:"means"`
	Amount   money.Cents `json:"amount"` // of the ticket that it pays
	Given    money.Cents `json:"given"`
	Change   money.Cents `json:"change"` // handed back at once
	At       time.Time   `json:"at"`
	Operator string      `json:"operator"`         // code
	Charge   string      `json:"charge,omitempty"` // id of the charge, when a terminal was asked for it
	Ref      string      `json:"ref,omitempty"`    // authorisation of the terminal
}

// PaymentRequest pays a part of a ticket, or all that is left of it.
type PaymentRequest struct {
	Means         Means        `json:"means"`
	Amount        money.Cents  `json:"amount"`          // above 0; cash above the rest pays the rest and gives change
	Given         money.Cents  `json:"given,omitempty"` // what was handed over; 0 is taken as Amount; more only in cash
	ExpectedTotal *money.Cents `json:"expected_total"`  // of the ticket, as the payer was told
	Version       *int64       `json:"version"`         // of the ticket as it was shown
}

// PaymentResult is the ticket after a part of it was paid, and the sale when that was the last part.
type PaymentResult struct {
	Ticket Ticket      `json:"ticket"`
	Change money.Cents `json:"change"` // to hand back now
	Sale   *SaleResult `json:"sale"`   // null while something is left to pay
}

func (r PaymentResult) kept() PaymentResult {
	r.Ticket = r.Ticket.kept()
	if r.Sale != nil {
		sale := r.Sale.kept()
		r.Sale = &sale
	}
	return r
}

func (r *PaymentResult) reread(ctx context.Context, t *Till) error { return r.Ticket.reread(ctx, t) }

var (
	errOverpaid = fault.New(fault.Conflict, "ticket.overpaid", "More is paid already than would be due.")
	errPartPaid = fault.New(fault.Conflict, "ticket.part_paid", "A part of the ticket is paid; give it back first.")
	errPayment  = fault.New(fault.NotFound, "payment.unknown", "The ticket has no such payment.")
)

// eventPaymentRemoved is the technical event of a payment other than cash that was taken off an order: what was paid
// and is not is told by the journal (fiscal R17: corrections from order to settlement). Cash has its CASH entry.
const eventPaymentRemoved journal.Code = "PAYMENT_REMOVED"

// partPaid is the reason of the drawer's movements for a part of a ticket: in when it is paid, out when the sale takes
// its place, or when it is given back. A person's reason follows it after a colon.
func partPaid(ticketID string) string { return "part_payment " + ticketID }

func (tk ticket) paid() money.Cents {
	var sum money.Cents
	for _, p := range tk.Payments {
		sum += p.Amount
	}
	return sum
}

// paidBy is what was paid by one means.
func (tk ticket) paidBy(m Means) money.Cents {
	var sum money.Cents
	for _, p := range tk.Payments {
		if p.Means == m {
			sum += p.Amount
		}
	}
	return sum
}

// parts are the payments as tenders of the sale.
func (tk ticket) parts() []Tender {
	all := make([]Tender, len(tk.Payments))
	for i, p := range tk.Payments {
		all[i] = Tender{Means: p.Means, Amount: p.Amount, Given: p.Given, ref: p.Ref}
	}
	return all
}

// coversPaid refuses a change that would leave less due than is paid, or vouchers on what they may not pay.
func (tk ticket) coversPaid() error {
	if len(tk.Payments) == 0 && tk.Charge == nil || tk.State != ticketOpen {
		return nil
	}
	if tk.charging() > 0 && tk.paid()+tk.charging() > tk.owed() {
		return tk.chargeable()
	}
	if paid := tk.paid(); paid > tk.owed() {
		return errOverpaid.With("paid", paid).With("total", tk.owed())
	}
	return voucherFood(tk.paidBy(MealVoucher), tk.voucherMax())
}

// asShown refuses a payment of a ticket that has changed since the payer was told what it costs.
func (tk ticket) asShown(by By, total *money.Cents, version *int64) error {
	if by.Last { // what it was shown with is lost; the money has to be right all the same
		version = nil
	}
	if total != nil && *total != tk.owed() || version != nil && *version != tk.Version {
		return fault.New(fault.Conflict, "ticket.stale", "The ticket has changed since it was shown.").
			With("total", tk.owed()).With("version", tk.Version).With("rest", tk.owed()-tk.paid())
	}
	return nil
}

// AddPayment pays a part of an open ticket, which every till then sees; the part that covers the rest settles the sale
// with all of them as its tenders, as Checkout does. Cash is in the drawer at once, as a movement of its own, which
// the sale takes the place of. Nothing is owed twice: two tills paying at once pay what is left, one after the other.
//
// Refusals: ticket.unknown, ticket.closed, ticket.stale, ticket.empty, shift.none, tenders.means, tenders.amount,
// tenders.given, tenders.change, tenders.many (the fifth must cover the rest), payment.beyond (args rest), voucher.food,
// tenders.cash_limit; charge.open for what a terminal is asked for.
func (t *Till) AddPayment(ctx context.Context, by By, ticketID string, r PaymentRequest) (PaymentResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (PaymentResult, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return PaymentResult{}, err
		}
		if err := tk.asShown(by, r.ExpectedTotal, r.Version); err != nil {
			return PaymentResult{}, err
		}
		if len(tk.Lines) == 0 {
			return PaymentResult{}, errEmpty
		}
		shift, err := t.openShift(ctx, tx)
		if err != nil {
			return PaymentResult{}, err
		}
		tender, err := tk.part(r)
		if err != nil {
			return PaymentResult{}, err
		}
		if tender.Amount == tk.owed()-tk.paid() {
			return t.settlePart(ctx, tx, by, tk, tender)
		}
		return t.keepPart(ctx, tx, by, tk, shift, tender)
	})
}

// part checks a payment against what is left, and returns it as a tender.
func (tk ticket) part(r PaymentRequest) (Tender, error) {
	rest := tk.owed() - tk.paid()
	tender := Tender{Means: r.Means, Amount: r.Amount, Given: r.Given}
	if err := tender.check(""); err != nil {
		return tender, err
	}
	tender.Given = max(tender.Given, tender.Amount)
	if tender.Means == Cash && rest > 0 {
		tender.Amount = min(tender.Amount, rest)
	}
	if tender.Means == Cash {
		if err := cashWithin(tk.paidBy(Cash)+tender.Amount, "amount"); err != nil {
			return tender, err
		}
	}
	switch {
	case tk.Charge != nil && tender.Amount > rest-tk.charging(): // the card may have paid that already
		return tender, tk.chargeable()
	case tender.Amount > rest:
		return tender, errTenders("payment.beyond", "That is more than is left to pay.", "amount", codeRange).With("rest", rest)
	case len(tk.Payments)+1 > maxTenders, len(tk.Payments)+1 == maxTenders && tender.Amount < rest:
		return tender, errTenders("tenders.many", "Too many tenders for one sale.", "amount", "too_many").With("max", maxTenders)
	}
	return tender, nil // vouchers are held against their food where the part is kept, or the sale settled
}

// settlePart settles the sale: its tenders are the parts paid before, and this one.
func (t *Till) settlePart(ctx context.Context, tx *data.Tx, by By, tk ticket, last Tender) (PaymentResult, error) {
	sale, err := t.settle(ctx, tx, by, tk, []Tender{last})
	if err != nil {
		return PaymentResult{}, err
	}
	if tk, err = loadTicket(ctx, tx, tk.ID); err != nil {
		return PaymentResult{}, err
	}
	shown, err := t.shown(ctx, tx, tk)
	return PaymentResult{Ticket: shown, Change: sale.Change, Sale: &sale}, err
}

// keepPart keeps a part on the ticket, and its cash in the drawer.
func (t *Till) keepPart(ctx context.Context, tx *data.Tx, by By, tk ticket, shift Shift, tender Tender) (PaymentResult, error) {
	tk.LastPaid++
	p := Payment{ID: tk.LastPaid, Means: tender.Means, Amount: tender.Amount, Given: tender.Given, Change: tender.Given - tender.Amount,
		At: tx.Now(), Operator: by.Operator.Code}
	tk.Payments = append(tk.Payments, p)
	tk.markKept() // from here on nothing of what is paid in part vanishes without a word (fiscal R17)
	var made []int64
	var topics []string
	if p.Means == Cash && !tk.Training {
		var err error
		if topics, err = t.kicked(ctx, tx, by); err != nil {
			return PaymentResult{}, err
		}
		seq, err := t.moveDrawer(ctx, tx, by, shift, p.Amount, partPaid(tk.ID))
		if err != nil {
			return PaymentResult{}, err
		}
		made = append(made, seq)
	}
	shown, err := t.recorded(ctx, tx, &tk, "ticket.payment", p.facts(made), topics...)
	return PaymentResult{Ticket: shown, Change: p.Change}, err
}

// facts are what the event of a payment says.
func (p Payment) facts(made []int64) map[string]any {
	return map[string]any{"journal": nonNil(made), "payment": p.ID, "means": string(p.Means), "amount": int64(p.Amount), "given": int64(p.Given), "operator": p.Operator}
}

// RemovePayment takes a part off a ticket again, with the reason, and returns the ticket. Cash leaves the drawer, as a
// movement of its own; another means is an event of the journal.
// What a terminal took is still taken: its charge is told until somebody has given it back there (ReturnCharge).
// Refusals: ticket.unknown, ticket.closed, payment.unknown, reason.missing, shift.none.
func (t *Till) RemovePayment(ctx context.Context, by By, ticketID string, payment int, reason string) (Ticket, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Ticket, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return Ticket{}, err
		}
		i := slices.IndexFunc(tk.Payments, func(p Payment) bool { return p.ID == payment })
		if i < 0 {
			return Ticket{}, errPayment.With("payment", payment)
		}
		if reason, err = cleanReason(reason); err != nil {
			return Ticket{}, err
		}
		p := tk.Payments[i]
		tk.Payments = slices.Delete(tk.Payments, i, i+1)
		made, err := t.givePartBack(ctx, tx, by, tk, p, reason)
		if err != nil {
			return Ticket{}, err
		}
		if p.Charge != "" {
			return t.removeCharged(ctx, tx, &tk, p, made)
		}
		if p.Means != Cash || tk.Training {
			return t.recorded(ctx, tx, &tk, partRemoved, p.facts(made))
		}
		topics, err := t.kicked(ctx, tx, by)
		if err != nil {
			return Ticket{}, err
		}
		return t.recorded(ctx, tx, &tk, partRemoved, p.facts(made), topics...)
	})
}

func (t *Till) givePartBack(ctx context.Context, tx *data.Tx, by By, tk ticket, p Payment, reason string) ([]int64, error) {
	shift, err := t.openShift(ctx, tx)
	switch {
	case err != nil:
		return nil, err
	case p.Means == Cash && tk.Training: // no drawer has it
		return nil, nil
	case p.Means == Cash:
		seq, err := t.moveDrawer(ctx, tx, by, shift, -p.Amount, partPaid(tk.ID)+": "+reason)
		return []int64{seq}, err
	}
	means, _ := p.Means.journal()
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Training: tk.Training, Body: journal.EventBody{
		Code: eventPaymentRemoved, Sev: journal.Warning, Data: map[string]any{
			"ticket": tk.ID, "payment": p.ID, "means": string(means), "amount": int64(p.Amount), "reason": reason}}})
	return []int64{e.Seq}, err
}
