package simulation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
)

// Columns of the report. With what stands between them they are under a hundred.
const (
	monthWide = 10
	barWide   = 30
	gaugeWide = 24
)

// origin is who bore an item, and what fills its part of a bar.
type origin struct{ name, fill string }

// origins is the order in which a bar is filled.
func origins() []origin {
	return []origin{{"PAID", "█"}, {"LOYALTY", "▓"}, {"SPONSOR", "▒"}, {"FUND", "▒"}, {"HOUSE", "░"}}
}

// Report is the page that people read: at most a hundred columns, the same for the same result.
func Report(l *locale.Language, r Result, levers []Lever) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(strings.TrimRight(text, " ") + "\n") }
	p, t := r.Plan, r.Total
	line(l.T("sim.title", "years", l.Number(p.Years), "seed", fmt.Sprint(p.Seed), "scale", l.Number(p.Scale)))
	line(l.T("sim.plan", "guests", l.Number(p.Guests)))
	line(l.T("sim.plan_more", "price", l.Money(p.GiftPrice), "line", l.Number(p.HouseLine), "cost", l.Number(p.Cost), "partner", l.Number(p.PartnerMeals)))
	line(l.T("sim.plan_last", "sponsor", l.Number(p.SponsorMeals), "low", l.Rate(p.DialLow), "high", l.Rate(p.DialHigh), "pledge", l.Rate(p.Pledge)))
	if p.Scale != 100 {
		line(l.T("sim.scaled", "scale", l.Number(p.Scale)))
	}
	line("")
	line(l.T("sim.total", "days", l.Number(r.OpenDays), "sales", l.Number(t.Sales), "turnover", l.Money(t.Turnover), "meals", l.Number(t.Meals), "entries", l.Number(int(r.Entries))))
	line(l.T("sim.given", "given", l.Number(t.Given()), "paid", l.Number(t.Served["PAID"]), "card", l.Number(t.Served["LOYALTY"]),
		"sponsor", l.Number(t.Served["SPONSOR"]+t.Served["FUND"]), "house", l.Number(t.Served["HOUSE"])))
	line(l.T("sim.money", "cost", l.Money(t.Cost), "pledge", l.Money(t.Pledge), "stamps", l.Number(t.Stamps), "refunds", l.Number(t.Refunds)))
	line("")
	line(l.T("sim.legend"))
	line(row(l.T("sim.month"), pad(l.T("sim.bar"), barWide), l.T("sim.n"), pad(l.T("sim.dial"), gaugeWide), "%", l.T("sim.shelf"), l.T("sim.age"), l.T("sim.advance")))
	most := 1
	months := quarters(r)
	for _, m := range months {
		most = max(most, m.Given())
	}
	for _, m := range months {
		line(row(m.Month, bar(m.Figures, most), l.Number(m.Given()), gauge(p, m.Dial), l.Rate(m.Dial),
			fmt.Sprintf("%d+%d", m.Waiting["coffee"], m.Waiting["meal"]), fmt.Sprintf("%d/%d", m.Ages.Days, m.Ages.Oldest), l.Number(m.Advances)))
	}
	line("")
	line(leaves(l, r))
	tellLevers(l, r, levers, line)
	tellBreaches(l, r, line)
	return b.String()
}

// quarters is every month, or every third when there are more than fit on a page: its own figures are then those of
// the three.
func quarters(r Result) []Month {
	const page = 24
	if len(r.Months) <= page {
		return r.Months
	}
	var all []Month
	for i := 2; i < len(r.Months); i += 3 {
		m := r.Months[i]
		m.Figures = Figures{}
		for _, part := range r.Months[i-2 : i+1] {
			m.add(part.Figures)
		}
		all = append(all, m)
	}
	return all
}

// row is one row of the table, right-aligned where there are numbers.
func row(month, bar, n, gauge, dial, shelf, age, advance string) string {
	return pad(month, monthWide) + " " + bar + left(n, 6) + "  " + gauge + left(dial, 8) + left(shelf, 7) + left(age, 6) + left(advance, 4)
}

func pad(s string, wide int) string {
	return s + strings.Repeat(" ", max(wide-utf8.RuneCountInString(s), 0))
}
func left(s string, wide int) string {
	return strings.Repeat(" ", max(wide-utf8.RuneCountInString(s), 0)) + s
}

// bar is what was given, by who bore it; the longest fills the column.
func bar(f Figures, most int) string {
	var b strings.Builder
	done, cells := 0, 0
	for _, o := range origins() {
		done += f.Served[o.name]
		upTo := (2*done*barWide + most) / (2 * most)
		b.WriteString(strings.Repeat(o.fill, upTo-cells))
		cells = upTo
	}
	return pad(b.String(), barWide)
}

// gauge is the dial from nothing to twice the upper end of the band, which is drawn.
func gauge(p Plan, dial money.BasisPoints) string {
	at := func(v money.BasisPoints) int {
		return min(int(int64(v)*(gaugeWide-1)/int64(2*p.DialHigh)), gaugeWide-1)
	}
	cells := []rune(strings.Repeat("·", gaugeWide))
	for i := at(p.DialLow); i <= at(p.DialHigh); i++ {
		cells[i] = '─'
	}
	cells[at(p.DialLow)], cells[at(p.DialHigh)] = '├', '┤'
	cells[at(dial)] = '●'
	if dial > p.DialHigh {
		cells[at(dial)] = '▲'
	}
	return string(cells)
}

func leaves(l *locale.Language, r Result) string {
	month := r.Leaves()
	if month == "" {
		return l.T("sim.stays", "highest", l.Rate(r.Highest()), "high", l.Rate(r.Plan.DialHigh))
	}
	return l.T("sim.leaves", "month", l.Month(month+"-01"), "outside", l.Number(r.Outside()), "last", l.Rate(r.Last()), "high", l.Rate(r.Plan.DialHigh))
}

func tellLevers(l *locale.Language, r Result, levers []Lever, line func(string)) {
	if len(levers) == 0 {
		return
	}
	const wide = 42
	line("")
	line(pad(l.T("sim.levers"), wide) + left(l.T("sim.at_end"), 10) + left(l.T("sim.above"), 15) + left(l.T("sim.by_house"), 9))
	line(pad(l.T("sim.as_it_is"), wide) + left(l.Rate(r.Last()), 10) + left(l.Number(r.Outside()), 15) + left(l.Number(r.Total.Served["HOUSE"]), 9))
	for _, v := range levers {
		back := ""
		if v.Back {
			back = "  ◀ " + l.T("sim.back")
		}
		line(pad(leverName(l, v), wide) + left(l.Rate(money.BasisPoints(v.Last)), 10) + left(l.Number(v.Outside), 15) + left(l.Number(v.House), 9) + back)
	}
}

func leverName(l *locale.Language, v Lever) string {
	by := l.Number(v.By)
	switch v.Key {
	case "gift_price":
		by = l.Money(money.Cents(v.By))
	case "band":
		by = l.Rate(money.BasisPoints(v.By))
	}
	if v.By > 0 {
		by = "+" + by
	}
	return l.T("sim.lever."+v.Key, "by", by)
}

func tellBreaches(l *locale.Language, r Result, line func(string)) {
	line("")
	if len(r.Breaches) == 0 {
		line(l.T("sim.lawful"))
		return
	}
	line(l.N("sim.breaches", len(r.Breaches)))
	for _, v := range r.Breaches[:min(len(r.Breaches), 10)] {
		line("  " + v.Check + ": " + v.Detail)
	}
}
