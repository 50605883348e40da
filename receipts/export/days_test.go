package export_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"comptoir/data/money"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

func cafe() export.Cafe {
	return export.Cafe{Name: "Le Fil", SIRET: "12345678200010", VATNumber: "FR11123456782", Regime: "normal_monthly", Journal: "01a1fc5b-718d-79ee-b0a3-3bb4940567ba"}
}

// sheet is a closing in the making: it keeps the laws of FORMAT.md by the way it is filled.
type sheet struct {
	body    journal.CloseBody
	natures map[string]*journal.CloseNature
	rates   map[money.BasisPoints]*journal.Rate
	means   map[journal.Means]*journal.CloseMeans
	others  map[string]money.Cents
	classes map[string]*journal.CloseSuspended
	shelf   map[string]int64 // before the day
}

func newSheet(day string, shelf map[string]int64) *sheet {
	return &sheet{
		body: journal.CloseBody{Period: day, FromDay: day, ToDay: day, Days: 1, NF525: 50, CutOff: 240}, natures: map[string]*journal.CloseNature{},
		rates: map[money.BasisPoints]*journal.Rate{}, means: make(map[journal.Means]*journal.CloseMeans), others: map[string]money.Cents{},
		classes: map[string]*journal.CloseSuspended{}, shelf: shelf,
	}
}

// sale adds a ticket of one line, or a refund when ttc is negative, paid by one means; extra is money that is no sale.
func (s *sheet) sale(nature string, bp money.BasisPoints, ttc money.Cents, by journal.Means, k string, extra money.Cents) {
	ht := money.Cents((int64(max(ttc, -ttc))*20000 + int64(10000+bp)) / (2 * int64(10000+bp)))
	if ttc < 0 {
		ht = -ht
	}
	sum := &s.body.Sales
	if ttc < 0 {
		sum = &s.body.Refunds
	}
	for _, c := range []*journal.CloseSum{sum, &s.body.Total} {
		c.N, c.TTC, c.HT, c.VAT = c.N+1, c.TTC+ttc, c.HT+ht, c.VAT+ttc-ht
	}
	n := kept(s.natures, fmt.Sprint(nature, bp), &journal.CloseNature{Nat: nature, BP: bp})
	n.TTC, n.HT, n.VAT = n.TTC+ttc, n.HT+ht, n.VAT+ttc-ht
	r := kept(s.rates, bp, &journal.Rate{BP: bp})
	r.TTC, r.HT, r.VAT = r.TTC+ttc, r.HT+ht, r.VAT+ttc-ht
	m := kept(s.means, by, &journal.CloseMeans{Means: by})
	m.N, m.Amt = m.N+1, m.Amt+ttc+extra
	if by == journal.ByCash {
		s.body.Cash.Received += ttc + extra
	}
	if k != "" {
		s.others[k] += extra
	}
}

// fix moves a payment from one means to another (fiscal R42).
func (s *sheet) fix(from, to journal.Means, amount money.Cents) {
	kept(s.means, from, &journal.CloseMeans{Means: from}).Amt -= amount
	kept(s.means, to, &journal.CloseMeans{Means: to}).Amt += amount
	if from == journal.ByCash {
		s.body.Cash.Received -= amount
	}
	if to == journal.ByCash {
		s.body.Cash.Received += amount
	}
}

func (s *sheet) class(name string) *journal.CloseSuspended {
	return kept(s.classes, name, &journal.CloseSuspended{Class: name, Served: []journal.CloseServed{}})
}

func kept[K comparable, V any](all map[K]*V, key K, instead *V) *V {
	if all[key] == nil {
		all[key] = instead
	}
	return all[key]
}

// close ends the day: lists in their order, the shelf after what moved.
func (s *sheet) close() journal.CloseBody {
	b := s.body
	for _, n := range s.natures {
		b.Natures = append(b.Natures, *n)
	}
	slices.SortFunc(b.Natures, func(x, y journal.CloseNature) int { return cmp.Or(cmp.Compare(x.Nat, y.Nat), cmp.Compare(x.BP, y.BP)) })
	for _, bp := range slices.Sorted(maps.Keys(s.rates)) {
		b.Rates = append(b.Rates, *s.rates[bp])
	}
	for _, m := range slices.Sorted(maps.Keys(s.means)) {
		b.Means = append(b.Means, *s.means[m])
	}
	for _, k := range slices.Sorted(maps.Keys(s.others)) {
		b.NonTurnover = append(b.NonTurnover, journal.NonTurnover{K: k, Amt: s.others[k]})
	}
	for name := range s.shelf {
		s.class(name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.classes)) {
		c := *s.classes[name]
		c.Shelf = s.shelf[name] + c.Pledged - c.Returned + c.Released - c.Retracted - c.Collected + c.Others
		for _, served := range c.Served {
			if served.Origin != journal.OriginHouse {
				c.Shelf -= served.N
			}
			b.Counts.Redemptions += served.N
		}
		s.shelf[name] = c.Shelf
		b.Suspended = append(b.Suspended, c)
	}
	return b
}

// zone is the café's.
func zone() *time.Location { return time.FixedZone("CET", 3600) }

// closed puts bodies into days: one closing each, in order.
func closed(plan export.Plan, bodies ...journal.CloseBody) []export.Day {
	days := make([]export.Day, len(bodies))
	for i, b := range bodies {
		at, _ := time.ParseInLocation(time.DateOnly, b.ToDay, zone())
		days[i] = export.Day{Number: fmt.Sprintf("Z26-%06d", i+1), Seq: int64(100 * (i + 1)), Hash: [32]byte{byte(i + 1), 0xab}, Closed: at.Add(22 * time.Hour), Body: b, Plan: plan}
		for _, c := range b.Suspended { // what the entries of the day said, so that the closing says it
			if c.Others != 0 {
				days[i].Adjusts = append(days[i].Adjusts, export.Adjust{Class: c.Class, Cause: journal.AdjustFund, Origin: "FUND", Qty: c.Others})
			}
			if c.Collected != 0 {
				days[i].Adjusts = append(days[i].Adjusts, export.Adjust{Class: c.Class, Cause: journal.AdjustCollected, Origin: "PAID", Qty: -c.Collected})
			}
		}
	}
	return days
}

// randomDays draws days whose closings obey their laws: sales, refunds, corrections, parts of orders in the drawer, counts
// that differ, gifts and servings.
func randomDays(t *rapid.T, n int, plan func(i int) export.Plan) []export.Day {
	shelf, bodies, gifts := map[string]int64{}, []journal.CloseBody{}, [][]export.Gift{}
	amount := rapid.Int64Range(-5000, 15000)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		s := newSheet(start.AddDate(0, 0, i).Format(time.DateOnly), shelf)
		for range rapid.IntRange(0, 6).Draw(t, "documents") {
			k := rapid.SampledFrom([]string{"", "", "tip", "tr_excess", "deposit", "later"}).Draw(t, "besides")
			extra := money.Cents(0)
			if k != "" {
				extra = money.Cents(rapid.Int64Range(-300, 300).Draw(t, "extra"))
			}
			s.sale(rapid.SampledFrom([]string{"G", "S"}).Draw(t, "nature"), rapid.SampledFrom([]money.BasisPoints{0, 210, 550, 1000, 2000}).Draw(t, "rate"),
				money.Cents(amount.Draw(t, "ttc")), rapid.SampledFrom([]journal.Means{"CASH", "CARD", "TR", "CHEQUE", "TRANSFER", "CREDIT"}).Draw(t, "means"), k, extra)
		}
		if rapid.Bool().Draw(t, "fixed") {
			s.fix("CASH", "CARD", money.Cents(amount.Draw(t, "fix")))
		}
		c := &s.body.Cash
		c.In, c.Out = money.Cents(rapid.Int64Range(0, 9000).Draw(t, "in")), -money.Cents(rapid.Int64Range(0, 9000).Draw(t, "out"))
		c.Float, c.Expected = money.Cents(rapid.Int64Range(0, 20000).Draw(t, "float")), money.Cents(amount.Draw(t, "expected"))
		c.Counted = c.Expected + money.Cents(rapid.Int64Range(-500, 500).Draw(t, "gap"))
		c.Difference, c.Counts = c.Counted-c.Expected, 1
		gifts = append(gifts, s.solidarity(t))
		bodies = append(bodies, s.close())
	}
	days := closed(export.Plan{}, bodies...)
	for i := range days {
		days[i].Plan, days[i].Gifts = plan(i), gifts[i]
	}
	return days
}

// solidarity draws what moved the shelf, never below nothing.
func (s *sheet) solidarity(t *rapid.T) []export.Gift {
	var gifts []export.Gift
	for _, name := range []string{"coffee", "meal"} {
		c := s.class(name)
		upTo := func(n int64, what string) int64 { return rapid.Int64Range(0, max(n, 0)).Draw(t, what) }
		c.Pledged, c.Released = upTo(5, "pledged"), upTo(2, "released")
		left := s.shelf[name] + c.Pledged + c.Released
		c.Returned = upTo(min(c.Pledged, left), "returned")
		served := upTo(left-c.Returned, "served")
		c.Served = append(c.Served, journal.CloseServed{Origin: "HOUSE", Mode: "eat_in", N: upTo(2, "house")}, journal.CloseServed{Origin: "PAID", Mode: "eat_in", N: served})
		c.Collected = upTo(left-c.Returned-served, "collected")
		c.Others = upTo(3, "others")
		gifts = append(gifts, export.Gift{Class: name, Sold: c.Pledged, HT: 164 * money.Cents(c.Pledged), Refunded: c.Returned})
	}
	return gifts
}
