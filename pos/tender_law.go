package pos

import (
	"time"

	"comptoir/data/money"
)

// What the law says of means of payment, beside what the till itself asks of a tender.
const (
	// voucherDaily is what one person may pay by titre-restaurant in a day, in cents. The till sees one payment, not the
	// day: it warns (fiscal R98).
	voucherDaily money.Cents = 2500
	// cashLimit is the most that one sale may be paid of in cash, in cents (CMF art. L. 112-6, fiscal R99): more is refused.
	cashLimit money.Cents = 100_000
)

// cashWithin refuses more cash for one sale than the law allows. field names the tender in errors.
func cashWithin(cash money.Cents, field string) error {
	if cash > cashLimit {
		return errTenders("tenders.cash_limit", "The law lets at most a thousand euros of a sale be paid in cash.", field, "cash_limit").With("max", cashLimit)
	}
	return nil
}

// voucherDayOff reports whether titres-restaurant are only good on a business day if the employer has said so: Sundays and
// public holidays (fiscal R98).
func voucherDayOff(day string) bool {
	d, err := time.Parse(time.DateOnly, day)
	return err == nil && (d.Weekday() == time.Sunday || isHoliday(d))
}

// isHoliday reports whether a day is a public holiday in France (code du travail, art. L. 3133-1).
func isHoliday(d time.Time) bool {
	switch d.Format("01-02") {
	case "01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25":
		return true
	}
	easter := easterOf(d.Year())
	for _, after := range []int{1, 39, 50} { // Easter Monday, Ascension, Whit Monday
		if d.Equal(easter.AddDate(0, 0, after)) {
			return true
		}
	}
	return false
}

// easterOf is Easter Sunday of a year, by the Gregorian computus of Meeus, Jones and Butcher.
func easterOf(year int) time.Time {
	golden, century, of := year%19, year/100, year%100
	leap, skipped := century/4, century%4
	correction := (century - (century+8)/25 + 1) / 3
	epact := (19*golden + century - leap - correction + 15) % 30
	weekday := (32 + 2*skipped + 2*(of/4) - epact - of%4) % 7
	late := (golden + 11*epact + 22*weekday) / 451
	march := epact + weekday - 7*late + 114
	return time.Date(year, time.Month(march/31), march%31+1, 0, 0, 0, 0, time.UTC)
}
