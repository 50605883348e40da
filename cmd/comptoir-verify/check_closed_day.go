package main

import (
	"slices"
	"strings"
)

// dayCheck (12): every entry stands in the business day that is open; nothing is dated in a closed one (R45).
type dayCheck struct {
	open  string // "" as long as it is not known
	began bool   // a day has been closed
}

// clockHour is how much later than the cut-off an entry may still stand in the day: nights in which the clock changes.
const clockHour = 60

func (d *dayCheck) pass(c *chain, e *entry) {
	if d.open == "" && e.kind == kindGenesis {
		d.open = strings.Clone(e.day)
	}
	beside := besideTheClock(e)
	old := strings.HasPrefix(c.id.core, "1.") && !d.began // §9.5
	if isClosing(e.kind) || old && (beside || strings.HasPrefix(e.core, "1.")) {
		return
	}
	c.r.count(checkClosedDay)
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
	if beside || c.rules == nil {
		return
	}
	if by := dayBy(e.local(), c.rules.cutoff+clockHour); by > e.day {
		c.r.found(checkClosing, e, "l'écriture est du %s à l'horloge : le %s aurait dû être clos avant elle", by, e.day)
	}
}

// besideTheClock reports whether an entry goes by the open day whatever the clock says (FORMAT.md §9.2): it is what a till
// writes before it closes what is due.
func besideTheClock(e *entry) bool {
	b, ok := e.body.(*event)
	return e.kind == kindResume || e.kind == kindRotate ||
		ok && slices.Contains([]string{"ROLLBACK_DETECTED", "INTEGRITY_ERROR", "KEY_LOST", "TRAINING_OFF"}, b.code)
}

// closed moves on to the day after.
func (d *dayCheck) closed(day string) { d.open, d.began = nextDay(day), true }
