package main

import "testing"

// TestARatioIsOfOneRoundAndHeldAgainstItsLimit: by hand, two histories and two rounds.
func TestARatioIsOfOneRoundAndHeldAgainstItsLimit(t *testing.T) {
	r := scaleReport{Rows: []int{10, 1000}, Rounds: 2, Samples: []scaleSample{
		{0, 10, "open", 100}, {0, 1000, "open", 240}, {1, 10, "open", 200}, {1, 1000, "open", 380}, // at most 250 and 400
		{0, 10, "checkout p50", 1}, {0, 1000, "checkout p50", 1.1}, {1, 10, "checkout p50", 2}, {1, 1000, "checkout p50", 3}, // at most 1.2 and 2.4
		{0, 10, "checkout p99", 2}, {0, 10, "checkout p99 beside a backup", 6}, {1, 10, "checkout p99", 4}, {1, 10, "checkout p99 beside a backup", 12},
	}}
	got := map[string]scaleCase{}
	for _, c := range r.summarise() {
		got[c.Case] = c
	}
	if c := got["open"]; !c.Met || c.Ratios[1].High != 2.4 || c.Ratios[1].Low != 1.9 || c.MS[0].Median != 150 {
		t.Errorf("open: %+v", c)
	}
	if c := got["checkout p50"]; c.Met || c.Ratios[1].High != 1.5 { // 0.1 under, 0.6 over
		t.Errorf("checkout: %+v", c)
	}
	if c := got["checkout p99 beside a backup"]; !c.Met || len(c.Ratios) != 1 || c.Ratios[0].Median != 3 {
		t.Errorf("backup: %+v", c)
	}
	if _, told := got["Z"]; told {
		t.Error("what was not measured is told")
	}
}
