package faultvfs_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"comptoir/data/datatest/faultvfs"

	"modernc.org/sqlite"
)

// Result codes of SQLite, as the driver reports them.
const (
	codeFull      = 13
	codeIOErrSync = 1034
)

// newFS is a file system named after the test, closed after the databases opened through it.
func newFS(t *testing.T) *faultvfs.FS {
	t.Helper()
	fs, err := faultvfs.New(t.Name())
	if err != nil {
		t.Fatalf("new file system: %v", err)
	}
	t.Cleanup(func() {
		if err := fs.Close(); err != nil {
			t.Errorf("close file system: %v", err)
		}
	})
	return fs
}

// open opens the database at path, through vfs unless it is "". Closing it may fail on a sick disk.
func open(t *testing.T, path, vfs, synchronous string) *sql.DB {
	t.Helper()
	dsn := "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(" + synchronous + ")&_pragma=wal_autocheckpoint(40)"
	if vfs != "" {
		dsn += "&vfs=" + vfs
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// sell inserts row n in a transaction of its own and returns the error of its COMMIT.
func sell(ctx context.Context, db *sql.DB, n int64) error {
	_, err := db.ExecContext(ctx, `INSERT INTO sales (n, body) VALUES (?, randomblob(700))`, n)
	return err
}

const schema = `CREATE TABLE sales (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT`

func code(t *testing.T, err error) int {
	t.Helper()
	var e *sqlite.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want one of SQLite's", err)
	}
	return e.Code()
}

func TestEveryCommitOfADurableLogIsOneSyncOfTheLog(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	exec(t, db, `PRAGMA wal_autocheckpoint=0`)
	fs.ResetCounts()
	for n := range int64(10) {
		if err := sell(t.Context(), db, n); err != nil {
			t.Fatal(err)
		}
	}
	c := fs.Counts()
	if c.WAL.Syncs != 10 || c.Main.Syncs != 0 {
		t.Errorf("got %d syncs of the log and %d of the database, want 10 and 0", c.WAL.Syncs, c.Main.Syncs)
	}
	if c.WAL.Bytes < 10*4096 || c.Main.Bytes != 0 {
		t.Errorf("got %d bytes to the log and %d to the database, want at least 40960 and 0", c.WAL.Bytes, c.Main.Bytes)
	}
	exec(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if c := fs.Counts(); c.Main.Syncs == 0 || c.Main.Bytes == 0 {
		t.Errorf("got %+v after a checkpoint, want the database written and synced", c.Main)
	}
}

func TestADelayedSyncIsCountedOnceEach(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	fs.ResetCounts()
	fs.DelaySync(time.Millisecond)
	for n := range int64(3) {
		if err := sell(t.Context(), db, n); err != nil {
			t.Fatal(err)
		}
	}
	c := fs.ResetCounts()
	if c.Delayed != c.Syncs() || c.Delayed < 3 || c.Delay != time.Duration(c.Delayed)*time.Millisecond {
		t.Errorf("got %d of %d syncs delayed by %v in all, want all, 1ms each", c.Delayed, c.Syncs(), c.Delay)
	}
	fs.DelaySync(0)
	if err := sell(t.Context(), db, 3); err != nil {
		t.Fatal(err)
	}
	if c := fs.Counts(); c.Delayed != 0 || c.Syncs() == 0 {
		t.Errorf("got %d of %d syncs delayed after the delay ended, want none", c.Delayed, c.Syncs())
	}
}

func TestAFailedSyncFailsItsCommitOnly(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	fs.FailSync(2)
	if err := sell(t.Context(), db, 1); err != nil {
		t.Errorf("first sale: %v", err)
	}
	if got := code(t, sell(t.Context(), db, 2)); got != codeIOErrSync {
		t.Errorf("second sale: got code %d, want %d", got, codeIOErrSync)
	}
	if err := sell(t.Context(), db, 3); err != nil {
		t.Errorf("third sale: %v", err)
	}
	if c := fs.Counts(); c.WAL.FailedSyncs != 1 {
		t.Errorf("got %d failed syncs, want 1", c.WAL.FailedSyncs)
	}
}

func TestADiskThatIsGoneFailsEverySyncUntilHealed(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	fs.FailSyncsFrom(1)
	for n := range int64(3) {
		if got := code(t, sell(t.Context(), db, n)); got != codeIOErrSync {
			t.Errorf("sale %d: got code %d, want %d", n, got, codeIOErrSync)
		}
	}
	fs.Heal()
	if err := sell(t.Context(), db, 9); err != nil {
		t.Errorf("after healing: %v", err)
	}
}

func TestAFullDiskRefusesWritesAndKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	if err := sell(t.Context(), db, 1); err != nil {
		t.Fatal(err)
	}
	fs.FailWritesFrom(1)
	for n := range int64(2) {
		if got := code(t, sell(t.Context(), db, 2+n)); got != codeFull {
			t.Errorf("got code %d, want %d", got, codeFull)
		}
	}
	fs.Heal()
	if got, want := rows(t, db), []int64{1}; !slices.Equal(got, want) {
		t.Errorf("got sales %v, want %v", got, want)
	}
}

func TestAHaltedDiskLeavesTheLogForTheNextProcess(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path, fs.Name(), "FULL")
	exec(t, db, schema)
	if err := sell(t.Context(), db, 1); err != nil {
		t.Fatal(err)
	}
	fs.Halt()
	if err := sell(t.Context(), db, 2); err == nil {
		t.Error("a sale succeeded on a halted disk")
	}
	_ = db.Close() // its checkpoint is refused
	fs.Heal()
	fs.ResetCounts()
	next := open(t, path, fs.Name(), "FULL")
	if got, want := rows(t, next), []int64{1}; !slices.Equal(got, want) {
		t.Errorf("got sales %v, want %v", got, want)
	}
	exec(t, next, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if c := fs.Counts(); c.Main.Bytes == 0 {
		t.Error("nothing was left in the log to check-point")
	}
}

func TestNamesAreUniqueAndFreedByClose(t *testing.T) {
	t.Parallel()
	if _, err := faultvfs.New(""); !errors.Is(err, faultvfs.ErrName) {
		t.Errorf("empty name: got %v, want ErrName", err)
	}
	first, err := faultvfs.New(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := faultvfs.New(t.Name()); !errors.Is(err, faultvfs.ErrName) {
		t.Errorf("name taken: got %v, want ErrName", err)
	}
	db := open(t, filepath.Join(t.TempDir(), "a.db"), first.Name(), "FULL")
	exec(t, db, schema)
	if err := first.Close(); !errors.Is(err, faultvfs.ErrInUse) {
		t.Errorf("close with a file open: got %v, want ErrInUse", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	newFS(t)
}

// rows lists the sales of a database.
func rows(t *testing.T, db *sql.DB) (found []int64) {
	t.Helper()
	r, err := db.QueryContext(t.Context(), `SELECT n FROM sales ORDER BY n`)
	if err != nil {
		t.Fatalf("sales: %v", err)
	}
	defer func() { _ = r.Close() }()
	for r.Next() {
		var n int64
		if err := r.Scan(&n); err != nil {
			t.Fatal(err)
		}
		found = append(found, n)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// inspect saves a disk, opens its a.db as a new process would and returns the sales in it.
func inspect(t *testing.T, d faultvfs.Disk) []int64 {
	t.Helper()
	dir := t.TempDir()
	if err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	db := open(t, filepath.Join(dir, "a.db"), "", "FULL")
	var integrity string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
		t.Fatalf("integrity check: %q, %v", integrity, err)
	}
	found := rows(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return found
}

// recordSales records 60 sales, each marked when its COMMIT returned.
func recordSales(t *testing.T, synchronous string) *faultvfs.Record {
	t.Helper()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), synchronous)
	exec(t, db, schema)
	exec(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	for n := range int64(60) {
		if err := sell(t.Context(), db, n); err != nil {
			t.Fatal(err)
		}
		fs.Mark(n)
	}
	rec, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// cutsThatLose counts the power cuts, of 200, after which an acknowledged sale is not there.
func cutsThatLose(t *testing.T, rec *faultvfs.Record) (losing int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(2018, 9))
	for range 200 {
		d := faultvfs.Image(rec, rng.IntN(len(rec.Ops)+1), rng)
		found := inspect(t, d)
		for _, n := range d.Marks {
			if !slices.Contains(found, n) {
				losing++
				break
			}
		}
	}
	return losing
}

func TestAPowerCutLosesNothingAcknowledgedWhenCommitsAreSynced(t *testing.T) {
	t.Parallel()
	if got := cutsThatLose(t, recordSales(t, "FULL")); got != 0 {
		t.Errorf("%d of 200 cuts lost an acknowledged sale, want none", got)
	}
}

func TestAPowerCutShowsTheLossWhenCommitsAreNotSynced(t *testing.T) {
	t.Parallel()
	got := cutsThatLose(t, recordSales(t, "NORMAL"))
	if got == 0 {
		t.Error("no cut lost an acknowledged sale: the simulation cannot see a loss")
	}
	t.Logf("%d of 200 cuts lost an acknowledged sale", got)
}

// After a failed sync the log can be read and is not on the disk. Selling on behind it loses
// every later sale; a checkpoint first, as every start does, loses none.
func TestSalesBehindAFailedSyncAreLostUnlessTheLogIsCheckpointedFirst(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		checkpoint bool
		lost       int
	}{
		"selling on":       {checkpoint: false, lost: 20},
		"checkpoint first": {checkpoint: true, lost: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fs := newFS(t)
			path := filepath.Join(t.TempDir(), "a.db")
			db := open(t, path, fs.Name(), "FULL")
			exec(t, db, schema)
			exec(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
			if err := fs.StartRecord(); err != nil {
				t.Fatal(err)
			}
			if err := sell(t.Context(), db, -1); err != nil { // so that the log has its header
				t.Fatal(err)
			}
			fs.FailSync(1)
			if got := code(t, sell(t.Context(), db, 0)); got != codeIOErrSync {
				t.Fatalf("got code %d, want %d", got, codeIOErrSync)
			}
			fs.Halt()
			_ = db.Close()
			fs.Heal()

			next := open(t, path, fs.Name(), "FULL")
			exec(t, next, `PRAGMA wal_autocheckpoint=0`)
			if tc.checkpoint {
				exec(t, next, `PRAGMA wal_checkpoint(TRUNCATE)`)
			}
			for n := int64(1); n <= 20; n++ {
				if err := sell(t.Context(), next, n); err != nil {
					t.Fatal(err)
				}
				fs.Mark(n)
			}
			rec, err := fs.StopRecord()
			if err != nil {
				t.Fatal(err)
			}
			d := faultvfs.Image(rec, len(rec.Ops), rand.New(rand.NewPCG(1, 1)))
			found, lost := inspect(t, d), 0
			for _, n := range d.Marks {
				if !slices.Contains(found, n) {
					lost++
				}
			}
			if lost != tc.lost {
				t.Errorf("got %d of %d acknowledged sales lost, want %d", lost, len(d.Marks), tc.lost)
			}
		})
	}
}

func TestTheSameSeedRebuildsTheSameDisk(t *testing.T) {
	t.Parallel()
	rec := recordSales(t, "NORMAL")
	cut := len(rec.Ops) / 2
	a := faultvfs.Image(rec, cut, rand.New(rand.NewPCG(5, 5)))
	b := faultvfs.Image(rec, cut, rand.New(rand.NewPCG(5, 5)))
	for name := range a.Files {
		if !slices.Equal(a.Files[name], b.Files[name]) {
			t.Errorf("%s differs", filepath.Base(name))
		}
	}
	if len(a.Files) < 2 || len(a.Files) != len(b.Files) {
		t.Errorf("got %d and %d files, want the database and its log in both", len(a.Files), len(b.Files))
	}
}

func TestOneWriteFailsAndThatItDidIsKnownAfterwards(t *testing.T) {
	t.Parallel()
	fs := newFS(t)
	db := open(t, filepath.Join(t.TempDir(), "a.db"), fs.Name(), "FULL")
	exec(t, db, schema)
	fs.FailWrite(1)
	if fs.Met() {
		t.Error("it was met before it came")
	}
	if err := sell(t.Context(), db, 1); err == nil {
		t.Error("a sale succeeded although a write of it failed")
	}
	fs.Heal()
	if !fs.Met() {
		t.Error("that a write failed is forgotten")
	}
	fs.FailWrite(10_000)
	if err := sell(t.Context(), db, 2); err != nil || fs.Met() {
		t.Errorf("a fault that is far off: %v, met %t", err, fs.Met())
	}
}
