package receipts

import (
	"time"

	"comptoir/data/money"
)

// Kind says what a document is.
type Kind string

// The kinds of document. Their series are T, A, N, R and I (fiscal R34), or X for all in training (R66).
const (
	Ticket     Kind = "ticket"
	Refund     Kind = "refund"
	Note       Kind = "note"
	Redemption Kind = "redemption" // a suspended item served, or that undone
	Invoice    Kind = "invoice"    // for a ticket that was paid (fiscal R94)
)

// Document is a frozen document: what fiscal R91 asks of a receipt, ready to be printed, shown or sent as JSON.
// Amounts are in cents, tax included unless named otherwise; those of a refund are negative.
type Document struct {
	Number string `json:"number"` // "T26-000001"
	Kind   Kind   `json:"kind"`
	Title  string `json:"title"` // French; " / " parts the lines of a title of two
	// Marks are the mentions that change what the paper is worth, printed at its head and at its foot: duplicate
	// (fiscal R38), training (R68), demonstration (product.md, decision 9).
	Marks    []string `json:"marks"`
	Identity Identity `json:"identity"`

	At        time.Time `json:"at"`       // in the café's zone as it was: its offset is part of it
	Day       string    `json:"day"`      // business day, YYYY-MM-DD
	Register  string    `json:"register"` // till id
	Operator  string    `json:"operator"` // operator code
	Mode      string    `json:"mode"`     // eat_in or takeaway; empty for a note, which does not say
	ModeLabel string    `json:"mode_label"`
	Of        string    `json:"of,omitempty"`        // number of the document refunded or undone
	Notes     []string  `json:"notes"`               // numbers of the notes printed before a ticket (fiscal R36)
	Print     int       `json:"print,omitempty"`     // n-th print of a note (fiscal R36)
	Duplicate int       `json:"duplicate,omitempty"` // k of « DUPLICATA n° k »; 0 for the original
	Reference string    `json:"reference,omitempty"` // number of the D document of that duplicate
	Invoice   string    `json:"invoice,omitempty"`   // of a refund: the invoice its ticket had (fiscal R94)
	Buyer     *Buyer    `json:"buyer,omitempty"`     // of an invoice
	SoldAt    time.Time `json:"sold_at,omitzero"`    // of an invoice: when its ticket was paid

	Lines     []Line `json:"lines"`
	LineCount int    `json:"line_count"` // number of lines, printed (fiscal R91)
	// Priced tells whether the document shows amounts. A redemption does not (G2): its amounts are 0 and mean
	// nothing.
	Priced   bool      `json:"priced"`
	Total    Total     `json:"total"`
	Taxes    []Tax     `json:"taxes"`   // empty for a note, for a redemption and in franchise (fiscal R87)
	Mention  string    `json:"mention"` // instead of the VAT columns, when the regime has one (fiscal R87)
	Others   []Other   `json:"others"`
	Payments []Payment `json:"payments"`
	Closing  string    `json:"closing"` // last words to the customer; the same on paid and on served (G2)

	Software string `json:"software"` // "comptoir/1.0.0": name and version
	Core     string `json:"core"`     // version of the fiscal core (fiscal R2)
	// Source is the SHA-256 of that core's sources, of which paper bears the first 16 digits (fiscal R3); empty for a core
	// that this program does not know.
	Source string `json:"core_sources"`
	// Extract are the characters 3, 7, 13 and 19, counted from 1, of the signature in base64url without padding
	// (fiscal R29). Hash are the first 16 hexadecimal digits of the entry's hash. Both are empty for a note, which
	// must not look signed (R36).
	Extract string `json:"signature_extract"`
	Hash    string `json:"short_hash"`
	// ReceiptURL is where the customer finds this document, as the caller gave it; always empty in training, whose
	// papers carry no code that looks real (fiscal R68).
	ReceiptURL string `json:"receipt_url,omitempty"`
	// QR is the text of the code on the paper: the address of the receipt where there is one, then number, total in cents
	// and Hash, apart by "/" (fiscal R91). Empty where ReceiptURL must be, and on a note.
	QR string `json:"qr,omitempty"`
}

// Buyer is whom an invoice is made out to.
type Buyer struct {
	Name      string `json:"name"`
	Address   string `json:"address"`
	SIRET     string `json:"siret"`
	VATNumber string `json:"vat_number"`
	Check     string `json:"check"` // printed, so that the invoice can be held against the journal (FORMAT.md §7)
}

// Identity is the café as its documents name it (fiscal R91). Absent texts are empty.
type Identity struct {
	Name      string `json:"name"` // trade name
	LegalName string `json:"legal_name"`
	Address   string `json:"address"`
	SIRET     string `json:"siret"`
	VATNumber string `json:"vat_number"`
	NAF       string `json:"naf"`
}

// Line is one line as it was sold; a component or priced option is a line of its own that names its parent.
type Line struct {
	N         int         `json:"n"`
	Parent    int         `json:"parent"` // n of the line this one belongs to; 0: none
	Label     string      `json:"label"`  // with the words that say a gift is one (fiscal U2)
	Gift      bool        `json:"gift"`
	Qty       int64       `json:"qty_thousandths"`
	Quantity  string      `json:"quantity"` // Qty in French words: "2", "0,25 kg"
	UnitPrice money.Cents `json:"unit_price"`
	Discount  money.Cents `json:"discount"`
	Why       string      `json:"discount_label,omitempty"` // the reason of the discount in French; empty in a refund and in a note, which have none of it
	Total     money.Cents `json:"total"`
	HT        money.Cents `json:"ht"`        // of Total; 0 in a note
	VAT       money.Cents `json:"vat"`       // of Total; 0 in a note
	Mark      string      `json:"rate_mark"` // that of the rate in Taxes; empty when Taxes is, and in a note
}

// Total are the totals of a document. Of a note of core 1 only TTC is known: its entry has no rates.
type Total struct {
	HT  money.Cents `json:"ht"`
	VAT money.Cents `json:"vat"`
	TTC money.Cents `json:"ttc"`
}

// Tax is one rate of a document (fiscal R84, R91).
type Tax struct {
	Mark string            `json:"rate_mark"` // A is the lowest rate of the document
	BP   money.BasisPoints `json:"vat_bp"`
	Rate string            `json:"rate"` // "5,5 %", no-break space
	HT   money.Cents       `json:"ht"`   // base
	VAT  money.Cents       `json:"vat"`
	TTC  money.Cents       `json:"ttc"`
}

// Other is money received that is no turnover: a tip, a deposit (fiscal §6.3).
type Other struct {
	Kind   string      `json:"kind"`
	Label  string      `json:"label"`
	Amount money.Cents `json:"amount"`
}

// Payment is one tender: Amount = Given − Change (fiscal R16).
type Payment struct {
	Means  string      `json:"means"` // the API's name: cash, card, meal_voucher, cheque or transfer
	Label  string      `json:"label"`
	Amount money.Cents `json:"amount"`
	Given  money.Cents `json:"given"`
	Change money.Cents `json:"change"`
}

// Groups is the check of an invoice as it is printed and read aloud: in groups of four.
func (b Buyer) Groups() string { return groups(b.Check, 4) }
