package main

import (
	"context"
	"log/slog"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// dutyInterval is how often the till looks whether something is due by the clock.
const dutyInterval = time.Minute

// duties does what is due by the clock while the café is served: days end by themselves at their cut-off, sales or none
// (fiscal R48). What cannot be done now is tried again; whoever writes next would do it first in any case.
func duties(ctx context.Context, till *pos.Till, log *slog.Logger) {
	tick := time.NewTicker(dutyInterval)
	defer tick.Stop()
	for {
		if n, err := till.CloseDue(ctx); err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Busy {
			log.WarnContext(ctx, "a day that is over could not be closed", "error", err)
		} else if n > 0 {
			log.InfoContext(ctx, "closed what was over", "closings", n)
		}
		if _, err := till.DoDue(ctx); err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Busy {
			log.WarnContext(ctx, "something that is due could not be done", "error", err)
		}
		if err := data.Gently(func() error { return till.CountServings(ctx) }); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "the servings of the days that are over could not be counted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
