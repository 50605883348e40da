package data

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"

	"github.com/pressly/goose/v3"

	_ "modernc.org/sqlite" // the driver, known as "sqlite"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

const (
	driverName    = "sqlite"
	applicationID = 0x434D5054 // 'CMPT', set by migration 0001
	versionTable  = "schema_versions"
	pageSize      = 4096 // SQLite's default, read back by a test
)

// schema is what inspect found.
type schema struct {
	version int64 // newest migration of the file; 0 when there is nothing yet
	known   int64 // newest migration of this binary
}

// inspect refuses a file that is not ours, or is newer than we are, before anything could change it. A missing or
// empty file is fine, and so is one whose first start was cut short before the first migration was done.
func inspect(ctx context.Context, o Options) (found schema, err error) {
	pool, err := sql.Open(driverName, o.dsn(true))
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	return inspectBy(ctx, o, pool)
}

// inspectBy is inspect by connections that go on being used: the first one of all reads the whole log that a killed process
// left behind, and each that joins it later does not.
func inspectBy(ctx context.Context, o Options, pool *sql.DB) (found schema, err error) {
	if found.known, err = newestMigration(); err != nil {
		return found, err
	}
	info, err := os.Stat(o.path())
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return found, nil
	}
	if err != nil {
		return found, errDir.With("dir", o.Dir).Wrap(err)
	}
	if !info.Mode().IsRegular() {
		return found, errDir.With("dir", o.Dir).Wrap(fmt.Errorf("%s is no file", fileName))
	}
	var id, others int64
	err = pool.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema WHERE tbl_name NOT IN (?, 'sqlite_sequence'))`, versionTable).Scan(&id, &others)
	switch {
	case isNotADatabase(err):
		return found, errForeign.With("file", o.path()).Wrap(err)
	case isHalfDone(err) && info.Size() <= pageSize:
		return found, nil // the power went while the file was made: the writer undoes that, and there is no table yet
	case isHalfDone(err):
		return found, errForeign.With("file", o.path()).Wrap(err) // ours has a log, and never a rollback journal
	case err != nil:
		return found, fmt.Errorf("inspect %s: %w", fileName, o.unusable(err))
	case id == 0 && others == 0:
		return found, nil
	case id != applicationID:
		return found, errForeign.With("file", o.path())
	}
	if err := pool.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&found.version); err != nil {
		return found, errForeign.With("file", o.path()).Wrap(err)
	}
	if found.version > found.known {
		return found, errNewer.With("file", o.path()).With("version", found.version).With("known", found.known)
	}
	return found, nil
}

// newestMigration is the number of the last migration this binary carries.
func newestMigration() (int64, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return 0, fmt.Errorf("migrations: %w", err)
	}
	return goose.NumericComponent(path.Base(names[len(names)-1])) // in order: Glob sorts
}

// rewriteLog writes the log that the last run left over itself and syncs it. After a sync that failed, the
// system's cache shows frames as written that the disk never got and never will: SQLite would read them, move
// them into the database, and a power cut meanwhile would leave a log without them beside a database with half
// of them. Written once more they are on the disk before anything rests on them.
func rewriteLog(o Options) (err error) {
	name := o.path() + "-wal"
	log, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	defer func() { err = errors.Join(err, log.Close()) }() // the log has no locks that closing could drop
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := log.ReadAt(buf, at)
		if n > 0 {
			if _, err := log.WriteAt(buf[:n], at); err != nil {
				return fmt.Errorf("rewrite the log: %w", err)
			}
			at += int64(n)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("rewrite the log: %w", err)
		}
	}
	if err := log.Sync(); err != nil {
		return fmt.Errorf("rewrite the log: %w", err)
	}
	if o.hooks.afterRewrite != nil {
		o.hooks.afterRewrite(name)
	}
	return nil
}

// migrate makes the schema of a file that holds nothing yet. One of an older release was brought up to date before (upgrade).
func migrate(ctx context.Context, o Options, pool *sql.DB, found schema) error {
	if found.version == found.known {
		return o.unusable(pool.PingContext(ctx))
	}
	p, err := provider(pool)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", o.unusable(err))
	}
	return nil
}

func provider(pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithTableName(versionTable),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}
