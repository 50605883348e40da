package pos_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/pos"
)

// BenchmarkClosingOfAThousandTickets compares the closing of a day of a thousand tickets with what nobody can save:
// summing their rows once, and one commit. Seven days are sold, summed and closed in turn; medians are compared.
//
//	go test -run '^$' -bench ClosingOfAThousand -benchtime 1x ./pos
func BenchmarkClosingOfAThousandTickets(b *testing.B) {
	const rounds, tickets = 7, 1000
	c := openCafe(b)
	for b.Loop() {
		var sums, commits, closings []time.Duration
		for range rounds {
			c.sellMany(tickets)
			day := c.DB().Today()
			sums = append(sums, c.timed(func() error { return sumRows(c, day) }))
			commits = append(commits, c.timed(func() error {
				return c.DB().Write(ctx(), func(_ context.Context, tx *data.Tx) error { return tx.Record(data.Event{Type: "bench"}) })
			}))
			closings = append(closings, c.timed(func() error {
				z, err := c.CloseDay(ctx(), c.byManager())
				if z.Sales != tickets {
					b.Fatalf("%d sales in %s", z.Sales, z.Number)
				}
				return err
			}))
			c.clock.Advance(24 * time.Hour)
		}
		sum, commit, closing := middle(sums), middle(commits), middle(closings)
		b.ReportMetric(float64(closing-commit)/float64(sum), "(closing-commit)/sum")
		b.ReportMetric(float64(sum.Microseconds()), "sum-µs")
		b.ReportMetric(float64(commit.Microseconds()), "commit-µs")
		b.ReportMetric(float64(closing.Microseconds()), "closing-µs")
	}
}

// sellMany sells n tickets from several tills at once.
func (c *cafe) sellMany(n int) {
	c.tb.Helper()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range n / 8 {
				request := pos.SellRequest{Lines: []pos.LineRequest{line("plat", 1)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: 1190}}}
				if _, err := c.Sell(ctx(), c.by(), request); err != nil {
					c.tb.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if c.tb.Failed() {
		c.tb.FailNow()
	}
}

func (c *cafe) timed(fn func() error) time.Duration {
	c.tb.Helper()
	start := time.Now()
	if err := fn(); err != nil {
		c.tb.Fatal(err)
	}
	return time.Since(start)
}

func middle(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// sumRows adds up the rows of a day as a report does: documents, taxes, tenders, lines.
func sumRows(c *cafe, day string) error {
	for _, query := range []string{
		`SELECT count(*), sum(total), 0 FROM sales WHERE day = ?`,
		`SELECT sum(t.ttc), sum(t.ht), sum(t.vat) FROM sale_taxes AS t JOIN sales AS s ON s.seq = t.seq WHERE s.day = ? GROUP BY t.bp`,
		`SELECT sum(t.amount), count(*), 0 FROM sale_tenders AS t JOIN sales AS s ON s.seq = t.seq WHERE s.day = ? GROUP BY t.means`,
		`SELECT sum(l.total), sum(l.disc), sum(l.qty) FROM sale_lines AS l JOIN sales AS s ON s.seq = l.seq WHERE s.day = ? GROUP BY l.vat_bp, l.reason`,
	} {
		_, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (n [3]int64, err error) {
			return n, r.Scan(&n[0], &n[1], &n[2])
		}, query, day)
		if err != nil {
			return err
		}
	}
	return nil
}
