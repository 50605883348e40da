package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// errUnsound is what SQLite's own check says of the file, as an error.
var errUnsound = errors.New("the file is not sound")

// Unexamined reports whether the last run did not end by closing (it was killed, the power went, the disk failed), and
// nobody has read the whole file since: then it is worth an Examine.
func (db *DB) Unexamined() bool { return db.unexamined }

// markUnexamined reports whether a log was left behind, and remembers it in a file until an Examine found all well: the run
// in which it would be found may be shorter than the reading.
func markUnexamined(o Options) bool {
	mark := filepath.Join(o.Dir, markName)
	if _, err := os.Stat(mark); err == nil {
		return true
	}
	if log, err := os.Stat(o.path() + "-wal"); err != nil || log.Size() == 0 {
		return false
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil { // the disk may be full: this run knows all the same
		o.Log.Debug("what is to be examined is not remembered", slog.Any("error", err))
	}
	return true
}

// Examine reads the whole database beside the selling: SQLite's quick_check, then every invariant of Check, each on a state of
// its own so that the log can be moved meanwhile. It gives way to other threads, and ends with ctx: whoever calls it bounds it.
// Damage would else be found by whoever happens to read it. A file that is not sound stops all writing (data.damaged), as
// if a page had met it; a breach of a law is only told.
//
// Errors: data.damaged, and what ended ctx.
func (db *DB) Examine(ctx context.Context) (found []Violation, err error) {
	for i, c := range db.invariants(Check{"integrity of the file", checkQuick}) {
		var breaches []string
		err := Gently(func() error {
			return db.Snapshot(ctx, func(ctx context.Context, q Querier) (err error) {
				breaches, err = c.Run(ctx, q)
				return err
			})
		})
		if err != nil {
			if tellsOfDamage(err) {
				err = errDamaged.With("file", fileName).Wrap(err)
			}
			return found, fmt.Errorf("check %q: %w", c.Name, err)
		}
		for _, b := range breaches {
			found = append(found, Violation{c.Name, b})
		}
		if i == 0 && len(breaches) > 0 { // of what cannot be trusted no law is asked
			err := fmt.Errorf("%w: %s", errUnsound, breaches[0])
			db.suspect(err)
			return found, errDamaged.With("file", fileName).Wrap(err)
		}
	}
	if len(found) > 0 {
		return found, nil // it is examined again at each start until it is well
	}
	if err := os.Remove(filepath.Join(db.opts.Dir, markName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the mark of what is to be examined: %w", err)
	}
	return nil, nil
}
