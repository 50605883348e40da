package main

import "strings"

// dayCheck (12): every entry stands in the business day that is open; nothing is dated in a closed one (R45).
type dayCheck struct {
	open  string // "" as long as it is not known
	clock int64  // seq of an entry that goes by the open day whatever the clock says, or of the event behind it
}

// clockHour is how much later than the cut-off an entry may still stand in the day: nights in which the clock changes.
const clockHour = 60

func (d *dayCheck) pass(c *chain, e *entry) {
	if d.open == "" && e.kind == kindGenesis {
		d.open = strings.Clone(e.day)
	}
	if isClosing(e.kind) || e.core[:2] == "1." {
		return
	}
	c.r.count(checkClosedDay, 1)
	if d.open == "" {
		c.r.unchecked(checkClosedDay, "les écritures avant la première clôture journalière de l'archive")
		return
	}
	switch {
	case e.day < d.open:
		c.r.found(checkClosedDay, e, "l'écriture est datée du %s, jour déjà clos ; le jour ouvert est le %s", e.day, d.open)
	case e.day > d.open:
		c.r.found(checkClosing, e, "l'écriture est datée du %s, mais le %s n'a pas été clos", e.day, d.open)
	}
	if b, ok := e.body.(*rotation); e.kind == kindResume || ok && b.lost {
		d.clock = e.seq
		return
	}
	if late := e.kind == kindEvent && d.clock > 0 && e.seq == d.clock+1; late || c.rules == nil {
		return
	}
	if by := dayBy(e.local(), c.rules.cutoff+clockHour); by > e.day {
		c.r.found(checkClosing, e, "l'écriture est du %s à l'horloge : le %s aurait dû être clos avant elle", by, e.day)
	}
}

// closed moves on to the day after.
func (d *dayCheck) closed(day string) { d.open = nextDay(day) }
