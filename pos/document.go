package pos

import (
	"context"
	"time"

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

// Receipt returns the receipt with this code, and how many of its meals can still be stamped: paid, not stamped,
// and not older than thirty days. Refusal: receipt.unknown.
func (t *Till) Receipt(ctx context.Context, code string) (_ receipts.Document, claimable int, err error) {
	q := t.db.Reader()
	s, err := t.saleByCode(ctx, q, code)
	if err != nil {
		return receipts.Document{}, 0, err
	}
	if t.db.Now().Sub(s.At) <= loyalty.ClaimDays*24*time.Hour {
		claimable = len(s.paidUnits()) - s.Stamped
	}
	d, err := receipts.Load(ctx, q, s.Number, receipts.Extra{ReceiptURL: s.ReceiptURL})
	return d, claimable, err
}
