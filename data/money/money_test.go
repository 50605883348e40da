package money_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"comptoir/data/money"
)

// TestNetR84 holds the vectors of fiscal R84.
func TestNetR84(t *testing.T) {
	for _, c := range []struct {
		gross    money.Cents
		rate     money.BasisPoints
		net, tax money.Cents
	}{
		{500, 1000, 455, 45},
		{450, 2000, 375, 75},
		{200, 550, 190, 10},
		{1150, 0, 1150, 0},
		{-500, 1000, -455, -45},
		{1, 2000, 1, 0},
	} {
		if net, tax := c.rate.Net(c.gross), c.rate.Tax(c.gross); net != c.net || tax != c.tax {
			t.Errorf("%d at %d: net %d tax %d, want %d %d", c.gross, c.rate, net, tax, c.net, c.tax)
		}
	}
}

// TestAllocateR86 holds the vector of fiscal R86: a 14.00 menu of a 12.00 dish and a 4.00 glass.
func TestAllocateR86(t *testing.T) {
	shares := money.Allocate(1400, []int64{1200, 400})
	if diff := cmp.Diff([]money.Cents{1050, 350}, shares); diff != "" {
		t.Fatal(diff)
	}
	dish, glass := shares[0], shares[1]
	if got := [4]money.Cents{money.BasisPoints(1000).Net(dish), money.BasisPoints(1000).Tax(dish), money.BasisPoints(2000).Net(glass), money.BasisPoints(2000).Tax(glass)}; got != [4]money.Cents{955, 95, 292, 58} {
		t.Errorf("got %v", got)
	}
}

func TestAllocateSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := money.Cents(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 100_000), 1, 20).Draw(t, "weights")
		var sum money.Cents
		for _, s := range money.Allocate(total, weights) {
			sum += s
		}
		if sum != total {
			t.Fatalf("shares of %d over %v add up to %d", total, weights, sum)
		}
	})
}

func TestAllocateEdges(t *testing.T) {
	for _, c := range []struct {
		total   money.Cents
		weights []int64
		want    []money.Cents
	}{
		{100, []int64{1, 1, 1}, []money.Cents{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []money.Cents{-34, -33, -33}},
		{7, []int64{0, 0}, []money.Cents{7, 0}},
		{7, nil, []money.Cents{}},
	} {
		if diff := cmp.Diff(c.want, money.Allocate(c.total, c.weights)); diff != "" {
			t.Errorf("%d over %v: %s", c.total, c.weights, diff)
		}
	}
}

func TestParse(t *testing.T) {
	for s, want := range map[string]money.Cents{
		"12": 1200, "12,4": 1240, "12.40": 1240, " 1 234,50 €": 123450, "-3,00": -300, ".5": 50, "0": 0,
	} {
		if got, err := money.Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "abc", "1.234", "1,2,3", "12.", "--1", "99999999999999999999", "1e3"} {
		if got, err := money.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", s, got)
		}
	}
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := money.Cents(rapid.Int64Range(-int64(money.MaxAmount), int64(money.MaxAmount)).Draw(t, "cents"))
		if got, err := money.Parse(want.String()); err != nil || got != want {
			t.Fatalf("Parse(%q) = %d, %v", want.String(), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"12,40", "-", "€", "0.1", "1.2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := money.Parse(s); err == nil && (c > money.MaxAmount || c < -money.MaxAmount) {
			t.Errorf("Parse(%q) = %d, beyond the limit", s, c)
		}
	})
}
