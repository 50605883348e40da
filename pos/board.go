package pos

import (
	"context"
	"time"

	"comptoir/data"
	"comptoir/suspended"
)

// BoardView is what the public may know (product.md, decision 5): whether something waits, never how much now,
// and the totals of the week once published: after the day's close, in batches of three or more (I15).
type BoardView struct {
	Classes []BoardClass `json:"classes"`
	Week    string       `json:"week"` // Monday of the week, YYYY-MM-DD
}

// BoardClass is one class on the board. Given and Served are nil until enough may be published.
type BoardClass struct {
	Class     string `json:"class"`
	Waiting   bool   `json:"waiting"`
	Available *int   `json:"available"` // how many wait now; nil unless the café has chosen to tell
	Given     *int   `json:"given"`
	Served    *int   `json:"served"`
}

// publishedFrom is the smallest batch that may be published (I15).
const publishedFrom = 3

// Board returns what the public may know.
func (t *Till) Board(ctx context.Context) (BoardView, error) {
	today := t.db.BusinessDay(t.db.Now())
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return BoardView{}, err
	}
	v := BoardView{Week: day.AddDate(0, 0, -int(day.Weekday()+6)%7).Format(time.DateOnly), Classes: []BoardClass{}}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		settings, err := loadSettings(ctx, q)
		if err != nil {
			return err
		}
		classes, err := suspended.Shelf(ctx, q)
		if err != nil {
			return err
		}
		for _, c := range classes {
			b := BoardClass{Class: c.Class, Waiting: c.Available > 0}
			if settings.BoardExact {
				b.Available = &c.Available
			}
			var given, served int
			if err := q.QueryRow(ctx, `SELECT coalesce(sum(l.qty), 0) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
				WHERE s.day >= ? AND s.day < ? AND l.class = ?`, v.Week, today, c.Class).Scan(&given); err != nil {
				return err
			}
			if err := q.QueryRow(ctx, `SELECT coalesce(sum(iif(undoes IS NULL, 1, -1)), 0) FROM redemptions
				WHERE day >= ? AND day < ? AND class = ?`, v.Week, today, c.Class).Scan(&served); err != nil {
				return err
			}
			if served >= publishedFrom {
				b.Given, b.Served = &given, &served
			}
			v.Classes = append(v.Classes, b)
		}
		return nil
	})
	return v, err
}
