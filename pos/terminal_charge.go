package pos

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// ChargeState is how far a payment by a card terminal has come.
type ChargeState string

// The states. A terminal says approved, declined or not_sent; when it says nothing the payment is unknown, until a person
// who has looked says paid or not_paid.
const (
	ChargeRequested ChargeState = "requested"
	ChargeApproved  ChargeState = "approved"
	ChargeDeclined  ChargeState = "declined"
	ChargeNotSent   ChargeState = "not_sent"
	ChargeUnknown   ChargeState = "unknown"
	ChargePaid      ChargeState = "paid"
	ChargeNotPaid   ChargeState = "not_paid"
)

// Charge is one time that a terminal was asked for money. It is in the database before the terminal hears of it, and holds
// nothing of the card.
type Charge struct {
	ID       string      `json:"id"`
	Ref      string      `json:"ref"` // of this attempt, as the terminal is told: 32 letters and digits
	Ticket   string      `json:"ticket"`
	No       int         `json:"no"` // of the ticket, within its day
	Terminal string      `json:"terminal"`
	Amount   money.Cents `json:"amount"` // asked for
	State    ChargeState `json:"state"`
	Code     string      `json:"code,omitempty"` // why it is not approved
	Paid     money.Cents `json:"paid"`           // by the card; less than Amount when the bank approves a part
	Kept     money.Cents `json:"kept"`           // of Paid, what pays the order
	Over     money.Cents `json:"over,omitempty"` // of Paid, what no order was left for and is still to be given back
	Apart    bool        `json:"apart,omitempty"`
	Sale     string      `json:"sale,omitempty"` // id of the sale that settled the order, when this payment did

	Authorisation string     `json:"authorisation,omitempty"`
	Application   string     `json:"application,omitempty"`
	Entry         string     `json:"entry,omitempty"`
	At            time.Time  `json:"at"`
	Operator      string     `json:"operator"` // code of who asked
	Answered      *time.Time `json:"answered,omitempty"`
	AnsweredBy    string     `json:"answered_by,omitempty"` // code of the person; empty: the terminal

	settled SaleResult // of the sale, when this very call made it
	seqs    chargeSeqs
}

// chargeSeqs are the journal entries of a charge; 0: none.
type chargeSeqs struct{ unknown, apart, answered, returned int64 }

// Open reports whether nobody knows yet whether the card has paid.
func (c Charge) Open() bool { return c.State == ChargeRequested || c.State == ChargeUnknown }

// Settled is the sale that this very call came to, with its warnings; its ID is empty when it made none.
func (c Charge) Settled() SaleResult { return c.settled }

func (c Charge) kept() Charge { return Charge{ID: c.ID} }

func (c *Charge) reread(ctx context.Context, t *Till) (err error) {
	*c, err = t.Charge(ctx, c.ID)
	return err
}

// ChargeRequest asks a terminal to pay a part of a ticket, or all that is left of it.
type ChargeRequest struct {
	Terminal      string       `json:"terminal"`       // name; empty: the café's first
	Amount        money.Cents  `json:"amount"`         // 0: all that is left
	ExpectedTotal *money.Cents `json:"expected_total"` // as PaymentRequest
	Version       *int64       `json:"version"`        // as PaymentRequest
}

// openCharge is what a ticket knows of the payment that it waits for.
type openCharge struct {
	ID       string      `json:"id"`
	Terminal string      `json:"terminal"`
	Amount   money.Cents `json:"amount"`
	Unknown  bool        `json:"unknown,omitempty"` // a person has to look at the terminal
}

const (
	topicCharges  = "charges"
	partOfTicket  = "ticket.payment"         // event of a part that was paid
	partRemoved   = "ticket.payment_removed" // and was taken off again
	chargeAsked   = "charge.requested"
	chargeEnded   = "charge.answered"
	chargeUnknown = "charge.unknown"
	chargeSaid    = "charge.said" // by a person
)

var (
	errCharge         = fault.New(fault.NotFound, "charge.unknown", "There is no such payment by a card terminal.")
	errCharging       = fault.New(fault.Conflict, "charge.open", "A payment by the card terminal is under way for this ticket; it is answered first.")
	errChargeTraining = fault.New(fault.Conflict, "charge.training", "In training no terminal is asked for money.")
	errChargeBusy     = fault.New(fault.Conflict, "charge.busy", "The terminal is asked for another payment.")
)

// chargeable refuses what a ticket that waits for its card may not become.
func (tk ticket) chargeable() error {
	if tk.Charge == nil {
		return nil
	}
	return errCharging.With("charge", tk.Charge.ID).With("terminal", tk.Charge.Terminal).With("amount", tk.Charge.Amount)
}

// charging is what the card of an open charge may have paid already.
func (tk ticket) charging() money.Cents {
	if tk.Charge == nil {
		return 0
	}
	return tk.Charge.Amount
}

// RequestCharge writes that a terminal is to be asked for money, for a part of an open ticket or all that is left of it. When it
// returns, that is on the disk: whoever asks the terminal does so afterwards, once, and tells ChargeAnswered. Until then, and
// while the answer is unknown, the ticket is neither charged again nor given up, parted, joined, or paid otherwise for
// that amount: a card is never debited twice (hardware rules of money: written before connecting, one reference an attempt).
//
// Refusals: those of AddPayment; charge.open, charge.busy, charge.training, terminal.unknown, terminal.none.
func (t *Till) RequestCharge(ctx context.Context, by By, ticketID string, r ChargeRequest) (Charge, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Charge, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return Charge{}, err
		}
		if err := tk.chargeable(); err != nil { // told before a page that is older than the charge
			return Charge{}, err
		}
		if err := tk.asShown(by, r.ExpectedTotal, r.Version); err != nil {
			return Charge{}, err
		}
		if err := t.mayCharge(ctx, tx, tk); err != nil {
			return Charge{}, err
		}
		if r.Amount == 0 {
			r.Amount = tk.owed() - tk.paid()
		}
		tender, err := tk.part(PaymentRequest{Means: Card, Amount: r.Amount})
		if err != nil {
			return Charge{}, err
		}
		terminal, err := freeTerminal(ctx, tx, r.Terminal)
		if err != nil {
			return Charge{}, err
		}
		return t.writeCharge(ctx, tx, by, tk, terminal, tender.Amount)
	})
}

// mayCharge refuses a ticket that no terminal is asked for.
func (t *Till) mayCharge(ctx context.Context, q data.Querier, tk ticket) error {
	switch {
	case len(tk.Lines) == 0:
		return errEmpty
	case tk.Training:
		return errChargeTraining
	}
	_, err := t.openShift(ctx, q)
	return err
}

func (t *Till) writeCharge(ctx context.Context, tx *data.Tx, by By, tk ticket, terminal string, amount money.Cents) (Charge, error) {
	id := tx.NewID()
	c := Charge{ID: id, Ref: strings.ReplaceAll(id, "-", ""), Ticket: tk.ID, No: tk.No, Terminal: terminal, Amount: amount,
		State: ChargeRequested, At: tx.Now(), Operator: by.Operator.Code}
	_, err := tx.Exec(ctx, `INSERT INTO terminal_payments (id, ref, ticket, no, terminal, amount, at, day, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Ref, c.Ticket, c.No, c.Terminal, int64(c.Amount), c.At.UnixMilli(), tx.Day(), c.Operator)
	if err != nil {
		return Charge{}, err
	}
	tk.Charge = &openCharge{ID: c.ID, Terminal: terminal, Amount: amount}
	_, err = t.recorded(ctx, tx, &tk, chargeAsked, c.facts(nil), topicCharges)
	return c, err
}

// facts are what the events of a charge say.
func (c Charge) facts(made []int64) map[string]any {
	return map[string]any{"journal": nonNil(made), "charge": c.ID, "terminal": c.Terminal, "amount": int64(c.Amount), "state": string(c.State)}
}

// freeTerminal is the terminal of a name, or the first one: one that is not asked for another payment.
// Refusals: terminal.none, terminal.unknown, charge.busy (args terminal, no: the ticket it is asked for).
func freeTerminal(ctx context.Context, q data.Querier, name string) (string, error) {
	missing := errNoTerminal
	if name != "" {
		missing = errTerminal.With("terminal", name)
	}
	err := q.QueryRow(ctx, `SELECT name FROM terminals WHERE name = ? OR ? = '' ORDER BY name LIMIT 1`, name, name).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", missing
	}
	if err != nil {
		return "", err
	}
	var no int
	err = q.QueryRow(ctx, `SELECT no FROM terminal_payments WHERE state = 'requested' AND terminal = ? LIMIT 1`, name).Scan(&no)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return name, nil
	case err != nil:
		return "", err
	}
	return "", errChargeBusy.With("terminal", name).With("no", no)
}

const chargeColumns = `id, ref, ticket, no, terminal, amount, state, code, paid, kept, authorisation, application, entry, at, operator, answered, answered_by,
	coalesce(unknown_seq, 0), coalesce(apart_seq, 0), coalesce(answered_seq, 0), coalesce(returned_seq, 0)`

func scanCharge(scan func(...any) error) (Charge, error) {
	var c Charge
	var at int64
	var answered sql.NullInt64
	if err := scan(&c.ID, &c.Ref, &c.Ticket, &c.No, &c.Terminal, &c.Amount, &c.State, &c.Code, &c.Paid, &c.Kept, &c.Authorisation, &c.Application, &c.Entry,
		&at, &c.Operator, &answered, &c.AnsweredBy, &c.seqs.unknown, &c.seqs.apart, &c.seqs.answered, &c.seqs.returned); err != nil {
		return c, err
	}
	c.At = time.UnixMilli(at).UTC()
	if answered.Valid {
		when := time.UnixMilli(answered.Int64).UTC()
		c.Answered = &when
	}
	c.Apart = c.seqs.apart > 0
	if c.seqs.returned == 0 {
		c.Over = c.Paid - c.Kept
	}
	return c, nil
}

func loadCharge(ctx context.Context, q data.Querier, id string) (Charge, error) {
	c, err := scanCharge(q.QueryRow(ctx, `SELECT `+chargeColumns+` FROM terminal_payments WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errCharge.With("charge", id)
	}
	return c, err
}

// Charge returns one charge, with the sale that it settled. Refusal: charge.unknown.
func (t *Till) Charge(ctx context.Context, id string) (Charge, error) {
	q := t.db.Reader()
	c, err := loadCharge(ctx, q, id)
	if err != nil || c.Kept == 0 {
		return c, err
	}
	tk, err := loadTicket(ctx, q, c.Ticket)
	c.Sale = tk.Sale
	return c, err
}

// maxCharges bounds a list of charges.
const maxCharges = 1000

// OpenCharges lists the charges that somebody has to do something about, oldest first: those under way, those whose answer is
// unknown, and those that paid more than an order was left for.
func (t *Till) OpenCharges(ctx context.Context) ([]Charge, error) {
	return data.All(ctx, t.db.Reader(), func(r *data.Rows) (Charge, error) { return scanCharge(r.Scan) },
		`SELECT `+chargeColumns+` FROM terminal_payments WHERE state IN ('requested', 'unknown') OR paid > kept AND returned_seq IS NULL ORDER BY at, id LIMIT ?`, maxCharges)
}

// Charges lists the charges of a business day, oldest first.
func (t *Till) Charges(ctx context.Context, day string) ([]Charge, error) {
	return data.All(ctx, t.db.Reader(), func(r *data.Rows) (Charge, error) { return scanCharge(r.Scan) },
		`SELECT `+chargeColumns+` FROM terminal_payments WHERE day = ? ORDER BY at, id LIMIT ?`, day, maxCharges)
}
