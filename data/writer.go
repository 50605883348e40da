package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
)

// request is one closure waiting for the writer.
type request struct {
	ctx  context.Context //nolint:containedctx // it carries values only: cancellation is cut off before it gets here
	fn   func(context.Context, *Tx) error
	cmd  Command
	done chan error // buffered by one: the writer never waits for a caller
	err  error
	tx   *Tx
}

// answer tells the caller what became of the closure; only the first answer counts.
func (r *request) answer(err error) {
	select {
	case r.done <- err:
	default:
	}
}

// writer owns the only write connection. Its fields below entry are touched by its own goroutine only.
type writer struct {
	db     *DB
	ctx    context.Context //nolint:containedctx // of the writer's whole life: Open's values, without its cancellation
	queue  chan *request
	failed chan struct{} // closed when the disk has failed
	ended  chan struct{} // closed when the queue has run empty after stop

	mu     sync.RWMutex // held for reading while a request enters the queue
	closed bool
	entry  atomic.Uintptr // address of run, by which a caller on its goroutine is known

	err     error                 // what stopped the writer; written before failed is closed
	refusal error                 // what is answered since; written with err
	sick    atomic.Pointer[error] // damage that a reader has met
	times   commitTimes
	pool    *sql.DB
	conn    *sql.Conn
	stmts   map[string]*statement
	cells   []cell // those that exist when a batch begins
	commits int    // since the last checkpoint

	follower *Follower // told of each commit; nil: nobody
	joined   bool      // a follower came or went in this batch
	moved    bool      // the log was moved since Open
}

// statement is prepared once for the life of the connection. One whose rows are being read must not be run
// again: the driver would rewind it under its reader.
type statement struct {
	*sql.Stmt
	reading bool
}

// newWriter pins the connection and truncates the log: frames of a sync that failed before the last stop are
// readable but may never reach the disk, and must not lie under the next sale.
func newWriter(ctx context.Context, db *DB, pool *sql.DB) (*writer, error) {
	ctx = context.WithoutCancel(ctx)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(db.opts.unusable(err), pool.Close())
	}
	w := &writer{
		db: db, ctx: ctx, pool: pool, conn: conn, stmts: map[string]*statement{},
		queue: make(chan *request, queueLimit), failed: make(chan struct{}), ended: make(chan struct{}),
	}
	if db.opts.hooks.keepLog {
		return w, nil
	}
	whole, err := w.checkpoint("TRUNCATE")
	if err == nil && !whole {
		err = errHeld.With("dir", db.opts.Dir) // a reader elsewhere: the log would go on behind doubtful frames
	}
	if err != nil {
		return nil, errors.Join(err, w.release())
	}
	w.moved = false
	return w, nil
}

// inWrite marks the context of a closure, so that a nested Write is refused instead of waiting for itself.
type inWrite struct{}

// Write runs fn alone on the write connection and returns after its commit is on the disk. If fn returns an
// error, nothing of it remains and Write returns that error. Once queued it is carried out, whatever becomes
// of ctx; fn gets the values of ctx without its cancellation.
//
// Errors of its own: data.busy (the queue is full, or another program holds the file; nothing happened),
// data.stopped (the disk failed earlier; nothing happened), data.unknown (the disk failed now; ask again by
// command id after the restart), data.nested, data.leak, data.panic (bugs; nothing happened).
func (db *DB) Write(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return db.write(ctx, Command{}, fn)
}

func (db *DB) write(ctx context.Context, cmd Command, fn func(context.Context, *Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		return errNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w := db.writer
	if w == nil {
		return errStopped
	}
	if w.calls() {
		return errNested
	}
	r := &request{
		ctx: context.WithValue(context.WithoutCancel(ctx), inWrite{}, true),
		fn:  fn, cmd: cmd, done: make(chan error, 1),
	}
	if err := w.enter(r); err != nil {
		return err
	}
	return <-r.done
}

// calls reports whether the caller runs on the writer's own goroutine: a closure that kept the context of its
// request, or a listener. It would wait for itself for ever, and the café with it.
func (w *writer) calls() bool {
	entry := w.entry.Load()
	var stack [32]uintptr
	for skip := 2; ; skip += len(stack) {
		n := runtime.Callers(skip, stack[:])
		for _, pc := range stack[:n] {
			if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == entry {
				return true
			}
		}
		if n < len(stack) {
			return false
		}
	}
}

func (w *writer) enter(r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errStopped
	}
	select {
	case <-w.failed:
		return w.refusal
	default:
	}
	select {
	case w.queue <- r:
		return nil
	default:
		return errBusy
	}
}

// start sets the writer to work on a goroutine of its own.
func (w *writer) start() {
	ready := make(chan struct{})
	go w.run(func() { close(ready) })
	<-ready
}

// run serves the queue until it is closed. It takes one request, then all that wait, with no timer: while one
// batch syncs, the next gathers.
func (w *writer) run(ready func()) {
	pc, _, _, _ := runtime.Caller(0)
	w.entry.Store(runtime.FuncForPC(pc).Entry())
	ready()
	var batch []*request
	over := false
	defer func() {
		if over {
			close(w.ended)
			return
		}
		// A closure ended this goroutine (runtime.Goexit, as t.Fatal does). What it left is not known; whoever
		// waits is told, and another goroutine answers the rest.
		err := errors.New("a closure ended the writer's goroutine")
		for _, r := range batch {
			if r.tx != nil {
				_ = r.tx.end(w.ctx, err)
			}
		}
		w.lose(batch, err)
		go w.run(func() {})
	}()
	for r := range w.queue {
		batch = w.gather(append(batch[:0], r))
		w.serve(batch)
	}
	over = true
}

// gather adds all that wait to a batch, up to its limit.
func (w *writer) gather(batch []*request) []*request {
	for len(batch) < w.db.opts.MaxBatch {
		select {
		case r, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// exec runs a statement of a closure or of the writer's own.
func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return w.conn.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

// query runs a SELECT. ended must be called when its rows are closed.
func (w *writer) query(ctx context.Context, query string, args ...any) (_ *sql.Rows, ended func(), err error) {
	s, err := w.prepare(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	if s == nil {
		rows, err := w.conn.QueryContext(ctx, query, args...)
		return rows, func() {}, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, nil, err
	}
	s.reading = true
	return rows, func() { s.reading = false }, nil
}

// raw runs a statement of the writer's own.
func (w *writer) raw(query string) error {
	if _, err := w.exec(w.ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// prepare returns the statement, prepared once for the life of the connection; nil when it is to be run
// without, because its rows are being read or too many are kept.
func (w *writer) prepare(ctx context.Context, query string) (*statement, error) {
	if s, ok := w.stmts[query]; ok {
		if s.reading {
			return nil, nil
		}
		return s, nil
	}
	if len(w.stmts) >= statementLimit {
		return nil, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	s := &statement{Stmt: stmt}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) injected(s Step) error {
	if w.db.opts.Fault == nil {
		return nil
	}
	return w.db.opts.Fault(s)
}

// checkpoint moves the log into the database, and tells whether mode was carried out whole: a reader in another
// process may stand in the way. Only the writer ever does it: a second connection that checkpoints never
// catches up and is the pattern of SQLite's log-reset bug.
func (w *writer) checkpoint(mode string) (whole bool, err error) {
	var blocked, pages, moved int
	if err := w.conn.QueryRowContext(w.ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&blocked, &pages, &moved); err != nil {
		return false, fmt.Errorf("checkpoint: %w", err)
	}
	w.commits, w.moved = 0, true
	return blocked == 0, nil
}

// fail stops all writing: after a failed sync a retry may report success for pages the kernel dropped.
func (w *writer) fail(err error) {
	if w.err != nil {
		return
	}
	w.err, w.refusal = err, errStopped
	if trouble := Trouble(w.db.opts.Dir, err); trouble != nil {
		w.refusal = trouble
	}
	for _, c := range w.cells {
		c.reset()
	}
	// What is open is given up; on a sick disk SQLite has done so itself, and says that there is nothing to roll
	// back. It touches memory only.
	if err := w.raw("ROLLBACK"); err != nil {
		w.db.opts.Log.Debug("nothing to roll back", slog.Any("error", err))
	}
	w.db.opts.Log.Error("the disk failed; writing has stopped", slog.Any("error", err))
	close(w.failed)
}

// distrust stops all writing because of damage that a reader has met: what is written next might rest on it. It may be called
// from any goroutine.
func (w *writer) distrust(err error) {
	if !w.sick.CompareAndSwap(nil, &err) {
		return
	}
	wake := &request{ctx: w.ctx, fn: func(context.Context, *Tx) error { return nil }, done: make(chan error, 1)}
	_ = w.enter(wake) // a queue that is full has somebody else to find it
}

// stop lets the queue run empty. After it nothing is written but by the caller of settle.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

// settle moves the log into the database, after stop, and gives the connection back.
func (w *writer) settle() error {
	var err error
	if w.err == nil {
		_, err = w.checkpoint("TRUNCATE") // a reader in the way is no fault: the next start truncates
	}
	return errors.Join(err, w.release())
}

func (w *writer) release() error {
	var err error
	for _, s := range w.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, w.conn.Close(), w.pool.Close())
}
