package journal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"comptoir/data/fault"
)

// headFile is the anchor outside the database: a chain cannot see its own missing tail (fiscal R28 a).
const headFile = "head"

// headInterval is how far the head file may lag behind a commit; it may never lead.
const headInterval = 400 * time.Millisecond

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
func ReadHead(dir string) (Anchor, error) { return ReadAnchor(filepath.Join(dir, headFile)) }

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

// write replaces the head file of dir in one step: after a power cut there is the old one or the new one.
func (a Anchor) write(dir string) error {
	text, err := json.Marshal(anchorFile{a.Journal, a.Seq, hex.EncodeToString(a.Hash[:]), a.At.UTC().Format(stampLayout)})
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	path := filepath.Join(dir, headFile)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	return nil
}

// follow keeps the head file within headInterval of the last commit until stop is closed, then writes it once
// more. It polls the committed head: a signal given by Append would come before the commit.
func (j *Journal) follow(interval time.Duration) {
	defer close(j.stopped)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := j.anchor(); err != nil {
				j.log.Error("the head file is not kept: a cut of the journal's tail could go unseen", "error", err)
			}
		case <-j.stop:
			j.closeErr = j.anchor()
			return
		}
	}
}

// anchor writes the head file if the journal has moved on. Only follow calls it, after Open.
func (j *Journal) anchor() error {
	head := j.cell.Committed()
	if head.seq == j.anchored {
		return nil
	}
	a := Anchor{Journal: j.id.journal, Seq: head.seq, Hash: head.hash, At: time.UnixMilli(head.ts)}
	if err := a.write(j.dir); err != nil {
		return err
	}
	j.anchored = head.seq
	return nil
}

// Head returns the newest committed entry. It may be called from any goroutine.
func (j *Journal) Head() (seq int64, hash [32]byte) {
	s := j.cell.Committed()
	return s.seq, s.hash
}

// rollback is the refusal to sell on a database older than, or other than, what an anchor remembers (fiscal R28).
func rollback(anchor Anchor, journal string, seq int64, hash [32]byte) error {
	return fault.New(fault.Internal, "journal.rollback",
		fmt.Sprintf("the database is not the one the head file remembers: the head file has entry %d (%s) of journal %s, the database entry %d (%s) of journal %s",
			anchor.Seq, short(anchor.Hash), anchor.Journal, seq, short(hash), journal)).
		With("anchor_journal", anchor.Journal).With("anchor_seq", anchor.Seq).With("anchor_hash", hex.EncodeToString(anchor.Hash[:])).
		With("journal", journal).With("seq", seq).With("hash", hex.EncodeToString(hash[:]))
}

// short is enough of a hash for a person to compare.
func short(hash [32]byte) string { return hex.EncodeToString(hash[:8]) }
