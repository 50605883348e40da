package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// isNoRoom reports whether a disk is full.
func isNoRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || fault.CodeOf(err) == "data.copy_room"
}

// workName is that of the folders in which cafés are restored.
const workName = ".restore-*"

// alone lets one restoration at a time into a data directory, and removes what one left there that was cut short, by a kill or a
// power cut: it takes the room of a whole café.
func (r *restoration) alone() (give func(), err error) {
	free, err := data.Lock(r.root)
	if err != nil {
		return nil, err
	}
	give = func() {
		_ = os.Remove(filepath.Join(r.root, "lock")) // one that stays is in nobody's way
		free()
	}
	left, err := filepath.Glob(filepath.Join(r.root, workName))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	if err != nil {
		give()
		return nil, err
	}
	return give, nil
}

// swap puts the restored café in its place. One that is there is moved aside, never written over; one that is open is left alone.
func (r *restoration) swap(target cafe) error {
	_ = os.Remove(filepath.Join(r.work, "lock")) // of giving it its epoch
	_ = os.Remove(filepath.Join(r.work, "seen"))
	if target.exists() {
		give, err := data.Lock(target.dir)
		if err != nil {
			return err
		}
		defer give()
		aside := fmt.Sprintf("%s.before-%s", target.dir, time.Now().Format("20060102-150405.000"))
		if archives := filepath.Join(target.dir, "archives"); isFolder(archives) {
			if err := os.CopyFS(filepath.Join(r.work, "archives"), os.DirFS(archives)); err != nil {
				return err
			}
		}
		if err := os.Rename(target.dir, aside); err != nil {
			return err
		}
		if err := os.Rename(r.work, target.dir); err != nil {
			return errors.Join(err, os.Rename(aside, target.dir))
		}
		r.env.say("What was there lies in %s now.", aside)
		return data.SyncFile(r.root)
	}
	if err := os.Remove(target.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not empty, and holds no café: move it away first", target.dir)
	}
	if err := os.Rename(r.work, target.dir); err != nil {
		return err
	}
	return data.SyncFile(r.root)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// mark tells the place of the copy that another machine sells now: the old one finds it there and sells no more.
func (r *restoration) mark(ctx context.Context) error {
	p, err := replica.Open(ctx, r.place)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // what was written is there
	name := stickMarker(r.copy.Head.Journal)
	m, err := replica.ReadMarker(ctx, p)
	if err == nil && m.Cafe == r.copy.Head.Journal {
		name = replica.MarkerFile
	} else {
		m = replica.Marker{Cafe: r.copy.Head.Journal}
	}
	m.Epoch, m.When, m.MAC = r.found.Epoch, time.Now().UTC().Truncate(time.Second), ""
	m.Machine, _ = os.Hostname() // without a name it is the date that tells
	if r.key != nil {
		m = m.Sealed(r.key)
	}
	return replica.WriteMarker(ctx, p, name, m)
}

// stickMarker is the name of a café's marker on a stick that may hold the backups of several.
func stickMarker(id string) string { return id + ".epoch" }

// unprovenYears is how far ahead the clock of a machine may be whose marker proves nothing: who writes one by hand must leave
// numbers for the machines to come.
const unprovenYears = 100

// epochSeen is the newest epoch that is known beside the copy: of the places of copies, and of the machine that replaced this one.
// The one that sells now has to be newer, whichever of their clocks goes wrong: or the other would go on selling.
func (r *restoration) epochSeen(ctx context.Context, target cafe) (newest int64) {
	id := r.copy.Head.Journal
	r.key, _ = pos.MarkerKey(r.work) // nil: the keys did not come back, and the machine seals its markers once it has some
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	seen := markersAt(bounded, r.place, stickMarker(id), replica.MarkerFile)
	if kept, err := replica.ReadSettings(target.dir); err == nil {
		seen = append(seen, markersOf(bounded, kept, id)...)
	}
	if m, err := readReplaced(target.dir); err == nil {
		seen = append(seen, sighting{Marker: m})
	}
	likely := time.Now().AddDate(unprovenYears, 0, 0).Unix()
	for _, m := range seen {
		if m.Cafe == id && (m.Epoch < likely || r.key != nil && m.By(r.key)) {
			newest = max(newest, m.Epoch)
		}
	}
	return newest
}

// tell says what came back and what did not.
func (r *restoration) tell() {
	e, f := r.env, r.found
	e.say("%s: up to entry %d of %s.", r.copy.Cafe, f.Head, f.Copied.Local().Format(time.DateTime))
	switch {
	case !f.Known:
		e.say("What was done after that is not in it, and nobody knows how much: give --anchor with the line CZ1 … of the last printed closing, if there is one.")
	case f.Lost == 0:
		e.say("Nothing is lost.")
	default:
		e.say("Lost: %d entries, up to %s. Last number in the copy: %s.", f.Lost, f.LostTo.Local().Format(time.DateTime), f.Last)
	}
}

// goOn lets a manager go on at once, when something is lost.
func (r *restoration) goOn(ctx context.Context, c cafe, manager, reason string) error {
	a := pos.HeldAnswer{Operator: manager, PIN: r.pin, Reason: reason, Anchor: r.head}
	err := pos.NewHeld(r.env.config(c)).Resume(ctx, a)
	if fault.CodeOf(err) == "journal.resume_none" {
		return nil
	}
	return err
}

// recordRestored journals that the café was restored, when it is opened for the first time since.
func recordRestored(ctx context.Context, t *pos.Till) error {
	file := filepath.Join(t.DB().Dir(), restoredFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var f restored
	if err := errors.Join(err, json.Unmarshal(text, &f)); err != nil {
		return fmt.Errorf("%s: %w", restoredFile, err)
	}
	if err := t.RecordRestore(ctx, pos.Restore{From: f.From, Copied: f.Copied, Head: f.Head, Epoch: f.Epoch, Known: f.Known, Lost: f.Lost, LostTo: f.LostTo, Last: f.Last}); err != nil {
		return err
	}
	return os.Remove(file)
}
