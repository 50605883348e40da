package simulation

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"comptoir/pos"
)

func yearOf(sales int) HistoryPlan {
	return HistoryPlan{Sales: sales, Years: 1, Seed: 7, Until: time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)}
}

// TestAHistoryIsLawfulAndGoneOnWith: a process that ends in the middle leaves a history that the next one finishes.
func TestAHistoryIsLawfulAndGoneOnWith(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made")
	ctx, cancel := context.WithCancel(t.Context())
	half, err := Make(ctx, yearOf(400), dir, func(h History) {
		if h.Sold >= 150 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || half.Done {
		t.Fatalf("done %v, %v: want an end in the middle", half.Done, err)
	}
	leaveInTheMiddleOfADay(t, dir)
	h, err := Make(t.Context(), yearOf(400), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !h.Done || h.Sold != 400 || h.Days != 365 || len(h.Cards) != cardsMin || h.Bytes == 0 {
		t.Errorf("%d sales over %d days, %d cards, %d bytes, done %v", h.Sold, h.Days, len(h.Cards), h.Bytes, h.Done)
	}
	if again, err := Make(t.Context(), yearOf(400), dir, nil); err != nil || again.Entries != h.Entries {
		t.Errorf("made again: %d entries, %v, want the same %d", again.Entries, err, h.Entries)
	}
	if _, err := Make(t.Context(), yearOf(401), dir, nil); err == nil {
		t.Error("another plan's history was gone on with")
	}
	till, err := pos.Open(t.Context(), pos.Config{Dir: filepath.Join(dir, demoDir), Software: "comptoir/test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = till.Close() }()
	broken, err := till.DB().Check(t.Context())
	if err != nil || len(broken) > 0 {
		t.Errorf("laws: %v, %v", broken, err)
	}
	report, err := till.VerifyJournal(t.Context(), true)
	if err != nil || len(report.Anomalies) > 0 {
		t.Errorf("journal: %+v, %v", report.Anomalies, err)
	}
}

// leaveInTheMiddleOfADay goes on with a history and leaves it as a killed process does: with a shift open, and sales in it.
func leaveInTheMiddleOfADay(t *testing.T, dir string) {
	t.Helper()
	m, err := resume(t.Context(), yearOf(400), dir)
	if err != nil {
		t.Fatal(err)
	}
	m.clock.Reach(m.morning(m.h.Days))
	if _, err := m.till.OpenShift(t.Context(), m.named(m.barista, m.h.Days, "open"), float); err != nil {
		t.Fatal(err)
	}
	if err := m.visit(t.Context(), m.comes(m.plan.draw(m.h.Days), "left")); err != nil {
		t.Fatal(err)
	}
	if err := m.halt(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkHistory makes a year of 20,000 sales: sales and bytes of the database.
func BenchmarkHistory(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		h, err := Make(b.Context(), yearOf(20_000), b.TempDir(), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(h.Sold)/time.Since(began).Seconds(), "sales/s")
		b.ReportMetric(float64(h.Bytes)/float64(h.Sold), "B/sale")
	}
}
