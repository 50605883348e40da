package pos

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// SplitLine is so much of a line of a ticket.
type SplitLine struct {
	Line int `json:"line"`
	Qty  int `json:"qty"`
}

// SplitResult is what a ticket became.
type SplitResult struct {
	Ticket Ticket `json:"ticket"` // the new one, with what was moved
	Rest   Ticket `json:"rest"`   // the old one
}

func (r SplitResult) kept() SplitResult {
	return SplitResult{Ticket: r.Ticket.kept(), Rest: r.Rest.kept()}
}

func (r *SplitResult) reread(ctx context.Context, t *Till) error {
	return errors.Join(r.Ticket.reread(ctx, t), r.Rest.reread(ctx, t))
}

var errSplit = fault.New(fault.Invalid, "split.invalid", "Say which lines go to another ticket, and how much of each.")

// SplitTicket moves lines to a new open ticket, to be paid apart. They stay what they were: sent or put aside, with
// their notes and discounts, and the kitchen sees no change. The new ticket is named after the old; a meal earns its stamp
// where it is paid (cases 4 and 5), so of several cards those go along that have no meal left here. What is paid already stays with the old ticket, which must
// still cost as much. Provisional notes are of both. Refusals: split.invalid (its fields say why), split.all, tickets.full, ticket.overpaid.
func (t *Till) SplitTicket(ctx context.Context, by By, ticketID string, lines []SplitLine) (SplitResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (SplitResult, error) {
		old, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return SplitResult{}, err
		}
		if err := old.chargeable(); err != nil {
			return SplitResult{}, err
		}
		apart := ticket{State: ticketOpen, Mode: old.Mode, NextID: 1, Lines: []line{}, Noted: old.Noted, Training: old.Training}
		if err := old.move(&apart, lines); err != nil {
			return SplitResult{}, err
		}
		old.handOver(&apart)
		old.partCards(&apart)
		old.Splits++
		apart.Name = old.partName()
		if err := t.openRow(ctx, tx, &apart); err != nil {
			return SplitResult{}, err
		}
		if err := apart.save(ctx, tx); err != nil {
			return SplitResult{}, err
		}
		rest, err := t.recorded(ctx, tx, &old, "ticket.split", map[string]any{"journal": []int64{}, "into": apart.ID}, "ticket:"+apart.ID)
		if err != nil {
			return SplitResult{}, err
		}
		shown, err := t.shown(ctx, tx, apart)
		return SplitResult{Ticket: shown, Rest: rest}, err
	})
}

// move takes so much of each line over to another ticket.
func (tk *ticket) move(to *ticket, lines []SplitLine) error {
	if len(lines) == 0 {
		return errSplit.Field("lines", "required")
	}
	for i, s := range lines {
		l, err := tk.find(s.Line)
		switch {
		case err != nil:
			return errSplit.Field(fieldOf(i)+"line", "unknown")
		case slices.ContainsFunc(lines[:i], func(o SplitLine) bool { return o.Line == s.Line }):
			return errSplit.Field(fieldOf(i)+"line", "duplicate")
		case s.Qty < 1 || s.Qty > l.Qty:
			return errSplit.Field(fieldOf(i)+"qty", codeRange).With("max", l.Qty)
		}
		part := *l
		part.Qty = s.Qty
		part.Discount.AuthQty = min(s.Qty, l.Discount.AuthQty)
		l.Qty -= s.Qty
		l.Discount.AuthQty -= part.Discount.AuthQty
		to.take(part)
	}
	tk.Lines = slices.DeleteFunc(tk.Lines, func(l line) bool { return l.Qty == 0 })
	if len(tk.Lines) == 0 {
		return fault.New(fault.Invalid, "split.all", "Nothing would be left on the ticket.").Field("lines", "too_many")
	}
	return nil
}

// take adds a line of another ticket as it is, under the next id.
func (tk *ticket) take(l line) {
	l.ID = tk.NextID
	tk.NextID++
	tk.Lines = append(tk.Lines, l)
}

// partName names the next ticket split off: "Table 4/1", "Table 4/2"; after its number when it has no name.
func (tk ticket) partName() string {
	suffix := "/" + strconv.Itoa(tk.Splits)
	name := []rune(tk.Name)
	if len(name) == 0 {
		name = []rune(strconv.Itoa(tk.No))
	}
	return strings.TrimSpace(string(name[:min(len(name), maxNameRunes-len(suffix))])) + suffix
}

// JoinTickets puts all of a ticket on another one and returns that; the first is then gone, and nothing of it is lost.
// What was split off finds its line again. The rates are those of the ticket that stays. The cards of both are, those of
// the first with the meals they had (case 6). Refusals: join.same, lines.full, ticket.part_paid for the one that would go, ticket.closed.
func (t *Till) JoinTickets(ctx context.Context, by By, from, into string) (Ticket, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Ticket, error) {
		if from == into {
			return Ticket{}, fault.New(fault.Invalid, "join.same", "A ticket cannot be joined with itself.").Field("from", "other")
		}
		gone, err := loadOpen(ctx, tx, from)
		if err != nil {
			return Ticket{}, err
		}
		tk, err := loadOpen(ctx, tx, into)
		if err != nil {
			return Ticket{}, err
		}
		if len(gone.Payments) > 0 {
			return Ticket{}, errPartPaid.With("paid", gone.paid())
		}
		if err := cmp.Or(gone.chargeable(), tk.chargeable()); err != nil {
			return Ticket{}, err
		}
		cards := gone.shares()
		for _, l := range gone.Lines {
			if err := tk.rejoin(l); err != nil {
				return Ticket{}, err
			}
		}
		for _, a := range gone.Aside {
			tk.setAside(a.To, a.Name, a.Amount+tk.asideFor(a.To))
		}
		tk.joinCards(cards)
		for _, n := range gone.Noted {
			if !slices.Contains(tk.Noted, n) {
				tk.Noted = append(tk.Noted, n)
			}
		}
		gone.Lines, gone.Aside, gone.State = []line{}, nil, ticketDropped
		gone.handOver(&tk)
		if err := gone.save(ctx, tx); err != nil {
			return Ticket{}, err
		}
		return t.recorded(ctx, tx, &tk, "ticket.joined", map[string]any{"journal": []int64{}, "from": gone.ID}, "ticket:"+gone.ID)
	})
}

// rejoin adds a line of another ticket: to the line it is like in everything, if there is one. What was put aside of
// either stays so.
func (tk *ticket) rejoin(l line) error {
	bare := func(l line) line {
		l.ID, l.Qty, l.Kept, l.Discount.AuthQty = 0, 0, false, 0
		return l
	}
	for i := range tk.Lines {
		if o := &tk.Lines[i]; o.Qty+l.Qty <= maxLineQty && reflect.DeepEqual(bare(*o), bare(l)) {
			o.Qty, o.Kept = o.Qty+l.Qty, o.Kept || l.Kept
			o.Discount.AuthQty += l.Discount.AuthQty
			return nil
		}
	}
	if len(tk.Lines) >= maxTicketLines {
		return errLinesFull
	}
	tk.take(l)
	return nil
}
