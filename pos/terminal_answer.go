package pos

import (
	"context"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// ChargeAnswer is what a terminal said. Outcome is ChargeApproved, ChargeDeclined, ChargeNotSent or ChargeUnknown; anything else
// is taken as unknown.
type ChargeAnswer struct {
	Outcome       ChargeState
	Amount        money.Cents // that the card paid, when approved
	Code          string      // why it is not approved
	Authorisation string      // number of the bank's
	Application   string      // of the card
	Entry         string      // how it was read
}

// Codes of a charge that is unknown for reasons of the till's own.
const (
	codeRestarted = "terminal.restarted" // the till stopped while the terminal was asked
	codeMismatch  = "terminal.mismatch"  // it approved another amount than one up to what was asked
)

// maxAuthorisation is the longest number of an authorisation, in characters.
const maxAuthorisation = 20

var (
	errChargeOver    = fault.New(fault.Conflict, "charge.answered", "What came of this payment is known already.")
	errChargeWaits   = fault.New(fault.Conflict, "charge.waits", "The terminal is still being asked; its answer comes first.")
	errAuthorisation = fault.New(fault.Invalid, "charge.authorisation", "The number of an authorisation has 20 letters and digits at most.").Field("authorisation", "authorisation")
	errNothingOver   = fault.New(fault.Conflict, "charge.nothing_over", "Nothing of this payment is to be given back.")
)

// ChargeAnswered writes what a terminal said of a charge; the first answer stands. What the card paid is kept on the ticket as a
// part, up to what is left of it, and the part that covers the rest settles the sale. Money that was taken is never refused:
// where the sale cannot be settled now the part stays on the ticket, and what no ticket is left for is told until a person
// gives it back. Of an unknown outcome the ticket keeps the charge, and the journal says so.
func (t *Till) ChargeAnswered(ctx context.Context, id string, a ChargeAnswer) (Charge, error) {
	var c Charge
	var by By
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) (err error) {
		if c, err = loadCharge(ctx, tx, id); err != nil {
			return err
		}
		by = By{Operator: Operator{Code: c.Operator, Role: RoleBarista}} // also of an answer that is written already, and settled nothing
		if c.State != ChargeRequested {
			return nil
		}
		return t.conclude(ctx, tx, &c, a)
	})
	if err != nil {
		return c, err
	}
	return t.settleCharged(ctx, by, c)
}

// conclude enters a terminal's answer.
func (t *Till) conclude(ctx context.Context, tx *data.Tx, c *Charge, a ChargeAnswer) error {
	if a.Outcome == ChargeApproved && (a.Amount <= 0 || a.Amount > c.Amount) {
		a = ChargeAnswer{Outcome: ChargeUnknown, Code: codeMismatch}
	}
	c.State, c.Code, c.Application, c.Entry = a.Outcome, a.Code, printable(a.Application), printable(a.Entry)
	switch a.Outcome {
	case ChargeApproved:
		c.Paid, c.Authorisation, c.Code = a.Amount, printable(a.Authorisation), ""
		return t.land(ctx, tx, c, chargeEnded, nil)
	case ChargeDeclined, ChargeNotSent:
		return t.unlock(ctx, tx, c, chargeEnded, nil)
	default:
		c.State = ChargeUnknown
		return t.loseCharge(ctx, tx, c, c.Operator)
	}
}

// printable keeps what a wire may say of a number: letters and digits, no longer than a person may type.
func printable(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
	return clean[:min(len(clean), maxAuthorisation)]
}

// loseCharge enters that nobody knows whether the card has paid.
func (t *Till) loseCharge(ctx context.Context, tx *data.Tx, c *Charge, op string) error {
	seq, err := t.journalEvent(ctx, tx, op, journal.EventTerminalUnknown, c.entry())
	if err != nil {
		return err
	}
	c.seqs.unknown = seq
	if err := c.save(ctx, tx); err != nil {
		return err
	}
	tk, err := loadTicket(ctx, tx, c.Ticket)
	if err != nil {
		return err
	}
	if tk.Charge != nil && tk.Charge.ID == c.ID {
		tk.Charge.Unknown = true
	}
	return t.toldCharge(ctx, tx, &tk, chargeUnknown, c.facts([]int64{seq}))
}

// entry is what the journal is told of a charge.
func (c Charge) entry() map[string]any {
	return map[string]any{"charge": c.ID, "ticket": c.Ticket, "terminal": c.Terminal, "amount": int64(c.Amount)}
}

// save writes what became of a charge.
func (c Charge) save(ctx context.Context, tx *data.Tx) error {
	seq := func(n int64) any {
		if n == 0 {
			return nil
		}
		return n
	}
	var answered any = tx.Now().UnixMilli()
	if c.State == ChargeUnknown {
		answered = nil
	}
	_, err := tx.Exec(ctx, `UPDATE terminal_payments SET state = ?, code = ?, paid = ?, kept = ?, authorisation = ?, application = ?, entry = ?, answered = coalesce(answered, ?),
		answered_by = ?, unknown_seq = ?, apart_seq = ?, answered_seq = ?, returned_seq = ? WHERE id = ?`,
		string(c.State), c.Code, int64(c.Paid), int64(c.Kept), c.Authorisation, c.Application, c.Entry, answered, c.AnsweredBy,
		seq(c.seqs.unknown), seq(c.seqs.apart), seq(c.seqs.answered), seq(c.seqs.returned), c.ID)
	return err
}

// toldCharge records an event of a charge, and saves its ticket while that is open.
func (t *Till) toldCharge(ctx context.Context, tx *data.Tx, tk *ticket, what string, facts map[string]any) error {
	if tk.State == ticketOpen {
		_, err := t.recorded(ctx, tx, tk, what, facts, topicCharges)
		return err
	}
	facts["ticket"] = tk.ID
	return tx.Record(data.Event{Type: what, Topics: []string{topicCharges, "tickets", "ticket:" + tk.ID}, Body: facts})
}

// release takes a charge off its ticket, when it is still that one's.
func (c Charge) release(tk *ticket) {
	if tk.Charge != nil && tk.Charge.ID == c.ID {
		tk.Charge = nil
	}
}

// unlock enters that the card paid nothing: its ticket is as before.
func (t *Till) unlock(ctx context.Context, tx *data.Tx, c *Charge, what string, made []int64) error {
	if err := c.save(ctx, tx); err != nil {
		return err
	}
	tk, err := loadTicket(ctx, tx, c.Ticket)
	if err != nil {
		return err
	}
	c.release(&tk)
	return t.toldCharge(ctx, tx, &tk, what, c.facts(made))
}

// land keeps what the card paid on its ticket, up to what is left of that. The event is that of a part of the ticket, for it is
// one.
func (t *Till) land(ctx context.Context, tx *data.Tx, c *Charge, what string, made []int64) error {
	tk, err := loadTicket(ctx, tx, c.Ticket)
	if err != nil {
		return err
	}
	c.release(&tk)
	if tk.State == ticketOpen {
		c.Kept = max(0, min(c.Paid, tk.owed()-tk.paid()-tk.charging()))
	}
	if c.seqs.returned == 0 {
		c.Over = c.Paid - c.Kept
	}
	if err := c.save(ctx, tx); err != nil {
		return err
	}
	if c.Kept == 0 {
		return t.toldCharge(ctx, tx, &tk, what, c.facts(made))
	}
	tk.LastPaid++
	p := Payment{ID: tk.LastPaid, Means: Card, Amount: c.Kept, Given: c.Kept, At: tx.Now(), Operator: c.Operator, Charge: c.ID, Ref: c.Authorisation}
	tk.Payments = append(tk.Payments, p)
	tk.markKept()
	facts := p.facts(made)
	facts["charge"], facts["state"] = c.ID, string(c.State)
	return t.toldCharge(ctx, tx, &tk, partOfTicket, facts)
}

// settleCharged settles the ticket of a charge when the card has paid the last of it. What refuses that, such as a shift that was
// closed meanwhile, leaves the part where it is: the ticket waits with nothing left to pay.
func (t *Till) settleCharged(ctx context.Context, by By, c Charge) (Charge, error) {
	if c.Kept == 0 {
		return c, nil
	}
	tk, err := loadTicket(ctx, t.db.Reader(), c.Ticket)
	if err != nil {
		return c, err
	}
	if tk.State == ticketOpen && tk.Charge == nil && tk.owed() == tk.paid() && by.Operator.Code != "" {
		by.Command = data.Command{}
		sale, err := t.Checkout(ctx, by, c.Ticket, CheckoutRequest{Tenders: []Tender{}})
		if _, refused := fault.As(err); err != nil && (!refused || slices.Contains([]fault.Kind{fault.Unknown, fault.Internal, fault.Busy}, fault.KindOf(err))) {
			return c, err // of a till that was too busy, too: whoever wrote the answer writes it again
		}
		c.settled, tk.Sale = sale, sale.ID
	}
	c.Sale = tk.Sale
	return c, nil
}

// ResumeCharges is for the start of the service: of what was asked of a terminal when the till stopped nobody knows the
// answer, and an order whose card had paid the last of it is settled.
func (t *Till) ResumeCharges(ctx context.Context) error {
	cut, err := t.chargesWhere(ctx, `state = 'requested'`)
	if err != nil {
		return err
	}
	for _, c := range cut {
		if _, err := t.ChargeAnswered(ctx, c.ID, ChargeAnswer{Outcome: ChargeUnknown, Code: codeRestarted}); err != nil {
			return err
		}
	}
	landed, err := t.chargesWhere(ctx, `kept > 0 AND ticket IN (SELECT id FROM tickets WHERE state = 'open')`)
	if err != nil {
		return err
	}
	for _, c := range landed {
		if _, err := t.settleCharged(ctx, By{Operator: Operator{Code: c.Operator, Role: RoleBarista}}, c); err != nil {
			return err
		}
	}
	return nil
}

func (t *Till) chargesWhere(ctx context.Context, condition string) ([]Charge, error) {
	return data.All(ctx, t.db.Reader(), func(r *data.Rows) (Charge, error) { return scanCharge(r.Scan) },
		`SELECT `+chargeColumns+` FROM terminal_payments WHERE `+condition+` ORDER BY at, id LIMIT ?`, maxCharges)
}

// AnswerCharge writes what a person saw on the terminal of a charge that is unknown: paid, with the number of its authorisation if
// there is one, or not. It is journaled. What was paid goes on as ChargeAnswered says.
// Refusals: right.missing, charge.unknown, charge.waits, charge.answered, charge.authorisation.
func (t *Till) AnswerCharge(ctx context.Context, by By, id string, paid bool, authorisation string) (Charge, error) {
	c, err := command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Charge, error) {
		c, err := loadUnknown(ctx, tx, id)
		if err != nil {
			return c, err
		}
		c.AnsweredBy = by.Operator.Code
		if !paid {
			c.State = ChargeNotPaid
			if c.seqs.answered, err = t.said(ctx, tx, by, c, "not_paid"); err != nil {
				return c, err
			}
			return c, t.unlock(ctx, tx, &c, chargeSaid, []int64{c.seqs.answered})
		}
		typed := strings.Join(strings.Fields(authorisation), "")
		if printable(typed) != typed {
			return c, errAuthorisation
		}
		c.State, c.Paid, c.Authorisation = ChargePaid, c.Amount, typed
		if c.seqs.answered, err = t.said(ctx, tx, by, c, "paid"); err != nil {
			return c, err
		}
		return c, t.land(ctx, tx, &c, chargeSaid, []int64{c.seqs.answered})
	})
	if err != nil {
		return c, err
	}
	return t.settleCharged(ctx, by, c)
}

// said journals what a person said of a charge.
func (t *Till) said(ctx context.Context, tx *data.Tx, by By, c Charge, answer string) (int64, error) {
	facts := c.entry()
	facts["answer"], facts["authorisation"] = answer, c.Authorisation
	return t.journalEvent(ctx, tx, by.Operator.Code, journal.EventTerminalAnswered, facts)
}

func loadUnknown(ctx context.Context, q data.Querier, id string) (Charge, error) {
	c, err := loadCharge(ctx, q, id)
	switch {
	case err != nil:
		return c, err
	case c.State == ChargeRequested:
		return c, errChargeWaits
	case c.State != ChargeUnknown:
		return c, errChargeOver.With("state", string(c.State))
	}
	return c, nil
}

// SetChargeApart lets an order go on without a charge that is unknown, when nobody can tell now and the customer cannot wait: it
// can be paid otherwise. The charge stays to be answered, on the till and on the Z; it is journaled.
// Refusals: right.missing, charge.unknown, charge.waits, charge.answered.
func (t *Till) SetChargeApart(ctx context.Context, by By, id string) (Charge, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Charge, error) {
		c, err := loadUnknown(ctx, tx, id)
		if err == nil && c.Apart {
			err = errChargeOver.With("state", "apart")
		}
		if err != nil {
			return c, err
		}
		if c.seqs.apart, err = t.said(ctx, tx, by, c, "apart"); err != nil {
			return c, err
		}
		c.Apart = true
		return c, t.unlock(ctx, tx, &c, chargeSaid, []int64{c.seqs.apart})
	})
}

// removeCharged ends the removal of a part that a terminal took: no order is left for that money, until it is given back.
func (t *Till) removeCharged(ctx context.Context, tx *data.Tx, tk *ticket, p Payment, made []int64) (Ticket, error) {
	c, err := loadCharge(ctx, tx, p.Charge)
	if err != nil {
		return Ticket{}, err
	}
	facts := p.facts(made)
	if c.seqs.returned == 0 { // else the journal has said already how much of it was above
		c.Kept, facts["charge"] = 0, c.ID
		if err := c.save(ctx, tx); err != nil {
			return Ticket{}, err
		}
	}
	return t.recorded(ctx, tx, tk, partRemoved, facts, topicCharges)
}

// ReturnCharge writes that what a card paid and no order was left for was given back to it, on the terminal, by hand. It is
// journaled. Refusals: right.missing, charge.unknown, charge.nothing_over.
func (t *Till) ReturnCharge(ctx context.Context, by By, id string) (Charge, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Charge, error) {
		c, err := loadCharge(ctx, tx, id)
		if err == nil && c.Over == 0 {
			err = errNothingOver
		}
		if err != nil {
			return c, err
		}
		facts := c.entry()
		facts["answer"], facts["amount"] = "returned", int64(c.Over)
		if c.seqs.returned, err = t.journalEvent(ctx, tx, by.Operator.Code, journal.EventTerminalAnswered, facts); err != nil {
			return c, err
		}
		c.Over = 0
		if err := c.save(ctx, tx); err != nil {
			return c, err
		}
		facts = c.facts([]int64{c.seqs.returned})
		facts["ticket"] = c.Ticket
		return c, tx.Record(data.Event{Type: chargeSaid, Topics: []string{topicCharges}, Body: facts})
	})
}
