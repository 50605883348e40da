package pos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
)

// kitchenState is what the writer keeps of the kitchen in memory, so that a sale asks the database nothing while no
// station is watched.
type kitchenState struct {
	watched []string // stations that some screen shows, in the order they were chosen; replaced, never changed in place
	day     string   // of the oldest rows that may be there
}

const watchedKey = "kitchen_stations" // in settings; a list, as JSON

func loadKitchenState(ctx context.Context, q data.Querier) (s kitchenState, err error) {
	if s.watched, err = loadWatched(ctx, q); err != nil {
		return s, err
	}
	err = q.QueryRow(ctx, `SELECT coalesce(min(day), '') FROM kitchen_orders`).Scan(&s.day)
	return s, err
}

func loadWatched(ctx context.Context, q data.Querier) ([]string, error) {
	var text string
	err := q.QueryRow(ctx, `SELECT value FROM settings WHERE key = ?`, watchedKey).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var watched []string
	if err := json.Unmarshal([]byte(text), &watched); err != nil {
		return nil, fmt.Errorf("setting %s: %w", watchedKey, err)
	}
	return watched, nil
}

// KitchenStation is a place where things are made, as the menu names it.
type KitchenStation struct {
	Key     string // its name without case and accents: what orders and screens go by
	Name    string // as the menu writes it
	Watched bool   // some screen shows it
}

// KitchenStations returns the stations of the menu in the order of the grid, then those that are watched and no longer
// on the menu. Products without a station are handed over at the counter.
func (t *Till) KitchenStations(ctx context.Context) ([]KitchenStation, error) {
	menu, err := t.Menu(ctx)
	if err != nil {
		return nil, err
	}
	watched := t.kitchen.Committed().watched
	all := []KitchenStation{}
	add := func(key, name string) {
		if key != "" && !slices.ContainsFunc(all, func(s KitchenStation) bool { return s.Key == key }) {
			all = append(all, KitchenStation{Key: key, Name: name, Watched: slices.Contains(watched, key)})
		}
	}
	for _, p := range menu.Products {
		add(fold(p.Station), p.Station)
	}
	for _, key := range watched {
		add(key, key)
	}
	return all, nil
}

// WatchStations says that a screen shows these stations: from now on their orders exist, and one that is not shown alarms
// the till. What was sent today and is still open is shown too. It lasts until UnwatchStations. Refusal: station.unknown.
func (t *Till) WatchStations(ctx context.Context, by By, stations []string) error {
	known, err := t.KitchenStations(ctx)
	if err != nil {
		return err
	}
	for _, key := range stations {
		if !slices.ContainsFunc(known, func(s KitchenStation) bool { return s.Key == key }) {
			return fault.New(fault.Invalid, "station.unknown", "The menu has no such station.").With("station", key)
		}
	}
	return t.changeWatched(ctx, by, func(watched []string) []string {
		for _, key := range stations {
			if !slices.Contains(watched, key) {
				watched = append(watched, key)
			}
		}
		return watched
	})
}

// UnwatchStations says that no screen shows these stations any more. What waits for them leaves the kitchen, and nobody is
// alarmed: the counter calls it out.
func (t *Till) UnwatchStations(ctx context.Context, by By, stations []string) error {
	return t.changeWatched(ctx, by, func(watched []string) []string {
		return slices.DeleteFunc(watched, func(key string) bool { return slices.Contains(stations, key) })
	})
}

// changeWatched is a change of configuration: journaled with the old and the new list (fiscal R65).
func (t *Till) changeWatched(ctx context.Context, by By, change func([]string) []string) error {
	_, err := command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		var none struct{}
		state := t.kitchen.Get(tx)
		old := state.watched
		state.watched = change(slices.Clone(old))
		if slices.Equal(old, state.watched) {
			return none, nil
		}
		value, err := json.Marshal(nonNil(state.watched))
		if err != nil {
			return none, fmt.Errorf("setting %s: %w", watchedKey, err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, watchedKey, string(value)); err != nil {
			return none, fmt.Errorf("setting %s: %w", watchedKey, err)
		}
		if err := forgetStations(ctx, tx, state.watched); err != nil {
			return none, err
		}
		t.kitchen.Set(tx, state)
		topics, err := t.catchUp(ctx, tx)
		if err != nil {
			return none, err
		}
		seq, err := t.configured(ctx, tx, by, "settings", "", map[string]any{watchedKey: nonNil(old)}, map[string]any{watchedKey: nonNil(state.watched)})
		if err != nil {
			return none, err
		}
		return none, tx.Record(data.Event{Type: "kitchen.watched", Topics: append(topics, topicKitchen, "settings"), Body: map[string]any{"journal": []int64{seq}}})
	})
	return err
}

// catchUp puts on the screens what was sent today, and is still open, while nobody watched its station: a screen that is
// switched on late does not begin with "nothing waits". It returns the topics of the tickets it has touched.
func (t *Till) catchUp(ctx context.Context, tx *data.Tx) (topics []string, err error) {
	open, err := data.All(ctx, tx, func(r *data.Rows) (ticket, error) { return scanTicket(r.Scan) },
		`SELECT `+ticketColumns+` FROM tickets WHERE state = 'open' AND day >= ? ORDER BY opened, id LIMIT ?`, t.kitchenDay(tx.Now()), maxOpenTickets)
	if err != nil {
		return nil, err
	}
	for _, tk := range open {
		if err := t.toKitchen(ctx, tx, &tk, line.unheard); err != nil {
			return nil, err
		}
		if !tk.kitchen {
			continue
		}
		if err := tk.save(ctx, tx); err != nil {
			return nil, err
		}
		topics = append(topics, "ticket:"+tk.ID)
	}
	return topics, nil
}

// forgetStations takes the lines of all other stations out of the kitchen.
func forgetStations(ctx context.Context, tx *data.Tx, watched []string) error {
	all, err := data.All(ctx, tx, func(r *data.Rows) (KitchenOrder, error) { return scanKitchen(r.Scan) },
		`SELECT `+kitchenColumns+` FROM kitchen_orders ORDER BY id LIMIT -1`)
	if err != nil {
		return err
	}
	for _, o := range all {
		left := slices.DeleteFunc(slices.Clone(o.Lines), func(l KitchenLine) bool { return !slices.Contains(watched, l.Station) })
		if len(left) == len(o.Lines) {
			continue
		}
		o.Lines = left
		if err := o.save(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
