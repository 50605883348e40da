package pos_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestACafeOfAnOlderReleaseIsOpened opens a café as the first release left it: nine meals on a card with one of them
// refunded, a menu of two rates, gifts, a serving, cash, a closed shift and an order put aside. Its rows are carried
// over, doctor and the journal find nothing, and it sells, refunds and pays what was open.
func TestACafeOfAnOlderReleaseIsOpened(t *testing.T) {
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", "cafe-v6.zip"), dir)
	c := &cafe{tb: t, clock: datatest.NewClock()}
	c.config = pos.Config{Dir: dir, Clock: c.clock, PublicURL: "http://till.local:8081", Software: "comptoir/test"}
	if _, err := pos.OpenReadOnly(ctx(), c.config); fault.CodeOf(err) != "data.older" {
		t.Errorf("opened beside nobody: %v", err)
	}
	c.open()
	defer func() {
		datatest.Audit(t, c.DB())
		c.verify()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
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
