package pos_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"comptoir/data"
	"comptoir/pos"
)

// TestWhatIsReadAtEveryTapGrowsWithNoYears: a café of 50,000 servings has its page as fast as a new one.
func TestWhatIsReadAtEveryTapGrowsWithNoYears(t *testing.T) {
	c := openCafe(t)
	for query, want := range map[string]string{
		`SELECT class, origin, state, COUNT(*) FROM shelf
			WHERE class IN (SELECT code FROM classes) AND origin IN ('PAID', 'LOYALTY', 'SPONSOR', 'FUND', 'HOUSE')
				AND state IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')
			GROUP BY class, origin, state ORDER BY class, origin, state LIMIT 1000`: "SEARCH shelf USING COVERING INDEX shelf_counts (class=? AND origin=? AND state=?)", // a scan reads every item there ever was
		`SELECT count(*) FROM redemptions AS r JOIN token_servings AS k ON k.redemption = r.seq WHERE r.shift = 'x'`: "redemptions_shift",
		`SELECT count(*) FROM redemptions WHERE shift = 'x' AND undoes IS NOT NULL`:                                  "redemptions_shift",
		`SELECT 1 FROM item_events AS e WHERE e.day < 'x' AND NOT EXISTS (
			SELECT 1 FROM item_events u WHERE u.item = e.item AND u.seq > e.seq AND u.was = 'SERVED' AND +u.day = e.day)`: "item_events_item (item=? AND seq>?)", // without the sign a day's servings are read once for each of them
		`SELECT count(*) FROM shelf WHERE class = 'meal' AND state = 'RESERVED'`:                   "shelf_",
		`SELECT class FROM redemptions WHERE day = 'x' AND +undoes IS NULL AND origin <> 'HOUSE'`:  "redemptions_day", // without the sign it reads every serving there ever was
		`SELECT class FROM redemptions AS r WHERE r.day BETWEEN 'x' AND 'y' AND +r.undoes IS NULL`: "redemptions_day",
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

// TestAClosingLeavesTheMenuInMemory: a sale reads no product from its rows, on the evening of a closing as little as before it.
func TestAClosingLeavesTheMenuInMemory(t *testing.T) {
	var read atomic.Int64
	c := openCafe(t, func(o *pos.Config) {
		o.Fault = func(s data.Step) error {
			if strings.Contains(s.SQL, "FROM products") {
				read.Add(1)
			}
			return nil
		}
	})
	if _, err := c.Menu(ctx()); err != nil {
		t.Fatal(err)
	}
	c.sell("", line("cafe", 1))
	if _, err := c.CloseDay(ctx(), c.byManager()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Menu(ctx()); err != nil { // as the till does, that was told to read it again
		t.Fatal(err)
	}
	read.Store(0)
	c.sell("", line("cafe", 1))
	if n := read.Load(); n > 0 {
		t.Errorf("a sale after the closing read the products %d times from their rows", n)
	}
}
