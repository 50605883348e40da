package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"comptoir/pos"
)

type menuCmd struct {
	Import menuImportCmd `cmd:"" help:"Add and change products from a CSV or JSON file: all of it, or nothing."`
	Export menuExportCmd `cmd:"" help:"Write the menu to a CSV or JSON file, or to stdout."`
}

type menuImportCmd struct {
	File string `arg:"" help:"File ending in .csv or .json." placeholder:"FILE"`
}

func (c *menuImportCmd) run(ctx context.Context, e *env) int {
	o, err := menuOrder(c.File)
	if err != nil {
		return e.fail(err)
	}
	return e.do(ctx, o)
}

// maxMenuRead is a byte more than a menu may have: what is larger is refused by pos, which says so.
const maxMenuRead = 1<<20 + 1

// menuOrder is the order to import a file.
func menuOrder(file string) (order, error) {
	text, err := readFile(file, maxMenuRead)
	if err != nil {
		return order{}, err
	}
	form, err := formOf(file)
	return order{Task: "menu.import", Args: []string{form}, Input: text}, err
}

// readFile reads at most limit bytes of a file, and says what a person can do when it cannot.
func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file", name)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("%s: you may not read this file", name)
	case err != nil:
		return nil, fmt.Errorf("%s: the file cannot be opened: %w", name, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		err = fmt.Errorf("%s: the file cannot be read: %w", name, err)
	}
	return text, errors.Join(err, f.Close())
}

// The forms a menu file may have.
const (
	formCSV  = "csv"
	formJSON = "json"
)

// formOf tells a file's form by the end of its name.
func formOf(file string) (string, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return formCSV, nil
	case ".json":
		return formJSON, nil
	}
	return "", fmt.Errorf("%s: the name of a menu file ends in .csv or .json", file)
}

func parseMenu(form string, text []byte) (pos.MenuFile, error) {
	if form == formJSON {
		return pos.ParseMenuJSON(bytes.NewReader(text))
	}
	return pos.ParseMenuCSV(bytes.NewReader(text))
}

// importMenu is the task menu.import: form; the input is the file.
func importMenu(ctx context.Context, t *pos.Till, o order, _, stderr io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	file, err := parseMenu(o.Args[0], o.Input)
	if err != nil {
		return err
	}
	done, err := t.ImportMenu(ctx, pos.System("sys"), file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stderr, "Menu: %d added, %d changed, %d as they were.\n", done.Added, done.Changed, done.Unchanged)
	return err
}

// errOrder is told of an order that this version would not have written.
func errOrder(o order) error {
	return fmt.Errorf("the command %s is not written as this service reads it; it is another version: restart it", o.Task)
}

type menuExportCmd struct {
	File string `arg:"" optional:"" default:"-" help:"File ending in .csv or .json; - for stdout." placeholder:"FILE"`
	JSON bool   `help:"To stdout as JSON instead of CSV."`
}

func (c *menuExportCmd) run(ctx context.Context, e *env) int {
	form := formCSV
	if c.JSON {
		form = formJSON
	}
	o := order{Task: "menu.export", Args: []string{form}}
	if c.File == "-" {
		return e.do(ctx, o)
	}
	form, err := formOf(c.File)
	if err != nil {
		return e.fail(err)
	}
	o.Args[0] = form
	result, err := e.send(ctx, e.cafe(), o)
	if err != nil {
		return e.fail(err)
	}
	if result.Code != exitOK {
		e.say("%s", bytes.TrimRight(result.Stderr, "\n"))
		return result.Code
	}
	if err := os.WriteFile(c.File, result.Stdout, 0o600); err != nil {
		return e.fail(fmt.Errorf("%s: the file cannot be written: %w", c.File, err))
	}
	e.say("Menu written to %s.", c.File)
	return exitOK
}

// exportMenu is the task menu.export: form.
func exportMenu(ctx context.Context, t *pos.Till, o order, stdout, _ io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	menu, err := t.Menu(ctx)
	if err != nil {
		return err
	}
	if o.Args[0] == formJSON {
		return menu.File().WriteJSON(stdout)
	}
	return menu.File().WriteCSV(stdout)
}
