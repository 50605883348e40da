package data

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Tx is the write in hand, valid only inside the closure it was given to.
type Tx struct {
	w        *writer
	db       *DB
	now      time.Time
	cmd      string // id of the command, '' outside Do
	open     int    // queries not yet closed
	reserved bool   // EventSeq was asked for
	recorded *Event
}

// Exec runs one statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.w.injected(Step{Op: "exec", SQL: query}); err != nil {
		return 0, err
	}
	stmt, err := tx.w.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	return res.RowsAffected()
}

// Query runs a SELECT that sees this closure's own writes. The caller closes the rows before the closure ends.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := tx.w.injected(Step{Op: "query", SQL: query}); err != nil {
		return nil, err
	}
	stmt, err := tx.w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...) //nolint:rowserrcheck,sqlclosecheck // handed to the caller, who closes and checks them
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	tx.open++
	return &Rows{Rows: rows, onClose: func() { tx.open-- }}, nil
}

// QueryRow runs a SELECT of at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, tx, query, args)
}

// Now is the instant of this closure: read once, in UTC, cut to the millisecond.
func (tx *Tx) Now() time.Time { return tx.now }

// Day is the business day of this closure, "2026-11-21".
func (tx *Tx) Day() string { return tx.db.BusinessDay(tx.now) }

// NewID returns a UUIDv7.
func (tx *Tx) NewID() string { return uuid.Must(uuid.NewV7()).String() } // fails only when the system has no randomness

// Command returns the id of the command being carried out, "" when the café acts by itself.
func (tx *Tx) Command() string { return tx.cmd }

// finish asserts what a closure owes when it returns without error, and appends its event.
func (tx *Tx) finish(ctx context.Context) error {
	if tx.open != 0 || tx.reserved && tx.recorded == nil {
		return errLeak
	}
	if tx.recorded == nil {
		return nil
	}
	return tx.appendEvent(ctx)
}
