package journal

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// The head file is the anchor outside the database: a chain cannot see its own missing tail (fiscal R28 a). Its second, on
// another medium, is named by the journal, so that one stick serves several tills.
const (
	headName = "head"
	headExt  = ".head"
)

// How far a head file may lag behind a commit; it may never lead. A stick is slow and wears out.
const (
	headInterval   = 400 * time.Millisecond
	secondInterval = 2 * time.Second
)

// closeWait is how long Close waits for the second head: a network share that is gone must not keep a till from ending.
const closeWait = 5 * time.Second

// Anchor is the head of a journal as something outside the database remembers it.
type Anchor struct {
	Journal string
	Seq     int64
	Hash    [32]byte
	At      time.Time // ts of that entry
}

type anchorFile struct {
	Journal string `json:"journal"`
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	At      string `json:"at"`
}

// ReadHead reads the head file of a data directory; errors as ReadAnchor.
func ReadHead(dir string) (Anchor, error) { return ReadAnchor(filepath.Join(dir, headName)) }

// ReadAnchor reads a file in the format of the head file: NotFound "journal.head_missing" when there is none,
// Invalid "journal.head_broken" when it is no anchor.
func ReadAnchor(path string) (Anchor, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Anchor{}, fault.New(fault.NotFound, "journal.head_missing", "the head file is missing").With("file", path).Wrap(err)
	}
	broken := fault.New(fault.Invalid, "journal.head_broken", "the head file cannot be read").With("file", path)
	if err != nil {
		return Anchor{}, broken.Wrap(err)
	}
	var f anchorFile
	if err := decodeStrict(text, &f); err != nil {
		return Anchor{}, broken.Wrap(err)
	}
	a := Anchor{Journal: f.Journal, Seq: f.Seq}
	hash, err := hex.DecodeString(f.Hash)
	if err != nil || len(hash) != len(a.Hash) || f.Seq < 0 || f.Journal == "" {
		return Anchor{}, broken.Wrap(fmt.Errorf("not a head: %w", err))
	}
	copy(a.Hash[:], hash)
	if a.At, err = time.Parse(stampLayout, f.At); err != nil {
		return Anchor{}, broken.Wrap(err)
	}
	return a, nil
}

// Text is an anchor as a head file holds it; ParseAnchor reads it.
func (a Anchor) Text() ([]byte, error) {
	text, err := json.Marshal(anchorFile{a.Journal, a.Seq, hex.EncodeToString(a.Hash[:]), a.At.UTC().Format(stampLayout)})
	if err != nil {
		return nil, fmt.Errorf("write head: %w", err)
	}
	return append(text, '\n'), nil
}

// write replaces a head file in one step: after a power cut there is the old one or the new one.
func (a Anchor) write(path string) error {
	text, err := a.Text()
	if err != nil {
		return err
	}
	if err := data.ReplaceFile(path, text); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	return nil
}

// headFile is one head file and what was last written to it.
type headFile struct {
	path     string
	interval time.Duration
	written  int64 // seq; -1: nothing. Of the goroutine that keeps it
	ended    chan struct{}
	err      error // with which it ended; read after ended

	mu     sync.Mutex
	failed error // the last writing; nil: it went well
}

func newHeadFile(path string, interval time.Duration) *headFile {
	return &headFile{path: path, interval: interval, written: -1, ended: make(chan struct{})}
}

// readWait is how long opening a journal waits for the second head: a medium that does not answer tells no more than one that is
// not there, and must not keep a till from selling.
const readWait = 3 * time.Second

// readInTime is ReadAnchor for a medium that may not answer. Such a one is told as a head file that cannot be written.
func (h *headFile) readInTime() (Anchor, error) {
	type result struct {
		a   Anchor
		err error
	}
	done := make(chan result, 1)
	go func() {
		a, err := ReadAnchor(h.path)
		done <- result{a, err}
	}()
	late := time.NewTimer(readWait)
	defer late.Stop()
	select {
	case r := <-done:
		return r.a, r.err
	case <-late.C:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = fault.New(fault.Internal, "journal.head_broken", "the medium of the second head file does not answer").With("file", h.path)
	return Anchor{}, h.failed
}

// keep keeps the head files from now on.
func (j *Journal) keep() {
	go j.follow(j.first)
	if j.second != nil {
		go j.follow(j.second)
	}
}

// follow keeps a head file within its interval of the last commit until stop is closed, then writes it once more. It polls
// the committed head: a signal given by Append would come before the commit.
func (j *Journal) follow(h *headFile) {
	defer close(h.ended)
	tick := time.NewTicker(h.interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = j.anchor(h) // logged: the next one may go well
		case <-j.stop:
			h.err = j.anchor(h)
			return
		}
	}
}

// anchor writes a head file if the journal has moved on, and logs when that begins to fail and when it is well again.
func (j *Journal) anchor(h *headFile) error {
	head := j.cell.Committed()
	if head.seq == h.written {
		return nil
	}
	err := Anchor{Journal: j.id.journal, Seq: head.seq, Hash: head.hash, At: time.UnixMilli(head.ts)}.write(h.path)
	if err == nil {
		h.written = head.seq
	}
	h.mu.Lock()
	before := h.failed
	h.failed = err
	h.mu.Unlock()
	switch {
	case err != nil && before == nil:
		j.log.Error("a head file is not kept: a cut of the journal's tail could go unseen", "file", h.path, "error", err)
	case err == nil && before != nil:
		j.log.Info("the head file is kept again", "file", h.path)
	}
	return err
}

// SecondHead returns with what error the second head file could not be written last; nil when it is well, or there is none.
func (j *Journal) SecondHead() error {
	if j.second == nil {
		return nil
	}
	j.second.mu.Lock()
	defer j.second.mu.Unlock()
	return j.second.failed
}

// Close writes the head files a last time and stops keeping them. It waits for the second no longer than a few seconds.
func (j *Journal) Close() error {
	j.close.Do(func() { close(j.stop) })
	<-j.first.ended
	if j.second != nil {
		late := time.NewTimer(closeWait)
		defer late.Stop()
		select {
		case <-j.second.ended:
		case <-late.C:
			j.log.Error("the second head file was not written in time", "file", j.second.path)
		}
	}
	return j.first.err
}

// Head returns the newest committed entry. It may be called from any goroutine.
func (j *Journal) Head() (seq int64, hash [32]byte) {
	s := j.cell.Committed()
	return s.seq, s.hash
}

// Anchor is the newest committed entry, as a head file outside remembers it. It may be called from any goroutine.
func (j *Journal) Anchor() Anchor {
	s := j.cell.Committed()
	return Anchor{Journal: j.id.journal, Seq: s.seq, Hash: s.hash, At: time.UnixMilli(s.ts).UTC()}
}

// NewestAnchor is the newest entry of a database that may be read only, as a head file remembers it.
func NewestAnchor(ctx context.Context, q data.Querier) (Anchor, error) {
	_, env, err := readGenesis(ctx, q)
	if err != nil {
		return Anchor{}, err
	}
	e, err := Newest(ctx, q)
	return Anchor{Journal: env.Journal, Seq: e.Seq, Hash: e.Hash, At: e.At}, err
}

// SecondHeadName is the name of a journal's head file in a folder that may hold those of several.
func SecondHeadName(journal string) string { return journal + headExt }

// short is enough of a hash for a person to compare.
func short(hash [32]byte) string { return hex.EncodeToString(hash[:8]) }

// ReadSecondHead reads the second head file of a journal in a folder on another medium; errors as ReadAnchor.
func ReadSecondHead(ctx context.Context, q data.Querier, dir string) (Anchor, error) {
	_, env, err := readGenesis(ctx, q)
	if err != nil {
		return Anchor{}, err
	}
	return ReadAnchor(filepath.Join(dir, SecondHeadName(env.Journal)))
}
