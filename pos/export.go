package pos

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

// ExportRequest asks for a file for the accountant.
type ExportRequest struct {
	Kind export.Kind `json:"kind"`
	Form string      `json:"form"` // txt, csv or json; empty: the usual one of the kind
	From string      `json:"from"` // business days, both included
	To   string      `json:"to"`
	// NewestPlan books every day by the newest plan instead of the one that was in force on it.
	NewestPlan bool `json:"newest_plan"`
}

// Exported is what the journal says of a file that was handed out.
type Exported struct {
	N      int64       `json:"n"`   // 1, 2, 3…
	Seq    int64       `json:"seq"` // of its entry
	Kind   export.Kind `json:"kind"`
	Form   string      `json:"form"`
	From   string      `json:"from"`
	To     string      `json:"to"` // the last day that was closed, when more was asked for
	Plan   int64       `json:"plan"`
	Name   string      `json:"name"`
	SHA256 string      `json:"sha256"`
	Size   int64       `json:"size"`
	By     string      `json:"by"` // operator code
	At     time.Time   `json:"at"`
}

// ExportedFile is such a file.
type ExportedFile struct {
	Exported

	Type  string `json:"-"` // media type
	Bytes []byte `json:"-"`
}

// dated stands for the plan of each day, where a plan has a number.
const dated = -1

var (
	errExportKind    = fault.New(fault.Invalid, "export.kind", "There is no such file, or not in this form.")
	errExportEmpty   = fault.New(fault.Conflict, "export.nothing_closed", "None of these days is closed yet.")
	errExportMonths  = fault.New(fault.Invalid, "export.months", "The statement is of whole calendar months.")
	errExportChanged = fault.New(fault.Conflict, "export.changed", "This version of the till writes that file differently; export the days again.")
	errNoExport      = fault.New(fault.NotFound, "export.unknown", "There is no such export.")
)

// Export makes a file out of closed days and journals that it was handed out, with its hash (fiscal R107, R108). What is
// open is in no file: a range that reaches beyond the last closed day ends with it. The bytes are made from a snapshot
// first, then the entry is committed, then they are returned: no file leaves that the journal does not know. The same
// command returns the same bytes.
//
// Refusals: right.missing for whoever is neither a manager nor an accountant; report.range (400 days at most), export.kind,
// export.months, export.nothing_closed (args open: the day that is open), export.sums.
func (t *Till) Export(ctx context.Context, by By, r ExportRequest) (ExportedFile, error) {
	if err := by.mustKeepBooks(); err != nil {
		return ExportedFile{}, err
	}
	if err := r.check(); err != nil {
		return ExportedFile{}, err
	}
	x := Exported{Kind: r.Kind, Form: r.Form, From: r.From, To: r.To, Plan: dated, By: by.Operator.Code}
	file, err := t.composeExport(ctx, &x, r.NewestPlan)
	if err != nil {
		return ExportedFile{}, err
	}
	made, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Exported, error) { return t.recordExport(ctx, tx, by, x) })
	if err != nil {
		return ExportedFile{}, err
	}
	if made.SHA256 != x.SHA256 { // the command was carried out before, when fewer days were closed or another plan was the newest
		return t.makeAgain(ctx, made)
	}
	return ExportedFile{Exported: made, Type: file.Type, Bytes: file.Bytes}, nil
}

// check refuses what no file can be made of, and completes the form.
func (r *ExportRequest) check() error {
	forms := export.Forms(r.Kind)
	if len(forms) == 0 {
		return errExportKind.Field("kind", "one_of")
	}
	if r.Form == "" {
		r.Form = forms[0]
	}
	if !slices.Contains(forms, r.Form) {
		return errExportKind.Field("form", "one_of")
	}
	first, last, err := days(r.From, r.To)
	if err != nil {
		return err
	}
	if r.Kind == export.Solidarity && (first.Day() != 1 || last.AddDate(0, 0, 1).Day() != 1) {
		return errExportMonths.Field("from", "months")
	}
	return nil
}

// recordExport journals a file that is about to be handed out.
func (t *Till) recordExport(ctx context.Context, tx *data.Tx, by By, x Exported) (Exported, error) {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Body: journal.EventBody{Code: journal.EventExport, Data: x.facts()}})
	if err != nil {
		return Exported{}, err
	}
	x.Seq, x.At = e.Seq, e.At
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(n), 0) + 1 FROM exports`).Scan(&x.N); err != nil {
		return Exported{}, fmt.Errorf("export: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO exports (n, seq, kind, form, first, last, plan, name, sha256, size, op, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.N, x.Seq, string(x.Kind), x.Form, x.From, x.To, x.Plan, x.Name, x.SHA256, x.Size, x.By, x.At.UnixMilli()); err != nil {
		return Exported{}, fmt.Errorf("export: %w", err)
	}
	return x, tx.Record(data.Event{Type: "export.made", Body: map[string]any{"journal": []int64{x.Seq}}})
}

// facts are what the entry says.
func (x Exported) facts() map[string]any {
	return map[string]any{
		"kind": string(x.Kind), "form": x.Form, "from": x.From, "to": x.To, "plan": x.Plan, "name": x.Name, "sha256": x.SHA256, "size": x.Size,
	}
}

// composeExport makes the file of x from a snapshot, and completes x: the last day that is closed, the plan, and what came out.
func (t *Till) composeExport(ctx context.Context, x *Exported, newest bool) (export.File, error) {
	var in export.Input
	if err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		all, err := plans(ctx, q)
		if err != nil {
			return err
		}
		if newest {
			x.Plan = all[len(all)-1].N
		}
		in, err = t.exportInput(ctx, q, x, all)
		return err
	}); err != nil {
		return export.File{}, err
	}
	file, err := export.Make(x.Kind, x.Form, in)
	sum := sha256.Sum256(file.Bytes)
	x.Name, x.SHA256, x.Size = file.Name, hex.EncodeToString(sum[:]), int64(len(file.Bytes))
	return file, err
}

// makeAgain makes a file that was handed out before. Refusal: export.changed, when this version of the till writes it
// differently: nothing is handed out under a hash that is not its own.
func (t *Till) makeAgain(ctx context.Context, was Exported) (ExportedFile, error) {
	x := was
	file, err := t.composeExport(ctx, &x, false)
	if err != nil {
		return ExportedFile{}, err
	}
	if x != was {
		return ExportedFile{}, errExportChanged.With("name", was.Name)
	}
	return ExportedFile{Exported: was, Type: file.Type, Bytes: file.Bytes}, nil
}

// exportColumns are those of a row of exports.
const exportColumns = `n, seq, kind, form, first, last, plan, name, sha256, size, op, at`

func scanExport(scan func(...any) error) (x Exported, err error) {
	var at int64
	err = scan(&x.N, &x.Seq, &x.Kind, &x.Form, &x.From, &x.To, &x.Plan, &x.Name, &x.SHA256, &x.Size, &x.By, &at)
	x.At = time.UnixMilli(at).UTC()
	return x, err
}

// Exports returns what was handed out, newest first, limit at most.
func (t *Till) Exports(ctx context.Context, limit int) ([]Exported, error) {
	all, err := data.All(ctx, t.db.Reader(), func(r *data.Rows) (Exported, error) { return scanExport(r.Scan) },
		`SELECT `+exportColumns+` FROM exports ORDER BY n DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("exports: %w", err)
	}
	return nonNil(all), nil
}

// ExportedFile makes a file again that was handed out, by its number: the same bytes. Refusals: export.unknown,
// export.changed.
func (t *Till) ExportedFile(ctx context.Context, n int64) (ExportedFile, error) {
	row := t.db.Reader().QueryRow(ctx, `SELECT `+exportColumns+` FROM exports WHERE n = ?`, n)
	x, err := scanExport(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return ExportedFile{}, errNoExport.With("n", n)
	}
	if err != nil {
		return ExportedFile{}, fmt.Errorf("export %d: %w", n, err)
	}
	return t.makeAgain(ctx, x)
}
