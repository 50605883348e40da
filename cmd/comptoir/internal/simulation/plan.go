package simulation

import (
	"errors"
	"math/rand/v2"
	"time"

	"comptoir/data/money"
)

// Plan is one life of the café. The zero value is not valid: see Founders.
type Plan struct {
	Years int    `json:"years"` // 1 to MaxYears
	Seed  uint64 `json:"seed"`
	Scale int    `json:"scale"` // percent of the café's size, of all that comes and goes, 1 to 100

	Guests       int               `json:"guests"`        // given on an open day, on the mean of all years: fewer at first, more at the end
	GiftPrice    money.Cents       `json:"gift_price"`    // of a suspended meal
	HouseLine    int               `json:"house_line"`    // items a day that the house offers before nobody is invited any more
	PartnerMeals int               `json:"partner_meals"` // asked for by an association for its evening, each week
	SponsorMeals int               `json:"sponsor_meals"` // bought by a company each month
	Cost         int               `json:"cost"`          // of a product, percent of its price
	DialLow      money.BasisPoints `json:"dial_low"`
	DialHigh     money.BasisPoints `json:"dial_high"`
	Pledge       money.BasisPoints `json:"pledge"` // of the turnover, for an association
}

// Limits of a plan.
const (
	MaxYears     = 10
	maxGuests    = 200
	maxHouseLine = 100
	maxMeals     = 1000 // a week, or a month
	maxBand      = 5000 // basis points
)

// Founders is the café of Bordeaux in figures (solidarity.md §0, §1.2, §6): 20 items given on an open day, a card of
// nine, five euros for a meal, two percent of the turnover to an association.
func Founders() Plan {
	return Plan{Years: 1, Seed: 1, Scale: 100, Guests: 20, GiftPrice: 500, HouseLine: 6, PartnerMeals: 12, Cost: 32, DialLow: 200, DialHigh: 500, Pledge: 200}
}

// Check says what a plan cannot be. The names are those of the flags.
func (p Plan) Check() error {
	for _, c := range []struct {
		is       int64
		from, to int64
		says     string
	}{
		{int64(p.Years), 1, MaxYears, "--years is from 1 to 10"},
		{int64(p.Scale), 1, 100, "--scale is from 1 to 100 percent"},
		{int64(p.Guests), 0, maxGuests, "--guests is from 0 to 200 a day"},
		{int64(p.GiftPrice), 50, 2000, "--gift-price is from 50 to 2000 cents"},
		{int64(p.HouseLine), 0, maxHouseLine, "--house-line is from 0 to 100 a day"},
		{int64(p.PartnerMeals), 0, maxMeals, "--partner-meals is from 0 to 1000 a week"},
		{int64(p.SponsorMeals), 0, maxMeals, "--sponsor-meals is from 0 to 1000 a month"},
		{int64(p.Cost), 1, 100, "--cost is from 1 to 100 percent of the price"},
		{int64(p.DialLow), 0, int64(p.DialHigh), "--band is two numbers of basis points, the lower first"},
		{int64(p.DialHigh), 1, maxBand, "--band ends at 5000 basis points at most"},
		{int64(p.Pledge), 0, 1000, "--pledge is from 0 to 1000 basis points"},
	} {
		if c.is < c.from || c.is > c.to {
			return errors.New(c.says)
		}
	}
	return nil
}

// first is the first day of every simulation: a Friday.
func first() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }

// days is how many days the plan has, closed ones included.
func (p Plan) days() int { return int(first().AddDate(p.Years, 0, 0).Sub(first()).Hours() / 24) }

// What is drawn: each has a stream of its own for each day, so that a lever that changes one leaves the others alone.
const (
	ofParties = iota
	ofGuests
	ofCards
)

func (p Plan) draw(day, what int) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed, uint64(day)<<8|uint64(what))) //nolint:gosec // the same seed must draw the same
}

// closed says whether the café is closed on a day: on Sundays, New Year's Day, Christmas and in the first half of August.
func closed(day time.Time) bool {
	m, d := day.Month(), day.Day()
	return day.Weekday() == time.Sunday || m == time.January && d == 1 || m == time.December && d == 25 || m == time.August && d <= 15
}

// season is how many customers and how many guests a month has, in percent of the mean.
func season(m time.Month) (customers, guests int) {
	return [...]int{92, 94, 98, 100, 104, 106, 94, 74, 106, 108, 106, 104}[m-1],
		[...]int{118, 116, 106, 98, 92, 88, 84, 84, 96, 102, 110, 116}[m-1]
}

// weekday is how many customers a day of the week has, in percent of the mean.
func weekday(d time.Weekday) int { return [...]int{0, 84, 92, 96, 106, 120, 102}[d] }

// about draws a whole number whose mean is so many thousandths: a fifth more or less, and the rest by chance.
func about(r *rand.Rand, thousandths int) int {
	n := thousandths * (80 + r.IntN(41)) / 100
	if r.IntN(1000) < n%1000 {
		n += 1000
	}
	return n / 1000
}

// parties is how many parties come on the day.
func (p Plan) parties(r *rand.Rand, day time.Time) int {
	customers, _ := season(day.Month())
	const each = 52_000 // a day
	return about(r, each*weekday(day.Weekday())/100*customers/100*p.Scale/100)
}

// guests is how many guests the day could have: from 60 percent of the mean on the first day to 140 on the last, as word
// gets round; more in winter. What the association takes is counted among those that are given.
func (p Plan) guests(r *rand.Rand, day time.Time, nth int) int {
	_, guests := season(day.Month())
	walkIn := max(p.Guests*1000-p.PartnerMeals*1000/6, 0)
	ramp := 600 + 800*nth/p.days()
	return about(r, walkIn*guests/100*ramp/1000*p.Scale/100)
}

// scaled is so many of what is asked for at once, in a café of this size: at least one when there is any.
func (p Plan) scaled(n int) int {
	if n == 0 {
		return 0
	}
	return max(n*p.Scale/100, 1)
}
