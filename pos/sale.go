package pos

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
)

// saleRow is the derived row of a TICKET or REFUND entry.
type saleRow struct {
	seq      int64
	id       string
	number   string
	refunds  int64 // seq of the refunded sale; 0 for a sale
	day      string
	at       time.Time
	operator string
	shift    string
	mode     Mode
	total    money.Cents
	outside  money.Cents // for associations
	code     string
	gift     string // code of the donor's proof; empty without a gift
	units    int
}

// lineRow is the derived row of a line.
type lineRow struct {
	n         int
	product   string
	name      string
	category  string
	kind      Kind
	class     string
	qty       int
	unit      money.Cents // before the discount
	disc      money.Cents // on all of it; negative in a refund
	reason    string      // of the discount; empty in a refund
	rate      money.BasisPoints
	mealUnits int
	food      money.Cents // of the total, what vouchers may pay
	of        int
}

// write inserts the sale with its lines, and its taxes and tenders as the journal has them.
func (r saleRow) write(ctx context.Context, tx *data.Tx, lines []lineRow, b journal.TicketBody) error {
	refunds := sql.NullInt64{Int64: r.refunds, Valid: r.refunds != 0}
	if _, err := tx.Exec(ctx, `INSERT INTO sales (seq, id, number, refunds, day, at, operator, shift, mode, total, code, units, gift_code, outside)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.seq, r.id, r.number, refunds, r.day, r.at.UnixMilli(), r.operator, r.shift,
		string(r.mode), int64(r.total), r.code, r.units, r.gift, int64(r.outside)); err != nil {
		return err
	}
	for rows := range slices.Chunk(lines, linesAtOnce) {
		if err := r.writeLines(ctx, tx, rows); err != nil {
			return err
		}
	}
	for _, x := range b.Rates {
		if _, err := tx.Exec(ctx, `INSERT INTO sale_taxes (seq, bp, ht, vat, ttc) VALUES (?, ?, ?, ?, ?)`,
			r.seq, int64(x.BP), int64(x.HT), int64(x.VAT), int64(x.TTC)); err != nil {
			return err
		}
	}
	for _, p := range b.Pay {
		if _, err := tx.Exec(ctx, `INSERT INTO sale_tenders (seq, n, means, amount, given, change) VALUES (?, ?, ?, ?, ?, ?)`,
			r.seq, p.N, string(meansOf(p.Means)), int64(p.Amt), int64(p.Given), int64(p.Change)); err != nil {
			return err
		}
	}
	return nil
}

// linesAtOnce is how many lines one statement writes: most sales have no more, and each number of rows is a statement
// that stays prepared.
const linesAtOnce = 4

func (r saleRow) writeLines(ctx context.Context, tx *data.Tx, lines []lineRow) error {
	const row = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	var args []any
	for _, l := range lines {
		args = append(args, r.seq, l.n, l.product, l.name, l.category, string(l.kind), l.class, l.qty, int64(l.unit),
			int64(l.disc), l.reason, int64(l.unit)*int64(l.qty)-int64(l.disc), int64(l.rate), l.mealUnits, int64(l.food), l.of)
	}
	_, err := tx.Exec(ctx, `INSERT INTO sale_lines (seq, n, product, name, category, kind, class, qty, unit_price, disc, reason, total, vat_bp, meal_units, food, of_n)
		VALUES `+row+strings.Repeat(", "+row, len(lines)-1), args...)
	return err
}

// meansOf is the inverse of Means.journal.
func meansOf(m journal.Means) Means {
	for _, means := range []Means{Cash, Card, MealVoucher, Cheque, Transfer} {
		if j, _ := means.journal(); j == m {
			return means
		}
	}
	return ""
}

// Sale is a paid sale or a refund, as it was.
type Sale struct {
	ID          string       `json:"id"`
	Number      string       `json:"number"`
	Kind        string       `json:"kind"` // sale or refund
	At          time.Time    `json:"at"`
	Day         string       `json:"day"`
	Operator    string       `json:"operator"` // code
	Mode        Mode         `json:"mode"`
	Total       money.Cents  `json:"total"`             // of the lines: turnover
	Outside     money.Cents  `json:"outside,omitempty"` // for associations: paid beside the total, no turnover
	Lines       []SaleLine   `json:"lines"`
	Taxes       []Tax        `json:"taxes"`
	Tenders     []SaleTender `json:"tenders"`     // as they were entered
	Fixes       []PaymentFix `json:"corrections"` // of the means; see PaidBy
	ReceiptCode string       `json:"receipt_code,omitempty"`
	ReceiptURL  string       `json:"receipt_url,omitempty"`
	GiftCode    string       `json:"-"` // of the donor's proof, told to whoever paid; empty without a gift. Staff who read the sale later are not told (T3)
	GiftURL     string       `json:"-"`
	RefundOf    string       `json:"refund_of,omitempty"` // number of the refunded sale
	MealUnits   int          `json:"meal_units"`          // sold, before refunds
	Stamped     int          `json:"stamped"`             // of them with a stamp now
	Training    bool         `json:"training,omitempty"`  // made in training: it counts in nothing, and has no codes

	seq   int64
	shift string
}

// SaleLine is a line of a sale.
type SaleLine struct {
	ID          int               `json:"id"`
	Product     string            `json:"product"`
	Name        string            `json:"name"`
	Qty         int               `json:"qty"`
	UnitPrice   money.Cents       `json:"unit_price"`
	Discount    money.Cents       `json:"discount"` // on all of it; negative in a refund
	Total       money.Cents       `json:"total"`
	Kind        Kind              `json:"kind"`
	VATBP       money.BasisPoints `json:"vat_bp"`
	MealUnits   int               `json:"meal_units"` // of one
	RefundedQty int               `json:"refunded_qty"`

	DiscountReason string `json:"discount_reason,omitempty"` // one of DiscountReasons; a refund's is that of its sale

	class, category string
	food            money.Cents
}

// Tax totals one rate.
type Tax struct {
	VATBP money.BasisPoints `json:"vat_bp"`
	HT    money.Cents       `json:"ht"`
	VAT   money.Cents       `json:"vat"`
	TTC   money.Cents       `json:"ttc"`
}

// SaleTender is one payment of a sale.
type SaleTender struct {
	Means  Means       `json:"means"`
	Amount money.Cents `json:"amount"`
	Given  money.Cents `json:"given"`
	Change money.Cents `json:"change"`
}

const (
	saleFields  = `s.seq, s.id, s.number, coalesce(o.number, ''), s.at, s.day, s.operator, s.shift, s.mode, s.total, s.code, s.units, s.gift_code, s.outside`
	saleFrom    = ` FROM sales AS s LEFT JOIN sales AS o ON o.seq = s.refunds`
	saleColumns = saleFields + saleFrom
)

func (t *Till) scanSale(scan func(...any) error) (Sale, error) {
	s := Sale{Kind: "sale", Lines: []SaleLine{}, Taxes: []Tax{}, Tenders: []SaleTender{}, Fixes: []PaymentFix{}}
	var at int64
	err := scan(&s.seq, &s.ID, &s.Number, &s.RefundOf, &at, &s.Day, &s.Operator, &s.shift, &s.Mode, &s.Total, &s.ReceiptCode, &s.MealUnits, &s.GiftCode, &s.Outside)
	s.At = time.UnixMilli(at).UTC()
	if s.RefundOf != "" {
		s.Kind = "refund"
	}
	if s.ReceiptCode != "" {
		s.ReceiptURL = t.receiptURL(s.ReceiptCode)
	}
	if s.GiftCode != "" {
		s.GiftURL = t.giftURL(s.GiftCode)
	}
	return s, err
}

func (t *Till) receiptURL(code string) string { return t.config.PublicURL + "/R/" + code }

func (t *Till) giftURL(code string) string { return t.config.PublicURL + "/G/" + code }

// Sale returns a sale or a refund by its id or its document number. Refusal: sale.unknown.
func (t *Till) Sale(ctx context.Context, idOrNumber string) (Sale, error) {
	return t.loadSale(ctx, t.db.Reader(), idOrNumber)
}

func (t *Till) loadSale(ctx context.Context, q data.Querier, idOrNumber string) (Sale, error) {
	s, err := t.scanSale(q.QueryRow(ctx, `SELECT `+saleColumns+` WHERE s.id = ?`, idOrNumber).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		if s, err = trainingSale(ctx, q, idOrNumber); fault.CodeOf(err) != errNoSale.Code {
			return s, err
		}
		var e journal.Entry
		if e, err = journal.ByNumber(ctx, q, idOrNumber); err != nil {
			return s, errNoSale.With("sale", idOrNumber)
		}
		s, err = t.scanSale(q.QueryRow(ctx, `SELECT `+saleColumns+` WHERE s.seq = ?`, e.Seq).Scan)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return s, errNoSale.With("sale", idOrNumber)
	}
	if err != nil {
		return s, err
	}
	return s, s.fill(ctx, q)
}

// fill reads the rows that belong to the sale.
func (s *Sale) fill(ctx context.Context, q data.Querier) (err error) {
	s.Lines, err = data.All(ctx, q, func(r *data.Rows) (SaleLine, error) {
		var l SaleLine
		err := r.Scan(&l.ID, &l.Product, &l.Name, &l.category, &l.Qty, &l.UnitPrice, &l.Discount, &l.DiscountReason, &l.Total, &l.Kind, &l.class, &l.VATBP, &l.MealUnits, &l.food, &l.RefundedQty)
		return l, err
	}, `SELECT l.n, l.product, l.name, l.category, l.qty, l.unit_price, l.disc,
		iif(l.disc < 0, (SELECT o.reason FROM sales AS a JOIN sale_lines AS o ON o.seq = a.refunds AND o.n = l.of_n WHERE a.seq = l.seq), l.reason), l.total, l.kind, l.class, l.vat_bp, l.meal_units, l.food,
		coalesce((SELECT -sum(r.qty) FROM sales AS a JOIN sale_lines AS r ON r.seq = a.seq WHERE a.refunds = l.seq AND r.of_n = l.n), 0)
		FROM sale_lines AS l WHERE l.seq = ? ORDER BY l.n`, s.seq)
	if err != nil {
		return err
	}
	s.Taxes, err = data.All(ctx, q, scanTax, `SELECT bp, ht, vat, ttc FROM sale_taxes WHERE seq = ? ORDER BY bp`, s.seq)
	if err != nil {
		return err
	}
	s.Tenders, err = data.All(ctx, q, func(r *data.Rows) (SaleTender, error) {
		var x SaleTender
		err := r.Scan(&x.Means, &x.Amount, &x.Given, &x.Change)
		return x, err
	}, `SELECT means, amount, given, change FROM sale_tenders WHERE seq = ? ORDER BY n`, s.seq)
	if err != nil {
		return err
	}
	if s.Fixes, err = fixesOf(ctx, q, *s); err != nil {
		return err
	}
	s.Lines, s.Taxes, s.Tenders = nonNil(s.Lines), nonNil(s.Taxes), nonNil(s.Tenders)
	stamped, err := loyalty.Stamped(ctx, q, s.paidUnits())
	s.Stamped = len(stamped)
	return err
}

func scanTax(r *data.Rows) (Tax, error) {
	var x Tax
	err := r.Scan(&x.VATBP, &x.HT, &x.VAT, &x.TTC)
	return x, err
}

// paidUnits are the meal units of the sale that are still paid: refunds take the highest first, so that claims,
// which take the lowest, meet them last.
func (s *Sale) paidUnits() []string {
	var units []string
	for _, l := range s.Lines {
		for k := range (l.Qty - l.RefundedQty) * l.MealUnits {
			units = append(units, unitID(s.seq, l.ID, k+1))
		}
	}
	return units
}

// Sales returns the sales and refunds of a business day without their lines, newest first; an empty day is today.
func (t *Till) Sales(ctx context.Context, day string, limit int) ([]Sale, error) {
	if day == "" {
		day = t.db.Today()
	}
	return data.All(ctx, t.db.Reader(), func(r *data.Rows) (Sale, error) { return t.scanSale(r.Scan) },
		`SELECT `+saleColumns+` WHERE s.day = ? ORDER BY s.seq DESC LIMIT ?`, day, limit)
}
