package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// request is one closure waiting for the writer.
type request struct {
	ctx  context.Context //nolint:containedctx // it carries values only: cancellation is cut off before it gets here
	fn   func(context.Context, *Tx) error
	cmd  string
	done chan error // buffered by one: the writer never waits for a caller
	err  error
	tx   *Tx
}

// writer owns the only write connection. Its fields below mu are touched by its own goroutine only.
type writer struct {
	db     *DB
	queue  chan *request
	failed chan struct{} // closed when the disk has failed
	ended  chan struct{} // closed when run returns

	mu     sync.RWMutex // held for reading while a request enters the queue
	closed bool

	err     error // what stopped the writer; written before failed is closed
	pool    *sql.DB
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	commits int // since the last checkpoint
}

// newWriter pins the connection and truncates the log: frames of a sync that failed before the last stop are
// readable but may never reach the disk, and must not lie under the next sale.
func newWriter(ctx context.Context, db *DB, pool *sql.DB) (*writer, error) {
	conn, err := pool.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	w := &writer{
		db: db, pool: pool, conn: conn, stmts: map[string]*sql.Stmt{},
		queue: make(chan *request, queueLimit), failed: make(chan struct{}), ended: make(chan struct{}),
	}
	if err := w.checkpoint(ctx, "TRUNCATE"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// inWrite marks the context of a closure, so that a nested Write is refused instead of waiting for itself.
type inWrite struct{}

// Write runs fn alone on the write connection and returns after its commit is on the disk. If fn returns an
// error, nothing of it remains and Write returns that error.
//
// Errors of its own: data.busy (the queue is full; nothing happened), data.stopped (the disk failed earlier;
// nothing happened), data.unknown (the disk failed now; ask again by command id after the restart).
func (db *DB) Write(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return db.write(ctx, "", fn)
}

func (db *DB) write(ctx context.Context, cmd string, fn func(context.Context, *Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		return errNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.writer == nil {
		return errStopped
	}
	r := &request{
		ctx: context.WithValue(context.WithoutCancel(ctx), inWrite{}, true),
		fn:  fn, cmd: cmd, done: make(chan error, 1),
	}
	if err := db.writer.enter(r); err != nil {
		return err
	}
	return <-r.done
}

func (w *writer) enter(r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errStopped
	}
	select {
	case <-w.failed:
		return errStopped
	default:
	}
	select {
	case w.queue <- r:
		return nil
	default:
		return errBusy
	}
}

// run serves the queue until it is closed. It takes one request, then all that wait, with no timer: while one
// batch syncs, the next gathers.
func (w *writer) run() {
	defer close(w.ended)
	batch := make([]*request, 0, w.db.opts.MaxBatch)
	for r := range w.queue {
		batch = append(batch[:0], r)
	gather:
		for len(batch) < w.db.opts.MaxBatch {
			select {
			case next, ok := <-w.queue:
				if !ok {
					break gather
				}
				batch = append(batch, next)
			default:
				break gather
			}
		}
		w.serve(batch)
	}
}

// serve carries out one batch and answers everybody in it.
func (w *writer) serve(batch []*request) {
	if w.err != nil {
		answer(batch, errStopped)
		return
	}
	if err := w.commitBatch(batch); err != nil {
		w.fail(err)
		for _, r := range batch {
			if r.err == nil || fatal(r.err) {
				r.err = errUnknown.Wrap(err)
			}
			r.done <- r.err
		}
		return
	}
	w.publish(batch)
	for _, r := range batch {
		r.done <- r.err
	}
	if w.commits++; w.commits >= checkpointEvery && len(w.queue) == 0 {
		if err := w.checkpoint(context.Background(), "PASSIVE"); err != nil {
			w.fail(err)
		}
	}
}

func answer(batch []*request, err error) {
	for _, r := range batch {
		r.done <- err
	}
}

// commitBatch runs each closure inside one transaction. It returns an error only when the disk failed.
func (w *writer) commitBatch(batch []*request) error {
	ctx := context.Background()
	if err := w.raw(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	alone, kept := len(batch) == 1, 0
	for _, r := range batch {
		if err := w.runOne(ctx, r, alone); err != nil {
			return err
		}
		if r.err == nil {
			kept++
		}
	}
	if kept == 0 {
		return w.raw(ctx, "ROLLBACK")
	}
	if err := w.injected(Step{Op: "commit"}); err != nil {
		return err
	}
	return w.raw(ctx, "COMMIT")
}

// runOne runs one closure in a savepoint of its own; a batch of one needs none, its transaction is one.
func (w *writer) runOne(ctx context.Context, r *request, alone bool) error {
	if !alone {
		if err := w.raw(ctx, "SAVEPOINT one"); err != nil {
			return err
		}
	}
	for _, c := range w.db.cells {
		c.save()
	}
	r.tx = &Tx{w: w, db: w.db, now: w.db.Now(), cmd: r.cmd}
	if r.err = call(r); r.err == nil {
		r.err = r.tx.finish(r.ctx)
	}
	if r.err == nil {
		if alone {
			return nil
		}
		return w.raw(ctx, "RELEASE one")
	}
	if fatal(r.err) {
		return r.err // SQLite has rolled everything back itself: ROLLBACK TO would find no savepoint
	}
	for _, c := range w.db.cells {
		c.restore()
	}
	if alone {
		return nil // commitBatch rolls back: nothing was kept
	}
	if err := w.raw(ctx, "ROLLBACK TO one"); err != nil {
		return err
	}
	return w.raw(ctx, "RELEASE one")
}

// call runs the closure and turns a panic into an error: one bad command must not take the café down.
func call(r *request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errPanic.Wrap(fmt.Errorf("%v\n%s", p, debug.Stack()))
		}
	}()
	return r.fn(r.ctx, r.tx)
}

// publish makes the batch visible outside the writer: cells first, then the hints.
func (w *writer) publish(batch []*request) {
	w.db.mu.Lock()
	cells, listeners := w.db.cells, w.db.onCommit
	w.db.mu.Unlock()
	for _, c := range cells {
		c.publish()
	}
	var events []Event
	for _, r := range batch {
		if r.err == nil && r.tx.recorded != nil {
			events = append(events, *r.tx.recorded)
		}
	}
	if len(events) == 0 {
		return
	}
	for _, listen := range listeners {
		listen(events)
	}
}

// fail stops all writing: after a failed sync a retry may report success for pages the kernel dropped.
func (w *writer) fail(err error) {
	if w.err != nil {
		return
	}
	w.err = err
	for _, c := range w.db.cells {
		c.reset()
	}
	w.db.opts.Log.Error("the disk failed; writing has stopped", slog.Any("error", err))
	close(w.failed)
}

// raw runs a statement of the writer's own.
func (w *writer) raw(ctx context.Context, query string) error {
	stmt, err := w.prepare(ctx, query)
	if err != nil {
		return err
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// prepare returns the statement, prepared once for the life of the connection.
func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) injected(s Step) error {
	if w.db.opts.Fault == nil {
		return nil
	}
	return w.db.opts.Fault(s)
}

// checkpoint moves the log into the database. Only the writer ever does: a second connection that checkpoints
// never catches up and is the pattern of SQLite's log-reset bug.
func (w *writer) checkpoint(ctx context.Context, mode string) error {
	var busy, pages, moved int
	if err := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	w.commits = 0
	return nil
}

// close lets the queue run empty, moves the log into the database and gives the connection back.
func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.ended
	var err error
	if w.err == nil {
		err = w.checkpoint(context.Background(), "TRUNCATE")
	}
	for _, s := range w.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, w.conn.Close(), w.pool.Close())
}
