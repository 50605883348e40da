package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
)

// newTimedCafe is a demonstration whose clock is moved by hand, served, with an open shift.
func newTimedCafe(t *testing.T, at time.Time) (*sickCafe, *datatest.Clock) {
	t.Helper()
	dir, clock := shortDir(t), datatest.NewClock()
	clock.Set(at)
	config := pos.Config{Dir: filepath.Join(dir, demoFolder), Software: software, Clock: clock}
	if err := foundDemo(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	c := &sickCafe{Main: start(t, config), t: t, dir: dir}
	c.token = strings.TrimSpace(must(t, "token", "create", "--demo", "--data", dir, "--role", "manager", "--name", "Bot"))
	c.open()
	return c, clock
}

// paris is an instant of the café's zone.
func paris(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestAClockThatJumpsLosesNothingAndNoDayGoesBack: while selling, and over a restart.
func TestAClockThatJumpsLosesNothingAndNoDayGoesBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, at string
		jump     time.Duration
		days     [2]string // of the sale before, and of the one after
	}{
		{"back an hour", "2026-06-10 14:00", -time.Hour, [2]string{"2026-06-10", "2026-06-10"}},
		{"back a day", "2026-06-10 14:00", -24 * time.Hour, [2]string{"2026-06-10", "2026-06-10"}},
		{"back over the cut-off", "2026-06-10 04:10", -time.Hour, [2]string{"2026-06-10", "2026-06-10"}},
		{"summer begins", "2026-03-29 01:59", 2 * time.Minute, [2]string{"2026-03-28", "2026-03-28"}},
		{"summer ends", "2026-10-25 02:30", time.Hour, [2]string{"2026-10-24", "2026-10-24"}},
		{"summer ends at the cut-off", "2026-10-25 02:30", 3 * time.Hour, [2]string{"2026-10-24", "2026-10-25"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, clock := newTimedCafe(t, paris(t, tc.at))
			day := func() string {
				_, report := c.ask(http.MethodGet, "/api/v1/reports/day", "", nil)
				return report["from"].(string)
			}
			first := c.mustSell("first")
			if got := day(); got != tc.days[0] {
				t.Errorf("before: %s, want %s", got, tc.days[0])
			}
			clock.Jump(tc.jump)
			if again := c.mustSell("first"); again != first {
				t.Errorf("the first sale asked again is %s, was %s", again, first)
			}
			if status, answer := c.sell("second"); status == http.StatusConflict { // the day was over, and its shift with it
				if status, answer := c.ask(http.MethodPost, "/api/v1/shifts", "next", map[string]any{"float": 0}); status != http.StatusCreated {
					t.Fatalf("shift: %d %v", status, answer)
				}
			} else if status != http.StatusCreated {
				t.Fatalf("%d %v", status, answer)
			}
			second := c.mustSell("second")
			if got := day(); got != tc.days[1] || first == second {
				t.Errorf("after: %s, want %s; numbers %s, %s", got, tc.days[1], first, second)
			}
			if err := c.rest(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := c.closeCafe(); err != nil {
				t.Fatal(err)
			}
			if err := c.openOrHold(t.Context()); err != nil || c.Held() != nil {
				t.Fatalf("opened again: %v, held %v", err, c.Held())
			}
			if again := c.mustSell("second"); again != second || day() != tc.days[1] {
				t.Errorf("after the restart: %s on %s", again, day())
			}
			audit(t, "--demo", "--data", c.dir)
		})
	}
}

// TestAYearAheadIsNotWrittenWhileSellingAndHeldAtTheStart: one wrong date would stay for ever.
func TestAYearAheadIsNotWrittenWhileSellingAndHeldAtTheStart(t *testing.T) {
	t.Parallel()
	c, clock := newTimedCafe(t, paris(t, "2026-06-10 14:00"))
	first := c.mustSell("first")
	clock.Jump(365 * 24 * time.Hour)
	if status, answer := c.sell("later"); status != http.StatusConflict || answer["code"] != "clock.ahead" {
		t.Errorf("a sale: %d %v", status, answer)
	}
	if status, answer := c.ask(http.MethodGet, "/api/v1/reports/day?date=2026-06-10", "", nil); status != http.StatusOK || answer["total"] == 0.0 {
		t.Errorf("reading: %d %v", status, answer)
	}
	if status, _, page := browse(t, http.MethodGet, c.StaffURL()+"/login", nil); status != http.StatusOK || !strings.Contains(page, "far ahead") || !strings.Contains(page, "You can still read") {
		t.Errorf("a page: %d\n%s", status, page)
	}
	if status, _, text := browse(t, http.MethodGet, c.StaffURL()+"/healthz", nil); status != http.StatusConflict && status != http.StatusServiceUnavailable || !strings.Contains(text, "clock.ahead") {
		t.Errorf("/healthz: %d %s", status, text)
	}
	if err := c.rest(t.Context()); err != nil {
		t.Logf("rest: %v", err)
	}
	if err := c.closeCafe(); err != nil {
		t.Fatal(err)
	}
	if err := c.openOrHold(t.Context()); err != nil || fault.CodeOf(c.Held()) != "clock.ahead" {
		t.Fatalf("%v, held %v", err, c.Held())
	}
	clock.Jump(-365 * 24 * time.Hour)
	if err := c.Reopen(t.Context()); err != nil || c.Held() != nil {
		t.Fatalf("%v, held %v", err, c.Held())
	}
	if again := c.mustSell("first"); again != first {
		t.Errorf("got %s, was %s", again, first)
	}
	c.mustSell("later")
	audit(t, "--demo", "--data", c.dir)
}

// TestOnASlowDiskEverySaleIsAnsweredOnceAndNobodyIsTurnedAway: 64 tills at once; who is told busy asks again and is served.
func TestOnASlowDiskEverySaleIsAnsweredOnceAndNobodyIsTurnedAway(t *testing.T) {
	t.Parallel()
	c := newSickCafe(t)
	c.open()
	coffee, sales := c.coffee(), 0
	for _, delay := range []time.Duration{2 * time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		for _, tills := range []int{1, 64} {
			c.disk.DelaySync(delay)
			took, busy, all := make([]time.Duration, tills*2), atomic.Int64{}, sync.WaitGroup{}
			client := newClient(c.StaffURL(), c.token, tills)
			for till := range tills {
				all.Go(func() {
					for round := range 2 {
						id := fmt.Sprintf("%s-%d-%d-%d", delay, tills, till, round)
						for began, tries := time.Now(), 0; ; tries++ {
							var sale pos.SaleResult
							err := client.post(t.Context(), "/sales", id, pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: coffee, Qty: 1}},
								Tenders: []pos.Tender{{Means: pos.Cash, Amount: 200, Given: 200}}}, &sale)
							took[till*2+round] = time.Since(began)
							if err == nil {
								break
							}
							busy.Add(1)
							if tries > 20 {
								t.Errorf("%s: %v", id, err)
								return
							}
						}
					}
				})
			}
			all.Wait()
			client.close()
			sales += len(took)
			slices.Sort(took)
			t.Logf("%v a sync, %d tills: p50 %v, p95 %v, asked again %d", delay, tills, took[len(took)/2].Round(time.Millisecond), took[len(took)*95/100].Round(time.Millisecond), busy.Load())
		}
	}
	c.disk.DelaySync(0)
	if report, err := c.Till().Day(t.Context(), ""); err != nil || report.Sales != sales || int64(report.Total) != int64(sales*200) {
		t.Errorf("got %d sales, %v; want %d (%v)", report.Sales, report.Total, sales, err)
	}
	audit(t, "--data", c.dir)
}
