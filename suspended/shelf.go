package suspended

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// ClassShelf is how one class stands. Exact numbers are for the staff; what the public may read is decided
// elsewhere (product.md, decision 5).
type ClassShelf struct {
	Class     string
	Available int
	Reserved  int
	Allotted  int
	Served    int            // ever; Shelved leaves it out
	ByOrigin  map[Origin]int // what is available, by who bears it; an origin without any is absent
}

// Shelf returns every class in the order of the screens, the empty ones too. It counts every item there ever was: who
// only asks what waits takes Shelved.
func Shelf(ctx context.Context, q data.Querier) ([]ClassShelf, error) {
	return countShelf(ctx, q, `SELECT class, origin, state, COUNT(*) FROM shelf
		GROUP BY class, origin, state ORDER BY class, origin, state LIMIT 1000`)
}

// Shelved is Shelf without what was served. It reads what waits and nothing else: each class, origin and state is looked up in
// the index, past the servings of all the years that lie between them.
func Shelved(ctx context.Context, q data.Querier) ([]ClassShelf, error) {
	return countShelf(ctx, q, `SELECT class, origin, state, COUNT(*) FROM shelf
		WHERE class IN (SELECT code FROM classes) AND origin IN ('PAID', 'LOYALTY', 'SPONSOR', 'FUND', 'HOUSE')
			AND state IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')
		GROUP BY class, origin, state ORDER BY class, origin, state LIMIT 1000`)
}

// countShelf makes the shelf of counts by class, origin and state.
func countShelf(ctx context.Context, q data.Querier, counts string) ([]ClassShelf, error) {
	classes, err := Classes(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	all := make([]ClassShelf, len(classes))
	at := make(map[string]*ClassShelf, len(classes))
	for i, c := range classes {
		all[i] = ClassShelf{Class: c.Code, ByOrigin: make(map[Origin]int)}
		at[c.Code] = &all[i]
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var origin Origin
		var state State
		var n int
		err := r.Scan(&class, &origin, &state, &n)
		if s := at[class]; s != nil && err == nil {
			s.add(origin, state, n)
		}
		return err
	}, counts)
	if err != nil {
		return nil, fmt.Errorf("shelf: %w", err)
	}
	return all, nil
}

func (s *ClassShelf) add(origin Origin, state State, n int) {
	switch state {
	case Available:
		s.Available += n
		s.ByOrigin[origin] += n
	case Reserved:
		s.Reserved += n
	case Allotted:
		s.Allotted += n
	case Served:
		s.Served += n
	case unborn, Collected, Retracted, Converted:
	}
}

// HouseServed counts the items of the house served on a business day (YYYY-MM-DD) and not undone: what the day's
// budget is compared with. The budget warns, it never refuses.
func HouseServed(ctx context.Context, q data.Querier, day string) (int, error) {
	prefix := housePrefix(day)
	var n int
	err := q.QueryRow(ctx, `SELECT COUNT(*) FROM shelf WHERE item >= ? AND item < ? AND state = 'SERVED'`, prefix, until(prefix)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("house items of %s: %w", day, err)
	}
	return n, nil
}

// ServedItems lists the ids of all items that stand SERVED, for I10: each answers to exactly one redemption line.
func ServedItems(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, scanID, `SELECT item FROM shelf WHERE state = 'SERVED' ORDER BY item LIMIT -1`)
}

// FundedPaid sums what was paid for all gifts and sponsors' items ever put on the shelf and for those retracted, in cents,
// for I9: the first is the sum of the closed gift lines, the second that of their refunds. What came
// of a conversion was paid for before.
func FundedPaid(ctx context.Context, q data.Querier) (created, retracted money.Cents, err error) {
	err = q.QueryRow(ctx, `
		SELECT COALESCE(SUM(i.funded), 0), COALESCE(SUM(CASE s.state WHEN 'RETRACTED' THEN i.funded ELSE 0 END), 0)
		FROM items i JOIN shelf s ON s.item = i.id
		WHERE i.origin IN ('PAID', 'SPONSOR') AND NOT (i.id >= 'conv:' AND i.id < 'conv;')`).Scan(&created, &retracted)
	if err != nil {
		return 0, 0, fmt.Errorf("sum of gifts: %w", err)
	}
	return created, retracted, nil
}

// Rebuild empties the shelf and fills it again from the ledger, which alone is the truth.
func Rebuild(ctx context.Context, tx *data.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM shelf`); err != nil {
		return fmt.Errorf("empty the shelf: %w", err)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO shelf (item, class, origin, state, created)
		SELECT i.id, i.class, i.origin, e.became, span.first
		FROM (SELECT item, MIN(seq) AS first, MAX(seq) AS last FROM item_events GROUP BY item) AS span
		JOIN item_events e ON e.seq = span.last
		JOIN items i ON i.id = span.item`)
	if err != nil {
		return fmt.Errorf("fill the shelf: %w", err)
	}
	return nil
}

// ReleasedBetween counts, by class, the releases put on the shelf less those taken back on the business days from
// one to another, both included.
func ReleasedBetween(ctx context.Context, q data.Querier, from, to string) (map[string]int, error) {
	released := map[string]int{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		if err := r.Scan(&class, &n); err != nil {
			return err
		}
		released[class] = n
		return nil
	}, `SELECT i.class, SUM(IIF(e.became = 'RETRACTED', -1, 1))
		FROM item_events e JOIN items i ON i.id = e.item
		WHERE i.origin = 'LOYALTY' AND e.day BETWEEN ? AND ? AND (e.was = '' OR e.became = 'RETRACTED')
		GROUP BY i.class ORDER BY i.class LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("releases from %s to %s: %w", from, to, err)
	}
	return released, nil
}

// OpeningShelf counts, by class, what waited when a business day began, on the shelf or promised, from what waits now (Shelved)
// and what moved on that day.
func OpeningShelf(ctx context.Context, q data.Querier, day string, now []ClassShelf) (map[string]int, error) {
	opening := map[string]int{}
	for _, c := range now {
		opening[c.Class] = c.Available + c.Reserved + c.Allotted
	}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var left int
		err := r.Scan(&class, &left)
		opening[class] += left
		return err
	}, `SELECT i.class, SUM((e.was IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')) - (e.became IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')))
		FROM item_events e JOIN items i ON i.id = e.item WHERE e.day = ? GROUP BY i.class`, day)
	if err != nil {
		return nil, fmt.Errorf("shelf at the beginning of %s: %w", day, err)
	}
	return opening, nil
}

// CollectedBetween counts, by class, what partners took with them on the business days from one to another, both included; items
// that the house gave them too.
func CollectedBetween(ctx context.Context, q data.Querier, from, to string) (map[string]int, error) {
	collected := map[string]int{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		collected[class] = n
		return err
	}, `SELECT i.class, COUNT(*) FROM item_events e JOIN items i ON i.id = e.item
		WHERE e.became = 'COLLECTED' AND e.day BETWEEN ? AND ? GROUP BY i.class ORDER BY i.class LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("collected from %s to %s: %w", from, to, err)
	}
	return collected, nil
}
