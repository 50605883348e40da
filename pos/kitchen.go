package pos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Limits of the kitchen.
const (
	kitchenPatience = 20 * time.Second // after which an order that no screen has shown alarms the till (tills.md, complaint 8)
	maxKitchenShown = 200              // orders on a screen at once: as many as may be open at the till
	kitchenRecalled = 20               // orders that can be called back
)

// topicKitchen is carried by every event that changes what the kitchen sees.
const topicKitchen = "kitchen"

// KitchenOrder is an order as the kitchen sees it. A served item is in it like a bought one: nothing tells them apart.
type KitchenOrder struct {
	ID     string        `json:"-"`
	No     int           `json:"-"` // within the business day, as the till calls it
	Name   string        `json:"name"`
	Mode   Mode          `json:"mode"`
	Opened time.Time     `json:"opened"` // when its first lines were sent
	Rev    int           `json:"rev"`    // grows with every change that comes from the till; a screen says which one it has shown
	Lines  []KitchenLine `json:"lines"`

	day, ticket string
}

// KitchenLine is one thing to make.
type KitchenLine struct {
	N       int       `json:"n"` // within the order
	Station string    `json:"station"`
	Product string    `json:"product"`
	Name    string    `json:"name"`
	Qty     int       `json:"qty"`               // 0: it was taken off
	Was     int       `json:"was,omitempty"`     // what the kitchen knew before some of it was taken off; 0 once it is noted
	Options []string  `json:"options,omitempty"` // names of the choices
	Note    string    `json:"note,omitempty"`    // in the words of the till
	Renoted bool      `json:"renoted,omitempty"` // the note has changed since it was sent
	Added   bool      `json:"added,omitempty"`   // it joined an order that was on the screen
	Rev     int       `json:"rev"`               // of the order, when the till last changed the line
	Sent    time.Time `json:"sent"`              // when the till asked for it
	Changed time.Time `json:"changed"`           // when the till last changed it
	Seen    bool      `json:"seen,omitempty"`    // a screen has shown it as it is
	Done    time.Time `json:"done,omitzero"`     // when it was made, or noted as taken off
}

// Altered reports whether the till has changed the line and nobody has noted it.
func (l KitchenLine) Altered() bool { return l.Was > 0 || l.Renoted }

// Finished reports whether nothing is left to do about the line.
func (l KitchenLine) Finished() bool { return !l.Done.IsZero() && !l.Altered() }

// note is the tap that says: the kitchen has read what changed.
func (l *KitchenLine) note(at time.Time) {
	l.Was, l.Renoted, l.Seen = 0, false, true
	if l.Qty == 0 {
		l.Done = at
	}
}

// at returns the order as a screen of these stations sees it; none means every station.
func (o KitchenOrder) at(stations []string) KitchenOrder {
	o.Lines = slices.DeleteFunc(slices.Clone(o.Lines), func(l KitchenLine) bool { return !among(stations, l.Station) })
	return o
}

// For is the order as these stations see it, and whether they have something left to do of it.
func (o KitchenOrder) For(stations []string) (part KitchenOrder, waits bool) {
	part = o.at(stations)
	return part, part.waits()
}

func among(stations []string, station string) bool {
	return len(stations) == 0 || slices.Contains(stations, station)
}

// waits reports whether something of the order is left to do.
func (o KitchenOrder) waits() bool {
	return slices.ContainsFunc(o.Lines, func(l KitchenLine) bool { return !l.Finished() })
}

// Since is when the oldest thing that is left to do was asked for; when nothing is left, when the order began.
func (o KitchenOrder) Since() time.Time {
	var since time.Time
	for _, l := range o.Lines {
		if !l.Finished() && (since.IsZero() || l.Sent.Before(since)) {
			since = l.Sent
		}
	}
	if since.IsZero() {
		return o.Opened
	}
	return since
}

// DoneAt is when its last line was made; zero when nothing was.
func (o KitchenOrder) DoneAt() time.Time {
	var last time.Time
	for _, l := range o.Lines {
		if l.Done.After(last) && l.Qty > 0 {
			last = l.Done
		}
	}
	return last
}

// gone is the column of that name.
func (o KitchenOrder) gone() int64 {
	if o.waits() {
		return 0
	}
	var last int64
	for _, l := range o.Lines {
		last = max(last, l.Done.UnixMilli())
	}
	return last
}

// unseen is the column of that name.
func (o KitchenOrder) unseen() int64 {
	var first int64
	for _, l := range o.Lines {
		if at := l.Changed.UnixMilli(); !l.Seen && !l.Finished() && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

const kitchenColumns = `id, day, no, ticket, body`

func scanKitchen(scan func(...any) error) (KitchenOrder, error) {
	var o KitchenOrder
	var body string
	if err := scan(&o.ID, &o.day, &o.No, &o.ticket, &body); err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return o, fmt.Errorf("kitchen order %s: %w", o.ID, err)
	}
	return o, nil
}

var errNoKitchenOrder = fault.New(fault.NotFound, "kitchen.unknown", "The kitchen has no such order today.")

func loadKitchenOrder(ctx context.Context, q data.Querier, id string) (KitchenOrder, error) {
	o, err := scanKitchen(q.QueryRow(ctx, `SELECT `+kitchenColumns+` FROM kitchen_orders WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return o, errNoKitchenOrder.With("order", id)
	}
	return o, err
}

// save writes an order as it stands; one without lines goes away.
func (o KitchenOrder) save(ctx context.Context, tx *data.Tx) error {
	if len(o.Lines) == 0 {
		_, err := tx.Exec(ctx, `DELETE FROM kitchen_orders WHERE id = ?`, o.ID)
		return err
	}
	body, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("kitchen order %s: %w", o.ID, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO kitchen_orders (id, day, no, ticket, gone, unseen, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET gone = excluded.gone, unseen = excluded.unseen, body = excluded.body`,
		o.ID, o.day, o.No, o.ticket, o.gone(), o.unseen(), string(body))
	return err
}

// kitchenDay is the first business day whose orders the kitchen still makes: that of the clock. A day closed by hand in
// the evening ends in the books; what is on the stove does not (fiscal R45).
func (t *Till) kitchenDay(now time.Time) string { return t.db.BusinessDay(now) }

// KitchenOrders returns what is left to do today at these stations, none meaning all, oldest first: an order keeps its
// place on the screen until it is done.
func (t *Till) KitchenOrders(ctx context.Context, stations []string) ([]KitchenOrder, error) {
	return t.kitchenOrders(ctx, stations, `SELECT `+kitchenColumns+` FROM kitchen_orders WHERE gone = 0 AND day >= ? ORDER BY id LIMIT ?`,
		maxKitchenShown, KitchenOrder.waits)
}

// KitchenDone returns the orders that were last done today at these stations, newest first.
func (t *Till) KitchenDone(ctx context.Context, stations []string) ([]KitchenOrder, error) {
	const day = 2000 // orders of one day; a café sells a few hundred times
	all, err := t.kitchenOrders(ctx, stations, `SELECT `+kitchenColumns+` FROM kitchen_orders WHERE day >= ? ORDER BY id DESC LIMIT ?`,
		day, func(o KitchenOrder) bool { return !o.waits() && !o.DoneAt().IsZero() })
	slices.SortStableFunc(all, func(a, b KitchenOrder) int { return b.DoneAt().Compare(a.DoneAt()) })
	return all[:min(len(all), kitchenRecalled)], err
}

func (t *Till) kitchenOrders(ctx context.Context, stations []string, query string, limit int, wanted func(KitchenOrder) bool) ([]KitchenOrder, error) {
	shown := []KitchenOrder{}
	err := data.Each(ctx, t.db.Reader(), func(r *data.Rows) error {
		o, err := scanKitchen(r.Scan)
		if o = o.at(stations); err == nil && len(o.Lines) > 0 && wanted(o) {
			shown = append(shown, o)
		}
		return err
	}, query, t.kitchenDay(t.db.Now()), limit)
	return shown, err
}

// KitchenAlarm is what the till has to be told: orders that no screen has shown.
type KitchenAlarm struct {
	Late []KitchenOrder // for more than 20 s, oldest first, with the lines that were not shown
	Next time.Duration  // until another one becomes late; 0: none waits
}

// LateKitchen returns the orders that no screen has shown for 20 s, and when to ask again although nothing happens: an
// order is late without anybody committing anything.
func (t *Till) LateKitchen(ctx context.Context) (KitchenAlarm, error) {
	return t.lateKitchen(ctx, t.db.Reader())
}

func (t *Till) lateKitchen(ctx context.Context, q data.Querier) (KitchenAlarm, error) {
	var a KitchenAlarm
	now := t.db.Now()
	err := data.Each(ctx, q, func(r *data.Rows) error {
		o, err := scanKitchen(r.Scan)
		if err != nil {
			return err
		}
		if left := time.UnixMilli(o.unseen()).Add(kitchenPatience).Sub(now); left > 0 {
			if a.Next == 0 || left < a.Next {
				a.Next = left
			}
			return nil
		}
		o.Lines = slices.DeleteFunc(o.Lines, func(l KitchenLine) bool { return l.Seen || l.Finished() })
		a.Late = append(a.Late, o)
		return nil
	}, `SELECT `+kitchenColumns+` FROM kitchen_orders WHERE gone = 0 AND unseen > 0 AND day >= ? ORDER BY unseen, id LIMIT ?`,
		t.kitchenDay(now), maxKitchenShown)
	return a, err
}

// checkKitchen holds the columns of each order against its lines, and its stations against those that are watched.
func checkKitchen(ctx context.Context, q data.Querier) ([]string, error) {
	watched, err := loadWatched(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var gone, unseen int64
		o, err := scanKitchen(func(to ...any) error { return r.Scan(append(to, &gone, &unseen)...) })
		if err != nil {
			return err
		}
		if gone != o.gone() || unseen != o.unseen() {
			bad = append(bad, fmt.Sprintf("kitchen order %s: gone %d, unseen %d; its lines say %d, %d", o.ID, gone, unseen, o.gone(), o.unseen()))
		}
		for _, l := range o.Lines {
			if !slices.Contains(watched, l.Station) {
				bad = append(bad, fmt.Sprintf("kitchen order %s: nobody watches the station of line %d", o.ID, l.N))
			}
		}
		return nil
	}, `SELECT `+kitchenColumns+`, gone, unseen FROM kitchen_orders ORDER BY id LIMIT -1`)
	return bad, err
}
