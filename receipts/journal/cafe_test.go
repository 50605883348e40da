package journal_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// cafe is a founded journal on a real database in a temporary directory.
type cafe struct {
	tb    testing.TB
	dir   string
	clock *datatest.Clock
	db    *data.DB
	j     *journal.Journal
}

func identity() journal.Identity {
	return journal.Identity{Name: "Café du Comptoir", LegalName: "Le Comptoir SAS", Address: "1 place du Marché, 33000 Bordeaux",
		SIRET: "12345678900012", VATNumber: "FR00123456789", NAF: "5630Z", VATRegime: "normal_monthly"}
}

// found opens a café whose invariants, the journal's included, are audited at the end of the test.
func found(tb testing.TB) *cafe {
	tb.Helper()
	c := foundUnaudited(tb)
	c.db.RegisterCheck(journal.Checks()...)
	return c
}

func foundUnaudited(tb testing.TB) *cafe {
	tb.Helper()
	c := &cafe{tb: tb, dir: tb.TempDir(), clock: datatest.NewClock()}
	c.db = datatest.Open(tb, func(o *data.Options) { o.Dir, o.Clock = c.dir, c.clock })
	if err := journal.Found(tb.Context(), c.db, c.config(), identity()); err != nil {
		tb.Fatalf("found: %v", err)
	}
	c.open()
	tb.Cleanup(func() { c.close() })
	return c
}

func (c *cafe) config() journal.Config {
	return journal.Config{Dir: c.dir, Software: "comptoir/1.0.0+test"}
}

func (c *cafe) open() {
	c.tb.Helper()
	var err error
	if c.j, err = journal.Open(context.Background(), c.db, c.config()); err != nil {
		c.tb.Fatalf("open journal: %v", err)
	}
}

func (c *cafe) close() {
	c.tb.Helper()
	if err := c.j.Close(); err != nil {
		c.tb.Errorf("close journal: %v", err)
	}
}

// append writes each draft in a commit of its own and returns the last entry.
func (c *cafe) append(drafts ...journal.Draft) (e journal.Entry) {
	c.tb.Helper()
	for _, d := range drafts {
		err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) (err error) {
			e, err = c.j.Append(ctx, tx, d)
			return err
		})
		if err != nil {
			c.tb.Fatalf("append %s: %v", d.Kind, err)
		}
	}
	return e
}

// refuse expects the draft to be refused and nothing to remain of it.
func (c *cafe) refuse(d journal.Draft) error {
	c.tb.Helper()
	before, _ := c.j.Head()
	err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		_, err := c.j.Append(ctx, tx, d)
		return err
	})
	if err == nil {
		c.tb.Errorf("%s was accepted", d.Kind)
	}
	if after, _ := c.j.Head(); after != before {
		c.tb.Errorf("a refused %s moved the head from %d to %d", d.Kind, before, after)
	}
	return err
}

// verify walks the journal against its head file.
func (c *cafe) verify() journal.Report {
	c.tb.Helper()
	return verify(c.tb, c.db, c.dir)
}

func verify(tb testing.TB, db *data.DB, dir string) journal.Report {
	tb.Helper()
	head, err := journal.ReadHead(dir)
	if err != nil {
		tb.Fatalf("read head: %v", err)
	}
	var report journal.Report
	err = db.Snapshot(tb.Context(), func(ctx context.Context, q data.Querier) (err error) {
		report, err = journal.Verify(ctx, q, journal.VerifyOptions{Full: true, Head: &head})
		return err
	})
	if err != nil {
		tb.Fatalf("verify: %v", err)
	}
	return report
}

// mustConform fails the test for each anomaly.
func (c *cafe) mustConform() journal.Report {
	c.tb.Helper()
	r := c.verify()
	for _, a := range r.Anomalies {
		c.tb.Errorf("entry %d: %s: %s", a.Seq, a.Check, a.Detail)
	}
	return r
}

// exec changes the database as someone with the file in hand would.
func exec(tb testing.TB, db *data.DB, statements ...string) {
	tb.Helper()
	err := db.Write(tb.Context(), func(ctx context.Context, tx *data.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatalf("exec: %v", err)
	}
}

var errChanged = errors.New("the barista changed their mind")

// line is a line of one product, on site.
func line(sku, label string, qty int64, price money.Cents, bp money.BasisPoints) journal.Line {
	return journal.Line{SKU: sku, Label: label, Cat: "carte", Qty: qty * 1000, Unit: "u", PU: price, BP: bp,
		TTC: price * money.Cents(qty), Nat: journal.Service, Mode: journal.EatIn, K: journal.LineSale}
}

// gift is a suspended item sold.
func gift(class string, qty int64, price money.Cents) journal.Line {
	l := line("susp-"+class, "Suspendu (offert à un prochain client)", qty, price, 1000)
	l.K, l.Class = journal.LineGift, class
	return l
}

// ticket is a ticket paid by card.
func ticket(lines ...journal.Line) journal.TicketBody {
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

func sale(lines ...journal.Line) journal.Draft {
	return journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: ticket(lines...)}
}

// left is what remains of a ticket by rate before a refund.
func left(b journal.TicketBody) map[money.BasisPoints]money.Cents {
	m := map[money.BasisPoints]money.Cents{}
	for _, r := range b.Rates {
		m[r.BP] = r.TTC
	}
	return m
}

// refund takes qty units of each named line, at the unit price, and lowers remaining.
func refund(of journal.Entry, b journal.TicketBody, remaining map[money.BasisPoints]money.Cents, units map[int]int64) journal.Draft {
	r := journal.TicketBody{Mode: b.Mode, Reason: "quality", Ref: &journal.Ref{Doc: of.Number, Seq: of.Seq}}
	for _, l := range b.Lines {
		n := units[l.N]
		if n == 0 {
			continue
		}
		l.RefN, l.N, l.Qty, l.TTC = l.N, len(r.Lines)+1, -n*1000, -l.PU*money.Cents(n)
		l.Reason, l.Disc = "quality", 0
		r.Lines = append(r.Lines, l)
	}
	r.Rates, r.Total = journal.SettleRefund(r.Lines, remaining)
	for _, rate := range r.Rates {
		remaining[rate.BP] += rate.TTC
	}
	r.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: r.Total.TTC, Given: r.Total.TTC}}
	return journal.Draft{Kind: journal.KindRefund, Series: journal.SeriesRefund, Op: "ana", Body: journal.RefundBody(r)}
}

func redeem(class, origin string) journal.Draft {
	return journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: "ana", Body: journal.RedeemBody{
		Class: class, Origin: origin, Label: "Café", SKU: "cafe", Qty: 1, Memo: 180, Mode: journal.EatIn}}
}

func undo(of journal.Entry, class, origin string) journal.Draft {
	d := redeem(class, origin)
	b := d.Body.(journal.RedeemBody)
	b.Qty, b.Ref = -1, &journal.Ref{Doc: of.Number, Seq: of.Seq}
	d.Body = b
	return d
}

func release(qty int, document string) journal.Draft {
	return journal.Draft{Kind: journal.KindSuspRelease, Op: "ana",
		Body: journal.ReleaseBody{Class: "meal", Cause: "loyalty", Qty: qty, Ticket: document}}
}

func event(code journal.Code) journal.Draft {
	return journal.Draft{Kind: journal.KindEvent, Op: "ana", Body: journal.EventBody{Code: code, Data: map[string]any{"screen": "till"}}}
}

// service writes one entry of every kind, as a morning in a café would, and returns the entries of the tickets.
func (c *cafe) service() []journal.Entry {
	c.tb.Helper()
	c.append(event(journal.EventAppStart), journal.Draft{Kind: journal.KindCash, Op: "ana",
		Body: journal.CashBody{Type: journal.CashFloat, Amount: 15000, Counted: 15000, Expected: 15000, Shift: "shift-1"}})
	c.clock.Advance(90 * time.Second)
	first := ticket(line("cafe", "Café \"allongé\"", 2, 180, 1000), line("biere", "Bière pression", 1, 450, 2000), gift("coffee", 2, 150))
	t1 := c.append(journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: first})
	c.append(redeem("coffee", "PAID"))
	c.append(journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "ana", Body: journal.NoteBody{
		Ticket: "open-7", Print: 1, Total: 1200, Rates: []journal.Rate{{BP: 1000, HT: 1091, VAT: 109, TTC: 1200}}, Lines: []journal.NoteLine{{N: 1, SKU: "plat", Label: "Plat du jour", Qty: 1000, PU: 1200, TTC: 1200}}}})
	c.append(journal.Draft{Kind: journal.KindOrderMinus, Op: "ana", Body: journal.MinusBody{
		Ticket: "open-7", Line: 2, Label: "Crème brûlée", Qty: 1000, Amount: 550, Reason: "customer"}})
	c.clock.Advance(7 * time.Minute)
	paid := ticket(line("plat", "Plat du jour", 1, 1200, 1000))
	note, err := journal.ByNumber(context.Background(), c.db.Reader(), "N26-000001")
	if err != nil {
		c.tb.Fatal(err)
	}
	paid.Notes = []journal.Ref{{Doc: note.Number, Seq: note.Seq}}
	paid.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: 1200, Given: 2000, Change: 800}}
	t2 := c.append(journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: paid})
	c.append(release(1, "T26-000002"))
	c.append(refund(t1, first, left(first), map[int]int64{1: 1, 3: 1}))
	served := c.append(redeem("meal", "LOYALTY"))
	c.append(undo(served, "meal", "LOYALTY"), redeem("coffee", journal.OriginHouse), release(-1, "A26-000001"))
	c.append(journal.Draft{Kind: journal.KindCash, Op: "ana", Body: journal.CashBody{
		Type: journal.CashCount, Counted: 15870, Expected: 15870, Shift: "shift-1"}})
	return []journal.Entry{t1, t2}
}

// refer is a ref to an entry.
func refer(e journal.Entry) journal.Ref { return journal.Ref{Doc: e.Number, Seq: e.Seq} }

func adjust(cause string, qty int64) journal.Draft {
	return journal.Draft{Kind: journal.KindSuspAdjust, Op: "zoe", Body: journal.AdjustBody{Class: "meal", Origin: "SPONSOR", Cause: cause, Qty: qty, Reason: "Banque alimentaire", Auth: "zoe"}}
}

func duplicate(of journal.Entry, n int64) journal.Draft {
	return journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "ana",
		Body: journal.DuplicateBody{Of: refer(of), N: n, Form: "paper", Reason: "customer"}}
}

func invoice(of journal.Entry, total journal.Total) journal.Draft {
	return journal.Draft{Kind: journal.KindInvoice, Series: journal.SeriesInvoice, Op: "ana", Body: journal.InvoiceBody{Of: refer(of), Total: total,
		Buyer: "871160babb34a6de1537c4fbccd6494e728ec9e6d113b0250a6ac6007f7eab75"}}
}

func payFix(of journal.Entry, amt money.Cents, from, to journal.Means) journal.Draft {
	return journal.Draft{Kind: journal.KindPayFix, Op: "ana", Body: journal.PayFixBody{Of: refer(of), Amt: amt, From: from, To: to, Reason: "typed", Auth: "zoe"}}
}

func archive(from, to int64, prev *journal.Ref) journal.Draft {
	sum := strings.Repeat("ab", 32)
	return journal.Draft{Kind: journal.KindArchive, Op: "sys", Body: journal.ArchiveBody{Name: "12345678900012_C1_2026-11.zip", Period: "2026-11", FromSeq: from,
		ToSeq: to, Manifest: sum, Medium: "disk", NF525: 30, Prev: prev, Files: []journal.ArchiveFile{{Name: "journal.jsonl", SHA256: sum, Size: 4711}}}}
}

// days writes entries of every kind over the end of a month: the morning of service, what follows it, a discount, an
// exercise, a day, a month and a year closed by hand, their archive, and days closed late.
func (c *cafe) days() {
	c.tb.Helper()
	paid := c.service()
	c.append(adjust(journal.AdjustSponsor, 3), adjust(journal.AdjustCollected, -2), duplicate(paid[0], 1), duplicate(paid[0], 2),
		payFix(paid[1], 1200, journal.ByCash, journal.ByCard))
	c.append(invoice(paid[1], journal.Total{HT: 1091, Lines: 1, TTC: 1200, VAT: 109}))
	less, free := line("plat", "Plat du jour", 1, 1200, 1000), line("sandwich", "Sandwich", 1, 500, 1000)
	less.Disc, less.TTC, less.Reason = 240, 960, "promo"
	free.Disc, free.TTC, free.Reason, free.Mode, free.Nat = 500, 0, "staff_meal", journal.Takeaway, journal.Goods
	tipped := ticket(less, free)
	tipped.NonTurnover = []journal.NonTurnover{{K: "tip", Amt: 100}}
	tipped.Pay = []journal.Payment{{N: 1, Means: journal.ByCard, Amt: 1060, Given: 1060, Ref: "A0413"}}
	exercise := coffee()
	exercise.Training = true
	c.append(journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: tipped}, event(journal.EventTrainingOn), exercise,
		event(journal.EventTrainingOff), journal.Draft{Kind: journal.KindCash, Op: "zoe", Body: journal.CashBody{Type: journal.CashOut, Amount: -5000, Reason: "bank", Shift: "shift-1"}},
		journal.Draft{Kind: journal.KindCash, Op: "ana", Body: journal.CashBody{Type: journal.CashCount, Counted: 10850, Expected: 10870, Difference: -20, Reason: "coins", Shift: "shift-1"}})
	c.clock.Advance(9 * time.Hour)
	c.end(journal.KindCloseDay)
	c.append(coffee()) // the evening is of the next day
	c.clock.Advance(10 * 24 * time.Hour)
	c.append(coffee()) // ten days are closed late, and November
	m, b, _ := c.end(journal.KindCloseMonth)
	c.append(archive(b.FromSeq, m.Seq, nil))
	c.end(journal.KindCloseYear)
	c.append(archive(0, m.Seq+2, &journal.Ref{Doc: strings.Repeat("ab", 32), Seq: m.Seq + 1}))
}
