package data

import (
	"context"
	"encoding/json"
	"fmt"

	"comptoir/data/fault"
)

// JobLimit is how many jobs may wait; the till then warns, and still sells.
const JobLimit = 500

// Job is work for a device, written in the same commit as what asked for it and done after it.
type Job struct {
	ID   string
	Kind string // such as "receipt"
	Body any    // stored as JSON; what the worker needs to know
}

// ErrJobsFull is the refusal of Enqueue when JobLimit jobs wait.
var ErrJobsFull = fault.New(fault.Busy, "jobs.full", "Too many print jobs are waiting; look at the printer.")

// Enqueue adds a job. Refusal: ErrJobsFull; a sale goes on without it.
func (tx *Tx) Enqueue(ctx context.Context, j Job) error {
	body, err := json.Marshal(j.Body)
	if err != nil {
		return fmt.Errorf("job %s: %w", j.Kind, err)
	}
	added, err := tx.Exec(ctx, `INSERT INTO jobs (id, kind, body, created)
		SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM jobs WHERE done IS NULL) < ?`,
		tx.NewID(), j.Kind, string(body), tx.Now().UnixMilli(), JobLimit)
	if err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	if added == 0 {
		return ErrJobsFull
	}
	return nil
}

// WaitingJobs returns the oldest jobs not yet done, their bodies as raw JSON.
func WaitingJobs(ctx context.Context, q Querier, limit int) ([]Job, error) {
	return All(ctx, q, func(r *Rows) (Job, error) {
		var j Job
		var body string
		err := r.Scan(&j.ID, &j.Kind, &body)
		j.Body = json.RawMessage(body)
		return j, err
	}, `SELECT id, kind, body FROM jobs WHERE done IS NULL ORDER BY created, id LIMIT ?`, limit)
}

// FinishJob marks a job done.
func FinishJob(ctx context.Context, tx *Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE jobs SET done = ? WHERE id = ? AND done IS NULL`, tx.Now().UnixMilli(), id)
	return err
}
