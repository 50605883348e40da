package pos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// DayCount is what somebody counts before a day is closed: the drawer by coin and note, and what other means came to by
// their own slips, such as the total of the payment terminal.
type DayCount struct {
	Counted []Counted    `json:"counted"`
	Others  []MeansCount `json:"others"` // each means but cash once; a means that was not counted is absent
	Left    *money.Cents `json:"left"`   // as ShiftClose
	Reason  string       `json:"reason"` // as ShiftClose
}

// MeansCount is what one means came to by its own slips.
type MeansCount struct {
	Means  Means       `json:"means"`
	Amount money.Cents `json:"amount"`
}

// KeptCount is a count that is kept until the day is closed with it.
type KeptCount struct {
	DayCount
	Shift    string      `json:"shift"` // the shift that it is to end
	At       time.Time   `json:"at"`
	By       string      `json:"by"`       // operator code
	Expected money.Cents `json:"expected"` // cents that the drawer should have held when it was counted
}

// Reckoning is what was expected beside what was counted, before the day is closed. What moved in the drawer after the
// count is added to both sides: a coffee paid meanwhile makes no difference.
type Reckoning struct {
	Shift      Shift       // that is open; zero: none is, and there is nothing to count
	Kept       KeptCount   // zero: nothing was counted yet
	Expected   money.Cents // in the drawer now
	Counted    money.Cents // with what has moved since
	Moved      money.Cents // since the count
	Difference money.Cents
	Taken      money.Cents  // put aside when the day is closed
	Left       money.Cents  // what then stays in the drawer
	Others     []MeansCheck // means other than cash that the day has, and those that were counted
	Day        DayReckoned  // what the open day has come to so far
}

// DayReckoned is the day in one line.
type DayReckoned struct {
	Day     string      // the open day
	Total   money.Cents // sales minus refunds
	Sales   int         // documents
	Refunds int
}

// MeansCheck is one means as the till has it and as it was counted.
type MeansCheck struct {
	Means      Means
	Expected   money.Cents
	Counted    *money.Cents // nil: not counted
	Difference money.Cents
}

var errNoCount = fault.New(fault.NotFound, "count.none", "The drawer is not counted yet.")

// checked refuses what is no count, and cleans its reason.
func (r *DayCount) checked() error {
	if _, err := r.shiftClose().checked(); err != nil {
		return err
	}
	left := []Means{Card, MealVoucher, Cheque, Transfer}
	e := errCount
	for i, x := range r.Others {
		if at := slices.Index(left, x.Means); at < 0 {
			e = e.Field(fmt.Sprintf("others[%d].means", i), "one_of")
		} else {
			left = slices.Delete(left, at, at+1)
		}
		if x.Amount < -maxTendered || x.Amount > maxTendered {
			e = e.Field(fmt.Sprintf("others[%d].amount", i), codeRange).With("max", money.Cents(maxTendered))
		}
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func (r DayCount) shiftClose() ShiftClose {
	return ShiftClose{Counted: r.Counted, Reason: r.Reason, Left: r.Left}
}

// KeepCount keeps a count until the day is closed with it, in place of the one before. Nothing is journaled: nothing has
// happened to the drawer. Each count that was kept is in the log of events, with what was expected then.
// Refusals: right.missing, shift.none, count.invalid (fields counted[i].value, counted[i].count, left, others[i].means,
// others[i].amount), text.invalid (reason).
func (t *Till) KeepCount(ctx context.Context, by By, r DayCount) (KeptCount, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (KeptCount, error) {
		if err := r.checked(); err != nil {
			return KeptCount{}, err
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return KeptCount{}, err
		}
		k := KeptCount{DayCount: r, Shift: s.ID, At: tx.Now(), By: by.Operator.Code}
		if k.Expected, err = expectedCash(ctx, tx, s); err != nil {
			return KeptCount{}, err
		}
		return k, k.save(ctx, tx, by)
	})
}

// ExplainCount adds to the kept count why the drawer differs; an empty reason takes it back. The count stays as it was
// made. Refusals: right.missing, shift.none, count.none, text.invalid (reason).
func (t *Till) ExplainCount(ctx context.Context, by By, reason string) (KeptCount, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (KeptCount, error) {
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return KeptCount{}, err
		}
		k, err := keptCount(ctx, tx, s)
		if err != nil {
			return KeptCount{}, err
		}
		k.Reason = reason
		if err := k.checked(); err != nil {
			return KeptCount{}, err
		}
		return k, k.save(ctx, tx, by)
	})
}

// save writes the row of the count, and tells it in the log of events.
func (k KeptCount) save(ctx context.Context, tx *data.Tx, by By) error {
	body, err := json.Marshal(k.DayCount)
	if err != nil {
		return fmt.Errorf("keep count: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO counts_kept (shift, at, operator, expected, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (shift) DO UPDATE SET at = excluded.at, operator = excluded.operator, expected = excluded.expected, body = excluded.body`,
		k.Shift, k.At.UnixMilli(), k.By, k.Expected, string(body)); err != nil {
		return fmt.Errorf("keep count: %w", err)
	}
	return tx.Record(data.Event{Type: "count.kept", Topics: []string{topicShift}, Body: map[string]any{
		"shift": k.Shift, "count": k.DayCount, "expected": int64(k.Expected), "operator": by.Operator.Code}})
}

// forgetCount removes the count of a shift that has ended.
func forgetCount(ctx context.Context, tx *data.Tx, shift string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM counts_kept WHERE shift = ?`, shift); err != nil {
		return fmt.Errorf("forget count: %w", err)
	}
	return nil
}

// keptCount reads the count that is kept for a shift. Refusal: count.none.
func keptCount(ctx context.Context, q data.Querier, s Shift) (KeptCount, error) {
	k := KeptCount{Shift: s.ID}
	var at int64
	var body string
	err := q.QueryRow(ctx, `SELECT at, operator, expected, body FROM counts_kept WHERE shift = ?`, s.ID).Scan(&at, &k.By, &k.Expected, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return KeptCount{}, errNoCount
	}
	if err != nil {
		return KeptCount{}, fmt.Errorf("kept count: %w", err)
	}
	k.At = time.UnixMilli(at).UTC()
	if err := json.Unmarshal([]byte(body), &k.DayCount); err != nil {
		return KeptCount{}, fmt.Errorf("kept count: %w", err)
	}
	return k, nil
}

// end is how the shift ends with the count: what has moved since it was made is part of what is in the drawer. What was
// to stay stays, as far as it is there.
func (k KeptCount) end(expected money.Cents) (shiftEnd, error) {
	end, err := k.shiftClose().checked()
	if err != nil {
		return end, err
	}
	left := end.counted - end.taken
	end.counted = max(end.counted+expected-k.Expected, 0)
	if k.Left != nil {
		end.taken = max(end.counted-left, 0)
	}
	return end, nil
}

// Reckon puts what the till expects beside what was counted, for whoever closes the day.
func (t *Till) Reckon(ctx context.Context) (r Reckoning, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		day, err := journal.Preview(ctx, q)
		if err != nil {
			return err
		}
		r.Day = DayReckoned{Day: day.ToDay, Total: day.Total.TTC, Sales: int(day.Sales.N), Refunds: int(day.Refunds.N)}
		r.Shift, err = t.openShift(ctx, q)
		if err != nil && fault.CodeOf(err) != errNoShift.Code {
			return err
		}
		if err == nil {
			if err := r.drawer(ctx, q); err != nil {
				return err
			}
		}
		r.others(day.Means)
		return nil
	})
	return r, err
}

// drawer reckons the cash of the open shift.
func (r *Reckoning) drawer(ctx context.Context, q data.Querier) (err error) {
	if r.Expected, err = expectedCash(ctx, q, r.Shift); err != nil {
		return err
	}
	r.Shift.Expected = r.Expected
	r.Kept, err = keptCount(ctx, q, r.Shift)
	if fault.CodeOf(err) == errNoCount.Code {
		return nil
	}
	if err != nil {
		return err
	}
	end, err := r.Kept.end(r.Expected)
	if err != nil {
		return err
	}
	r.Moved, r.Counted, r.Taken, r.Left = r.Expected-r.Kept.Expected, end.counted, end.taken, end.counted-end.taken
	r.Difference = r.Counted - r.Expected
	return nil
}

// others reckons the other means: those of the day, and those that somebody counted.
func (r *Reckoning) others(day []journal.CloseMeans) {
	expected := make(map[Means]money.Cents)
	for _, m := range day {
		expected[meansOf(m.Means)] = m.Amt
	}
	for _, means := range []Means{Card, MealVoucher, Cheque, Transfer} {
		sum, used := expected[means]
		check := MeansCheck{Means: means, Expected: sum}
		for _, x := range r.Kept.Others {
			if x.Means == means {
				amount := x.Amount
				check.Counted, check.Difference = &amount, amount-sum
			}
		}
		if used || check.Counted != nil {
			r.Others = append(r.Others, check)
		}
	}
}

// checkCounts holds the counts that are kept against the shifts they are to end: an open one each, and a count that can
// end it.
func checkCounts(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := breaches(ctx, q, `SELECT 'a count is kept for the shift ' || k.shift || ', which is closed' FROM counts_kept AS k JOIN shifts AS s ON s.id = k.shift
		WHERE s.closed_at <> 0 ORDER BY k.shift LIMIT -1`)
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var shift, body string
		if err := r.Scan(&shift, &body); err != nil {
			return err
		}
		var count DayCount
		if err := json.Unmarshal([]byte(body), &count); err != nil {
			bad = append(bad, fmt.Sprintf("the count kept for the shift %s cannot be read: %v", shift, err))
		} else if err := count.checked(); err != nil {
			bad = append(bad, fmt.Sprintf("the count kept for the shift %s is none: %v", shift, err))
		}
		return nil
	}, `SELECT shift, body FROM counts_kept ORDER BY shift LIMIT -1`)
	return bad, err
}
