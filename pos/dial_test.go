package pos_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

func (c *cafe) dial() pos.Dial {
	c.tb.Helper()
	d, err := c.Dial(ctx())
	if err != nil {
		c.tb.Fatalf("dial: %v", err)
	}
	return d
}

// wait lets some days pass, a bottle of water sold every tenth: a clock that leaps is not believed.
func (c *cafe) wait(days int) {
	c.tb.Helper()
	for ; days > 0; days -= 10 {
		c.clock.Advance(time.Duration(min(days, 10)) * day)
		c.sell("", line("eau", 1))
	}
}

// TestTheDialByHand is worked out on paper. Ten meals at 11.90 and two gifts, a meal at 6.00 and a coffee at 1.80, are
// 126.80 with tax; without it, ticket by ticket at 10 %, 10 × 10.82 + 5.45 + 1.64 = 115.29. The nine stamps release a meal
// of cost 3.50. Served: that meal or the gift of the same queue (a gift is topped up by 3.50 × 5.90 ÷ 11.90 = 1.74), both; the
// coffee, topped up by 0.66 × 0.40 ÷ 2.20 = 0.12; and a coffee of the house, cost 0.66. Cost: 3.50 + 1.74 + 0.12 + 0.66 =
// 6.02; the dial: 602 ÷ 11,529 = 5.22 %.
func TestTheDialByHand(t *testing.T) {
	c := openCafe(t)
	if d := c.dial(); d.Position != pos.DialUnknown || d.Ratio != 0 || len(d.Levers) != 0 {
		t.Errorf("before anything is sold: %+v", d)
	}
	card := c.newCard()
	for range 9 {
		c.sell(card, line("plat", 1))
	}
	c.sell("", line("plat", 1))
	c.sell("", gift("plat", 1))
	c.sell("", gift("cafe", 1))
	for _, product := range []string{"plat", "plat", "cafe", "cafe"} {
		c.serve(product)
	}
	d := c.dial()
	if d.Turnover != 11529 || d.Loyalty != 350 || d.TopUps != 174+12 || d.House != 66 || d.Cost != 602 || d.Ratio != 522 || d.Position != pos.DialAbove {
		t.Errorf("got %+v", d)
	}
	if last := d.Line[len(d.Line)-1]; len(d.Line) != 30 || last.Ratio != 522 || last.Day != d.Day {
		t.Errorf("line of %d days ends with %+v", len(d.Line), last)
	}

	c.clock.Advance(30 * day) // the day it happened is the thirty-first back: nothing is left of it
	if d := c.dial(); d.Turnover != 0 || d.Cost != 0 || d.Position != pos.DialUnknown {
		t.Errorf("thirty days later: %+v", d)
	}
}

// TestATakenBackServingCostsNothing: the dial of a serving and its undoing is that of neither.
func TestATakenBackServingCostsNothing(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("plat", 4))
	before := c.dial()
	for _, product := range []string{"plat", "creme"} {
		served, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: product, Options: map[string][]string{"creme": {"lait/avoine"}}[product]})
		if err != nil {
			t.Fatal(err)
		}
		if d := c.dial(); d.House == 0 {
			t.Errorf("%s of the house costs nothing: %+v", product, d)
		}
		if _, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur"); err != nil {
			t.Fatal(err)
		}
	}
	if d := c.dial(); d.Cost != before.Cost || d.House != 0 || d.Radar.Classes[1].House != 0 {
		t.Errorf("got %+v, want cost %d", d, before.Cost)
	}
}

// TestTheExposureByHand: one meal of a card waits at 3.50; another card has 4 stamps, worth 4 × 3.50 ÷ 9 × 50 % = 0.78
// while no year of cards says how many are completed.
func TestTheExposureByHand(t *testing.T) {
	c := openCafe(t)
	c.sell(c.newCard(), line("plat", 13))
	x := c.dial().Exposure
	if x.Meals != 1 || x.Shelf != 350 || x.Stamps != 4 || x.Cards != 78 || x.Total != 428 || x.Completion != 5000 || !x.Assumed {
		t.Errorf("got %+v", x)
	}
	if x.Redemption != 0 || x.Provision != 0 {
		t.Errorf("nothing was served of what was released: %+v", x)
	}
	c.serve("plat")
	if x := c.dial().Exposure; x.Shelf != 0 || x.Total != 78 || x.Redemption != 10000 || x.Provision != 78 {
		t.Errorf("served: %+v", x)
	}
}

// TestCompletionIsMeasuredOnTheCardsOfAYearAgo: of 12 stamps in progress then, the 8 of one card came to their ninth.
func TestCompletionIsMeasuredOnTheCardsOfAYearAgo(t *testing.T) {
	c := openCafe(t)
	came, stayed := c.newCard(), c.newCard()
	c.sell(came, line("plat", 8))
	c.sell(stayed, line("plat", 4))
	c.wait(366)
	c.sell(came, line("plat", 1))
	x := c.dial().Exposure
	if x.Completion != 6667 || x.Assumed || x.Stamps != 4 || x.Cards != money.Cents(104) { // 4 × 3.50 ÷ 9 × 66.67 %
		t.Errorf("got %+v", x)
	}
}

// TestTheDialIsThatOfTheLedgersWhoeverAskedBefore: what is kept of closed days makes no difference, also when a day was closed by
// hand, when yesterday is not closed yet, and when days went by without a sale.
func TestTheDialIsThatOfTheLedgersWhoeverAskedBefore(t *testing.T) {
	c := openCafe(t)
	same := func(what string) {
		t.Helper()
		fresh, err := pos.OpenReadOnly(ctx(), c.config)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fresh.Dial(ctx())
		if err = errors.Join(err, fresh.Close()); err != nil {
			t.Fatal(err)
		}
		if got := c.dial(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	same("before the first sale")
	for n := range 8 {
		sold := c.sell("", line("plat", 2), gift("cafe", 2)).ID
		c.serve("cafe")
		same("with a sale")
		c.refund(sold, 1, 1)
		same("with a refund")
		switch n % 3 {
		case 0:
			c.closeDay()
			same("closed by hand")
			c.clock.Advance(day)
		case 1:
			c.clock.Advance(2 * day)
			same("the day before not closed")
		default:
			c.wait(70)
		}
		same("a day later")
	}
}
