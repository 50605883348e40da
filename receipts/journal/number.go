package journal

import (
	"fmt"
	"strconv"
	"strings"

	"comptoir/data/fault"
)

// Series is a gapless count of documents per fiscal year (fiscal R34).
type Series string

// The series of this version.
const (
	NoSeries         Series = ""
	SeriesTicket     Series = "T"
	SeriesRefund     Series = "A"
	SeriesNote       Series = "N"
	SeriesRedemption Series = "R"
	SeriesTraining   Series = "X"
	SeriesDay        Series = "Z"
	SeriesMonth      Series = "M"
	SeriesYear       Series = "Y"
	SeriesDuplicate  Series = "D"
	SeriesInvoice    Series = "I"
)

// allSeries in the order of state.counters.
const allSeries = "TANRXZMYDI"

// seriesOf returns the series an entry of this kind is numbered in (fiscal R34, R66).
func seriesOf(kind Kind, training bool) Series {
	var s Series
	switch kind {
	case KindTicket:
		s = SeriesTicket
	case KindRefund:
		s = SeriesRefund
	case KindNotePrint:
		s = SeriesNote
	case KindSuspRedeem:
		s = SeriesRedemption
	case KindCloseDay:
		return SeriesDay
	case KindCloseMonth:
		return SeriesMonth
	case KindCloseYear:
		return SeriesYear
	case KindDuplicate:
		return SeriesDuplicate
	case KindInvoice:
		return SeriesInvoice
	default:
		return NoSeries
	}
	if training {
		return SeriesTraining
	}
	return s
}

// number writes a document number: "T26-000001". Beyond 999,999 it grows.
func number(s Series, year int, n int64) string {
	var buf [24]byte
	b := append(buf[:0], s...)
	b = append(b, byte('0'+year/10%10), byte('0'+year%10), '-')
	for limit := int64(100_000); limit > 1 && n < limit; limit /= 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, n, 10))
}

// parseNumber is the inverse of number; years are 2000 to 2099.
func parseNumber(text string) (s Series, year int, n int64, err error) {
	bad := fault.New(fault.Invalid, "journal.number", "this is not a document number").With("number", text)
	if len(text) < len("T26-000001") || len(text) > 22 || text[3] != '-' || !strings.Contains(allSeries, text[:1]) {
		return "", 0, 0, bad
	}
	yy, err := strconv.Atoi(text[1:3])
	if err != nil {
		return "", 0, 0, bad.Wrap(err)
	}
	if n, err = strconv.ParseInt(text[4:], 10, 64); err != nil {
		return "", 0, 0, bad.Wrap(err)
	}
	s, year = Series(text[:1]), 2000+yy
	if n < 1 || number(s, year, n) != text {
		return "", 0, 0, bad.Wrap(fmt.Errorf("not the form of %s", number(s, year, n)))
	}
	return s, year, n, nil
}
