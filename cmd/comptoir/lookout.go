package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data"
	"comptoir/pos"
)

// replacedFile notes in a café's folder that another machine was seen to sell: the place that told it may be out of reach later.
const replacedFile = "replaced.json"

// lookTimeout bounds how long a start waits for a place that may not answer: a café without network sells.
const lookTimeout = 3 * time.Second

// lookout looks where the café's copies lie for the machine that has replaced this one.
type lookout struct {
	till *pos.Till
	log  *slog.Logger

	mu   sync.Mutex
	seen *web.Sighting // of a newer machine that proves nothing; nil: none
	here string        // folder for backups that is on the disk of the data; empty: none
}

// look refuses a café whose data another machine has: a newer epoch was seen that only a machine with the café's keys can have
// written. A place that cannot be reached refuses nothing, and is asked again by the copy itself. What proves nothing is told.
func (l *lookout) look(ctx context.Context) error {
	dir, own := l.till.DB().Dir(), l.till.DB().Epoch()
	if m, err := readReplaced(dir); err == nil && m.Epoch > own && m.Epoch < replica.MaxEpoch {
		return pos.Replaced(m.When, m.Machine, m.Epoch)
	}
	s, err := replica.ReadSettings(dir)
	if err != nil {
		return nil // the copy says what is wrong with its settings; selling goes on
	}
	key, err := l.till.MarkerKey()
	if err != nil {
		return nil // nobody's word can be proved
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	id := l.till.Journal().Anchor().Journal
	var told *web.Sighting
	for _, m := range markersOf(ctx, s, id) {
		switch {
		case m.Cafe != id:
		case m.Epoch > own && m.By(key):
			l.remember(m.Marker)
			return pos.Replaced(m.When, m.Machine, m.Epoch)
		case m.Epoch > own:
			told = &web.Sighting{File: m.at.String() + "/" + m.name, Machine: m.Machine, When: m.When, Sealed: m.MAC != ""}
		case m.name == stickMarker(id) && (m.Epoch < own || !m.By(key)): // that of the copy is the copy's
			l.renew(ctx, m, key)
		}
	}
	stick := replica.Target{Kind: replica.Folder, Path: s.Stick}
	if s.Stick != "" && !replica.SameDisk(ctx, dir, stick) {
		stick.Path = ""
	}
	l.tell(told, stick.Path)
	return nil
}

// remember notes the machine that has replaced this one. The refusal stands without it.
func (l *lookout) remember(m replica.Marker) {
	text, err := json.Marshal(m)
	if err == nil {
		err = data.ReplaceFile(filepath.Join(l.till.DB().Dir(), replacedFile), text)
	}
	if err != nil {
		l.log.Warn("which machine has replaced this one could not be noted", "error", err)
	}
}

// renew seals a marker of this machine, which an older version wrote, or a restoration that had no key yet.
func (l *lookout) renew(ctx context.Context, m sighting, key []byte) {
	if own := l.till.DB().Epoch(); m.Epoch < own {
		m.Epoch, m.When = own, l.till.DB().Now().UTC().Truncate(time.Second)
		m.Machine, _ = os.Hostname() // without a name it is the date that tells
	}
	p, err := replica.Open(ctx, m.at)
	if err == nil {
		err = replica.WriteMarker(ctx, p, m.name, m.Sealed(key))
		_ = p.Close() // what was written is there
	}
	if err != nil {
		l.log.Warn("the marker of this machine could not be renewed", "place", m.at.String(), "error", err)
	}
}

func (l *lookout) tell(s *web.Sighting, here string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s != nil && (l.seen == nil || *l.seen != *s) {
		l.log.Error("a place names a newer machine of this café, and nothing proves it", "file", s.File, "machine", s.Machine)
	}
	l.seen, l.here = s, here
}

// onThisDisk returns the folder for backups that was on the disk of the data when it was looked at last: where a stick is missing
// there may be a folder of its name.
func (l *lookout) onThisDisk() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.here
}

// sighted returns what was seen last of a newer machine that proves nothing.
func (l *lookout) sighted() (s web.Sighting, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		return s, false
	}
	return *l.seen, true
}

// readReplaced reads which machine has replaced the one of a folder.
func readReplaced(dir string) (m replica.Marker, err error) {
	text, err := os.ReadFile(filepath.Join(dir, replacedFile))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}

// sighting is a marker and where it lies.
type sighting struct {
	replica.Marker
	at   replica.Target
	name string
}

// markersOf reads the markers of a café's places that can be reached.
func markersOf(ctx context.Context, s replica.Settings, id string) (all []sighting) {
	if target, err := s.Place(); err == nil && target != (replica.Target{}) {
		all = markersAt(ctx, target, replica.MarkerFile)
	}
	if s.Stick != "" {
		all = append(all, markersAt(ctx, replica.Target{Kind: replica.Folder, Path: s.Stick}, stickMarker(id))...)
	}
	return all
}

// markersAt reads the markers of these names that are in a place.
func markersAt(ctx context.Context, at replica.Target, names ...string) (all []sighting) {
	p, err := replica.Open(ctx, at)
	if err != nil {
		return nil
	}
	defer func() { _ = p.Close() }() // only read
	for _, name := range names {
		if m, err := replica.ReadMarkerNamed(ctx, p, name); err == nil {
			all = append(all, sighting{m, at, name})
		}
	}
	return all
}

// keepFirst looks again until the context ends, and tells it once when another machine has the café's data by now.
func (l *lookout) keepFirst(ctx context.Context, told chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(backupInterval):
		}
		if err := l.look(ctx); err != nil {
			l.log.Error("this machine was replaced", "error", err)
			select {
			case told <- struct{}{}:
			default:
			}
			return
		}
	}
}
