package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// pace spreads made sales evenly over time, whichever till rings them.
type pace struct {
	began time.Time
	every time.Duration // 0: at once
	next  atomic.Int64
}

func newPace(rate float64, began time.Time) *pace {
	p := &pace{began: began}
	if rate > 0 {
		p.every = time.Duration(float64(time.Second) / rate)
	}
	return p
}

// wait returns when the next sale is due; false when the run is over before.
func (p *pace) wait(ctx context.Context) bool {
	if p.every == 0 {
		return ctx.Err() == nil
	}
	due := time.Until(p.began.Add(time.Duration(p.next.Add(1)-1) * p.every))
	select {
	case <-ctx.Done():
		return false
	case <-time.After(max(due, 0)):
		return ctx.Err() == nil
	}
}

// kindTimes is how long one kind of made sale took.
type kindTimes struct {
	kind               string
	count              int
	p50, p95, p99, max time.Duration
}

// kindsOf sorts what was answered with yes by its kind.
func kindsOf(all []rung) []kindTimes {
	took := map[string][]time.Duration{}
	for _, r := range all {
		if r.err == nil {
			took[r.kind] = append(took[r.kind], r.took)
		}
	}
	var kinds []kindTimes
	for _, kind := range []string{"sale", "card", "gift", "serving"} {
		if d := took[kind]; len(d) > 0 {
			kinds = append(kinds, kindTimes{kind, len(d), quantile(d, 50), quantile(d, 95), quantile(d, 99), slices.Max(d)})
		}
	}
	return kinds
}

// Of /proc on Linux.
const (
	clockTicks  = 100 // a second; the kernel tells user land so on every architecture
	sampleEvery = time.Minute
)

// use is what a process has used at an instant.
type use struct {
	at        time.Time
	cpu       time.Duration
	rss, peak int64 // bytes
}

// readUse reads what a process uses; false where the system does not tell.
func readUse(pid int) (u use, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, false
	}
	_, rest, found := bytes.Cut(stat, []byte(") ")) // the name may hold anything
	fields := strings.Fields(string(rest))
	if !found || len(fields) < 13 {
		return u, false
	}
	ticks := int64(0)
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, false
		}
		ticks += n
	}
	u = use{at: time.Now(), cpu: time.Duration(ticks) * time.Second / clockTicks}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, false
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		name, value, _ := strings.Cut(line, ":")
		kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			u.rss = kb << 10
		case "VmHWM":
			u.peak = kb << 10
		}
	}
	return u, true
}

// watch samples a process until end.
type watch struct {
	stop  context.CancelFunc
	ended chan []use
	pid   int
}

func watchProcess(ctx context.Context, pid int) *watch {
	ctx, stop := context.WithCancel(ctx)
	w := &watch{stop: stop, ended: make(chan []use, 1), pid: pid}
	go func() {
		var all []use
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			if u, ok := readUse(pid); ok && pid > 0 {
				all = append(all, u)
			}
			select {
			case <-ctx.Done():
				w.ended <- all
				return
			case <-tick.C:
			}
		}
	}()
	return w
}

// processUse is what the process that was driven used.
type processUse struct {
	known     bool
	own       bool          // it drove as well
	perSale   time.Duration // processor time
	rss, peak int64
	slope     float64 // bytes a minute, of the second half; 0 of a run too short to tell
	samples   []use
}

// end stops sampling and tells what was used for so many answers.
func (w *watch) end(answers int) processUse {
	w.stop()
	all := <-w.ended
	last, ok := readUse(w.pid)
	if !ok || len(all) == 0 || w.pid == 0 {
		return processUse{}
	}
	all = append(all, last)
	u := processUse{known: true, rss: last.rss, peak: last.peak, slope: slope(all[len(all)/2:]), samples: all}
	if answers > 0 {
		u.perSale = (last.cpu - all[0].cpu) / time.Duration(answers)
	}
	return u
}

// slope is how fast memory grows, in bytes a minute, by least squares; 0 of fewer than three samples.
func slope(all []use) float64 {
	if len(all) < 3 {
		return 0
	}
	var x, y, xx, xy float64
	n := float64(len(all))
	for _, u := range all {
		minutes, bytes := u.at.Sub(all[0].at).Minutes(), float64(u.rss)
		x, y, xx, xy = x+minutes, y+bytes, xx+minutes*minutes, xy+minutes*bytes
	}
	if d := n*xx - x*x; d > 0 {
		return (n*xy - x*y) / d
	}
	return 0
}

// measured prints times by kind and what the service used.
func (l *loadResult) measured(e *env) {
	if len(l.kinds) > 0 {
		t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintln(t, "answers\tp50\tp95\tp99\tmax\t  kind") // Flush returns the error of each
		for _, k := range l.kinds {
			_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t  %s\n", k.count, k.p50.Round(10*time.Microsecond), k.p95.Round(10*time.Microsecond), k.p99.Round(10*time.Microsecond), k.max.Round(10*time.Microsecond), k.kind)
		}
		if err := t.Flush(); err != nil {
			e.say("comptoir: %v", err)
		}
	}
	if u := l.server; u.known {
		with := ""
		if u.own {
			with = " (with the driving, which is this process too)"
		}
		e.put("service: %s of processor a sale%s, memory %.1f MB, %.1f MB at most, %+.2f MB a minute in the second half", u.perSale.Round(time.Microsecond), with, megabytes(u.rss), megabytes(u.peak), u.slope/(1<<20))
	}
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// kindDocument is one kind for a program. Times are milliseconds.
type kindDocument struct {
	Kind  string  `json:"kind"`
	Count int     `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

func (l *loadResult) kindDocuments() []kindDocument {
	var all []kindDocument
	for _, k := range l.kinds {
		all = append(all, kindDocument{k.kind, k.count, milliseconds(k.p50), milliseconds(k.p95), milliseconds(k.p99), milliseconds(k.max)})
	}
	return all
}

// serverDocument is the driven process for a program. Memory is MiB, each minute one sample.
type serverDocument struct {
	WithDriver bool      `json:"with_driver"`
	CPU        float64   `json:"cpu_ms_per_sale"`
	RSS        float64   `json:"rss_mib"`
	Peak       float64   `json:"rss_peak_mib"`
	Slope      float64   `json:"rss_mib_per_minute"`
	Samples    []float64 `json:"rss_samples_mib"`
}

func (u processUse) document() *serverDocument {
	if !u.known {
		return nil
	}
	d := &serverDocument{u.own, milliseconds(u.perSale), megabytes(u.rss), megabytes(u.peak), u.slope / (1 << 20), nil}
	for _, s := range u.samples {
		d.Samples = append(d.Samples, megabytes(s.rss))
	}
	return d
}
