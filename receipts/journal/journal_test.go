package journal_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

func TestAMorningOfEveryKindIsConform(t *testing.T) {
	c := found(t)
	c.service()
	c.close()
	c.open()
	r := c.mustConform()
	if r.Entries != 15 || r.Signatures != 15 || !r.Conform {
		t.Errorf("entries %d, signatures %d, conform %v", r.Entries, r.Signatures, r.Conform)
	}
}

func TestVectorOfTheReference(t *testing.T) {
	const canon = `{"bday":"2027-01-04","body":{"reason":"commissioning"},"core":"1.0.0","doc":null,"journal":"00000000-0000-4000-8000-000000000001","key":"k1","kind":"GENESIS","op":"sys","prev":"0000000000000000000000000000000000000000000000000000000000000000","reg":"C1","seq":0,"siret":"00000000000000","sw":"cafe-till/1.0.0","ts":"2027-01-04T05:30:00.000Z","tz":60,"v":1}`
	if !journal.IsCanonical([]byte(canon)) {
		t.Error("the vector of fiscal §6.4 is not canonical here")
	}
	const want = "9cd2e26af8fa5d7e61d2b7bba131c5075a1b8a69633cda3e0b5b16d14d97317d"
	if hash := journal.HashOf([]byte(canon)); hex.EncodeToString(hash[:]) != want {
		t.Errorf("hash %x, want %s", hash, want)
	}
}

func TestFoundRefusesASecondGenesisAndAnIncompleteIdentity(t *testing.T) {
	c := found(t)
	if err := journal.Found(t.Context(), c.db, c.config(), identity()); fault.CodeOf(err) != "journal.founded" {
		t.Errorf("second genesis: %v", err)
	}
	db := datatest.Open(t)
	id := identity()
	id.SIRET, id.VATRegime = "1234", ""
	err := journal.Found(t.Context(), db, journal.Config{Dir: t.TempDir()}, id)
	if e, ok := fault.As(err); !ok || e.Code != "journal.identity" || len(e.Fields) != 2 {
		t.Errorf("incomplete identity: %v", err)
	}
	if _, err := journal.Open(t.Context(), db, journal.Config{Dir: t.TempDir()}); fault.CodeOf(err) != "journal.unfounded" {
		t.Errorf("open without genesis: %v", err)
	}
}

func TestFoundTakesUpTheKeyOfAFoundThatWasCutShort(t *testing.T) {
	dir, faults := t.TempDir(), &datatest.FailAt{}
	db := datatest.Open(t, func(o *data.Options) { o.Dir, o.Fault = dir, faults.Fault })
	faults.Arm(1, "exec")
	if err := journal.Found(t.Context(), db, journal.Config{Dir: dir}, identity()); !errors.Is(err, datatest.ErrInjected) {
		t.Fatalf("found: %v", err)
	}
	faults.Arm(0, "")
	if err := journal.Found(t.Context(), db, journal.Config{Dir: dir}, identity()); err != nil {
		t.Fatalf("found again: %v", err)
	}
}

func TestTheKeyIsRefusedWhenOthersCanReadIt(t *testing.T) {
	c := found(t)
	c.close()
	path := filepath.Join(c.dir, "keys", "k1.pem")
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
	try := func(want string) {
		t.Helper()
		if _, err := journal.Open(t.Context(), c.db, c.config()); fault.CodeOf(err) != want {
			t.Errorf("open: %v, want %s", err, want)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	try("journal.key_exposed")
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("no key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	try("journal.key_broken")
	other := foundUnaudited(t)
	text, err := os.ReadFile(filepath.Join(other.dir, "keys", "k1.pem"))
	if err := errors.Join(err, os.WriteFile(path, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	try("journal.key_other")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	try("journal.key_missing")
}

func TestAFailedWriteLeavesNoNumberNoSeqNoTotal(t *testing.T) {
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	seq, hash := c.j.Head()
	err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		for range 3 {
			if _, err := c.j.Append(ctx, tx, sale(gift("coffee", 1, 180))); err != nil {
				return err
			}
		}
		return errChanged
	})
	if !errors.Is(err, errChanged) {
		t.Fatal(err)
	}
	if s, h := c.j.Head(); s != seq || h != hash {
		t.Errorf("head moved from %d to %d", seq, s)
	}
	e := c.append(sale(line("the", "Thé", 1, 250, 1000)))
	var b journal.TicketBody
	if err := e.Decode(&b); err != nil {
		t.Fatal(err)
	}
	if e.Seq != seq+1 || e.Number != "T26-000002" || b.GT.PerpNet != 430 || len(b.GT.Pools) != 0 {
		t.Errorf("after the failure: seq %d, number %s, gt %+v", e.Seq, e.Number, b.GT)
	}
	c.close()
	c.open()
	c.mustConform()
}

func TestTotalsAndPoolsAreTheSameAfterReopening(t *testing.T) {
	c := found(t)
	c.service()
	c.close()
	c.open()
	c.append(sale(gift("coffee", 3, 150)))
	if pools, err := journal.Pools(t.Context(), c.db.Reader()); err != nil || pools["coffee"] != 3 || pools["meal"] != 0 {
		t.Errorf("pools %v (%v)", pools, err)
	}
	c.append(redeem("coffee", "PAID"), redeem("coffee", "PAID"), release(1, "T26-000003"))
	if pools, err := journal.Pools(t.Context(), c.db.Reader()); err != nil || pools["coffee"] != 1 || pools["meal"] != 1 {
		t.Errorf("pools %v (%v)", pools, err)
	}
	c.append(redeem("coffee", "PAID"), redeem("meal", "LOYALTY"))
	e := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	var b journal.TicketBody
	if err := e.Decode(&b); err != nil {
		t.Fatal(err)
	}
	// 2 × 1.80 + 4.50 + 2 × 1.50 + 12.00 − (1.80 + 1.50) + 3 × 1.50 + 1.80
	if want := money.Cents(1110 + 1200 - 330 + 450 + 180); b.GT.PerpNet != want || b.GT.YearNet != want || b.GT.PerpAbs != want+660 {
		t.Errorf("gt %+v, want net %d", b.GT, want)
	}
	if got, want := fmt.Sprint(b.GT.Pools), "[{coffee 0} {meal 0}]"; got != want {
		t.Errorf("pools %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(b.GT.Rates), "[{28.20 1000 21.60} {4.50 2000 4.50}]"; got != want {
		t.Errorf("rates {abs bp net} %s, want %s", got, want)
	}
}

func TestAFullyRefundedTicketNetsToZeroHoweverItIsCutUp(t *testing.T) {
	c := found(t)
	for _, price := range []money.Cents{95, 101, 333, 549} {
		b := ticket(line("a", "A", 5, price, 550), line("b", "B", 3, price+1, 550), line("c", "C", 1, 999, 2000))
		of := c.append(journal.Draft{Kind: journal.KindTicket, Series: "T", Op: "ana", Body: b})
		remaining, ht, vat := left(b), b.Total.HT, b.Total.VAT
		for _, units := range []map[int]int64{{1: 1}, {1: 2, 2: 1}, {2: 2, 3: 1}, {1: 2}} {
			d := refund(of, b, remaining, units)
			c.append(d)
			r := d.Body.(journal.RefundBody)
			ht, vat = ht+r.Total.HT, vat+r.Total.VAT
		}
		if ht != 0 || vat != 0 {
			t.Errorf("price %d: HT %d and VAT %d remain", price, ht, vat)
		}
	}
	c.close()
	c.open()
	c.mustConform()
}

func TestAppendRefusesWhatDoesNotAddUp(t *testing.T) {
	c := found(t)
	c.append(sale(gift("coffee", 1, 150)))
	change := func(f func(*journal.TicketBody)) journal.Draft {
		b := ticket(line("cafe", "Café", 1, 180, 1000), line("biere", "Bière", 1, 450, 2000))
		f(&b)
		return journal.Draft{Kind: journal.KindTicket, Series: "T", Op: "ana", Body: b}
	}
	for name, d := range map[string]journal.Draft{
		"short payment":      change(func(b *journal.TicketBody) { b.Pay[0].Amt, b.Pay[0].Given = 629, 629 }),
		"change on a card":   change(func(b *journal.TicketBody) { b.Pay[0].Given, b.Pay[0].Change = 700, 70 }),
		"wrong total":        change(func(b *journal.TicketBody) { b.Total.TTC++ }),
		"wrong tax":          change(func(b *journal.TicketBody) { b.Rates[0].HT++; b.Rates[0].VAT-- }),
		"wrong line":         change(func(b *journal.TicketBody) { b.Lines[0].TTC++ }),
		"missing rate":       change(func(b *journal.TicketBody) { b.Rates = b.Rates[:1] }),
		"negative ticket":    change(func(b *journal.TicketBody) { b.Lines[0].Qty, b.Lines[0].TTC = -1000, -180 }),
		"gift without class": change(func(b *journal.TicketBody) { b.Lines[0].K = journal.LineGift }),
		"no line":            change(func(b *journal.TicketBody) { b.Lines = nil }),
		"wrong series":       {Kind: journal.KindTicket, Series: "A", Op: "ana", Body: ticket(line("cafe", "Café", 1, 180, 1000))},
		"wrong body":         {Kind: journal.KindRefund, Series: "A", Op: "ana", Body: ticket(line("cafe", "Café", 1, 180, 1000))},
		"a second genesis":   {Kind: journal.KindGenesis, Op: "ana", Body: journal.GenesisBody{}},
		"an empty shelf":     redeem("meal", "LOYALTY"),
		"retracted twice":    release(-1, "A26-000001"),
		"cash difference":    {Kind: journal.KindCash, Op: "ana", Body: journal.CashBody{Type: journal.CashCount, Counted: 1}},
	} {
		if err := c.refuse(d); fault.CodeOf(err) != "journal.rule" {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := sale(line("cafe", "Café\nnoir", 1, 180, 1000))
	if err := c.refuse(bad); fault.CodeOf(err) != "journal.canon" {
		t.Errorf("control character: %v", err)
	}
}

func TestAHouseItemLeavesThePoolAsItWas(t *testing.T) {
	c := found(t)
	c.append(sale(gift("coffee", 1, 150)))
	house := c.append(redeem("coffee", journal.OriginHouse))
	c.append(redeem("coffee", "PAID"), undo(house, "coffee", journal.OriginHouse))
	if err := c.refuse(redeem("coffee", "PAID")); fault.CodeOf(err) != "journal.rule" {
		t.Errorf("served from an empty shelf: %v", err)
	}
	c.mustConform()
}

func TestTheClockMayGoBackTheJournalDoesNot(t *testing.T) {
	c := found(t)
	last := c.append(event(journal.EventLogin))
	c.clock.Advance(-1500 * time.Millisecond) // within the tolerance
	c.append(event(journal.EventLogin))
	c.clock.Advance(-36 * time.Hour)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)), sale(line("cafe", "Café", 1, 180, 1000)))
	c.clock.Advance(72 * time.Hour)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.clock.Advance(-time.Hour)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	entries, err := journal.Entries(t.Context(), c.db.Reader(), last.Seq, 100)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for i, e := range entries {
		kinds = append(kinds, string(e.Kind))
		if i > 0 && (e.At.Before(entries[i-1].At) || e.Day < entries[i-1].Day) {
			t.Errorf("entry %d goes back to %s (%s)", e.Seq, e.At, e.Day)
		}
	}
	if got, want := strings.Join(kinds, " "), "EVENT EVENT EVENT TICKET TICKET CLOSE_DAY TICKET EVENT TICKET"; got != want {
		t.Errorf("entries %s, want one anomaly per episode: %s", got, want)
	}
	var b journal.EventBody
	if err := entries[2].Decode(&b); err != nil || b.Code != journal.EventClockAnomaly || b.Data["last"] != last.At.Format("2006-01-02T15:04:05.000Z") {
		t.Errorf("anomaly %+v (%v)", b, err)
	}
	c.mustConform()
}

func TestSeriesBeginAgainWithTheFiscalYear(t *testing.T) {
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.clock.Set(time.Date(2027, 1, 1, 2, 30, 0, 0, time.UTC)) // half past three in the night: still 2026's business
	night := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.clock.Advance(6 * time.Hour)
	morning := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	var b journal.TicketBody
	if err := morning.Decode(&b); err != nil {
		t.Fatal(err)
	}
	if night.Number != "T26-000002" || morning.Number != "T27-000001" || b.GT.YearNet != 180 || b.GT.PerpNet != 540 {
		t.Errorf("numbers %s, %s; gt %+v", night.Number, morning.Number, b.GT)
	}
	c.mustConform()
}

func TestTrainingIsInTheChainAndInNoTotal(t *testing.T) {
	c := found(t)
	b := ticket(gift("coffee", 2, 150))
	d := journal.Draft{Kind: journal.KindTicket, Series: "T", Op: "ana", Training: true, Body: b}
	e := c.append(d)
	if e.Number != "X26-000001" {
		t.Errorf("number %s", e.Number)
	}
	r := refund(e, b, left(b), map[int]int64{1: 1})
	r.Training = true
	c.append(r)
	if err := c.refuse(redeem("coffee", "PAID")); fault.CodeOf(err) != "journal.rule" {
		t.Errorf("a training gift was served: %v", err)
	}
	real := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	if err := real.Decode(&b); err != nil || b.GT.PerpNet != 180 || real.Number != "T26-000001" {
		t.Errorf("%s: gt %+v (%v)", real.Number, b.GT, err)
	}
	c.mustConform()
}

func TestManyTillsAtOnceLeaveNoGapAndNoDuplicate(t *testing.T) {
	c := found(t)
	total, tills := 500, 16
	if os.Getenv("CI") == "true" {
		total, tills = 10_000, 64
	}
	var group sync.WaitGroup
	for k := range tills {
		group.Go(func() {
			for i := k; i < total; i += tills {
				for attempt := 0; ; attempt++ {
					err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
						_, err := c.j.Append(ctx, tx, sale(line("cafe", "Café", 1, 180, 1000)))
						if err == nil && i%7 == 0 && attempt == 0 {
							return errChanged // the number it drew goes to somebody else
						}
						return err
					})
					if err == nil {
						break
					}
					if !errors.Is(err, errChanged) && fault.KindOf(err) != fault.Busy {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	group.Wait()
	c.close()
	c.open()
	if r := c.mustConform(); r.Entries != int64(total)+1 {
		t.Errorf("%d entries, want %d", r.Entries, total+1)
	}
	e, err := journal.ByNumber(t.Context(), c.db.Reader(), fmt.Sprintf("T26-%06d", total))
	if err != nil || e.Seq != int64(total) {
		t.Errorf("last number at seq %d (%v)", e.Seq, err)
	}
}

func TestReadingByNumber(t *testing.T) {
	c := found(t)
	e := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	got, err := journal.ByNumber(t.Context(), c.db.Reader(), "T26-000001")
	if err != nil || got.Seq != e.Seq || got.Hash != e.Hash || got.Number != e.Number || got.Day != "2026-11-21" || !got.At.Equal(e.At) {
		t.Errorf("got %+v (%v), want %+v", got, err, e)
	}
	for text, want := range map[string]string{"T26-000002": "journal.document", "T26-1": "journal.number", "Q26-000001": "journal.number",
		"T26-0000001": "journal.number", "T26-00000a": "journal.number", "": "journal.number"} {
		if _, err := journal.ByNumber(t.Context(), c.db.Reader(), text); fault.CodeOf(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	b, err := journal.Founding(t.Context(), c.db.Reader())
	if err != nil || b.Name != "Café du Comptoir" || b.CutOff != 240 || b.Zone != "Europe/Paris" || b.Custody != "file" {
		t.Errorf("genesis %+v (%v)", b, err)
	}
}
