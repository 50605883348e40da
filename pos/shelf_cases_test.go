package pos_test

import (
	"fmt"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestCase18AServedMealEarnsNoStamp, whether it is served alone or beside a meal that is paid, whose own it keeps.
func TestCase18AServedMealEarnsNoStamp(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell("", gift("plat", 2))
	if r := c.sell(card, line("plat", 1), redemption("plat")); r.Stamps != 1 || len(r.Redemptions) != 1 {
		t.Errorf("%+v", r)
	}
	tk := c.ticket(redemption("plat"))
	if _, err := c.AttachCard(ctx(), c.by(), tk.ID, card); err != nil {
		t.Fatal(err)
	}
	if r := c.settleOrder(tk.ID); r.Stamps != 0 {
		t.Errorf("%+v", r)
	}
	if v := c.view(card); v.Stamps != 1 {
		t.Errorf("card %+v", v)
	}
	c.verify()
}

// TestCase42AnotherProductOfTheClassIsServed: the item is one of the class; the document says what was served.
func TestCase42AnotherProductOfTheClassIsServed(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "creme", Options: []string{"lait/vache"}})
	if err != nil || r.Origin != "PAID" || r.Class != "coffee" {
		t.Fatalf("%+v, %v", r, err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), r.Number)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.RedeemBody
	if err := e.Decode(&b); err != nil || b.SKU != "creme" || b.Memo != 300 || b.Qty != 1 {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestCase43CorrectionsAfterTheCloseAreOfTheNextDayAndNameTheOldEntry; and I10: a refund of the ninth does not touch the day
// that is over.
func TestCase43CorrectionsAfterTheCloseAreOfTheNextDayAndNameTheOldEntry(t *testing.T) {
	c := openCafe(t)
	sale := c.sell(c.newCard(), line("plat", 9))
	served := c.serve("plat")
	over := c.DB().Today()
	c.clock.Advance(day)
	r := c.refund(sale.ID, 1, 1)
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), r.Number)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.RefundBody
	if err := e.Decode(&b); err != nil || e.Day <= over || b.Ref == nil || b.Ref.Doc != sale.Number {
		t.Errorf("refund of %s on %s: %+v, %v", over, e.Day, b.Ref, err)
	}
	if r.HouseAdvance != 1 {
		t.Errorf("%+v, want the meal that was served to be advanced", r)
	}
	u, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur") // the shift is still open
	if err != nil {
		t.Fatal(err)
	}
	if e, err = journal.ByNumber(ctx(), c.DB().Reader(), u.Number); err != nil || e.Day <= over {
		t.Errorf("undone on %s, %v", e.Day, err)
	}
	c.verify()
}

// TestCase60OnlyMealsWaitAndTheyStayForTomorrow: who asks for a coffee has one of the house; no meal becomes a coffee.
func TestCase60OnlyMealsWaitAndTheyStayForTomorrow(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 2))
	if r := c.serve("cafe"); r.Origin != "HOUSE" || r.Class != "coffee" {
		t.Errorf("%+v", r)
	}
	c.wantShelf("a coffee was asked for", "meal", "2/0/0")
}

// TestCase66NoClassHoldsAlcohol: neither a product at its rate, nor one among others that have another.
func TestCase66NoClassHoldsAlcohol(t *testing.T) {
	c := openCafe(t)
	for _, class := range []string{"coffee", "meal"} {
		wine := pos.Product{Name: "Vin " + class, Category: "Froid", Price: 500, VATEatIn: 2000, VATTakeaway: 2000, SuspendClass: class, Available: true}
		if _, err := c.SaveProduct(ctx(), c.byManager(), wine); err == nil {
			t.Errorf("wine was taken into the class %s", class)
		}
	}
	_, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "biere"})
	refused(t, err, "line.invalid")
}

// TestCase78TheOrderIsTheNumberAndNotTheClock: an hour back, as at the end of summer time: what was given first is served first,
// and no day is opened again.
func TestCase78TheOrderIsTheNumberAndNotTheClock(t *testing.T) {
	c := openCafe(t)
	first := c.sell("", gift("cafe", 1))
	c.clock.Advance(-time.Hour)
	c.sell("", gift("cafe", 1))
	today := c.DB().Today()
	c.serve("cafe")
	seqs := c.strings(`SELECT item FROM redemptions`)
	sale, err := c.Sale(ctx(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), sale.Number)
	if err != nil || len(seqs) != 1 || seqs[0] != fmt.Sprintf("gift:%d.1.1", e.Seq) {
		t.Errorf("served %v, %v, want the first of %s", seqs, err, sale.Number)
	}
	if c.DB().Today() != today {
		t.Errorf("the day went from %s to %s", today, c.DB().Today())
	}
	c.verify()
}

// TestI10AServingOpensNoDrawerAndMovesNoMoney: one R document, nothing due, no tender, no stamp, no tax.
func TestI10AServingOpensNoDrawerAndMovesNoMoney(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	count := func() string {
		return fmt.Sprint(c.strings(`SELECT (SELECT count(*) FROM drawer) || ' ' || (SELECT count(*) FROM sale_tenders) || ' ' || (SELECT count(*) FROM sale_taxes) || ' ' ||
			(SELECT count(*) FROM stamps) || ' ' || (SELECT count(*) FROM sales)`))
	}
	before := count()
	c.serve("cafe")
	if after := count(); after != before {
		t.Errorf("drawer, tenders, taxes, stamps, sales: %s, then %s", before, after)
	}
	if n := len(c.strings(`SELECT number FROM redemptions`)); n != 1 {
		t.Errorf("%d documents of one serving", n)
	}
}
