package simulation

import (
	"context"
	"fmt"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
)

// card is the card of a regular; the first time they get one.
func (c *cafe) card(ctx context.Context, regular int) (string, error) {
	if c.regulars[regular] == "" {
		card, err := c.till.NewCard(ctx, c.by())
		if err != nil {
			return "", fmt.Errorf("new card: %w", err)
		}
		c.regulars[regular] = card.Code
	}
	return c.regulars[regular], nil
}

// holders is what happens to cards beside the counter: receipts are brought back, and now and then somebody has two
// cards and makes one of them.
func (c *cafe) holders(time.Time) (acts []act) {
	r := c.plan.draw(c.nth, ofCards)
	for _, receipt := range c.claims[c.nth] {
		regular := r.IntN(len(c.regulars))
		acts = append(acts, act{10*60 + r.IntN(600), func(ctx context.Context) error {
			card, err := c.card(ctx, regular)
			if err != nil {
				return err
			}
			claim, err := c.till.Claim(ctx, c.by(), card, receipt)
			if err != nil {
				return fmt.Errorf("claim: %w", err)
			}
			c.ledger.today.Stamps, c.ledger.today.Released = c.ledger.today.Stamps+claim.Stamps, c.ledger.today.Released+claim.Released
			return nil
		}})
	}
	delete(c.claims, c.nth)
	if chance(r, 60) {
		regular := r.IntN(len(c.regulars))
		acts = append(acts, act{16 * 60, func(ctx context.Context) error { return c.merge(ctx, regular) }})
	}
	return acts
}

// merge gives a regular a second card, and makes one of the two.
func (c *cafe) merge(ctx context.Context, regular int) error {
	old, err := c.card(ctx, regular)
	if err != nil {
		return err
	}
	c.regulars[regular] = ""
	card, err := c.card(ctx, regular)
	if err != nil {
		return err
	}
	if _, err := c.till.MergeCards(ctx, c.by(), old, card); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

// guests are those who are served a suspended item. Seven of ten ask by themselves and are always served; the others are
// told that something waits for them, and that the team does only while the house's line of the day is not spent.
func (c *cafe) guests(day time.Time) (acts []act) {
	r := c.plan.draw(c.nth, ofGuests)
	for range c.plan.guests(r, day, c.nth) {
		product := of(r, []string{"cafe", "the", "plat", "soupe"}, 30, 10, 42)
		invited, mistaken := chance(r, 300), chance(r, 10)
		acts = append(acts, act{9*60 + 30 + r.IntN(11*60), func(ctx context.Context) error {
			if invited {
				shelf, err := c.till.Waiting(ctx)
				if err != nil || shelf.HouseBudgetLeft <= 0 {
					return err
				}
			}
			return c.serve(ctx, product, mistaken)
		}})
	}
	return acts
}

// serve hands out one item; by a mistake it is first rung for nobody and taken back.
func (c *cafe) serve(ctx context.Context, product string, mistaken bool) error {
	for {
		served, err := c.till.Redeem(ctx, c.by(), pos.RedeemRequest{Product: product})
		if fault.CodeOf(err) == "product.sold_out" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("serve: %w", err)
		}
		if !mistaken {
			c.ledger.served(served.Origin, 1)
			return nil
		}
		mistaken = false
		if _, err := c.till.UndoRedemption(ctx, c.byManager(), served.Number, "erreur"); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
	}
}

// association comes for its meals on Thursday evening: what the shelf has of those it asks for.
func (c *cafe) association(day time.Time) []act {
	asked := c.plan.scaled(c.plan.PartnerMeals)
	if day.Weekday() != time.Thursday || asked == 0 {
		return nil
	}
	return []act{{18 * 60, func(ctx context.Context) error {
		request := pos.AllotmentRequest{Partner: c.partner, Class: "meal", Qty: asked}
		a, err := c.till.Allot(ctx, c.by(), request)
		if f, ok := fault.As(err); ok && f.Code == "allotment.stock" {
			left, _ := f.Args["left"].(int)
			if left == 0 {
				return nil
			}
			request.Qty = left
			a, err = c.till.Allot(ctx, c.by(), request)
		}
		if err != nil {
			return fmt.Errorf("allot: %w", err)
		}
		taken, err := c.till.CollectAllotment(ctx, c.byManager(), a.ID, pos.CollectRequest{Qty: a.Held})
		if err != nil {
			return fmt.Errorf("collect: %w", err)
		}
		c.ledger.collected(taken)
		return nil
	}}}
}

// company pays for a lot of meals on the fifth of each month, or the day after when that is a Sunday.
func (c *cafe) company(day time.Time) []act {
	n := c.plan.scaled(c.plan.SponsorMeals)
	if n == 0 || day.Day() != 5 && (day.Day() != 6 || day.Weekday() != time.Monday) {
		return nil
	}
	return []act{{9*60 + 15, func(ctx context.Context) error {
		lot, err := c.till.ProposeLot(ctx, c.byManager(), pos.SponsorRequest{Name: "Mutuelle", Address: "1 place de l'Exemple", Class: "meal", Qty: n})
		if err != nil {
			return fmt.Errorf("propose a lot: %w", err)
		}
		if _, err := c.till.PayLot(ctx, c.byManager(), lot.ID, pos.Transfer); err != nil {
			return fmt.Errorf("pay a lot: %w", err)
		}
		c.ledger.today.Sponsor += n
		c.ledger.today.Turnover += lot.Total
		return nil
	}}}
}
