package pos

import (
	"context"
	"time"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/receipts"
)

// Document returns a document as it was frozen, by its number: T, A, N or R. A sale's carries the address of its
// receipt. Refusals: journal.number, journal.document.
func (t *Till) Document(ctx context.Context, number string) (receipts.Document, error) {
	q := t.db.Reader()
	var url string
	if s, err := t.loadSale(ctx, q, number); err == nil {
		url = s.ReceiptURL
	}
	return receipts.Load(ctx, q, number, receipts.Extra{ReceiptURL: url})
}

// ReceiptView is a receipt as its holder may see it: the frozen document, and what can still be done with it.
type ReceiptView struct {
	Document  receipts.Document
	Meals     int      // paid now that earn a stamp
	Stamped   int      // of them on a card already, whichever
	Claimable int      // of them that can still be stamped
	DaysLeft  int      // days in which they can, today included; 0: the time is over
	Refunds   []string // numbers of the refunds of this sale, the first first
	GiftCode  string   // leads to what became of its gifts; empty without one
}

// refundsLimit bounds how many refunds of one sale its receipt names.
const refundsLimit = 100

// Receipt returns the receipt with this code, and how many of its meals can still be stamped: paid, not stamped,
// and not older than thirty days. Refusal: receipt.unknown.
func (t *Till) Receipt(ctx context.Context, code string) (ReceiptView, error) {
	q := t.db.Reader()
	s, err := t.saleByCode(ctx, q, code)
	if err != nil {
		return ReceiptView{}, err
	}
	v := ReceiptView{Meals: len(s.paidUnits()), Stamped: s.Stamped, GiftCode: s.GiftCode}
	const dayLong = 24 * time.Hour
	if left := s.At.Add(loyalty.ClaimDays * dayLong).Sub(t.db.Now()); left >= 0 {
		v.DaysLeft = min(int(left/dayLong)+1, loyalty.ClaimDays)
		v.Claimable = v.Meals - v.Stamped
	}
	v.Refunds, err = data.All(ctx, q, func(r *data.Rows) (number string, err error) { err = r.Scan(&number); return number, err },
		`SELECT number FROM sales WHERE refunds = ? ORDER BY seq LIMIT ?`, s.seq, refundsLimit)
	if err != nil {
		return ReceiptView{}, err
	}
	v.Document, err = receipts.Load(ctx, q, s.Number, receipts.Extra{ReceiptURL: s.ReceiptURL})
	return v, err
}
