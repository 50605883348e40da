package journal

import (
	"context"
	"crypto/ecdsa"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
)

// turns is what a verification knows of keys, resumptions and anchors.
type turns struct {
	// By the derived tables: no more than a hint of which key to try, and which entries to examine, before the walk is there.
	hinted []Key
	marked map[int64]bool

	keys    []Key // by the entries; the first is that of the genesis
	marks   []Mark
	skipped []skippedNumber
	resumes []resumption
	unmet   []Anchor // that the journal does not have
	due     Code     // of the EVENT that must come after a KEY_ROTATE; "" when none is due
}

type resumption struct {
	seq  int64
	at   time.Time
	body *ResumeBody
}

type skippedNumber struct {
	seq, n int64
	series Series
	year   int
}

// hint reads the derived tables. What cannot be read there is found when they are compared at the end.
func (w *walker) hint(ctx context.Context, genesis Key) error {
	t := &w.turns
	t.keys, t.hinted, t.marked = []Key{genesis}, []Key{genesis}, map[int64]bool{}
	rotations, err := data.All(ctx, w.q, scanRow, `SELECT j.seq, j.canon, j.hash, j.sig FROM journal_keys AS k JOIN journal AS j ON j.seq = k.seq ORDER BY k.seq LIMIT -1`)
	if err != nil {
		return fmt.Errorf("read keys: %w", err)
	}
	for _, r := range rotations {
		t.marked[r.seq], t.marked[r.seq+1] = true, true
		if k, err := r.rotation(); err == nil {
			t.hinted = append(t.hinted, k)
		}
	}
	marks, err := Marks(ctx, w.q)
	if err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	for _, m := range marks {
		t.marked[m.Seq] = true
	}
	return nil
}

// hintFor returns the key that the tables say is in force at seq.
func (t *turns) hintFor(seq int64) *ecdsa.PublicKey {
	for _, k := range slices.Backward(t.hinted) {
		if k.From() <= seq {
			return k.public
		}
	}
	return nil
}

// keyOf returns the key in force at an entry, by the entries before it: the last one, or, for a KEY_ROTATE of a lost key,
// the one that it carries.
func (w *walker) keyOf(it *item) Key {
	if b, ok := it.env.Body.(*KeyRotateBody); ok && b.Lost && !it.linked {
		k := Key{ID: b.ID, Public: b.PublicKey, Seq: it.seq, Lost: true}
		k.public, _ = decodePublic(b.PublicKey) // without one, nothing is signed by it
		return k
	}
	return w.turns.keys[len(w.turns.keys)-1]
}

// judge decides on the signature of an entry. It was tried with the key that the tables hinted at; the entries decide
// which one it has to be.
func (w *walker) judge(it *item) {
	if !it.signed {
		return
	}
	k := w.keyOf(it)
	if k.public == nil || it.by == nil || !k.public.Equal(it.by) {
		it.forged = !Signed(k.public, it.digest, it.sig)
	}
	if it.forged {
		w.report.add(it.seq, CheckSignature, "not signed by the key in force, %s", k.ID)
	}
}

// meet compares the entry with the heads seen outside at its seq.
func (w *walker) meet(it *item) {
	w.anchors = slices.DeleteFunc(w.anchors, func(a Anchor) bool {
		if a.Seq != it.seq {
			return false
		}
		if a.Hash != it.digest || a.Journal != w.genesis.Journal {
			w.turns.unmet = append(w.turns.unmet, a)
		}
		return true
	})
}

// succeed follows the keys and the resumptions, and keeps what the tables are held against.
func (w *walker) succeed(ctx context.Context, it *item) {
	t := &w.turns
	if it.linked && t.due != "" {
		w.reread(it) // the tables do not lead here
	}
	if it.linked || it.broken {
		w.overdue(it)
		return
	}
	switch b := it.env.Body.(type) {
	case *EventBody:
		w.overdue(it)
		if b.Code.isMarked() {
			t.marks = append(t.marks, Mark{it.seq, b.Code})
		}
		if b.Code.isAlert() {
			what := b.Data["what"]
			if b.Code == EventKeyLost {
				what = b.Data["previous"]
			}
			w.warn("entry %d: the till recorded %s %v", it.seq, b.Code, what)
		}
	case *KeyRotateBody:
		w.overdue(it)
		w.rotated(ctx, it, b)
	case *ResumeBody:
		w.overdue(it)
		w.resumed(ctx, it, b)
	default:
		w.overdue(it)
	}
}

// reread examines an entry whole that was only linked.
func (w *walker) reread(it *item) {
	env, _, err := parse(it.canon)
	if err != nil {
		return
	}
	it.env, it.linked, it.signed = env, false, true
	w.judge(it)
}

// overdue checks that the entry after a KEY_ROTATE is the EVENT that the new key signs.
func (w *walker) overdue(it *item) {
	want := w.turns.due
	if want == "" {
		return
	}
	w.turns.due = ""
	if b, ok := it.env.Body.(*EventBody); !ok || b.Code != want {
		w.report.add(it.seq, CheckKeys, "a %s came before; here must stand the EVENT %s, signed by the new key", KindKeyRotate, want)
	}
}

func (w *walker) rotated(ctx context.Context, it *item, b *KeyRotateBody) {
	t := &w.turns
	if breach := checkRotate(b); breach != "" {
		w.report.add(it.seq, CheckKeys, "%s", breach)
	}
	k := Key{ID: b.ID, Public: b.PublicKey, Seq: it.seq, Lost: b.Lost}
	k.public, _ = decodePublic(b.PublicKey) // reported by checkRotate
	last := t.keys[len(t.keys)-1]
	if keyNumber(k.ID) <= keyNumber(last.ID) || slices.ContainsFunc(t.keys, func(o Key) bool { return o.Public == k.Public }) {
		w.report.add(it.seq, CheckKeys, "%s is not a new key after %s", k.ID, last.ID)
	}
	t.due = EventKeyRotate
	if b.Lost {
		t.due = EventKeyLost
		w.lost(ctx, it, b)
	}
	t.keys = append(t.keys, k)
}

// lost warns, at every verification, of a key that nothing in the chain vouches for.
func (w *walker) lost(ctx context.Context, it *item, b *KeyRotateBody) {
	if b.Anchor == nil {
		w.warn("entry %d: the signing key was lost and replaced by %s, and no head was seen outside: nothing tells how much is missing before", it.seq, b.ID)
		return
	}
	w.warn("entry %d: the signing key was lost and replaced by %s; entry %d had been seen outside", it.seq, b.ID, b.Anchor.Seq)
	if hash, err := w.hashAt(ctx, b.Anchor.Seq); b.Anchor.Seq >= it.seq || err != nil || hash != b.Anchor.Hash {
		w.report.add(it.seq, CheckKeys, "the anchor of the lost key, entry %d, is not in the journal", b.Anchor.Seq)
	}
}

func (w *walker) resumed(ctx context.Context, it *item, b *ResumeBody) {
	t := &w.turns
	if breach := checkResume(b, w.genesis.Journal); breach != "" {
		w.report.add(it.seq, CheckResume, "%s", breach)
	}
	if it.env.Op == systemOp {
		w.report.add(it.seq, CheckResume, "no manager resumed")
	}
	if b.Head.Seq != it.seq-1 || b.Head.Hash != it.env.Prev {
		w.report.add(it.seq, CheckResume, "the head it names is not the entry before it")
	}
	if b.Cause == ResumeDiffers && b.Anchor != nil {
		if hash, err := w.hashAt(ctx, b.Anchor.Seq); err != nil || hash == b.Anchor.Hash {
			w.report.add(it.seq, CheckResume, "the entry at its anchor, %d, does not differ", b.Anchor.Seq)
		}
	}
	for _, text := range b.Numbers {
		w.leftOut(it, b, text)
	}
	at, _ := time.Parse(stampLayout, it.env.TS) // clock reports it
	t.resumes = append(t.resumes, resumption{it.seq, at, b})
	t.marks = append(t.marks, Mark{it.seq, markResume})
	if b.Cause != ResumeClock {
		w.warn("entry %d: %s went on with a database that was not the one last seen (%s, %d entries lost): %s", it.seq, it.env.Op, b.Cause, b.Lost, b.Reason)
	}
}

// leftOut moves a series on: no further than the entries that are gone could have.
func (w *walker) leftOut(it *item, b *ResumeBody, text string) {
	series, year, n, err := parseNumber(text)
	if err != nil {
		w.report.add(it.seq, CheckResume, "left out: %v", err)
		return
	}
	w.turns.skipped = append(w.turns.skipped, skippedNumber{it.seq, n, series, year})
	if w.scope == seals {
		return // it does not count numbers
	}
	c := count{series, year}
	if last := w.numbers[c]; n <= last || n > last+b.Lost {
		w.report.add(it.seq, CheckResume, "numbers up to %s are left out after %d, and %d entries were lost", text, last, b.Lost)
	}
	w.numbers[c] = n
}

// hashAt returns the stored hash of an entry, "" when there is none.
func (w *walker) hashAt(ctx context.Context, seq int64) (string, error) {
	var hash []byte
	err := w.q.QueryRow(ctx, `SELECT hash FROM journal WHERE seq = ?`, seq).Scan(&hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	return hex.EncodeToString(hash), nil
}

// warningLimit bounds the warnings of one report.
const warningLimit = 100

// warn says, at every verification, what the till itself saw and could not explain: whoever puts an older file back and
// lets the head file go leaves such an entry behind.
func (w *walker) warn(format string, args ...any) {
	if w.scope != numbered && len(w.report.Warnings) < warningLimit {
		w.report.Warnings = append(w.report.Warnings, fmt.Sprintf(format, args...))
	}
}

// endTurns checks what only the end can tell: an anchor is of what a RESUME declares lost, or an anomaly; and the tables
// say what the entries say.
func (w *walker) endTurns(ctx context.Context) error {
	t := &w.turns
	if t.due != "" {
		w.report.add(w.seq, CheckKeys, "the journal ends with a %s: the EVENT %s after it is missing", KindKeyRotate, t.due)
	}
	for _, a := range append(t.unmet, w.anchors...) { // those met on the way have been taken out
		w.explain(a)
	}
	var keys []Key
	for _, k := range t.keys[1:] {
		keys = append(keys, Key{ID: k.ID, Public: k.Public, Seq: k.Seq})
	}
	if err := compareTable(ctx, w, "journal_keys", keys, func(r *data.Rows) (k Key, err error) {
		err = r.Scan(&k.Seq, &k.ID, &k.Public)
		return k, err
	}, `SELECT seq, id, public FROM journal_keys ORDER BY seq LIMIT -1`, func(k Key) int64 { return k.Seq }); err != nil {
		return err
	}
	if err := compareTable(ctx, w, "journal_marks", t.marks, func(r *data.Rows) (m Mark, err error) {
		err = r.Scan(&m.Seq, &m.Code)
		return m, err
	}, `SELECT seq, code FROM journal_marks ORDER BY seq LIMIT -1`, func(m Mark) int64 { return m.Seq }); err != nil {
		return err
	}
	return compareTable(ctx, w, "journal_skipped", t.skipped, func(r *data.Rows) (s skippedNumber, err error) {
		err = r.Scan(&s.seq, &s.series, &s.year, &s.n)
		return s, err
	}, `SELECT seq, series, year, n FROM journal_skipped ORDER BY seq, series, year LIMIT -1`, func(s skippedNumber) int64 { return s.seq })
}

// explain says of an anchor that the journal does not have whether a RESUME declares it.
func (w *walker) explain(a Anchor) {
	for _, r := range w.turns.resumes {
		if r.body.declares(w.genesis.Journal, r.at, a) {
			w.warn("entry %d (%s) was seen outside and is not in the journal: entry %d declares it lost", a.Seq, short(a.Hash), r.seq)
			return
		}
	}
	switch {
	case a.Journal != w.genesis.Journal:
		w.report.add(a.Seq, CheckAnchor, "the anchor is of journal %s", a.Journal)
	case a.Seq > w.seq:
		w.report.add(a.Seq, CheckAnchor, "the journal ends at %d, but entry %d (%s) was seen outside", w.seq, a.Seq, short(a.Hash))
	default:
		w.report.add(a.Seq, CheckAnchor, "another entry (%s) was seen outside", short(a.Hash))
	}
}

// compareTable holds a derived table against what the entries say, whatever the order of its rows.
func compareTable[T comparable](ctx context.Context, w *walker, table string, want []T, scan func(*data.Rows) (T, error), query string, seq func(T) int64) error {
	rows, err := data.All(ctx, w.q, scan, query)
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	for _, row := range rows {
		if !slices.Contains(want, row) {
			w.report.add(seq(row), CheckDocuments, "%s has a row that no entry says", table)
		}
	}
	for _, entry := range want {
		if !slices.Contains(rows, entry) {
			w.report.add(seq(entry), CheckDocuments, "%s does not lead here", table)
		}
	}
	return nil
}
