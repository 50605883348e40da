package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// ringer rings the transactions of a file through the API.
type ringer struct {
	api      *client
	plan     replayPlan
	only     priceList // names that may be rung; nil: the whole menu of the café
	tills    int
	speed    float64 // times real time; 0: as fast as it goes
	float    money.Cents
	progress progress

	menu      map[string]pos.Product // by name
	byID      map[string]pos.Product
	cards     map[string]string // label → code
	unmatched map[string]int    // rows by item
}

// rung is one transaction and what the service answered.
type rung struct {
	key      string // date and transaction
	skipped  bool   // nothing of it is on the menu
	total    money.Cents
	saleID   string // "" when nothing was bought
	redeemed int
	kind     string // of made sales: "sale", "card", "gift", "serving"
	took     time.Duration
	err      error
}

// prepare reads the menu, opens a shift when none is open, and makes the cards of the file.
func (r *ringer) prepare(ctx context.Context) error {
	menu, err := menuByName(ctx, r.api)
	if err != nil {
		return err
	}
	for name := range menu {
		if _, wanted := r.only[name]; r.only != nil && !wanted {
			delete(menu, name)
		}
	}
	r.menu, r.byID, r.cards = menu, map[string]pos.Product{}, map[string]string{}
	for _, p := range menu {
		r.byID[p.ID] = p
	}
	if err := openShift(ctx, r.api, r.float); err != nil {
		return err
	}
	for _, label := range r.plan.cards {
		var card pos.CardIssued
		if err := r.api.post(ctx, "/cards", r.command("card", label), struct{}{}, &card); err != nil {
			return fmt.Errorf("make card %s: %w", label, err)
		}
		r.cards[label] = card.Code
	}
	return nil
}

// menuByName reads the café's menu.
func menuByName(ctx context.Context, api *client) (map[string]pos.Product, error) {
	var menu pos.Menu
	if err := api.get(ctx, "/menu", &menu); err != nil {
		return nil, fmt.Errorf("read the menu: %w", err)
	}
	byName := make(map[string]pos.Product, len(menu.Products))
	for _, p := range menu.Products {
		byName[strings.TrimSpace(p.Name)] = p
	}
	return byName, nil
}

// openShift opens a shift, or finds one open.
func openShift(ctx context.Context, api *client, float money.Cents) error {
	var shift struct {
		ID string `json:"id"`
	}
	err := api.post(ctx, "/shifts", newCommandID(), map[string]money.Cents{"float": float}, &shift)
	if err != nil && refusal(err) != "shift.open" {
		return fmt.Errorf("open a shift: %w", err)
	}
	return nil
}

// command names a step of this file, the same each time it is replayed. What is not plain ASCII is escaped.
func (r *ringer) command(parts ...string) string {
	return "replay-" + r.plan.id + "-" + segment(strings.Join(parts, "-"))
}

// ring sends every transaction and returns what became of each, in the order of the file. An error means that the
// replay was cut short; sent again, it goes on where it stopped.
func (r *ringer) ring(ctx context.Context) ([]rung, error) {
	r.unmatched = map[string]int{}
	all := make([]rung, len(r.plan.transactions))
	prepared := make([][]pos.LineRequest, len(all))
	for i, t := range r.plan.transactions {
		prepared[i] = r.match(t)
	}
	err := each(ctx, r.tills, len(all), func(ctx context.Context, i int) error {
		t := r.plan.transactions[i]
		all[i].key = t.at.Format(time.DateOnly) + " " + t.id
		if len(prepared[i]) == 0 {
			all[i].skipped = true
			r.progress.step()
			return nil
		}
		r.send(ctx, t, prepared[i], &all[i])
		r.progress.step()
		if _, refused := errors.AsType[*apiError](all[i].err); all[i].err != nil && !refused {
			return all[i].err // the service is gone, or we were asked to end
		}
		return nil
	}, r.wait(time.Now()))
	return all, err
}

// wait returns how a transaction's turn comes: at once, or at its hour at --speed.
func (r *ringer) wait(began time.Time) func(ctx context.Context, i int) error {
	return func(ctx context.Context, i int) error {
		if r.speed <= 0 {
			return ctx.Err()
		}
		since := r.plan.transactions[i].at.Sub(r.plan.transactions[0].at)
		timer := time.NewTimer(time.Until(began.Add(time.Duration(float64(since) / r.speed))))
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}
}

// each runs work for 0 to n-1 on some tills at once, handing the numbers out in order. The first error ends it.
func each(ctx context.Context, tills, n int, work func(ctx context.Context, i int) error, wait func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	turns := make(chan int)
	var wg sync.WaitGroup
	for range tills {
		wg.Go(func() {
			for i := range turns {
				if err := work(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if wait(ctx, i) != nil {
			break
		}
		select {
		case turns <- i:
		case <-ctx.Done():
		}
	}
	close(turns)
	wg.Wait()
	return context.Cause(ctx)
}

// match names the products of a transaction's rows. A row that the menu does not have is counted and left out: it is
// never guessed.
func (r *ringer) match(t transaction) []pos.LineRequest {
	var lines []pos.LineRequest
	for _, l := range t.lines {
		p, known := r.menu[l.item]
		options, ok := chosen(p, l.options)
		switch {
		case !known:
			r.unmatched[l.item]++
		case !ok:
			r.unmatched[l.item+" ["+strings.Join(l.options, "; ")+"]"]++
		default:
			lines = append(lines, pos.LineRequest{Product: p.ID, Qty: l.qty, Options: options, Note: l.note, Kind: l.kind})
		}
	}
	return lines
}

// chosen finds the ids of options written "Lait: avoine".
func chosen(p pos.Product, names []string) ([]string, bool) {
	ids := []string{}
	for _, g := range p.Options {
		for _, c := range g.Choices {
			if slices.Contains(names, g.Name+": "+c.Name) {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids, len(ids) == len(names)
}

// send rings one transaction: a serving alone as a redemption, anything else as a sale.
func (r *ringer) send(ctx context.Context, t transaction, lines []pos.LineRequest, out *rung) {
	id := r.command(t.at.Format(time.DateOnly), t.id)
	began := time.Now()
	defer func() { out.took = time.Since(began) }()
	if len(lines) == 1 && lines[0].Kind == pos.LineRedemption && lines[0].Qty == 1 {
		l := lines[0]
		var served pos.RedeemResult
		out.err = r.api.post(ctx, "/suspended/redemptions", id,
			pos.RedeemRequest{Product: l.Product, Qty: 1, Options: l.Options, Note: l.Note, Mode: t.mode}, &served)
		out.redeemed = 1
		return
	}
	var sale pos.SaleResult
	out.err = r.api.post(ctx, "/sales", id, pos.SellRequest{Mode: t.mode, Lines: lines, Card: r.cards[t.card], Tenders: r.tenders(t, lines)}, &sale)
	out.total, out.saleID = sale.Total, sale.ID
	for _, l := range lines { // a replayed answer does not tell what was served
		if l.Kind == pos.LineRedemption {
			out.redeemed += l.Qty
		}
	}
}

// tenders fills in the means that has no amount: it pays the rest.
func (r *ringer) tenders(t transaction, lines []pos.LineRequest) []pos.Tender {
	left := r.due(lines)
	for _, p := range t.tenders {
		left -= p.amount
	}
	tenders := []pos.Tender{}
	for _, p := range t.tenders {
		if p.amount == 0 {
			p.amount = left
		}
		if p.amount != 0 {
			tenders = append(tenders, pos.Tender{Means: p.means, Amount: p.amount})
		}
	}
	return tenders
}

// due adds up lines at the prices of the café's menu.
func (r *ringer) due(lines []pos.LineRequest) money.Cents {
	var sum money.Cents
	for _, l := range lines {
		sum += unitPrice(r.byID[l.Product], l) * money.Cents(l.Qty)
	}
	return sum
}

// unitPrice is what one of a line costs whoever pays.
func unitPrice(p pos.Product, l pos.LineRequest) money.Cents {
	switch l.Kind {
	case pos.LineRedemption:
		return 0
	case pos.LineGift:
		return p.GiftPrice
	case pos.LineSale:
	}
	unit := p.Price
	for _, g := range p.Options {
		for _, c := range g.Choices {
			if slices.Contains(l.Options, c.ID) {
				unit += c.Price
			}
		}
	}
	return unit
}
