package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Shift is the time between the float and the count. The café has one drawer, so one shift at a time.
type Shift struct {
	ID         string      `json:"id"`
	OpenedAt   time.Time   `json:"opened_at"`
	OpenedBy   string      `json:"opened_by"` // operator code
	Float      money.Cents `json:"float"`
	ClosedAt   *time.Time  `json:"closed_at"` // nil while it is open
	ClosedBy   string      `json:"closed_by"`
	Expected   money.Cents `json:"expected"`   // what the drawer should hold, now or at the close
	Counted    money.Cents `json:"counted"`    // at the close
	Difference money.Cents `json:"difference"` // counted minus expected: recorded, never corrected in the sales

	firstRow int64 // its float in the drawer
}

var (
	errNoShift   = fault.New(fault.Conflict, "shift.none", "Open a shift first.")
	errShiftOpen = fault.New(fault.Conflict, "shift.open", "A shift is open already.")
)

const topicShift = "shift"

// OpenShift begins a shift with the money that is in the drawer, in cents, 0 to 999,999 (fiscal R58).
// Refusals: right.missing, shift.open, cash.invalid.
func (t *Till) OpenShift(ctx context.Context, by By, float money.Cents) (Shift, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Shift, error) {
		if float < 0 || float > maxPrice {
			return Shift{}, errCash.Field("float", codeRange).With("max", maxPrice)
		}
		switch _, err := t.openShift(ctx, tx); {
		case err == nil:
			return Shift{}, errShiftOpen
		case fault.CodeOf(err) != errNoShift.Code:
			return Shift{}, err
		}
		s := Shift{ID: tx.NewID(), OpenedAt: tx.Now(), OpenedBy: by.Operator.Code, Float: float, Expected: float}
		e, err := t.journalCash(ctx, tx, by, journal.CashBody{Type: journal.CashFloat, Amount: float, Shift: s.ID})
		if err != nil {
			return Shift{}, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO shifts (id, opened_at, opened_by, opened_row, float)
			VALUES (?, ?, ?, (SELECT coalesce(max(id), 0) + 1 FROM drawer), ?)`, s.ID, s.OpenedAt.UnixMilli(), s.OpenedBy, s.Float); err != nil {
			return Shift{}, fmt.Errorf("open shift: %w", err)
		}
		if err := drawerEntry(ctx, tx, e.Seq, s.ID, drawerFloat, float); err != nil {
			return Shift{}, err
		}
		return s, recordShift(tx, "shift.opened", s, e.Seq)
	})
}

// ShiftClose is the count that ends a shift.
type ShiftClose struct {
	Counted []Counted `json:"counted"`
	Reason  string    `json:"reason"` // why the drawer differs from what was expected; may be empty
}

// CloseShift is CloseShiftWith, without a word on the difference.
func (t *Till) CloseShift(ctx context.Context, by By, counted []Counted) (Shift, error) {
	return t.CloseShiftWith(ctx, by, ShiftClose{Counted: counted})
}

// CloseShiftWith ends the shift with a count of the drawer. What is missing or too much is recorded with the reason
// given, and nothing is refused for it: closing always works. Open tickets stay open;
// training ends.
// Refusals: right.missing, shift.none, count.invalid (fields counted[i].value, counted[i].count), text.invalid (reason).
func (t *Till) CloseShiftWith(ctx context.Context, by By, r ShiftClose) (Shift, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Shift, error) {
		sum, err := addUp(r.Counted)
		if err != nil {
			return Shift{}, err
		}
		reason := ""
		if strings.TrimSpace(r.Reason) != "" {
			if reason, err = cleanReason(r.Reason); err != nil {
				return Shift{}, err
			}
			reason = differenceReason + reason
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return Shift{}, err
		}
		if s.Expected, err = expectedCash(ctx, tx, s); err != nil {
			return Shift{}, err
		}
		training, err := t.endTraining(ctx, tx) // the count is of real money, and training lives within a shift
		if err != nil {
			return Shift{}, err
		}
		now := tx.Now()
		s.ClosedAt, s.ClosedBy, s.Counted, s.Difference = &now, by.Operator.Code, sum, sum-s.Expected
		e, err := t.journalCash(ctx, tx, by, journal.CashBody{Type: journal.CashCount, Amount: s.Counted, Counted: s.Counted,
			Expected: s.Expected, Difference: s.Difference, Reason: reason, Shift: s.ID})
		if err != nil {
			return Shift{}, err
		}
		if _, err := tx.Exec(ctx, `UPDATE shifts SET closed_at = ?, closed_by = ?, expected = ?, counted = ? WHERE id = ?`,
			now.UnixMilli(), s.ClosedBy, s.Expected, s.Counted, s.ID); err != nil {
			return Shift{}, fmt.Errorf("close shift: %w", err)
		}
		return s, tx.Record(data.Event{Type: "shift.closed", Topics: append(training.topics(), topicShift),
			Body: map[string]any{"shift": s.ID, "journal": append(training.journal, e.Seq)}})
	})
}

// differenceReason stands before what somebody wrote about a difference: nothing that is typed is ever taken for the
// reason of a count in the middle of a shift.
const differenceReason = "difference: "

// AddUp is the sum of a count, nothing being written: for a page that shows it before the shift is closed.
// Refusal: count.invalid (fields counted[i].value, counted[i].count).
func AddUp(counted []Counted) (money.Cents, error) { return addUp(counted) }

func recordShift(tx *data.Tx, what string, s Shift, seq int64) error {
	return tx.Record(data.Event{Type: what, Topics: []string{topicShift}, Body: map[string]any{"shift": s.ID, "journal": []int64{seq}}})
}

// CurrentShift returns the open shift with what the drawer should hold now. Refusal: shift.none.
func (t *Till) CurrentShift(ctx context.Context) (s Shift, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		if s, err = t.openShift(ctx, q); err != nil {
			return err
		}
		s.Expected, err = expectedCash(ctx, q, s)
		return err
	})
	return s, err
}

// LastShift returns the shift that was closed last, with what was found in its drawer: for a page that is opened again.
// Refusal: shift.none, while none was closed.
func (t *Till) LastShift(ctx context.Context) (Shift, error) {
	var s Shift
	var opened, closed int64
	err := t.db.Reader().QueryRow(ctx, `SELECT id, opened_at, opened_by, opened_row, float, closed_at, closed_by, expected, counted FROM shifts
		WHERE closed_at > 0 ORDER BY closed_at DESC, opened_at DESC LIMIT 1`).
		Scan(&s.ID, &opened, &s.OpenedBy, &s.firstRow, &s.Float, &closed, &s.ClosedBy, &s.Expected, &s.Counted)
	if errors.Is(err, sql.ErrNoRows) {
		return Shift{}, errNoShift
	}
	if err != nil {
		return Shift{}, fmt.Errorf("last shift: %w", err)
	}
	at := time.UnixMilli(closed).UTC()
	s.OpenedAt, s.ClosedAt, s.Difference = time.UnixMilli(opened).UTC(), &at, s.Counted-s.Expected
	return s, nil
}

// openShift reads the open shift, without what its drawer should hold. Refusal: shift.none.
func (t *Till) openShift(ctx context.Context, q data.Querier) (Shift, error) {
	var s Shift
	var opened int64
	err := q.QueryRow(ctx, `SELECT id, opened_at, opened_by, opened_row, float FROM shifts WHERE closed_at = 0 LIMIT 1`).
		Scan(&s.ID, &opened, &s.OpenedBy, &s.firstRow, &s.Float)
	if errors.Is(err, sql.ErrNoRows) {
		return Shift{}, errNoShift
	}
	if err != nil {
		return Shift{}, fmt.Errorf("shift: %w", err)
	}
	s.OpenedAt = time.UnixMilli(opened).UTC()
	return s, nil
}
