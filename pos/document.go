package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// Document returns a document as it was frozen, by its number: T, A, N, R, I or X; a D is the duplicate it recorded. A
// sale's carries the address of its receipt. Refusals: journal.number, journal.document, document.kind.
func (t *Till) Document(ctx context.Context, number string) (receipts.Document, error) {
	q := t.db.Reader()
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return receipts.Document{}, err
	}
	if e.Kind == journal.KindDuplicate {
		var b journal.DuplicateBody
		if err := e.Decode(&b); err != nil {
			return receipts.Document{}, err
		}
		return t.Copy(ctx, b.Of.Doc, int(b.N))
	}
	extra, err := t.extra(ctx, q, e)
	if err != nil {
		return receipts.Document{}, err
	}
	return receipts.Load(ctx, q, number, extra)
}

// extra is what a document shows that its own entry does not say.
func (t *Till) extra(ctx context.Context, q data.Querier, e journal.Entry) (x receipts.Extra, err error) {
	var found sql.NullString
	if err := q.QueryRow(ctx, `SELECT mention FROM vat_mentions WHERE seq <= ? ORDER BY seq DESC LIMIT 1`, e.Seq).Scan(&found); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return x, fmt.Errorf("mention of VAT at %d: %w", e.Seq, err)
	}
	x.Mention = found.String
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund:
		if s, err := t.loadSale(ctx, q, e.Number); err == nil {
			x.ReceiptURL = s.ReceiptURL
			if x.Passed, err = passed(ctx, q, s); err != nil {
				return x, err
			}
		}
		var invoice sql.NullString
		err = q.QueryRow(ctx, `SELECT i.number FROM sales AS a JOIN invoices AS i ON i.sale = a.refunds WHERE a.seq = ?`, e.Seq).Scan(&invoice)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		x.Invoice = invoice.String
	case journal.KindInvoice:
		x.Buyer, err = buyerOf(ctx, q, e.Seq)
	default:
	}
	return x, err
}

// ReceiptView is a receipt as its holder may see it: the frozen document, and what can still be done with it.
type ReceiptView struct {
	Document  receipts.Document
	Meals     int      // paid now that earn a stamp
	Stamped   int      // of them on a card already, whichever
	Claimable int      // of them that can still be stamped
	ClaimDays int      // days in which the meals of a receipt can be stamped
	DaysLeft  int      // days in which they can, today included; 0: the time is over
	Refunds   []string // numbers of the refunds of this sale, the first first
	GiftCode  string   // leads to what became of its gifts; empty without one
}

// refundsLimit bounds how many refunds of one sale its receipt names.
const refundsLimit = 100

// Receipt returns the receipt with this code, and how many of its meals can still be stamped: paid, not stamped,
// and not older than the café has chosen. Refusal: receipt.unknown.
func (t *Till) Receipt(ctx context.Context, code string) (ReceiptView, error) {
	q := t.db.Reader()
	s, err := t.saleByCode(ctx, q, code)
	if err != nil {
		return ReceiptView{}, err
	}
	v := ReceiptView{Meals: len(s.paidUnits()), Stamped: s.Stamped, GiftCode: s.GiftCode}
	const dayLong = 24 * time.Hour
	chosen, err := loadSettings(ctx, q)
	if err != nil {
		return ReceiptView{}, err
	}
	v.ClaimDays = chosen.ClaimDays
	if left := s.At.Add(time.Duration(v.ClaimDays) * dayLong).Sub(t.db.Now()); left >= 0 {
		v.DaysLeft = min(int(left/dayLong)+1, v.ClaimDays)
		v.Claimable = v.Meals - v.Stamped
	}
	v.Refunds, err = data.All(ctx, q, func(r *data.Rows) (number string, err error) { err = r.Scan(&number); return number, err },
		`SELECT number FROM sales WHERE refunds = ? ORDER BY seq LIMIT ?`, s.seq, refundsLimit)
	if err != nil {
		return ReceiptView{}, err
	}
	v.Document, err = t.Document(ctx, s.Number)
	return v, err
}
