package pos

import (
	"context"

	"comptoir/data"
	"comptoir/suspended"
)

// BoardView is what the public may know (product.md, decision 5): whether something waits, never how much now,
// and the totals of a week once published: after the day's close, in batches of three or more (I15).
type BoardView struct {
	Classes []BoardClass `json:"classes"`
	Week    string       `json:"week"` // Monday, YYYY-MM-DD, of the last week of which something is told; empty: none is
}

// BoardClass is one class on the board. Given and Served are nil until enough may be published.
type BoardClass struct {
	Class     string `json:"class"`
	Waiting   bool   `json:"waiting"`
	Available *int   `json:"available"` // how many wait now; nil unless the café has chosen to tell
	Given     *int   `json:"given"`     // put on the shelf in the week, by gift or by nine paid meals
	Served    *int   `json:"served"`    // in the batches told in the week
}

// Board returns what the public may know.
func (t *Till) Board(ctx context.Context) (v BoardView, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		settings, err := loadSettings(ctx, q)
		if err != nil {
			return err
		}
		classes, err := suspended.Shelved(ctx, q)
		if err != nil {
			return err
		}
		told, err := t.published(ctx, q)
		if err != nil {
			return err
		}
		v = BoardView{Week: told.lastWeek(), Classes: []BoardClass{}}
		emptied, err := servedFromShelf(ctx, q, told.day)
		if err != nil {
			return err
		}
		for _, c := range classes {
			c.Available += c.Reserved // what is promised waits still: that somebody asks turns no light off (G4)
			b := BoardClass{Class: c.Class, Waiting: c.Available > 0}
			if settings.BoardExact {
				b.Available = &c.Available
			} else if emptied[c.Class] {
				b.Waiting = true
			}
			if served := told.inWeek(c.Class, v.Week); served > 0 {
				n := told.given[c.Class]
				b.Given, b.Served = &n, &served
			}
			v.Classes = append(v.Classes, b)
		}
		return nil
	})
	return v, err
}

// givenInWeek counts, by class, what was put on the shelf on the days of a week that are over, less what was taken
// back; never below zero.
func givenInWeek(ctx context.Context, q data.Querier, monday, today string) (map[string]int, error) {
	_, sunday := weekOf(monday)
	given, err := suspended.ReleasedBetween(ctx, q, monday, min(sunday, dayBefore(today)))
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		given[class] += n
		return err
	}, `SELECT l.class, sum(l.qty) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
		WHERE s.day BETWEEN ? AND ? AND s.day < ? AND l.kind = 'gift' GROUP BY l.class`, monday, sunday, today)
	for class, n := range given {
		given[class] = max(n, 0)
	}
	return given, err
}

// servedFromShelf names the classes from whose shelf something was served on a day. The board goes on saying that
// something waits until the day is over: going out at once, it would tell the room who has just been served the last
// one (I15). So it does where something was converted: it may have been for somebody who asked (case 58). Whoever asks is
// served either way.
func servedFromShelf(ctx context.Context, q data.Querier, day string) (map[string]bool, error) {
	served := map[string]bool{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		err := r.Scan(&class)
		served[class] = true
		return err
	}, `SELECT DISTINCT class FROM redemptions WHERE day = ? AND +undoes IS NULL AND origin <> 'HOUSE'`, day)
	if err != nil {
		return nil, err
	}
	converted, err := suspended.ConvertedOn(ctx, q, day)
	for _, class := range converted {
		served[class] = true
	}
	return served, err
}
