package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"comptoir/pos"
	"comptoir/receipts/export"
)

// exportCmd writes the files for the accountant. Each is an entry of the journal, so the one process that writes the café
// makes it, a running service too.
type exportCmd struct {
	FEC        exportKindCmd `cmd:"" name:"fec" help:"One balanced entry a closing, for accounting software (FEC format)."`
	EReporting exportKindCmd `cmd:"" name:"ereporting" help:"Totals by day, nature and rate, for the platform of e-reporting: json (the default) or csv."`
	Takings    exportKindCmd `cmd:"" name:"csv" help:"What came in, a line a day."`
	CashBook   exportKindCmd `cmd:"" name:"cashbook" help:"The drawer, a line a day."`
	Solidarity exportKindCmd `cmd:"" name:"solidarity" help:"What was given, served, handed over, returned, and what waits, by whole months: txt (the default), csv or json."`
	Tax        exportTaxCmd  `cmd:"" name:"tax" help:"The whole history with its French notice, as one file that proves itself: for an inspector."`
}

// AfterApply tells each command which file it is for: kong fills their flags alike.
func (c *exportCmd) AfterApply() error { //nolint:unparam // kong asks for an error
	c.FEC.kind, c.EReporting.kind, c.Takings.kind, c.CashBook.kind, c.Solidarity.kind = export.FEC, export.EReporting, export.Takings, export.CashBook, export.Solidarity
	return nil
}

type exportKindCmd struct {
	kind export.Kind

	From       string `required:"" help:"First business day." placeholder:"YYYY-MM-DD" env:"-"`
	To         string `required:"" help:"Last business day; what is not closed yet is left out." placeholder:"YYYY-MM-DD" env:"-"`
	Form       string `help:"txt, csv or json, where there is a choice." placeholder:"FORM" env:"-"`
	NewestPlan bool   `help:"Every day by the accounts of today, not by those of its own day." env:"-"`
	Out        string `help:"File to write, or a directory to put it in under its own name; without it, stdout." placeholder:"FILE" env:"-"`
}

func (c *exportKindCmd) run(ctx context.Context, e *env) int {
	plan := "dated"
	if c.NewestPlan {
		plan = "newest"
	}
	o := order{Task: "export", Args: []string{string(c.kind), c.Form, c.From, c.To, plan}}
	if c.Out == "" {
		return e.do(ctx, o)
	}
	result, err := e.send(ctx, e.cafe(), o)
	if err != nil {
		return e.fail(err)
	}
	if _, err := e.stderr.Write(result.Stderr); err != nil || result.Code != exitOK {
		return max(result.Code, exitFailed)
	}
	name, err := c.write(result.Stdout, result.Stderr)
	if err != nil {
		return e.fail(err)
	}
	e.say("%s", name)
	return exitOK
}

// write puts the file where it was asked for. It is journaled by now: when the disk refuses it, the same days give the same
// bytes again.
func (c *exportKindCmd) write(file, words []byte) (string, error) {
	name := c.Out
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		own, _, _ := bytes.Cut(words, []byte(":")) // the line that exportFile begins with the name
		name = filepath.Join(name, filepath.Base(string(own)))
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", fmt.Errorf("%s: the file cannot be written: %w", name, err)
	}
	_, err = f.Write(file)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("%s: the file cannot be written: %w", name, err)
	}
	return name, nil
}

// exportFile is the task export: kind, form, first and last day, dated or newest. It prints the file, and says its name,
// what was left out and its hash.
func exportFile(ctx context.Context, t *pos.Till, o order, stdout, stderr io.Writer) error {
	if len(o.Args) != 5 {
		return errOrder(o)
	}
	r := pos.ExportRequest{Kind: export.Kind(o.Args[0]), Form: o.Args[1], From: o.Args[2], To: o.Args[3], NewestPlan: o.Args[4] == "newest"}
	f, err := t.Export(ctx, pos.System("sys"), r)
	if err != nil {
		return err
	}
	if _, err := stdout.Write(f.Bytes); err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	left := ""
	if f.To < r.To {
		left = "; the days after are not closed yet"
	}
	_, err = fmt.Fprintf(stderr, "%s: %s to %s%s, entry %d, SHA-256 %s\n", f.Name, f.From, f.To, left, f.Seq, f.SHA256)
	return err
}
