package pos_test

import (
	"slices"
	"testing"

	"comptoir/pos"
	"comptoir/suspended"
)

// TestServingsOfClosedDaysAreKeptOverARestart: they are written down once, are what the ledger says whatever is taken back later, and
// are read instead of counted; a day that is not closed is not kept; and doctor counts them again.
func TestServingsOfClosedDaysAreKeptOverARestart(t *testing.T) {
	c := openCafe(t)
	founded := c.today()
	rows := func() (n int) {
		t.Helper()
		if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM served_days`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	count := func() {
		t.Helper()
		if err := c.CountServings(ctx()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		c.sell("", gift("cafe", 4))
		c.serve("cafe")
		c.serve("cafe")
		c.serve("plat")
		count()
		c.clock.Advance(day)
	}
	late := c.serve("cafe") // closes the day before on its way
	count()
	if n := rows(); n != 6 {
		t.Fatalf("%d rows are kept, want coffees and meals of three closed days", n)
	}
	c.clock.Advance(day)
	if _, err := c.UndoRedemption(ctx(), c.byManager(), late.Number, "erreur"); err != nil { // of a day that is over
		t.Fatal(err)
	}
	count()
	head, _ := c.DB().EventHead()
	count()
	if again, _ := c.DB().EventHead(); again != head || rows() != 7 {
		t.Errorf("%d rows are kept, want 7; counting again wrote %d events", rows(), again-head)
	}
	c.reopen()
	want, err := suspended.ServedByDay(ctx(), c.DB().Reader(), "", c.today())
	if err != nil {
		t.Fatal(err)
	}
	q := &asked{Querier: c.DB().Reader(), second: func() {}}
	if got, err := pos.NewServings()(ctx(), q, founded, c.today()); err != nil || !slices.Equal(got, want) || q.times != 1 {
		t.Errorf("after a restart %v (%v) by %d questions, want %v by one", got, err, q.times, want)
	}
	for _, statement := range []string{"UPDATE served_days SET n = n + 1", "DELETE FROM served_days WHERE day = (SELECT min(day) FROM served_days)", "DELETE FROM served_days WHERE class = 'meal'"} {
		if c.damagedCopy("served_days", statement) == 0 {
			t.Errorf("doctor does not see: %s", statement)
		}
	}
}
