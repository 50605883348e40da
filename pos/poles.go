package pos

import (
	"context"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
)

// Limits of poles.
const (
	maxPoles     = 10
	maxPoleRunes = 24 // of a name, and of a till's
)

// Pole is a customers' display beside a till: two rows of twenty letters on a serial line.
type Pole struct {
	Name     string `json:"name"`
	URI      string `json:"uri"`      // such as serial:///dev/ttyUSB0?baud=9600
	Protocol string `json:"protocol"` // escpos or cd5220
	Page     int    `json:"page"`     // number of the code page it is asked for
	Charmap  string `json:"charmap"`  // which letters that page has, such as windows-1252
	Till     string `json:"till"`     // name of the till it follows
}

var (
	errPole   = fault.New(fault.Invalid, "pole.invalid", "What is said of the pole breaks a rule; the fields say which.")
	errNoPole = fault.New(fault.NotFound, "pole.unknown", "There is no pole of that name.")
	errPoles  = fault.New(fault.Conflict, "poles.full", "The café has too many poles; remove one.").With("max", maxPoles)
)

// Poles lists the café's poles by name.
func (t *Till) Poles(ctx context.Context) ([]Pole, error) { return loadPoles(ctx, t.db.Reader()) }

func loadPoles(ctx context.Context, q data.Querier) ([]Pole, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (p Pole, err error) {
		return p, r.Scan(&p.Name, &p.URI, &p.Protocol, &p.Page, &p.Charmap, &p.Till)
	}, `SELECT name, uri, protocol, page, charmap, till FROM poles ORDER BY name LIMIT ?`, maxPoles)
	if err != nil {
		return nil, fmt.Errorf("poles: %w", err)
	}
	return nonNil(all), nil
}

// facts are a pole as the journal states it.
func (p Pole) facts() map[string]any {
	return map[string]any{"uri": p.URI, "protocol": p.Protocol, "page": p.Page, "charmap": p.Charmap, "till": p.Till}
}

// check refuses what no pole is, every field at once. Whether its address can be one is the driver's to say.
func (p *Pole) check() error {
	var c checker
	c.name("name", &p.Name)
	c.optional("name", &p.Name, maxPoleRunes)
	c.name("till", &p.Till)
	c.optional("till", &p.Till, maxPoleRunes)
	c.name("uri", &p.URI)
	c.between("page", int64(p.Page), 0, 255)
	if !slices.Contains([]string{"escpos", "cd5220"}, p.Protocol) {
		c.add("protocol", "one_of", nil)
	}
	if p.Charmap == "" {
		c.add("charmap", codeRequired, nil)
	}
	return c.refusal(errPole)
}

// SavePole sets a pole up, or changes the one of that name. It is a change of configuration: journaled with the old and the
// new values (fiscal R65). Refusals: right.missing, pole.invalid (fields name, uri, protocol, page, charmap, till),
// poles.full.
func (t *Till) SavePole(ctx context.Context, by By, p Pole) (Pole, error) {
	if err := by.mustManage(); err != nil {
		return Pole{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Pole, error) {
		if err := p.check(); err != nil {
			return p, err
		}
		all, err := loadPoles(ctx, tx)
		if err != nil {
			return p, err
		}
		before := map[string]any{}
		at := slices.IndexFunc(all, func(o Pole) bool { return fold(o.Name) == fold(p.Name) })
		switch {
		case at < 0 && len(all) >= maxPoles:
			return p, errPoles
		case at >= 0:
			if p.Name = all[at].Name; all[at] == p {
				return p, nil
			}
			before = all[at].facts()
		}
		if _, err := tx.Exec(ctx, `INSERT INTO poles (name, uri, protocol, page, charmap, till) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET uri = excluded.uri, protocol = excluded.protocol, page = excluded.page, charmap = excluded.charmap,
			till = excluded.till`, p.Name, p.URI, p.Protocol, p.Page, p.Charmap, p.Till); err != nil {
			return p, fmt.Errorf("pole %s: %w", p.Name, err)
		}
		return p, t.poleChanged(ctx, tx, by, p.Name, before, p.facts())
	})
	return saved, err
}

// RemovePole takes a pole away. Refusals: right.missing, pole.unknown.
func (t *Till) RemovePole(ctx context.Context, by By, name string) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		var none struct{}
		all, err := loadPoles(ctx, tx)
		if err != nil {
			return none, err
		}
		at := slices.IndexFunc(all, func(p Pole) bool { return p.Name == name })
		if at < 0 {
			return none, errNoPole.With("name", name)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM poles WHERE name = ?`, name); err != nil {
			return none, fmt.Errorf("remove pole: %w", err)
		}
		return none, t.poleChanged(ctx, tx, by, name, all[at].facts(), map[string]any{})
	})
	return err
}

func (t *Till) poleChanged(ctx context.Context, tx *data.Tx, by By, name string, before, after map[string]any) error {
	for key, was := range before {
		if is, there := after[key]; there && is == was {
			delete(before, key)
			delete(after, key)
		}
	}
	seq, err := t.configured(ctx, tx, by, "pole", name, before, after)
	if err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "pole.changed", Topics: []string{topicDevices}, Body: map[string]any{"journal": []int64{seq}}})
}

// checkPoles: each pole is one that could be set up again.
func checkPoles(ctx context.Context, q data.Querier) ([]string, error) {
	all, err := loadPoles(ctx, q)
	var bad []string
	for _, p := range all {
		kept := p
		if err := p.check(); err != nil || p != kept {
			bad = append(bad, fmt.Sprintf("pole %s: %v", kept.Name, err))
		}
	}
	return bad, err
}
