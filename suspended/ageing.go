package suspended

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

var (
	errClosure        = fault.New(fault.Invalid, "closure.invalid", "A closure goes from a day to the same or a later one, at most a year.").Field("to", "range")
	errClosureOverlap = fault.New(fault.Conflict, "closure.overlap", "The café is closed on some of these days already.").Field("from", "taken")
	errNoClosure      = fault.New(fault.NotFound, "closure.unknown", "There is no closure that begins on this day.")
)

// Closure is when the café is closed for holidays, from one day to another (YYYY-MM-DD), both included.
type Closure struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// maxClosure and maxClosures bound what is noted of holidays.
const (
	maxClosure  = 366 // days
	maxClosures = 200
)

// Closures returns the holidays of the café, the newest first.
func Closures(ctx context.Context, q data.Querier) ([]Closure, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (c Closure, err error) { return c, r.Scan(&c.From, &c.To) },
		`SELECT from_day, to_day FROM closures ORDER BY from_day DESC LIMIT ?`, maxClosures)
	if err != nil {
		return nil, fmt.Errorf("closures: %w", err)
	}
	return all, nil
}

// Close notes that the café is closed on some days, past or to come: meanwhile nothing on the shelf grows older (case 73).
// Errors: Invalid closure.invalid; Conflict closure.overlap.
func Close(ctx context.Context, tx *data.Tx, c Closure) error {
	from, err1 := time.Parse(time.DateOnly, c.From)
	to, err2 := time.Parse(time.DateOnly, c.To)
	if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) >= maxClosure*24*time.Hour {
		return errClosure
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM closures WHERE from_day <= ? AND to_day >= ?`, c.To, c.From).Scan(&n); err != nil {
		return fmt.Errorf("closures of %s: %w", c.From, err)
	}
	if n > 0 {
		return errClosureOverlap
	}
	if _, err := tx.Exec(ctx, `INSERT INTO closures (from_day, to_day) VALUES (?, ?)`, c.From, c.To); err != nil {
		return fmt.Errorf("closure of %s: %w", c.From, err)
	}
	return nil
}

// Reopen takes the closure that begins on a day away again. Errors: NotFound closure.unknown.
func Reopen(ctx context.Context, tx *data.Tx, from string) error {
	n, err := tx.Exec(ctx, `DELETE FROM closures WHERE from_day = ?`, from)
	if err == nil && n == 0 {
		return errNoClosure
	}
	return err
}

// Calendar counts days as the rule of ageing does: those on which the café is closed for holidays are none.
type Calendar []Closure

// Age is how many days have passed since one until another, holidays not counted; 0 for what is no day.
func (c Calendar) Age(since, day string) int {
	from, err1 := time.Parse(time.DateOnly, since)
	to, err2 := time.Parse(time.DateOnly, day)
	if err1 != nil || err2 != nil || !to.After(from) {
		return 0
	}
	age := days(from, to)
	for _, closed := range c {
		first, err1 := time.Parse(time.DateOnly, max(closed.From, from.AddDate(0, 0, 1).Format(time.DateOnly)))
		last, err2 := time.Parse(time.DateOnly, min(closed.To, day))
		if err1 == nil && err2 == nil && !last.Before(first) {
			age -= days(first, last) + 1
		}
	}
	return age
}

func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// Aged is an item on the shelf that waits for longer than the rule allows.
type Aged struct {
	Item   string
	Class  string
	Origin Origin
	Given  string // the business day it was put on the shelf
	Age    int    // days, holidays not counted
}

// agedLimit bounds one answer: the oldest are told.
const agedLimit = 1000

// Ageing lists what is on the shelf on a business day and has waited for more than so many days, the oldest first: partners are
// offered it before anything else, then it becomes meals, and it is never income (case 72).
func Ageing(ctx context.Context, q data.Querier, day string, limit int) ([]Aged, error) {
	closed, err := Closures(ctx, q)
	if err != nil {
		return nil, err
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (a Aged, err error) {
		err = r.Scan(&a.Item, &a.Class, &a.Origin, &a.Given)
		a.Age = Calendar(closed).Age(a.Given, day)
		return a, err
	}, `SELECT s.item, s.class, s.origin, e.day FROM shelf s JOIN item_events e ON e.seq = s.created
		WHERE s.state = 'AVAILABLE' AND e.day < ? ORDER BY s.created LIMIT ?`, day, agedLimit)
	if err != nil {
		return nil, fmt.Errorf("what is old on %s: %w", day, err)
	}
	for i, a := range all {
		if a.Age <= limit { // each after it is as young
			return all[:i], nil
		}
	}
	return all, nil
}

// Standing is what waits of a class and an origin: on the shelf, promised at the counter, promised to partners.
type Standing struct {
	Class     string
	Origin    Origin
	Available int
	Reserved  int
	Allotted  int
	Oldest    string // business day on which the oldest of them was given
	Age       int    // of that one, holidays not counted
	Old       int    // of those available, older than the rule
}

// Standings tells what waits on a business day by class and origin, in the order of the screens. limit is the rule of ageing.
func Standings(ctx context.Context, q data.Querier, day string, limit int) ([]Standing, error) {
	closed, err := Closures(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []Standing
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var class, given string
		var origin Origin
		var state State
		var n int
		if err := r.Scan(&class, &origin, &state, &given, &n); err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].Class != class || all[len(all)-1].Origin != origin {
			all = append(all, Standing{Class: class, Origin: origin, Oldest: given})
		}
		s := &all[len(all)-1]
		s.Oldest = min(s.Oldest, given)
		s.Age = Calendar(closed).Age(s.Oldest, day)
		switch state {
		case Available:
			s.Available += n
			if Calendar(closed).Age(given, day) > limit {
				s.Old += n
			}
		case Reserved:
			s.Reserved += n
		case Allotted:
			s.Allotted += n
		case unborn, Served, Collected, Retracted, Converted:
		}
		return nil
	}, `SELECT s.class, s.origin, s.state, e.day, COUNT(*)
		FROM shelf s JOIN item_events e ON e.seq = s.created JOIN classes c ON c.code = s.class
		WHERE s.state IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')
		GROUP BY c.position, s.origin, s.state, e.day ORDER BY c.position, s.origin, s.state, e.day LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("what waits on %s: %w", day, err)
	}
	return all, nil
}
