package pos

import (
	"time"

	"comptoir/data/money"
)

// DialMonth is where the month stands and where it is going. The days to come are each taken as the mean of the last
// eight of their weekday on which the café sold something; with none, of all its days.
type DialMonth struct {
	Month     string            `json:"month"` // YYYY-MM
	SoFar     DialSum           `json:"so_far"`
	Projected DialSum           `json:"projected"` // at its end
	Ratio     money.BasisPoints `json:"ratio"`     // of the projection
	Position  Position          `json:"position"`
	Known     bool              `json:"known"` // enough days were sold on for the projection to be worth an alarm
}

// Where the projection looks.
const (
	weekdaysBack = 8 // weeks
	leastDays    = 7 // sold on, before an alarm is given
)

// month projects the month of today.
func (b *books) month(band Band) DialMonth {
	at, err := time.Parse(time.DateOnly, b.today)
	if err != nil {
		return DialMonth{Position: DialUnknown}
	}
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	m := DialMonth{Month: b.today[:len("2006-01")], SoFar: b.sum(date(first), b.today)}
	m.Projected = m.SoFar
	for _, day := range calendar(b.today, date(last)) {
		m.Projected = m.Projected.add(b.toCome(day))
	}
	m.Ratio, m.Position = band.holds(m.Projected)
	m.Known = b.sold(daysFrom(b.today, 1-dialDays), b.today) >= leastDays
	return m
}

// toCome is what a day will still add. Today is over when it has sold more than such a day does.
func (b *books) toCome(day string) DialSum {
	if b.isClosed(day) {
		return DialSum{}
	}
	x := b.usual(day)
	if day != b.today {
		return x
	}
	if done := b.days[day]; done.Turnover < x.Turnover {
		return x.less(done)
	}
	return DialSum{}
}

// usual is the mean of the weekday's last days, those without a sale left out: a café that is closed on Mondays sells
// nothing on the next.
func (b *books) usual(day string) DialSum {
	var same, all []DialSum
	open := false // the café was there on this weekday, sold or not
	for _, past := range calendar(daysFrom(b.today, -7*weekdaysBack), daysFrom(b.today, -1)) {
		d := b.days[past]
		if weekday(past) == weekday(day) {
			open = open || b.began(past) && !b.isClosed(past)
			if d.Turnover > 0 {
				same = append(same, d)
			}
		}
		if d.Turnover > 0 {
			all = append(all, d)
		}
	}
	if len(same) > 0 {
		return mean(same)
	}
	if open {
		return DialSum{} // closed on this weekday
	}
	return mean(all)
}

// began says that a day is not before the first the books know of.
func (b *books) began(day string) bool {
	for known := range b.days {
		if known <= day {
			return true
		}
	}
	return false
}

func weekday(day string) time.Weekday {
	at, _ := time.Parse(time.DateOnly, day)
	return at.Weekday()
}

// mean divides a sum of days by their number, each part rounded half up.
func mean(days []DialSum) (m DialSum) {
	if len(days) == 0 {
		return m
	}
	for _, d := range days {
		m = m.add(d)
	}
	of := func(sum money.Cents) money.Cents { return halfUp(max(sum, 0), money.Cents(len(days))) }
	m = DialSum{Turnover: of(m.Turnover), Loyalty: of(m.Loyalty), House: of(m.House), TopUps: of(m.TopUps)}
	m.Cost = m.Loyalty + m.House + m.TopUps
	return m
}
