package web

import (
	"fmt"
	"net"
	"testing"
	"time"

	"comptoir/data/datatest"
)

func TestThirtyScansAMinuteAndAddress(t *testing.T) {
	t.Parallel()
	clock := datatest.NewClock()
	l := newScanLimit(clock.Now)
	for i := range scansPerMinute {
		if wait := l.count("10.0.0.7"); wait != 0 {
			t.Fatalf("scan %d must wait %v", i+1, wait)
		}
	}
	clock.Advance(20 * time.Second)
	if wait := l.count("10.0.0.7"); wait != 40*time.Second {
		t.Errorf("scan 31 waits %v, want 40s", wait)
	}
	if wait := l.count("10.0.0.8"); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
	clock.Advance(40 * time.Second)
	if wait := l.count("10.0.0.7"); wait != 0 {
		t.Errorf("after a minute it waits %v", wait)
	}
}

func TestTheLimitDoesNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	clock := datatest.NewClock()
	l := newScanLimit(clock.Now)
	for i := range maxScanners + 100 {
		l.count(fmt.Sprint(i))
	}
	if len(l.windows) > maxScanners+1 {
		t.Errorf("%d addresses remembered, want %d and the shared one", len(l.windows), maxScanners)
	}
	if wait := l.count("one more"); wait == 0 {
		t.Error("addresses beyond the limit share one count, which is spent")
	}
	clock.Advance(scanWindow)
	if wait := l.count("one more"); wait != 0 {
		t.Errorf("after a minute it waits %v", wait)
	}
	if len(l.windows) > 1 {
		t.Errorf("%d addresses remembered after a minute", len(l.windows))
	}
}

func TestAHouseholdIsOneAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.168.1.5", "192.168.1.6", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	} {
		if got := scanner(net.ParseIP(c.a)) == scanner(net.ParseIP(c.b)); got != c.same {
			t.Errorf("%s and %s are the same: %v, want %v", c.a, c.b, got, c.same)
		}
	}
}
