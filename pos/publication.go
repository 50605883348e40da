package pos

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// publishedFrom is the smallest batch of servings that may be published (I15).
const publishedFrom = 3

// batch is a set of servings of one class that are told together. Its days are all over.
type batch struct {
	from, to string // one and the same business day; else the Monday of its first week and the Sunday of its last
	last     string // its last business day: it is told from the next on
	count    int    // servings, at least publishedFrom
}

// publication is which batches may be told on a business day, the same for board, card and proof: whoever compares them
// learns nothing more.
type publication struct {
	day     string                      // the day it is told on
	batches map[string][]batch          // by class, in the order of time
	of      map[string]map[string]batch // the batch of a class and a day; a day that is not in it waits
	months  []StatementPeriod           // that may be told whole, in the order of time
	given   map[string]int              // by class, what was put on the shelf in the last week
}

// told returns the batch a serving is told with, if it may be told.
func (p publication) told(class, day string) (batch, bool) {
	b, ok := p.of[class][day]
	return b, ok
}

// publish cuts the servings of the days that are over into batches (I15): a day with three or more of a class is told
// as that day; days with fewer wait for one another, and are told by week once they are three or more together. days
// are in the order of time. What has been told on one day is told unchanged on every later one.
func publish(day string, days []suspended.DayCount) publication {
	p := publication{day: day, batches: map[string][]batch{}, of: map[string]map[string]batch{}}
	waiting := map[string][]suspended.DayCount{}
	for _, d := range days {
		if d.Day >= day {
			continue
		}
		if d.Count >= publishedFrom {
			p.tell(d.Class, batch{from: d.Day, to: d.Day, last: d.Day, count: d.Count}, d)
			continue
		}
		small := append(waiting[d.Class], d)
		sum := 0
		for _, s := range small {
			sum += s.Count
		}
		if sum < publishedFrom {
			waiting[d.Class] = small
			continue
		}
		monday, _ := weekOf(small[0].Day)
		_, sunday := weekOf(d.Day)
		p.tell(d.Class, batch{from: monday, to: sunday, last: d.Day, count: sum}, small...)
		delete(waiting, d.Class)
	}
	return p
}

func (p publication) tell(class string, b batch, days ...suspended.DayCount) {
	p.batches[class] = append(p.batches[class], b)
	if p.of[class] == nil {
		p.of[class] = map[string]batch{}
	}
	for _, d := range days {
		p.of[class][d.Day] = b
	}
}

// lastWeek returns the Monday of the week that the newest told batch of any class ends in; empty when none is told.
func (p publication) lastWeek() string {
	week := ""
	for _, all := range p.batches {
		monday, _ := weekOf(all[len(all)-1].last)
		week = max(week, monday)
	}
	return week
}

// inWeek sums the batches of a class that were told in a week, of which monday is the first day.
func (p publication) inWeek(class, monday string) int {
	sum := 0
	for _, b := range p.batches[class] {
		if m, _ := weekOf(b.last); m == monday {
			sum += b.count
		}
	}
	return sum
}

// weekOf returns the Monday and the Sunday around a business day; for what is no day, the text itself.
func weekOf(day string) (monday, sunday string) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day, day
	}
	first := at.AddDate(0, 0, -int(at.Weekday()+6)%7)
	return first.Format(time.DateOnly), first.AddDate(0, 0, 6).Format(time.DateOnly)
}

// dayBefore returns the business day before one; for what is no day, the text itself.
func dayBefore(day string) string { return daysAfter(day, -1) }

// daysAfter returns the business day so many days after one; for what is no day, the text itself.
func daysAfter(day string, days int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

// servings are those of the business days that are over, which do not change: counted a piece at a time, and kept. Whoever asks
// and has no time left leaves what was counted to the next: ten years take longer than a page may.
type servings struct {
	mu   sync.Mutex
	days []suspended.DayCount
	next string // the first business day that is not counted; empty: none is
	read bool   // what is written down was read
}

// servingsPiece is how many days are counted in one go.
const servingsPiece = 60

// before returns the servings of the business days before one, of a café founded on another.
func (s *servings) before(ctx context.Context, q data.Querier, founded, today string) ([]suspended.DayCount, error) {
	for {
		days, over, err := s.piece(ctx, q, founded, today)
		if over || err != nil {
			return days, err
		}
	}
}

func (s *servings) piece(ctx context.Context, q data.Querier, founded, today string) (days []suspended.DayCount, over bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.read {
		if s.days, err = keptServings(ctx, q, today); err != nil {
			return nil, false, err
		}
		if s.read = true; len(s.days) > 0 {
			s.next = daysAfter(s.days[len(s.days)-1].Day, 1)
		}
	}
	if s.next > today { // the clock was put back: days to come are no days that are over
		at, _ := slices.BinarySearchFunc(s.days, today, func(d suspended.DayCount, day string) int { return cmp.Compare(d.Day, day) })
		s.days, s.next = slices.Clip(s.days[:at]), today
	}
	if s.next == today {
		return s.days, true, nil
	}
	to := min(daysAfter(max(s.next, founded), servingsPiece), today)
	if to <= s.next { // a founding in days to come
		to = today
	}
	more, err := suspended.ServedByDay(ctx, q, s.next, to)
	if err == nil {
		s.days, s.next = append(s.days, more...), to
	}
	return nil, false, err
}

// published returns what may be told today. It is made once a business day: days that are over do not change.
func (t *Till) published(ctx context.Context, q data.Querier) (publication, error) {
	today := t.db.Today()
	if p := t.told.Load(); p != nil && p.day == today {
		return *p, nil
	}
	genesis, err := journal.At(ctx, q, 0)
	if err != nil {
		return publication{}, err
	}
	days, err := t.served.before(ctx, q, genesis.Day, today)
	if err != nil {
		return publication{}, err
	}
	p := publish(today, days)
	p.months = statementPeriods(genesis.Day, today, days)
	if p.given, err = givenInWeek(ctx, q, p.lastWeek(), today); err != nil {
		return publication{}, err
	}
	t.told.Store(&p)
	return p, nil
}

// Fate is what may be told of one suspended item.
type Fate string

// The fates (solidarity.md §2.6, "Gift proof").
const (
	FateWaiting   Fate = "waiting"   // on the shelf, or served and not to be told yet
	FateServed    Fate = "served"    // by day or by week, late and in batches
	FatePartner   Fate = "partner"   // handed to an association
	FateConverted Fate = "converted" // with others it became an item of another class, which waits, or is not to be told yet
	FateReturned  Fate = "returned"  // the gift, or the meal that earned the release, was refunded
)

// Outcome is what became of one item, as its giver may know it. No time of day, no person.
type Outcome struct {
	Class string
	Given string // business day it was put on the shelf
	Fate  Fate
	// From and To are the days between which it was served or handed over: the same day, or a Monday and a Sunday.
	// Empty when that is not told.
	From, To string
}

// outcome applies the law of publication to a fate.
func (p publication) outcome(f suspended.Fate) Outcome {
	o := Outcome{Class: f.Class, Given: f.Given, Fate: FateWaiting}
	class := f.Class
	if f.Became != "" {
		class = f.Became
	}
	switch f.State {
	case suspended.Served:
		if b, ok := p.told(class, f.Since); ok {
			o.Fate, o.From, o.To = FateServed, b.from, b.to
		}
	case suspended.Collected:
		if f.Since < p.day {
			o.Fate = FatePartner
			o.From, o.To = weekOf(f.Since)
		}
	case suspended.Retracted:
		o.Fate = FateReturned
	case suspended.Available, suspended.Reserved, suspended.Allotted, suspended.Converted:
	}
	switch {
	case f.Became == "":
	case o.Fate == FateServed, o.Fate == FatePartner:
		o.Class = f.Became
	case !f.AtOnce:
		o.Fate = FateConverted
	}
	return o
}
