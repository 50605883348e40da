package main

// A journal of every kind, written by the real core, for the tests that hold both verifiers against it.

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// journaled is a journal without a till around it, in a directory of its own.
type journaled struct {
	tb    testing.TB
	dir   string
	clock *datatest.Clock
	db    *data.DB
	j     *journal.Journal
}

func (c *journaled) config() journal.Config {
	return journal.Config{Dir: c.dir, Software: "comptoir/1.0.0+test"}
}

// openFile opens the database of a directory, its audit left out: the journal may be a broken one.
func openFile(tb testing.TB, dir string, clock data.Clock) *data.DB {
	tb.Helper()
	db, err := data.Open(tb.Context(), data.Options{Dir: dir, Clock: clock})
	if err != nil {
		tb.Fatalf("open %s: %v", dir, err)
	}
	return db
}

func foundJournal(tb testing.TB) *journaled {
	tb.Helper()
	c := &journaled{tb: tb, dir: tb.TempDir(), clock: datatest.NewClock()}
	c.db = openFile(tb, c.dir, c.clock)
	err := journal.Found(tb.Context(), c.db, c.config(), journal.Identity{Name: "Café du Comptoir", LegalName: "Le Comptoir SAS",
		Address: "1 place du Marché, 33000 Bordeaux", SIRET: "12345678900012", VATNumber: "FR00123456789", NAF: "5630Z", VATRegime: "normal_monthly"})
	if err != nil {
		tb.Fatalf("found: %v", err)
	}
	c.reopen()
	return c
}

// reopen opens the journal after what needs it closed.
func (c *journaled) reopen() {
	c.tb.Helper()
	if c.db == nil {
		c.db = openFile(c.tb, c.dir, c.clock)
	}
	var err error
	if c.j, err = journal.Open(context.Background(), c.db, c.config()); err != nil {
		c.tb.Fatalf("open journal: %v", err)
	}
}

// close leaves one file, without a log beside it.
func (c *journaled) close() {
	c.tb.Helper()
	var err error
	if c.j != nil {
		err = c.j.Close()
	}
	if err = errors.Join(err, c.db.Close()); err != nil {
		c.tb.Fatalf("close: %v", err)
	}
	c.db, c.j = nil, nil
}

func (c *journaled) append(drafts ...journal.Draft) (e journal.Entry) {
	c.tb.Helper()
	for _, d := range drafts {
		err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) (err error) {
			e, err = c.j.Append(ctx, tx, d)
			return errors.Join(err, tx.Record(data.Event{Type: "test"}))
		})
		if err != nil {
			c.tb.Fatalf("append %s: %v", d.Kind, err)
		}
	}
	return e
}

// end closes a day, a month or a year by hand.
func (c *journaled) end(closing func(context.Context, *data.Tx, string) (journal.Entry, bool, error)) (e journal.Entry) {
	c.tb.Helper()
	err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) (err error) {
		e, _, err = closing(ctx, tx, "zoe")
		return errors.Join(err, tx.Record(data.Event{Type: "test"}))
	})
	if err != nil {
		c.tb.Fatalf("close: %v", err)
	}
	return e
}

func soldLine(sku, label string, qty int64, price money.Cents, bp money.BasisPoints) journal.Line {
	return journal.Line{SKU: sku, Label: label, Cat: "carte", Qty: qty * 1000, Unit: "u", PU: price, BP: bp,
		TTC: price * money.Cents(qty), Nat: journal.Service, Mode: journal.EatIn, K: journal.LineSale}
}

func pledgedLine(class string, qty int64, price money.Cents) journal.Line {
	l := soldLine("susp-"+class, "Suspendu (offert à un prochain client)", qty, price, 1000)
	l.K, l.Class = journal.LineGift, class
	return l
}

// ticketOf is a ticket paid by card.
func ticketOf(lines ...journal.Line) journal.TicketBody {
	b := journal.TicketBody{Mode: journal.EatIn, Lines: lines}
	for i := range lines {
		lines[i].N = i + 1
	}
	b.Rates, b.Total = journal.Settle(b.Lines)
	if b.Total.TTC > 0 {
		b.Pay = []journal.Payment{{N: 1, Means: journal.ByCard, Amt: b.Total.TTC, Given: b.Total.TTC, Ref: "A0412"}}
	}
	return b
}

func saleOf(b journal.TicketBody) journal.Draft {
	return journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: b}
}

func coffees(n int64) journal.Draft { return saleOf(ticketOf(soldLine("cafe", "Café", n, 180, 1000))) }

func refOf(e journal.Entry) journal.Ref { return journal.Ref{Doc: e.Number, Seq: e.Seq} }

// refundOf takes one unit of each of some lines of a ticket that was not refunded yet.
func refundOf(e journal.Entry, b journal.TicketBody, lines ...int) journal.Draft {
	of, left := refOf(e), map[money.BasisPoints]money.Cents{}
	for _, r := range b.Rates {
		left[r.BP] = r.TTC
	}
	r := journal.TicketBody{Mode: b.Mode, Reason: "quality", Ref: &of}
	for _, n := range lines {
		l := b.Lines[n-1]
		l.RefN, l.N, l.Qty, l.TTC, l.Reason, l.Disc = n, len(r.Lines)+1, -1000, -l.PU, "quality", 0
		r.Lines = append(r.Lines, l)
	}
	r.Rates, r.Total = journal.SettleRefund(r.Lines, left)
	r.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: r.Total.TTC, Given: r.Total.TTC}}
	return journal.Draft{Kind: journal.KindRefund, Series: journal.SeriesRefund, Op: "ana", Body: journal.RefundBody(r)}
}

func servingOf(class, origin string) journal.Draft {
	return journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: "ana", Body: journal.RedeemBody{
		Class: class, Origin: origin, Label: "Café", SKU: "cafe", Qty: 1, Memo: 180, Mode: journal.EatIn}}
}

func cashOf(b journal.CashBody) journal.Draft {
	b.Shift = "shift-1"
	return journal.Draft{Kind: journal.KindCash, Op: "ana", Body: b}
}

func eventOf(code journal.Code) journal.Draft {
	return journal.Draft{Kind: journal.KindEvent, Op: "ana", Body: journal.EventBody{Code: code, Data: map[string]any{"screen": "till"}}}
}

// morning writes what a café does in a morning, and returns its first ticket. It is entry 3.
func (c *journaled) morning() journal.Entry {
	c.tb.Helper()
	c.append(eventOf(journal.EventAppStart), cashOf(journal.CashBody{Type: journal.CashFloat, Amount: 15000, Counted: 15000, Expected: 15000}))
	c.clock.Advance(90 * time.Second)
	body := ticketOf(soldLine("cafe", "Café \"allongé\"", 2, 180, 1000), soldLine("biere", "Bière pression", 1, 450, 2000), pledgedLine("coffee", 2, 150))
	first := c.append(saleOf(body))
	c.append(servingOf("coffee", "PAID"))
	c.append(journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "ana", Body: journal.NoteBody{
		Ticket: "open-7", Print: 1, Total: 1200, Rates: []journal.Rate{{BP: 1000, HT: 1091, VAT: 109, TTC: 1200}},
		Lines: []journal.NoteLine{{N: 1, SKU: "plat", Label: "Plat du jour", Qty: 1000, PU: 1200, TTC: 1200}}}},
		journal.Draft{Kind: journal.KindOrderMinus, Op: "ana", Body: journal.MinusBody{
			Ticket: "open-7", Line: 2, Label: "Crème brûlée", Qty: 1000, Amount: 550, Reason: "customer"}})
	note, err := journal.ByNumber(context.Background(), c.db.Reader(), "N26-000001")
	if err != nil {
		c.tb.Fatal(err)
	}
	paid := ticketOf(soldLine("plat", "Plat du jour", 1, 1200, 1000))
	paid.Notes = []journal.Ref{refOf(note)}
	paid.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: 1200, Given: 2000, Change: 800}}
	second := c.append(saleOf(paid))
	c.append(journal.Draft{Kind: journal.KindSuspRelease, Op: "ana", Body: journal.ReleaseBody{Class: "meal", Cause: "loyalty", Qty: 1, Ticket: second.Number}},
		refundOf(first, body, 1, 3))
	served := c.append(servingOf("meal", "LOYALTY"))
	undone, of := servingOf("meal", "LOYALTY"), refOf(served)
	b := undone.Body.(journal.RedeemBody)
	b.Qty, b.Ref = -1, &of
	undone.Body = b
	exercise := coffees(1)
	exercise.Training = true
	c.append(undone, servingOf("coffee", journal.OriginHouse),
		journal.Draft{Kind: journal.KindSuspAdjust, Op: "zoe", Body: journal.AdjustBody{Class: "meal", Origin: "SPONSOR", Cause: journal.AdjustSponsor, Qty: 3, Reason: "Banque alimentaire", Auth: "zoe"}},
		journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "ana", Body: journal.DuplicateBody{Of: refOf(first), N: 1, Form: "paper", Reason: "customer"}},
		journal.Draft{Kind: journal.KindPayFix, Op: "ana", Body: journal.PayFixBody{Of: refOf(second), Amt: 1200, From: journal.ByCash, To: journal.ByCard, Reason: "typed", Auth: "zoe"}},
		journal.Draft{Kind: journal.KindInvoice, Series: journal.SeriesInvoice, Op: "ana", Body: journal.InvoiceBody{Of: refOf(second), Buyer: strings.Repeat("0a", 32),
			Total: journal.Total{HT: 1091, Lines: 1, TTC: 1200, VAT: 109}}},
		exercise, cashOf(journal.CashBody{Type: journal.CashCount, Counted: 14850, Expected: 14870, Difference: -20, Reason: "coins"}))
	return first
}

// everyKind is a journal of every kind: a morning, a month and a year that end, another key, and an older file that was
// put back and declared. Closed, it lies in dir.
func everyKind(tb testing.TB) *journaled {
	tb.Helper()
	c := foundJournal(tb)
	c.morning()
	c.clock.Advance(9 * time.Hour)
	c.end(c.j.CloseDay)
	c.append(coffees(1)) // the evening belongs to the day after
	c.clock.Advance(10 * 24 * time.Hour)
	c.append(coffees(2)) // the days between are closed late, and November
	month := c.end(c.j.CloseMonth)
	sum := strings.Repeat("ab", 32)
	c.append(journal.Draft{Kind: journal.KindArchive, Op: "sys", Body: journal.ArchiveBody{Name: "12345678900012_C1_2026-12.zip", Period: "2026-12", FromSeq: 1,
		ToSeq: month.Seq, Manifest: sum, Medium: "disk", NF525: 30, Files: []journal.ArchiveFile{{Name: "journal.jsonl", SHA256: sum, Size: 4711}}}})
	c.end(c.j.CloseYear)
	c.rotate()
	c.append(coffees(3))
	c.putBack()
	c.append(coffees(4), eventOf(journal.EventAppStop))
	c.close()
	return c
}

// rotate puts another key in force.
func (c *journaled) rotate() {
	c.tb.Helper()
	k, err := c.j.NewKey(context.Background(), c.db.Reader())
	if err == nil {
		err = c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
			_, err := c.j.Rotate(ctx, tx, k, "zoe", "the till was repaired")
			return errors.Join(err, tx.Record(data.Event{Type: "test"}))
		})
	}
	if err != nil {
		c.tb.Fatalf("rotate: %v", err)
	}
}

// putBack puts a file of before two sales back, and goes on as a manager who declares it.
func (c *journaled) putBack() {
	c.tb.Helper()
	c.close()
	old := readAll(c.tb, filepath.Join(c.dir, "till.db"))
	c.reopen()
	c.append(coffees(1), coffees(1))
	c.close()
	writeAll(c.tb, filepath.Join(c.dir, "till.db"), old)
	c.db = openFile(c.tb, c.dir, c.clock)
	if err := journal.Resume(context.Background(), c.db, c.config(), journal.ResumeRequest{Op: "zoe", Reason: "the disk was replaced"}); err != nil {
		c.tb.Fatalf("resume: %v", err)
	}
	c.reopen()
}

func readAll(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func writeAll(tb testing.TB, name string, b []byte) {
	tb.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		tb.Fatal(err)
	}
}

// inspector is comptoir-verify, built for a test.
type inspector struct {
	tb   testing.TB
	path string
}

func buildInspector(tb testing.TB) inspector {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "comptoir-verify")
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-trimpath", "-o", path, "./cmd/comptoir-verify")
	cmd.Dir = root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build comptoir-verify: %v\n%s", err, out)
	}
	return inspector{tb, path}
}

// root is the module's folder.
func root() string { return filepath.Join("..", "..") }

// finding is an anomaly or a warning of comptoir-verify.
type finding struct {
	Check  string `json:"check"`
	Seq    *int64 `json:"seq"`
	Doc    string `json:"doc"`
	Detail string `json:"detail"`
}

// inspection is its report.
type inspection struct {
	Conform   bool      `json:"conform"`
	Anomalies []finding `json:"anomalies"`
	Warnings  []finding `json:"warnings"`
	Inputs    []struct {
		Entries int64 `json:"entries"`
	} `json:"inputs"`
	Checks []struct {
		Check     string `json:"check"`
		Checked   int64  `json:"checked"`
		Unchecked string `json:"unchecked"`
	} `json:"checks"`
	code  int
	words string
}

func (i inspector) run(args ...string) (r inspection) {
	i.tb.Helper()
	cmd := exec.CommandContext(context.Background(), i.path, append([]string{"--json"}, args...)...)
	var out, words strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &words
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		i.tb.Fatalf("comptoir-verify: %v", err)
	} else if ok {
		r.code = failed.ExitCode()
	}
	if r.words = words.String(); r.code != 2 {
		if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
			i.tb.Fatalf("comptoir-verify, exit %d: %v\n%s%s", r.code, err, out.String(), r.words)
		}
	}
	return r
}

// names reports whether an anomaly is at a seq.
func (r inspection) names(seq int64) bool {
	return slices.ContainsFunc(r.Anomalies, func(f finding) bool { return f.Seq != nil && *f.Seq == seq })
}

// exportTo writes the journal of a database to a file, and returns its name.
func exportTo(tb testing.TB, db *data.DB) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "journal.jsonl")
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	err = db.Snapshot(tb.Context(), func(ctx context.Context, q data.Querier) error { return journal.Export(ctx, q, f) })
	if err = errors.Join(err, f.Close()); err != nil {
		tb.Fatal(err)
	}
	return name
}

func verifyFile(tb testing.TB, db *data.DB, opts journal.VerifyOptions) (r journal.Report) {
	tb.Helper()
	err := db.Snapshot(tb.Context(), func(ctx context.Context, q data.Querier) (err error) {
		r, err = journal.Verify(ctx, q, opts)
		return err
	})
	if err != nil {
		tb.Fatalf("verify: %v", err)
	}
	return r
}
