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
				shelf, err := c.till.Shelf(ctx)
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
			c.ledger.served(c, product, served.Origin, 1)
			return nil
		}
		mistaken = false
		if _, err := c.till.UndoRedemption(ctx, c.by(), served.Number, "erreur"); err != nil && fault.CodeOf(err) != "right.missing" {
			return fmt.Errorf("undo: %w", err)
		}
	}
}
