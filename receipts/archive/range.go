package archive

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// Range is the part of the journal that an archive covers (FORMAT.md §2).
type Range struct {
	Kind    Kind
	Period  string
	FromDay string // business day, YYYY-MM-DD
	ToDay   string
	FromSeq int64
	ToSeq   int64
}

// Refusals of a range.
var (
	errOpen  = fault.New(fault.Conflict, "archive.open", "This period is not closed yet: an archive holds closed days only.")
	errNone  = fault.New(fault.NotFound, "archive.period", "The journal has nothing of this period.")
	errLong  = fault.New(fault.Invalid, "archive.long", "An archive holds 12 months at most.")
	errRange = fault.New(fault.Invalid, "archive.range", "The first day is after the last one.")
	errDay   = fault.New(fault.Invalid, "archive.day", "This is not a period: a month is written 2026-11, a day 2026-11-21.")
)

const dayLayout = "2006-01-02"

// Closed returns the ranges of every closed month and fiscal year, in the order of their closings.
func Closed(ctx context.Context, q data.Querier) ([]Range, error) {
	var all []Range
	seen := map[string]int{}
	closings, err := monthsAndYears(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, e := range closings {
		r, err := rangeOf(e)
		if err != nil {
			return nil, err
		}
		if seen[r.Period]++; seen[r.Period] > 1 {
			r.Period = fmt.Sprintf("%s_%d", r.Period, seen[r.Period])
		}
		all = append(all, r)
	}
	return all, nil
}

// rangeOf is the range of one CLOSE_MONTH or CLOSE_YEAR.
func rangeOf(e journal.Entry) (Range, error) {
	var b journal.CloseBody
	if err := e.Decode(&b); err != nil {
		return Range{}, fmt.Errorf("closing %s: %w", e.Number, err)
	}
	r := Range{Kind: KindMonth, Period: b.Period, FromDay: b.FromDay, ToDay: b.ToDay, FromSeq: b.FromSeq, ToSeq: e.Seq}
	if e.Kind == journal.KindCloseYear {
		r.Kind = KindYear
	}
	return r, nil
}

// Month returns the range of a closed month or fiscal year by its period, such as "2026-11" or "2026". Refusals:
// archive.day (not a period), archive.open (not over), archive.period (before the journal).
func Month(ctx context.Context, q data.Querier, period string) (Range, error) {
	if !isPeriod(period) {
		return Range{}, errDay.With("period", period)
	}
	all, err := Closed(ctx, q)
	if err != nil {
		return Range{}, err
	}
	for _, r := range all {
		if r.Period == period {
			return r, nil
		}
	}
	head, err := journal.Newest(ctx, q)
	if err != nil {
		return Range{}, err
	}
	if len(period) >= len("2026") && period[:4] >= head.Day[:4] && period >= head.Day[:min(len(period), len("2026-11"))] {
		return Range{}, errOpen.With("period", period)
	}
	return Range{}, errNone.With("period", period)
}

// isPeriod reports whether a text has the form of a period: a year or a month, and behind _ which closing of it.
func isPeriod(period string) bool {
	base, again, numbered := cutLast(period)
	if numbered && (len(again) > 3 || again == "" || again[0] == '0' || !digits(again)) {
		return false
	}
	if _, err := time.Parse("2006-01", base); err == nil {
		return true
	}
	return len(base) == len("2026") && digits(base)
}

// Days returns the range from one closed day to another, both included. Refusals: archive.day, archive.range,
// archive.long (more than 12 months), archive.open, archive.period.
func Days(ctx context.Context, q data.Querier, from, to string) (Range, error) {
	first, err1 := time.Parse(dayLayout, from)
	last, err2 := time.Parse(dayLayout, to)
	switch {
	case err1 != nil || err2 != nil:
		return Range{}, errDay.With("from", from).With("to", to)
	case last.Before(first):
		return Range{}, errRange.With("from", from).With("to", to)
	case !last.Before(first.AddDate(1, 0, 0)):
		return Range{}, errLong.With("from", from).With("to", to)
	}
	closings, err := journal.Closings(ctx, q, journal.KindCloseDay, from, to)
	if err != nil {
		return Range{}, err
	}
	if n := len(closings); n == 0 || closings[n-1].Day != to {
		return Range{}, errOpen.With("to", to)
	}
	if closings[0].Day != from {
		return Range{}, errNone.With("from", from)
	}
	var b journal.CloseBody
	if err := closings[0].Decode(&b); err != nil {
		return Range{}, fmt.Errorf("closing %s: %w", closings[0].Number, err)
	}
	return Range{Kind: KindDays, Period: from + "--" + to, FromDay: from, ToDay: to, FromSeq: b.FromSeq, ToSeq: closings[len(closings)-1].Seq}, nil
}

// All returns the range of the whole journal, the open day included (fiscal R77).
func All(ctx context.Context, q data.Querier) (Range, error) {
	first, err := journal.At(ctx, q, 0)
	if err != nil {
		return Range{}, err
	}
	head, err := journal.Newest(ctx, q)
	if err != nil {
		return Range{}, err
	}
	return Range{Kind: KindAll, Period: "complet", FromDay: first.Day, ToDay: head.Day, ToSeq: head.Seq}, nil
}
