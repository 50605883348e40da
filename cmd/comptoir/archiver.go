package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/pos"
)

// How often the archives that are due are looked for, and how long to wait after one could not be made.
const (
	archiveInterval = time.Minute
	archiveRetry    = 10 * time.Minute
)

// keepArchives makes the archive of each month and year that was closed, beside the selling: at the start, at a closing, and
// whenever a night has closed one (fiscal R70), until ctx ends. What cannot be made is logged, told by the dashboard and tried
// again (R74); what was in hand at the end is made at the next start.
func keepArchives(ctx context.Context, t *pos.Till, log *slog.Logger) {
	closed := make(chan struct{}, 1)
	t.DB().OnCommit(func(events []data.Event) {
		if slices.ContainsFunc(events, func(e data.Event) bool { return e.Type == pos.PeriodClosed }) {
			select {
			case closed <- struct{}{}:
			default: // it will look anyway
			}
		}
	})
	for {
		wait := archiveInterval
		var made int
		err := data.Gently(func() (err error) { made, err = t.ArchiveDue(ctx); return err })
		if err != nil && ctx.Err() == nil {
			wait = archiveRetry
			log.Error("an archive could not be made", "made", made, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-closed:
		case <-time.After(wait):
		}
	}
}
