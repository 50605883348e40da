package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/suspended"
)

// Matter is something a manager should look at. Nothing in it names a guest or blames a person.
type Matter struct {
	Code  string // stable, one of those below
	Count int    // how many; 0 when there is nothing to count
}

// What a manager should look at.
const (
	MatterOldTickets  = "tickets_old"    // open since an earlier business day
	MatterPartPaid    = "part_paid"      // open and paid in part
	MatterLongShift   = "shift_long"     // open for more than a day
	MatterSoldOut     = "sold_out"       // products marked sold out
	MatterHouseBudget = "house_budget"   // the house has offered more today than its budget
	MatterKitchen     = "kitchen_silent" // orders that no kitchen screen has shown for 20 s
	MatterDialHigh    = "dial_high"      // the month, or the last thirty days, give more than the café bears
	MatterShelfOld    = "shelf_old"      // something waits longer than the café's rule of ageing: so many days
	MatterShelfIdle   = "shelf_idle"     // more waits than goes out in thirty days
	MatterArchiveLate = "archive_late"   // closed months and years whose archive could not be made
	MatterArchiveGone = "archive_gone"   // archives whose file is not there
	MatterArchiveCopy = "archive_copy"   // archives of which nobody has confirmed a copy elsewhere
	MatterIntegrity   = "integrity"      // what the till saw in its journal and nobody has taken note of
	MatterClock       = "clock"          // the clock is a day or more behind the last entry
	MatterSecondHead  = "second_head"    // the second head file is not kept
	MatterDemo        = "demo"           // a demonstration, whose first PINs everybody knows
)

// longShift is how long a shift may be open before somebody is told to count and close it.
const longShift = 24 * time.Hour

// lookAround tells what stands open now: the house's budget, what waits on the shelf, and, for a period that is
// running, what should be looked at.
func (t *Till) lookAround(ctx context.Context, q data.Querier, o *Overview, now time.Time) error {
	settings, err := loadSettings(ctx, q)
	if err != nil {
		return err
	}
	today := t.db.Today()
	served, err := suspended.HouseServed(ctx, q, today)
	if err != nil {
		return err
	}
	o.Budget, o.BudgetLeft, o.WaitingBy = settings.HouseBudgetDaily, settings.HouseBudgetDaily-served, OriginSum{}
	classes, err := suspended.Shelved(ctx, q)
	if err != nil {
		return err
	}
	for _, c := range classes {
		for origin, n := range c.ByOrigin {
			o.WaitingBy[string(origin)] += n
		}
	}
	if !o.Running {
		return nil
	}
	if o.Matters, err = t.matters(ctx, q, now, today); err != nil {
		return err
	}
	if o.BudgetLeft < 0 {
		o.Matters = append(o.Matters, Matter{MatterHouseBudget, -o.BudgetLeft})
	}
	b, err := t.readBooks(ctx, q, today)
	if err != nil {
		return err
	}
	o.Dial = b.dial(settings)
	o.Matters = append(o.Matters, b.matters(o.Dial, settings)...)
	return nil
}

// matters are what the books of the dial warn of, before the month closes.
func (b *books) matters(d Dial, s Settings) (found []Matter) {
	if d.Month.Known && (d.Month.Position == DialAbove || d.Position == DialAbove) {
		found = append(found, Matter{MatterDialHigh, 0})
	}
	oldest, idle := 0, 0
	for _, c := range b.radar(s.AgeingDays).Classes {
		if c.Old {
			oldest = max(oldest, c.Age)
		} else if c.Idle {
			idle += c.Stock
		}
	}
	if oldest > 0 {
		found = append(found, Matter{MatterShelfOld, oldest})
	}
	if idle > 0 {
		found = append(found, Matter{MatterShelfIdle, idle})
	}
	return found
}

// matters counts what stands open now.
func (t *Till) matters(ctx context.Context, q data.Querier, now time.Time, today string) ([]Matter, error) {
	found, err := t.journalMatters(ctx, q, now)
	if err != nil {
		return nil, err
	}
	for _, m := range []struct {
		code, query string
		arg         any
	}{
		{MatterOldTickets, `SELECT count(*) FROM tickets WHERE state = 'open' AND day < ? AND body ->> '$.training' IS NULL`, today},
		{MatterPartPaid, `SELECT count(*) FROM tickets WHERE state = 'open' AND json_array_length(body, '$.payments') > ? AND body ->> '$.training' IS NULL`, 0},
		{MatterLongShift, `SELECT count(*) FROM shifts WHERE closed_at = 0 AND opened_at < ?`, now.Add(-longShift).UnixMilli()},
	} {
		var n int
		if err := q.QueryRow(ctx, m.query, m.arg).Scan(&n); err != nil {
			return nil, fmt.Errorf("%s: %w", m.code, err)
		}
		if n > 0 {
			found = append(found, Matter{m.code, n})
		}
	}
	late, err := t.lateKitchen(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(late.Late) > 0 {
		found = append(found, Matter{MatterKitchen, len(late.Late)})
	}
	menu, err := t.loadedMenu(ctx, q)
	if err != nil {
		return nil, err
	}
	soldOut := 0
	for _, p := range menu.Products {
		if !p.Available {
			soldOut++
		}
	}
	if soldOut > 0 {
		found = append(found, Matter{MatterSoldOut, soldOut})
	}
	archived, err := t.archiveMatters(ctx, q, now)
	if err != nil {
		return nil, err
	}
	found = append(found, archived...)
	if t.identity.Demo {
		found = append(found, Matter{MatterDemo, 0})
	}
	return found, nil
}
