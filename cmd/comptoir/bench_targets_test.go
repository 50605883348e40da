package main

import (
	"slices"
	"testing"
)

// TestATargetIsHeldByItsMedian: by hand, three rounds, an upper and a lower limit, and one that nobody measured.
func TestATargetIsHeldByItsMedian(t *testing.T) {
	rounds := []float64{0.2, 0.9, 0.28}
	of := func(n int) []float64 { return rounds[n : n+1] }
	got := rowsOf([]rowTarget{{14, "most", true, 0.3, 0.25, of}, {5, "least", false, 0.25, 0.3, of}, {1, "none", true, 1, 1, func(int) []float64 { return nil }}}, 3)
	want := []benchRow{
		{14, "most", spread{0.28, 0.2, 0.9}, 0.3, 0.25, true, true, false},
		{5, "least", spread{0.28, 0.2, 0.9}, 0.25, 0.3, false, true, false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

// TestTheRowsOfTheWireAreMeasured: a short run of rows 14 and 15, whatever they come to. A share of one short turn may be below nothing,
// where the other side wrote the log into the file.
func TestTheRowsOfTheWireAreMeasured(t *testing.T) {
	rows, err := (&benchTargetsCmd{Rounds: 1, Time: 1}).measureHTTP(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range []int{14, 15, 15} {
		if len(rows) != 3 || rows[i].Row != row || rows[i].Value.Median >= 1 && i < 2 || rows[i].Value.Median <= 0 && i > 0 {
			t.Fatalf("got %+v", rows)
		}
	}
}
