package pos_test

import (
	"slices"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// These are the ways in which an order could be made to cost less than the guest has paid, unseen.

// approved lets the manager's PIN approve a discount that the barista gives.
func (c *cafe) approved(ticket string, line int, r pos.DiscountRequest) pos.Ticket {
	c.tb.Helper()
	r.Approval = &pos.Approval{Operator: "Marie", PIN: managerPIN}
	tk, err := c.DiscountLine(ctx(), c.by(), ticket, line, r)
	if err != nil {
		c.tb.Fatalf("approved discount: %v", err)
	}
	return tk
}

// minus returns the newest entry of something taken off an order.
func (c *cafe) minus() (b journal.MinusBody) {
	c.tb.Helper()
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 10_000)
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == journal.KindOrderMinus {
			if err := e.Decode(&b); err != nil {
				c.tb.Fatal(err)
			}
		}
	}
	return b
}

// TestAnApprovalIsNotGoodForADearerChoice: the manager has offered a coffee of 8.00; the same line with more in it is
// another price, which nobody has approved.
func TestAnApprovalIsNotGoodForADearerChoice(t *testing.T) {
	c := openCafe(t)
	p, err := c.SaveProduct(ctx(), c.byManager(), pos.Product{Name: "Plateau", Category: "Boissons", Price: 800, VATEatIn: 1000, VATTakeaway: 1000, Available: true,
		Options: []pos.OptionGroup{{Name: "Avec", Choices: []pos.Choice{{ID: "tout", Name: "Tout", Price: 2000}}}}})
	if err != nil {
		t.Fatal(err)
	}
	chosen := []string{p.Options[0].Choices[0].ID}
	tk := c.approved(c.ticket(line(p.ID, 1)).ID, 1, percent(100, pos.ReasonCommercial))
	_, err = c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Options: &chosen})
	refused(t, err, "discount.approval")
	if _, err := c.ChangeLine(ctx(), c.byManager(), tk.ID, 1, pos.LineChange{Options: &chosen}); err != nil {
		t.Errorf("the manager: %v", err)
	}
}

// TestTheManagerBehindADiscountIsWhoApprovedIt: what was approved is taken off again, and what the barista added under
// the same rule has nobody's name but theirs.
func TestTheManagerBehindADiscountIsWhoApprovedIt(t *testing.T) {
	c := openCafe(t)
	tk := c.approved(c.ticket(line("cafe", 3), line("eau", 1)).ID, 1, percent(100, pos.ReasonCommercial))
	if _, err := c.HoldTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	tk, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: new(4)})
	if err != nil || len(tk.Lines) != 3 {
		t.Fatalf("%+v, %v", tk, err)
	}
	if tk, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "retour"}); err != nil {
		t.Fatal(err)
	}
	if b := c.body(c.settle(tk).Number); b.Auth != "" {
		t.Errorf("%s is said to have approved what the barista gave", b.Auth)
	}
}

// TestWhoeverGaveADiscountIsNamed: one gives it, another is paid. The ticket names both.
func TestWhoeverGaveADiscountIsNamed(t *testing.T) {
	c := openCafe(t)
	other, err := c.AddOperator(ctx(), c.byManager(), pos.NewOperator{Name: "Nour", Role: pos.RoleBarista, PIN: "4826"})
	if err != nil {
		t.Fatal(err)
	}
	tk := c.ticket(line("cafe", 2))
	if tk, err = c.DiscountLine(ctx(), pos.By{Operator: other, Command: c.cmd()}, tk.ID, 1, percent(50, pos.ReasonPromo)); err != nil {
		t.Fatal(err)
	}
	if b := c.body(c.settle(tk).Number); b.Auth != other.Code {
		t.Errorf("authorised by %q, want %q", b.Auth, other.Code)
	}
	tk = c.ticket(line("cafe", 2))
	if tk, err = c.DiscountLine(ctx(), c.by(), tk.ID, 1, percent(50, pos.ReasonPromo)); err != nil {
		t.Fatal(err)
	}
	if b := c.body(c.settle(tk).Number); b.Auth != "" {
		t.Errorf("authorised by %q, who rang it up", b.Auth)
	}
}

// TestAnOrderPaidInPartDoesNotShrinkUnseenR17: two guests owe 11.00 each, one has paid by card and one in coins. The
// coins are not kept by taking the other half off without a word.
func TestAnOrderPaidInPartDoesNotShrinkUnseenR17(t *testing.T) {
	c := openCafe(t)
	tk := c.pay(c.ticket(line("cafe", 10)).ID, pos.Card, 1100, 0).Ticket
	_, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: new(5)})
	refused(t, err, "reason.missing")
	if tk, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: new(5), Reason: "erreur"}); err != nil {
		t.Fatal(err)
	}
	if b := c.minus(); b.Amount != 1100 || b.Qty != 5000 || b.Ticket != tk.ID {
		t.Errorf("%+v", b)
	}
	c.verify()
}

// TestWhatIsOfferedAndThenTakenOffIsToldR17R18: a discount must not make a line worth nothing, unseen, before it
// vanishes: neither of an order put aside, which is told as it becomes cheaper, nor of one that is dropped.
func TestWhatIsOfferedAndThenTakenOffIsToldR17R18(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 2), line("eau", 1))
	offer := func() {
		t.Helper()
		if _, err := c.DiscountLine(ctx(), c.by(), tk.ID, 1, percent(100, pos.ReasonCommercial)); err != nil {
			t.Fatal(err)
		}
	}
	offer()
	if n, _ := c.technical("ORDER_DISCOUNT"); n != 0 {
		t.Errorf("%d discounts told of a cart that nobody else has seen", n)
	}
	c.discount(tk.ID, 1, pos.DiscountRequest{})
	if _, err := c.HoldTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	offer()
	if n, facts := c.technical("ORDER_DISCOUNT"); n != 1 || facts["amount"] != float64(440) || facts["ticket"] != tk.ID || facts["reason"] != pos.ReasonCommercial {
		t.Errorf("%d, %v", n, facts)
	}
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "erreur"}); err != nil {
		t.Fatal(err)
	}
	if b := c.minus(); b.Amount != 0 || b.Qty != 2000 {
		t.Errorf("%+v", b)
	}
	tk = c.ticket(line("cafe", 2))
	offer()
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, facts := c.technical(journal.EventCartCleared); facts["total"] != float64(0) || facts["discount"] != float64(440) {
		t.Errorf("cleared: %v", facts)
	}
	c.verify()
}

// TestNobodyWritesTheReasonsOfTheTill: a movement of cash that a person explains with the till's own words is not a
// part of an order, and doctor does not take it for one.
func TestNobodyWritesTheReasonsOfTheTill(t *testing.T) {
	c := openCafe(t)
	tk := c.pay(c.ticket(line("cafe", 10)).ID, pos.Cash, 800, 0).Ticket
	for _, amount := range []money.Cents{800, -800} {
		_, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: amount, Reason: "part_payment " + tk.ID})
		if e := refused(t, err, "text.invalid"); e.Fields[0].Name != "reason" {
			t.Errorf("%+v", e)
		}
	}
}

// TestTheRowOfASettledOrderLeadsFromNoCardToAServingI16: a cake is paid, with a card, beside a coffee from the shelf.
// The order is kept; what was served is not in it.
func TestTheRowOfASettledOrderLeadsFromNoCardToAServingI16(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("eau", 1), pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption})
	tk, err := c.AttachCard(ctx(), c.by(), tk.ID, c.newCard())
	if err != nil {
		t.Fatal(err)
	}
	c.settle(tk)
	var both int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM tickets WHERE body ->> '$.account' <> '' AND body LIKE '%redemption%'`).Scan(&both); err != nil || both != 0 {
		t.Errorf("%d orders have a card and a serving, %v", both, err)
	}
	if got, err := c.Ticket(ctx(), tk.ID); err != nil || len(got.Lines) != 1 || got.Total != 200 || got.State != "paid" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTheSaleNamesItsNotesR36: a note printed twice and then paid is two notes and one ticket that names them; what was
// divided or joined on the way names those its lines were on.
func TestTheSaleNamesItsNotesR36(t *testing.T) {
	c := openCafe(t)
	note := func(ticket string) string {
		t.Helper()
		n, err := c.PrintNote(ctx(), c.by(), ticket)
		if err != nil {
			t.Fatal(err)
		}
		return n.Number
	}
	names := func(tk pos.Ticket) (all []string) {
		for _, r := range c.body(c.settle(tk).Number).Notes {
			all = append(all, r.Doc)
		}
		return all
	}
	table, other := c.ticket(line("cafe", 2), line("eau", 1)), c.ticket(line("biere", 1))
	first, second, third := note(table.ID), note(table.ID), note(other.ID)
	parted, err := c.SplitTicket(ctx(), c.by(), table.ID, []pos.SplitLine{{Line: 2, Qty: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(parted.Ticket); !slices.Equal(got, []string{first, second}) {
		t.Errorf("what was parted names %v", got)
	}
	joined, err := c.JoinTickets(ctx(), c.by(), other.ID, table.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(joined); !slices.Equal(got, []string{first, second, third}) {
		t.Errorf("what was joined names %v", got)
	}
	c.verify()
}

// TestANoteLeadsToNoServingI16: the sale names its note, so that nothing served from the shelf may be on it.
func TestANoteLeadsToNoServingI16(t *testing.T) {
	c := openCafe(t)
	served := pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption}
	n, err := c.PrintNote(ctx(), c.by(), c.ticket(served, line("eau", 1)).ID)
	if err != nil {
		t.Fatal(err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), n.Number)
	var b journal.NoteBody
	if err == nil {
		err = e.Decode(&b)
	}
	if err != nil || len(b.Lines) != 1 || b.Lines[0].SKU != "eau" || b.Lines[0].N != 1 || b.Total != 200 {
		t.Errorf("%+v, %v", b, err)
	}
	_, err = c.PrintNote(ctx(), c.by(), c.ticket(served).ID)
	refused(t, err, "ticket.empty")
	c.verify()
}
