package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// replay rings a file and compares three sums that were reached on different roads: the two files, the sales as the
// service keeps them, and its day's report.
func (c *loadCmd) replay(ctx context.Context, e *env, t target, job replayJob) int {
	api := newClient(t.url, t.token, c.Tills)
	defer api.close()
	if job.prices == nil {
		var menu json.RawMessage
		err := api.get(ctx, "/menu", &menu)
		if err == nil {
			job.prices, err = pricesOf(formJSON, menu)
		}
		if err != nil {
			return e.fail(fmt.Errorf("read the menu: %w", err))
		}
	}
	want, err := expect(job.prices, job.text)
	if err != nil {
		return e.fail(err)
	}
	r := &ringer{api: api, plan: job.plan, only: job.prices, tills: c.Tills, speed: job.speed}
	if err := r.prepare(ctx); err != nil {
		return e.fail(err)
	}
	before, err := readFigures(ctx, api, "")
	if err != nil {
		return e.fail(err)
	}
	began := time.Now()
	r.progress = newProgress(e.stderr, "ringing", len(job.plan.transactions))
	all, err := r.ring(ctx)
	r.progress.end()
	took := time.Since(began)
	if err != nil {
		return e.fail(fmt.Errorf("the replay was cut short; run it again and it goes on where it stopped: %w", err))
	}
	result := newLoadResult(all, took, c.Tills)
	result.unmatched, result.skipped = r.unmatched, countSkipped(all)
	result.compareAnswers(all, want)
	if err := result.compareKept(ctx, e, api, c.Tills, all, before, want); err != nil {
		return e.fail(err)
	}
	if result.skipped != want.skipped || !equalCounts(r.unmatched, want.unmatched) {
		result.problem("unmatched rows: got %v, want %v", r.unmatched, want.unmatched)
	}
	return result.print(e, c.JSON)
}

func countSkipped(all []rung) (n int) {
	for _, r := range all {
		if r.skipped {
			n++
		}
	}
	return n
}

func equalCounts(a, b map[string]int) bool {
	for _, k := range keys(a, b, strings.Compare) {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

// compareAnswers holds each answer against the files.
func (l *loadResult) compareAnswers(all []rung, want expectation) {
	for _, r := range all {
		switch due, expected := want.totals[r.key]; {
		case r.err != nil:
			l.refused[refusal(r.err)]++
			l.problem("transaction %s was refused: %v", r.key, r.err)
		case r.skipped == expected:
			l.problem("transaction %s: rung %t, on the menu %t", r.key, !r.skipped, expected)
		case r.total != due:
			l.problem("transaction %s: the service answered %s, the files say %s", r.key, euros(r.total), euros(due))
		}
	}
}

// compareKept reads every sale back, adds them up, and holds the sums against the files and the day's report.
func (l *loadResult) compareKept(ctx context.Context, e *env, api *client, tills int, all []rung, before figures, want expectation) error {
	kept, err := readSales(ctx, e, api, tills, all)
	if err != nil {
		return err
	}
	after, err := readFigures(ctx, api, before.From)
	if err != nil {
		return err
	}
	l.sums = newSums()
	for _, k := range kept {
		l.sums.add(k.sums, 1)
	}
	for _, r := range all {
		if r.err == nil {
			l.sums.redemptions += r.redeemed
		}
	}
	if _, none := l.sums.rates[0]; none && len(l.sums.rates) == 1 {
		want.sums.untax() // a café in franchise charges no VAT, whatever the menu says (fiscal R87)
	}
	for _, d := range differences("sales as kept, against the files", l.sums, want.sums) {
		l.problem("%s", d)
	}
	if l.sums.redemptions != want.sums.redemptions {
		l.problem("served from the shelf: got %d, want %d", l.sums.redemptions, want.sums.redemptions)
	}
	// What an earlier run of the same file had rung was not rung again, so the report has not grown by it. Numbers
	// have no gap and only grow: the new sales are those with the highest.
	rise := after.sums()
	rise.add(before.sums(), -1)
	if rise.sales < 0 || rise.sales > len(kept) {
		l.problem("the day's report rose by %d sales, this run rang at most %d: does somebody else sell?", rise.sales, len(kept))
		return nil
	}
	l.fresh = rise.sales
	slices.SortFunc(kept, func(a, b keptSale) int { return strings.Compare(a.Number, b.Number) })
	fresh := newSums()
	for _, k := range kept[len(kept)-rise.sales:] {
		fresh.add(k.sums, 1)
	}
	for _, d := range differences("day's report, against the sales", rise, fresh) {
		l.problem("%s", d)
	}
	return nil
}

// keptSale is a sale as the API gives it back.
type keptSale struct {
	Number string      `json:"number"`
	Total  money.Cents `json:"total"`
	Lines  []struct {
		Name  string      `json:"name"`
		Kind  pos.Kind    `json:"kind"`
		Qty   int         `json:"qty"`
		Total money.Cents `json:"total"`
	} `json:"lines"`
	Taxes   []keptTax    `json:"taxes"`
	Tenders []keptTender `json:"tenders"`

	sums sums
}

type keptTax struct {
	BP  money.BasisPoints `json:"vat_bp"`
	HT  money.Cents       `json:"ht"`
	TTC money.Cents       `json:"ttc"`
}

type keptTender struct {
	Means  pos.Means   `json:"means"`
	Amount money.Cents `json:"amount"`
}

func (k *keptSale) addUp() {
	k.sums = newSums()
	k.sums.sales, k.sums.total = 1, k.Total
	for _, l := range k.Lines {
		k.sums.addItem(itemKey{l.Name, l.Kind}, l.Qty, l.Total)
	}
	k.sums.settle(k.Taxes, k.Tenders)
}

func (s *sums) settle(taxes []keptTax, tenders []keptTender) {
	for _, x := range taxes {
		s.addRate(x.BP, x.TTC, x.HT)
	}
	for _, x := range tenders {
		s.tenders[x.Means] += x.Amount
	}
}

// readSales reads back what was rung.
func readSales(ctx context.Context, e *env, api *client, tills int, all []rung) ([]keptSale, error) {
	var ids []string
	for _, r := range all {
		if r.err == nil && r.saleID != "" {
			ids = append(ids, r.saleID)
		}
	}
	kept := make([]keptSale, len(ids))
	shown := newProgress(e.stderr, "reading", len(ids))
	defer shown.end()
	now := func(ctx context.Context, _ int) error { return ctx.Err() }
	err := each(ctx, tills, len(ids), func(ctx context.Context, i int) error {
		defer shown.step()
		if err := api.get(ctx, "/sales/"+segment(ids[i]), &kept[i]); err != nil {
			return fmt.Errorf("read sale %s back: %w", ids[i], err)
		}
		kept[i].addUp()
		return nil
	}, now)
	return kept, err
}

// figures is the report of one day or more.
type figures struct {
	From     string       `json:"from"`
	To       string       `json:"to"`
	Total    money.Cents  `json:"total"`
	Sales    int          `json:"sales"`
	VAT      []keptTax    `json:"vat"`
	Tenders  []keptTender `json:"tenders"`
	Products []struct {
		Name  string      `json:"name"`
		Kind  pos.Kind    `json:"kind"`
		Qty   int         `json:"qty"`
		Total money.Cents `json:"total"`
	} `json:"products"`
}

func (f figures) sums() sums {
	s := newSums()
	s.sales, s.total = f.Sales, f.Total
	for _, p := range f.Products {
		s.addItem(itemKey{p.Name, p.Kind}, p.Qty, p.Total)
	}
	s.settle(f.VAT, f.Tenders)
	return s
}

// readFigures reads the report of the current business day, or since a day before it when the run has passed the end
// of a day.
func readFigures(ctx context.Context, api *client, since string) (figures, error) {
	var f figures
	err := api.get(ctx, "/reports/day", &f)
	if err == nil && since != "" && f.To != since {
		to := f.To
		f = figures{}
		err = api.get(ctx, "/reports/range?from="+since+"&to="+to, &f)
	}
	if refusal(err) == "right.missing" {
		err = errors.New("the token must be a manager's, to read the day's report")
	}
	if err != nil {
		return f, fmt.Errorf("read the day's report: %w", err)
	}
	return f, nil
}
