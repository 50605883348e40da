package receipts_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"comptoir/receipts"
	"comptoir/receipts/journal"
)

func TestAnInvoiceOnA4(t *testing.T) {
	bill := documents(t)["invoice"].Bill()
	b, err := json.MarshalIndent(bill, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "invoice.a4.json", string(b)+"\n")
	for i, r := range bill.Rows {
		if len(r.Cells) != len(bill.Head) {
			t.Errorf("row %d has %d cells under %d heads", i, len(r.Cells), len(bill.Head))
		}
	}
	franchised := genesis()
	franchised.VATRegime = "franchise"
	plain := render(t, entry(t, journal.KindInvoice, "I26-000002", journal.InvoiceBody{}), franchised, receipts.Extra{
		Ticket: entry(t, journal.KindTicket, "T26-000002", ticket([]journal.Line{line("Café", 1, 180, 0)})), Buyer: invoiced(t).Buyer}).Bill()
	if len(plain.Rates) != 0 || len(plain.Totals) != 1 || plain.Foot[1] != receipts.FranchiseMention || len(plain.Rows[0].Cells) != len(plain.Head) {
		t.Errorf("in franchise: %+v", plain)
	}
	if got := documents(t)["ticket"].Bill(); !reflect.DeepEqual(got, receipts.Bill{}) {
		t.Errorf("a ticket is laid out as an invoice: %+v", got)
	}
}
