package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Evening is one evening of a planned service.
type Evening struct {
	Service    string `json:"service"`
	Day        string `json:"day"`
	Starts     string `json:"starts"`     // on the café's clock
	Meets      string `json:"meets"`      // when its volunteers meet
	Dishes     int    `json:"dishes"`     // planned
	Reserved   int    `json:"reserved"`   // of those, put aside on the shelf
	Places     int    `json:"places"`     // for volunteers
	Volunteers int    `json:"volunteers"` // who have one; more than Places when places were taken away
	Waiting    int    `json:"waiting"`    // who would come if one were free
	Own        bool   `json:"own"`        // its dishes or places do not follow its service
	Cancelled  bool   `json:"cancelled"`
	Reason     string `json:"reason"` // of a manager who cancelled it; "" when the service skips this day
	Over       bool   `json:"over"`   // it has begun: nothing of it changes any more

	Name      string `json:"-"` // of its service
	Class     string `json:"-"`
	partner   string
	allotment string
}

// Free is how many places nobody has taken.
func (e Evening) Free() int { return max(0, e.Places-e.Volunteers) }

// EveningChange is what is to be otherwise on one evening; what is nil stays.
type EveningChange struct {
	Dishes    *int   `json:"dishes"`
	Places    *int   `json:"places"`
	Cancelled *bool  `json:"cancelled"`
	Reason    string `json:"reason"` // required to cancel: the volunteers read it
}

// Refusals about evenings.
var (
	errEvening     = fault.New(fault.Invalid, "evening.invalid", "Something said of the evening cannot be; the fields say which.")
	errNoEvening   = fault.New(fault.NotFound, "evening.unknown", "The service has no evening on that day.")
	errEveningOver = fault.New(fault.Conflict, "evening.over", "The evening has begun, or is over: nothing of it changes any more.")
	errCancelled   = fault.New(fault.Conflict, "evening.cancelled", "The evening is cancelled.")
)

const eveningColumns = `e.service, e.day, s.starts, s.meets, e.dishes, e.places, e.own, e.cancelled, e.reason, e.allotment, s.name, s.class, s.partner,
	(SELECT count(*) FROM volunteers AS v WHERE v.service = e.service AND v.day = e.day AND v.state = 'in'),
	(SELECT count(*) FROM volunteers AS v WHERE v.service = e.service AND v.day = e.day AND v.state = 'waiting')
	FROM evenings AS e JOIN services AS s ON s.id = e.service `

func (t *Till) scanEvening(now time.Time) func(interface{ Scan(...any) error }) (Evening, error) {
	return func(r interface{ Scan(...any) error }) (Evening, error) {
		var e Evening
		var cancelled string
		err := r.Scan(&e.Service, &e.Day, &e.Starts, &e.Meets, &e.Dishes, &e.Places, &e.Own, &cancelled, &e.Reason, &e.allotment, &e.Name, &e.Class, &e.partner,
			&e.Volunteers, &e.Waiting)
		e.Cancelled = cancelled != ""
		e.Over = !now.Before(t.begins(e.Day, e.Starts))
		return e, err
	}
}

// begins is when an evening begins: what starts before the hour at which days end belongs to the night of its day.
func (t *Till) begins(day, starts string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly+" "+clockForm, day+" "+starts, t.db.Zone())
	if err != nil {
		return time.Time{}
	}
	if at.Sub(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())) < t.db.CutOff() {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// Evenings lists the evenings of a service from one day to another, both included, 400 at most; empty days are today and
// four weeks from it. Refusals: service.unknown, report.range.
func (t *Till) Evenings(ctx context.Context, service, from, to string) ([]Evening, error) {
	if from == "" {
		from = t.db.Today()
	}
	if to == "" {
		to = daysFrom(from, aheadDays-1)
	}
	if _, _, err := days(from, to); err != nil {
		return nil, err
	}
	if _, err := t.Service(ctx, service); err != nil {
		return nil, err
	}
	return t.evenings(ctx, t.db.Reader(), t.db.Now(), `WHERE e.service = ? AND e.day BETWEEN ? AND ? ORDER BY e.day LIMIT ?`, service, from, to, reportDays)
}

// AllEvenings lists the evenings of every service from one day to another, both included, in the order of time.
// Refusal: report.range.
func (t *Till) AllEvenings(ctx context.Context, from, to string) ([]Evening, error) {
	if _, _, err := days(from, to); err != nil {
		return nil, err
	}
	return t.evenings(ctx, t.db.Reader(), t.db.Now(), `WHERE e.day BETWEEN ? AND ? ORDER BY e.day, s.starts, s.folded LIMIT ?`, from, to, maxServices*reportDays)
}

func (t *Till) evenings(ctx context.Context, q data.Querier, now time.Time, where string, args ...any) ([]Evening, error) {
	scan := t.scanEvening(now)
	all, err := data.All(ctx, q, func(r *data.Rows) (Evening, error) { return scan(r) }, `SELECT `+eveningColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("evenings: %w", err)
	}
	for i := range all {
		if err := t.countReserved(ctx, q, &all[i]); err != nil {
			return nil, err
		}
	}
	return nonNil(all), nil
}

// Evening returns one evening of a service. Refusal: evening.unknown.
func (t *Till) Evening(ctx context.Context, service, day string) (Evening, error) {
	return t.evening(ctx, t.db.Reader(), t.db.Now(), service, day)
}

func (t *Till) evening(ctx context.Context, q data.Querier, now time.Time, service, day string) (Evening, error) {
	e, err := t.scanEvening(now)(q.QueryRow(ctx, `SELECT `+eveningColumns+`WHERE e.service = ? AND e.day = ?`, service, day))
	if errors.Is(err, sql.ErrNoRows) {
		return e, errNoEvening
	}
	if err != nil {
		return e, fmt.Errorf("evening: %w", err)
	}
	return e, t.countReserved(ctx, q, &e)
}

// toCome is an evening of which something is to change. Refusals: evening.unknown, evening.over.
func (t *Till) toCome(ctx context.Context, tx *data.Tx, service, day string) (Evening, error) {
	e, err := t.evening(ctx, tx, tx.Now(), service, day)
	if err == nil && (e.Over || e.Day < tx.Day()) {
		err = errEveningOver
	}
	return e, err
}

// ChangeEvening changes the dishes or the places of one evening, cancels it with a reason, or takes that back. The rest of
// the service stays as it is. More places move the first of the waiting list up. Refusals: right.missing, evening.unknown,
// evening.over, evening.invalid, reason.missing, text.invalid, and training.real when dishes put aside would go back.
func (t *Till) ChangeEvening(ctx context.Context, by By, service, day string, c EveningChange) (Evening, error) {
	if err := by.mustManage(); err != nil {
		return Evening{}, err
	}
	changed, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Evening, error) {
		e, err := t.toCome(ctx, tx, service, day)
		if err != nil {
			return Evening{}, err
		}
		if err := c.check(&e); err != nil {
			return Evening{}, err
		}
		cancelled, made := "", []int64{}
		if e.Cancelled {
			cancelled = "own"
			if made, err = t.release(ctx, tx, by, e); err != nil {
				return Evening{}, err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE evenings SET dishes = ?, places = ?, own = ?, cancelled = ?, reason = ? WHERE service = ? AND day = ?`,
			e.Dishes, e.Places, e.Own, cancelled, e.Reason, service, day); err != nil {
			return Evening{}, fmt.Errorf("change evening: %w", err)
		}
		if err := moveUp(ctx, tx, service, day); err != nil {
			return Evening{}, err
		}
		if err := tx.Record(data.Event{Type: "evening.changed", Topics: eveningTopics(e), Body: map[string]any{"service": service, "day": day, "journal": nonNil(made)}}); err != nil {
			return Evening{}, err
		}
		return t.evening(ctx, tx, tx.Now(), service, day)
	})
	return changed, err
}

// eveningTopics are what screens read again when an evening with something put aside changes.
func eveningTopics(e Evening) []string {
	if e.allotment == "" {
		return nil
	}
	return []string{topicAllotments, "shelf"}
}

// check applies a change to an evening as it is.
func (c EveningChange) check(e *Evening) error {
	var k checker
	if c.Dishes != nil {
		k.between("dishes", int64(*c.Dishes), 1, maxDishes)
		e.Own = e.Own || e.Dishes != *c.Dishes
		e.Dishes = *c.Dishes
	}
	if c.Places != nil {
		k.between("places", int64(*c.Places), 0, maxPlaces)
		e.Own = e.Own || e.Places != *c.Places
		e.Places = *c.Places
	}
	if err := k.refusal(errEvening); err != nil {
		return err
	}
	switch {
	case c.Cancelled == nil && e.Cancelled && e.Reason == "": // the service skips this day; said anew, it is held by itself
		e.Cancelled = false
	case c.Cancelled == nil:
	case *c.Cancelled:
		reason, err := cleanReason(c.Reason)
		if err != nil {
			return err
		}
		e.Cancelled, e.Reason = true, reason
	default:
		e.Cancelled, e.Reason = false, ""
	}
	return nil
}

// PlanEvenings makes the evenings of the next four weeks that are not made yet. It is due each day; it reads one row and
// writes nothing when all are there. It returns for how many services it made some.
func (t *Till) PlanEvenings(ctx context.Context) (int, error) {
	today := t.db.Today()
	horizon := daysFrom(today, aheadDays-1)
	var due bool
	if err := t.db.Reader().QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM services WHERE planned < ? AND (last = '' OR last > planned))`, horizon).Scan(&due); err != nil || !due {
		return 0, err
	}
	made := 0
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		made = 0
		all, err := t.services(ctx, tx)
		if err != nil {
			return err
		}
		ids := []string{}
		for _, s := range all {
			n, err := t.planEvenings(ctx, tx, s)
			if err != nil {
				return err
			}
			if n > 0 {
				ids = append(ids, s.ID)
			}
		}
		if made = len(ids); made == 0 {
			return nil
		}
		return tx.Record(data.Event{Type: "evenings.planned", Body: map[string]any{"services": ids}})
	})
	return made, err
}

// planEvenings makes those evenings of a service that are not made yet, and returns how many.
func (t *Till) planEvenings(ctx context.Context, tx *data.Tx, s Service) (int, error) {
	today := tx.Day()
	made := 0
	for n := range aheadDays {
		day := daysFrom(today, n)
		if !s.falls(day) {
			continue
		}
		rows, err := tx.Exec(ctx, `INSERT INTO evenings (service, day, dishes, places, own, cancelled, reason, allotment) VALUES (?, ?, ?, ?, 0, '', '', '')
			ON CONFLICT (service, day) DO NOTHING`, s.ID, day, s.Dishes, *s.Places)
		if err != nil {
			return 0, fmt.Errorf("plan evening: %w", err)
		}
		made += int(rows)
	}
	if _, err := tx.Exec(ctx, `UPDATE services SET planned = ? WHERE id = ?`, daysFrom(today, aheadDays-1), s.ID); err != nil {
		return 0, fmt.Errorf("plan service: %w", err)
	}
	return made, nil
}

// follow brings the evenings to come in line with what a service has become.
func (t *Till) follow(ctx context.Context, tx *data.Tx, by By, s Service) (made []int64, err error) {
	if _, err := t.planEvenings(ctx, tx, s); err != nil {
		return nil, err
	}
	all, err := t.evenings(ctx, tx, tx.Now(), `WHERE e.service = ? AND e.day >= ? ORDER BY e.day LIMIT ?`, s.ID, tx.Day(), reportDays)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.Over {
			continue
		}
		if !s.falls(e.Day) {
			back, err := t.release(ctx, tx, by, e)
			if err != nil {
				return nil, err
			}
			made = append(made, back...)
			if err := t.skip(ctx, tx, e); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE evenings SET dishes = iif(own, dishes, ?), places = iif(own, places, ?), cancelled = iif(cancelled = 'plan', '', cancelled)
			WHERE service = ? AND day = ?`, s.Dishes, *s.Places, e.Service, e.Day); err != nil {
			return nil, fmt.Errorf("evening follows: %w", err)
		}
		if err := moveUp(ctx, tx, e.Service, e.Day); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// skip cancels an evening that its service holds no more; one that nobody was to come to disappears.
func (t *Till) skip(ctx context.Context, tx *data.Tx, e Evening) error {
	rows, err := tx.Exec(ctx, `DELETE FROM evenings WHERE service = ? AND day = ? AND allotment = ''
		AND NOT EXISTS (SELECT 1 FROM volunteers AS v WHERE v.service = evenings.service AND v.day = evenings.day)`, e.Service, e.Day)
	if err == nil && rows == 0 {
		_, err = tx.Exec(ctx, `UPDATE evenings SET cancelled = 'plan' WHERE service = ? AND day = ? AND cancelled = ''`, e.Service, e.Day)
	}
	if err != nil {
		return fmt.Errorf("skip evening: %w", err)
	}
	return nil
}
