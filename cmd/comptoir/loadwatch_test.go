package main

import (
	"os"
	"testing"
	"time"
)

func TestMemoryThatGrowsAndMemoryThatStaysAreToldApart(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var flat, growing []use
	for i := range 10 {
		flat = append(flat, use{at: at.Add(time.Duration(i) * time.Minute), rss: 50<<20 + int64(i%2)<<10})
		growing = append(growing, use{at: at.Add(time.Duration(i) * time.Minute), rss: 50<<20 + int64(i)<<20})
	}
	if s := slope(growing); s < 1<<20-1 || s > 1<<20+1 {
		t.Errorf("a MiB a minute: got %f", s)
	}
	if s := slope(flat); s > 1<<10 || s < -1<<10 {
		t.Errorf("flat: got %f", s)
	}
	if slope(flat[:2]) != 0 {
		t.Error("two samples tell nothing")
	}
}

func TestAProcessIsMeasured(t *testing.T) {
	u, ok := readUse(os.Getpid())
	if !ok {
		t.Skip("no /proc")
	}
	if u.rss < 1<<20 || u.peak < u.rss {
		t.Errorf("got %+v", u)
	}
	w := watchProcess(t.Context(), os.Getpid())
	if got := w.end(10); !got.known || got.rss == 0 {
		t.Errorf("got %+v", got)
	}
	if got := watchProcess(t.Context(), 0).end(10); got.known {
		t.Errorf("of no process: %+v", got)
	}
}

func TestMadeSalesKeepToTheirRate(t *testing.T) {
	began := time.Now()
	p := newPace(100, began)
	for range 6 {
		if !p.wait(t.Context()) {
			t.Fatal("it ended")
		}
	}
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("six sales at 100 a second took %s", took)
	}
	all := []rung{{kind: "sale", took: time.Millisecond}, {kind: "serving", took: 3 * time.Millisecond}, {kind: "sale", took: 2 * time.Millisecond}}
	if k := kindsOf(all); len(k) != 2 || k[0].count != 2 || k[0].max != 2*time.Millisecond || k[1].p99 != 3*time.Millisecond {
		t.Errorf("got %+v", k)
	}
}
