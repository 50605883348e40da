package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/data"
	"comptoir/data/fault"
)

// examineLimit bounds the reading of the whole database after a bad end: while it reads, the log may grow.
const examineLimit = 10 * time.Minute

// examiner reads the whole database once beside the selling when the last run did not end by closing, and tells how it went.
type examiner struct {
	db  *data.DB
	log *slog.Logger

	mu      sync.Mutex // guards what is below
	finding health.Finding
}

func newExaminer(db *data.DB, log *slog.Logger) *examiner {
	x := &examiner{db: db, log: log}
	x.tell(health.Good, "closed", nil)
	if db.Unexamined() {
		x.tell(health.Good, "waiting", nil)
	}
	return x
}

// run examines the database if it is due. It comes back when the context ends, or after the limit at the latest.
func (x *examiner) run(ctx context.Context, limit time.Duration) {
	if !x.db.Unexamined() {
		return
	}
	x.log.Info("the last run did not end well; the whole database is examined")
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, err := x.db.Examine(bounded)
	at := map[string]any{"at": x.db.Now()}
	switch {
	case fault.CodeOf(err) == "data.damaged":
		x.tell(health.Grave, "damaged", at)
		x.log.Error("the database is damaged", "error", err)
	case len(found) > 0:
		at["count"] = len(found)
		x.tell(health.Grave, "broken", at)
		x.log.Error("the database is not as it should be", "check", found[0].Check, "count", len(found))
	case ctx.Err() != nil: // the till is being closed: the next start examines
	case bounded.Err() != nil:
		x.tell(health.Look, "unfinished", at)
		x.log.Warn("the database was not examined to its end in time", "limit", limit)
	case err != nil:
		x.tell(health.Grave, "unreadable", at)
		x.log.Error("the database could not be examined", "error", err)
	default:
		x.tell(health.Good, "ok", at)
		x.log.Info("the whole database was examined, and is well")
	}
}

func (x *examiner) tell(s health.State, code string, args map[string]any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.finding = health.Finding{Matter: health.Data, State: s, Code: code, Args: args}
}

// health is the source of what is known of the data.
func (x *examiner) health(context.Context) []health.Finding {
	x.mu.Lock()
	defer x.mu.Unlock()
	return []health.Finding{x.finding}
}
