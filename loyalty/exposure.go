package loyalty

import (
	"context"
	"fmt"

	"comptoir/data"
)

// Progress is what the cards have begun.
type Progress struct {
	Stamps int // on cards that have not come to their ninth: Σ filled(a) of solidarity.md §2.3

	// Of those that were in progress on the business day asked about, and how many of them stand on a card that has come
	// to its ninth since: how likely a stamp is to become a meal.
	Began, Completed int
}

// InProgress sums up every account. then is the business day whose cards in progress are followed until now.
func InProgress(ctx context.Context, q data.Querier, then string) (Progress, error) {
	var p Progress
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var now, was int
		if err := r.Scan(&now, &was); err != nil {
			return err
		}
		p.Stamps += now % MealsPerRelease
		began := was % MealsPerRelease
		p.Began += began
		if now/MealsPerRelease > was/MealsPerRelease {
			p.Completed += began
		}
		return nil
	}, `SELECT SUM(s.delta), SUM(IIF(s.day <= ?, s.delta, 0)) FROM stamps s JOIN accounts a ON a.id = s.account GROUP BY a.root LIMIT -1`, then)
	if err != nil {
		return Progress{}, fmt.Errorf("cards in progress: %w", err)
	}
	return p, nil
}
