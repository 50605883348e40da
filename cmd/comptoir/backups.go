package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// How often the till looks whether a backup or a rehearsal is due, how long one may take, and after how long the paper of a
// closing is told that its backup is still being made.
const (
	backupInterval = time.Minute
	backupLimit    = 30 * time.Minute
	pendingAfter   = 15 * time.Second
)

// keepBackups makes a backup on the stick whenever a day was closed, and rehearses a restoration every night, until ctx ends.
// Nothing of it stops a closing or a sale: what could not be done is journaled, shown, and on the paper of the closing.
func keepBackups(ctx context.Context, t *pos.Till, log *slog.Logger) {
	sweepRehearsals(t.DB().Dir())
	closed := make(chan struct{}, 1)
	t.DB().OnCommit(func(events []data.Event) {
		if slices.ContainsFunc(events, func(e data.Event) bool { return e.Type == pos.PeriodClosed }) {
			select {
			case closed <- struct{}{}:
			default: // it will look anyway
			}
		}
	})
	for {
		if err := backUpClosing(ctx, t); err != nil && ctx.Err() == nil {
			log.Error("the backup of a closing could not be made", "error", err)
		}
		if err := rehearseDue(ctx, t); err != nil && ctx.Err() == nil {
			log.Error("the rehearsal of a restoration could not be done", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-closed:
		case <-time.After(backupInterval):
		}
	}
}

// backUpClosing makes the backup of the last day's closing, unless there is one. One that failed is not tried again by itself:
// the next closing is, or somebody at the page.
func backUpClosing(ctx context.Context, t *pos.Till) error {
	s, err := replica.ReadSettings(t.DB().Dir())
	if err != nil {
		return err
	}
	t.ExpectBackups(s.Stick != "")
	if s.Stick == "" {
		return nil
	}
	z, err := t.LastClosing(ctx, receipts.LevelDay)
	if fault.CodeOf(err) == "journal.closing" {
		return nil
	}
	if err != nil {
		return err
	}
	made, found, err := t.ClosingBackup(ctx, z.Number)
	if err != nil || found && made.Code != pos.BackupPending {
		return err
	}
	return onStick(ctx, t, s.Stick, z)
}

// onStick makes the backup of a closing, and says so meanwhile if it takes long.
func onStick(ctx context.Context, t *pos.Till, stick string, z pos.Closing) error {
	bounded, cancel := context.WithTimeout(ctx, backupLimit)
	defer cancel()
	b := pos.Backup{What: pos.BackupOfClosing, Place: stick, Closing: z.Number}
	done := make(chan error, 1)
	go func() {
		var err error
		name := recovery.Name(t.Identity().Name, z.ToDay, z.Number)
		_, b.Seq, err = writeBackup(bounded, t, replica.Target{Kind: replica.Folder, Path: stick}, name, func(ctx context.Context, file string) error {
			c, err := recovery.Look(ctx, file)
			if err == nil && c.Head.Seq < z.Seq {
				err = errLaw.With("check", "closing").With("detail", z.Number)
			}
			return err
		})
		done <- err
	}()
	late := time.NewTimer(pendingAfter)
	defer late.Stop()
	var err error
	select {
	case err = <-done:
	case <-late.C:
		pending := pos.Backup{What: pos.BackupOfClosing, Place: stick, Closing: z.Number, Code: pos.BackupPending}
		_, told := t.RecordBackup(ctx, pos.System("sys"), pending)
		err = errors.Join(<-done, told)
	}
	if ctx.Err() != nil {
		return ctx.Err() // the next start makes it
	}
	b.OK, b.Code = err == nil, codeOf(err)
	if _, recording := t.RecordBackup(ctx, pos.System("sys"), b); recording != nil || err != nil {
		return errors.Join(err, recording)
	}
	_, err = replica.Within(bounded, stick, func(context.Context) ([]string, error) {
		return recovery.Prune(filepath.Join(stick, recovery.BackupsFolder), t.Identity().Name, t.DB().Now())
	})
	return err
}

// When a rehearsal is due: once a business day, while no shift is open; after so long in any case.
const rehearseLatest = 36 * time.Hour

// rehearseDue rehearses a restoration when it is time and there is a copy.
func rehearseDue(ctx context.Context, t *pos.Till) error {
	s, err := replica.ReadSettings(t.DB().Dir())
	if err != nil || !s.Nightly || s.Target+s.Stick == "" {
		return err
	}
	last, found, err := t.LastRehearsal(ctx)
	if err != nil {
		return err
	}
	if found && t.DB().BusinessDay(last.At) >= t.DB().Today() {
		return nil
	}
	_, err = t.CurrentShift(ctx)
	if err == nil && (!found || t.DB().Now().Sub(last.At) < rehearseLatest) {
		return nil // somebody sells: tonight
	}
	_, err = rehearse(ctx, t, s)
	if code := fault.CodeOf(err); code == "copy.absent" || code == "restore.nothing" {
		return nil // there is none yet
	}
	return err
}

// rehearse restores the newest copy into a folder of its own, checks every law and the journal of it, compares it with the
// café, removes it, and journals what came of it.
func rehearse(ctx context.Context, t *pos.Till, s replica.Settings) (pos.Backup, error) {
	ctx, cancel := context.WithTimeout(ctx, backupLimit)
	defer cancel()
	b := pos.Backup{What: pos.BackupRehearsed, Place: s.Target}
	if s.Target == "" {
		b.Place = s.Stick
	}
	err := data.Gently(func() (err error) {
		b.Seq, err = rehearsed(ctx, t, s)
		return err
	})
	if code := fault.CodeOf(err); code == "copy.absent" || code == "restore.nothing" || errors.Is(err, context.Canceled) {
		return b, err
	}
	b.OK, b.Code = err == nil, codeOf(err)
	recorded, recording := t.RecordBackup(ctx, pos.System("sys"), b)
	return recorded, errors.Join(err, recording)
}

// rehearsalOld is how old a copy may be that is behind what the café has: the continuous one is seconds old, one on a stick a day.
const rehearsalOld = 48 * time.Hour

var (
	errRehearsalOld   = fault.New(fault.Internal, "rehearsal.old", "The newest copy is older than two days: what was sold since is nowhere else.")
	errRehearsalSize  = fault.New(fault.Internal, "rehearsal.size", "The newest copy is far larger than the café; it was not brought here.")
	errRehearsalOther = fault.New(fault.Internal, "rehearsal.other", "The copy can be restored, and is not what the café has.")
)

// rehearsalPattern names the folder in which a copy is restored for a rehearsal.
const rehearsalPattern = ".rehearsal-*"

// sweepRehearsals removes what a rehearsal left during which the machine fell: as much as the whole database each time.
func sweepRehearsals(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, rehearsalPattern))
	if err != nil {
		return
	}
	for _, name := range left {
		_ = os.RemoveAll(name) // it takes room, nothing else
	}
}

// rehearsalSpare is how much larger than the café a copy of a small one may be: a log that was not merged yet.
const rehearsalSpare = 64 << 20

// rehearsalRoom refuses what a rehearsal would bring beside the data of a café that sells: what leaves too little room there, and what
// is far larger than the café. The place says how large its copy is, and somebody may have prepared it.
func rehearsalRoom(dir string) (func(size int64) error, error) {
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if err != nil {
		return nil, err
	}
	return func(size int64) error {
		if largest := 2*info.Size() + rehearsalSpare; size > largest {
			return errRehearsalSize.With("size", size).With("largest", largest)
		}
		return data.SpareRoom(dir, dir, size)
	}, nil
}

func rehearsed(ctx context.Context, t *pos.Till, s replica.Settings) (seq int64, err error) {
	room, err := rehearsalRoom(t.DB().Dir())
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(t.DB().Dir(), rehearsalPattern)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, databaseFile)
	id := t.Journal().Anchor().Journal
	got, err := bringCopy(ctx, s, id, file, room)
	if err != nil {
		return 0, err
	}
	facts, err := data.CheckFile(ctx, file)
	if err != nil {
		return 0, err
	}
	if err := auditCopy(ctx, file); err != nil {
		return 0, err
	}
	c, err := recovery.Look(ctx, file)
	if err != nil {
		return 0, err
	}
	live, err := journal.At(ctx, t.DB().Reader(), c.Head.Seq)
	if err != nil || c.Head.Journal != id || live.Hash != c.Head.Hash {
		return c.Head.Seq, errRehearsalOther.With("seq", c.Head.Seq).Wrap(err)
	}
	if events, _ := t.DB().EventHead(); facts.EventSeq > events {
		return c.Head.Seq, errRehearsalOther.With("events", facts.EventSeq)
	}
	if now := t.Journal().Anchor(); now.Seq > c.Head.Seq && t.DB().Now().Sub(c.Head.At) > rehearsalOld {
		return c.Head.Seq, errRehearsalOld.With("seq", c.Head.Seq)
	}
	if place, err := s.Place(); err == nil && s.Target != "" {
		_, _ = replica.Prune(ctx, place, got, t.DB().Now()) // what is too old and stays takes room, until another night
	}
	return c.Head.Seq, nil
}

// bringCopy brings the continuous copy, or, without one, the newest backup of the stick.
func bringCopy(ctx context.Context, s replica.Settings, id, file string, room func(size int64) error) (got replica.Fetched, err error) {
	if s.Target != "" {
		place, err := s.Place()
		if err == nil {
			got, err = replica.FetchWithin(ctx, place, file, room)
		}
		return got, err
	}
	return replica.Within(ctx, s.Stick, func(ctx context.Context) (got replica.Fetched, err error) {
		found, _, err := recovery.Find(ctx, s.Stick, id)
		if err == nil {
			err = ctx.Err() // what is copied later is nobody's to take away
		}
		if err == nil {
			err = room(found[0].Size)
		}
		if err != nil {
			return got, err
		}
		return got, copyFile(found[0].Path, file)
	})
}
