package journal

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"comptoir/data"
)

// pass checks one entry against those before it.
func (w *walker) pass(ctx context.Context, it *item) error {
	w.report.Entries++
	if it.signed {
		w.report.Signatures++
	}
	for _, f := range it.flaws {
		w.report.add(f.Seq, f.Check, "%s", f.Detail)
	}
	if it.seq != w.seq+1 {
		w.report.add(it.seq, CheckLink, "entries %d to %d are missing", w.seq+1, it.seq-1)
	}
	w.meet(it)
	w.judge(it)
	switch {
	case it.linked:
		w.chained(it, it.prev)
		w.rule(it, CheckClosing, w.calendar.follows(kindIn(it.canon)))
	case !it.broken:
		w.chained(it, []byte(it.env.Prev))
		w.link(it)
		w.clock(it)
		if w.scope != seals {
			w.number(it)
		}
	}
	w.succeed(ctx, it)
	w.seq, w.hash = it.seq, it.digest
	if it.body == nil || w.scope != whole {
		return nil
	}
	return w.follow(ctx, it)
}

// chained checks that an entry names the hash of the one before.
func (w *walker) chained(it *item, prev []byte) {
	want := [64]byte([]byte(noPrev))
	if w.seq >= 0 {
		hex.Encode(want[:], w.hash[:])
	}
	if !bytes.Equal(prev, want[:]) {
		w.report.add(it.seq, CheckLink, "prev is not the hash of the entry before")
	}
}

func (w *walker) link(it *item) {
	e := &it.env
	if e.Seq != it.seq {
		w.report.add(it.seq, CheckLink, "the bytes say seq %d", e.Seq)
	}
	g := &w.genesis
	switch {
	case (e.Kind == KindGenesis) != (it.seq == 0):
		w.report.add(it.seq, CheckEnvelope, "a %s here", e.Kind)
	case !known(e.Kind):
		w.report.add(it.seq, CheckEnvelope, "unknown kind %q", e.Kind)
	case e.V != SchemaVersion:
		w.report.add(it.seq, CheckEnvelope, "version %d", e.V)
	case e.Journal != g.Journal || e.Reg != g.Reg || e.SIRET != g.SIRET:
		w.report.add(it.seq, CheckEnvelope, "not of this journal, till or café")
	case e.Key != w.keyOf(it).ID:
		w.report.add(it.seq, CheckEnvelope, "key %q is not in force", e.Key)
	case e.Op == "" || e.Core == "":
		w.report.add(it.seq, CheckEnvelope, "no operator or no core version")
	}
}

func (w *walker) clock(it *item) {
	ts, err := time.Parse(stampLayout, it.env.TS)
	if err != nil {
		w.report.add(it.seq, CheckClock, "ts %q", it.env.TS)
		return
	}
	if ts.Before(w.ts) {
		w.report.add(it.seq, CheckClock, "ts %s is before the entry before (%s)", it.env.TS, w.ts.Format(stampLayout))
	}
	w.ts = ts
	w.rule(it, CheckClosing, w.calendar.follows(it.env.Kind))
	if it.seq == 0 {
		w.calendar.begin(&w.rules, it.env.Day)
	}
	closing := isClosing(it.env.Kind)
	if _, err := time.Parse(dayLayout, it.env.Day); err != nil || it.env.Day < w.day && !closing {
		w.report.add(it.seq, CheckClock, "business day %q after %q", it.env.Day, w.day)
		return
	}
	w.rule(it, CheckClosing, w.calendar.date(it, ts))
	if !closing {
		w.day = it.env.Day
	}
}

// rule reports a breach, if there is one.
func (w *walker) rule(it *item, check, breach string) {
	if breach != "" {
		w.report.add(it.seq, check, "%s", breach)
	}
}

// number checks that a document has the next number of its series, and nothing else has one (fiscal R34).
func (w *walker) number(it *item) {
	series := seriesOf(it.env.Kind, it.env.Training)
	if (it.env.Doc != nil) != (series != NoSeries) {
		w.report.add(it.seq, CheckSeries, "a %s with or without a number", it.env.Kind)
		return
	}
	if series == NoSeries {
		return
	}
	year, err := fiscalYear(it.env.Day, w.rules.FiscalStart)
	if err != nil {
		w.report.add(it.seq, CheckSeries, "%v", err)
		return
	}
	c := count{series, year}
	want := number(series, year, w.numbers[c]+1)
	got, gotYear, n, err := parseNumber(*it.env.Doc)
	if *it.env.Doc != want {
		w.report.add(it.seq, CheckSeries, "number %s, want %s", *it.env.Doc, want)
	}
	if err != nil || got != series || gotYear != year {
		return
	}
	w.numbers[c] = n
	w.docs++
	w.index = append(w.index, document{c, n, it.seq})
}

// compareIndex compares the numbers met in this batch with the table of documents.
func (w *walker) compareIndex(ctx context.Context) error {
	batches := map[count][]document{}
	for _, d := range w.index {
		batches[d.count] = append(batches[d.count], d)
	}
	for c, docs := range batches {
		first, last := docs[0].n, docs[0].n
		for _, d := range docs {
			first, last = min(first, d.n), max(last, d.n)
		}
		last = min(last, first+2*batchSize) // a number out of all order was reported already
		rows, err := data.All(ctx, w.q, func(r *data.Rows) (document, error) {
			d := document{count: c}
			err := r.Scan(&d.n, &d.seq)
			return d, err
		}, `SELECT n, seq FROM documents WHERE series = ? AND year = ? AND n BETWEEN ? AND ? ORDER BY n`,
			string(c.series), c.year, first, last)
		if err != nil {
			return fmt.Errorf("read documents: %w", err)
		}
		indexed := make(map[int64]int64, len(rows))
		for _, d := range rows {
			indexed[d.n] = d.seq
		}
		for _, d := range docs {
			if seq, found := indexed[d.n]; !found || seq != d.seq {
				w.report.add(d.seq, CheckDocuments, "the index does not lead %s here", number(c.series, c.year, d.n))
			}
		}
	}
	w.index = w.index[:0]
	return nil
}

// kinds lists the kinds of this version.
func kinds() []Kind {
	return []Kind{KindGenesis, KindTicket, KindRefund, KindNotePrint, KindOrderMinus, KindSuspRedeem,
		KindSuspRelease, KindCash, KindEvent, KindDuplicate, KindInvoice, KindPayFix, KindSuspAdjust, KindCloseDay,
		KindCloseMonth, KindCloseYear, KindArchive, KindKeyRotate, KindResume}
}

func known(kind Kind) bool { return plans[kind] != nil }
