package pos_test

import (
	"slices"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/suspended"
)

// TestTheLeversByHand: twenty meals (216.40 without tax) and four given ones (21.80) are 238.20; the four are served, each
// topped up by 1.74, and ten of the house at 3.50: 41.96, a dial of 17.62 %. By hand:
//
//   - gift price +0.50: topped up by 3.50 × 5.40 ÷ 11.90 = 1.59, four times: 41.36, 17.36 %; never enough within 5.00;
//   - a sponsor's ten: each spares 3.50 − 1.74, all ten: 24.36, 10.23 %, and there are no more to spare;
//   - two of the house less: 34.96, 14.68 %; ten less: 6.96, 2.92 %, five steps and within the band of 2 to 5 %;
//   - a dish cheaper by 0.50: 10 × 3.00 + 4 × 1.49 = 35.96, 15.10 %; by 3.00: 10 × 0.50 + 4 × 0.25 = 6.00, 2.52 %, six steps.
func TestTheLeversByHand(t *testing.T) {
	c := openCafe(t)
	for range 20 {
		c.sell("", line("plat", 1))
	}
	for range 4 {
		c.sell("", gift("plat", 1))
	}
	for range 14 {
		c.serve("plat")
	}
	d := c.dial()
	if d.Turnover != 23820 || d.Cost != 4196 || d.Ratio != 1762 || d.Position != pos.DialAbove {
		t.Fatalf("got %+v", d.DialSum)
	}
	want := []pos.Lever{
		{Code: pos.LeverHouseLine, Step: -2, Cost: 3496, Ratio: 1468, Enough: -10, EnoughRatio: 292},
		{Code: pos.LeverProductCost, Class: "meal", Step: -50, Cost: 3596, Ratio: 1510, Enough: -300, EnoughRatio: 252},
		{Code: pos.LeverSponsor, Class: "meal", Step: 10, Cost: 2436, Ratio: 1023},
		{Code: pos.LeverGiftPrice, Class: "meal", Step: 50, Cost: 4136, Ratio: 1736},
	}
	if len(d.Levers) != len(want) {
		t.Fatalf("got %+v", d.Levers)
	}
	for i := range want {
		if d.Levers[i] != want[i] {
			t.Errorf("lever %d: got %+v, want %+v", i+1, d.Levers[i], want[i])
		}
	}
}

// TestBelowTheBandTheLeversGiveMore: 3.50 of 432.80 is 0.81 %; two of the house more on the day that had one is 2.43 %.
func TestBelowTheBandTheLeversGiveMore(t *testing.T) {
	c := openCafe(t)
	for range 40 {
		c.sell("", line("plat", 1))
	}
	c.serve("plat")
	d := c.dial()
	if d.Position != pos.DialBelow || d.Ratio != 81 || len(d.Levers) == 0 {
		t.Fatalf("got %+v", d)
	}
	if l := d.Levers[0]; l.Code != pos.LeverHouseLine || l.Step != 2 || l.Enough != 2 || l.EnoughRatio != 243 {
		t.Errorf("got %+v", d.Levers)
	}
	for _, l := range d.Levers {
		if l.Cost <= d.Cost {
			t.Errorf("%+v gives less", l)
		}
	}
}

// TestTheMonthIsProjectedByItsWeekdays: from Tuesday 1 December to Monday 21 the café sells ten meals (108.20) a day and
// none on Sundays, and offers one (3.50) each Monday: 18 days are 1,947.60 and three Mondays 10.50. Of the ten days to come
// one is a Sunday and one a Monday: nine times 108.20 and once 3.50. At its end: 2,921.40 and 14.00, 0.48 %.
func TestTheMonthIsProjectedByItsWeekdays(t *testing.T) {
	c := openCafe(t)
	for c.clock.Set(time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC)); c.clock.Now().Day() < 22; c.clock.Advance(day) {
		if c.clock.Now().Weekday() != time.Sunday {
			for range 10 {
				c.sell("", line("plat", 1))
			}
		}
		if c.clock.Now().Weekday() == time.Monday {
			c.serve("plat")
		}
	}
	m := c.dial().Month
	if m.SoFar.Turnover != 194760 || m.SoFar.Cost != 1050 || m.Projected.Turnover != 292140 || m.Projected.Cost != 1400 || m.Ratio != 48 || !m.Known {
		t.Errorf("got %+v", m)
	}
}

// TestTheAlarmComesBeforeTheMonthCloses: eight days that give twice what the café bears, and the manager's page says so.
func TestTheAlarmComesBeforeTheMonthCloses(t *testing.T) {
	c := openCafe(t)
	told := func() bool {
		o, err := c.Overview(ctx(), pos.SpanDay, "")
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(o.Matters, func(m pos.Matter) bool { return m.Code == pos.MatterDialHigh })
	}
	for i := range 8 {
		c.sell("", line("plat", 3))
		c.serve("plat") // 3.50 of 32.45: 10.8 %
		if want := i >= 6; told() != want {
			t.Errorf("day %d: told %v, want %v", i+1, !want, want)
		}
		c.clock.Advance(day)
	}
}

// TestAnAgeingShelfIsAMatter: two gifts that nobody asks for are idle after a week, old after the café's sixty days.
func TestAnAgeingShelfIsAMatter(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 2))
	matters := func() (found []pos.Matter) {
		o, err := c.Overview(ctx(), pos.SpanDay, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range o.Matters {
			if m.Code == pos.MatterShelfIdle || m.Code == pos.MatterShelfOld {
				found = append(found, m)
			}
		}
		return found
	}
	for _, x := range []struct {
		days int
		act  string
		want []pos.Matter
	}{
		{0, pos.ActNone, nil},
		{8, pos.ActPartner, []pos.Matter{{Code: pos.MatterShelfIdle, Count: 2}}},
		{53, pos.ActPartner, []pos.Matter{{Code: pos.MatterShelfOld, Count: 61}}},
	} {
		c.wait(x.days)
		if got := matters(); !slices.Equal(got, x.want) {
			t.Errorf("after %d days more: got %v, want %v", x.days, got, x.want)
		}
		meal := c.dial().Radar.Classes[1]
		if meal.Class != "meal" || meal.Act != x.act || meal.Stock != 2 || meal.Days != -1 {
			t.Errorf("after %d days more: %+v", x.days, meal)
		}
	}
}

// TestTheForecastTakesTheMedianOfTheWeekday: three Mondays gave 2, 4 and 3 coffees and served 1, 2 and 5 (one of the
// house): the next expects 3 and 2. The shelf holds 9 − 7 = 2 on the Tuesday after and 3 more come on Monday.
func TestTheForecastTakesTheMedianOfTheWeekday(t *testing.T) {
	c := openCafe(t)
	c.clock.Set(time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC))
	for _, x := range [][2]int{{2, 1}, {4, 2}, {3, 5}} {
		c.sell("", gift("cafe", x[0]))
		for range x[1] {
			c.serve("cafe")
		}
		c.clock.Advance(7 * day)
	}
	c.clock.Advance(-6 * day)
	var coffee []pos.ShelfForecast
	for _, f := range c.dial().Forecast {
		if f.Class == "coffee" {
			coffee = append(coffee, f)
		}
	}
	if len(coffee) != 7 || coffee[0] != (pos.ShelfForecast{Day: "2026-12-09", Class: "coffee", Left: 1}) {
		t.Fatalf("got %+v", coffee)
	}
	if coffee[5] != (pos.ShelfForecast{Day: "2026-12-14", Class: "coffee", In: 3, Out: 2, Left: 2}) {
		t.Errorf("Monday: %+v", coffee[5])
	}
}

// TestTheDialOfADayIsKeptWithItsClosing: what the closing kept is what the dial said, whatever comes after, and a day that
// was closed in passing is kept by the next look at what is due. The audit of each test works all of them out again.
func TestTheDialOfADayIsKeptWithItsClosing(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("plat", 3))
	c.serve("plat")
	said := c.dial()
	z, err := c.CloseDay(ctx(), c.byManager())
	if err != nil {
		t.Fatal(err)
	}
	kept, found, err := c.DialOf(ctx(), z.ToDay)
	if err != nil || !found || kept.DialSum != said.DialSum || kept.Ratio != said.Ratio || kept.Position != said.Position {
		t.Fatalf("kept %+v (%v), %v; said %+v", kept, found, err, said)
	}
	c.clock.Advance(2 * day)
	c.sell("", line("plat", 1)) // the journal closes the day before on its way
	if n, err := c.DoDue(ctx()); err != nil || n == 0 {
		t.Errorf("nothing was due: %d, %v", n, err)
	}
	if n, err := c.DoDue(ctx()); err != nil || n != 0 {
		t.Errorf("done twice: %d, %v", n, err)
	}
	if again, _, _ := c.DialOf(ctx(), z.ToDay); again != kept {
		t.Errorf("it was %+v, it is %+v", kept, again)
	}
	if _, found, err := c.DialOf(ctx(), daysLater(z.ToDay, 1)); err != nil || !found {
		t.Errorf("the day closed in passing has no dial: %v", err)
	}
}

func daysLater(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, n).Format(time.DateOnly)
}

// TestHolidaysStopTheClockOfTheRadar73: ten days of holidays make nothing older, and nothing is expected of them.
func TestHolidaysStopTheClockOfTheRadar73(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2))
	c.wait(10)
	today := c.dial().Day
	if _, err := c.CloseForHolidays(ctx(), c.byManager(), suspended.Closure{From: daysLater(today, -4), To: daysLater(today, 3)}); err != nil {
		t.Fatal(err)
	}
	d := c.dial()
	if coffee := d.Radar.Classes[0]; coffee.Age != 5 || coffee.Idle {
		t.Errorf("got %+v, want five days", coffee)
	}
	for _, f := range d.Forecast {
		if f.Day <= daysLater(today, 3) && (f.In != 0 || f.Out != 0) {
			t.Errorf("expected on a holiday: %+v", f)
		}
	}
}
