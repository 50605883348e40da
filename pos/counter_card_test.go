package pos_test

import (
	"testing"
	"time"

	"comptoir/loyalty"
)

// counterCard switches the counter's card on or off, and lets the till take note of it.
func (c *cafe) counterCard(on bool) {
	c.tb.Helper()
	s, err := c.Settings(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	s.CounterCard = on
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), s.Generosity); err != nil {
		c.tb.Fatal(err)
	}
	c.settleDue()
}

// settleDue does all that is due, however many minutes it takes.
func (c *cafe) settleDue() (rounds int) {
	c.tb.Helper()
	for ; rounds < 100; rounds++ {
		n, err := c.DoDue(ctx())
		if err != nil {
			c.tb.Fatal(err)
		}
		if n == 0 {
			return rounds
		}
	}
	c.tb.Fatal("something is always due")
	return 0
}

// counter is what the account of the café shows.
func (c *cafe) counter() loyalty.Account {
	c.tb.Helper()
	a, err := loyalty.View(ctx(), c.DB().Reader(), loyalty.Counter)
	if err != nil {
		return loyalty.Account{}
	}
	return a
}

// TestEveryNineMealsPaidReleaseOne: nine meals without a card put one on the shelf when their receipts have expired, once;
// what was sold before the day it was switched on never counts, nor what a card has.
func TestEveryNineMealsPaidReleaseOne(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("plat", 20))
	c.wait(1)
	c.counterCard(true)
	old := c.sell("", line("plat", 5))
	c.sell(c.newCard(), line("plat", 4))
	c.sell("", line("duo", 2), line("eau", 1))
	c.wait(30)
	if c.settleDue(); c.counter().Stamps != 0 {
		t.Fatalf("thirty days have not passed: %+v", c.counter())
	}
	c.clock.Advance(time.Minute)
	c.settleDue()
	if a := c.counter(); a.Stamps != 9 || a.Released != 1 || c.waiting("meal") != 1 {
		t.Fatalf("got %+v, %d meals wait", a, c.waiting("meal"))
	}
	if c.settleDue() != 0 {
		t.Error("it is due again")
	}
	_, err := c.Claim(ctx(), c.by(), c.newCard(), old.ReceiptCode)
	refused(t, err, "receipt.expired")

	// The refund of a swept meal follows the law: the release goes back while it is on the shelf.
	if r := c.refund(old.ID, 1, 1); r.StampsReversed != 1 || r.ItemsRetracted != 1 {
		t.Errorf("refund of a swept meal: %+v", r)
	}
	c.verify()
}

// TestASweptReceiptCannotBeClaimed: a longer window opens the receipt again, and its meals have their one stamp (I1).
func TestASweptReceiptCannotBeClaimed(t *testing.T) {
	c := openCafe(t)
	c.counterCard(true)
	sale := c.sell("", line("plat", 3))
	c.wait(31)
	c.settleDue()
	s, err := c.Settings(ctx())
	if err != nil {
		t.Fatal(err)
	}
	s.ClaimDays = 90
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), s.Generosity); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Claim(ctx(), c.by(), c.newCard(), sale.ReceiptCode); err != nil || r.Stamps != 0 {
		t.Errorf("claimed %+v, %v", r, err)
	}
}

// TestTheCounterCardTakesPortions: more sales than one portion are done one after the other; switched off and on again,
// what was sold meanwhile does not count.
func TestTheCounterCardTakesPortions(t *testing.T) {
	c := openCafe(t)
	c.counterCard(true)
	for range 60 {
		c.sell("", line("plat", 1))
	}
	c.wait(31)
	n, err := c.DoDue(ctx())
	if err != nil || n == 0 || c.counter().Stamps != 50 {
		t.Fatalf("the first portion: %d done, %+v, %v", n, c.counter(), err)
	}
	c.settleDue()
	if a := c.counter(); a.Stamps != 60 || a.Released != 6 {
		t.Errorf("got %+v", a)
	}
	c.counterCard(false)
	c.sell("", line("plat", 9))
	c.wait(1)
	c.counterCard(true)
	c.wait(31)
	if c.settleDue(); c.counter().Stamps != 60 {
		t.Errorf("what was sold while it was off counts: %+v", c.counter())
	}
	flags, err := loyalty.Flags(ctx(), c.DB().Reader(), "2026-01-01", "2027-12-31")
	if err != nil || len(flags) != 0 {
		t.Errorf("the café's own account is flagged: %+v, %v", flags, err)
	}
}
