package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"comptoir/data/money"
)

const noBreak = "\u00a0"

// english reports whether numbers are written the English way: a point before the cents, the sign of the euro first.
// French and Spanish write a comma, and the sign last.
func (l *Language) english() bool { return l.Code == "en" }

// Money writes an amount with its currency: "12,40 €" with a no-break space in French and Spanish, "€12.40" in English.
func (l *Language) Money(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "−", -c
	}
	if l.english() {
		return sign + "€" + l.digits(c)
	}
	return sign + l.digits(c) + noBreak + "€"
}

// Amount writes an amount without its currency, as a person types it into a field: "12,40" or "12.40".
func (l *Language) Amount(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d%s%02d", sign, c/100, l.point(), c%100)
}

// Euros writes a round amount without decimals, as on a banknote: "5 €" or "€5"; any other one as Money does.
func (l *Language) Euros(c money.Cents) string {
	if c%100 != 0 {
		return l.Money(c)
	}
	if l.english() {
		return "€" + l.Number(int(c/100))
	}
	return l.Number(int(c/100)) + noBreak + "€"
}

func (l *Language) digits(c money.Cents) string {
	return l.Number(int(c/100)) + l.point() + fmt.Sprintf("%02d", c%100)
}

// point is what stands before the cents.
func (l *Language) point() string {
	if l.english() {
		return "."
	}
	return ","
}

// amount is Money for a value of unknown type.
func (l *Language) amount(v any) (string, bool) {
	c, ok := v.(money.Cents)
	if !ok {
		return "", false
	}
	return l.Money(c), true
}

// Number writes a whole number, thousands apart: "1 204" with a narrow no-break space in French, "1,204" in English.
// Spanish parts them with a point and only from five digits on: "1204", "12.040", as browsers do (CLDR, es).
func (l *Language) Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	const together = 4 // so many digits stand together in Spanish
	if l.Code == "es" && len(s) <= together {
		return sign + s
	}
	sep := l.thousands()
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}

// thousands is what stands between groups of three digits.
func (l *Language) thousands() string {
	const narrow = "\u202f"
	switch l.Code {
	case "en":
		return ","
	case "es":
		return "."
	}
	return narrow
}

// Decimal writes a measured number with one digit behind the point: "1,5", "1.5".
func (l *Language) Decimal(n float64) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", l.point(), 1)
}

// Rate writes a rate: "5,5 %" or "5.5%".
func (l *Language) Rate(bp money.BasisPoints) string {
	s := fmt.Sprintf("%d.%02d", bp/100, bp%100)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	if l.english() {
		return s + "%"
	}
	return strings.Replace(s, ".", ",", 1) + noBreak + "%"
}

// Time writes the hour of an instant in the zone the caller put it in: "14 h 05" in French, else "14:05".
func (l *Language) Time(t time.Time) string {
	if l.Code == "fr" {
		return t.Format("15") + noBreak + "h" + noBreak + t.Format("04")
	}
	return t.Format("15:04")
}

// Date writes the day of an instant in the zone the caller put it in: "samedi 21 novembre 2026",
// "sábado, 21 de noviembre de 2026".
func (l *Language) Date(t time.Time) string {
	weekday := l.T("weekday." + strconv.Itoa(int(t.Weekday())))
	month := l.T("month." + strconv.Itoa(int(t.Month())))
	day := strconv.Itoa(t.Day())
	switch {
	case l.Code == "es":
		return fmt.Sprintf("%s, %s de %s de %d", weekday, day, month, t.Year())
	case l.Code == "fr" && t.Day() == 1:
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s %d", weekday, day, month, t.Year())
}

// Day writes a business day such as "2026-11-21" as Date does; what is not a day comes back as it is.
func (l *Language) Day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return l.Date(t)
}

// DayMonth writes a business day without its year: "16 novembre", "1er novembre", "16 de noviembre".
func (l *Language) DayMonth(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	month := l.T("month." + strconv.Itoa(int(t.Month())))
	switch {
	case l.Code == "es":
		return fmt.Sprintf("%d de %s", t.Day(), month)
	case l.Code == "fr" && t.Day() == 1:
		return "1er " + month
	}
	return fmt.Sprintf("%d %s", t.Day(), month)
}

// Month writes the month of a business day: "novembre 2026", "noviembre de 2026".
func (l *Language) Month(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	month := l.T("month." + strconv.Itoa(int(t.Month())))
	if l.Code == "es" {
		return fmt.Sprintf("%s de %d", month, t.Year())
	}
	return fmt.Sprintf("%s %d", month, t.Year())
}

// Weekday writes the weekday of a business day: "samedi", and shortly "sam.".
func (l *Language) Weekday(day string, short bool) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if short {
		return l.T("weekday.short." + strconv.Itoa(int(t.Weekday())))
	}
	return l.T("weekday." + strconv.Itoa(int(t.Weekday())))
}
