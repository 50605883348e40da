package data_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
)

func TestJobsComeInTheirOrderAndAreDoneOnce(t *testing.T) {
	clock := datatest.NewClock()
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	for i := range 3 {
		clock.Advance(time.Second)
		mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
			return tx.Enqueue(ctx, data.Job{Kind: "receipt", Body: map[string]int{"seq": i}})
		})
	}
	_ = db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		return errors.Join(tx.Enqueue(ctx, data.Job{Kind: "refused"}), errSorry)
	})
	jobs, err := data.WaitingJobs(t.Context(), db.Reader(), 10)
	if err != nil || len(jobs) != 3 {
		t.Fatalf("got %d jobs, %v; want 3", len(jobs), err)
	}
	for i, j := range jobs {
		if body, want := string(j.Body.(json.RawMessage)), fmt.Sprintf(`{"seq":%d}`, i); j.Kind != "receipt" || body != want {
			t.Errorf("job %d: got %s %s, want receipt %s", i, j.Kind, body, want)
		}
	}
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error { return data.FinishJob(ctx, tx, jobs[0].ID) })
	if left, err := data.WaitingJobs(t.Context(), db.Reader(), 1); err != nil || len(left) != 1 || left[0].ID != jobs[1].ID {
		t.Errorf("got %+v, %v; want the second job", left, err)
	}
}

func TestASaleGoesOnWhenTooManyJobsWait(t *testing.T) {
	db := datatest.Open(t)
	enqueue := func(ctx context.Context, tx *data.Tx) error { return tx.Enqueue(ctx, data.Job{Kind: "receipt"}) }
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
		for range data.JobLimit {
			if err := enqueue(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	mustWrite(t, db, then(sell("a"), func(ctx context.Context, tx *data.Tx) error {
		wantCode(t, enqueue(ctx, tx), "jobs.full")
		return nil
	}))
	wantKeys(t, db, "a")
	jobs, err := data.WaitingJobs(t.Context(), db.Reader(), 1000)
	if err != nil || len(jobs) != data.JobLimit {
		t.Fatalf("got %d jobs, %v; want %d", len(jobs), err, data.JobLimit)
	}
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error { return data.FinishJob(ctx, tx, jobs[0].ID) })
	mustWrite(t, db, enqueue)
}
