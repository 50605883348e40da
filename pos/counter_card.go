package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/loyalty"
)

// The counter's card (solidarity.md §4 item 13, Generosity.CounterCard, off by default): paid meals that nobody has
// stamped when their receipt has expired fall to an account of the café, so that every nine meals paid put one on the
// shelf, cards or not. They are late claims like any other: a unit has one stamp at most, a refund takes it back by the
// same law, and the ceiling of I6 holds. Switching it on begins with the sales of that day; nothing older ever falls to it.

// sweepAtOnce bounds a portion: so many sales a minute.
const sweepAtOnce = 50

// sweepState is where the counter's card stands.
type sweepState struct {
	on      bool
	through int64
}

func sweepsSoFar(ctx context.Context, q data.Querier) (s sweepState, err error) {
	var what string
	err = q.QueryRow(ctx, `SELECT what, through FROM counter_sweeps ORDER BY n DESC LIMIT 1`).Scan(&what, &s.through)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	s.on = what != "STOP"
	return s, err
}

// sweepUncarded does one portion of what is due for the counter's card: it begins, ends, or stamps the next expired sales.
func (t *Till) sweepUncarded(ctx context.Context) (int, error) {
	q := t.db.Reader()
	chosen, err := loadSettings(ctx, q)
	if err != nil {
		return 0, err
	}
	at, err := sweepsSoFar(ctx, q)
	if err != nil || !at.on && !chosen.CounterCard {
		return 0, err
	}
	if at.on == chosen.CounterCard {
		due, err := expiredSales(ctx, q, at.through, t.db.Now(), chosen.ClaimDays)
		if err != nil || len(due) == 0 {
			return 0, err
		}
	}
	done := 0
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		done, err = t.sweepPortion(ctx, tx)
		return err
	})
	return done, err
}

// sweepPortion decides again under the lock, and writes.
func (t *Till) sweepPortion(ctx context.Context, tx *data.Tx) (int, error) {
	chosen, err := loadSettings(ctx, tx)
	if err != nil {
		return 0, err
	}
	at, err := sweepsSoFar(ctx, tx)
	switch {
	case err != nil:
		return 0, err
	case !at.on && !chosen.CounterCard:
		return 0, nil
	case at.on && !chosen.CounterCard:
		return 1, sweepMark(ctx, tx, "STOP", at.through)
	case !at.on:
		var before int64
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM sales WHERE day < ?`, tx.Day()).Scan(&before); err != nil {
			return 0, fmt.Errorf("sales before the counter's card: %w", err)
		}
		return 1, sweepMark(ctx, tx, "START", max(before, at.through))
	}
	due, err := expiredSales(ctx, tx, at.through, tx.Now(), chosen.ClaimDays)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	return len(due), t.sweep(ctx, tx, due)
}

// sweepMark writes that the counter's card was begun or ended.
func sweepMark(ctx context.Context, tx *data.Tx, what string, through int64) error {
	if err := sweepRow(ctx, tx, what, through, 0); err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "counter_card", Body: map[string]any{"what": what, "through": through}})
}

func sweepRow(ctx context.Context, tx *data.Tx, what string, through int64, units int) error {
	_, err := tx.Exec(ctx, `INSERT INTO counter_sweeps (n, what, through, units, event)
		VALUES ((SELECT coalesce(max(n), 0) + 1 FROM counter_sweeps), ?, ?, ?, ?)`, what, through, units, tx.EventSeq())
	if err != nil {
		return fmt.Errorf("counter's card, %s: %w", what, err)
	}
	return nil
}

// expiredSales lists the next sales with meals whose receipts have expired, the oldest first. They are in the order of
// time, so that the reading ends with the first that has not.
func expiredSales(ctx context.Context, q data.Querier, after int64, now time.Time, days int) (due []int64, err error) {
	limit := now.Add(-time.Duration(days) * 24 * time.Hour).UnixMilli()
	type sold struct{ seq, at int64 }
	next, err := data.All(ctx, q, func(r *data.Rows) (s sold, err error) { err = r.Scan(&s.seq, &s.at); return s, err },
		`SELECT seq, at FROM sales WHERE seq > ? AND units > 0 AND refunds IS NULL ORDER BY seq LIMIT ?`, after, sweepAtOnce)
	if err != nil {
		return nil, fmt.Errorf("expired sales: %w", err)
	}
	for _, s := range next {
		if s.at >= limit {
			break
		}
		due = append(due, s.seq)
	}
	return due, nil
}

// sweep stamps what these sales have left, under one event.
func (t *Till) sweep(ctx context.Context, tx *data.Tx, due []int64) error {
	var units []string
	for _, seq := range due {
		sale, err := t.scanSale(tx.QueryRow(ctx, `SELECT `+saleColumns+` WHERE s.seq = ?`, seq).Scan)
		if err != nil {
			return fmt.Errorf("sale of entry %d: %w", seq, err)
		}
		if err := sale.fill(ctx, tx); err != nil {
			return err
		}
		units = append(units, sale.paidUnits()...)
	}
	cost, err := t.releaseCost(ctx, tx)
	if err != nil {
		return err
	}
	change, err := loyalty.Sweep(ctx, tx, units, cost)
	if err != nil {
		return err
	}
	if err := sweepRow(ctx, tx, "PORTION", due[len(due)-1], change.Stamps); err != nil {
		return err
	}
	return t.recordChanges(ctx, tx, System(systemOp), "stamps.swept", "", "", change)
}

// checkSweeps holds that the counter's card has no stamp that no portion has given it.
func checkSweeps(ctx context.Context, q data.Querier) ([]string, error) {
	var given int
	if err := q.QueryRow(ctx, `SELECT coalesce(sum(units), 0) FROM counter_sweeps`).Scan(&given); err != nil {
		return nil, err
	}
	gained, err := loyalty.Gained(ctx, q, loyalty.Counter)
	if err == nil && gained != given {
		return []string{fmt.Sprintf("the counter's card has gained %d stamps, its portions gave %d", gained, given)}, nil
	}
	return nil, err
}
