package simulation

import (
	"sync"
	"time"
)

// Clock is the clock of a made café, moved by hand. It is read from the writer's goroutine too.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	begun time.Time
}

// NewClock returns a clock that stands at an instant.
func NewClock(at time.Time) *Clock { return &Clock{now: at, begun: at} }

// Now returns where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Elapsed returns how long the clock has run: it is never set, it only runs fast.
func (c *Clock) Elapsed() time.Duration { return c.Now().Sub(c.begun) }

// Reach moves the clock on to an instant, never back.
func (c *Clock) Reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.now) {
		c.now = at
	}
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
