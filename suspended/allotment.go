package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// AllotmentState is where an allotment stands.
type AllotmentState string

// The states of an allotment (solidarity.md §2.6).
const (
	Requested       AllotmentState = "REQUESTED"        // asked for; nothing is promised
	Confirmed       AllotmentState = "CONFIRMED"        // items are ALLOTTED
	Ready           AllotmentState = "READY"            // and stand packed
	AllCollected    AllotmentState = "COLLECTED"        // as many as were promised, or more
	PartlyCollected AllotmentState = "PARTLY_COLLECTED" // fewer; the rest went back to the shelf
	Lapsed          AllotmentState = "LAPSED"           // nobody came
	Cancelled       AllotmentState = "CANCELLED"
)

// Promised reports whether items are ALLOTTED in this state.
func (s AllotmentState) Promised() bool { return s == Confirmed || s == Ready }

// Live reports whether the allotment is still to come.
func (s AllotmentState) Live() bool { return s == Requested || s.Promised() }

// Limits of allotments.
const (
	MaxAllotment   = 500 // items of one
	maxAllotments  = 200 // live ones of one partner
	allotmentsList = 1000
)

var (
	errAllotment      = fault.New(fault.NotFound, "allotment.unknown", "There is no such allotment.")
	errAllotmentState = fault.New(fault.Conflict, "allotment.state", "This allotment is no longer in a state that allows it.")
	errAllotmentStock = fault.New(fault.Conflict, "allotment.stock", "The shelf does not have that many.").Field("qty", "stock")
	errAllotmentMany  = fault.New(fault.Conflict, "allotment.many", "This partner has too many allotments to come.")
)

// Allotment is so many items of a class for a partner on one evening.
type Allotment struct {
	ID        string
	Partner   string
	Class     string
	Day       string // business day of the evening
	Time      string // local, HH:MM; "" in the course of the evening
	State     AllotmentState
	Qty       int   // asked for; from CONFIRMED on: promised
	Held      int   // items ALLOTTED for it, or COLLECTED in it
	ByPartner bool  // asked for on the partner's own page
	Created   int64 // Unix milliseconds
}

// Hours of the evening (case 81).
const (
	lapseHour  = 22 // local: a promise is kept until then
	lapseGrace = time.Hour * 2
)

// LapsesAt is when what was not collected goes back to the shelf: at 22:00 of its evening, or two hours after its time or
// after it was asked for, whichever is later. It lapses with the end of its business day in any case.
func (a Allotment) LapsesAt(zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, a.Day, zone)
	if err != nil {
		return time.Time{}
	}
	clock := func(hour, minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
	}
	at := clock(lapseHour, 0)
	if asked, err := time.Parse("15:04", a.Time); err == nil {
		if t := clock(asked.Hour(), asked.Minute()).Add(lapseGrace); t.After(at) {
			at = t
		}
	}
	if t := time.UnixMilli(a.Created).Add(lapseGrace); t.After(at) {
		at = t
	}
	return at
}

const allotmentColumns = `a.id, a.partner, a.class, a.day, a.time, a.state, a.qty, a.by_partner, a.created,
	(SELECT COUNT(*) FROM allotment_items i WHERE i.allotment = a.id)`

func scanAllotment(scan func(...any) error) (a Allotment, err error) {
	return a, scan(&a.ID, &a.Partner, &a.Class, &a.Day, &a.Time, &a.State, &a.Qty, &a.ByPartner, &a.Created, &a.Held)
}

func allotments(ctx context.Context, q data.Querier, where string, args ...any) ([]Allotment, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Allotment, error) { return scanAllotment(r.Scan) },
		`SELECT `+allotmentColumns+` FROM allotments a WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("allotments: %w", err)
	}
	return all, nil
}

// FindAllotment returns an allotment. Errors: NotFound allotment.unknown.
func FindAllotment(ctx context.Context, q data.Querier, id string) (Allotment, error) {
	a, err := scanAllotment(q.QueryRow(ctx, `SELECT `+allotmentColumns+` FROM allotments a WHERE a.id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errAllotment.With("allotment", id)
	}
	if err != nil {
		return a, fmt.Errorf("allotment %s: %w", id, err)
	}
	return a, nil
}

// AllotmentsBetween lists the allotments of the evenings from one business day to another, both included, in the order of
// the evening; of one partner, or of all for "".
func AllotmentsBetween(ctx context.Context, q data.Querier, partner, from, to string) ([]Allotment, error) {
	return allotments(ctx, q, `(a.partner = ?1 OR ?1 = '') AND a.day BETWEEN ?2 AND ?3 ORDER BY a.day, a.time, a.created, a.id LIMIT ?4`,
		partner, from, to, allotmentsList)
}

// LiveAllotments lists what is still to come, or should have, up to a business day: what may have lapsed.
func LiveAllotments(ctx context.Context, q data.Querier, upTo string) ([]Allotment, error) {
	return allotments(ctx, q, `a.state IN ('REQUESTED', 'CONFIRMED', 'READY') AND a.day <= ? ORDER BY a.day, a.time, a.id LIMIT ?`, upTo, allotmentsList)
}

// LiveAllotmentsOf lists what a partner still has to come.
func LiveAllotmentsOf(ctx context.Context, q data.Querier, partner string) ([]Allotment, error) {
	return allotments(ctx, q, `a.partner = ? AND a.state IN ('REQUESTED', 'CONFIRMED', 'READY') ORDER BY a.day, a.time, a.id LIMIT ?`, partner, allotmentsList)
}

// Request writes down what is asked for; nothing is promised. Errors: NotFound partner.unknown, class.unknown; Conflict
// partner.ended, allotment.many.
func Request(ctx context.Context, tx *data.Tx, a Allotment) (Allotment, error) {
	if _, err := ActivePartner(ctx, tx, a.Partner); err != nil {
		return a, err
	}
	if err := requireClass(ctx, tx, a.Class); err != nil {
		return a, err
	}
	live, err := LiveAllotmentsOf(ctx, tx, a.Partner)
	if err != nil {
		return a, err
	}
	if len(live) >= maxAllotments {
		return a, errAllotmentMany.With("max", maxAllotments)
	}
	a.State, a.Created = Requested, tx.Now().UnixMilli()
	_, err = tx.Exec(ctx, `INSERT INTO allotments (id, partner, class, day, time, state, qty, by_partner, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Partner, a.Class, a.Day, a.Time, a.State, a.Qty, a.ByPartner, a.Created)
	if err != nil {
		return a, fmt.Errorf("allotment %s: %w", a.ID, err)
	}
	return a, nil
}

// set writes where an allotment stands; only from the states given. Errors: Conflict allotment.state.
func (a Allotment) set(ctx context.Context, tx *data.Tx, became AllotmentState, qty int, from ...AllotmentState) (Allotment, error) {
	if !slices.Contains(from, a.State) {
		return a, errAllotmentState.With("allotment", a.ID).With("state", string(a.State))
	}
	n, err := tx.Exec(ctx, `UPDATE allotments SET state = ?, qty = ? WHERE id = ? AND state = ?`, became, qty, a.ID, a.State)
	if err != nil {
		return a, fmt.Errorf("allotment %s: %w", a.ID, err)
	}
	if n != 1 {
		return a, errAllotmentState.With("allotment", a.ID).With("state", string(a.State))
	}
	a.State, a.Qty = became, qty
	return a, nil
}

// Confirm promises n items of the shelf for what was asked: SPONSOR first, then oldest, so that those past the age of the
// ageing rule go before any other (solidarity.md §2.6). All or none. Errors: Conflict allotment.state; allotment.stock
// with left, how many the shelf has.
func Confirm(ctx context.Context, tx *data.Tx, a Allotment, n int) (Allotment, error) {
	a, err := a.set(ctx, tx, Confirmed, n, Requested)
	if err != nil {
		return a, err
	}
	return a.hold(ctx, tx, n)
}

// PackUp says that a promised allotment stands ready. Errors: Conflict allotment.state.
func PackUp(ctx context.Context, tx *data.Tx, a Allotment) (Allotment, error) {
	return a.set(ctx, tx, Ready, a.Qty, Confirmed, Ready)
}

// ChangeAllotment asks for, or promises, another number. It returns the items that came back to the shelf, for their
// accounts to be reconciled. Errors: Conflict allotment.state, allotment.stock with left.
func ChangeAllotment(ctx context.Context, tx *data.Tx, a Allotment, n int) (Allotment, []Item, error) {
	a, err := a.set(ctx, tx, a.State, n, Requested, Confirmed, Ready)
	switch {
	case err != nil || !a.State.Promised():
		return a, nil, err
	case n > a.Held:
		a, err = a.hold(ctx, tx, n-a.Held)
		return a, nil, err
	}
	back, err := a.giveBack(ctx, tx, a.Held-n)
	a.Held = n
	return a, back, err
}

// EndAllotment cancels it, or lets it lapse (case 81), and returns the items that came back to the shelf, for their
// accounts to be reconciled. Errors: Conflict allotment.state.
func EndAllotment(ctx context.Context, tx *data.Tx, a Allotment, became AllotmentState) (Allotment, []Item, error) {
	a, err := a.set(ctx, tx, became, a.Qty, Requested, Confirmed, Ready)
	if err != nil {
		return a, nil, err
	}
	back, err := a.giveBack(ctx, tx, a.Held)
	a.Held = 0
	return a, back, err
}

// hold allots n more items of the shelf.
func (a Allotment) hold(ctx context.Context, tx *data.Tx, n int) (Allotment, error) {
	ids, err := forPartner(ctx, tx, a.Class, n)
	if err != nil {
		return a, err
	}
	if len(ids) < n {
		return a, errAllotmentStock.With("left", a.Held+len(ids)).With("asked", a.Held+n)
	}
	for _, id := range ids {
		it, err := Allot(ctx, tx, id)
		if err != nil {
			return a, err
		}
		if err := a.link(ctx, tx, it.ID); err != nil {
			return a, err
		}
	}
	a.Held += n
	return a, nil
}

func (a Allotment) link(ctx context.Context, tx *data.Tx, item string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO allotment_items (item, allotment) VALUES (?, ?)`, item, a.ID); err != nil {
		return fmt.Errorf("item %s of allotment %s: %w", item, a.ID, err)
	}
	return nil
}

// giveBack puts n items of the allotment back on the shelf, the youngest first and those of sponsors last.
func (a Allotment) giveBack(ctx context.Context, tx *data.Tx, n int) ([]Item, error) {
	ids, err := a.items(ctx, tx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(ids)
	back := make([]Item, 0, n)
	for _, id := range ids[:n] {
		it, err := Lapse(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM allotment_items WHERE item = ?`, id); err != nil {
			return nil, fmt.Errorf("item %s of allotment %s: %w", id, a.ID, err)
		}
		back = append(back, it)
	}
	return back, nil
}

// items lists what is held, in the order it is handed out.
func (a Allotment) items(ctx context.Context, q data.Querier) ([]string, error) {
	ids, err := data.All(ctx, q, scanID, `SELECT s.item FROM allotment_items i JOIN shelf s ON s.item = i.item
		WHERE i.allotment = ? ORDER BY s.origin <> 'SPONSOR', s.created LIMIT -1`, a.ID)
	if err != nil {
		return nil, fmt.Errorf("items of allotment %s: %w", a.ID, err)
	}
	return ids, nil
}

// forPartner picks n items of the shelf for a partner: see Confirm.
func forPartner(ctx context.Context, q data.Querier, class string, n int) ([]string, error) {
	ids, err := data.All(ctx, q, scanID, `SELECT item FROM shelf WHERE class = ? AND state = 'AVAILABLE'
		ORDER BY origin <> 'SPONSOR', created LIMIT ?`, class, n)
	if err != nil {
		return nil, fmt.Errorf("shelf for partners: %w", err)
	}
	return ids, nil
}

// Opening counts, by class, what was on the shelf when a business day began, less what has been promised to partners since:
// what may be told to them. It does not move when somebody is served.
func Opening(ctx context.Context, q data.Querier, day string) (map[string]int, error) {
	opening := map[string]int{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var class string
		var n int
		err := r.Scan(&class, &n)
		opening[class] = n
		return err
	}, `SELECT i.class, SUM(CASE
			WHEN e.day < ?1 THEN (e.became = 'AVAILABLE') - (e.was = 'AVAILABLE')
			WHEN e.became = 'ALLOTTED' THEN -1 WHEN e.was = 'ALLOTTED' AND e.became = 'AVAILABLE' THEN 1 ELSE 0 END)
		FROM item_events e JOIN items i ON i.id = e.item GROUP BY i.class ORDER BY i.class LIMIT -1`, day)
	if err != nil {
		return nil, fmt.Errorf("shelf at the beginning of %s: %w", day, err)
	}
	return opening, nil
}
