package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
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
	of       Command // the same, with when it was first carried out; without id after Divide
	ids      uint64  // derived so far
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

// NewID returns a UUIDv7. In a command it is derived from its id, its input and the instant it was first carried out, so that
// one carried out again on a restored machine makes the same rows under the same ids, and what comes after finds them.
// After Divide, and where there is no command, it is drawn: see DrawID.
func (tx *Tx) NewID() string {
	if tx.of.ID == "" {
		return tx.DrawID()
	}
	tx.ids++
	h := sha256.New()
	hashInt(h, int64(len(tx.of.ID)))
	h.Write([]byte(tx.of.ID))
	h.Write(tx.of.Hash[:])
	hashInt(h, int64(tx.ids))
	id := uuid.UUID(h.Sum(nil)[:16])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(tx.First().UnixMilli())<<16)
	copy(id[:6], ms[:6])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80 // RFC 9562: version 7, variant 10
	return id.String()
}

// DrawID returns a UUIDv7 of which nothing leads to the command that made it (I16): for papers and for the kitchen, which
// nobody names again.
func (tx *Tx) DrawID() string { return uuid.Must(uuid.NewV7()).String() } // fails only when the system has no randomness

// First is when the command was first carried out: now, but for one that is carried out again. What it makes is named by it.
func (tx *Tx) First() time.Time {
	if tx.of.First.IsZero() {
		return tx.now
	}
	return tx.of.First
}

// Resent reports whether the command was carried out before, on a machine that is lost: nothing is printed or opened again.
func (tx *Tx) Resent() bool { return tx.of.Resent }

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
