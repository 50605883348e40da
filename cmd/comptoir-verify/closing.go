package main

import (
	"fmt"
	"strings"
)

// closing is the body of a CLOSE_DAY, CLOSE_MONTH or CLOSE_YEAR (FORMAT.md §7).
type closing struct {
	cash                           drawer
	counts                         tally
	cutoff, days, fromSeq, toSeq   int64
	nf525, openAmount, openTickets int64
	discounts                      []discount
	documents                      []numbers
	events                         head
	fromDay, toDay, period         string
	gt                             running
	late, resumed                  bool
	means                          []meansSum
	natures                        []natureSum
	others                         []amount // non_turnover
	prev                           *ref
	rates                          []rate
	refunds, sales, total          docSum
	suspended                      []shelf
}

type drawer struct {
	counted, counts, difference, expected, float, in, out, received int64
	reasons                                                         []string
}

type tally struct{ duplicates, entries, invoices, minus, notes, redemptions, training int64 }

type discount struct {
	reason, mode string
	offered      bool
	n, amt       int64
}

// numbers is the range of one series.
type numbers struct {
	series, first, last string
	n                   int64
}

type meansSum struct {
	means  string
	n, amt int64
}

type natureSum struct {
	nat string
	rate
}

type docSum struct{ n, ttc, ht, vat int64 }

// shelf is what one class of suspended items did.
type shelf struct {
	class                                                           string
	collected, others, pledged, released, retracted, returned, left int64
	served                                                          []serving
}

type serving struct {
	origin, mode string
	n, memo      int64
}

func readDocSum(v value) docSum {
	return docSum{v.get("n").int(), v.get("ttc").int(), v.get("ht").int(), v.get("vat").int()}
}

func readClosing(v value) *closing {
	c := &closing{
		cutoff: v.get("cutoff").int(), days: v.get("days").int(), fromSeq: v.get("from_seq").int(), toSeq: v.get("to_seq").int(),
		nf525: v.get("nf525").int(), openAmount: v.get("open").get("amount").int(), openTickets: v.get("open").get("tickets").int(),
		events: *readHead(v.get("events")), fromDay: v.get("from_day").str(), toDay: v.get("to_day").str(), period: v.get("period").str(),
		gt: readRunning(v.get("gt")), late: v.get("late").bool(), resumed: v.get("resumed").bool(), others: readAmounts(v.get("non_turnover")),
		prev: readRef(v.get("prev_close")), rates: readRates(v.get("rates")),
		refunds: readDocSum(v.get("refunds")), sales: readDocSum(v.get("sales")), total: readDocSum(v.get("total")),
	}
	d := v.get("cash")
	c.cash = drawer{
		counted: d.get("counted").int(), counts: d.get("counts").int(), difference: d.get("difference").int(), expected: d.get("expected").int(),
		float: d.get("float").int(), in: d.get("in").int(), out: d.get("out").int(), received: d.get("received").int(),
	}
	for r := range d.get("reasons").items() {
		c.cash.reasons = append(c.cash.reasons, r.str())
	}
	n := v.get("counts")
	c.counts = tally{
		duplicates: n.get("duplicates").int(), entries: n.get("entries").int(), invoices: n.get("invoices").int(), minus: n.get("minus").int(),
		notes: n.get("notes").int(), redemptions: n.get("redemptions").int(), training: n.get("training").int(),
	}
	readLists(c, v)
	return c
}

func readLists(c *closing, v value) {
	for d := range v.get("discounts").items() {
		c.discounts = append(c.discounts, discount{d.get("reason").str(), d.get("mode").str(), d.get("offered").bool(), d.get("n").int(), d.get("amt").int()})
	}
	for d := range v.get("documents").items() {
		c.documents = append(c.documents, numbers{d.get("series").str(), d.get("first").str(), d.get("last").str(), d.get("n").int()})
	}
	for m := range v.get("means").items() {
		c.means = append(c.means, meansSum{m.get("m").str(), m.get("n").int(), m.get("amt").int()})
	}
	for n := range v.get("natures").items() {
		c.natures = append(c.natures, natureSum{n.get("nat").str(), rate{n.get("bp").int(), n.get("ttc").int(), n.get("ht").int(), n.get("vat").int()}})
	}
	for s := range v.get("suspended").items() {
		one := shelf{
			class: s.get("class").str(), collected: s.get("collected").int(), others: s.get("others").int(), pledged: s.get("pledged").int(),
			released: s.get("released").int(), retracted: s.get("retracted").int(), returned: s.get("returned").int(), left: s.get("shelf").int(),
		}
		for o := range s.get("served").items() {
			one.served = append(one.served, serving{o.get("origin").str(), o.get("mode").str(), o.get("n").int(), o.get("memo").int()})
		}
		c.suspended = append(c.suspended, one)
	}
}

// part is one part of a closing in words that can be compared and shown.
type part struct{ name, value string }

// parts lists everything a verifier can compute of a closing: all but open and events, which the till states.
func (c *closing) parts() []part {
	all := []part{
		{"period", c.period}, {"from_day", c.fromDay}, {"to_day", c.toDay}, {"days", fmt.Sprint(c.days)}, {"from_seq", fmt.Sprint(c.fromSeq)},
		{"to_seq", fmt.Sprint(c.toSeq)}, {"prev_close", c.prev.String()}, {"late", fmt.Sprint(c.late)}, {"resumed", fmt.Sprint(c.resumed)},
		{"cutoff", fmt.Sprint(c.cutoff)}, {"nf525", fmt.Sprint(c.nf525)}, {"sales", fmt.Sprint(c.sales)}, {"refunds", fmt.Sprint(c.refunds)},
		{"total", fmt.Sprint(c.total)}, {"rates", fmt.Sprint(c.rates)}, {"natures", fmt.Sprint(c.natures)}, {"means", fmt.Sprint(c.means)},
		{"non_turnover", fmt.Sprint(c.others)}, {"discounts", fmt.Sprint(c.discounts)}, {"cash", fmt.Sprintf("%q %v", c.cash.reasons, c.cash)},
		{"documents", fmt.Sprint(c.documents)}, {"counts", fmt.Sprint(c.counts)},
	}
	for _, s := range c.suspended {
		all = append(all, part{"suspended", fmt.Sprint(s)})
	}
	return append(all, c.gt.parts()...)
}

func (r running) parts() []part {
	return []part{
		{"gt.perp_net", fmt.Sprint(r.perpNet)}, {"gt.perp_abs", fmt.Sprint(r.perpAbs)}, {"gt.year_net", fmt.Sprint(r.yearNet)},
		{"gt.rates", fmt.Sprint(r.rates)}, {"gt.pools", fmt.Sprint(r.pools)},
	}
}

func (r *ref) String() string {
	if r == nil {
		return "aucun"
	}
	return fmt.Sprintf("%s (%d)", shown(r.doc), r.seq)
}

// differences names what is not the same in two lists of parts.
func differences(stated, computed []part) string {
	var names []string
	for i := range max(len(stated), len(computed)) {
		switch {
		case i >= len(stated):
			names = append(names, computed[i].name+" (manque)")
		case i >= len(computed):
			names = append(names, stated[i].name+" (en trop)")
		case stated[i] != computed[i]:
			names = append(names, fmt.Sprintf("%s (inscrit %s, recalculé %s)", stated[i].name, shown(stated[i].value), shown(computed[i].value)))
		}
	}
	const most = 4
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("et %d autres", len(names)-most))
	}
	return strings.Join(names, ", ")
}
