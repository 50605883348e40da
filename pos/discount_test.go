package pos_test

import (
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

func percent(n int, reason string) pos.DiscountRequest {
	return pos.DiscountRequest{Percent: n, Reason: reason}
}

// discount gives a line a discount as the manager; line 0 is the whole ticket.
func (c *cafe) discount(ticket string, line int, r pos.DiscountRequest) pos.Ticket {
	c.tb.Helper()
	tk, err := c.DiscountLine(ctx(), c.byManager(), ticket, line, r)
	if err != nil {
		c.tb.Fatalf("discount: %v", err)
	}
	return tk
}

// settle pays what is left of a ticket by card.
func (c *cafe) settle(tk pos.Ticket) pos.SaleResult {
	c.tb.Helper()
	var tenders []pos.Tender
	if tk.Rest > 0 {
		tenders = []pos.Tender{{Means: pos.Card, Amount: tk.Rest}}
	}
	r, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{ExpectedTotal: &tk.Total, Tenders: tenders})
	if err != nil {
		c.tb.Fatalf("checkout: %v", err)
	}
	return r
}

// body is the entry of a document as it was journaled.
func (c *cafe) body(number string) (b journal.TicketBody) {
	c.tb.Helper()
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), number)
	if err == nil {
		err = e.Decode(&b)
	}
	if err != nil {
		c.tb.Fatalf("%s: %v", number, err)
	}
	return b
}

// technical counts the technical events of a code, and returns the data of the newest.
func (c *cafe) technical(code journal.Code) (n int, newest map[string]any) {
	c.tb.Helper()
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 10_000)
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, e := range entries {
		var b journal.EventBody
		if e.Kind != journal.KindEvent {
			continue
		}
		if err := e.Decode(&b); err != nil {
			c.tb.Fatal(err)
		}
		if b.Code == code {
			n, newest = n+1, b.Data
		}
	}
	return n, newest
}

// TestADiscountedMenuIsRefundedInPiecesToTheCentR44R41: three menus of 14.00 (10.50 at 10 %, 3.50 at 20 %), 15 % off.
//
// Gross 42.00, discount 6.30: 4.725 and 1.575 are shared as 4.73 and 1.57, the first winning the tie. What is paid is
// 26.77 at 10 % (HT 24.34, VAT 2.43) and 8.93 at 20 % (HT 7.44, VAT 1.49), 35.70 in all. Refunded one by one, the
// discounts given up are 1.58, 1.57, 1.58 and 0.52, 0.53, 0.52: 11.90 each time.
func TestADiscountedMenuIsRefundedInPiecesToTheCentR44R41(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("formule", 3)).ID, 1, percent(15, pos.ReasonQuality))
	if l := tk.Lines[0]; tk.Total != 3570 || l.Discount != 630 || l.Total != 3570 || l.UnitPrice != 1400 || l.DiscountPercent != 15 || l.DiscountReason != pos.ReasonQuality {
		t.Fatalf("%+v", tk)
	}
	sale := c.settle(tk)
	b := c.body(sale.Number)
	for i, want := range []struct{ disc, ttc, ht money.Cents }{{473, 2677, 2434}, {157, 893, 744}} {
		if l := b.Lines[i]; l.Disc != want.disc || l.TTC != want.ttc || l.HT != want.ht || l.Reason != pos.ReasonQuality {
			t.Errorf("line %d: %+v, want %+v", i+1, l, want)
		}
	}
	for i, want := range [][2]money.Cents{{-158, -52}, {-157, -53}, {-158, -52}} {
		back := c.refund(sale.ID, 1, 1)
		b := c.body(back.Number)
		if back.Total != -1190 || b.Lines[0].Disc != want[0] || b.Lines[1].Disc != want[1] {
			t.Errorf("piece %d: %d, discounts %d and %d, want −1190 and %v", i+1, back.Total, b.Lines[0].Disc, b.Lines[1].Disc, want)
		}
	}
	var left int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM (SELECT bp FROM sale_taxes GROUP BY bp HAVING sum(ht) <> 0 OR sum(vat) <> 0 OR sum(ttc) <> 0)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rates are not back at zero, %v", left, err)
	}
	_, err := c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "encore"})
	refused(t, err, "refund.beyond")
	c.verify()
}

// TestADiscountFollowsTheQuantity: the rule is kept, not its cents. 30 % of 2.20 is 0.66, of 6.60 1.98; 0.25 off each
// of three is 0.75.
func TestADiscountFollowsTheQuantity(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("cafe", 1)).ID, 1, percent(30, pos.ReasonPromo))
	if tk.Total != 154 {
		t.Errorf("one: %d", tk.Total)
	}
	three := 3
	tk, err := c.ChangeLine(ctx(), c.byManager(), tk.ID, 1, pos.LineChange{Qty: &three})
	if err != nil || tk.Total != 462 || tk.Lines[0].Discount != 198 {
		t.Errorf("three: %+v, %v", tk, err)
	}
	tk = c.discount(tk.ID, 1, pos.DiscountRequest{Amount: 25, Reason: pos.ReasonPromo})
	if tk.Total != 585 || tk.Lines[0].DiscountPercent != 0 {
		t.Errorf("0.25 off each: %+v", tk)
	}
	tk, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: new(2)})
	if err != nil || tk.Total != 195 {
		t.Errorf("one left: %+v, %v", tk, err)
	}
	if tk = c.discount(tk.ID, 1, pos.DiscountRequest{}); tk.Total != 220 || tk.Lines[0].DiscountReason != "" {
		t.Errorf("taken off: %+v", tk)
	}
}

func TestADiscountedLineStaysApartFromTheNextTap(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("cafe", 1)).ID, 1, percent(100, pos.ReasonCommercial))
	tk, err := c.AddLine(ctx(), c.by(), tk.ID, line("cafe", 1))
	if err != nil || len(tk.Lines) != 2 || tk.Total != 220 {
		t.Errorf("%+v, %v", tk, err)
	}
}

// TestWhatIsOfferedIsATicketOfNothing: a T document without any tender, and no stamp (case 13).
func TestWhatIsOfferedIsATicketOfNothing(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	tk := c.ticket(line("plat", 1), line("cafe", 2))
	if _, err := c.AttachCard(ctx(), c.by(), tk.ID, card); err != nil {
		t.Fatal(err)
	}
	tk = c.discount(tk.ID, 0, percent(100, pos.ReasonCommercial))
	if tk.Total != 0 || tk.MealUnits != 0 || tk.VoucherMax != 0 {
		t.Errorf("%+v", tk)
	}
	sale := c.settle(tk)
	b := c.body(sale.Number)
	if sale.Total != 0 || sale.Stamps != 0 || len(b.Pay) != 0 || b.Total.TTC != 0 || b.Total.VAT != 0 || b.Lines[0].Disc != 1190 || b.Lines[1].Disc != 440 {
		t.Errorf("%+v\n%+v", sale, b)
	}
	if back := c.refund(sale.ID, 1, 1); back.Total != 0 || back.StampsReversed != 0 {
		t.Errorf("refund of what was offered: %+v", back)
	}
	c.verify()
}

// TestDiscountedMealsAndStampsCase13: paid at a discount is paid; offered, or a meal of the staff, is not.
func TestDiscountedMealsAndStampsCase13(t *testing.T) {
	c := openCafe(t)
	for _, x := range []struct {
		r      pos.DiscountRequest
		stamps int
	}{
		{percent(20, pos.ReasonQuality), 2},
		{percent(99, pos.ReasonCommercial), 2},
		{percent(100, pos.ReasonCommercial), 0},
		{percent(50, pos.ReasonStaffMeal), 0},
		{pos.DiscountRequest{Amount: 1190, Reason: pos.ReasonQuality}, 0},
		{pos.DiscountRequest{Amount: 1189, Reason: pos.ReasonQuality}, 2},
	} {
		tk := c.ticket(line("plat", 2))
		if _, err := c.AttachCard(ctx(), c.by(), tk.ID, c.newCard()); err != nil {
			t.Fatal(err)
		}
		tk = c.discount(tk.ID, 1, x.r)
		if sale := c.settle(tk); sale.Stamps != x.stamps || tk.MealUnits != x.stamps {
			t.Errorf("%+v: %d stamps, said %d, want %d", x.r, sale.Stamps, tk.MealUnits, x.stamps)
		}
	}
}

// TestVouchersPayWhatIsLeftOfTheFood: half off a meal of 11.90 leaves 5.95 for them (I11, fiscal U8).
func TestVouchersPayWhatIsLeftOfTheFood(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("plat", 1), line("biere", 1)).ID, 1, percent(50, pos.ReasonQuality))
	if tk.VoucherMax != 595 || tk.Total != 1045 {
		t.Fatalf("%+v", tk)
	}
	pay := func(voucher money.Cents) error {
		_, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{
			{Means: pos.MealVoucher, Amount: voucher}, {Means: pos.Card, Amount: tk.Total - voucher}}})
		return err
	}
	refused(t, pay(596), "voucher.food")
	if err := pay(595); err != nil {
		t.Error(err)
	}
}

func TestBadDiscountsAreRefused(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1), gift("cafe", 1), pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption})
	for name, x := range map[string]struct {
		line int
		r    pos.DiscountRequest
		code string
	}{
		"101 %":                    {1, percent(101, pos.ReasonPromo), "discount.invalid"},
		"below 0":                  {1, percent(-1, pos.ReasonPromo), "discount.invalid"},
		"both":                     {1, pos.DiscountRequest{Percent: 10, Amount: 10, Reason: pos.ReasonPromo}, "discount.invalid"},
		"more than its price":      {1, pos.DiscountRequest{Amount: 221, Reason: pos.ReasonPromo}, "discount.invalid"},
		"a negative amount":        {1, pos.DiscountRequest{Amount: -1, Reason: pos.ReasonPromo}, "discount.invalid"},
		"no reason":                {1, percent(10, ""), "discount.invalid"},
		"a reason of the shelf":    {1, percent(10, "susp_meal"), "discount.invalid"},
		"an amount of the ticket":  {0, pos.DiscountRequest{Amount: 10, Reason: pos.ReasonPromo}, "discount.invalid"},
		"a gift":                   {2, percent(10, pos.ReasonPromo), "discount.kind"},
		"what the shelf gives":     {3, percent(10, pos.ReasonPromo), "discount.kind"},
		"a line that is not there": {9, percent(10, pos.ReasonPromo), "line.unknown"},
	} {
		_, err := c.DiscountLine(ctx(), c.byManager(), tk.ID, x.line, x.r)
		if fault.CodeOf(err) != x.code {
			t.Errorf("%s: got %v, want %s", name, err, x.code)
		}
	}
	if whole := c.discount(tk.ID, 0, percent(50, pos.ReasonPromo)); whole.Total != 110+180 {
		t.Errorf("the gift has another price: %+v", whole)
	}
	_, err := c.DiscountLine(ctx(), c.by(), c.ticket().ID, 0, percent(10, pos.ReasonPromo))
	refused(t, err, "ticket.empty")
}

// TestABaristaAloneTakesOffWhatTheCafeAllowsR44: 5.00 of a ticket by default, in all; more needs a manager.
func TestABaristaAloneTakesOffWhatTheCafeAllowsR44(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 1), line("cafe", 3), line("biere", 1))
	alone := func(line int, r pos.DiscountRequest) error {
		_, err := c.DiscountLine(ctx(), c.by(), tk.ID, line, r)
		return err
	}
	if err := alone(1, pos.DiscountRequest{Amount: 500, Reason: pos.ReasonQuality}); err != nil {
		t.Fatalf("5.00: %v", err)
	}
	if e := refused(t, alone(3, percent(1, pos.ReasonQuality)), "discount.approval"); e.Args["max"] != money.Cents(500) || e.Kind != fault.Denied {
		t.Errorf("%+v", e)
	}
	refused(t, alone(0, percent(90, pos.ReasonPromo)), "discount.approval")
	if err := alone(1, percent(10, pos.ReasonQuality)); err != nil { // less than before
		t.Fatalf("1.19 instead: %v", err)
	}
	if err := alone(2, percent(50, pos.ReasonPromo)); err != nil { // 3.30 of 6.60: 4.49 in all
		t.Fatalf("4.49: %v", err)
	}
	_, err := c.ChangeLine(ctx(), c.by(), tk.ID, 2, pos.LineChange{Qty: new(4)}) // 4.40: 5.59 in all
	refused(t, err, "discount.approval")
	if _, err := c.ChangeLine(ctx(), c.byManager(), tk.ID, 2, pos.LineChange{Qty: new(4)}); err != nil {
		t.Errorf("the manager: %v", err)
	}
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 2, pos.LineChange{Qty: new(3)}); err != nil {
		t.Errorf("less of it: %v", err)
	}
	chosen := pos.DefaultSettings()
	chosen.DiscountAlone = 0
	if _, err := c.SaveSettings(ctx(), c.byManager(), chosen); err != nil {
		t.Fatal(err)
	}
	refused(t, alone(3, percent(1, pos.ReasonQuality)), "discount.approval")
}

// TestAManagersPINApprovesOneDiscount: it is journaled who did, good for what was approved and no more, and a wrong PIN
// is recorded and delayed as at the door.
func TestAManagersPINApprovesOneDiscount(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 1), line("cafe", 1))
	ask := func(by pos.By, operator, pin string) (pos.Ticket, error) {
		r := percent(100, pos.ReasonCommercial)
		r.Approval = &pos.Approval{Operator: operator, PIN: pin}
		return c.DiscountLine(ctx(), by, tk.ID, 1, r)
	}
	fails, _ := c.technical(journal.EventLoginFail)
	_, err := ask(c.by(), "Marie", "0000")
	if e := refused(t, err, "approval.wrong"); e.Kind != fault.Denied {
		t.Errorf("kind %s", e.Kind)
	}
	if n, _ := c.technical(journal.EventLoginFail); n != fails+1 {
		t.Errorf("%d failures recorded, want one more than %d", n, fails)
	}
	_, err = ask(c.by(), "Marie", managerPIN)
	refused(t, err, "pin.wait")
	c.clock.Advance(time.Minute)
	_, err = ask(c.by(), c.barista.ID, "1111") // right, and no manager
	refused(t, err, "approval.wrong")
	by := c.by()
	got, err := ask(by, "Marie", managerPIN)
	if err != nil || got.Total != 220 {
		t.Fatalf("%+v, %v", got, err)
	}
	n, facts := c.technical(journal.EventRoleOverride)
	if n != 1 || facts["by"] != c.manager.Code || facts["right"] != "discount" || facts["amount"] != float64(1190) {
		t.Errorf("%d overrides, %v", n, facts)
	}
	if again, err := ask(by, "Marie", "7777"); err != nil || again.Version != got.Version {
		t.Errorf("asked again: %+v, %v; nothing of a PIN is kept, so another one is the same command", again, err)
	}
	_, err = c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: new(2)})
	refused(t, err, "discount.approval")
	sale := c.settle(got)
	if b := c.body(sale.Number); b.Auth != c.manager.Code {
		t.Errorf("authorised by %q", b.Auth)
	}
	c.verify()
}

// TestDiscountsAreReportedByReasonAndOperatorR44 adds up 2.38 off two meals for their quality, one of them refunded,
// and two coffees offered.
func TestDiscountsAreReportedByReasonAndOperatorR44(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("plat", 2), line("cafe", 2)).ID, 1, percent(10, pos.ReasonQuality))
	sale := c.settle(c.discount(tk.ID, 2, percent(100, pos.ReasonCommercial)))
	c.refund(sale.ID, 1, 1)
	r, err := c.Day(ctx(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []pos.DiscountTotal{
		{Reason: pos.ReasonCommercial, Operator: c.barista.Code, OfferedQty: 2, Offered: 440},
		{Reason: pos.ReasonQuality, Operator: c.barista.Code, Qty: 1, Amount: 119},
	}
	if len(r.Discounts) != 2 || r.Discounts[0] != want[0] || r.Discounts[1] != want[1] {
		t.Errorf("got %+v, want %+v", r.Discounts, want)
	}
	s, err := c.Sale(ctx(), sale.ID)
	if err != nil || s.Lines[0].Discount != 238 || s.Lines[0].DiscountReason != pos.ReasonQuality {
		t.Errorf("%+v, %v", s.Lines, err)
	}
}
