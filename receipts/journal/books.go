package journal

import (
	"slices"
	"strconv"
	"time"
)

// closingCode is what the NF525 referential calls the closing of a period (fiscal R56).
const closingCode = 50

// cashCheck is the reason of a count of the drawer in the middle of a shift.
const cashCheck = "drawer.check"

const dayLayout = "2006-01-02"

// books is what the next closings will say: the day that is open, what it has come to, and what has been closed of the
// month and of the fiscal year. It is copied by assignment: what it points to is replaced, never changed, but for sums,
// which belongs to whoever adds to it (see cover).
type books struct {
	fiscalStart string
	cutOff      int // minutes after midnight

	open  string     // the business day that is open
	day   string     // of the newest entry that is no closing
	from  int64      // the first entry of day that no CLOSE_DAY covers
	sums  *CloseBody // of the entries from there on
	past  []span     // of a journal begun without closings: days before day that are not closed yet
	done  totals     // at the end of the last day closed
	month *CloseBody // of the days closed since the last CLOSE_MONTH
	year  *CloseBody // of the months closed since the last CLOSE_YEAR

	prevDay, prevMonth, prevYear *Ref
}

// span is a business day that is over but not closed.
type span struct {
	day      string
	from, to int64
	sums     *CloseBody
	totals   totals // after its last entry
}

// newBooks opens the day of the genesis.
func newBooks(rules *GenesisBody, day string) books {
	return books{fiscalStart: rules.FiscalStart, cutOff: rules.CutOff, open: day, day: day,
		sums: &CloseBody{}, month: &CloseBody{}, year: &CloseBody{}}
}

// cover adds an entry that is no closing; before are the totals before it. It changes sums in place: who may have to go
// back clones them first.
func (b *books) cover(c covered, before totals) {
	if c.day > b.day {
		if b.open <= b.day { // of a journal begun without closings: that day ended unclosed
			b.past = append(slices.Clip(b.past), span{b.day, b.from, c.seq - 1, b.sums, before})
			b.from, b.sums = c.seq, &CloseBody{}
		}
		b.day = c.day
	}
	b.sums.add(c)
}

// closing returns the closing that an entry of this kind at seq would be, but for what no entry says. t are the totals
// before it. A month or a year without a day has Days 0.
func (b *books) closing(kind Kind, seq int64, t totals) *CloseBody {
	var c *CloseBody
	switch kind {
	case KindCloseMonth:
		c = b.month.clone()
		c.PrevClose = b.prevMonth
		if c.Days > 0 {
			c.Period = c.ToDay[:len("2006-01")]
		}
		c.finish(c.GT)
	case KindCloseYear:
		c = b.year.clone()
		c.PrevClose = b.prevYear
		if c.Days > 0 {
			c.Period = strconv.Itoa(b.fiscalYear(c.ToDay))
		}
		c.finish(c.GT)
	default:
		s := b.due(seq, t)
		c = s.sums.clone()
		c.PrevClose = b.prevDay
		c.Period, c.FromDay, c.ToDay, c.Days, c.FromSeq, c.ToSeq = b.open, b.open, b.open, 1, s.from, s.to
		c.finish(s.totals.in(b.fiscalYear(b.open)).gt())
	}
	c.CutOff = b.cutOff
	return c
}

// due returns what a CLOSE_DAY at seq covers.
func (b *books) due(seq int64, t totals) span {
	switch {
	case len(b.past) > 0 && b.past[0].day == b.open:
		return b.past[0]
	case len(b.past) > 0:
		return span{from: b.past[0].from, to: b.past[0].from - 1, sums: &CloseBody{}, totals: b.done}
	case b.day > b.open:
		return span{from: b.from, to: b.from - 1, sums: &CloseBody{}, totals: b.done}
	default:
		return span{from: b.from, to: seq - 1, sums: b.sums, totals: t}
	}
}

// closed moves on after the closing c, numbered so, at seq.
func (b *books) closed(kind Kind, c *CloseBody, number string, seq int64) {
	ref := &Ref{Doc: number, Seq: seq}
	switch kind {
	case KindCloseMonth:
		b.year = b.year.clone()
		b.year.join(c, number, seq)
		b.month, b.prevMonth = &CloseBody{}, ref
	case KindCloseYear:
		b.year, b.prevYear = &CloseBody{}, ref
	default:
		switch {
		case len(b.past) > 0 && b.past[0].day == b.open:
			b.past = b.past[1:]
		case len(b.past) == 0 && b.day <= b.open:
			b.from, b.sums = seq+1, &CloseBody{}
		}
		b.done = totals{b.fiscalYear(c.ToDay), c.GT}
		b.month = b.month.clone()
		b.month.join(c, number, seq)
		b.prevDay, b.open = ref, nextDay(c.ToDay)
	}
}

// ends reports whether a day is the last of its month, or of its fiscal year: then of both.
func (b *books) ends(day string) (month, year bool) {
	next := nextDay(day)
	year = b.fiscalYear(next) != b.fiscalYear(day)
	return year || next[:len("2006-01")] != day[:len("2006-01")], year
}

// fiscalYear is that of a day already known to be one.
func (b *books) fiscalYear(day string) int {
	year, err := fiscalYear(day, b.fiscalStart)
	if err != nil {
		return 0
	}
	return year
}

// in returns the totals as they stand in a fiscal year that may be younger than the last sale.
func (t totals) in(year int) totals {
	if t.year != year {
		t.year, t.running.YearNet = year, 0
	}
	return t
}

// nextDay returns the calendar day after a business day; a text that is none, as it is.
func nextDay(day string) string {
	at, err := time.Parse(dayLayout, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, 1).Format(dayLayout)
}

// wallDay returns the business day of an instant as an entry states it: by its own minutes east of UTC (FORMAT.md,
// "late"). It needs no table of time zones, so that every verifier finds the same.
func wallDay(ts time.Time, tz, cutOff int) string {
	local := ts.UTC().Add(time.Duration(tz) * time.Minute)
	if local.Hour()*60+local.Minute() < cutOff {
		local = local.AddDate(0, 0, -1)
	}
	return local.Format(dayLayout)
}
