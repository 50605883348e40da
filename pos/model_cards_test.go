package pos_test

import (
	"slices"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/pos"
)

// What a unit of a sale has instead of a card.
const (
	unstamped   = -1
	chargedBack = -2 // the bank took the money back: no card has it again
)

// grant is stamps without a meal.
type grant struct {
	card   int
	stamps int
	paper  bool
	month  string
}

// stepCards is one random command on a card beside the counter.
func (m *model) stepCards(t *rapid.T) {
	card := m.living(t, false)
	switch rapid.IntRange(0, 6).Draw(t, "op on a card") {
	case 0, 1:
		m.replace(t, card)
	case 2:
		m.importPaper(t, card)
	case 3:
		m.goodwill(t, card)
	case 4:
		m.chargeback(t)
	case 5:
		m.shareTable(t)
	default:
		m.closeCard(t, card)
	}
}

// replace makes a card dead and another of the same account; sometimes it was lost first.
func (m *model) replace(t *rapid.T, card int) {
	old := m.cards[card]
	if rapid.Bool().Draw(t, "lost") {
		if _, err := m.cafe.LoseCard(ctx(), m.cafe.by(), old); err != nil {
			t.Fatalf("lose: %v", err)
		}
		if _, err := m.cafe.Card(ctx(), old); fault.CodeOf(err) != "card.replaced" {
			t.Fatalf("a lost card shows itself: %v", err)
		}
	}
	fresh, err := m.cafe.ReplaceCard(ctx(), m.cafe.by(), old)
	if err != nil {
		t.Fatalf("replace: %v", err)
	}
	if _, err := m.cafe.ReplaceCard(ctx(), m.cafe.by(), old); fault.CodeOf(err) != "card.replaced" {
		t.Fatalf("replaced twice: %v", err)
	}
	m.cards[card] = fresh.Code
}

func (m *model) importPaper(t *rapid.T, card int) {
	n := rapid.IntRange(1, 8).Draw(t, "old stamps")
	_, err := m.cafe.ImportPaper(ctx(), m.cafe.byManager(), m.cards[card], pos.ImportRequest{Stamps: n, Voided: true})
	if slices.ContainsFunc(m.grants, func(g grant) bool { return g.paper && m.find(g.card) == card }) {
		if fault.CodeOf(err) != "import.again" {
			t.Fatalf("imported twice: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	m.grants = append(m.grants, grant{card: card, stamps: n, paper: true})
	m.reconcile(card)
}

// goodwill gives stamps as an apology: ten in a month and no more.
func (m *model) goodwill(t *rapid.T, card int) {
	n, month, given := rapid.IntRange(1, 4).Draw(t, "apologies"), m.cafe.DB().Today()[:7], 0
	for _, g := range m.grants {
		if !g.paper && g.month == month {
			given += g.stamps
		}
	}
	_, err := m.cafe.Goodwill(ctx(), m.cafe.byManager(), m.cards[card], n)
	if given+n > 10 {
		if fault.CodeOf(err) != "goodwill.spent" {
			t.Fatalf("%d more after %d: %v", n, given, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("goodwill: %v", err)
	}
	m.grants = append(m.grants, grant{card: card, stamps: n, month: month})
	m.reconcile(card)
}

// chargeback takes the last stamped meals of a line back.
func (m *model) chargeback(t *rapid.T) {
	if len(m.meals) == 0 {
		return
	}
	s := rapid.SampledFrom(m.meals).Draw(t, "sale")
	l := rapid.SampledFrom(s.lines).Draw(t, "line")
	n := rapid.IntRange(1, 3).Draw(t, "charged back")
	var on []*int
	for i := range l.units {
		if l.units[i] >= 0 {
			on = append(on, &l.units[i])
		}
	}
	r, err := m.cafe.Chargeback(ctx(), m.cafe.byManager(), s.id, pos.ChargebackRequest{Lines: []pos.RefundLine{{Line: l.n, Qty: n}}})
	if n > len(on) {
		if fault.CodeOf(err) != "refund.beyond" {
			t.Fatalf("charge-back of %d of %d: %+v, %v", n, len(on), r, err)
		}
		return
	}
	if err != nil || r.StampsReversed != n {
		t.Fatalf("charge-back of %d of %d: %+v, %v", n, len(on), r, err)
	}
	var lost []int
	for _, u := range on[len(on)-n:] {
		lost = append(lost, m.find(*u))
		*u = chargedBack
	}
	for _, root := range lost {
		m.reconcile(root)
	}
}

// shareTable is an order with two cards on it: the second has one of the meals.
func (m *model) shareTable(t *rapid.T) {
	first, second, n := m.living(t, false), m.living(t, false), rapid.IntRange(2, 5).Draw(t, "meals")
	tk := m.cafe.ticket(line("plat", n))
	for _, card := range []int{first, second, first} {
		var err error
		if tk, err = m.cafe.AttachCard(ctx(), m.cafe.by(), tk.ID, m.cards[card]); err != nil {
			t.Fatalf("attach: %v", err)
		}
	}
	r, err := m.cafe.Checkout(ctx(), m.cafe.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: tk.Total}}})
	if err != nil || r.Stamps != n {
		t.Fatalf("a table of %d: %+v, %v", n, r, err)
	}
	units := slices.Repeat([]int{first}, n)
	units[n-1] = second
	m.meals = append(m.meals, &soldMeals{id: r.ID, code: r.ReceiptCode, at: m.cafe.clock.Now(), lines: []*soldLine{{n: 1, sold: n, units: units}}})
	m.total += int64(r.Total)
	m.reconcile(first)
	m.reconcile(second)
}

// closeCard ends an account; its stamps and releases stay, and answer to the law like any.
func (m *model) closeCard(t *rapid.T, card int) {
	alive := 0
	for i := range m.cards {
		if m.root[i] == i && !m.dead[i] {
			alive++
		}
	}
	if alive < 3 {
		return
	}
	if err := m.cafe.CloseCard(ctx(), m.cafe.byManager(), m.cards[card]); err != nil {
		t.Fatalf("close: %v", err)
	}
	if _, err := m.cafe.Card(ctx(), m.cards[card]); fault.CodeOf(err) != "card.replaced" {
		t.Fatalf("a closed card shows itself: %v", err)
	}
	m.dead[card] = true
}
