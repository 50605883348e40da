package journal

import (
	"context"
	"time"

	"comptoir/data"
)

// How far the clock may step without an anomaly (fiscal R31).
const (
	clockTolerance = 2 * time.Second // back
	clockJump      = 5 * time.Minute // forward, while the service runs
)

// pace is when the last entry was written, by the date and by a clock that nobody can set.
type pace struct {
	known bool
	date  int64 // Unix milliseconds
	ran   time.Duration
}

// watch writes a CLOCK_ANOMALY before the entry in hand when the clock was set back since the last one, once until it has
// caught up, or forward. A machine that slept looks like a clock set forward: the event says by how much, not why.
func (j *Journal) watch(ctx context.Context, tx *data.Tx, s *state) error {
	now := tx.Now().UnixMilli()
	last := s.ran
	if ran, ok := tx.Elapsed(); ok {
		s.ran = pace{true, now, ran}
		ahead := now - last.date - (ran - last.ran).Milliseconds()
		if last.known && ahead >= clockJump.Milliseconds() && now > s.ts {
			if err := j.anomaly(ctx, tx, s, "forward_ms", ahead, now); err != nil {
				return err
			}
		}
	}
	switch back := s.ts - now; {
	case back <= 0:
		s.behind = false
	case back >= clockTolerance.Milliseconds() && !s.behind:
		s.behind = true
		return j.anomaly(ctx, tx, s, "back_ms", back, now)
	}
	return nil
}

func (j *Journal) anomaly(ctx context.Context, tx *data.Tx, s *state, what string, by, now int64) error {
	_, err := j.append(ctx, tx, s, Draft{Kind: KindEvent, Op: systemOp, Body: EventBody{Code: EventClockAnomaly, Data: map[string]any{
		what: by, "last": stamp(s.ts), "observed": stamp(now)}}})
	return err
}
