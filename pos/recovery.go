package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// LastSale is the newest sale, with what a till has to tell about it after a restart.
type LastSale struct {
	Sale
	Change       money.Cents // given back in cash
	ReceiptAsked bool        // it was given out
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
		return q.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM receipts_asked WHERE seq = ?1) OR EXISTS (SELECT 1 FROM prints WHERE document = ?1), EXISTS (SELECT 1 FROM sales WHERE refunds = ?1),
			EXISTS (SELECT 1 FROM shifts WHERE id = ?2 AND closed_at = 0)`, l.seq, l.shift).Scan(&l.ReceiptAsked, &l.Refunded, &l.ThisShift)
	})
	return l, err
}

// checkReceiptsAsked is of receipts that an older version gave out (see prints for those of this one): it holds that every asking is the one its chained event recorded, and that none is lost.
func checkReceiptsAsked(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'receipt of entry ' || r.seq || ' was asked for in event ' || r.event || ', which says otherwise' FROM receipts_asked AS r
			WHERE NOT EXISTS (SELECT 1 FROM events AS e WHERE e.seq = r.event AND e.type = 'receipt.asked' AND e.body ->> '$.sale' = r.seq
				AND e.at = r.at AND e.body ->> '$.operator' = r.operator)
		UNION ALL SELECT 'event ' || e.seq || ' is a receipt asked for, and no row' FROM events AS e
			WHERE e.type = 'receipt.asked' AND NOT EXISTS (SELECT 1 FROM receipts_asked AS r WHERE r.event = e.seq) LIMIT 100`)
}
