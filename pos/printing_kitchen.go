package pos

import (
	"context"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/spool"
)

// slip is one thing that a command has to tell the printers of a station of the kitchen.
type slip struct {
	station string // as the menu writes it
	line    receipts.KitchenLine
	renamed bool // the head of the order has changed; line says nothing
}

// hasPrinter reports whether a printer serves a station. Screens that watch it have nothing to do with it: a kitchen may have both.
func (t *Till) hasPrinter(tx *data.Tx, station string) bool {
	state := t.printers.Get(tx)
	return len(state.all) > 0 && len(state.at(fold(station))) > 0
}

// isOnPaper reports whether the kitchen has a line on paper: it was sent, it is made now, and a printer serves its station.
// Nobody cooks what is an exercise, and a gift is made when it is served.
func (t *Till) isOnPaper(tx *data.Tx, tk *ticket, l line) bool {
	return l.Sent && l.Kind != LineGift && !tk.Training && t.hasPrinter(tx, l.Station)
}

// kitchenLine is a line as it is put on paper. A served one is put like a bought one (G2, I16).
func (l line) kitchenLine() receipts.KitchenLine {
	k := receipts.KitchenLine{Qty: l.Qty, Name: l.Name, Note: l.Note}
	for _, c := range l.Options {
		k.Options = append(k.Options, c.Name)
	}
	return k
}

// slipUnsent notes what printers of the kitchen have not been told: beside what they have, it is a sequel.
func (t *Till) slipUnsent(tx *data.Tx, tk *ticket) {
	if len(t.printers.Get(tx).all) == 0 || tk.Training {
		return
	}
	for _, l := range tk.Lines {
		if !l.unsent() || l.Kind == LineGift || !t.hasPrinter(tx, l.Station) {
			continue
		}
		k := l.kitchenLine()
		k.Added = slices.ContainsFunc(tk.Lines, func(o line) bool { return fold(o.Station) == fold(l.Station) && t.isOnPaper(tx, tk, o) })
		tk.slips = append(tk.slips, slip{station: l.Station, line: k})
	}
}

// slipOff notes that so many of a line are not wanted any more.
func (t *Till) slipOff(tx *data.Tx, tk *ticket, l line, qty int) {
	if t.isOnPaper(tx, tk, l) {
		k := l.kitchenLine()
		k.Was, k.Qty, k.Cancelled = l.Qty, l.Qty-qty, true
		tk.slips = append(tk.slips, slip{station: l.Station, line: k})
	}
}

// slipNote notes that a line has another note now.
func (t *Till) slipNote(tx *data.Tx, tk *ticket, l line) {
	if t.isOnPaper(tx, tk, l) {
		k := l.kitchenLine()
		k.Renoted = true
		tk.slips = append(tk.slips, slip{station: l.Station, line: k})
	}
}

// slipHead notes that the order is called otherwise now, or is taken away.
func (t *Till) slipHead(tx *data.Tx, tk *ticket) {
	for _, l := range tk.Lines {
		if t.isOnPaper(tx, tk, l) && !slices.ContainsFunc(tk.slips, func(s slip) bool { return s.renamed && fold(s.station) == fold(l.Station) }) {
			tk.slips = append(tk.slips, slip{station: l.Station, renamed: true})
		}
	}
}

// printSlips asks the printers of the kitchen for what the command has to tell them: one ticket a station, frozen as it is
// now. A full queue refuses nothing: full says that some of it was not asked for.
func (t *Till) printSlips(ctx context.Context, tx *data.Tx, tk *ticket) (full bool, err error) {
	if len(tk.slips) == 0 {
		return false, nil
	}
	if tk.No == 0 { // rung and paid in one gesture, or served
		tk.No = t.nextTicketNo(tx)
	}
	var tickets []receipts.KitchenTicket
	for _, s := range tk.slips {
		i := slices.IndexFunc(tickets, func(k receipts.KitchenTicket) bool { return fold(k.Station) == fold(s.station) })
		if i < 0 {
			i = len(tickets)
			tickets = append(tickets, receipts.KitchenTicket{Station: s.station, No: tk.No, Name: tk.Name, Mode: string(tk.Mode),
				At: tx.Now().In(t.db.Zone())})
		}
		if s.renamed {
			tickets[i].Renamed = true
		} else {
			tickets[i].Lines = append(tickets[i].Lines, s.line)
		}
	}
	tk.slips = nil
	for _, k := range tickets {
		told, err := t.printKitchen(ctx, tx, k)
		if err != nil {
			return full, err
		}
		tk.printed, full = true, full || !told
	}
	return full, nil
}

// printKitchen asks each printer of a station for a ticket; told is false when the queue is full.
func (t *Till) printKitchen(ctx context.Context, tx *data.Tx, k receipts.KitchenTicket) (told bool, err error) {
	if tx.Resent() {
		return true, nil // it was made when it was ordered
	}
	for _, p := range t.printers.Get(tx).at(fold(k.Station)) {
		_, err := spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobKitchen, Body: k})
		if fault.CodeOf(err) == spool.ErrFull.Code {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// unserveOnPaper tells the kitchen that what was served at an instant is not wanted. No row says which order that was
// (I16): any ticket of that instant with that product is as good, for the kitchen makes the same.
func (t *Till) unserveOnPaper(ctx context.Context, tx *data.Tx, name string, at int64) (told bool, err error) {
	if len(t.printers.Get(tx).all) == 0 {
		return false, nil
	}
	asked, err := spool.AskedAt(ctx, tx, JobKitchen, time.UnixMilli(at))
	if err != nil {
		return false, err
	}
	for _, j := range asked {
		k, err := readJob[receipts.KitchenTicket](j)
		if err != nil {
			return false, err
		}
		for _, l := range k.Lines {
			if l.Name == name && !l.Cancelled {
				l.Was, l.Qty, l.Added, l.Cancelled = 1, 0, false, true
				k.At, k.Lines = tx.Now().In(t.db.Zone()), []receipts.KitchenLine{l}
				return t.printKitchen(ctx, tx, k)
			}
		}
	}
	return false, nil
}
