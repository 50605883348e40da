package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"comptoir/data/fault"
)

var (
	errMigration     = fault.New(fault.Conflict, "data.migration", "The data of the older version could not be brought up to date. They are as they were, and the older program still opens them.")
	errMigrationRoom = fault.New(fault.Conflict, "data.migration_room", "There is not enough room to bring the data up to date. They are as they were, and the older program still opens them.")
)

// upgradeRoom is how many bytes beside a second whole file an upgrade asks for: tables that a migration makes anew, and the log.
const upgradeRoom = 64 << 20

// upgrade brings the file of an older release up to this binary's schema without touching it: its log is moved into it, a copy
// is made, the copy is migrated, read from its first page to its last and looked at by Options.Migrated; then it takes the
// name, in one step, and the old file is kept under one that tells from where to where. A power cut or a failure at any
// point leaves the old file in its place, byte for byte as an ordinary end leaves it, for the older binary to open.
//
// Errors: data.migration, data.migration_room (args free, needed in bytes), data.held, data.directory, and what ended ctx.
func upgrade(ctx context.Context, o Options, found schema) (err error) {
	if err := foldLog(ctx, o); err != nil {
		return err
	}
	info, err := os.Stat(o.path())
	if err != nil {
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	if err := roomToUpgrade(o, info.Size()); err != nil {
		return err
	}
	attempt := filepath.Join(o.Dir, "migrating")
	if err := errors.Join(os.RemoveAll(attempt), os.Mkdir(attempt, 0o700)); err != nil { // what an attempt that was cut short left goes
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(attempt)) }()
	work := o
	work.Dir = attempt
	if err := copyFile(o.path(), work.path()); err != nil {
		return refusedUpgrade(o, found, "copy", err)
	}
	if err := migrateCopy(ctx, work); err != nil {
		return refusedUpgrade(o, found, "migrate", err)
	}
	if err := lookAtCopy(ctx, work); err != nil {
		return refusedUpgrade(o, found, "check", err)
	}
	if err := swap(o, work, found); err != nil {
		return refusedUpgrade(o, found, "swap", err)
	}
	o.Log.InfoContext(ctx, "the data were brought up to date; the file of the older version is kept beside them", slog.Int64("from", found.version), slog.Int64("to", found.known), slog.String("kept", keptName(o, found)))
	return nil
}

// refusedUpgrade says at which step it ended; what the caller asked to end, and a full disk, keep their own names.
func refusedUpgrade(o Options, found schema, step string, err error) error {
	if stopped := ended(err); stopped != nil {
		return stopped
	}
	if isFull(err) {
		return errMigrationRoom.With("dir", o.Dir).Wrap(err)
	}
	return errMigration.With("step", step).With("version", found.version).With("known", found.known).With("file", o.path()).Wrap(err)
}

// foldLog moves the log into the file and closes it, so that the file alone is the café. Whoever still has it open stands in
// the way: a log that appears later would be taken for the new file's.
func foldLog(ctx context.Context, o Options) (err error) {
	pool, err := sql.Open(driverName, o.dsn(false))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	var blocked, pages, moved int
	err = o.unusable(pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &pages, &moved))
	if err := errors.Join(err, pool.Close()); err != nil {
		return fmt.Errorf("move the log into the database: %w", err)
	}
	info, err := os.Stat(o.path() + "-wal")
	switch {
	case blocked != 0, err == nil && info.Size() > 0:
		return errHeld.With("dir", o.Dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	return nil
}

func roomToUpgrade(o Options, size int64) error {
	space, err := FreeSpace(o.Dir)
	if err != nil {
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	if needed := size + size/4 + upgradeRoom; space.Free < needed {
		return errMigrationRoom.With("dir", o.Dir).With("free", space.Free).With("needed", needed)
	}
	return nil
}

// copyFile copies a database that nobody has open. Not VACUUM INTO: the rows keep their places, and a file system that can
// share blocks does.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return errors.Join(out.Sync(), out.Close())
}

// migrateCopy runs the migrations on the copy and moves its log into it.
func migrateCopy(ctx context.Context, o Options) (err error) {
	pool, err := sql.Open(driverName, o.dsn(false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	p, err := provider(pool)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	var blocked, pages, moved int
	if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &pages, &moved); err != nil {
		return err
	}
	if blocked != 0 {
		return errHeld.With("dir", o.Dir)
	}
	return nil
}

// lookAtCopy reads the migrated copy as the new binary would: SQLite's own checks, the log of events, and whatever the
// packages above ask of it.
func lookAtCopy(ctx context.Context, o Options) (err error) {
	db := &DB{opts: o}
	if err := db.openReader(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.reader.pool.Close()) }()
	found, err := db.Check(ctx)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("%s: %s", found[0].Check, found[0].Detail)
	}
	if o.Migrated == nil {
		return nil
	}
	return db.Snapshot(ctx, o.Migrated)
}

func keptName(o Options, found schema) string {
	return fmt.Sprintf("%s.%04d-before-%04d", o.path(), found.version, found.known)
}

// swap keeps the old file under a second name, then gives its first one to the copy. Where a file system knows no second names
// the old file is copied.
func swap(o, work Options, found schema) error {
	kept := keptName(o, found)
	if err := os.Remove(kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Link(o.path(), kept); err != nil {
		if err := copyFile(o.path(), kept); err != nil {
			return err
		}
	}
	if err := errors.Join(SyncFile(work.path()), SyncFile(o.Dir)); err != nil {
		return err
	}
	if o.hooks.beforeSwap != nil {
		if err := o.hooks.beforeSwap(); err != nil {
			return err
		}
	}
	if err := os.Rename(work.path(), o.path()); err != nil {
		return err
	}
	return SyncFile(o.Dir)
}
