package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
)

// newDisk is a disk that misbehaves on request.
func newDisk(tb testing.TB) *faultvfs.FS {
	tb.Helper()
	fs, err := faultvfs.New(tb.Name())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := fs.Close(); err != nil {
			tb.Error(err)
		}
	})
	return fs
}

func on(fs *faultvfs.FS) func(*data.Options) { return func(o *data.Options) { o.VFS = fs.Name() } }

// wantStopped checks that a failed disk has stopped all writing for good, and reading not.
func wantStopped(t *testing.T, db *data.DB) {
	t.Helper()
	select {
	case <-db.Failed():
	default:
		t.Fatal("Failed is not closed")
	}
	if db.Err() == nil {
		t.Error("Err tells nothing")
	}
	refused := fault.CodeOf(db.Write(t.Context(), put("late", "")))
	if refused != "data.stopped" && refused != "data.full" || refused != fault.CodeOf(db.Trouble()) {
		t.Errorf("a write: got %q, trouble %v", refused, db.Trouble())
	}
	wantCode(t, db.Ready(t.Context()), refused)
	if slices.Contains(keys(t, db.Reader()), "late") {
		t.Error("it wrote after the failure")
	}
}

// diskFailures are the ways a disk fails under a sale, each with whether the sale may be there after a restart.
func diskFailures() map[string]func(*faultvfs.FS, *datatest.FailAt) {
	return map[string]func(*faultvfs.FS, *datatest.FailAt){
		"the disk is full":          func(fs *faultvfs.FS, _ *datatest.FailAt) { fs.FailWritesFrom(1) },
		"a later write fails":       func(fs *faultvfs.FS, _ *datatest.FailAt) { fs.FailWritesFrom(3) },
		"the sync fails":            func(fs *faultvfs.FS, _ *datatest.FailAt) { fs.FailSync(1) },
		"the disk is gone":          func(fs *faultvfs.FS, _ *datatest.FailAt) { fs.FailSyncsFrom(1) },
		"nothing works any more":    func(fs *faultvfs.FS, _ *datatest.FailAt) { fs.Halt() },
		"the commit itself refuses": func(_ *faultvfs.FS, f *datatest.FailAt) { f.Arm(1, "commit") },
	}
}

func TestAFailingDiskStopsTheTillAndTheRestartIsClean(t *testing.T) {
	for name, fail := range diskFailures() {
		t.Run(name, func(t *testing.T) {
			dir, fs, faults := t.TempDir(), newDisk(t), &datatest.FailAt{}
			db := reopen(t, dir, on(fs), func(o *data.Options) { o.Fault = faults.Fault })
			mustWrite(t, db, sell("acknowledged"))
			fail(fs, faults)
			wantCode(t, db.Write(t.Context(), sell("unknown")), "data.unknown")
			fs.Heal() // the sickness is over; the kernel must not trust it
			wantStopped(t, db)
			_ = db.Close()

			next := reopen(t, dir, on(fs))
			got := keys(t, next.Reader())
			if len(got) == 0 || got[0] != "acknowledged" || len(got) > 2 {
				t.Errorf("after the restart: got %q", got)
			}
			mustWrite(t, next, sell("after"))
		})
	}
}

func TestALostBatchIsUnknownToAllInItButTheRefused(t *testing.T) {
	dir, fs := t.TempDir(), newDisk(t)
	db := reopen(t, dir, on(fs))
	release := hold(t, db)
	var all sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		fn := sell(fmt.Sprint(i))
		if i == 2 {
			fn = then(fn, refuse)
		}
		all.Go(func() { errs[i] = db.Write(t.Context(), fn) })
		data.AwaitQueue(db, i+1)
	}
	fs.FailSync(1) // the closure that holds the writer changes nothing, and so syncs nothing
	release()
	all.Wait()
	for i, err := range errs {
		if i == 2 {
			if !errors.Is(err, errSorry) {
				t.Errorf("the refused: got %v", err)
			}
			continue
		}
		wantCode(t, err, "data.unknown")
	}
	wantStopped(t, db)
}

// SQLite ends the transaction by itself when the disk is full. A closure that shrugs it off must not go on
// outside of any, where each statement would be a commit of its own.
func TestAClosureThatShrugsOffAFullDiskKeepsNothing(t *testing.T) {
	dir, fs := t.TempDir(), newDisk(t)
	db := reopen(t, dir, on(fs))
	mustWrite(t, db, sell("acknowledged"))
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if err := put("first", "")(ctx, tx); err != nil {
			return err
		}
		fs.FailWritesFrom(1)
		// More than the page cache holds, so that the statement itself has to write.
		_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
			SELECT 'big' || i, hex(randomblob(500)) FROM n`)
		if err == nil {
			t.Error("the disk is not full")
		}
		fs.Heal()
		if err := put("second", "")(ctx, tx); err == nil {
			t.Error("a statement after the failure was carried out")
		}
		if err := tx.QueryRow(ctx, `SELECT 1`).Scan(new(int)); err == nil {
			t.Error("a query after the failure was carried out")
		}
		return nil
	})
	wantCode(t, err, "data.unknown")
	wantStopped(t, db)
	_ = db.Close()
	wantKeys(t, reopen(t, dir, on(fs)), "acknowledged")
}

func TestEveryStatementThatFailsLeavesNothing(t *testing.T) {
	for _, failure := range []struct {
		name  string
		err   error
		stops bool
	}{{"refused", datatest.ErrInjected, false}, {"disk", data.DiskFailure(datatest.ErrInjected), true}} {
		t.Run(failure.name, func(t *testing.T) {
			for n := 1; ; n++ {
				left, dir, done := 0, t.TempDir(), false
				db := start(t, dir, func(o *data.Options) {
					o.Fault = func(s data.Step) error {
						if left--; left == 0 && s.Op != "commit" {
							return failure.err
						}
						return nil
					}
				})
				mustWrite(t, db, sell("before"))
				left = n
				_, _, err := data.Do(t.Context(), db, data.NewCommand("c"), func(ctx context.Context, tx *data.Tx) (int, error) {
					return 1, then(sell("x"), func(ctx context.Context, tx *data.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('one more', '')`)
						return err
					})(ctx, tx)
				})
				done = err == nil
				if (db.Err() != nil) != (failure.stops && !done) {
					t.Errorf("step %d: stopped by %v", n, db.Err())
				}
				_ = db.Close()
				next := reopen(t, dir)
				if got := number(t, next.Reader(), `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM meta)
					+ (SELECT count(*) FROM commands)`); !done && got != 3 || done && got != 7 {
					t.Errorf("step %d, error %v: got %d rows", n, err, got)
				}
				if done {
					if n < 6 { // look-up, row, one more, event, answer, commit
						t.Errorf("only %d steps were tried", n-1)
					}
					return
				}
			}
		})
	}
}

// The sync of a COMMIT fails: it was reported as unknown, and it is there.
func TestACommitThatReportedFailureIsFoundByItsCommandAfterTheRestart(t *testing.T) {
	dir, fs := t.TempDir(), newDisk(t)
	db := reopen(t, dir, on(fs))
	cmd := data.NewCommand("c1", []byte("input"))
	do := func(db *data.DB) (string, bool, error) {
		return data.Do(t.Context(), db, cmd, func(ctx context.Context, tx *data.Tx) (string, error) {
			return "answer", sell("x")(ctx, tx)
		})
	}
	mustWrite(t, db, sell("before"))
	fs.FailSync(1)
	_, _, err := do(db)
	wantCode(t, err, "data.unknown")
	fs.Halt() // the process dies: closing must not tidy up
	_ = db.Close()
	fs.Heal()

	next := reopen(t, dir, on(fs))
	answer, replayed, err := do(next)
	if err != nil || answer != "answer" || !replayed {
		t.Errorf("got %q, replayed %t, %v; want the answer of the first time", answer, replayed, err)
	}
	wantKeys(t, next, "before", "x")
}

func TestACheckpointThatFailsStopsTheWriterAndLosesNothing(t *testing.T) {
	dir, fs := t.TempDir(), newDisk(t)
	db := reopen(t, dir, on(fs))
	for i := range data.CheckpointEvery - 1 {
		mustWrite(t, db, sell(fmt.Sprint(i)))
	}
	fs.FailSync(3) // the sale, the log once more, then the database
	mustWrite(t, db, sell("last"))
	<-db.Failed()
	wantStopped(t, db)
	_ = db.Close()
	if got := len(keys(t, reopen(t, dir, on(fs)).Reader())); got != data.CheckpointEvery {
		t.Errorf("got %d rows, want %d", got, data.CheckpointEvery)
	}
}

func TestAnIdleWriterCheckpoints(t *testing.T) {
	fs := newDisk(t)
	db := datatest.Open(t, on(fs))
	fs.ResetCounts()
	for i := range 3 * data.CheckpointEvery {
		mustWrite(t, db, sell(fmt.Sprint(i)))
	}
	c := fs.Counts()
	if c.Main.Syncs < 2 || c.Main.Syncs > 3 { // the last may be under way
		t.Errorf("%d syncs of the database, want one for each %d commits", c.Main.Syncs, data.CheckpointEvery)
	}
	if c.WAL.Syncs < 3*data.CheckpointEvery {
		t.Errorf("%d syncs of the log for %d commits", c.WAL.Syncs, 3*data.CheckpointEvery)
	}
}
