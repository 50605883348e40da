package journal

import "comptoir/data/money"

// Mode is how a line is consumed; it decides the rate and, for what is offered, the input tax (fiscal R82, U5).
type Mode string

// The modes.
const (
	EatIn    Mode = "eat_in"
	Takeaway Mode = "takeaway"
)

// Means of payment, as the journal names them (product.md, decision 15).
type Means string

// The means.
const (
	ByCash        Means = "CASH"
	ByCard        Means = "CARD"
	ByMealVoucher Means = "TR"
	ByCheque      Means = "CHEQUE"
	ByTransfer    Means = "TRANSFER"
)

// What a line of a ticket is.
const (
	LineSale = "sale"
	LineGift = "susp_issue" // a suspended item, sold (fiscal U2)
)

// Whether a line is goods or a service (fiscal R83).
const (
	Goods   = "G"
	Service = "S"
)

// Ref names an earlier document.
type Ref struct {
	Doc string `json:"doc"`
	Seq int64  `json:"seq"`
}

// Line is one line of a TICKET, or of a REFUND with qty, disc, ttc, ht and vat negative (fiscal R11–R13, R41).
// Everything is a snapshot (R12). TTC = round half up(PU × Qty / 1000) − Disc.
type Line struct {
	BP     money.BasisPoints `json:"bp"`
	Cat    string            `json:"cat"`
	Class  string            `json:"class"` // pool of a gift line; empty for a sale
	Disc   money.Cents       `json:"disc"`
	HT     money.Cents       `json:"ht"`
	K      string            `json:"k"` // LineSale or LineGift
	Label  string            `json:"label"`
	Memo   money.Cents       `json:"memo"` // a value for information, in no total
	Mode   Mode              `json:"mode"`
	N      int               `json:"n"` // 1, 2, 3… within the document
	Nat    string            `json:"nat"`
	Parent int               `json:"parent"` // n of the line this is an option of; 0: none
	PU     money.Cents       `json:"pu"`     // unit price, tax included, never negative
	Qty    int64             `json:"qty"`    // thousandths
	Reason string            `json:"reason"` // of the discount or refund; empty: none
	RefN   int               `json:"ref_n"`  // n of the refunded line; 0 in a ticket
	SKU    string            `json:"sku"`
	TTC    money.Cents       `json:"ttc"`
	Unit   string            `json:"unit"`
	VAT    money.Cents       `json:"vat"`
}

// Rate totals the lines of one rate. Rates stand in ascending order of bp.
type Rate struct {
	BP  money.BasisPoints `json:"bp"`
	HT  money.Cents       `json:"ht"`
	TTC money.Cents       `json:"ttc"`
	VAT money.Cents       `json:"vat"`
}

// Total adds up the rates.
type Total struct {
	HT    money.Cents `json:"ht"`
	Lines int         `json:"lines"`
	TTC   money.Cents `json:"ttc"`
	VAT   money.Cents `json:"vat"`
}

// Payment is one tender: Amt = Given − Change; only cash gives change (fiscal R16).
type Payment struct {
	Amt    money.Cents `json:"amt"`
	Change money.Cents `json:"change"`
	Given  money.Cents `json:"given"`
	Means  Means       `json:"m"`
	N      int         `json:"n"`
	Ref    string      `json:"ref"` // authorisation of the terminal; never a card number
}

// NonTurnover is money received that is no sale.
type NonTurnover struct {
	Amt money.Cents `json:"amt"`
	K   string      `json:"k"`
}

// Kinds of NonTurnover.
const (
	OtherTip         = "tip"
	OtherVouchers    = "tr_excess"
	OtherBonds       = "bum_issue"
	OtherDeposit     = "deposit"
	OtherPassThrough = "pass_through" // received for an association, and owed to it
)

// RateTotal is a perpetual total of one rate (fiscal R51).
type RateTotal struct {
	Abs money.Cents       `json:"abs"`
	BP  money.BasisPoints `json:"bp"`
	Net money.Cents       `json:"net"`
}

// Pool is how many items of a class the journal says are on the shelf (fiscal U6).
type Pool struct {
	Class string `json:"class"`
	N     int64  `json:"n"`
}

// Running are the totals after the document, filled in by Append (fiscal R51, §6.3). Amounts are tax included.
type Running struct {
	PerpAbs money.Cents `json:"perp_abs"` // Σ sales + Σ |refunds|, never reset
	PerpNet money.Cents `json:"perp_net"` // Σ sales − Σ |refunds|, never reset
	Pools   []Pool      `json:"pools"`    // ascending order of class
	Rates   []RateTotal `json:"rates"`    // the same per rate, ascending order of bp
	YearNet money.Cents `json:"year_net"` // net of the fiscal year
}

// TicketBody is a paid sale, or a refund as RefundBody. Append fills GT.
type TicketBody struct {
	Auth        string        `json:"auth"`     // operator who authorised it, when another; empty: none
	Delivery    string        `json:"delivery"` // none, paper, email or screen_qr; empty is written as none
	GT          Running       `json:"gt"`
	Lines       []Line        `json:"lines"`
	Mode        Mode          `json:"mode"`
	NonTurnover []NonTurnover `json:"non_turnover"`
	Notes       []Ref         `json:"notes"` // notes printed before
	Pay         []Payment     `json:"pay"`
	Rates       []Rate        `json:"rates"`
	Reason      string        `json:"reason"` // reason code of a refund; empty in a ticket
	Ref         *Ref          `json:"ref"`    // the refunded ticket; null in a ticket
	Total       Total         `json:"total"`
}

// RefundBody is a TicketBody with negative amounts that names the ticket it refunds (fiscal R41).
type RefundBody TicketBody

// NoteLine is one line of a provisional note.
type NoteLine struct {
	Label string      `json:"label"`
	N     int         `json:"n"`
	PU    money.Cents `json:"pu"`
	Qty   int64       `json:"qty"` // thousandths
	SKU   string      `json:"sku"`
	TTC   money.Cents `json:"ttc"`
}

// NoteBody is a provisional note, before payment (fiscal R36).
type NoteBody struct {
	Lines  []NoteLine  `json:"lines"`
	Print  int         `json:"print"`          // 1 for the first print of this ticket's note
	Rates  []Rate      `json:"rates" core:"2"` // what the lines would be taxed now (fiscal R93); none in a note of core 1
	Ticket string      `json:"ticket"`         // id of the open ticket
	Total  money.Cents `json:"total"`
}

// MinusBody is a line taken off an order that was already sent, saved or printed (fiscal R17).
type MinusBody struct {
	Amount money.Cents `json:"amount"` // of what is taken off, positive
	Label  string      `json:"label"`
	Line   int         `json:"line"`
	Qty    int64       `json:"qty"` // thousandths taken off, positive
	Reason string      `json:"reason"`
	Ticket string      `json:"ticket"`
}

// OriginHouse is the origin of an item the café offers when the shelf is empty: it is in no pool.
const OriginHouse = "HOUSE"

// RedeemBody is one suspended item served, or that undone. It never names a person, a card or a payment
// (fiscal §5-O). Append fills PoolAfter.
type RedeemBody struct {
	Class     string      `json:"class"`
	Label     string      `json:"label"` // what was served
	Memo      money.Cents `json:"memo"`  // its price, for information
	Mode      Mode        `json:"mode"`
	Origin    string      `json:"origin"`     // PAID, LOYALTY, SPONSOR, FUND or HOUSE
	PoolAfter int64       `json:"pool_after"` // of the class; a HOUSE item leaves it as it was
	Qty       int         `json:"qty"`        // 1 served, -1 undone
	Ref       *Ref        `json:"ref"`        // the redemption undone; null otherwise
	SKU       string      `json:"sku"`
}

// ReleaseBody is a suspended meal put on the shelf by loyalty, or taken back (fiscal U4). No card identifier.
// Append fills PoolAfter.
type ReleaseBody struct {
	Cause     string `json:"cause"` // loyalty
	Class     string `json:"class"`
	PoolAfter int64  `json:"pool_after"`
	Qty       int    `json:"qty"`    // 1, or -1 when the release is retracted
	Ticket    string `json:"ticket"` // number of the document that completed or broke the series
}

// What a CASH entry is.
const (
	CashFloat = "float" // the drawer at the opening of a shift
	CashIn    = "in"
	CashOut   = "out"
	CashCount = "count" // at its close
)

// CashBody is a movement or a count of the drawer (fiscal R58).
type CashBody struct {
	Amount     money.Cents `json:"amount"`
	Counted    money.Cents `json:"counted"`
	Difference money.Cents `json:"difference"` // Counted − Expected
	Expected   money.Cents `json:"expected"`
	Reason     string      `json:"reason"`
	Shift      string      `json:"shift"`
	Type       string      `json:"type"`
}

// EventBody is a technical event (fiscal R56–R65). Append fills Sev and NF525 where they are known and absent.
type EventBody struct {
	Code  Code           `json:"code"`
	Data  map[string]any `json:"data"` // facts of the till, never a customer's words; integers, text, booleans
	NF525 *int           `json:"nf525"`
	Sev   Severity       `json:"sev"`
}

// Opening are the totals of the previous system that this journal starts from: always 0 (fiscal R52).
type Opening struct {
	PerpAbs money.Cents `json:"perp_abs"`
	PerpNet money.Cents `json:"perp_net"`
}

// GenesisBody opens a journal: who, where, by which rules, under which key (fiscal §6.3).
type GenesisBody struct {
	Address     string  `json:"address"`
	Custody     string  `json:"custody"`      // "file"
	CutOff      int     `json:"cutoff"`       // minutes after midnight at which a business day ends
	Demo        bool    `json:"demo"`         // decided once; a demo never becomes live
	FiscalStart string  `json:"fiscal_start"` // first day of the fiscal year, MM-DD
	LegalName   string  `json:"legal_name"`
	NAF         string  `json:"naf"`
	Name        string  `json:"name"`
	Opening     Opening `json:"opening"`
	PublicKey   string  `json:"public_key"` // SPKI DER, standard base64
	SIRET       string  `json:"siret"`
	VATNumber   string  `json:"vat_number"`
	VATRegime   string  `json:"vat_regime"`
	Zone        string  `json:"zone"` // IANA name
}
