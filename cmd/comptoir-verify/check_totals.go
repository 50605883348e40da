package main

import (
	"maps"
	"slices"
)

// totalsCheck (10): the totals that every document carries, never reset (R51).
type totalsCheck struct {
	net, abs int64
	yearNet  int64
	year     int // fiscal year of yearNet
	rates    map[int64]rateTotal
	known    bool // the state before the range is known
}

// pass moves the totals by a document and compares them with what it states.
func (t *totalsCheck) pass(c *chain, e *entry) {
	if e.kind == kindGenesis {
		t.known = true
	}
	b, ok := e.body.(*sale)
	if !ok {
		return
	}
	year := fiscalYear(e.day, c.start)
	check := checkTraining
	if !e.training {
		check = checkTotals
		t.move(b, year)
	}
	c.r.count(check)
	if !t.known {
		t.adopt(c, b.gt, year)
		c.r.unchecked(checkTotals, "les totaux avant l'écriture %d : leur état de départ n'est pas dans l'archive", e.seq)
		return
	}
	if own := t.running(c, year); differs(b.gt, own) {
		c.r.found(check, e, "les totaux portés par le document ne sont pas ceux du journal : %s", differences(b.gt.parts(), own.parts()))
		if !e.training {
			t.adopt(c, b.gt, year) // so that one break is told once
		}
	}
}

func differs(a, b running) bool {
	return a.perpNet != b.perpNet || a.perpAbs != b.perpAbs || a.yearNet != b.yearNet || !slices.Equal(a.rates, b.rates) || !slices.Equal(a.pools, b.pools)
}

func (t *totalsCheck) move(b *sale, year int) {
	if t.year != year {
		t.year, t.yearNet = year, 0
	}
	t.net, t.abs, t.yearNet = t.net+b.total.ttc, t.abs+abs(b.total.ttc), t.yearNet+b.total.ttc
	for _, r := range b.rates {
		own := t.rates[r.bp]
		t.rates[r.bp] = rateTotal{r.bp, own.net + r.ttc, own.abs + abs(r.ttc)}
	}
}

// running is the totals as a document or a closing of a fiscal year states them.
func (t *totalsCheck) running(c *chain, year int) running {
	r := running{perpNet: t.net, perpAbs: t.abs}
	if t.year == year {
		r.yearNet = t.yearNet
	}
	for _, bp := range slices.Sorted(maps.Keys(t.rates)) {
		r.rates = append(r.rates, t.rates[bp])
	}
	for _, class := range slices.Sorted(maps.Keys(c.pools.left)) {
		r.pools = append(r.pools, pool{class, c.pools.left[class]})
	}
	return r
}

// adopt goes on from totals that an entry states.
func (t *totalsCheck) adopt(c *chain, r running, year int) {
	t.net, t.abs, t.yearNet, t.year, t.known = r.perpNet, r.perpAbs, r.yearNet, year, true
	clear(t.rates)
	for _, one := range r.rates {
		t.rates[one.bp] = one
	}
	clear(c.pools.left)
	for _, p := range r.pools {
		c.pools.left[c.words.keep(p.class)] = p.n
	}
	c.pools.known = true
}
