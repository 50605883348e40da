package pos_test

import (
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

func (c *cafe) split(ticket string, lines ...pos.SplitLine) pos.SplitResult {
	c.tb.Helper()
	r, err := c.SplitTicket(ctx(), c.by(), ticket, lines)
	if err != nil {
		c.tb.Fatalf("split: %v", err)
	}
	return r
}

// TestASplitMovesLinesAsTheyAre: what was sent stays sent, notes and discounts go along, the card stays, and joining
// the two again is as if nothing had been.
func TestASplitMovesLinesAsTheyAre(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 3), pos.LineRequest{Product: "creme", Qty: 1, Options: []string{"lait/avoine"}, Note: "tiède"}, gift("cafe", 1))
	for _, step := range []func() (pos.Ticket, error){
		func() (pos.Ticket, error) { return c.AttachCard(ctx(), c.by(), tk.ID, c.newCard()) },
		func() (pos.Ticket, error) {
			return c.ChangeTicket(ctx(), c.by(), tk.ID, pos.TicketChange{Name: new("Table 4")})
		},
		func() (pos.Ticket, error) { return c.SendTicket(ctx(), c.by(), tk.ID) },
		func() (pos.Ticket, error) {
			return c.DiscountLine(ctx(), c.byManager(), tk.ID, 1, percent(10, pos.ReasonQuality))
		},
	} {
		var err error
		if tk, err = step(); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := c.Journal().Head()
	r := c.split(tk.ID, pos.SplitLine{Line: 1, Qty: 2}, pos.SplitLine{Line: 2, Qty: 1})
	if r.Ticket.Name != "Table 4/1" || r.Ticket.Card != nil || r.Rest.Card == nil || r.Ticket.No == tk.No || r.Ticket.Mode != tk.Mode {
		t.Errorf("%+v", r)
	}
	if r.Ticket.Total+r.Rest.Total != tk.Total || r.Ticket.Total != 2142+350 || r.Rest.Total != 1071+180 {
		t.Errorf("%d and %d of %d", r.Ticket.Total, r.Rest.Total, tk.Total)
	}
	if l := r.Ticket.Lines; len(l) != 2 || !l[0].Sent || l[0].DiscountPercent != 10 || l[1].Note != "tiède" || l[1].Options[0].Name != "avoine" {
		t.Errorf("%+v", l)
	}
	if after, _ := c.Journal().Head(); after != before {
		t.Error("moving a line is no fiscal fact") // nothing was taken off: R17 speaks of what becomes less
	}
	_, err := c.RemoveLine(ctx(), c.by(), r.Ticket.ID, 1, pos.RemoveRequest{})
	refused(t, err, "reason.missing")
	if again := c.split(r.Rest.ID, pos.SplitLine{Line: 3, Qty: 1}); again.Ticket.Name != "Table 4/2" {
		t.Errorf("named %q", again.Ticket.Name)
	} else if _, err := c.JoinTickets(ctx(), c.by(), again.Ticket.ID, tk.ID); err != nil {
		t.Fatal(err)
	}
	joined, err := c.JoinTickets(ctx(), c.by(), r.Ticket.ID, tk.ID)
	if err != nil || joined.Total != tk.Total || len(joined.Lines) != 3 || joined.Lines[0].Qty != 3 || joined.Card == nil {
		t.Fatalf("%+v, %v", joined, err)
	}
	if gone, err := c.Ticket(ctx(), r.Ticket.ID); err != nil || gone.State != "dropped" {
		t.Errorf("%+v, %v", gone, err)
	}
	c.settle(joined)
	c.verify()
}

// TestAnApprovalIsSplitWithItsUnits: two meals offered with a manager's PIN are two, on whatever ticket.
func TestAnApprovalIsSplitWithItsUnits(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("plat", 2), line("cafe", 1)).ID, 1, percent(100, pos.ReasonCommercial))
	r := c.split(tk.ID, pos.SplitLine{Line: 1, Qty: 1})
	for _, part := range []pos.Ticket{r.Ticket, r.Rest} {
		_, err := c.ChangeLine(ctx(), c.by(), part.ID, 1, pos.LineChange{Qty: new(2)})
		refused(t, err, "discount.approval")
	}
	joined, err := c.JoinTickets(ctx(), c.by(), r.Ticket.ID, r.Rest.ID)
	if err != nil || len(joined.Lines) != 2 || joined.Total != 220 {
		t.Fatalf("%+v, %v", joined, err)
	}
	offered := 1
	if joined.Lines[0].Product == "plat" {
		offered = 0
	}
	if _, err = c.ChangeLine(ctx(), c.by(), joined.ID, joined.Lines[offered].ID, pos.LineChange{Qty: new(1)}); err != nil {
		t.Fatal(err)
	}
	if _, err = c.AddLine(ctx(), c.by(), joined.ID, line("biere", 2)); err != nil {
		t.Fatal(err)
	}
	_, err = c.DiscountLine(ctx(), c.by(), joined.ID, 3, percent(100, pos.ReasonPromo)) // what was approved and not used is for nothing else
	refused(t, err, "discount.approval")
}

func TestAPartPaidTicketIsSplitWhileTheRestCoversIt(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 10))
	c.pay(tk.ID, pos.Cash, 800, 0)
	_, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 1, Qty: 7}}) // 6.60 would be left
	refused(t, err, "ticket.overpaid")
	r := c.split(tk.ID, pos.SplitLine{Line: 1, Qty: 6})
	if r.Rest.Rest != 80 || r.Ticket.Paid != 0 || r.Ticket.Total != 1320 {
		t.Errorf("%+v", r)
	}
	c.settle(r.Ticket)
	c.settle(r.Rest)
	c.verify()
}

func TestBadSplitsAreRefused(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 2), line("plat", 1))
	for name, lines := range map[string][]pos.SplitLine{
		"nothing":   nil,
		"unknown":   {{Line: 9, Qty: 1}},
		"too many":  {{Line: 1, Qty: 3}},
		"none":      {{Line: 1}},
		"the same":  {{Line: 1, Qty: 1}, {Line: 1, Qty: 1}},
		"too large": {{Line: 2, Qty: 1 << 40}},
	} {
		_, err := c.SplitTicket(ctx(), c.by(), tk.ID, lines)
		if e := refused(t, err, "split.invalid"); len(e.Fields) != 1 || !strings.HasPrefix(e.Fields[0].Name, "lines") {
			t.Errorf("%s: %v", name, e.Fields)
		}
	}
	_, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 1, Qty: 2}, {Line: 2, Qty: 1}})
	refused(t, err, "split.all")
	_, err = c.JoinTickets(ctx(), c.by(), tk.ID, tk.ID)
	refused(t, err, "join.same")
	if now, err := c.Ticket(ctx(), tk.ID); err != nil || now.Version != tk.Version {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestAMealIsStampedWhereItIsPaidCase5: the unit follows its line to the ticket it is paid on.
func TestAMealIsStampedWhereItIsPaidCase5(t *testing.T) {
	c := openCafe(t)
	mine, yours := c.newCard(), c.newCard()
	tk := c.ticket(line("plat", 3))
	if _, err := c.AttachCard(ctx(), c.by(), tk.ID, mine); err != nil {
		t.Fatal(err)
	}
	r := c.split(tk.ID, pos.SplitLine{Line: 1, Qty: 1})
	if _, err := c.AttachCard(ctx(), c.by(), r.Ticket.ID, yours); err != nil {
		t.Fatal(err)
	}
	if a, b := c.settle(r.Ticket), c.settle(r.Rest); a.Stamps != 1 || b.Stamps != 2 {
		t.Errorf("%d and %d stamps", a.Stamps, b.Stamps)
	}
}

func TestTheNoteOfADiscountedOrderAddsUp(t *testing.T) {
	c := openCafe(t)
	tk := c.discount(c.ticket(line("plat", 2)).ID, 1, percent(10, pos.ReasonQuality))
	n, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil || n.Total != 2142 {
		t.Fatalf("%+v, %v", n, err)
	}
	doc, err := c.Document(ctx(), n.Number)
	if err != nil || doc.Lines[0].Discount != 238 || !strings.Contains(doc.Text(42), "Remise -2,38 €") {
		t.Errorf("%v\n%s", err, doc.Text(42))
	}
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: new(1), Reason: "trop"}); err != nil {
		t.Fatal(err)
	}
	seq, _ := c.Journal().Head()
	e, err := journal.At(ctx(), c.DB().Reader(), seq)
	var b journal.MinusBody
	if err == nil {
		err = e.Decode(&b)
	}
	if err != nil || b.Amount != 1071 {
		t.Errorf("taken off %+v, %v", b, err)
	}
	sale := c.settle(c.discount(tk.ID, 1, percent(10, pos.ReasonStaffMeal)))
	text, err := c.Document(ctx(), sale.Number)
	if err != nil || !strings.Contains(text.Text(42), "Remise -1,19 € (repas du personnel)") {
		t.Errorf("%v\n%s", err, text.Text(42))
	}
}
