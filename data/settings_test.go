package data_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
)

// pragmas of every connection of one kind, as SQLite reads them back.
var (
	shared = map[string]string{
		"busy_timeout": "10000", "synchronous": "2", "foreign_keys": "1", "recursive_triggers": "1", "temp_store": "2", "mmap_size": "0",
		"trusted_schema": "0", "cell_size_check": "1", "journal_mode": "wal", "page_size": "4096",
	}
	onWriter = map[string]string{
		"query_only": "0", "wal_autocheckpoint": "4000", "journal_size_limit": "67108864", "cache_size": "-4000",
	}
	onReader = map[string]string{"query_only": "1", "cache_size": "-1000"}
)

func wantPragmas(t *testing.T, where string, q data.Querier, all ...map[string]string) {
	t.Helper()
	for _, want := range all {
		for name, value := range want {
			var got string
			if err := q.QueryRow(t.Context(), `PRAGMA `+name).Scan(&got); err != nil || got != value {
				t.Errorf("%s: %s is %q, %v; want %q", where, name, got, err, value)
			}
		}
	}
}

// eachReader runs fn on every connection of the pool, all in use at once.
func eachReader(t *testing.T, db *data.DB, fn func(n int, q data.Querier)) {
	t.Helper()
	var nest func(n int) error
	nest = func(n int) error {
		if n == data.ReaderLimit {
			return nil
		}
		return db.Snapshot(t.Context(), func(_ context.Context, q data.Querier) error {
			fn(n, q)
			return nest(n + 1)
		})
	}
	if err := nest(0); err != nil {
		t.Fatal(err)
	}
}

func TestEverySettingHoldsOnTheWriterAndOnEveryReader(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, func(_ context.Context, tx *data.Tx) error {
		wantPragmas(t, "writer", tx, shared, onWriter)
		return nil
	})
	readers := 0
	eachReader(t, db, func(n int, q data.Querier) {
		readers++
		wantPragmas(t, "reader "+strconv.Itoa(n), q, shared, onReader)
	})
	if readers != 4 {
		t.Errorf("looked at %d readers, want 4", readers)
	}
}

func TestTheEngineIsFreeOfTheLogResetBug(t *testing.T) {
	db := datatest.Open(t)
	var version string
	if err := db.Reader().QueryRow(t.Context(), `SELECT sqlite_version()`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	var n [3]int
	for i, part := range strings.SplitN(version, ".", 3) {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil {
			t.Fatalf("version %q: %v", version, err)
		}
	}
	if got := n[0]*1_000_000 + n[1]*1_000 + n[2]; got < 3_051_003 {
		t.Errorf("SQLite %s is older than 3.51.3", version)
	}
}

func TestNoConnectionTakesANameInDoubleQuotesForText(t *testing.T) {
	db := datatest.Open(t)
	query := func(_ context.Context, q data.Querier) error {
		var s string
		return q.QueryRow(t.Context(), `SELECT "no such column"`).Scan(&s)
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error { return query(ctx, tx) }); err == nil {
		t.Error("the writer accepts it")
	}
	eachReader(t, db, func(n int, q data.Querier) {
		if query(t.Context(), q) == nil {
			t.Errorf("reader %d accepts it", n)
		}
	})
}

func TestAReaderCannotWrite(t *testing.T) {
	db := datatest.Open(t)
	eachReader(t, db, func(n int, q data.Querier) {
		var key string
		err := q.QueryRow(t.Context(), `INSERT INTO meta (key, value) VALUES ('a', 'b') RETURNING key`).Scan(&key)
		if err == nil || !strings.Contains(err.Error(), "readonly") {
			t.Errorf("reader %d: got %q, %v", n, key, err)
		}
	})
	wantKeys(t, db)
}

func TestTheWriterCannotDamageTheSchema(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if _, err := tx.Exec(ctx, `PRAGMA writable_schema = ON`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE sqlite_schema SET sql = '' WHERE name = 'events'`)
		return err
	})
	if err == nil {
		t.Error("the schema was changed")
	}
}

func TestStatementsThatAreKeptAreBounded(t *testing.T) {
	db := datatest.Open(t)
	for i := range data.StatementLimit + 50 {
		query := `SELECT ` + strconv.Itoa(i)
		if got := number(t, db.Reader(), query); got != int64(i) {
			t.Fatalf("got %d, want %d", got, i)
		}
	}
	mustWrite(t, db, func(_ context.Context, tx *data.Tx) error {
		for i := range data.StatementLimit + 50 {
			if got := number(t, tx, `SELECT `+strconv.Itoa(i)); got != int64(i) {
				t.Errorf("got %d, want %d", got, i)
			}
		}
		return nil
	})
	mustWrite(t, db, put("still", "works"))
	if w, r := data.Statements(db); w > data.StatementLimit || r > data.StatementLimit {
		t.Errorf("%d and %d statements are kept, want at most %d", w, r, data.StatementLimit)
	}
}

func TestADirectoryMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"Café de l'Été", "50% #1?mode=ro&vfs=none", "a:b", "+ %41"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() + "/" + name
			db := reopen(t, dir)
			mustWrite(t, db, put("k", "v"))
			if got := db.Dir(); got != dir {
				t.Errorf("got %q, want %q", got, dir)
			}
			wantFiles(t, dir, "lock", "till.db", "till.db-shm", "till.db-wal")
		})
	}
}
