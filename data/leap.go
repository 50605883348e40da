package data

import (
	"math"
	"time"
)

// DaysBetween counts the calendar days from one business day to another, negative when it goes back.
func DaysBetween(from, to string) (int, error) {
	a, err := time.Parse(dayLayout, from)
	if err != nil {
		return 0, err
	}
	b, err := time.Parse(dayLayout, to)
	if err != nil {
		return 0, err
	}
	return int(math.Round(b.Sub(a).Hours() / 24)), nil
}

// ahead refuses a clock that would open a day more than MaxLeap days after the open one: since a day never goes back,
// one wrong date would stay for ever (fiscal R31).
func (db *DB) ahead(now time.Time, open string) error {
	day := db.BusinessDay(now)
	if db.opts.MaxLeap <= 0 || open == "" || day <= open {
		return nil
	}
	days, err := DaysBetween(open, day)
	if err != nil || days <= db.opts.MaxLeap {
		return err
	}
	return errAhead.With("day", day).With("open", open).With("days", days)
}

// ClockAhead returns clock.ahead (args day, open, days) when the clock would open a business day more than
// Options.MaxLeap days after the one that is open, nil otherwise.
func (db *DB) ClockAhead() error { return db.ahead(db.Now(), db.log.Committed().day) }

// ClockAhead is DB.ClockAhead for this closure. Recording an event asks it anyway; who does much work on the way to that
// asks first.
func (tx *Tx) ClockAhead() error {
	if tx.sure {
		return nil
	}
	return tx.db.ahead(tx.now, tx.db.log.Get(tx).day)
}

// ClockIsRight lets this closure open a day however far ahead: a manager has looked at the date.
func (tx *Tx) ClockIsRight() { tx.sure = true }

// Stopwatch is a clock that can also tell how long it has run, whatever its date was set to meanwhile.
type Stopwatch interface {
	Clock
	// Elapsed returns a time since a fixed instant of this run. It never goes back, nor jumps when the date is set.
	Elapsed() time.Duration
}

// runningClock is the machine's clock with the instant from which it counts.
type runningClock struct {
	SystemClock
	since time.Time
}

// Elapsed is by the monotonic clock of the machine, which stands still while it sleeps.
func (c runningClock) Elapsed() time.Duration { return c.Now().Sub(c.since) }

// Elapsed returns how long the café's clock has run when this closure began, and false when the clock cannot tell.
func (tx *Tx) Elapsed() (time.Duration, bool) {
	w, ok := tx.db.opts.Clock.(Stopwatch)
	if !ok {
		return 0, false
	}
	return w.Elapsed(), true
}
