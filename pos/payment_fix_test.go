package pos_test

import (
	"testing"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// paid sells lines by the tenders given.
func (c *cafe) paid(lines []pos.LineRequest, tenders ...pos.Tender) pos.SaleResult {
	c.tb.Helper()
	s, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: lines, Tenders: tenders})
	if err != nil {
		c.tb.Fatalf("sell: %v", err)
	}
	return s
}

// fix corrects a payment as the barista, with a reason.
func (c *cafe) fix(sale string, from, to pos.Means, amount money.Cents) (pos.PaymentFix, error) {
	return c.FixPayment(ctx(), c.by(), sale, pos.FixRequest{From: from, To: to, Amount: amount, Reason: "mauvaise touche"})
}

// means are the totals of the day by means.
func (c *cafe) means() map[pos.Means]money.Cents {
	c.tb.Helper()
	r, err := c.Day(ctx(), "")
	if err != nil {
		c.tb.Fatal(err)
	}
	all := make(map[pos.Means]money.Cents)
	for _, x := range r.Tenders {
		if x.Amount != 0 {
			all[x.Means] = x.Amount
		}
	}
	return all
}

// drawer is what the open shift should hold.
func (c *cafe) drawer() money.Cents {
	c.tb.Helper()
	s, err := c.CurrentShift(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	return s.Expected
}

// TestAWrongMeansIsPutRightByAnEntryR42 follows the drawer, the day, the list, the refund and the receipt.
func TestAWrongMeansIsPutRightByAnEntryR42(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.paid([]pos.LineRequest{line("plat", 1)}, pos.Tender{Means: pos.Cash, Amount: 1190, Given: 2000})
	before := c.drawer()
	f, err := c.fix(s.ID, pos.Cash, pos.Card, 0)
	if err != nil || f.Amount != 1190 || f.Operator != "AWA" || f.Auth != "" || f.Number != s.Number {
		t.Fatalf("correction %+v, %v", f, err)
	}
	if got := c.drawer(); got != before-1190 {
		t.Errorf("the drawer should hold %v, want %v", got, before-1190)
	}
	if m := c.means(); len(m) != 1 || m[pos.Card] != 1190 {
		t.Errorf("the day by means %v", m)
	}
	found, err := c.FindSales(ctx(), pos.SalesQuery{Means: pos.Card, Limit: 10})
	if err != nil || len(found.Sales) != 1 || found.Sales[0].PaidBy()[0] != (pos.TenderTotal{Means: pos.Card, Amount: 1190}) {
		t.Errorf("found by its true means: %+v, %v", found.Sales, err)
	}
	sale, err := c.Sale(ctx(), s.ID)
	if err != nil || len(sale.Fixes) != 1 || sale.Tenders[0].Means != pos.Cash || sale.PaidBy()[0].Means != pos.Card {
		t.Errorf("sale %+v, %v", sale, err)
	}
	if d, err := c.Document(ctx(), s.Number); err != nil || d.Payments[0].Means != "cash" {
		t.Errorf("the receipt no longer says what it said: %+v, %v", d.Payments, err)
	}
	if _, err := c.fix(s.ID, pos.Card, pos.Cash, 190); err != nil { // half of it was cash after all
		t.Fatal(err)
	}
	_, err = c.fix(s.ID, pos.Card, pos.Cash, 1001)
	if e := refused(t, err, "fix.beyond"); e.Args["max"] != money.Cents(1000) {
		t.Errorf("max %v", e.Args["max"])
	}
	c.refund(s.ID, 1, 1)
	if m := c.means(); m[pos.Cash] != 190 || m[pos.Card] != -190 {
		t.Errorf("after a refund by card: %v", m)
	}
	c.verify()
}

func TestMealVouchersKeepTheirLawsThroughACorrectionI11(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	mixed := c.paid([]pos.LineRequest{line("plat", 1), line("biere", 1)}, pos.Tender{Means: pos.Card, Amount: 1640})
	_, err := c.fix(mixed.ID, pos.Card, pos.MealVoucher, 1191)
	refused(t, err, "voucher.food")
	if _, err := c.fix(mixed.ID, pos.Card, pos.MealVoucher, 1190); err != nil {
		t.Fatal(err)
	}
	_, err = c.fix(mixed.ID, pos.Card, pos.MealVoucher, 1)
	refused(t, err, "voucher.food")
	given := c.paid([]pos.LineRequest{gift("cafe", 1)}, pos.Tender{Means: pos.Cash, Amount: 180})
	_, err = c.fix(given.ID, pos.Cash, pos.MealVoucher, 180)
	refused(t, err, "voucher.food")

	lunch := c.paid([]pos.LineRequest{line("plat", 1)}, pos.Tender{Means: pos.MealVoucher, Amount: 1190})
	r, err := c.Refund(ctx(), c.by(), lunch.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.MealVoucher, Reason: "froid"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.fix(lunch.ID, pos.MealVoucher, pos.Card, 0)
	refused(t, err, "fix.refunded")
	_, err = c.fix(r.ID, pos.MealVoucher, pos.Cash, 0)
	refused(t, err, "fix.refunded")

	wrong := c.paid([]pos.LineRequest{line("plat", 1)}, pos.Tender{Means: pos.Card, Amount: 1190})
	if _, err := c.fix(wrong.ID, pos.Card, pos.MealVoucher, 0); err != nil {
		t.Fatal(err)
	}
	_, err = c.Refund(ctx(), c.by(), wrong.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "froid"})
	refused(t, err, "refund.voucher")
	if _, err := c.Refund(ctx(), c.by(), wrong.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.MealVoucher, Reason: "froid"}); err != nil {
		t.Errorf("what is a voucher now goes back to it: %v", err)
	}
}

func TestTheMeansOfARefundIsPutRight(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.paid([]pos.LineRequest{line("plat", 2)}, pos.Tender{Means: pos.Card, Amount: 2380})
	r := c.refund(s.ID, 1, 1)
	before := c.drawer()
	if f, err := c.fix(r.ID, pos.Card, pos.Cash, 0); err != nil || f.Amount != -1190 {
		t.Fatalf("correction %+v, %v", f, err)
	}
	if got := c.drawer(); got != before-1190 {
		t.Errorf("the drawer should hold %v, want %v", got, before-1190)
	}
	if m := c.means(); m[pos.Card] != 2380 || m[pos.Cash] != -1190 {
		t.Errorf("the day by means %v", m)
	}
	c.verify()
}

// TestAManagerAllowsWhatIsLargeOrLate also holds that the correction counts today, whenever the sale was.
func TestAManagerAllowsWhatIsLargeOrLate(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	large := c.paid([]pos.LineRequest{line("plat", 5)}, pos.Tender{Means: pos.Card, Amount: 5950})
	_, err := c.fix(large.ID, pos.Card, pos.Cash, 5001)
	if e := refused(t, err, "fix.approval"); e.Args["max"] != money.Cents(5000) {
		t.Errorf("max %v", e.Args["max"])
	}
	small := c.paid([]pos.LineRequest{line("cafe", 1)}, pos.Tender{Means: pos.Cash, Amount: 220})
	c.clock.Advance(24 * time.Hour)
	_, err = c.fix(small.ID, pos.Cash, pos.Card, 0)
	refused(t, err, "fix.approval")
	request := pos.FixRequest{From: pos.Cash, To: pos.Card, Reason: "mauvaise touche", Approval: &pos.Approval{Operator: "Marie", PIN: "0000"}}
	_, err = c.FixPayment(ctx(), c.by(), small.ID, request)
	refused(t, err, "approval.wrong")
	c.clock.Advance(time.Minute)
	request.Approval.PIN = managerPIN
	f, err := c.FixPayment(ctx(), c.by(), small.ID, request)
	if err != nil || f.Auth != c.manager.Code || f.Operator != "AWA" || f.Day == "" {
		t.Fatalf("correction %+v, %v", f, err)
	}
	if m := c.means(); m[pos.Card] != 220 || m[pos.Cash] != -220 {
		t.Errorf("today by means %v", m)
	}
	if _, err := c.FixPayment(ctx(), c.byManager(), large.ID, pos.FixRequest{From: pos.Card, To: pos.Cheque, Reason: "chèque"}); err != nil {
		t.Errorf("a manager needs nobody: %v", err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), small.Number)
	if err != nil || e.Day == f.Day {
		t.Errorf("the correction is dated %s, as the sale is: %v", f.Day, err)
	}
	c.verify()
}

// TestALargeCorrectionInSlicesIsALargeOne: cash of a large sale is not turned into a card's, and pocketed, slice by slice.
func TestALargeCorrectionInSlicesIsALargeOne(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.paid([]pos.LineRequest{line("plat", 5)}, pos.Tender{Means: pos.Cash, Amount: 5950, Given: 6000})
	if _, err := c.fix(s.ID, pos.Cash, pos.Card, 4000); err != nil {
		t.Fatal(err)
	}
	_, err := c.fix(s.ID, pos.Cash, pos.Cheque, 1001)
	refused(t, err, "fix.approval")
	if _, err := c.fix(s.ID, pos.Cash, pos.Card, 1000); err != nil {
		t.Errorf("within what a barista may: %v", err)
	}
	c.verify()
}

func TestACorrectionIsRefusedForWhatItIsNot(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.paid([]pos.LineRequest{line("cafe", 1)}, pos.Tender{Means: pos.Card, Amount: 220})
	for _, r := range []struct {
		from, to pos.Means
		amount   money.Cents
		code     string
	}{
		{pos.Card, pos.Card, 220, "fix.invalid"}, {"gold", pos.Card, 220, "tenders.means"}, {pos.Card, "gold", 220, "tenders.means"}, {pos.Card, "", 220, "fix.invalid"},
		{pos.Card, pos.Cash, 221, "fix.beyond"}, {pos.Card, pos.Cash, -1, "fix.beyond"}, {pos.Cash, pos.Card, 0, "fix.beyond"},
	} {
		_, err := c.fix(s.ID, r.from, r.to, r.amount)
		refused(t, err, r.code)
	}
	_, err := c.FixPayment(ctx(), c.by(), s.ID, pos.FixRequest{From: pos.Card, To: pos.Cash})
	refused(t, err, "reason.missing")
	_, err = c.fix("none", pos.Card, pos.Cash, 0)
	refused(t, err, "sale.unknown")
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = c.fix(s.ID, pos.Card, pos.Cash, 0)
	refused(t, err, "shift.none")
	if _, err := c.fix(s.ID, pos.Card, pos.Transfer, 0); err != nil {
		t.Errorf("what moves no cash needs no drawer: %v", err)
	}
}
