package main

// indexCheck: the tables that are derived from the journal equal it (FORMAT.md §1). An export has their rows behind the
// entries.
type indexCheck struct {
	keys    map[int64][2]string // of KEY_ROTATE: id and public key
	skipped map[skippedRow]bool
	marks   map[int64]string
}

type skippedRow struct {
	seriesYear
	n, seq int64
}

func (x *indexCheck) pass(e *entry) {
	if x.keys == nil {
		x.keys, x.skipped, x.marks = map[int64][2]string{}, map[skippedRow]bool{}, map[int64]string{}
	}
	if b, ok := e.body.(*rotation); ok {
		x.keys[e.seq] = [2]string{b.id, b.publicKey}
	}
	if code, ok := marked(e); ok {
		x.marks[e.seq] = code
	}
	if b, ok := e.body.(*resumption); ok {
		for _, doc := range b.numbers {
			if series, digits, n, ok := parseNumber(doc); ok {
				x.skipped[skippedRow{seriesYear{series, fiscalYear(e.day, "01-01")/100*100 + digits}, n, e.seq}] = true
			}
		}
	}
}

// document compares a row of the index of numbers.
func (x *indexCheck) document(c *chain, series string, year int, n, seq int64) {
	c.r.count(checkIndex)
	p := c.papers[seq]
	switch {
	case p == nil || p.series != series || p.year != year || p.n != n:
		c.r.foundAt(checkIndex, seq, "l'index place le n° %d de la série %s de %d à l'écriture %d, qui ne le porte pas", n, shown(series), year, seq)
	case p.listed:
		c.r.foundAt(checkIndex, seq, "l'index nomme deux fois le n° %d de la série %s", n, shown(series))
	default:
		p.listed = true
	}
}

func (x *indexCheck) key(c *chain, seq int64, id, public string) {
	c.r.count(checkIndex)
	if own, ok := x.keys[seq]; !ok || own != [2]string{id, public} {
		c.r.foundAt(checkIndex, seq, "la table des clés nomme à l'écriture %d la clé « %s », qui n'y est pas", seq, shown(id))
	}
	delete(x.keys, seq)
}

func (x *indexCheck) skip(c *chain, row skippedRow) {
	c.r.count(checkIndex)
	if !x.skipped[row] {
		c.r.foundAt(checkIndex, row.seq, "la table des numéros laissés de côté nomme %s %d n° %d, que l'écriture %d ne nomme pas", shown(row.series), row.year, row.n, row.seq)
	}
	delete(x.skipped, row)
}

func (x *indexCheck) mark(c *chain, seq int64, code string) {
	c.r.count(checkIndex)
	if own, ok := x.marks[seq]; !ok || own != code {
		c.r.foundAt(checkIndex, seq, "la table des repères nomme %s à l'écriture %d, qui n'en est pas un", shown(code), seq)
	}
	delete(x.marks, seq)
}

// end finds what the tables leave out.
func (x *indexCheck) end(c *chain) {
	if !c.span.index {
		return
	}
	for seq, p := range c.papers {
		if !p.listed {
			c.r.foundAt(checkIndex, seq, "l'index des numéros ne nomme pas le n° %d de la série %s, à l'écriture %d", p.n, p.series, seq)
		}
	}
	for seq, key := range x.keys {
		c.r.foundAt(checkIndex, seq, "la table des clés ne nomme pas la clé « %s » de l'écriture %d", shown(key[0]), seq)
	}
	for row := range x.skipped {
		c.r.foundAt(checkIndex, row.seq, "la table des numéros laissés de côté ne nomme pas %s %d n° %d", row.series, row.year, row.n)
	}
	for seq, code := range x.marks {
		c.r.foundAt(checkIndex, seq, "la table des repères ne nomme pas %s à l'écriture %d", code, seq)
	}
}
