package pos

import (
	"context"
	"strconv"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
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

// errTenders is the refusal of a payment; its code says why.
func errTenders(code, detail, field, rule string) *fault.Error {
	return fault.New(fault.Invalid, code, detail).Field(field, rule)
}

func (s *settlement) checkTenders(ctx context.Context, tx *data.Tx) error {
	if len(s.tenders) > maxTenders {
		return errTenders("tenders.many", "Too many tenders for one sale.", "tenders", "too_many").With("max", maxTenders)
	}
	parts, rest := len(s.ticket.Payments), s.result.Total-s.ticket.paid()
	vouchers, cash := s.ticket.paidBy(MealVoucher), s.ticket.paidBy(Cash)
	var sum money.Cents
	for i := range s.tenders[parts:] {
		t := &s.tenders[parts+i]
		if err := t.check("tenders[" + strconv.Itoa(i) + "]."); err != nil {
			return err
		}
		t.Given = max(t.Given, t.Amount) // 0 is taken as the amount
		switch t.Means {
		case MealVoucher:
			vouchers += t.Amount
		case Cash:
			cash += t.Amount
		case Card, Cheque, Transfer:
		}
		sum += t.Amount
		s.result.Change += t.Given - t.Amount
	}
	if sum != rest {
		return errTenders("tenders.sum", "The tenders do not add up to the total.", "tenders", "sum").With("total", rest).With("tendered", sum)
	}
	if err := cashWithin(cash, "tenders"); err != nil {
		return err
	}
	if err := s.warnOfVouchers(ctx, tx, vouchers); err != nil {
		return err
	}
	return voucherFood(vouchers, s.ticket.voucherMax())
}

// warnOfVouchers says what the till cannot decide about titres-restaurant (fiscal R98).
func (s *settlement) warnOfVouchers(ctx context.Context, tx *data.Tx, vouchers money.Cents) error {
	if vouchers > voucherDaily {
		s.result.Warnings = append(s.result.Warnings, WarnVoucherDaily)
	}
	if vouchers == 0 || !voucherDayOff(tx.Day()) {
		return nil
	}
	chosen, err := loadSettings(ctx, tx)
	if err == nil && !chosen.VoucherAnyDay {
		s.result.Warnings = append(s.result.Warnings, WarnVoucherDay)
	}
	return err
}

// check refuses what is no payment by itself; field names it in errors.
func (t Tender) check(field string) error {
	switch _, known := t.Means.journal(); {
	case !known:
		return errTenders("tenders.means", "There is no such means of payment.", field+"means", "one_of")
	case t.Amount <= 0 || t.Amount > maxTendered:
		return errTenders("tenders.amount", "A tender pays an amount above zero.", field+"amount", codeRange)
	case t.Given > maxTendered:
		return errTenders("tenders.given", "Nobody hands that much over.", field+"given", codeRange).With("max", maxTendered)
	case t.Given != 0 && t.Given < t.Amount:
		return errTenders("tenders.given", "Less was given than this tender pays.", field+"given", codeRange)
	case t.Given > t.Amount && t.Means != Cash:
		return errTenders("tenders.change", "Only cash gives change.", field+"given", "cash_only")
	}
	return nil
}

// voucherFood refuses vouchers above what they may pay of a ticket (I11, fiscal U8, R98).
func voucherFood(vouchers, limit money.Cents) error {
	if vouchers > limit {
		return errTenders("voucher.food", "Meal vouchers pay one's own food only: no gift, no alcohol, no goods.", "tenders", "voucher").With("max", limit)
	}
	return nil
}
