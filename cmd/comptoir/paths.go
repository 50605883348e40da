package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Folders under the data directory, and files under a café's, that this package names itself.
const (
	demoFolder   = "demo"
	liveFolder   = "cafe"
	databaseFile = "till.db"
	socketFile   = "control.sock"
	unseededFile = "unseeded" // the demo's made day has not been rung to its end
)

// cafe is one of the two cafés a data directory may hold.
type cafe struct {
	dir  string
	demo bool
}

// dataDir returns the data directory as an absolute path: the one given, or the user's own.
func dataDir(given string) (string, error) {
	if given == "" {
		given = os.Getenv("XDG_DATA_HOME")
		if given == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", errors.New("there is no home directory to keep the café in; say where with --data DIR")
			}
			given = filepath.Join(home, ".local", "share")
		}
		given = filepath.Join(given, "comptoir")
	}
	abs, err := filepath.Abs(given)
	if err != nil {
		return "", fmt.Errorf("data directory %s: %w", given, err)
	}
	return abs, nil
}

// cafe returns the café that the common flags mean: the demo when it is asked for, otherwise the live one if there
// is one, otherwise the demo.
func (e *env) cafe() cafe {
	live := e.live()
	if !e.demo && live.exists() {
		return live
	}
	return cafe{dir: filepath.Join(e.data, demoFolder), demo: true}
}

// live returns the live café, whether or not there is one yet.
func (e *env) live() cafe { return cafe{dir: filepath.Join(e.data, liveFolder)} }

// exists reports whether there is a database. Whether it is a café is found out by opening it. A file that cannot
// be looked at is there: opening it says why. So is one behind a link that leads nowhere, to a disk that went away: nobody
// rings up a day in the demonstration instead.
func (c cafe) exists() bool {
	_, err := os.Stat(filepath.Join(c.dir, databaseFile))
	return !errors.Is(err, os.ErrNotExist) || c.leadsNowhere()
}

// leadsNowhere reports whether the café's folder is a link to what is not there.
func (c cafe) leadsNowhere() bool {
	if _, err := os.Lstat(c.dir); err != nil {
		return false
	}
	_, err := os.Stat(c.dir)
	return errors.Is(err, os.ErrNotExist)
}

// socket is where a running service takes commands.
func (c cafe) socket() string { return filepath.Join(c.dir, socketFile) }

// unseeded marks a demo whose made day has not been rung to its end.
func (c cafe) unseeded() string { return filepath.Join(c.dir, unseededFile) }
