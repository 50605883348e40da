package export

import (
	"comptoir/data/money"
)

// The origins of items that somebody has bought: one gift, or a lot on an invoice. What the fund is turned into was sold when
// it was given, and is not deferred.
const (
	originPaid    = "PAID"
	originSponsor = "SPONSOR"
)

// deferral follows what suspended items were sold for until they are served, where their revenue is deferred (fiscal
// R113), class by class at the mean price of what waits. Only what was sold while the plan defers enters; whatever left
// the shelf is taken from it first, and never more than it holds.
type deferral map[string]advance

// advance is what waits of a class: items, and what they were sold for without tax.
type advance struct {
	n  int64
	ht money.Cents
	of money.Cents // what one was worth when the last left: an undone serving puts it back at that
}

// take takes n items out and returns what they were worth; with the last goes every cent.
func (a *advance) take(n int64) money.Cents {
	n = min(n, a.n)
	if n <= 0 {
		return 0
	}
	worth := money.Cents((int64(a.ht)*n*2 + a.n) / (a.n * 2)) // half up
	if n == a.n {
		worth = a.ht
	}
	a.n, a.ht, a.of = a.n-n, a.ht-worth, worth/money.Cents(n)
	return worth
}

// day moves what waits by one day, and returns what became revenue in advance and what was earned.
func (f deferral) day(d Day) (ahead, earned money.Cents) {
	for _, g := range d.Gifts {
		a := f[g.Class]
		if d.Plan.Suspended == SuspendedDeferred {
			a.n, a.ht, ahead = a.n+g.Sold, a.ht+g.HT, ahead+g.HT
		}
		earned += a.take(g.Refunded) // the refund has been taken off the revenue of the day in full
		f[g.Class] = a
	}
	for _, c := range d.Body.Suspended {
		a := f[c.Class]
		gone := c.Collected
		for _, s := range c.Served {
			if s.Origin == originPaid || s.Origin == originSponsor {
				gone += s.N
			}
		}
		if gone >= 0 {
			earned += a.take(gone)
		} else if d.Plan.Suspended == SuspendedDeferred { // more was undone than served: it waits again
			back := a.of * money.Cents(-gone)
			a.n, a.ht, ahead = a.n-gone, a.ht+back, ahead+back
		}
		f[c.Class] = a
	}
	return ahead, earned
}
