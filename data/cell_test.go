package data_test

import (
	"context"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
)

// counter is a cell that counts the rows of meta that were put.
type counter struct{ *data.Cell[int] }

func newCounter(t *testing.T, db *data.DB) counter {
	t.Helper()
	c, err := data.NewCell(t.Context(), db, func(ctx context.Context, q data.Querier) (n int, err error) {
		err = q.QueryRow(ctx, `SELECT count(*) FROM meta WHERE key <> 'epoch'`).Scan(&n)
		return n, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counter{c}
}

func (c counter) add(n int) closure {
	return func(_ context.Context, tx *data.Tx) error {
		c.Set(tx, c.Get(tx)+n)
		return nil
	}
}

func TestACellIsLoadedFromTheRows(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, then(put("a", ""), put("b", "")))
	if got := newCounter(t, db).Committed(); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
}

func TestACellIsSeenOutsideOnlyAfterTheCommit(t *testing.T) {
	var c counter
	var inCommit int
	db := datatest.Open(t, func(o *data.Options) {
		o.Fault = func(s data.Step) error {
			if s.Op == "commit" && c.Cell != nil {
				inCommit = c.Committed()
			}
			return nil
		}
	})
	c = newCounter(t, db)
	inClosure := -1
	mustWrite(t, db, then(sell("a"), c.add(1), func(_ context.Context, tx *data.Tx) error {
		inClosure = c.Committed()
		if got := c.Get(tx); got != 1 {
			t.Errorf("inside the closure: got %d, want 1", got)
		}
		return nil
	}))
	if inClosure != 0 || inCommit != 0 || c.Committed() != 1 {
		t.Errorf("got %d in the closure, %d at the commit, %d after it; want 0, 0, 1", inClosure, inCommit, c.Committed())
	}
}

func TestACellGoesBackWhenTheWholeBatchIsLost(t *testing.T) {
	var faults datatest.FailAt
	db := datatest.Open(t, func(o *data.Options) { o.Fault = faults.Fault })
	c := newCounter(t, db)
	mustWrite(t, db, then(sell("a"), c.add(1)))
	head, sum := db.EventHead()
	faults.Arm(2, "commit")
	together(t, db, then(sell("b"), c.add(1)), then(sell("c"), c.add(1)))
	if got := c.Committed(); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if h, s := db.EventHead(); h != head || s != sum || h != 1 {
		t.Errorf("the head of the event log is %d, want %d", h, head)
	}
}

func TestACellMayJoinWhileOthersWrite(t *testing.T) {
	db := datatest.Open(t)
	var all sync.WaitGroup
	all.Go(func() {
		for range 50 {
			if err := db.Write(t.Context(), refuse); err == nil {
				t.Error("not refused")
			}
		}
	})
	for range 50 {
		newCounter(t, db)
	}
	all.Wait()
}
