package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// ClosedDial is the dial as it stood when a business day was closed. It is management information: the closing does not
// sign it, and it can be worked out again from what is signed and chained.
type ClosedDial struct {
	DialDay
	DialSum
	Band Band
}

// DialOf returns the dial that was kept with the closing of a business day; false when none was: the day was closed before
// the till kept any, or within the last minute and in passing.
func (t *Till) DialOf(ctx context.Context, day string) (d ClosedDial, found bool, err error) {
	err = t.db.Reader().QueryRow(ctx, `SELECT turnover, loyalty, house, topups, low, high FROM dials WHERE day = ?`, day).
		Scan(&d.Turnover, &d.Loyalty, &d.House, &d.TopUps, &d.Band.Low, &d.Band.High)
	if errors.Is(err, sql.ErrNoRows) {
		return ClosedDial{}, false, nil
	}
	d.Day, d.Cost = day, d.Loyalty+d.House+d.TopUps
	d.Ratio, d.Position = d.Band.holds(d.DialSum)
	return d, err == nil, err
}

// dialsDue returns the first and the last closed day whose dial is not kept; empty when all are. A till that has kept none
// begins with the last: the band of days before it began is not known.
func dialsDue(ctx context.Context, q data.Querier) (from, to string, err error) {
	last, err := journal.LastClosing(ctx, q, journal.KindCloseDay)
	if fault.CodeOf(err) == "journal.closing" {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	var kept string
	if err := q.QueryRow(ctx, `SELECT coalesce(max(day), '') FROM dials`).Scan(&kept); err != nil {
		return "", "", fmt.Errorf("dials kept: %w", err)
	}
	switch {
	case kept == "":
		return last.Day, last.Day, nil
	case kept >= last.Day:
		return "", "", nil
	}
	return max(followingDay(kept), daysFrom(last.Day, 1-bookDays)), last.Day, nil
}

// keepDials keeps the dials of the days that are closed, under the event that is being recorded. Of the days before it reads again
// only what nobody has read yet (closedBooks): thirty busy days are too long for a sale to wait.
func (t *Till) keepDials(ctx context.Context, tx *data.Tx) error {
	from, to, err := dialsDue(ctx, tx)
	if err != nil || from == "" {
		return err
	}
	b, err := t.booksUntil(ctx, tx, daysFrom(from, 1-dialDays), to)
	if err != nil {
		return err
	}
	return insertDials(ctx, tx, b, from, to)
}

// dialsPart keeps the dials of days that were closed in passing, or before the first sale of a morning. They are read beside the
// writer: a day that is closed does not change.
func (t *Till) dialsPart(ctx context.Context) (n int, err error) {
	from, to, err := dialsDue(ctx, t.db.Reader())
	if err != nil || from == "" {
		return 0, err
	}
	b, err := booksOf(ctx, t.db.Reader(), daysFrom(from, 1-dialDays), to)
	if err != nil {
		return 0, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		n = 0
		if first, last, err := dialsDue(ctx, tx); err != nil || first != from || last != to {
			return err // somebody else was quicker; what is due now is kept when it is asked next
		}
		if err := insertDials(ctx, tx, b, from, to); err != nil {
			return err
		}
		n = len(calendar(from, to))
		return tx.Record(data.Event{Type: "dials.kept", Topics: []string{topicClosings}, Body: map[string]any{"days": n}})
	})
	return n, err
}

// insertDials keeps the dials of some days, against the band of now.
func insertDials(ctx context.Context, tx *data.Tx, b *books, from, to string) error {
	settings, err := loadSettings(ctx, tx)
	if err != nil {
		return err
	}
	for _, day := range calendar(from, to) {
		s := b.sum(daysFrom(day, 1-dialDays), day)
		if _, err := tx.Exec(ctx, `INSERT INTO dials (day, turnover, loyalty, house, topups, low, high, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			day, int64(s.Turnover), int64(s.Loyalty), int64(s.House), int64(s.TopUps), int64(settings.DialLow), int64(settings.DialHigh), tx.EventSeq()); err != nil {
			return fmt.Errorf("dial of %s: %w", day, err)
		}
	}
	return nil
}

// checkDials works the kept dials out again from the sales and the shelf: what is kept is what they say.
func checkDials(ctx context.Context, q data.Querier) ([]string, error) {
	type kept struct {
		day string
		sum DialSum
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (kept, error) {
		var k kept
		err := r.Scan(&k.day, &k.sum.Turnover, &k.sum.Loyalty, &k.sum.House, &k.sum.TopUps)
		k.sum.Cost = k.sum.Loyalty + k.sum.House + k.sum.TopUps
		return k, err
	}, `SELECT day, turnover, loyalty, house, topups FROM dials ORDER BY day LIMIT -1`)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	b, err := booksOf(ctx, q, daysFrom(all[0].day, 1-dialDays), all[len(all)-1].day)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, k := range all {
		if sum := b.sum(daysFrom(k.day, 1-dialDays), k.day); sum != k.sum {
			bad = append(bad, fmt.Sprintf("dial of %s: kept %+v, the ledgers say %+v", k.day, k.sum, sum))
		}
	}
	return bad, nil
}
