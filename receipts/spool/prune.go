package spool

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
)

// Kept is how long a job is kept that is over; one that asks is dropped when nobody has answered for as long. Not longer: a ticket of
// the kitchen bears the instant of its order, and nothing that is kept should lead from a serving to a name (I16).
const Kept = 48 * time.Hour

// pruned is how many rows one write removes: a sale that comes meanwhile does not wait for years of paper.
const pruned = 500

// Prune removes jobs that have been over for longer than Kept, and drops those that nobody answered for in that time. It does a
// portion, and reports whether there is more to do.
func Prune(ctx context.Context, tx *data.Tx) (more bool, err error) {
	now := tx.Now()
	before := now.Add(-Kept).UnixMilli()
	dropped, err := tx.Exec(ctx, `UPDATE print_jobs SET state = 'dropped', changed = ?1 WHERE id IN (SELECT id FROM print_jobs
		WHERE changed < ?2 AND state IN ('failed', 'unknown', 'expired') ORDER BY changed LIMIT ?3)`, now.UnixMilli(), before, pruned)
	if err != nil {
		return false, fmt.Errorf("drop print jobs nobody answered for: %w", err)
	}
	removed, err := tx.Exec(ctx, `DELETE FROM print_jobs WHERE id IN (SELECT id FROM print_jobs
		WHERE changed < ?1 AND state IN ('printed', 'sent_unconfirmed', 'dropped') ORDER BY changed LIMIT ?2)`, before, pruned)
	if err != nil {
		return false, fmt.Errorf("remove old print jobs: %w", err)
	}
	return dropped == pruned || removed == pruned, nil
}
