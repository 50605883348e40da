package main

// seriesYear is one series of one fiscal year.
type seriesYear struct {
	series string
	year   int
}

// seriesCheck (6): each series counts 1, 2, 3… within a fiscal year, but for what a RESUME leaves out.
type seriesCheck struct {
	last map[seriesYear]int64
}

// number reads the number of an entry, and reports whether it has one that can be counted.
func (s *seriesCheck) number(c *chain, e *entry) (seriesYear, int64, bool) {
	want := seriesOf(e.kind, e.training)
	if !e.numbered || want == "" {
		return seriesYear{}, 0, false // reported with the envelope
	}
	series, digits, n, ok := parseNumber(e.doc)
	year := fiscalYear(e.day, c.start)
	if !ok || series != want || digits != year%100 {
		c.r.found(checkSeries, e, "« %s » n'est pas un numéro de la série %s de l'exercice %d", shown(e.doc), want, year)
		return seriesYear{}, 0, false
	}
	return seriesYear{want, year}, n, true
}

func (s *seriesCheck) learn(c *chain, e *entry) {
	if key, n, ok := s.number(c, e); ok {
		s.last[key] = n
	}
}

func (s *seriesCheck) pass(c *chain, e *entry) {
	key, n, ok := s.number(c, e)
	if !ok {
		return
	}
	c.r.count(checkSeries)
	if before := s.last[key]; n != before+1 {
		c.r.found(checkSeries, e, "le numéro %s suit le %d de sa série : il devrait porter le %d", shown(e.doc), before, before+1)
	}
	s.last[key] = n
}

// skip counts the numbers that a RESUME leaves out because the entries that are gone may have had them.
func (s *seriesCheck) skip(c *chain, e *entry, b *resumption, judged bool) {
	before := ""
	for _, doc := range b.numbers {
		series, digits, n, ok := parseNumber(doc)
		year := fiscalYear(e.day, c.start) / 100 * 100 // the century of the entry
		key := seriesYear{c.words.keep(series), year + digits}
		last := s.last[key]
		if judged {
			switch {
			case !ok || doc <= before || b.cause != "behind":
				c.r.found(checkSeries, e, "« %s » n'est pas un numéro laissé de côté à sa place", shown(doc))
			case n <= last || n > last+b.lost:
				c.r.found(checkSeries, e, "le numéro %s laissé de côté n'est pas entre %d et %d", shown(doc), last+1, last+b.lost)
			}
		}
		before = doc
		if ok {
			s.last[key] = n
		}
	}
}
