package pos_test

import (
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestTheSameTapMakesTheQuantityGrow(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1), line("cafe", 1), pos.LineRequest{Product: "cafe", Qty: 1, Note: "allongé"}, gift("cafe", 1))
	if len(tk.Lines) != 3 || tk.Lines[0].Qty != 2 {
		t.Errorf("lines %+v", tk.Lines)
	}
	if tk.Version != 5 || tk.Total != 2*220+220+180 {
		t.Errorf("version %d, total %d", tk.Version, tk.Total)
	}
}

func TestSwitchingTheModeChangesRatesAtOnceR83(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("eau", 1))
	if tk.Lines[0].VATBP != 1000 {
		t.Errorf("eat in at %d", tk.Lines[0].VATBP)
	}
	mode := pos.Takeaway
	tk, err := c.ChangeTicket(ctx(), c.by(), tk.ID, pos.TicketChange{Mode: &mode})
	if err != nil || tk.Lines[0].VATBP != 550 {
		t.Errorf("takeaway at %d, %v", tk.Lines[0].VATBP, err)
	}
}

func TestLimitsOfATicket(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket()
	for name, r := range map[string]pos.LineRequest{
		"qty 100":     line("cafe", 100),
		"qty below 0": line("cafe", -1),
		"kind":        {Product: "cafe", Qty: 1, Kind: "loan"},
		"not suspend": gift("eau", 1),
	} {
		if _, err := c.AddLine(ctx(), c.by(), tk.ID, r); err == nil {
			t.Errorf("%s was accepted", name)
		} else {
			refused(t, err, "line.invalid")
		}
	}
	_, err := c.AddLine(ctx(), c.by(), tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Note: strings.Repeat("n", 141)})
	refused(t, err, "text.invalid")
	_, err = c.AddLine(ctx(), c.by(), tk.ID, line("caviar", 1))
	refused(t, err, "product.unknown")
	for i := range 100 {
		if _, err := c.AddLine(ctx(), c.by(), tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Note: strings.Repeat("x", i+1)}); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
	}
	_, err = c.AddLine(ctx(), c.by(), tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Note: "one more"})
	refused(t, err, "lines.full")
}

func TestOpenTicketsAreLimited(t *testing.T) {
	c := openCafe(t)
	for i := range 200 {
		if tk := c.ticket(); tk.No != i+1 {
			t.Fatalf("ticket %d has number %d", i+1, tk.No)
		}
	}
	_, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{})
	refused(t, err, "tickets.full")
}

func TestSoldOutIsRefusedAtTheTap(t *testing.T) {
	c := openCafe(t)
	if _, err := c.SetAvailable(ctx(), c.by(), "plat", false, ""); err != nil {
		t.Fatal(err)
	}
	_, err := c.AddLine(ctx(), c.by(), c.ticket().ID, line("plat", 1))
	refused(t, err, "product.sold_out")
}

// TestRemovingASentLineIsJournaledR17: a note is printed, then a line goes: with a reason, and an entry.
func TestRemovingASentLineIsJournaledR17(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 2), line("eau", 1))
	one := 1
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 2, pos.RemoveRequest{}); err != nil {
		t.Fatalf("a line nobody has seen: %v", err)
	}
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil || note.Number != "N26-000001" || note.Print != 1 || note.Total != 440 {
		t.Fatalf("%+v, %v", note, err)
	}
	_, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: &one})
	refused(t, err, "reason.missing")
	if tk, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Qty: &one, Reason: "tombé"}); err != nil || tk.Total != 220 {
		t.Fatalf("%+v, %v", tk, err)
	}
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.MinusBody
	for _, e := range entries {
		if e.Kind == journal.KindOrderMinus {
			if err := e.Decode(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if b.Amount != 220 || b.Qty != 1000 || b.Reason != "tombé" || b.Ticket != tk.ID {
		t.Errorf("entry %+v", b)
	}
	c.verify()
}

func TestADroppedTicketIsAnEventR18(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	if tk, err := c.DropTicket(ctx(), c.by(), tk.ID, ""); err != nil || tk.State != "dropped" {
		t.Fatalf("%+v, %v", tk, err)
	}
	sent := c.ticket(line("cafe", 1))
	if _, err := c.SendTicket(ctx(), c.by(), sent.ID); err != nil {
		t.Fatal(err)
	}
	_, err := c.DropTicket(ctx(), c.by(), sent.ID, "")
	refused(t, err, "reason.missing")
	if _, err := c.DropTicket(ctx(), c.by(), sent.ID, "parti"); err != nil {
		t.Fatal(err)
	}
	if open, err := c.Tickets(ctx()); err != nil || len(open) != 0 {
		t.Errorf("%d tickets still open, %v", len(open), err)
	}
	c.verify()
}

func TestMoreOfASentLineIsALineOfItsOwn(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	three := 3
	tk, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: &three})
	if err != nil || len(tk.Lines) != 2 || tk.Lines[0].Qty != 1 || tk.Lines[1].Qty != 2 || tk.Lines[1].Sent {
		t.Errorf("%+v, %v", tk.Lines, err)
	}
}

func TestAnAccountantDoesNotSell(t *testing.T) {
	c := openCafe(t)
	by := c.by()
	by.Operator.Role = pos.RoleAccountant
	_, err := c.Sell(ctx(), by, pos.SellRequest{})
	refused(t, err, "right.missing")
}

func TestTicketsSurviveARestart(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 2))
	c.reopen()
	again, err := c.Ticket(ctx(), tk.ID)
	if err != nil || again.Total != tk.Total || again.Version != tk.Version {
		t.Errorf("%+v, %v", again, err)
	}
	if next := c.ticket(); next.No != tk.No+1 {
		t.Errorf("number %d after %d", next.No, tk.No)
	}
}

// TestOtherChoicesKeepTheLineInItsPlace: one command; the note, the quantity and the place stay.
func TestOtherChoicesKeepTheLineInItsPlace(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(pos.LineRequest{Product: "creme", Qty: 2, Options: []string{"lait/vache"}, Note: "tiède"}, line("eau", 1))
	milk := []string{"lait/avoine"}
	tk, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Options: &milk})
	if err != nil {
		t.Fatal(err)
	}
	l := tk.Lines[0]
	if l.ID != 1 || l.Qty != 2 || l.Note != "tiède" || len(l.Options) != 1 || l.Options[0].ID != "lait/avoine" || l.Total != 2*350 {
		t.Errorf("line %+v", l)
	}
	none := []string{}
	_, err = c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Options: &none})
	refused(t, err, "line.invalid")
	if _, err := c.HoldTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	cow := []string{"lait/vache"}
	_, err = c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Options: &cow})
	refused(t, err, "line.seen")
	note := "très chaud"
	if _, err = c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Options: &milk, Note: &note}); err != nil {
		t.Errorf("the same choices with another note: %v", err)
	}
}
