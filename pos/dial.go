package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/money"
)

// Dial is the curseur: what solidarity costs the café over the net turnover of the same thirty business days, against
// the band the café has chosen (solidarity.md §4 item 3). Its founders closed over this number, which nobody had seen in time.
//
// Turnover is sales less refunds without tax: tax is not the café's, and a standard cost has none either. Gifts are sales
// like any other and are in it; what is passed through to an association is not.
//
// Cost is standard cost (a memo of each item) of what was served or collected, less what was taken back, by who bears it:
// an item of a card or of the house costs all of it; one that was paid for costs the part its price does not cover of the
// menu price of what was served, at cost: cost × (menu price − paid) ÷ menu price, rounded half up to the cent (I18, cases
// 57 and 58). A meal of 11.90 that costs 3.50 and was given for 6.00 is topped up by 5.90, which costs 3.50 × 5.90 ÷ 11.90 =
// 1.74; a coffee of 2.20 that costs 0.66 and was given for 1.80 by 0.40, which costs 0.12. What a partner collects has no
// menu price: paid items then cost what their price does not cover of their cost.
type Dial struct {
	Day  string `json:"day"`  // the last of its thirty days
	From string `json:"from"` // the first
	DialSum
	Ratio    money.BasisPoints `json:"ratio"`    // cost over turnover, rounded half up; 0 while Position is unknown
	Band     Band              `json:"band"`     // chosen by the café
	Position Position          `json:"position"` // where Ratio lies
	Month    DialMonth         `json:"month"`    // the month that Day lies in
	Exposure Exposure          `json:"exposure"` // what is promised and not spent yet
	Levers   []Lever           `json:"levers"`   // what would move the dial, the one that alone brings it back first
	Radar    Radar             `json:"radar"`
	Forecast []ShelfForecast   `json:"forecast"` // the next seven days, by day and class
	Line     []DialDay         `json:"line"`     // the dial as it stood on each of the thirty days
}

// DialSum is what the dial divides: cents of some days.
type DialSum struct {
	Turnover money.Cents `json:"turnover"` // sales less refunds, without tax
	Cost     money.Cents `json:"cost"`     // Loyalty + House + TopUps
	Loyalty  money.Cents `json:"loyalty"`  // meals that cards have released
	House    money.Cents `json:"house"`    // items of the house
	TopUps   money.Cents `json:"topups"`   // what the price of a gift does not cover
}

// Band is what the café wants its dial to lie in, both included.
type Band struct {
	Low  money.BasisPoints `json:"low"`
	High money.BasisPoints `json:"high"`
}

// Position is where a dial lies.
type Position string

// The positions.
const (
	DialUnknown Position = "unknown" // nothing was sold in the thirty days
	DialBelow   Position = "below"   // the café could give more
	DialWithin  Position = "within"
	DialAbove   Position = "above" // it gives more than it bears
)

// DialDay is the dial as it stood at the end of a business day.
type DialDay struct {
	Day      string            `json:"day"`
	Ratio    money.BasisPoints `json:"ratio"`
	Position Position          `json:"position"`
}

// dialDays is how many business days the dial looks back on, its own included.
const dialDays = 30

// maxRatio bounds what is told: past a thousand per cent the number says nothing more.
const maxRatio = 100_000

// add sums two.
func (s DialSum) add(x DialSum) DialSum {
	return DialSum{s.Turnover + x.Turnover, s.Cost + x.Cost, s.Loyalty + x.Loyalty, s.House + x.House, s.TopUps + x.TopUps}
}

// less takes one away.
func (s DialSum) less(x DialSum) DialSum {
	return s.add(DialSum{-x.Turnover, -x.Cost, -x.Loyalty, -x.House, -x.TopUps})
}

// ratio divides cost by turnover; false when nothing was sold.
func (s DialSum) ratio() (money.BasisPoints, bool) {
	if s.Turnover <= 0 {
		return 0, false
	}
	return money.BasisPoints(min(halfUp(max(s.Cost, 0)*10_000, s.Turnover), maxRatio)), true
}

// halfUp divides two amounts that are not negative, rounded half up.
func halfUp(a, b money.Cents) money.Cents { return (2*a + b) / (2 * b) }

// holds says where a sum lies.
func (b Band) holds(s DialSum) (money.BasisPoints, Position) {
	switch r, known := s.ratio(); {
	case !known:
		return 0, DialUnknown
	case r < b.Low:
		return r, DialBelow
	case r > b.High:
		return r, DialAbove
	default:
		return r, DialWithin
	}
}

// Dial returns the dial of today, with all that belongs to it, read at one moment.
func (t *Till) Dial(ctx context.Context) (d Dial, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		settings, err := loadSettings(ctx, q)
		if err != nil {
			return err
		}
		b, err := t.readBooks(ctx, q, t.db.Today())
		if err != nil {
			return err
		}
		d = b.dial(settings)
		if d.Exposure, err = t.exposure(ctx, q, b); err != nil {
			return err
		}
		menu, err := t.loadedMenu(ctx, q)
		if err != nil {
			return err
		}
		d.Levers = b.levers(d, giftPrices(menu))
		d.Radar, d.Forecast = b.radar(settings.AgeingDays), b.forecast()
		if slices.ContainsFunc(d.Radar.Classes, func(c RadarClass) bool { return c.Act == ActPartner }) {
			d.Radar.Partner, err = callFirst(ctx, q)
		}
		return err
	})
	return d, err
}

// dial is the part of the dial that the books alone tell.
func (b *books) dial(s Settings) Dial {
	d := Dial{Day: b.today, From: daysFrom(b.today, 1-dialDays), Band: Band{s.DialLow, s.DialHigh}}
	d.DialSum = b.sum(d.From, b.today)
	d.Ratio, d.Position = d.Band.holds(d.DialSum)
	d.Month = b.month(d.Band)
	for _, day := range calendar(d.From, d.Day) {
		r, p := d.Band.holds(b.sum(daysFrom(day, 1-dialDays), day))
		d.Line = append(d.Line, DialDay{day, r, p})
	}
	return d
}
