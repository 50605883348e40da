package pos_test

import (
	"slices"
	"testing"
	"time"

	"comptoir/pos"
)

// BenchmarkDialOfAYear reads the dial of a café that has sold 300 tickets a day for a year, beside that of one that has
// sold as many for the sixty days the dial looks at, in turns: it prints how many times as long it takes (median of 7).
func BenchmarkDialOfAYear(b *testing.B) {
	const perDay = 300
	few, many := busyDays(b, 60*perDay, 60), busyDays(b, 365*perDay, 365)
	read := func(till *pos.Till) time.Duration {
		start := time.Now()
		for range 5 {
			if d, err := till.Dial(ctx()); err != nil || d.Turnover < 20*perDay*727 {
				b.Fatalf("turnover %d, %v", d.Turnover, err)
			}
		}
		return time.Since(start)
	}
	for b.Loop() {
		var ratios []float64
		var took time.Duration
		for range 7 {
			base := read(few)
			took = read(many)
			ratios = append(ratios, float64(took)/float64(base))
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "times/60d")
		b.ReportMetric(float64(took.Milliseconds())/5, "ms/dial")
	}
}
