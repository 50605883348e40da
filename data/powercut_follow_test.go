package data_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
)

// beside is a copy that a service keeps in a second place while its power is cut: the notes that were on the disk when,
// and what the second place had when. Both are marks of the record.
type beside struct {
	follower *data.Follower
	notes    []data.FollowNote
	states   []copied
	now      copied
}

// The marks of a copy are below zero: odd ones are notes.
func noteMark(i int) int64  { return -int64(2*i + 1) }
func stateMark(i int) int64 { return -int64(2*i + 2) }

// at returns what there was of a copy at a cut.
func (k *beside) at(marks []int64) (note data.FollowNote, state copied) {
	note.Lost = true
	for _, m := range marks {
		switch {
		case m < 0 && m%2 != 0:
			note = k.notes[(-m-1)/2]
		case m < 0:
			state = k.states[(-m-2)/2]
		}
	}
	return note, state
}

// found is what the next start makes of a note and of the log that it finds in dir.
func found(t *testing.T, dir string, note data.FollowNote, state copied) data.FollowOptions {
	t.Helper()
	log, pages, err := data.LogPages(dir)
	if err != nil {
		t.Fatal(err)
	}
	if note.Lost || state.size == 0 || log == (data.Log{}) || !note.Log.LeadsTo(log) {
		return data.FollowOptions{Lost: true}
	}
	return data.FollowOptions{Pages: slices.Concat(note.Pages, pages)}
}

// join follows the database of a service that was just opened, with what was found before.
func (k *beside) join(s *service, opts data.FollowOptions) {
	s.t.Helper()
	opts.Note = func(n data.FollowNote) error {
		n.Pages = slices.Clone(n.Pages)
		k.notes = append(k.notes, n)
		s.fs.Mark(noteMark(len(k.notes) - 1))
		return nil
	}
	var err error
	if k.follower, err = s.db.Follow(s.t.Context(), opts); err != nil {
		s.t.Fatal(err)
	}
}

// bring brings the second place up to date.
func (k *beside) bring(s *service) {
	s.t.Helper()
	if err := k.follower.Read(s.t.Context(), k.now.take, nil); err != nil {
		s.t.Fatal(err)
	}
	k.states = append(k.states, copied{pages: maps.Clone(k.now.pages), size: k.now.size})
	s.fs.Mark(stateMark(len(k.states) - 1))
}

// after opens what a cut left, follows it with what was noted, and compares what the copy is then with the database, page
// by page. It reports whether the copy went on with what changed.
func (k *beside) after(t *testing.T, d faultvfs.Disk) (went bool) {
	t.Helper()
	dir := t.TempDir()
	if err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	note, state := k.at(d.Marks)
	opts := found(t, dir, note, state)
	db, err := data.Open(t.Context(), options(dir))
	if err != nil {
		t.Errorf("it does not open: %v", err)
		return false
	}
	defer func() { _ = db.Close() }()
	f, err := db.Follow(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	mine := copied{pages: maps.Clone(state.pages), size: state.size}
	var whole copied
	if err := f.Read(t.Context(), mine.take, nil); err != nil {
		t.Fatal(err)
	}
	f.Lose()
	if err := f.Read(t.Context(), whole.take, nil); err != nil {
		t.Fatal(err)
	}
	if mine.size != whole.size {
		t.Errorf("the copy has %d pages, the database %d", mine.size, whole.size)
	}
	for n := uint32(1); n <= whole.size; n++ {
		if !bytes.Equal(mine.pages[n], whole.pages[n]) {
			t.Errorf("page %d of %d is not what the database has (followed with what was noted: %t)", n, whole.size, !opts.Lost)
		}
	}
	return !opts.Lost
}

// Beside a copy too nothing acknowledged is lost at a power cut, and what was noted, with the log that is found, is all that
// the copy lacks: whenever the next start goes on with what changed, the copy is the database.
func TestAPowerCutBesideACopyLosesNothingAndForgetsNoPage(t *testing.T) {
	rng := seeded(t)
	went := 0
	for _, lives := range [][]string{{"kill"}, {"kill", "kill"}, {"sync", "full", "kill"}} {
		k, before := &beside{}, went
		rec := recordWith(t, rng, lives, &service{beside: k})
		for range cuts() / 5 {
			at := cutAnywhere(rec, rng)
			disk := faultvfs.Image(rec, at, rng)
			if k.after(t, disk) {
				went++
			}
			disk.Marks = slices.DeleteFunc(disk.Marks, func(m int64) bool { return m < 0 })
			if wrong := after(t, disk); len(wrong) > 0 {
				t.Errorf("%v: cut after %d of %d changes: %v", lives, at, len(rec.Ops), wrong)
			}
		}
		t.Logf("%v: %d notes, %d states, %d of %d cuts went on with what changed", lives, len(k.notes), len(k.states), went-before, cuts()/5)
	}
	if went == 0 { // of one short life alone it may be so
		t.Error("the database was copied whole after every cut")
	}
}

// A page that was forgotten would be seen.
func TestACopyThatLacksAPageIsSeen(t *testing.T) {
	db := start(t, t.TempDir())
	var noted notes
	f := follow(t, db, data.FollowOptions{Lost: true, Note: noted.note})
	var kept copied
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, db, sell("a"))
	forgot := copied{pages: maps.Clone(kept.pages), size: kept.size}
	err := f.Read(t.Context(), func(ctx context.Context, s data.State) error {
		s.Changed = s.Changed[1:]
		return forgot.take(ctx, s)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Lose()
	if err := f.Read(t.Context(), kept.take, nil); err != nil {
		t.Fatal(err)
	}
	same := 0
	for n := uint32(1); n <= kept.size; n++ {
		if bytes.Equal(forgot.pages[n], kept.pages[n]) {
			same++
		}
	}
	if same == int(kept.size) {
		t.Error("a copy that lacks a page looks like the database")
	}
}
