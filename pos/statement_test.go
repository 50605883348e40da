package pos_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/export"
)

// I15: a public statement is of months that are over, three servings of a class or more together; what is told on one day is
// told unchanged on every later one.
func TestI15AStatementIsOfWholeMonthsInThrees(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	told := func() (months []string) {
		all, err := c.Statements(ctx())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			months = append(months, p.Month+" "+p.From)
		}
		return months
	}
	serve := func(n int) {
		for range n {
			if _, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "cafe", Mode: pos.EatIn}); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := func(month time.Month, year int) {
		c.clock.Set(time.Date(year, month, 3, 10, 0, 0, 0, time.UTC))
		if _, err := c.CloseDue(ctx()); err != nil {
			t.Fatal(err)
		}
	}
	serve(2)
	if got := told(); got != nil {
		t.Errorf("the month that runs is told: %q", got)
	}
	at(time.December, 2026)
	if got := told(); got != nil {
		t.Errorf("two servings are told: %q", got)
	}
	if _, err := c.Statement(ctx(), "2026-11"); fault.CodeOf(err) != "statement.unknown" {
		t.Errorf("two servings: %v", err)
	}
	serve(1)
	at(time.January, 2027)
	want := []string{"2026-12 2026-11-01"}
	if got := told(); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	first, err := c.Statement(ctx(), "2026-12")
	if err != nil {
		t.Fatal(err)
	}
	if first.From != "2026-11-01" || first.To != "2026-12-31" || len(first.Classes) != 1 || first.Classes[0].House != 3 {
		t.Errorf("got %+v", first.Statement)
	}
	var file export.Statement
	if err := json.Unmarshal(first.File.Bytes, &file); err != nil || file.Closing == nil || *file.Closing != *first.Closing {
		t.Errorf("the file says otherwise: %v", err)
	}
	at(time.February, 2027)
	want = append([]string{"2027-01 2027-01-01"}, want...)
	if got := told(); !slices.Equal(got, want) {
		t.Errorf("a month without servings: got %q, want %q", got, want)
	}
	for _, no := range []string{"", "2026-11", "2027-02", "x", strings.Repeat("9", 99)} {
		if _, err := c.Statement(ctx(), no); fault.CodeOf(err) != "statement.unknown" {
			t.Errorf("%q: %v", no, err)
		}
	}
}
