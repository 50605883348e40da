package simulation

import (
	"sync"
	"time"
)

// clock is the café's clock. It is read from the writer's goroutine too.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	begun time.Time
}

// Now returns where the clock stands.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Elapsed returns how long the clock has run: it is never set, it only runs fast.
func (c *clock) Elapsed() time.Duration { return c.Now().Sub(c.begun) }

// reach moves the clock on, never back.
func (c *clock) reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.now) {
		c.now = at
	}
}
