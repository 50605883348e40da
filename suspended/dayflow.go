package suspended

import (
	"context"
	"fmt"

	"comptoir/data"
)

// DayFlow is what came to the shelf of a class on one business day, and what went from it to who walked in.
type DayFlow struct {
	Class string
	Day   string
	Came  int // gifts, releases and items of the fund, less those taken back; a sponsor's lot comes as a lot and is not of them
	Went  int // servings, those of the house too, less those undone
}

// FlowByDay returns the flow of each class on the business days from one to another, both included, in the order of the
// days. A day on which nothing moved is absent. What partners collect is planned, and is not of it.
func FlowByDay(ctx context.Context, q data.Querier, from, to string) ([]DayFlow, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (DayFlow, error) {
		var f DayFlow
		err := r.Scan(&f.Class, &f.Day, &f.Came, &f.Went)
		return f, err
	}, `SELECT i.class, e.day,
			SUM(IIF(i.origin IN ('PAID', 'LOYALTY', 'FUND'), (e.was = '') - (e.became = 'RETRACTED'), 0)),
			SUM((e.became = 'SERVED') - (e.was = 'SERVED'))
		FROM item_events e JOIN items i ON i.id = e.item
		WHERE e.day BETWEEN ? AND ?
		GROUP BY e.day, i.class ORDER BY e.day, i.class LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("flow of the shelf from %s to %s: %w", from, to, err)
	}
	return all, nil
}
