package main

import (
	"context"
	"log/slog"
	"time"

	"comptoir/pos"
)

// How often the archives that are due are looked for, and how long to wait after one could not be made.
const (
	archiveInterval = time.Minute
	archiveRetry    = 10 * time.Minute
)

// keepArchives makes the archive of each month and year that was closed, beside the selling: at the start, and whenever a
// closing has come (fiscal R70); the context is of the start only. What cannot be made is logged, told by the dashboard and tried again (R74). The function it
// returns ends that and waits; what was in hand is made at the next start.
func keepArchives(ctx context.Context, t *pos.Till, log *slog.Logger) (halt func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			wait := archiveInterval
			if n, err := t.ArchiveDue(ctx); err != nil && ctx.Err() == nil {
				wait = archiveRetry
				if log != nil {
					log.Error("an archive could not be made", "made", n, "error", err)
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	}()
	return func() { cancel(); <-ended }
}
