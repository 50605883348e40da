package pos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// printingCafe is a café with a printer of receipts that has a drawer, and one of the kitchen.
func printingCafe(t *testing.T) *cafe {
	t.Helper()
	c := stationCafe(t)
	c.install(receiptPrinter(), kitchenPrinter())
	return c
}

// jobs writes what waits for the printers: "Comptoir drawer; Cuisine kitchen".
func (c *cafe) jobs() string {
	c.tb.Helper()
	all, err := c.PrintJobs(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	said := make([]string, len(all))
	for i, j := range all {
		said[i] = j.Printer + " " + j.Kind
	}
	return strings.Join(said, "; ")
}

// strips are the tickets that wait for the kitchen's printer.
func (c *cafe) strips() (all []receipts.KitchenTicket) {
	c.tb.Helper()
	jobs, err := c.PrintJobs(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, j := range jobs {
		if j.Kind != pos.JobKitchen {
			continue
		}
		paper, err := c.Paper(ctx(), j)
		if err != nil {
			c.tb.Fatal(err)
		}
		all = append(all, paper.(receipts.KitchenTicket))
	}
	return all
}

// emptied ends all that waits, as if it had been printed.
func (c *cafe) emptied() {
	c.tb.Helper()
	jobs, err := c.PrintJobs(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, j := range jobs {
		if _, err := c.AnswerJob(ctx(), c.by(), j.ID, spool.Drop); err != nil {
			c.tb.Fatal(err)
		}
	}
}

// cash pays an order by the means given, exactly.
func (c *cafe) pays(means pos.Means, lines ...pos.LineRequest) pos.SaleResult {
	c.tb.Helper()
	var total money.Cents
	menu, err := c.Menu(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, l := range lines {
		for _, p := range menu.Products {
			if p.ID == l.Product {
				total += p.Price * money.Cents(l.Qty)
			}
		}
	}
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: lines, Tenders: []pos.Tender{{Means: means, Amount: total}}})
	if err != nil {
		c.tb.Fatal(err)
	}
	return r
}

func TestWithoutPrintersNothingIsQueued(t *testing.T) {
	c := stationCafe(t)
	sale := c.pays(pos.Cash, line("plat", 1))
	tk := c.ticket(line("plat", 1))
	c.send(tk)
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil || note.Job != "" || c.jobs() != "" {
		t.Errorf("%+v, %v: %q", note, err, c.jobs())
	}
	_, err = c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"})
	refused(t, err, "printer.unknown")
	_, err = c.PrintReading(ctx(), c.by())
	refused(t, err, "printer.none")
}

func TestADrawerOpensForCashAndForNothingElse(t *testing.T) {
	c := printingCafe(t)
	opens := func(what, want string) {
		t.Helper()
		if got := c.jobs(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		c.emptied()
	}
	const drawer = "Comptoir drawer"
	sale := c.pays(pos.Cash, line("cafe", 2))
	opens("cash", drawer)
	c.pays(pos.Card, line("cafe", 1))
	opens("card", "")
	c.serve("cafe")
	opens("a serving", "")
	tk := c.ticket(line("cafe", 3))
	part, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 220})
	if err != nil {
		t.Fatal(err)
	}
	opens("a part in cash", drawer)
	if _, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: part.Ticket.Total - 220}); err != nil {
		t.Fatal(err)
	}
	opens("the rest by card", "")
	s, err := c.Sale(ctx(), sale.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, means := range []pos.Means{pos.Card, pos.Cash} {
		if _, err := c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: s.Lines[0].ID, Qty: 1}}, Tender: means, Reason: "erreur"}); err != nil {
			t.Fatal(err)
		}
	}
	opens("a refund by card, and one in cash", drawer)
	if _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: -500, Reason: "pain"}); err != nil {
		t.Fatal(err)
	}
	opens("cash taken out", drawer)
	c.train(true)
	c.pays(pos.Cash, line("cafe", 1))
	tk = c.ticket(line("cafe", 2))
	if _, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 100}); err != nil {
		t.Fatal(err)
	}
	opens("an exercise", "")
}

func TestADrawerIsThatOfTheTillAndShortLived(t *testing.T) {
	c := printingCafe(t)
	bar := receiptPrinter()
	bar.Name = "Bar"
	mute := receiptPrinter()
	mute.Name, mute.Profile.Pin = "Terrasse", -1
	c.install(bar, mute)
	pay := func(printer string) {
		t.Helper()
		by := c.by()
		by.Printer = printer
		if _, err := c.Sell(ctx(), by, pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 220}}}); err != nil {
			t.Fatal(err)
		}
	}
	pay("BAR")
	pay("gone since")
	pay("Terrasse") // no drawer hangs on it
	pay(pos.NoPrinter)
	if got := c.jobs(); got != "Bar drawer; Comptoir drawer" {
		t.Error(got)
	}
	all, err := c.PrintJobs(ctx())
	if err != nil || all[0].Expires.Sub(all[0].Created) != 15*time.Second {
		t.Errorf("%+v, %v", all[0], err)
	}
}

func TestTheSameCommandPrintsOnce(t *testing.T) {
	c := printingCafe(t)
	sale := c.pays(pos.Card, line("cafe", 1))
	by := c.by()
	first, err := c.PrintDocument(ctx(), by, sale.Number, pos.PrintRequest{Printer: "comptoir"})
	if err != nil || first.Job == "" || first.Printer != "Comptoir" || first.Duplicate != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := c.PrintDocument(ctx(), by, sale.Number, pos.PrintRequest{Printer: "comptoir"})
	if err != nil || again.Job != first.Job || c.jobs() != "Comptoir document" {
		t.Errorf("%+v, %v: %s", again, err, c.jobs())
	}
	other, err := c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"})
	if err != nil || other.Duplicate != 1 || other.Job == first.Job {
		t.Errorf("somebody asks for one more: %+v, %v", other, err)
	}
	for job, want := range map[string]bool{first.Job: false, other.Job: true} {
		if text := c.printed(job); strings.Contains(text, "DUPLICATA") != want || !strings.Contains(text, sale.Number) {
			t.Errorf("a duplicate: %t\n%s", want, text)
		}
	}
	_, err = c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir", Form: pos.OnScreen})
	refused(t, err, "print.invalid")
	_, err = c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Cuisine"})
	refused(t, err, "printer.unknown")
}

// printed is the paper of a job, as a strict printer of its profile has it.
func (c *cafe) printed(job string) string {
	c.tb.Helper()
	j, err := c.PrintJob(ctx(), job)
	if err != nil {
		c.tb.Fatal(err)
	}
	p, err := c.PrinterNamed(ctx(), j.Printer)
	if err != nil {
		c.tb.Fatal(err)
	}
	paper, err := c.Paper(ctx(), j)
	if err != nil {
		c.tb.Fatal(err)
	}
	b, err := paper.ESCPOS(p.Profile)
	if err != nil {
		c.tb.Fatal(err)
	}
	printer := escpos.NewPrinter(p.Profile, true)
	if _, err := printer.Write(b); err != nil {
		c.tb.Fatal(err)
	}
	var text strings.Builder
	for _, p := range printer.Papers() {
		text.WriteString(p.Text)
	}
	for _, err := range printer.Errors() {
		c.tb.Errorf("job %s: %v", j.Kind, err)
	}
	return text.String()
}

func TestTwoTillsPrintOneDocument(t *testing.T) {
	c := printingCafe(t)
	sale := c.pays(pos.Card, line("cafe", 1))
	var given [2]pos.Printed
	var wg sync.WaitGroup
	for i := range given {
		wg.Go(func() {
			var err error
			if given[i], err = c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if given[0].Duplicate+given[1].Duplicate != 1 || c.jobs() != "Comptoir document; Comptoir document" {
		t.Errorf("%+v: one is the original: %s", given, c.jobs())
	}
}

func TestANoteAReadingAClosingAndACardComeOut(t *testing.T) {
	c := printingCafe(t)
	tk := c.ticket(line("cafe", 1))
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil || note.Printer != "Comptoir" {
		t.Fatalf("%+v, %v", note, err)
	}
	c.payTicket(tk.ID)
	reading, err := c.PrintReading(ctx(), c.by())
	if err != nil {
		t.Fatal(err)
	}
	code := c.newCard()
	card, err := c.PrintCard(ctx(), c.by(), code)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.PrintCard(ctx(), c.by(), "FIDCBDEFGHIJKLNRTUVCC")
	if err == nil {
		t.Error("what is no card is printed")
	}
	j, err := c.PrintJob(ctx(), card)
	if err != nil || strings.Contains(string(j.Body), code) {
		t.Errorf("the code of a card is in the database: %s, %v", j.Body, err)
	}
	for job, want := range map[string]string{note.Job: note.Number, reading: "LECTURE", card: code[:4]} {
		if text := c.printed(job); !strings.Contains(strings.ToUpper(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestTheKitchenIsToldOnPaperInOrder(t *testing.T) {
	c := printingCafe(t)
	tk := c.ticket(line("plat", 2), line("cafe", 1), line("eau", 1))
	c.send(tk)
	c.addTo(tk, line("duo", 1))
	c.send(tk)
	c.takeOff(tk, 1, 1)
	note, name := "sans sel", "Terrasse"
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Note: &note}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Note: &note}); err != nil { // the same again
		t.Fatal(err)
	}
	if _, err := c.ChangeTicket(ctx(), c.by(), tk.ID, pos.TicketChange{Name: &name}); err != nil {
		t.Fatal(err)
	}
	c.payTicket(tk.ID) // it has all of it
	var said []string
	for _, k := range c.strips() {
		s := fmt.Sprintf("%s %d %s", k.Station, k.No, k.Name)
		for _, l := range k.Lines {
			s += fmt.Sprintf(" [%d %s %s%s]", l.Qty, l.Name, map[bool]string{true: "+"}[l.Added], map[bool]string{true: fmt.Sprintf("~%d", l.Was)}[l.Cancelled])
			if l.Renoted {
				s += l.Note
			}
		}
		said = append(said, s)
	}
	want := []string{"Cuisine 1  [2 Plat ]", "Cuisine 1  [1 Duo +]", "Cuisine 1  [1 Plat ~2]", "Cuisine 1  [1 Plat ]sans sel", "Cuisine 1 Terrasse"}
	if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if got := c.kitchen(); got != "" {
		t.Errorf("nobody watches, and a screen has %s", got)
	}
}

// A kitchen with a screen has paper beside it, under the same number.
func TestAScreenAndAPrinterAgree(t *testing.T) {
	c := openKitchen(t)
	c.install(receiptPrinter(), kitchenPrinter())
	c.pays(pos.Card, line("plat", 1))
	if o := c.first(); len(c.strips()) != 1 || c.strips()[0].No != o.No {
		t.Errorf("%+v, %+v", o, c.strips())
	}
	c.emptied()
	if err := c.UnwatchStations(ctx(), c.by(), []string{"cuisine"}); err != nil {
		t.Fatal(err)
	}
	tk := c.ticket(line("plat", 1))
	c.send(tk)
	c.emptied()
	if err := c.WatchStations(ctx(), c.by(), []string{"cuisine"}); err != nil {
		t.Fatal(err)
	}
	if got := c.jobs(); got != "" {
		t.Errorf("a screen that is switched on prints nothing again: %s", got)
	}
}

func TestTheKitchenTicketOfAServingIsThatOfASale(t *testing.T) {
	c := printingCafe(t)
	c.pays(pos.Card, line("plat", 1))
	c.serve("plat")
	papers := c.strips()
	if len(papers) != 2 {
		t.Fatalf("%+v", papers)
	}
	papers[1].No = papers[0].No
	paid, err := papers[0].ESCPOS(kitchenPrinter().Profile)
	if err != nil {
		t.Fatal(err)
	}
	served, err := papers[1].ESCPOS(kitchenPrinter().Profile)
	if err != nil || string(paid) != string(served) {
		t.Errorf("they differ: %v\n%+v\n%+v", err, papers[0], papers[1])
	}
}

func TestAServingThatIsTakenBackIsCancelledOnPaper(t *testing.T) {
	c := printingCafe(t)
	r := c.serve("plat")
	made := c.strips()[0]
	c.emptied()
	c.clock.Advance(time.Minute)
	if _, err := c.UndoRedemption(ctx(), c.by(), r.Number, "erreur"); err != nil {
		t.Fatal(err)
	}
	papers := c.strips()
	if len(papers) != 1 || papers[0].No != made.No || len(papers[0].Lines) != 1 || !papers[0].Lines[0].Cancelled || papers[0].Lines[0].Qty != 0 {
		t.Errorf("%+v", papers)
	}
}

func TestAnExercisePrintsNothingInTheKitchen(t *testing.T) {
	c := printingCafe(t)
	c.train(true)
	c.pays(pos.Cash, line("plat", 1))
	tk := c.ticket(line("plat", 2))
	c.send(tk)
	c.takeOff(tk, 1, 1)
	if got := c.jobs(); got != "" {
		t.Error(got)
	}
}

func TestAFullQueueNeverRefusesASale(t *testing.T) {
	c := printingCafe(t)
	err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		for range spool.Limit {
			if _, err := spool.Add(ctx, tx, spool.Request{Printer: "Cuisine", Kind: pos.JobTest, Body: struct{}{}}); err != nil {
				return err
			}
		}
		return tx.Record(data.Event{Type: "test", Body: struct{}{}})
	})
	if err != nil {
		t.Fatal(err)
	}
	sale := c.pays(pos.Cash, line("plat", 1))
	if len(sale.Warnings) != 1 || sale.Warnings[0] != pos.WarnPrintFull {
		t.Errorf("%+v", sale.Warnings)
	}
	_, err = c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"})
	refused(t, err, "print.full")
	if ok, err := c.CanPrintOriginal(ctx(), sale.Number); err != nil || !ok {
		t.Errorf("what was not asked for is still the original: %t, %v", ok, err)
	}
	tk := c.ticket(line("plat", 1))
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil || note.Job != "" {
		t.Errorf("the browser prints it: %+v, %v", note, err)
	}
}

func TestAJobIsAnsweredOnceByWhoeverSells(t *testing.T) {
	c := printingCafe(t)
	c.pays(pos.Card, line("plat", 1))
	all, err := c.PrintJobs(ctx())
	if err != nil {
		t.Fatal(err)
	}
	by := c.by()
	for range 2 {
		if j, err := c.AnswerJob(ctx(), by, all[0].ID, spool.Drop); err != nil || j.State != spool.Dropped {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	_, err = c.AnswerJob(ctx(), c.by(), all[0].ID, spool.Again)
	refused(t, err, "print.moved")
	_, err = c.AnswerJob(ctx(), c.by(), all[0].ID, "maybe")
	refused(t, err, "print.answer")
	_, err = c.AnswerJob(ctx(), c.by(), "none", spool.Drop)
	refused(t, err, "print.no_job")
	_, err = c.MoveJob(ctx(), c.by(), all[0].ID, "nobody's")
	refused(t, err, "printer.unknown")
}

// TestAJobThatAsksIsPrintedWhereSomebodySaysSo: naming another printer is the answer to the question.
func TestAJobThatAsksIsPrintedWhereSomebodySaysSo(t *testing.T) {
	c := printingCafe(t)
	c.pays(pos.Card, line("plat", 1))
	all, err := c.PrintJobs(ctx())
	if err != nil {
		t.Fatal(err)
	}
	id := all[0].ID
	if err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		_, err := spool.Fail(ctx, tx, id, "printer.unknown")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	j, err := c.MoveJob(ctx(), c.by(), id, "Comptoir")
	if err != nil || j.State != spool.Queued || j.Printer != "Comptoir" || j.Reason != "" {
		t.Errorf("%+v, %v", j, err)
	}
}

func TestAJobThatCannotBeReadIsFound(t *testing.T) {
	c := printingCafe(t)
	for _, j := range []spool.Job{{Kind: "poem", Body: json.RawMessage(`{}`)}, {Kind: pos.JobCard, Body: json.RawMessage(`{"sealed":"AAAA"}`)},
		{Kind: pos.JobKitchen, Body: json.RawMessage(`[]`)}, {Kind: pos.JobDocument, Body: json.RawMessage(`{"number":"T26-999999"}`)}} {
		if p, err := c.Paper(ctx(), j); err == nil {
			t.Errorf("%s: %+v", j.Kind, p)
		}
	}
}

// TestNoOriginalComesOutAgainWhenTheCustomerHasLeft is fiscal R38 and R97: a printer that cannot say whether it printed is asked once
// more while the customer waits, and not a month later.
func TestNoOriginalComesOutAgainWhenTheCustomerHasLeft(t *testing.T) {
	c := printingCafe(t)
	sale := c.pays(pos.Card, line("cafe", 1))
	c.emptied()
	p, err := c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"})
	if err != nil {
		t.Fatal(err)
	}
	sent := func() {
		t.Helper()
		err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
			if _, err := spool.Send(ctx, tx, p.Job, "Comptoir"); err != nil {
				return err
			}
			if _, err := spool.Done(ctx, tx, p.Job, false, "printer.unverified"); err != nil {
				return err
			}
			return tx.Record(data.Event{Type: "print.sent", Topics: []string{spool.Topic}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sent()
	if _, err := c.AnswerJob(ctx(), c.by(), p.Job, spool.Again); err != nil {
		t.Fatalf("while the customer waits: %v", err)
	}
	sent()
	c.clock.Advance(16 * time.Minute)
	_, err = c.AnswerJob(ctx(), c.by(), p.Job, spool.Again)
	refused(t, err, "print.over")
	if d, err := c.PrintDocument(ctx(), c.by(), sale.Number, pos.PrintRequest{Printer: "Comptoir"}); err != nil || d.Duplicate != 1 {
		t.Errorf("the duplicate: %+v, %v", d, err)
	}
}
