package simulation

import (
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

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

	Cost   money.Cents `json:"cost"`   // of LOYALTY, HOUSE and of what a gift did not cover, as the café's dial counts it
	Pledge money.Cents `json:"pledge"` // owed to the association, month by month
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
}

// Ages is how the shelf stands, as the café's own radar sees it.
type Ages struct {
	Days   int `json:"days"`   // that it lasts at its pace, the class that lasts longest; -1 when nothing goes out
	Oldest int `json:"oldest"` // item, in days
}

// ledger remembers what the till answered, by day and by month.
type ledger struct {
	months []Month
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

// end books the day on its month.
func (l *ledger) end() {
	if len(l.months) == 0 || !l.open {
		return
	}
	l.open = false
	m := &l.months[len(l.months)-1]
	m.add(l.today)
}

func (l *ledger) sold(party *party, sale pos.SaleResult) {
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
}

func (l *ledger) refunded(r pos.RefundResult) {
	l.today.Refunds++
	l.today.Turnover += r.Total
	l.today.Stamps -= r.StampsReversed
}

// served books items that were handed out.
func (l *ledger) served(origin string, n int) { l.today.Served[origin] += n }

// collected books what the association took.
func (l *ledger) collected(c pos.Collection) {
	l.today.Collected += c.Qty
	for _, s := range c.Shares {
		l.served(s.Origin, s.Count)
	}
}
