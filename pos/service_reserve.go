package pos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/suspended"
)

// reserveEach is how often the shelf is looked at for an evening for which nothing could be put aside yet.
const reserveEach = 15 * time.Minute

// whereUnserved are the evenings whose dishes a partner collects and for which nothing is put aside.
const whereUnserved = `WHERE e.day IN (?, ?) AND e.allotment = '' AND e.cancelled = '' AND s.partner <> '' `

// ReserveEvenings puts aside, the day before an evening, what the shelf has for its partner: a recurring allotment, like any
// other from then on. As many as who walks in usually takes on that day are left on the shelf (G11). It is done once for each
// evening, as soon as there is anything; what is missing is in the forecast. It returns for how many evenings.
func (t *Till) ReserveEvenings(ctx context.Context) (int, error) {
	now := t.db.Now()
	if now.UnixMilli() < t.reserveAt.Load() {
		return 0, nil
	}
	today := t.db.Today()
	due, err := t.evenings(ctx, t.db.Reader(), now, whereUnserved+`ORDER BY e.day, s.starts, s.folded LIMIT ?`, today, daysFrom(today, 1), maxServices)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	t.reserveAt.Store(now.Add(reserveEach).UnixMilli())
	done := 0
	for _, e := range due { // one that cannot be done now keeps no other from being done
		made, failed := t.reserveEvening(ctx, e)
		if err = errors.Join(err, failed); made {
			done++
		}
	}
	return done, err
}

// reserveEvening puts aside what can be for one evening.
func (t *Till) reserveEvening(ctx context.Context, e Evening) (made bool, err error) {
	free, err := t.forEvening(ctx, t.db.Reader(), e)
	if err != nil || free == 0 || e.Over {
		return false, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		made = false
		now, err := t.evening(ctx, tx, tx.Now(), e.Service, e.Day)
		if err != nil || now.allotment != "" || now.Cancelled || now.Over || now.partner == "" {
			return err
		}
		n, err := t.forEvening(ctx, tx, now)
		if err != nil || n == 0 {
			return err
		}
		a, err := t.request(ctx, tx, AllotmentRequest{Partner: now.partner, Class: now.Class, Qty: n, Slot: now.Day + "T" + now.Starts}, false)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE evenings SET allotment = ? WHERE service = ? AND day = ?`, a.ID, now.Service, now.Day); err != nil {
			return fmt.Errorf("put aside: %w", err)
		}
		made = true
		return nil
	})
	if fault.CodeOf(err) == "partner.ended" { // its service waits for a word of the manager, and its volunteers for theirs
		return false, nil
	}
	return made && err == nil, err
}

// forEvening is how many items of the shelf an evening may have: all but what who walks in usually takes on its day.
func (t *Till) forEvening(ctx context.Context, q data.Querier, e Evening) (int, error) {
	all, err := t.expectations(ctx, q, t.db.Today(), map[string]bool{e.Class: true})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	f := all[0]
	weeks := max(f.Weeks, 1)
	keep := (max(0, f.Went[weekdayOf(e.Day)-1]) + weeks - 1) / weeks
	return min(e.Dishes, max(0, f.Stock+f.Sponsors-keep)), nil
}

// release gives back what was put aside for an evening that is not held, and returns the journal's entries of it.
// Refusal: training.real.
func (t *Till) release(ctx context.Context, tx *data.Tx, by By, e Evening) ([]int64, error) {
	if e.allotment == "" {
		return nil, nil
	}
	a, err := suspended.FindAllotment(ctx, tx, e.allotment)
	if err != nil || !a.State.Live() {
		return nil, err
	}
	if err := t.forReal(tx, by); err != nil {
		return nil, err
	}
	_, back, err := suspended.EndAllotment(ctx, tx, a, suspended.Cancelled)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE evenings SET allotment = '' WHERE service = ? AND day = ?`, e.Service, e.Day); err != nil {
		return nil, fmt.Errorf("give back: %w", err)
	}
	return t.reconcile(ctx, tx, by, back)
}

// countReserved says how many dishes are put aside for an evening, or were collected on it.
func (t *Till) countReserved(ctx context.Context, q data.Querier, e *Evening) error {
	if e.allotment == "" {
		return nil
	}
	a, err := suspended.FindAllotment(ctx, q, e.allotment)
	e.Reserved = a.Held
	return err
}
