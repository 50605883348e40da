package web

import (
	"slices"
	"strconv"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// chartView is the chart of the period, and the same in a table.
type chartView struct {
	Title string
	Says  string // the conclusion in words
	Wide  picture
	Small picture // for a phone
	Than  string  // what the line shows; "" without a line
	Rows  []slotView
	ByDay bool
}

// slotView is one bar of the chart in words.
type slotView struct {
	Label         string
	Sales         int
	Total, Before money.Cents
	Then          bool // there is something to compare with
}

// Widths of the chart in pixels.
const (
	wideChart  = 720
	smallChart = 340
)

// chart draws the period, with the one before as a line.
func (v *todayView) chart() {
	o := v.Overview
	ch := chart{Euro: v.Euros}
	var best slotView
	than := v.than(true)
	v.Chart = chartView{Title: v.T("today.by_hour"), ByDay: o.Span != pos.SpanDay, Than: than}
	if v.Chart.ByDay {
		v.Chart.Title = v.T("today.by_day")
	}
	compares := slices.ContainsFunc(o.Slots, func(s pos.Slot) bool { return s.Before != 0 })
	if !compares {
		v.Chart.Than = ""
	}
	for _, s := range o.Slots {
		row := slotView{Label: v.slotName(s), Sales: s.Sales, Total: s.Total, Before: s.Before, Then: compares && (s.Hour >= 0 || s.Was != "")}
		says := v.N("today.bar", s.Sales, "label", row.Label, "sum", v.Money(s.Total))
		if row.Then {
			says = v.T("today.bar_before", "bar", says, "than", than, "sum", v.Money(s.Before))
		}
		ch.Bars = append(ch.Bars, bar{Label: v.slotLabel(s), Says: says, Value: s.Total, Before: s.Before, Was: row.Then})
		v.Chart.Rows = append(v.Chart.Rows, row)
		if row.Total > best.Total {
			best = row
		}
	}
	ch.Says = v.T("today.nothing")
	if best.Total > 0 {
		ch.Says = v.T("today.best", "label", best.Label, "sum", v.Money(best.Total))
	}
	if len(ch.Bars) > 0 {
		v.Chart.Wide, v.Chart.Small = ch.SVG(wideChart), ch.SVG(smallChart)
	}
	v.Chart.Says = ch.Says
}

// slotName names a slot in full: "12 h", "samedi 21 novembre".
func (v *todayView) slotName(s pos.Slot) string {
	if s.Hour >= 0 {
		return v.T("today.at_hour", "hour", s.Hour)
	}
	day := s.Day
	if day == "" {
		day = s.Was
	}
	return v.Weekday(day, true) + " " + v.DayMonth(day)
}

// slotLabel is what stands under a bar.
func (v *todayView) slotLabel(s pos.Slot) string {
	switch {
	case s.Hour >= 0:
		return v.T("today.at_hour", "hour", s.Hour)
	case v.Overview.Span == pos.SpanWeek:
		return v.Weekday(s.Day, true)
	}
	day := s.Day
	if day == "" {
		day = s.Was
	}
	return strconv.Itoa(dayOfMonth(day))
}

func dayOfMonth(day string) int {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return t.Day()
}
