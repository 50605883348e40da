package crash

import (
	"context"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// finding is what an audit found wrong after one fall. The zero value is a café that came through.
type finding struct {
	lost, doubled, broken int
	words                 []string
}

func (f *finding) add(counter *int, format string, args ...any) {
	*counter++
	if len(f.words) < maxWords {
		f.words = append(f.words, fmt.Sprintf(format, args...))
	}
}

// maxWords bounds what is told of one fall.
const maxWords = 20

func (f finding) wrong() bool { return f.lost+f.doubled+f.broken > 0 }

// heldBy is the finding of a café that cannot be opened: with which code it is refused, too.
func heldBy(err error) finding {
	return finding{broken: 1, words: []string{fmt.Sprintf("it does not open: %s: %v", fault.CodeOf(err), err)}}
}

// invariants runs doctor and verifies the journal against its head file. Without full only what closings have not sealed is
// examined whole. but names checks that do not count.
func (f *finding) invariants(ctx context.Context, t *pos.Till, full bool, but ...string) {
	opts := journal.VerifyOptions{Full: full}
	if head, err := journal.ReadHead(t.DB().Dir()); err == nil { // read before the journal: it may move on, and never leads
		opts.Head = &head
	}
	found, err := t.DB().Check(ctx)
	if err != nil {
		f.add(&f.broken, "it cannot be checked: %v", err)
		return
	}
	for _, v := range found {
		if slices.Contains(but, v.Check) {
			continue
		}
		counter := &f.broken
		if v.Check == "I13 one command, one event" {
			counter = &f.doubled
		}
		f.add(counter, "doctor: %s: %s", v.Check, v.Detail)
	}
	var report journal.Report
	err = t.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) { // a service may be writing beside us
		report, err = journal.Verify(ctx, q, opts)
		return err
	})
	if err != nil {
		f.add(&f.broken, "the journal cannot be verified: %v", err)
		return
	}
	for _, a := range report.Anomalies {
		f.add(&f.broken, "verify: entry %d: %s: %s", a.Seq, a.Check, a.Detail)
	}
}

// commands compares what is there with what the tills remember: owed are those that had been acknowledged when the café fell.
// It returns how many were carried out although nobody was answered.
func (f *finding) commands(ctx context.Context, t *pos.Till, b *book, owed []int) (unanswered int) {
	there := func(e entry) bool { return carriedOut(ctx, f, t, e) }
	for _, i := range owed {
		if e := b.at(i); !there(e) {
			f.add(&f.lost, "%s was answered %q and is not there", e.call.id, e.told)
		}
	}
	for _, i := range b.is(refused) {
		if e := b.at(i); there(e) {
			f.add(&f.broken, "%s was refused and is there", e.call.id)
		}
	}
	for _, i := range append(b.is(sent), b.is(acked)...) {
		if !slices.Contains(owed, i) && there(b.at(i)) {
			unanswered++
		}
	}
	return unanswered
}

// again asks again for what was acknowledged: the answer is the same.
func (f *finding) again(ctx context.Context, d door, b *book, owed []int) {
	for _, i := range owed {
		e := b.at(i)
		answer, err := d.send(ctx, e.call)
		switch {
		case err != nil:
			f.add(&f.lost, "%s was answered %q, asked again: %v", e.call.id, e.told, err)
		case told(answer) != e.told:
			f.add(&f.broken, "%s was answered %q, asked again %q", e.call.id, e.told, told(answer))
		}
	}
}

// replies asks again of a till in this process: nothing happens a second time.
func (f *finding) replies(ctx context.Context, t *pos.Till, d door, b *book, owed []int) {
	recorded := 0
	t.DB().OnCommit(func(events []data.Event) { recorded += len(events) })
	f.again(ctx, d, b, owed)
	if recorded > 0 {
		f.add(&f.doubled, "%d commands that were answered were carried out again", recorded)
	}
}

// audit looks at a café in this process after a fall, as the next start opens it, and lets it sell on.
func audit(ctx context.Context, t *pos.Till, d door, b *book, owed []int, full bool) (f finding, unanswered int) {
	unanswered = f.commands(ctx, t, b, owed)
	f.invariants(ctx, t, full)
	if f.lost > 0 { // asked again they would be carried out anew, and look as if they had been there
		return f, unanswered
	}
	f.replies(ctx, t, d, b, owed)
	sale := call{id: "it goes on", kind: sell, body: pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: "eau", Qty: 1}},
		Tenders: []pos.Tender{{Means: pos.Card, Amount: 200}}}}
	if _, err := d.send(ctx, sale); err != nil {
		f.add(&f.broken, "it does not sell on: %v", err)
	}
	return f, unanswered
}
