package pos

import (
	"context"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
)

// TicketRequest opens a ticket.
type TicketRequest struct {
	Mode Mode   `json:"mode"` // empty is taken as eat_in
	Name string `json:"name"`
}

// OpenTicket opens an order that every till sees. Refusals: tickets.full, ticket.mode, text.*.
func (t *Till) OpenTicket(ctx context.Context, by By, r TicketRequest) (Ticket, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Ticket, error) {
		tk, err := newTicket(r)
		if err != nil {
			return Ticket{}, err
		}
		tk.Training = t.inTraining(tx)
		if err := t.openRow(ctx, tx, &tk); err != nil {
			return Ticket{}, err
		}
		return t.changed(ctx, tx, &tk, "ticket.opened", nil)
	})
}

// openRow gives a new ticket its id, number and row, which save then fills. Refusal: tickets.full.
func (t *Till) openRow(ctx context.Context, tx *data.Tx, tk *ticket) error {
	var open int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM tickets WHERE state = 'open'`).Scan(&open); err != nil {
		return err
	}
	if open >= maxOpenTickets {
		return fault.New(fault.Conflict, "tickets.full", "Too many tickets are open; settle or drop some.").With("max", maxOpenTickets)
	}
	tk.ID, tk.No, tk.Opened = tx.NewID(), t.nextTicketNo(tx), tx.Now()
	_, err := tx.Exec(ctx, `INSERT INTO tickets (id, no, day, state, version, opened, body) VALUES (?, ?, ?, 'open', 1, ?, '{}')`,
		tk.ID, tk.No, tx.Day(), tk.Opened.UnixMilli())
	return err
}

func newTicket(r TicketRequest) (ticket, error) {
	tk := ticket{State: ticketOpen, Mode: r.Mode, NextID: 1, Lines: []line{}}
	if tk.Mode == "" {
		tk.Mode = EatIn
	}
	if tk.Mode != EatIn && tk.Mode != Takeaway {
		return tk, fault.New(fault.Invalid, "ticket.mode", "The mode is eat_in or takeaway.").Field("mode", "one_of")
	}
	var err error
	tk.Name, err = cleanText("name", r.Name, maxNameRunes)
	return tk, err
}

// changed saves the ticket, records the event and returns what screens show. journaled are the seqs of the
// entries the change made.
func (t *Till) changed(ctx context.Context, tx *data.Tx, tk *ticket, what string, journaled []int64) (Ticket, error) {
	return t.recorded(ctx, tx, tk, what, map[string]any{"journal": nonNil(journaled)})
}

// recorded is changed with all the facts of the event. Whatever was changed, the parts already paid still pay it, and what its
// servings need waits for them.
func (t *Till) recorded(ctx context.Context, tx *data.Tx, tk *ticket, what string, facts map[string]any, topics ...string) (Ticket, error) {
	if err := tk.coversPaid(); err != nil {
		return Ticket{}, err
	}
	moves, err := tk.promise(ctx, tx)
	if err != nil {
		return Ticket{}, err
	}
	if err := tk.save(ctx, tx); err != nil {
		return Ticket{}, err
	}
	if _, err := t.printSlips(ctx, tx, tk); err != nil {
		return Ticket{}, err
	}
	topics = append(topics, "tickets", "ticket:"+tk.ID)
	if tk.kitchen {
		topics = append(topics, topicKitchen)
	}
	if tk.printed {
		topics = append(topics, spool.Topic)
	}
	facts["ticket"], facts["version"] = tk.ID, tk.Version
	if err := tx.Record(data.Event{Type: what, Topics: topics, Body: facts}); err != nil {
		return Ticket{}, err
	}
	if len(moves) > 0 {
		if err := tx.Divide(ctx); err != nil {
			return Ticket{}, err
		}
		if err := t.moveShelf(ctx, tx, moves); err != nil {
			return Ticket{}, err
		}
	}
	return t.shown(ctx, tx, *tk)
}

// onTicket is command for a change of one open ticket.
func (t *Till) onTicket(ctx context.Context, by By, id, what string, change func(context.Context, *data.Tx, *ticket) ([]int64, error)) (Ticket, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Ticket, error) {
		tk, err := loadOpen(ctx, tx, id)
		if err != nil {
			return Ticket{}, err
		}
		journaled, err := change(ctx, tx, &tk)
		if err != nil {
			return Ticket{}, err
		}
		return t.changed(ctx, tx, &tk, what, journaled)
	})
}

// AddLine adds a product to a ticket; the same again, not yet sent, makes the quantity grow.
// Refusals: product.unknown, product.sold_out, line.invalid (its fields say why), lines.full.
func (t *Till) AddLine(ctx context.Context, by By, ticketID string, r LineRequest) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.line", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		l, err := t.ring(ctx, tx, r, "")
		if err != nil {
			return nil, err
		}
		return nil, tk.add(l)
	})
}

var errLinesFull = fault.New(fault.Invalid, "lines.full", "The ticket has too many lines.").Field("lines", "too_many").With("max", maxTicketLines)

func (tk *ticket) add(l line) error {
	if i := slices.IndexFunc(tk.Lines, func(o line) bool { return o.same(l) }); i >= 0 {
		tk.Lines[i].Qty += l.Qty
		return nil
	}
	if len(tk.Lines) >= maxTicketLines {
		return errLinesFull
	}
	l.ID = tk.NextID
	tk.NextID++
	tk.Lines = append(tk.Lines, l)
	return nil
}

func (tk *ticket) find(id int) (*line, error) {
	i := slices.IndexFunc(tk.Lines, func(l line) bool { return l.ID == id })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "line.unknown", "The ticket has no such line.").With("line", id)
	}
	return &tk.Lines[i], nil
}

// RemoveRequest takes all or some of a line off.
type RemoveRequest struct {
	Qty    *int   `json:"qty"` // nil: all of it
	Reason string `json:"reason"`
}

// RemoveLine takes a line, or some of it, off a ticket. What was sent to the kitchen or printed on a note needs a
// reason and is journaled (fiscal R17). Refusals: line.unknown, line.invalid, reason.missing.
func (t *Till) RemoveLine(ctx context.Context, by By, ticketID string, lineID int, r RemoveRequest) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.line", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		l, err := tk.find(lineID)
		if err != nil {
			return nil, err
		}
		qty := l.Qty
		if r.Qty != nil {
			qty = *r.Qty
		}
		if qty < 1 || qty > l.Qty {
			return nil, errLine.Field("qty", "range").With("max", l.Qty)
		}
		return t.takeLast(ctx, tx, by, tk, l, qty, r.Reason)
	})
}

func (t *Till) takeOff(ctx context.Context, tx *data.Tx, by By, tk *ticket, l *line, qty int, reason string) (journaled []int64, err error) {
	less := *l
	less.Qty -= qty
	if l.seen() {
		if reason, err = cleanReason(reason); err != nil {
			return nil, err
		}
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindOrderMinus, Op: by.Operator.Code, Training: tk.Training, Body: journal.MinusBody{
			Ticket: tk.ID, Line: l.ID, Label: l.Name, Qty: int64(qty) * 1000, Amount: l.total() - less.total(), Reason: reason}})
		if err != nil {
			return nil, err
		}
		journaled = append(journaled, e.Seq)
	}
	if err := t.takeOffKitchen(ctx, tx, tk, *l, qty); err != nil {
		return nil, err
	}
	id := l.ID // l points into the slice that is about to move
	if l.Qty -= qty; l.Qty == 0 {
		tk.Lines = slices.DeleteFunc(tk.Lines, func(o line) bool { return o.ID == id })
	}
	return journaled, nil
}

// cleanReason is cleanText for a reason that must be there.
func cleanReason(s string) (string, error) {
	s, err := cleanText("reason", s, maxReasonRunes)
	if err == nil && strings.TrimSpace(s) == "" {
		return "", errReason
	}
	return s, err
}

// LineChange changes a line in place; nil leaves a part as it is.
type LineChange struct {
	Qty     *int      `json:"qty"`
	Note    *string   `json:"note"`
	Options *[]string `json:"options"` // all of its choices
	Reason  string    `json:"reason"`  // required when what was sent becomes less
}

// ChangeLine sets the quantity, the note or the choices of a line, which keeps its place. New choices are priced as
// if the product were rung now. Refusals as RemoveLine and AddLine; line.seen for other choices of what has left the
// hands of whoever rang it (fiscal R17: it is taken off, with a reason, and rung anew).
func (t *Till) ChangeLine(ctx context.Context, by By, ticketID string, lineID int, c LineChange) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.line", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		before := tk.alone()
		journaled, err := t.changeLine(ctx, tx, by, tk, lineID, c)
		if err != nil {
			return nil, err
		}
		return journaled, t.mayDiscount(ctx, tx, by, tk, before) // more of it is more taken off
	})
}

func (t *Till) changeLine(ctx context.Context, tx *data.Tx, by By, tk *ticket, lineID int, c LineChange) ([]int64, error) {
	l, err := tk.find(lineID)
	if err != nil {
		return nil, err
	}
	if was := l.Note; c.Note != nil {
		if l.Note, err = cleanText("note", *c.Note, maxNoteRunes); err != nil {
			return nil, err
		}
		if l.Note != was {
			err = t.renoteKitchen(ctx, tx, tk, *l)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Options != nil {
		if err := t.chooseAgain(ctx, tx, l, *c.Options); err != nil {
			return nil, err
		}
	}
	switch {
	case c.Qty == nil || *c.Qty == l.Qty:
		return nil, nil
	case *c.Qty < 0 || *c.Qty > maxLineQty:
		return nil, errLine.Field("qty", "range").With("max", maxLineQty)
	case *c.Qty < l.Qty:
		return t.takeLast(ctx, tx, by, tk, l, l.Qty-*c.Qty, c.Reason)
	case !l.seen():
		l.Qty = *c.Qty
		return nil, nil
	}
	more := *l // the kitchen has the old quantity: what is added is a line of its own
	more.Qty, more.Sent, more.Kept, more.Kitchen, more.Discount.AuthQty = *c.Qty-l.Qty, false, false, "", 0
	return nil, tk.add(more)
}

// chooseAgain gives a line other choices: its note, its quantity and what else was said of it stay.
func (t *Till) chooseAgain(ctx context.Context, q data.Querier, l *line, options []string) error {
	if slices.Equal(options, l.optionIDs()) {
		return nil
	}
	if l.seen() {
		return fault.New(fault.Conflict, "line.seen", "What the kitchen has, or was put aside, is taken off and rung anew.").With("line", l.Name)
	}
	p, err := t.product(ctx, q, l.Product)
	if err != nil {
		return err
	}
	again, err := t.shape(p, LineRequest{Qty: l.Qty, Options: options, Kind: l.Kind}, l.Note, "")
	if err != nil {
		return err
	}
	if again.unit() > l.unit() {
		l.Discount.AuthQty = 0 // what was approved was the cheaper one
	}
	l.Options, l.Parts, l.Price = again.Options, again.Parts, again.Price
	return nil
}

func (l line) optionIDs() []string {
	ids := make([]string, len(l.Options))
	for i, o := range l.Options {
		ids[i] = o.ID
	}
	return ids
}

// TicketChange changes the head of a ticket; nil leaves a part as it is.
type TicketChange struct {
	Name *string `json:"name"`
	Mode *Mode   `json:"mode"`
}

// ChangeTicket renames a ticket or switches between eat-in and takeaway, which changes rates at once (fiscal R83).
func (t *Till) ChangeTicket(ctx context.Context, by By, ticketID string, c TicketChange) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.changed", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		r := TicketRequest{Mode: tk.Mode, Name: tk.Name}
		if c.Name != nil {
			r.Name = *c.Name
		}
		if c.Mode != nil {
			r.Mode = *c.Mode
		}
		head, err := newTicket(r)
		if err != nil {
			return nil, err
		}
		if tk.Name == head.Name && tk.Mode == head.Mode {
			return nil, nil
		}
		tk.Name, tk.Mode = head.Name, head.Mode
		return nil, t.renameKitchen(ctx, tx, tk)
	})
}

// SendTicket tells that the kitchen has the lines: from now on taking one off needs a reason.
func (t *Till) SendTicket(ctx context.Context, by By, ticketID string) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.sent", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		return nil, t.send(ctx, tx, tk)
	})
}

// HoldTicket puts an order aside for later: from now on taking one of its lines off needs a reason (fiscal R17: an
// order that was saved).
func (t *Till) HoldTicket(ctx context.Context, by By, ticketID string) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.held", func(_ context.Context, _ *data.Tx, tk *ticket) ([]int64, error) {
		tk.markKept()
		return nil, nil
	})
}

func (tk *ticket) markKept() {
	for i := range tk.Lines {
		tk.Lines[i].Kept = true
	}
}
