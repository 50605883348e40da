package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"comptoir/data/money"
)

const noBreak = "\u00a0"

// french reports whether numbers and dates are written the French way.
func (l *Language) french() bool { return l.Code == "fr" }

// Money writes an amount with its currency: "12,40 €" with a no-break space in French, "€12.40" in English.
func (l *Language) Money(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "−", -c
	}
	if l.french() {
		return sign + l.digits(c) + noBreak + "€"
	}
	return sign + "€" + l.digits(c)
}

// Amount writes an amount without its currency, as a person types it into a field: "12,40" or "12.40".
func (l *Language) Amount(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	point := "."
	if l.french() {
		point = ","
	}
	return fmt.Sprintf("%s%d%s%02d", sign, c/100, point, c%100)
}

// Euros writes a round amount without decimals, as on a banknote: "5 €" or "€5"; any other one as Money does.
func (l *Language) Euros(c money.Cents) string {
	if c%100 != 0 {
		return l.Money(c)
	}
	if l.french() {
		return l.Number(int(c/100)) + noBreak + "€"
	}
	return "€" + l.Number(int(c/100))
}

func (l *Language) digits(c money.Cents) string {
	point := "."
	if l.french() {
		point = ","
	}
	return l.Number(int(c/100)) + point + fmt.Sprintf("%02d", c%100)
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
func (l *Language) Number(n int) string {
	const narrow = "\u202f"
	sep := ","
	if l.french() {
		sep = narrow
	}
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}

// Rate writes a rate: "5,5 %" or "5.5%".
func (l *Language) Rate(bp money.BasisPoints) string {
	s := fmt.Sprintf("%d.%02d", bp/100, bp%100)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	if l.french() {
		return strings.Replace(s, ".", ",", 1) + noBreak + "%"
	}
	return s + "%"
}

// Time writes the hour of an instant in the zone the caller put it in: "14 h 05" or "14:05".
func (l *Language) Time(t time.Time) string {
	if l.french() {
		return t.Format("15") + noBreak + "h" + noBreak + t.Format("04")
	}
	return t.Format("15:04")
}

// Date writes the day of an instant in the zone the caller put it in: "samedi 21 novembre 2026".
func (l *Language) Date(t time.Time) string {
	weekday := l.T("weekday." + strconv.Itoa(int(t.Weekday())))
	month := l.T("month." + strconv.Itoa(int(t.Month())))
	day := strconv.Itoa(t.Day())
	if l.french() && t.Day() == 1 {
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
