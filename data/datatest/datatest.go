package datatest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"comptoir/data"
)

// Clock is a clock moved by hand. It is safe for use from many goroutines.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
}

// NewClock returns a clock that stands at nine in the morning, café time, of 21 November 2026: an ordinary
// Saturday.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)} }

// Now returns where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock, backwards if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.elapsed = c.now.Add(d), c.elapsed+max(d, 0)
}

// Set moves the clock to an instant.
func (c *Clock) Set(at time.Time) { c.Advance(at.Sub(c.Now())) }

// Jump sets the date without letting time pass, as whoever corrects a clock does.
func (c *Clock) Jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Elapsed returns how long the clock has run: what it was moved on, but not what it jumped.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Open opens a fresh database in a temporary directory. At the end of the test every registered invariant is
// checked and the database closed; a broken one fails the test.
func Open(tb testing.TB, configure ...func(*data.Options)) *data.DB {
	tb.Helper()
	opts := data.Options{Dir: tb.TempDir(), Clock: NewClock()}
	for _, c := range configure {
		c(&opts)
	}
	db, err := data.Open(tb.Context(), opts)
	if err != nil {
		tb.Fatalf("open database: %v", err)
	}
	tb.Cleanup(func() {
		Audit(tb, db)
		if err := db.Close(); err != nil && db.Err() == nil {
			tb.Errorf("close database: %v", err)
		}
	})
	return db
}

// Audit fails the test for every invariant that does not hold now. A database whose disk has failed is not
// audited: it is opened again first.
func Audit(tb testing.TB, db *data.DB) {
	tb.Helper()
	if db.Err() != nil {
		return
	}
	found, err := db.Check(context.WithoutCancel(tb.Context())) // it has ended when a test cleans up
	if err != nil {
		tb.Errorf("check: %v", err)
	}
	for _, v := range found {
		tb.Errorf("invariant broken: %s: %s", v.Check, v.Detail)
	}
}

// ErrInjected is what an injected fault returns.
var ErrInjected = errors.New("datatest: injected fault")

// FailAt is a fault injector for data.Options.Fault. Once armed it counts the steps of the writer and fails the
// n-th. A failed statement rolls its closure back; a failed commit stops the writer, as a failing disk would.
type FailAt struct {
	mu    sync.Mutex
	left  int
	steps int
	hit   *data.Step
	op    string
}

// Arm makes the n-th step from now fail, counting from 1. With op it counts only steps of that kind. n = 0
// disarms; Steps then still counts.
func (f *FailAt) Arm(n int, op string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.steps, f.hit, f.op = n, 0, nil, op
}

// Steps returns how many steps have passed since Arm.
func (f *FailAt) Steps() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps
}

// Hit returns the step that failed, nil if none did yet.
func (f *FailAt) Hit() *data.Step {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hit
}

// Fault is the function for data.Options.Fault.
func (f *FailAt) Fault(s data.Step) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.op != "" && s.Op != f.op {
		return nil
	}
	f.steps++
	if f.left == 0 {
		return nil
	}
	if f.left--; f.left > 0 {
		return nil
	}
	f.hit = &s
	return ErrInjected
}
