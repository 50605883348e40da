package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// hand is one person at a till: what is sent next follows from chance and from the answers so far.
type hand struct {
	name  string
	rng   *rand.Rand
	menu  []pos.Product
	cards []string          // of the café, and those this hand made
	clock *simulation.Clock // nil: the machine's, and no day ends by it
	sent  int

	sales   []rung
	served  []string // numbers of redemptions
	tickets []pos.Ticket
}

// rung is a sale that can be refunded or claimed.
type rung struct {
	id, receipt, gifts string
	lines              int
}

// next is what this hand asks for now.
func (h *hand) next() call {
	h.sent++
	c := call{id: fmt.Sprint(h.name, "-", h.sent)}
	switch n := h.rng.IntN(100); {
	case n < 8 && len(h.sales) > 0:
		c.kind, c.about, c.body = h.refund()
	case n < 14 && len(h.sales) > 0 && len(h.cards) > 0:
		c.kind, c.about, c.body = h.claim()
	case n < 19:
		c.kind = newCard
	case n < 29:
		c.kind, c.body = redeem, pos.RedeemRequest{Product: h.of(func(p pos.Product) bool { return p.SuspendClass != "" }).ID, Qty: 1, Mode: pos.EatIn}
	case n < 32 && len(h.served) > 0:
		c.kind, c.about, c.body = undo, h.served[len(h.served)-1], undoRequest{"erreur"}
		h.served = h.served[:len(h.served)-1]
	case n < 38:
		c.kind, c.body = openTicket, pos.TicketRequest{Mode: pos.EatIn, Name: "Table"}
	case n < 54 && len(h.tickets) > 0:
		h.onTicket(&c)
	case n < 60:
		c.kind, c.body = moveCash, pos.CashMove{Amount: money.Cents(1000 - h.rng.IntN(1500)), Reason: "monnaie"}
	case n < 62:
		c.kind, c.body = closePeriod, h.closing()
	case n < 64: // refused: nothing of it may stay
		c.kind, c.body = sell, pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: "nothing", Qty: 1}}}
	default:
		c.kind, c.body = sell, h.order()
	}
	return c
}

// of is one product of a kind.
func (h *hand) of(wanted func(pos.Product) bool) pos.Product {
	for _, i := range h.rng.Perm(len(h.menu)) {
		if wanted(h.menu[i]) {
			return h.menu[i]
		}
	}
	return h.menu[0]
}

// order is a sale of one to three lines, now and then with a gift and a card, by one means or two.
func (h *hand) order() pos.SellRequest {
	r := pos.SellRequest{Mode: pos.EatIn}
	if h.rng.IntN(4) == 0 {
		r.Mode = pos.Takeaway
	}
	due := money.Cents(0)
	for range 1 + h.rng.IntN(3) {
		p := h.menu[h.rng.IntN(len(h.menu))]
		qty := 1 + h.rng.IntN(3)
		r.Lines = append(r.Lines, pos.LineRequest{Product: p.ID, Qty: qty})
		due += p.Price * money.Cents(qty)
	}
	if h.rng.IntN(4) == 0 {
		p := h.of(func(p pos.Product) bool { return p.GiftPrice > 0 })
		r.Lines = append(r.Lines, pos.LineRequest{Product: p.ID, Qty: 1, Kind: pos.LineGift})
		due += p.GiftPrice
	}
	if len(h.cards) > 0 && h.rng.IntN(2) == 0 {
		r.Card = h.cards[h.rng.IntN(len(h.cards))]
	}
	r.Tenders = h.tenders(due)
	return r
}

func (h *hand) tenders(due money.Cents) []pos.Tender {
	const note = 1000
	switch h.rng.IntN(4) {
	case 0:
		return []pos.Tender{{Means: pos.Cash, Amount: due, Given: (due + note - 1) / note * note}}
	case 1:
		if due > 100 {
			return []pos.Tender{{Means: pos.Card, Amount: due - 100}, {Means: pos.Cash, Amount: 100}}
		}
	}
	return []pos.Tender{{Means: pos.Card, Amount: due}}
}

func (h *hand) refund() (kind, string, any) {
	s := h.sales[h.rng.IntN(len(h.sales))]
	return refund, s.id, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1 + h.rng.IntN(s.lines), Qty: 1}}, Tender: pos.Card, Reason: "erreur", Proof: s.gifts}
}

func (h *hand) claim() (kind, string, any) {
	s := h.sales[h.rng.IntN(len(h.sales))]
	return claim, h.cards[h.rng.IntN(len(h.cards))], claimRequest{s.receipt}
}

// onTicket adds to an open order, sends it to the kitchen, or is paid for it.
func (h *hand) onTicket(c *call) {
	i := h.rng.IntN(len(h.tickets))
	t := h.tickets[i]
	c.about = t.ID
	switch n := h.rng.IntN(4); {
	case len(t.Lines) == 0 || n == 0:
		c.kind, c.body = addLine, pos.LineRequest{Product: h.menu[h.rng.IntN(len(h.menu))].ID, Qty: 1}
	case n == 1:
		c.kind = sendTicket
	default:
		c.kind, c.body = payTicket, pos.CheckoutRequest{Tenders: h.tenders(t.Rest)}
		h.tickets = append(h.tickets[:i], h.tickets[i+1:]...)
	}
}

// closing ends a day, seldom a month. By a clock of its own the café then has another morning.
func (h *hand) closing() pos.CloseRequest {
	if h.clock != nil {
		h.clock.Advance(24 * time.Hour)
	}
	if h.rng.IntN(5) == 0 {
		return pos.CloseRequest{Level: receipts.LevelMonth}
	}
	return pos.CloseRequest{Level: receipts.LevelDay}
}

// learn keeps what an answer lets this hand do next.
func (h *hand) learn(c call, answer any) {
	switch a := answer.(type) {
	case pos.SaleResult:
		lines := 1
		if r, ok := c.body.(pos.SellRequest); ok {
			lines = len(r.Lines)
		}
		if a.ID != "" {
			h.sales = append(h.sales, rung{id: a.ID, receipt: a.ReceiptCode, gifts: a.GiftCode, lines: lines})
		}
	case pos.CardIssued:
		h.cards = append(h.cards, a.Code)
	case pos.RedeemResult:
		h.served = append(h.served, a.Number)
	case pos.Ticket:
		for i := range h.tickets {
			if h.tickets[i].ID == a.ID {
				h.tickets[i] = a
				return
			}
		}
		h.tickets = append(h.tickets, a)
	}
}

// do sends one call through a door and books it. It reports whether the café still answers.
func (h *hand) do(ctx context.Context, d door, b *book, c call) (answers bool) {
	i := b.begin(c)
	answer, err := d.send(ctx, c)
	b.end(i, answer, err)
	if err == nil {
		h.learn(c, answer)
	}
	return err == nil || !open(err)
}
