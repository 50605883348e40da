package receipts_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/receipts"
	"comptoir/receipts/journal"
)

var update = flag.Bool("update", false, "write the golden files anew, to be looked at before they are committed")

// documents are those of the golden files, by the name of their file.
func documents(tb testing.TB) map[string]receipts.Document {
	tb.Helper()
	franchised, demo := genesis(), genesis()
	franchised.VATRegime, franchised.VATNumber, franchised.LegalName = "franchise", "", franchised.Name
	demo.Demo, demo.SIRET = true, "00000000000000"
	untaxed := ticket([]journal.Line{line("Café", 2, 180, 0), line("Cookie", 1, 250, 0)})
	tipped := coffee()
	tipped.NonTurnover = []journal.NonTurnover{{K: "tip", Amt: 100}}
	tipped.Pay[0].Amt, tipped.Pay[0].Change = 280, 220
	bought := coffee()
	bought.Mode = journal.Takeaway
	training := entry(tb, journal.KindTicket, "X26-000001", bought)
	training.Training = true
	undone := served()
	undone.Qty, undone.Ref = -1, &journal.Ref{Doc: "R26-000001", Seq: 30}
	online := receipts.Extra{ReceiptURL: "HTTP://127.0.0.1:8081/R/7QXN4BKD2MWT"}
	return map[string]receipts.Document{
		"ticket":     render(tb, entry(tb, journal.KindTicket, "T26-000001", lunch()), genesis(), online),
		"cash":       render(tb, entry(tb, journal.KindTicket, "T26-000002", coffee()), genesis(), online),
		"tip":        render(tb, entry(tb, journal.KindTicket, "T26-000003", tipped), genesis(), receipts.Extra{}),
		"refund":     render(tb, entry(tb, journal.KindRefund, "A26-000001", back()), genesis(), receipts.Extra{}),
		"note":       render(tb, entry(tb, journal.KindNotePrint, "N26-000003", note()), genesis(), receipts.Extra{}),
		"redemption": render(tb, entry(tb, journal.KindSuspRedeem, "R26-000001", served()), genesis(), online),
		"undo":       render(tb, entry(tb, journal.KindSuspRedeem, "R26-000002", undone), genesis(), receipts.Extra{}),
		"franchise":  render(tb, entry(tb, journal.KindTicket, "T26-000004", untaxed), franchised, receipts.Extra{}),
		"demo":       render(tb, entry(tb, journal.KindTicket, "T26-000005", coffee()), demo, receipts.Extra{}),
		"training":   render(tb, training, genesis(), online),
		"duplicate":  render(tb, entry(tb, journal.KindTicket, "T26-000002", coffee()), genesis(), receipts.Extra{Duplicate: 2, Reference: "D26-000007"}),
		"invoice":    render(tb, entry(tb, journal.KindInvoice, "I26-000001", journal.InvoiceBody{}), genesis(), invoiced(tb)),
		"credit":     render(tb, entry(tb, journal.KindRefund, "A26-000002", back()), genesis(), receipts.Extra{Invoice: "I26-000001"}),
	}
}

func golden(t *testing.T, name string, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", path, diff)
	}
}

func TestDocumentsOnBothPapers(t *testing.T) {
	for name, d := range documents(t) {
		for _, width := range []int{receipts.Columns80, receipts.Columns58} {
			golden(t, fmt.Sprintf("%s.%d.txt", name, width), d.Text(width))
		}
	}
}

func TestDocumentsAsData(t *testing.T) {
	all := documents(t)
	for _, name := range []string{"ticket", "note", "redemption", "invoice", "duplicate"} {
		b, err := json.MarshalIndent(all[name], "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", string(b)+"\n")
	}
}
