package data_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
)

func TestWhatIsToldOfADiskNamesWhatItDid(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct {
		err  error
		code string
	}{
		{nil, ""},
		{errSorry, ""},
		{fmt.Errorf("open: %w", syscall.ENOSPC), "data.full"},
		{&fs.PathError{Op: "open", Path: "lock", Err: syscall.EDQUOT}, "data.full"},
		{syscall.EROFS, "data.read_only"},
		{syscall.EACCES, "data.directory"},
		{syscall.EIO, "data.stopped"},
		{data.DiskFailure(errSorry), "data.stopped"},
	} {
		if got := fault.CodeOf(data.Trouble(dir, tc.err)); got != tc.code {
			t.Errorf("%v: got %q, want %q", tc.err, got, tc.code)
		}
	}
	if e, ok := fault.As(data.Trouble(dir, syscall.ENOSPC)); !ok || e.Args["needed"] != int64(data.RoomToSell) || e.Args["free"] == nil {
		t.Errorf("a full disk does not tell how much is free and needed: %v", e.Args)
	}
}

func TestAProbeTriesTheDiskAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := data.Probe(dir); err != nil {
		t.Errorf("a good disk: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	wantCode(t, data.Probe(filepath.Join(dir, "gone")), "data.directory")
	space, err := data.FreeSpace(dir)
	if err != nil || space.Free <= 0 || space.Total < space.Free || space.ReadOnly {
		t.Errorf("got %+v, %v", space, err)
	}
	if s := (data.Space{Free: data.RoomShort}); s.Short() || !s.Low() {
		t.Errorf("%d bytes: short %t, low %t", s.Free, s.Short(), s.Low())
	}
}

// spoiled makes a database of some pages and spoils it, closed.
func spoiled(t *testing.T, spoil func(t *testing.T, file string)) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db := start(t, dir)
	for i := range 50 {
		mustWrite(t, db, put(fmt.Sprintf("key-%03d", i), string(make([]byte, 3000))))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, filepath.Join(dir, "till.db"))
	return dir
}

// zero overwrites pages of a file.
func zero(t *testing.T, file string, from, n int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt(make([]byte, n*4096), from*4096)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDamageMetByAReaderStopsAllWriting: what is written next might rest on it.
func TestDamageMetByAReaderStopsAllWriting(t *testing.T) {
	dir := spoiled(t, func(t *testing.T, file string) {
		t.Helper()
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		zero(t, file, info.Size()/4096-30, 30)
	})
	before, err := os.ReadFile(filepath.Join(dir, "till.db"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := data.Open(t.Context(), data.Options{Dir: dir})
	if err != nil {
		wantCode(t, data.Trouble(dir, err), "data.damaged")
		return
	}
	defer func() { _ = db.Close() }()
	if _, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err }, "SELECT value FROM meta ORDER BY key LIMIT -1"); err == nil {
		t.Fatal("the damage is not met")
	}
	<-db.Failed()
	wantCode(t, db.Trouble(), "data.damaged")
	wantCode(t, db.Write(t.Context(), sell("late")), "data.damaged")
	_ = db.Close()
	if after, err := os.ReadFile(filepath.Join(dir, "till.db")); err != nil || !slices.Equal(before, after) {
		t.Errorf("the damaged file was changed (%v)", err)
	}
}

func TestADamagedFileIsRefusedUnchanged(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, file string)
		code  string // of Trouble, else of the error itself
	}{
		"the first page is zeros": {func(t *testing.T, file string) { t.Helper(); zero(t, file, 0, 1) }, "data.foreign"},
		"it is cut off": {func(t *testing.T, file string) {
			t.Helper()
			if err := os.Truncate(file, 5*4096); err != nil {
				t.Fatal(err)
			}
		}, "data.damaged"},
		"all but the first page is zeros": {func(t *testing.T, file string) {
			t.Helper()
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			zero(t, file, 1, info.Size()/4096-1)
		}, "data.damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := spoiled(t, tc.spoil)
			before, err := os.ReadFile(filepath.Join(dir, "till.db"))
			if err != nil {
				t.Fatal(err)
			}
			db, err := data.Open(t.Context(), data.Options{Dir: dir})
			if err == nil {
				_ = db.Close()
				t.Fatal("it opened")
			}
			if trouble := data.Trouble(dir, err); trouble != nil {
				err = trouble
			}
			wantCode(t, err, tc.code)
			if after, err := os.ReadFile(filepath.Join(dir, "till.db")); err != nil || !slices.Equal(before, after) {
				t.Errorf("it was changed (%v)", err)
			}
		})
	}
}

// TestClosingAfterAFailedSyncLeavesTheLogToTheNextStart: SQLite would sync it again, believe that, and remove it.
func TestClosingAfterAFailedSyncLeavesTheLogToTheNextStart(t *testing.T) {
	dir, disk := t.TempDir(), newDisk(t)
	db := reopen(t, dir, on(disk))
	mustWrite(t, db, sell("before"))
	disk.FailSync(1)
	wantCode(t, db.Write(t.Context(), sell("unknown")), "data.unknown")
	log := filepath.Join(dir, "till.db-wal")
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	disk.ResetCounts()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if c := disk.Counts(); c.Syncs() != 0 || c.Bytes() != 0 {
		t.Errorf("closing wrote %d bytes and synced %d times", c.Bytes(), c.Syncs())
	}
	if after, err := os.ReadFile(log); err != nil || !slices.Equal(before, after) {
		t.Errorf("the log is not as the failure left it (%v)", err)
	}
	wantKeys(t, reopen(t, dir, on(disk)), "before", "unknown")
}

// TestASickDatabaseOpenedAgainInTheSameProcessLosesNothing: as a restart of the process does, the log is rewritten and
// truncated before the first sale; then the power goes.
func TestASickDatabaseOpenedAgainInTheSameProcessLosesNothing(t *testing.T) {
	rng, disk := seeded(t), newDisk(t)
	s := &service{t: t, rng: rng, fs: disk, dir: t.TempDir()}
	s.open()
	if err := disk.StartRecord(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{1, 2, 4, 5} {
		if err := s.do(n); err != nil {
			t.Fatal(err)
		}
	}
	disk.FailSync(1)
	wantCode(t, s.do(6), "data.unknown")
	if err := s.db.Close(); err != nil { // not killed: closed, as the running service does it
		t.Fatal(err)
	}
	s.open()
	if err := s.do(6); err != nil {
		t.Fatal(err)
	}
	for n := int64(100); n < 124; n++ {
		if err := s.do(n); err != nil && !refused(n) {
			t.Fatal(err)
		}
	}
	s.die()
	rec, err := disk.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		image := faultvfs.Image(rec, len(rec.Ops), rng)
		if lost := missing(t, image); len(lost) > 0 {
			t.Fatalf("lost %v of %d", lost, len(image.Marks))
		}
		if wrong := after(t, image); len(wrong) > 0 {
			t.Fatalf("got %q", wrong)
		}
	}
}

func TestCommitTimesCountEveryCommit(t *testing.T) {
	disk := newDisk(t)
	db := datatest.Open(t, on(disk))
	if c := db.CommitTimes(); c.Slow() {
		t.Errorf("slow before anything was written: %+v", c)
	}
	before := db.CommitTimes().Count
	for i := range 30 {
		mustWrite(t, db, sell(fmt.Sprint(i)))
	}
	disk.DelaySync(3 * time.Millisecond)
	mustWrite(t, db, sell("late"))
	c := db.CommitTimes()
	var counted int64
	for _, b := range c.Buckets {
		counted += b.Count
	}
	if c.Count != before+31 || counted != c.Count || c.Recent != int(min(c.Count, 100)) || c.Max < 3*time.Millisecond || c.P50 > c.P95 || c.P95 > c.Max || c.Sum < c.Max {
		t.Errorf("got %+v", c)
	}
	if free := testing.AllocsPerRun(100, func() { data.AddCommitTime(db, time.Millisecond) }); free > 0 {
		t.Errorf("%v allocations a commit", free)
	}
	for range 100 {
		data.AddCommitTime(db, data.SlowCommit+time.Millisecond)
	}
	if c := db.CommitTimes(); !c.Slow() || c.Recent != 100 {
		t.Errorf("got %+v, want slow", c)
	}
}
