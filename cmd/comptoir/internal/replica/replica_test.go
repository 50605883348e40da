package replica_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cafe is a small café with a copy.
type cafe struct {
	t      *testing.T
	dir    string
	target replica.Target
	change func(*replica.Config)

	db   *data.DB
	copy *replica.Replica
	stop func()
}

func newCafe(t *testing.T, target replica.Target, change ...func(*replica.Config)) *cafe {
	t.Helper()
	c := &cafe{t: t, dir: t.TempDir(), target: target}
	if len(change) > 0 {
		c.change = change[0]
	}
	c.open()
	t.Cleanup(func() { c.close() })
	return c
}

func folderTarget(t *testing.T) replica.Target {
	t.Helper()
	return replica.Target{Kind: replica.Folder, Path: t.TempDir()}
}

// open opens the café as serving does: what the last run left, the database, the copy.
func (c *cafe) open() {
	c.t.Helper()
	found := replica.Find(c.dir)
	db, err := data.Open(c.t.Context(), data.Options{Dir: c.dir, Clock: datatest.NewClock()})
	if err != nil {
		c.t.Fatal(err)
	}
	config := replica.Config{DB: db, Dir: c.dir, Cafe: "CAFE-1", Epoch: 1, Key: []byte("of CAFE-1"), Target: c.target, Found: found, Every: time.Millisecond}
	if c.change != nil {
		c.change(&config)
	}
	kept, err := replica.New(c.t.Context(), config)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); kept.Run(ctx) }()
	c.db, c.copy, c.stop = db, kept, func() { cancel(); <-ended }
}

// close ends the café as serving does.
func (c *cafe) close() {
	c.t.Helper()
	if c.db == nil {
		return
	}
	c.stop()
	if err := c.db.Close(); err != nil {
		c.t.Error(err)
	}
	if err := replica.Seal(c.dir); err != nil {
		c.t.Error(err)
	}
	c.db = nil
}

func (c *cafe) sell(from, to int) {
	c.t.Helper()
	for i := from; i < to; i++ {
		err := c.db.Write(c.t.Context(), func(ctx context.Context, tx *data.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)`, fmt.Sprintf("sale.%06d", i), strings.Repeat("x", 900)); err != nil {
				return err
			}
			return tx.Record(data.Event{Type: "sold", Body: i})
		})
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *cafe) sync() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	for { // a place that was out of reach is tried again
		err := c.copy.Sync(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			c.t.Fatalf("the copy is not complete: %v (%v)", err, c.copy.State())
		}
	}
}

// await waits until the copy's state has a code.
func (c *cafe) await(code string) replica.State {
	c.t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for {
		s := c.copy.State()
		if s.Code == code {
			return s
		}
		if time.Now().After(limit) {
			c.t.Fatalf("the copy says %q, want %q", s.Code, code)
		}
	}
}

// fetch restores the copy into a folder of its own, audits it, and counts its sales.
func fetch(t *testing.T, target replica.Target) (sales int, got replica.Fetched) {
	t.Helper()
	dir := t.TempDir()
	got, err := replica.Fetch(t.Context(), target, filepath.Join(dir, "till.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := datatest.Open(t, func(o *data.Options) { o.Dir = dir })
	err = db.Reader().QueryRow(t.Context(), `SELECT count(*) FROM meta WHERE key LIKE 'sale.%'`).Scan(&sales)
	if err != nil {
		t.Fatal(err)
	}
	return sales, got
}

func wantSales(t *testing.T, target replica.Target, want int) {
	t.Helper()
	if got, _ := fetch(t, target); got != want {
		t.Errorf("the copy has %d sales, want %d", got, want)
	}
}

// wholes counts the copies of the whole database in a folder.
func wholes(t *testing.T, target replica.Target) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(target.Path, "e*", "ltx", "9", "*.ltx"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestACopyInAFolderIsTheCafe(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	for i := range 5 { // files of their own, and merged ones
		c.sell(40*i, 40*i+40)
		c.sync()
	}
	wantSales(t, c.target, 200)
	first := wholes(t, c.target)
	c.close()
	c.open()
	c.sell(200, 210)
	c.sync()
	wantSales(t, c.target, 210)
	if again := wholes(t, c.target); len(first) != 1 || !slices.Equal(first, again) {
		t.Errorf("after a clean stop the whole database was copied again: %q, then %q", first, again)
	}
}

// The machine is unplugged at closing time: the next start copies what changed, and not the whole database.
func TestAPowerCutCopiesWhatChangedOnly(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	c.sell(0, 30)
	c.sync()
	gone := c.target.Path + ".away"
	if err := os.Rename(c.target.Path, gone); err != nil {
		t.Fatal(err)
	}
	c.sell(30, 200) // the log is moved and begun again meanwhile
	c.await("copy.unreachable")
	cut := t.TempDir()
	copyFiles(t, cut, c.dir)
	c.stop() // it writes to the place no more
	must(t, c.db.Close())
	must(t, os.Rename(gone, c.target.Path))
	first := wholes(t, c.target)
	c.dir = cut
	c.open()
	c.sync()
	wantSales(t, c.target, 200)
	if again := wholes(t, c.target); !slices.Equal(first, again) {
		t.Errorf("the whole database was copied again: %q, then %q", first, again)
	}
}

func TestAStickThatIsPulledOutIsCaughtUpWith(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	c.sell(0, 10)
	c.sync()
	away := c.target.Path + ".away"
	if err := os.Rename(c.target.Path, away); err != nil {
		t.Fatal(err)
	}
	c.sell(10, 100)
	c.await("copy.unreachable")
	if err := os.Mkdir(c.target.Path, 0o700); err != nil { // where it was mounted
		t.Fatal(err)
	}
	c.sell(100, 120)
	c.await("copy.unreachable")
	if err := errors.Join(os.Remove(c.target.Path), os.Rename(away, c.target.Path)); err != nil {
		t.Fatal(err)
	}
	c.sync()
	wantSales(t, c.target, 120)
}

// A folder without the copy that was there is where a stick is missing, also on another disk than the data's, and after a start that
// does not know what the copy lacks. Saving the settings again begins a new one.
func TestAPlaceThatHasLostItsCopyIsNotBegunAnewByItself(t *testing.T) {
	remote := sftpServer(t) // which is never on the disk of the data
	c := newCafe(t, remote)
	c.sell(0, 10)
	c.sync()
	away := remote.Path + ".away"
	must(t, errors.Join(os.Rename(remote.Path, away), os.Mkdir(remote.Path, 0o700)))
	c.close()
	must(t, os.WriteFile(filepath.Join(c.dir, "till.db-wal"), nil, 0o600))
	now := time.Now().Add(time.Hour)
	must(t, os.Chtimes(filepath.Join(c.dir, "till.db"), now, now)) // somebody else had it meanwhile
	c.open()
	c.sell(10, 12)
	c.await("copy.unreachable")
	if left, err := os.ReadDir(remote.Path); err != nil || len(left) > 0 {
		t.Errorf("begun where the stick is missing: %v (%v)", left, err)
	}
	must(t, errors.Join(os.Remove(remote.Path), os.Rename(away, remote.Path)))
	c.sync()
	wantSales(t, remote, 12)
	must(t, errors.Join(os.RemoveAll(remote.Path), os.Mkdir(remote.Path, 0o700)))
	c.close()
	must(t, replica.Forget(c.dir)) // as saving the settings does
	c.open()
	c.sync()
	wantSales(t, remote, 12)
}

func TestTheCopyOfAnotherCafeIsNotWrittenOver(t *testing.T) {
	target := folderTarget(t)
	c := newCafe(t, target)
	c.sell(0, 5)
	c.sync()
	other := newCafe(t, target, func(config *replica.Config) { config.Cafe = "CAFE-2" })
	other.sell(0, 50)
	other.await("copy.other")
	wantSales(t, target, 5)
}

func TestAMachineThatWasReplacedWritesNoMore(t *testing.T) {
	target := folderTarget(t)
	c := newCafe(t, target)
	c.sell(0, 5)
	c.sync()
	next := newCafe(t, target, func(config *replica.Config) { config.Epoch = 7 })
	next.sell(0, 3)
	next.sync()
	c.sell(5, 9)
	c.await("copy.replaced")
	sales, got := fetch(t, target)
	if sales != 3 || got.Epoch != 7 {
		t.Errorf("got %d sales of epoch %d, want 3 of 7", sales, got.Epoch)
	}
}

func TestWhoeverWritesBetweenTwoRunsIsNoticed(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	c.sell(0, 10)
	c.sync()
	c.close()
	db, err := data.Open(t.Context(), data.Options{Dir: c.dir, Clock: datatest.NewClock()})
	if err != nil {
		t.Fatal(err)
	}
	c.db = db
	c.sell(10, 20) // by a command that keeps no copy
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c.open()
	c.sync()
	wantSales(t, c.target, 20)
}

func TestAnswersWaitForTheSecondPlace(t *testing.T) {
	c := newCafe(t, folderTarget(t), func(config *replica.Config) { config.Wait = true })
	c.sell(0, 1)
	c.sync()
	for i := 1; i < 20; i++ {
		c.sell(i, i+1) // it is answered: it is there, without waiting for anything else
		wantSales(t, c.target, i+1)
	}
	if err := os.Rename(c.target.Path, c.target.Path+".away"); err != nil {
		t.Fatal(err)
	}
	c.sell(20, 40) // nobody waits for a stick that is gone
	c.await("copy.unreachable")
}

// The start waits for nothing, whatever was written before it; after it, answers wait from the first on where little is
// lacking.
func TestAnswersWaitFromTheStartOn(t *testing.T) {
	c := newCafe(t, folderTarget(t), func(config *replica.Config) { config.Wait = true })
	c.sell(0, 1)
	c.sync()
	c.close()
	for from := 1; from < 5; from++ {
		found := replica.Find(c.dir)
		db, err := data.Open(t.Context(), data.Options{Dir: c.dir, Clock: datatest.NewClock()})
		must(t, err)
		c.db, c.stop = db, func() {}
		c.sell(10*from, 10*from+1) // as a service does that notes its start
		began := time.Now()
		c.copy, err = replica.New(t.Context(), replica.Config{DB: db, Dir: c.dir, Cafe: "CAFE-1", Epoch: 1, Key: []byte("of CAFE-1"), Target: c.target, Found: found, Wait: true, Every: time.Millisecond})
		must(t, err)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the start waited %s for the second place", took)
		}
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		ended := make(chan struct{})
		go func() { defer close(ended); c.copy.Run(ctx) }()
		c.stop = func() { cancel(); <-ended }
		c.sell(10*from+1, 10*from+2)
		wantSales(t, c.target, 1+2*from)
		c.close()
	}
}

func TestGarbageInAPlaceIsNoCopy(t *testing.T) {
	spoil := map[string]func(t *testing.T, dir string){
		"nothing": func(t *testing.T, dir string) { t.Helper(); must(t, os.RemoveAll(filepath.Join(dir, "epoch"))) },
		"no marker": func(t *testing.T, dir string) {
			t.Helper()
			must(t, os.WriteFile(filepath.Join(dir, "epoch"), []byte("{"), 0o600))
		},
		"whole copy":   func(t *testing.T, dir string) { t.Helper(); spoilFile(t, dir, "9") },
		"whole is cut": func(t *testing.T, dir string) { t.Helper(); cutFile(t, dir, "9") },
		"change":       func(t *testing.T, dir string) { t.Helper(); spoilFile(t, dir, "0") },
	}
	want := map[string]string{"nothing": "copy.absent", "no marker": "copy.damaged", "whole copy": "copy.damaged", "whole is cut": "copy.damaged", "change": "copy.damaged"}
	for name, do := range spoil {
		t.Run(name, func(t *testing.T) {
			c := newCafe(t, folderTarget(t))
			c.sell(0, 5)
			c.sync()
			c.sell(5, 9)
			c.sync()
			c.close()
			do(t, c.target.Path)
			into := filepath.Join(t.TempDir(), "till.db")
			_, err := replica.Fetch(t.Context(), c.target, into)
			if fault.CodeOf(err) != want[name] {
				t.Errorf("got %v, want %s", err, want[name])
			}
			if left, _ := filepath.Glob(into + "*"); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func oneOf(t *testing.T, dir, level string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "e1", "ltx", level, "*.ltx"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no file of level %s: %v", level, err)
	}
	return found[len(found)-1]
}

func spoilFile(t *testing.T, dir, level string) {
	t.Helper()
	name := oneOf(t, dir, level)
	text, err := os.ReadFile(name)
	must(t, err)
	for i := len(text) / 2; i < len(text)/2+64; i++ {
		text[i] ^= 0x5a
	}
	must(t, os.WriteFile(name, text, 0o600))
}

func cutFile(t *testing.T, dir, level string) {
	t.Helper()
	name := oneOf(t, dir, level)
	info, err := os.Stat(name)
	must(t, err)
	must(t, os.Truncate(name, info.Size()/2))
}

// copyFiles copies a folder as a power cut would leave it.
func copyFiles(t *testing.T, to, from string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o600)
	}))
}
