package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"comptoir/data/fault"
)

// backupNice is how far a copy gives way to whoever sells: as far as the scheduler knows.
const backupNice = 19

// partial ends the name of the folder in which a copy is made; it goes when the copy is there, or has failed.
const partial = ".part"

// unfinishedFor is after how long what a copy left that was cut short (a stick pulled, a kill) is removed: none takes so long.
const unfinishedFor = 24 * time.Hour

// CopyFacts are what a copy of the database says of itself.
type CopyFacts struct {
	Version  int64 // newest migration
	Epoch    int64 // of the machine it was made on
	EventSeq int64 // newest event
	Hash     [32]byte
	At       time.Time // of that event; zero when there is none
	Size     int64     // bytes
}

// Backup writes the database as it is now into a file, while selling goes on: VACUUM INTO on a connection of its own, under
// another name beside it, read again (CheckFile), put on the disk with its folder, and only then given its name; an older
// file of that name is replaced in one step. Nothing is left when it fails. It gives way to other threads.
//
// Errors: data.copy_room (the place is full, or the café's own disk would be short of room), data.copy_damaged (what was written reads otherwise), data.schema (CheckSchema, of the café itself), data.directory (the
// place cannot be written), and what ended ctx.
func Backup(ctx context.Context, db *DB, file string) (CopyFacts, error) {
	var facts CopyFacts
	err := Gently(func() (err error) {
		facts, err = backup(ctx, db.opts, file)
		return err
	})
	return facts, err
}

func backup(ctx context.Context, o Options, file string) (facts CopyFacts, err error) {
	place := filepath.Dir(file)
	removeUnfinished(place)
	if info, err := os.Stat(o.path()); err == nil {
		if err := SpareRoom(o.Dir, place, info.Size()); err != nil {
			return facts, err
		}
	}
	unfinished, err := os.MkdirTemp(place, ".comptoir-*"+partial)
	if err != nil {
		return facts, placeError(place, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(unfinished)) }()
	made := filepath.Join(unfinished, fileName)
	if err := vacuumInto(ctx, o, made); err != nil {
		return facts, placeError(place, err)
	}
	if err := errors.Join(os.Chmod(made, 0o600), SyncFile(made)); err != nil {
		return facts, placeError(place, err)
	}
	if facts, err = CheckFile(ctx, made); err != nil {
		return facts, err
	}
	if err := errors.Join(os.Rename(made, file), SyncFile(place)); err != nil {
		return facts, placeError(place, err)
	}
	return facts, nil
}

// removeUnfinished makes room in a place: what copies left there that were cut short.
func removeUnfinished(place string) {
	all, err := filepath.Glob(filepath.Join(place, ".comptoir-*"+partial))
	if err != nil {
		return
	}
	for _, name := range all {
		if info, err := os.Stat(name); err == nil && (SystemClock{}).Now().Sub(info.ModTime()) > unfinishedFor {
			_ = os.RemoveAll(name) // it takes room, nothing else
		}
	}
}

// vacuumInto needs a connection of its own: those of the reader may write to no file at all, and the writer is for sales.
func vacuumInto(ctx context.Context, o Options, into string) (err error) {
	pool, err := sql.Open(driverName, strings.Replace(o.dsn(true), "_pragma=query_only%281%29", "_pragma=query_only%280%29", 1))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", into)
	return err
}

// Gently runs work on a thread that gives way to all others, as far as the system knows; the thread ends with it.
func Gently(work func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: no other goroutine gets a slow thread
		if runtime.GOOS == "linux" {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, backupNice) // of this thread; without it the copy is only less polite
		}
		done <- work()
	}()
	return <-done
}

// placeError says which of a place's troubles an error is.
func placeError(place string, err error) error {
	if ctxErr := ended(err); ctxErr != nil {
		return ctxErr
	}
	if isFull(err) {
		return errNoRoom.With("dir", place).Wrap(err)
	}
	return errDir.With("dir", place).Wrap(err)
}

func ended(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func isFull(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || ok && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// CheckFile reads a copy of a database from its first page to its last: SQLite's own check, that its tables and triggers are
// those of its release, the log of events, and that one command recorded one event. What the packages above know of their
// tables, they check themselves. It changes nothing.
//
// Errors: data.absent (nothing there), data.foreign, data.newer, data.schema, data.copy_damaged.
func CheckFile(ctx context.Context, file string) (facts CopyFacts, err error) {
	o, err := copyOptions(file)
	if err != nil {
		return facts, err
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return facts, errAbsent.With("dir", file)
	}
	if err != nil {
		return facts, errDir.With("dir", file).Wrap(err)
	}
	found, err := inspect(ctx, o)
	if err != nil {
		return facts, damaged(file, err)
	}
	if found.version == 0 {
		return facts, errForeign.With("file", file)
	}
	facts = CopyFacts{Version: found.version, Size: info.Size()}
	db := &DB{opts: o}
	if err := db.openReader(); err != nil {
		return facts, damaged(file, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return facts, damaged(file, facts.read(ctx, db.reader))
}

// OpenCopy opens a file of any name and of any earlier schema to look at it, as OpenReadOnly does a café: nothing is checked
// but what it is. What is not in the schema of this release cannot be asked of it.
//
// Errors: data.absent, data.foreign, data.newer, data.copy_damaged.
func OpenCopy(ctx context.Context, file string) (*DB, error) {
	o, err := copyOptions(file)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); err != nil {
		return nil, errAbsent.With("dir", file).Wrap(err)
	}
	found, err := inspect(ctx, o)
	if err != nil {
		return nil, damaged(file, err)
	}
	if found.version == 0 {
		return nil, errForeign.With("file", file)
	}
	db := &DB{opts: o}
	if err := db.openReader(); err != nil {
		return nil, damaged(file, err)
	}
	if err := db.loadEventHead(ctx); err != nil {
		return nil, errors.Join(damaged(file, err), db.Close())
	}
	return db, nil
}

func copyOptions(file string) (Options, error) {
	return Options{Dir: filepath.Dir(file), file: filepath.Base(file)}.withDefaults()
}

// read fills in what the tables say, and returns the first breach it finds.
func (f *CopyFacts) read(ctx context.Context, q Querier) error {
	var epoch string
	if err := q.QueryRow(ctx, "SELECT value FROM meta WHERE key = 'epoch'").Scan(&epoch); err != nil {
		return fmt.Errorf("epoch: %w", err)
	}
	var err error
	if f.Epoch, err = strconv.ParseInt(epoch, 10, 64); err != nil {
		return fmt.Errorf("epoch: %w", err)
	}
	if err := CheckSchema(ctx, q); err != nil {
		return err
	}
	for _, check := range []func(context.Context, Querier) ([]string, error){checkQuick, checkEvents, checkCommandsOnce} {
		bad, err := check(ctx, q)
		if err != nil {
			return err
		}
		if len(bad) > 0 {
			return errors.New(bad[0])
		}
	}
	head, err := loadEventHead(ctx, q)
	if err != nil {
		return err
	}
	f.EventSeq, f.Hash = head.seq, head.hash
	var at int64
	if head.seq > 0 {
		if err := q.QueryRow(ctx, "SELECT at FROM events WHERE seq = ?", head.seq).Scan(&at); err != nil {
			return err
		}
		f.At = time.UnixMilli(at).UTC()
	}
	return nil
}

func checkQuick(ctx context.Context, q Querier) ([]string, error) {
	all, err := All(ctx, q, func(r *Rows) (s string, err error) { err = r.Scan(&s); return s, err }, `PRAGMA quick_check`)
	if len(all) == 1 && all[0] == "ok" {
		return nil, err
	}
	return all, err
}

// damaged says of whatever ended the reading of a copy that it is damaged, unless that is known better.
func damaged(file string, err error) error {
	switch {
	case err == nil:
		return nil
	case ended(err) != nil:
		return err
	}
	if _, known := fault.As(err); known {
		return err
	}
	return errCopy.With("file", file).Wrap(err)
}

// NewEpoch gives the database of a directory the number of a new machine's life: the time in seconds, and at least one
// more than it had, so that whoever knows two copies of a café knows which one sells. It is told before the restored
// café is opened for the first time, and never of one that sells.
//
// Errors: those of Open; data.locked when a café is open there.
func NewEpoch(ctx context.Context, dir string, now time.Time) (epoch int64, err error) {
	o, err := Options{Dir: dir}.withDefaults()
	if err != nil {
		return 0, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unlock(lock)) }()
	found, err := inspect(ctx, o)
	if err != nil {
		return 0, err
	}
	if found.version == 0 {
		return 0, errAbsent.With("dir", dir)
	}
	pool, err := sql.Open(driverName, o.dsn(false))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	err = pool.QueryRowContext(ctx, `UPDATE meta SET value = CAST(max(CAST(value AS INTEGER) + 1, ?) AS TEXT) WHERE key = 'epoch' RETURNING CAST(value AS INTEGER)`,
		now.Unix()).Scan(&epoch)
	if err != nil {
		return 0, fmt.Errorf("new epoch: %w", o.unusable(err))
	}
	var busy, pages, moved int
	if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil || busy != 0 {
		return 0, fmt.Errorf("new epoch: the log was not moved into the file (%d): %w", busy, err)
	}
	return epoch, nil
}
