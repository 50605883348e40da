package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

const managePath = "/manage"

// topProducts is how many products are told at once; the others are one touch away.
const topProducts = 8

// todayView is a day, a week or a month in figures.
type todayView struct {
	base
	Heading  string
	Spans    []spanView
	Earlier  string // address of the period before
	Later    string // of the one after; "" when that has not begun
	Now      string // of the current one; "" when it is shown
	Overview pos.Overview
	Figures  []figureView
	Chart    chartView
	Products []pos.ProductTotal
	More     []pos.ProductTotal // beyond the first
	Tenders  []tenderShare
	Classes  []string
	Counts   []countView
	Origins  []originView
	Budget   string // what the house may still offer; "" when today is not in the period
	Matters  []matterView
	Closing  closingBlock
	Dial     *dialBlock // nil when today is not in the period
}

type spanView struct {
	Span pos.Span
	Link string
	Here bool
}

// figureView is one card: a number, and a sentence that compares it.
type figureView struct {
	Icon, Name, Value, Note string
}

// tenderShare is what one means of payment brought, and which share of all that is.
type tenderShare struct {
	pos.TenderTotal
	Share string
}

// productRows are rows of the table of products.
type productRows struct {
	base
	Rows []pos.ProductTotal
}

// ProductRows hands rows to their template.
func (v todayView) ProductRows(rows []pos.ProductTotal) productRows { return productRows{v.base, rows} }

// countView is one thing that happened to suspended items, with a number a class.
type countView struct {
	Name    string
	Numbers []string
}

// originView is who bore what was served, and what waits.
type originView struct {
	Name            string
	Served, Waiting int
}

// matterView is something to look at, and where; without a link for who may not go there.
type matterView struct{ Icon, Text, Link string }

// todayPage serves GET /manage?span=&day=.
func (s *Server) todayPage(c *fiber.Ctx) error {
	span := pos.Span(c.Query("span"))
	if !slices.Contains([]pos.Span{pos.SpanDay, pos.SpanWeek, pos.SpanMonth}, span) {
		span = pos.SpanDay
	}
	o, err := s.till.Overview(c.UserContext(), span, s.dayOf(c))
	if err != nil {
		return err
	}
	v := todayView{base: s.newBase(c, "manage.today", "manage"), Overview: o}
	v.Section = "today"
	if v.Closing, err = s.closingBlock(c); err != nil {
		return err
	}
	v.period(s.till.DB().Today())
	v.figures()
	v.chart()
	v.totals()
	v.solidarity()
	if o.Running {
		k := v.dialBlock(o.Dial)
		v.Dial = &k
	}
	if err := s.chargeMatters(c, &v); err != nil {
		return err
	}
	if o.Running {
		s.healthMatters(c.UserContext(), &v)
	}
	for _, m := range o.Matters {
		v.Matters = append(v.Matters, v.matter(m))
	}
	return s.page(c, http.StatusOK, "manage_today", v)
}

func periodLink(span pos.Span, day string) string {
	return managePath + "?" + url.Values{"span": {string(span)}, "day": {day}}.Encode()
}

// period names the period, and leads to those beside it and around it.
func (v *todayView) period(today string) {
	o := v.Overview
	switch o.Span {
	case pos.SpanDay:
		v.Heading = v.Day(o.From)
	case pos.SpanWeek:
		v.Heading = v.T("today.week", "from", v.DayMonth(o.From), "to", v.DayMonth(o.To))
	case pos.SpanMonth:
		v.Heading = v.Month(o.From)
	}
	v.Title = v.Heading
	for _, span := range []pos.Span{pos.SpanDay, pos.SpanWeek, pos.SpanMonth} {
		v.Spans = append(v.Spans, spanView{span, periodLink(span, o.Day), span == o.Span})
	}
	v.Earlier = periodLink(o.Span, daysLater(o.From, -1))
	if next := daysLater(o.To, 1); next <= today {
		v.Later = periodLink(o.Span, next)
	}
	if !o.Running {
		v.Now = periodLink(o.Span, today)
	}
}

// daysLater moves a business day.
func daysLater(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// than words the period this one is compared with: "le samedi d’avant à la même heure".
func (v *todayView) than(whole bool) string {
	key := "than." + string(v.Overview.Span)
	if v.Overview.Running && !whole {
		key += ".running"
	}
	return v.T(key, "day", v.Weekday(v.Overview.Before.From, false))
}

// figures are the four cards.
func (v *todayView) figures() {
	o := v.Overview
	given, served := 0, 0
	for _, n := range o.Solidarity.Given {
		given += n
	}
	for _, n := range o.Solidarity.Released {
		given += n
	}
	for _, n := range o.Solidarity.Served {
		served += n
	}
	var left []string
	for _, class := range slices.Sorted(maps.Keys(o.Solidarity.Waiting)) {
		left = append(left, v.N("class.count."+class, o.Solidarity.Waiting[class]))
	}
	v.Figures = []figureView{
		{"banknote", v.T("today.turnover"), v.Money(o.Total), v.compared(int64(o.Total), int64(o.Before.Total), v.percent, "compare.less")},
		{"receipt-text", v.T("today.sales"), v.Number(o.Sales), v.compared(int64(o.Sales), int64(o.Before.Sales), v.many, "compare.fewer")},
		{"ticket", v.T("today.average"), v.Money(o.Average()), v.compared(int64(o.Average()), int64(o.Before.Average()), v.percent, "compare.less")},
		{"hand-heart", v.T("today.solidarity"), v.T("today.given_served", "given", v.Number(given), "served", v.Number(served)),
			v.T("today.left", "what", strings.Join(left, ", "))},
	}
}

// compared words the difference between two numbers; much writes it.
func (v *todayView) compared(now, before int64, much func(difference, of int64) string, less string) string {
	than := v.than(false)
	if before <= 0 {
		return v.T("compare.none", "than", than)
	}
	said := much(max(now-before, before-now), before)
	switch {
	case said == "":
		return v.T("compare.same", "than", than)
	case now > before:
		return v.T("compare.more", "much", said, "than", than)
	}
	return v.T(less, "much", said, "than", than)
}

// percent writes a part of a whole in whole percents; "" when it rounds to nothing.
func (v *todayView) percent(part, of int64) string {
	const percent, rateOfPercent = 100, 100
	n := (part*percent + of/2) / of
	if n == 0 {
		return ""
	}
	return v.Rate(money.BasisPoints(n * rateOfPercent))
}

func (v *todayView) many(n, _ int64) string {
	if n == 0 {
		return ""
	}
	return v.Number(int(n))
}

// totals are the tables: products, and means of payment with their shares.
func (v *todayView) totals() {
	o := v.Overview
	top := min(len(o.Products), topProducts)
	v.Products, v.More = o.Products[:top], o.Products[top:]
	for _, x := range o.Tenders {
		t := tenderShare{TenderTotal: x}
		if o.Total > 0 && x.Amount > 0 {
			t.Share = v.percent(int64(x.Amount), int64(o.Total))
		}
		v.Tenders = append(v.Tenders, t)
	}
}

// solidarity tells what was given and served, by class and by who bore it: sums of a period, never who or when.
func (v *todayView) solidarity() {
	o := v.Overview
	sol := o.Solidarity
	classes := slices.Sorted(maps.Keys(sol.Waiting)) // every class of the shelf, the empty ones too
	for _, class := range classes {
		v.Classes = append(v.Classes, v.T("class.many."+class))
	}
	for _, x := range []struct {
		name  string
		count map[string]int
	}{
		{v.T("today.given"), sol.Given}, {v.T("today.released"), sol.Released}, {v.T("today.served"), sol.Served},
		{v.T("today.house"), sol.House}, {v.T("today.collected"), sol.Collected}, {v.T("today.waiting"), sol.Waiting},
	} {
		row := countView{Name: x.name}
		for _, class := range classes {
			row.Numbers = append(row.Numbers, v.Number(x.count[class]))
		}
		v.Counts = append(v.Counts, row)
	}
	for _, origin := range []string{"PAID", "LOYALTY", "SPONSOR", "FUND", "HOUSE"} {
		if served, waiting := sol.ServedBy[origin], o.WaitingBy[origin]; served != 0 || waiting != 0 {
			v.Origins = append(v.Origins, originView{v.T("origin." + origin), served, waiting})
		}
	}
	if o.Running {
		v.Budget = v.T("today.budget", "left", v.Number(max(o.BudgetLeft, 0)), "of", v.Number(o.Budget))
	}
}

// matter words what to look at, and leads there.
func (v *todayView) matter(m pos.Matter) matterView {
	counts := v.Operator.Role != pos.RoleAccountant
	manages := v.Operator.Role == pos.RoleManager
	link := func(allowed bool, path string) string {
		if !allowed {
			return ""
		}
		return path
	}
	switch m.Code {
	case pos.MatterOldTickets:
		return matterView{"pause", v.N("matter."+m.Code, m.Count), link(counts, "/")}
	case pos.MatterPartPaid:
		return matterView{"banknote", v.N("matter."+m.Code, m.Count), link(counts, "/")}
	case pos.MatterLongShift:
		return matterView{"store", v.T("matter." + m.Code), link(counts, "/shift")}
	case pos.MatterSoldOut:
		return matterView{"utensils", v.N("matter."+m.Code, m.Count), link(manages, menuPath)}
	case pos.MatterHouseBudget:
		return matterView{"hand-heart", v.T("warning.house.budget"), link(manages, settingsPath)}
	case pos.MatterDialHigh:
		return matterView{"heart-handshake", v.T("matter." + m.Code), solidarityPath}
	case pos.MatterShelfOld, pos.MatterShelfIdle:
		return matterView{"heart-handshake", v.N("matter."+m.Code, m.Count), solidarityPath}
	case pos.MatterKitchen:
		return matterView{"utensils", v.N("matter."+m.Code, m.Count), link(counts, "/")}
	case pos.MatterIntegrity:
		return matterView{"circle-alert", v.N("matter."+m.Code, m.Count), alertsPath}
	case pos.MatterClock, pos.MatterSecondHead:
		return matterView{"circle-alert", v.T("matter." + m.Code), ""}
	case pos.MatterArchiveLate, pos.MatterArchiveGone, pos.MatterArchiveCopy:
		return matterView{"archive", v.N("matter."+m.Code, m.Count), archivesPath}
	}
	return matterView{"circle-alert", v.T("matter." + m.Code), link(manages, setupPath)}
}
