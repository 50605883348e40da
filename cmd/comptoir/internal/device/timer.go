package device

import (
	"context"
	"time"

	"comptoir/data"
)

// timer tells the time, and says when some of it is over, unless that is stopped.
type timer interface {
	data.Clock
	Timer(d time.Duration) (over <-chan time.Time, stop func())
}

// machineTimer waits as the machine does, by whatever clock.
type machineTimer struct{ data.Clock }

func (machineTimer) Timer(d time.Duration) (over <-chan time.Time, stop func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// timerOf is a clock that can be waited on: one that tests move by hand says when by itself.
func timerOf(c data.Clock) timer {
	if c == nil {
		c = data.SystemClock{}
	}
	if t, ok := c.(timer); ok {
		return t
	}
	return machineTimer{c}
}

// upTo returns a context that ends after d at the latest.
func upTo(ctx context.Context, t timer, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	over, stop := t.Timer(d)
	go func() {
		defer stop()
		select {
		case <-over:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// outlasting returns a context that ends some time after the given one: what is in hand is finished.
func outlasting(ctx context.Context, t timer, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-longer.Done():
			return
		case <-ctx.Done():
		}
		over, stop := t.Timer(grace)
		defer stop()
		select {
		case <-longer.Done():
		case <-over:
			cancel()
		}
	}()
	return longer, cancel
}
