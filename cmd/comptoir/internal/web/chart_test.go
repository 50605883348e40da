package web

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"comptoir/data/money"
)

var update = flag.Bool("update", false, "write the golden files anew, to be looked at before they are committed")

// inEuros writes a tick as the pages do in English.
func inEuros(c money.Cents) string { return "€" + strconv.Itoa(int(c/100)) }

func bars(n int, value func(i int) bar) []bar {
	all := make([]bar, n)
	for i := range all {
		all[i] = value(i)
		all[i].Says = fmt.Sprintf("%s: %s", all[i].Label, inEuros(all[i].Value))
	}
	return all
}

// TestChartsAreDrawnAsTheyWere compares with pictures that a person can open: testdata/charts/*.svg.
func TestChartsAreDrawnAsTheyWere(t *testing.T) {
	for name, x := range map[string]struct {
		width int
		bars  []bar
	}{
		"hours": {720, bars(12, func(i int) bar {
			return bar{Label: strconv.Itoa(8+i) + " h", Value: []money.Cents{1200, 4300, 2100, 3900, 8400, 6900, 2500, 1800, 2900, 3100, 900, 0}[i], Before: money.Cents(1000 + 700*(i%5)), Was: true}
		})},
		"month on a phone": {340, bars(31, func(i int) bar {
			return bar{Label: strconv.Itoa(i + 1), Value: money.Cents(i%7) * 12_345, Before: money.Cents(i%5) * 10_000, Was: i < 30}
		})},
		"more given back than sold": {720, bars(3, func(i int) bar {
			return bar{Label: strconv.Itoa(9+i) + " h", Value: []money.Cents{500, -1190, 0}[i]}
		})},
		"one sale": {340, bars(1, func(int) bar { return bar{Label: "<9 h>", Value: 5} })},
	} {
		got := string(chart{Says: "The best: " + name + " & more", Bars: x.bars, Euro: inEuros}.SVG(x.width)) + "\n"
		path := filepath.Join("testdata", "charts", strings.ReplaceAll(name, " ", "-")+".svg")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s is not as it was (-update rewrites it): %v\n%s", path, err, got)
		}
		keepsPolicy(t, name, got)
	}
}

// TestAnAxisBeginsAtZeroAndHasNiceSteps: 1, 2 or 5 times a power of ten euros, and never a value outside.
func TestAnAxisBeginsAtZeroAndHasNiceSteps(t *testing.T) {
	for _, x := range []struct {
		low, high money.Cents
		want      []money.Cents
	}{
		{0, 0, []money.Cents{0, 100}},
		{0, 5, []money.Cents{0, 100}},
		{0, 8400, []money.Cents{0, 2000, 4000, 6000, 8000, 10000}},
		{0, 41250, []money.Cents{0, 10000, 20000, 30000, 40000, 50000}},
		{-1190, 500, []money.Cents{-1500, -1000, -500, 0, 500}},
		{300, 400, []money.Cents{0, 100, 200, 300, 400}},
	} {
		got := niceAxis(x.low, x.high)
		if fmt.Sprint(got.ticks) != fmt.Sprint(x.want) {
			t.Errorf("from %d to %d: %v, want %v", x.low, x.high, got.ticks, x.want)
		}
	}
	for high := money.Cents(1); high < 1_000_000_00; high = high*3 + 7 {
		a := niceAxis(-high/3, high)
		if a.low > -high/3 || a.high < high || len(a.ticks) > chartTicks+3 || a.y(a.high) != chartTop || a.y(a.low) != chartHeight-chartBottom {
			t.Errorf("an axis for %d: %+v", high, a)
		}
	}
}

func Example_chart() {
	c := chart{Says: "Best: 9 h, €12", Euro: inEuros, Bars: []bar{{Label: "8 h", Says: "8 h: €4", Value: 400}, {Label: "9 h", Says: "9 h: €12", Value: 1200}}}
	svg := string(c.SVG(400))
	fmt.Println(svg[strings.Index(svg, "aria-label"):strings.Index(svg, " font-family")])
	fmt.Println(strings.Count(svg, `class="now"`), "bars")
	// Output:
	// aria-label="Best: 9 h, €12"
	// 2 bars
}
