package pos_test

import (
	"context"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/pos"
)

// busyMonth is a café that sold 100,000 tickets in November 2026, far more than one ever will: two lines, a rate and
// a tender each, rung from 8 to 20 h by three people. Its rows are written straight into the tables that reports
// read; no journal stands behind them, so it is not audited.
func busyMonth(b *testing.B) *pos.Till {
	b.Helper()
	config := pos.Config{Dir: b.TempDir(), PublicURL: "http://till.local:8081", Software: "comptoir/bench"}
	if err := pos.Found(ctx(), config, identity(), pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		b.Fatal(err)
	}
	till, err := pos.Open(ctx(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = till.Close() })
	const n = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) `
	start := time.Date(2026, time.November, 1, 7, 0, 0, 0, time.UTC).UnixMilli()
	err = till.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		for _, rows := range []string{
			`INSERT INTO sales (seq, id, number, refunds, day, at, operator, shift, mode, total, code, units)
			 SELECT 1000 + i, 'sale-' || i, 'T26-' || i, NULL, printf('2026-11-%02d', 1 + i * 30 / 100001), ? + (i * 30 / 100001) * 86400000 + (i % 3334) * 12955,
			 CASE i % 3 WHEN 0 THEN 'MARIE' WHEN 1 THEN 'AWA' ELSE 'LEO' END, 'shift', 'eat_in', 800, 'code-' || i, 0 FROM n`,
			`INSERT INTO sale_lines (seq, n, product, name, category, kind, class, qty, unit_price, total, vat_bp, meal_units, food, of_n)
			 SELECT 1000 + i, 1, 'p' || (i % 40), 'Produit ' || (i % 40), 'Chaud', 'sale', '', 2, 250, 500, 1000, 0, 500, 0 FROM n WHERE ? > 0`,
			`INSERT INTO sale_lines (seq, n, product, name, category, kind, class, qty, unit_price, total, vat_bp, meal_units, food, of_n)
			 SELECT 1000 + i, 2, 'p' || (i % 37), 'Produit ' || (i % 37), 'Chaud', 'sale', '', 1, 300, 300, 1000, 0, 300, 0 FROM n WHERE ? > 0`,
			`INSERT INTO sale_taxes (seq, bp, ht, vat, ttc) SELECT 1000 + i, 1000, 727, 73, 800 FROM n WHERE ? > 0`,
			`INSERT INTO sale_tenders (seq, n, means, amount, given, change)
			 SELECT 1000 + i, 1, CASE i % 3 WHEN 0 THEN 'cash' ELSE 'card' END, 800, 800, 0 FROM n WHERE ? > 0`,
		} {
			if _, err := tx.Exec(ctx, n+rows, start); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return till
}

// BenchmarkReportOfAMonth reads the report of 100,000 sales. It may take a second; a manager waits for it.
func BenchmarkReportOfAMonth(b *testing.B) {
	till := busyMonth(b)
	for b.Loop() {
		r, err := till.Range(ctx(), "2026-11-01", "2026-11-30")
		if err != nil || r.Sales != 100_000 || r.Total != 80_000_000 {
			b.Fatalf("%d sales, %d cents, %v", r.Sales, r.Total, err)
		}
	}
}
