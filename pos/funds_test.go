package pos_test

import (
	"testing"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// ordered opens a ticket with these lines.
func (c *cafe) ordered(lines ...pos.LineRequest) pos.Ticket {
	c.tb.Helper()
	tk, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{Mode: pos.EatIn})
	for _, l := range lines {
		if err == nil {
			tk, err = c.AddLine(ctx(), c.by(), tk.ID, l)
		}
	}
	if err != nil {
		c.tb.Fatalf("order: %v", err)
	}
	return tk
}

// roundUp adds an amount to an order and fails the test on a refusal.
func (c *cafe) roundUp(tk pos.Ticket, to string, amount money.Cents) pos.Ticket {
	c.tb.Helper()
	tk, err := c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: to, Amount: amount})
	if err != nil {
		c.tb.Fatalf("round up: %v", err)
	}
	return tk
}

// settled pays an order by one means.
func (c *cafe) settled(tk pos.Ticket, means pos.Means) pos.SaleResult {
	c.tb.Helper()
	r, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{ExpectedTotal: &tk.Total, Tenders: []pos.Tender{{Means: means, Amount: tk.Total}}})
	if err != nil {
		c.tb.Fatalf("checkout: %v", err)
	}
	return r
}

// fund is what the café's fund holds.
func (c *cafe) fund() money.Cents {
	c.tb.Helper()
	v, err := c.Funds(ctx())
	if err != nil {
		c.tb.Fatalf("funds: %v", err)
	}
	return v.Funds[0].Balance
}

func TestCase20AGuestOffersOneEuroAndIsServedAllTheSame(t *testing.T) {
	c := openCafe(t)
	tk := c.ordered(pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption})
	tk = c.roundUp(tk, "fund", 100)
	if tk.Total != 100 || tk.VoucherMax != 0 || tk.MealUnits != 0 {
		t.Fatalf("total %d, vouchers %d, stamps %d", tk.Total, tk.VoucherMax, tk.MealUnits)
	}
	r := c.settled(tk, pos.Cash)
	if len(r.Redemptions) != 1 || r.Total != 100 {
		t.Errorf("result %+v", r)
	}
	if c.fund() != 100 {
		t.Errorf("the fund holds %d", c.fund())
	}
	c.verify()
}

func TestCase69AnOddAmountMintsItemsAtTheGiftPriceAndTheRestStaysVisible(t *testing.T) {
	c := openCafe(t)
	for i, want := range []struct {
		amount, left money.Cents
		meals        int
	}{{350, 350, 0}, {350, 100, 1}, {1200, 100, 3}} { // the gift price of a meal is 6 euros
		r := c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", want.amount), pos.Card)
		v, err := c.Funds(ctx())
		if err != nil {
			t.Fatal(err)
		}
		if v.Funds[0].Balance != want.left || c.waiting("meal") != want.meals || v.ToNext != 600-want.left%600 {
			t.Errorf("gift %d: the fund holds %d, %d meals wait, %d to the next", i, v.Funds[0].Balance, c.waiting("meal"), v.ToNext)
		}
		if i == 1 && r.Minted != 1 {
			t.Errorf("minted %d", r.Minted)
		}
	}
	served := c.serve("plat")
	if served.Origin != "FUND" {
		t.Errorf("served from %s", served.Origin)
	}
	entries, err := c.FundLedger(ctx(), c.DB().Today(), c.DB().Today())
	if err != nil || len(entries) != 6 {
		t.Errorf("ledger: %d entries, %v", len(entries), err)
	}
	c.verify()
}

func TestTheLineOfTheFundIsNoFoodHasNoDiscountAndOneRateEverywhere(t *testing.T) {
	c := openCafe(t)
	tk := c.roundUp(c.ordered(line("plat", 1)), "fund", 250)
	takeaway := pos.Takeaway
	tk, err := c.ChangeTicket(ctx(), c.by(), tk.ID, pos.TicketChange{Mode: &takeaway})
	if err != nil {
		t.Fatal(err)
	}
	if tk, err = c.DiscountLine(ctx(), c.byManager(), tk.ID, 0, pos.DiscountRequest{Percent: 50, Reason: "staff_meal"}); err != nil {
		t.Fatal(err)
	}
	own := tk.Lines[1]
	if own.Product != "susp-fund" || own.Total != 250 || own.VATBP != 1000 || tk.VoucherMax != 595 || tk.Total != 845 {
		t.Errorf("line %+v of %+v", own, tk)
	}
	_, err = c.DiscountLine(ctx(), c.byManager(), tk.ID, own.ID, pos.DiscountRequest{Percent: 10, Reason: "staff_meal"})
	refused(t, err, "discount.kind")
	_, err = c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.MealVoucher, Amount: tk.Total}}})
	refused(t, err, "voucher.food")
	c.settled(tk, pos.Card)
	c.verify()
}

func TestRoundUpReplacesAndTakesOff(t *testing.T) {
	c := openCafe(t)
	tk := c.roundUp(c.ordered(line("eau", 1)), "fund", 50)
	tk = c.roundUp(tk, "fund", 80)
	if tk.Total != 280 || len(tk.Lines) != 2 || len(tk.RoundUps) != 1 || tk.RoundUps[0].Amount != 80 {
		t.Fatalf("ticket %+v", tk)
	}
	if tk = c.roundUp(tk, "fund", 0); tk.Total != 200 || len(tk.Lines) != 1 {
		t.Fatalf("ticket %+v", tk)
	}
	for _, bad := range []pos.RoundUpRequest{{To: "fund", Amount: -1}, {To: "fund", Amount: 1_000_000}, {To: "", Amount: 5}} {
		_, err := c.RoundUp(ctx(), c.by(), tk.ID, bad)
		refused(t, err, "round_up.invalid")
	}
	_, err := c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: "nobody", Amount: 5})
	refused(t, err, "partner.unknown")
	tk = c.roundUp(tk, "fund", 80)
	if tk, err = c.HoldTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	_, err = c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: "fund"})
	refused(t, err, "reason.missing")
	if tk, err = c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: "fund", Reason: "erreur"}); err != nil || tk.Total != 200 {
		t.Fatalf("taken off with a reason: %+v, %v", tk, err)
	}
}

func TestWhatTheFundHasIsGivenBackByAManagerOnItsDayWhileItHoldsIt(t *testing.T) {
	c := openCafe(t)
	r := c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 250), pos.Cash)
	request := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 2, Qty: 1}}, Tender: pos.Cash, Reason: "erreur"}
	_, err := c.Refund(ctx(), c.by(), r.ID, request)
	refused(t, err, "fund.manager")
	back, err := c.Refund(ctx(), c.byManager(), r.ID, request)
	if err != nil || back.Total != -250 || c.fund() != 0 {
		t.Fatalf("refund %+v, %v; the fund holds %d", back, err, c.fund())
	}
	spent := c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 700), pos.Cash)
	_, err = c.Refund(ctx(), c.byManager(), spent.ID, request)
	if e := refused(t, err, "fund.spent"); e.Kind != fault.Conflict || e.Args["left"] != money.Cents(100) {
		t.Errorf("refusal %+v", e)
	}
	c.clock.Advance(day)
	_, err = c.Refund(ctx(), c.byManager(), spent.ID, request)
	refused(t, err, "fund.day")
	c.verify()
}

func TestTrainingGivesNothingToAFund(t *testing.T) {
	c := openCafe(t)
	if _, err := c.SetTraining(ctx(), c.byManager(), true); err != nil {
		t.Fatal(err)
	}
	c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 1200), pos.Card)
	if c.fund() != 0 || c.waiting("meal") != 0 {
		t.Errorf("the fund holds %d, %d meals wait", c.fund(), c.waiting("meal"))
	}
	_, err := c.MintNow(ctx(), c.byManager())
	refused(t, err, "training.real")
}

func TestMintNowAfterThePriceFell(t *testing.T) {
	c := openCafe(t)
	c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 500), pos.Card)
	_, err := c.MintNow(ctx(), c.byManager())
	refused(t, err, "fund.short")
	_, err = c.MintNow(ctx(), c.by())
	refused(t, err, "right.missing")
	menu, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range menu.Products {
		if p.ID == "plat" {
			p.GiftPrice = 450
			if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := c.MintNow(ctx(), c.byManager())
	if err != nil || m.Items != 1 || m.Balance != 50 || c.waiting("meal") != 1 {
		t.Errorf("minted %+v, %v", m, err)
	}
}
