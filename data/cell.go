package data

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Cell is a value kept in the writer's memory beside the rows it summarises: the head of a chain, the last
// number of a series. The writer copies every cell before each closure and puts it back when the closure fails.
//
// T is copied by assignment: whatever it points to must be replaced, never changed in place.
type Cell[T any] struct {
	current   T // the writer's view, inside a batch
	saved     T // before the running closure
	committed atomic.Pointer[T]
}

// cell is what the writer does with a Cell, whatever its type.
type cell interface {
	save()
	restore()
	publish() // after COMMIT
	reset()   // when the whole batch is lost
}

// NewCell loads the value from the database and joins it to the writer. It must be called before the first
// write that uses it; writes that do not may go on beside it.
func NewCell[T any](ctx context.Context, db *DB, load func(context.Context, Querier) (T, error)) (*Cell[T], error) {
	v, err := load(ctx, db.reader)
	if err != nil {
		return nil, fmt.Errorf("load cell: %w", err)
	}
	c := &Cell[T]{current: v}
	c.committed.Store(&v)
	db.mu.Lock()
	defer db.mu.Unlock()
	db.cells = append(db.cells, c)
	return c, nil
}

// Get returns the value as this closure and those before it in the batch have left it.
func (c *Cell[T]) Get(*Tx) T { return c.current }

// Set replaces the value; it lasts only if the closure succeeds and the batch commits.
func (c *Cell[T]) Set(_ *Tx, v T) { c.current = v }

// Committed returns the value of the last commit. It may be called from any goroutine.
func (c *Cell[T]) Committed() T { return *c.committed.Load() }

func (c *Cell[T]) save()    { c.saved = c.current }
func (c *Cell[T]) restore() { c.current = c.saved }
func (c *Cell[T]) reset()   { c.current = *c.committed.Load() }
func (c *Cell[T]) publish() {
	v := c.current
	c.committed.Store(&v)
}
