package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// act is something that happens at a minute of the day.
type act struct {
	minute int
	do     func(context.Context) error
}

// float is what is in the drawer in the morning, in cents.
const float = money.Cents(15_000)

// live is one day of the café. What is due by the clock is done by the clock, also when the café is closed.
func (c *cafe) live(ctx context.Context, nth int) error {
	c.nth = nth
	day := first().AddDate(0, 0, nth)
	if err := c.due(ctx, 9*60); err != nil {
		return err
	}
	c.ledger.begin(day)
	if closed(day) {
		return nil
	}
	if _, err := c.till.OpenShift(ctx, c.by(), float); err != nil {
		return fmt.Errorf("open shift: %w", err)
	}
	acts := slices.Concat(c.customers(day), c.guests(day), c.holders(day), c.association(day), c.company(day))
	slices.SortStableFunc(acts, func(a, b act) int { return a.minute - b.minute })
	for _, a := range acts {
		c.clock.Reach(c.at(nth, a.minute))
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("%s, minute %d: %w", day.Format(time.DateOnly), a.minute, err)
		}
	}
	if err := c.due(ctx, 22*60+30); err != nil {
		return err
	}
	_, err := c.till.CloseShift(ctx, c.by(), nil)
	return err
}

// due does what the service does each minute, once at a minute.
func (c *cafe) due(ctx context.Context, minute int) error {
	c.clock.Reach(c.at(c.nth, minute))
	if _, err := c.till.CloseDue(ctx); err != nil {
		return fmt.Errorf("close what is over: %w", err)
	}
	if _, err := c.till.DoDue(ctx); err != nil {
		return fmt.Errorf("what is due: %w", err)
	}
	return nil
}

// chance is true so many times in a thousand.
func chance(r *rand.Rand, thousandths int) bool { return r.IntN(1000) < thousandths }

// of draws one by its share in percent; the last takes the rest.
func of(r *rand.Rand, names []string, percent ...int) string {
	n := r.IntN(100)
	for i, p := range percent {
		if n -= p; n < 0 {
			return names[i]
		}
	}
	return names[len(names)-1]
}

// party is who sits down and pays together.
type party struct {
	lines   []pos.LineRequest
	meals   int
	regular int // index of who has a card; -1: nobody
	claim   int // days after which the receipt is brought back with a card; 0: never
	refund  bool
}

func (p *party) add(product string, qty int, kind pos.Kind) {
	for i, l := range p.lines {
		if l.Product == product && l.Kind == kind {
			p.lines[i].Qty += qty
			return
		}
	}
	p.lines = append(p.lines, pos.LineRequest{Product: product, Qty: qty, Kind: kind})
}

// customers are the parties of a day: a little more than half come to eat.
func (c *cafe) customers(day time.Time) (acts []act) {
	r := c.plan.draw(c.nth, ofParties)
	for range c.plan.parties(r, day) {
		p := &party{regular: -1}
		minute := 10*60 + r.IntN(10*60)
		if chance(r, 550) {
			minute = 11*60 + 45 + r.IntN(150)
			c.eat(r, p)
		} else {
			p.add(of(r, []string{"cafe", "the", "jus", "limonade"}, 60, 20, 10), 1+r.IntN(2), "")
			if chance(r, 250) {
				p.add("dessert", 1, "")
			}
		}
		if chance(r, 70) {
			p.add("cafe", 1, pos.LineGift)
		}
		if chance(r, 50) {
			p.add("plat", 1, pos.LineGift)
		}
		acts = append(acts, act{minute, func(ctx context.Context) error { return c.pay(ctx, p) }})
	}
	return acts
}

// eat is what a party eats: rarely a large group; nearly half of the parties have a card with them.
func (c *cafe) eat(r *rand.Rand, p *party) {
	p.meals = 1
	for p.meals < 4 && chance(r, 420) {
		p.meals++
	}
	if chance(r, 15) {
		p.meals = 6 + r.IntN(7)
	}
	for range p.meals {
		p.add(of(r, []string{"plat", "vegetarien", "soupe"}, 60, 22), 1, "")
		if chance(r, 500) {
			p.add(of(r, []string{"eau", "jus", "limonade"}, 60, 20), 1, "")
		}
		if chance(r, 420) {
			p.add("cafe", 1, "")
		}
		if chance(r, 220) {
			p.add("dessert", 1, "")
		}
	}
	seat := min(r.IntN(len(c.regulars)), r.IntN(len(c.regulars)))
	switch {
	case chance(r, 450):
		p.regular = seat
	case chance(r, 80):
		p.regular, p.claim = seat, 1+r.IntN(20)
	}
	p.refund = chance(r, 6)
}

// total is what a party pays.
func (c *cafe) total(p *party) (sum money.Cents) {
	for _, l := range p.lines {
		price := c.menu[l.Product].price
		if l.Kind == pos.LineGift {
			price = c.giftPrice(c.menu[l.Product].class)
		}
		sum += price * money.Cents(l.Qty)
	}
	return sum
}

func (c *cafe) giftPrice(class string) money.Cents {
	if class == "coffee" {
		return coffeeGift
	}
	return c.plan.GiftPrice
}

// pay settles a party's bill, a third of them in cash.
func (c *cafe) pay(ctx context.Context, p *party) error {
	request := pos.SellRequest{Mode: pos.EatIn, Lines: p.lines}
	if p.regular >= 0 {
		card, err := c.card(ctx, p.regular)
		if err != nil {
			return err
		}
		if p.claim == 0 {
			request.Card = card
		}
	}
	total := c.total(p)
	means := pos.Card
	if total%3 == 0 {
		means = pos.Cash
	}
	request.Tenders = []pos.Tender{{Means: means, Amount: total}}
	sale, err := c.till.Sell(ctx, c.by(), request)
	if err != nil {
		return fmt.Errorf("sell: %w", err)
	}
	c.ledger.sold(p, sale)
	if p.claim > 0 {
		c.claims[c.nth+p.claim] = append(c.claims[c.nth+p.claim], sale.ReceiptCode)
	}
	if !p.refund {
		return nil
	}
	back, err := c.till.Refund(ctx, c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: means, Reason: "erreur"})
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	c.ledger.refunded(back)
	return nil
}
