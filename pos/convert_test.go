package pos_test

import (
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/suspended"
)

// TestCase59AClassWithdrawnFromTheMenuIsConverted: a coffee is 1.80, a meal 6.00: four coffees make one, of all that was paid.
func TestCase59AClassWithdrawnFromTheMenuIsConverted(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 9))
	tk := c.ticket(redemption("cafe")) // what is promised stays promised
	done, err := c.WithdrawClass(ctx(), c.byManager(), "coffee", "meal")
	if err != nil || done != (pos.ClassChange{Class: "coffee", Successor: "meal", Converted: 8, Made: 2}) {
		t.Fatalf("%+v, %v", done, err)
	}
	c.wantShelf("withdrawn", "coffee", "0/1/0")
	c.wantShelf("withdrawn", "meal", "2/0/0")
	_, err = c.trySell("", gift("cafe", 1))
	refused(t, err, "class.withdrawn")
	_, err = c.Refund(ctx(), c.byManager(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "regret", Proof: sale.GiftCode})
	refused(t, err, "gift.served")
	if r := c.settleOrder(tk.ID).Redemptions[0]; r.Origin != "PAID" || r.Class != "coffee" {
		t.Errorf("what was promised: %+v", r)
	}
	if r := c.serve("cafe"); r.Origin != "HOUSE" {
		t.Errorf("somebody asks for a coffee all the same: %+v", r)
	}
	if r := c.serve("plat"); r.Origin != "PAID" || r.Class != "meal" {
		t.Errorf("served %+v, want one of those that were made", r)
	}
	fates := make(map[pos.Fate]int)
	g, err := c.GiftProof(ctx(), sale.GiftCode)
	for _, o := range g.Gifts {
		fates[o.Fate]++
	}
	if err != nil || fates[pos.FateConverted] != 8 || fates[pos.FateWaiting] != 1 {
		t.Errorf("the donor sees %v, %v", fates, err)
	}
	if _, err := c.WithdrawClass(ctx(), c.byManager(), "coffee", ""); err != nil {
		t.Fatal(err)
	}
	c.sell("", gift("cafe", 1))
	for from, to := range map[string]string{"meal": "coffee", "coffee": "coffee"} {
		_, err := c.WithdrawClass(ctx(), c.byManager(), from, to)
		refused(t, err, "convert.class")
	}
	_, err = c.WithdrawClass(ctx(), c.by(), "coffee", "meal")
	refused(t, err, "right.missing")
	_, err = c.WithdrawClass(ctx(), c.byManager(), "soup", "meal")
	refused(t, err, "class.unknown")
	c.closeAndVerify()
}

// closeAndVerify closes the day and the journal is held against all that was done.
func (c *cafe) closeAndVerify() {
	c.tb.Helper()
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		c.tb.Fatal(err)
	}
	c.verify()
}

// TestCoffeesBecomeAMealOfOneOrigin: by a manager; what does not pay for one is refused and stays what it was.
func TestCoffeesBecomeAMealOfOneOrigin(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 7))
	r, err := c.Convert(ctx(), c.byManager(), pos.ConversionRequest{From: "coffee", To: "meal"})
	if err != nil || r.Used != 4 || r.Made != 1 || r.Origins[0] != "PAID" {
		t.Fatalf("%+v, %v", r, err)
	}
	_, err = c.Convert(ctx(), c.byManager(), pos.ConversionRequest{From: "coffee", To: "meal"})
	if e := refused(t, err, "convert.few"); c.shelfOf("coffee") != "3/0/0" {
		t.Errorf("refused with %v, the shelf has %s", e.Args, c.shelfOf("coffee"))
	}
	for _, bad := range []pos.ConversionRequest{{From: "meal", To: "coffee"}, {From: "coffee", To: "coffee"}, {From: "coffee", To: "beer"}} {
		_, err := c.Convert(ctx(), c.byManager(), bad)
		refused(t, err, "convert.class")
	}
	for _, qty := range []int{-1, 1000} {
		_, err := c.Convert(ctx(), c.byManager(), pos.ConversionRequest{From: "coffee", To: "meal", Qty: qty})
		refused(t, err, "convert.quantity")
	}
	_, err = c.Convert(ctx(), c.by(), pos.ConversionRequest{From: "coffee", To: "meal"})
	refused(t, err, "right.missing")
	c.verify()
}

// TestCase58AnotherClassIsTwoCoffeesOrTheHouse: nobody hears of it.
func TestCase58AnotherClassIsTwoCoffeesOrTheHouse(t *testing.T) {
	c := openCafe(t)
	soup := menu()[1]
	soup.Name, soup.Price, soup.GiftPrice = "Soupe", 500, 350
	if _, err := c.SaveProduct(ctx(), c.byManager(), soup); err != nil {
		t.Fatal(err)
	}
	c.sell("", gift("cafe", 3))
	if r := c.serve("soupe"); r.Class != "meal" || r.Origin != "PAID" {
		t.Errorf("two coffees pay for a soup: %+v", r)
	}
	c.wantShelf("two coffees spared", "coffee", "1/0/0")
	if r := c.serve("soupe"); r.Origin != "HOUSE" {
		t.Errorf("one coffee does not: %+v", r)
	}
	c.wantShelf("the house offered", "coffee", "1/0/0")
	c.verify()
}

// TestCase57CoffeePriceRisesAndOneCoffeeIsOneCoffee: given at 1.80, served at 2.40: the top-up is a memo of the house (I18), and
// a bigger drink of the class tops up more.
func TestCase57CoffeePriceRisesAndOneCoffeeIsOneCoffee(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2))
	dearer := menu()[0]
	dearer.ID, dearer.Price, dearer.GiftPrice = "cafe", 240, 200
	if _, err := c.SaveProduct(ctx(), c.byManager(), dearer); err != nil {
		t.Fatal(err)
	}
	if r := c.serve("cafe"); r.Origin != "PAID" {
		t.Fatalf("%+v", r)
	}
	r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "creme", Options: []string{"lait/avoine"}})
	if err != nil || r.Origin != "PAID" {
		t.Fatalf("%+v, %v", r, err)
	}
	c.serve("cafe") // of the house: all of it is the house's, and no top-up
	today := c.DB().Today()
	sums, err := pos.TopUps(ctx(), c.DB().Reader(), today, today)
	want := pos.TopUp{Day: today, Class: "coffee", Origin: suspended.Paid, Count: 2, Memo: 240 + 350, Funded: 360, TopUp: 60 + 170}
	if err != nil || len(sums) != 1 || sums[0] != want {
		t.Errorf("%+v, %v, want %+v", sums, err, want)
	}
	if sums[0].Funded+sums[0].TopUp != sums[0].Memo {
		t.Errorf("I18: %d + %d is not %d", sums[0].Funded, sums[0].TopUp, sums[0].Memo)
	}
}

// TestCases72And73: what is older than the rule is told to partners first, and its clock stands still while the café is closed.
func TestCases72And73TheClockOfAgeingPausesWhileTheCafeIsClosed(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2))
	given := c.DB().Today()
	c.clock.Advance(30 * day)
	c.sell("", line("eau", 1))
	c.clock.Advance(31 * day)
	today := c.DB().Today()
	old := func() int {
		t.Helper()
		all, err := suspended.Ageing(ctx(), c.DB().Reader(), today, 60)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if old() != 2 {
		t.Errorf("%d are old after 61 days, want 2", old())
	}
	at := func(n int) string {
		first, err := time.Parse(time.DateOnly, given)
		if err != nil {
			t.Fatal(err)
		}
		return first.AddDate(0, 0, n).Format(time.DateOnly)
	}
	if _, err := c.CloseForHolidays(ctx(), c.byManager(), suspended.Closure{From: at(10), To: at(10)}); err != nil {
		t.Fatal(err)
	}
	if old() != 0 {
		t.Errorf("%d are old after 60 open days, want none", old())
	}
	for _, bad := range []suspended.Closure{{From: at(10), To: at(12)}, {From: at(5), To: at(60)}} {
		_, err := c.CloseForHolidays(ctx(), c.byManager(), bad)
		refused(t, err, "closure.overlap")
	}
	for _, bad := range []suspended.Closure{{From: "hier", To: at(1)}, {From: at(3), To: at(2)}, {From: at(-900), To: at(0)}, {}} {
		_, err := c.CloseForHolidays(ctx(), c.byManager(), bad)
		refused(t, err, "closure.invalid")
	}
	_, err := c.CloseForHolidays(ctx(), c.by(), suspended.Closure{From: at(70), To: at(71)})
	refused(t, err, "right.missing")
	v, err := c.ShelfStands(ctx())
	if err != nil || len(v.Rows) != 1 || v.Rows[0].Age != 60 || v.Rows[0].Old != 0 || len(v.Closures) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := c.OpenAgain(ctx(), c.byManager(), at(10)); err != nil {
		t.Fatal(err)
	}
	refused(t, c.OpenAgain(ctx(), c.byManager(), at(10)), "closure.unknown")
	if v, err = c.ShelfStands(ctx()); err != nil || v.Rows[0].Old != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestCase63PacingAdvisesAndNeverBlocks: more than six in ten of the opening shelf gone in half a day.
func TestCase63PacingAdvisesAndNeverBlocks(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 5))
	c.clock.Advance(day)
	gentle := func(want bool) {
		t.Helper()
		a, err := c.ServeAnswers(ctx())
		if err != nil || a["coffee"].Gentle != want || a["meal"].Gentle || a["meal"].Waits {
			t.Errorf("%+v, %v, want gentle %t", a, err, want)
		}
	}
	for range 3 {
		c.serve("cafe")
	}
	gentle(false)
	c.serve("cafe")
	gentle(true)
	if r := c.serve("cafe"); r.Origin != "PAID" {
		t.Errorf("the last one: %+v", r)
	}
	if r := c.serve("cafe"); r.Origin != "HOUSE" {
		t.Errorf("one more: %+v", r)
	}
	c.clock.Advance(day)
	gentle(false)
}

// TestUndoneMoreThanTwiceInAShiftNeedsAManager (§2.6, the last row).
func TestUndoneMoreThanTwiceInAShiftNeedsAManager(t *testing.T) {
	c := openCafe(t)
	undo := func(by pos.By, approval ...pos.Approval) error {
		_, err := c.UndoRedemption(ctx(), by, c.serve("cafe").Number, "erreur", approval...)
		return err
	}
	for range 2 {
		if err := undo(c.by()); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, undo(c.by()), "undo.approval")
	refused(t, undo(c.by(), pos.Approval{Operator: c.barista.ID, PIN: "1111"}), "approval.wrong")
	refused(t, undo(c.by(), pos.Approval{Operator: c.manager.ID, PIN: "0000"}), "approval.wrong")
	c.clock.Advance(time.Minute)
	if err := undo(c.by(), pos.Approval{Operator: c.manager.ID, PIN: managerPIN}); err != nil {
		t.Error(err)
	}
	if err := undo(c.byManager()); err != nil {
		t.Error(err)
	}
	if n := len(c.strings(`SELECT answer FROM commands WHERE answer LIKE '%' || ? || '%'`, managerPIN)); n != 0 {
		t.Errorf("the PIN stands in %d answers", n)
	}
}
