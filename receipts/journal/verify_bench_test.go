package journal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// rounds is how often each way is timed; the ways take turns, and medians are compared.
const rounds = 5

// BenchmarkVerification compares Verify with the bare work that nobody can save: SHA-256 over the bytes of every entry
// and ECDSA P-256 over its hash, spread over all cores. VERIFY_ENTRIES sets how many entries there are (100,000).
//
//	go test -run '^$' -bench Verification -benchtime 1x ./receipts/journal
func BenchmarkVerification(b *testing.B) {
	n := 100_000
	if s := os.Getenv("VERIFY_ENTRIES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	c := foundUnaudited(b)
	c.busy(n)
	c.close()
	var entries []journal.Entry
	for from := int64(0); len(entries) < n; {
		more, err := journal.Entries(b.Context(), c.db.Reader(), from, 10_000)
		if err != nil || len(more) == 0 {
			b.Fatal(len(more), err)
		}
		entries = append(entries, more...)
		from = int64(len(entries))
	}
	public := c.public()
	for b.Loop() {
		var bare, full, seals []time.Duration
		for range rounds {
			bare = append(bare, timed(func() { checkBare(b, public, entries) }))
			full = append(full, timed(func() { c.conform(journal.VerifyOptions{Full: true}) }))
			seals = append(seals, timed(func() { c.conform(journal.VerifyOptions{}) }))
		}
		bareM, fullM, sealsM := median(bare), median(full), median(seals)
		b.ReportMetric(float64(fullM)/float64(bareM), "full/bare")
		b.ReportMetric(float64(fullM)/float64(sealsM), "full/default")
		b.ReportMetric(float64(bareM.Microseconds())/float64(len(entries)), "bare-µs/entry")
		b.ReportMetric(float64(sealsM.Microseconds())/float64(len(entries)), "default-µs/entry")
	}
}

// busy writes n entries over many days: mostly tickets of three lines.
func (c *cafe) busy(n int) {
	c.tb.Helper()
	for written := 0; written < n; {
		err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
			for range 500 {
				d := sale(line("cafe", "Café", 2, 180, 1000), line("plat", "Plat du jour", 1, 1200, 1000), line("biere", "Bière", 1, 450, 2000))
				switch written % 10 {
				case 3:
					d = sale(line("cafe", "Café", 1, 180, 1000), gift("coffee", 1, 150))
				case 4:
					d = redeem("coffee", "PAID")
				case 8:
					d = event(journal.EventLogin)
				}
				if _, err := c.j.Append(ctx, tx, d); err != nil {
					return err
				}
				written++
			}
			return nil
		})
		if err != nil {
			c.tb.Fatal(err)
		}
		c.clock.Advance(8 * time.Hour)
	}
}

func (c *cafe) public() *ecdsa.PublicKey {
	c.tb.Helper()
	genesis, err := journal.Founding(context.Background(), c.db.Reader())
	if err != nil {
		c.tb.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(genesis.PublicKey)
	if err != nil {
		c.tb.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		c.tb.Fatal(err)
	}
	return key.(*ecdsa.PublicKey)
}

func (c *cafe) conform(opts journal.VerifyOptions) {
	err := c.db.Snapshot(context.Background(), func(ctx context.Context, q data.Querier) error {
		report, err := journal.Verify(ctx, q, opts)
		if err == nil && !report.Conform {
			c.tb.Error(report.Anomalies[0])
		}
		return err
	})
	if err != nil {
		c.tb.Error(err)
	}
}

func checkBare(b *testing.B, public *ecdsa.PublicKey, entries []journal.Entry) {
	b.Helper()
	var group sync.WaitGroup
	for part := range slices.Chunk(entries, (len(entries)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for _, e := range part {
				if !journal.Signed(public, journal.HashOf(e.Canon), e.Sig) {
					b.Error(e.Seq)
				}
			}
		})
	}
	group.Wait()
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
