package pos

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// PlaceState is where a volunteer stands on an evening.
type PlaceState string

// The states of a place.
const (
	PlaceIn      PlaceState = "in"      // expected
	PlaceWaiting PlaceState = "waiting" // comes if somebody cannot
	PlaceGone    PlaceState = "gone"    // cannot come after all
)

// Volunteer is who comes to cook on an evening: a first name, and nothing else is ever asked.
type Volunteer struct {
	N       int        `json:"n"`    // in the order in which they came
	Name    string     `json:"name"` // "": erased, a month after the evening
	State   PlaceState `json:"state"`
	Waiting int        `json:"waiting"` // rank on the waiting list, from 1; 0 with a place
}

// Place is what a volunteer took. Its code is told once, to its holder alone: only its hash is kept.
type Place struct {
	Code    string     `json:"-"` // "" when a manager wrote the name down
	State   PlaceState `json:"state"`
	Waiting int        `json:"waiting"` // rank on the waiting list, from 1
}

// Rota is what whoever has a service's link sees: evenings and counts, no name of anybody.
type Rota struct {
	Service  Service
	Evenings []Evening
}

// HeldPlace is a place as its holder sees it.
type HeldPlace struct {
	Place

	Name    string
	Evening Evening
	Note    string // of the service
}

// Limits of the rota.
const (
	maxVolunteerRunes = 30
	maxWaiting        = 20  // on the list of one evening
	maxTaken          = 200 // that were ever taken on one evening, those given back too
	nameDays          = 30  // after the evening, names are erased
)

// Refusals about the rota.
var (
	errNoRota      = fault.New(fault.NotFound, "rota.unknown", "This link leads to no rota; ask the café for the new one.")
	errTwice       = fault.New(fault.Conflict, "volunteer.twice", "Somebody of that name comes that evening already.").Field("name", "taken")
	errWaitingFull = fault.New(fault.Conflict, "evening.full", "The evening is full, and so is its waiting list.").Field("day", "many")
	errNoVolunteer = fault.New(fault.NotFound, "volunteer.unknown", "There is nobody by that number on the rota of the evening.")
)

// rotaHash reads a code as it is typed or scanned; ok is false for what can be none.
func rotaHash(code string) (hash [sha256.Size]byte, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	return sha256.Sum256([]byte(code)), len(code) == rotaCodeLetters && loyalty.CheckCode(code)
}

func (t *Till) serviceByCode(ctx context.Context, q data.Querier, code string) (Service, error) {
	hash, ok := rotaHash(code)
	if !ok {
		return Service{}, errNoRota
	}
	s, err := scanService(t.db.Today())(q.QueryRow(ctx, `SELECT `+serviceColumns+` FROM services WHERE code = ?`, hash[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return s, errNoRota
	}
	if err != nil {
		return s, fmt.Errorf("rota: %w", err)
	}
	return s, nil
}

// Rota returns the evenings to come behind a service's link. Refusal: rota.unknown, whatever is wrong with the link.
func (t *Till) Rota(ctx context.Context, code string) (Rota, error) {
	s, err := t.serviceByCode(ctx, t.db.Reader(), code)
	if err != nil {
		return Rota{}, err
	}
	all, err := t.evenings(ctx, t.db.Reader(), t.db.Now(), `WHERE e.service = ? AND e.day >= ? ORDER BY e.day LIMIT ?`, s.ID, t.db.Today(), aheadDays)
	r := Rota{Service: s, Evenings: []Evening{}}
	for _, e := range all {
		if !e.Over {
			r.Evenings = append(r.Evenings, e)
		}
	}
	return r, err
}

// SignUp takes a place on an evening for whoever has the service's link, or one on its waiting list when it is full. Asked
// again with the same command id, the same place is told. Refusals: rota.unknown, text.invalid, evening.unknown,
// evening.over, evening.cancelled, volunteer.twice, evening.full.
func (t *Till) SignUp(ctx context.Context, by By, code, day, name string) (Place, error) {
	if by.Command.ID == "" {
		by.Command = data.NewCommand("volunteer-" + newSecret())
	}
	stream, err := t.secret.stream("volunteer", by.Command)
	if err != nil {
		return Place{}, err
	}
	mine, err := loyalty.NewCode(stream, rotaLetters)
	if err != nil {
		return Place{}, err
	}
	hash := sha256.Sum256([]byte(mine))
	place, _, err := do(ctx, t, hidden(by), func(ctx context.Context, tx *data.Tx) (Place, error) {
		s, err := t.serviceByCode(ctx, tx, code)
		if err != nil {
			return Place{}, err
		}
		return t.takePlace(ctx, tx, s.ID, day, name, hash[:])
	})
	place.Code = mine
	return place, err
}

// AddVolunteer writes down who has said so by phone. Refusals: right.missing, and those of SignUp.
func (t *Till) AddVolunteer(ctx context.Context, by By, service, day, name string) (Place, error) {
	if err := by.mustManage(); err != nil {
		return Place{}, err
	}
	place, _, err := do(ctx, t, hidden(by), func(ctx context.Context, tx *data.Tx) (Place, error) {
		return t.takePlace(ctx, tx, service, day, name, nil)
	})
	return place, err
}

// hidden keeps the hash of a command's id in its place: with the id and the hash of the input, a first name that has been
// erased could be guessed, and a place be asked for again.
func hidden(by By) By {
	if by.Command.ID != "" {
		id := sha256.Sum256([]byte(by.Command.ID))
		by.Command.ID = hex.EncodeToString(id[:])
	}
	return by
}

// takePlace adds a name to an evening. Neither the event nor the answer repeats it.
func (t *Till) takePlace(ctx context.Context, tx *data.Tx, service, day, name string, code []byte) (Place, error) {
	name, err := cleanText("name", strings.Join(strings.Fields(name), " "), maxVolunteerRunes)
	if err != nil {
		return Place{}, err
	}
	if name == "" || fold(name) == "" {
		return Place{}, errText.Field("name", codeRequired)
	}
	if day == "" {
		return Place{}, errEvening.Field("day", codeRequired)
	}
	e, err := t.toCome(ctx, tx, service, day)
	if err != nil {
		return Place{}, err
	}
	p := Place{State: PlaceIn}
	if e.Free() == 0 {
		p = Place{State: PlaceWaiting, Waiting: e.Waiting + 1}
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(n), 0) + 1 FROM volunteers WHERE service = ? AND day = ?`, service, day).Scan(&n); err != nil {
		return Place{}, fmt.Errorf("next place: %w", err)
	}
	switch {
	case e.Cancelled:
		return Place{}, errCancelled
	case p.Waiting > maxWaiting, n > maxTaken:
		return Place{}, errWaitingFull
	}
	_, err = tx.Exec(ctx, `INSERT INTO volunteers (service, day, n, name, folded, state, code) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		service, day, n, name, fold(name), string(p.State), code)
	if data.IsDuplicate(err) {
		return Place{}, errTwice
	}
	if err != nil {
		return Place{}, fmt.Errorf("take place: %w", err)
	}
	return p, tx.Record(data.Event{Type: "volunteer.added", Body: map[string]any{"service": service, "day": day, "n": n}})
}

// moveUp gives free places of an evening to the first of its waiting list: those see it on their own page.
func moveUp(ctx context.Context, tx *data.Tx, service, day string) error {
	_, err := tx.Exec(ctx, `UPDATE volunteers SET state = 'in' WHERE service = ?1 AND day = ?2 AND n IN (
			SELECT w.n FROM volunteers AS w WHERE w.service = ?1 AND w.day = ?2 AND w.state = 'waiting' ORDER BY w.n
			LIMIT coalesce((SELECT max(0, e.places - (SELECT count(*) FROM volunteers AS i WHERE i.service = ?1 AND i.day = ?2 AND i.state = 'in'))
				FROM evenings AS e WHERE e.service = ?1 AND e.day = ?2 AND e.cancelled = ''), 0))`, service, day)
	if err != nil {
		return fmt.Errorf("waiting list: %w", err)
	}
	return nil
}

// freePlace takes a name off an evening: it is forgotten at once.
func freePlace(ctx context.Context, tx *data.Tx, service, day string, n int) error {
	if _, err := tx.Exec(ctx, `UPDATE volunteers SET state = 'gone', name = '', folded = '' WHERE service = ? AND day = ? AND n = ?`, service, day, n); err != nil {
		return fmt.Errorf("free place: %w", err)
	}
	if err := moveUp(ctx, tx, service, day); err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "volunteer.gone", Body: map[string]any{"service": service, "day": day, "n": n}})
}

// RemoveVolunteer takes a name off an evening, for who has said so by phone; the first of the waiting list moves up.
// Refusals: right.missing, evening.unknown, evening.over, volunteer.unknown (also once it is off).
func (t *Till) RemoveVolunteer(ctx context.Context, by By, service, day string, n int) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (bool, error) {
		if _, err := t.toCome(ctx, tx, service, day); err != nil {
			return false, err
		}
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM volunteers WHERE service = ? AND day = ? AND n = ? AND state <> 'gone')`, service, day, n).Scan(&there); err != nil {
			return false, fmt.Errorf("volunteer: %w", err)
		}
		if !there {
			return false, errNoVolunteer
		}
		return true, freePlace(ctx, tx, service, day, n)
	})
	return err
}

// PlaceOf returns the place that its holder's own link leads to. Refusal: rota.unknown.
func (t *Till) PlaceOf(ctx context.Context, code string) (h HeldPlace, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		var n int
		h, n, err = t.placeOf(ctx, q, t.db.Now(), code)
		if err == nil && h.State == PlaceWaiting {
			err = q.QueryRow(ctx, `SELECT count(*) FROM volunteers WHERE service = ? AND day = ? AND state = 'waiting' AND n <= ?`, h.Evening.Service, h.Evening.Day, n).Scan(&h.Waiting)
		}
		if err != nil {
			return err
		}
		s, err := t.service(ctx, q, h.Evening.Service)
		h.Note = s.Note
		return err
	})
	return h, err
}

func (t *Till) placeOf(ctx context.Context, q data.Querier, now time.Time, code string) (h HeldPlace, n int, err error) {
	hash, ok := rotaHash(code)
	if !ok {
		return h, 0, errNoRota
	}
	var service, day string
	err = q.QueryRow(ctx, `SELECT service, day, n, name, state FROM volunteers WHERE code = ?`, hash[:]).Scan(&service, &day, &n, &h.Name, &h.State)
	if errors.Is(err, sql.ErrNoRows) {
		return h, 0, errNoRota
	}
	if err != nil {
		return h, 0, fmt.Errorf("place: %w", err)
	}
	h.Evening, err = t.evening(ctx, q, now, service, day)
	return h, n, err
}

// LeavePlace gives a place back, for whoever has its own link. The name is forgotten at once, and the first of the waiting
// list moves up. Giving it back twice is giving it back. Refusals: rota.unknown, evening.over.
func (t *Till) LeavePlace(ctx context.Context, by By, code string) error {
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (bool, error) {
		h, n, err := t.placeOf(ctx, tx, tx.Now(), code)
		switch {
		case err != nil:
			return false, err
		case h.State == PlaceGone:
			return true, nil
		case h.Evening.Over:
			return false, errEveningOver
		}
		return true, freePlace(ctx, tx, h.Evening.Service, h.Evening.Day, n)
	})
	return err
}

// Volunteers lists who comes on an evening and who waits, in the order in which they came. Refusal: evening.unknown.
func (t *Till) Volunteers(ctx context.Context, service, day string) ([]Volunteer, error) {
	byDay, err := t.VolunteersBetween(ctx, service, day, day)
	if err != nil {
		return nil, err
	}
	if _, err := t.Evening(ctx, service, day); err != nil {
		return nil, err
	}
	return nonNil(byDay[day]), nil
}

// VolunteersBetween lists by day who comes to a service from one day to another and who waits.
func (t *Till) VolunteersBetween(ctx context.Context, service, from, to string) (map[string][]Volunteer, error) {
	all := map[string][]Volunteer{}
	waiting := map[string]int{}
	err := data.Each(ctx, t.db.Reader(), func(r *data.Rows) error {
		var day string
		var v Volunteer
		if err := r.Scan(&day, &v.N, &v.Name, &v.State); err != nil {
			return err
		}
		if v.State == PlaceWaiting {
			waiting[day]++
			v.Waiting = waiting[day]
		}
		all[day] = append(all[day], v)
		return nil
	}, `SELECT day, n, name, state FROM volunteers WHERE service = ? AND day BETWEEN ? AND ? AND state <> 'gone' ORDER BY day, n LIMIT ?`,
		service, from, to, reportDays*(maxPlaces+maxWaiting))
	if err != nil {
		return nil, fmt.Errorf("volunteers: %w", err)
	}
	return all, nil
}

// EraseVolunteers forgets the names of evenings that were more than thirty days ago, and the links of their holders. How
// many came stays. It returns how many names it erased.
func (t *Till) EraseVolunteers(ctx context.Context) (int, error) {
	before := daysFrom(t.db.Today(), -nameDays)
	var due bool
	if err := t.db.Reader().QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM volunteers WHERE name <> '' AND day < ?)`, before).Scan(&due); err != nil || !due {
		return 0, err
	}
	var erased int64
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) (err error) {
		erased, err = tx.Exec(ctx, `UPDATE volunteers SET name = '', folded = '', code = NULL WHERE name <> '' AND day < ?`, before)
		if err != nil {
			return fmt.Errorf("erase names: %w", err)
		}
		return tx.Record(data.Event{Type: "volunteers.erased", Body: map[string]any{"count": erased}})
	})
	return int(erased), err
}
