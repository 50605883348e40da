package archive

import (
	"context"
	"errors"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// The days between which every business day of a journal lies: numbers of documents know the years 2000 to 2099.
const (
	earliestDay = "2000-01-01"
	latestDay   = "2099-12-31"
)

// monthsAndYears returns every CLOSE_MONTH and CLOSE_YEAR in order.
func monthsAndYears(ctx context.Context, q data.Querier) ([]journal.Entry, error) {
	months, err1 := journal.Closings(ctx, q, journal.KindCloseMonth, earliestDay, latestDay)
	years, err2 := journal.Closings(ctx, q, journal.KindCloseYear, earliestDay, latestDay)
	all := slices.Concat(months, years)
	slices.SortFunc(all, func(a, b journal.Entry) int { return int(a.Seq - b.Seq) })
	return all, errors.Join(err1, err2)
}

// cutLast cuts "2026-11_2" at its last "_".
func cutLast(period string) (base, again string, numbered bool) {
	i := strings.LastIndexByte(period, '_')
	if i < 0 {
		return period, "", false
	}
	return period[:i], period[i+1:], true
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
