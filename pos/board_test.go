package pos_test

import (
	"context"
	"slices"
	"testing"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/suspended"
)

// TestServingsAreCountedOnceAndGoOnWhereTimeRanOut: a page that had no time leaves what it counted, days to come are uncounted
// when the clock is put back, and the answer is always that of one query.
func TestServingsAreCountedOnceAndGoOnWhereTimeRanOut(t *testing.T) {
	c := openCafe(t)
	founded := c.today()
	var served []string
	for range 5 {
		c.sell("", gift("cafe", 2))
		c.serve("cafe")
		c.serve("cafe")
		served = append(served, c.today())
		c.clock.Advance(30 * day)
	}
	want := func(until string) []suspended.DayCount {
		all, err := suspended.ServedByDay(ctx(), c.DB().Reader(), "", until)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if n := len(want(c.today())); n != len(served) {
		t.Fatalf("%d days have servings, want %d", n, len(served))
	}
	gone, cancel := context.WithCancel(ctx())
	defer cancel()
	q := &asked{Querier: c.DB().Reader(), second: cancel}
	counted := pos.NewServings()
	if days, err := counted(gone, q, founded, c.today()); err == nil {
		t.Fatalf("without time all is counted: %v", days)
	}
	for _, until := range []string{c.today(), served[1], founded, c.today(), c.today()} {
		if got, err := counted(ctx(), q, founded, until); err != nil || !slices.Equal(got, want(until)) {
			t.Errorf("until %s: %v (%v), want %v", until, got, err, want(until))
		}
	}
	if q.times != 1+4+3 { // what is kept; of three pieces the first was cut short and counted again; three more from where the clock stood
		t.Errorf("counted by %d questions, want 8", q.times)
	}
}

// asked counts what is asked, and calls second with the second.
type asked struct {
	data.Querier
	times  int
	second func()
}

func (q *asked) Query(ctx context.Context, query string, args ...any) (*data.Rows, error) {
	if q.times++; q.times == 2 {
		q.second()
	}
	return q.Querier.Query(ctx, query, args...)
}

// TestTheBoardTellsLateAndInBatchesI15: what is given and served today is not told today; below three servings it
// is not told at all; whether something waits is.
func TestTheBoardTellsLateAndInBatchesI15(t *testing.T) {
	c := openCafe(t)
	coffee := func() pos.BoardClass {
		t.Helper()
		b, err := c.Board(ctx())
		if err != nil {
			t.Fatal(err)
		}
		return b.Classes[0]
	}
	c.clock.Advance(2 * day) // a Monday
	c.sell("", gift("cafe", 5))
	c.serve("cafe")
	c.serve("cafe")
	if b := coffee(); !b.Waiting || b.Given != nil || b.Served != nil || b.Available != nil {
		t.Errorf("the same day: %+v", b)
	}
	c.clock.Advance(day)
	if b := coffee(); b.Served != nil {
		t.Errorf("two servings are told: %d", *b.Served)
	}
	c.serve("cafe")
	c.clock.Advance(day)
	b := coffee()
	if b.Served == nil || *b.Served != 3 || *b.Given != 5 {
		t.Errorf("three servings: %+v", b)
	}
	c.clock.Advance(7 * day)
	if b, err := c.Board(ctx()); err != nil || b.Week != "2026-11-23" || *b.Classes[0].Served != 3 {
		t.Errorf("a week later the last one that was told is told: %+v, %v", b, err)
	}
}

// TestTheBoardDoesNotGoOutWithTheLastOneG4: the room does not read on the wall that the last one has just been served.
// A gift lights it up at once; the next day tells how it stands.
func TestTheBoardDoesNotGoOutWithTheLastOneG4(t *testing.T) {
	c := openCafe(t)
	waiting := func() bool {
		t.Helper()
		b, err := c.Board(ctx())
		if err != nil {
			t.Fatal(err)
		}
		return b.Classes[0].Waiting
	}
	c.serve("cafe") // one of the house: there was nothing on the shelf
	if waiting() {
		t.Error("a coffee of the house lights the board up")
	}
	c.sell("", gift("cafe", 1))
	if !waiting() {
		t.Error("a gift does not light the board up")
	}
	c.serve("cafe")
	if !waiting() {
		t.Error("the board goes out with the last coffee")
	}
	c.clock.Advance(day)
	if waiting() {
		t.Error("the day after, the board still says that something waits")
	}
}

func TestTheBoardCountsOnlyWhenTheCafeHasChosenTo(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2))
	exact := pos.DefaultSettings()
	exact.BoardExact = true
	if _, err := c.SaveSettings(ctx(), c.byManager(), exact); err != nil {
		t.Fatal(err)
	}
	b, err := c.Board(ctx())
	if err != nil || b.Classes[0].Available == nil || *b.Classes[0].Available != 2 {
		t.Errorf("%+v, %v", b, err)
	}
}
