package data

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// serve carries out one batch and answers everybody in it.
func (w *writer) serve(batch []*request) {
	if w.err != nil {
		answerAll(batch, errStopped)
		return
	}
	w.db.mu.Lock()
	w.cells = w.db.cells // more may join while the batch runs
	w.db.mu.Unlock()
	if err := w.raw("BEGIN IMMEDIATE"); held(err) {
		answerAll(batch, errBusy.Wrap(err)) // a stranger has the file open for writing: no reason to distrust the disk
		return
	} else if err != nil {
		w.lose(batch, err)
		return
	}
	if err := w.commit(batch); err != nil {
		w.lose(batch, err)
		return
	}
	w.publish(batch)
	for _, r := range batch {
		r.answer(r.err)
	}
	if w.commits++; w.commits >= checkpointEvery && len(w.queue) == 0 {
		if _, err := w.checkpoint("PASSIVE"); err != nil {
			w.fail(err)
		}
	}
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
	return w.raw("COMMIT")
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
	r.tx = &Tx{w: w, db: w.db, now: w.db.Now(), cmd: r.cmd}
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
