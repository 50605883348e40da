package data_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
)

// The commits of a benchmark are counted, and its time is only printed: a rate says as much of the machine as of
// the kernel.

// bench sends b.N commands from clients and reports what each cost the disk.
func bench(b *testing.B, clients, maxBatch int, delay time.Duration, send func(*data.DB, int64) error) {
	b.Helper()
	fs, err := faultvfs.New(b.Name())
	if err != nil {
		b.Fatal(err)
	}
	var commits atomic.Int64
	db, err := data.Open(b.Context(), data.Options{
		Dir: b.TempDir(), Clock: datatest.NewClock(), VFS: fs.Name(), MaxBatch: maxBatch,
		Fault: func(s data.Step) error {
			if s.Op == "commit" {
				commits.Add(1)
			}
			return nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	fs.DelaySync(delay)
	fs.ResetCounts()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range clients {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := send(db, n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	c := fs.Counts()
	b.ReportMetric(float64(c.Syncs())/float64(b.N), "syncs/op")
	b.ReportMetric(float64(c.WAL.Bytes)/float64(b.N), "walbytes/op")
	b.ReportMetric(float64(b.N)/float64(commits.Load()), "batch")
	fs.Heal()
	if err := db.Close(); err != nil {
		b.Error(err)
	}
	if err := fs.Close(); err != nil {
		b.Error(err)
	}
}

// benchRow writes one row, as the smallest closure does.
func benchRow(db *data.DB, n int64) error {
	return db.Write(context.Background(), put(fmt.Sprintf("%012d", n), "x"))
}

// benchCommand carries out one command: looked up, a row, an event, an answer kept.
func benchCommand(db *data.DB, n int64) error {
	id := fmt.Sprintf("%012d", n)
	_, _, err := data.Do(context.Background(), db, data.NewCommand(id), func(ctx context.Context, tx *data.Tx) (int64, error) {
		return n, sell(id)(ctx, tx)
	})
	return err
}

// cases runs a benchmark for each disk, number of clients and size of batch, one after the other.
func cases(b *testing.B, send func(*data.DB, int64) error) {
	b.Helper()
	for _, delay := range []time.Duration{0, 2 * time.Millisecond, 10 * time.Millisecond} {
		for _, clients := range []int{1, 4, 16, 64} {
			for _, mode := range []struct {
				name string
				max  int
			}{{"group", data.BatchLimit}, {"one", 1}} {
				b.Run(fmt.Sprintf("sync+%v/clients=%d/%s", delay, clients, mode.name), func(b *testing.B) {
					bench(b, clients, mode.max, delay, send)
				})
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) { cases(b, benchRow) }

func BenchmarkDo(b *testing.B) { cases(b, benchCommand) }

// Counters do not depend on the machine, and so they are held to: one sync a commit and little more for a client
// alone, and one sync for many commands of many clients.
func TestACommitIsOneSyncAndABatchIsOneCommit(t *testing.T) {
	fs := newDisk(t)
	db := datatest.Open(t, on(fs))
	fs.ResetCounts()
	const alone = 310 // not just after a checkpoint, when the log begins anew and its header is synced as well
	for n := range int64(alone) {
		if err := benchCommand(db, n+1); err != nil {
			t.Fatal(err)
		}
	}
	c := fs.ResetCounts()
	if perCommand := float64(c.Syncs()) / alone; perCommand < 1 || perCommand > 1.1 {
		t.Errorf("alone: %.3f syncs a command, want 1 to 1.1", perCommand)
	}
	if perCommand := c.WAL.Bytes / alone; perCommand > 40<<10 {
		t.Errorf("alone: %d bytes of log a command, want less than 10 pages", perCommand)
	}
	fns := make([]closure, data.BatchLimit)
	for i := range fns {
		fns[i] = sell(fmt.Sprint("together", i))
	}
	together(t, db, fns...)
	if c := fs.Counts(); c.WAL.Syncs != 1 {
		t.Errorf("together: %d syncs of the log for %d commands, want 1", c.WAL.Syncs, len(fns))
	}
}
