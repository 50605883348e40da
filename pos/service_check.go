package pos

import (
	"context"

	"comptoir/data"
)

// checkRota holds the rota against its own law: nobody waits while a place is free, and nobody is put on a list that is
// longer than it may be.
func checkRota(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `
		WITH told AS (SELECT e.service, e.day, e.places, e.cancelled, sum(v.state = 'in') AS inside, sum(v.state = 'waiting') AS waiting
			FROM evenings AS e JOIN volunteers AS v ON v.service = e.service AND v.day = e.day GROUP BY e.service, e.day)
		SELECT 'evening ' || day || ': ' || waiting || ' wait while ' || (places - inside) || ' places are free' FROM told
			WHERE cancelled = '' AND waiting > 0 AND inside < places
		UNION ALL SELECT 'evening ' || day || ': ' || waiting || ' wait, more than may' FROM told WHERE waiting > 20`)
}
