package pos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// The states of a ticket.
const (
	ticketOpen    = "open"
	ticketPaid    = "paid"
	ticketDropped = "dropped"
)

// ticket is an order as it stands in its row. Version grows with every change; a payment names the version it saw.
type ticket struct {
	ID      string    `json:"-"`
	No      int       `json:"-"`
	State   string    `json:"-"`
	Version int64     `json:"-"`
	Opened  time.Time `json:"-"`
	Name    string    `json:"name"`
	Mode    Mode      `json:"mode"`
	Lines   []line    `json:"lines"`
	NextID  int       `json:"next_id"`           // of the next line; ids are never used twice
	Account string    `json:"account,omitempty"` // whose stamps the meals will be
	Card    string    `json:"card,omitempty"`    // number of that card, to be shown

	CardMeals int        `json:"card_meals,omitempty"` // of the meals, those of that card; 0: all that the other cards leave
	Cards     []attached `json:"cards,omitempty"`      // beside it

	Notes int `json:"notes"` // provisional notes printed

	Noted []journal.Ref `json:"noted,omitempty"` // the notes that its lines were on: the sale names them (fiscal R36)

	Aside []aside `json:"aside,omitempty"` // for associations, beside the lines: no turnover (case 70)

	Payments []Payment   `json:"payments,omitempty"`  // parts paid before the whole; they stand when the ticket is paid
	LastPaid int         `json:"last_paid,omitempty"` // id of the last part; ids are never used twice
	Charge   *openCharge `json:"charge,omitempty"`    // what its terminal is asked for, until somebody knows the answer

	Splits int    `json:"splits,omitempty"` // tickets that were split off
	Sale   string `json:"sale,omitempty"`   // id of the sale that settled it; none when it also served from the shelf (I16)

	Most money.Cents `json:"most,omitempty"` // the most that its customer was shown since it was last empty: see cleared

	Training bool `json:"training,omitempty"` // rung in training: it never counts, and goes when training ends (fiscal R66)

	Promises []promise `json:"promises,omitempty"` // items of the shelf that wait for its servings; which ones is not written (I16)

	asked   map[string]int // servings by class, as it was loaded
	kitchen bool           // this command changed what the kitchen sees
	slips   []slip         // what this command has to tell printers of the kitchen
	printed bool           // this command has asked a printer for something
}

// Ticket is an open order, as screens show it.
type Ticket struct {
	ID         string      `json:"id"`
	No         int         `json:"no"` // within the business day
	Name       string      `json:"name"`
	Mode       Mode        `json:"mode"`
	State      string      `json:"state"` // open, paid or dropped
	Version    int64       `json:"version"`
	Lines      []Line      `json:"lines"`
	Card       *TicketCard `json:"card,omitempty"` // the first of Cards
	Total      money.Cents `json:"total"`          // what the payer owes, RoundUps for associations included
	RoundUps   []RoundUp   `json:"round_ups,omitempty"`
	Payments   []Payment   `json:"payments"` // parts paid before the whole
	Paid       money.Cents `json:"paid"`
	Rest       money.Cents `json:"rest"`        // what is still to be paid
	MealUnits  int         `json:"meal_units"`  // stamps it earns once paid
	VoucherMax money.Cents `json:"voucher_max"` // the most that meal vouchers may pay of it
	OpenedAt   time.Time   `json:"opened_at"`
	Notes      int         `json:"notes"`          // provisional notes printed
	Sale       string      `json:"sale,omitempty"` // id of the sale that settled it; none when it also served from the shelf (I16)

	Cards []TicketCard `json:"cards,omitempty"` // that its meals will stamp

	Training bool          `json:"training,omitempty"` // rung in training: it never counts
	Charge   *TicketCharge `json:"charge,omitempty"`   // what its terminal is asked for, until somebody knows the answer

	RatesChanged bool `json:"rates_changed,omitempty"` // since it was rung rates of VAT have: it is paid at those of today
}

// TicketCharge is the payment that an open ticket waits for.
type TicketCharge struct {
	ID       string      `json:"id"`
	Terminal string      `json:"terminal"`
	Amount   money.Cents `json:"amount"`
	Unknown  bool        `json:"unknown"` // a person has to look at the terminal
}

// Line is a line of a ticket, as screens show it.
type Line struct {
	ID        int               `json:"id"`
	Product   string            `json:"product"`
	Name      string            `json:"name"`
	Qty       int               `json:"qty"`
	UnitPrice money.Cents       `json:"unit_price"`
	Discount  money.Cents       `json:"discount"` // taken off the whole line
	Total     money.Cents       `json:"total"`    // after the discount
	Kind      Kind              `json:"kind"`
	Options   []LineOption      `json:"options"`
	Note      string            `json:"note"`
	VATBP     money.BasisPoints `json:"vat_bp"` // of the product itself
	Sent      bool              `json:"sent"`   // the kitchen has it, or the order was put aside: taking it off needs a reason
	Kept      bool              `json:"kept"`   // of these, the order was only put aside or noted: the kitchen knows nothing of it

	DiscountPercent int    `json:"discount_percent,omitempty"` // 1 to 100; 0 when it is an amount
	DiscountReason  string `json:"discount_reason,omitempty"`
}

// kept is the ticket's name: an order with a card and a serving is in no answer that stays (I16).
func (v Ticket) kept() Ticket { return Ticket{ID: v.ID} }

func (v *Ticket) reread(ctx context.Context, t *Till) (err error) {
	if v.State == "" && v.ID != "" { // one that was kept before was kept whole
		*v, err = t.Ticket(ctx, v.ID)
	}
	return err
}

// TicketCard is a card attached to a ticket: its number and how full it is, never a person.
type TicketCard struct {
	Number string `json:"number"`
	Filled int    `json:"filled"`
	Units  int    `json:"units"` // meals of this ticket that will stamp it
}

func (tk ticket) total() money.Cents {
	var sum money.Cents
	for _, l := range tk.Lines {
		sum += l.total()
	}
	return sum
}

// seen is what the lines cost that have left the hands of whoever rang them.
func (tk ticket) seen() money.Cents {
	var sum money.Cents
	for _, l := range tk.Lines {
		if l.seen() {
			sum += l.total()
		}
	}
	return sum
}

// gross is what the lines would cost without their discounts.
func (tk ticket) gross() money.Cents {
	var sum money.Cents
	for _, l := range tk.Lines {
		sum += l.unit() * money.Cents(l.Qty)
	}
	return sum
}

// voucherMax is what a titre-restaurant may pay: food of one's own, never a gift (I11, fiscal U8, R98).
func (tk ticket) voucherMax() money.Cents {
	var sum money.Cents
	for _, l := range tk.Lines {
		sum += l.food()
	}
	return sum
}

// food is what of a line is food of one's own.
func (l line) food() money.Cents {
	var sum money.Cents
	cuts := l.cuts()
	for i, p := range l.Parts {
		if p.Food && l.Kind == LineSale {
			sum += p.Price*money.Cents(l.Qty) - cuts[i]
		}
	}
	return sum
}

// view is the ticket as screens show it.
func (tk ticket) view() Ticket {
	v := Ticket{ID: tk.ID, No: tk.No, Name: tk.Name, Mode: tk.Mode, State: tk.State, Version: tk.Version, Lines: []Line{},
		Total: tk.owed(), RoundUps: tk.roundUps(), Payments: nonNil(tk.Payments), Paid: tk.paid(), VoucherMax: tk.voucherMax(), OpenedAt: tk.Opened, Notes: tk.Notes, Sale: tk.Sale,
		Training: tk.Training}
	if tk.State == ticketPaid {
		v.Paid = v.Total
	}
	v.Rest = v.Total - v.Paid
	if tk.Charge != nil {
		v.Charge = new(TicketCharge(*tk.Charge))
	}
	for _, l := range tk.Lines {
		var bp money.BasisPoints
		if len(l.Parts) > 0 {
			bp = l.Parts[0].rate(tk.Mode)
		}
		v.Lines = append(v.Lines, Line{ID: l.ID, Product: l.Product, Name: l.Name, Qty: l.Qty, UnitPrice: l.unit(),
			Discount: l.cut(l.Qty), DiscountPercent: l.Discount.Percent, DiscountReason: l.Discount.Reason, Total: l.total(), Kind: l.Kind, Options: l.Options, Note: l.Note, VATBP: bp, Sent: l.seen(), Kept: l.Kept && !l.Sent})
	}
	if !tk.Training {
		v.MealUnits = tk.meals()
	}
	return v
}

// shown adds what only the day and the cards know.
func (t *Till) shown(ctx context.Context, q data.Querier, tk ticket) (Ticket, error) {
	changed := false
	if tk.State == ticketOpen {
		table, err := t.todaysVAT(ctx, q)
		if err != nil {
			return Ticket{}, err
		}
		changed = tk.charge(table, t.db.Today())
	}
	v := tk.view()
	v.RatesChanged = changed
	return v, tk.showCards(ctx, q, &v)
}

// ticketNo is the last number given on a business day.
type ticketNo struct {
	day string
	n   int
}

func loadTicketNo(ctx context.Context, q data.Querier) (ticketNo, error) {
	var no ticketNo
	err := q.QueryRow(ctx, `SELECT day, max(no) FROM (SELECT day, no FROM tickets UNION ALL SELECT day, no FROM kitchen_orders)
		GROUP BY day ORDER BY day DESC LIMIT 1`).Scan(&no.day, &no.n)
	if errors.Is(err, sql.ErrNoRows) {
		return no, nil
	}
	return no, err
}

func (t *Till) nextTicketNo(tx *data.Tx) int {
	no := t.ticketNo.Get(tx)
	if no.day != tx.Day() {
		no = ticketNo{day: tx.Day()}
	}
	no.n++
	t.ticketNo.Set(tx, no)
	return no.n
}

const ticketColumns = `id, no, state, version, opened, body`

func scanTicket(scan func(...any) error) (ticket, error) {
	var tk ticket
	var opened int64
	var body string
	if err := scan(&tk.ID, &tk.No, &tk.State, &tk.Version, &opened, &body); err != nil {
		return tk, err
	}
	tk.Opened = time.UnixMilli(opened).UTC()
	if err := json.Unmarshal([]byte(body), &tk); err != nil {
		return tk, fmt.Errorf("ticket %s: %w", tk.ID, err)
	}
	tk.asked = tk.servings()
	return tk, nil
}

func loadTicket(ctx context.Context, q data.Querier, id string) (ticket, error) {
	tk, err := scanTicket(q.QueryRow(ctx, `SELECT `+ticketColumns+` FROM tickets WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return tk, errNoTicket.With("ticket", id)
	}
	return tk, err
}

// loadOpen is loadTicket, refusing what is no longer open.
func loadOpen(ctx context.Context, q data.Querier, id string) (ticket, error) {
	tk, err := loadTicket(ctx, q, id)
	if err == nil && tk.State != ticketOpen {
		return tk, fault.New(fault.Conflict, "ticket.closed", "The ticket is no longer open.").With("state", tk.State)
	}
	return tk, err
}

// save writes a changed ticket under its next version.
func (tk *ticket) save(ctx context.Context, tx *data.Tx) error {
	tk.Version++
	if tk.State == ticketOpen {
		tk.Most = max(tk.Most, tk.owed())
	}
	body, err := json.Marshal(tk)
	if err != nil {
		return fmt.Errorf("ticket %s: %w", tk.ID, err)
	}
	_, err = tx.Exec(ctx, `UPDATE tickets SET state = ?, version = ?, body = ? WHERE id = ?`, tk.State, tk.Version, string(body), tk.ID)
	return err
}

// Tickets returns the open tickets, oldest first.
func (t *Till) Tickets(ctx context.Context) ([]Ticket, error) {
	q := t.db.Reader()
	all, err := data.All(ctx, q, func(r *data.Rows) (ticket, error) { return scanTicket(r.Scan) },
		`SELECT `+ticketColumns+` FROM tickets WHERE state = 'open' ORDER BY opened, id LIMIT ?`, maxOpenTickets)
	if err != nil {
		return nil, err
	}
	views := make([]Ticket, len(all))
	for i, tk := range all {
		if views[i], err = t.shown(ctx, q, tk); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// Ticket returns one ticket, open or not. Refusal: ticket.unknown.
func (t *Till) Ticket(ctx context.Context, id string) (Ticket, error) {
	tk, err := loadTicket(ctx, t.db.Reader(), id)
	if err != nil {
		return Ticket{}, err
	}
	return t.shown(ctx, t.db.Reader(), tk)
}
