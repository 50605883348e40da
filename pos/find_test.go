package pos_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/pos"
)

// numbers are the document numbers of a list.
func numbers(found pos.SalesFound) []string {
	all := []string{}
	for _, s := range found.Sales {
		all = append(all, s.Number)
	}
	return all
}

func (c *cafe) find(q pos.SalesQuery) pos.SalesFound {
	c.tb.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	found, err := c.FindSales(ctx(), q)
	if err != nil {
		c.tb.Fatalf("find %+v: %v", q, err)
	}
	return found
}

// threeDays is a café with, on 21 November: T1 22,00 by card at 9:00, T2 11,90 in cash at 14:05 with a gift, A1 of one
// plat of T3 (23,80) at 14:20; on the 22nd, by the manager: T4 4,40 at 01:30 of the night (still the 21st) and T5 at 9:00.
func threeDays(tb testing.TB) (c *cafe, sales []pos.SaleResult) {
	tb.Helper()
	c = openCafe(tb)
	at := func(hour, minute int) {
		c.clock.Set(time.Date(2026, 11, 21, hour-1, minute, 0, 0, time.UTC)) // Paris is an hour ahead
	}
	sales = append(sales, c.sell("", line("cafe", 10))) // 22,00
	at(14, 5)
	second, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.Takeaway, Lines: []pos.LineRequest{line("plat", 1), gift("cafe", 1)},
		Tenders: []pos.Tender{{Means: pos.Cash, Amount: 1370, Given: 2000}}})
	if err != nil {
		tb.Fatal(err)
	}
	sales = append(sales, second, c.sell("", line("plat", 2)))
	at(14, 20)
	c.refund(sales[2].ID, 1, 1)
	at(24+1, 30)
	night, err := c.Sell(ctx(), c.byManager(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("cafe", 2)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: 440}}})
	if err != nil {
		tb.Fatal(err)
	}
	at(24+9, 0)
	return c, append(sales, night, c.sell("", line("eau", 1)))
}

func TestFindSalesUnderstandsWhatSomebodyRemembers(t *testing.T) {
	c, sales := threeDays(t)
	const day = "2026-11-21"
	for _, f := range []struct {
		name string
		q    pos.SalesQuery
		as   pos.Understood
		want []string
	}{
		{"today, when nothing is said", pos.SalesQuery{}, "", []string{"T26-000005"}},
		{"a day, newest first", pos.SalesQuery{From: day, To: day}, "", []string{"T26-000004", "A26-000001", "T26-000003", "T26-000002", "T26-000001"}},
		{"a number, on whatever day", pos.SalesQuery{Text: "T26-000001"}, pos.AsNumber, []string{"T26-000001"}},
		{"a number in a hurry", pos.SalesQuery{Text: " t26 3 "}, pos.AsNumber, []string{"T26-000003"}},
		{"a refund's number", pos.SalesQuery{Text: "a26-1"}, pos.AsNumber, []string{"A26-000001"}},
		{"a number that is none", pos.SalesQuery{Text: "T26-000099"}, pos.AsNumber, []string{}},
		{"a receipt code", pos.SalesQuery{Text: sales[1].ReceiptCode}, pos.AsReceipt, []string{"T26-000002"}},
		{"a scanned receipt", pos.SalesQuery{Text: sales[1].ReceiptURL}, pos.AsReceipt, []string{"T26-000002"}},
		{"an amount, and the number that ends with it", pos.SalesQuery{From: day, To: day, Text: "22"}, pos.AsAmount, []string{"T26-000001"}},
		{"a small number", pos.SalesQuery{From: day, To: day, Text: "3"}, pos.AsAmount, []string{"T26-000003"}},
		{"an amount with cents", pos.SalesQuery{From: day, To: day, Text: "22,00"}, pos.AsAmount, []string{"T26-000001"}},
		{"an amount with its sign", pos.SalesQuery{From: day, To: day, Text: "13.70 €"}, pos.AsAmount, []string{"T26-000002"}},
		{"an amount that was refunded", pos.SalesQuery{From: day, To: day, Text: "11,90"}, pos.AsAmount, []string{"A26-000001"}},
		{"a time", pos.SalesQuery{From: day, To: day, Text: "14:07"}, pos.AsTime, []string{"T26-000003", "T26-000002"}},
		{"a time in French", pos.SalesQuery{From: day, To: day, Text: "14\u00a0h\u00a015"}, pos.AsTime, []string{"A26-000001"}},
		{"an hour", pos.SalesQuery{From: day, To: day, Text: "14h"}, pos.AsTime, []string{"A26-000001", "T26-000003", "T26-000002"}},
		{"an hour of the night belongs to its day", pos.SalesQuery{From: day, To: day, Text: "1:30"}, pos.AsTime, []string{"T26-000004"}},
		{"a means", pos.SalesQuery{From: day, To: day, Means: pos.Cash}, "", []string{"T26-000002"}},
		{"an operator", pos.SalesQuery{From: day, To: day, Operator: "MARIE"}, "", []string{"T26-000004"}},
		{"refunds", pos.SalesQuery{From: day, To: day, Kind: "refund"}, "", []string{"A26-000001"}},
		{"gifts", pos.SalesQuery{From: day, To: day, Kind: "gift"}, "", []string{"T26-000002"}},
		{"a page", pos.SalesQuery{From: day, To: "2026-11-22", Offset: 1, Limit: 2}, "", []string{"T26-000004", "A26-000001"}},
	} {
		got := c.find(f.q)
		if !slices.Equal(numbers(got), f.want) || got.Understood != f.as {
			t.Errorf("%s: %v as %q, want %v as %q", f.name, numbers(got), got.Understood, f.want, f.as)
		}
	}
}

func TestFindSalesTotalsTheWholeList(t *testing.T) {
	c, _ := threeDays(t)
	got := c.find(pos.SalesQuery{From: "2026-11-21", To: "2026-11-22", Limit: 1})
	if got.Count != 6 || got.Sold != 2200+1370+2380+440+200 || got.Refunded != 1190 || got.Total() != got.Sold-1190 {
		t.Errorf("%d documents, sold %s, refunded %s", got.Count, got.Sold, got.Refunded)
	}
	if want := []pos.TenderTotal{{Means: pos.Card, Amount: 2200 + 2380 - 1190 + 440 + 200, Count: 5}, {Means: pos.Cash, Amount: 1370, Count: 1}}; !slices.Equal(got.Tenders, want) {
		t.Errorf("tenders %v, want %v", got.Tenders, want)
	}
	sale := c.find(pos.SalesQuery{Text: "T26-000003"})
	if s := sale.Sales[0]; sale.Count != 1 || s.Refunded != 1190 || s.ReceiptAsked {
		t.Errorf("the refunded sale: %d, %+v", sale.Count, s)
	}
	var each []string
	if err := c.EachSale(ctx(), pos.SalesQuery{From: "2026-11-21", To: "2026-11-22", Limit: 1, Offset: 3}, func(s pos.FoundSale) error {
		each = append(each, s.Number)
		return nil
	}); err != nil || len(each) != 6 {
		t.Errorf("every sale: %v, %v", each, err)
	}
}

func TestFindSalesRefusesWhatItDoesNotUnderstand(t *testing.T) {
	c := openCafe(t)
	for code, q := range map[string]pos.SalesQuery{
		"search.unclear": {Text: "bonjour"}, "report.range": {From: "2026-11-21", To: "2025-10-01"}, "query.invalid": {Kind: "x"},
	} {
		_, err := c.FindSales(ctx(), q)
		refused(t, err, code)
	}
	_, err := c.FindSales(ctx(), pos.SalesQuery{Means: "gold"})
	refused(t, err, "query.invalid")
}

func TestTheLastSaleIsToldWithWhetherItsReceiptWasAskedFor(t *testing.T) {
	c := openCafe(t)
	_, err := c.LastSale(ctx())
	refused(t, err, "sale.unknown")
	c.sell("", line("cafe", 1))
	paid, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("plat", 1)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 1190, Given: 2000}}})
	if err != nil {
		t.Fatal(err)
	}
	last, err := c.LastSale(ctx())
	if err != nil || last.Number != paid.Number || last.Change != 810 || last.Operator != "AWA" || last.ReceiptAsked || !last.ThisShift || last.Refunded {
		t.Fatalf("last sale: %+v, %v", last, err)
	}
	if _, err := c.PrintDocument(ctx(), c.by(), paid.Number, pos.PrintRequest{}); err != nil {
		t.Fatal(err)
	}
	c.refund(paid.ID, 1, 1)
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	c.reopen()
	if last, err = c.LastSale(ctx()); err != nil || !last.ReceiptAsked || last.ThisShift || !last.Refunded {
		t.Errorf("after the restart: %+v, %v", last, err)
	}
}

// manySales is a café with 100,000 sales over 400 days, as rows of their own: what a list reads, and no more. It is not
// audited: no journal answers for them.
func manySales(b *testing.B) *cafe {
	b.Helper()
	c := &cafe{tb: b, clock: datatest.NewClock()}
	c.config = pos.Config{Dir: b.TempDir(), Clock: c.clock, PublicURL: "http://till.local:8081", Software: "comptoir/test"}
	if err := pos.Found(ctx(), c.config, identity(), pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		b.Fatal(err)
	}
	c.open()
	b.Cleanup(func() { _ = c.Close() })
	operators, err := c.Operators(ctx())
	if err != nil {
		b.Fatal(err)
	}
	c.manager, c.barista = operators[0], operators[0]
	err = c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		const numbered = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) `
		for _, statement := range []string{
			`INSERT INTO sales (seq, id, number, refunds, day, at, operator, shift, mode, total, code, units) ` + numbered +
				`SELECT 1000 + i, 'sale-' || i, 'T26-' || i, NULL, date('2026-11-21', (i / 250) || ' days'), 1795248000000 + i * 345600, 'MARIE', 'shift', 'eat_in',
				100 + i % 2000, 'code-' || i, 0 FROM n`,
			`INSERT INTO sale_tenders (seq, n, means, amount, given, change) ` + numbered +
				`SELECT 1000 + i, 1, iif(i % 3, 'card', 'cash'), 100 + i % 2000, 100 + i % 2000, 0 FROM n`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkFindSales lists, searches, totals and exports among 100,000 sales of 400 days.
func BenchmarkFindSales(b *testing.B) {
	c := manySales(b)
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil {
		b.Fatal(err)
	}
	const from, to = "2026-11-21", "2027-12-25"
	for _, q := range []struct {
		name string
		pos.SalesQuery
	}{
		{"day", pos.SalesQuery{From: from, To: from}}, {"range", pos.SalesQuery{From: from, To: to}}, {"last page", pos.SalesQuery{From: from, To: to, Offset: 99_900}},
		{"amount", pos.SalesQuery{From: from, To: to, Text: "9,99"}}, {"time", pos.SalesQuery{From: from, To: to, Text: "14:05"}},
		{"number", pos.SalesQuery{Text: "T26-000001"}}, {"cash", pos.SalesQuery{From: from, To: to, Means: pos.Cash}},
	} {
		q.Limit = 50
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				c.find(q.SalesQuery)
			}
		})
	}
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			n := 0
			if err := c.EachSale(ctx(), pos.SalesQuery{From: from, To: to}, func(pos.FoundSale) error { n++; return nil }); err != nil || n < 99_000 {
				b.Fatal(n, err)
			}
		}
	})
}
