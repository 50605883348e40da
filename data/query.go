package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// Querier reads. *Tx, *Reader and the snapshot of DB.Snapshot satisfy it, so that one read serves inside and
// outside a write.
type Querier interface {
	// Query runs a SELECT. The caller closes the rows.
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	// QueryRow runs a SELECT of at most one row; its Scan returns sql.ErrNoRows when there is none.
	QueryRow(ctx context.Context, query string, args ...any) *Row
}

// Rows is the result of a Query.
type Rows struct {
	*sql.Rows
	tx    *Tx         // the write that reads; nil outside, and once closed
	ended func()      // with tx: gives the statement back
	saw   func(error) // without tx: hears of every error
}

// Err returns what ended the reading early, nil when all rows were read.
func (r *Rows) Err() error {
	err := r.Rows.Err()
	if r.tx != nil {
		err = r.tx.note(err)
	} else if r.saw != nil && err != nil {
		r.saw(err)
	}
	return err
}

// Close ends the query. Closing twice is allowed.
func (r *Rows) Close() error {
	tx := r.tx
	if tx == nil {
		return r.Rows.Close()
	}
	_ = r.Err() // noted even if the closure never asks
	r.tx = nil
	err := tx.note(r.Rows.Close())
	tx.closed(r)
	return err
}

// Row is the result of a QueryRow: its error, if any, is told by Scan.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the columns of the row, and returns sql.ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

func queryRow(ctx context.Context, q Querier, query string, args []any) *Row {
	rows, err := q.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// All collects the rows of a SELECT with one scan function per row, in the order of the query.
func All[T any](ctx context.Context, q Querier, scan func(*Rows) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := Each(ctx, q, func(r *Rows) error {
		v, err := scan(r)
		if err == nil {
			all = append(all, v)
		}
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Each hands over the rows of a SELECT one by one, in the order of the query. An error of row ends it and is returned.
func Each(ctx context.Context, q Querier, row func(*Rows) error, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// Reader is the pool of read-only connections. Each statement is prepared once a connection.
type Reader struct {
	pool *sql.DB
	saw  func(error) // hears of every error

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

// Query runs a SELECT on one of the read connections.
func (r *Reader) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	stmt, err := r.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	var rows *sql.Rows
	if stmt != nil {
		rows, err = stmt.QueryContext(ctx, args...)
	} else {
		rows, err = r.pool.QueryContext(ctx, query, args...)
	}
	if err != nil {
		r.saw(err)
		return nil, fmt.Errorf("query: %w", err)
	}
	return &Rows{Rows: rows, saw: r.saw}, nil
}

// QueryRow runs a SELECT of at most one row on one of the read connections.
func (r *Reader) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, r, query, args)
}

// prepare returns the statement, prepared once; nil when too many are kept already.
func (r *Reader) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.RLock()
	stmt, kept := r.stmts[query]
	full := len(r.stmts) >= statementLimit
	r.mu.RUnlock()
	if kept || full {
		return stmt, nil
	}
	stmt, err := r.pool.PrepareContext(ctx, query)
	if err != nil {
		r.saw(err)
		return nil, fmt.Errorf("prepare: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, raced := r.stmts[query]; raced {
		return first, stmt.Close()
	}
	r.stmts[query] = stmt
	return stmt, nil
}

// snapshot is one read transaction: every query sees the same state.
type snapshot struct {
	tx  *sql.Tx
	saw func(error) // hears of every error
}

func (s snapshot) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	rows, err := s.tx.QueryContext(ctx, query, args...)
	if err != nil {
		s.saw(err)
		return nil, fmt.Errorf("query: %w", err)
	}
	return &Rows{Rows: rows, saw: s.saw}, nil
}

func (s snapshot) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return queryRow(ctx, s, query, args)
}

// Snapshot runs fn on one consistent state of the database.
func (db *DB) Snapshot(ctx context.Context, fn func(ctx context.Context, q Querier) error) error {
	tx, err := db.reader.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return fn(ctx, snapshot{tx, db.suspect})
}
