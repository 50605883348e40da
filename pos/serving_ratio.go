package pos

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/money"
)

// ServingRatio sets what somebody has served from the shelf beside what they have sold for cash of the same products: the one
// serious threat is a coffee paid in cash and rung as a serving (T1). It is for people to read, and keeps nobody from serving.
//
// The limit is that of a p-chart. Of all N coffees of the last thirty days, S were served: p = S/N. Who has n of them is above
// the limit with s servings when s/n > p + 3·√(p·(1−p)/n), three standard deviations of chance, which in whole numbers is
// (s·N − S·n)² > 9·S·(N − S)·n with s·N > S·n. Under twenty of either, nothing is judged. By hand: the café has N = 400 with
// S = 80, so p = 20 %; of n = 100, the limit is 20 % + 3·√(0.2·0.8/100) = 32 %: 32 servings are chance,
// (32·400 − 80·100)² = 23,040,000 ≤ 9·80·320·100 = 23,040,000, and 33 are not: 27,040,000.
type ServingRatio struct {
	Operator string            `json:"operator"` // code
	Served   int               `json:"served"`   // servings, those taken back left out
	Cash     int               `json:"cash"`     // units sold for cash, and not given back, of what may be served
	Undone   int               `json:"undone"`   // servings taken back
	Ratio    money.BasisPoints `json:"ratio"`    // served / (served + cash), rounded down; 0 when there is neither
	Limit    money.BasisPoints `json:"limit"`    // above it chance is no longer an explanation; 0 while nothing is judged
	Beyond   bool              `json:"beyond"`
}

const (
	ratioDays     = 30 // business days that a limit is taken from, the current one included
	ratioLeast    = 20 // observations before anything is judged
	wholeBP       = 10_000
	deviations    = 3
	deviationsSqr = deviations * deviations
)

// judge fills in the ratio of who has n observations, and its limit by those of all.
func (r *ServingRatio) judge(allServed, all int) {
	n := r.Served + r.Cash
	if n == 0 {
		return
	}
	r.Ratio = money.BasisPoints(r.Served * wholeBP / n)
	if n < ratioLeast || all < ratioLeast {
		return
	}
	r.Limit, r.Beyond = controlLimit(n, allServed, all), beyondChance(r.Served, n, allServed, all)
}

// beyondChance reports whether s of n is more than three standard deviations above S of N.
func beyondChance(s, n, allServed, all int) bool {
	above := new(big.Int).Sub(product(s, all), product(allServed, n))
	if above.Sign() <= 0 {
		return false
	}
	return above.Mul(above, above).Cmp(product(deviationsSqr, allServed, all-allServed, n)) > 0
}

// controlLimit is p + 3·√(p·(1−p)/n) in basis points, rounded down, 10,000 at most.
func controlLimit(n, allServed, all int) money.BasisPoints {
	spread := product(deviationsSqr, wholeBP, wholeBP, allServed, all-allServed, n)
	top := new(big.Int).Add(product(wholeBP, allServed, n), spread.Sqrt(spread))
	limit := top.Quo(top, product(all, n)).Int64()
	return money.BasisPoints(min(limit, wholeBP))
}

// product multiplies without a limit: a busy café leaves 64 bits.
func product(factors ...int) *big.Int {
	p := big.NewInt(1)
	for _, f := range factors {
		p.Mul(p, big.NewInt(int64(f)))
	}
	return p
}

// ServingRatios returns the ratio of each operator over the last thirty business days, the largest first.
func (t *Till) ServingRatios(ctx context.Context) (all []ServingRatio, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		all, err = ratios(ctx, q, t.db.Today(), "")
		return err
	})
	return all, err
}

// ShiftRatios returns the ratio of each operator in the open shift, against the limit of the last thirty business days.
// Refusal: shift.none.
func (t *Till) ShiftRatios(ctx context.Context) (all []ServingRatio, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		s, err := t.openShift(ctx, q)
		if err != nil {
			return err
		}
		all, err = ratios(ctx, q, t.db.Today(), s.ID)
		return err
	})
	return all, err
}

// ratios judges each operator by the thirty days that end with one; of a shift only, when one is named.
func ratios(ctx context.Context, q data.Querier, today, shift string) ([]ServingRatio, error) {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return nil, err
	}
	from := date(day.AddDate(0, 0, 1-ratioDays))
	month, err := countRatios(ctx, q, from, today, "")
	if err != nil {
		return nil, err
	}
	allServed, all := 0, 0
	for _, r := range month {
		allServed, all = allServed+r.Served, all+r.Served+r.Cash
	}
	shown := month
	if shift != "" {
		if shown, err = countRatios(ctx, q, from, today, shift); err != nil {
			return nil, err
		}
	}
	for i := range shown {
		shown[i].judge(allServed, all)
	}
	slices.SortFunc(shown, func(a, b ServingRatio) int {
		return cmp.Or(cmp.Compare(b.Ratio, a.Ratio), cmp.Compare(a.Operator, b.Operator))
	})
	return shown, nil
}

// countRatios counts servings and cash sales by operator, between two days, or of one shift of them. What was given back was
// not sold: ninety-nine coffees rung and refunded at once would hide as many servings.
func countRatios(ctx context.Context, q data.Querier, from, to, shift string) ([]ServingRatio, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (ServingRatio, error) {
		var x ServingRatio
		err := r.Scan(&x.Operator, &x.Served, &x.Cash, &x.Undone)
		return x, err
	}, `SELECT operator, sum(served), sum(cash), sum(undone) FROM (
			SELECT r.operator, iif(u.seq IS NULL, 1, 0) AS served, 0 AS cash, iif(u.seq IS NULL, 0, 1) AS undone
				FROM redemptions AS r LEFT JOIN redemptions AS u ON u.undoes = r.seq
				WHERE r.day BETWEEN ?1 AND ?2 AND +r.undoes IS NULL AND (?3 = '' OR r.shift = ?3)
			UNION ALL
			SELECT s.operator, 0, l.qty + coalesce((SELECT sum(x.qty) FROM sales AS b JOIN sale_lines AS x ON x.seq = b.seq WHERE b.refunds = s.seq AND x.of_n = l.n), 0), 0 FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq JOIN products AS p ON p.id = l.product
				WHERE s.day BETWEEN ?1 AND ?2 AND s.refunds IS NULL AND l.kind = 'sale' AND p.suspend_class <> '' AND (?3 = '' OR s.shift = ?3)
					AND EXISTS (SELECT 1 FROM sale_tenders AS c WHERE c.seq = s.seq AND c.means = 'cash'))
		GROUP BY operator ORDER BY operator LIMIT -1`, from, to, shift)
	if err != nil {
		return nil, fmt.Errorf("ratios of servings: %w", err)
	}
	return all, nil
}
