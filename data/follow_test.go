package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comptoir/data"
)

// copied is a copy kept up to date with what a follower hands over: a file of pages, as a second place would have it.
type copied struct {
	pages  map[uint32][]byte
	size   uint32
	whole  int // states that were handed over whole
	number int // pages handed over in all
}

func (c *copied) take(ctx context.Context, s data.State) error {
	if s.Lost {
		c.pages, c.whole = map[uint32][]byte{}, c.whole+1
	}
	c.size = s.Size
	return s.Each(ctx, func(n uint32, page []byte) error {
		c.pages[n], c.number = bytes.Clone(page), c.number+1
		return nil
	})
}

// open opens the copy as a café of its own.
func (c *copied) open(t *testing.T) *data.DB {
	t.Helper()
	dir := t.TempDir()
	var all bytes.Buffer
	for n := uint32(1); n <= c.size; n++ {
		if len(c.pages[n]) == 0 {
			t.Fatalf("page %d of %d is not in the copy", n, c.size)
		}
		all.Write(c.pages[n])
	}
	if err := os.WriteFile(filepath.Join(dir, "till.db"), all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return reopen(t, dir)
}

// notes keeps the newest note, as a disk would.
type notes struct {
	mu     sync.Mutex
	newest data.FollowNote
	n      int
}

func (k *notes) note(n data.FollowNote) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest, k.n = n, k.n+1
	return nil
}

func follow(t *testing.T, db *data.DB, opts data.FollowOptions) *data.Follower {
	t.Helper()
	f, err := db.Follow(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestACopyKeptWithWhatChangedIsTheDatabase(t *testing.T) {
	db := start(t, t.TempDir())
	f := follow(t, db, data.FollowOptions{Lost: true})
	var kept copied
	var selling sync.WaitGroup
	for till := range 4 {
		selling.Go(func() {
			for i := range 60 {
				key := fmt.Sprintf("%d.%d", till, i)
				fn := sell(key)
				if i%7 == 3 {
					fn = then(fn, refuse)
				}
				if err := db.Write(t.Context(), fn); err != nil && !errors.Is(err, errSorry) {
					t.Error(err)
				}
			}
		})
	}
	sold := make(chan struct{})
	go func() { selling.Wait(); close(sold) }()
	for over := false; !over; {
		select {
		case <-sold:
			over = true
		default:
		}
		if err := f.Read(t.Context(), kept.take, nil); err != nil {
			t.Fatal(err)
		}
	}
	if kept.whole != 1 {
		t.Errorf("the database was copied whole %d times, want once", kept.whole)
	}
	wantKeys(t, kept.open(t), keys(t, db.Reader())...)
}

func TestWhatACopyDidNotTakeIsHandedOverAgain(t *testing.T) {
	db := start(t, t.TempDir())
	f := follow(t, db, data.FollowOptions{Lost: true})
	var kept copied
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, db, sell("a"))
	if err := f.Read(t.Context(), func(context.Context, data.State) error { return errSorry }, nil); !errors.Is(err, errSorry) {
		t.Fatalf("got %v, want the copy's own error", err)
	}
	mustWrite(t, db, sell("b"))
	if err := f.Read(t.Context(), kept.take, func() error { return errSorry }); !errors.Is(err, errSorry) {
		t.Fatalf("got %v, want the error of the sending", err)
	}
	if len(f.Pending().Pages) == 0 {
		t.Error("what could not be sent is not said to be missing")
	}
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, kept.open(t), "a", "b")
	if n := len(f.Pending().Pages); n != 0 {
		t.Errorf("%d pages wait although all were taken", n)
	}
}

// The log is used again only when what it holds was noted, so that a power cut at any moment leaves enough: the note and
// the log that is found say all that the copy lacks.
func TestWhatACopyLacksOutlivesAPowerCut(t *testing.T) {
	dir := t.TempDir()
	db := start(t, dir)
	var kept copied
	var noted notes
	f := follow(t, db, data.FollowOptions{Lost: true, Note: noted.note})
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	const sales = 3*data.CheckpointEvery + 7 // the log is moved three times, and begun again
	for i := range sales {
		mustWrite(t, db, sell(fmt.Sprintf("%04d", i)))
	}
	if noted.n < 4 {
		t.Fatalf("noted %d times, want at the start and before each time the log was moved", noted.n)
	}
	cut := t.TempDir() // what the disk holds now is what the next start finds
	if err := copyFiles(cut, dir); err != nil {
		t.Fatal(err)
	}
	log, pages, err := data.LogPages(cut)
	if err != nil {
		t.Fatal(err)
	}
	if noted.newest.Lost || !noted.newest.Log.LeadsTo(log) {
		t.Fatalf("the note names log %v, lost: %t; the log that is there is %v", noted.newest.Log, noted.newest.Lost, log)
	}
	next := start(t, cut)
	g := follow(t, next, data.FollowOptions{Pages: append(pages, noted.newest.Pages...), Note: noted.note})
	mustWrite(t, next, sell("next"))
	if err := g.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	if kept.whole != 1 {
		t.Error("the database was copied whole again")
	}
	wantKeys(t, kept.open(t), keys(t, next.Reader())...)
}

func TestAFollowerThatComesLateCopiesTheWholeDatabase(t *testing.T) {
	db := start(t, t.TempDir())
	moved := false
	for i := 0; !moved && i < 2*data.CheckpointEvery; i++ { // a writer that found the next sale waiting was not idle
		mustWrite(t, db, then(sell(fmt.Sprint(i)), func(_ context.Context, tx *data.Tx) error { moved = data.LogMoved(tx); return nil }))
	}
	if !moved {
		t.Fatal("the log is never moved")
	}
	f := follow(t, db, data.FollowOptions{})
	if !f.Pending().Lost {
		t.Error("what changed before the log was moved is not known, and is not said to be lost")
	}
}

// A note that cannot be written keeps the log: nothing is forgotten, and selling goes on.
func TestTheLogIsKeptWhileWhatTheCopyLacksCannotBeNoted(t *testing.T) {
	dir := t.TempDir()
	db := start(t, dir)
	var refused atomic.Bool // the writer asks
	f := follow(t, db, data.FollowOptions{Lost: true, Note: func(data.FollowNote) error {
		if refused.Load() {
			return errSorry
		}
		return nil
	}})
	mustWrite(t, db, sell("first"))
	refused.Store(true)
	before, _, err := data.LogPages(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * data.CheckpointEvery {
		mustWrite(t, db, sell(fmt.Sprint(i)))
	}
	after, _, err := data.LogPages(dir)
	if err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Error("the log was begun again although what it held was not noted")
	}
	refused.Store(false)
	if err := f.Read(t.Context(), (&copied{}).take, nil); err != nil {
		t.Fatal(err)
	}
}

// A transaction too big for the cache spills into the log; rolled back, its frames lie where the next commit writes.
func TestFramesOfARolledBackTransactionHideNoLaterOne(t *testing.T) {
	db := start(t, t.TempDir())
	f := follow(t, db, data.FollowOptions{Lost: true})
	var kept copied
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 30<<20) // the cache is 16 MB
	if err := db.Write(t.Context(), then(put("big", big), put("more", big), refuse)); !errors.Is(err, errSorry) {
		t.Fatal(err)
	}
	for i := range 20 {
		mustWrite(t, db, sell(fmt.Sprint(i)))
		if err := f.Read(t.Context(), kept.take, nil); err != nil {
			t.Fatal(err)
		}
	}
	wantKeys(t, kept.open(t), keys(t, db.Reader())...)
}

// The log stays bounded when the writer is never idle: it is moved without SQLite's own threshold.
func TestTheLogIsBoundedBesideAFollower(t *testing.T) {
	dir := t.TempDir()
	db := start(t, dir)
	f := follow(t, db, data.FollowOptions{Lost: true, Note: func(data.FollowNote) error { return nil }})
	page := strings.Repeat("x", 1<<20)
	for i := range 120 { // 120 MB
		mustWrite(t, db, put(fmt.Sprint(i), page))
	}
	info, err := os.Stat(filepath.Join(dir, "till.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(24 << 20); info.Size() > limit {
		t.Errorf("the log has grown to %d MB, want at most %d", info.Size()>>20, limit>>20)
	}
	if err := f.Read(t.Context(), func(context.Context, data.State) error { return nil }, nil); err != nil {
		t.Fatal(err)
	}
}

// copyFiles copies a directory as a power cut would leave it.
func copyFiles(to, from string) error {
	return fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		bytes, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), bytes, 0o600)
	})
}
