package main

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/receipts/journal"
)

// seen returns the newest head that says what came after the copy; false when none does. What the till itself kept, in its
// database, beside it or where --head-dir says, tells that nothing is lost too. What lies beside the copy was laid there with it:
// it tells something only when it is newer, and so does a printed closing, and a folder that an earlier restoration has left.
func (r *restoration) seen(ctx context.Context, target cafe) (newest journal.Anchor, known bool, err error) {
	id, end := r.copy.Head.Journal, r.copy.Head.Seq
	var own, beside []string
	if left := filepath.Join(target.dir, "head"); r.guessed(target) {
		beside = append(beside, left)
	} else {
		own = append(own, left)
	}
	if r.env.headDir != "" {
		own = append(own, filepath.Join(r.env.headDir, journal.SecondHeadName(id)))
	}
	newest, known, far := recovery.NewestHead(id, end, own...)
	if !r.guessed(target) && r.there.Seq > newest.Seq && r.there.Reachable(end) == nil {
		newest, known = r.there, true // a head is written up to a second after the entry
	}
	known = known && newest.Seq >= end
	if r.place.Kind == replica.Folder {
		beside = append(beside, filepath.Join(r.place.Path, "head"), filepath.Join(r.place.Path, journal.SecondHeadName(id)))
	} else if kept, err := r.remoteHead(ctx); err == nil {
		beside = append(beside, kept)
	}
	later := []journal.Anchor{}
	laid, found, farther := recovery.NewestHead(id, end, beside...)
	if found {
		later = append(later, laid)
	}
	for _, file := range append(far, farther...) {
		r.env.say("%s names an entry that no till can have reached since, and is passed over.", file)
	}
	if r.anchor != "" {
		given, err := readAnchor(r.anchor)
		if err != nil {
			return newest, false, err
		}
		given.Journal = cmp.Or(given.Journal, id)
		if err := given.Reachable(end); err != nil {
			return newest, false, err
		}
		later = append(later, given)
	}
	for _, a := range later {
		if a.Seq > end && (!known || a.Seq > newest.Seq) {
			newest, known = a, true
		}
	}
	return newest, known, nil
}

// guessed reports whether the folder that is replaced comes from a restoration too, was never opened since, and does not know
// what was lost: it ends where its copy ended, which is no proof that nothing came after.
func (r *restoration) guessed(target cafe) bool {
	text, err := os.ReadFile(filepath.Join(target.dir, restoredFile))
	var f restored
	return err == nil && (json.Unmarshal(text, &f) != nil || !f.Known)
}

// writeHead writes the newest head that was seen beside the database: Open then refuses to sell on what is older, until a
// manager goes on.
func (r *restoration) writeHead() error {
	head := r.copy.Head
	if r.head != nil && r.head.Seq > head.Seq {
		head = *r.head
	}
	text, err := head.Text()
	if err != nil {
		return err
	}
	return data.ReplaceFile(filepath.Join(r.work, "head"), text)
}

// remoteHead brings the head of a place that is no folder.
func (r *restoration) remoteHead(ctx context.Context) (string, error) {
	p, err := replica.Open(ctx, r.place)
	if err != nil {
		return "", err
	}
	defer func() { _ = p.Close() }() // only read
	text, err := replica.ReadFile(ctx, p, "head", maxAnchorFile)
	if err != nil {
		return "", err
	}
	file := filepath.Join(r.work, "seen")
	return file, data.ReplaceFile(file, text)
}
