package pos

import (
	"context"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// CountServings counts ahead what the board, cards and proofs will tell today, so that no page waits for it. What was served on closed
// days is written down, once: years are not counted again after a start.
func (t *Till) CountServings(ctx context.Context) error {
	if err := t.keepServings(ctx); err != nil {
		return err
	}
	_, err := t.published(ctx, t.db.Reader()) // no snapshot: what is over does not change, and a long one holds up the log
	return err
}

// keepServings writes down what was served on the closed days that are not written down, a piece at a time. In training nothing
// of the café moves.
func (t *Till) keepServings(ctx context.Context) error {
	last, err := journal.LastClosing(ctx, t.db.Reader(), journal.KindCloseDay)
	if fault.CodeOf(err) == "journal.closing" || t.Training() {
		return nil
	}
	if err != nil {
		return err
	}
	if done := t.keptUntil.Load(); done != nil && *done == last.Day {
		return nil
	}
	genesis, err := journal.At(ctx, t.db.Reader(), 0)
	if err != nil {
		return err
	}
	next, err := nextToKeep(ctx, t.db.Reader(), genesis.Day)
	for ; err == nil && next <= last.Day; next = daysAfter(next, servingsPiece) {
		err = t.keepPiece(ctx, next, min(daysAfter(next, servingsPiece), daysAfter(last.Day, 1)))
	}
	if err == nil {
		t.keptUntil.Store(&last.Day)
	}
	return err
}

// nextToKeep is the first day that may have servings which are not written down, of a café founded on another.
func nextToKeep(ctx context.Context, q data.Querier, founded string) (string, error) {
	var kept string
	if err := q.QueryRow(ctx, `SELECT coalesce(max(day), '') FROM served_days`).Scan(&kept); err != nil {
		return "", fmt.Errorf("servings kept: %w", err)
	}
	if kept == "" {
		return founded, nil
	}
	return daysAfter(kept, 1), nil
}

// keepPiece writes down the closed days from one on and before another. They do not change, so they are counted beside the writer.
func (t *Till) keepPiece(ctx context.Context, from, before string) error {
	days, err := suspended.ServedByDay(ctx, t.db.Reader(), from, before)
	if err != nil || len(days) == 0 {
		return err
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		if next, err := nextToKeep(ctx, tx, from); err != nil || next > from { // or somebody else has been quicker
			return err
		}
		for _, d := range days {
			if _, err := tx.Exec(ctx, `INSERT INTO served_days (day, class, n, event) VALUES (?, ?, ?, ?)`, d.Day, d.Class, d.Count, tx.EventSeq()); err != nil {
				return fmt.Errorf("servings of %s: %w", d.Day, err)
			}
		}
		return tx.Record(data.Event{Type: "servings.kept", Body: map[string]any{"rows": len(days)}})
	})
}

// keptServings reads what is written down of the days before one, in the order of the days.
func keptServings(ctx context.Context, q data.Querier, before string) ([]suspended.DayCount, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (d suspended.DayCount, err error) { return d, r.Scan(&d.Day, &d.Class, &d.Count) },
		`SELECT day, class, n FROM served_days WHERE day < ? ORDER BY day, class LIMIT -1`, before)
	if err != nil {
		return nil, fmt.Errorf("servings kept before %s: %w", before, err)
	}
	return all, nil
}

// checkServedDays counts what is written down again from the ledger.
func checkServedDays(ctx context.Context, q data.Querier) ([]string, error) {
	kept, err := keptServings(ctx, q, "~")
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	want, err := suspended.ServedByDay(ctx, q, "", daysAfter(kept[len(kept)-1].Day, 1))
	if err != nil {
		return nil, err
	}
	var bad []string
	ledger := map[suspended.DayCount]bool{}
	for _, d := range want {
		ledger[d] = true
	}
	for _, d := range kept {
		if !ledger[d] {
			bad = append(bad, fmt.Sprintf("%d of %s are kept as served on %s, the ledger says otherwise", d.Count, d.Class, d.Day))
		}
		delete(ledger, d)
	}
	for d := range ledger {
		bad = append(bad, fmt.Sprintf("%d of %s were served on %s, which is not kept", d.Count, d.Class, d.Day))
	}
	slices.Sort(bad)
	return bad, nil
}
