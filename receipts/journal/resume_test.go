package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// house is a till whose files are put back and taken away while it is switched off.
type house struct {
	*cafe
	headDir string
	maxLeap int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{cafe: &cafe{tb: t, dir: t.TempDir(), clock: datatest.NewClock()}, maxLeap: 45}
	h.start()
	if err := journal.Found(t.Context(), h.db, h.config(), identity()); err != nil {
		t.Fatal(err)
	}
	h.mustOpen()
	t.Cleanup(func() {
		if h.j != nil {
			h.off()
		}
	})
	return h
}

func (h *house) config() journal.Config {
	c := h.cafe.config()
	c.HeadDir = h.headDir
	return c
}

// start opens the database, as a machine that is switched on does.
func (h *house) start() {
	h.tb.Helper()
	var err error
	h.db, err = data.Open(context.Background(), data.Options{Dir: h.dir, Clock: h.clock, MaxLeap: h.maxLeap})
	if err != nil {
		h.tb.Fatal(err)
	}
	h.db.RegisterCheck(journal.Checks()...)
}

func (h *house) mustOpen() {
	h.tb.Helper()
	var err error
	if h.j, err = journal.Open(context.Background(), h.db, h.config()); err != nil {
		h.tb.Fatalf("open: %v", err)
	}
}

// off audits and switches the till off; its journal need not be open.
func (h *house) off() {
	h.tb.Helper()
	if h.j != nil {
		h.close()
		h.j = nil
	}
	datatest.Audit(h.tb, h.db)
	if err := h.db.Close(); err != nil {
		h.tb.Error(err)
	}
}

// on switches it on again and expects Open to say code, "" that it opens; it returns what was found.
func (h *house) on(code string) (found map[string]any) {
	h.tb.Helper()
	h.start()
	j, err := journal.Open(context.Background(), h.db, h.config())
	if fault.CodeOf(err) != code {
		h.tb.Fatalf("open: %v, want %q", err, code)
	}
	h.j = j
	if f, ok := fault.As(err); ok {
		return f.Args
	}
	return nil
}

func (h *house) sell(n int) (e journal.Entry) {
	h.tb.Helper()
	for range n {
		e = h.append(sale(line("cafe", "Café", 1, 180, 1000)))
	}
	return e
}

// keep copies files of the data directory, and returns what puts them back.
func (h *house) keep(names ...string) (putBack func()) {
	h.tb.Helper()
	kept := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(h.dir, name))
		if err != nil {
			h.tb.Fatal(err)
		}
		kept[name] = b
	}
	return func() {
		h.tb.Helper()
		for name, b := range kept {
			if err := os.WriteFile(filepath.Join(h.dir, name), b, 0o600); err != nil {
				h.tb.Fatal(err)
			}
		}
	}
}

func (h *house) resume(reason string) {
	h.tb.Helper()
	if err := journal.Resume(context.Background(), h.db, h.config(), journal.ResumeRequest{Op: "mag", Reason: reason}); err != nil {
		h.tb.Fatalf("resume: %v", err)
	}
}

func (h *house) lastResume() (b journal.ResumeBody) {
	h.tb.Helper()
	for _, e := range h.entries() {
		if e.Kind == journal.KindResume {
			if err := e.Decode(&b); err != nil {
				h.tb.Fatal(err)
			}
		}
	}
	return b
}

// verifyAll verifies both ways with the head file and more anchors.
func (h *house) verifyAll(anchors ...journal.Anchor) journal.Report {
	h.tb.Helper()
	head, err := journal.ReadHead(h.dir)
	if err != nil {
		h.tb.Fatal(err)
	}
	short := h.verifyWith(journal.VerifyOptions{Head: &head, Anchors: anchors})
	full := h.verifyWith(journal.VerifyOptions{Full: true, Head: &head, Anchors: anchors})
	if short.Conform != full.Conform || !slices.Equal(short.Warnings, full.Warnings) {
		h.tb.Errorf("default %+v\nfull %+v", short, full)
	}
	return full
}

func anchorOf(e journal.Entry) journal.Anchor {
	env, _ := e.Envelope()
	return journal.Anchor{Journal: env.Journal, Seq: e.Seq, Hash: e.Hash, At: e.At}
}

func TestR28YesterdaysFileIsResumedAboveTheNumbersThatWereSeen(t *testing.T) {
	h := newHouse(t)
	h.sell(3)
	h.off()
	putBack := h.keep("till.db")
	h.on("")
	h.clock.Advance(time.Hour)
	first := h.sell(1)
	last := h.sell(4)
	h.off()
	putBack()
	if f := h.on("journal.rollback"); f["cause"] != journal.ResumeBehind || f["seq"] != int64(3) || f["anchor_seq"] != int64(8) {
		t.Errorf("found %v", f)
	}
	h.resume("the disk was replaced")
	h.off()
	h.on("")
	if e := h.sell(1); e.Number != "T26-000009" { // 3 + 5 lost, and the next
		t.Errorf("number %s", e.Number)
	}
	h.append(redeem("coffee", journal.OriginHouse))
	if e, err := journal.ByNumber(t.Context(), h.db.Reader(), "R26-000006"); err != nil || e.Kind != journal.KindSuspRedeem {
		t.Errorf("a series that had no number yet: %+v (%v)", e, err)
	}
	b := h.lastResume()
	if b.Lost != 5 || b.Cause != journal.ResumeBehind || !slices.Contains(b.Numbers, "T26-000008") || len(b.Numbers) != 10 {
		t.Errorf("%+v", b)
	}
	h.off()
	h.on("")
	r := h.verifyAll()
	if !r.Conform || len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "entry 4: mag went on") {
		t.Errorf("report %+v", r)
	}
	for _, seen := range []journal.Entry{first, last} {
		if r := h.verifyAll(anchorOf(seen)); !r.Conform || len(r.Warnings) != 3 {
			t.Errorf("a receipt of the lost day: %+v", r)
		}
	}
	never := anchorOf(last)
	never.Seq, never.Hash = 9, [32]byte{1}
	if r := h.verifyAll(never); r.Conform {
		t.Error("an anchor outside the lost range is explained")
	}
	if unseen, err := journal.Unseen(t.Context(), h.db.Reader()); err != nil || len(unseen) != 1 || unseen[0].Code != journal.EventRollbackDetected {
		t.Errorf("unseen %v (%v)", unseen, err)
	}
}

func TestAResumeKilledBeforeTheHeadFileIsTakenForWhatItIs(t *testing.T) {
	h := newHouse(t)
	h.sell(2)
	h.off()
	putBack := h.keep("till.db")
	h.on("")
	h.sell(5)
	h.off()
	putBack()
	h.start()
	oldHead := h.keep("head")
	h.resume("put back")
	oldHead() // killed between the commit and the head file
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	h.on("")
	if err := journal.Resume(t.Context(), h.db, h.config(), journal.ResumeRequest{Op: "mag", Reason: "again"}); fault.CodeOf(err) != "journal.resume_none" {
		t.Errorf("a second resume: %v", err)
	}
	h.sell(1)
}

func TestADatabaseThatWentAnotherWayIsResumedAsDiffering(t *testing.T) {
	h := newHouse(t)
	h.sell(2)
	h.off()
	putBack := h.keep("till.db", "head")
	h.on("")
	h.sell(2)
	h.off()
	seen := h.keep("head")
	putBack()
	h.on("")
	h.clock.Advance(time.Minute)
	h.sell(4)
	h.off()
	seen()
	if f := h.on("journal.rollback"); f["cause"] != journal.ResumeDiffers {
		t.Errorf("found %v", f)
	}
	h.resume("two tills had the same files")
	h.off()
	h.on("")
	if b := h.lastResume(); b.Cause != journal.ResumeDiffers || b.Lost != 0 || len(b.Numbers) != 0 {
		t.Errorf("%+v", b)
	}
	h.sell(1)
	if r := h.verifyAll(); !r.Conform || len(r.Warnings) != 2 {
		t.Errorf("%+v", r)
	}
}

func TestAForeignHeadIsResumedAsForeign(t *testing.T) {
	h, other := newHouse(t), newHouse(t)
	h.off()
	other.off()
	text, err := os.ReadFile(filepath.Join(other.dir, "head"))
	if err := errors.Join(err, os.WriteFile(filepath.Join(h.dir, "head"), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	if f := h.on("journal.rollback"); f["cause"] != journal.ResumeForeign {
		t.Errorf("found %v", f)
	}
	h.resume("a file copied by mistake")
	h.off()
	h.on("")
	if r := h.verifyAll(); !r.Conform || len(r.Warnings) != 2 {
		t.Errorf("%+v", r)
	}
	other.on("")
}

func TestASecondHeadSeesTheWholeFolderPutBack(t *testing.T) {
	h := newHouse(t)
	h.headDir = t.TempDir()
	h.off()
	h.on("")
	h.sell(2)
	h.off()
	putBack := h.keep("till.db", "head")
	h.on("")
	h.sell(3)
	h.off()
	putBack()
	if f := h.on("journal.rollback"); f["cause"] != journal.ResumeBehind || f["anchor_seq"] != int64(5) {
		t.Errorf("found %v", f)
	}
	h.resume("the folder was restored")
	h.off()
	stick := h.headDir
	h.headDir = filepath.Join(stick, "unplugged")
	h.on("")
	h.sell(1)
	if err := h.db.Write(t.Context(), func(context.Context, *data.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	h.off() // a stick that is not there is no error
	if _, err := os.Stat(h.headDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made where a stick was missing: %v", err)
	}
	h.headDir = stick // it was away for a day, and remembers an entry of before
	h.on("")
}

// A network share whose machine is gone answers nothing: the till opens as where the stick is missing, and says so.
func TestASecondHeadThatDoesNotAnswerStopsNoOpening(t *testing.T) {
	h := newHouse(t)
	h.sell(1)
	seq, _ := h.j.Head()
	id := h.j.Anchor().Journal
	h.off()
	h.headDir = t.TempDir()
	pipe := filepath.Join(h.headDir, journal.SecondHeadName(id)) // opening it comes back when somebody writes
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if f, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil {
			_ = f.Close()
		}
	})
	opened := make(chan struct{})
	go func() { defer close(opened); h.on("") }()
	select {
	case <-opened:
	case <-time.After(30 * time.Second):
		t.Fatal("the opening waits for the second head")
	}
	if now, _ := h.j.Head(); now < seq || h.j.SecondHead() == nil {
		t.Errorf("at entry %d, and the second head is told to be well", now)
	}
}

func TestNumbersAreLeftOutInTheYearsInWhichTheyMayHaveBeenGiven(t *testing.T) {
	h := newHouse(t)
	h.clock.Set(time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC))
	h.sell(2)
	h.off()
	putBack := h.keep("till.db")
	h.on("")
	h.sell(3)
	h.off()
	putBack()
	h.on("journal.rollback")
	h.resume("the disk")
	if b := h.lastResume(); len(b.Numbers) != 20 || !slices.Contains(b.Numbers, "T26-000005") || !slices.Contains(b.Numbers, "T27-000003") {
		t.Errorf("%v", b.Numbers)
	}
	h.off()
	h.on("")
	if e := h.sell(1); e.Number != "T26-000006" {
		t.Errorf("this year: %s", e.Number)
	}
	h.off()
	h.clock.Advance(24 * time.Hour)
	h.on("")
	if e := h.sell(2); e.Number != "T27-000005" {
		t.Errorf("next year: %s", e.Number)
	}
	if r := h.verifyAll(); !r.Conform {
		t.Errorf("%+v", r)
	}
}

func TestAClockTenYearsAheadWaitsForAManager(t *testing.T) {
	h := newHouse(t)
	recorded := func() error {
		return h.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
			if _, err := h.j.Append(ctx, tx, sale(line("cafe", "Café", 1, 180, 1000))); err != nil {
				return err
			}
			return tx.Record(data.Event{Type: "sale.paid", Body: map[string]any{}})
		})
	}
	if err := recorded(); err != nil {
		t.Fatal(err)
	}
	now := h.clock.Now()
	h.clock.Jump(10 * 365 * 24 * time.Hour)
	if err := recorded(); fault.CodeOf(err) != "clock.ahead" {
		t.Fatalf("ten years ahead: %v", err)
	}
	h.clock.Set(now)
	if err := recorded(); err != nil {
		t.Fatalf("the clock is right again: %v", err)
	}
	h.off()
	h.clock.Set(now.Add(60 * 24 * time.Hour))
	if f := h.on("clock.ahead"); f["open"] != "2026-11-21" || f["day"] != "2027-01-20" || f["days"] != 60 {
		t.Errorf("args %v", f)
	}
	h.resume("closed for the winter")
	h.off()
	h.on("")
	if err := recorded(); err != nil {
		t.Fatal(err)
	}
	if r := h.verifyAll(); !r.Conform || len(r.Warnings) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestR31AClockSetForwardIsAnAnomalyOnce(t *testing.T) {
	c := found(t)
	c.append(event(journal.EventLogin))
	c.clock.Advance(8 * time.Hour) // time passes: nothing strange
	c.append(event(journal.EventLogin))
	c.clock.Jump(4 * time.Minute) // a small correction
	c.append(event(journal.EventLogin))
	c.clock.Jump(time.Hour)
	e := c.append(event(journal.EventLogin), event(journal.EventLogin))
	var found []string
	for _, e := range c.entries() {
		var b journal.EventBody
		if e.Kind == journal.KindEvent && e.Decode(&b) == nil && b.Code == journal.EventClockAnomaly {
			found = append(found, fmt.Sprintf("%d %v", e.Seq, b.Data["forward_ms"]))
		}
	}
	if want := []string{fmt.Sprintf("%d 3.6e+06", e.Seq-2)}; !slices.Equal(found, want) {
		t.Errorf("anomalies %v, want %v", found, want)
	}
	c.close()
	c.open()
	c.mustConform()
}

// TestEveryBreachOfAResumeIsFound alters, with the key in hand, the RESUME (4) of: 0 genesis, 1–3 sales, 4 RESUME with 5
// lost, 5 its event, 6 sale T26-000009.
func TestEveryBreachOfAResumeIsFound(t *testing.T) {
	body := func(key string, value any) func(map[string]any) { return set(value, "body", key) }
	for name, m := range map[string]struct {
		mutate func(map[string]any)
		want   string
	}{
		"more lost than seen":         {body("lost", 6), "4 resume"},
		"no reason":                   {body("reason", ""), "4 resume"},
		"nobody resumed":              {set("sys", "op"), "4 resume"},
		"another cause":               {body("cause", "differs"), "4 resume"},
		"an unknown cause":            {body("cause", "whim"), "4 resume"},
		"another head":                {body("head", map[string]any{"hash": strings.Repeat("0", 64), "seq": 3}), "4 resume"},
		"more numbers than lost":      {body("numbers", []any{"T26-000009"}), "4 resume"},
		"numbers that were given":     {body("numbers", []any{"T26-000003"}), "4 resume"},
		"a gap that is not declared":  {body("numbers", []any{}), "6 series"},
		"numbers out of order":        {body("numbers", []any{"T26-000008", "A26-000005"}), "4 resume"},
		"a foreign anchor of its own": {body("cause", "foreign"), "4 resume"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sell(3)
			h.off()
			putBack := h.keep("till.db")
			h.on("")
			h.sell(5)
			h.off()
			putBack()
			h.on("journal.rollback")
			h.resume("the disk")
			h.mustOpen()
			h.sell(1)
			h.close()
			h.j = nil
			exec(t, h.db, unlock...)
			before := h.entries()
			h.resign(4, func(seq int64, f map[string]any) {
				if seq == 4 {
					m.mutate(f)
				}
			})
			if found := h.flawsOf(h.verifyWith(journal.VerifyOptions{Full: true})); !slices.Contains(found, m.want) {
				t.Errorf("found %v, want %s", found, m.want)
			}
			for _, e := range before {
				h.store(e)
			}
		})
	}
}

func TestAnchorsAreReadInTheirThreeForms(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	for text, want := range map[string]string{
		`{"journal":"j","seq":7,"hash":"` + hash + `","at":"2026-11-21T08:00:00.000Z"}`: "j 7",
		`{"seq":7,"hash":"` + hash + `"}`:                                               " 7",
		" CZ1 j 7 " + hash + " Z26-000004\n":                                            "j 7",
		`{"hash":"` + hash + `"}`:                                                       "",
		`{"seq":-1,"hash":"` + hash + `"}`:                                              "",
		`{"seq":7,"hash":"` + hash[2:] + `"}`:                                           "",
		"CZ1 j 7 " + hash:                                                               "",
		"CZ2 j 7 " + hash + " Z26-000004":                                               "",
		"":                                                                              "",
	} {
		a, err := journal.ParseAnchor(text)
		got := ""
		if err == nil {
			got = fmt.Sprintf("%s %d", a.Journal, a.Seq)
		}
		if got != want || (err != nil && fault.CodeOf(err) != "journal.anchor") {
			t.Errorf("%q: %q (%v), want %q", text, got, err, want)
		}
	}
}

// A head file that somebody wrote burns no numbers: what no till can have reached is refused, and taken away by hand.
func TestAHeadThatNoTillCanHaveReachedBurnsNoNumbers(t *testing.T) {
	for _, seq := range []int64{3 + journal.MaxLost + 10, 1 << 53, math.MaxInt64} {
		h := newHouse(t)
		h.sell(3)
		a := h.j.Anchor()
		h.off()
		genuine := h.keep("head")
		crafted := a
		crafted.Seq = seq
		text, err := crafted.Text()
		if err := errors.Join(err, os.WriteFile(filepath.Join(h.dir, "head"), text, 0o600)); err != nil {
			t.Fatal(err)
		}
		h.on("journal.rollback")
		err = journal.Resume(t.Context(), h.db, h.config(), journal.ResumeRequest{Op: "mag", Reason: "I believe it"})
		if fault.CodeOf(err) != "journal.anchor_far" {
			t.Errorf("%d: %v", seq, err)
		}
		h.off()
		genuine()
		h.on("")
		if e := h.sell(1); e.Number != "T26-000004" {
			t.Errorf("%d: number %s", seq, e.Number)
		}
		err = journal.Resume(t.Context(), h.db, h.config(), journal.ResumeRequest{Op: "mag", Reason: "typed", Anchor: &crafted})
		if fault.CodeOf(err) != "journal.anchor_far" {
			t.Errorf("%d, given by hand: %v", seq, err)
		}
	}
}
