package pos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// archives is what makes the archives of a till: one at a time, beside the selling.
type archives struct {
	mu     sync.Mutex
	failed atomic.Bool   // the last archive that was due could not be made
	halt   chan struct{} // closed when the café ends
	halted sync.Once
}

// PeriodClosed is the type of the event of a closing that somebody asked for; after it an archive may be due.
const PeriodClosed = "period.closed"

// HaltArchives ends the archive in hand, if there is one, and lets no other begin: the café is about to close.
func (t *Till) HaltArchives() { t.archives.halted.Do(func() { close(t.archives.halt) }) }

// archiving takes the turn of making an archive. done gives it back; ctx ends when the café does.
func (t *Till) archiving(ctx context.Context) (_ context.Context, done func()) {
	t.archives.mu.Lock()
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-t.archives.halt:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-watched
		t.archives.mu.Unlock()
	}
}

// KeptArchive is an archive that was made, and what became of it.
type KeptArchive struct {
	archive.Archive

	At   time.Time `json:"at"`   // when it was made first
	By   string    `json:"by"`   // operator code
	Gone bool      `json:"gone"` // its file is not there
}

// ArchiveRequest says which closed period: a month or a fiscal year by its Period, such as "2026-11" or "2026", or days.
type ArchiveRequest struct {
	Period string `json:"period"`
	From   string `json:"from"` // YYYY-MM-DD
	To     string `json:"to"`
}

// errOtherArchive is told when the journal no longer gives what an archive held: the journal or the program has changed.
var errOtherArchive = fault.New(fault.Internal, "archive.differs", "Made again, the archive is not what the journal says it was: run comptoir verify.")

func (t *Till) archiveFolder() string { return archive.Folder(t.config.Dir) }

// Archives returns the archives that were made, the newest first, and the periods whose archive is due.
func (t *Till) Archives(ctx context.Context) (kept []KeptArchive, due []archive.Range, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		made, err := archive.List(ctx, q)
		if err != nil {
			return err
		}
		for _, a := range made {
			e, err := journal.At(ctx, q, a.Seq)
			if err != nil {
				return err
			}
			env, err := e.Envelope()
			if err != nil {
				return err
			}
			kept = append(kept, KeptArchive{Archive: a, At: e.At, By: env.Op, Gone: archive.Present(t.archiveFolder(), a) != nil})
		}
		due, err = archive.Due(ctx, q)
		return err
	})
	return kept, due, err
}

// Archive makes the archive of a closed period (fiscal R70–R74), or returns the one that there is; when its file is gone or
// altered, the file is made again and must be the same. Nothing waits for it but other archives: the café sells on. A year is
// preceded by the archives of its months.
//
// Refusals: right.missing, archive.day, archive.range, archive.long, archive.open, archive.period, archive.disk,
// archive.differs, archive.broken (what was written cannot be read again).
func (t *Till) Archive(ctx context.Context, by By, ask ArchiveRequest) (archive.Archive, error) {
	if err := by.mustKeepBooks(); err != nil {
		return archive.Archive{}, err
	}
	ctx, done := t.archiving(ctx)
	defer done()
	r, err := t.archiveRange(ctx, ask)
	if err != nil {
		return archive.Archive{}, err
	}
	if r.Kind == archive.KindYear {
		if _, err := t.archiveDue(ctx, r); err != nil {
			return archive.Archive{}, err
		}
	}
	return t.archiveOne(ctx, by, r)
}

func (t *Till) archiveRange(ctx context.Context, ask ArchiveRequest) (archive.Range, error) {
	if ask.Period != "" || ask.From == "" && ask.To == "" {
		return archive.Month(ctx, t.db.Reader(), ask.Period)
	}
	return archive.Days(ctx, t.db.Reader(), ask.From, ask.To)
}

// ArchiveDue makes the archive of every month and fiscal year that is closed and has none, in their order, and returns how
// many (fiscal R70). One that cannot be made is told by the dashboard until it is (R74).
func (t *Till) ArchiveDue(ctx context.Context) (int, error) {
	if t.journal == nil { // only read
		return 0, nil
	}
	ctx, done := t.archiving(ctx)
	defer done()
	n, err := t.archiveDue(ctx, archive.Range{ToSeq: -1})
	t.archives.failed.Store(err != nil && ctx.Err() == nil)
	return n, err
}

// archiveDue makes what is due: all of it, or what lies within a range without being it.
func (t *Till) archiveDue(ctx context.Context, within archive.Range) (int, error) {
	due, err := archive.Due(ctx, t.db.Reader())
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range due {
		if within.ToSeq >= 0 && (r.Kind != archive.KindMonth || r.FromSeq < within.FromSeq || r.ToSeq > within.ToSeq) {
			continue
		}
		if _, err := t.archiveOne(ctx, System(systemOp), r); err != nil {
			return n, fmt.Errorf("archive of %s: %w", r.Period, err)
		}
		n++
	}
	return n, nil
}

// archiveOne makes one archive, or returns it when there is one.
func (t *Till) archiveOne(ctx context.Context, by By, r archive.Range) (archive.Archive, error) {
	folder := t.archiveFolder()
	if err := archive.MakeFolder(folder); err != nil {
		return archive.Archive{}, err
	}
	there, found, err := archive.ByPeriod(ctx, t.db.Reader(), r.Period)
	if err != nil {
		return archive.Archive{}, err
	}
	if found {
		return t.archiveAgain(ctx, by, there)
	}
	made, err := t.writeArchive(ctx, r, nil)
	if err != nil {
		return archive.Archive{}, err
	}
	kept, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (archive.Archive, error) {
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindArchive, Op: by.Operator.Code, Body: made.Body()})
		if err != nil {
			return archive.Archive{}, err
		}
		a, err := archive.Enter(ctx, tx, e, made)
		if err != nil {
			return archive.Archive{}, err
		}
		return a, tx.Record(data.Event{Type: "archive.made", Topics: []string{topicArchives}, Body: map[string]any{"journal": []int64{e.Seq}, "name": a.Name}})
	})
	if err != nil {
		if fault.KindOf(err) != fault.Unknown { // then the entry may be there: the next start looks
			err = errors.Join(err, os.Remove(made.Path))
		}
		return archive.Archive{}, err
	}
	return kept, archive.Place(folder, kept)
}

// topicArchives is carried by every event that changes the list of archives.
const topicArchives = "archives"

// writeArchive writes an archive and reads it again: what is on the disk is what is verified. again is the one that it
// must be, nil for a new one. The file is not in its place yet.
func (t *Till) writeArchive(ctx context.Context, r archive.Range, again *archive.Archive) (made archive.Made, err error) {
	key := t.journal.KeyID() // before the snapshot, which then knows it
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		request, err := archive.Prepare(ctx, q, r, again)
		if err != nil {
			return err
		}
		if again == nil {
			request.SignedBy, request.Sign = key, t.journal.SignFile
		}
		request.Free = t.config.Free
		made, err = archive.Write(ctx, q, t.archiveFolder(), request)
		return err
	})
	if err != nil {
		return made, err
	}
	_, hash, err := archive.Verify(ctx, made.Path)
	if err == nil && again != nil && hash != again.Manifest {
		err = errOtherArchive.With("name", again.Name)
	}
	switch {
	case err == nil:
		return made, nil
	case again == nil && key != t.journal.KeyID(): // the key was changed meanwhile
		return t.writeArchive(ctx, r, nil)
	}
	return made, errors.Join(err, os.Remove(made.Path))
}

// archiveAgain makes the file of an archive again when it is not as it was written.
func (t *Till) archiveAgain(ctx context.Context, by By, there archive.Archive) (archive.Archive, error) {
	flaw := archive.Intact(ctx, t.archiveFolder(), there)
	switch code := fault.CodeOf(flaw); {
	case flaw == nil:
		kept, _, err := do(ctx, t, by, func(context.Context, *data.Tx) (archive.Archive, error) { return there, nil })
		return kept, err
	case code != "archive.missing" && code != "archive.broken":
		return archive.Archive{}, flaw
	}
	made, err := t.writeArchive(ctx, there.Range(), &there)
	if err != nil {
		return archive.Archive{}, err
	}
	if err := archive.Place(t.archiveFolder(), there); err != nil {
		return archive.Archive{}, errors.Join(err, os.Remove(made.Path))
	}
	kept, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (archive.Archive, error) {
		return there, t.archiveEvent(ctx, tx, by, journal.EventArchiveVerified, "archive.again", there)
	})
	return kept, err
}

// archiveEvent journals what became of an archive.
func (t *Till) archiveEvent(ctx context.Context, tx *data.Tx, by By, code journal.Code, event string, a archive.Archive) error {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code,
		Body: journal.EventBody{Code: code, Data: map[string]any{"archive": a.Seq, "manifest": a.Manifest, "name": a.Name}}})
	if err != nil {
		return err
	}
	if code == journal.EventArchiveCopied {
		if err := archive.Copied(ctx, tx, a, e, by.Operator.Code); err != nil {
			return err
		}
	}
	return tx.Record(data.Event{Type: event, Topics: []string{topicArchives}, Body: map[string]any{"journal": []int64{e.Seq}, "name": a.Name}})
}

// TakeArchive hands out the file of an archive and journals who took it (fiscal R61). Refusals: right.missing,
// archive.unknown, archive.missing.
func (t *Till) TakeArchive(ctx context.Context, by By, name string) (path string, a archive.Archive, err error) {
	if err := by.mustKeepBooks(); err != nil {
		return "", a, err
	}
	if a, err = archive.ByName(ctx, t.db.Reader(), name); err != nil {
		return "", a, err
	}
	if err := archive.Present(t.archiveFolder(), a); err != nil {
		return "", a, err
	}
	a, _, err = do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (archive.Archive, error) {
		return a, t.archiveEvent(ctx, tx, by, journal.EventArchiveExported, "archive.taken", a)
	})
	return filepath.Join(t.archiveFolder(), name), a, err
}

// ConfirmCopy records that somebody says a copy of the archive lies elsewhere (fiscal R75). Said already is no change.
// Refusals: right.missing, archive.unknown.
func (t *Till) ConfirmCopy(ctx context.Context, by By, name string) (archive.Archive, error) {
	if err := by.mustKeepBooks(); err != nil {
		return archive.Archive{}, err
	}
	a, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (archive.Archive, error) {
		a, err := archive.ByName(ctx, tx, name)
		if err != nil || !a.CopiedAt.IsZero() {
			return a, err
		}
		if err := t.archiveEvent(ctx, tx, by, journal.EventArchiveCopied, "archive.copied", a); err != nil {
			return a, err
		}
		return archive.ByName(ctx, tx, name)
	})
	return a, err
}

// TaxFile is the whole history as one file (fiscal R77). Whoever has handed it out removes it.
type TaxFile struct {
	Path     string // of the file
	Name     string `json:"name"` // under which it is handed out
	Manifest string `json:"manifest"`
	SHA256   string `json:"sha256"`
	Size     int64  `json:"size"`
	ToSeq    int64  `json:"to_seq"`
}

// ExportTax makes what an inspector is given: the whole journal with its French notice, the open day included (fiscal R9,
// R77), and journals its hash. Refusals: right.missing, archive.disk, archive.broken.
func (t *Till) ExportTax(ctx context.Context, by By) (TaxFile, error) {
	if err := by.mustKeepBooks(); err != nil {
		return TaxFile{}, err
	}
	ctx, done := t.archiving(ctx)
	defer done()
	if err := archive.MakeFolder(t.archiveFolder()); err != nil {
		return TaxFile{}, err
	}
	r, err := archive.All(ctx, t.db.Reader())
	if err != nil {
		return TaxFile{}, err
	}
	made, err := t.writeArchive(ctx, r, nil)
	if err != nil {
		return TaxFile{}, err
	}
	f := TaxFile{Name: made.Manifest.Name, Manifest: made.Hash, SHA256: made.SHA256, Size: made.Size, ToSeq: r.ToSeq}
	f.Path = archive.Aside(made.Path, made.SHA256) // the next one may be asked for before this one was handed out
	err = os.Rename(made.Path, f.Path)
	if err == nil {
		_, _, err = do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (TaxFile, error) {
			seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventExportTax, map[string]any{
				"manifest": f.Manifest, "name": f.Name, "sha256": f.SHA256, "size": f.Size, "to_seq": f.ToSeq})
			if err != nil {
				return f, err
			}
			return f, tx.Record(data.Event{Type: "export.tax", Body: map[string]any{"journal": []int64{seq}}})
		})
	}
	if err != nil {
		return TaxFile{}, errors.Join(err, os.Remove(f.Path))
	}
	return f, nil
}

// archiveGrace is how long after a closing its archive may be missing before somebody is told.
const archiveGrace = time.Hour

// archiveMatters tells what should be looked at: archives that could not be made, files that are gone, copies that nobody has
// confirmed (fiscal R74, R75).
func (t *Till) archiveMatters(ctx context.Context, q data.Querier, now time.Time) ([]Matter, error) {
	due, err := archive.Due(ctx, q)
	if err != nil {
		return nil, err
	}
	late := 0
	for _, r := range due {
		e, err := journal.At(ctx, q, r.ToSeq)
		if err != nil {
			return nil, err
		}
		if t.archives.failed.Load() || now.Sub(e.At) > archiveGrace {
			late++
		}
	}
	made, err := archive.List(ctx, q)
	if err != nil {
		return nil, err
	}
	gone, uncopied := 0, 0
	for _, a := range made {
		if archive.Present(t.archiveFolder(), a) != nil {
			gone++
		}
		if a.Kind != archive.KindDays && a.CopiedAt.IsZero() && !t.identity.Demo {
			uncopied++
		}
	}
	var found []Matter
	for _, m := range []Matter{{MatterArchiveLate, late}, {MatterArchiveGone, gone}, {MatterArchiveCopy, uncopied}} {
		if m.Count > 0 {
			found = append(found, m)
		}
	}
	return found, nil
}
