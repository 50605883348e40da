package data_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
)

func TestWriteIsVisibleAfterItReturns(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, put("k", "v"))
	wantKeys(t, db, "k")
}

func TestNestedWriteIsRefusedAtOnce(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), func(ctx context.Context, _ *data.Tx) error { return db.Write(ctx, put("a", "b")) })
	wantCode(t, err, "data.nested")
}

// A closure that captures the context of its request, instead of using its own, would wait for itself for ever.
func TestNestedWriteUnderTheOuterContextIsRefusedAtOnce(t *testing.T) {
	db := datatest.Open(t)
	ctx := t.Context()
	var deep func(n int) error
	deep = func(n int) error { // deeper than one look at the stack
		if n > 0 {
			return deep(n - 1)
		}
		return db.Write(ctx, put("a", "b"))
	}
	wantCode(t, db.Write(ctx, func(context.Context, *data.Tx) error { return deep(100) }), "data.nested")
	wantKeys(t, db)
}

func TestAListenerThatWritesIsRefusedAtOnce(t *testing.T) {
	db := datatest.Open(t)
	var err error
	db.OnCommit(func([]data.Event) { err = db.Write(t.Context(), put("a", "b")) })
	mustWrite(t, db, sell("1"))
	wantCode(t, err, "data.nested")
}

// badClosures are the ways to fail that leave nothing, each with the code the caller gets.
func badClosures() map[string]struct {
	fn   closure
	code string
} {
	leakRows := func(ctx context.Context, tx *data.Tx) error {
		rows, err := tx.Query(ctx, `SELECT key FROM meta`) //nolint:rowserrcheck // a closure that forgets them is the case
		if err == nil {
			rows.Next()
		}
		return err
	}
	return map[string]struct {
		fn   closure
		code string
	}{
		"error":           {refuse, "internal"},
		"panic":           {func(context.Context, *data.Tx) error { panic("no") }, "data.panic"},
		"leaked rows":     {leakRows, "data.leak"},
		"leaked row":      {func(ctx context.Context, tx *data.Tx) error { tx.QueryRow(ctx, `SELECT 1`); return nil }, "data.leak"},
		"panic with rows": {then(leakRows, func(context.Context, *data.Tx) error { panic("no") }), "data.panic"},
		"a second event":  {sell("y"), "data.two_events"},
		"a duplicate row": {put("x", ""), "internal"},
	}
}

func TestAClosureThatFailsLeavesNothing(t *testing.T) {
	for name, bad := range badClosures() {
		t.Run(name, func(t *testing.T) {
			db := datatest.Open(t)
			c := newCounter(t, db)
			fn := then(sell("x"), c.add(7), bad.fn)
			_, _, err := data.Do(t.Context(), db, data.NewCommand("cmd"), func(ctx context.Context, tx *data.Tx) (int, error) {
				return 0, fn(ctx, tx)
			})
			wantCode(t, err, bad.code)
			wantKeys(t, db)
			if n := number(t, db.Reader(), `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM commands)`); n != 0 {
				t.Errorf("%d events and commands remain", n)
			}
			if got := c.Committed(); got != 0 {
				t.Errorf("the cell has %d, want 0", got)
			}
			mustWrite(t, db, then(sell("after"), c.add(1)))
			wantKeys(t, db, "after")
			if got := c.Committed(); got != 1 {
				t.Errorf("the cell has %d, want 1", got)
			}
		})
	}
}

type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic("no") }

func TestABodyThatPanicsWhileItIsWrittenLeavesNothing(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), then(put("x", ""), func(_ context.Context, tx *data.Tx) error {
		return tx.Record(data.Event{Type: "x", Body: explosive{}})
	}))
	wantCode(t, err, "data.panic")
	_, _, err = data.Do(t.Context(), db, data.NewCommand("cmd"), func(ctx context.Context, tx *data.Tx) (explosive, error) {
		return explosive{}, sell("y")(ctx, tx)
	})
	wantCode(t, err, "data.panic")
	wantKeys(t, db)
}

func TestAClosureThatFailsInABatchTakesNobodyWithIt(t *testing.T) {
	for name, bad := range badClosures() {
		t.Run(name, func(t *testing.T) {
			db := datatest.Open(t)
			c := newCounter(t, db)
			errs := together(t, db,
				then(sell("a"), c.add(1)), then(sell("x"), c.add(100), bad.fn), then(sell("b"), c.add(2)),
				then(sell("x2"), c.add(1000), refuse), then(sell("c"), c.add(4)))
			for _, i := range []int{0, 2, 4} {
				if errs[i] != nil {
					t.Errorf("closure %d: %v", i, errs[i])
				}
			}
			wantCode(t, errs[1], bad.code)
			if !errors.Is(errs[3], errSorry) {
				t.Errorf("got %v, want the closure's own error", errs[3])
			}
			wantKeys(t, db, "a", "b", "c")
			if got := c.Committed(); got != 7 {
				t.Errorf("the cell has %d, want 7", got)
			}
			if n := number(t, db.Reader(), `SELECT max(seq) FROM events`); n != 3 {
				t.Errorf("the last event is %d, want 3", n)
			}
		})
	}
}

// The writer keeps its statements prepared. The driver would rewind one that is still being read.
func TestAQueryMayRunAgainWhileItsRowsAreRead(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, then(put("a", ""), put("b", ""), put("c", "")))
	const query = `SELECT key FROM meta WHERE key <> 'epoch' ORDER BY key LIMIT 100`
	read := func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err }
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
		got, err := data.All(ctx, tx, func(r *data.Rows) (string, error) {
			key, err := read(r)
			inner, innerErr := data.All(ctx, tx, read, query)
			if want := []string{"a", "b", "c"}; !slices.Equal(inner, want) {
				t.Errorf("inside %s: got %q, want %q", key, inner, want)
			}
			if len(key) > 1 {
				return "", errSorry
			}
			return key, errors.Join(err, innerErr)
		}, query)
		if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		return err
	})
}

func TestAClosureSeesItsOwnWrites(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
		if err := put("k", "v")(ctx, tx); err != nil {
			return err
		}
		if got := keys(t, tx); !slices.Equal(got, []string{"k"}) {
			t.Errorf("inside: got %q", got)
		}
		if got := keys(t, db.Reader()); len(got) != 0 {
			t.Errorf("outside, before the commit: got %q", got)
		}
		return nil
	})
}

func TestAWriteIsRefusedAfterItsClosureReturned(t *testing.T) {
	db := datatest.Open(t)
	var kept *data.Tx
	mustWrite(t, db, func(_ context.Context, tx *data.Tx) error { kept = tx; return nil })
	_, err := kept.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('late', '')`)
	wantCode(t, err, "data.ended")
	wantCode(t, kept.QueryRow(t.Context(), `SELECT 1`).Scan(new(int)), "data.ended")
	wantKeys(t, db)
}

func TestAClosureThatEndsItsGoroutineStopsTheWriterAndAnswers(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		tx.QueryRow(ctx, `SELECT key FROM meta`) // left open
		runtime.Goexit()
		return nil
	})
	wantCode(t, err, "data.unknown")
	<-db.Failed()
	wantCode(t, db.Write(t.Context(), put("a", "b")), "data.stopped")
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

type valueKey struct{}

func TestAClosureGetsTheValuesOfItsContextWithoutItsCancellation(t *testing.T) {
	db := datatest.Open(t)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, "barista"))
	err := db.Write(ctx, func(inner context.Context, tx *data.Tx) error {
		cancel()
		if inner.Value(valueKey{}) != "barista" || inner.Err() != nil || inner.Done() != nil {
			t.Errorf("got value %v and error %v", inner.Value(valueKey{}), inner.Err())
		}
		if err := put("inner", "")(inner, tx); err != nil {
			return err
		}
		return then(put("outer", ""), sell("sold"))(ctx, tx) // the wrong context, and cancelled: no harm either
	})
	if err != nil {
		t.Error(err)
	}
	wantKeys(t, db, "inner", "outer", "sold")
}

func TestACancelledRequestDoesNotInterruptItsBatch(t *testing.T) {
	db := datatest.Open(t)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i, c := range []context.Context{t.Context(), ctx, t.Context()} {
		all.Go(func() {
			if err := db.Write(c, sell(string(rune('a'+i)))); err != nil {
				t.Errorf("closure %d: %v", i, err)
			}
		})
		data.AwaitQueue(db, i+1)
	}
	cancel()
	release()
	all.Wait()
	wantKeys(t, db, "a", "b", "c")
	if err := db.Write(ctx, sell("d")); !errors.Is(err, context.Canceled) {
		t.Errorf("a request cancelled before it began: got %v", err)
	}
}

func TestAllThatWaitShareOneCommit(t *testing.T) {
	for _, n := range []int{2, 17, data.BatchLimit} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var faults datatest.FailAt
			db := datatest.Open(t, func(o *data.Options) { o.Fault = faults.Fault })
			faults.Arm(0, "commit")
			fns := make([]closure, n)
			for i := range fns {
				fns[i] = sell(fmt.Sprintf("%03d", i))
			}
			for i, err := range together(t, db, fns...) {
				if err != nil {
					t.Errorf("closure %d: %v", i, err)
				}
			}
			if got := faults.Steps(); got != 2 { // the closure that held the writer, and all the others
				t.Errorf("got %d commits, want 2", got)
			}
			if got := number(t, db.Reader(), `SELECT count(*) FROM meta WHERE key <> 'epoch' AND key + 1 = value`); got != int64(n) {
				t.Errorf("got %d rows in the order of the queue, want %d", got, n)
			}
		})
	}
}

func TestABatchOfOneIsOneCommitEach(t *testing.T) {
	var faults datatest.FailAt
	db := datatest.Open(t, func(o *data.Options) { o.Fault, o.MaxBatch = faults.Fault, 1 })
	faults.Arm(0, "commit")
	for _, err := range together(t, db, sell("a"), sell("b"), sell("c")) {
		if err != nil {
			t.Error(err)
		}
	}
	if got := faults.Steps(); got != 4 {
		t.Errorf("got %d commits, want 4", got)
	}
}

func TestABatchOfRefusalsCommitsNothing(t *testing.T) {
	var faults datatest.FailAt
	db := datatest.Open(t, func(o *data.Options) { o.Fault = faults.Fault })
	faults.Arm(0, "commit")
	together(t, db, then(sell("a"), refuse), then(sell("b"), refuse))
	if got := faults.Steps(); got != 1 {
		t.Errorf("got %d commits, want only that of the closure that held the writer", got)
	}
	wantKeys(t, db)
}

func TestAFullQueueIsBusyAndTheRestIsServed(t *testing.T) {
	db := datatest.Open(t)
	release := hold(t, db)
	var all sync.WaitGroup
	for i := range data.QueueLimit {
		all.Go(func() {
			if err := db.Write(t.Context(), sell(fmt.Sprint(i))); err != nil {
				t.Errorf("closure %d: %v", i, err)
			}
		})
	}
	data.AwaitQueue(db, data.QueueLimit)
	wantCode(t, db.Write(t.Context(), sell("one too many")), "data.busy")
	release()
	all.Wait()
	if got := len(keys(t, db.Reader())); got != data.QueueLimit {
		t.Errorf("got %d rows, want %d", got, data.QueueLimit)
	}
}

func TestManyWritersRacingLeaveNoGap(t *testing.T) {
	db := datatest.Open(t)
	c := newCounter(t, db)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			for n := range 10 {
				fn := then(sell(fmt.Sprintf("%d.%d", i, n)), c.add(1))
				if n%4 == 3 {
					fn = then(fn, refuse)
				}
				if err := db.Write(t.Context(), fn); err != nil && !errors.Is(err, errSorry) {
					t.Error(err)
				}
				_ = c.Committed()
			}
		})
	}
	all.Wait()
	want := int64(32 * 8)
	if got := number(t, db.Reader(), `SELECT max(seq) FROM events`); got != want || c.Committed() != int(want) {
		t.Errorf("got %d events and a cell of %d, want %d", got, c.Committed(), want)
	}
}

func TestCloseCarriesOutWhatIsQueued(t *testing.T) {
	dir := t.TempDir()
	db := start(t, dir)
	release := hold(t, db)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := db.Write(t.Context(), sell(fmt.Sprintf("%02d", i))); err != nil {
				t.Error(err)
			}
		})
	}
	data.AwaitQueue(db, 20)
	closed := make(chan error, 3)
	for range cap(closed) {
		go func() { closed <- db.Close() }() // twice at once, and once more: each waits for the end
	}
	release()
	for range cap(closed) {
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	wantCode(t, db.Write(t.Context(), sell("late")), "data.stopped")
	wantFiles(t, dir, "lock", "till.db")
	if got := len(keys(t, reopen(t, dir).Reader())); got != 20 {
		t.Errorf("got %d rows, want 20", got)
	}
}
