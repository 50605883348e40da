package pos_test

import (
	"slices"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestACartClearedLineByLineIsTold is fiscal R18: the total was shown; emptied one by one, it leaves the same trace as an
// order that is dropped.
func TestACartClearedLineByLineIsTold(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 2), line("cafe", 1))
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{}); err != nil {
		t.Fatal(err)
	}
	if n, _ := c.technical(journal.EventCartCleared); n != 0 {
		t.Errorf("%d events for an order that still has a line", n)
	}
	zero := 0
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 2, pos.LineChange{Qty: &zero}); err != nil {
		t.Fatal(err)
	}
	n, facts := c.technical(journal.EventCartCleared)
	if n != 1 || facts["total"] != float64(220) || facts["shown"] != float64(2*1190+220) || facts["ticket"] != tk.ID {
		t.Errorf("%d: %+v", n, facts)
	}
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, ""); err != nil {
		t.Fatal(err)
	}
	if n, _ := c.technical(journal.EventCartCleared); n != 1 {
		t.Errorf("an empty order that is dropped is told again: %d", n)
	}
}

// TestACustomerWhoLeftWithoutPaying is fiscal R37: a manager closes the order, each line is a minus operation with the reason,
// nothing is deleted.
func TestACustomerWhoLeftWithoutPaying(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 2), line("cafe", 1))
	_, err := c.WalkOut(ctx(), c.by(), tk.ID)
	refused(t, err, "right.missing")
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	c.pay(tk.ID, pos.Cash, 500, 0)
	_, err = c.WalkOut(ctx(), c.byManager(), tk.ID)
	refused(t, err, "ticket.part_paid")
	if _, err := c.RemovePayment(ctx(), c.by(), tk.ID, 1, "erreur"); err != nil {
		t.Fatal(err)
	}
	gone, err := c.WalkOut(ctx(), c.byManager(), tk.ID)
	if err != nil || gone.State != "dropped" {
		t.Fatalf("%+v, %v", gone, err)
	}
	head, _ := c.Journal().Head()
	entries, err := journal.Entries(ctx(), c.DB().Reader(), head-1, 2)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	var amount money.Cents
	for _, e := range entries {
		var b journal.MinusBody
		if e.Kind != journal.KindOrderMinus || e.Decode(&b) != nil || b.Reason != "walked_out" || b.Ticket != tk.ID {
			t.Errorf("%s %+v", e.Kind, b)
		}
		amount += b.Amount
	}
	if amount != 2*1190+220 {
		t.Errorf("taken off: %d", amount)
	}
}

// TestAnInputThatCannotBeReadIsToldOnce is fiscal R32: by its digest, once for the same again.
func TestAnInputThatCannotBeReadIsToldOnce(t *testing.T) {
	c := openCafe(t)
	for range 2 {
		if err := c.RejectInput(ctx(), c.by(), "body.json", []byte(`{"lines": [`)); err != nil {
			t.Fatal(err)
		}
	}
	n, facts := c.technical(journal.EventInputRejected)
	if n != 1 || facts["rule"] != "body.json" || len(facts["digest"].(string)) != 64 {
		t.Errorf("%d: %+v", n, facts)
	}
	if err := c.RejectInput(ctx(), pos.System("public"), "body.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, _ := c.technical(journal.EventInputRejected); n != 1 {
		t.Error("the public writes into the journal")
	}
}

// TestCashAboveAThousandEurosIsRefused is fiscal R99, in one tender, in two, and in parts paid before the whole.
func TestCashAboveAThousandEurosIsRefused(t *testing.T) {
	c := openCafe(t)
	c.save(pos.Product{Name: "Banquet", Category: "Repas", Price: 100_100, VATEatIn: 1000, VATTakeaway: 1000, Food: true, Available: true})
	sell := func(tenders ...pos.Tender) error {
		_, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("banquet", 1)}, Tenders: tenders})
		return err
	}
	refused(t, sell(pos.Tender{Means: pos.Cash, Amount: 100_100}), "tenders.cash_limit")
	refused(t, sell(pos.Tender{Means: pos.Cash, Amount: 50_000}, pos.Tender{Means: pos.Cash, Amount: 50_100}), "tenders.cash_limit")
	if err := sell(pos.Tender{Means: pos.Cash, Amount: 100_000}, pos.Tender{Means: pos.Card, Amount: 100}); err != nil {
		t.Errorf("exactly a thousand: %v", err)
	}
	tk := c.ticket(line("banquet", 1))
	c.pay(tk.ID, pos.Cash, 60_000, 0)
	_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 40_100})
	refused(t, err, "tenders.cash_limit")
	c.pay(tk.ID, pos.Card, 40_100, 0)
}

// TestVouchersOnADayOffAreWarnedOf is fiscal R98: a Sunday and the holidays, unless the café has chosen not to hear of it.
func TestVouchersOnADayOffAreWarnedOf(t *testing.T) {
	c := openCafe(t)
	warned := func(at string) bool {
		c.at(at, 12, 0)
		r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("plat", 1)}, Tenders: []pos.Tender{{Means: pos.MealVoucher, Amount: 1190}}})
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(r.Warnings, pos.WarnVoucherDay)
	}
	for _, d := range []struct {
		day  string
		want bool
	}{{"2026-12-24", false}, {"2026-12-25", true}, {"2026-12-27", true}, {"2026-12-28", false},
		{"2027-02-01", false}, {"2027-03-15", false}, // a clock that leaps further is not believed
		{"2027-03-29", true}, {"2027-05-06", true}, {"2027-05-17", true}, {"2027-05-18", false}, {"2027-06-28", false}} { // Easter of 2027 is 28 March
		if got := warned(d.day); got != d.want {
			t.Errorf("%s: warned %t, want %t", d.day, got, d.want)
		}
	}
	s, err := c.Settings(ctx())
	if err != nil {
		t.Fatal(err)
	}
	s.VoucherAnyDay = true
	if _, err := c.SaveSettings(ctx(), c.byManager(), s); err != nil {
		t.Fatal(err)
	}
	if warned("2027-07-14") {
		t.Error("the café had chosen not to hear of it")
	}
}
