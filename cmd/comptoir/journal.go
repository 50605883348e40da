package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

type journalCmd struct {
	Export journalExportCmd `cmd:"" help:"Write the journal with its signatures, line by line, for comptoir-verify."`
}

type journalExportCmd struct {
	Out string `help:"File to write; must not exist yet. Without it, standard output." placeholder:"FILE" env:"-"`
}

func (c *journalExportCmd) run(ctx context.Context, e *env) int {
	till, err := pos.OpenReadOnly(ctx, e.config(e.cafe()))
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	write := func(w io.Writer) error {
		return till.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) error { return journal.Export(ctx, q, w) })
	}
	if c.Out == "" {
		err = write(e.stdout)
	} else {
		err = writeWhole(c.Out, write)
	}
	if err = errors.Join(err, till.Close()); err != nil {
		return e.fail(err)
	}
	return exitOK
}

// writeWhole writes a new file, and leaves none when it could not be written to its end.
func writeWhole(name string, write func(io.Writer) error) error {
	const mode = 0o600 // it names what was sold, and when
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b := bufio.NewWriter(f)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(err, os.Remove(name)))
	}
	return nil
}
