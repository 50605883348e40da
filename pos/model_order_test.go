package pos_test

import (
	"slices"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// order is an open ticket as the model sees it.
type order struct {
	id    string
	lines []*orderLine
	parts []*part
}

// orderLine is a line of it. Only meals earn stamps.
type orderLine struct {
	id      int
	product string
	price   int64
	qty     int
	percent int64
	off     int64 // of one
	staff   bool
	kept    bool // a part of its order was paid: more of it is a line of its own
}

// disc is what the discount takes off, worked out here once more.
func (l *orderLine) disc() int64 {
	if l.percent > 0 {
		d := l.price * int64(l.qty) * l.percent
		if d%100 >= 50 {
			d += 50
		}
		return d / 100
	}
	return l.off * int64(l.qty)
}

func (l *orderLine) total() int64 { return l.price*int64(l.qty) - l.disc() }

// part is what was paid of it before the whole.
type part struct {
	id    int
	cash  bool
	cents int64
}

func (o *order) total() (sum int64) {
	for _, l := range o.lines {
		sum += l.total()
	}
	return sum
}

func (o *order) paid() (sum int64) {
	for _, p := range o.parts {
		sum += p.cents
	}
	return sum
}

// stepOrder is one random command on an open ticket.
func (m *model) stepOrder(t *rapid.T) {
	if len(m.orders) == 0 || len(m.orders) < 6 && rapid.IntRange(0, 3).Draw(t, "new") == 0 {
		m.openOrder(t)
		return
	}
	o := rapid.SampledFrom(m.orders).Draw(t, "order")
	op := rapid.IntRange(0, 8).Draw(t, "op on it")
	if len(o.lines) == 0 {
		op = rapid.SampledFrom([]int{3, 7, 8}).Draw(t, "op on an empty one")
	}
	switch op {
	case 0, 1:
		m.discountLine(t, o)
	case 2:
		m.changeQty(t, o)
	case 3, 4:
		m.payPart(t, o)
	case 5:
		m.removePart(t, o)
	case 6:
		m.splitOrder(t, o)
	case 7:
		m.joinOrder(t, o)
	case 8:
		m.payAll(t, o)
	}
}

func (m *model) openOrder(t *rapid.T) {
	o := &order{}
	tk := m.cafe.ticket()
	o.id = tk.ID
	for _, p := range []struct {
		id    string
		price int64
	}{{"plat", 1190}, {"eau", 200}, {"biere", 450}} {
		n := rapid.IntRange(0, 4).Draw(t, p.id)
		if n == 0 {
			continue
		}
		var err error
		if tk, err = m.cafe.AddLine(ctx(), m.cafe.by(), o.id, line(p.id, n)); err != nil {
			t.Fatalf("add %d %s: %v", n, p.id, err)
		}
		o.lines = append(o.lines, &orderLine{id: tk.Lines[len(tk.Lines)-1].ID, product: p.id, price: p.price, qty: n})
	}
	m.orders = append(m.orders, o)
}

// may tells what the café must say of a change after which the order would cost so much.
func (m *model) may(t *rapid.T, o *order, total int64, err error) bool {
	if total < o.paid() {
		if fault.CodeOf(err) != "ticket.overpaid" {
			t.Fatalf("%d is paid of what would cost %d: %v", o.paid(), total, err)
		}
		return false
	}
	if err != nil {
		t.Fatalf("%d is paid of what would cost %d: %v", o.paid(), total, err)
	}
	return true
}

func (m *model) discountLine(t *rapid.T, o *order) {
	l := rapid.SampledFrom(o.lines).Draw(t, "line")
	next := *l
	next.percent, next.off, next.staff = 0, 0, rapid.IntRange(0, 3).Draw(t, "staff") == 0
	r := pos.DiscountRequest{Reason: pos.ReasonQuality}
	if next.staff {
		r.Reason = pos.ReasonStaffMeal
	}
	switch rapid.IntRange(0, 3).Draw(t, "rule") {
	case 0:
		next.percent = 100
	case 1:
		next.percent = rapid.Int64Range(1, 99).Draw(t, "percent")
	case 2:
		next.off = rapid.Int64Range(1, l.price).Draw(t, "off")
	default:
		next.staff = false // taken off
	}
	r.Percent, r.Amount = int(next.percent), money.Cents(next.off)
	_, err := m.cafe.DiscountLine(ctx(), m.cafe.byManager(), o.id, l.id, r)
	if m.may(t, o, o.total()-l.total()+next.total(), err) {
		*l = next
	}
}

func (m *model) changeQty(t *rapid.T, o *order) {
	l := rapid.SampledFrom(o.lines).Draw(t, "line")
	next := *l
	most := 5
	if l.kept {
		most = l.qty
	}
	next.qty = rapid.IntRange(0, most).Draw(t, "qty")
	_, err := m.cafe.ChangeLine(ctx(), m.cafe.byManager(), o.id, l.id, pos.LineChange{Qty: &next.qty, Reason: "test"})
	if !m.may(t, o, o.total()-l.total()+next.total(), err) {
		return
	}
	if *l = next; l.qty == 0 {
		o.lines = slices.DeleteFunc(o.lines, func(o *orderLine) bool { return o == l })
	}
}

func (m *model) payPart(t *rapid.T, o *order) {
	rest := o.total() - o.paid()
	p := &part{cash: rapid.Bool().Draw(t, "cash"), cents: rapid.Int64Range(1, max(rest+100, 100)).Draw(t, "cents")}
	means := pos.Card
	if p.cash {
		means = pos.Cash
	}
	r, err := m.cafe.AddPayment(ctx(), m.cafe.by(), o.id, pos.PaymentRequest{Means: means, Amount: money.Cents(p.cents)})
	want, change := "", int64(0)
	if p.cash && rest > 0 && p.cents > rest {
		p.cents, change = rest, p.cents-rest
	}
	switch {
	case len(o.lines) == 0:
		want = "ticket.empty"
	case p.cents > rest:
		want = "payment.beyond"
	case len(o.parts) == 4 && p.cents < rest:
		want = "tenders.many"
	case len(o.parts) == 5:
		want = "tenders.many"
	}
	if fault.CodeOf(err) != want || want == "" && int64(r.Change) != change {
		t.Fatalf("pay %d of %d: %+v, %v; want %q and %d in change", p.cents, rest, r, err, want, change)
	}
	if want != "" {
		return
	}
	if p.cash {
		m.cash += p.cents
	}
	if (r.Sale != nil) != (p.cents == rest) {
		t.Fatalf("pay %d of %d: %+v", p.cents, rest, r)
	}
	if r.Sale != nil {
		m.sold(o, *r.Sale)
		return
	}
	p.id = r.Ticket.Payments[len(r.Ticket.Payments)-1].ID
	o.parts = append(o.parts, p)
	for _, l := range o.lines {
		l.kept = true
	}
}

func (m *model) removePart(t *rapid.T, o *order) {
	if len(o.parts) == 0 {
		return
	}
	p := rapid.SampledFrom(o.parts).Draw(t, "part")
	if _, err := m.cafe.RemovePayment(ctx(), m.cafe.by(), o.id, p.id, "test"); err != nil {
		t.Fatalf("remove part %d: %v", p.id, err)
	}
	o.parts = slices.DeleteFunc(o.parts, func(o *part) bool { return o == p })
	if p.cash {
		m.cash -= p.cents
	}
}

func (m *model) splitOrder(t *rapid.T, o *order) {
	l := rapid.SampledFrom(o.lines).Draw(t, "line")
	moved := *l
	moved.qty = rapid.IntRange(1, l.qty).Draw(t, "moved")
	left := *l
	left.qty -= moved.qty
	r, err := m.cafe.SplitTicket(ctx(), m.cafe.by(), o.id, []pos.SplitLine{{Line: l.id, Qty: moved.qty}})
	if left.qty == 0 && len(o.lines) == 1 {
		if fault.CodeOf(err) != "split.all" {
			t.Fatalf("split of all: %v", err)
		}
		return
	}
	if !m.may(t, o, o.total()-l.total()+left.total(), err) {
		return
	}
	if *l = left; l.qty == 0 {
		o.lines = slices.DeleteFunc(o.lines, func(o *orderLine) bool { return o == l })
	}
	moved.id = r.Ticket.Lines[0].ID
	m.orders = append(m.orders, &order{id: r.Ticket.ID, lines: []*orderLine{&moved}})
}

// joinOrder puts an order on another one; what becomes of its lines is read back and compared by its sum.
func (m *model) joinOrder(t *rapid.T, o *order) {
	into := rapid.SampledFrom(m.orders).Draw(t, "into")
	tk, err := m.cafe.JoinTickets(ctx(), m.cafe.by(), o.id, into.id)
	switch {
	case into == o:
		if fault.CodeOf(err) != "join.same" {
			t.Fatalf("join with itself: %v", err)
		}
		return
	case len(o.parts) > 0:
		if fault.CodeOf(err) != "ticket.part_paid" {
			t.Fatalf("join of a part-paid order: %v", err)
		}
		return
	case err != nil:
		t.Fatalf("join: %v", err)
	}
	for _, l := range o.lines {
		like := slices.IndexFunc(into.lines, func(i *orderLine) bool {
			return i.product == l.product && i.percent == l.percent && i.off == l.off && i.staff == l.staff
		})
		if like >= 0 {
			into.lines[like].qty += l.qty
			into.lines[like].kept = into.lines[like].kept || l.kept
			continue
		}
		l.id = 0
		into.lines = append(into.lines, l)
	}
	for i, l := range into.lines {
		l.id = tk.Lines[i].ID
	}
	m.orders = slices.DeleteFunc(m.orders, func(i *order) bool { return i == o })
}

func (m *model) payAll(t *rapid.T, o *order) {
	rest := o.total() - o.paid()
	var tenders []pos.Tender
	if rest > 0 {
		tenders = []pos.Tender{{Means: pos.Cheque, Amount: money.Cents(rest)}}
	}
	total := money.Cents(o.total())
	r, err := m.cafe.Checkout(ctx(), m.cafe.by(), o.id, pos.CheckoutRequest{ExpectedTotal: &total, Tenders: tenders})
	want := ""
	switch {
	case len(o.lines) == 0:
		want = "ticket.empty"
	case len(o.parts)+len(tenders) > 5:
		want = "tenders.many"
	}
	if fault.CodeOf(err) != want {
		t.Fatalf("checkout of %d: %v, want %q", rest, err, want)
	}
	if want == "" {
		m.sold(o, r)
	}
}

// sold turns an order into a sale.
func (m *model) sold(o *order, r pos.SaleResult) {
	m.orders = slices.DeleteFunc(m.orders, func(i *order) bool { return i == o })
	m.total += o.total()
	s := &soldMeals{id: r.ID, code: r.ReceiptCode, at: m.cafe.clock.Now()}
	for i, l := range o.lines {
		if l.product == "plat" && l.total() > 0 && !l.staff {
			s.lines = append(s.lines, &soldLine{n: i + 1, sold: l.qty, disc: l.disc(), units: slices.Repeat([]int{-1}, l.qty)})
		}
	}
	if len(s.lines) > 0 {
		m.meals = append(m.meals, s)
	}
}

// compareOrders holds the open tickets and the drawer against the model.
func (m *model) compareOrders(t *rapid.T) {
	for _, o := range m.orders {
		tk, err := m.cafe.Ticket(ctx(), o.id)
		if err != nil || int64(tk.Total) != o.total() || int64(tk.Paid) != o.paid() || tk.Rest != tk.Total-tk.Paid || len(tk.Payments) != len(o.parts) {
			t.Fatalf("%+v, %v; the model has %d, paid %d", tk, err, o.total(), o.paid())
		}
	}
	if s, err := m.cafe.CurrentShift(ctx()); err != nil || int64(s.Expected) != m.cash {
		t.Fatalf("the drawer should hold %d, %v; the model has %d", s.Expected, err, m.cash)
	}
}
