package pos

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

const monthForm = "2006-01"

// solidarityOf adds to the closings of a statement what no closing says: what moved the shelf by its cause, and how many meals
// cards may have put on it (I6).
func (t *Till) solidarityOf(ctx context.Context, q data.Querier, in *export.Input) error {
	first, last := in.Days[0], in.Days[len(in.Days)-1]
	entries, err := journal.OfKinds(ctx, q, first.Body.FromSeq, last.Seq, journal.KindSuspAdjust)
	if err != nil {
		return err
	}
	at := byDay(*in)
	for _, e := range entries {
		var b journal.AdjustBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		if d := at[e.Day]; d != nil {
			d.Adjusts = append(d.Adjusts, export.Adjust{Class: b.Class, Cause: b.Cause, Origin: b.Origin, Qty: b.Qty})
		}
	}
	in.Ceiling, err = ceiling(ctx, q, in.To, last.Seq)
	return err
}

// ceiling counts meals, stamps and releases since the first day to the end of one, whose closing is the entry of that seq.
// What happens later changes none of them: a statement made again has the same bytes.
func ceiling(ctx context.Context, q data.Querier, day string, closing int64) (*export.Ceiling, error) {
	var c export.Ceiling
	err := q.QueryRow(ctx, `SELECT coalesce(sum(qty * meal_units), 0) FROM sale_lines WHERE seq <= ?`, closing).Scan(&c.Meals)
	if err != nil {
		return nil, fmt.Errorf("meals paid up to %s: %w", day, err)
	}
	if c.Without, err = loyalty.WithoutMeal(ctx, q, day); err != nil {
		return nil, err
	}
	released, err := suspended.ReleasedBetween(ctx, q, firstDay, day)
	for _, n := range released {
		c.Released += int64(n)
	}
	c.Earned = (c.Meals + c.Without) / loyalty.MealsPerRelease
	return &c, err
}

// StatementPeriod is what one public statement covers: a calendar month, or several where too little was served in one to tell
// it by itself (I15). Its days are all over.
type StatementPeriod struct {
	Month    string // the last, YYYY-MM: its name
	From, To string // business days
}

// statementMonths bounds a statement: an export covers so much and no more. What is never enough is never told.
const statementMonths = 12

// statementPeriods cuts the months from a business day to another, not included, into periods in which every class was served
// three times or more, or never. days are in the order of time. What a period was, it stays.
func statementPeriods(since, today string, days []suspended.DayCount) (periods []StatementPeriod) {
	began, err1 := time.Parse(monthForm, since[:len(monthForm)])
	now, err2 := time.Parse(monthForm, today[:len(monthForm)])
	if err1 != nil || err2 != nil {
		return nil
	}
	served, next := map[string]int{}, 0
	for first, at := began, began; at.Before(now); at = at.AddDate(0, 1, 0) {
		last := at.AddDate(0, 1, -1).Format(time.DateOnly)
		for ; next < len(days) && days[next].Day <= last; next++ {
			served[days[next].Class] += days[next].Count
		}
		told := enough(served)
		if told {
			periods = append(periods, StatementPeriod{Month: at.Format(monthForm), From: first.Format(time.DateOnly), To: last})
		}
		if told || !at.Before(first.AddDate(0, statementMonths-1, 0)) {
			first, served = at.AddDate(0, 1, 0), map[string]int{}
		}
	}
	return periods
}

func enough(served map[string]int) bool {
	for _, n := range served {
		if n > 0 && n < publishedFrom {
			return false
		}
	}
	return true
}

// Statements lists what the public may read, the newest first.
func (t *Till) Statements(ctx context.Context) (all []StatementPeriod, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		told, err := t.published(ctx, q)
		all = slices.Clone(told.months)
		return err
	})
	slices.Reverse(all)
	return nonNil(all), err
}

// Stated is a public statement, and the file that a stranger can check.
type Stated struct {
	export.Statement

	File export.File
}

// statements are those that were asked for: what is over does not change, and anybody may ask.
type statements struct {
	sync.Mutex
	of map[string]Stated
}

// keptStatements bounds them.
const keptStatements = 36

var errNoStatement = fault.New(fault.NotFound, "statement.unknown", "There is no public statement of this month.")

// Statement returns the public statement that is named by a month (YYYY-MM). Refusal: statement.unknown, when the month is not
// over, not closed, or told with a later one.
func (t *Till) Statement(ctx context.Context, name string) (s Stated, err error) {
	t.stated.Lock()
	defer t.stated.Unlock()
	if s, kept := t.stated.of[name]; kept {
		return s, nil
	}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		told, err := t.published(ctx, q)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(told.months, func(p StatementPeriod) bool { return p.Month == name })
		if i < 0 {
			return errNoStatement
		}
		all, err := plans(ctx, q)
		if err != nil {
			return err
		}
		x := Exported{Kind: export.Solidarity, From: told.months[i].From, To: told.months[i].To, Plan: dated}
		in, err := t.exportInput(ctx, q, &x, all)
		if err != nil {
			return err
		}
		if in.To != told.months[i].To {
			return errNoStatement // its last day is over and not closed yet
		}
		if s.Statement, err = export.State(in); err != nil {
			return err
		}
		s.File, err = export.Make(export.Solidarity, "json", in)
		return err
	})
	if err != nil {
		return Stated{}, err
	}
	if t.stated.of == nil || len(t.stated.of) == keptStatements {
		t.stated.of = map[string]Stated{}
	}
	t.stated.of[name] = s
	return s, nil
}

// LastHead returns the newest closing of a day: its number, its day and its hash, for the board and the window. found is false
// before the first.
func (t *Till) LastHead(ctx context.Context) (e journal.Entry, found bool, err error) {
	e, err = journal.LastClosing(ctx, t.db.Reader(), journal.KindCloseDay)
	if fault.KindOf(err) == fault.NotFound {
		return e, false, nil
	}
	return e, err == nil, err
}
