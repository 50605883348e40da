package pos_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// print gives a document out and fails the test on a refusal.
func (c *cafe) print(number string) pos.Printed {
	c.tb.Helper()
	p, err := c.PrintDocument(ctx(), c.by(), number, pos.PrintRequest{})
	if err != nil {
		c.tb.Fatalf("print %s: %v", number, err)
	}
	return p
}

// papers makes what the tables of documents hold: an invoice, a duplicate of it, a corrected payment, a mention.
func (c *cafe) papers() {
	c.tb.Helper()
	s := c.sell("", line("biere", 1))
	made, err := c.Invoice(ctx(), c.by(), s.ID, buyer())
	if err != nil {
		c.tb.Fatal(err)
	}
	c.print(made.Number)
	c.print(made.Number)
	if _, err := c.FixPayment(ctx(), c.byManager(), s.ID, pos.FixRequest{From: pos.Card, To: pos.Cash, Reason: "espèces"}); err != nil {
		c.tb.Fatal(err)
	}
	settings, err := c.Settings(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	settings.VATMention = "TVA non applicable"
	if _, err := c.SaveSettings(ctx(), c.byManager(), settings); err != nil {
		c.tb.Fatal(err)
	}
}

// olderReceipt records a receipt as an older version of the till did: it was given out, and no entry says so.
func (c *cafe) olderReceipt(id string) {
	c.tb.Helper()
	err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		var seq int64
		if err := tx.QueryRow(ctx, `SELECT seq FROM sales WHERE id = ?`, id).Scan(&seq); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO receipts_asked (seq, event, at, operator) VALUES (?, ?, ?, 'AWA')`, seq, tx.EventSeq(), tx.Now().UnixMilli()); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "receipt.asked", Body: map[string]any{"sale": seq, "operator": "AWA"}})
	})
	if err != nil {
		c.tb.Fatal(err)
	}
}

func buyer() pos.InvoiceRequest {
	return pos.InvoiceRequest{Name: "Atelier Lumière SARL", Address: "12 rue des Lilas, 33000 Bordeaux", SIRET: "123 456 782 00010", VATNumber: "fr11 123456782"}
}

// paper is the text of a document as it left the till the n-th time.
func (c *cafe) paper(number string, n int) string {
	c.tb.Helper()
	d, err := c.Copy(ctx(), number, n)
	if err != nil {
		c.tb.Fatalf("copy %d of %s: %v", n, number, err)
	}
	return d.Text(receipts.Columns80)
}

func TestThreePrintsAreTheOriginalAndTwoDuplicatesR38(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.sell("", line("cafe", 2))
	_, err := c.Copy(ctx(), s.Number, 0)
	refused(t, err, "print.unknown")
	first := c.print(s.Number)
	original := c.paper(s.Number, 0)
	p := menu()[0]
	p.ID, p.Name, p.Price = "cafe", "Petit noir", 250
	if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
		t.Fatal(err)
	}
	if first.Duplicate != 0 || first.Reference != "" || first.Reason != "" || strings.Contains(original, "DUPLICATA") {
		t.Errorf("the first is %+v:\n%s", first, original)
	}
	for k, number := range []string{"D26-000001", "D26-000002"} {
		p := c.print(s.Number)
		mark := "DUPLICATA n° " + string(rune('1'+k)) + " - " + number
		again := c.paper(s.Number, k+1)
		if p.Duplicate != k+1 || p.Reference != number || p.Reason != "asked" || strings.Count(again, mark) != 2 {
			t.Errorf("duplicate %d is %+v:\n%s", k+1, p, again)
		}
		var kept []string
		for l := range strings.SplitSeq(again, "\n") {
			if !strings.Contains(l, mark) {
				kept = append(kept, l)
			}
		}
		if got := strings.Join(kept, "\n"); got != original {
			t.Errorf("duplicate %d without its mention:\n%s\nwant the original:\n%s", k+1, got, original)
		}
		if d, err := c.Document(ctx(), number); err != nil || d.Text(receipts.Columns80) != again {
			t.Errorf("%s is not the duplicate it recorded: %v", number, err)
		}
	}
	prints, err := c.Prints(ctx(), s.Number)
	if err != nil || len(prints) != 3 || prints[0].Duplicate != 0 || prints[2].Duplicate != 2 || prints[2].Operator != "AWA" {
		t.Errorf("prints %+v, %v", prints, err)
	}
}

// TestAfterAQuarterOfAnHourThereIsNoOriginalR97 also prints what an older version had printed, and every kind.
func TestAfterAQuarterOfAnHourThereIsNoOriginalR97(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	late, old := c.sell("", line("cafe", 1)), c.sell("", line("cafe", 1))
	c.olderReceipt(old.ID)
	if p := c.print(old.Number); p.Duplicate != 1 {
		t.Errorf("after an older version had given it out: %+v", p)
	}
	c.clock.Advance(15 * time.Minute)
	fresh, err := c.CanPrintOriginal(ctx(), late.Number)
	if err != nil || !fresh {
		t.Errorf("at a quarter of an hour the original can be given: %t, %v", fresh, err)
	}
	c.clock.Advance(time.Second)
	if p := c.print(late.Number); p.Duplicate != 1 {
		t.Errorf("after a quarter of an hour: %+v", p)
	}
	back := c.refund(late.ID, 1, 1)
	c.sell("", gift("cafe", 1))
	served := c.serve("cafe")
	for _, number := range []string{back.Number, served.Number} {
		if a, b := c.print(number), c.print(number); a.Duplicate != 0 || b.Duplicate != 1 || b.Reference == "" {
			t.Errorf("%s: %+v, then %+v", number, a, b)
		}
	}
	tk := c.ticket(line("plat", 1))
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		number string
		pos.PrintRequest
		code string
	}{
		{note.Number, pos.PrintRequest{}, "print.note"}, {"T26-000099", pos.PrintRequest{}, "journal.document"}, {"T1", pos.PrintRequest{}, "journal.number"},
		{late.Number, pos.PrintRequest{Form: "email"}, "print.invalid"}, {late.Number, pos.PrintRequest{Reason: "because"}, "print.invalid"},
	} {
		_, err := c.PrintDocument(ctx(), c.by(), r.number, r.PrintRequest)
		refused(t, err, r.code)
	}
	_, err = c.PrintDocument(ctx(), pos.By{Operator: pos.Operator{Role: pos.RoleAccountant, Code: "C"}, Command: c.cmd()}, late.Number, pos.PrintRequest{})
	refused(t, err, "right.missing")
}

func TestTwoTillsPrintingAtOnceGetNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.sell("", line("cafe", 1))
	c.print(s.Number)
	const tills = 8
	got := make([]int, tills)
	var wg sync.WaitGroup
	for i := range tills {
		by := c.by()
		wg.Go(func() {
			p, err := c.PrintDocument(ctx(), by, s.Number, pos.PrintRequest{Reason: "lost"})
			if err != nil {
				t.Error(err)
			}
			got[i] = p.Duplicate
		})
	}
	wg.Wait()
	slices.Sort(got)
	for i, k := range got {
		if k != i+1 {
			t.Fatalf("duplicates %v, want 1 to %d", got, tills)
		}
	}
}

func TestTheMentionOnADuplicateIsThatOfItsDayR87(t *testing.T) {
	t.Parallel()
	id := identity()
	id.VATRegime = "franchise"
	c := emptyCafeOf(t, id)
	if _, err := c.SaveProduct(ctx(), c.byManager(), menu()[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil {
		t.Fatal(err)
	}
	before := c.sell("", line("cafe", 1))
	s, err := c.Settings(ctx())
	if err != nil {
		t.Fatal(err)
	}
	s.VATMention = "TVA non applicable, art. L. 223-1 du CIBS"
	if s, err = c.SaveSettings(ctx(), c.byManager(), s); err != nil {
		t.Fatal(err)
	}
	after := c.sell("", line("cafe", 1))
	s.VATMention = ""
	if _, err = c.SaveSettings(ctx(), c.byManager(), s); err != nil {
		t.Fatal(err)
	}
	last := c.sell("", line("cafe", 1))
	for number, want := range map[string]string{before.Number: receipts.FranchiseMention, after.Number: "TVA non applicable, art. L. 223-1 du CIBS", last.Number: receipts.FranchiseMention} {
		c.print(number)
		if text := c.paper(number, 0); !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s lacks %q:\n%s", number, want, text)
		}
	}
}

func TestANoteSaysWhatTheOrderWouldBeTaxedR93(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	tk := c.ticket(line("plat", 1), line("biere", 1), gift("cafe", 1))
	note, err := c.PrintNote(ctx(), c.by(), tk.ID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Document(ctx(), note.Number)
	if err != nil || d.Total != (receipts.Total{HT: 1245 + 375, VAT: 125 + 75, TTC: 1370 + 450}) {
		t.Errorf("total %+v, %v", d.Total, err)
	}
	for _, r := range []struct {
		policy pos.ReceiptPolicy
		mode   pos.Mode
		total  money.Cents
		due    bool
	}{
		{pos.NoteFrom25, pos.EatIn, 2499, false}, {pos.NoteFrom25, pos.EatIn, 2500, true}, {pos.NoteFrom25, pos.Takeaway, 9000, false},
		{pos.NoteAlways, pos.EatIn, 100, true}, {pos.NoteAlways, pos.EatIn, 0, false}, {pos.NoteOnDemand, pos.EatIn, 9000, false},
	} {
		if got := (pos.Settings{ReceiptPolicy: r.policy}).NoteDue(r.mode, r.total); got != r.due {
			t.Errorf("%+v: %t", r, got)
		}
	}
}

func TestAnInvoiceIsForASaleAsItWasPaidR94(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.sell("", line("plat", 1), line("biere", 1))
	before, err := c.Day(ctx(), "")
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.Invoice(ctx(), c.by(), s.ID, buyer())
	if err != nil || made.Number != "I26-000001" || made.Total != s.Total || made.Buyer.SIRET != "12345678200010" || made.Buyer.VATNumber != "FR11123456782" {
		t.Fatalf("invoice %+v, %v", made, err)
	}
	if after, err := c.Day(ctx(), ""); err != nil || after.Total != before.Total || after.Sales != before.Sales {
		t.Errorf("the invoice counts: %v to %v, %v", before.Total, after.Total, err)
	}
	_, err = c.Invoice(ctx(), c.by(), s.ID, buyer())
	refused(t, err, "invoice.exists")
	d, err := c.Document(ctx(), made.Number)
	if err != nil || d.Buyer == nil || d.Of != s.Number || d.Total.TTC != s.Total {
		t.Fatalf("document %+v, %v", d, err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), made.Number)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"Lumière", "Lilas", "12345678200010\",\"vat", d.Buyer.Check} {
		if strings.Contains(string(e.Canon), never) {
			t.Errorf("the journal tells %q: %s", never, e.Canon)
		}
	}
	hash := journal.Buyer{Name: d.Buyer.Name, Address: d.Buyer.Address, SIRET: d.Buyer.SIRET, VATNumber: d.Buyer.VATNumber, Check: d.Buyer.Check}.Hash()
	if !strings.Contains(string(e.Canon), hash) {
		t.Errorf("what the invoice says does not make the hash of the journal: %s", e.Canon)
	}
	c.clock.Advance(2 * time.Hour)
	if first, second := c.print(made.Number), c.print(made.Number); first.Duplicate != 0 || second.Duplicate != 1 || second.Reference == "" {
		t.Errorf("printed as %+v, then %+v", first, second)
	}
	back := c.refund(s.ID, 1, 1)
	if credit, err := c.Document(ctx(), back.Number); err != nil || credit.Invoice != made.Number {
		t.Errorf("the refund names invoice %q, %v", credit.Invoice, err)
	}
	_, err = c.Invoice(ctx(), c.by(), back.ID, buyer())
	refused(t, err, "invoice.sale")
	other := c.sell("", line("cafe", 2))
	c.refund(other.ID, 1, 1)
	_, err = c.Invoice(ctx(), c.by(), other.ID, buyer())
	refused(t, err, "invoice.refunded")
	_, err = c.Invoice(ctx(), c.by(), "none", buyer())
	refused(t, err, "sale.unknown")
}

func TestABuyerIsCheckedFieldByField(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.sell("", line("cafe", 1))
	for want, change := range map[string]func(*pos.InvoiceRequest){
		"name required":          func(r *pos.InvoiceRequest) { r.Name = "  " },
		"address required":       func(r *pos.InvoiceRequest) { r.Address = "" },
		"name too_long":          func(r *pos.InvoiceRequest) { r.Name = strings.Repeat("x", 141) },
		"address control":        func(r *pos.InvoiceRequest) { r.Address = "a\nb" },
		"siret digits_14":        func(r *pos.InvoiceRequest) { r.SIRET = "123456782" },
		"siret siret_sum":        func(r *pos.InvoiceRequest) { r.SIRET = "12345678200011" },
		"vat_number vat_form":    func(r *pos.InvoiceRequest) { r.VATNumber = "FR1112345678" },
		"vat_number vat_form_eu": func(r *pos.InvoiceRequest) { r.VATNumber = "123456782" },
	} {
		r := buyer()
		change(&r)
		_, err := c.Invoice(ctx(), c.by(), s.ID, r)
		if e := refused(t, err, "invoice.invalid"); len(e.Fields) != 1 || e.Fields[0].Name+" "+e.Fields[0].Code != want {
			t.Errorf("%s: fields %v", want, e.Fields)
		}
	}
	r := buyer()
	r.SIRET, r.VATNumber = "", "de 123456789"
	if made, err := c.Invoice(ctx(), c.by(), s.ID, r); err != nil || made.Number != "I26-000001" || made.Buyer.VATNumber != "DE123456789" {
		t.Errorf("a buyer from abroad: %+v, %v", made, err)
	}
}
