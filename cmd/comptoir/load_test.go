package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/data/seed"
	"comptoir/pos"
)

// stopAfter calls stop once n events are committed.
func stopAfter(n int64, stop context.CancelFunc) func([]data.Event) {
	var seen atomic.Int64
	return func(events []data.Event) {
		if seen.Add(int64(len(events))) >= n {
			stop()
		}
	}
}

// loaded runs a load with --json and returns its sums.
func loaded(t *testing.T, args ...string) loadDocument {
	t.Helper()
	var d loadDocument
	if err := json.Unmarshal([]byte(must(t, append([]string{"load", "--json"}, args...)...)), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAReplayThatIsRungTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
	token := strings.TrimSpace(must(t, "token", "create", "--data", dir, "--role", "manager", "--name", "Bot"))
	day := write(t, "day.csv", seed.Day())
	args := []string{"--replay", day, "--url", m.StaffURL(), "--token", token, "--tills", "8"}
	want := demoDay(t)
	first := loaded(t, args...)
	if first.Sales != want.sums.sales || first.Fresh != first.Sales || first.Total != want.sums.total || first.Redemptions != want.sums.redemptions || !first.Equal {
		t.Errorf("first run: got %+v, want %d sales of %s", first, want.sums.sales, euros(want.sums.total))
	}
	seq, _ := m.Till().Journal().Head()
	again := loaded(t, args...)
	if again.Sales != first.Sales || again.Fresh != 0 || !again.Equal {
		t.Errorf("second run: got %+v", again)
	}
	if now, _ := m.Till().Journal().Head(); now != seq {
		t.Errorf("the second run made %d journal entries", now-seq)
	}
	audit(t, "--data", dir)
}

func TestAMismatchWithTheFilesIsFoundAndFails(t *testing.T) {
	t.Parallel()
	want := expectation{sums: newSums(), totals: map[string]money.Cents{"2026-11-20 1": 500}}
	l := newLoadResult(nil, 1, 1)
	l.compareAnswers([]rung{{key: "2026-11-20 1", total: 499}}, want)
	if len(l.problems) != 1 || !strings.Contains(l.problems[0], "4.99, the files say 5.00") {
		t.Errorf("got %q", l.problems)
	}
	var out, words bytes.Buffer
	if code := l.print(&env{stdout: &out, stderr: &words}, false); code != exitFailed {
		t.Errorf("got exit %d, want %d", code, exitFailed)
	}
	got, wanted := newSums(), newSums()
	got.addRate(1000, 110, 100)
	wanted.addRate(1000, 110, 99)
	wanted.addItem(itemKey{"Tea", pos.LineSale}, 1, 250)
	if d := differences("here", got, wanted); len(d) != 2 {
		t.Errorf("got %q, want the item and the rate", d)
	}
}

// The example is worked by hand: two rates on one ticket, a priced option, a gift, a transaction of which one row is
// not on the menu, and one of which no row is. Tax is taken once per rate and ticket (fiscal R84).
func TestWhatAReplayMustComeToIsAddedUpFromTheFiles(t *testing.T) {
	t.Parallel()
	prices, err := pricesOf(formCSV, []byte("name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp,gift_price_cents,options\n"+
		"Tea,Hot,250,1000,550,200,Lait*: vache | avoine +50\nPostcard,Shop,120,2000,2000,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := expect(prices, []byte("date,time,transaction,item,qty,mode,kind,tender,options\n"+
		"2026-11-20,08:00:00,1,Tea,2,eat_in,sale,cash:100+card,Lait: avoine\n"+ // 600 at 10 %
		"2026-11-20,08:00:00,1,Postcard,1,eat_in,sale,cash:100+card,\n"+ // 120 at 20 %
		"2026-11-20,08:00:00,1,Tea,1,eat_in,gift,cash:100+card,\n"+ // 200 at 10 %
		"2026-11-20,09:00:00,2,Tea,1,takeaway,sale,,Lait: vache\n"+ // 250 at 5.5 %
		"2026-11-20,09:00:00,2,NONE,1,takeaway,sale,,\n"+
		"2026-11-20,10:00:00,3,NONE,1,,,,\n"+
		"2026-11-20,11:00:00,4,Tea,1,,redemption,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if x.sums.sales != 2 || x.sums.total != 1170 || x.sums.redemptions != 1 || x.skipped != 1 || x.unmatched["NONE"] != 2 {
		t.Errorf("got %+v", x)
	}
	for bp, want := range map[money.BasisPoints]rateSum{
		1000: {800, 727, 73}, // 800/1.1 = 727.27
		2000: {120, 100, 20},
		550:  {250, 237, 13}, // 250/1.055 = 236.97
	} {
		if got := x.sums.rates[bp]; got != want {
			t.Errorf("%s: got %v, want %v", percent(bp), got, want)
		}
	}
	if got := x.sums.tenders; got[pos.Cash] != 100 || got[pos.Card] != 820+250 {
		t.Errorf("tenders: got %v", got)
	}
	if got := x.sums.items[itemKey{"Tea", pos.LineSale}]; got != (tally{3, 850}) {
		t.Errorf("teas: got %v", got)
	}
}

func TestAFileOfSalesThatContradictsItselfIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	const header = "date,time,transaction,item,mode,tender\n2016-11-05,09:00:00,1,Tea,eat_in,card\n"
	for row, want := range map[string]string{
		"2016-11-05,09:00:00,1,Tea,takeaway,card":       "line 3, column mode",
		"2016-11-05,09:00:00,1,Tea,eat_in,cash":         "line 3, column tender",
		"2016-11-05,09:00:00,2,Tea,eat_in,gold":         "line 3, column tender",
		"2016-11-05,09:00:00,2,Tea,eat_in,cash+card":    "line 3, column tender",
		"2016-11-05,09:00:00,2,Tea,eat_in,cash:-5+card": "line 3, column tender",
		"2016-11-05,25:00:00,2,Tea,eat_in,card":         "line 3, column time",
		"2016-11-05,09:00:00,,Tea,eat_in,card":          "line 3, column transaction",
		"2016-11-05,09:00:00,2,,eat_in,card":            "line 3, column item",
		"2016-11-05,09:00:00,2,Tea,here,card":           "line 3, column mode",
		"2016-11-05,09:00:00,2,\"Tea,eat_in,card":       "line 3, column",
		"2016-11-05,09:00:00,2,T\xffa,eat_in,card":      "line 3, column item",
	} {
		_, err := readReplay("day.csv", []byte(header+row+"\n"))
		f, ok := fault.As(err)
		if !ok || f.Code != "replay.file" || len(f.Fields) == 0 || !strings.HasPrefix(f.Fields[0].Name, want) {
			t.Errorf("%q: got %v, want %s", row, err, want)
		}
	}
}

func TestSpeedKeepsTheTimeBetweenSales(t *testing.T) {
	t.Parallel()
	plan, err := readReplay("day.csv", []byte("date,time,transaction,item\n2016-11-05,09:00:00,1,Tea\n2016-11-05,09:00:02,2,Tea\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := &ringer{plan: plan, speed: 20}
	began := time.Now()
	if err := r.wait(began)(t.Context(), 1); err != nil || time.Since(began) < 100*time.Millisecond {
		t.Errorf("two seconds at 20x: waited %s, %v; want 100ms", time.Since(began), err)
	}
}

func FuzzAFileOfSales(f *testing.F) {
	f.Add(seed.Day())
	f.Add([]byte("date,time,transaction,item\n2016-11-05,09:00:00,1,Tea\n"))
	f.Add([]byte("\ufeffdate;time;transaction;item;tender\n2016-11-05;09:00:00;1;Tea;cash:5+card\n"))
	prices, err := pricesOf(formCSV, seed.Menu())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		plan, err := readReplay("fuzz.csv", text)
		if err != nil {
			if _, ok := fault.As(err); !ok {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		x, err := expect(prices, text)
		if err != nil {
			t.Fatalf("the file was read once and not again: %v", err)
		}
		if len(x.totals)+x.skipped != len(plan.transactions) {
			t.Errorf("got %d transactions in the sums, %d in the plan", len(x.totals)+x.skipped, len(plan.transactions))
		}
	})
}

// realDay is the day of the real file that is replayed: a Saturday.
const realDay = "2016-11-05"

func TestARealDayIsRungAndItsSumsAreThoseOfTheFiles(t *testing.T) {
	t.Parallel()
	service := filepath.Join("..", "..", "..", "shared", "data", "service")
	all, err := os.ReadFile(filepath.Join(service, "sales-2016.csv"))
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip("the real sales are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var day bytes.Buffer
	for i, line := range bytes.SplitAfter(all, []byte("\n")) {
		if i == 0 || bytes.HasPrefix(line, []byte(realDay)) {
			day.Write(line)
		}
	}
	dir := shortDir(t)
	must(t, "init", "--data", dir, "--name", "Bakery", "--siret", "73282932000074", "--address", "Edinburgh", "--vat-regime", "normal_monthly", "--manager-pin", "4321")
	got := loaded(t, "--data", dir, "--replay", write(t, "day.csv", day.Bytes()), "--menu", filepath.Join(service, "menu.csv"))
	if got.Sales < 100 || got.Fresh != got.Sales || !got.Equal || got.Unmatched["NONE"] == 0 {
		t.Errorf("got %+v", got)
	}
	audit(t, "--data", dir)
}
