package main

import (
	"maps"
	"slices"
	"strings"
)

// sums adds up the entries of one business day, for its closing.
type sums struct {
	words     words
	day       string
	first     int64 // seq of its first entry
	sales     docSum
	refunds   docSum
	rates     map[int64]rate
	natures   map[natureKey]rate
	means     map[string]meansSum
	others    map[string]int64
	discounts map[discountKey]discount
	cash      drawer
	shelves   map[string]*shelf
	documents map[string]numbers
	counts    tally
	resumed   bool
	gt        running // after its last entry; yearOf its fiscal year
	yearOf    int
}

type natureKey struct {
	nat string
	bp  int64
}

type discountKey struct {
	reason, mode string
	offered      bool
}

func newSums(w words, day string, first int64) *sums {
	return &sums{
		words: w, day: day, first: first, rates: map[int64]rate{}, natures: map[natureKey]rate{}, means: map[string]meansSum{}, others: map[string]int64{},
		discounts: map[discountKey]discount{}, shelves: map[string]*shelf{}, documents: map[string]numbers{},
	}
}

func (s *sums) shelf(class string) *shelf {
	one := s.shelves[class]
	if one == nil {
		one = &shelf{class: s.words.keep(class)}
		s.shelves[one.class] = one
	}
	return one
}

// add counts an entry that is no closing.
func (s *sums) add(e *entry) {
	if e.numbered && e.doc != "" {
		series := e.doc[:1]
		n := s.documents[series]
		if n.n == 0 {
			n.series, n.first = s.words.keep(series), strings.Clone(e.doc)
		}
		n.last = e.doc // keeps the bytes of that one entry
		n.n++
		s.documents[n.series] = n
	}
	if e.kind == kindResume {
		s.resumed = true
	}
	if e.training {
		if e.numbered {
			s.counts.training++
		}
		return
	}
	switch b := e.body.(type) {
	case *sale:
		s.addSale(b, e.kind == kindRefund)
	case *note:
		s.counts.notes++
	case *minus:
		s.counts.minus++
	case *move:
		s.addMove(e.kind, b)
	case *cash:
		s.addCash(b)
	case *duplicate:
		s.counts.duplicates++
	case *invoice:
		s.counts.invoices++
	case *payFix:
		s.pay(b.from, 0, -b.amt)
		s.pay(b.to, 0, b.amt)
	}
}

func (s *sums) pay(means string, n, amt int64) {
	m := s.means[means]
	if m.means == "" {
		m.means = s.words.keep(means)
	}
	m.n, m.amt = m.n+n, m.amt+amt
	s.means[m.means] = m
}

func (s *sums) addSale(b *sale, refund bool) {
	sum := &s.sales
	if refund {
		sum = &s.refunds
	}
	sum.n, sum.ttc, sum.ht, sum.vat = sum.n+1, sum.ttc+b.total.ttc, sum.ht+b.total.ht, sum.vat+b.total.vat
	for _, r := range b.rates {
		s.rates[r.bp] = s.rates[r.bp].plus(r)
	}
	for i := range b.lines {
		l := &b.lines[i]
		key := natureKey{s.words.keep(l.nat), l.bp}
		s.natures[key] = s.natures[key].plus(rate{l.bp, l.ttc, l.ht, l.vat})
		if l.k == "susp_issue" {
			if refund {
				s.shelf(l.class).returned -= l.qty / 1000
			} else {
				s.shelf(l.class).pledged += l.qty / 1000
			}
		}
		if l.disc != 0 && !refund {
			key := discountKey{s.words.keep(l.reason), s.words.keep(l.mode), l.ttc == 0}
			d := s.discounts[key]
			s.discounts[key] = discount{key.reason, key.mode, key.offered, d.n + 1, d.amt + l.disc}
		}
	}
	for _, p := range b.pay {
		s.pay(p.means, 1, p.amt)
	}
	for _, o := range b.others {
		s.others[s.words.keep(o.k)] += o.amt
	}
}

func (r rate) plus(o rate) rate { return rate{o.bp, r.ttc + o.ttc, r.ht + o.ht, r.vat + o.vat} }

func (s *sums) addMove(kind string, b *move) {
	one := s.shelf(b.class)
	switch kind {
	case kindRedeem:
		s.counts.redemptions += b.qty
		one.serve(serving{s.words.keep(b.origin), s.words.keep(b.mode), b.qty, b.qty * b.memo})
	case kindRelease:
		if b.qty > 0 {
			one.released += b.qty
		} else {
			one.retracted -= b.qty
		}
	case kindAdjust:
		if b.cause == "collected" {
			one.collected -= b.qty
		} else {
			one.others += b.qty
		}
	}
}

// serve adds a serving among those of its origin and mode, which ascend.
func (s *shelf) serve(o serving) {
	i, found := slices.BinarySearchFunc(s.served, o, func(a, b serving) int {
		return min(1, max(-1, 2*strings.Compare(a.origin, b.origin)+strings.Compare(a.mode, b.mode)))
	})
	if !found {
		s.served = slices.Insert(s.served, i, serving{o.origin, o.mode, 0, 0})
	}
	s.served[i].n += o.n
	s.served[i].memo += o.memo
}

func (s *sums) addCash(b *cash) {
	d := &s.cash
	switch {
	case b.what == "float":
		d.float += b.amount
	case b.what == "in":
		d.in += b.amount
	case b.what == "out":
		d.out += b.amount
	case b.what == "count" && b.reason != "drawer.check":
		d.counts, d.counted, d.expected, d.difference = d.counts+1, d.counted+b.counted, d.expected+b.expected, d.difference+b.difference
		if b.difference != 0 && b.reason != "" {
			d.reasons = append(d.reasons, s.words.keep(b.reason))
		}
	}
}

// close writes what the sums say into a closing; gt of it is there already.
func (s *sums) close(c *closing) {
	c.sales, c.refunds, c.total = s.sales, s.refunds, s.sales.plus(s.refunds)
	for _, bp := range slices.Sorted(maps.Keys(s.rates)) {
		c.rates = append(c.rates, s.rates[bp])
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.natures), compareNature) {
		c.natures = append(c.natures, natureSum{k.nat, s.natures[k]})
	}
	for _, m := range slices.Sorted(maps.Keys(s.means)) {
		c.means = append(c.means, s.means[m])
	}
	for _, k := range slices.Sorted(maps.Keys(s.others)) {
		c.others = append(c.others, amount{k, s.others[k]})
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.discounts), compareDiscount) {
		c.discounts = append(c.discounts, s.discounts[k])
	}
	for _, l := range slices.Sorted(maps.Keys(s.documents)) {
		c.documents = append(c.documents, s.documents[l])
	}
	c.cash, c.counts, c.resumed = s.cash, s.counts, s.resumed
	c.cash.received = s.means["CASH"].amt
	for _, p := range c.gt.pools {
		s.shelf(p.class).left = p.n
	}
	for _, class := range slices.Sorted(maps.Keys(s.shelves)) {
		c.suspended = append(c.suspended, *s.shelves[class])
	}
}

func (d docSum) plus(o docSum) docSum {
	return docSum{d.n + o.n, d.ttc + o.ttc, d.ht + o.ht, d.vat + o.vat}
}

func compareNature(a, b natureKey) int {
	if a.nat != b.nat {
		return strings.Compare(a.nat, b.nat)
	}
	return int(min(1, max(-1, a.bp-b.bp)))
}

func compareDiscount(a, b discountKey) int {
	switch {
	case a.reason != b.reason:
		return strings.Compare(a.reason, b.reason)
	case a.mode != b.mode:
		return strings.Compare(a.mode, b.mode)
	case a.offered == b.offered:
		return 0
	case b.offered:
		return -1
	}
	return 1
}
