package pos_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/money"
	"comptoir/pos"
)

// busyMonths is a café that sold n tickets in October 2026 and n in November: two lines, a rate and a tender each, one
// line in ten with a discount, rung from 8 to 20 h by three people. Its rows are written straight into the tables that
// reports read; no journal stands behind them, so it is not audited.
func busyMonths(tb testing.TB, n int) *pos.Till {
	tb.Helper()
	return busyDays(tb, 2*n, 61)
}

// busyDays is a café that sold n tickets over so many days from 1 October 2026 on.
func busyDays(tb testing.TB, n, days int) *pos.Till {
	tb.Helper()
	clock := datatest.NewClock()
	clock.Set(time.Date(2026, time.October, days+5, 9, 0, 0, 0, time.UTC)) // all of them are over
	config := pos.Config{Dir: tb.TempDir(), Clock: clock, PublicURL: "http://till.local:8081", Software: "comptoir/bench"}
	if err := pos.Found(ctx(), config, identity(), pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		tb.Fatal(err)
	}
	till, err := pos.Open(ctx(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = till.Close() })
	const numbers = `WITH RECURSIVE n(i, day) AS (SELECT 0, 0 UNION ALL SELECT i + 1, (i + 1) * ?3 / ?1 FROM n WHERE i + 1 < ?1) `
	start := time.Date(2026, time.October, 1, 6, 0, 0, 0, time.UTC).UnixMilli()
	err = till.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		for _, rows := range []string{
			`INSERT INTO sales (seq, id, number, refunds, day, at, operator, shift, mode, total, code, units)
			 SELECT 1000 + i, 'sale-' || i, 'T26-' || i, NULL, date('2026-10-01', day || ' days'), ?2 + day * 86400000 + (i % 3334) * 12955,
			 CASE i % 3 WHEN 0 THEN 'MARIE' WHEN 1 THEN 'AWA' ELSE 'LEO' END, 'shift', 'eat_in', 800 - iif(i % 10 = 0, 50, 0), 'code-' || i, 0 FROM n`,
			`INSERT INTO sale_lines (seq, n, product, name, category, kind, class, qty, unit_price, disc, reason, total, vat_bp, meal_units, food, of_n)
			 SELECT 1000 + i, 1, 'p' || (i % 40), 'Produit ' || (i % 40), 'Chaud', 'sale', '', 2, 250, iif(i % 10 = 0, 50, 0), iif(i % 10 = 0, 'promo', ''),
			 500 - iif(i % 10 = 0, 50, 0), 1000, 0, 500, 0 FROM n WHERE ?2 > 0`,
			`INSERT INTO sale_lines (seq, n, product, name, category, kind, class, qty, unit_price, disc, reason, total, vat_bp, meal_units, food, of_n)
			 SELECT 1000 + i, 2, 'p' || (i % 37), 'Produit ' || (i % 37), 'Chaud', 'sale', '', 1, 300, 0, '', 300, 1000, 0, 300, 0 FROM n WHERE ?2 > 0`,
			`INSERT INTO sale_taxes (seq, bp, ht, vat, ttc) SELECT 1000 + i, 1000, 727, 73, 800 FROM n WHERE ?2 > 0`,
			`INSERT INTO sale_tenders (seq, n, means, amount, given, change)
			 SELECT 1000 + i, 1, CASE i % 3 WHEN 0 THEN 'cash' ELSE 'card' END, 800, 800, 0 FROM n WHERE ?2 > 0`,
		} {
			if _, err := tx.Exec(ctx, numbers+rows, n, start, days); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return till
}

// TestManySalesInFigures keeps the café of the benchmarks a true one: 61 days share the sales, November has 30.
func TestManySalesInFigures(t *testing.T) {
	till := busyMonths(t, 610) // 20 a day, of which 2 with 50 cents off
	o, err := till.Overview(ctx(), pos.SpanMonth, "2026-11-15")
	if err != nil {
		t.Fatal(err)
	}
	if o.Sales != 600 || o.Total != 600*800-60*50 || o.Before.Sales != 620 || o.Before.Total != 620*800-62*50 || len(o.Days) != 30 {
		t.Errorf("%d sales, %d cents on %d days; before %+v", o.Sales, o.Total, len(o.Days), o.Before)
	}
	taken := money.Cents(0)
	for _, d := range o.Discounts {
		taken += d.Amount
	}
	if taken != 60*50 {
		t.Errorf("discounts of %d cents, want 3000", taken)
	}
}

// BenchmarkReportOfAMonth reads the report of 98,361 sales, far more than a café ever has: about half a second.
func BenchmarkReportOfAMonth(b *testing.B) {
	till := busyMonths(b, 100_000)
	for b.Loop() {
		if r, err := till.Range(ctx(), "2026-11-01", "2026-11-30"); err != nil || r.Sales < 98_000 {
			b.Fatalf("%d sales, %v", r.Sales, err)
		}
	}
}

// BenchmarkOverviewOfAMonth is what the manager's page of a month reads: the same, and the month before.
func BenchmarkOverviewOfAMonth(b *testing.B) {
	till := busyMonths(b, 100_000)
	for b.Loop() {
		if o, err := till.Overview(ctx(), pos.SpanMonth, "2026-11-15"); err != nil || o.Sales < 98_000 || o.Before.Sales < 98_000 {
			b.Fatalf("%d sales, %v", o.Sales, err)
		}
	}
}

// BenchmarkDayOnAMillionSales reads the report of a day of 300 sales out of a million, beside the same day out of ten
// thousand, in turns: it prints how many times as long it takes (median of 7).
func BenchmarkDayOnAMillionSales(b *testing.B) {
	const perDay = 300
	few, many := busyDays(b, 10_000, 10_000/perDay), busyDays(b, 1_000_000, 1_000_000/perDay)
	read := func(till *pos.Till) time.Duration {
		start := time.Now()
		for range 20 {
			if r, err := till.Day(ctx(), "2026-10-15"); err != nil || r.Sales < perDay-5 {
				b.Fatalf("%d sales, %v", r.Sales, err)
			}
		}
		return time.Since(start)
	}
	for b.Loop() {
		var ratios []float64
		for range 7 {
			base := read(few)
			ratios = append(ratios, float64(read(many))/float64(base))
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "times/10k")
	}
}
