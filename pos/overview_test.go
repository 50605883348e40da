package pos_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/pos"
)

func (c *cafe) overview(span pos.Span, day string) pos.Overview {
	c.tb.Helper()
	o, err := c.Overview(ctx(), span, day)
	if err != nil {
		c.tb.Fatalf("overview: %v", err)
	}
	return o
}

// TestAPeriodAndTheOneBefore names the days by hand, over the ends of months, years and a leap day.
func TestAPeriodAndTheOneBefore(t *testing.T) {
	c := openCafe(t)
	for _, x := range []struct {
		span                   pos.Span
		day                    string
		from, to, from1, from2 string
	}{
		{pos.SpanDay, "2026-11-28", "2026-11-28", "2026-11-28", "2026-11-21", "2026-11-21"},
		{pos.SpanDay, "2027-01-02", "2027-01-02", "2027-01-02", "2026-12-26", "2026-12-26"},
		{pos.SpanWeek, "2026-11-29", "2026-11-23", "2026-11-29", "2026-11-16", "2026-11-22"}, // a Sunday ends its week
		{pos.SpanWeek, "2026-11-30", "2026-11-30", "2026-12-06", "2026-11-23", "2026-11-29"}, // a Monday begins one
		{pos.SpanMonth, "2026-12-31", "2026-12-01", "2026-12-31", "2026-11-01", "2026-11-30"},
		{pos.SpanMonth, "2027-01-15", "2027-01-01", "2027-01-31", "2026-12-01", "2026-12-31"},
		{pos.SpanMonth, "2028-03-01", "2028-03-01", "2028-03-31", "2028-02-01", "2028-02-29"},
	} {
		o := c.overview(x.span, x.day)
		got := [4]string{o.From, o.To, o.Before.From, o.Before.To}
		if want := [4]string{x.from, x.to, x.from1, x.from2}; got != want {
			t.Errorf("%s of %s: %v, want %v", x.span, x.day, got, want)
		}
	}
	for _, x := range [][2]string{{"year", "2026-11-28"}, {"", ""}, {"day", "2026-11-31"}, {"day", "x"}} {
		_, err := c.Overview(ctx(), pos.Span(x[0]), x[1])
		refused(t, err, "report.range")
	}
}

// TestADayThatRunsIsComparedWithAsMuchOfTheOneBefore: at noon, the afternoon of last Saturday does not count yet.
func TestADayThatRunsIsComparedWithAsMuchOfTheOneBefore(t *testing.T) {
	c := openCafe(t)
	c.at("2026-11-28", 9, 0)
	c.sell("", line("plat", 1)) // 11.90
	c.at("2026-11-28", 15, 0)
	c.sell("", line("cafe", 1)) // 2.20
	c.at("2026-12-05", 8, 30)
	c.sell("", line("cafe", 2)) // 4.40
	c.at("2026-12-05", 12, 0)

	o := c.overview(pos.SpanDay, "")
	if !o.Running || o.Day != "2026-12-05" || o.Total != 440 || o.Before.Total != 1190 || o.Before.Sales != 1 || o.Before.Average() != 1190 {
		t.Errorf("at noon: %+v", o)
	}
	want := []pos.Slot{{Hour: 8, Sales: 1, Total: 440}, {Hour: 9, Before: 1190}}
	for hour := 10; hour <= 14; hour++ {
		want = append(want, pos.Slot{Hour: hour})
	}
	want = append(want, pos.Slot{Hour: 15, Before: 220}) // the chart shows all of it
	if diff := cmp.Diff(want, o.Slots); diff != "" {
		t.Errorf("hours: -want +got\n%s", diff)
	}

	c.at("2026-12-06", 9, 0) // the day after, both are over
	if o = c.overview(pos.SpanDay, "2026-12-05"); o.Running || o.Before.Total != 1410 || o.Before.Sales != 2 || len(o.Matters) != 0 {
		t.Errorf("afterwards: %+v", o)
	}
}

func TestAMonthHasAsManyBarsAsTheLongerOfTheTwo(t *testing.T) {
	c := openCafe(t)
	c.at("2026-11-30", 18, 0)
	c.sell("", line("plat", 1))
	c.at("2026-12-31", 10, 0) // November had no 31st: all of it counts
	c.sell("", line("cafe", 1))
	o := c.overview(pos.SpanMonth, "")
	last := len(o.Slots) - 1
	if last != 30 || o.Before.Total != 1190 {
		t.Fatalf("%d bars, before %+v", last+1, o.Before)
	}
	if diff := cmp.Diff([]pos.Slot{
		{Hour: -1, Day: "2026-12-30", Was: "2026-11-30", Before: 1190},
		{Hour: -1, Day: "2026-12-31", Sales: 1, Total: 220},
	}, o.Slots[last-1:]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	c.at("2027-02-10", 10, 0) // 28 days beside 31
	if o = c.overview(pos.SpanMonth, "2027-02-10"); len(o.Slots) != 31 || o.Slots[30].Day != "" || o.Slots[30].Was != "2027-01-31" {
		t.Errorf("%d bars, the last %+v", len(o.Slots), o.Slots[len(o.Slots)-1])
	}
}

func TestWhatAManagerShouldLookAt(t *testing.T) {
	c := openCafe(t)
	if got := c.overview(pos.SpanDay, "").Matters; len(got) != 0 {
		t.Fatalf("a quiet morning: %+v", got)
	}
	if _, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{Mode: pos.EatIn}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SetAvailable(ctx(), c.by(), "eau", false, ""); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(25 * time.Hour)
	for range pos.DefaultSettings().HouseBudgetDaily + 2 {
		c.serve("cafe")
	}
	o := c.overview(pos.SpanWeek, "")
	want := []pos.Matter{{Code: pos.MatterOldTickets, Count: 1}, {Code: pos.MatterLongShift, Count: 1}, {Code: pos.MatterSoldOut, Count: 1}, {Code: pos.MatterHouseBudget, Count: 2}}
	if diff := cmp.Diff(want, o.Matters); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if o.BudgetLeft != -2 || o.Solidarity.ServedBy["HOUSE"] != 8 {
		t.Errorf("%d left, served %v", o.BudgetLeft, o.Solidarity.ServedBy)
	}
}
