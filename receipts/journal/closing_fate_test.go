package journal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// oneOfEach returns the n-th draft of a till that makes documents of every series in turn; of is its last ticket.
func oneOfEach(n int, of journal.Entry, b journal.TicketBody, copies int64) journal.Draft {
	switch n % 7 {
	case 1:
		return duplicate(of, copies)
	case 2:
		return invoice(of, b.Total)
	case 3:
		return refund(of, b, left(b), map[int]int64{1: 1})
	case 4:
		return redeem("coffee", journal.OriginHouse)
	case 5:
		return journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "ana", Body: journal.NoteBody{Ticket: "open-7", Print: 1}}
	case 6:
		d := coffee()
		d.Training = true
		return d
	default:
		return coffee()
	}
}

// TestEverySeriesIsGaplessWhateverHappensAtOnceR34: documents of every series from many goroutines, some refused after
// they had drawn their number, while days end by the clock and by hand.
func TestEverySeriesIsGaplessWhateverHappensAtOnceR34(t *testing.T) {
	total, tills := 700, 14
	if os.Getenv("CI") == "true" {
		total, tills = 10_080, 56 // the same number each
	}
	c := found(t)
	var refused atomic.Int64
	write := func(fn func(context.Context, *data.Tx) error) error {
		for {
			err := c.db.Write(t.Context(), fn)
			if fault.KindOf(err) != fault.Busy {
				return err
			}
		}
	}
	var group sync.WaitGroup
	for k := range tills {
		group.Go(func() {
			b := ticket(line("cafe", "Café", 1, 180, 1000))
			var of journal.Entry
			for n := range total / tills {
				for attempt := 0; ; attempt++ {
					err := write(func(ctx context.Context, tx *data.Tx) error {
						e, err := c.j.Append(ctx, tx, oneOfEach(n, of, b, 0))
						if err == nil && (k+n)%5 == 0 && attempt == 0 {
							return errChanged // the number it drew goes to somebody else
						}
						if e.Kind == journal.KindTicket && !e.Training {
							of = e
						}
						return err
					})
					if errors.Is(err, errChanged) {
						refused.Add(1)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					break
				}
			}
		})
	}
	group.Go(func() {
		for n := range 40 {
			c.clock.Advance(3 * time.Hour)
			err := write(func(ctx context.Context, tx *data.Tx) error {
				if _, _, err := c.j.CloseDay(ctx, tx, "zoe"); err != nil || n%3 == 0 {
					return errors.Join(err, errChanged)
				}
				return tx.Record(data.Event{Type: "closing"})
			})
			if err != nil && !errors.Is(err, errChanged) {
				t.Error(err)
				return
			}
		}
	})
	group.Wait()
	c.close()
	c.open()
	c.end(journal.KindCloseDay)
	c.mustConform()
	counts, documents := map[string]int{}, 0
	for _, e := range c.all() {
		if e.Number != "" {
			counts[e.Number[:1]]++
			if want := fmt.Sprintf("%s26-%06d", e.Number[:1], counts[e.Number[:1]]); e.Number != want {
				t.Errorf("%s where %s was due", e.Number, want)
			}
			if e.Kind != journal.KindCloseDay && e.Kind != journal.KindCloseMonth {
				documents++
			}
		}
	}
	if documents != total || len(counts) < 8 || refused.Load() == 0 {
		t.Errorf("%d documents, %d refused: %v", documents, refused.Load(), counts)
	}
}

// TestAPowerCutLeavesWholeClosings cuts the power at every point of the commit that catches up a week: all of it is there
// afterwards, or nothing, and the rest is closed by the next start.
func TestAPowerCutLeavesWholeClosings(t *testing.T) {
	fs, err := faultvfs.New("closing-" + t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fs.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &cafe{tb: t, dir: t.TempDir(), clock: datatest.NewClock()}
	c.db = datatest.Open(t, func(o *data.Options) { o.Dir, o.Clock, o.VFS = c.dir, c.clock, fs.Name() })
	if err := journal.Found(t.Context(), c.db, c.config(), identity()); err != nil {
		t.Fatal(err)
	}
	c.open()
	t.Cleanup(c.close)
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	c.append(coffee())
	fs.Mark(0)
	c.clock.Advance(12 * 24 * time.Hour) // over the end of November: twelve days and a month
	c.append(coffee())
	fs.Mark(1)
	record, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	rng := mathrand.New(mathrand.NewPCG(1, 2018))
	seen := map[int64]int{}
	for cut := range record.Ops {
		disk := faultvfs.Image(record, cut, rng)
		seen[c.afterCut(t, disk)]++
	}
	seen[c.afterCut(t, faultvfs.Image(record, len(record.Ops), rng))]++
	if len(seen) > 2 || seen[0] == 0 || seen[13] == 0 {
		t.Errorf("closings found after the cuts: %v, want none or 13", seen)
	}
}

// afterCut opens what a power cut has left, returns how many closings are there, and sells on.
func (c *cafe) afterCut(t *testing.T, disk faultvfs.Disk) (closings int64) {
	t.Helper()
	dir := t.TempDir()
	if err := disk.Save(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(filepath.Join(c.dir, "keys"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "keys", "k1.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := data.Open(t.Context(), data.Options{Dir: dir, Clock: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Reader().QueryRow(t.Context(), `SELECT count(*) FROM documents WHERE series IN ('Z', 'M')`).Scan(&closings); err != nil {
		t.Fatal(err)
	}
	after := &cafe{tb: t, dir: dir, clock: c.clock, db: db}
	after.open() // the head file is gone with the power: the event that says so is dated in the day that was open
	if e := after.append(coffee()); e.Day != "2026-12-03" || len(after.closings(journal.KindCloseDay, "2026-11-21", "2026-12-02")) != 12 {
		t.Errorf("%d closings were there; sold on %s", closings, e.Day)
	}
	after.close()
	after.mustConform()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	return closings
}

// TestAJournalOfCore1ClosesItsOldDaysEachWithItsOwnEntries makes a journal as core 1 wrote it, three days without closings,
// and goes on with it: in the last of the days, or after it.
func TestAJournalOfCore1ClosesItsOldDaysEachWithItsOwnEntries(t *testing.T) {
	for name, now := range map[string]time.Time{"the same day": time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC), "in December": time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC)} {
		t.Run(name, func(t *testing.T) {
			c := ofCore1(t)
			c.clock.Set(now)
			c.open()
			c.append(coffee())
			c.close()
			c.open() // the day that began before the first closing goes on
			if now.Month() == time.November {
				c.clock.Advance(24 * time.Hour)
				c.append(coffee())
			}
			want := map[string]int64{"2026-11-21": 2, "2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 0, "2026-11-25": 4}
			if now.Month() == time.November {
				want["2026-11-25"]++
			}
			for _, e := range c.closings(journal.KindCloseDay, "2026-11-21", "2026-11-25") {
				b := closingBody(t, e)
				if b.Sales.N != want[e.Day] || b.Total.TTC != 180*money.Cents(b.Sales.N) || !b.Late {
					t.Errorf("%s: %+v, want %d sales", e.Day, b, want[e.Day])
				}
				delete(want, e.Day)
			}
			if len(want) > 0 {
				t.Errorf("not closed: %v", want)
			}
			c.close()
			c.mustConform()
		})
	}
}

// ofCore1 is a closed journal whose entries say that core 1 wrote them: sales of 21, 23 and 25 November.
func ofCore1(t *testing.T) *cafe {
	t.Helper()
	c := foundUnaudited(t)
	for range 9 {
		c.append(coffee())
	}
	c.close()
	exec(t, c.db, unlock[1])
	key, entries := c.signingKey(), c.entries()
	for i, e := range entries {
		fields := tree(t, e.Canon).(map[string]any)
		fields["core"] = "1.0.0"
		if i > 0 {
			fields["prev"] = hex.EncodeToString(entries[i-1].Hash[:])
		}
		if i > 2 {
			day := "2026-11-23"
			if i > 5 {
				day = "2026-11-25"
			}
			fields["bday"], fields["ts"] = day, day+"T09:00:00.000Z"
		}
		e.Canon = canonical(t, fields)
		e.Hash = journal.HashOf(e.Canon)
		var err error
		if e.Sig, err = ecdsa.SignASN1(rand.Reader, key, e.Hash[:]); err != nil {
			t.Fatal(err)
		}
		entries[i] = e
	}
	c.store(entries...)
	if err := os.Remove(filepath.Join(c.dir, "head")); err != nil {
		t.Fatal(err)
	}
	return c
}
