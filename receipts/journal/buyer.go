package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Buyer is whom an invoice is made out to. The journal holds only the hash of it (fiscal R94, R114). Every text is one
// line in Unicode NFC, as it stands on the invoice; what is not known is empty.
type Buyer struct {
	Name      string `json:"name"`
	Address   string `json:"address"`
	SIRET     string `json:"siret"`      // 14 digits, without spaces
	VATNumber string `json:"vat_number"` // without spaces
	// Check is drawn at random for each invoice and printed on it: without it nobody can try names against the hash.
	Check string `json:"check"` // 16 hexadecimal digits, lower-case
}

// buyerDomain separates these hashes from any other use of SHA-256.
const buyerDomain = "cafe-invoice-buyer/1"

// Hash returns the hash that an INVOICE entry holds, in lower-case hexadecimal: SHA-256 of six lines, each ended by a
// line feed (FORMAT.md §7, INVOICE).
func (b Buyer) Hash() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{buyerDomain, b.Check, b.Name, b.Address, b.SIRET, b.VATNumber, ""}, "\n")))
	return hex.EncodeToString(sum[:])
}
