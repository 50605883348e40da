package pos_test

import (
	"cmp"
	"slices"
	"time"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/suspended"
)

// promised is an open order that only takes from the shelf, as the model sees it.
type promised struct {
	id    string
	class string
	qty   int
	held  []time.Time // one for each item that waits for it
}

// stepShelf is one random command on promises at the counter.
func (m *model) stepShelf(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "another class") == 0 {
		m.convert(t)
		return
	}
	if len(m.promises) == 0 || rapid.IntRange(0, 2).Draw(t, "new promise") == 0 {
		m.promise(t)
		return
	}
	i := rapid.IntRange(0, len(m.promises)-1).Draw(t, "promise")
	p := m.promises[i]
	switch rapid.IntRange(0, 3).Draw(t, "op on it") {
	case 0:
		m.due(t, rapid.IntRange(0, 45).Draw(t, "minutes"))
	case 1:
		if _, err := m.cafe.DropTicket(ctx(), m.cafe.by(), p.id, "test"); err != nil {
			t.Fatalf("drop: %v", err)
		}
		m.promises = slices.Delete(m.promises, i, i+1)
		m.unpromise(p.class, len(p.held))
	default:
		m.settle(t, p)
		m.promises = slices.Delete(m.promises, i, i+1)
	}
}

func (m *model) promise(t *rapid.T) {
	class, product := "coffee", "cafe"
	if rapid.Bool().Draw(t, "meal") {
		class, product = "meal", "plat"
	}
	p := &promised{class: class, qty: rapid.IntRange(1, 3).Draw(t, "qty")}
	tk := m.cafe.ticket()
	p.id = tk.ID
	for range p.qty {
		if _, err := m.cafe.AddLine(ctx(), m.cafe.by(), p.id, pos.LineRequest{Product: product, Qty: 1, Kind: pos.LineRedemption}); err != nil {
			t.Fatalf("promise %s: %v", class, err)
		}
		it := m.next(class, suspended.Available)
		if it == nil {
			continue // the house keeps the promise
		}
		it.state = suspended.Reserved
		p.held = append(p.held, m.cafe.clock.Now())
	}
	m.promises = append(m.promises, p)
}

// settle serves an order: what waits for it first, then what there is.
func (m *model) settle(t *rapid.T, p *promised) {
	r, err := m.cafe.Checkout(ctx(), m.cafe.by(), p.id, pos.CheckoutRequest{})
	if err != nil || len(r.Redemptions) != p.qty {
		t.Fatalf("settle: %+v, %v; want %d servings", r, err, p.qty)
	}
	for i, served := range r.Redemptions {
		it := m.next(p.class, suspended.Reserved)
		if i >= len(p.held) {
			it = m.onShelf(p.class)
		}
		m.handOut(t, p.class, it, served)
	}
}

// onShelf is what is served next: of a class of which none waits, what two coffees of one origin pay for; nil: the house's.
func (m *model) onShelf(class string) *item {
	it := m.next(class, suspended.Available)
	if it == nil && class == "meal" {
		it, _ = m.become(2)
	}
	return it
}

// become makes a meal of coffees of one origin, those first whose turn it is, at most so many of them (0: any number); nil
// when no origin has enough. used is what went.
func (m *model) become(most int) (meal *item, used []*item) {
	piles := make(map[suspended.Origin][]*item)
	for _, rankOf := range []int{1, 2, 3} {
		for _, it := range m.shelf["coffee"] {
			if it.state != suspended.Available || rank(it.origin) != rankOf || most > 0 && len(piles[it.origin]) == most {
				continue
			}
			pile := append(piles[it.origin], it)
			piles[it.origin] = pile
			var funded int64
			for _, p := range pile {
				funded += p.funded
			}
			if funded < mealGift {
				continue
			}
			for _, p := range pile {
				p.state = suspended.Converted
			}
			meal = newItem(it.origin, funded)
			m.shelf["meal"] = append(m.shelf["meal"], meal)
			return meal, pile
		}
	}
	return nil, nil
}

// convert makes meals of coffees, by a manager's act or because coffees are given no more for a moment.
func (m *model) convert(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "withdrawn") == 0 {
		m.withdraw(t)
		return
	}
	n := rapid.IntRange(1, 2).Draw(t, "meals of coffees")
	r, err := m.cafe.Convert(ctx(), m.cafe.byManager(), pos.ConversionRequest{From: "coffee", To: "meal", Qty: n})
	var used, made []*item
	for range n {
		meal, pile := m.become(0)
		if meal == nil { // then nothing is converted
			for _, it := range used {
				it.state = suspended.Available
			}
			m.shelf["meal"] = m.shelf["meal"][:len(m.shelf["meal"])-len(made)]
			if fault.CodeOf(err) != "convert.few" {
				t.Fatalf("convert: %+v, %v", r, err)
			}
			return
		}
		used, made = append(used, pile...), append(made, meal)
	}
	if err != nil || r.Used != len(used) || r.Made != n {
		t.Fatalf("convert: %+v, %v; the model uses %d", r, err, len(used))
	}
}

// withdraw gives no more coffees, so that those that wait become meals as far as they pay for them, and then gives them again.
func (m *model) withdraw(t *rapid.T) {
	r, err := m.cafe.WithdrawClass(ctx(), m.cafe.byManager(), "coffee", "meal")
	used, made := 0, 0
	for {
		meal, pile := m.become(0)
		if meal == nil {
			break
		}
		used, made = used+len(pile), made+1
	}
	if err != nil || r.Converted != used || r.Made != made || r.Left != m.available("coffee") {
		t.Fatalf("withdraw: %+v, %v; the model makes %d of %d, %d are left", r, err, made, used, m.available("coffee"))
	}
	if _, err := m.cafe.WithdrawClass(ctx(), m.cafe.byManager(), "coffee", ""); err != nil {
		t.Fatalf("give again: %v", err)
	}
}

// unpromise gives n promised items of a class back.
func (m *model) unpromise(class string, n int) {
	var back []*item
	for range n {
		it := m.last(class, suspended.Reserved)
		it.state = suspended.Available
		back = append(back, it)
	}
	m.comeBack(back...)
}

// due lets time pass, and does what is due by the clock: promises lapse after half an hour, allotments in the evening.
func (m *model) due(t *rapid.T, minutes int) {
	m.cafe.clock.Advance(time.Duration(minutes) * time.Minute)
	if _, err := m.cafe.DoDue(ctx()); err != nil {
		t.Fatalf("due: %v", err)
	}
	lapsed := map[string]int{}
	for _, p := range m.promises {
		n := len(p.held)
		p.held = slices.DeleteFunc(p.held, func(at time.Time) bool { return m.cafe.clock.Now().Sub(at) >= 30*time.Minute })
		lapsed[p.class] += n - len(p.held)
	}
	for _, class := range []string{"coffee", "meal"} {
		m.unpromise(class, lapsed[class])
	}
	m.lapseAllotments(t)
}

// allotted is an allotment that is promised, as the model sees it.
type allotted struct {
	id    string
	class string
	day   string
	at    time.Time // when it was asked for
	qty   int
	items []*item // in the order they are handed out
}

// forPartner is the order in which items are promised to a partner: those of sponsors first, then the oldest.
func (m *model) forPartner(class string) (all []*item) {
	for _, sponsors := range []bool{true, false} {
		for _, it := range m.shelf[class] {
			if it.state == suspended.Available && (it.origin == suspended.Sponsor) == sponsors {
				all = append(all, it)
			}
		}
	}
	return all
}

// handed sorts items in the order they are handed out to a partner.
func (m *model) handed(class string, items []*item) (all []*item) {
	for _, sponsors := range []bool{true, false} {
		for _, it := range m.shelf[class] {
			if slices.Contains(items, it) && (it.origin == suspended.Sponsor) == sponsors {
				all = append(all, it)
			}
		}
	}
	return all
}

// stepPartner is one random command on what a partner has to come.
func (m *model) stepPartner(t *rapid.T) {
	m.lapseAllotments(t)
	if len(m.allotments) == 0 || rapid.IntRange(0, 2).Draw(t, "new allotment") == 0 {
		m.allot(t)
		return
	}
	i := rapid.IntRange(0, len(m.allotments)-1).Draw(t, "allotment")
	a := m.allotments[i]
	switch rapid.IntRange(0, 4).Draw(t, "op on it") {
	case 0:
		if _, err := m.cafe.CancelAllotment(ctx(), m.cafe.by(), a.id); err != nil {
			t.Fatalf("cancel: %v", err)
		}
		m.takeBack(a, len(a.items))
	case 1:
		m.due(t, 60*rapid.IntRange(1, 14).Draw(t, "hours"))
		return
	case 2:
		m.changeAllotment(t, a)
		return
	default:
		m.collect(t, a)
	}
	m.allotments = slices.DeleteFunc(m.allotments, func(o *allotted) bool { return o == a })
}

func (m *model) allot(t *rapid.T) {
	a := &allotted{class: "meal", qty: rapid.IntRange(1, 8).Draw(t, "qty"), at: m.cafe.clock.Now(), day: m.cafe.DB().Today()}
	if rapid.IntRange(0, 3).Draw(t, "coffee") == 0 {
		a.class = "coffee"
	}
	waiting := m.forPartner(a.class)
	r, err := m.cafe.Allot(ctx(), m.cafe.by(), pos.AllotmentRequest{Partner: m.partner, Class: a.class, Qty: a.qty})
	if a.qty > len(waiting) {
		if f, ok := fault.As(err); !ok || f.Code != "allotment.stock" || f.Args["left"] != len(waiting) {
			t.Fatalf("allot %d of %d: %+v, %v", a.qty, len(waiting), r, err)
		}
		return
	}
	if err != nil || r.Held != a.qty {
		t.Fatalf("allot %d of %d: %+v, %v", a.qty, len(waiting), r, err)
	}
	a.id, a.items = r.ID, slices.Clone(waiting[:a.qty])
	for _, it := range a.items {
		it.state = suspended.Allotted
	}
	m.allotments = append(m.allotments, a)
}

// takeBack puts the last n of an allotment on the shelf again.
func (m *model) takeBack(a *allotted, n int) {
	items := m.handed(a.class, a.items)
	back := slices.Clone(items[len(items)-n:])
	slices.Reverse(back)
	a.items = items[:len(items)-n]
	m.comeBack(back...)
}

func (m *model) changeAllotment(t *rapid.T, a *allotted) {
	n := rapid.IntRange(1, 8).Draw(t, "qty")
	waiting := m.forPartner(a.class)
	r, err := m.cafe.ChangeAllotment(ctx(), m.cafe.by(), a.id, n)
	if more := n - len(a.items); more > len(waiting) {
		if fault.CodeOf(err) != "allotment.stock" {
			t.Fatalf("%d more of %d: %+v, %v", more, len(waiting), r, err)
		}
		return
	}
	if err != nil || r.Held != n {
		t.Fatalf("change %d to %d: %+v, %v", len(a.items), n, r, err)
	}
	if more := n - len(a.items); more > 0 {
		for _, it := range waiting[:more] {
			it.state = suspended.Allotted
		}
		a.items = append(a.items, waiting[:more]...)
	} else {
		m.takeBack(a, -more)
	}
	a.qty = n
}

// collect hands an allotment over by the actual count. A manager may hand over more: from the shelf, then of the house.
func (m *model) collect(t *rapid.T, a *allotted) {
	n := rapid.IntRange(1, 10).Draw(t, "count")
	r, err := m.cafe.CollectAllotment(ctx(), m.cafe.byManager(), a.id, pos.CollectRequest{Qty: n})
	if err != nil || r.Qty != n {
		t.Fatalf("collect %d of %d: %+v, %v", n, len(a.items), r, err)
	}
	over := max(len(a.items)-n, 0)
	taken := m.handed(a.class, a.items)[:len(a.items)-over]
	if more := n - len(a.items); more > 0 {
		waiting := m.forPartner(a.class)
		taken = append(taken, waiting[:min(more, len(waiting))]...)
	}
	for _, it := range taken {
		it.state = suspended.Collected
	}
	house := 0
	for _, s := range r.Shares {
		if s.Origin == string(suspended.House) {
			house = s.Count
		}
	}
	if house != n-len(taken) {
		t.Fatalf("collect %d of %d: %d of the house, want %d", n, len(a.items), house, n-len(taken))
	}
	m.takeBack(a, over)
}

// lapseAllotments forgets what nobody came for, as DoDue does when it is asked: the café's own word is taken for when, and
// that it was not too early. They lapse evening by evening, those of one evening in the order of their ids, which is that of
// asking but for those asked for in the same millisecond: what comes back first decides which release a refund takes back.
func (m *model) lapseAllotments(t *rapid.T) {
	inTurn := slices.SortedFunc(slices.Values(m.allotments), func(a, b *allotted) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.id, b.id)) })
	for _, a := range inTurn {
		r, err := m.cafe.Allotment(ctx(), a.id)
		if err != nil {
			t.Fatal(err)
		}
		now := m.cafe.clock.Now()
		if r.State == suspended.Lapsed != (r.Held == 0) {
			t.Fatalf("allotment %+v", r)
		}
		if r.State != suspended.Lapsed {
			continue
		}
		if a.day == m.cafe.DB().Today() && now.In(m.cafe.DB().Zone()).Hour() < 22 && now.In(m.cafe.DB().Zone()).Hour() >= 4 {
			t.Fatalf("%+v lapsed at %v", r, now)
		}
		m.takeBack(a, len(a.items))
		m.allotments = slices.DeleteFunc(m.allotments, func(o *allotted) bool { return o == a })
	}
}

// compareShelf holds what waits and what is promised against the model.
func (m *model) compareShelf(t *rapid.T) {
	shelf, err := m.cafe.Shelf(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shelf.Classes {
		origins := map[string]int{}
		for _, it := range m.shelf[s.Class] {
			if it.state == suspended.Available {
				origins[string(it.origin)]++
			}
		}
		if s.Available != m.available(s.Class) || s.Reserved != m.count(s.Class, suspended.Reserved) || s.Allotted != m.count(s.Class, suspended.Allotted) {
			t.Fatalf("%s: %+v; the model has %d, %d promised, %d allotted", s.Class, s, m.available(s.Class), m.count(s.Class, suspended.Reserved), m.count(s.Class, suspended.Allotted))
		}
		for origin, n := range origins {
			if s.ByOrigin[origin] != n {
				t.Fatalf("%s of %s: %d, the model has %d", s.Class, origin, s.ByOrigin[origin], n)
			}
		}
	}
}
