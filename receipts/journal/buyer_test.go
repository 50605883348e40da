package journal_test

import (
	"os"
	"strings"
	"testing"

	"comptoir/receipts/journal"
)

// TestTheBuyerOfAnInvoiceIsHashedAsFormatSays holds the example of FORMAT.md against the code: whoever has the invoice
// in hand makes the same hash with sha256sum.
func TestTheBuyerOfAnInvoiceIsHashedAsFormatSays(t *testing.T) {
	b := journal.Buyer{Name: "Atelier Lumière SARL", Address: "12 rue des Lilas, 33000 Bordeaux", SIRET: "12345678200010", VATNumber: "FR11123456782", Check: "0123456789abcdef"}
	const want = "871160babb34a6de1537c4fbccd6494e728ec9e6d113b0250a6ac6007f7eab75"
	if got := b.Hash(); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{want, b.Name, b.Address, b.SIRET, b.VATNumber, b.Check} {
		if !strings.Contains(string(text), part) {
			t.Errorf("FORMAT.md does not say %q", part)
		}
	}
	other := b
	other.Check = "0123456789abcdee"
	if other.Hash() == b.Hash() {
		t.Error("the check of an invoice changes nothing of the hash")
	}
}
