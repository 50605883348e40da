package crash

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// Copied is what the copies came to that were kept in a second place while cafés were killed. They are fetched right after the
// kill, before the next start brings them up to date.
type Copied struct {
	Wait    bool            `json:"wait"`    // answers waited for the second place
	Fetched int             `json:"fetched"` // falls after which the copy was fetched, found sound, and audited
	None    int             `json:"none"`    // falls before the first copy was whole
	Late    int             `json:"late"`    // falls of a service that had said that answers wait no longer, or that no copy is kept
	Owed    int             `json:"owed"`    // acknowledged commands that were looked for in copies
	Missing []int           `json:"missing"` // acknowledged commands that a copy lacked, by fall
	Behind  []time.Duration `json:"behind_ns"`
}

// Worst is the most that a copy lacked: of acknowledged commands, and for how long the oldest of them had been answered.
func (c *Copied) Worst() (missing int, behind time.Duration) {
	if len(c.Missing) == 0 {
		return 0, 0
	}
	return slices.Max(c.Missing), slices.Max(c.Behind)
}

// Usual is how long the oldest acknowledged command that a copy lacked had been answered, in the middle of all falls.
func (c *Copied) Usual() time.Duration {
	if len(c.Behind) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(c.Behind))[len(c.Behind)/2]
}

// wordsNot is what a service says in its log when answers do not wait for its copy.
const wordsNot = "the copy in the second place is not kept"

// Names in the café's folder, and in the second place.
const (
	databaseFile = "till.db"
	headFile     = "head"
)

// keptEvery is how often is looked whether a copy is kept.
const keptEvery = 2 * time.Millisecond

// second is the second place of one café.
type second struct {
	target replica.Target
	wait   bool
	made   bool // a copy of it was fetched before
	tally  *Copied
}

// newSecond lets a café keep its copy in a folder of its own.
func newSecond(cafe, folder string, wait bool, tally *Copied) (*second, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	tally.Wait = wait
	s := replica.Settings{Target: folder, Wait: wait}
	target, err := s.Place()
	if err != nil {
		return nil, err
	}
	return &second{target: target, wait: wait, tally: tally}, replica.WriteSettings(cafe, s)
}

// begin is called before a service starts, and begun when it accepts: begun waits until answers wait for the second place.
// Those before owe it nothing. A service writes the second head right after the first time that the copy has everything.
func (c *second) begin() error {
	if c == nil || !c.wait {
		return nil
	}
	err := os.Remove(filepath.Join(c.target.Path, headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (c *second) begun(ctx context.Context) error {
	if c == nil || !c.wait {
		return nil
	}
	late, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	look := time.NewTicker(keptEvery)
	defer look.Stop()
	for {
		if _, err := os.Stat(filepath.Join(c.target.Path, headFile)); err == nil {
			return nil
		}
		select {
		case <-look.C:
		case <-late.Done():
			return errors.New("no copy is kept")
		}
	}
}

// look fetches the copy as the fall has left it and audits it. It returns the newest entry of its journal; nil: there was no
// copy yet, or it is broken.
func (c *second) look(ctx context.Context, f *finding, room string, b *book, owed []int, fell time.Time, words string) (newest *journal.Anchor) {
	dir := filepath.Join(room, "fetched")
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.add(&f.broken, "%v", err)
		return nil
	}
	defer func() { _ = os.RemoveAll(dir) }() // it goes with the rest otherwise
	_, err := replica.Fetch(ctx, c.target, filepath.Join(dir, databaseFile))
	if fault.CodeOf(err) == "copy.absent" && !c.made {
		c.tally.None++
		return nil
	}
	if err == nil {
		c.made = true
		err = c.head(dir)
	}
	if err != nil {
		f.add(&f.broken, "the copy cannot be fetched: %v", err)
		return nil
	}
	t, err := pos.OpenReadOnly(ctx, pos.Config{Dir: dir, Software: software})
	if err != nil {
		f.add(&f.broken, "the copy does not open: %v", err)
		return nil
	}
	defer func() { _ = t.Close() }() // it was read only
	var in finding
	in.invariants(ctx, t, true, archive.FolderCheck("").Name) // archives are files beside the database, and made again from it
	c.compare(ctx, &in, t, b, owed, fell, words)
	anchor, err := journal.NewestAnchor(ctx, t.DB().Reader())
	if err != nil {
		in.add(&in.broken, "its journal has no end: %v", err)
	}
	f.lost, f.doubled, f.broken = f.lost+in.lost, f.doubled+in.doubled, f.broken+in.broken
	for _, w := range in.words {
		f.words = append(f.words, "the copy: "+w)
	}
	c.tally.Fetched++
	return &anchor
}

// head puts the second head beside the database that was fetched: it may lag behind it, and never leads.
func (c *second) head(dir string) error {
	text, err := os.ReadFile(filepath.Join(c.target.Path, headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is written a little after the first copy
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, headFile), text, 0o600) //nolint:gosec // the folder is the harness's own
}

// compare looks in the copy for what was acknowledged. It is a state of the café: whoever was answered before somebody who is
// in it asked, is in it too. What was refused is not. Where answers wait, all that was acknowledged is in it.
func (c *second) compare(ctx context.Context, f *finding, t *pos.Till, b *book, owed []int, fell time.Time, words string) {
	missing, behind := 0, time.Duration(0)
	var oldest, newest time.Time // answer that is missing, question that is there
	for _, i := range owed {
		e := b.at(i)
		if carriedOut(ctx, f, t, e) {
			if e.asked.After(newest) {
				newest = e.asked
			}
			continue
		}
		missing++
		if oldest.IsZero() || e.answered.Before(oldest) {
			oldest = e.answered
		}
	}
	if missing > 0 {
		behind = max(fell.Sub(oldest), 0)
		if newest.After(oldest) {
			f.add(&f.broken, "it has what was asked %s after the answer of a command that it lacks", newest.Sub(oldest))
		}
	}
	for _, i := range b.is(refused) {
		if e := b.at(i); carriedOut(ctx, f, t, e) {
			f.add(&f.broken, "%s was refused and is there", e.call.id)
		}
	}
	switch {
	case strings.Contains(words, wordsNot):
		c.tally.Late++
	case c.wait && missing > 0:
		f.add(&f.lost, "%d commands were answered when the second place should have had them, and it has not", missing)
	}
	c.tally.Owed += len(owed)
	c.tally.Missing, c.tally.Behind = append(c.tally.Missing, missing), append(c.tally.Behind, behind)
}

// carriedOut reports whether a command is there.
func carriedOut(ctx context.Context, f *finding, t *pos.Till, e entry) bool {
	if c, is := e.answer.(pos.CardIssued); is { // the id of its command is kept as a digest only: nothing leads from a till to a card
		_, err := t.Card(ctx, c.Code)
		return err == nil
	}
	is, err := data.CarriedOut(ctx, t.DB().Reader(), e.call.id)
	if err != nil {
		f.add(&f.broken, "%v", err)
	}
	return is
}

// prefix reports a copy that is not what the café's journal was earlier.
func (f *finding) prefix(ctx context.Context, t *pos.Till, newest *journal.Anchor) {
	if newest == nil {
		return
	}
	var report journal.Report
	err := t.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		report, err = journal.Verify(ctx, q, journal.VerifyOptions{Head: newest, Full: true})
		return err
	})
	if err != nil {
		f.add(&f.broken, "the journal cannot be compared with the copy's: %v", err)
	}
	for _, a := range report.Anomalies {
		f.add(&f.broken, "the copy is no earlier state: entry %d: %s: %s", a.Seq, a.Check, a.Detail)
	}
}
