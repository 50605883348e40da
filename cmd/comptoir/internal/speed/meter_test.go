package speed

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.at }

// A hundred payments of 1 to 100 ms: percentiles by hand, told within 19 % and never too small.
func TestPercentilesAreToldWithinABucketAndNeverTooSmall(t *testing.T) {
	c := newClock()
	m := New(c.now)
	for i := 1; i <= 100; i++ {
		m.Observe(Checkout, time.Duration(i)*time.Millisecond)
	}
	f := m.Day()[Checkout]
	for _, x := range []struct{ got, exact time.Duration }{{f.P50, 50 * time.Millisecond}, {f.P95, 95 * time.Millisecond}, {f.P99, 99 * time.Millisecond}} {
		if x.got < x.exact || x.got > x.exact*119/100+1 {
			t.Errorf("got %s for %s", x.got, x.exact)
		}
	}
	if f.Count != 100 || f.Max != 100*time.Millisecond || m.Day()[Tap].Count != 0 || m.Day()[Tap].P99 != 0 {
		t.Errorf("got %+v", f)
	}
}

func TestWhatIsOlderThanADayIsForgotten(t *testing.T) {
	c := newClock()
	m := New(c.now)
	m.Observe(Tap, time.Second)
	c.at = c.at.Add(24 * time.Hour)
	m.Observe(Tap, time.Millisecond)
	if f := m.Day()[Tap]; f.Count != 2 || f.Max != time.Second {
		t.Errorf("after a day: %+v", f)
	}
	c.at = c.at.Add(time.Hour) // the slot of the first is used again
	m.Observe(Tap, time.Millisecond)
	if f := m.Day()[Tap]; f.Count != 2 || f.Max != time.Millisecond {
		t.Errorf("after 25 hours: %+v", f)
	}
	c.at = c.at.Add(-10 * time.Hour) // the clock was set back: what seems to come is not told, nor lost for good
	if f := m.Day()[Tap]; f.Count != 0 {
		t.Errorf("before: %+v", f)
	}
}

func TestAMeterComesBackAfterARestart(t *testing.T) {
	c := newClock()
	m, path := New(c.now), filepath.Join(t.TempDir(), "speed.json")
	m.Observe(Scan, 3*time.Millisecond)
	m.Observe(Scan, time.Minute) // beyond the last bucket
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	again := New(c.now)
	if err := again.Load(path); err != nil || again.Day()[Scan] != m.Day()[Scan] {
		t.Errorf("got %+v, want %+v, %v", again.Day()[Scan], m.Day()[Scan], err)
	}
	if err := New(c.now).Load(path + ".none"); err != nil {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"hours":[{"at":1,"counts":{"tap":{"-1":5,"x":1,"900":1}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(c.now).Load(path); err == nil {
		t.Error("half a file was taken")
	}
}

func TestManyMayObserveAtOnce(t *testing.T) {
	m := New(newClock().now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				m.Observe(Page, time.Duration(i)*time.Microsecond)
			}
		})
	}
	wg.Wait()
	if f := m.Day()[Page]; f.Count != 8000 {
		t.Errorf("got %d", f.Count)
	}
	var none *Meter
	none.Observe(Tap, time.Second)
}

func BenchmarkObserve(b *testing.B) {
	m := New(newClock().now)
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(Checkout, 7*time.Millisecond)
	}
}
