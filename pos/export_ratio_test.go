package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/suspended"
)

// BeyondChance is the judgement of a ratio, for its example.
func BeyondChance(s, n, allServed, all int) bool { return beyondChance(s, n, allServed, all) }

// ControlLimit is the limit of a ratio, for its example.
func ControlLimit(n, allServed, all int) money.BasisPoints { return controlLimit(n, allServed, all) }

// NewServings counts servings in pieces, from nothing.
func NewServings() func(ctx context.Context, q data.Querier, founded, today string) ([]suspended.DayCount, error) {
	return new(servings).before
}

// KeepDials keeps the dials of days that were closed in passing: the part of DoDue that every closing makes due.
func (t *Till) KeepDials(ctx context.Context) (int, error) { return t.dialsPart(ctx) }
