package main

import (
	"cmp"
	"slices"
	"strings"
)

// merge adds one to the element of a list that is its equal by order, or puts it where it belongs.
func merge[T any](list []T, one T, order func(a, b T) int, add func(into *T, one T)) []T {
	i, found := slices.BinarySearchFunc(list, one, order)
	if !found {
		return slices.Insert(list, i, one)
	}
	add(&list[i], one)
	return list
}

// join adds up the days of a month, or the months of a year, of which series are the numbers (FORMAT.md §7).
func join(parts []closedPart, series string) *closing {
	c := &closing{fromDay: parts[0].fromDay, fromSeq: parts[0].fromSeq}
	own := numbers{series: series, first: parts[0].doc}
	for _, p := range parts {
		c.toDay, c.toSeq, c.gt = p.toDay, p.seq, p.gt
		c.days += p.days
		c.resumed = c.resumed || p.resumed
		c.sales, c.refunds, c.total = c.sales.plus(p.sales), c.refunds.plus(p.refunds), c.total.plus(p.total)
		own.last = p.doc
		own.n++
		joinLists(c, p.closing)
		joinCash(&c.cash, p.cash)
		joinCounts(&c.counts, p.counts)
		for _, s := range p.suspended {
			joinShelf(c, s)
		}
	}
	c.documents = joinNumbers(c.documents, own)
	for i := range c.suspended {
		c.suspended[i].left = 0
		for _, p := range c.gt.pools {
			if p.class == c.suspended[i].class {
				c.suspended[i].left = p.n
			}
		}
	}
	return c
}

func joinLists(c, p *closing) {
	for _, r := range p.rates {
		c.rates = merge(c.rates, r, func(a, b rate) int { return cmp.Compare(a.bp, b.bp) }, func(into *rate, one rate) { *into = into.plus(one) })
	}
	for _, n := range p.natures {
		c.natures = merge(c.natures, n, func(a, b natureSum) int {
			return compareNature(natureKey{a.nat, a.bp}, natureKey{b.nat, b.bp})
		}, func(into *natureSum, one natureSum) { into.rate = into.plus(one.rate) })
	}
	for _, m := range p.means {
		c.means = merge(c.means, m, func(a, b meansSum) int { return strings.Compare(a.means, b.means) },
			func(into *meansSum, one meansSum) { into.n, into.amt = into.n+one.n, into.amt+one.amt })
	}
	for _, o := range p.others {
		c.others = merge(c.others, o, func(a, b amount) int { return strings.Compare(a.k, b.k) },
			func(into *amount, one amount) { into.amt += one.amt })
	}
	for _, d := range p.discounts {
		c.discounts = merge(c.discounts, d, func(a, b discount) int {
			return compareDiscount(discountKey{a.reason, a.mode, a.offered}, discountKey{b.reason, b.mode, b.offered})
		}, func(into *discount, one discount) { into.n, into.amt = into.n+one.n, into.amt+one.amt })
	}
	for _, d := range p.documents {
		c.documents = joinNumbers(c.documents, d)
	}
}

func joinNumbers(list []numbers, one numbers) []numbers {
	return merge(list, one, func(a, b numbers) int { return strings.Compare(a.series, b.series) },
		func(into *numbers, one numbers) { into.last, into.n = one.last, into.n+one.n })
}

func joinCash(into *drawer, one drawer) {
	into.counted, into.counts, into.difference = into.counted+one.counted, into.counts+one.counts, into.difference+one.difference
	into.expected, into.float, into.in = into.expected+one.expected, into.float+one.float, into.in+one.in
	into.out, into.received = into.out+one.out, into.received+one.received
}

func joinCounts(into *tally, one tally) {
	into.duplicates, into.invoices, into.minus = into.duplicates+one.duplicates, into.invoices+one.invoices, into.minus+one.minus
	into.notes, into.redemptions, into.training = into.notes+one.notes, into.redemptions+one.redemptions, into.training+one.training
}

func joinShelf(c *closing, s shelf) {
	s.served = slices.Clone(s.served)
	c.suspended = merge(c.suspended, s, func(a, b shelf) int { return strings.Compare(a.class, b.class) }, func(into *shelf, one shelf) {
		into.collected, into.others, into.pledged = into.collected+one.collected, into.others+one.others, into.pledged+one.pledged
		into.released, into.retracted, into.returned = into.released+one.released, into.retracted+one.retracted, into.returned+one.returned
		for _, o := range one.served {
			into.serve(o)
		}
	})
}
