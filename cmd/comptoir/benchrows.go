package main

import (
	"fmt"
	"slices"
	"time"
)

// benchReport is what was measured, and how it stands against the targets.
type benchReport struct {
	Rounds   int          `json:"rounds"`
	CaseTime string       `json:"case_time"`
	Cases    []benchCase  `json:"cases"`
	Rows     []benchRow   `json:"rows"`
	Samples  []sample     `json:"samples"`
	Bare     []bareSample `json:"bare"`
}

// bareSample is one round's ratios of bare writes to sales.
type bareSample struct {
	Round  int       `json:"round"`
	Delay  float64   `json:"delay_ms"`
	Ratios []float64 `json:"ratios"`
}

// benchCase is a case over all rounds: medians.
type benchCase struct {
	Commit    string  `json:"commit"`
	Clients   int     `json:"clients"`
	Delay     float64 `json:"delay_ms"`
	PerSecond spread  `json:"sales_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Syncs     float64 `json:"syncs_per_sale"`
	LogBytes  float64 `json:"log_bytes_per_sale"`
}

// spread is the median of the rounds and their range.
type spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	return spread{median(values), slices.Min(values), slices.Max(values)}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[n/2]
}

// summarise makes one case of the samples that differ in their round only, in the order they were first run.
func summarise(samples []sample) []benchCase {
	var cases []benchCase
	for _, s := range samples {
		if slices.ContainsFunc(cases, func(c benchCase) bool { return c.Commit == s.Commit && c.Clients == s.Clients && c.Delay == s.Delay }) {
			continue
		}
		of := func(value func(sample) float64) []float64 {
			var all []float64
			for _, o := range samples {
				if o.Commit == s.Commit && o.Clients == s.Clients && o.Delay == s.Delay {
					all = append(all, value(o))
				}
			}
			return all
		}
		cases = append(cases, benchCase{
			Commit: s.Commit, Clients: s.Clients, Delay: s.Delay,
			PerSecond: spreadOf(of(func(o sample) float64 { return o.PerSecond })),
			P50:       median(of(func(o sample) float64 { return o.P50 })), P99: median(of(func(o sample) float64 { return o.P99 })),
			Syncs: median(of(func(o sample) float64 { return o.Syncs })), LogBytes: median(of(func(o sample) float64 { return o.LogBytes })),
		})
	}
	return cases
}

// benchRow is one of the targets: gates are owed, goals aimed at. Times are told, never gated: a
// missed gate does not change the exit code.
type benchRow struct {
	Row     int     `json:"row"`
	What    string  `json:"what"`
	Value   spread  `json:"value"`
	Gate    float64 `json:"gate"`
	Goal    float64 `json:"goal"`
	Most    bool    `json:"most"` // the gate is an upper limit
	GateMet bool    `json:"gate_met"`
	GoalMet bool    `json:"goal_met"`
}

// rowTarget says how a row is got from one round.
type rowTarget struct {
	row        int
	what       string
	most       bool
	gate, goal float64
	value      func(round int) []float64 // none when the round has no such case
}

// rows holds the rounds against the targets. A ratio is always of two cases of the same round.
func rows(b benchReport) []benchRow { return rowsOf(targets(b), b.Rounds) }

// rowsOf holds rounds against targets; one that no round has measured is left out.
func rowsOf(targets []rowTarget, rounds int) []benchRow {
	var all []benchRow
	for _, t := range targets {
		var values []float64
		for round := range rounds {
			values = append(values, t.value(round)...)
		}
		if len(values) == 0 {
			continue
		}
		v := spreadOf(values)
		ok := func(limit float64) bool {
			if t.most {
				return v.Median <= limit
			}
			return v.Median >= limit
		}
		all = append(all, benchRow{t.row, t.what, v, t.gate, t.goal, t.most, ok(t.gate), ok(t.goal)})
	}
	return all
}

func targets(b benchReport) []rowTarget {
	find := func(round int, commit string, clients int, delay time.Duration) (sample, bool) {
		i := slices.IndexFunc(b.Samples, func(s sample) bool {
			return s.Round == round && s.Commit == commit && s.Clients == clients && s.Delay == milliseconds(delay)
		})
		if i < 0 {
			return sample{}, false
		}
		return b.Samples[i], true
	}
	asItIs := func(clients int, value func(sample) float64) func(int) []float64 {
		return func(round int) []float64 {
			s, ok := find(round, "group", clients, 0)
			if !ok {
				return nil
			}
			return []float64{value(s)}
		}
	}
	ratio := func(clients int, delay time.Duration) func(int) []float64 {
		return func(round int) []float64 {
			g, ok1 := find(round, "group", clients, delay)
			o, ok2 := find(round, "one", clients, delay)
			if !ok1 || !ok2 {
				return nil
			}
			return []float64{g.PerSecond / o.PerSecond}
		}
	}
	all := []rowTarget{
		{3, "syncs per sale, 1 client", true, 1.1, 1.06, asItIs(1, func(s sample) float64 { return s.Syncs })},
		{3, "syncs per sale, 64 clients", true, 0.06, 0.04, asItIs(64, func(s sample) float64 { return s.Syncs })},
		{4, "log KB per sale, 1 client", true, 100, 75, asItIs(1, func(s sample) float64 { return s.LogBytes / 1000 })},
	}
	for _, d := range []struct {
		delay                  time.Duration
		bareGate, bareGoal     float64
		manyGate, manyGoal     float64
		singleGate, singleGoal float64
		single                 bool
	}{
		{0, 0.20, 0.30, 1.5, 2, 0.80, 0.95, true},
		{2 * time.Millisecond, 0.75, 0.82, 8, 10, 0.95, 1.0, true},
		{10 * time.Millisecond, 0.85, 0.90, 12, 18, 0, 0, false},
	} {
		on := "disk as it is"
		if d.delay > 0 {
			on = fmt.Sprintf("+%s a sync", d.delay)
		}
		all = append(all,
			rowTarget{5, "bare write / sale, 1 client, " + on, false, d.bareGate, d.bareGoal, b.bareRatios(d.delay)},
			rowTarget{6, "group / one commit a sale, 64 clients, " + on, false, d.manyGate, d.manyGoal, ratio(64, d.delay)})
		if d.single {
			all = append(all, rowTarget{7, "group / one commit a sale, 1 client, " + on, false, d.singleGate, d.singleGoal, ratio(1, d.delay)})
		}
	}
	all = append(all, rowTarget{8, "p99 / p50 of a sale, 64 clients", true, 3, 2, asItIs(64, func(s sample) float64 { return s.P99 / s.P50 })})
	slices.SortStableFunc(all, func(a, b rowTarget) int { return a.row - b.row })
	return all
}

// bareRatios returns the ratios of a round's alternating blocks.
func (b benchReport) bareRatios(delay time.Duration) func(int) []float64 {
	return func(round int) []float64 {
		for _, s := range b.Bare {
			if s.Round == round && s.Delay == milliseconds(delay) {
				return s.Ratios
			}
		}
		return nil
	}
}
