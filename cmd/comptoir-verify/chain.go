package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// words keeps one copy of each text, apart from the entry that it was read in.
type words map[string]string

func (w words) keep(s string) string {
	if own, ok := w[s]; ok {
		return own
	}
	own := strings.Clone(s)
	w[own] = own
	return own
}

// paper is what later entries may need to know of a document: what is left of it.
type paper struct {
	kind, series     string
	year             int
	n                int64
	training, undone bool
	invoiced, listed bool // listed: met in the index of an export
	copies           int64
	total            saleTotal
	lines            []leftLine
	pay              []leftPay
	class, origin    string
}

// leftLine is what refunds have left of a line.
type leftLine struct {
	n, qty, ttc, pu, bp int64
	k, class, sku       string
}

type leftPay struct {
	means string
	amt   int64
}

// span says what the entries of an input claim to be.
type span struct {
	whole bool // from the genesis on
	head  bool // to the newest entry
	index bool // an index is compared as well
}

// chain is one journal on its way: what has been passed, and what the checks remember of it.
type chain struct {
	r                 *report
	input             string // file name, for words
	words             words
	span              span
	begin             int64 // seq at which the range begins, as the input says
	first             int64 // seq of the first entry in hashes; −1 before it
	next              int64 // seq of the entry expected
	prev              string
	last              *entry           // the newest passed
	passed            int64            // how many
	begun             int64            // seq of the first of all
	fromTime, fromDay string           // of it
	ending            *ending          // the newest closing passed
	byKind            map[string]int64 // entries by kind, for the report
	id                envelope
	rules             *genesis
	start             string // of fiscal years, MM-DD
	papers            map[int64]*paper
	hashes            [][sha256.Size]byte // of the range, from first on
	outside           map[int64]string    // of the context, hexadecimal
	keys              *keyring
	link              linkCheck
	days              dayCheck
	series            seriesCheck
	pools             poolCheck
	totals            totalsCheck
	closing           closingCheck
	archive           archiveCheck
	resumes           []resumed
	soft              softwareCheck
	custody           custodyCheck
	anchors           *anchorCheck
	states            []*statementCheck
	tables            *projection // of an archive; nil for an export
	index             indexCheck
}

// ending is a closing where it stands.
type ending struct {
	*closing
	kind, doc string
	seq       int64
}

// resumed is a RESUME where it stands.
type resumed struct {
	*resumption
	seq int64
	at  time.Time
}

func newChain(r *report, anchors *anchorCheck, expected string) *chain {
	c := &chain{
		r: r, words: words{}, first: -1, papers: map[int64]*paper{}, outside: map[int64]string{}, byKind: map[string]int64{}, anchors: anchors, start: "01-01",
		keys:   newKeyring(expected),
		series: seriesCheck{last: map[seriesYear]int64{}}, pools: poolCheck{left: map[string]int64{}},
		totals: totalsCheck{rates: map[int64]rateTotal{}},
	}
	c.soft.seen = map[version]*versionUse{}
	return c
}

// learn takes an entry of a context: it is outside the range, and only what it leaves behind counts.
func (c *chain) learn(e *entry) {
	c.flaws(e)
	c.checkSignature(e)
	if !e.readable {
		return
	}
	if c.rules == nil && e.kind == kindGenesis {
		c.found(e)
	}
	c.checkIdentity(e)
	if e.seq >= c.begin {
		c.keys.learnLater(c, e)
		return
	}
	c.outside[e.seq] = e.hex()
	c.anchors.pass(e)
	c.state(e, false)
	c.series.learn(c, e)
	c.keep(e)
	c.correct(e, false)
	c.keys.pass(c, e)
	c.closing.learn(c, e)
	c.archive.learn(c, e)
	if b, ok := e.body.(*resumption); ok {
		c.resumes = append(c.resumes, resumed{b, e.seq, e.ts})
		c.series.skip(c, e, b, false)
	}
}

// pass takes the next entry of the range.
func (c *chain) pass(e *entry) {
	c.flaws(e)
	c.checkSignature(e)
	c.link.pass(c, e)
	if e.readable {
		c.judge(e)
	}
	if c.passed == 0 {
		c.begun, c.fromTime, c.fromDay = e.row.seq, strings.Clone(e.stamp), strings.Clone(e.day)
	}
	c.passed++
	if c.first < 0 || e.row.seq != c.next {
		c.first, c.hashes = e.row.seq, nil // a gap, which has been reported: what was before is not looked up
	}
	c.hashes = append(c.hashes, e.digest)
	c.prev, c.next = e.hex(), e.row.seq+1
	c.last = &entry{envelope: e.envelope, row: raw{seq: e.row.seq}, digest: e.digest}
}

// judge runs the checks that know more than one entry.
func (c *chain) judge(e *entry) {
	if c.rules == nil && e.kind == kindGenesis {
		c.found(e)
	}
	c.checkIdentity(e)
	c.anchors.pass(e)
	c.state(e, true)
	c.days.pass(c, e)
	c.series.pass(c, e)
	c.checkTrainingOf(e)
	c.keep(e)
	c.correct(e, true)
	c.closing.begin(c, e)
	c.pools.pass(c, e)
	c.totals.pass(c, e)
	c.closing.pass(c, e)
	c.keys.pass(c, e)
	c.archive.pass(c, e)
	c.soft.pass(c, e)
	c.custody.pass(c, e)
	c.index.pass(e)
	c.byKind[c.words.keep(e.kind)]++
	if b, ok := e.body.(*closing); ok {
		c.ending = &ending{b, e.kind, strings.Clone(e.doc), e.seq}
	}
	if b, ok := e.body.(*resumption); ok {
		c.resumes = append(c.resumes, resumed{b, e.seq, e.ts})
		c.series.skip(c, e, b, true)
	}
	if c.tables != nil && e.body != nil {
		c.tables.entry(c, e)
	}
}

// hashAt is the hash of an entry passed, in hexadecimal, and whether it is known.
func (c *chain) hashAt(seq int64) (string, bool) {
	if i := seq - c.first; c.first >= 0 && i >= 0 && i < int64(len(c.hashes)) {
		return hex.EncodeToString(c.hashes[i][:]), true
	}
	hash, ok := c.outside[seq]
	return hash, ok
}

// end checks what only the last entry shows.
func (c *chain) end() {
	c.keys.end(c)
	c.closing.end(c)
	c.soft.end(c)
	c.index.end(c)
}

func (c *chain) flaws(e *entry) {
	switch e.body.(type) {
	case *sale, *note:
		c.r.count(checkArithmetic)
	}
	c.r.count(checkCanonical)
	c.r.count(checkHash)
	for _, f := range e.flaws {
		c.r.found(f.check, e, "%s", f.detail)
	}
}

// found takes the rules of the café from its genesis.
func (c *chain) found(e *entry) {
	b, ok := e.body.(*genesis)
	if !ok {
		return
	}
	c.rules, c.id = b, e.envelope
	if start, err := fiscalStart(b.fiscalStart); err == nil {
		c.start = strings.Clone(start)
	}
}

// parseNumber reads a document number: its series, the two digits of its year, its count.
func parseNumber(doc string) (series string, year int, n int64, ok bool) {
	if len(doc) < len("T26-000001") || doc[3] != '-' || doc[4] == '0' && len(doc) > len("T26-000001") {
		return "", 0, 0, false
	}
	for _, c := range doc[1:3] + doc[4:] {
		if c < '0' || c > '9' {
			return "", 0, 0, false
		}
	}
	year, err := strconv.Atoi(doc[1:3])
	n, errN := strconv.ParseInt(doc[4:], 10, 64)
	return doc[:1], year, n, err == nil && errN == nil && n > 0
}
