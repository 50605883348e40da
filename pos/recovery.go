package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/money"
)

// LastSale is the newest sale, with what a till has to tell about it after a restart.
type LastSale struct {
	Sale
	Change       money.Cents // given back in cash
	ReceiptAsked bool        // somebody asked for it on paper
	ThisShift    bool        // made in the shift that is open
	Refunded     bool        // something of it was given back since
}

// LastSale returns the newest sale, refunds left out. Refusal: sale.unknown, before the first one.
func (t *Till) LastSale(ctx context.Context) (l LastSale, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		l.Sale, err = t.scanSale(q.QueryRow(ctx, `SELECT `+saleColumns+` WHERE s.refunds IS NULL ORDER BY s.seq DESC LIMIT 1`).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoSale
		}
		if err != nil {
			return fmt.Errorf("last sale: %w", err)
		}
		if err := l.fill(ctx, q); err != nil {
			return err
		}
		for _, p := range l.Tenders {
			l.Change += p.Change
		}
		return q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM receipts_asked WHERE seq = ?1), EXISTS (SELECT 1 FROM sales WHERE refunds = ?1),
			EXISTS (SELECT 1 FROM shifts WHERE id = ?2 AND closed_at = 0)`, l.seq, l.shift).Scan(&l.ReceiptAsked, &l.Refunded, &l.ThisShift)
	})
	return l, err
}

// ReceiptAsked is a document that somebody wants on paper.
type ReceiptAsked struct {
	Number string    `json:"number"`
	First  bool      `json:"first"` // nobody had asked before
	At     time.Time `json:"at"`    // of the first asking
}

// AskReceipt records that somebody asked for the receipt of a sale, or of a refund, on paper (product.md, decision 10).
// It is recorded once; asking again changes nothing and says so. Refusals: right.missing, sale.unknown.
func (t *Till) AskReceipt(ctx context.Context, by By, saleID string) (ReceiptAsked, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ReceiptAsked, error) {
		s, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return ReceiptAsked{}, err
		}
		asked := ReceiptAsked{Number: s.Number}
		if s.Training { // nothing of it is kept beside the journal
			asked.First, asked.At = true, tx.Now()
			return asked, nil
		}
		if asked.At, err = receiptAskedAt(ctx, tx, s.seq); err != nil || !asked.At.IsZero() {
			return asked, err
		}
		asked.First, asked.At = true, tx.Now()
		if _, err := tx.Exec(ctx, `INSERT INTO receipts_asked (seq, event, at, operator) VALUES (?, ?, ?, ?)`,
			s.seq, tx.EventSeq(), asked.At.UnixMilli(), by.Operator.Code); err != nil {
			return ReceiptAsked{}, fmt.Errorf("ask for receipt %s: %w", s.Number, err)
		}
		return asked, tx.Record(data.Event{Type: "receipt.asked", Topics: []string{"sales"}, Body: map[string]any{"sale": s.seq, "operator": by.Operator.Code}})
	})
}

// ReceiptAskedAt is when somebody first asked for the receipt of a sale on paper; zero when nobody did.
func (t *Till) ReceiptAskedAt(ctx context.Context, s Sale) (time.Time, error) {
	return receiptAskedAt(ctx, t.db.Reader(), s.seq)
}

func receiptAskedAt(ctx context.Context, q data.Querier, seq int64) (time.Time, error) {
	var at int64
	err := q.QueryRow(ctx, `SELECT at FROM receipts_asked WHERE seq = ?`, seq).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.UnixMilli(at).UTC(), err
}

// checkReceiptsAsked holds that every asking is the one its chained event recorded, and that none is lost.
func checkReceiptsAsked(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'receipt of entry ' || r.seq || ' was asked for in event ' || r.event || ', which says otherwise' FROM receipts_asked AS r
			WHERE NOT EXISTS (SELECT 1 FROM events AS e WHERE e.seq = r.event AND e.type = 'receipt.asked' AND e.body ->> '$.sale' = r.seq
				AND e.at = r.at AND e.body ->> '$.operator' = r.operator)
		UNION ALL SELECT 'event ' || e.seq || ' is a receipt asked for, and no row' FROM events AS e
			WHERE e.type = 'receipt.asked' AND NOT EXISTS (SELECT 1 FROM receipts_asked AS r WHERE r.event = e.seq) LIMIT 100`)
}
