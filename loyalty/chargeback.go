package loyalty

import (
	"context"
	"fmt"

	"comptoir/data"
)

// ChargedBack returns those of the units whose last entry took a stamp back because the bank took the money back
// (case 33). Such a meal is not paid any more, though no document of the till says so: it earns no stamp again.
func ChargedBack(ctx context.Context, q data.Querier, units []string) (map[string]bool, error) {
	gone := map[string]bool{}
	for _, unit := range units {
		var n int
		err := q.QueryRow(ctx, `SELECT count(*) FROM stamps AS s WHERE s.unit = ? AND s.kind = 'CHARGEBACK'
			AND s.nth = (SELECT max(nth) FROM stamps WHERE unit = s.unit)`, unit).Scan(&n)
		if err != nil {
			return nil, fmt.Errorf("charge-back of %s: %w", unit, err)
		}
		if n > 0 {
			gone[unit] = true
		}
	}
	return gone, nil
}
