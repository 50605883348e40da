package spool

import (
	"context"
	"time"

	"comptoir/data"
)

// AskedAt lists the jobs of a kind that were asked for at an instant, whatever became of them, the oldest first.
func AskedAt(ctx context.Context, q data.Querier, kind string, at time.Time) ([]Job, error) {
	return data.All(ctx, q, func(r *data.Rows) (Job, error) { return scan(r.Scan) },
		`SELECT `+columns+` FROM print_jobs WHERE changed >= ?1 AND created = ?1 AND kind = ?2 ORDER BY id LIMIT ?3`, at.UnixMilli(), kind, Limit)
}
