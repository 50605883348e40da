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
	Expected   money.Cents `json:"expected"`        // what the drawer should hold, now or at the close
	Counted    money.Cents `json:"counted"`         // at the close
	Difference money.Cents `json:"difference"`      // counted minus expected: recorded, never corrected in the sales
	Taken      money.Cents `json:"taken,omitempty"` // put aside just before the close, so that Counted stays in the drawer; told once

	Tokens *Tokens `json:"tokens,omitempty"` // nil while none were counted, and nothing was asked for with one

	firstRow int64 // its float in the drawer
}

var (
	errNoShift   = fault.New(fault.Conflict, "shift.none", "Open a shift first.")
	errShiftOpen = fault.New(fault.Conflict, "shift.open", "A shift is open already.")
)

const topicShift = "shift"

// OpenShift is OpenShiftWith, without a count of tokens.
func (t *Till) OpenShift(ctx context.Context, by By, float money.Cents) (Shift, error) {
	return t.OpenShiftWith(ctx, by, float, nil)
}

// OpenShiftWith begins a shift with the money that is in the drawer, in cents, 0 to 999,999 (fiscal R58), and with so many
// tokens put out in the bowl; nil: they were not counted (I17). Refusals: right.missing, shift.open, cash.invalid,
// tokens.invalid (field tokens).
func (t *Till) OpenShiftWith(ctx context.Context, by By, float money.Cents, tokens *int) (Shift, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Shift, error) {
		count := TokenCount{Out: tokens}
		if count.check("") != nil {
			return Shift{}, errTokens.Field("tokens", codeRange).With("max", maxTokens)
		}
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
		if err := count.keep(ctx, tx, s.ID); err != nil {
			return Shift{}, err
		}
		if s.Tokens, err = shiftTokens(ctx, tx, s.ID); err != nil {
			return Shift{}, err
		}
		return s, tx.Record(data.Event{Type: "shift.opened", Topics: []string{topicShift}, Body: count.told(map[string]any{"shift": s.ID, "journal": []int64{e.Seq}})})
	})
}

// ShiftClose is the count that ends a shift.
type ShiftClose struct {
	Counted []Counted    `json:"counted"`
	Reason  string       `json:"reason"` // why the drawer differs from what was expected; may be empty
	Left    *money.Cents `json:"left"`   // what stays in the drawer for the next shift, 0 to what was counted; nil: all of it
	Tokens  TokenCount   `json:"tokens,omitzero"`
}

// CloseShift is CloseShiftWith, without a word on the difference.
func (t *Till) CloseShift(ctx context.Context, by By, counted []Counted) (Shift, error) {
	return t.CloseShiftWith(ctx, by, ShiftClose{Counted: counted})
}

// CloseShiftWith ends the shift with a count of the drawer. What is missing or too much is recorded with the reason
// given, and nothing is refused for it: closing always works. Open tickets stay open; training ends. What does not stay
// in the drawer is taken out of it first, as a movement of its own (fiscal R100): the count is what the next shift finds.
// A difference of tokens is recorded as it is too (I17).
// Refusals: right.missing, shift.none, count.invalid (fields counted[i].value, counted[i].count, left), text.invalid
// (reason), tokens.invalid (fields tokens.out, tokens.left, tokens.box).
func (t *Till) CloseShiftWith(ctx context.Context, by By, r ShiftClose) (Shift, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Shift, error) {
		end, err := r.checked()
		if err != nil {
			return Shift{}, err
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return Shift{}, err
		}
		s, did, err := t.endShift(ctx, tx, by, s, end)
		if err != nil {
			return Shift{}, err
		}
		if err := r.Tokens.keep(ctx, tx, s.ID); err != nil {
			return Shift{}, err
		}
		if s.Tokens, err = shiftTokens(ctx, tx, s.ID); err != nil {
			return Shift{}, err
		}
		return s, tx.Record(data.Event{Type: "shift.closed", Topics: did.topics, Body: r.Tokens.told(map[string]any{"shift": s.ID, "journal": did.journal})})
	})
}

// shiftEnd is a checked ShiftClose.
type shiftEnd struct {
	counted, taken money.Cents // counted: before anything is taken
	reason         string      // as it is journaled
}

func (r ShiftClose) checked() (end shiftEnd, err error) {
	if end.counted, err = addUp(r.Counted); err != nil {
		return end, err
	}
	if err := r.Tokens.check("tokens."); err != nil {
		return end, err
	}
	if r.Left != nil {
		if *r.Left < 0 || *r.Left > end.counted {
			return end, errCount.Field("left", codeRange).With("max", end.counted)
		}
		end.taken = end.counted - *r.Left
	}
	if strings.TrimSpace(r.Reason) != "" {
		reason, err := cleanReason(r.Reason)
		if err != nil {
			return end, err
		}
		end.reason = differenceReason + reason
	}
	return end, nil
}

// drawerSafe is the reason of what is put aside when a shift ends: carried to the safe or to the bank.
const drawerSafe = "drawer.safe"

// ending is what the end of a shift, or of a period, did: entries and topics for the event of the command.
type ending struct {
	journal []int64
	topics  []string
}

func (e *ending) training(t trainingEnd) {
	e.journal, e.topics = append(e.journal, t.journal...), append(e.topics, t.topics()...)
}

// trained tells every page of the staff that training has ended with the day.
func (e *ending) trained(ended bool) {
	if ended {
		e.topics = append(e.topics, topicTraining, "tickets")
	}
}

// endShift ends training, journals what is taken out of the drawer and the count, and closes the shift.
func (t *Till) endShift(ctx context.Context, tx *data.Tx, by By, s Shift, end shiftEnd) (Shift, ending, error) {
	did := ending{topics: []string{topicShift}}
	training, err := t.endTraining(ctx, tx) // the count is of real money, and training lives within a shift
	if err != nil {
		return s, did, err
	}
	did.training(training)
	if end.taken > 0 {
		seq, err := t.moveDrawer(ctx, tx, by, s, -end.taken, drawerSafe)
		if err != nil {
			return s, did, err
		}
		did.journal = append(did.journal, seq)
	}
	if s.Expected, err = expectedCash(ctx, tx, s); err != nil {
		return s, did, err
	}
	now := tx.Now()
	s.ClosedAt, s.ClosedBy, s.Taken, s.Counted = &now, by.Operator.Code, end.taken, end.counted-end.taken
	s.Difference = s.Counted - s.Expected
	e, err := t.journalCash(ctx, tx, by, journal.CashBody{Type: journal.CashCount, Amount: s.Counted, Counted: s.Counted,
		Expected: s.Expected, Difference: s.Difference, Reason: end.reason, Shift: s.ID})
	if err != nil {
		return s, did, err
	}
	did.journal = append(did.journal, e.Seq)
	if _, err := tx.Exec(ctx, `UPDATE shifts SET closed_at = ?, closed_by = ?, expected = ?, counted = ? WHERE id = ?`,
		now.UnixMilli(), s.ClosedBy, s.Expected, s.Counted, s.ID); err != nil {
		return s, did, fmt.Errorf("close shift: %w", err)
	}
	return s, did, forgetCount(ctx, tx, s.ID)
}

// differenceReason stands before what somebody wrote about a difference: nothing that is typed is ever taken for the
// reason of a count in the middle of a shift.
const differenceReason = "difference: "

// AddUp is the sum of a count, nothing being written: for a page that shows it before the shift is closed.
// Refusal: count.invalid (fields counted[i].value, counted[i].count).
func AddUp(counted []Counted) (money.Cents, error) { return addUp(counted) }

func recordShift(tx *data.Tx, what string, s Shift, seq int64, topics ...string) error {
	return tx.Record(data.Event{Type: what, Topics: append([]string{topicShift}, topics...), Body: map[string]any{"shift": s.ID, "journal": []int64{seq}}})
}

// CurrentShift returns the open shift with what the drawer should hold now. Refusal: shift.none.
func (t *Till) CurrentShift(ctx context.Context) (s Shift, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		if s, err = t.openShift(ctx, q); err != nil {
			return err
		}
		if s.Expected, err = expectedCash(ctx, q, s); err != nil {
			return err
		}
		s.Tokens, err = shiftTokens(ctx, q, s.ID)
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
	s.Tokens, err = shiftTokens(ctx, t.db.Reader(), s.ID)
	return s, err
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
