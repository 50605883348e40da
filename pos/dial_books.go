package pos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// bookDays is how far the books of the dial go back: thirty points of a line, each over thirty days, and eight weeks.
const bookDays = 2 * dialDays

// books are the days that the dial is made of, as they stand on one of them.
type books struct {
	from  string             // the first and
	today string             // the last of them
	days  map[string]DialSum // a day without sales or solidarity is absent
	given []handing
	moves []suspended.Move
	stock []suspended.Stock

	closed suspended.Calendar // holidays: nothing is expected of them, and nothing learned from them
}

// isClosed says whether the café is closed for holidays on a day.
func (b *books) isClosed(day string) bool {
	return slices.ContainsFunc(b.closed, func(c suspended.Closure) bool { return c.From <= day && day <= c.To })
}

// handing is one item that was served or collected, or, counting as minus one, taken back.
type handing struct {
	day       string
	class     string
	origin    suspended.Origin
	cost      money.Cents
	funded    money.Cents
	memo      money.Cents // menu price of what was served; of what was collected there is none
	collected bool
	sign      money.Cents // 1 or -1
}

// borne is what an item costs the café beyond what was paid for it: the doc of Dial has the rule.
func (h handing) borne() money.Cents {
	switch {
	case h.funded <= 0:
		return h.cost
	case h.collected:
		return max(h.cost-h.funded, 0)
	case h.memo <= h.funded:
		return 0
	}
	return halfUp(h.cost*(h.memo-h.funded), h.memo)
}

// sum is what it adds to a day.
func (h handing) sum() DialSum {
	cost := h.sign * h.borne()
	s := DialSum{Cost: cost}
	switch h.origin {
	case suspended.Loyalty:
		s.Loyalty = cost
	case suspended.House:
		s.House = cost
	case suspended.Paid, suspended.Sponsor, suspended.Fund:
		s.TopUps = cost
	}
	return s
}

// daysFrom moves a business day; what is no day stays as it is.
func daysFrom(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return date(at.AddDate(0, 0, n))
}

// readBooks reads what the dial of a day is made of; no query looks at the years before.
func (t *Till) readBooks(ctx context.Context, q data.Querier, today string) (*books, error) {
	past, err := t.closedBooks(ctx, q, today)
	if err != nil {
		return nil, err
	}
	b, err := past.until(ctx, q, today)
	if err != nil {
		return nil, err
	}
	if b.closed, err = suspended.Closures(ctx, q); err != nil {
		return nil, err
	}
	b.stock, err = suspended.Stocks(ctx, q)
	return b, err
}

// closedBooks are those of the closed days, which do not change: they are read once.
func (t *Till) closedBooks(ctx context.Context, q data.Querier, today string) (*books, error) {
	from := daysFrom(today, 1-bookDays)
	last, err := journal.LastClosing(ctx, q, journal.KindCloseDay)
	if err != nil && fault.CodeOf(err) != "journal.closing" {
		return nil, err
	}
	closed := max(min(last.Day, daysFrom(today, -1)), daysFrom(from, -1))
	past := t.booked.Load()
	if past == nil || past.from != from || past.today != closed {
		if past, err = booksOf(ctx, q, from, closed); err != nil {
			return nil, err
		}
		t.booked.Store(past)
	}
	return past, nil
}

// booksUntil reads the days from one to another, what is kept of closed days if it is some of them.
func (t *Till) booksUntil(ctx context.Context, q data.Querier, from, to string) (*books, error) {
	if past := t.booked.Load(); past != nil && past.from <= from && past.today < to {
		return past.until(ctx, q, to)
	}
	return booksOf(ctx, q, from, to)
}

// until adds the days that follow, until another one, and leaves these as they are.
func (b *books) until(ctx context.Context, q data.Querier, to string) (*books, error) {
	all := &books{from: b.from, today: to, days: maps.Clone(b.days), given: slices.Clip(b.given), moves: slices.Clip(b.moves)}
	return all, all.read(ctx, q, daysFrom(b.today, 1))
}

// booksOf reads the days from one to another.
func booksOf(ctx context.Context, q data.Querier, from, to string) (*books, error) {
	b := &books{from: from, today: to, days: map[string]DialSum{}}
	return b, b.read(ctx, q, from)
}

// read adds the days from one on until today to those that it has.
func (b *books) read(ctx context.Context, q data.Querier, from string) error {
	if err := b.sales(ctx, q, from); err != nil {
		return err
	}
	moves, err := suspended.Moves(ctx, q, from, b.today)
	if err != nil {
		return err
	}
	given, err := handings(ctx, q, moves, from, b.today)
	if err != nil {
		return err
	}
	for _, h := range given {
		b.days[h.day] = b.days[h.day].add(h.sum())
	}
	b.moves, b.given = append(b.moves, moves...), append(b.given, given...)
	return nil
}

// sales adds the net turnover of each day, without tax.
func (b *books) sales(ctx context.Context, q data.Querier, from string) error {
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var day string
		var ht money.Cents
		err := r.Scan(&day, &ht)
		b.days[day] = DialSum{Turnover: ht}
		return err
	}, `SELECT s.day, sum(x.ht) FROM sales AS s JOIN sale_taxes AS x ON x.seq = s.seq
		WHERE s.day BETWEEN ? AND ? GROUP BY s.day ORDER BY s.day LIMIT -1`, from, b.today)
	if err != nil {
		return fmt.Errorf("turnover since %s: %w", from, err)
	}
	return nil
}

// handings joins what the shelf says of an item, its cost and what was paid for it, to the menu price of what it was
// served as. A serving and the taking back of one are a row here and a row there, on the same day and in the same order.
func handings(ctx context.Context, q data.Querier, moves []suspended.Move, from, to string) ([]handing, error) {
	type key struct {
		item, day string
		back      bool
	}
	memos := map[key][]money.Cents{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var k key
		var memo money.Cents
		err := r.Scan(&k.item, &k.day, &k.back, &memo)
		memos[k] = append(memos[k], memo)
		return err
	}, `SELECT item, day, undoes IS NOT NULL, memo FROM redemptions WHERE day BETWEEN ? AND ? ORDER BY seq LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("servings from %s to %s: %w", from, to, err)
	}
	var all []handing
	for _, m := range moves {
		h := handing{day: m.Day, class: m.Class, origin: m.Origin, cost: m.Cost, funded: m.Funded, sign: 1}
		switch {
		case m.Became == suspended.Collected:
			h.collected = true
		case m.Became == suspended.Served || m.Was == suspended.Served:
			k := key{m.Item, m.Day, m.Was == suspended.Served}
			if k.back {
				h.sign = -1
			}
			if rest := memos[k]; len(rest) > 0 { // of an item without a serving, which the check of I10 tells, nothing is known
				h.memo, memos[k] = rest[0], rest[1:]
			}
		default:
			continue
		}
		all = append(all, h)
	}
	return all, nil
}

// sum adds up the days from one to another.
func (b *books) sum(from, to string) (s DialSum) {
	for day, d := range b.days {
		if from <= day && day <= to {
			s = s.add(d)
		}
	}
	return s
}

// sold counts the days from one to another on which something was sold.
func (b *books) sold(from, to string) (n int) {
	for day, d := range b.days {
		if from <= day && day <= to && d.Turnover > 0 {
			n++
		}
	}
	return n
}
