package main

import (
	"fmt"
	"strings"
)

// closingCheck (11): each closing is computed anew from the entries that it covers and compared key by key (R53); every
// day is closed once, months are their days and years their months.
type closingCheck struct {
	pending  []*sums         // days with entries that are not closed yet; more than one only in a journal begun by core 1
	from     int64           // from_seq of the next CLOSE_DAY
	known    bool            // from and gt are known
	gt       running         // at the end of the newest day closed
	gtYear   int             // the fiscal year of its year_net
	prev     map[string]*ref // the newest of each kind
	days     []closedPart    // since the newest CLOSE_MONTH
	months   []closedPart    // since the newest CLOSE_YEAR
	partial  map[string]bool // days, or months, of these began before the range
	unsummed []closedPart    // whose sums could not be computed
	awaited  string          // kind that must follow at once
	after    int64           // the entry behind which it must
}

// closedPart is a closing where it stands.
type closedPart struct {
	*closing
	doc string
	seq int64
}

// begin opens the sums of an entry's day, before the entry moves the totals.
func (k *closingCheck) begin(c *chain, e *entry) {
	if k.prev == nil {
		k.prev, k.partial = map[string]*ref{}, map[string]bool{kindMonth: c.begin > 0, kindYear: c.begin > 0}
		k.known = k.known || e.kind == kindGenesis
	}
	if k.awaited != "" && e.seq == k.after+1 && e.kind != k.awaited {
		c.r.found(checkClosing, e, "la clôture %s devait suivre aussitôt celle de l'écriture %d", k.awaited, k.after)
	}
	k.awaited = ""
	if isClosing(e.kind) {
		return
	}
	if n := len(k.pending); n == 0 || k.pending[n-1].day != e.day {
		if n > 0 {
			k.pending[n-1].gt, k.pending[n-1].yearOf = c.totals.running(c, c.totals.year), c.totals.year
		}
		k.pending = append(k.pending, newSums(c.words, strings.Clone(e.day), e.seq))
	}
}

func (k *closingCheck) pass(c *chain, e *entry) {
	if !isClosing(e.kind) {
		if n := len(k.pending); n > 0 {
			k.pending[n-1].add(e)
		}
		return
	}
	b, ok := e.body.(*closing)
	if !ok {
		return
	}
	c.r.count(checkClosing)
	switch e.kind {
	case kindDay:
		k.day(c, e, b)
	case kindMonth:
		k.level(c, e, b, k.days, "Z")
		k.days = nil
		k.months = append(k.months, closedPart{b, strings.Clone(e.doc), e.seq})
		if fiscalYear(nextDay(b.toDay), c.start) != fiscalYear(b.toDay, c.start) {
			k.awaited, k.after = kindYear, e.seq
		}
	case kindYear:
		k.level(c, e, b, k.months, "M")
		k.months = nil
	}
	k.prev[e.kind] = &ref{strings.Clone(e.doc), e.seq}
}

// learn takes the closings of a context: the day before the range gives the state that the range goes on from.
func (k *closingCheck) learn(c *chain, e *entry) {
	b, ok := e.body.(*closing)
	if !ok {
		return
	}
	if k.prev == nil {
		k.prev, k.partial = map[string]*ref{}, map[string]bool{kindMonth: true, kindYear: true}
	}
	k.prev[e.kind] = &ref{strings.Clone(e.doc), e.seq}
	if e.kind == kindDay && e.seq == c.begin-1 {
		k.from, k.known, k.gt, k.gtYear = c.begin, true, b.gt, fiscalYear(b.toDay, c.start)
		c.totals.adopt(c, b.gt, k.gtYear)
		c.days.closed(b.toDay)
		if day := monthEnd(b.toDay, c.start); day {
			k.awaited, k.after = kindMonth, e.seq
		}
	}
}

// monthEnd reports whether a day is the last of its calendar month or fiscal year.
func monthEnd(day, start string) bool {
	next := nextDay(day)
	return monthOf(next) != monthOf(day) || fiscalYear(next, start) != fiscalYear(day, start)
}

// day checks a CLOSE_DAY, and goes on to the day after.
func (k *closingCheck) day(c *chain, e *entry, b *closing) {
	if c.days.open != "" && b.toDay != c.days.open {
		c.r.found(checkClosing, e, "clôture du %s : le jour à clore était le %s ; chaque jour est clos une fois, dans l'ordre", shown(b.toDay), c.days.open)
	}
	own, to := newSums(c.words, b.toDay, e.seq), e.seq-1
	for len(k.pending) > 0 && k.pending[0].day <= b.toDay {
		own = k.pending[0]
		k.pending = k.pending[1:]
	}
	want := &closing{fromDay: e.day, toDay: e.day, days: 1, period: e.day, fromSeq: k.from, prev: k.prev[kindDay]}
	year := fiscalYear(e.day, c.start)
	switch {
	case len(k.pending) == 0:
		want.gt = c.totals.running(c, year)
	case own.first == e.seq: // a day without entries, others after it
		to, want.gt = k.pending[0].first-1, ofYear(k.gt, k.gtYear, year)
	default:
		to, want.gt = k.pending[0].first-1, ofYear(own.gt, own.yearOf, year)
	}
	want.toSeq = to
	own.close(want)
	want.counts.entries = to - k.from + 1
	k.compare(c, e, b, want, k.known)
	if k.known, k.gt, k.gtYear, k.from = true, b.gt, year, e.seq+1; len(k.pending) > 0 {
		k.from = to + 1
	}
	k.days = append(k.days, closedPart{b, strings.Clone(e.doc), e.seq})
	c.days.closed(e.day)
	if monthEnd(e.day, c.start) {
		k.awaited, k.after = kindMonth, e.seq
	}
}

// ofYear is gt as a closing of a fiscal year states it.
func ofYear(gt running, of, year int) running {
	if of != year {
		gt.yearNet = 0
	}
	return gt
}

// level checks a CLOSE_MONTH from its days, or a CLOSE_YEAR from its months.
func (k *closingCheck) level(c *chain, e *entry, b *closing, parts []closedPart, series string) {
	partial := k.partial[e.kind]
	k.partial[e.kind] = false
	if len(parts) == 0 && !partial {
		c.r.found(checkClosing, e, "clôture %s sans rien à clore", e.kind)
		return
	}
	var want *closing
	if partial {
		k.unsummed = append(k.unsummed, closedPart{b, strings.Clone(e.doc), e.seq})
		own := *b
		want = &own
	} else {
		want = join(parts, series)
		want.counts.entries = want.toSeq - want.fromSeq + 1
	}
	if n := len(parts); n > 0 {
		want.toDay, want.toSeq, want.gt = parts[n-1].toDay, parts[n-1].seq, parts[n-1].gt
	}
	want.period = monthOf(want.toDay)
	if e.kind == kindYear {
		want.period = fmt.Sprint(fiscalYear(want.toDay, c.start))
	}
	want.prev = k.prev[e.kind]
	sameYear := fiscalYear(want.fromDay, c.start) == fiscalYear(want.toDay, c.start)
	if !sameYear || e.kind == kindMonth && monthOf(want.fromDay) != monthOf(want.toDay) {
		c.r.found(checkClosing, e, "clôture du %s au %s : elle déborde de son mois ou de son exercice", want.fromDay, want.toDay)
	}
	k.compare(c, e, b, want, true)
}

// compare holds a closing against what was computed; known says that all of it could be.
func (k *closingCheck) compare(c *chain, e *entry, b, want *closing, known bool) {
	want.nf525 = 50
	if c.rules != nil {
		want.cutoff = c.rules.cutoff
		want.late = dayBy(e.local(), c.rules.cutoff) > want.toDay
	} else {
		want.cutoff, want.late = b.cutoff, b.late
	}
	if e.day != want.toDay {
		c.r.found(checkClosing, e, "la clôture est datée du %s et clôt le %s", e.day, want.toDay)
	}
	if !known {
		c.r.unchecked(checkClosing, "la clôture %s : elle couvre des écritures qui ne sont pas dans l'archive", shown(e.doc))
		c.totals.adopt(c, b.gt, fiscalYear(e.day, c.start))
		return
	}
	if d := differences(b.parts(), want.parts()); d != "" {
		c.r.found(checkClosing, e, "la clôture %s n'est pas celle des écritures qu'elle couvre : %s", shown(e.doc), d)
	}
}

// end notes a closing that should have followed the last entry.
func (k *closingCheck) end(c *chain) {
	if k.awaited != "" && c.span.head && c.last != nil && c.last.row.seq == k.after {
		c.r.foundAt(checkClosing, k.after, "le journal s'arrête à une clôture que %s devait suivre aussitôt", k.awaited)
	}
}
