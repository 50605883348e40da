package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"comptoir/pos"
	"comptoir/receipts/archive"
)

// archiveCmd makes the archive of a closed period, or makes it again, and puts a copy where it is asked for.
type archiveCmd struct {
	Month string `help:"A closed month; 2026-11_2 is the rest of one that was ended early." placeholder:"YYYY-MM" env:"-" xor:"period"`
	Year  string `help:"A closed fiscal year." placeholder:"YYYY" env:"-" xor:"period"`
	From  string `help:"First of some closed days, 12 months at most." placeholder:"YYYY-MM-DD" env:"-" xor:"period" and:"days"`
	To    string `help:"Last of them." placeholder:"YYYY-MM-DD" env:"-" and:"days"`
	Out   string `required:"" help:"Directory to put the copy in, such as a memory stick." placeholder:"DIR" env:"-"`
}

func (c *archiveCmd) run(ctx context.Context, e *env) int {
	if c.Month+c.Year+c.From == "" {
		e.say("comptoir: say which period: --month YYYY-MM, --year YYYY, or --from and --to")
		return exitUsage
	}
	if err := writable(c.Out); err != nil {
		return e.fail(err)
	}
	return e.fetch(ctx, order{Task: "archive", Args: []string{c.Month + c.Year, c.From, c.To}}, c.Out)
}

// exportTaxCmd hands the whole history to an inspector.
type exportTaxCmd struct {
	Out string `required:"" help:"Directory to put it in." placeholder:"DIR" env:"-"`
}

func (c *exportTaxCmd) run(ctx context.Context, e *env) int {
	if err := writable(c.Out); err != nil {
		return e.fail(err)
	}
	return e.fetch(ctx, order{Task: "export.tax"}, c.Out)
}

// fetched is a file that the café has made, and that is to be copied.
type fetched struct {
	Path   string `json:"path"` // on this machine
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Remove bool   `json:"remove"` // it was made for this copy
	Words  string `json:"words"`
}

// fetch has a file made, by the running service if there is one, and copies it into a directory.
func (e *env) fetch(ctx context.Context, o order, dir string) int {
	result, err := e.send(ctx, e.cafe(), o)
	if err != nil {
		return e.fail(err)
	}
	if _, err := e.stderr.Write(result.Stderr); err != nil || result.Code != exitOK {
		return max(result.Code, exitFailed)
	}
	var f fetched
	if err := json.Unmarshal(result.Stdout, &f); err != nil {
		return e.fail(errOrder(o))
	}
	path, err := f.copyTo(dir)
	if f.Remove {
		err = errors.Join(err, os.Remove(f.Path))
	}
	if err != nil {
		return e.fail(err)
	}
	e.put("%s", path)
	e.say("%s", f.Words)
	return exitOK
}

// writable says what is wrong with a directory before anything is made for it.
func writable(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("--out %s: there is no such directory", dir)
	case err != nil:
		return fmt.Errorf("--out %s: the directory cannot be read: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("--out %s: this is no directory", dir)
	}
	f, err := os.CreateTemp(dir, ".comptoir-*")
	if err != nil {
		return fmt.Errorf("--out %s: nothing can be written there: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// copyTo copies the file into a directory, durably, under its name only when it is whole.
func (f fetched) copyTo(dir string) (path string, err error) {
	path = filepath.Join(dir, filepath.Base(f.Name))
	defer func() {
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("--out %s: there is no room left; the archive itself is safe, ask for it again with another directory", dir)
		} else if err != nil {
			err = fmt.Errorf("--out %s: the copy could not be written: %w", dir, err)
		}
	}()
	from, err := os.Open(f.Path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := os.CreateTemp(dir, ".comptoir-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err == nil {
		err = os.Rename(to.Name(), path)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return path, nil
}

// makeArchive is the task archive: period, first and last day. It prints where the file is.
func makeArchive(ctx context.Context, t *pos.Till, o order, stdout, _ io.Writer) error {
	if len(o.Args) != 3 {
		return errOrder(o)
	}
	made, err := t.Archive(ctx, pos.System("sys"), pos.ArchiveRequest{Period: o.Args[0], From: o.Args[1], To: o.Args[2]})
	if err != nil {
		return err
	}
	path, a, err := t.TakeArchive(ctx, pos.System("sys"), made.Name)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(fetched{Path: path, Name: a.Name, SHA256: a.SHA256, Words: told(a)})
}

func told(a archive.Archive) string {
	return fmt.Sprintf("%s to %s, entries %d to %d, entry %d of the journal, SHA-256 %s", a.FromDay, a.ToDay, a.FromSeq, a.ToSeq, a.Seq, a.SHA256)
}

// exportTax is the task export.tax. It prints where the file is.
func exportTax(ctx context.Context, t *pos.Till, _ order, stdout, _ io.Writer) error {
	f, err := t.ExportTax(ctx, pos.System("sys"))
	if err != nil {
		return err
	}
	words := fmt.Sprintf("The whole history to entry %d, SHA-256 %s. It proves itself with comptoir-verify, and by the recipe of its LISEZMOI.txt.", f.ToSeq, f.SHA256)
	return json.NewEncoder(stdout).Encode(fetched{Path: f.Path, Name: f.Name, SHA256: f.SHA256, Remove: true, Words: words})
}
