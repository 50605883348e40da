package pos_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/suspended"
)

// TestMain sizes the random tests: large under CI, short on a laptop.
func TestMain(m *testing.M) {
	flag.Parse()
	runs := "4"
	if os.Getenv("CI") == "true" {
		runs = "170"
	}
	if err := flag.Set("rapid.checks", runs); err != nil {
		panic(err)
	}
	os.Exit(run(m))
}

// run keeps the café that tests are copied from for as long as they run.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "founded")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	founded.dir = filepath.Join(dir, "cafe")
	return m.Run()
}

// How long a run is, and how often everything is audited inside it.
const (
	modelOps   = 400
	modelParts = 3 // at the same time, each with as many runs as a random test has: 510 under CI
	auditEvery = 25
)

// item is a suspended thing as the model sees it.
type item struct {
	owner  int // card of a release; -1 otherwise
	origin suspended.Origin
	funded int64 // what was paid for it
	state  suspended.State
}

func newItem(origin suspended.Origin, funded int64) *item {
	return &item{owner: -1, origin: origin, funded: funded, state: suspended.Available}
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
	root   []int              // of each card, after merges
	dead   map[int]bool       // cards that are closed
	grants []grant            // stamps without a meal
	shelf  map[string][]*item // in the order they came
	meals  []*soldMeals
	gifts  []*soldGifts
	served []*served
	total  int64
	cash   int64    // in the drawer
	orders []*order // open tickets

	promises   []*promised
	allotments []*allotted
	partner    string // id
	fund       int64  // in the café's own
	through    int64  // held for the partner
}

type soldGifts struct {
	id    string
	class string
	day   string
	price int64
	left  []*item // all that was given

	refunded int
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
	for _, g := range m.grants {
		if m.find(g.card) == root {
			n += g.stamps
		}
	}
	return n
}

// releases counts the meals of a root in force, those of them that no refund takes back, and those eaten; last is the
// youngest that could be taken back.
func (m *model) releases(root int) (inForce, promised, eaten int, last *item) {
	for _, it := range m.shelf["meal"] {
		if it.owner < 0 || m.find(it.owner) != root || it.state == suspended.Retracted {
			continue
		}
		inForce++
		switch it.state {
		case suspended.Available:
			last = it
		case suspended.Served, suspended.Collected:
			eaten++
			promised++
		default:
			promised++
		}
	}
	return inForce, promised, eaten, last
}

// reconcile is the law of §2.4, word for word.
func (m *model) reconcile(root int) {
	earned := m.stamps(root) / 9
	for {
		inForce, _, _, last := m.releases(root)
		switch {
		case inForce < earned:
			m.shelf["meal"] = append(m.shelf["meal"], &item{owner: root, origin: suspended.Loyalty, state: suspended.Available})
		case inForce > earned && last != nil:
			last.state = suspended.Retracted
		default:
			return
		}
	}
}

func (m *model) available(class string) int { return m.count(class, suspended.Available) }

func (m *model) count(class string, state suspended.State) (n int) {
	for _, it := range m.shelf[class] {
		if it.state == state {
			n++
		}
	}
	return n
}

// step is one random command, carried out by the café and by the model.
func (m *model) step(t *rapid.T) {
	c := m.cafe
	switch op := rapid.IntRange(0, 27).Draw(t, "op"); {
	case op >= 23:
		m.stepOrder(t)
	case op >= 20:
		m.stepShelf(t)
	case op >= 17:
		m.stepPartner(t)
	case op == 16:
		m.stepCards(t)
	case op >= 14:
		m.stepMoney(t)
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
		if m.root[i] == i && !m.dead[i] {
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
	r := m.sell(t, m.code(card), 1190*n+200, line("plat", n), line("eau", 1))
	s := &soldMeals{id: r.ID, code: r.ReceiptCode, at: m.cafe.clock.Now(), lines: []*soldLine{{n: 1, sold: n, units: slices.Repeat([]int{card}, n)}}}
	m.meals = append(m.meals, s)
	m.total += int64(r.Total)
	if card >= 0 {
		m.reconcile(card)
	}
}

// sell pays lines that cost so much.
func (m *model) sell(t *rapid.T, card string, total int, lines ...pos.LineRequest) pos.SaleResult {
	r, err := m.cafe.Sell(ctx(), m.cafe.by(), pos.SellRequest{Mode: pos.EatIn, Lines: lines, Card: card,
		Tenders: []pos.Tender{{Means: pos.Card, Amount: money.Cents(total)}}})
	if err != nil {
		t.Fatalf("sell for %d: %v", total, err)
	}
	return r
}

func (m *model) give(t *rapid.T) {
	class, product, price := "coffee", "cafe", int64(180)
	if rapid.Bool().Draw(t, "meal") {
		class, product, price = "meal", "plat", 600
	}
	n := rapid.IntRange(1, 3).Draw(t, "gifts")
	r := m.sell(t, "", int(price)*n, gift(product, n))
	g := &soldGifts{id: r.ID, class: class, day: m.cafe.DB().Today(), price: price}
	for range n {
		it := newItem(suspended.Paid, price)
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

// refundGift asks for one gift of a sale back: with its proof anybody may, without it a manager on its day.
func (m *model) refundGift(t *rapid.T) {
	g := rapid.SampledFrom(m.gifts).Draw(t, "gift")
	left := slices.IndexFunc(g.left, func(it *item) bool { return it.state == suspended.Available })
	r := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "test"}
	by, proved := m.cafe.by(), rapid.IntRange(0, 2).Draw(t, "proof")
	switch proved {
	case 0:
		by = m.cafe.byManager()
	case 1:
		r.Proof = m.cafe.proofOf(g.id)
	}
	done, err := m.cafe.Refund(ctx(), by, g.id, r)
	code := fault.CodeOf(err)
	switch allowed := proved == 1 || proved == 0 && g.day == m.cafe.DB().Today(); {
	case len(g.left) == g.refunded:
		if code != "refund.beyond" {
			t.Fatalf("a gift that was refunded before: %+v, %v", done, err)
		}
		return
	case !allowed:
		if code != "gift.proof" {
			t.Fatalf("a gift without its proof: %+v, %v", done, err)
		}
		return
	case left < 0:
		if code != "gift.served" {
			t.Fatalf("a gift that is gone was refunded: %+v, %v", done, err)
		}
		return
	case err != nil:
		t.Fatalf("refund of a gift on the shelf: %v", err)
	}
	m.total -= g.price
	g.refunded++
	m.retractGift(g)
}

// retractGift takes the same item off as the café does: the youngest of the line still there.
func (m *model) retractGift(g *soldGifts) {
	for _, it := range slices.Backward(g.left) {
		if it.state == suspended.Available {
			it.state = suspended.Retracted
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
		if *u == unstamped {
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
	token := rapid.IntRange(0, 2).Draw(t, "token") == 0
	r, err := m.cafe.Redeem(ctx(), m.cafe.by(), pos.RedeemRequest{Product: product, Token: token})
	if err != nil {
		t.Fatalf("serve: %v", err)
	}
	m.handOut(t, class, m.onShelf(class), r)
}

// handOut takes an item as the café did, or finds that it is of the house.
func (m *model) handOut(t *rapid.T, class string, it *item, r pos.RedeemResult) {
	want := suspended.House
	if it != nil {
		want, it.state = it.origin, suspended.Served
	}
	if r.Origin != string(want) {
		t.Fatalf("served from %s, the model has %s", r.Origin, want)
	}
	m.served = append(m.served, &served{number: r.Number, class: class, item: it})
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
	m.comeBack(s.item)
}

// comeBack puts items on the shelf again; a release that does answers to the law at once.
func (m *model) comeBack(items ...*item) {
	for _, it := range items {
		it.state = suspended.Available
	}
	for _, it := range items {
		if it.owner >= 0 {
			m.reconcile(m.find(it.owner))
		}
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
	m.compareShelf(t)
	m.compareFunds(t)
	for i, code := range m.cards {
		if m.root[i] != i || m.dead[i] {
			continue
		}
		v := m.cafe.view(code)
		inForce, promised, eaten, _ := m.releases(i)
		if s := m.stamps(i); v.Stamps != s || v.Filled != s%9 || v.Released != inForce || v.Released != max(s/9, promised) || v.Served != eaten || v.Advance != inForce-s/9 {
			t.Fatalf("card %d: %+v; the model has S %d, R %d, U %d, eaten %d", i, v, s, inForce, promised, eaten)
		}
	}
}

// audit compares, and runs the invariants I1 to I18; all of doctor's at the end.
func (m *model) audit(t *rapid.T, all bool) {
	m.compare(t)
	check := m.cafe.Laws
	if all {
		check = m.cafe.DB().Check
	}
	found, err := check(ctx())
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
