package pos_test

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// openOlder opens a café as an older release left it, which nobody but the service may; at the end it is audited and closed.
func openOlder(t *testing.T, release string, clock *datatest.Clock) *cafe {
	t.Helper()
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", release), dir)
	c := &cafe{tb: t, clock: clock, config: pos.Config{Dir: dir, Clock: clock, PublicURL: "http://till.local:8081", Software: "comptoir/test"}}
	if _, err := pos.OpenReadOnly(ctx(), c.config); fault.CodeOf(err) != "data.older" {
		t.Errorf("opened beside nobody: %v", err)
	}
	c.open()
	t.Cleanup(func() {
		datatest.Audit(t, c.DB())
		c.verify()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	c.command.Store(1000)
	operators, err := c.Operators(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range operators {
		if o.Role == pos.RoleManager {
			c.manager = o
		} else {
			c.barista = o
		}
	}
	if c.barista.ID == "" {
		c.barista = c.manager
	}
	return c
}

// TestACafeOfAnOlderReleaseIsOpened opens a café as the first release left it: nine meals on a card with one of them
// refunded, a menu of two rates, gifts, a serving, cash, a closed shift and an order put aside. Its rows are carried
// over, doctor and the journal find nothing, and it sells, refunds and pays what was open.
func TestACafeOfAnOlderReleaseIsOpened(t *testing.T) {
	c := openOlder(t, "cafe-v6.zip", datatest.NewClock())
	s, err := c.Sale(ctx(), "T26-000001")
	if err != nil || len(s.Lines) != 3 || s.Lines[1].Qty != 2 || s.Lines[1].RefundedQty != 1 || s.Lines[1].Discount != 0 || s.Lines[1].Total != 2800 {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil {
		t.Fatal(err)
	}
	if r := c.refund(s.ID, 2, 1); r.Total != -1400 {
		t.Errorf("%+v", r)
	}
	open, err := c.Tickets(ctx())
	if err != nil || len(open) != 1 || open[0].Rest != 2600 {
		t.Fatalf("%+v, %v", open, err)
	}
	c.pay(open[0].ID, pos.Cash, 600, 0)
	c.settle(c.discount(open[0].ID, 1, percent(10, pos.ReasonQuality)))

	c.clock.Advance(72 * time.Hour) // its first release closed no day: now they are, late
	closing, err := c.CloseDay(ctx(), c.byManager())
	if err != nil || closing.Number != "Z26-000004" || closing.Period != "2026-11-24" || closing.Sales != 0 {
		t.Errorf("%+v, %v", closing, err)
	}
	days, err := journal.Closings(ctx(), c.DB().Reader(), journal.KindCloseDay, "2026-11-21", "2026-11-24")
	if err != nil || len(days) != 4 {
		t.Fatalf("%d days closed, %v", len(days), err)
	}
	var first journal.CloseBody
	if err := days[0].Decode(&first); err != nil || !first.Late || first.FromSeq != 0 || first.Sales.N != 4 || first.Refunds.N != 3 || first.GT.PerpNet != closing.PerpNet {
		t.Errorf("%+v, %v", first, err)
	}
}

// Every later release whose tables others had: a small day of it (four sales, a gift, card and cash) is opened by
// this one. Doctor and the journal find nothing, and it sells, refunds and closes its day.
func TestACafeOfEveryLaterReleaseIsOpened(t *testing.T) {
	for _, release := range []string{"cafe-v13.zip", "cafe-v20.zip", "cafe-v27.zip", "cafe-v31.zip"} {
		t.Run(release, func(t *testing.T) {
			clock := datatest.NewClock()
			clock.Advance(time.Date(2026, 11, 21, 22, 45, 0, 0, time.UTC).Sub(clock.Now())) // that evening
			c := openOlder(t, release, clock)
			s, err := c.Sale(ctx(), "T26-000001")
			if err != nil || len(s.Lines) == 0 || s.Total <= 0 {
				t.Fatalf("%+v, %v", s, err)
			}
			if r := c.refund(s.ID, s.Lines[0].ID, 1); r.Total >= 0 {
				t.Errorf("%+v", r)
			}
			sold, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: s.Lines[0].Product, Qty: 1, Options: []string{}}},
				Tenders: []pos.Tender{{Means: pos.Cash, Amount: s.Lines[0].UnitPrice, Given: s.Lines[0].UnitPrice}}})
			if err != nil || sold.Total != s.Lines[0].UnitPrice {
				t.Errorf("%+v, %v", sold, err)
			}
			c.clock.Advance(24 * time.Hour)
			if closing, err := c.CloseDay(ctx(), c.byManager()); err != nil || closing.Number == "" {
				t.Errorf("%+v, %v", closing, err)
			}
		})
	}
}

// TestAnUpgradeKeepsEveryByteOfTheJournal holds what is signed, and the numbers that rest on it, against the same rows of the
// older release's file.
func TestAnUpgradeKeepsEveryByteOfTheJournal(t *testing.T) {
	releases, err := filepath.Glob(filepath.Join("testdata", "cafe-v*.zip"))
	if err != nil || len(releases) < 5 {
		t.Fatal(releases, err)
	}
	for _, release := range releases {
		t.Run(filepath.Base(release), func(t *testing.T) {
			dir := t.TempDir()
			unpack(t, release, dir)
			before, rows := journalBytes(t, filepath.Join(dir, "till.db"))
			db, err := data.Open(ctx(), data.Options{Dir: dir, Clock: datatest.NewClock()})
			if err != nil {
				t.Fatal(err)
			}
			report, err := journal.Verify(ctx(), db.Reader(), journal.VerifyOptions{Full: true})
			if err != nil || !report.Conform {
				t.Errorf("%+v, %v", report, err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if after, same := journalBytes(t, filepath.Join(dir, "till.db")); after != before || same != rows || rows < 10 {
				t.Errorf("%d entries, %x; after the upgrade %d, %x", rows, before, same, after)
			}
		})
	}
}

// journalBytes is a hash over every entry and every number of a database of any release.
func journalBytes(t *testing.T, file string) (sum [32]byte, rows int) {
	t.Helper()
	db, err := data.OpenCopy(ctx(), file)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	for _, query := range []string{`SELECT seq, canon, hash, sig FROM journal ORDER BY seq`, `SELECT seq, CAST(series || year || n AS BLOB), x'', x'' FROM documents ORDER BY seq`} {
		err := data.Each(ctx(), db.Reader(), func(r *data.Rows) error {
			var seq int64
			var canon, link, sig []byte
			if err := r.Scan(&seq, &canon, &link, &sig); err != nil {
				return err
			}
			rows++
			_, err := fmt.Fprintf(hash, "%d %x %x %x\n", seq, canon, link, sig)
			return err
		}, query)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return [32]byte(hash.Sum(nil)), rows
}

// unpack writes the files of an archive.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	r, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := os.CopyFS(dir, r); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "keys", "k1.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
}
