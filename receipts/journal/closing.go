package journal

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// CatchUp closes each business day that is over by the clock, with the months and fiscal years that end on the way, and
// returns how many closings it has made (fiscal R48). Append does so before it writes; the till does so by itself when a
// day has ended. Its error is that of the disk, or clock.ahead (data.Tx.ClockAhead).
func (j *Journal) CatchUp(ctx context.Context, tx *data.Tx) (int, error) {
	s := j.cell.Get(tx)
	today := j.today(tx, &s)
	if j.asking || s.books.open >= today {
		return 0, nil
	}
	if err := tx.ClockAhead(); err != nil {
		return 0, err
	}
	facts, err := j.ask(ctx, tx)
	if err != nil {
		return 0, err
	}
	made := 0
	for s = j.cell.Get(tx); s.books.open < today; {
		n, err := j.closeDay(ctx, tx, &s, systemOp, facts)
		if err != nil {
			return made, err
		}
		made += n
	}
	return made, nil
}

// CloseDay ends the open business day, with its month and its fiscal year when it is the last of them (fiscal R46–R54).
// What comes after belongs to the next day (R45). When the clock has not reached the day that is open, nothing is to be
// closed and it answers the last closing, made false: a double tap never closes tomorrow. No rule of the café refuses it.
func (j *Journal) CloseDay(ctx context.Context, tx *data.Tx, op string) (e Entry, made bool, err error) {
	if _, err := j.CatchUp(ctx, tx); err != nil {
		return Entry{}, false, err
	}
	made, err = j.closeToday(ctx, tx, op)
	if err != nil {
		return Entry{}, false, err
	}
	e, err = j.last(ctx, tx, KindCloseDay)
	return e, made, err
}

// CloseMonth ends a month, early if need be: it closes the open day as CloseDay does, and then what days have been
// closed since the last month. When there are none it answers the last closing of a month, made false. A month that was
// due all the same, and is closed now, is what was asked for: the new one is not ended too.
func (j *Journal) CloseMonth(ctx context.Context, tx *data.Tx, op string) (Entry, bool, error) {
	return j.closePeriod(ctx, tx, KindCloseMonth, op)
}

// CloseYear ends a fiscal year, early if need be: it closes the open day and the month, and then what months have been
// closed since the last year. It answers as CloseMonth.
func (j *Journal) CloseYear(ctx context.Context, tx *data.Tx, op string) (Entry, bool, error) {
	return j.closePeriod(ctx, tx, KindCloseYear, op)
}

func (j *Journal) closePeriod(ctx context.Context, tx *data.Tx, kind Kind, op string) (Entry, bool, error) {
	before := j.cell.Get(tx).books.prev(kind)
	if _, err := j.CatchUp(ctx, tx); err != nil {
		return Entry{}, false, err
	}
	if j.cell.Get(tx).books.prev(kind) == before {
		if _, err := j.closeToday(ctx, tx, op); err != nil {
			return Entry{}, false, err
		}
		if err := j.closeEarly(ctx, tx, kind, op); err != nil {
			return Entry{}, false, err
		}
	}
	e, err := j.last(ctx, tx, kind)
	return e, j.cell.Get(tx).books.prev(kind) != before, err
}

// closeToday closes the open day if the clock has reached it.
func (j *Journal) closeToday(ctx context.Context, tx *data.Tx, op string) (bool, error) {
	s := j.cell.Get(tx)
	if s.books.open > j.clockDay(tx, &s) && s.books.prevDay != nil {
		return false, nil
	}
	facts, err := j.ask(ctx, tx)
	if err != nil {
		return false, err
	}
	s = j.cell.Get(tx)
	_, err = j.closeDay(ctx, tx, &s, op, facts)
	return err == nil, err
}

// closeEarly closes the month, and the year if that is asked for, before their last day.
func (j *Journal) closeEarly(ctx context.Context, tx *data.Tx, kind Kind, op string) error {
	s := j.cell.Get(tx)
	month, year := s.books.month.Days > 0, kind == KindCloseYear && s.books.month.Days+s.books.year.Days > 0
	if !month && !year {
		return nil
	}
	facts, err := j.ask(ctx, tx)
	if err != nil {
		return err
	}
	s = j.cell.Get(tx)
	if month {
		if err := j.closed(ctx, tx, &s, KindCloseMonth, op, facts); err != nil {
			return err
		}
	}
	if year {
		return j.closed(ctx, tx, &s, KindCloseYear, op, facts)
	}
	return nil
}

// closeDay closes the open day, and the month and the year that end with it; it returns how many closings that were.
func (j *Journal) closeDay(ctx context.Context, tx *data.Tx, s *state, op string, facts CloseFacts) (int, error) {
	month, year := s.books.ends(s.books.open)
	kinds := []Kind{KindCloseDay}
	if month {
		kinds = append(kinds, KindCloseMonth)
	}
	if year {
		kinds = append(kinds, KindCloseYear)
	}
	for n, kind := range kinds {
		if err := j.closed(ctx, tx, s, kind, op, facts); err != nil {
			return n, err
		}
	}
	tx.OpenDay(s.books.open)
	return len(kinds), nil
}

// closed writes one closing.
func (j *Journal) closed(ctx context.Context, tx *data.Tx, s *state, kind Kind, op string, facts CloseFacts) error {
	c := s.books.closing(kind, s.seq+1, s.totals)
	c.Open, c.Events = facts.Open, facts.Events
	at := s.now(tx)
	c.Late = wallDay(at, offset(at, j.id.zone), c.CutOff) > c.ToDay
	_, err := j.append(ctx, tx, s, Draft{Kind: kind, Series: seriesOf(kind, false), Op: op, Body: c, day: c.ToDay})
	return err
}

// ask calls the hook of the facts. What it appends goes to the day that is to be closed.
func (j *Journal) ask(ctx context.Context, tx *data.Tx) (CloseFacts, error) {
	var f CloseFacts
	if j.facts != nil {
		j.asking = true
		defer func() { j.asking = false }()
		var err error
		if f, err = j.facts(ctx, tx); err != nil {
			return f, fmt.Errorf("facts of a closing: %w", err)
		}
	}
	if f.Events.Seq == 0 {
		f.Events = Head{Hash: noPrev}
	}
	return f, nil
}

// today is the day that must be open before anything is written.
func (j *Journal) today(tx *data.Tx, s *state) string {
	return max(tx.Day(), j.clockDay(tx, s), s.books.day)
}

// clockDay is the business day by the clock alone, which never goes back behind an entry.
func (j *Journal) clockDay(tx *data.Tx, s *state) string {
	return data.BusinessDay(s.now(tx), j.id.zone, time.Duration(j.id.rules.CutOff)*time.Minute)
}

// now is the ts of what is written now.
func (s *state) now(tx *data.Tx) time.Time {
	return time.UnixMilli(max(tx.Now().UnixMilli(), s.ts)).UTC()
}

func (j *Journal) last(ctx context.Context, tx *data.Tx, kind Kind) (Entry, error) {
	ref := j.cell.Get(tx).books.prev(kind)
	if ref == nil {
		return Entry{}, errNoClosing(kind)
	}
	return At(ctx, tx, ref.Seq)
}

// prev returns the newest closing of a kind, nil when there is none.
func (b books) prev(kind Kind) *Ref {
	switch kind {
	case KindCloseMonth:
		return b.prevMonth
	case KindCloseYear:
		return b.prevYear
	default:
		return b.prevDay
	}
}

func errNoClosing(kind Kind) error {
	return fault.New(fault.NotFound, "journal.closing", "there is no closing of this level yet").With("kind", string(kind))
}
