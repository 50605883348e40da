package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// solidarityOf adds to the closings of a statement what no closing says: what moved the shelf by its cause, and how many meals
// cards may have put on it (I6).
func (t *Till) solidarityOf(ctx context.Context, q data.Querier, in *export.Input) error {
	first, last := in.Days[0], in.Days[len(in.Days)-1]
	entries, err := journal.OfKinds(ctx, q, first.Body.FromSeq, last.Seq, journal.KindSuspAdjust)
	if err != nil {
		return err
	}
	at := byDay(*in)
	for _, e := range entries {
		var b journal.AdjustBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		if d := at[e.Day]; d != nil {
			d.Adjusts = append(d.Adjusts, export.Adjust{Class: b.Class, Cause: b.Cause, Origin: b.Origin, Qty: b.Qty})
		}
	}
	in.Ceiling, err = ceiling(ctx, q, in.To, last.Seq)
	return err
}

// ceiling counts meals, stamps and releases since the first day to the end of one, whose closing is the entry of that seq.
// What happens later changes none of them: a statement made again has the same bytes.
func ceiling(ctx context.Context, q data.Querier, day string, closing int64) (*export.Ceiling, error) {
	var c export.Ceiling
	err := q.QueryRow(ctx, `SELECT coalesce(sum(qty * meal_units), 0) FROM sale_lines WHERE seq <= ?`, closing).Scan(&c.Meals)
	if err != nil {
		return nil, fmt.Errorf("meals paid up to %s: %w", day, err)
	}
	if c.Without, err = loyalty.WithoutMeal(ctx, q, day); err != nil {
		return nil, err
	}
	released, err := suspended.ReleasedBetween(ctx, q, firstDay, day)
	for _, n := range released {
		c.Released += int64(n)
	}
	c.Earned = (c.Meals + c.Without) / loyalty.MealsPerRelease
	return &c, err
}
