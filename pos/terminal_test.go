package pos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// withTerminal links a terminal.
func withTerminal(c *cafe, name string) {
	c.tb.Helper()
	if _, err := c.SaveTerminal(ctx(), c.byManager(), pos.CardTerminal{Name: name, Protocol: pos.ProtocolCaisseAP, URI: "tcp://192.168.1.30:8888"}); err != nil {
		c.tb.Fatal(err)
	}
}

// openTerminal is a café with one.
func openTerminal(tb testing.TB) *cafe {
	tb.Helper()
	c := openCafe(tb)
	withTerminal(c, "Comptoir")
	return c
}

func (c *cafe) request(ticket string, amount money.Cents) pos.Charge {
	c.tb.Helper()
	x, err := c.RequestCharge(ctx(), c.by(), ticket, pos.ChargeRequest{Amount: amount})
	if err != nil {
		c.tb.Fatalf("ask the terminal: %v", err)
	}
	return x
}

func (c *cafe) terminalSaid(id string, a pos.ChargeAnswer) pos.Charge {
	c.tb.Helper()
	x, err := c.ChargeAnswered(ctx(), id, a)
	if err != nil {
		c.tb.Fatalf("the terminal's answer: %v", err)
	}
	return x
}

func approved(amount money.Cents) pos.ChargeAnswer {
	return pos.ChargeAnswer{Outcome: pos.ChargeApproved, Amount: amount, Authorisation: "166943", Application: "00B", Entry: "contactless"}
}

func unknown() pos.ChargeAnswer {
	return pos.ChargeAnswer{Outcome: pos.ChargeUnknown, Code: "terminal.silent"}
}

func (c *cafe) state(ticket string) pos.Ticket {
	c.tb.Helper()
	tk, err := c.Ticket(ctx(), ticket)
	if err != nil {
		c.tb.Fatal(err)
	}
	return tk
}

// openCharges lists what somebody has to do something about.
func (c *cafe) openCharges() []pos.Charge {
	c.tb.Helper()
	all, err := c.OpenCharges(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	return all
}

func TestAnApprovedChargeSettlesTheSaleWithItsAuthorisation(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	if x.Amount != 440 || x.State != pos.ChargeRequested || len(x.Ref) != 32 || x.Terminal != "Comptoir" {
		t.Errorf("%+v", x)
	}
	if got := c.state(tk.ID); got.Charge == nil || got.Charge.ID != x.ID || got.Charge.Unknown {
		t.Errorf("the order does not wait for it: %+v", got.Charge)
	}
	x = c.terminalSaid(x.ID, approved(440))
	if x.State != pos.ChargeApproved || x.Kept != 440 || x.Over != 0 || x.Settled().Number == "" || x.Sale != x.Settled().ID {
		t.Fatalf("%+v", x)
	}
	if b := c.body(x.Settled().Number); len(b.Pay) != 1 || b.Pay[0].Amt != 440 || b.Pay[0].Ref != "166943" || b.Pay[0].Means != "CARD" {
		t.Errorf("%+v", b.Pay)
	}
	again := c.terminalSaid(x.ID, pos.ChargeAnswer{Outcome: pos.ChargeDeclined})
	if again.State != pos.ChargeApproved || again.Settled().ID != "" {
		t.Errorf("a second answer was heard: %+v", again)
	}
	if got, err := c.Charge(ctx(), x.ID); err != nil || got.Sale != x.Sale || len(c.openCharges()) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	c.verify()
}

func TestAPartialApprovalLeavesTheRestDue(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.terminalSaid(c.request(tk.ID, 0).ID, approved(300))
	if got := c.state(tk.ID); x.Kept != 300 || got.Rest != 140 || got.Paid != 300 || got.Charge != nil || got.State != "open" {
		t.Fatalf("%+v, %+v", x, got)
	}
	if r := c.pay(tk.ID, pos.Cash, 140, 200); r.Sale == nil || c.body(r.Sale.Number).Pay[0].Ref != "166943" {
		t.Errorf("%+v", r)
	}
}

func TestNothingIsPaidByWhatWasDeclinedOrNotSent(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	for _, outcome := range []pos.ChargeState{pos.ChargeDeclined, pos.ChargeNotSent} {
		x := c.terminalSaid(c.request(tk.ID, 0).ID, pos.ChargeAnswer{Outcome: outcome, Code: "terminal.refused", Amount: 440})
		if got := c.state(tk.ID); x.State != outcome || x.Paid != 0 || x.Code != "terminal.refused" || got.Rest != 440 || got.Charge != nil {
			t.Errorf("%s: %+v, %+v", outcome, x, got)
		}
	}
	if n, _ := c.technical("TERMINAL_UNKNOWN"); n != 0 {
		t.Errorf("%d entries", n)
	}
}

// TestAnOpenChargeHoldsItsOrder: while nobody knows whether the card has paid, the order is not charged again, nor paid otherwise for
// that amount, nor given up, parted, joined or made cheaper.
func TestAnOpenChargeHoldsItsOrder(t *testing.T) {
	c := openTerminal(t)
	withTerminal(c, "Terrasse")
	tk, other := c.ticket(line("cafe", 2), line("biere", 1)), c.ticket(line("eau", 1)) // 8.90
	x := c.request(tk.ID, 500)
	for step := range 2 {
		for name, try := range map[string]func() error{
			"charge": func() error {
				_, err := c.RequestCharge(ctx(), c.by(), tk.ID, pos.ChargeRequest{Terminal: "Terrasse", Amount: 100})
				return err
			},
			"checkout": func() error {
				_, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Cash, Amount: 890}}})
				return err
			},
			"pay it all": func() error {
				_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 890})
				return err
			},
			"drop":     func() error { _, err := c.DropTicket(ctx(), c.by(), tk.ID, "test"); return err },
			"walk out": func() error { _, err := c.WalkOut(ctx(), c.byManager(), tk.ID); return err },
			"split": func() error {
				_, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 1, Qty: 1}})
				return err
			},
			"join from": func() error { _, err := c.JoinTickets(ctx(), c.by(), tk.ID, other.ID); return err },
			"join into": func() error { _, err := c.JoinTickets(ctx(), c.by(), other.ID, tk.ID); return err },
			"cheaper": func() error {
				_, err := c.RemoveLine(ctx(), c.by(), tk.ID, 2, pos.RemoveRequest{Reason: "test"})
				return err
			},
		} {
			if err := try(); fault.CodeOf(err) != "charge.open" {
				t.Errorf("%s, step %d: %v", name, step, err)
			}
		}
		if step == 0 {
			c.terminalSaid(x.ID, unknown())
		}
	}
	if r := c.pay(tk.ID, pos.Cash, 390, 0); r.Sale != nil || r.Ticket.Rest != 500 { // what the terminal was not asked for
		t.Errorf("%+v", r)
	}
	got, err := c.AnswerCharge(ctx(), c.by(), x.ID, true, " 16 69 43 ")
	if err != nil || got.Settled().Number == "" || got.Authorisation != "166943" || got.AnsweredBy != c.barista.Code {
		t.Fatalf("%+v, %v", got, err)
	}
	if b := c.body(got.Settled().Number); len(b.Pay) != 2 || b.Pay[1].Ref != "166943" || b.Pay[1].Amt != 500 {
		t.Errorf("%+v", b.Pay)
	}
	c.verify()
}

func TestAnUnknownChargeIsAnsweredByAPersonAndListedOnTheZ(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	_, err := c.AnswerCharge(ctx(), c.by(), x.ID, false, "")
	refused(t, err, "charge.waits")
	c.terminalSaid(x.ID, unknown())
	if n, facts := c.technical("TERMINAL_UNKNOWN"); n != 1 || facts["charge"] != x.ID || facts["amount"] != float64(440) {
		t.Errorf("%d, %v", n, facts)
	}
	if got := c.state(tk.ID); got.Charge == nil || !got.Charge.Unknown {
		t.Errorf("%+v", got.Charge)
	}
	closing, err := c.CloseDay(ctx(), c.byManager()) // never refused for it
	if err != nil {
		t.Fatal(err)
	}
	first := zText(c, closing.Number)
	if !strings.Contains(first, "TERMINAL SANS RÉPONSE") || !strings.Contains(first, "À vérifier") || !strings.Contains(first, "4,40") {
		t.Errorf("the Z does not list it:\n%s", first)
	}
	_, err = c.AnswerCharge(ctx(), c.by(), x.ID, true, "16-69")
	refused(t, err, "charge.authorisation")
	by := c.by()
	got, err := c.AnswerCharge(ctx(), by, x.ID, false, "")
	if err != nil || got.State != pos.ChargeNotPaid {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := c.AnswerCharge(ctx(), by, x.ID, false, ""); err != nil || again.State != pos.ChargeNotPaid {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	_, err = c.AnswerCharge(ctx(), c.by(), x.ID, true, "")
	refused(t, err, "charge.answered")
	if n, facts := c.technical("TERMINAL_ANSWERED"); n != 1 || facts["answer"] != "not_paid" {
		t.Errorf("%d, %v", n, facts)
	}
	if zText(c, closing.Number) != first {
		t.Error("a Z that was closed says something else now")
	}
	reading, err := c.XReport(ctx(), c.manager)
	if err != nil || len(reading.Charges) != 1 || reading.Charges[0].State != receipts.ChargeNotPaid || !strings.Contains(reading.Text(48), "Non payé, vu par "+c.barista.Code) {
		t.Errorf("%+v, %v", reading.Charges, err)
	}
	if got := c.state(tk.ID); got.Charge != nil || got.Rest != 440 {
		t.Errorf("%+v", got)
	}
	c.pay(tk.ID, pos.Cash, 440, 0)
}

func zText(c *cafe, number string) string {
	c.tb.Helper()
	z, err := c.ClosingDocument(ctx(), number)
	if err != nil {
		c.tb.Fatal(err)
	}
	if b, err := json.Marshal(z); err != nil || !strings.Contains(string(b), `"charges"`) {
		c.tb.Errorf("as data: %v, %s", err, b)
	}
	return z.Text(48)
}

// TestARestartInTheMiddleOfAChargeLeavesItUnknown: nobody asks the terminal again.
func TestARestartInTheMiddleOfAChargeLeavesItUnknown(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	c.reopen()
	if err := c.ResumeCharges(ctx()); err != nil {
		t.Fatal(err)
	}
	got, err := c.Charge(ctx(), x.ID)
	if err != nil || got.State != pos.ChargeUnknown || got.Code != "terminal.restarted" || len(c.openCharges()) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if late := c.terminalSaid(x.ID, approved(440)); late.State != pos.ChargeUnknown {
		t.Errorf("%+v", late)
	}
	if err := c.ResumeCharges(ctx()); err != nil { // nothing is left to do
		t.Fatal(err)
	}
	if n, _ := c.technical("TERMINAL_UNKNOWN"); n != 1 {
		t.Errorf("%d entries", n)
	}
	if _, err := c.AnswerCharge(ctx(), c.by(), x.ID, true, ""); err != nil || c.state(tk.ID).State != "paid" {
		t.Errorf("%v, %+v", err, c.state(tk.ID))
	}
}

// TestMoneyTakenIsNeverRefused: the shift was closed while the customer typed the code.
func TestMoneyTakenIsNeverRefused(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	if _, err := c.CloseShift(ctx(), c.by(), []pos.Counted{{Value: 10000, Count: 1}}); err != nil {
		t.Fatal(err)
	}
	x = c.terminalSaid(x.ID, approved(440))
	if got := c.state(tk.ID); x.Kept != 440 || x.Sale != "" || got.State != "open" || got.Rest != 0 || got.Paid != 440 {
		t.Fatalf("%+v, %+v", x, got)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 10000); err != nil {
		t.Fatal(err)
	}
	if err := c.ResumeCharges(ctx()); err != nil || c.state(tk.ID).State != "paid" {
		t.Errorf("%v, %+v", err, c.state(tk.ID))
	}
}

// TestAChargeSetApartIsPaidAfterAll: the customer has paid in cash meanwhile, so the card's money is above, and is told until it is
// given back.
func TestAChargeSetApartIsPaidAfterAll(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.terminalSaid(c.request(tk.ID, 0).ID, unknown())
	if got, err := c.SetChargeApart(ctx(), c.by(), x.ID); err != nil || !got.Apart || got.State != pos.ChargeUnknown {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err := c.SetChargeApart(ctx(), c.by(), x.ID)
	refused(t, err, "charge.answered")
	c.pay(tk.ID, pos.Cash, 300, 0)
	got, err := c.AnswerCharge(ctx(), c.by(), x.ID, true, "166943")
	if err != nil || got.Kept != 140 || got.Over != 300 || got.Settled().Number == "" || len(c.openCharges()) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err = c.ReturnCharge(ctx(), c.by(), x.ID); err != nil || got.Over != 0 || len(c.openCharges()) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = c.ReturnCharge(ctx(), c.by(), x.ID)
	refused(t, err, "charge.nothing_over")
	reading, err := c.XReport(ctx(), c.manager)
	if err != nil || !strings.Contains(reading.Text(48), "Payé en trop et rendu") {
		t.Errorf("%v\n%s", err, reading.Text(48))
	}
	c.verify()
}

func TestAChargeOfAnOrderThatIsPaidIsAllToGiveBack(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.terminalSaid(c.request(tk.ID, 0).ID, unknown())
	if _, err := c.SetChargeApart(ctx(), c.by(), x.ID); err != nil {
		t.Fatal(err)
	}
	c.pay(tk.ID, pos.Cash, 440, 0)
	got, err := c.AnswerCharge(ctx(), c.by(), x.ID, true, "")
	if err != nil || got.Kept != 0 || got.Over != 440 || got.Settled().ID != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestATerminalApprovesNoOtherAmount(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	for _, amount := range []money.Cents{441} {
		if got := c.terminalSaid(x.ID, approved(amount)); got.State != pos.ChargeUnknown || got.Code != "terminal.mismatch" || got.Paid != 0 {
			t.Errorf("%d: %+v", amount, got)
		}
	}
}

// TestTwoTillsAskForOneOrder: one of them is heard.
func TestTwoTillsAskForOneOrder(t *testing.T) {
	c := openTerminal(t)
	withTerminal(c, "Terrasse")
	tk := c.ticket(line("cafe", 2))
	bys := []pos.By{c.by(), c.by(), c.by()}
	var all sync.WaitGroup
	asked := make([]error, 3)
	for i, name := range []string{"Comptoir", "Terrasse", "Comptoir"} {
		all.Go(func() {
			_, asked[i] = c.RequestCharge(ctx(), bys[i], tk.ID, pos.ChargeRequest{Terminal: name})
		})
	}
	all.Wait()
	made := 0
	for _, err := range asked {
		if err == nil {
			made++
		} else if fault.CodeOf(err) != "charge.open" {
			t.Errorf("%v", err)
		}
	}
	if made != 1 || len(c.openCharges()) != 1 {
		t.Errorf("%d charges", made)
	}
	second := c.ticket(line("eau", 1))
	x := c.openCharges()[0]
	_, err := c.RequestCharge(ctx(), c.by(), second.ID, pos.ChargeRequest{Terminal: x.Terminal})
	if e := refused(t, err, "charge.busy"); e.Args["no"] != tk.No {
		t.Errorf("%v", e.Args)
	}
	again, err := c.RequestCharge(ctx(), pos.By{Operator: c.barista, Command: bys[0].Command}, tk.ID, pos.ChargeRequest{Terminal: "Comptoir"})
	if asked[0] == nil && (err != nil || again.ID != x.ID || again.Amount != 440) {
		t.Errorf("the same command: %+v, %v", again, err)
	}
}

func TestWhatNoTerminalIsAskedFor(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 2))
	ask := func(ticket string, r pos.ChargeRequest) error {
		_, err := c.RequestCharge(ctx(), c.by(), ticket, r)
		return err
	}
	refused(t, ask(tk.ID, pos.ChargeRequest{}), "terminal.none")
	withTerminal(c, "Comptoir")
	refused(t, ask(tk.ID, pos.ChargeRequest{Terminal: "Bar"}), "terminal.unknown")
	refused(t, ask(tk.ID, pos.ChargeRequest{Amount: 441}), "payment.beyond")
	refused(t, ask(tk.ID, pos.ChargeRequest{Amount: -1}), "tenders.amount")
	refused(t, ask(tk.ID, pos.ChargeRequest{Version: new(int64(99))}), "ticket.stale")
	refused(t, ask("none", pos.ChargeRequest{}), "ticket.unknown")
	empty, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, ask(empty.ID, pos.ChargeRequest{}), "ticket.empty")
}

func TestInTrainingNoTerminalIsAsked(t *testing.T) {
	c := openTerminal(t)
	if _, err := c.SetTraining(ctx(), c.byManager(), true); err != nil {
		t.Fatal(err)
	}
	_, err := c.RequestCharge(ctx(), c.by(), c.ticket(line("cafe", 1)).ID, pos.ChargeRequest{})
	refused(t, err, "charge.training")
}

func TestTerminalsAreLinkedChangedAndRemoved(t *testing.T) {
	c := openCafe(t)
	good := pos.CardTerminal{Name: " Bar ", Protocol: pos.ProtocolCaisseAP, URI: "tcp://192.168.1.30:8888"}
	_, err := c.SaveTerminal(ctx(), c.by(), good)
	refused(t, err, "right.missing")
	got, err := c.SaveTerminal(ctx(), c.byManager(), good)
	if err != nil || got.Name != "Bar" || got.Version != "0300" || got.Till != "01" || got.Identifier != "012345678901" || got.TicketReturn != "" || got.Timeout != 180 {
		t.Fatalf("%+v, %v", got, err)
	}
	got.EndOfLine, got.Version, got.TicketReturn, got.Timeout = true, "0320", "100", 30
	if _, err := c.SaveTerminal(ctx(), c.byManager(), got); err != nil {
		t.Fatal(err)
	}
	if n, facts := c.technical("CONFIG_CHANGE"); n == 0 || facts["what"] != "terminal" || facts["old"].(map[string]any)["version"] != "0300" {
		t.Errorf("%v", facts)
	} else if is := facts["new"].(map[string]any); is["ticket_return"] != "100" || fmt.Sprint(is["timeout"]) != "30" {
		t.Errorf("%v", is)
	}
	all, err := c.CardTerminals(ctx())
	if err != nil || len(all) != 1 || all[0] != got {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = c.SaveTerminal(ctx(), c.byManager(), pos.CardTerminal{Protocol: "x", URI: "http://x", TerminalSettings: pos.TerminalSettings{Version: "9", Till: "1", Identifier: "z", TicketReturn: "1", Timeout: 181}})
	if e := refused(t, err, "terminal.invalid"); len(e.Fields) != 8 {
		t.Errorf("%+v", e.Fields)
	}
	for _, bad := range []pos.CardTerminal{
		{Name: "a", Protocol: pos.ProtocolConcert, URI: "tcp://h:8888"}, {Name: "a", Protocol: pos.ProtocolCaisseAP, URI: "serial:///dev/ttyS0"},
		{Name: "a", Protocol: pos.ProtocolCaisseAP, URI: "tcp://"}, {Name: "a", Protocol: pos.ProtocolCaisseAP, URI: "tcp://h:8888/x"},
		{Name: "a", Protocol: pos.ProtocolConcert, URI: "virtual:", TerminalSettings: pos.TerminalSettings{Timeout: 29}},
	} {
		_, err = c.SaveTerminal(ctx(), c.byManager(), bad)
		refused(t, err, "terminal.invalid")
	}
	tk := c.ticket(line("cafe", 1))
	x := c.request(tk.ID, 0)
	_, err = c.RemoveTerminal(ctx(), c.byManager(), "Bar")
	refused(t, err, "terminal.in_use")
	c.terminalSaid(x.ID, approved(220))
	if _, err := c.RemoveTerminal(ctx(), c.byManager(), "Bar"); err != nil {
		t.Fatal(err)
	}
	_, err = c.RemoveTerminal(ctx(), c.byManager(), "Bar")
	refused(t, err, "terminal.unknown")
}

// TestAPartThatATerminalTookIsToldWhenItIsTakenOff: the order may be given up then, and the card was debited all the same.
func TestAPartThatATerminalTookIsToldWhenItIsTakenOff(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.terminalSaid(c.request(tk.ID, 300).ID, approved(300))
	if len(c.openCharges()) != 0 || x.Kept != 300 {
		t.Fatalf("%+v", x)
	}
	if _, err := c.RemovePayment(ctx(), c.by(), tk.ID, 1, "Erreur"); err != nil {
		t.Fatal(err)
	}
	if open := c.openCharges(); len(open) != 1 || open[0].ID != x.ID || open[0].Over != 300 || open[0].Kept != 0 {
		t.Fatalf("the card's money is nowhere: %+v", open)
	}
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, "Parti"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.ReturnCharge(ctx(), c.by(), x.ID); err != nil || got.Over != 0 || len(c.openCharges()) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	c.verify()
}

// TestATerminalToTryWithIsOfNoRealCafe: it approves what nobody pays.
func TestATerminalToTryWithIsOfNoRealCafe(t *testing.T) {
	c := openCafe(t)
	_, err := c.SaveTerminal(ctx(), c.byManager(), pos.CardTerminal{Name: "Essai", Protocol: pos.ProtocolCaisseAP, URI: "virtual:"})
	refused(t, err, "terminal.invalid")
}

// TestAnAnswerThatIsWrittenAgainSettlesWhatItCouldNot: the till was too busy to settle the sale when the answer was written, and
// whoever writes it tries again.
func TestAnAnswerThatIsWrittenAgainSettlesWhatItCouldNot(t *testing.T) {
	c := openTerminal(t)
	tk := c.ticket(line("cafe", 2))
	x := c.request(tk.ID, 0)
	if _, err := c.CloseShift(ctx(), c.by(), []pos.Counted{{Value: 10000, Count: 1}}); err != nil {
		t.Fatal(err)
	}
	if x = c.terminalSaid(x.ID, approved(440)); x.Sale != "" {
		t.Fatalf("%+v", x)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 10000); err != nil {
		t.Fatal(err)
	}
	if x = c.terminalSaid(x.ID, approved(440)); x.Settled().Number == "" || c.state(tk.ID).State != "paid" {
		t.Errorf("the order waits for ever: %+v", x)
	}
	if x = c.terminalSaid(x.ID, approved(440)); x.Settled().Number != "" || x.Kept != 440 {
		t.Errorf("twice: %+v", x)
	}
	c.verify()
}

// TestATerminalOfBeforeKeepsWaitingAsLong: settings that were kept before there was a choice mean what was done then.
func TestATerminalOfBeforeKeepsWaitingAsLong(t *testing.T) {
	c := openTerminal(t)
	if err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE terminals SET settings = json_remove(settings, '$.timeout', '$.ticket_return')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	all, err := c.CardTerminals(ctx())
	if err != nil || len(all) != 1 || all[0].Timeout != 180 || all[0].TicketReturn != "" {
		t.Errorf("%+v, %v", all, err)
	}
}
