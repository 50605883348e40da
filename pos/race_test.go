package pos_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// race is one transition of the item or card machine that two terminals go for at the same instant.
type race struct {
	begin func(c *cafe) (one, other func() string, after func() string) // after may be nil
	want  []string                                                      // each a way it may end: what both were told, sorted, and what is after
}

// word is what a terminal was told: a word, or the code of the refusal.
func word(done string, err error) string {
	if err != nil {
		return fault.CodeOf(err)
	}
	return done
}

// served serves one of a product, and tells who bore it.
func (c *cafe) served(product string) func() string {
	by := c.by()
	return func() string {
		r, err := c.Redeem(ctx(), by, pos.RedeemRequest{Product: product})
		return word(r.Origin, err)
	}
}

func (c *cafe) reservedNow(class string) string {
	shelf, err := c.Shelf(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, s := range shelf.Classes {
		if s.Class == class {
			return fmt.Sprintf("%d waits, %d promised", s.Available, s.Reserved)
		}
	}
	return ""
}

// promisedOrder is an open order with one serving on it.
func (c *cafe) promisedOrder(product string) pos.Ticket {
	return c.ticket(pos.LineRequest{Product: product, Qty: 1, Kind: pos.LineRedemption})
}

// run lets both go at once, and tells how it ended.
func (r race) run(c *cafe) string {
	one, other, after := r.begin(c)
	var words [2]string
	var both sync.WaitGroup
	start := make(chan struct{})
	for i, do := range []func() string{one, other} {
		both.Go(func() {
			<-start
			words[i] = do()
		})
	}
	close(start)
	both.Wait()
	slices.Sort(words[:])
	end := strings.Join(words[:], ", ")
	if after != nil {
		end += "; " + after()
	}
	return end
}

// runRaces runs each race some times on a café of its own; every invariant is checked after each.
func runRaces(t *testing.T, races map[string]race) {
	t.Helper()
	times := 3
	if testing.Short() { // under the race detector, which sees more in one
		times = 1
	}
	for name, r := range races {
		t.Run(name, func(t *testing.T) {
			for range times {
				c := openCafe(t)
				if end := r.run(c); !slices.Contains(r.want, end) {
					t.Fatalf("it ended with %q, want one of %q", end, r.want)
				}
				datatest.Audit(t, c.DB())
			}
		})
	}
}

// TestTwoTerminalsRaceForAnItem: every transition of the item machine (§2.6) has exactly one winner, and nobody hears no.
func TestTwoTerminalsRaceForAnItem(t *testing.T) {
	runRaces(t, map[string]race{
		"case 55 serve and serve the last": {want: []string{"HOUSE, PAID"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 1))
			return c.served("cafe"), c.served("cafe"), nil
		}},
		"promise and serve the last": {want: []string{"HOUSE, ok; 0 waits, 1 promised", "PAID, ok; 0 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 1))
			tk, by := c.ticket(line("eau", 1)), c.by()
			return c.served("cafe"), func() string {
				_, err := c.AddLine(ctx(), by, tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption})
				return word("ok", err)
			}, func() string { return c.reservedNow("coffee") }
		}},
		"promise and allot the last": {want: []string{"allotment.stock, ok; 0 waits, 1 promised", "ok, ok; 0 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("plat", 1))
			tk, by := c.ticket(line("eau", 1)), c.by()
			return c.allotting(c.partner("A").ID, 1), func() string {
				_, err := c.AddLine(ctx(), by, tk.ID, pos.LineRequest{Product: "plat", Qty: 1, Kind: pos.LineRedemption})
				return word("ok", err)
			}, func() string { return c.reservedNow("meal") }
		}},
		"allot and allot the last": {want: []string{"allotment.stock, ok"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("plat", 3))
			return c.allotting(c.partner("A").ID, 2), c.allotting(c.partner("B").ID, 2), nil
		}},
		"case 81 collect and lapse": {want: []string{"allotment.state, due; LAPSED", "due, ok; COLLECTED"}, begin: func(c *cafe) (_, _, _ func() string) {
			a := c.allottedMeals(2)
			c.clock.Advance(14 * time.Hour)
			return c.collecting(a, 2), c.duties, func() string { return c.allotmentEnd(a) }
		}},
		"cancel and collect": {want: []string{"allotment.state, ok"}, begin: func(c *cafe) (_, _, _ func() string) {
			a, by := c.allottedMeals(2), c.by()
			return c.collecting(a, 2), func() string { _, err := c.CancelAllotment(ctx(), by, a); return word("ok", err) }, nil
		}},
		"collect and collect": {want: []string{"allotment.state, ok"}, begin: func(c *cafe) (_, _, _ func() string) {
			a := c.allottedMeals(2)
			return c.collecting(a, 2), c.collecting(a, 1), nil
		}},
		"convert and serve": {want: []string{"HOUSE, ok", "PAID, convert.few"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 4)) // 7.20: four pay for a meal of 6.00, three do not
			by := c.byManager()
			return c.served("cafe"), func() string {
				_, err := c.Convert(ctx(), by, pos.ConversionRequest{From: "coffee", To: "meal"})
				return word("ok", err)
			}, nil
		}},
		"refund and serve": {want: []string{"HOUSE, ok", "PAID, gift.served"}, begin: func(c *cafe) (_, _, _ func() string) {
			s, by := c.sell("", gift("cafe", 1)), c.by()
			r := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur", Proof: s.GiftCode}
			return c.served("cafe"), func() string { _, err := c.Refund(ctx(), by, s.ID, r); return word("ok", err) }, nil
		}},
		"case 29 and 30 the ninth is refunded and its meal served": {want: []string{"1 retracted, HOUSE", "0 retracted, LOYALTY"}, begin: func(c *cafe) (_, _, _ func() string) {
			s, by := c.sell(c.newCard(), line("plat", 9)), c.by()
			r := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur"}
			return c.served("plat"), func() string {
				back, err := c.Refund(ctx(), by, s.ID, r)
				return word(fmt.Sprintf("%d retracted", back.ItemsRetracted), err)
			}, nil
		}},
		"case 41 undo and undo": {want: []string{"ok, undo.done; 1 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 1))
			number := c.serve("cafe").Number
			undo := func(by pos.By) func() string {
				return func() string { _, err := c.UndoRedemption(ctx(), by, number, "erreur"); return word("ok", err) }
			}
			return undo(c.by()), undo(c.by()), func() string { return c.reservedNow("coffee") }
		}},
		"settle and lapse": {want: []string{"PAID, due; 0 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 1))
			tk, by := c.promisedOrder("cafe"), c.by()
			c.clock.Advance(time.Hour)
			return c.duties, func() string {
				r, err := c.Checkout(ctx(), by, tk.ID, pos.CheckoutRequest{})
				if err != nil {
					return fault.CodeOf(err)
				}
				return r.Redemptions[0].Origin
			}, func() string { return c.reservedNow("coffee") }
		}},
		"drop and lapse": {want: []string{"due, ok; 1 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.sell("", gift("cafe", 1))
			tk, by := c.promisedOrder("cafe"), c.by()
			c.clock.Advance(time.Hour)
			return c.duties, func() string { _, err := c.DropTicket(ctx(), by, tk.ID, "parti"); return word("ok", err) },
				func() string { return c.reservedNow("coffee") }
		}},
		"mint and mint": {want: []string{"fund.short, ok; 1 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			c.toFund(500)
			c.mealGiftPrice(300) // what was too little for one is enough now
			mint := func(by pos.By) func() string {
				return func() string { _, err := c.MintNow(ctx(), by); return word("ok", err) }
			}
			return mint(c.byManager()), mint(c.byManager()), func() string { return c.reservedNow("meal") }
		}},
		"case 69 two orders fill the fund": {want: []string{"ok, ok; 1 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			return c.fundOrder(350), c.fundOrder(350), func() string { return c.reservedNow("meal") }
		}},
		"case 71 a lot is paid and given up": {want: []string{"ok, sponsor.settled"}, begin: func(c *cafe) (_, _, _ func() string) {
			l, err := c.ProposeLot(ctx(), c.byManager(), pos.SponsorRequest{Name: "Mutuelle", Address: "1 rue des Tests", Class: "meal", Qty: 3})
			if err != nil {
				c.tb.Fatal(err)
			}
			pay, drop := c.byManager(), c.byManager()
			return func() string { _, err := c.PayLot(ctx(), pay, l.ID, pos.Card); return word("ok", err) },
				func() string { _, err := c.CancelLot(ctx(), drop, l.ID); return word("ok", err) }, nil
		}},
	})
}

func (c *cafe) duties() string {
	_, err := c.DoDue(ctx())
	return word("due", err)
}

func (c *cafe) allotting(partner string, n int) func() string {
	by := c.by()
	return func() string {
		_, err := c.Allot(ctx(), by, pos.AllotmentRequest{Partner: partner, Class: "meal", Qty: n})
		return word("ok", err)
	}
}

// allottedMeals is an allotment of n meals for this evening.
func (c *cafe) allottedMeals(n int) string {
	c.tb.Helper()
	c.sell("", gift("plat", n))
	a, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: c.partner("Le Relais").ID, Class: "meal", Qty: n})
	if err != nil {
		c.tb.Fatalf("allot: %v", err)
	}
	return a.ID
}

func (c *cafe) collecting(allotment string, n int) func() string {
	by := c.byManager()
	return func() string {
		_, err := c.CollectAllotment(ctx(), by, allotment, pos.CollectRequest{Qty: n})
		return word("ok", err)
	}
}

func (c *cafe) allotmentEnd(allotment string) string {
	a, err := c.Allotment(ctx(), allotment)
	return word(string(a.State), err)
}

// fundOrder is an open order with so many cents for the fund, to be paid.
func (c *cafe) fundOrder(cents money.Cents) func() string {
	c.tb.Helper()
	tk := c.ticket(line("eau", 1))
	tk, err := c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: "fund", Amount: cents})
	if err != nil {
		c.tb.Fatalf("round up: %v", err)
	}
	by := c.by()
	return func() string {
		_, err := c.Checkout(ctx(), by, tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 200 + cents}}})
		return word("ok", err)
	}
}

func (c *cafe) toFund(cents money.Cents) {
	c.tb.Helper()
	if end := c.fundOrder(cents)(); end != "ok" {
		c.tb.Fatalf("to the fund: %s", end)
	}
}

// mealGiftPrice changes what giving a meal costs.
func (c *cafe) mealGiftPrice(price money.Cents) {
	c.tb.Helper()
	menu, err := c.Menu(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, p := range menu.Products {
		if p.SuspendClass != "meal" {
			continue
		}
		p.GiftPrice = price
		if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
			c.tb.Fatalf("gift price: %v", err)
		}
	}
}
