package pos

import (
	"context"
	"slices"
	"time"

	"comptoir/data"
)

// KitchenSeen is an order as a screen has shown it.
type KitchenSeen struct {
	Order string `json:"order"`
	Rev   int    `json:"rev"` // what changed after it was not shown
}

// KitchenChange is what became of an order in the kitchen.
type KitchenChange struct {
	Order string `json:"order"`
	No    int    `json:"no"`
	Name  string `json:"name"`
	Left  bool   `json:"left"` // nothing of it is left to do at the stations of the screen
}

// onKitchen is command for a change that a cook makes to one order. A change that finds its work done changes nothing:
// two cooks may tap the same line at once. Refusal: kitchen.unknown.
func (t *Till) onKitchen(ctx context.Context, by By, id, what string, stations []string, change func(o *KitchenOrder, now time.Time) bool) (KitchenChange, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (KitchenChange, error) {
		o, err := loadKitchenOrder(ctx, tx, id)
		if err != nil {
			return KitchenChange{}, err
		}
		changed := change(&o, tx.Now())
		result := KitchenChange{Order: o.ID, No: o.No, Name: o.Name, Left: !o.at(stations).waits()}
		if !changed {
			return result, nil
		}
		if err := o.save(ctx, tx); err != nil {
			return result, err
		}
		return result, tx.Record(data.Event{Type: what, Topics: []string{topicKitchen}, Body: map[string]any{"order": o.ID}})
	})
}

// AckKitchen says that a screen of these stations, none meaning all, has shown orders; or that somebody at the till has
// told the kitchen. What the till has changed since is still to be shown. Orders that are gone are nobody's trouble.
func (t *Till) AckKitchen(ctx context.Context, by By, stations []string, shown []KitchenSeen) error {
	if err := by.mustSell(); err != nil {
		return err
	}
	waiting := func(q data.Querier) ([]KitchenOrder, error) {
		return data.All(ctx, q, func(r *data.Rows) (KitchenOrder, error) { return scanKitchen(r.Scan) },
			`SELECT `+kitchenColumns+` FROM kitchen_orders WHERE gone = 0 AND unseen > 0 ORDER BY id LIMIT ?`, maxKitchenShown)
	}
	see := func(o *KitchenOrder) (changed bool) {
		i := slices.IndexFunc(shown, func(s KitchenSeen) bool { return s.Order == o.ID })
		for n := range o.Lines {
			if l := &o.Lines[n]; i >= 0 && !l.Seen && l.Rev <= shown[i].Rev && among(stations, l.Station) {
				l.Seen, changed = true, true
			}
		}
		return changed
	}
	before, err := waiting(t.db.Reader())
	if err != nil || !slices.ContainsFunc(before, func(o KitchenOrder) bool { return see(&o) }) {
		return err // several screens show the same: only the first one writes
	}
	_, err = command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		var none struct{}
		all, err := waiting(tx)
		if err != nil {
			return none, err
		}
		ids := []string{}
		for _, o := range all {
			if !see(&o) {
				continue
			}
			if err := o.save(ctx, tx); err != nil {
				return none, err
			}
			ids = append(ids, o.ID)
		}
		if len(ids) == 0 {
			return none, nil
		}
		return none, tx.Record(data.Event{Type: "kitchen.seen", Topics: []string{topicKitchen}, Body: map[string]any{"orders": ids}})
	})
	return err
}

// DoneKitchenLine says what a cook's tap on a line means, as the screen showed it under rev: it is made, or, with done
// false, it is not after all. A tap on a line that the till has changed says that the change is noted. A line that was
// changed after rev stays as it is: the cook has not read that yet.
func (t *Till) DoneKitchenLine(ctx context.Context, by By, stations []string, order string, n, rev int, done bool) (KitchenChange, error) {
	return t.onKitchen(ctx, by, order, "kitchen.line", stations, func(o *KitchenOrder, now time.Time) bool {
		i := slices.IndexFunc(o.Lines, func(l KitchenLine) bool { return l.N == n })
		if i < 0 || o.Lines[i].Rev > rev {
			return false
		}
		l := &o.Lines[i]
		switch {
		case l.Altered():
			l.note(now)
		case l.Qty == 0 || done == !l.Done.IsZero():
			return false
		case done:
			l.Done, l.Seen = now, true
		default:
			l.Done = time.Time{}
		}
		return true
	})
}

// DoneKitchenOrder says that all of an order that these stations were shown under rev is ready, and what was taken off is
// noted. What the till has added or taken off since stays on the screen.
func (t *Till) DoneKitchenOrder(ctx context.Context, by By, stations []string, order string, rev int) (KitchenChange, error) {
	return t.onKitchen(ctx, by, order, "kitchen.ready", stations, func(o *KitchenOrder, now time.Time) (changed bool) {
		for i := range o.Lines {
			l := &o.Lines[i]
			if l.Finished() || l.Rev > rev || !among(stations, l.Station) {
				continue
			}
			l.note(now)
			if l.Done.IsZero() {
				l.Done = now
			}
			changed = true
		}
		return changed
	})
}

// RecallKitchen puts an order that is done at these stations back on their screens: the lines that were done last are
// to do again. One that is on the screen already stays as it is.
func (t *Till) RecallKitchen(ctx context.Context, by By, stations []string, order string) (KitchenChange, error) {
	return t.onKitchen(ctx, by, order, "kitchen.recalled", stations, func(o *KitchenOrder, _ time.Time) bool {
		part := o.at(stations)
		last := part.DoneAt()
		if part.waits() || last.IsZero() {
			return false
		}
		for i := range o.Lines {
			if l := &o.Lines[i]; l.Qty > 0 && l.Done.Equal(last) && among(stations, l.Station) {
				l.Done, l.Seen = time.Time{}, true
			}
		}
		return true
	})
}
