package pos_test

import (
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
)

// proposed keeps a proposal of meals to a company.
func (c *cafe) proposed(qty int, price money.Cents) pos.SponsorLot {
	c.tb.Helper()
	l, err := c.ProposeLot(ctx(), c.byManager(), pos.SponsorRequest{Name: "Vins du Port", Address: "2 quai, 33000 Bordeaux", SIRET: "12345678200010",
		Class: "meal", Qty: qty, Price: price})
	if err != nil {
		c.tb.Fatalf("propose: %v", err)
	}
	return l
}

func (c *cafe) payLot(l pos.SponsorLot) pos.PaidLot {
	c.tb.Helper()
	p, err := c.PayLot(ctx(), c.byManager(), l.ID, pos.Transfer)
	if err != nil {
		c.tb.Fatalf("pay: %v", err)
	}
	return p
}

func TestCase71ACompanyBuysAHundredMealsAndTheyAreOnTheShelfOncePaid(t *testing.T) {
	c := openCafe(t)
	l := c.proposed(100, 0)
	if l.Price != 600 || l.Total != 60000 || c.waiting("meal") != 0 {
		t.Fatalf("proposal %+v, %d wait", l, c.waiting("meal"))
	}
	p := c.payLot(l)
	if p.Number == "" || p.Invoice == "" || c.waiting("meal") != 100 {
		t.Fatalf("paid %+v, %d wait", p, c.waiting("meal"))
	}
	s, err := c.Sale(ctx(), p.SaleID)
	if err != nil || s.Total != 60000 || len(s.Lines) != 2 || s.Lines[0].Qty != 99 || s.GiftCode != "" {
		t.Errorf("sale %+v, %v", s, err)
	}
	invoice, err := c.InvoiceOf(ctx(), p.SaleID)
	if err != nil || invoice.Number != p.Invoice || invoice.Total != 60000 || invoice.Buyer.Name != "Vins du Port" {
		t.Errorf("invoice %+v, %v", invoice, err)
	}
	c.sell("", gift("plat", 1)) // single givers come first
	if r := c.serve("plat"); r.Origin != "PAID" {
		t.Errorf("first served from %s", r.Origin)
	}
	if r := c.serve("plat"); r.Origin != "SPONSOR" {
		t.Errorf("then from %s", r.Origin)
	}
	_, err = c.PayLot(ctx(), c.byManager(), l.ID, pos.Card)
	refused(t, err, "sponsor.settled")
	_, err = c.CancelLot(ctx(), c.byManager(), l.ID)
	refused(t, err, "sponsor.settled")
	c.verify()
}

func TestALotIsPaidWholeByAManagerAndNeverInCash(t *testing.T) {
	c := openCafe(t)
	l := c.proposed(10, 700)
	for _, means := range []pos.Means{pos.Cash, pos.MealVoucher} {
		_, err := c.PayLot(ctx(), c.byManager(), l.ID, means)
		refused(t, err, "tenders.means")
	}
	_, err := c.PayLot(ctx(), c.by(), l.ID, pos.Card)
	refused(t, err, "right.missing")
	for _, bad := range []pos.SponsorRequest{{Class: "meal", Qty: 0}, {Class: "meal", Qty: 1001}, {Class: "meal", Qty: 1, Price: 599}, {Class: "meal", Qty: 1, Price: -1}} {
		bad.Name, bad.Address = "X", "Y"
		_, err := c.ProposeLot(ctx(), c.byManager(), bad)
		refused(t, err, "sponsor.invalid")
	}
	_, err = c.ProposeLot(ctx(), c.byManager(), pos.SponsorRequest{Class: "meal", Qty: 1})
	refused(t, err, "invoice.invalid")
	if l, err = c.CancelLot(ctx(), c.byManager(), l.ID); err != nil || l.Cancelled == "" {
		t.Fatalf("cancel: %+v, %v", l, err)
	}
	_, err = c.PayLot(ctx(), c.byManager(), l.ID, pos.Card)
	refused(t, err, "sponsor.settled")
	_, err = c.PayLot(ctx(), c.byManager(), "nobody", pos.Card)
	refused(t, err, "sponsor.unknown")
}

func TestASponsorIsRefundedByAManagerWhatIsStillOnTheShelf(t *testing.T) {
	c := openCafe(t)
	p := c.payLot(c.proposed(5, 0))
	c.serve("plat")
	request := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 5}}, Tender: pos.Transfer, Reason: "rendu"}
	c.clock.Advance(2 * day)
	_, err := c.Refund(ctx(), c.by(), p.SaleID, request)
	refused(t, err, "fund.manager")
	_, err = c.Refund(ctx(), c.byManager(), p.SaleID, request)
	refused(t, err, "gift.served")
	request.Lines[0].Qty = 4
	r, err := c.Refund(ctx(), c.byManager(), p.SaleID, request)
	if err != nil || r.ItemsRetracted != 4 || r.Total != -2400 || c.waiting("meal") != 0 {
		t.Errorf("refund %+v, %v; %d wait", r, err, c.waiting("meal"))
	}
	c.verify()
}

func TestT17ASponsorLearnsCountsInThreesAndNothingOfADay(t *testing.T) {
	c := openCafe(t)
	l := c.proposed(10, 0)
	c.payLot(l)
	c.serve("plat")
	c.serve("plat")
	share := func() pos.SponsorStatement {
		t.Helper()
		st, err := c.SponsorShare(ctx(), l.ID)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if st := share(); st.Given != 10 || st.Waiting != 10 || len(st.Months) != 0 {
		t.Errorf("on the day itself: %+v", st)
	}
	c.clock.Advance(day)
	if st := share(); st.Waiting != 10 || len(st.Months) != 0 {
		t.Errorf("two are told: %+v", st)
	}
	c.serve("plat")
	c.clock.Advance(12 * day)
	if _, err := c.CloseDue(ctx()); err != nil {
		t.Fatal(err)
	}
	st := share()
	if st.Waiting != 7 || len(st.Months) != 1 || st.Months[0].Served != 3 {
		t.Errorf("three in two months: %+v", st)
	}
}

func TestCase75ARateThatChangesWhileItemsWaitChangesNothingOfThem(t *testing.T) {
	c := openCafe(t)
	p := c.payLot(c.proposed(2, 0))
	c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 600), pos.Card)
	before, err := c.Sale(ctx(), p.SaleID)
	if err != nil {
		t.Fatal(err)
	}
	menu, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, product := range menu.Products {
		if product.ID == "plat" {
			product.VATEatIn, product.VATTakeaway, product.VATCategory = 550, 550, ""
			if _, err := c.SaveProduct(ctx(), c.byManager(), product); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 3 {
		c.serve("plat")
	}
	after, err := c.Sale(ctx(), p.SaleID)
	if err != nil || after.Taxes[0] != before.Taxes[0] {
		t.Errorf("taxes %+v, were %+v, %v", after.Taxes, before.Taxes, err)
	}
	report, err := c.Day(ctx(), "")
	if err != nil || len(report.VAT) != 1 || report.VAT[0].TTC != 2000 { // all of it when it was paid, nothing by a serving
		t.Errorf("VAT of the day %+v, %v", report.VAT, err)
	}
	c.verify()
}
