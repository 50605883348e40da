package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

var errAltered = fault.New(fault.Conflict, "restore.altered", "The signed books of this copy are not as they were signed.")

// bring brings the newest sound copy there is into the work folder: read from its first page to its last, its signed books verified.
func (r *restoration) bring(ctx context.Context) error {
	file := filepath.Join(r.work, databaseFile)
	place, err := placeNamed(r.from)
	if err != nil {
		return err
	}
	if place.Kind != replica.Folder {
		r.place = place
		r.settings = replica.Settings{Target: place.String(), Nightly: true}
		at, err := r.fetch(ctx, file)
		if err == nil {
			r.sayFetched(at)
		}
		return err
	}
	r.place = replica.Target{Kind: replica.Folder, Path: recovery.Beside(place.Path)}
	if isFolder(place.Path) {
		p, err := replica.Open(ctx, place)
		if err != nil {
			return err
		}
		marker, absent := replica.ReadMarker(ctx, p)
		if err := p.Close(); err != nil {
			return err
		}
		if absent == nil {
			r.place = place
			r.settings = replica.Settings{Target: place.String(), Nightly: true}
			return r.newer(ctx, marker.Cafe, file)
		}
		r.settings = replica.Settings{Stick: r.place.Path, Nightly: true}
	}
	return r.newest(ctx, place.Path, file)
}

// newer takes the continuous copy of a café, or a backup that lies beside it and has more, or is sound where the copy is not.
func (r *restoration) newer(ctx context.Context, cafe, file string) error {
	at, failed := r.fetch(ctx, file)
	var fetched recovery.Copy
	if failed == nil {
		fetched, failed = recovery.Look(ctx, file)
	}
	if failed != nil && r.ends(ctx, failed) {
		return failed
	}
	found, unreadable, err := recovery.Find(ctx, r.place.Path, cmp.Or(fetched.Head.Journal, cafe))
	if failed != nil {
		if err != nil {
			return failed
		}
		r.env.say("The continuous copy is passed over: %s", detailOf(failed))
		r.sayUnreadable(unreadable)
		return errors.Join(discard(file), r.choose(ctx, found, file))
	}
	r.sayUnreadable(unreadable)
	found = slices.DeleteFunc(found, func(c recovery.Copy) bool { return c.Epoch < fetched.Epoch || c.Head.Seq <= fetched.Head.Seq })
	if len(found) == 0 { // none lies there, or none that is better
		r.sayFetched(at)
		return nil
	}
	aside := file + ".fetched"
	if err := os.Rename(file, aside); err != nil {
		return err
	}
	err = errors.Join(discard(file), r.choose(ctx, found, file))
	if err == nil {
		return os.Remove(aside)
	}
	if r.ends(ctx, err) {
		return err
	}
	r.sayFetched(at)
	return os.Rename(aside, file)
}

// ends reports whether an error ends the restoration, and says nothing of the copy. What the disk has no room for may be the best
// there is: an older one is not taken for it.
func (r *restoration) ends(ctx context.Context, err error) bool {
	return ctx.Err() != nil || isNoRoom(err)
}

// fetch makes a database of the continuous copy, and tells of when it is.
func (r *restoration) fetch(ctx context.Context, file string) (time.Time, error) {
	got, err := replica.FetchWithin(ctx, r.place, file, r.room)
	if err == nil {
		err = r.books(ctx, "the continuous copy")
	}
	return got.At, err
}

func (r *restoration) sayFetched(at time.Time) {
	r.env.say("Found: the continuous copy, %s old.", age(at))
}

func (r *restoration) sayUnreadable(files []string) {
	for _, name := range files {
		r.env.say("%s cannot be read, and is passed over.", name)
	}
}

// newest takes the newest backup that is sound.
func (r *restoration) newest(ctx context.Context, from, file string) error {
	found, unreadable, err := recovery.Find(ctx, from, "")
	r.sayUnreadable(unreadable)
	if slices.Contains(unreadable, from) {
		_, err = recovery.Look(ctx, from)
	}
	if err != nil {
		return err
	}
	return r.choose(ctx, found, file)
}

// choose takes the first of some backups that is sound, and says which are not.
func (r *restoration) choose(ctx context.Context, found []recovery.Copy, file string) (failed error) {
	for _, c := range found {
		if failed = r.take(ctx, c, file); failed == nil {
			r.env.say("Found: %s, %s old.", c.Path, age(c.Head.At))
			return nil
		}
		if r.ends(ctx, failed) {
			return failed
		}
		r.env.say("%s is passed over: %s", c.Path, detailOf(failed))
	}
	return failed
}

// take copies a backup and reads what was written here: a stick is slow, and is read once.
func (r *restoration) take(ctx context.Context, c recovery.Copy, file string) error {
	err := r.room(c.Size)
	if err == nil {
		err = copyFile(c.Path, file)
	}
	if err == nil {
		_, err = data.CheckFile(ctx, file)
	}
	if err == nil {
		err = r.books(ctx, c.Path)
	}
	if err != nil {
		return errors.Join(err, discard(file))
	}
	return nil
}

// books verifies the signed books of what was brought: the links of all entries, and whole what seals them and the open day: each
// entry would take several times as long. What came of an earlier release is verified when it is brought up to date.
func (r *restoration) books(ctx context.Context, name string) (err error) {
	till, err := pos.OpenReadOnly(ctx, pos.Config{Dir: r.work})
	if fault.CodeOf(err) == "data.older" {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	report, err := verifyBooks(ctx, till, journal.VerifyOptions{})
	if err != nil || report.Conform {
		return err
	}
	first := report.Anomalies[0]
	if r.unverified {
		r.env.say("The signed books of %s are not as they were signed (entry %d: %s): restored all the same, as --unverified says.", name, first.Seq, first.Check)
		return nil
	}
	return errAltered.With("entry", first.Seq).With("check", first.Check)
}

// room refuses what the disk cannot hold before it is full of it: sticks are believed nothing.
func (r *restoration) room(size int64) error {
	if space, err := data.FreeSpace(r.work); err == nil && space.Free < size {
		return errRoom.Wrap(syscall.ENOSPC)
	}
	return nil
}

// age tells how old something is, as a person says it.
func age(at time.Time) string { return max(time.Since(at), 0).Round(time.Second).String() }

// discard removes a database that is not taken, with what SQLite has laid beside it.
func discard(file string) (err error) {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if gone := os.Remove(name); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
