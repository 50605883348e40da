package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
)

// visit is one sale of a history and what follows from it at the counter.
type visit struct {
	id      string
	request pos.SellRequest
	gift    bool
	refund  bool
}

// openTime is how long the doors stay open.
const openTime = 12 * time.Hour

// day lives one day: a shift, its sales by many hands at once, the closing of the day before.
func (m *maker) day(ctx context.Context, nth int) error {
	morning := m.morning(nth)
	m.clock.Reach(morning)
	if _, err := m.till.CloseDue(ctx); err != nil {
		return fmt.Errorf("close what is over: %w", err)
	}
	if _, err := m.till.DoDue(ctx); err != nil {
		return fmt.Errorf("what is due: %w", err)
	}
	if err := m.till.CountServings(ctx); err != nil {
		return fmt.Errorf("count servings: %w", err)
	}
	if _, err := m.till.OpenShift(ctx, m.named(m.barista, nth, "open"), float); err != nil {
		return fmt.Errorf("open shift: %w", err)
	}
	if err := m.serveAll(ctx, nth, morning); err != nil {
		return err
	}
	m.clock.Reach(morning.Add(openTime + time.Hour))
	if _, err := m.till.CloseShift(ctx, m.named(m.barista, nth, "close"), nil); err != nil {
		return fmt.Errorf("close shift: %w", err)
	}
	return nil
}

// serveAll hands the visits of a day to the sellers, by the clock.
func (m *maker) serveAll(ctx context.Context, nth int, morning time.Time) error {
	var hands sync.WaitGroup
	var failed atomic.Pointer[error]
	queue := make(chan visit)
	n := m.plan.sales(nth)
	for range min(sellers, n) {
		hands.Go(func() {
			for v := range queue {
				if err := m.visit(ctx, v); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	r := m.plan.draw(nth)
	for i := range n {
		if failed.Load() != nil {
			break
		}
		m.clock.Reach(morning.Add(openTime * time.Duration(i) / time.Duration(n)))
		queue <- m.comes(r, fmt.Sprintf("history-%d-%d", nth, i))
	}
	close(queue)
	hands.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// comes draws who comes and what they take: two lines and a half on the mean, six of ten with a card, a gift for
// somebody in three of a hundred, a mistake in five of a thousand.
func (m *maker) comes(r *rand.Rand, id string) visit {
	v := visit{id: id, request: pos.SellRequest{Mode: pos.EatIn}}
	withCard := chance(r, 600)
	var names []string
	if withCard && chance(r, 800) || chance(r, 300) {
		names = append(names, of(r, []string{"plat", "vegetarien", "soupe"}, 60, 22))
	}
	for lines := 1 + r.IntN(4); len(names) < lines; { // 1 to 4, each as often
		name := of(r, []string{"cafe", "the", "jus", "limonade", "dessert", "eau"}, 40, 15, 10, 10, 15)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var due money.Cents
	for _, name := range names {
		qty := 1
		if chance(r, 100) {
			qty = 2
		}
		v.request.Lines = append(v.request.Lines, pos.LineRequest{Product: name, Qty: qty})
		due += m.menu[name].price * money.Cents(qty)
	}
	if v.gift = chance(r, 30); v.gift {
		v.request.Lines = append(v.request.Lines, pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineGift})
		due += coffeeGift
	}
	if withCard {
		v.request.Card = m.h.Cards[r.IntN(len(m.h.Cards))]
	}
	means := pos.Card
	if chance(r, 400) {
		means = pos.Cash
	}
	if chance(r, 100) {
		v.request.Mode = pos.Takeaway
	}
	v.request.Tenders = []pos.Tender{{Means: means, Amount: due}}
	v.refund = chance(r, 5)
	return v
}

// visit sells, serves what came onto the shelf by it, and takes a mistake back.
func (m *maker) visit(ctx context.Context, v visit) error {
	by := func(what string) pos.By {
		id := v.id + what
		return pos.By{Operator: m.barista, Command: data.NewCommand(id, []byte(id))}
	}
	sale, err := m.till.Sell(ctx, by(""), v.request)
	if err != nil {
		return fmt.Errorf("sell: %w", err)
	}
	served := slices.Repeat([]string{"plat"}, sale.Released)
	if v.gift {
		served = append(served, "cafe")
	}
	for i, name := range served {
		if _, err := m.till.Redeem(ctx, by(fmt.Sprintf("-served-%d", i)), pos.RedeemRequest{Product: name}); err != nil && !soldOut(err) {
			return fmt.Errorf("serve: %w", err)
		}
	}
	if !v.refund {
		return nil
	}
	ask := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: v.request.Tenders[0].Means, Reason: "erreur"}
	if _, err := m.till.Refund(ctx, by("-back"), sale.ID, ask); err != nil {
		return errors.Join(errors.New("refund"), err)
	}
	return nil
}

// named is a command of somebody on a day, with an id of its own.
func (m *maker) named(who pos.Operator, nth int, what string) pos.By {
	id := fmt.Sprintf("history-%d-%s", nth, what)
	return pos.By{Operator: who, Command: data.NewCommand(id, []byte(id))}
}
