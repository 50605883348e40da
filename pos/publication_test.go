package pos

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/suspended"
)

// TestServingsAreToldInBatchesOfThreeI15 cuts days by hand. 23 November 2026 is a Monday.
func TestServingsAreToldInBatchesOfThreeI15(t *testing.T) {
	const monday, tuesday, wednesday, nextMonday, nextThursday = "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-30", "2026-12-03"
	for _, c := range []struct {
		name  string
		today string
		days  map[string]int
		want  []string
		waits []string
	}{
		{"two wait", tuesday, map[string]int{monday: 2}, nil, []string{monday}},
		{"three of one day are told as that day", tuesday, map[string]int{monday: 3}, []string{"2026-11-23..2026-11-23 3"}, nil},
		{"a day that is not over waits", monday, map[string]int{monday: 5}, nil, []string{monday}},
		{"two days are three together, told by week", wednesday, map[string]int{monday: 2, tuesday: 1}, []string{"2026-11-23..2026-11-29 3"}, nil},
		{"but not before the second is over", tuesday, map[string]int{monday: 2, tuesday: 1}, nil, []string{monday, tuesday}},
		{"a large day does not tell the small ones beside it", nextMonday, map[string]int{monday: 1, tuesday: 4, wednesday: 1},
			[]string{"2026-11-24..2026-11-24 4"}, []string{monday, wednesday}},
		{"small days wait for the next week", "2026-12-04", map[string]int{monday: 1, wednesday: 1, nextThursday: 1}, []string{"2026-11-23..2026-12-06 3"}, nil},
		{"each batch has its own three", "2026-12-04", map[string]int{monday: 1, tuesday: 2, nextMonday: 2, nextThursday: 2},
			[]string{"2026-11-23..2026-11-29 3", "2026-11-30..2026-12-06 4"}, nil},
		{"nothing was served", tuesday, nil, nil, []string{monday}},
	} {
		var days []suspended.DayCount
		for day, n := range c.days {
			days = append(days, suspended.DayCount{Class: "coffee", Day: day, Count: n})
		}
		slices.SortFunc(days, func(a, b suspended.DayCount) int { return strings.Compare(a.Day, b.Day) })
		p := publish(c.today, days)
		var got []string
		for _, b := range p.batches["coffee"] {
			got = append(got, fmt.Sprintf("%s..%s %d", b.from, b.to, b.count))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: told %q, want %q", c.name, got, c.want)
		}
		for _, day := range c.waits {
			if b, ok := p.told("coffee", day); ok {
				t.Errorf("%s: %s is told with %+v", c.name, day, b)
			}
		}
		if b, ok := p.told("meal", monday); ok {
			t.Errorf("%s: coffees tell a meal: %+v", c.name, b)
		}
	}
}

// TestWhatIsToldStaysTold: every later day tells what an earlier one has told, in the same batches.
func TestWhatIsToldStaysTold(t *testing.T) {
	var days []suspended.DayCount
	day := "2026-10-31"
	for i := range 60 {
		before := publish(day, days)
		for class, all := range before.batches {
			for _, b := range all {
				if b.count < publishedFrom || b.last >= day {
					t.Fatalf("on %s: %s %+v", day, class, b)
				}
			}
		}
		if n := (i*i + 3) % 5; n > 0 {
			days = append(days, suspended.DayCount{Class: "coffee", Day: day, Count: n})
		}
		day = dayAfter(t, day)
		after := publish(day, days)
		for was, b := range before.of["coffee"] {
			if now, ok := after.told("coffee", was); !ok || now != b {
				t.Fatalf("told on the day before %s: %+v; now %+v", day, b, now)
			}
		}
		if after.lastWeek() > day {
			t.Fatalf("week %s on %s", after.lastWeek(), day)
		}
	}
}

func dayAfter(t *testing.T, day string) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}

// TestFatesAsTheyMayBeTold holds each state of an item against what its giver reads.
func TestFatesAsTheyMayBeTold(t *testing.T) {
	p := publish("2026-11-25", []suspended.DayCount{{Class: "coffee", Day: "2026-11-23", Count: 3}, {Class: "coffee", Day: "2026-11-24", Count: 2}})
	for _, c := range []struct {
		state suspended.State
		since string
		want  string
	}{
		{suspended.Available, "2026-11-23", "waiting .."},
		{suspended.Reserved, "2026-11-25", "waiting .."},
		{suspended.Served, "2026-11-23", "served 2026-11-23..2026-11-23"},
		{suspended.Served, "2026-11-24", "waiting .."},
		{suspended.Served, "2026-11-25", "waiting .."},
		{suspended.Allotted, "2026-11-23", "waiting .."},
		{suspended.Collected, "2026-11-24", "partner 2026-11-23..2026-11-29"},
		{suspended.Collected, "2026-11-25", "waiting .."},
		{suspended.Retracted, "2026-11-25", "returned .."},
	} {
		o := p.outcome(suspended.Fate{Class: "coffee", State: c.state, Given: "2026-11-21", Since: c.since})
		if got := fmt.Sprintf("%s %s..%s", o.Fate, o.From, o.To); got != c.want {
			t.Errorf("%s since %s: got %q, want %q", c.state, c.since, got, c.want)
		}
	}
}
