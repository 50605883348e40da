package archive_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/money"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// cafe is a founded journal on a real database, and the folder of its archives.
type cafe struct {
	tb    testing.TB
	dir   string
	clock *datatest.Clock
	db    *data.DB
	j     *journal.Journal
}

func found(tb testing.TB) *cafe {
	tb.Helper()
	c := &cafe{tb: tb, dir: tb.TempDir(), clock: datatest.NewClock()}
	c.db = datatest.Open(tb, func(o *data.Options) { o.Dir, o.Clock = c.dir, c.clock })
	id := journal.Identity{Name: "Café du Comptoir", LegalName: "Le Comptoir SAS", Address: "1 place du Marché, 33000 Bordeaux",
		SIRET: "12345678900012", VATNumber: "FR00123456789", NAF: "5630Z", VATRegime: "normal_monthly"}
	config := journal.Config{Dir: c.dir, Software: "comptoir/1.0.0+test"}
	if err := journal.Found(tb.Context(), c.db, config, id); err != nil {
		tb.Fatalf("found: %v", err)
	}
	var err error
	if c.j, err = journal.Open(tb.Context(), c.db, config); err != nil {
		tb.Fatalf("open journal: %v", err)
	}
	c.db.RegisterCheck(journal.Checks()...)
	tb.Cleanup(func() {
		if err := c.j.Close(); err != nil {
			tb.Errorf("close journal: %v", err)
		}
	})
	return c
}

// append writes each draft in a commit of its own, a second after the one before, and returns the last entry.
func (c *cafe) append(drafts ...journal.Draft) (e journal.Entry) {
	c.tb.Helper()
	for _, d := range drafts {
		c.clock.Advance(time.Second)
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

func line(sku, label string, qty int64, price money.Cents, bp money.BasisPoints) journal.Line {
	return journal.Line{SKU: sku, Label: label, Cat: "carte", Qty: qty * 1000, Unit: "u", PU: price, BP: bp,
		TTC: price * money.Cents(qty), Nat: journal.Service, Mode: journal.EatIn, K: journal.LineSale}
}

func gift(class string, qty int64, price money.Cents) journal.Line {
	l := line("susp-"+class, "Suspendu (offert à un prochain client)", qty, price, 1000)
	l.K, l.Class = journal.LineGift, class
	return l
}

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
	return journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "AWA", Body: ticket(lines...)}
}

// refund gives back the whole first line of a ticket.
func refund(of journal.Entry) journal.Draft {
	var was journal.TicketBody
	if err := of.Decode(&was); err != nil {
		panic(err)
	}
	left := map[money.BasisPoints]money.Cents{}
	for _, r := range was.Rates {
		left[r.BP] = r.TTC
	}
	l := was.Lines[0]
	l.RefN, l.N, l.Qty, l.TTC, l.Disc, l.Reason = l.N, 1, -l.Qty, -l.TTC, -l.Disc, "quality"
	b := journal.TicketBody{Mode: was.Mode, Reason: "quality", Ref: ref(of), Lines: []journal.Line{l}}
	b.Rates, b.Total = journal.SettleRefund(b.Lines, left)
	b.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: b.Total.TTC, Given: b.Total.TTC}}
	return journal.Draft{Kind: journal.KindRefund, Series: journal.SeriesRefund, Op: "AWA", Body: journal.RefundBody(b)}
}

func ref(e journal.Entry) *journal.Ref { return &journal.Ref{Doc: e.Number, Seq: e.Seq} }

func event(code journal.Code, facts map[string]any) journal.Draft {
	return journal.Draft{Kind: journal.KindEvent, Op: "sys", Body: journal.EventBody{Code: code, Data: facts}}
}

// everyKind writes at least one entry of every kind that is no closing, key or archive.
func (c *cafe) everyKind() {
	c.tb.Helper()
	note := c.append(journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "AWA", Body: noted()})
	first := sale(line("cafe", `Café "allongé"; serré`, 2, 180, 1000), line("biere", "=Bière", 1, 450, 2000), gift("coffee", 2, 150))
	body := first.Body.(journal.TicketBody)
	body.Notes = []journal.Ref{*ref(note)}
	first.Body = body
	sold := c.append(first)
	training := sale(line("cafe", "Café", 1, 180, 1000))
	training.Training = true
	c.append(
		journal.Draft{Kind: journal.KindOrderMinus, Op: "AWA", Body: journal.MinusBody{Amount: 550, Label: "Crème brûlée", Line: 2, Qty: 1000, Reason: "customer", Ticket: "open-7"}},
		refund(sold),
		journal.Draft{Kind: journal.KindPayFix, Op: "MARIE", Body: journal.PayFixBody{Amt: 100, From: journal.ByCard, To: journal.ByCash, Of: *ref(sold), Reason: "typed wrong"}},
		journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "AWA", Body: journal.DuplicateBody{Form: "paper", N: 1, Of: *ref(sold), Reason: "lost"}},
		journal.Draft{Kind: journal.KindInvoice, Series: journal.SeriesInvoice, Op: "AWA", Body: journal.InvoiceBody{
			Buyer: "871160babb34a6de1537c4fbccd6494e728ec9e6d113b0250a6ac6007f7eab75", Of: *ref(sold), Total: body.Total}},
		journal.Draft{Kind: journal.KindCash, Op: "AWA", Body: journal.CashBody{Type: journal.CashCount, Counted: 15800, Expected: 15870, Difference: -70, Reason: "-1+1", Shift: "shift-1"}},
		journal.Draft{Kind: journal.KindSuspRelease, Op: "sys", Body: journal.ReleaseBody{Cause: "loyalty", Class: "meal", Qty: 1, Ticket: sold.Number}},
		journal.Draft{Kind: journal.KindSuspAdjust, Op: "MARIE", Body: journal.AdjustBody{Cause: journal.AdjustSponsor, Class: "meal", Origin: "SPONSOR", Qty: 3, Reason: "boulangerie"}},
	)
	given := c.append(journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: "AWA", Body: served("PAID", 1, nil)})
	c.append(
		journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: "AWA", Body: served("PAID", -1, ref(given))},
		journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: "AWA", Body: served(journal.OriginHouse, 1, nil)},
		training,
		event(journal.EventConfigChange, map[string]any{"key": "name", "new": "Café « Ω »", "old": "=x"}),
	)
}

func noted() journal.NoteBody {
	b := journal.NoteBody{Ticket: "open-7", Print: 1, Total: 1200, Lines: []journal.NoteLine{{N: 1, SKU: "plat", Label: "Plat du jour", Qty: 1000, PU: 1200, TTC: 1200}}}
	b.Rates, _ = journal.Settle([]journal.Line{line("plat", "Plat du jour", 1, 1200, 1000)})
	return b
}

func served(origin string, qty int, undone *journal.Ref) journal.RedeemBody {
	return journal.RedeemBody{Class: "coffee", Label: "Café", Memo: 180, Mode: journal.EatIn, Origin: origin, Qty: qty, Ref: undone, SKU: "cafe"}
}

// write makes an archive in the café's folder and fails the test when it cannot.
func (c *cafe) write(pick func(context.Context, data.Querier) (archive.Range, error)) archive.Made {
	c.tb.Helper()
	made, err := c.tryWrite(c.dir, pick)
	if err != nil {
		c.tb.Fatalf("write: %v", err)
	}
	return made
}

func (c *cafe) tryWrite(dir string, pick func(context.Context, data.Querier) (archive.Range, error)) (made archive.Made, err error) {
	err = c.db.Snapshot(context.Background(), func(ctx context.Context, q data.Querier) error {
		r, err := pick(ctx, q)
		if err != nil {
			return err
		}
		made, err = archive.Write(ctx, q, dir, archive.Request{Range: r, SignedBy: c.j.KeyID(), Sign: c.j.SignFile})
		return err
	})
	return made, err
}

// leftovers are the files of a folder that are not finished.
func leftovers(tb testing.TB, dir string) []string {
	tb.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.new"))
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
