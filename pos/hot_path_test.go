package pos_test

import (
	"strings"
	"testing"

	"comptoir/data"
)

// TestWhatIsReadAtEveryTapGrowsWithNoYears: a café of 50,000 servings has its page as fast as a new one.
func TestWhatIsReadAtEveryTapGrowsWithNoYears(t *testing.T) {
	c := openCafe(t)
	for query, want := range map[string]string{
		`SELECT class, origin, state, COUNT(*) FROM shelf GROUP BY class, origin, state ORDER BY class, origin, state`: "COVERING INDEX shelf_counts",
		`SELECT count(*) FROM redemptions AS r JOIN token_servings AS k ON k.redemption = r.seq WHERE r.shift = 'x'`:   "redemptions_shift",
		`SELECT count(*) FROM redemptions WHERE shift = 'x' AND undoes IS NOT NULL`:                                    "redemptions_shift",
		`SELECT count(*) FROM shelf WHERE class = 'meal' AND state = 'RESERVED'`:                                       "shelf_",
	} {
		steps, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (step string, err error) {
			var a, b, d int
			return step, r.Scan(&a, &b, &d, &step)
		}, "EXPLAIN QUERY PLAN "+query)
		if plan := strings.Join(steps, "; "); err != nil || !strings.Contains(plan, want) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n%s, %v: want %s", query, plan, err, want)
		}
	}
}
