package journal_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// sums adds up a day by itself: from the stored bodies, by maps, and by the dates of the entries, not by their places.
type sums struct {
	sales, refunds   journal.CloseSum
	rates            map[money.BasisPoints]journal.Rate
	natures          map[string]journal.CloseNature
	means            map[journal.Means]journal.CloseMeans
	tips             map[string]journal.NonTurnover
	discounts        map[string]journal.CloseDiscount
	documents        map[journal.Series]journal.CloseSeries
	counts           journal.CloseCounts
	cash             journal.CloseCash
	suspended        map[string]journal.CloseSuspended
	served           map[string]journal.CloseServed
	perpNet, perpAbs money.Cents // since the genesis
	pools            map[string]int64
}

func newSums(before *sums) *sums {
	s := &sums{rates: map[money.BasisPoints]journal.Rate{}, natures: map[string]journal.CloseNature{}, means: make(map[journal.Means]journal.CloseMeans),
		tips: map[string]journal.NonTurnover{}, discounts: map[string]journal.CloseDiscount{}, documents: make(map[journal.Series]journal.CloseSeries),
		suspended: map[string]journal.CloseSuspended{}, served: map[string]journal.CloseServed{}, pools: map[string]int64{}}
	if before != nil {
		s.perpNet, s.perpAbs, s.pools = before.perpNet, before.perpAbs, maps.Clone(before.pools)
	}
	return s
}

func (s *sums) add(tb testing.TB, e journal.Entry) {
	tb.Helper()
	env, err := e.Envelope()
	if err != nil {
		tb.Fatal(err)
	}
	s.counts.Entries++
	if e.Number != "" {
		d := s.documents[journal.Series(e.Number[:1])]
		d.Series, d.Last, d.N = journal.Series(e.Number[:1]), e.Number, d.N+1
		d.First = cmp.Or(d.First, e.Number)
		s.documents[d.Series] = d
	}
	if env.Training {
		if e.Number != "" {
			s.counts.Training++
		}
		return
	}
	raw := env.Body.(json.RawMessage)
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund:
		s.sale(e.Kind == journal.KindRefund, decoded[journal.TicketBody](tb, raw))
	case journal.KindSuspRedeem:
		b := decoded[journal.RedeemBody](tb, raw)
		s.counts.Redemptions += int64(b.Qty)
		key := b.Class + "/" + b.Origin + "/" + string(b.Mode)
		v := s.served[key]
		s.served[key] = journal.CloseServed{Memo: v.Memo + b.Memo*money.Cents(b.Qty), Mode: b.Mode, N: v.N + int64(b.Qty), Origin: b.Origin}
		if b.Origin != journal.OriginHouse {
			s.pools[b.Class] -= int64(b.Qty)
		}
		c := s.suspended[b.Class] // the class is listed, though none of its numbers moves
		s.suspended[b.Class] = c
	case journal.KindSuspRelease:
		b := decoded[journal.ReleaseBody](tb, raw)
		c := s.suspended[b.Class]
		if b.Qty > 0 {
			c.Released++
		} else {
			c.Retracted++
		}
		s.suspended[b.Class] = c
		s.pools[b.Class] += int64(b.Qty)
	case journal.KindSuspAdjust:
		b := decoded[journal.AdjustBody](tb, raw)
		c := s.suspended[b.Class]
		if b.Cause == "collected" {
			c.Collected -= b.Qty
		} else {
			c.Others += b.Qty
		}
		s.suspended[b.Class] = c
		s.pools[b.Class] += b.Qty
	case journal.KindPayFix:
		b := decoded[journal.PayFixBody](tb, raw)
		from, to := s.means[b.From], s.means[b.To]
		from.Means, to.Means, from.Amt, to.Amt = b.From, b.To, from.Amt-b.Amt, to.Amt+b.Amt
		s.means[b.From], s.means[b.To] = from, to
	case journal.KindCash:
		s.drawer(decoded[journal.CashBody](tb, raw))
	case journal.KindNotePrint:
		s.counts.Notes++
	case journal.KindOrderMinus:
		s.counts.Minus++
	case journal.KindDuplicate:
		s.counts.Duplicates++
	case journal.KindInvoice:
		s.counts.Invoices++
	default: // in no sum
	}
}

func (s *sums) sale(refund bool, b journal.TicketBody) {
	into := &s.sales
	if refund {
		into = &s.refunds
	}
	into.N, into.TTC, into.HT, into.VAT = into.N+1, into.TTC+b.Total.TTC, into.HT+b.Total.HT, into.VAT+b.Total.VAT
	s.perpNet += b.Total.TTC
	s.perpAbs += max(b.Total.TTC, -b.Total.TTC)
	for _, p := range b.Pay {
		m := s.means[p.Means]
		s.means[p.Means] = journal.CloseMeans{Amt: m.Amt + p.Amt, Means: p.Means, N: m.N + 1}
	}
	for _, n := range b.NonTurnover {
		s.tips[n.K] = journal.NonTurnover{Amt: s.tips[n.K].Amt + n.Amt, K: n.K}
	}
	for _, l := range b.Lines { // the rates too: each cent of a rate is on a line
		r := s.rates[l.BP]
		s.rates[l.BP] = journal.Rate{BP: l.BP, HT: r.HT + l.HT, TTC: r.TTC + l.TTC, VAT: r.VAT + l.VAT}
		key := fmt.Sprintf("%s/%08d", l.Nat, l.BP)
		n := s.natures[key]
		s.natures[key] = journal.CloseNature{BP: l.BP, HT: n.HT + l.HT, Nat: l.Nat, TTC: n.TTC + l.TTC, VAT: n.VAT + l.VAT}
		if !refund && l.Disc != 0 {
			key := fmt.Sprintf("%s/%s/%t", l.Reason, l.Mode, l.TTC == 0)
			d := s.discounts[key]
			s.discounts[key] = journal.CloseDiscount{Amt: d.Amt + l.Disc, Mode: l.Mode, N: d.N + 1, Offered: l.TTC == 0, Reason: l.Reason}
		}
		if l.K == journal.LineGift {
			c := s.suspended[l.Class]
			if units := l.Qty / 1000; refund {
				c.Returned -= units
			} else {
				c.Pledged += units
			}
			s.suspended[l.Class] = c
			s.pools[l.Class] += l.Qty / 1000
		}
	}
}

func (s *sums) drawer(b journal.CashBody) {
	switch b.Type {
	case journal.CashFloat:
		s.cash.Float += b.Amount
	case journal.CashIn:
		s.cash.In += b.Amount
	case journal.CashOut:
		s.cash.Out += b.Amount
	case journal.CashCount:
		if b.Reason != "drawer.check" {
			s.cash.Counts++
			s.cash.Counted, s.cash.Expected, s.cash.Difference = s.cash.Counted+b.Counted, s.cash.Expected+b.Expected, s.cash.Difference+b.Difference
			if b.Difference != 0 && b.Reason != "" {
				s.cash.Reasons = append(s.cash.Reasons, b.Reason)
			}
		}
	}
}

func decoded[T any](tb testing.TB, raw []byte) (b T) {
	tb.Helper()
	if err := json.Unmarshal(raw, &b); err != nil {
		tb.Fatal(err)
	}
	return b
}

// sorted lists the values of a map by its keys.
func sorted[K cmp.Ordered, V any](m map[K]V) []V {
	all := []V{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, m[k])
	}
	return all
}

// mustEqual compares a closing with what its day adds up to.
func (s *sums) mustEqual(tb testing.TB, b journal.CloseBody) {
	tb.Helper()
	for class, n := range s.pools {
		c := s.suspended[class]
		c.Shelf = n
		s.suspended[class] = c
	}
	for class, c := range s.suspended {
		c.Class, c.Served = class, []journal.CloseServed{}
		for _, key := range slices.Sorted(maps.Keys(s.served)) {
			if v := s.served[key]; key == class+"/"+v.Origin+"/"+string(v.Mode) {
				c.Served = append(c.Served, v)
			}
		}
		s.suspended[class] = c
	}
	total := journal.CloseSum{HT: s.sales.HT + s.refunds.HT, N: s.sales.N + s.refunds.N, TTC: s.sales.TTC + s.refunds.TTC, VAT: s.sales.VAT + s.refunds.VAT}
	s.cash.Received = s.means[journal.ByCash].Amt
	if s.cash.Reasons == nil {
		s.cash.Reasons = []string{}
	}
	for name, pair := range map[string][2]any{
		"sales": {b.Sales, s.sales}, "refunds": {b.Refunds, s.refunds}, "total": {b.Total, total}, "rates": {b.Rates, sorted(s.rates)},
		"natures": {b.Natures, sorted(s.natures)}, "means": {b.Means, sorted(s.means)}, "non_turnover": {b.NonTurnover, sorted(s.tips)},
		"discounts": {b.Discounts, sorted(s.discounts)}, "documents": {b.Documents, sorted(s.documents)}, "counts": {b.Counts, s.counts},
		"cash": {b.Cash, s.cash}, "suspended": {b.Suspended, sorted(s.suspended)}, "perp_net": {b.GT.PerpNet, s.perpNet}, "perp_abs": {b.GT.PerpAbs, s.perpAbs},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			tb.Errorf("%s of %s: the closing says %+v, its entries %+v", name, b.Period, pair[0], pair[1])
		}
	}
}

// regulars ring up at random what a café sells, and remember what can be refunded, served and given out again.
type regulars struct {
	*rand.Rand
	sold   []journal.Entry
	bodies map[int64]journal.TicketBody
	left   map[int64]map[money.BasisPoints]money.Cents
	shelf  int64
	copies map[int64]int64

	refunded, fixed map[int64]bool
}

func newRegulars(seed uint64) *regulars {
	return &regulars{Rand: rand.New(rand.NewPCG(seed, 4)), bodies: map[int64]journal.TicketBody{}, left: map[int64]map[money.BasisPoints]money.Cents{}, copies: map[int64]int64{},
		refunded: map[int64]bool{}, fixed: map[int64]bool{}}
}

func (r *regulars) ticket() journal.TicketBody {
	var lines []journal.Line
	for range 1 + r.IntN(5) {
		bp := []money.BasisPoints{550, 1000, 2000}[r.IntN(3)]
		l := line(fmt.Sprintf("p%d", r.IntN(40)), "Produit", int64(1+r.IntN(4)), money.Cents(r.IntN(2500)), bp)
		if r.IntN(3) == 0 {
			l.Mode, l.Nat = journal.Takeaway, journal.Goods
		}
		if l.TTC > 0 && r.IntN(6) == 0 {
			l.Reason, l.Disc = []string{"promo", "quality", "staff_meal"}[r.IntN(3)], 1+money.Cents(r.IntN(int(l.TTC)))
			l.TTC -= l.Disc
		}
		lines = append(lines, l)
	}
	if r.IntN(4) == 0 {
		lines = append(lines, gift("coffee", int64(1+r.IntN(3)), 150))
	}
	b := ticket(lines...)
	if due := b.Total.TTC; due > 1 && r.IntN(2) == 0 {
		part := 1 + money.Cents(r.IntN(int(due-1)))
		b.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: part, Given: part + 50, Change: 50},
			{N: 2, Means: []journal.Means{journal.ByMealVoucher, journal.ByCheque, journal.ByCash}[r.IntN(3)], Amt: due - part, Given: due - part}}
	}
	if len(b.Pay) > 0 && r.IntN(8) == 0 {
		b.NonTurnover = []journal.NonTurnover{{K: "tip", Amt: 100}}
		b.Pay[0].Amt, b.Pay[0].Given = b.Pay[0].Amt+100, b.Pay[0].Given+100
	}
	return b
}

// next is what happens next; done takes note of the entry that it became.
func (r *regulars) next() (d journal.Draft, done func(journal.Entry)) {
	done = func(journal.Entry) {}
	if n := r.IntN(20); n >= 9 || len(r.sold) == 0 {
		b := r.ticket()
		d = journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: b, Training: r.IntN(15) == 0}
		if d.Training {
			return d, done
		}
		return d, func(e journal.Entry) {
			r.sold, r.bodies[e.Seq], r.left[e.Seq] = append(r.sold, e), b, left(b)
			for _, l := range b.Lines {
				if l.K == journal.LineGift {
					r.shelf += l.Qty / 1000
				}
			}
		}
	}
	last := r.sold[max(0, len(r.sold)-1-r.IntN(30))]
	b := r.bodies[last.Seq]
	switch r.IntN(9) {
	case 0:
		if l := b.Lines[0]; l.Disc == 0 && r.left[last.Seq][l.BP] == left(b)[l.BP] && !r.refunded[last.Seq] { // once only
			r.refunded[last.Seq] = true
			return refund(last, b, r.left[last.Seq], map[int]int64{1: l.Qty / 1000}), done
		}
	case 1:
		if r.shelf > 0 {
			r.shelf--
			return redeem("coffee", "PAID"), done
		}
		return redeem("coffee", journal.OriginHouse), done
	case 2:
		r.copies[last.Seq]++
		return duplicate(last, r.copies[last.Seq]), done
	case 3:
		if len(b.Pay) == 1 && !r.fixed[last.Seq] && b.Pay[0].Amt > 0 {
			r.fixed[last.Seq] = true
			return payFix(last, 1, b.Pay[0].Means, journal.ByTransfer), done
		}
	case 4:
		return journal.Draft{Kind: journal.KindOrderMinus, Op: "ana", Body: journal.MinusBody{Ticket: "open-7", Line: 1, Label: "Plat", Qty: 1000, Amount: 1200, Reason: "customer"}}, done
	case 5:
		kinds := []journal.CashBody{{Type: journal.CashFloat, Amount: 15000, Counted: 15000, Expected: 15000}, {Type: journal.CashIn, Amount: 2000, Reason: "change"},
			{Type: journal.CashOut, Amount: -3000, Reason: "bank"}, {Type: journal.CashCount, Counted: 9980, Expected: 10000, Difference: -20, Reason: "coins"},
			{Type: journal.CashCount, Counted: 5, Difference: 5, Reason: "drawer.check"}}
		return journal.Draft{Kind: journal.KindCash, Op: "ana", Body: kinds[r.IntN(len(kinds))]}, done
	case 6:
		return adjust(journal.AdjustSponsor, 1+r.Int64N(3)), done
	case 7:
		return release(1, last.Number), done
	}
	return event(journal.EventLogin), done
}

// happen writes n things in one commit.
func (r *regulars) happen(c *cafe, n int) {
	c.tb.Helper()
	err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		for range n {
			d, done := r.next()
			e, err := c.j.Append(ctx, tx, d)
			if err != nil {
				return err
			}
			done(e)
		}
		return nil
	})
	if err != nil {
		c.tb.Fatal(err)
	}
}

func (c *cafe) all() (all []journal.Entry) {
	c.tb.Helper()
	for {
		more, err := journal.Entries(context.Background(), c.db.Reader(), int64(len(all)), 10_000)
		if err != nil {
			c.tb.Fatal(err)
		}
		if all = append(all, more...); len(more) == 0 {
			return all
		}
	}
}

// TestTheClosingOfAThousandTicketsIsTheirSumR85 compares each amount of a Z with the stored tickets, to the cent.
func TestTheClosingOfAThousandTicketsIsTheirSumR85(t *testing.T) {
	c, r := found(t), newRegulars(1)
	for range 40 {
		r.happen(c, 50)
		c.clock.Advance(10 * time.Minute)
	}
	e, b, _ := c.end(journal.KindCloseDay)
	want := newSums(nil)
	for _, entry := range c.all()[:e.Seq] {
		want.add(t, entry)
	}
	want.mustEqual(t, b)
	if b.Sales.N < 1000 || b.Refunds.N == 0 || b.Counts.Training == 0 || len(b.Discounts) < 5 || b.Counts.Entries != 2001 {
		t.Errorf("the day was not as busy as it should: %+v", b)
	}
	c.mustConform()
}

// TestFourHundredDays runs a till through more than a year as tills are run: closed by hand or late, off for days, over
// the nights in which the clock changes, set back, months and years ended early, restarted.
func TestFourHundredDays(t *testing.T) {
	starts := []string{"07-01"}
	if os.Getenv("CI") == "true" {
		starts = append(starts, "01-01", "10-15")
	}
	for seed, start := range starts {
		t.Run(start, func(t *testing.T) {
			t.Parallel()
			c, r := foundAs(t, func(id *journal.Identity, _ *journal.Config) { id.FiscalStart = start }), newRegulars(uint64(seed))
			for begun := c.clock.Now(); c.clock.Now().Before(begun.AddDate(0, 0, 400)); {
				c.live(r)
			}
			c.end(journal.KindCloseDay)
			c.mustBalance(start)
			c.mustConform()
		})
	}
}

// live passes some hours, or days, of a café.
func (c *cafe) live(r *regulars) {
	c.tb.Helper()
	switch r.IntN(12) {
	case 0:
		c.clock.Advance(time.Duration(1+r.IntN(3)) * 24 * time.Hour) // off
	case 1:
		c.clock.Jump(-time.Duration(r.IntN(60)) * time.Hour)
		r.happen(c, 1)
		c.clock.Jump(time.Duration(r.IntN(30)) * time.Hour)
	case 2, 3, 4:
		c.end(journal.KindCloseDay)
	case 5:
		if r.IntN(12) == 0 {
			c.end(journal.KindCloseMonth)
		}
	case 6:
		if r.IntN(60) == 0 {
			c.end(journal.KindCloseYear)
		}
	case 7:
		c.close()
		c.open()
	}
	c.clock.Advance(time.Duration(r.IntN(9*60)) * time.Minute)
	if r.IntN(3) > 0 {
		r.happen(c, 1+r.IntN(4))
	}
}

// mustBalance holds every closing of the journal against the entries of its days.
func (c *cafe) mustBalance(fiscalStart string) {
	t := c.tb
	t.Helper()
	days, month, year := map[string]*sums{}, journal.CloseSum{}, journal.CloseSum{}
	var last, first string
	var before *sums
	for _, e := range c.all() {
		switch e.Kind {
		case journal.KindCloseDay:
			s := days[e.Day]
			if s == nil {
				s = newSums(before)
			}
			b := closingBody(t, e)
			s.counts.Entries += closingsIn(c, b)
			s.withoutClosings()
			s.mustEqual(t, b)
			if want := dayAfter(t, last); last != "" && e.Day != want {
				t.Errorf("%s closed after %s", e.Day, last)
			}
			last, before = e.Day, s
			month = plus(month, b.Total)
		case journal.KindCloseMonth:
			b := closingBody(t, e)
			if b.Total != month || b.ToDay != last || b.GT.PerpNet != before.perpNet || b.FromDay[:7] != b.ToDay[:7] {
				t.Errorf("%s: %+v, its days add up to %+v", e.Number, b.Total, month)
			}
			month, year = journal.CloseSum{}, plus(year, b.Total)
		case journal.KindCloseYear:
			if b := closingBody(t, e); b.Total != year || b.ToDay != last {
				t.Errorf("%s: %+v, its months add up to %+v", e.Number, b.Total, year)
			}
			year = journal.CloseSum{}
		default:
			if first == "" {
				first = e.Day
			}
			if e.Day <= last {
				t.Errorf("entry %d is dated %s, which is closed", e.Seq, e.Day)
			}
			if days[e.Day] == nil {
				days[e.Day] = newSums(before)
			}
			days[e.Day].add(t, e)
		}
	}
	if zs := c.closings(journal.KindCloseDay, "2026-01-01", "2099-01-01"); len(zs) < 400 || zs[0].Day != first {
		t.Errorf("%d days closed, from %s", len(zs), zs[0].Day)
	}
	if ys := c.closings(journal.KindCloseYear, "2026-01-01", "2099-01-01"); len(ys) == 0 || dayAfter(t, ys[0].Day)[5:] != fiscalStart && len(ys) < 2 {
		t.Errorf("fiscal years from %s end %v", fiscalStart, ys)
	}
}

// withoutClosings: a CLOSE_MONTH that stands in the range of a day is none of its documents.
func (s *sums) withoutClosings() {
	for _, series := range []journal.Series{journal.SeriesDay, journal.SeriesMonth, journal.SeriesYear} {
		delete(s.documents, series)
	}
}

// closingsIn counts the closings among the entries that a closing covers.
func closingsIn(c *cafe, b journal.CloseBody) (n int64) {
	c.tb.Helper()
	entries, err := journal.Entries(context.Background(), c.db.Reader(), b.FromSeq, int(b.ToSeq-b.FromSeq+1))
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == journal.KindCloseMonth || e.Kind == journal.KindCloseYear {
			n++
		}
	}
	return n
}

func plus(a, b journal.CloseSum) journal.CloseSum {
	return journal.CloseSum{HT: a.HT + b.HT, N: a.N + b.N, TTC: a.TTC + b.TTC, VAT: a.VAT + b.VAT}
}

func dayAfter(tb testing.TB, day string) string {
	tb.Helper()
	if day == "" {
		return ""
	}
	at, err := time.Parse("2006-01-02", day)
	if err != nil {
		tb.Fatal(err)
	}
	return at.AddDate(0, 0, 1).Format("2006-01-02")
}
