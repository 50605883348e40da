package suspended

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// Move is one row of the ledger with what was moved: that an item was put on the shelf, left it, or came back. It says
// what and on which business day, never for whom.
type Move struct {
	Item   string
	Class  string
	Origin Origin
	Funded money.Cents // paid for it, tax included
	Cost   money.Cents // standard cost, a memo
	Was    State       // "" when it was put on the shelf
	Became State
	Day    string
}

// Moves returns what was put on the shelf, served, taken back, collected, retracted and converted on the business days
// from one to another, in the order it happened. Promises, and their return to the shelf, are not told: they move no cost.
func Moves(ctx context.Context, q data.Querier, from, to string) ([]Move, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Move, error) {
		var m Move
		err := r.Scan(&m.Item, &m.Class, &m.Origin, &m.Funded, &m.Cost, &m.Was, &m.Became, &m.Day)
		return m, err
	}, `SELECT e.item, i.class, i.origin, i.funded, i.cost, e.was, e.became, e.day
		FROM item_events e JOIN items i ON i.id = e.item
		WHERE e.day BETWEEN ? AND ? AND (e.was IN ('', 'SERVED') OR e.became IN ('SERVED', 'COLLECTED', 'RETRACTED', 'CONVERTED'))
		ORDER BY e.seq LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("moves from %s to %s: %w", from, to, err)
	}
	return all, nil
}

// Stock is what waits of one class: on the shelf or promised.
type Stock struct {
	Class     string
	Waiting   int         // available, reserved and allotted: the pool of the journal
	Available int         // of those, free to be served or promised
	Oldest    string      // business day on which the oldest of them was put on the shelf; "" when none waits
	Loyalty   int         // of those waiting, released by nine paid meals
	Unpaid    money.Cents // standard cost of those: nobody has paid for them yet
}

// Stocks returns every class in the order of the screens, the empty ones too.
func Stocks(ctx context.Context, q data.Querier) ([]Stock, error) {
	classes, err := Classes(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	all := make([]Stock, len(classes))
	at := make(map[string]*Stock, len(classes))
	for i, c := range classes {
		all[i].Class = c.Code
		at[c.Code] = &all[i]
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var class, oldest string
		var origin Origin
		var waiting, available int
		var cost money.Cents
		if err := r.Scan(&class, &origin, &waiting, &available, &cost, &oldest); err != nil {
			return err
		}
		s := at[class]
		if s == nil {
			return nil // withdrawn: it takes no gifts, and what is left of it is converted
		}
		s.Waiting, s.Available = s.Waiting+waiting, s.Available+available
		if s.Oldest == "" || oldest < s.Oldest {
			s.Oldest = oldest
		}
		if origin == Loyalty {
			s.Loyalty, s.Unpaid = waiting, cost
		}
		return nil
	}, `SELECT s.class, s.origin, COUNT(*), SUM(s.state = 'AVAILABLE'), SUM(i.cost), MIN(e.day)
		FROM shelf s JOIN items i ON i.id = s.item JOIN item_events e ON e.seq = s.created
		WHERE s.state IN ('AVAILABLE', 'RESERVED', 'ALLOTTED')
		GROUP BY s.class, s.origin ORDER BY s.class, s.origin LIMIT 1000`)
	if err != nil {
		return nil, fmt.Errorf("stock: %w", err)
	}
	return all, nil
}

// ReleasesHanded counts the releases put on the shelf on the business days from one to another and not retracted, and
// how many of them were served or collected since: how likely a release is to cost what it stands for.
func ReleasesHanded(ctx context.Context, q data.Querier, from, to string) (released, handed int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(s.state IN ('SERVED', 'COLLECTED')), 0)
		FROM item_events e JOIN items i ON i.id = e.item JOIN shelf s ON s.item = e.item
		WHERE e.day BETWEEN ? AND ? AND e.was = '' AND i.origin = 'LOYALTY' AND s.state <> 'RETRACTED'`, from, to).Scan(&released, &handed)
	if err != nil {
		return 0, 0, fmt.Errorf("releases from %s to %s: %w", from, to, err)
	}
	return released, handed, nil
}
