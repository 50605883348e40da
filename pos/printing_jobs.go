package pos

import (
	"context"
	"encoding/json"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
	"comptoir/suspended"
)

// PrintReading prints a look at the open day on the receipt printer of the till, as it is now, and returns the job. It ends
// nothing, and nothing is journaled (fiscal R47). Refusals: right.missing, printer.none, print.full.
func (t *Till) PrintReading(ctx context.Context, by By) (string, error) {
	if err := by.mustSell(); err != nil {
		return "", err
	}
	reading, err := t.XReport(ctx, by.Operator)
	if err != nil {
		return "", err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		p, err := t.receiptPrinter(tx, by, "")
		if err != nil {
			return "", err
		}
		id, err := spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobReading, Body: reading})
		if err != nil {
			return "", err
		}
		return id, tx.Record(data.Event{Type: "reading.printed", Topics: []string{spool.Topic}, Body: map[string]any{"printer": p.Name}})
	})
}

// PrintJobs lists what waits for a printer, or for a person's word, the oldest first.
func (t *Till) PrintJobs(ctx context.Context) ([]spool.Job, error) {
	all, err := spool.Open(ctx, t.db.Reader(), "", spool.Limit)
	return nonNil(all), err
}

// PrintJob returns a job, whatever became of it. Refusal: print.no_job.
func (t *Till) PrintJob(ctx context.Context, id string) (spool.Job, error) {
	return spool.Get(ctx, t.db.Reader(), id)
}

// AnswerJob says what became of a job that asks, or that nobody waits for any more: it came out, it is to be printed again,
// or it need not come out. A job keeps its id: nothing of it is a duplicate (fiscal R38 counts what was asked for).
// What is owed a number of its own when it is printed later is not printed again by its job: the customer has left, and two
// originals would be about (R38, R97).
// Refusals: right.missing, print.answer, print.moved, print.no_job, print.over.
func (t *Till) AnswerJob(ctx context.Context, by By, id string, answer spool.Answer) (spool.Job, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		if answer == spool.Again {
			if err := mayPrintAgain(ctx, tx, id); err != nil {
				return spool.Job{}, err
			}
		}
		j, err := spool.Say(ctx, tx, id, answer, by.Operator.Code)
		if err != nil {
			return j, err
		}
		return j, tx.Record(data.Event{Type: "print.answered", Topics: []string{spool.Topic}, Body: map[string]any{"job": j.ID, "answer": string(answer)}})
	})
}

var errPrintOver = fault.New(fault.Conflict, "print.over", "It was asked for more than 15 minutes ago: give the document out once more, as a duplicate.")

// mayPrintAgain refuses a document whose job is so old that its next print is a duplicate: all that are due at once, and
// others of which something may have come out.
func mayPrintAgain(ctx context.Context, tx *data.Tx, id string) error {
	j, err := spool.Get(ctx, tx, id)
	if err != nil || j.Kind != JobDocument || tx.Now().Sub(j.Created) <= originalFor {
		return err
	}
	d, err := readJob[documentJob](j)
	if err != nil {
		return err
	}
	e, err := journal.ByNumber(ctx, tx, d.Number)
	if err == nil && hasDuplicates(e) && (isDue(e) || j.State == spool.Unknown || j.State == spool.SentUnconfirmed) {
		err = errPrintOver.With("number", d.Number)
	}
	return err
}

// MoveJob gives a job to another printer of the café: one that works. For one that asks this is the answer: it is printed
// there. Refusals: right.missing, printer.unknown, print.moved, print.over, print.no_job.
func (t *Till) MoveJob(ctx context.Context, by By, id, printer string) (spool.Job, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		p, there := t.printers.Get(tx).named(printer)
		if !there || !p.Active {
			return spool.Job{}, errNoPrinter.Field("printer", "unknown").With("name", printer)
		}
		j, err := spool.Move(ctx, tx, id, p.Name)
		if err == nil && j.State.Asks() {
			if err = mayPrintAgain(ctx, tx, id); err != nil {
				return j, err
			}
			j, err = spool.Say(ctx, tx, id, spool.Again, by.Operator.Code)
		}
		if err != nil {
			return j, err
		}
		return j, tx.Record(data.Event{Type: "print.moved", Topics: []string{spool.Topic}, Body: map[string]any{"job": j.ID, "printer": p.Name}})
	})
}

// checkPrintJobs reads the body of each job that has not come out: what cannot be read now cannot be printed later.
func checkPrintJobs(ctx context.Context, q data.Querier) ([]string, error) {
	all, err := spool.Open(ctx, q, "", spool.Limit)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, j := range all {
		if err := readable(ctx, q, j); err != nil {
			bad = append(bad, fmt.Sprintf("print job %s (%s): %v", j.ID, j.Kind, err))
		}
	}
	return bad, nil
}

func readable(ctx context.Context, q data.Querier, j spool.Job) error {
	switch j.Kind {
	case JobDocument, JobNote, JobClosing:
		d, err := readJob[documentJob](j)
		if err == nil {
			_, err = journal.ByNumber(ctx, q, d.Number)
		}
		return err
	case JobKitchen:
		_, err := readJob[receipts.KitchenTicket](j)
		return err
	case JobReading:
		_, err := readJob[receipts.Closing](j)
		return err
	case JobCard:
		_, err := readJob[cardJob](j)
		return err
	case JobSlip:
		n, err := slipNumber(j)
		if err == nil {
			_, err = suspended.FindCollection(ctx, q, n)
		}
		return err
	case JobDrawer, JobTest:
		_, err := readJob[struct{}](j)
		return err
	}
	return errJob.With("kind", j.Kind)
}

// JobSubject is what a page says of a job: the number of its document, or of its order; empty where its kind says all.
func JobSubject(j spool.Job) string {
	var s struct {
		Number  string `json:"number"`
		Station string `json:"station"`
		No      int    `json:"no"`
	}
	if err := json.Unmarshal(j.Body, &s); err != nil {
		return ""
	}
	if j.Kind == JobKitchen {
		return fmt.Sprintf("%s %d", s.Station, s.No)
	}
	return s.Number
}
