package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

type verifyCmd struct {
	Full   bool   `help:"Check every entry for everything; without it the links of all, and whole what seals them and the open day."`
	Anchor string `help:"Head of the journal as it was seen elsewhere: a file such as a copy of head, its text, or the line CZ1 … of a printed closing." placeholder:"FILE|TEXT"`
	JSON   bool   `help:"As JSON."`
}

func (c *verifyCmd) run(ctx context.Context, e *env) int {
	chosen := e.cafe()
	report, err := c.verify(ctx, e, chosen)
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	if c.JSON {
		if err := json.NewEncoder(e.stdout).Encode(report); err != nil {
			e.fail(fmt.Errorf("write the report: %w", err))
			return exitUsage
		}
	} else {
		c.print(e, chosen, report)
	}
	switch {
	case !report.Conform:
		return exitFailed
	case len(report.Warnings) > 0:
		return exitWarnings
	}
	return exitOK
}

func (c *verifyCmd) verify(ctx context.Context, e *env, chosen cafe) (report journal.Report, err error) {
	till, err := pos.OpenReadOnly(ctx, e.config(chosen))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	opts := journal.VerifyOptions{Full: c.Full}
	// Read before the snapshot: beside a running service the head file may move on, and may never lead.
	head, headErr := journal.ReadHead(chosen.dir)
	if headErr == nil {
		opts.Head = &head
	}
	if second, err := journal.ReadSecondHead(ctx, till.DB().Reader(), e.headDir); err == nil {
		opts.Anchors = append(opts.Anchors, second)
	}
	if c.Anchor != "" {
		seen, err := readAnchor(c.Anchor)
		if err != nil {
			return report, err
		}
		opts.Anchors = append(opts.Anchors, seen)
	}
	err = till.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		for i := range opts.Anchors {
			if opts.Anchors[i].Journal == "" {
				first, err := journal.Entries(ctx, q, 0, 1)
				if err != nil || len(first) == 0 {
					continue // the verification finds what is wrong with it
				}
				opts.Anchors[i].Journal = journalOf(first[0])
			}
		}
		if report, err = journal.Verify(ctx, q, opts); err != nil {
			return err
		}
		said, err := restorations(ctx, q)
		report.Warnings = append(report.Warnings, said...)
		return err
	})
	if headErr != nil && err == nil {
		report.Warnings = append(report.Warnings, detailOf(headErr))
	}
	return report, err
}

// restorationsTold is how many of the newest restorations are told.
const restorationsTold = 20

// restorations tells of each time that the data were put back from a copy: whatever nobody saw outside is gone without another
// trace.
func restorations(ctx context.Context, q data.Querier) (said []string, err error) {
	found, err := journal.Marked(ctx, q, journal.EventRestore, restorationsTold)
	for _, e := range found {
		var b journal.EventBody
		if e.Decode(&b) != nil {
			continue // the verification finds what is wrong with it
		}
		text := "what came after that is not known"
		if known, _ := b.Data["known"].(bool); known {
			text = fmt.Sprintf("entries lost after that: %.0f", b.Data["lost"])
		}
		said = append(said, fmt.Sprintf("entry %d: the data were put back on %s from a copy that ends with entry %.0f; %s", e.Seq, e.At.Format(time.DateTime), b.Data["head"], text))
	}
	return said, err
}

// journalOf reads the id of the journal in an entry; "" when the bytes do not have one.
func journalOf(e journal.Entry) string {
	var envelope struct {
		Journal string `json:"journal"`
	}
	if json.Unmarshal(e.Canon, &envelope) != nil {
		return ""
	}
	return envelope.Journal
}

func detailOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Detail
	}
	return firstLine(err.Error())
}

// maxAnchorFile is more than any anchor has.
const maxAnchorFile = 4096

func (c *verifyCmd) print(e *env, chosen cafe, r journal.Report) {
	for _, a := range r.Anomalies {
		e.put("entry %d: %s: %s", a.Seq, a.Check, a.Detail)
	}
	if r.More > 0 {
		e.put("and %d more", r.More)
	}
	for _, w := range r.Warnings {
		e.say("warning: %s", w)
	}
	e.say("%s: journal %s, %d entries, %d signatures checked, newest %d %s", chosen.dir, r.Journal, r.Entries, r.Signatures, r.Seq, r.Hash)
	if r.Conform {
		e.say("The journal is conform.")
		return
	}
	e.say("The journal is NOT conform: keep this file as it is, and tell whoever looks after the till.")
}
