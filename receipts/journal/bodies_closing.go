package journal

import "comptoir/data/money"

// Head names an entry by its place and its hash, in lower-case hexadecimal.
type Head struct {
	Hash string `json:"hash"`
	Seq  int64  `json:"seq"`
}

// CloseBody is a CLOSE_DAY, a CLOSE_MONTH or a CLOSE_YEAR (fiscal R46–R53). Append writes it from the entries it covers
// and from CloseFacts; nobody hands it in. A day covers the entries from FromSeq to ToSeq, the entry before its own; a
// month adds up whole days and a year whole months (FORMAT.md §9). Amounts of sales are positive, of refunds negative,
// and the sums are of both. Training is in no amount.
type CloseBody struct {
	Cash        CloseCash        `json:"cash"`
	Counts      CloseCounts      `json:"counts"`
	CutOff      int              `json:"cutoff"` // minutes after midnight at which a business day ends (fiscal R47)
	Days        int              `json:"days"`   // business days covered: 1 for a day
	Discounts   []CloseDiscount  `json:"discounts"`
	Documents   []CloseSeries    `json:"documents"` // by letter; closings only in what adds them up
	Events      Head             `json:"events"`    // of the log of events, as the till stated it; seq 0: none
	FromDay     string           `json:"from_day"`
	FromSeq     int64            `json:"from_seq"`
	GT          Running          `json:"gt"`    // perpetual totals, year to date and pools at the end
	Late        bool             `json:"late"`  // made after its last day had ended (fiscal R48)
	Means       []CloseMeans     `json:"means"` // by code of the means
	Natures     []CloseNature    `json:"natures"`
	NF525       int              `json:"nf525"` // 50, fiscal R56
	NonTurnover []NonTurnover    `json:"non_turnover"`
	Open        CloseOpen        `json:"open"`       // as the till stated it (fiscal R37)
	Period      string           `json:"period"`     // "2026-11-21", "2026-11" or the fiscal year "2026"
	PrevClose   *Ref             `json:"prev_close"` // of the same level; null: none
	Rates       []Rate           `json:"rates"`      // net, ascending by bp
	Refunds     CloseSum         `json:"refunds"`
	Resumed     bool             `json:"resumed"` // a RESUME is among the entries (fiscal §6.6)
	Sales       CloseSum         `json:"sales"`
	Suspended   []CloseSuspended `json:"suspended"` // by class, every class ever moved
	ToDay       string           `json:"to_day"`
	ToSeq       int64            `json:"to_seq"`
	Total       CloseSum         `json:"total"` // sales and refunds
}

// CloseSum adds up documents.
type CloseSum struct {
	HT  money.Cents `json:"ht"`
	N   int64       `json:"n"` // how many documents
	TTC money.Cents `json:"ttc"`
	VAT money.Cents `json:"vat"`
}

// CloseNature is what was sold of one nature at one rate, for the aggregates of e-reporting (fiscal R103, R106).
type CloseNature struct {
	BP  money.BasisPoints `json:"bp"`
	HT  money.Cents       `json:"ht"`
	Nat string            `json:"nat"`
	TTC money.Cents       `json:"ttc"`
	VAT money.Cents       `json:"vat"`
}

// CloseMeans is what came in by one means, refunds and corrections of the means counted.
type CloseMeans struct {
	Amt   money.Cents `json:"amt"`
	Means Means       `json:"m"`
	N     int64       `json:"n"` // payments of tickets and of refunds
}

// CloseDiscount is what was taken off lines of tickets for one reason (fiscal R44, U5). A refund has a reason of its
// own: what it takes back is in the refunds.
type CloseDiscount struct {
	Amt     money.Cents `json:"amt"`
	Mode    Mode        `json:"mode"`
	N       int64       `json:"n"`       // lines
	Offered bool        `json:"offered"` // the whole price was taken off
	Reason  string      `json:"reason"`
}

// CloseSeries is the range of numbers of one series.
type CloseSeries struct {
	First  string `json:"first"`
	Last   string `json:"last"`
	N      int64  `json:"n"`
	Series Series `json:"series"`
}

// CloseCounts says how many there were of what has no sum of its own.
type CloseCounts struct {
	Duplicates  int64 `json:"duplicates"`
	Entries     int64 `json:"entries"` // of every kind, ToSeq − FromSeq + 1
	Invoices    int64 `json:"invoices"`
	Minus       int64 `json:"minus"` // lines taken off orders: ORDER_MINUS
	Notes       int64 `json:"notes"`
	Redemptions int64 `json:"redemptions"` // servings less those undone
	Training    int64 `json:"training"`    // documents of training
}

// CloseCash is the drawer (fiscal R100). In and Out are signed, Out negative.
type CloseCash struct {
	Counted    money.Cents `json:"counted"` // Σ of the counts that ended a shift
	Counts     int64       `json:"counts"`  // how many
	Difference money.Cents `json:"difference"`
	Expected   money.Cents `json:"expected"`
	Float      money.Cents `json:"float"` // Σ of the floats
	In         money.Cents `json:"in"`
	Out        money.Cents `json:"out"`
	Reasons    []string    `json:"reasons"`  // of the differences, as they came; of a day only
	Received   money.Cents `json:"received"` // of tickets, refunds and corrections, in cash
}

// CloseOpen is what was still open: no turnover yet.
type CloseOpen struct {
	Amount  money.Cents `json:"amount"`
	Tickets int64       `json:"tickets"`
}

// CloseSuspended is the solidarity of the period in one class, in items.
type CloseSuspended struct {
	Class     string        `json:"class"`
	Collected int64         `json:"collected"` // by partners: SUSP_ADJUST of cause collected, positive
	Others    int64         `json:"others"`    // net of every other SUSP_ADJUST
	Pledged   int64         `json:"pledged"`   // paid for: lines susp_issue of tickets
	Released  int64         `json:"released"`  // by cards
	Retracted int64         `json:"retracted"` // releases taken back
	Returned  int64         `json:"returned"`  // paid for and refunded
	Served    []CloseServed `json:"served"`    // less those undone, by origin and mode
	Shelf     int64         `json:"shelf"`     // at the end: the pool
}

// CloseServed are servings of one origin.
type CloseServed struct {
	Memo   money.Cents `json:"memo"`
	Mode   Mode        `json:"mode"`
	N      int64       `json:"n"`
	Origin string      `json:"origin"` // HOUSE was never on the shelf
}

// CloseFacts are what a closing states that no entry says.
type CloseFacts struct {
	Open   CloseOpen
	Events Head
}

// DuplicateBody is a paid document given out again (fiscal R38).
type DuplicateBody struct {
	Form   string `json:"form"` // paper, screen, email or file
	N      int64  `json:"n"`    // k of « DUPLICATA n° k » of that document
	Of     Ref    `json:"of"`
	Reason string `json:"reason"`
}

// InvoiceBody is an invoice for a ticket (fiscal R94): no turnover of its own. The buyer is kept outside the journal.
type InvoiceBody struct {
	Buyer string `json:"buyer"` // SHA-256 of the buyer's lines, hex: see FORMAT.md
	Of    Ref    `json:"of"`
	Total Total  `json:"total"` // that of the ticket
}

// PayFixBody corrects the means of a payment (fiscal R42): Amt less by From, more by To.
type PayFixBody struct {
	Amt    money.Cents `json:"amt"` // positive for a ticket, negative for a refund
	Auth   string      `json:"auth"`
	From   Means       `json:"from"`
	Of     Ref         `json:"of"` // a TICKET or a REFUND
	Reason string      `json:"reason"`
	To     Means       `json:"to"`
}

// Causes of a SUSP_ADJUST.
const (
	AdjustCollected = "collected" // by a partner; negative
	AdjustSponsor   = "sponsor"   // items a sponsor has paid for
	AdjustFund      = "fund"      // items minted from a fund
	AdjustLapsed    = "lapsed"    // promised to a partner and not collected: back on the shelf
	AdjustConverted = "converted" // from one class to another: one entry each
	AdjustCorrected = "corrected" // by a manager, with a reason
	AdjustHouse     = "house"     // put on the shelf by the café itself, for a partner
)

// AdjustBody moves a pool for a cause that is neither a sale, a release nor a serving (fiscal U6). Append fills PoolAfter.
type AdjustBody struct {
	Auth      string `json:"auth"`
	Cause     string `json:"cause"`
	Class     string `json:"class"`
	Origin    string `json:"origin"`
	PoolAfter int64  `json:"pool_after"`
	Qty       int64  `json:"qty"` // not 0
	Reason    string `json:"reason"`
}

// ArchiveFile is one file of an archive.
type ArchiveFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // hex
	Size   int64  `json:"size"`
}

// ArchiveBody records an archive that was written, read again and found conform (fiscal R73, R74).
type ArchiveBody struct {
	Files    []ArchiveFile `json:"files"` // all but the manifest and its signature
	FromSeq  int64         `json:"from_seq"`
	Manifest string        `json:"manifest"` // SHA-256 of MANIFEST.json, hex
	Medium   string        `json:"medium"`   // disk
	Name     string        `json:"name"`     // of the file
	NF525    int           `json:"nf525"`    // 30 for a month or a year, 20 on demand (fiscal R56)
	Period   string        `json:"period"`
	Prev     *Ref          `json:"prev"` // doc: manifest of the archive before, seq: its entry; null: none
	ToSeq    int64         `json:"to_seq"`
}

// KeyRotateBody puts another key in force (fiscal R26). Signed by the key that ends; when that one is lost, by the new
// one, with the newest head that was seen outside the database.
type KeyRotateBody struct {
	Anchor    *Head  `json:"anchor"` // of a lost key only
	Custody   string `json:"custody"`
	ID        string `json:"id"` // of the new key: k2, k3…
	Lost      bool   `json:"lost"`
	PublicKey string `json:"public_key"` // as in the genesis
	Reason    string `json:"reason"`
}

// Causes of a RESUME.
const (
	ResumeBehind  = "behind"  // the database has not reached the anchor
	ResumeDiffers = "differs" // at the anchor's place it has another entry
	ResumeForeign = "foreign" // the anchor is of another journal
	ResumeClock   = "clock"   // the clock is far ahead of the last entry
)

// ResumeBody says that a manager goes on with a database that is not the one last seen (fiscal §6.6).
type ResumeBody struct {
	Anchor   *Head    `json:"anchor"`         // what was seen outside; null for a clock
	AnchorOf string   `json:"anchor_journal"` // journal of the anchor
	Cause    string   `json:"cause"`
	Head     Head     `json:"head"`    // of the database, the entry before this one
	Lost     int64    `json:"lost"`    // entries that were seen and are not there; 0 unless behind
	Numbers  []string `json:"numbers"` // per series moved on: the last number left out, such as "T26-000123"
	Reason   string   `json:"reason"`
}
