package pos_test

import (
	"testing"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
)

func TestARemittanceGoesToSomebody(t *testing.T) {
	c := openCafe(t)
	c.settled(c.roundUp(c.ordered(line("eau", 1)), "fund", 250), pos.Card)
	for _, from := range []string{pos.FromOwn, pos.FromCollected, pos.FromPledge} {
		_, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{From: from, Amount: 100, Means: pos.Transfer})
		e := refused(t, err, "remittance.invalid")
		if len(e.Fields) != 1 || e.Fields[0].Name != "to" {
			t.Errorf("%s: %+v", from, e)
		}
	}
	c.verify()
}

func TestTheStatementOfARemittanceTellsOnlyWhatItSettles(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	for _, cents := range []money.Cents{300, 200} {
		c.settled(c.roundUp(c.ordered(line("eau", 1)), p.ID, cents), pos.Card)
		r, err := c.Remit(ctx(), c.byManager(), pos.RemitRequest{To: p.ID, Means: pos.Transfer})
		if err != nil {
			t.Fatal(err)
		}
		st, err := c.RemittanceStatement(ctx(), r.N)
		if err != nil || len(st.Entries) != 2 || st.Entries[0].Cents != cents {
			t.Errorf("%d: %+v, %v", cents, st.Entries, err)
		}
	}
	c.verify()
}

func TestTrainingGivesUpNoProposalAndMovesNoTokens(t *testing.T) {
	c := openCafe(t)
	l := c.proposed(3, 0)
	p := c.partner("Les Tables")
	if _, err := c.SetTraining(ctx(), c.byManager(), true); err != nil {
		t.Fatal(err)
	}
	_, err := c.CancelLot(ctx(), c.byManager(), l.ID)
	refused(t, err, "training.real")
	_, err = c.MoveTokens(ctx(), c.byManager(), p.ID, 5)
	refused(t, err, "training.real")
}

func TestACommandWithAPINIsNotTakenTwiceForAnother(t *testing.T) {
	c := openCafe(t)
	name, other := "Les Tables", "Le Toit"
	by := c.byManager()
	by.Command = data.NewCommand("0190f000-0000-7000-8000-000000000001", []byte("a"))
	p, err := c.AddPartner(ctx(), by, pos.PartnerForm{Name: &name, PIN: "4711"})
	if err != nil {
		t.Fatal(err)
	}
	by.Command = data.NewCommand("0190f000-0000-7000-8000-000000000001", []byte("b"))
	if again, err := c.AddPartner(ctx(), by, pos.PartnerForm{Name: &name, PIN: "4711"}); err != nil || again.ID != p.ID || again.Code != p.Code {
		t.Errorf("again %+v, %v", again, err)
	}
	_, err = c.AddPartner(ctx(), by, pos.PartnerForm{Name: &other, PIN: "4711"})
	refused(t, err, "command.reused")
	by.Command = data.NewCommand("0190f000-0000-7000-8000-000000000002", []byte("a"))
	no := false
	if _, err := c.ChangePartner(ctx(), by, p.ID, pos.PartnerForm{PIN: "4712"}); err != nil {
		t.Fatal(err)
	}
	_, err = c.ChangePartner(ctx(), by, p.ID, pos.PartnerForm{PIN: "4712", Active: &no})
	refused(t, err, "command.reused")
}

// What left the house for a partner is the same, by who bears it, on its slip, in its month and on the closing of the day.
func TestCase87CollectionsAgreeByOriginOnSlipMonthAndClosing(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables", pos.PublicUtility)
	c.sell("", gift("plat", 2), gift("cafe", 3))
	c.payLot(c.proposed(2, 700))
	a := c.allot(p, "meal", 3)
	got, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 6})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 6})
	refused(t, err, "allotment.state")
	for _, n := range []int{7, 0, -1} {
		_, err = c.NoteWaste(ctx(), c.by(), got.Number, n)
		refused(t, err, "collection.waste")
	}
	want := map[string]int{"PAID": 2, "SPONSOR": 2, "HOUSE": 2}
	agree := func(what string, shares []pos.CollectionShare) {
		t.Helper()
		for _, s := range shares {
			if want[s.Origin] != s.Count {
				t.Errorf("%s: %d of %s, want %d", what, s.Count, s.Origin, want[s.Origin])
			}
		}
		if len(shares) != len(want) {
			t.Errorf("%s: %+v", what, shares)
		}
	}
	agree("slip", got.Shares)
	month, err := c.StatementOf(ctx(), p.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	agree("month", month.Shares)
	for _, x := range c.closeDay().Body.Suspended {
		if x.Class == "meal" && (x.Collected != 6 || x.Pledged != 4 || x.Others != 2 || x.Shelf != 0) {
			t.Errorf("closing %+v", x)
		}
	}
	c.verify()
}

func TestNothingIsProposedNorMintedOfAClassThatIsWithdrawn(t *testing.T) {
	c := openCafe(t)
	if _, err := c.WithdrawClass(ctx(), c.byManager(), "coffee", "meal"); err != nil {
		t.Fatal(err)
	}
	_, err := c.ProposeLot(ctx(), c.byManager(), pos.SponsorRequest{Name: "X", Address: "Y", Class: "coffee", Qty: 3})
	refused(t, err, "class.withdrawn")
	c.archive("plat", true)
	c.archive("formule", true)
	v, err := c.Funds(ctx())
	if err != nil || v.Class == "coffee" {
		t.Errorf("the fund becomes a class that is given no more: %+v, %v", v, err)
	}
}

// TestT1CoffeesRungForCashAndGivenBackHideNoServing: they were not sold.
func TestT1CoffeesRungForCashAndGivenBackHideNoServing(t *testing.T) {
	c := openCafe(t)
	c.cashBy(c.by(), "cafe", 5, 220)
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 90)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 90 * 220}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, qty := range []int{60, 30} {
		if _, err := c.Refund(ctx(), c.by(), r.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: qty}}, Tender: pos.Cash, Reason: "erreur"}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := c.ServingRatios(ctx())
	if err != nil || len(all) != 1 || all[0].Cash != 5 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAPartnerThatIsEndedBringsTokensBackAndIsHandedNone(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Tables")
	if _, err := c.MoveTokens(ctx(), c.byManager(), p.ID, 10); err != nil {
		t.Fatal(err)
	}
	no := false
	if _, err := c.ChangePartner(ctx(), c.byManager(), p.ID, pos.PartnerForm{Active: &no}); err != nil {
		t.Fatal(err)
	}
	_, err := c.MoveTokens(ctx(), c.byManager(), p.ID, 5)
	refused(t, err, "partner.ended")
	if m, err := c.MoveTokens(ctx(), c.byManager(), p.ID, -10); err != nil || m.Outstanding != 0 {
		t.Errorf("brought back %+v, %v", m, err)
	}
	c.verify()
}

// A partner whose own list is full of requests keeps nothing from another one's evening.
func TestAPartnerThatAsksTooMuchKeepsNoEveningFromAnother(t *testing.T) {
	c := openCafe(t)
	_, greedy := c.tableeFor(5)
	other := c.partner("Le Toit")
	s, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "Tablée du Toit", Dishes: 3, Weekdays: []int{7}, Starts: "20:00", Partner: other.ID})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := c.RequestAllotment(ctx(), public(c), greedy.ID, pos.AllotmentRequest{Class: "meal", Qty: 1, Slot: "2026-11-28"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.RequestAllotment(ctx(), public(c), greedy.ID, pos.AllotmentRequest{Class: "meal", Qty: 1})
	refused(t, err, "allotment.many")
	c.sell("", gift("plat", 9))
	_, err = c.DoDue(ctx()) // it is told that the first could not be done
	refused(t, err, "allotment.many")
	if e := c.eveningOf(s.ID, sunday); e.Reserved != 3 {
		t.Errorf("%d put aside for the other, want 3", e.Reserved)
	}
	c.verify()
}
