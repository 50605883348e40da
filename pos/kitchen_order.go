package pos

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// send gives the kitchen what it does not have, and marks every line as sent.
func (t *Till) send(ctx context.Context, tx *data.Tx, tk *ticket) error {
	if err := t.toKitchen(ctx, tx, tk, line.unsent); err != nil {
		return err
	}
	t.slipUnsent(tx, tk)
	for i := range tk.Lines {
		tk.Lines[i].Sent = true
	}
	return nil
}

// unsent is a line the kitchen has not been told of.
func (l line) unsent() bool { return !l.Sent }

// unheard is a line that was sent while no screen showed its station.
func (l line) unheard() bool { return l.Sent && l.Kitchen == "" }

// toKitchen sends the wanted lines: those of watched stations go on its screens, each line
// keeping the reference of what the kitchen was told. A gift is made when it is served. The order it belongs to is the
// one of its ticket while that is on a screen, else a new one.
//
// A served line goes the way of a bought one (G2, I16): what is written is the same, down to the byte.
func (t *Till) toKitchen(ctx context.Context, tx *data.Tx, tk *ticket, wanted func(line) bool) error {
	state := t.kitchen.Get(tx)
	if len(state.watched) == 0 || tk.Training { // nobody cooks what nobody has ordered
		return nil
	}
	var o KitchenOrder
	for i := range tk.Lines {
		l := &tk.Lines[i]
		station := fold(l.Station)
		if !wanted(*l) || l.Kind == LineGift || !slices.Contains(state.watched, station) {
			continue
		}
		if o.ID == "" {
			var err error
			if o, err = t.kitchenOrderOf(ctx, tx, *tk); err != nil {
				return err
			}
		}
		made := KitchenLine{N: len(o.Lines) + 1, Station: station, Product: l.Product, Name: l.Name, Qty: l.Qty, Note: l.Note,
			Added: o.Rev > 1, Rev: o.Rev, Sent: tx.Now(), Changed: tx.Now()}
		for _, c := range l.Options {
			made.Options = append(made.Options, c.Name)
		}
		o.Lines = append(o.Lines, made)
		l.Kitchen = o.ID + "." + strconv.Itoa(made.N)
	}
	if o.ID == "" {
		return nil
	}
	tk.kitchen = true
	if tk.ID == "" {
		tk.No = o.No // its paper is called as its screen is
	}
	if err := t.pruneKitchen(ctx, tx); err != nil {
		return err
	}
	return o.save(ctx, tx)
}

// kitchenOrderOf returns the order that the ticket's new lines join, under its next revision.
func (t *Till) kitchenOrderOf(ctx context.Context, tx *data.Tx, tk ticket) (KitchenOrder, error) {
	o, err := t.openKitchenOrder(ctx, tx, tk.ID)
	if err != nil || o.ID != "" {
		o.Rev++
		return o, err
	}
	o = KitchenOrder{ID: tx.DrawID(), No: tk.No, Name: tk.Name, Mode: tk.Mode, Opened: tx.Now(), Rev: 1, day: tx.Day(), ticket: tk.ID}
	if tk.ID == "" { // rung and paid in one gesture, or served
		o.No = t.nextTicketNo(tx)
	}
	return o, nil
}

// openKitchenOrder returns today's order of a ticket that is on a screen; the zero order when there is none.
func (t *Till) openKitchenOrder(ctx context.Context, tx *data.Tx, ticketID string) (KitchenOrder, error) {
	if ticketID == "" {
		return KitchenOrder{}, nil
	}
	o, err := scanKitchen(tx.QueryRow(ctx, `SELECT `+kitchenColumns+` FROM kitchen_orders WHERE ticket = ? AND gone = 0 AND day >= ? ORDER BY id LIMIT 1`, ticketID, t.kitchenDay(tx.Now())).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return KitchenOrder{}, nil
	}
	return o, err
}

// pruneKitchen removes the rows of earlier days, once a day.
func (t *Till) pruneKitchen(ctx context.Context, tx *data.Tx) error {
	state := t.kitchen.Get(tx)
	today := t.kitchenDay(tx.Now())
	if state.day == today {
		return nil
	}
	state.day = today
	t.kitchen.Set(tx, state)
	_, err := tx.Exec(ctx, `DELETE FROM kitchen_orders WHERE day < ?`, state.day)
	return err
}

// alterInKitchen changes the line that the kitchen was told of, unless its order is gone: then there is nobody to tell.
func (t *Till) alterInKitchen(ctx context.Context, tx *data.Tx, tk *ticket, l line, alter func(*KitchenLine)) error {
	id, number, found := strings.Cut(l.Kitchen, ".")
	if !found {
		return nil
	}
	o, err := loadKitchenOrder(ctx, tx, id)
	if fault.CodeOf(err) == errNoKitchenOrder.Code || err == nil && !o.waits() {
		return nil
	}
	i := slices.IndexFunc(o.Lines, func(k KitchenLine) bool { return strconv.Itoa(k.N) == number })
	if err != nil || i < 0 {
		return err
	}
	o.Rev++
	alter(&o.Lines[i])
	o.Lines[i].Rev, o.Lines[i].Changed, o.Lines[i].Seen = o.Rev, tx.Now(), false
	tk.kitchen = true
	return o.save(ctx, tx)
}

// takeOffKitchen tells the kitchen that some of a line is not wanted any more.
func (t *Till) takeOffKitchen(ctx context.Context, tx *data.Tx, tk *ticket, l line, qty int) error {
	t.slipOff(tx, tk, l, qty)
	return t.alterInKitchen(ctx, tx, tk, l, func(k *KitchenLine) { k.less(qty) })
}

// less takes some off. Nobody makes less than nothing: the parts of a divided line share one line of the kitchen.
func (l *KitchenLine) less(qty int) {
	if l.Was == 0 {
		l.Was = l.Qty
	}
	l.Qty = max(l.Qty-qty, 0)
}

// renoteKitchen tells the kitchen that the note of a line has changed.
func (t *Till) renoteKitchen(ctx context.Context, tx *data.Tx, tk *ticket, l line) error {
	t.slipNote(tx, tk, l)
	return t.alterInKitchen(ctx, tx, tk, l, func(k *KitchenLine) { k.Note, k.Renoted = l.Note, true })
}

// renameKitchen tells the kitchen the ticket's new name or mode.
func (t *Till) renameKitchen(ctx context.Context, tx *data.Tx, tk *ticket) error {
	t.slipHead(tx, tk)
	if !slices.ContainsFunc(tk.Lines, func(l line) bool { return l.Kitchen != "" }) {
		return nil
	}
	o, err := t.openKitchenOrder(ctx, tx, tk.ID)
	if err != nil || o.ID == "" || o.Name == tk.Name && o.Mode == tk.Mode {
		return err
	}
	o.Name, o.Mode, o.Rev, tk.kitchen = tk.Name, tk.Mode, o.Rev+1, true
	return o.save(ctx, tx)
}

// unserveKitchen tells the kitchen that what was served at an instant is not wanted. No row says which order that was
// (I16): any order of that instant with that product is as good, for the kitchen makes the same.
func (t *Till) unserveKitchen(ctx context.Context, tx *data.Tx, product string, at int64) (told bool, err error) {
	if len(t.kitchen.Get(tx).watched) == 0 {
		return false, nil
	}
	all, err := data.All(ctx, tx, func(r *data.Rows) (KitchenOrder, error) { return scanKitchen(r.Scan) },
		`SELECT `+kitchenColumns+` FROM kitchen_orders WHERE ticket = '' AND gone = 0 AND day >= ? ORDER BY id DESC LIMIT ?`, t.kitchenDay(tx.Now()), maxKitchenShown)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		for _, l := range o.Lines {
			if o.Opened.UnixMilli() == at && l.Product == product && l.Qty > 0 && !l.Finished() {
				var tk ticket
				return true, t.takeOffKitchen(ctx, tx, &tk, line{Kitchen: o.ID + "." + strconv.Itoa(l.N)}, 1)
			}
		}
	}
	return false, nil
}
