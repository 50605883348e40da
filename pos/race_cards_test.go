package pos_test

import (
	"fmt"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
)

// TestTwoTerminalsRaceForACard: every transition of the card machine (§2.6), and every way a stamp moves, has one end.
func TestTwoTerminalsRaceForACard(t *testing.T) {
	runRaces(t, map[string]race{
		"case 50 merge and merge crosswise": {want: []string{"card.replaced, ok"}, begin: func(c *cafe) (_, _, _ func() string) {
			a, b := c.newCard(), c.newCard()
			c.sell(a, line("plat", 8))
			c.sell(b, line("plat", 1))
			return c.merging(a, b), c.merging(b, a), nil
		}},
		"T10 two cards are merged into one": {want: []string{"ok, ok; 1 waits, 0 promised"}, begin: func(c *cafe) (_, _, _ func() string) {
			a, b, into := c.newCard(), c.newCard(), c.newCard()
			c.sell(a, line("plat", 8))
			c.sell(b, line("plat", 8))
			return c.merging(a, into), c.merging(b, into), func() string { return c.reservedNow("meal") } // 16 stamps: one release
		}},
		"case 9 claim and claim on two cards": {want: []string{"0 stamps, 2 stamps"}, begin: func(c *cafe) (_, _, _ func() string) {
			code := c.sell("", line("plat", 2)).ReceiptCode
			return c.claiming(c.newCard(), code), c.claiming(c.newCard(), code), nil
		}},
		"claim and refund": {want: []string{"0 back, 1 stamps", "1 back, 2 stamps"}, begin: func(c *cafe) (_, _, _ func() string) {
			s := c.sell("", line("plat", 2))
			return c.claiming(c.newCard(), s.ReceiptCode), c.refunding(s.ID), nil
		}},
		"replace and earn": {want: []string{"card.replaced, replaced", "1 stamps, replaced"}, begin: func(c *cafe) (_, _, _ func() string) {
			card, by := c.newCard(), c.by()
			return c.earning(card), func() string { _, err := c.ReplaceCard(ctx(), by, card); return word("replaced", err) }, nil
		}},
		"replace and replace": {want: []string{"card.replaced, replaced"}, begin: func(c *cafe) (_, _, _ func() string) {
			card := c.newCard()
			replace := func(by pos.By) func() string {
				return func() string { _, err := c.ReplaceCard(ctx(), by, card); return word("replaced", err) }
			}
			return replace(c.by()), replace(c.by()), nil
		}},
		"case 45 lost and claim": {want: []string{"card.replaced, lost", "2 stamps, lost"}, begin: func(c *cafe) (_, _, _ func() string) {
			card, by := c.newCard(), c.by()
			code := c.sell("", line("plat", 2)).ReceiptCode
			return c.claiming(card, code), func() string { _, err := c.LoseCard(ctx(), by, card); return word("lost", err) }, nil
		}},
		"case 51 close and earn": {want: []string{"card.replaced, closed", "1 stamps, closed"}, begin: func(c *cafe) (_, _, _ func() string) {
			card, by := c.newCard(), c.byManager()
			return c.earning(card), func() string { return word("closed", c.CloseCard(ctx(), by, card)) }, nil
		}},
		"case 26 goodwill up to the cap": {want: []string{"given, goodwill.spent"}, begin: func(c *cafe) (_, _, _ func() string) {
			give := func(card string, by pos.By) func() string {
				return func() string { _, err := c.Goodwill(ctx(), by, card, 6); return word("given", err) }
			}
			return give(c.newCard(), c.byManager()), give(c.newCard(), c.byManager()), nil
		}},
		"case 25 import and import": {want: []string{"import.again, imported"}, begin: func(c *cafe) (_, _, _ func() string) {
			card := c.newCard()
			bring := func(by pos.By) func() string {
				return func() string {
					_, err := c.ImportPaper(ctx(), by, card, pos.ImportRequest{Stamps: 5, Voided: true})
					return word("imported", err)
				}
			}
			return bring(c.byManager()), bring(c.byManager()), nil
		}},
		"case 33 charge-back and refund": {want: []string{"0 back, 1 charged", "1 back, refund.beyond", "1 back, 1 charged"}, begin: func(c *cafe) (_, _, _ func() string) {
			card, by := c.newCard(), c.byManager()
			s := c.sell(card, line("plat", 1))
			return c.refunding(s.ID), func() string {
				r, err := c.Chargeback(ctx(), by, s.ID, pos.ChargebackRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}})
				return word(fmt.Sprintf("%d charged", r.StampsReversed), err)
			}, nil
		}},
		"case 40 move to two cards": {want: []string{"0 on it, moved; 1", "moved, moved; 1"}, begin: func(c *cafe) (_, _, _ func() string) {
			s := c.sell(c.newCard(), line("plat", 1))
			a, b := c.newCard(), c.newCard()
			move := func(card string, by pos.By) func() string {
				return func() string { _, err := c.MoveStamps(ctx(), by, s.ID, card); return word("moved", err) }
			}
			return move(a, c.byManager()), move(b, c.byManager()), func() string { return fmt.Sprint(c.view(a).Stamps + c.view(b).Stamps) }
		}},
	})
}

func (c *cafe) merging(from, into string) func() string {
	by := c.by()
	return func() string { _, err := c.MergeCards(ctx(), by, from, into); return word("ok", err) }
}

func (c *cafe) claiming(card, receipt string) func() string {
	by := c.by()
	return func() string {
		r, err := c.Claim(ctx(), by, card, receipt)
		return word(fmt.Sprintf("%d stamps", r.Stamps), err)
	}
}

func (c *cafe) earning(card string) func() string {
	by := c.by()
	return func() string {
		r, err := c.Sell(ctx(), by, pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("plat", 1)}, Card: card,
			Tenders: []pos.Tender{{Means: pos.Card, Amount: money.Cents(1190)}}})
		return word(fmt.Sprintf("%d stamps", r.Stamps), err)
	}
}

// refunding gives one of the first line back.
func (c *cafe) refunding(sale string) func() string {
	by := c.by()
	return func() string {
		r, err := c.Refund(ctx(), by, sale, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur"})
		return word(fmt.Sprintf("%d back", r.StampsReversed), err)
	}
}
