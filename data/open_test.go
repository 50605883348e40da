package data_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func options(dir string) data.Options { return data.Options{Dir: dir, Clock: datatest.NewClock()} }

// wantFiles lists a directory.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got files %q, want %q", got, want)
	}
}

// wantRefused checks that both ways to open refuse a directory, and leave its database byte for byte.
func wantRefused(t *testing.T, dir, code, codeReadOnly string) {
	t.Helper()
	file := filepath.Join(dir, "till.db")
	before, _ := os.ReadFile(file) // none is the same afterwards too
	for how, open := range map[string]func(context.Context, data.Options) (*data.DB, error){code: data.Open, codeReadOnly: data.OpenReadOnly} {
		if how == "" {
			continue
		}
		for range 2 { // the refusal holds no lock and leaves nothing that changes the answer
			db, err := open(t.Context(), options(dir))
			wantCode(t, err, how)
			if err == nil {
				_ = db.Close()
			}
		}
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

// foreign makes a database by other hands.
func foreign(t *testing.T, dir string, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "till.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	for _, s := range statements {
		if _, err := pool.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestAStrangeFileIsRefusedUnchanged(t *testing.T) {
	for name, statements := range map[string][]string{
		"another program's":           {`CREATE TABLE notes (n INTEGER)`},
		"another program's, with log": {`PRAGMA journal_mode=WAL`, `CREATE TABLE notes (n INTEGER)`},
		"marked, and empty":           {`PRAGMA application_id = 252006673`, `PRAGMA user_version = 1`},
		"ours by its mark only":       {fmt.Sprintf(`PRAGMA application_id = %d`, data.ApplicationID), `CREATE TABLE notes (n INTEGER)`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			foreign(t, dir, statements...)
			wantRefused(t, dir, "data.foreign", "data.foreign")
		})
	}
	for name, content := range map[string]string{
		"a text":       "This is not a database.\n",
		"a long text":  string(bytes.Repeat([]byte("Not a database. "), 1000)),
		"a cut header": "SQLite format 3\x00\x10\x00\x01\x01",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "till.db"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, dir, "data.foreign", "data.foreign")
		})
	}
}

// made makes a café's database and changes it behind the kernel's back.
func made(t *testing.T, statements ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := data.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, db, sell("a"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	foreign(t, dir, statements...)
	return dir
}

func TestANewerDatabaseIsRefusedUnchanged(t *testing.T) {
	dir := made(t, `INSERT INTO schema_versions (version_id, is_applied) VALUES (9999, 1)`)
	wantRefused(t, dir, "data.newer", "data.newer")
	_, err := data.Open(t.Context(), options(dir))
	if e, ok := fault.As(err); !ok || e.Args["version"] != int64(9999) {
		t.Errorf("%v does not tell the version", err)
	}
}

func TestADirectoryThatCannotBeUsedIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("it is a file", func(t *testing.T) { wantRefused(t, file, "data.directory", "") })
	t.Run("it would lie in a file", func(t *testing.T) { wantRefused(t, filepath.Join(file, "cafe"), "data.directory", "") })
	for _, name := range []string{"lock", "till.db"} {
		t.Run(name+" is a directory", func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, dir, "data.directory", "")
		})
	}
	t.Run("a full disk", func(t *testing.T) {
		fs := newDisk(t)
		fs.FailWritesFrom(1)
		dir := t.TempDir()
		if _, err := data.Open(t.Context(), data.Options{Dir: dir, VFS: fs.Name()}); err == nil {
			t.Fatal("it opened")
		}
		fs.Heal()
		mustWrite(t, reopen(t, dir, on(fs)), sell("a"))
	})
}

func TestReadOnlyNeedsADatabaseAndMakesNone(t *testing.T) {
	dir := t.TempDir()
	wantRefused(t, dir, "", "data.absent")
	wantRefused(t, filepath.Join(dir, "missing"), "", "data.absent")
	wantFiles(t, dir)
}

// A damaged database must be refused, not waited for: the writer that was never started cannot end.
func TestAnOpeningThatFailsLateGivesEverythingBack(t *testing.T) {
	dir := made(t, `DELETE FROM meta WHERE key = 'epoch'`)
	for range 2 {
		if _, err := data.Open(t.Context(), options(dir)); fault.CodeOf(err) != "internal" {
			t.Errorf("got %v", err)
		}
		if _, err := data.OpenReadOnly(t.Context(), options(dir)); fault.CodeOf(err) != "internal" {
			t.Errorf("read-only: got %v", err)
		}
	}
	foreign(t, dir, `INSERT INTO meta (key, value) VALUES ('epoch', '1')`)
	wantKeys(t, reopen(t, dir), "a")
}

func TestOneServiceHoldsADirectory(t *testing.T) {
	dir := t.TempDir()
	db := start(t, dir)
	_, err := data.Open(t.Context(), options(dir))
	wantCode(t, err, "data.locked")
	if e, ok := fault.As(err); !ok || e.Args["pid"] != strconv.Itoa(os.Getpid()) {
		t.Errorf("%v does not name process %d", err, os.Getpid())
	}
	mustWrite(t, db, sell("still works"))
	for range 2 {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	wantKeys(t, reopen(t, dir), "still works")
}

// A child that is being started holds copies of all files until it runs its own program.
func TestTheLockIsGivenBackWhileAChildIsBeingStarted(t *testing.T) {
	dir := t.TempDir()
	db, err := data.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	copied := -1
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no list of open files on this system")
	}
	for _, f := range files {
		if at, err := os.Readlink(filepath.Join("/proc/self/fd", f.Name())); err == nil && at == filepath.Join(dir, "lock") {
			n, _ := strconv.Atoi(f.Name())
			if copied, err = syscall.Dup(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	if copied < 0 {
		t.Fatal("the lock is no open file")
	}
	defer func() { _ = syscall.Close(copied) }()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := data.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatalf("the directory is free and does not open: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestReadOnlyWorksBesideARunningService(t *testing.T) {
	dir := t.TempDir()
	db := reopen(t, dir)
	mustWrite(t, db, sell("a"))
	doctor, err := data.OpenReadOnly(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, doctor, "a")
	mustWrite(t, db, sell("b"))
	wantKeys(t, doctor, "a", "b")
	datatest.Audit(t, doctor)
	wantCode(t, doctor.Write(t.Context(), sell("c")), "data.stopped")
	select {
	case <-doctor.Failed():
		t.Error("what never writes has failed to write")
	default:
	}
	if seq, _ := doctor.EventHead(); seq != 1 { // as it was when it opened
		t.Errorf("got head %d, want 1", seq)
	}
	if err := doctor.Close(); err != nil {
		t.Error(err)
	}
	mustWrite(t, db, sell("c"))
}

func TestASnapshotStaysAsItIs(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	err := db.Snapshot(t.Context(), func(_ context.Context, q data.Querier) error {
		before := keys(t, q)
		mustWrite(t, db, sell("b"))
		if after := keys(t, q); !slices.Equal(before, after) || len(after) != 1 {
			t.Errorf("got %q, then %q", before, after)
		}
		if n := number(t, q, `SELECT count(*) FROM events`); n != 1 {
			t.Errorf("another query of it sees %d events, want 1", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	wantKeys(t, db, "a", "b")
}

// abandoned leaves a directory as a killed process would: its log not moved into the database.
func abandoned(t *testing.T) (dir string) {
	t.Helper()
	fs := newDisk(t)
	dir = t.TempDir()
	db := start(t, dir, on(fs))
	mustWrite(t, db, sell("a"))
	fs.Halt()
	_ = db.Close()
	if info, err := os.Stat(filepath.Join(dir, "till.db-wal")); err != nil || info.Size() == 0 {
		t.Fatalf("the log was not left behind: %v, %v", info, err)
	}
	return dir
}

func TestTheLogIsMovedIntoTheDatabaseBeforeTheFirstSale(t *testing.T) {
	dir := abandoned(t)
	rewritten := ""
	db := reopen(t, dir, data.Weak(data.TellRewrites(func(path string) { rewritten = path })))
	log := filepath.Join(dir, "till.db-wal")
	if info, err := os.Stat(log); err != nil || info.Size() != 0 {
		t.Errorf("the log has %d bytes, %v; want none", info.Size(), err)
	}
	if rewritten != log {
		t.Errorf("rewritten: %q, want %q", rewritten, log)
	}
	wantKeys(t, db, "a")
}

// A reader elsewhere keeps SQLite from truncating the log, and SQLite reports that as no error.
func TestAServiceDoesNotSellWhileAReaderKeepsTheOldLog(t *testing.T) {
	dir := abandoned(t)
	doctor, err := data.OpenReadOnly(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	impatient := options(dir)
	data.WaitForOthers(time.Millisecond)(&impatient)
	err = doctor.Snapshot(t.Context(), func(_ context.Context, q data.Querier) error {
		keys(t, q)
		_, err := data.Open(t.Context(), impatient)
		wantCode(t, err, "data.held")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := doctor.Close(); err != nil {
		t.Error(err)
	}
	wantKeys(t, reopen(t, dir), "a")
}

// Somebody looks into the live file with another program and forgets a transaction: an obstacle, not a sick disk.
func TestAStrangerWhoHoldsTheFileMakesTheTillBusyAndDoesNotStopIt(t *testing.T) {
	dir := t.TempDir()
	db := reopen(t, dir, data.Weak(data.WaitForOthers(time.Millisecond)))
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "till.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, db.Write(t.Context(), sell("a")), "data.busy")
	if err := stranger.Rollback(); err != nil {
		t.Error(err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	mustWrite(t, db, sell("b"))
	wantKeys(t, db, "b")
}

func TestReadyFollowsTheWriter(t *testing.T) {
	db := datatest.Open(t)
	if err := db.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if db.Err() != nil {
		t.Error(db.Err())
	}
}
