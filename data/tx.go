package data

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Tx is the write in hand, valid only inside the closure it was given to: data.ended afterwards.
//
// Cancelling the context given to its methods has no effect: an interrupted statement would roll back the whole
// batch, other people's commands with it.
type Tx struct {
	w        *writer
	db       *DB
	now      time.Time
	cmd      string  // id of the command, '' outside Do
	open     []*Rows // queries not yet closed
	broken   error   // the disk failed under a statement: nothing more may run
	ended    atomic.Bool
	reserved bool // EventSeq was asked for
	sure     bool // a manager has looked at the date
	divided  bool // by Divide
	recorded *Event
	told     []Event // appended by Divide
}

// Exec runs one statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.may(Step{Op: "exec", SQL: query}); err != nil {
		return 0, err
	}
	res, err := tx.w.exec(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return 0, fmt.Errorf("exec: %w", tx.note(err))
	}
	return res.RowsAffected()
}

// Query runs a SELECT that sees this closure's own writes. The caller closes the rows before the closure ends.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := tx.may(Step{Op: "query", SQL: query}); err != nil {
		return nil, err
	}
	rows, ended, err := tx.w.query(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", tx.note(err))
	}
	r := &Rows{Rows: rows, tx: tx, ended: ended}
	tx.open = append(tx.open, r)
	return r, nil
}

// QueryRow runs a SELECT of at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, tx, query, args)
}

// may refuses a statement after the end, after a failure of the disk, and where a test injects one.
func (tx *Tx) may(s Step) error {
	if tx.ended.Load() {
		return errEnded
	}
	if tx.broken != nil {
		return tx.broken
	}
	return tx.note(tx.w.injected(s))
}

// note keeps a failure of the disk. SQLite has then ended the transaction by itself: a closure that shrugged it
// off would go on outside of any, each further statement a commit of its own.
func (tx *Tx) note(err error) error {
	if tx.broken == nil && fatal(err) {
		tx.broken = err
	}
	return err
}

// Now is the instant of this closure: read once, in UTC, cut to the millisecond.
func (tx *Tx) Now() time.Time { return tx.now }

// Day is the business day of this closure, "2026-11-21". It never goes back, whatever the clock does: what is written
// after a clock was set back belongs to the day that was open (fiscal R45).
func (tx *Tx) Day() string { return max(tx.db.BusinessDay(tx.now), tx.db.log.Get(tx).day) }

// OpenDay says that the business day before day is closed: nothing is written to it any more, though the clock has not
// reached its end (fiscal R45). It lasts by the event that this closure records, which carries day.
func (tx *Tx) OpenDay(day string) {
	head := tx.db.log.Get(tx)
	head.day = max(head.day, day)
	tx.db.log.Set(tx, head)
}

// NewID returns a UUIDv7.
func (tx *Tx) NewID() string { return uuid.Must(uuid.NewV7()).String() } // fails only when the system has no randomness

// Command returns the id of the command being carried out, "" when the café acts by itself and after Divide.
func (tx *Tx) Command() string { return tx.cmd }

// end closes what the closure left open and decides what became of it: its own error, a failure of the disk it
// did not pass on, or a breach of what it owes.
func (tx *Tx) end(ctx context.Context, err error) error {
	defer tx.ended.Store(true)
	leaked := len(tx.open)
	for _, r := range slices.Clone(tx.open) {
		_ = r.Close() // an open query would keep the connection, and the log, for ever
	}
	switch {
	case tx.broken != nil:
		return tx.broken
	case err != nil:
		return err
	case leaked > 0, tx.reserved && tx.recorded == nil:
		return errLeak
	case tx.recorded == nil:
		return nil
	}
	if err := tx.appendEvent(ctx); err != nil {
		return err
	}
	tx.told = append(tx.told, *tx.recorded)
	return nil
}

// closed forgets rows that were closed, and keeps the failure they met.
func (tx *Tx) closed(r *Rows) {
	r.ended()
	tx.open = slices.DeleteFunc(tx.open, func(o *Rows) bool { return o == r })
}
