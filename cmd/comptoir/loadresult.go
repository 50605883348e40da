package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// loadResult is what a run came to.
type loadResult struct {
	sums       sums
	tills      int
	took       time.Duration
	calls      int           // answered with yes
	p50, p99   time.Duration // of those
	kinds      []kindTimes   // of made sales
	server     processUse    // of the process that was driven; zero: not known
	fresh      int           // sales that this run made; the others were there from an earlier one
	unmatched  map[string]int
	skipped    int
	refused    map[string]int // by code
	problems   []string
	more       int  // problems beyond those listed
	comparison bool // the sums were compared with files
}

// maxProblems bounds how many differences are listed.
const maxProblems = 20

func (l *loadResult) problem(format string, args ...any) {
	if len(l.problems) == maxProblems {
		l.more++
		return
	}
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

func newLoadResult(all []rung, took time.Duration, tills int) *loadResult {
	l := &loadResult{sums: newSums(), tills: tills, took: took, refused: map[string]int{}, unmatched: map[string]int{}, comparison: true}
	var latencies []time.Duration
	for _, r := range all {
		if !r.skipped && r.err == nil {
			latencies = append(latencies, r.took)
		}
	}
	l.calls = len(latencies)
	l.p50, l.p99 = quantile(latencies, 50), quantile(latencies, 99)
	return l
}

// quantile returns the value that p in a hundred do not exceed; 0 of nothing.
func quantile[T cmp.Ordered](values []T, p int) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

func (l *loadResult) perSecond() float64 { return float64(l.calls) / max(l.took.Seconds(), 1e-6) }

// print writes the sums and returns the exit code.
func (l *loadResult) print(e *env, asJSON bool) int {
	var err error
	if asJSON {
		err = json.NewEncoder(e.stdout).Encode(l.document())
	} else {
		err = l.table(e)
	}
	if err != nil {
		return e.fail(fmt.Errorf("write the sums: %w", err))
	}
	for _, p := range l.problems {
		e.say("comptoir: %s", p)
	}
	if l.more > 0 {
		e.say("comptoir: and %d more like these", l.more)
	}
	if len(l.problems) > 0 {
		return exitFailed
	}
	if l.comparison {
		e.say("The sales kept equal the two files, answer by answer, and the day's report equals the sales.")
	}
	return exitOK
}

func (l *loadResult) table(e *env) error {
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "qty\ttotal\t  item") // Flush returns the error of each
	for _, k := range slices.SortedFunc(maps.Keys(l.sums.items), func(a, b itemKey) int {
		return cmp.Or(cmp.Compare(l.sums.items[b].total, l.sums.items[a].total), compareItems(a, b))
	}) {
		name := k.name
		if k.kind != pos.LineSale {
			name += " (" + string(k.kind) + ")"
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t  %s\n", l.sums.items[k].qty, euros(l.sums.items[k].total), name)
	}
	_, _ = fmt.Fprintln(t, "\t\t")
	_, _ = fmt.Fprintln(t, "excl.\ttax\tincl.\t  rate")
	for _, bp := range slices.Sorted(maps.Keys(l.sums.rates)) {
		r := l.sums.rates[bp]
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t  %s\n", euros(r.ht), euros(r.vat), euros(r.ttc), percent(bp))
	}
	_, _ = fmt.Fprintln(t, "\t\t")
	_, _ = fmt.Fprintln(t, "amount\t  tender")
	for _, m := range slices.Sorted(maps.Keys(l.sums.tenders)) {
		_, _ = fmt.Fprintf(t, "%s\t  %s\n", euros(l.sums.tenders[m]), m)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	e.put("")
	e.put("%d sales, %d servings, %s", l.sums.sales, l.sums.redemptions, euros(l.sums.total))
	e.put("%.0f sales/s, p50 %s, p99 %s, %d tills, %s", l.perSecond(), l.p50.Round(time.Microsecond), l.p99.Round(time.Microsecond), l.tills, l.took.Round(time.Millisecond))
	l.measured(e)
	if l.comparison && l.fresh < l.sums.sales {
		e.put("%d of these sales were there already, and were not rung again", l.sums.sales-l.fresh)
	}
	l.leftOut(e)
	return nil
}

func (l *loadResult) leftOut(e *env) {
	rows := 0
	for _, n := range l.unmatched {
		rows += n
	}
	if rows > 0 {
		e.put("not on the menu, left out: %d rows, %d whole transactions", rows, l.skipped)
		for _, name := range slices.SortedFunc(maps.Keys(l.unmatched), func(a, b string) int {
			return cmp.Or(cmp.Compare(l.unmatched[b], l.unmatched[a]), cmp.Compare(a, b))
		}) {
			e.put("%6d  %s", l.unmatched[name], name)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(l.refused)) {
		e.put("refused: %d × %s", l.refused[code], code)
	}
}

// loadDocument is the result for a program. Amounts are cents, times milliseconds.
type loadDocument struct {
	Sales       int                       `json:"sales"`
	Fresh       int                       `json:"fresh"`
	Redemptions int                       `json:"redemptions"`
	Total       money.Cents               `json:"total"`
	Items       []itemDocument            `json:"items"`
	VAT         []rateDocument            `json:"vat"`
	Tenders     map[pos.Means]money.Cents `json:"tenders"`
	Unmatched   map[string]int            `json:"unmatched"`
	Skipped     int                       `json:"skipped"`
	Refused     map[string]int            `json:"refused"`
	Problems    []string                  `json:"problems"`
	Equal       bool                      `json:"equal"`
	Tills       int                       `json:"tills"`
	Seconds     float64                   `json:"seconds"`
	PerSecond   float64                   `json:"sales_per_second"`
	P50         float64                   `json:"p50_ms"`
	P99         float64                   `json:"p99_ms"`
	Kinds       []kindDocument            `json:"kinds,omitempty"`
	Server      *serverDocument           `json:"server,omitempty"`
}

type itemDocument struct {
	Item  string      `json:"item"`
	Kind  pos.Kind    `json:"kind"`
	Qty   int         `json:"qty"`
	Total money.Cents `json:"total"`
}

type rateDocument struct {
	BP  money.BasisPoints `json:"vat_bp"`
	HT  money.Cents       `json:"ht"`
	VAT money.Cents       `json:"vat"`
	TTC money.Cents       `json:"ttc"`
}

func (l *loadResult) document() loadDocument {
	d := loadDocument{
		Sales: l.sums.sales, Fresh: l.fresh, Redemptions: l.sums.redemptions, Total: l.sums.total, Items: []itemDocument{}, VAT: []rateDocument{},
		Tenders: l.sums.tenders, Unmatched: l.unmatched, Skipped: l.skipped, Refused: l.refused, Problems: append([]string{}, l.problems...),
		Equal: len(l.problems) == 0, Tills: l.tills, Seconds: l.took.Seconds(), PerSecond: l.perSecond(), P50: milliseconds(l.p50), P99: milliseconds(l.p99),
	}
	d.Kinds, d.Server = l.kindDocuments(), l.server.document()
	for _, k := range slices.SortedFunc(maps.Keys(l.sums.items), compareItems) {
		d.Items = append(d.Items, itemDocument{k.name, k.kind, l.sums.items[k].qty, l.sums.items[k].total})
	}
	for _, bp := range slices.Sorted(maps.Keys(l.sums.rates)) {
		r := l.sums.rates[bp]
		d.VAT = append(d.VAT, rateDocument{bp, r.ht, r.vat, r.ttc})
	}
	return d
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
