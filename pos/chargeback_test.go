package pos_test

import (
	"testing"

	"comptoir/pos"
)

func (c *cafe) chargeback(sale string, lineID, qty int) (pos.ChargebackResult, error) {
	return c.Chargeback(ctx(), c.byManager(), sale, pos.ChargebackRequest{Lines: []pos.RefundLine{{Line: lineID, Qty: qty}}})
}

func TestCase33AChargebackSixWeeksLaterTakesTheStampsBackAndNoMoney(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 9), line("eau", 1))
	c.clock.Advance(42 * day)
	before, err := c.CurrentShift(ctx())
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.chargeback(sale.ID, 1, 2)
	if err != nil || r.StampsReversed != 2 || r.ItemsRetracted != 1 || r.HouseAdvance != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := c.view(card); v.Stamps != 7 || v.Released != 0 || c.waiting("meal") != 0 {
		t.Errorf("card %+v, waiting %d", v, c.waiting("meal"))
	}
	after, err := c.CurrentShift(ctx())
	if err != nil || after.Expected != before.Expected {
		t.Errorf("the drawer went from %d to %d, %v", before.Expected, after.Expected, err)
	}
	if s, err := c.Sale(ctx(), sale.ID); err != nil || s.Lines[0].RefundedQty != 0 || s.Total != sale.Total {
		t.Errorf("the sale changed: %+v, %v", s, err)
	}
	c.verify()
}

func TestCase33AChargebackOfAServedReleaseIsAnAdvanceOfTheHouse(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 9))
	c.serve("plat")
	r, err := c.chargeback(sale.ID, 1, 1)
	if err != nil || r.StampsReversed != 1 || r.ItemsRetracted != 0 || r.HouseAdvance != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := c.view(card); v.Stamps != 8 || v.Released != 1 || v.Advance != 1 {
		t.Errorf("card %+v", v)
	}
	if r := c.sell(card, line("plat", 1)); r.Released != 0 { // the gap is filled before a meal is released
		t.Errorf("the next meal released %d", r.Released)
	}
}

func TestCase33AMealThatWasChargedBackEarnsNoStampAgain(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 2))
	if _, err := c.chargeback(sale.ID, 1, 1); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Claim(ctx(), c.by(), c.newCard(), sale.ReceiptCode); err != nil || r.Stamps != 0 {
		t.Errorf("claimed %+v, %v", r, err)
	}
	_, err := c.chargeback(sale.ID, 1, 2)
	if f := refused(t, err, "refund.beyond"); f.Args["left"] != 1 {
		t.Errorf("left %v, want 1", f.Args["left"])
	}
	for name, lines := range map[string][]pos.RefundLine{
		"refund.empty": nil, "refund.beyond": {{Line: 1, Qty: -1}},
	} {
		_, err := c.Chargeback(ctx(), c.byManager(), sale.ID, pos.ChargebackRequest{Lines: lines})
		refused(t, err, name)
	}
	_, err = c.Chargeback(ctx(), c.by(), sale.ID, pos.ChargebackRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}})
	refused(t, err, "right.missing")
	if v := c.view(card); v.Stamps != 1 {
		t.Errorf("card %+v", v)
	}
}
