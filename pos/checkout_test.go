package pos_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestASaleAddsUpToTheCent(t *testing.T) {
	c := openCafe(t)
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.Takeaway, Lines: []pos.LineRequest{line("cafe", 2), line("eau", 1), line("biere", 1)},
		Tenders: []pos.Tender{{Means: pos.Cash, Amount: 1090, Given: 2000}}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Total != 1090 || r.Change != 910 || r.Number != "T26-000001" {
		t.Errorf("total %d, change %d, number %s", r.Total, r.Change, r.Number)
	}
	s, err := c.Sale(ctx(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []pos.Tax{{VATBP: 550, HT: 190, VAT: 10, TTC: 200}, {VATBP: 1000, HT: 400, VAT: 40, TTC: 440}, {VATBP: 2000, HT: 375, VAT: 75, TTC: 450}}
	if diff := cmp.Diff(want, s.Taxes); diff != "" {
		t.Error(diff)
	}
	c.verify()
}

// TestTicketTaxR84 is the worked ticket of fiscal R84: 5.00 at 10 %, 4.50 at 20 %, 2.00 at 5.5 %.
func TestTicketTaxR84(t *testing.T) {
	c := openCafe(t)
	for _, p := range []pos.Product{
		{Name: "Cinq", Category: "R84", Price: 500, VATEatIn: 1000, VATTakeaway: 1000, Available: true},
		{Name: "Quatre cinquante", Category: "R84", Price: 450, VATEatIn: 2000, VATTakeaway: 2000, Available: true},
		{Name: "Deux", Category: "R84", Price: 200, VATEatIn: 550, VATTakeaway: 550, Available: true},
	} {
		if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Sale(ctx(), c.sell("", line("cinq", 1), line("quatre-cinquante", 1), line("deux", 1)).ID)
	if err != nil {
		t.Fatal(err)
	}
	var ht, vat money.Cents
	for _, x := range s.Taxes {
		ht, vat = ht+x.HT, vat+x.VAT
	}
	if ht != 1020 || vat != 130 || s.Total != 1150 {
		t.Errorf("HT %d VAT %d total %d, want 1020 130 1150", ht, vat, s.Total)
	}
}

// TestMixedMenuR86 is the worked menu of fiscal R86: 14.00 of a dish of 12.00 at 10 % and a glass of 4.00 at 20 %.
func TestMixedMenuR86(t *testing.T) {
	c := openCafe(t)
	r := c.sell("", line("formule", 1))
	s, err := c.Sale(ctx(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []pos.Tax{{VATBP: 1000, HT: 955, VAT: 95, TTC: 1050}, {VATBP: 2000, HT: 292, VAT: 58, TTC: 350}}
	if diff := cmp.Diff(want, s.Taxes); diff != "" {
		t.Error(diff)
	}
	c.refund(r.ID, s.Lines[0].ID, 1)
	day, err := c.Day(ctx(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range day.VAT {
		if x.HT != 0 || x.VAT != 0 {
			t.Errorf("after the refund the day still has %+v", x)
		}
	}
	c.verify()
}

func TestPricedOptionsAreLinesOfTheJournal(t *testing.T) {
	c := openCafe(t)
	r := c.sell("", pos.LineRequest{Product: "creme", Qty: 2, Options: []string{"lait/avoine"}})
	if r.Total != 700 {
		t.Fatalf("total %d, want 700", r.Total)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), r.Number)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.TicketBody
	if err := e.Decode(&b); err != nil {
		t.Fatal(err)
	}
	if len(b.Lines) != 2 || b.Lines[1].Parent != b.Lines[0].N || b.Lines[1].TTC != 100 || b.Lines[0].TTC != 600 {
		t.Errorf("lines %+v", b.Lines)
	}
}

func TestRequiredOptionsAreAsked(t *testing.T) {
	c := openCafe(t)
	_, err := c.trySell("", line("creme", 1))
	if e := refused(t, err, "line.invalid"); e.Fields[0].Name != "lines[0].options" {
		t.Errorf("fields %v", e.Fields)
	}
	_, err = c.trySell("", pos.LineRequest{Product: "creme", Qty: 1, Options: []string{"lait/soja"}})
	refused(t, err, "line.invalid")
	_, err = c.trySell("", pos.LineRequest{Product: "creme", Qty: 1, Options: []string{"lait/vache", "lait/avoine"}})
	refused(t, err, "line.invalid")
}

func TestTenderRefusals(t *testing.T) {
	c := openCafe(t)
	for name, x := range map[string]struct {
		lines   []pos.LineRequest
		tenders []pos.Tender
		code    string
	}{
		"short":                 {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: pos.Cash, Amount: 200}}, "tenders.sum"},
		"over":                  {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: pos.Card, Amount: 300}}, "tenders.sum"},
		"none":                  {[]pos.LineRequest{line("cafe", 1)}, nil, "tenders.sum"},
		"unknown means":         {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: "iou", Amount: 220}}, "tenders.means"},
		"negative":              {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: pos.Card, Amount: 320}, {Means: pos.Cash, Amount: -100}}, "tenders.amount"},
		"given short":           {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: pos.Cash, Amount: 220, Given: 200}}, "tenders.given"},
		"change on a card":      {[]pos.LineRequest{line("cafe", 1)}, []pos.Tender{{Means: pos.Card, Amount: 220, Given: 500}}, "tenders.change"},
		"change on a voucher":   {[]pos.LineRequest{line("plat", 1)}, []pos.Tender{{Means: pos.MealVoucher, Amount: 1190, Given: 1200}}, "tenders.change"},
		"voucher pays a gift":   {[]pos.LineRequest{gift("plat", 1)}, []pos.Tender{{Means: pos.MealVoucher, Amount: 600}}, "voucher.food"},
		"voucher pays a beer":   {[]pos.LineRequest{line("biere", 1)}, []pos.Tender{{Means: pos.MealVoucher, Amount: 450}}, "voucher.food"},
		"voucher over the food": {[]pos.LineRequest{line("plat", 1), line("biere", 1)}, []pos.Tender{{Means: pos.MealVoucher, Amount: 1640}}, "voucher.food"},
		"six tenders":           {[]pos.LineRequest{line("cafe", 1)}, make([]pos.Tender, 6), "tenders.many"},
		"nothing ordered":       {nil, nil, "ticket.empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: x.lines, Tenders: x.tenders})
			refused(t, err, x.code)
		})
	}
	day, err := c.Day(ctx(), "")
	if err != nil || day.Sales != 0 || day.Total != 0 {
		t.Errorf("something of a refused sale remains: %+v, %v", day, err)
	}
}

func TestVoucherAndCashSplitWithAWarningOver25Euros(t *testing.T) {
	c := openCafe(t)
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("plat", 3), gift("cafe", 1)},
		Tenders: []pos.Tender{{Means: pos.MealVoucher, Amount: 3000}, {Means: pos.Cash, Amount: 750, Given: 1000}}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Change != 250 || !cmp.Equal(r.Warnings, []string{pos.WarnVoucherDaily}) {
		t.Errorf("change %d, warnings %v", r.Change, r.Warnings)
	}
}

func TestNoSaleWithoutAShift(t *testing.T) {
	c := foundCafe(t)
	_, err := c.trySell("", line("cafe", 1))
	refused(t, err, "shift.none")
}

func TestTheSameCommandIsCarriedOutOnce(t *testing.T) {
	c := openCafe(t)
	by := c.by()
	request := pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: 220}}}
	first, err := c.Sell(ctx(), by, request)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Sell(ctx(), by, request)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the replay differs: %s", diff)
	}
	by.Command.Hash[0]++
	_, err = c.Sell(ctx(), by, request)
	refused(t, err, "command.reused")
	if day, err := c.Day(ctx(), ""); err != nil || day.Sales != 1 {
		t.Errorf("%d sales, %v", day.Sales, err)
	}
}

func TestAStaleTicketIsRefusedWithItsNewTotal(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	seen := tk.Total
	if _, err := c.AddLine(ctx(), c.by(), tk.ID, line("eau", 1)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{ExpectedTotal: &seen, Tenders: []pos.Tender{{Means: pos.Card, Amount: seen}}})
	if e := refused(t, err, "ticket.stale"); e.Args["total"] != money.Cents(420) {
		t.Errorf("args %v", e.Args)
	}
	_, err = c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Version: &tk.Version, Tenders: []pos.Tender{{Means: pos.Card, Amount: 420}}})
	refused(t, err, "ticket.stale")
}

func TestATicketIsPaidOnce(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	pay := pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 220}}}
	if _, err := c.Checkout(ctx(), c.by(), tk.ID, pay); err != nil {
		t.Fatal(err)
	}
	_, err := c.Checkout(ctx(), c.by(), tk.ID, pay)
	refused(t, err, "ticket.closed")
	_, err = c.AddLine(ctx(), c.by(), tk.ID, line("cafe", 1))
	refused(t, err, "ticket.closed")
}

func TestAPriceChangeDoesNotTouchAnOpenTicket(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	p := menu()[0]
	p.ID, p.Price = "cafe", 999
	if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
		t.Fatal(err)
	}
	r, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 220}}})
	if err != nil || r.Total != 220 {
		t.Errorf("total %d, %v; want the 220 that was shown", r.Total, err)
	}
	if again := c.ticket(line("cafe", 1)); again.Total != 999 {
		t.Errorf("a new ticket costs %d, want 999", again.Total)
	}
}

func TestAClockThatGoesBackSellsAndIsRecorded(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.clock.Advance(-time.Hour)
	c.sell("", line("cafe", 1))
	c.sell("", line("cafe", 1))
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	anomalies := 0
	for _, e := range entries {
		var b journal.EventBody
		if e.Kind == journal.KindEvent && e.Decode(&b) == nil && b.Code == journal.EventClockAnomaly {
			anomalies++
		}
	}
	if anomalies != 1 {
		t.Errorf("%d clock anomalies in the journal, want 1", anomalies)
	}
	c.verify()
}

// ticket opens a ticket with lines.
func (c *cafe) ticket(lines ...pos.LineRequest) pos.Ticket {
	c.tb.Helper()
	tk, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{})
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, l := range lines {
		if tk, err = c.AddLine(ctx(), c.by(), tk.ID, l); err != nil {
			c.tb.Fatal(err)
		}
	}
	return tk
}

// TestAnAlteredReplayIsRecordedR32: the same command id with another amount is refused and leaves an event.
func TestAnAlteredReplayIsRecordedR32(t *testing.T) {
	c := openCafe(t)
	by := c.by()
	pay := func(amount money.Cents) error {
		_, err := c.Sell(ctx(), by, pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: amount}}})
		return err
	}
	if err := pay(220); err != nil {
		t.Fatal(err)
	}
	by.Command.Hash[0]++
	refused(t, pay(100), "command.reused")
	seq, _ := c.Journal().Head()
	e, err := journal.At(ctx(), c.DB().Reader(), seq)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.EventBody
	if err := e.Decode(&b); err != nil || b.Code != journal.EventInputRejected {
		t.Errorf("the newest entry is %+v, %v", b, err)
	}
}

func TestStartAndStopAreJournaledR63(t *testing.T) {
	c := openCafe(t)
	if err := c.Started(ctx(), "00ff"); err != nil {
		t.Fatal(err)
	}
	if err := c.Stopping(ctx()); err != nil {
		t.Fatal(err)
	}
	c.verify()
}
