package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Span is how much time an overview covers.
type Span string

// The spans. A week begins on Monday.
const (
	SpanDay   Span = "day"
	SpanWeek  Span = "week"
	SpanMonth Span = "month"
)

// Overview is a period in figures beside the one before, and what a manager should look at, all read at one moment.
// Its Report is the one that the API tells of the same days.
type Overview struct {
	Report

	Span       Span
	Day        string    // the day it was asked for
	Running    bool      // today is one of its days: Before stops where the period now stands
	Before     Before    // the same weekday last week, the week before, or the month before
	Slots      []Slot    // hours of a day, days of a week or a month
	BudgetLeft int       // items the house may still offer today; below zero it is overdrawn
	Budget     int       // items a day
	Matters    []Matter  // empty when the period is over
	WaitingBy  OriginSum // what waits now, by the origin that bears it
	Dial       Dial      // of a period that is running: the thirty days, their line and the month; the rest is told by Till.Dial
}

// OriginSum counts items by origin: PAID, LOYALTY, HOUSE…
type OriginSum map[string]int

// Before is the period an overview is compared with.
type Before struct {
	From, To string      // business days
	Total    money.Cents // sales minus refunds
	Sales    int
	Refunded money.Cents // positive
}

// Average is what a sale brought, before refunds; 0 without sales.
func (b Before) Average() money.Cents { return average(b.Total+b.Refunded, b.Sales) }

// Average is what a sale brought, before refunds; 0 without sales.
func (r Report) Average() money.Cents { return average(r.Total+r.Refunded, r.Sales) }

// average is the mean of a sum that is not negative, rounded half up to the cent.
func average(sum money.Cents, n int) money.Cents {
	if n == 0 {
		return 0
	}
	return (sum + money.Cents(n)/2) / money.Cents(n)
}

// Slot is one bar of the chart: an hour of the day, or a day, beside what the period before did there.
type Slot struct {
	Hour   int         // of the clock; -1 when the slot is a day
	Day    string      // of this period; "" where only the period before had one, or when the slot is an hour
	Was    string      // the day of the period before; "" as above
	Sales  int         // documents
	Total  money.Cents // of this period
	Before money.Cents // of the whole period before
}

var errSpan = fault.New(fault.Invalid, "report.range", "The span is day, week or month, and the day YYYY-MM-DD.")

// period returns the first and the last day of the span around a day, and the same of the span before.
func (s Span) period(day time.Time) (from, to, from1, to1 time.Time, err error) {
	switch s {
	case SpanDay:
		was := day.AddDate(0, 0, -7)
		return day, day, was, was, nil
	case SpanWeek:
		monday := day.AddDate(0, 0, -int(day.Weekday()+6)%7)
		return monday, monday.AddDate(0, 0, 6), monday.AddDate(0, 0, -7), monday.AddDate(0, 0, -1), nil
	case SpanMonth:
		first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
		return first, first.AddDate(0, 1, -1), first.AddDate(0, -1, 0), first.AddDate(0, 0, -1), nil
	}
	return day, day, day, day, errSpan.Field("span", "one_of")
}

// Overview reports the day, week or month that a business day lies in; an empty day is the current one.
// Refusal: report.range.
func (t *Till) Overview(ctx context.Context, span Span, day string) (Overview, error) {
	now := t.db.Now()
	today := t.db.Today()
	if day == "" {
		day = today
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return Overview{}, errSpan.Field("day", "date")
	}
	from, to, from1, to1, err := span.period(at)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Span: span, Day: day, Before: Before{From: date(from1), To: date(to1)}}
	o.Running = date(from) <= today && today <= date(to)
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		if o.Report, err = t.report(ctx, q, date(from), date(to)); err != nil {
			return err
		}
		if err := t.compare(ctx, q, &o, now); err != nil {
			return err
		}
		return t.lookAround(ctx, q, &o, now)
	})
	return o, err
}

func date(t time.Time) string { return t.Format(time.DateOnly) }

// compare reads the period before: as much of it as has passed of a period that is running, and all of it for the chart.
func (t *Till) compare(ctx context.Context, q data.Querier, o *Overview, now time.Time) error {
	b := &o.Before
	before := Report{From: b.From, To: b.To}
	if err := t.documents(ctx, q, &before); err != nil {
		return fmt.Errorf("the period before: %w", err)
	}
	b.Total, b.Sales, b.Refunded = before.Total, before.Sales, before.Refunded
	if o.Running {
		until := sameMoment(now.In(t.db.Zone()), o.Span)
		if err := q.QueryRow(ctx, `SELECT coalesce(sum(total), 0), coalesce(sum(refunds IS NULL), 0), coalesce(-sum(iif(refunds IS NULL, 0, total)), 0)
			FROM sales WHERE day BETWEEN ? AND ? AND at < ?`, b.From, b.To, until.UnixMilli()).Scan(&b.Total, &b.Sales, &b.Refunded); err != nil {
			return fmt.Errorf("the period before, so far: %w", err)
		}
	}
	if o.Span == SpanDay {
		o.Slots = t.hourSlots(o.Hours, before.Hours)
	} else {
		o.Slots = daySlots(o.Report, before)
	}
	return nil
}

// sameMoment is where the period before stood when it was as old as this one is now. The 31st of a month that has
// only 30 days is its end: what comes after is kept out by the days of the period.
func sameMoment(now time.Time, span Span) time.Time {
	if span == SpanMonth {
		return now.AddDate(0, -1, 0)
	}
	return now.AddDate(0, 0, -7)
}

// leastHours is how many hours a chart of a day has at least.
const leastHours = 6

// hourSlots pairs the hours of two days, from the first in which anything was sold to the last.
func (t *Till) hourSlots(now, before []HourTotal) []Slot {
	slots := make([]Slot, 24)
	first, last := len(slots), -1
	for i, hour := range t.hoursOfDay() {
		s := Slot{Hour: hour}
		for _, h := range now {
			if h.Hour == hour {
				s.Sales, s.Total = h.Sales, h.Total
				first, last = min(first, i), i
			}
		}
		for _, h := range before {
			if h.Hour == hour {
				s.Before = h.Total
				first, last = min(first, i), i
			}
		}
		slots[i] = s
	}
	if last < 0 {
		return []Slot{}
	}
	for last-first+1 < leastHours { // one bar alone is no chart: the hours to come, else those before
		if last+1 < len(slots) {
			last++
		} else {
			first--
		}
	}
	return slots[first : last+1]
}

// daySlots pairs the days of two periods by their place in it. The longer of two months says how many there are.
func daySlots(now, before Report) []Slot {
	days, was := calendar(now.From, now.To), calendar(before.From, before.To)
	slots := make([]Slot, max(len(days), len(was)))
	for i := range slots {
		s := Slot{Hour: -1}
		if i < len(days) {
			s.Day = days[i]
			for _, d := range now.Days {
				if d.Day == s.Day {
					s.Sales, s.Total = d.Sales, d.Total
				}
			}
		}
		if i < len(was) {
			s.Was = was[i]
			for _, d := range before.Days {
				if d.Day == s.Was {
					s.Before = d.Total
				}
			}
		}
		slots[i] = s
	}
	return slots
}

// calendar lists the days from one to another; both are days.
func calendar(from, to string) []string {
	var days []string
	for d, err := time.Parse(time.DateOnly, from); err == nil && date(d) <= to; d = d.AddDate(0, 0, 1) {
		days = append(days, date(d))
	}
	return days
}
