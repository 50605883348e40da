package data_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
)

func migrations(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(data.MigrationFiles, "migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(data.MigrationFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// newest is the number of the last migration.
func newest(t *testing.T) int64 {
	t.Helper()
	last := slices.Max(slices.Collect(maps.Keys(migrations(t))))
	n, err := strconv.ParseInt(strings.TrimPrefix(last, "migrations/")[:4], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrationsAreNumberedWithoutGap(t *testing.T) {
	all := migrations(t)
	names, err := fs.Glob(data.MigrationFiles, "migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("got %s where %s… was due", name, want)
		}
	}
	if len(all) == 0 {
		t.Error("no migrations")
	}
}

// A constraint that waits for COMMIT, or a refusal that rolls back everything, would let one closure take the
// whole batch with it.
func TestMigrationsKeepTheRulesOfTheKernel(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"goes back":                         regexp.MustCompile(`(?i)\+goose\s+Down`),
		"runs outside a transaction":        regexp.MustCompile(`(?i)NO\s+TRANSACTION`),
		"puts a constraint off to COMMIT":   regexp.MustCompile(`(?i)\bDEFERR(ED|ABLE)\b|defer_foreign_keys`),
		"rolls back a batch on a conflict":  regexp.MustCompile(`(?i)(OR|CONFLICT)\s+ROLLBACK`),
		"rolls back a batch from a trigger": regexp.MustCompile(`(?i)RAISE\s*\(\s*ROLLBACK`),
	}
	for name, text := range migrations(t) {
		for what, pattern := range forbidden {
			if at := pattern.FindString(text); at != "" {
				t.Errorf("%s %s: %q", name, what, at)
			}
		}
	}
}

func TestEveryTableIsStrict(t *testing.T) {
	db := datatest.Open(t)
	loose, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
			AND name NOT LIKE 'sqlite%' AND name <> 'schema_versions' ORDER BY name`)
	if err != nil || len(loose) != 0 {
		t.Errorf("not STRICT: %q, %v", loose, err)
	}
}

// older makes a database as the first release left it: the kernel's own migration and one row.
func older(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text, err := fs.ReadFile(data.MigrationFiles, "migrations/0001_kernel.sql")
	if err != nil {
		t.Fatal(err)
	}
	foreign(t, dir, `PRAGMA journal_mode = WAL`,
		`CREATE TABLE schema_versions (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
			tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO schema_versions (version_id, is_applied) VALUES (0, 1), (1, 1)`,
		string(text), `INSERT INTO meta (key, value) VALUES ('old', 'row')`)
	return dir
}

func TestACopyIsKeptBeforeADatabaseIsMigrated(t *testing.T) {
	dir := older(t)
	if _, err := data.OpenReadOnly(t.Context(), options(dir)); err == nil {
		t.Error("what is not migrated can be read with today's queries")
	} else {
		wantCode(t, err, "data.older")
	}
	db := reopen(t, dir)
	wantKeys(t, db, "old")
	last := number(t, db.Reader(), `SELECT max(version_id) FROM schema_versions`)
	if last != newest(t) {
		t.Errorf("migrated to %d, want %d", last, newest(t))
	}
	name := fmt.Sprintf("till.db.0001-before-%04d", last)
	saved := t.TempDir()
	if err := os.Rename(filepath.Join(dir, name), filepath.Join(saved, "till.db")); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, "lock", "till.db", "till.db-shm", "till.db-wal")
	again := reopen(t, saved) // the copy is a database of its own, as old as it was
	wantKeys(t, again, "old")
	if _, err := os.Stat(filepath.Join(saved, name)); err != nil {
		t.Errorf("the copy was not of the old schema: %v", err)
	}
}

func TestAFreshOrCurrentDatabaseIsNotCopied(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		db, err := data.Open(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, dir, "lock", "till.db")
	}
}

func TestAMigrationThatFailsKeepsTheCopyAndTheDatabase(t *testing.T) {
	dir := older(t)
	foreign(t, dir, `CREATE TABLE journal (in_the_way INTEGER)`)
	for range 2 {
		if _, err := data.Open(t.Context(), options(dir)); err == nil {
			t.Fatal("it opened")
		}
	}
	foreign(t, dir, `DROP TABLE journal`)
	wantKeys(t, reopen(t, dir), "old")
	if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("till.db.0001-before-%04d", newest(t)))); err != nil {
		t.Error(err)
	}
}

func TestMigrationsAreCancelledWhole(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := data.Open(ctx, options(dir)); err == nil {
		t.Fatal("it opened")
	}
	mustWrite(t, reopen(t, dir), sell("a"))
}
