package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/seed"
	"comptoir/pos"
)

// founding is what a live café is made of. `comptoir init` and the set-up page make it by the same steps.
type founding struct {
	identity pos.Identity
	manager  pos.NewOperator
	sample   bool          // begin with the sample menu
	menu     *pos.MenuFile // or with this one; nil: none
	enter    bool          // its manager signs in at once
}

// errFounded is told when there is a live café already.
var errFounded = fault.New(fault.Conflict, "journal.founded", "There is a café already; a café is set up once.")

// unfinished is how directories of cafés in the making are named, beside the cafés, and how long one may take: what is
// older was cut short, and was never a café.
const (
	unfinished  = ".cafe-"
	makingLimit = time.Hour
)

// make makes the whole café in a directory of its own and puts it in place by one rename: a power cut leaves the café
// or none. It returns the session of its manager, when they sign in.
//
// Refusals: journal.founded, those of pos.CheckIdentity, pos.CheckFirstManager and pos.Till.ImportMenu.
func (f founding) make(ctx context.Context, config pos.Config) (s pos.Session, err error) {
	if err := pos.CheckFirstManager(f.manager); err != nil {
		return s, err
	}
	live := cafe{dir: config.Dir}
	if live.exists() {
		return f.finish(ctx, config)
	}
	root := filepath.Dir(config.Dir)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return s, fault.New(fault.Invalid, "data.directory", "The data directory cannot be used.").With("dir", root).Wrap(err)
	}
	if err := sweep(root); err != nil {
		return s, err
	}
	config.Dir, err = os.MkdirTemp(root, unfinished)
	if err != nil {
		return s, fault.New(fault.Invalid, "data.directory", "The data directory cannot be used.").With("dir", root).Wrap(err)
	}
	if s, err = f.furnished(ctx, config); err == nil {
		err = putInPlace(config.Dir, live.dir)
	}
	if err != nil {
		return pos.Session{}, errors.Join(err, os.RemoveAll(config.Dir))
	}
	return s, nil
}

// finish takes up a café that an older version left without a genesis, and refuses one that has it.
func (f founding) finish(ctx context.Context, config pos.Config) (pos.Session, error) {
	t, err := pos.OpenReadOnly(ctx, config)
	if err == nil {
		return pos.Session{}, errors.Join(errFounded.With("dir", config.Dir), t.Close())
	}
	if code := fault.CodeOf(err); code != "cafe.none" && code != "data.older" {
		return pos.Session{}, err
	}
	return f.furnished(ctx, config)
}

// furnished founds the café, gives it its menu and signs its manager in.
func (f founding) furnished(ctx context.Context, config pos.Config) (s pos.Session, err error) {
	if err := pos.Found(ctx, config, f.identity, f.manager); err != nil {
		return s, err
	}
	till, err := pos.Open(ctx, config)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	menu := f.menu
	if f.sample {
		file, err := pos.ParseMenuCSV(bytes.NewReader(seed.Menu()))
		if err != nil {
			return s, fmt.Errorf("sample menu: %w", err)
		}
		menu = &file
	}
	if menu != nil {
		if _, err := till.ImportMenu(ctx, pos.System("sys"), *menu); err != nil {
			return s, err
		}
	}
	if f.enter {
		s, err = till.SignIn(ctx, f.manager.Name, f.manager.PIN)
	}
	return s, err
}

// putInPlace renames a finished café to where cafés are, and has the disk remember it.
func putInPlace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		if _, taken := os.Stat(filepath.Join(to, databaseFile)); taken == nil {
			return errFounded.With("dir", to).Wrap(err)
		}
		return fault.New(fault.Invalid, "data.directory", "The data directory cannot be used.").With("dir", to).Wrap(err)
	}
	if err := data.SyncFile(filepath.Dir(to)); err != nil {
		return fmt.Errorf("keep the café's place: %w", err)
	}
	return nil
}

// sweep removes what was cut short.
func sweep(root string) error {
	all, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("look for what was cut short: %w", err)
	}
	for _, entry := range all {
		if !strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > makingLimit {
			err = os.RemoveAll(filepath.Join(root, entry.Name()))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove what was cut short: %w", err)
		}
	}
	return nil
}
