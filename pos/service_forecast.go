package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// Forecast is what the planned services of one class ask for in the next four weeks, and who bears it. Only whole dishes
// are promised: what the shelf is expected to hold is counted in parts of a dish (of one week in Weeks) and rounded down
// on each evening. What walks in is served first, always (G11).
type Forecast struct {
	Class    string      `json:"class"`
	Weeks    int         `json:"weeks"`    // of the past that the expectations are made of: 8, or as many as there are
	Stock    int         `json:"stock"`    // on the shelf now, sponsors' items not counted
	Sponsors int         `json:"sponsors"` // of sponsors, on the shelf now
	Came     [7]int      `json:"came"`     // in those weeks to the shelf, by weekday, Monday first
	Went     [7]int      `json:"went"`     // in those weeks to who walked in
	Cost     money.Cents `json:"cost"`     // of one dish, as the menu has it: the mean of the class
	Promised int         `json:"promised"` // in lots that sponsors were proposed and have not paid: on the shelf once they do
	By       []Foreseen  `json:"by_week"`  // four times seven days, the first from today
	All      Foreseen    `json:"all"`      // the four together

	Budget   int               `json:"budget"`   // items the house may offer in those four weeks, to all its guests
	Turnover money.Cents       `json:"turnover"` // of the last four weeks
	Ratio    money.BasisPoints `json:"ratio"`    // of the house's part over that turnover; 0 without turnover
	Low      money.BasisPoints `json:"low"`      // the band that the café chose
	High     money.BasisPoints `json:"high"`
}

// Foreseen is what is expected of some days, in dishes.
type Foreseen struct {
	From     string      `json:"from"`
	To       string      `json:"to"`
	Evenings int         `json:"evenings"`
	Wanted   int         `json:"wanted"`
	Reserved int         `json:"reserved"` // put aside already
	Sponsors int         `json:"sponsors"` // from the lots of sponsors
	Shelf    int         `json:"shelf"`    // from gifts and stamps
	House    int         `json:"house"`    // what is left: the house's, or a sponsor's to come
	Cost     money.Cents `json:"cost"`     // of the house's
}

// Dimensions of the forecast.
const (
	foreseenWeeks = 4
	pastWeeks     = 8
	weekDays      = 7
)

func (f *Foreseen) add(o Foreseen) {
	f.Evenings, f.Wanted, f.Reserved = f.Evenings+o.Evenings, f.Wanted+o.Wanted, f.Reserved+o.Reserved
	f.Sponsors, f.Shelf, f.House, f.Cost = f.Sponsors+o.Sponsors, f.Shelf+o.Shelf, f.House+o.House, f.Cost+o.Cost
}

// foresee plays the four weeks from today day by day: what is expected comes to the shelf, who walks in is served from it,
// and then the evenings of the day take sponsors' dishes first, as allotments do, then the shelf's. Today has no more
// expectations: what it holds is there.
func (f *Forecast) foresee(today string, evenings []Evening) {
	parts := max(f.Weeks, 1) // a dish has as many parts as there are weeks: no rate is ever rounded
	shelf, sponsors := f.Stock*parts, f.Sponsors*parts
	f.By = make([]Foreseen, foreseenWeeks)
	f.All = Foreseen{From: today, To: daysFrom(today, foreseenWeeks*weekDays-1)}
	next := 0
	for n := range foreseenWeeks * weekDays {
		day := daysFrom(today, n)
		if n > 0 {
			w := weekdayOf(day) - 1
			shelf += f.Came[w] - f.Went[w]
			if shelf < 0 { // who walks in takes gifts first, then sponsors' dishes; the house never lets anybody go
				shelf, sponsors = 0, max(0, sponsors+shelf)
			}
		}
		week := &f.By[n/weekDays]
		if n%weekDays == 0 {
			week.From, week.To = day, daysFrom(day, weekDays-1)
		}
		for ; next < len(evenings) && evenings[next].Day <= day; next++ {
			e := evenings[next]
			if e.Day < day || e.Cancelled || e.Over || e.Class != f.Class {
				continue
			}
			o := Foreseen{Evenings: 1, Wanted: e.Dishes, Reserved: min(e.Reserved, e.Dishes)}
			left := e.Dishes - o.Reserved
			o.Sponsors = min(left, sponsors/parts)
			o.Shelf = min(left-o.Sponsors, shelf/parts)
			o.House = left - o.Sponsors - o.Shelf
			o.Cost = money.Cents(o.House) * f.Cost
			sponsors, shelf = sponsors-o.Sponsors*parts, shelf-o.Shelf*parts
			week.add(o)
		}
	}
	for _, w := range f.By {
		f.All.add(w)
	}
}

// ServiceForecast foresees the next four weeks of every class that a planned service dishes up.
func (t *Till) ServiceForecast(ctx context.Context) ([]Forecast, error) {
	all := []Forecast{}
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		today := t.db.Today()
		services, err := t.services(ctx, q)
		if err != nil {
			return err
		}
		evenings, err := t.evenings(ctx, q, t.db.Now(), `WHERE e.day BETWEEN ? AND ? ORDER BY e.day, s.starts, s.folded LIMIT ?`,
			today, daysFrom(today, foreseenWeeks*weekDays-1), maxServices*aheadDays)
		if err != nil {
			return err
		}
		served := map[string]bool{}
		for _, s := range services {
			if !s.Ended {
				served[s.Class] = true
			}
		}
		if len(served) == 0 {
			return nil
		}
		all, err = t.expectations(ctx, q, today, served)
		for i := range all {
			all[i].foresee(today, evenings)
			all[i].Ratio = ofTurnover(all[i].All.Cost, all[i].Turnover)
		}
		return err
	})
	return all, err
}

// ofTurnover is a part of a whole in basis points, rounded half up; 0 of nothing.
func ofTurnover(part, whole money.Cents) money.BasisPoints {
	if whole <= 0 {
		return 0
	}
	return money.BasisPoints((int64(part)*10_000 + int64(whole)/2) / int64(whole))
}

// expectations reads, for each class that is asked for, what is there and what the past weeks let expect.
func (t *Till) expectations(ctx context.Context, q data.Querier, today string, classes map[string]bool) ([]Forecast, error) {
	shelf, err := suspended.Shelved(ctx, q)
	if err != nil {
		return nil, err
	}
	settings, err := loadSettings(ctx, q)
	if err != nil {
		return nil, err
	}
	genesis, err := journal.At(ctx, q, 0)
	if err != nil {
		return nil, err
	}
	weeks := min(pastWeeks, weeksBetween(genesis.Day, today))
	yesterday := dayBefore(today)
	flow, err := suspended.FlowByDay(ctx, q, daysFrom(today, -weekDays*weeks), yesterday)
	if err != nil {
		return nil, err
	}
	var turnover money.Cents
	if err := q.QueryRow(ctx, `SELECT coalesce(sum(total), 0) FROM sales WHERE day BETWEEN ? AND ?`, daysFrom(today, -foreseenWeeks*weekDays), yesterday).Scan(&turnover); err != nil {
		return nil, fmt.Errorf("turnover: %w", err)
	}
	lots, err := suspended.Lots(ctx, q, lotsLimit)
	if err != nil {
		return nil, err
	}
	var all []Forecast
	for _, c := range shelf {
		if !classes[c.Class] {
			continue
		}
		f := Forecast{Class: c.Class, Weeks: weeks, Sponsors: c.ByOrigin[suspended.Sponsor], Stock: c.Available - c.ByOrigin[suspended.Sponsor],
			Budget: settings.HouseBudgetDaily * foreseenWeeks * weekDays, Turnover: turnover, Low: settings.DialLow, High: settings.DialHigh}
		if f.Cost, err = t.classCost(ctx, q, c.Class); err != nil {
			return nil, err
		}
		for _, l := range lots {
			if l.Class == c.Class && l.Paid == "" && l.Cancelled == "" {
				f.Promised += l.Qty
			}
		}
		for _, d := range flow {
			if d.Class == c.Class && d.Day < today {
				w := weekdayOf(d.Day) - 1
				f.Came[w], f.Went[w] = f.Came[w]+d.Came, f.Went[w]+d.Went
			}
		}
		all = append(all, f)
	}
	return all, nil
}

// weeksBetween is how many whole weeks are over on a day since another.
func weeksBetween(from, day string) int {
	a, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return max(0, int(b.Sub(a)/(weekDays*24*time.Hour)))
}

// classCost is the standard cost of one of a class: the mean of the products it may be served as, rounded half up to the
// cent.
func (t *Till) classCost(ctx context.Context, q data.Querier, class string) (money.Cents, error) {
	sum, n, err := t.costsOf(ctx, q, class)
	return average(sum, n), err
}
