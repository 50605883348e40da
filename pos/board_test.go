package pos_test

import (
	"testing"

	"comptoir/pos"
)

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
	if b := coffee(); b.Served != nil {
		t.Errorf("a new week tells the old one: %+v", b)
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
