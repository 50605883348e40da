package journal

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"runtime"
	"sync"
	"time"

	"comptoir/data"
)

// anomalyLimit is how many anomalies are listed; the rest is counted.
const anomalyLimit = 1_000

// The checks, as an Anomaly names them.
const (
	CheckCanonical  = "canonical"  // the stored bytes are canonical JSON in the form of an entry
	CheckHash       = "hash"       // hash = SHA-256(tag ‖ canon)
	CheckSignature  = "signature"  // sig is by the key in force
	CheckLink       = "link"       // prev, and no gap in seq
	CheckEnvelope   = "envelope"   // journal, till, key, kind and versions
	CheckClock      = "clock"      // ts and bday never decrease
	CheckSeries     = "series"     // document numbers without gap
	CheckDocuments  = "documents"  // the index of numbers equals the journal
	CheckArithmetic = "arithmetic" // R13, R84
	CheckRefund     = "refund"     // R41
	CheckPool       = "pool"       // U6
	CheckTotals     = "totals"     // R51
	CheckAnchor     = "anchor"     // the journal reaches what was seen outside
	CheckKeys       = "keys"       // R26
	CheckResume     = "resume"     // fiscal §6.6
)

// VerifyOptions say how far to go.
type VerifyOptions struct {
	// Full checks every entry for everything. Without it the bytes of every entry are held against its hash and the
	// entry before, and what seals a stretch of the journal is examined whole: the genesis, closings, changes of the
	// key, resumptions, and the open day. Through the chain each of them signs all that stands before it; what goes
	// unseen is a damaged signature inside a closed day, and money that this program itself has added up wrong.
	Full bool
	// Gentle leaves the other processors to whoever sells meanwhile.
	Gentle bool
	// Head is the head file (ReadHead); without it a cut tail cannot be seen, and the report warns of it.
	Head *Anchor
	// Anchors are other heads seen outside: another medium, a printed closing.
	Anchors []Anchor
	// PublicKey, when given, must be the key in the genesis.
	PublicKey *ecdsa.PublicKey
}

// Anomaly is one thing that is not as it was signed, or breaks a rule.
type Anomaly struct {
	Seq    int64  `json:"seq"`
	Check  string `json:"check"`
	Detail string `json:"detail"`
}

// Report is the result of a verification.
type Report struct {
	Conform    bool      `json:"conform"` // no anomaly
	Journal    string    `json:"journal"`
	Entries    int64     `json:"entries"`
	Signatures int64     `json:"signatures"` // how many were checked
	Seq        int64     `json:"seq"`        // of the newest entry; -1: none
	Hash       string    `json:"hash"`       // of the newest entry, hex
	Anomalies  []Anomaly `json:"anomalies"`  // by seq, at most 1,000
	More       int64     `json:"more"`       // anomalies beyond those
	Warnings   []string  `json:"warnings"`
}

func (r *Report) add(seq int64, check, format string, args ...any) {
	if len(r.Anomalies) == anomalyLimit {
		r.More++
		return
	}
	r.Anomalies = append(r.Anomalies, Anomaly{seq, check, fmt.Sprintf(format, args...)})
}

// Verify walks the stored bytes of the whole journal on q, which should be one snapshot, and names the seq of
// everything that is not as it was signed or breaks a rule of FORMAT.md. It never re-serialises what it reads.
// Memory does not grow with the journal, but for what is left of refunded tickets. An error means that the
// journal could not be read at all; NotFound "journal.unfounded" that there is none.
func Verify(ctx context.Context, q data.Querier, opts VerifyOptions) (Report, error) {
	if opts.Full {
		return walk(ctx, q, opts, whole)
	}
	return walk(ctx, q, opts, seals)
}

// Checks returns the cheap part of Verify for data.Check: bytes, hashes, links, numbers and the index of
// documents; no signature and no arithmetic.
func Checks() []data.Check {
	return []data.Check{{Name: "journal chain", Run: func(ctx context.Context, q data.Querier) ([]string, error) {
		if err := vacant(ctx, q); err == nil {
			return nil, nil
		}
		report, err := walk(ctx, q, VerifyOptions{}, numbered)
		if err != nil {
			return nil, err
		}
		var found []string
		for _, a := range report.Anomalies {
			found = append(found, fmt.Sprintf("journal entry %d: %s: %s", a.Seq, a.Check, a.Detail))
		}
		return found, nil
	}}}
}

// scope is how much of each entry a walk examines.
type scope int

const (
	seals    scope = iota // Verify: links of all; whole what seals a stretch, and the open day
	numbered              // Checks: bytes, links, numbers and the index; no signature and no arithmetic
	whole                 // Verify with Full
)

// walker is one verification: where it stands, and what it must remember of what it has passed.
type walker struct {
	q      data.Querier
	opts   VerifyOptions
	scope  scope
	open   int64 // with seals: seq of the newest CLOSE_DAY; the open day begins after it
	turns  turns
	report Report

	genesis Envelope
	rules   GenesisBody
	seq     int64 // of the last entry passed
	hash    [32]byte
	ts      time.Time
	day     string // of the last entry that is no closing
	numbers map[count]int64
	index   []document // of the batch in hand
	docs    int64
	anchors []Anchor
	ledger  ledger

	calendar calendar
	books    books // with whole: what the next closings must say
}

// count is one series of one fiscal year.
type count struct {
	series Series
	year   int
}

// document is one row of the index of numbers.
type document struct {
	count
	n, seq int64
}

func walk(ctx context.Context, q data.Querier, opts VerifyOptions, how scope) (Report, error) {
	w := &walker{q: q, opts: opts, scope: how, seq: -1, numbers: map[count]int64{},
		ledger: newLedger()}
	w.report.Anomalies, w.report.Warnings = []Anomaly{}, []string{}
	w.anchors = append(w.anchors, opts.Anchors...)
	if opts.Head != nil {
		w.anchors = append(w.anchors, *opts.Head)
	}
	if how != numbered && len(w.anchors) == 0 {
		w.report.Warnings = append(w.report.Warnings, "no head file or anchor: a cut of the journal's tail cannot be seen")
	}
	if err := w.begin(ctx); err != nil {
		return w.report, err
	}
	// While one batch is examined on all processors, the one before it is passed and the next one read.
	var examined func() []item
	for from := int64(0); ; {
		rows, err := readRows(ctx, q, from, batchSize)
		if err != nil {
			return w.report, err
		}
		before := examined
		if examined = nil; len(rows) > 0 {
			examined = w.examine(rows)
			from = rows[len(rows)-1].seq + 1
		}
		if before != nil {
			if err := w.passAll(ctx, before()); err != nil {
				return w.report, err
			}
		}
		if examined == nil {
			break
		}
	}
	err := w.end(ctx)
	return w.report, err
}

func (w *walker) passAll(ctx context.Context, items []item) error {
	for i := range items {
		if err := w.pass(ctx, &items[i]); err != nil {
			return err
		}
	}
	return w.compareIndex(ctx)
}

// begin reads what every entry is held against: the genesis.
func (w *walker) begin(ctx context.Context) error {
	var newest int64
	if err := w.q.QueryRow(ctx, `SELECT coalesce(max(seq), -1) FROM journal`).Scan(&newest); err != nil {
		return fmt.Errorf("newest entry: %w", err)
	}
	b, env, err := readGenesis(ctx, w.q)
	if err != nil && (newest < 0 && len(w.anchors) == 0 || ctx.Err() != nil) {
		return err
	}
	if err != nil {
		w.report.add(0, CheckEnvelope, "no genesis can be read: %v", err)
	}
	w.rules, w.genesis, w.report.Journal = b, env, env.Journal
	public, err := decodePublic(b.PublicKey)
	if err != nil {
		w.report.add(0, CheckSignature, "no key in the genesis: %v", err)
	}
	if err := w.hint(ctx, Key{ID: firstKey, Public: b.PublicKey, public: public}); err != nil {
		return err
	}
	if w.scope == seals {
		if w.open, err = w.sealed(ctx); err != nil {
			return err
		}
	}
	if w.opts.PublicKey != nil && !w.opts.PublicKey.Equal(public) {
		w.report.add(0, CheckSignature, "the key in the genesis is not the expected one")
	}
	return nil
}

// sealed returns the seq of the newest CLOSE_DAY. The index leads there and proves nothing: were it bent to another
// entry, that entry would not be a closing with a good signature, and the whole journal counts as the open day.
func (w *walker) sealed(ctx context.Context) (int64, error) {
	e, err := scanEntry(w.q.QueryRow(ctx, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
		WHERE d.series = ? ORDER BY d.year DESC, d.n DESC LIMIT 1`, string(SeriesDay)))
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil || e.Kind != KindCloseDay {
		return -1, nil //nolint:nilerr // no closing that can be read: everything is open
	}
	return e.Seq, nil
}

// item is one row after the checks that need nothing but the row.
type item struct {
	row
	digest [32]byte // computed, not the stored one
	env    Envelope
	body   any    // *GenesisBody and so on; nil when it cannot be read
	prev   []byte // of a row that was not read: the hash it names, hex
	flaws  []Anomaly
	linked bool // only its bytes and its link are examined
	signed bool // its signature was checked, against by
	by     *ecdsa.PublicKey
	forged bool // it is not by that key
	broken bool // the envelope cannot be read
}

func (it *item) flaw(check, format string, args ...any) {
	it.flaws = append(it.flaws, Anomaly{it.seq, check, fmt.Sprintf(format, args...)})
}

// examine checks each row by itself, in ranges spread over the processors. What it returns waits for the last.
func (w *walker) examine(rows []row) func() []item {
	items := make([]item, len(rows))
	workers := min(runtime.GOMAXPROCS(0), len(rows))
	if w.opts.Gentle {
		workers = 1
	}
	var group sync.WaitGroup
	for k := range workers {
		group.Go(func() {
			for i := k * len(rows) / workers; i < (k+1)*len(rows)/workers; i++ {
				items[i].row = rows[i]
				w.look(&items[i])
			}
		})
	}
	return func() []item {
		group.Wait()
		return items
	}
}

func (w *walker) look(it *item) {
	it.digest = HashOf(it.canon)
	if string(it.digest[:]) != string(it.hash) {
		it.flaw(CheckHash, "the bytes do not have the stored hash")
	}
	if w.scope == seals && it.seq <= w.open && !w.turns.marked[it.seq] && !sealing(kindIn(it.canon)) {
		it.linked = true
		it.prev = textIn(it.canon, "prev")
		return
	}
	if w.scope != numbered {
		it.signed, it.by = true, w.turns.hintFor(it.seq)
		it.forged = !Signed(it.by, it.digest, it.sig)
	}
	var flaw error
	env, flaw, err := parse(it.canon)
	if err != nil && !IsCanonical(it.canon) {
		it.flaw(CheckCanonical, "the bytes are not canonical JSON")
	}
	if err != nil {
		it.flaw(CheckCanonical, "not an entry: %v", err)
		it.broken = true
		return
	}
	if it.env = env; w.scope == numbered {
		return
	}
	if it.body = env.Body; flaw != nil {
		it.flaw(CheckCanonical, "not the body of a %s: %v", env.Kind, flaw)
	}
}

// sealing reports whether an entry of this kind is always examined whole.
func sealing(kind Kind) bool {
	switch kind {
	case KindGenesis, KindCloseDay, KindCloseMonth, KindCloseYear, KindKeyRotate, KindResume:
		return true
	default:
		return false
	}
}

// end checks what can only be known after the last entry.
func (w *walker) end(ctx context.Context) error {
	if w.scope != seals {
		var rows int64
		if err := w.q.QueryRow(ctx, `SELECT count(*) FROM documents`).Scan(&rows); err != nil {
			return fmt.Errorf("count documents: %w", err)
		}
		if rows != w.docs {
			w.report.add(w.seq, CheckDocuments, "the index has %d numbers, the journal %d", rows, w.docs)
		}
	}
	if len(w.calendar.due) > 0 {
		w.report.add(w.seq, CheckClosing, "a %s must follow", w.calendar.due[0])
	}
	if err := w.endTurns(ctx); err != nil {
		return err
	}
	r := &w.report
	r.Seq, r.Hash = w.seq, hexHash(w.hash)
	r.Conform = len(r.Anomalies) == 0
	return nil
}
