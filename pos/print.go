package pos

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
)

// originalFor is how long after its document a first print is the original: the customer is still there (fiscal R38,
// R97).
const originalFor = 15 * time.Minute

// Forms in which a document is given out.
const (
	OnPaper  = "paper"
	OnScreen = "screen"
	AsFile   = "file"
)

// reasonAsked is the reason of a duplicate that nobody gives another: somebody asked for it.
const reasonAsked = "asked"

// PrintReasons lists the reasons of a duplicate, in the order they are proposed (fiscal R38).
func PrintReasons() []string { return []string{reasonAsked, "lost", "paper", "accounts"} }

// PrintRequest gives a document out.
type PrintRequest struct {
	Form   string `json:"form"`   // OnPaper, the default, OnScreen or AsFile; there is no e-mail
	Reason string `json:"reason"` // of a duplicate: one of PrintReasons; empty is that somebody asked

	Printer string `json:"printer,omitempty"` // name of the one it comes out of; empty: whoever asked shows or prints it
}

// Printed is one time a document left the till.
type Printed struct {
	Number    string    `json:"number"`    // of the document
	Duplicate int       `json:"duplicate"` // 0 the original, k of « DUPLICATA n° k »
	Reference string    `json:"reference"` // number of the D document that recorded it; empty: an event did
	Form      string    `json:"form"`
	Reason    string    `json:"reason"` // empty for the original
	At        time.Time `json:"at"`
	Operator  string    `json:"operator"` // code

	Printer string `json:"printer,omitempty"` // that was asked for it, with the job; told once
	Job     string `json:"job,omitempty"`
}

var (
	errPrint     = fault.New(fault.Invalid, "print.invalid", "A document is given out on paper, on a screen or as a file, for one of the reasons there are.")
	errPrintNote = fault.New(fault.Invalid, "print.note", "A note is printed from its order: each print has a number of its own.")
	errNoPrint   = fault.New(fault.NotFound, "print.unknown", "This document was not given out so many times.")
)

// PrintDocument records that a document is given out, and says as what: the original when nothing of it was before and
// it is at most 15 minutes old; a numbered duplicate ever after, with a D document of its own (fiscal R38, R39, R97). Numbers
// are drawn in the writer, so two tills asking at once get 1 and 2. The first print of an invoice, a closing or a training
// document is the original whenever it comes; of the last two every later one is an event.
//
// With a printer, its job is added in the same commit: the same command again is the same job, and comes out once.
//
// Refusals: right.missing, journal.number, journal.document, print.invalid (form, reason), print.note, printer.unknown, print.full.
func (t *Till) PrintDocument(ctx context.Context, by By, number string, r PrintRequest) (Printed, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Printed, error) {
		r.Form = cmp.Or(r.Form, OnPaper)
		if !slices.Contains([]string{OnPaper, OnScreen, AsFile}, r.Form) {
			return Printed{}, errPrint.Field("form", "one_of")
		}
		if r.Reason = cmp.Or(r.Reason, reasonAsked); !slices.Contains(PrintReasons(), r.Reason) {
			return Printed{}, errPrint.Field("reason", "one_of")
		}
		e, err := journal.ByNumber(ctx, tx, number)
		if err != nil {
			return Printed{}, err
		}
		if e, err = duplicated(ctx, tx, e); err != nil {
			return Printed{}, err
		}
		if e.Kind == journal.KindNotePrint {
			return Printed{}, errPrintNote
		}
		n, err := nextPrint(ctx, tx, e)
		if err != nil {
			return Printed{}, err
		}
		p := Printed{Number: e.Number, Duplicate: n, Form: r.Form, Reason: r.Reason, Operator: by.Operator.Code}
		if n == 0 {
			p.Reason = ""
		}
		if r.Printer == "" {
			return t.print(ctx, tx, by, e, p)
		}
		if r.Form != OnPaper {
			return Printed{}, errPrint.Field("form", "one_of")
		}
		return t.printOn(ctx, tx, by, e, p, r.Printer)
	})
}

// printOn is print, on a printer of the café.
func (t *Till) printOn(ctx context.Context, tx *data.Tx, by By, e journal.Entry, p Printed, name string) (Printed, error) {
	printer, err := t.receiptPrinter(tx, by, name)
	if err != nil {
		return Printed{}, err
	}
	kind := JobDocument
	if receipts.LevelOf(e.Kind) != "" {
		kind = JobClosing
	}
	p.Printer = printer.Name
	if p.Job, err = spool.Add(ctx, tx, spool.Request{Printer: printer.Name, Kind: kind, Body: documentJob{e.Number, p.Duplicate}}); err != nil {
		return Printed{}, err
	}
	return t.print(ctx, tx, by, e, p)
}

// duplicated returns the document that a D document gave out again; any other is itself.
func duplicated(ctx context.Context, q data.Querier, e journal.Entry) (journal.Entry, error) {
	if e.Kind != journal.KindDuplicate {
		return e, nil
	}
	var b journal.DuplicateBody
	if err := e.Decode(&b); err != nil {
		return e, err
	}
	return journal.At(ctx, q, b.Of.Seq)
}

// hasDuplicates reports whether later prints of a document are numbered D documents: what was paid, served or invoiced,
// and is no exercise (FORMAT.md, DUPLICATE).
func hasDuplicates(e journal.Entry) bool {
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund, journal.KindSuspRedeem, journal.KindInvoice:
		return !e.Training
	default:
		return false
	}
}

// isDue reports whether a document is given out when it is made, or never as an original. An invoice is asked for later.
func isDue(e journal.Entry) bool { return hasDuplicates(e) && e.Kind != journal.KindInvoice }

// nextPrint is 0 when the original can still be given, else the k of the next duplicate.
func nextPrint(ctx context.Context, tx *data.Tx, e journal.Entry) (int, error) {
	var last, asked int
	if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT max(n) FROM prints WHERE document = ?1), -1), EXISTS (SELECT 1 FROM receipts_asked WHERE seq = ?1)`,
		e.Seq).Scan(&last, &asked); err != nil {
		return 0, fmt.Errorf("prints of %s: %w", e.Number, err)
	}
	late := isDue(e) && tx.Now().Sub(e.At) > originalFor
	if last < 0 && (late || asked != 0) {
		return 1, nil
	}
	return last + 1, nil
}

// print journals one print and writes its row.
func (t *Till) print(ctx context.Context, tx *data.Tx, by By, e journal.Entry, p Printed) (Printed, error) {
	d := journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code}
	if p.Duplicate > 0 && hasDuplicates(e) {
		d.Kind, d.Series = journal.KindDuplicate, journal.SeriesDuplicate
		d.Body = journal.DuplicateBody{Form: p.Form, N: int64(p.Duplicate), Of: journal.Ref{Doc: e.Number, Seq: e.Seq}, Reason: p.Reason}
	} else {
		code := journal.EventPrinted
		if p.Duplicate > 0 {
			code = journal.EventReprint
		}
		d.Body = journal.EventBody{Code: code, Data: map[string]any{"document": e.Number, "seq": e.Seq, "n": p.Duplicate, "form": p.Form, "reason": p.Reason}}
	}
	made, err := t.journal.Append(ctx, tx, d)
	if err != nil {
		return Printed{}, err
	}
	p.Reference, p.At = made.Number, made.At
	if _, err := tx.Exec(ctx, `INSERT INTO prints (seq, document, n, number, form, reason, at, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		made.Seq, e.Seq, p.Duplicate, p.Reference, p.Form, p.Reason, p.At.UnixMilli(), p.Operator); err != nil {
		return Printed{}, fmt.Errorf("print %s: %w", e.Number, err)
	}
	topics := []string{"sales"}
	if p.Job != "" {
		topics = append(topics, spool.Topic)
	}
	return p, tx.Record(data.Event{Type: "document.printed", Topics: topics, Body: map[string]any{"journal": []int64{made.Seq}}})
}

// printsLimit bounds how many prints of one document are listed.
const printsLimit = 200

// Prints lists how often a document was given out, the first first; none when it never was. Refusals: journal.number,
// journal.document.
func (t *Till) Prints(ctx context.Context, number string) ([]Printed, error) {
	q := t.db.Reader()
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return nil, err
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (Printed, error) {
		p := Printed{Number: e.Number}
		var at int64
		err := r.Scan(&p.Duplicate, &p.Reference, &p.Form, &p.Reason, &at, &p.Operator)
		p.At = time.UnixMilli(at).UTC()
		return p, err
	}, `SELECT 0, '', 'paper', '', at, operator FROM receipts_asked WHERE seq = ?1
		UNION ALL SELECT n, number, form, reason, at, operator FROM prints WHERE document = ?1 ORDER BY 1, 5 LIMIT ?2`, e.Seq, printsLimit)
	return nonNil(all), err
}

// CanPrintOriginal reports whether the next print of a document is its original.
func (t *Till) CanPrintOriginal(ctx context.Context, number string) (bool, error) {
	q := t.db.Reader()
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return false, err
	}
	prints, err := t.Prints(ctx, number)
	return len(prints) == 0 && (!isDue(e) || t.db.Now().Sub(e.At) <= originalFor), err
}

// InHand reports whether a copy was given out so recently that the printer may still be busy with it: a page may print it
// again only for so long, or an original would come out twice (fiscal R38, R97).
func (t *Till) InHand(p Printed) bool { return t.db.Now().Sub(p.At) <= originalFor }

// Copy returns a document as it left the till the n-th time after the original, 0 for the original itself: the same
// words as ever, with the mention of the duplicate. Refusals: those of Document, and print.unknown.
func (t *Till) Copy(ctx context.Context, number string, n int) (receipts.Document, error) {
	q := t.db.Reader()
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return receipts.Document{}, err
	}
	extra, err := t.extra(ctx, q, e)
	if err != nil {
		return receipts.Document{}, err
	}
	extra.Duplicate = n
	err = q.QueryRow(ctx, `SELECT number FROM prints WHERE document = ?1 AND n = ?2 UNION ALL SELECT '' FROM receipts_asked WHERE seq = ?1 AND ?2 = 0 LIMIT 1`,
		e.Seq, n).Scan(&extra.Reference)
	if errors.Is(err, sql.ErrNoRows) {
		return receipts.Document{}, errNoPrint.With("number", number).With("n", n)
	}
	if err != nil {
		return receipts.Document{}, fmt.Errorf("print %d of %s: %w", n, number, err)
	}
	return receipts.Load(ctx, q, e.Number, extra)
}
