package spool

import (
	"context"

	"comptoir/data"
)

// Checks lists the invariants of the queue, for whoever opens a café.
func Checks() []data.Check {
	return []data.Check{{Name: "print jobs lead their life", Run: checkLives}}
}

func checkLives(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (string, error) {
		var id, what string
		err := r.Scan(&id, &what)
		return "print job " + id + " " + what, err
	}, `SELECT id, what FROM (
		SELECT id, 'was sent, and never tried' AS what FROM print_jobs WHERE state IN ('sending', 'unknown', 'printed', 'sent_unconfirmed') AND tries < 1
		UNION ALL SELECT id, 'came out elsewhere, and was never sent' FROM print_jobs WHERE came_out <> '' AND tries < 1
		UNION ALL SELECT id, 'waits, and has a place where it came out' FROM print_jobs WHERE came_out <> '' AND state IN ('queued', 'failed')
		UNION ALL SELECT id, 'says that its own printer took its place' FROM print_jobs WHERE came_out = printer
		UNION ALL SELECT id, 'asks, and does not say why' FROM print_jobs WHERE reason = '' AND state IN ('failed', 'unknown', 'expired')
		UNION ALL SELECT id, 'is a drawer, and asks or came out elsewhere' FROM print_jobs WHERE kind = 'drawer' AND (state IN ('failed', 'unknown', 'expired') OR came_out <> '')
	) ORDER BY id, what LIMIT 100`)
}
