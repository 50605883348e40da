package pos_test

import (
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
)

// TestMain sizes the random tests: large under CI, short on a laptop.
func TestMain(m *testing.M) {
	flag.Parse()
	runs := "10"
	if os.Getenv("CI") == "true" {
		runs = "200"
	}
	if err := flag.Set("rapid.checks", runs); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// How long a run is, and how often everything is audited inside it.
const (
	modelOps   = 300
	auditEvery = 25
)

// item is a suspended thing as the model sees it.
type item struct {
	owner     int // card of a release; -1 otherwise
	sale      int // index of the sale of a gift; -1 otherwise
	available bool
	served    bool
}

// soldMeals is a sale with meals.
type soldMeals struct {
	id, code string
	lines    []*soldLine
	at       time.Time
}

// soldLine is a line of meals: which card each unit is stamped on, -1 for none; refunds take the last.
type soldLine struct {
	n     int // in the journal
	sold  int
	disc  int64
	units []int
}

// refund takes n units off, and returns their cards and what is given back: 11.90 each, less their share of the
// discount, which is what the units up to and with them bear, rounded half up, less what those before them bear.
func (l *soldLine) refund(n int) (cards []int, cents int64) {
	gone, of := int64(l.sold-len(l.units)), int64(l.sold)
	upTo := func(n int64) int64 { return (2*l.disc*n + of) / (2 * of) }
	cards = l.units[len(l.units)-n:]
	l.units = l.units[:len(l.units)-n]
	return cards, int64(n)*1190 - upTo(gone+int64(n)) + upTo(gone)
}

// units are the cards of all units of the sale, by reference.
func (s *soldMeals) units() (all []*int) {
	for _, l := range s.lines {
		for i := range l.units {
			all = append(all, &l.units[i])
		}
	}
	return all
}

// model is the café in memory: the laws of solidarity.md §2.3–2.4, and nothing else.
type model struct {
	cafe   *cafe
	cards  []string
	root   []int // of each card, after merges
	shelf  map[string][]*item
	meals  []*soldMeals
	gifts  []*soldGifts
	served []*served
	total  int64
	cash   int64    // in the drawer
	orders []*order // open tickets
}

type soldGifts struct {
	id    string
	class string
	price int64
	left  []*item
}

type served struct {
	number string
	class  string
	item   *item // nil for an item of the house
}

func (m *model) find(card int) int {
	for m.root[card] != card {
		card = m.root[card]
	}
	return card
}

// stamps is S of a root; releases are the items in force of it.
func (m *model) stamps(root int) (n int) {
	for _, s := range m.meals {
		for _, u := range s.units() {
			if *u >= 0 && m.find(*u) == root {
				n++
			}
		}
	}
	return n
}

func (m *model) releases(root int) (inForce, eaten int, last *item) {
	for _, it := range m.shelf["meal"] {
		if it.owner < 0 || m.find(it.owner) != root || !it.available && !it.served {
			continue
		}
		inForce++
		if it.served {
			eaten++
		} else {
			last = it
		}
	}
	return inForce, eaten, last
}

// reconcile is the law of §2.4, word for word.
func (m *model) reconcile(root int) {
	earned := m.stamps(root) / 9
	for {
		inForce, _, last := m.releases(root)
		switch {
		case inForce < earned:
			m.shelf["meal"] = append(m.shelf["meal"], &item{owner: root, sale: -1, available: true})
		case inForce > earned && last != nil:
			last.available = false
		default:
			return
		}
	}
}

func (m *model) available(class string) (n int) {
	for _, it := range m.shelf[class] {
		if it.available {
			n++
		}
	}
	return n
}

// step is one random command, carried out by the café and by the model.
func (m *model) step(t *rapid.T) {
	c := m.cafe
	switch op := rapid.IntRange(0, 19).Draw(t, "op"); {
	case op >= 14:
		m.stepOrder(t)
	case op <= 3:
		m.sellMeals(t)
	case op == 4:
		m.give(t)
	case op == 5 && len(m.meals) > 0:
		m.refundMeals(t)
	case op == 6 && len(m.gifts) > 0:
		m.refundGift(t)
	case op == 7 && len(m.meals) > 0:
		m.claim(t)
	case op == 8 && len(m.meals) > 0:
		m.move(t)
	case op == 9 && len(m.cards) > 1 && rapid.IntRange(0, 3).Draw(t, "rarely") == 0:
		m.merge(t)
	case op == 10:
		m.serve(t)
	case op == 11 && len(m.served) > 0:
		m.undo(t)
	case op == 12:
		c.clock.Advance(time.Duration(rapid.IntRange(0, 50).Draw(t, "hours")) * time.Hour)
	case op == 13 && rapid.IntRange(0, 3).Draw(t, "rarely") == 0:
		m.changeShift(t)
	default:
		m.cards = append(m.cards, c.newCard())
		m.root = append(m.root, len(m.cards)-1)
	}
}

// living draws a card that has not been merged into another; -1 is none.
func (m *model) living(t *rapid.T, none bool) int {
	var alive []int
	for i := range m.cards {
		if m.root[i] == i {
			alive = append(alive, i)
		}
	}
	if none {
		alive = append(alive, -1)
	}
	return rapid.SampledFrom(alive).Draw(t, "card")
}

func (m *model) code(card int) string {
	if card < 0 {
		return ""
	}
	return m.cards[card]
}

func (m *model) sellMeals(t *rapid.T) {
	card, n := m.living(t, true), rapid.IntRange(1, 10).Draw(t, "meals")
	r := m.cafe.sell(m.code(card), line("plat", n), line("eau", 1))
	s := &soldMeals{id: r.ID, code: r.ReceiptCode, at: m.cafe.clock.Now(), lines: []*soldLine{{n: 1, sold: n, units: slices.Repeat([]int{card}, n)}}}
	m.meals = append(m.meals, s)
	m.total += int64(r.Total)
	if card >= 0 {
		m.reconcile(card)
	}
}

func (m *model) give(t *rapid.T) {
	class, product, price := "coffee", "cafe", int64(180)
	if rapid.Bool().Draw(t, "meal") {
		class, product, price = "meal", "plat", 600
	}
	n := rapid.IntRange(1, 3).Draw(t, "gifts")
	r := m.cafe.sell("", gift(product, n))
	g := &soldGifts{id: r.ID, class: class, price: price}
	for range n {
		it := &item{owner: -1, sale: len(m.gifts), available: true}
		g.left = append(g.left, it)
		m.shelf[class] = append(m.shelf[class], it)
	}
	m.gifts = append(m.gifts, g)
	m.total += int64(r.Total)
}

func (m *model) refundMeals(t *rapid.T) {
	s := rapid.SampledFrom(m.meals).Draw(t, "sale")
	l := rapid.SampledFrom(s.lines).Draw(t, "line")
	n := rapid.IntRange(1, 4).Draw(t, "refunded")
	if n > len(l.units) {
		_, err := m.cafe.Refund(ctx(), m.cafe.by(), s.id, pos.RefundRequest{Lines: []pos.RefundLine{{Line: l.n, Qty: n}}, Tender: pos.Cash, Reason: "test"})
		if fault.CodeOf(err) != "refund.beyond" {
			t.Fatalf("refund of %d of %d: %v", n, len(l.units), err)
		}
		return
	}
	r := m.cafe.refund(s.id, l.n, n)
	gone, cents := l.refund(n)
	if int64(r.Total) != -cents {
		t.Fatalf("refund of %d units: %d, the model has %d", n, r.Total, -cents)
	}
	m.total -= cents
	for _, card := range gone {
		if card >= 0 {
			m.reconcile(m.find(card))
		}
	}
}

func (m *model) refundGift(t *rapid.T) {
	g := rapid.SampledFrom(m.gifts).Draw(t, "gift")
	left := slices.IndexFunc(g.left, func(it *item) bool { return it.available })
	r, err := m.cafe.Refund(ctx(), m.cafe.by(), g.id, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "test", Proof: m.cafe.proofOf(g.id)})
	if left < 0 {
		if err == nil {
			t.Fatalf("a gift that is gone was refunded: %+v", r)
		}
		return
	}
	if err != nil {
		t.Fatalf("refund of a gift on the shelf: %v", err)
	}
	m.total -= g.price
	m.retractGift(g)
}

// retractGift takes the same item off as the café does: the youngest of the line still there.
func (m *model) retractGift(g *soldGifts) {
	for _, it := range slices.Backward(g.left) {
		if it.available {
			it.available = false
			return
		}
	}
}

func (m *model) claim(t *rapid.T) {
	s, card := rapid.SampledFrom(m.meals).Draw(t, "sale"), m.living(t, false)
	r, err := m.cafe.Claim(ctx(), m.cafe.by(), m.cards[card], s.code)
	if m.cafe.clock.Now().Sub(s.at) > 30*day {
		if fault.CodeOf(err) != "receipt.expired" {
			t.Fatalf("late claim: %v", err)
		}
		return
	}
	want := 0
	for _, u := range s.units() {
		if *u < 0 {
			*u = card
			want++
		}
	}
	if err != nil || r.Stamps != want {
		t.Fatalf("claim: %+v, %v; want %d stamps", r, err, want)
	}
	m.reconcile(card)
}

func (m *model) move(t *rapid.T) {
	s, card := rapid.SampledFrom(m.meals).Draw(t, "sale"), m.living(t, false)
	if _, err := m.cafe.MoveStamps(ctx(), m.cafe.byManager(), s.id, m.cards[card]); err != nil {
		t.Fatalf("move: %v", err)
	}
	var left []int
	for _, u := range s.units() {
		if *u >= 0 && m.find(*u) != card {
			left = append(left, m.find(*u))
			*u = card
		}
	}
	for _, root := range left {
		m.reconcile(root)
	}
	m.reconcile(card)
}

func (m *model) merge(t *rapid.T) {
	from, into := m.living(t, false), m.living(t, false)
	if _, err := m.cafe.MergeCards(ctx(), m.cafe.by(), m.cards[from], m.cards[into]); err != nil {
		t.Fatalf("merge: %v", err)
	}
	m.root[from] = into
	m.reconcile(into)
}

func (m *model) serve(t *rapid.T) {
	class, product := "coffee", "cafe"
	if rapid.Bool().Draw(t, "meal") {
		class, product = "meal", "plat"
	}
	r := m.cafe.serve(product)
	s := &served{number: r.Number, class: class}
	for _, it := range m.shelf[class] {
		if it.available {
			it.available, it.served, s.item = false, true, it
			break
		}
	}
	if (r.Origin == "HOUSE") != (s.item == nil) {
		t.Fatalf("served from %s, the model has item %+v", r.Origin, s.item)
	}
	m.served = append(m.served, s)
}

func (m *model) undo(t *rapid.T) {
	i := rapid.IntRange(0, len(m.served)-1).Draw(t, "served")
	s := m.served[i]
	if _, err := m.cafe.UndoRedemption(ctx(), m.cafe.byManager(), s.number, "test"); err != nil {
		t.Fatalf("undo %s: %v", s.number, err)
	}
	m.served = slices.Delete(m.served, i, i+1)
	if s.item == nil {
		return
	}
	s.item.available, s.item.served = true, false
	if s.item.owner >= 0 {
		m.reconcile(m.find(s.item.owner))
	}
}

func (m *model) changeShift(t *rapid.T) {
	if _, err := m.cafe.CloseShift(ctx(), m.cafe.by(), nil); err != nil {
		t.Fatalf("close shift: %v", err)
	}
	if _, err := m.cafe.OpenShift(ctx(), m.cafe.by(), 5000); err != nil {
		t.Fatalf("open shift: %v", err)
	}
	m.cash = 5000
	m.served = nil // what was served in an earlier shift cannot be undone
}

// compare holds the café against the model.
func (m *model) compare(t *rapid.T) {
	m.compareOrders(t)
	for _, class := range []string{"coffee", "meal"} {
		if got, want := m.cafe.waiting(class), m.available(class); got != want {
			t.Fatalf("%s on the shelf: %d, the model has %d", class, got, want)
		}
	}
	for i, code := range m.cards {
		if m.root[i] != i {
			continue
		}
		v := m.cafe.view(code)
		inForce, eaten, _ := m.releases(i)
		if s := m.stamps(i); v.Stamps != s || v.Filled != s%9 || v.Released != inForce || v.Released != max(s/9, eaten) || v.Served != eaten || v.Advance != inForce-s/9 {
			t.Fatalf("card %d: %+v; the model has S %d, R %d, U %d", i, v, s, inForce, eaten)
		}
	}
}

// audit runs every invariant.
func (m *model) audit(t *rapid.T) {
	m.compare(t)
	found, err := m.cafe.DB().Check(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Errorf("%s: %s", v.Check, v.Detail)
	}
	if len(found) > 0 {
		t.FailNow()
	}
}

// TestRandomDaysFollowTheLaws drives the café and a model of it with the same random commands: sales, gifts, refunds,
// claims, moves, merges, servings, undos, shifts, open orders with their discounts, parts and splits, and time passing.
func TestRandomDaysFollowTheLaws(t *testing.T) {
	template := openCafe(t)
	if err := template.Close(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := template.copy(t)
		m := &model{cafe: c, shelf: map[string][]*item{}, cash: 10000}
		for range 3 {
			m.cards = append(m.cards, c.newCard())
			m.root = append(m.root, len(m.cards)-1)
		}
		for i := range modelOps {
			m.step(t)
			if (i+1)%auditEvery == 0 {
				m.audit(t)
			}
		}
		var sum int64
		if err := c.DB().Reader().QueryRow(ctx(), `SELECT coalesce(sum(total), 0) FROM sales`).Scan(&sum); err != nil || sum != m.total {
			t.Fatalf("turnover %d, the model has %d, %v", sum, m.total, err)
		}
		c.verify()
	})
	template.open()
}

// copy opens a copy of a closed café; it lasts as long as the random run.
func (c *cafe) copy(t *rapid.T) *cafe {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(c.config.Dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir+"/keys/k1.pem", 0o600); err != nil {
		t.Fatal(err)
	}
	o := &cafe{tb: c.tb, config: c.config, clock: datatest.NewClock(), manager: c.manager, barista: c.barista}
	o.command.Store(c.command.Load())
	o.config.Dir, o.config.Clock = dir, o.clock
	if o.Till, err = pos.Open(ctx(), o.config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return o
}
