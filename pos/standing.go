package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/suspended"
)

// ShelfStanding is the shelf as a manager sees it.
type ShelfStanding struct {
	Day       string // business day
	AgeAfter  int    // days of the rule of ageing
	Rows      []suspended.Standing
	Withdrawn map[string]string      // classes that are given no more, with their successors
	Closures  []suspended.Closure    // holidays, the newest first
	Classes   []string               // all, in the order of the screens
	Prices    map[string]money.Cents // of a gift, by class; what a conversion into it takes
}

// ShelfStands returns what waits by class, origin and age, and what was decided of it.
func (t *Till) ShelfStands(ctx context.Context) (v ShelfStanding, err error) {
	v.Day, v.Prices = t.db.Today(), map[string]money.Cents{}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		settings, err := loadSettings(ctx, q)
		if err != nil {
			return err
		}
		v.AgeAfter = settings.AgeingDays
		if v.Rows, err = suspended.Standings(ctx, q, v.Day, v.AgeAfter); err != nil {
			return err
		}
		if v.Closures, err = suspended.Closures(ctx, q); err != nil {
			return err
		}
		if v.Withdrawn, err = withdrawn(ctx, q); err != nil {
			return err
		}
		classes, err := suspended.Classes(ctx, q)
		if err != nil {
			return err
		}
		menu, err := t.loadedMenu(ctx, q)
		for _, c := range classes {
			v.Classes = append(v.Classes, c.Code)
			v.Prices[c.Code], _ = menu.gift(c.Code)
		}
		return err
	})
	return v, err
}

// CloseForHolidays notes holidays, past or to come: what waits does not grow older while the café is closed (case 73). A manager does it.
// Refusals: right.missing, closure.invalid, closure.overlap.
func (t *Till) CloseForHolidays(ctx context.Context, by By, c suspended.Closure) (suspended.Closure, error) {
	return t.holidays(ctx, by, c, "closure.noted", suspended.Close)
}

// OpenAgain takes the holidays that begin on a day away. A manager does it. Refusals: right.missing, closure.unknown.
func (t *Till) OpenAgain(ctx context.Context, by By, from string) error {
	_, err := t.holidays(ctx, by, suspended.Closure{From: from}, "closure.removed", func(ctx context.Context, tx *data.Tx, c suspended.Closure) error {
		return suspended.Reopen(ctx, tx, c.From)
	})
	return err
}

func (t *Till) holidays(ctx context.Context, by By, c suspended.Closure, what string, change func(context.Context, *data.Tx, suspended.Closure) error) (suspended.Closure, error) {
	if err := by.mustManage(); err != nil {
		return c, err
	}
	noted, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (suspended.Closure, error) {
		if err := change(ctx, tx, c); err != nil {
			return c, err
		}
		return c, tx.Record(data.Event{Type: what, Topics: []string{"shelf"}, Body: map[string]any{"from": c.From, "to": c.To}})
	})
	return noted, err
}

// TopUp is what was served on a business day beyond what was paid for it, at the prices of the menu (I18, case 57): what was
// funded and the top-up are together what the menu asked for. The house bears it; the guest is never asked.
type TopUp struct {
	Day    string
	Class  string
	Origin suspended.Origin // PAID, SPONSOR or FUND: of what nobody paid for, all is the house's, and told as such
	Count  int              // servings
	Memo   money.Cents      // menu price of what was served
	Funded money.Cents      // of that, paid
	TopUp  money.Cents      // of that, the house's; an item that was paid more than it cost makes it no less
}

// TopUps sums what was served between two business days, both included, by day, class and origin, in the order of the days; what
// was taken back does not count. At cost it is part of the dial (see Dial).
func TopUps(ctx context.Context, q data.Querier, from, to string) ([]TopUp, error) {
	type serving struct {
		day, class, item string
		memo             money.Cents
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (s serving, err error) { return s, r.Scan(&s.day, &s.class, &s.item, &s.memo) },
		`SELECT r.day, r.class, r.item, r.memo FROM redemptions AS r WHERE r.day BETWEEN ? AND ? AND +r.undoes IS NULL
			AND r.origin IN ('PAID', 'SPONSOR', 'FUND') AND NOT EXISTS (SELECT 1 FROM redemptions AS u WHERE u.undoes = r.seq)
			ORDER BY r.day, r.class, r.origin, r.seq LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("servings from %s to %s: %w", from, to, err)
	}
	var sums []TopUp
	for _, s := range all {
		it, err := suspended.Find(ctx, q, s.item)
		if err != nil {
			return nil, err
		}
		if n := len(sums); n == 0 || sums[n-1].Day != s.day || sums[n-1].Class != s.class || sums[n-1].Origin != it.Origin {
			sums = append(sums, TopUp{Day: s.day, Class: s.class, Origin: it.Origin})
		}
		u := &sums[len(sums)-1]
		u.Count, u.Memo = u.Count+1, u.Memo+s.memo
		u.Funded, u.TopUp = u.Funded+min(it.Funded, s.memo), u.TopUp+max(s.memo-it.Funded, 0)
	}
	return sums, nil
}

// ServeAnswer is what the till says of a class to who stands behind it: never a number, for the room may read along.
type ServeAnswer struct {
	Waits  bool // there is one: « oui »; else the house offers: « on s'arrange »
	Gentle bool // much of this morning's shelf has gone already: think of those who come later. Never a refusal (case 63)
}

// paceFrom is the smallest opening shelf of which a pace can be told: of two coffees one is always half.
const paceFrom = 5

// halfDay is when the second half of a business day begins: lunch belongs to the first.
const halfDay = 15 * time.Hour

// ServeAnswers says of each class what a barista should know before saying yes.
func (t *Till) ServeAnswers(ctx context.Context) (answers map[string]ServeAnswer, err error) {
	answers = map[string]ServeAnswer{}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		settings, err := loadSettings(ctx, q)
		if err != nil {
			return err
		}
		shelf, err := suspended.Shelved(ctx, q)
		if err != nil {
			return err
		}
		today := t.db.Today()
		opening, err := suspended.OpeningShelf(ctx, q, today, shelf)
		if err != nil {
			return err
		}
		gone, err := goneSince(ctx, q, today, t.halfBegan())
		for _, c := range shelf {
			answers[c.Class] = ServeAnswer{Waits: c.Available > 0,
				Gentle: opening[c.Class] >= paceFrom && gone[c.Class]*100 > opening[c.Class]*settings.PacePercent}
		}
		return err
	})
	return answers, err
}

// halfBegan is when the running half of the business day began.
func (t *Till) halfBegan() time.Time {
	now := t.db.Now().In(t.db.Zone())
	half := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()).Add(halfDay)
	if now.Before(half) {
		return half.Add(-24 * time.Hour)
	}
	return half
}

// goneSince counts what was served from the shelf since an instant of a business day, by class; what was taken back did not go.
func goneSince(ctx context.Context, q data.Querier, day string, since time.Time) (map[string]int, error) {
	gone := map[string]int{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		gone[class] = n
		return err
	}, `SELECT class, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day = ? AND at >= ? AND origin <> 'HOUSE' GROUP BY class`, day, since.UnixMilli())
	return gone, err
}
