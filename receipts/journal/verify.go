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

// Limits of a verification.
const (
	recentSignatures = 100_000 // entries whose signature is checked without Full
	anomalyLimit     = 1_000   // anomalies listed; the rest is counted
)

// The checks, as an Anomaly names them.
const (
	CheckCanonical  = "canonical"  // the stored bytes are canonical JSON in the form of an entry
	CheckHash       = "hash"       // hash = SHA-256(tag ‖ canon)
	CheckSignature  = "signature"  // sig is by the key of the genesis
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
)

// VerifyOptions say how far to go.
type VerifyOptions struct {
	// Full checks every signature. Without it those of the newest 100,000 entries are checked: each signs, through
	// the chain of hashes, everything before it, so only a damaged signature of an older entry would go unseen.
	Full bool
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
	return walk(ctx, q, opts, true)
}

// Checks returns the cheap part of Verify for data.Check: bytes, hashes, links, numbers and the index of
// documents; no signature and no arithmetic.
func Checks() []data.Check {
	return []data.Check{{Name: "journal chain", Run: func(ctx context.Context, q data.Querier) ([]string, error) {
		if err := vacant(ctx, q); err == nil {
			return nil, nil
		}
		report, err := walk(ctx, q, VerifyOptions{}, false)
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

// walker is one verification: where it stands, and what it must remember of what it has passed.
type walker struct {
	q      data.Querier
	opts   VerifyOptions
	deep   bool // signatures and bodies too
	signed int64
	public *ecdsa.PublicKey
	report Report

	genesis Envelope
	rules   GenesisBody
	seq     int64 // of the last entry passed
	hash    [32]byte
	ts      time.Time
	day     string
	numbers map[count]int64
	index   []document // of the batch in hand
	docs    int64
	anchors []Anchor
	ledger  ledger
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

func walk(ctx context.Context, q data.Querier, opts VerifyOptions, deep bool) (Report, error) {
	w := &walker{q: q, opts: opts, deep: deep, seq: -1, numbers: map[count]int64{},
		ledger: ledger{left: map[int64]*leftover{}, undone: map[int64]bool{}}}
	w.report.Anomalies, w.report.Warnings = []Anomaly{}, []string{}
	w.anchors = append(w.anchors, opts.Anchors...)
	if opts.Head != nil {
		w.anchors = append(w.anchors, *opts.Head)
	}
	if deep && len(w.anchors) == 0 {
		w.report.Warnings = append(w.report.Warnings, "no head file or anchor: a cut of the journal's tail cannot be seen")
	}
	if err := w.begin(ctx); err != nil {
		return w.report, err
	}
	for from := int64(0); ; {
		rows, err := readRows(ctx, q, from, batchSize)
		if err != nil {
			return w.report, err
		}
		if len(rows) == 0 {
			break
		}
		for _, it := range w.examine(rows) {
			if err := w.pass(ctx, it); err != nil {
				return w.report, err
			}
		}
		if err := w.compareIndex(ctx); err != nil {
			return w.report, err
		}
		from = rows[len(rows)-1].seq + 1
	}
	err := w.end(ctx)
	return w.report, err
}

// begin reads what every entry is held against: the genesis.
func (w *walker) begin(ctx context.Context) error {
	var newest int64
	if err := w.q.QueryRow(ctx, `SELECT coalesce(max(seq), -1) FROM journal`).Scan(&newest); err != nil {
		return fmt.Errorf("newest entry: %w", err)
	}
	if !w.opts.Full {
		w.signed = max(0, newest+1-recentSignatures)
	}
	b, env, err := readGenesis(ctx, w.q)
	if err != nil && (newest < 0 && len(w.anchors) == 0 || ctx.Err() != nil) {
		return err
	}
	if err != nil {
		w.report.add(0, CheckEnvelope, "no genesis can be read: %v", err)
	}
	w.rules, w.genesis, w.report.Journal = b, env, env.Journal
	if w.public, err = decodePublic(b.PublicKey); err != nil {
		w.report.add(0, CheckSignature, "no key in the genesis: %v", err)
	}
	if w.opts.PublicKey != nil && !w.opts.PublicKey.Equal(w.public) {
		w.report.add(0, CheckSignature, "the key in the genesis is not the expected one")
	}
	return nil
}

// item is one row after the checks that need nothing but the row.
type item struct {
	row
	digest [32]byte // computed, not the stored one
	env    Envelope
	body   any // *GenesisBody and so on; nil when it cannot be read
	flaws  []Anomaly
	signed bool // its signature was checked
	broken bool // the envelope cannot be read
}

// examine checks each row by itself, in ranges spread over the processors.
func (w *walker) examine(rows []row) []item {
	items := make([]item, len(rows))
	workers := min(runtime.GOMAXPROCS(0), len(rows))
	var group sync.WaitGroup
	for k := range workers {
		group.Go(func() {
			for i := k * len(rows) / workers; i < (k+1)*len(rows)/workers; i++ {
				items[i] = w.look(rows[i])
			}
		})
	}
	group.Wait()
	return items
}

func (w *walker) look(r row) item {
	it := item{row: r, digest: HashOf(r.canon)}
	flaw := func(check, format string, args ...any) {
		it.flaws = append(it.flaws, Anomaly{r.seq, check, fmt.Sprintf(format, args...)})
	}
	if !IsCanonical(r.canon) {
		flaw(CheckCanonical, "the bytes are not canonical JSON")
	}
	if string(it.digest[:]) != string(r.hash) {
		flaw(CheckHash, "the bytes do not have the stored hash")
	}
	if w.deep && r.seq >= w.signed {
		it.signed = true
		if !Signed(w.public, it.digest, r.sig) {
			flaw(CheckSignature, "not signed by the key of the genesis")
		}
	}
	env, body, err := parse(r.canon)
	if err == nil {
		err = complete(r.canon)
	}
	if err != nil {
		flaw(CheckCanonical, "not an entry: %v", err)
		it.broken = true
		return it
	}
	it.env = env
	if !w.deep {
		return it
	}
	if it.body, err = readBody(env.Kind, body); err != nil {
		flaw(CheckCanonical, "%v", err)
	}
	return it
}

// warningLimit bounds the warnings of one report.
const warningLimit = 100

// warn repeats, at every verification, what the till itself saw and could not explain: whoever puts an older file
// back and lets the head file go leaves such an entry behind.
func (r *Report) warn(seq int64, b *EventBody) {
	if len(r.Warnings) < warningLimit {
		r.Warnings = append(r.Warnings, fmt.Sprintf("entry %d: the till recorded %s %v", seq, b.Code, b.Data["what"]))
	}
}

// end checks what can only be known after the last entry.
func (w *walker) end(ctx context.Context) error {
	var rows int64
	if err := w.q.QueryRow(ctx, `SELECT count(*) FROM documents`).Scan(&rows); err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	if rows != w.docs {
		w.report.add(w.seq, CheckDocuments, "the index has %d numbers, the journal %d", rows, w.docs)
	}
	for _, a := range w.anchors { // those met on the way have been taken out
		w.report.add(a.Seq, CheckAnchor, "the journal ends at %d, but entry %d (%s) was seen outside", w.seq, a.Seq, short(a.Hash))
	}
	r := &w.report
	r.Seq, r.Hash = w.seq, hexHash(w.hash)
	r.Conform = len(r.Anomalies) == 0
	return nil
}
