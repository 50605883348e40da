package pos_test

import (
	"strings"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// heldFor is what a fund holds for an association.
func (c *cafe) heldFor(name suspended.FundName, partner string) money.Cents {
	c.tb.Helper()
	balance, err := suspended.FundBalance(ctx(), c.DB().Reader(), name, partner)
	if err != nil {
		c.tb.Fatal(err)
	}
	return balance
}

func TestCase70ARoundUpForAnAssociationIsNoTurnoverAndNeverAnItem(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	tk := c.roundUp(c.ordered(line("plat", 1)), p.ID, 810)
	if tk.Total != 2000 || tk.Rest != 2000 || tk.VoucherMax != 1190 || len(tk.Lines) != 1 || tk.RoundUps[0].Name != "Les Tables" {
		t.Fatalf("ticket %+v", tk)
	}
	r := c.settled(tk, pos.Cash)
	if r.Total != 2000 || r.Outside != 810 || r.Minted != 0 || c.waiting("meal") != 0 {
		t.Errorf("result %+v, %d wait", r, c.waiting("meal"))
	}
	s, err := c.Sale(ctx(), r.ID)
	if err != nil || s.Total != 1190 || s.Outside != 810 || s.Taxes[0].TTC != 1190 || s.Tenders[0].Amount != 2000 {
		t.Errorf("sale %+v, %v", s, err)
	}
	if c.heldFor(suspended.PassThrough, p.ID) != 810 || c.fund() != 0 {
		t.Errorf("held %d, the fund %d", c.heldFor(suspended.PassThrough, p.ID), c.fund())
	}
	report, err := c.Day(ctx(), "")
	if err != nil || report.Total != 1190 || report.Tenders[0].Amount != 2000 {
		t.Errorf("report: total %d, tenders %+v, %v", report.Total, report.Tenders, err)
	}
	d, err := c.Document(ctx(), r.Number)
	if err != nil || len(d.Others) != 1 || d.Others[0].Label != "Reversé à Les Tables" || d.Others[0].Amount != 810 || d.Total.TTC != 1190 {
		t.Errorf("receipt %+v, %v", d, err)
	}
	if shift, err := c.CurrentShift(ctx()); err != nil || shift.Expected != 12000 {
		t.Errorf("drawer %+v, %v", shift, err)
	}
	name := "Les Grandes Tables" // the receipt keeps the name of the day
	if _, err := c.ChangePartner(ctx(), c.byManager(), p.ID, pos.PartnerForm{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if d, err = c.Document(ctx(), r.Number); err != nil || d.Others[0].Label != "Reversé à Les Tables" {
		t.Errorf("receipt %+v, %v", d.Others, err)
	}
	c.verify()
}

func TestMoneyForAnAssociationIsPaidInPartsSplitJoinedAndNeverByVoucher(t *testing.T) {
	c := openCafe(t)
	p, other := c.partner("Les Tables"), c.partner("Le Toit")
	tk := c.roundUp(c.ordered(line("plat", 2)), p.ID, 100)
	tk = c.roundUp(tk, other.ID, 50)
	split, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: tk.Lines[0].ID, Qty: 1}})
	if err != nil || split.Ticket.Total != 1190 || split.Rest.Total != 1340 {
		t.Fatalf("split %+v, %v", split, err)
	}
	if tk, err = c.JoinTickets(ctx(), c.by(), tk.ID, split.Ticket.ID); err != nil || tk.Total != 2530 || len(tk.RoundUps) != 2 {
		t.Fatalf("joined %+v, %v", tk, err)
	}
	part, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.MealVoucher, Amount: 2380})
	if err != nil || part.Ticket.Rest != 150 {
		t.Fatalf("part %+v, %v", part, err)
	}
	_, err = c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.MealVoucher, Amount: 150})
	refused(t, err, "voucher.food")
	_, err = c.RoundUp(ctx(), c.by(), tk.ID, pos.RoundUpRequest{To: p.ID, Amount: 10})
	refused(t, err, "reason.missing") // the order was put aside by its first part
	part, err = c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 150, Given: 200})
	if err != nil || part.Sale == nil || part.Sale.Outside != 150 || part.Change != 50 {
		t.Fatalf("last part %+v, %v", part, err)
	}
	if c.heldFor(suspended.PassThrough, p.ID) != 100 || c.heldFor(suspended.PassThrough, other.ID) != 50 {
		t.Errorf("held %d and %d", c.heldFor(suspended.PassThrough, p.ID), c.heldFor(suspended.PassThrough, other.ID))
	}
	d, err := c.Document(ctx(), part.Sale.Number)
	if err != nil || len(d.Others) != 2 || d.Others[1].Label != "Reversé à Le Toit" {
		t.Errorf("receipt %+v, %v", d.Others, err)
	}
	alone := c.roundUp(c.ordered(pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption}), p.ID, 100)
	_, err = c.Checkout(ctx(), c.by(), alone.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Cash, Amount: 100}}})
	refused(t, err, "round_up.alone")
	c.verify()
}

func TestI12WhatIsGivenForAnAssociationIsRemittedOrHeld(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	r := c.settled(c.roundUp(c.ordered(line("eau", 1)), p.ID, 300), pos.Card)
	c.settled(c.roundUp(c.ordered(line("eau", 1)), p.ID, 200), pos.Card)
	back, err := c.Refund(ctx(), c.byManager(), r.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur", RoundUps: true})
	if err != nil || back.Total != -500 || back.Outside != -300 || c.heldFor(suspended.PassThrough, p.ID) != 200 {
		t.Fatalf("refund %+v, %v; held %d", back, err, c.heldFor(suspended.PassThrough, p.ID))
	}
	for _, bad := range []pos.RemitRequest{{To: p.ID, Means: pos.Card}, {To: p.ID, Means: pos.Cash, From: "drawer"}, {To: p.ID, Means: pos.Cash, Amount: -1}, {To: p.ID, Means: pos.Transfer, From: pos.FromPledge}} {
		_, err := c.Remit(ctx(), c.byManager(), bad)
		refused(t, err, "remittance.invalid")
	}
	_, err = c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, Means: pos.Cash, Amount: 201})
	if e := refused(t, err, "fund.spent"); e.Args["left"] != money.Cents(200) {
		t.Errorf("refusal %+v", e)
	}
	_, err = c.Remit(ctx(), c.by(), pos.RemitRequest{To: p.ID, Means: pos.Cash})
	refused(t, err, "right.missing")
	c.clock.Advance(day)
	first, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, Means: pos.Cash, Amount: 150})
	if err != nil || first.N != 1 || first.From != "2026-11-21" || first.Day != "2026-11-22" || first.Name != "Les Tables" {
		t.Fatalf("remittance %+v, %v", first, err)
	}
	if shift, err := c.CurrentShift(ctx()); err != nil || shift.Expected != 10000-150 {
		t.Errorf("drawer %+v, %v", shift, err)
	}
	second, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, Means: pos.Transfer})
	if err != nil || second.Cents != 50 || c.heldFor(suspended.PassThrough, p.ID) != 0 {
		t.Fatalf("remittance %+v, %v", second, err)
	}
	st, err := c.RemittanceStatement(ctx(), 2)
	if err != nil || len(st.Entries) != 5 || st.Entries[4].Balance != 0 {
		t.Errorf("statement %+v, %v", st, err)
	}
	_, err = c.RemittanceStatement(ctx(), 3)
	refused(t, err, "remittance.unknown")
	c.verify()
}

func TestCase74WhenTheCafeClosesForGoodTheRestOfItsFundGoesToAPartner(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 1350), pos.Card) // two meals, 1.50 left
	c.payLot(c.proposed(3, 0))
	c.sell("", gift("plat", 1))
	a := c.allot(p, "meal", 6)
	c.collect(a, 6)
	if _, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, From: pos.FromOwn, Means: pos.Transfer}); err != nil {
		t.Fatal(err)
	}
	if c.waiting("meal") != 0 || c.fund() != 0 {
		t.Errorf("%d meals wait, the fund holds %d", c.waiting("meal"), c.fund())
	}
	c.verify()
}

func TestThePledgeIsOwedOnceAClosedMonthAndNotForThePast(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	owe := func(want int) {
		t.Helper()
		if n, err := c.OweMonths(ctx()); err != nil || n != want {
			t.Fatalf("owed %d months, %v; want %d", n, err, want)
		}
	}
	nextMonth := func() {
		t.Helper()
		c.clock.Advance(31 * day)
		if _, err := c.CloseDue(ctx()); err != nil {
			t.Fatal(err)
		}
	}
	c.sell("", line("plat", 1))
	nextMonth() // November is closed
	owe(0)
	g := pos.DefaultSettings().Generosity
	g.PledgeBP, g.PledgeTo = 200, p.ID
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), g); err != nil {
		t.Fatal(err)
	}
	owe(1) // it begins
	owe(0)
	if c.heldFor(suspended.Pledge, p.ID) != 0 {
		t.Errorf("the past is owed: %d", c.heldFor(suspended.Pledge, p.ID))
	}
	for range 10 {
		c.sell("", line("plat", 1)) // 10.82 each without VAT
	}
	c.settled(c.roundUp(c.ordered(line("eau", 1)), p.ID, 500), pos.Card) // 1.82 without VAT; the rest is no turnover
	nextMonth()
	owe(1)
	owe(0)
	if got := c.heldFor(suspended.Pledge, p.ID); got != 220 || c.heldFor(suspended.PassThrough, p.ID) != 500 {
		t.Errorf("owed %d, held %d", got, c.heldFor(suspended.PassThrough, p.ID))
	}
	if _, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, From: pos.FromPledge, Means: pos.Transfer}); err != nil {
		t.Fatal(err)
	}
	all, err := c.Pledges(ctx())
	if err != nil || len(all) != 1 || all[0].Turnover != 11002 || all[0].Month != "2026-12" {
		t.Errorf("pledges %+v, %v", all, err)
	}
	g.PledgeBP = 0
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), g); err != nil {
		t.Fatal(err)
	}
	c.sell("", line("plat", 1))
	nextMonth()
	owe(1)
	if c.heldFor(suspended.Pledge, p.ID) != 0 {
		t.Error("owed though nothing is pledged")
	}
}

func TestMoneyForAnAssociationIsInTheClosingAndTheFilesButInNoTurnover(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	c.settled(c.roundUp(c.ordered(line("plat", 1)), p.ID, 810), pos.Card)
	z, err := c.CloseDay(ctx(), c.byManager())
	if err != nil || z.Total != 1190 || len(z.Body.NonTurnover) != 1 || z.Body.NonTurnover[0] != (journal.NonTurnover{K: journal.OtherPassThrough, Amt: 810}) {
		t.Fatalf("closing %+v, %v", z, err)
	}
	d, err := c.ClosingDocument(ctx(), z.Number)
	if err != nil {
		t.Fatal(err)
	}
	if text := d.Text(42); !strings.Contains(text, "Pour une association") || !strings.Contains(text, "8,10") {
		t.Errorf("closing:\n%s", text)
	}
	c.verify()
}
