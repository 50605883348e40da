package simulation

import (
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// dialDays is how many open days the dial looks back on.
const dialDays = 30

// Figures are what happened in some days.
type Figures struct {
	Sales    int         `json:"sales"`
	Turnover money.Cents `json:"turnover"` // tax included, refunds taken off
	Meals    int         `json:"meals"`    // sold
	Stamps   int         `json:"stamps"`
	Refunds  int         `json:"refunds"`

	Gifts    int `json:"gifts"` // put on the shelf by whoever paid for them
	Released int `json:"released"`
	Sponsor  int `json:"sponsor"`
	Fund     int `json:"fund"`

	Served    map[string]int `json:"served"` // by origin, to guests and to the association
	Collected int            `json:"collected"`

	Cost   money.Cents `json:"cost"` // of LOYALTY, HOUSE and of what a gift did not pay, at the cost of the products
	Pledge money.Cents `json:"pledge"`
}

// Given is all that was handed out.
func (f Figures) Given() (n int) {
	for _, k := range f.Served {
		n += k
	}
	return n
}

func (f *Figures) add(g Figures) {
	f.Sales, f.Turnover, f.Meals, f.Stamps, f.Refunds = f.Sales+g.Sales, f.Turnover+g.Turnover, f.Meals+g.Meals, f.Stamps+g.Stamps, f.Refunds+g.Refunds
	f.Gifts, f.Released, f.Sponsor, f.Fund = f.Gifts+g.Gifts, f.Released+g.Released, f.Sponsor+g.Sponsor, f.Fund+g.Fund
	f.Collected, f.Cost, f.Pledge = f.Collected+g.Collected, f.Cost+g.Cost, f.Pledge+g.Pledge
	if f.Served == nil {
		f.Served = map[string]int{}
	}
	for origin, n := range g.Served {
		f.Served[origin] += n
	}
}

// Month is one month of the café.
type Month struct {
	Month string `json:"month"` // YYYY-MM
	Figures
	Dial     money.BasisPoints `json:"dial"`     // on its last day
	Waiting  map[string]int    `json:"waiting"`  // on the shelf on its last day, by class
	Advances int               `json:"advances"` // meals the house has advanced to cards, on its last day
	Ages     Ages              `json:"ages"`
	open     int               // days
}

// DaysOfStock is how long the shelf would last as it went in the month, in open days.
func (m Month) DaysOfStock() int {
	waiting, real := 0, m.Given()-m.Served["HOUSE"]
	for _, n := range m.Waiting {
		waiting += n
	}
	if real == 0 {
		return 0
	}
	return waiting * m.open / real
}

// Ages is how long what waits has waited, in days.
type Ages struct {
	Median int `json:"median"`
	Oldest int `json:"oldest"`
}

// dialDay is what the dial knows of one open day.
type dialDay struct{ cost, turnover money.Cents }

// ledger remembers what the till answered, by day and by month.
type ledger struct {
	months []Month
	last   []dialDay // open days, the newest last, dialDays at most
	today  Figures
	day    time.Time
	open   bool
}

// begin ends the day before and begins another.
func (l *ledger) begin(day time.Time) {
	l.end()
	l.day, l.today, l.open = day, Figures{Served: map[string]int{}}, !closed(day)
	if month := day.Format("2006-01"); len(l.months) == 0 || l.months[len(l.months)-1].Month != month {
		l.months = append(l.months, Month{Month: month})
	}
}

// end books the day on its month, and turns the dial.
func (l *ledger) end() {
	if len(l.months) == 0 || !l.open {
		return
	}
	l.open = false
	m := &l.months[len(l.months)-1]
	m.add(l.today)
	m.open++
	l.last = append(l.last, dialDay{l.today.Cost, l.today.Turnover})
	l.last = l.last[max(len(l.last)-dialDays, 0):]
}

// dial is cost over turnover of the last open days, in basis points.
func (l *ledger) dial() money.BasisPoints {
	var sum dialDay
	for _, d := range l.last {
		sum.cost, sum.turnover = sum.cost+d.cost, sum.turnover+d.turnover
	}
	if sum.turnover <= 0 {
		return 0
	}
	return money.BasisPoints(sum.cost * 10_000 / sum.turnover)
}

func (l *ledger) sold(p Plan, party *party, sale pos.SaleResult) {
	t := &l.today
	t.Sales++
	t.Turnover += sale.Total
	t.Meals += party.meals
	t.Stamps += sale.Stamps
	t.Released += sale.Released
	for _, line := range party.lines {
		if line.Kind == pos.LineGift {
			t.Gifts += line.Qty
		}
	}
	t.Pledge += sale.Total * money.Cents(p.Pledge) / 10_000
}

func (l *ledger) refunded(r pos.RefundResult) {
	l.today.Refunds++
	l.today.Turnover += r.Total
	l.today.Stamps -= r.StampsReversed
}

// served books an item that was handed out. What it costs is counted at the cost of the product: all of it when nobody
// paid, and for one that was paid the share of the menu's price that the gift did not cover.
func (l *ledger) served(c *cafe, name, origin string, n int) {
	p := c.menu[name]
	l.today.Served[origin] += n
	cost := p.cost
	if origin != "LOYALTY" && origin != "HOUSE" {
		cost = max(p.price-c.giftPrice(p.class), 0) * money.Cents(c.plan.Cost) / 100
	}
	l.today.Cost += cost * money.Cents(n)
}
