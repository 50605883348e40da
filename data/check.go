package data

import (
	"context"
	"database/sql"
	"fmt"
)

// Check is one invariant. Run reads one consistent state and returns each breach in words, naming the row.
type Check struct {
	Name string // such as "I4 releases follow the law"
	Run  func(ctx context.Context, q Querier) ([]string, error)
}

// Violation is one breach of one invariant.
type Violation struct {
	Check  string `json:"check"`
	Detail string `json:"detail"`
}

// RegisterCheck adds invariants to those that Check runs.
func (db *DB) RegisterCheck(checks ...Check) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.checks = append(db.checks, checks...)
}

// Check runs every invariant on one consistent state: SQLite's own integrity and foreign keys, the event log,
// and whatever the packages registered. No violation means that every law held at that instant.
func (db *DB) Check(ctx context.Context) ([]Violation, error) {
	checks := db.invariants(Check{"integrity of the file", checkIntegrity})
	var found []Violation
	err := db.Snapshot(ctx, func(ctx context.Context, q Querier) error {
		for _, c := range checks {
			details, err := c.Run(ctx, q)
			if err != nil {
				return fmt.Errorf("check %q: %w", c.Name, err)
			}
			for _, d := range details {
				found = append(found, Violation{c.Name, d})
			}
		}
		return nil
	})
	return found, err
}

// invariants lists all that is registered, behind the kernel's own. The first reads the file itself, as thoroughly as is asked.
func (db *DB) invariants(file Check) []Check {
	db.mu.Lock()
	defer db.mu.Unlock()
	return append([]Check{
		file,
		{"foreign keys", checkForeignKeys},
		{"event log", checkEvents},
		{"I13 one command, one event", checkCommandsOnce},
	}, db.checks...)
}

func checkIntegrity(ctx context.Context, q Querier) ([]string, error) {
	all, err := All(ctx, q, func(r *Rows) (s string, err error) { err = r.Scan(&s); return s, err }, `PRAGMA integrity_check`)
	if len(all) == 1 && all[0] == "ok" {
		return nil, err
	}
	return all, err
}

func checkForeignKeys(ctx context.Context, q Querier) ([]string, error) {
	return All(ctx, q, func(r *Rows) (string, error) {
		var table, parent string
		var row sql.NullInt64 // none in a table WITHOUT ROWID
		var key int64
		err := r.Scan(&table, &row, &parent, &key)
		return fmt.Sprintf("%s row %d names a row of %s that does not exist", table, row.Int64, parent), err
	}, `PRAGMA foreign_key_check`)
}

// checkCommandsOnce looks at each command while its answer is kept: an id is free again when it is forgotten.
func checkCommandsOnce(ctx context.Context, q Querier) ([]string, error) {
	return All(ctx, q, func(r *Rows) (string, error) {
		var cmd string
		var seq, before int64
		err := r.Scan(&cmd, &before, &seq)
		return fmt.Sprintf("command %s recorded events %d and %d", cmd, before, seq), err
	}, `SELECT cmd, before, seq FROM (
			SELECT cmd, seq, at, lag(seq) OVER command AS before, lag(at) OVER command AS before_at
			FROM events WHERE cmd <> '' WINDOW command AS (PARTITION BY cmd ORDER BY seq))
		WHERE at - before_at < ? ORDER BY seq`, commandRetention.Milliseconds())
}
