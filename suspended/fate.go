package suspended

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"comptoir/data"
)

// Fate is where an item stands and since which business day (YYYY-MM-DD). It says when something happened to a coffee,
// never to whom; when it may be told is for pos to say (I15).
type Fate struct {
	Class string
	State State
	Given string // the day it was put on the shelf
	Since string // the day it came to its state

	// Became is the class of what it was converted into; State and Since are then those of that. AtOnce says that it was
	// converted to be served in the same gesture (case 58): who learns of the one learns of the other.
	Became string
	AtOnce bool

	created int64
}

// fatesLimit bounds one answer: the newest are told.
const fatesLimit = 500

// GiftFates returns the fates of the gifts of a sale line ("<sale seq>.<line>"), the first given first.
func GiftFates(ctx context.Context, q data.Querier, saleLine string) ([]Fate, error) {
	all, err := fates(ctx, q, giftPrefix(saleLine))
	slices.Reverse(all)
	return all, err
}

// ReleaseFates returns the fates of the releases of these accounts together, the newest first: the accounts of one
// merged group tell one story. At most 500.
func ReleaseFates(ctx context.Context, q data.Querier, accounts ...string) ([]Fate, error) {
	var all []Fate
	for _, account := range accounts {
		some, err := fates(ctx, q, releasePrefix(account))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Fate) int { return cmp.Compare(b.created, a.created) })
	return all[:min(len(all), fatesLimit)], nil
}

// fates reads the items whose ids begin with a prefix, the newest first.
func fates(ctx context.Context, q data.Querier, prefix string) ([]Fate, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Fate, error) {
		var f Fate
		err := r.Scan(&f.Class, &f.State, &f.Given, &f.Since, &f.Became, &f.AtOnce, &f.created)
		return f, err
	}, `SELECT s.class, COALESCE(b.state, s.state), (SELECT day FROM item_events WHERE seq = s.created),
			(SELECT day FROM item_events WHERE item = COALESCE(c.into_item, s.item) ORDER BY seq DESC LIMIT 1), COALESCE(b.class, ''),
			COALESCE(b.state = 'SERVED' AND c.event = (SELECT event FROM item_events WHERE item = c.into_item ORDER BY seq DESC LIMIT 1), FALSE), s.created
		FROM shelf s LEFT JOIN conversions c ON c.item = s.item LEFT JOIN shelf b ON b.item = c.into_item
		WHERE s.item >= ? AND s.item < ? ORDER BY s.created DESC LIMIT ?`, prefix, until(prefix), fatesLimit)
	if err != nil {
		return nil, fmt.Errorf("fates of %s: %w", prefix, err)
	}
	return all, nil
}

// DayCount is how many items of a class were served on a business day.
type DayCount struct {
	Class string
	Day   string
	Count int
}

// ServedByDay counts the servings of every class on the business days from one on and before another, in the order of the
// days. A serving taken back on its own day does not count; what happens to it on a later day changes no day that is over,
// so that an answer stays true for ever.
func ServedByDay(ctx context.Context, q data.Querier, from, before string) ([]DayCount, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (DayCount, error) {
		var d DayCount
		err := r.Scan(&d.Class, &d.Day, &d.Count)
		return d, err
		// With the sign the few changes of that item are looked at, without it the rest of the day for each serving.
	}, `SELECT i.class, e.day, COUNT(*) FROM item_events e JOIN items i ON i.id = e.item
		WHERE e.became = 'SERVED' AND e.day >= ? AND e.day < ? AND NOT EXISTS (
			SELECT 1 FROM item_events u WHERE u.item = e.item AND u.seq > e.seq AND u.was = 'SERVED' AND +u.day = e.day)
		GROUP BY e.day, i.class ORDER BY e.day, i.class LIMIT -1`, from, before)
	if err != nil {
		return nil, fmt.Errorf("served before %s: %w", before, err)
	}
	return all, nil
}
