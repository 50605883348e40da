package data

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// serve carries out one batch and answers everybody in it.
func (w *writer) serve(batch []*request) {
	if cause := w.sick.Load(); cause != nil {
		w.fail(*cause)
	}
	if w.err != nil {
		answerAll(batch, w.refusal)
		return
	}
	w.db.mu.Lock()
	w.cells = w.db.cells // more may join while the batch runs
	w.db.mu.Unlock()
	follower := w.follower
	follower.hold()
	if err := w.raw("BEGIN IMMEDIATE"); held(err) {
		follower.release(false)
		answerAll(batch, errBusy.Wrap(err)) // a stranger has the file open for writing: no reason to distrust the disk
		return
	} else if err != nil {
		follower.release(false)
		w.lose(batch, err)
		return
	}
	err := w.commit(batch)
	changed := follower.release(err == nil)
	if err != nil {
		w.lose(batch, err)
		return
	}
	w.publish(batch)
	if changed {
		follower.tell()
	}
	for _, r := range batch {
		r.answer(r.err)
	}
	if err := w.tidy(follower); err != nil {
		w.fail(err)
	}
}

// tidy moves the log into the database when the writer is idle. Beside a follower SQLite never does so by itself, so
// that the log is moved in time even when the writer never is.
func (w *writer) tidy(follower *Follower) error {
	if w.joined {
		w.joined = false
		limit := maxLogFrames
		if w.follower != nil {
			limit = 0
		}
		if _, err := w.conn.ExecContext(w.ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint(%d)", limit)); err != nil { // prepared once it would act once
			return fmt.Errorf("wal_autocheckpoint: %w", err)
		}
	}
	w.commits++
	idle := w.commits >= checkpointEvery && len(w.queue) == 0
	if !follower.due() && !idle {
		return nil
	}
	if follower != nil {
		if err := follower.note(); err != nil { // the log stays as it is: nothing of it is forgotten
			w.db.opts.Log.Error("what the copy lacks could not be noted; the log is kept", slog.Any("error", err))
			w.commits = 0
			return nil
		}
	}
	_, err := w.checkpoint("PASSIVE")
	return err
}

func answerAll(batch []*request, err error) {
	for _, r := range batch {
		r.answer(err)
	}
}

// lose stops the writer. Of a closure that was not refused nobody can say whether it lasts.
func (w *writer) lose(batch []*request, err error) {
	w.fail(err)
	for _, r := range batch {
		if r.err == nil || fatal(r.err) {
			r.err = errUnknown.Wrap(err)
		}
		r.answer(r.err)
	}
}

// commit runs each closure inside the one transaction that has begun, and commits it. It returns an error only
// when the disk failed.
func (w *writer) commit(batch []*request) error {
	alone, kept := len(batch) == 1, 0
	for _, r := range batch {
		if err := w.runOne(r, alone); err != nil {
			return err
		}
		if r.err == nil {
			kept++
		}
	}
	if kept == 0 {
		return w.raw("ROLLBACK")
	}
	if err := w.injected(Step{Op: "commit"}); err != nil {
		return err
	}
	if w.db.opts.hooks.ackEarly {
		for _, r := range batch {
			r.answer(r.err)
		}
	}
	began := SystemClock{}.Now() // of the machine, not the café's: it is the disk that is timed
	if err := w.raw("COMMIT"); err != nil {
		return err
	}
	w.times.add(SystemClock{}.Now().Sub(began))
	return nil
}

// runOne runs one closure in a savepoint of its own; a batch of one needs none, its transaction is one.
func (w *writer) runOne(r *request, alone bool) error {
	if !alone {
		if err := w.raw("SAVEPOINT one"); err != nil {
			return err
		}
	}
	for _, c := range w.cells {
		c.save()
	}
	r.tx = &Tx{w: w, db: w.db, now: w.db.Now(), cmd: r.cmd.ID, of: r.cmd}
	err := protect(func() error { return r.fn(r.ctx, r.tx) })
	r.err = protect(func() error { return r.tx.end(r.ctx, err) })
	if r.err == nil {
		if alone {
			return nil
		}
		return w.raw("RELEASE one")
	}
	if fatal(r.err) {
		return r.err // SQLite has rolled everything back itself: ROLLBACK TO would find no savepoint
	}
	for _, c := range w.cells {
		if !w.db.opts.hooks.keepCells {
			c.restore()
		}
	}
	if alone {
		return nil // commit rolls back: nothing was kept
	}
	if err := w.raw("ROLLBACK TO one"); err != nil {
		return err
	}
	return w.raw("RELEASE one")
}

// protect turns a panic into an error: one bad command must not take the café down.
func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errPanic.Wrap(fmt.Errorf("%v\n%s", p, debug.Stack()))
		}
	}()
	return fn()
}

// publish makes the batch visible outside the writer: cells first, then the hints.
func (w *writer) publish(batch []*request) {
	for _, c := range w.cells {
		c.publish()
	}
	var events []Event
	for _, r := range batch {
		if r.err == nil {
			events = append(events, r.tx.told...)
		}
	}
	if len(events) == 0 {
		return
	}
	w.db.mu.Lock()
	listeners := w.db.onCommit
	w.db.mu.Unlock()
	for _, listen := range listeners {
		w.hint(listen, events)
	}
}

// hint tells one listener. Its panic is logged: what it was told of is committed, whatever it makes of it.
func (w *writer) hint(listen func([]Event), events []Event) {
	defer func() {
		if p := recover(); p != nil {
			w.db.opts.Log.Error("a listener panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	listen(events)
}
