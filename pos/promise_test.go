package pos_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"comptoir/pos"
)

// shelfOf writes how a class stands: available/reserved/served.
func (c *cafe) shelfOf(class string) string {
	c.tb.Helper()
	shelf, err := c.Shelf(ctx())
	if err != nil {
		c.tb.Fatalf("shelf: %v", err)
	}
	for _, s := range shelf.Classes {
		if s.Class == class {
			return fmt.Sprintf("%d/%d/%d", s.Available, s.Reserved, s.Served)
		}
	}
	return ""
}

func (c *cafe) wantShelf(when, class, want string) {
	c.tb.Helper()
	if got := c.shelfOf(class); got != want {
		c.tb.Errorf("%s: %s %s, want %s", when, class, got, want)
	}
}

func (c *cafe) settleOrder(id string) pos.SaleResult {
	c.tb.Helper()
	tk, err := c.Ticket(ctx(), id)
	if err != nil {
		c.tb.Fatal(err)
	}
	request := pos.CheckoutRequest{}
	if tk.Rest > 0 {
		request.Tenders = []pos.Tender{{Means: pos.Card, Amount: tk.Rest}}
	}
	r, err := c.Checkout(ctx(), c.by(), id, request)
	if err != nil {
		c.tb.Fatalf("checkout: %v", err)
	}
	return r
}

// TestAServingOnAnOrderWaitsForIt: the item is promised when the barista says yes, and handed out when the order is settled;
// a line taken off, or an order dropped, gives it back at once.
func TestAServingOnAnOrderWaitsForIt(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 3))
	tk := c.ticket(redemption("cafe"), redemption("cafe"), line("eau", 1))
	c.wantShelf("two rung", "coffee", "1/2/0")
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: new(1)}); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("one taken off", "coffee", "2/1/0")
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: new(5)}); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("five asked for, three there", "coffee", "0/3/0")
	if r := c.serve("cafe"); r.Origin != "HOUSE" {
		t.Errorf("what is promised was served to somebody else: %+v", r)
	}
	origins := map[string]int{}
	for _, r := range c.settleOrder(tk.ID).Redemptions {
		origins[r.Origin]++
	}
	if origins["PAID"] != 3 || origins["HOUSE"] != 2 {
		t.Errorf("served %v, want what was promised and two of the house", origins)
	}
	c.sell("", gift("cafe", 2))
	tk = c.ticket(redemption("cafe"))
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{}); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("the line taken off", "coffee", "2/0/6")
	tk = c.ticket(redemption("cafe"))
	if _, err := c.HoldTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("put aside", "coffee", "1/1/6")
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, "parti"); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("the order dropped", "coffee", "2/0/6")
	c.verify()
}

// TestAPromiseLapsesAndNobodyHearsNo: after half an hour the item may be served to somebody else; the order keeps its line,
// and its guest is served what there is, or by the house.
func TestAPromiseLapsesAndNobodyHearsNo(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	tk := c.ticket(redemption("cafe"))
	due := func(want int) {
		t.Helper()
		if n, err := c.DoDue(ctx()); err != nil || n != want {
			t.Fatalf("%d done, %v, want %d", n, err, want)
		}
	}
	c.clock.Advance(29 * time.Minute)
	due(0)
	c.wantShelf("after 29 minutes", "coffee", "0/1/0")
	c.clock.Advance(time.Minute)
	due(1)
	due(0)
	c.wantShelf("after 30 minutes", "coffee", "1/0/0")
	now, err := c.Ticket(ctx(), tk.ID)
	if err != nil || now.Version != tk.Version || len(now.Lines) != 1 {
		t.Errorf("the order changed: %+v, %v", now, err)
	}
	if r := c.settleOrder(tk.ID).Redemptions[0]; r.Origin != "PAID" {
		t.Errorf("served %+v, want what had come back", r)
	}
	c.sell("", gift("cafe", 1))
	late := c.ticket(redemption("cafe"))
	c.clock.Advance(time.Hour)
	due(1)
	c.serve("cafe")
	if r := c.settleOrder(late.ID).Redemptions[0]; r.Origin != "HOUSE" {
		t.Errorf("served %+v, want one of the house", r)
	}
	c.verify()
}

// TestAPromisedReleaseStaysUntilItComesBack: the ninth meal is refunded while its release is promised at the counter: the house
// advances it; given back, the law takes it at once.
func TestAPromisedReleaseStaysUntilItComesBack(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 9))
	tk := c.ticket(redemption("plat"))
	if r := c.refund(sale.ID, 1, 1); r.ItemsRetracted != 0 || r.HouseAdvance != 1 {
		t.Errorf("refunded while promised: %+v", r)
	}
	c.clock.Advance(time.Hour)
	if n, err := c.DoDue(ctx()); err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	if v := c.view(card); v.Released != 0 || v.Advance != 0 || v.Filled != 8 {
		t.Errorf("card %+v, want the release taken back", v)
	}
	c.wantShelf("lapsed", "meal", "0/0/0")
	if r := c.settleOrder(tk.ID).Redemptions[0]; r.Origin != "HOUSE" {
		t.Errorf("served %+v", r)
	}
	c.verify()
}

// TestPromisesGoWhereTheirLinesGo: splitting and joining move nothing on the shelf, and what is paid of it is served of it.
func TestPromisesGoWhereTheirLinesGo(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2), gift("plat", 1))
	tk := c.ticket(redemption("cafe"), redemption("cafe"), redemption("plat"), line("eau", 1))
	c.wantShelf("rung", "coffee", "0/2/0")
	split, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}})
	if err != nil {
		t.Fatal(err)
	}
	c.wantShelf("split", "coffee", "0/2/0")
	if _, err := c.DropTicket(ctx(), c.by(), split.Ticket.ID, ""); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("the part dropped", "coffee", "1/1/0")
	c.wantShelf("the part dropped", "meal", "1/0/0")
	other := c.ticket(redemption("plat"))
	if _, err := c.JoinTickets(ctx(), c.by(), other.ID, tk.ID); err != nil {
		t.Fatal(err)
	}
	c.wantShelf("joined", "meal", "0/1/0")
	if got := c.settleOrder(tk.ID); len(got.Redemptions) != 2 || got.Redemptions[0].Origin != "PAID" || got.Redemptions[1].Origin != "PAID" {
		t.Errorf("served %+v", got.Redemptions)
	}
	c.wantShelf("settled", "meal", "0/0/1")
	c.wantShelf("settled", "coffee", "1/0/1")
	c.verify()
}

// TestCase55TwoTillsPromiseTheLastCoffee: two orders at two tills, one coffee: one has it, the other is served by the house.
func TestCase55TwoTillsPromiseTheLastCoffee(t *testing.T) {
	c := openCafe(t)
	for range 5 {
		c.sell("", gift("cafe", 1))
		orders := [2]pos.Ticket{c.ticket(line("eau", 1)), c.ticket(line("eau", 1))}
		origins := [2]string{}
		var wg sync.WaitGroup
		for i := range orders {
			wg.Go(func() {
				if _, err := c.AddLine(ctx(), c.by(), orders[i].ID, redemption("cafe")); err != nil {
					t.Errorf("till %d heard no: %v", i, err)
					return
				}
				r, err := c.Checkout(ctx(), c.by(), orders[i].ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 200}}})
				if err != nil || len(r.Redemptions) != 1 {
					t.Errorf("till %d heard no: %+v, %v", i, r, err)
					return
				}
				origins[i] = r.Redemptions[0].Origin
			})
		}
		wg.Wait()
		if origins[0] == origins[1] || origins[0] != "PAID" && origins[1] != "PAID" {
			t.Errorf("served %v, want the gift once and one of the house", origins)
		}
	}
	c.verify()
}

// TestTrainingPromisesNothing: what is rung in training leaves the shelf as it is.
func TestTrainingPromisesNothing(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	if _, err := c.SetTraining(ctx(), c.byManager(), true); err != nil {
		t.Fatal(err)
	}
	tk := c.ticket(redemption("cafe"))
	c.wantShelf("rung in training", "coffee", "1/0/0")
	c.settleOrder(tk.ID)
	c.wantShelf("settled in training", "coffee", "1/0/0")
}

// TestG4ThePromiseOfTheLastOneTurnsNoLightOff: the board says that something waits until the day is over, whatever is promised,
// served, or spared for somebody who asked for something else.
func TestG4ThePromiseOfTheLastOneTurnsNoLightOff(t *testing.T) {
	c := openCafe(t)
	soup := menu()[1]
	soup.Name, soup.Price, soup.GiftPrice = "Soupe", 500, 350
	if _, err := c.SaveProduct(ctx(), c.byManager(), soup); err != nil {
		t.Fatal(err)
	}
	c.sell("", gift("cafe", 2))
	lit := func(when string) {
		t.Helper()
		b, err := c.Board(ctx())
		if err != nil || !b.Classes[0].Waiting {
			t.Errorf("%s: %+v, %v", when, b, err)
		}
	}
	tk := c.ticket(redemption("cafe"), redemption("cafe"))
	lit("both promised")
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, ""); err != nil {
		t.Fatal(err)
	}
	if r := c.serve("soupe"); r.Origin != "PAID" {
		t.Errorf("%+v", r)
	}
	lit("both spared")
}
