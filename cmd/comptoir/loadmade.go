package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// madeCards is how many cards take turns in made sales.
const madeCards = 20

// maxMadeLines bounds the lines of a made sale.
const maxMadeLines = 4

// mix says what made sales are like, in a hundred.
type mix struct {
	gift, serve, card, takeaway int
	seed                        uint64
}

// parseMix reads --mix. What it does not name is 0, and chance begins at 1.
func parseMix(text string) (mix, error) {
	m := mix{seed: 1}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(number)
		into, known := map[string]*int{"gift": &m.gift, "serve": &m.serve, "card": &m.card, "takeaway": &m.takeaway}[name]
		switch {
		case name == "seed" && err == nil && n >= 0:
			m.seed = uint64(n)
		case !known || err != nil || n < 0 || n > 100:
			return m, fmt.Errorf("--mix: %q is not one of gift, serve, card, takeaway (0 to 100) or seed, written name=number", part)
		default:
			*into = n
		}
	}
	return m, nil
}

// maker rings made sales for a while.
type maker struct {
	api      *client
	mix      mix
	products []pos.Product // that can be sold
	classed  []pos.Product // of them, those that can be given and served
	cards    []string
	pace     *pace
}

// made rings made sales and prints what they came to.
func (c *loadCmd) made(ctx context.Context, e *env, t target) int {
	api := newClient(t.url, t.token, c.Tills)
	defer api.close()
	m := &maker{api: api}
	m.mix, _ = parseMix(c.Mix) // read before, and refused there
	if err := m.prepare(ctx); err != nil {
		return e.fail(err)
	}
	before, err := readFigures(ctx, api, "")
	if err != nil {
		return e.fail(err)
	}
	began := time.Now()
	m.pace = newPace(c.Rate, began)
	watched := watchProcess(ctx, t.pid)
	all := m.ring(ctx, c.Tills, c.Duration)
	result := newLoadResult(all, time.Since(began), c.Tills)
	result.kinds = kindsOf(all)
	result.server = watched.end(result.calls)
	result.server.own = t.own
	result.comparison = false
	after, err := readFigures(ctx, api, before.From)
	if err != nil && ctx.Err() == nil {
		return e.fail(err)
	}
	result.sums = after.sums()
	result.sums.add(before.sums(), -1)
	result.fresh = result.sums.sales
	var answered sums
	for _, r := range all {
		if r.err != nil {
			result.refused[errorCode(r.err)]++
			result.problem("a sale was refused: %v", r.err)
			continue
		}
		answered.total += r.total
		if r.saleID != "" {
			answered.sales++
		}
		result.sums.redemptions += r.redeemed
	}
	if ctx.Err() == nil && (answered.sales != result.sums.sales || answered.total != result.sums.total) {
		result.problem("answered: %d sales, %s; the day's report rose by %d sales, %s: does somebody else sell?",
			answered.sales, euros(answered.total), result.sums.sales, euros(result.sums.total))
	}
	return result.print(e, c.JSON)
}

// errorCode is the code of a refusal, or says that there was no answer.
func errorCode(err error) string {
	if code := refusal(err); code != "" {
		return code
	}
	return "no answer"
}

func (m *maker) prepare(ctx context.Context) error {
	menu, err := menuByName(ctx, m.api)
	if err != nil {
		return err
	}
	for _, p := range menu {
		if p.Available && p.Price > 0 {
			m.products = append(m.products, p)
		}
	}
	slices.SortFunc(m.products, func(a, b pos.Product) int { return strings.Compare(a.ID, b.ID) }) // the same seed, the same sales
	for _, p := range m.products {
		if p.SuspendClass != "" {
			m.classed = append(m.classed, p)
		}
	}
	if len(m.products) == 0 {
		return errors.New("there is nothing on the menu; import one with comptoir menu import FILE")
	}
	if err := openShift(ctx, m.api, 0); err != nil {
		return err
	}
	for range madeCards {
		if m.mix.card == 0 {
			break
		}
		var card pos.CardIssued
		if err := m.api.post(ctx, "/cards", newCommandID(), struct{}{}, &card); err != nil {
			return fmt.Errorf("make a card: %w", err)
		}
		m.cards = append(m.cards, card.Code)
	}
	return nil
}

// ring lets each till ring sale after sale until the time is over. A till stops when the service does not answer.
func (m *maker) ring(ctx context.Context, tills int, during time.Duration) []rung {
	ctx, cancel := context.WithTimeout(ctx, during)
	defer cancel()
	perTill := make([][]rung, tills)
	var wg sync.WaitGroup
	for i := range tills {
		wg.Go(func() {
			chance := rand.New(rand.NewPCG(m.mix.seed, uint64(i))) //nolint:gosec // what is ordered is no secret, and has to be repeatable
			for m.pace.wait(ctx) {
				r := m.one(context.WithoutCancel(ctx), chance) // one that was begun is brought to its end
				perTill[i] = append(perTill[i], r)
				if r.err != nil && refusal(r.err) == "" {
					return
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(perTill...)
}

// one rings one made sale, or serves one item.
func (m *maker) one(ctx context.Context, chance *rand.Rand) (r rung) {
	hit := func(in int) bool { return chance.IntN(100) < in }
	mode := pos.EatIn
	if hit(m.mix.takeaway) {
		mode = pos.Takeaway
	}
	began := time.Now()
	defer func() { r.took = time.Since(began) }()
	if len(m.classed) > 0 && hit(m.mix.serve) {
		l := m.line(m.classed[chance.IntN(len(m.classed))], pos.LineRedemption, chance)
		var served pos.RedeemResult
		r.kind = "serving"
		r.err = m.api.post(ctx, "/suspended/redemptions", newCommandID(), pos.RedeemRequest{Product: l.Product, Qty: 1, Options: l.Options, Mode: mode}, &served)
		if r.err == nil {
			r.redeemed = 1
		}
		return r
	}
	r.kind = "sale"
	request := pos.SellRequest{Mode: mode}
	var due money.Cents
	add := func(p pos.Product, kind pos.Kind) {
		l := m.line(p, kind, chance)
		due += unitPrice(p, l) * money.Cents(l.Qty)
		request.Lines = append(request.Lines, l)
	}
	for range 1 + chance.IntN(maxMadeLines) {
		add(m.products[chance.IntN(len(m.products))], pos.LineSale)
	}
	if len(m.classed) > 0 && hit(m.mix.gift) {
		add(m.classed[chance.IntN(len(m.classed))], pos.LineGift)
		r.kind = "gift"
	}
	if len(m.cards) > 0 && hit(m.mix.card) {
		request.Card = m.cards[chance.IntN(len(m.cards))]
		r.kind = "card"
	}
	request.Tenders = []pos.Tender{{Means: pos.Card, Amount: due}}
	if hit(40) { // cash is about four payments in ten at a café's counter
		const note = 1000
		request.Tenders[0] = pos.Tender{Means: pos.Cash, Amount: due, Given: (due + note - 1) / note * note}
	}
	var sale pos.SaleResult
	r.err = m.api.post(ctx, "/sales", newCommandID(), request, &sale)
	r.total, r.saleID = sale.Total, sale.ID
	return r
}

// line orders a product, answering what has to be answered.
func (m *maker) line(p pos.Product, kind pos.Kind, chance *rand.Rand) pos.LineRequest {
	l := pos.LineRequest{Product: p.ID, Qty: 1, Kind: kind, Options: []string{}}
	if kind == pos.LineGift {
		return l
	}
	for _, g := range p.Options {
		if g.Required && len(g.Choices) > 0 {
			l.Options = append(l.Options, g.Choices[chance.IntN(len(g.Choices))].ID)
		}
	}
	return l
}
