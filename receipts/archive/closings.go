package archive

import (
	"context"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// monthsAndYears returns every CLOSE_MONTH and CLOSE_YEAR in order.
func monthsAndYears(ctx context.Context, q data.Querier) ([]journal.Entry, error) {
	head, err := newest(ctx, q)
	if err != nil {
		return nil, err
	}
	return journal.OfKinds(ctx, q, 0, head.Seq, journal.KindCloseMonth, journal.KindCloseYear)
}

// daysBetween returns the CLOSE_DAYs of some days, in order.
func daysBetween(ctx context.Context, q data.Querier, from, to string) ([]journal.Entry, error) {
	head, err := newest(ctx, q)
	if err != nil {
		return nil, err
	}
	all, err := journal.OfKinds(ctx, q, 0, head.Seq, journal.KindCloseDay)
	return slices.DeleteFunc(all, func(e journal.Entry) bool { return e.Day < from || e.Day > to }), err
}

// newest returns the newest entry.
func newest(ctx context.Context, q data.Querier) (journal.Entry, error) {
	return journal.Newest(ctx, q)
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
