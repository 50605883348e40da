package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// takeLast is takeOff, and tells when nothing is left: taken off line by line, an order is cleared all the same. What was
// journaled as taken off is told already.
func (t *Till) takeLast(ctx context.Context, tx *data.Tx, by By, tk *ticket, l *line, qty int, reason string) ([]int64, error) {
	total, gross := tk.total(), tk.gross()
	made, err := t.takeOff(ctx, tx, by, tk, l, qty, reason)
	if err != nil || len(tk.Lines) > 0 || len(made) > 0 {
		return made, err
	}
	seq, err := t.cleared(ctx, tx, by, tk, total, gross-total)
	return append(made, seq), err
}

// cleared journals that an order whose total was shown is gone (fiscal R18): what it came to at the end, what discounts had
// taken off that, and the most that was shown since it was empty, which a customer may have paid.
func (t *Till) cleared(ctx context.Context, tx *data.Tx, by By, tk *ticket, total, discount money.Cents) (int64, error) {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Training: tk.Training, Body: journal.EventBody{
		Code: journal.EventCartCleared, Data: map[string]any{
			"ticket": tk.ID, "total": int64(total), "discount": int64(discount), "shown": int64(max(tk.Most, total))}}})
	tk.Most = 0
	return e.Seq, err
}

// DropTicket gives an open ticket up, unless a part of it is paid: ticket.part_paid. One whose total was shown is an
// event with its amount and what discounts had taken off it (fiscal R18), and one that was sent or noted needs a reason,
// like each of its lines.
func (t *Till) DropTicket(ctx context.Context, by By, ticketID, reason string) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.dropped", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		if len(tk.Payments) > 0 {
			return nil, errPartPaid.With("paid", tk.paid())
		}
		if err := tk.chargeable(); err != nil {
			return nil, err
		}
		if len(tk.Lines) == 0 {
			tk.State = ticketDropped
			return nil, nil
		}
		total, gross := tk.total(), tk.gross()
		tk.State, tk.Most = ticketDropped, max(tk.Most, total)
		var journaled []int64
		for len(tk.Lines) > 0 {
			l := &tk.Lines[0]
			minus, err := t.takeOff(ctx, tx, by, tk, l, l.Qty, reason)
			if err != nil {
				return nil, err
			}
			journaled = append(journaled, minus...)
		}
		cleared, err := t.cleared(ctx, tx, by, tk, total, gross-total)
		return append(journaled, cleared), err
	})
}

// reasonWalkedOut is the reason of the lines that somebody left without paying.
const reasonWalkedOut = "walked_out"

// WalkOut closes an order whose customer has left without paying (fiscal R37): each of its lines is taken off, with that
// reason, whether others have seen it or not, and nothing is deleted. A manager does it. Refusals: right.missing,
// ticket.unknown, ticket.closed, ticket.empty, ticket.part_paid: what was paid is settled first, the lines it pays apart.
func (t *Till) WalkOut(ctx context.Context, by By, ticketID string) (Ticket, error) {
	if err := by.mustManage(); err != nil {
		return Ticket{}, err
	}
	return t.onTicket(ctx, by, ticketID, "ticket.walked_out", func(ctx context.Context, tx *data.Tx, tk *ticket) (journaled []int64, err error) {
		switch {
		case len(tk.Payments) > 0:
			return nil, errPartPaid.With("paid", tk.paid())
		case tk.Charge != nil:
			return nil, tk.chargeable()
		case len(tk.Lines) == 0:
			return nil, errEmpty
		}
		tk.State = ticketDropped
		tk.markKept()
		for len(tk.Lines) > 0 {
			l := &tk.Lines[0]
			minus, err := t.takeOff(ctx, tx, by, tk, l, l.Qty, reasonWalkedOut)
			if err != nil {
				return nil, err
			}
			journaled = append(journaled, minus...)
		}
		return journaled, nil
	})
}
