package pos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// promise is an item of the shelf that waits for a serving of an open order: one of its class, no one in particular.
type promise struct {
	Class string `json:"class"`
	At    int64  `json:"at"` // Unix milliseconds
}

// servings counts what an order takes from the shelf, by class; nil when it takes nothing, or is of training.
func (tk ticket) servings() map[string]int {
	var asked map[string]int
	for _, l := range tk.Lines {
		if l.Kind != LineRedemption || tk.Training {
			continue
		}
		if asked == nil {
			asked = map[string]int{}
		}
		asked[l.Class] += l.Qty
	}
	return asked
}

// promised is how many items of a class wait for the order.
func (tk ticket) promised(class string) (n int) {
	for _, p := range tk.Promises {
		if p.Class == class {
			n++
		}
	}
	return n
}

// forget takes n promises of a class off the order, the newest first, and returns them.
func (tk *ticket) forget(class string, n int) (gone []promise) {
	for i := len(tk.Promises) - 1; i >= 0 && len(gone) < n; i-- {
		if tk.Promises[i].Class == class {
			gone = append(gone, tk.Promises[i])
			tk.Promises = slices.Delete(tk.Promises, i, i+1)
		}
	}
	return gone
}

// handOver gives the promises of the lines that went to another order to that order: nothing moves on the shelf.
func (tk *ticket) handOver(to *ticket) {
	asked := tk.servings()
	for class, before := range tk.asked {
		to.Promises = append(to.Promises, tk.forget(class, tk.promised(class)-asked[class])...)
		if to.asked == nil {
			to.asked = map[string]int{}
		}
		to.asked[class] += before - asked[class]
	}
	tk.asked = asked
}

// shelfMove is what a change of an order moves on the shelf: how many are promised, less how many are given back, by class.
type shelfMove map[string]int

// promise notes on the order what is promised to it now, and returns what that moves. Servings that were added are promised
// what waits, as much as there is: from an empty shelf the house will serve, and nobody hears no. What lapsed is not
// promised again by itself.
func (tk *ticket) promise(ctx context.Context, tx *data.Tx) (shelfMove, error) {
	asked := tk.servings()
	if tk.State != ticketOpen {
		asked = nil
	}
	var moves shelfMove
	move := func(class string, n int) {
		if moves == nil {
			moves = shelfMove{}
		}
		moves[class] = n
	}
	for class, n := range asked {
		more := n - max(tk.asked[class], tk.promised(class))
		if more <= 0 {
			continue
		}
		waiting, err := suspended.Waiting(ctx, tx, class)
		if err != nil {
			return nil, err
		}
		for range min(more, waiting) {
			tk.Promises = append(tk.Promises, promise{Class: class, At: tx.Now().UnixMilli()})
		}
		if waiting > 0 {
			move(class, min(more, waiting))
		}
	}
	for _, p := range slices.Clone(tk.Promises) {
		if over := tk.promised(p.Class) - asked[p.Class]; over > 0 {
			move(p.Class, -len(tk.forget(p.Class, over)))
		}
	}
	tk.asked = asked
	return moves, nil
}

// moveShelf does what a change of an order asks of the shelf, under an event that names neither order nor command (I16).
func (t *Till) moveShelf(ctx context.Context, tx *data.Tx, moves shelfMove) error {
	var items []string
	journaled := []int64{}
	for _, class := range slices.Sorted(maps.Keys(moves)) {
		for range moves[class] {
			it, _, err := suspended.Reserve(ctx, tx, class)
			if err != nil {
				return err
			}
			items = append(items, it.ID)
		}
		back, made, err := t.giveBack(ctx, tx, class, max(0, -moves[class]))
		if err != nil {
			return err
		}
		items, journaled = append(items, back...), append(journaled, made...)
	}
	return tx.Record(data.Event{Type: "shelf.promised", Topics: []string{"shelf"}, Body: map[string]any{"journal": journaled, "items": nonNil(items)}})
}

// giveBack puts n promised items of a class back on the shelf; a release that comes back answers to the law at once.
func (t *Till) giveBack(ctx context.Context, tx *data.Tx, class string, n int) (ids []string, journaled []int64, err error) {
	if n == 0 {
		return nil, nil, nil
	}
	items, err := suspended.Return(ctx, tx, class, n)
	if err != nil {
		return nil, nil, err
	}
	for _, it := range items {
		ids = append(ids, it.ID)
		made, err := t.reconciled(ctx, tx, System(systemOp), "", it)
		if err != nil {
			return nil, nil, err
		}
		journaled = append(journaled, made...)
	}
	return ids, journaled, nil
}

// reconciled lets the release law look at an item that has come back to the shelf, and returns the entries it made.
// document is the number of the one that brought it back, if there is one.
func (t *Till) reconciled(ctx context.Context, tx *data.Tx, by By, document string, it suspended.Item) ([]int64, error) {
	if it.Account == "" {
		return nil, nil
	}
	cost, err := t.releaseCost(ctx, tx)
	if err != nil {
		return nil, err
	}
	change, err := loyalty.Reconcile(ctx, tx, it.Account, cost)
	if err != nil {
		return nil, err
	}
	return t.journalChanges(ctx, tx, by, document, change)
}

// lapsePromises gives back what open orders have held for longer than the café chose: somebody else may be served with it. The
// orders keep their lines, and whoever settles them later is served what there is then, or by the house.
func (t *Till) lapsePromises(ctx context.Context) (lapsed int, err error) {
	settings, err := loadSettings(ctx, t.db.Reader())
	if err != nil {
		return 0, err
	}
	held := time.Duration(settings.ReserveMinutes) * time.Minute
	ids, err := heldSince(ctx, t.db.Reader(), t.db.Now().Add(-held))
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		lapsed = 0
		moves := shelfMove{}
		before := tx.Now().Add(-held)
		for _, id := range ids {
			tk, err := loadTicket(ctx, tx, id)
			if err != nil {
				return err
			}
			n := len(tk.Promises)
			tk.Promises = slices.DeleteFunc(tk.Promises, func(p promise) bool {
				over := p.At <= before.UnixMilli()
				if over {
					moves[p.Class]--
				}
				return over
			})
			if lapsed += n - len(tk.Promises); n == len(tk.Promises) {
				continue
			}
			if err := tk.keep(ctx, tx); err != nil {
				return err
			}
		}
		if lapsed == 0 { // settled in the meantime
			return nil
		}
		return t.moveShelf(ctx, tx, moves)
	})
	return lapsed, err
}

// heldSince lists the open orders for which something has waited since an instant or longer.
func heldSince(ctx context.Context, q data.Querier, before time.Time) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (id string, err error) { return id, r.Scan(&id) },
		`SELECT id FROM tickets WHERE state = 'open' AND EXISTS (
			SELECT 1 FROM json_each(body, '$.promises') AS p WHERE p.value ->> '$.at' <= ?) ORDER BY opened, id LIMIT ?`, before.UnixMilli(), maxOpenTickets)
}

// keep writes what is no change of the order itself: whoever was shown it may still pay it.
func (tk *ticket) keep(ctx context.Context, tx *data.Tx) error {
	body, err := json.Marshal(tk)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE tickets SET body = ? WHERE id = ?`, string(body), tk.ID)
	return err
}

// checkPromises holds that what is promised on the shelf is promised on an open order, class by class, and nothing else is.
func checkPromises(ctx context.Context, q data.Querier) ([]string, error) {
	on := map[string]int{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		on[class] = n
		return err
	}, `SELECT p.value ->> '$.class', count(*) FROM tickets AS t, json_each(t.body, '$.promises') AS p WHERE t.state = 'open' GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	shelf, err := suspended.Shelf(ctx, q)
	if err != nil {
		return nil, err
	}
	bad, err := breaches(ctx, q, `SELECT 'ticket ' || id || ' is ' || state || ' and holds promises' FROM tickets
		WHERE state <> 'open' AND body ->> '$.promises' IS NOT NULL`)
	for _, c := range shelf {
		if c.Reserved != on[c.Class] {
			bad = append(bad, fmt.Sprintf("%s: %d are promised, and %d on open orders", c.Class, c.Reserved, on[c.Class]))
		}
	}
	return bad, err
}
