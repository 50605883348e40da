package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"
)

// DB is the database of one café, open in this process.
type DB struct {
	opts   Options
	lock   *os.File // nil when read-only
	reader *Reader
	writer *writer // nil when read-only
	epoch  int64
	log    *Cell[eventHead]

	unexamined bool // the last run did not end by closing, and nobody has read the whole file since

	mu       sync.Mutex // guards what is below
	cells    []cell
	checks   []Check
	onCommit []func([]Event)

	closing sync.Once
	closed  error // what Close returned
}

// Open takes the lock of the directory, migrates, truncates the log into the database and starts the writer.
//
// Errors: data.directory (cannot be created, opened or written), data.locked (another service runs here),
// data.foreign (not a Comptoir database), data.newer (written by a newer binary), data.migration and data.migration_room (of
// an older release, and could not be brought up to date: the older binary still opens it), data.held (another program
// reads the database after a crash). A file that is refused is not changed.
func Open(ctx context.Context, opts Options) (_ *DB, err error) {
	opts, err = opts.withDefaults()
	if err != nil {
		return nil, err
	}
	cacheInOnePiece()
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, errDir.With("dir", opts.Dir).Wrap(err)
	}
	db := &DB{opts: opts}
	if db.lock, err = lockDir(opts.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	found, err := inspect(ctx, opts)
	if err != nil {
		return nil, err
	}
	db.unexamined = markUnexamined(opts)
	if !opts.hooks.keepLog && !opts.hooks.trustCache {
		if err := rewriteLog(opts); err != nil {
			return nil, err
		}
	}
	if found.version > 0 && found.version < found.known {
		if err := upgrade(ctx, opts, found); err != nil {
			return nil, err
		}
		found.version = found.known
	}
	pool, err := sql.Open(driverName, opts.dsn(false))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	if err := migrate(ctx, opts, pool, found); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	if err := db.openReader(); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	w, err := newWriter(ctx, db, pool)
	if err != nil {
		return nil, err
	}
	if err := db.loadEventHead(ctx); err != nil {
		return nil, errors.Join(err, w.release())
	}
	db.writer = w
	w.start()
	return db, nil
}

// OpenReadOnly opens the database beside a running service: no lock, no migration, no write.
//
// Errors: data.absent (nothing there), data.foreign, data.newer, data.older (not migrated yet), data.directory.
func OpenReadOnly(ctx context.Context, opts Options) (*DB, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	cacheInOnePiece()
	db := &DB{opts: opts}
	if err := db.openReader(); err != nil {
		return nil, err
	}
	found, err := inspectBy(ctx, opts, db.reader.pool)
	switch {
	case err != nil:
	case found.version == 0:
		err = errAbsent.With("dir", opts.Dir)
	case found.version < found.known:
		err = errOlder.With("file", opts.path()).With("version", found.version).With("known", found.known)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.loadEventHead(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) openReader() error {
	pool, err := sql.Open(driverName, db.opts.dsn(true))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(readerLimit)
	pool.SetMaxIdleConns(readerLimit)
	pool.SetConnMaxIdleTime(readerIdle)
	db.reader = &Reader{pool: pool, saw: db.suspect, stmts: map[string]*sql.Stmt{}}
	return nil
}

func (db *DB) loadEventHead(ctx context.Context) error {
	var epoch string
	if err := db.reader.QueryRow(ctx, "SELECT value FROM meta WHERE key = 'epoch'").Scan(&epoch); err != nil {
		return fmt.Errorf("load epoch: %w", err)
	}
	var err error
	if db.epoch, err = strconv.ParseInt(epoch, 10, 64); err != nil {
		return fmt.Errorf("load epoch: %w", err)
	}
	db.log, err = NewCell(ctx, db, loadEventHead)
	return err
}

// Reader returns the pool of read-only connections.
func (db *DB) Reader() *Reader { return db.reader }

// Epoch numbers the lives of the café's machines: it changes only when the data are restored elsewhere.
func (db *DB) Epoch() int64 { return db.epoch }

// Dir returns the data directory.
func (db *DB) Dir() string { return db.opts.Dir }

// Now returns the café's time, in UTC, cut to the millisecond.
func (db *DB) Now() time.Time { return db.opts.Clock.Now().UTC().Truncate(time.Millisecond) }

// BusinessDay returns the business day of an instant in this café.
func (db *DB) BusinessDay(at time.Time) string {
	return BusinessDay(at, db.opts.Zone, db.opts.CutOff)
}

// Today is the current business day. Like that of a write (Tx.Day) it never goes back behind what was written,
// whatever the clock does.
func (db *DB) Today() string {
	return max(db.BusinessDay(db.Now()), db.log.Committed().day)
}

// DayBegan is an instant that has come, whatever the clock says now: midnight before the newest business day that something
// was done in. Zero before anything was done.
func (db *DB) DayBegan() time.Time {
	day := db.log.Committed().day
	if day == "" {
		return time.Time{}
	}
	began, err := time.ParseInLocation(dayLayout, day, db.opts.Zone)
	if err != nil {
		return time.Time{} // a chain whose days are none is refused at the start
	}
	return began
}

// Zone returns the zone of the business day.
func (db *DB) Zone() *time.Location { return db.opts.Zone }

// CutOff returns how long after midnight the business day ends.
func (db *DB) CutOff() time.Duration { return db.opts.CutOff }

// Ready runs an empty write: it succeeds only when the writer works.
func (db *DB) Ready(ctx context.Context) error {
	var one int
	if err := db.reader.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil {
		return err
	}
	return db.Write(ctx, func(context.Context, *Tx) error { return nil })
}

// Failed is closed when the disk has failed and writing has stopped for good; Err says why. A read-only database
// never writes, so that it never fails.
func (db *DB) Failed() <-chan struct{} {
	if db.writer == nil {
		return nil
	}
	return db.writer.failed
}

// Trouble returns what is told to whoever wants to write since the disk failed: data.full, data.read_only, data.damaged,
// data.directory or data.stopped; nil while the writer works.
func (db *DB) Trouble() error {
	select {
	case <-db.Failed():
		return db.writer.refusal
	default:
		return nil
	}
}

// suspect hears of every error of reading. One that tells of damage stops all writing.
func (db *DB) suspect(err error) {
	if db.writer != nil && tellsOfDamage(err) {
		db.writer.distrust(err)
	}
}

// Err returns what stopped the writer, nil while it works.
func (db *DB) Err() error {
	select {
	case <-db.Failed():
		return db.writer.err
	default:
		return nil
	}
}

// Close waits for the queue, closes the readers, truncates the log into the database and gives the lock back.
// A second call waits for the first and returns what it returned.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closed = db.close() })
	return db.closed
}

// close works in this order: the last writes may read, a reader would keep the log from being truncated, and
// nobody else may have the directory before all is done.
func (db *DB) close() error {
	var errs []error
	if db.writer != nil {
		db.writer.stop()
	}
	if db.Err() != nil {
		errs = append(errs, db.closeSick())
	} else {
		if db.reader != nil {
			errs = append(errs, db.reader.pool.Close())
		}
		if db.writer != nil {
			errs = append(errs, db.writer.settle())
		}
	}
	if db.lock != nil {
		errs = append(errs, unlock(db.lock))
	}
	return errors.Join(errs...)
}

// closeSick closes everything after the disk has failed, and leaves the files as the failure left them, as a killed process
// would. The last connection that may write would otherwise sync the log again, believe it, move it into the database and
// remove it: a power cut meanwhile would leave a log with holes beside a database with half of it. So a reader, which cannot,
// is the last to leave; the next start rewrites the log first.
func (db *DB) closeSick() error {
	ctx := db.writer.ctx
	last, err := db.reader.pool.Conn(ctx)
	if err != nil {
		return errors.Join(err, db.writer.settle(), db.reader.pool.Close())
	}
	var tables int
	reading := last.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables) // from here on it holds its place
	if reading != nil {
		db.opts.Log.Debug("the database cannot be read any more", slog.Any("error", reading))
	}
	return errors.Join(db.writer.settle(), last.Close(), db.reader.pool.Close())
}
