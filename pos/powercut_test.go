package pos_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/money"
	"comptoir/pos"
)

// sold is one sale that was asked for, by its command, and answered or not.
type sold struct {
	by      pos.By
	request pos.SellRequest
	number  string // "" when it was never acknowledged
}

// onFaultyDisk opens a café whose disk misbehaves on request, freshly started.
func onFaultyDisk(t *testing.T) (*cafe, *faultvfs.FS) {
	t.Helper()
	fs, err := faultvfs.New("till-" + t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fs.Close(); err != nil {
			t.Error(err)
		}
	})
	c := openCafe(t, func(o *pos.Config) { o.VFS = fs.Name() })
	c.reopen()
	return c, fs
}

// mixed is the i-th sale of a row in which meals, gifts, cash and a card take turns.
func mixed(c *cafe, i int, card string) sold {
	s := sold{by: c.by(), request: pos.SellRequest{Card: card, Lines: []pos.LineRequest{line("plat", 1+i%3)}}}
	due := 1190 * (1 + i%3)
	if i%2 == 0 {
		s.request.Lines = append(s.request.Lines, gift("cafe", 1))
		due += 180
	}
	s.request.Tenders = []pos.Tender{{Means: pos.Cash, Amount: money.Cents(due), Given: money.Cents(due) + 500}}
	return s
}

func (c *cafe) ask(s *sold) error {
	r, err := c.Sell(ctx(), s.by, s.request)
	s.number = r.Number
	return err
}

// afterPowerCut opens the café as one power cut would have left it, and audits it. The head file is not behind the
// VFS: a cut leaves an older one or none, which is what is tried here.
func afterPowerCut(t *testing.T, c *cafe, disk faultvfs.Disk, check func(after *cafe)) {
	t.Helper()
	dir := t.TempDir()
	if err := disk.Save(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(filepath.Join(c.config.Dir, "keys"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "keys", "k1.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	after := &cafe{tb: t, config: c.config, clock: c.clock, manager: c.manager, barista: c.barista}
	after.config.Dir, after.config.VFS = dir, ""
	after.open()
	check(after)
	datatest.Audit(t, after.DB())
	after.verify()
	if err := after.Close(); err != nil {
		t.Error(err)
	}
}

// TestAPowerCutLosesNothingAcknowledged cuts the power at random points of a row of sales. Whatever was answered is
// there once, and asking again by command id answers the same number.
func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	cuts := 10
	if os.Getenv("CI") == "true" {
		cuts = 60
	}
	c, fs := onFaultyDisk(t)
	card := c.newCard()
	c.reopen() // its start empties the log: the record begins on a clean file
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	sales := make([]sold, 40)
	for i := range sales {
		sales[i] = mixed(c, i, card)
		if err := c.ask(&sales[i]); err != nil {
			t.Fatal(err)
		}
		fs.Mark(int64(i))
	}
	record, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range cuts {
		cut := rng.IntN(len(record.Ops) + 1)
		disk := faultvfs.Image(record, cut, rng)
		afterPowerCut(t, c, disk, func(after *cafe) {
			for _, i := range disk.Marks {
				r, err := after.Sell(ctx(), sales[i].by, sales[i].request)
				if err != nil || r.Number != sales[i].number {
					t.Errorf("cut at %d: sale %d was answered %s, now %s, %v", cut, i, sales[i].number, r.Number, err)
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

// TestAFailedSyncThenARestartThenAPowerCut: a commit whose sync fails, a restart, more sales, and the power goes.
// Everything acknowledged is there, and the caller of the failed one learns by its id what became of it.
func TestAFailedSyncThenARestartThenAPowerCut(t *testing.T) {
	c, fs := onFaultyDisk(t)
	card := c.newCard()
	c.reopen()
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	sales := make([]sold, 20)
	for i := range sales {
		sales[i] = mixed(c, i, card)
		if i == 10 {
			fs.FailSync(1)
			refused(t, c.ask(&sales[i]), "data.unknown")
			fs.Heal()
			c.reopen()
			if err := c.ask(&sales[i]); err != nil { // the page asks again with the same id
				t.Fatalf("asked again after the restart: %v", err)
			}
		} else if err := c.ask(&sales[i]); err != nil {
			t.Fatal(err)
		}
		fs.Mark(int64(i))
	}
	record, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	disk := faultvfs.Image(record, len(record.Ops), rand.New(rand.NewPCG(1, 2)))
	if len(disk.Marks) != len(sales) {
		t.Fatalf("%d of %d sales were acknowledged before the cut", len(disk.Marks), len(sales))
	}
	afterPowerCut(t, c, disk, func(after *cafe) {
		numbers := map[string]bool{}
		for i := range sales {
			r, err := after.Sell(ctx(), sales[i].by, sales[i].request)
			if err != nil || r.Number != sales[i].number || numbers[r.Number] {
				t.Errorf("sale %d was answered %s, now %s, %v", i, sales[i].number, r.Number, err)
			}
			numbers[r.Number] = true
		}
		var n int
		if err := after.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM sales`).Scan(&n); err != nil || n != len(sales) {
			t.Errorf("%d sales, %v; want %d", n, err, len(sales))
		}
	})
}

// TestAFullDiskSellsNothingAndKeepsEverything: writes fail with "disk full" in the middle of a sale.
func TestAFullDiskSellsNothingAndKeepsEverything(t *testing.T) {
	c, fs := onFaultyDisk(t)
	card := c.newCard()
	for i := range 5 {
		s := mixed(c, i, card)
		if err := c.ask(&s); err != nil {
			t.Fatal(err)
		}
	}
	fs.FailWritesFrom(3)
	s := mixed(c, 5, card)
	refused(t, c.ask(&s), "data.unknown")
	fs.Heal()
	c.reopen()
	if err := c.ask(&s); err != nil {
		t.Fatal(err)
	}
	if s.number != fmt.Sprintf("T26-%06d", 6) {
		t.Errorf("the sale that met the full disk is %s", s.number)
	}
	c.verify()
}
