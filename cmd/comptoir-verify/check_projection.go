package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
)

// projection (17) writes the tables of an archive anew from its entries and compares them as it goes, byte by byte.
type projection struct {
	tables map[string]*table
}

// table is one table of the archive in hand.
type table struct {
	name  string
	from  *bufio.Reader
	line  int64 // of the rows compared
	lost  bool  // a row differed: what comes after is not compared
	space []byte
}

// newProjection begins to compare tables, each read from open. A table that is not there has been reported.
func newProjection(c *chain, open func(name string) io.Reader) *projection {
	p := &projection{tables: map[string]*table{}}
	for _, t := range tableColumns() {
		src := open(t.name)
		if src == nil {
			continue
		}
		own := &table{name: t.name, from: bufio.NewReaderSize(src, 1<<16)}
		p.tables[t.name] = own
		var r row
		r.cells(columns(t.columns)...)
		own.compare(c, nil, append([]byte(mark), r.end()...))
	}
	return p
}

// put compares the next row of a table.
func (p *projection) put(c *chain, e *entry, name string, r *row) {
	if t := p.tables[name]; t != nil {
		t.compare(c, e, r.end())
	}
	r.begun, r.out = false, r.out[:0]
}

func (t *table) compare(c *chain, e *entry, want []byte) {
	if t.lost {
		return
	}
	t.line++
	c.r.count(checkProjection)
	if cap(t.space) < len(want) {
		t.space = make([]byte, 2*len(want))
	}
	got := t.space[:len(want)]
	if n, err := io.ReadFull(t.from, got); err != nil || !bytes.Equal(got, want) {
		t.lost = true
		c.r.found(checkProjection, e, "%s, ligne %d : « %s » au lieu de « %s »", t.name, t.line, shown(string(got[:n])), shown(string(want)))
	}
}

// end checks that no table has more rows than the entries give.
func (p *projection) end(c *chain) {
	for _, t := range tableColumns() {
		own := p.tables[t.name]
		if own == nil || own.lost {
			continue
		}
		if _, err := own.from.ReadByte(); err == nil {
			c.r.found(checkProjection, nil, "%s a des lignes de trop, à partir de la ligne %d", t.name, own.line+1)
		} else if !errors.Is(err, io.EOF) {
			c.r.found(checkProjection, nil, "%s ne peut pas être lu jusqu'au bout : %v", t.name, err)
		}
	}
}

// entry writes the rows of an entry.
func (p *projection) entry(c *chain, e *entry) {
	r := &row{out: make([]byte, 0, 512)}
	if e.training {
		r.header(e)
		r.cell(e.content)
		p.put(c, e, "ecole.csv", r)
		return
	}
	switch b := e.body.(type) {
	case *sale:
		p.sale(c, e, b, r)
	case *note:
		p.note(c, e, b, r)
	case *duplicate:
		r.header(e)
		r.cell(b.of.doc)
		r.number(b.of.seq, b.n)
		r.cells(b.form, b.why)
		p.put(c, e, "duplicatas.csv", r)
	case *invoice:
		r.header(e)
		r.cell(b.of.doc)
		r.number(b.of.seq, b.total.lines)
		r.cents(b.total.ht, b.total.vat, b.total.ttc)
		r.cell(b.buyer)
		p.put(c, e, "factures.csv", r)
	case *minus:
		r.header(e)
		r.cell(b.ticket)
		r.number(b.line)
		r.cell(b.label)
		r.number(b.qty)
		r.cents(b.amount)
		r.cell(b.reason)
		p.put(c, e, "corrections.csv", r)
	case *cash:
		r.header(e)
		r.cell(b.what)
		r.cents(b.amount, b.counted, b.expected, b.difference)
		r.cells(b.reason, b.shift)
		p.put(c, e, "caisse.csv", r)
	case *payFix:
		p.fix(c, e, b, r)
	case *move:
		p.move(c, e, b, r)
	case *closing:
		p.closing(c, e, b, r)
	default:
		p.event(c, e, r)
	}
}

func (p *projection) event(c *chain, e *entry, r *row) {
	code, nf525, sev, data := "", "", "", e.content
	switch b := e.body.(type) {
	case *event:
		code, nf525, sev, data = b.code, b.nf525, b.sev, e.data
	case *archived:
		nf525 = strconv.FormatInt(b.nf525, 10)
	}
	r.header(e)
	r.cells(code, nf525, sev, e.sw, e.core, e.by, data)
	p.put(c, e, "evenements.csv", r)
}

func (p *projection) note(c *chain, e *entry, b *note, r *row) {
	r.header(e)
	r.cell(b.ticket)
	r.number(b.print, int64(len(b.lines)))
	r.cents(b.total)
	p.put(c, e, "notes.csv", r)
	for _, l := range b.lines {
		r.number(e.seq)
		r.cells(e.doc, e.day)
		r.number(l.n)
		r.cells(l.sku, l.label)
		r.number(l.qty)
		r.cents(l.pu, l.ttc)
		p.put(c, e, "notes_lignes.csv", r)
	}
}

func (p *projection) fix(c *chain, e *entry, b *payFix, r *row) {
	for i, half := range []amount{{b.from, -b.amt}, {b.to, b.amt}} {
		r.place(e)
		r.number(int64(i) + 1)
		r.cell(half.k)
		r.cents(half.amt)
		r.blank(5)
		r.cells(b.of.doc, b.why, b.by)
		p.put(c, e, "paiements.csv", r)
	}
}
