package data

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/pressly/goose/v3"

	_ "modernc.org/sqlite" // the driver, known as "sqlite"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

const (
	driverName    = "sqlite"
	applicationID = 0x434D5054 // 'CMPT', set by migration 0001
	versionTable  = "schema_versions"
)

// inspect refuses a file that is not ours before anything could change it. A missing or empty file is fine.
func inspect(ctx context.Context, o Options) (exists bool, err error) {
	info, err := os.Stat(o.path())
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return false, nil
	}
	if err != nil {
		return false, errDir.With("dir", o.Dir).Wrap(err)
	}
	pool, err := sql.Open(driverName, o.dsn(true))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var id, tables int64
	err = pool.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)").Scan(&id, &tables)
	switch {
	case isNotADatabase(err):
		return true, errForeign.With("file", o.path()).Wrap(err)
	case err != nil:
		return true, fmt.Errorf("inspect %s: %w", fileName, err)
	case id != applicationID && tables > 0:
		return true, errForeign.With("file", o.path())
	}
	return tables > 0, nil
}

// migrate brings the schema up to this binary's. A copy is kept beside the file before one that holds anything
// is touched; a file written by a newer binary is refused.
func migrate(ctx context.Context, o Options, pool *sql.DB, exists bool) error {
	p, err := provider(pool)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	switch {
	case current > target:
		return errNewer.With("file", o.path()).With("version", current).With("known", target)
	case current == target:
		return nil
	}
	if exists {
		copyPath := fmt.Sprintf("%s.before-%04d", o.path(), target)
		if err := os.Remove(copyPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("copy before migrating: %w", err)
		}
		if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", copyPath); err != nil {
			return fmt.Errorf("copy before migrating: %w", err)
		}
		o.Log.InfoContext(ctx, "database copied before migrating", slog.Int64("from", current), slog.Int64("to", target))
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
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

// checkVersion is migrate for a read-only connection: it only refuses.
func checkVersion(ctx context.Context, o Options, pool *sql.DB) error {
	p, err := provider(pool)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	target := sources[len(sources)-1].Version
	var current int64
	if err := pool.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&current); err != nil {
		return errForeign.With("file", o.path()).Wrap(err)
	}
	if current > target {
		return errNewer.With("file", o.path()).With("version", current).With("known", target)
	}
	return nil
}
