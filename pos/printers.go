package pos

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/escpos"
)

// Limits of printers.
const (
	maxPrinters     = 20
	maxPrinterRunes = 24 // of a name: it stands in one line with what is wrong
	maxURIBytes     = 200
)

// Printer is one printer of the café: where it is reached, what it can do, and what comes out of it.
type Printer struct {
	Name     string         `json:"name"`
	URI      string         `json:"uri"` // tcp://host:9100, usb:///dev/usb/lp0, serial:///dev/ttyUSB0, cups://queue or virtual:
	Profile  escpos.Profile `json:"profile"`
	Receipts bool           `json:"receipts"` // documents, notes, closings and cards
	Stations []string       `json:"stations"` // of the kitchen that it prints for: keys of KitchenStations
	Fallback string         `json:"fallback"` // name of the one that prints in its place; empty: none
	Active   bool           `json:"active"`   // nothing is sent to one that is set aside
}

// HasDrawer reports whether a drawer hangs on it.
func (p Printer) HasDrawer() bool { return p.Active && p.Profile.Pin >= 0 }

var (
	errPrinter   = fault.New(fault.Invalid, "printer.invalid", "What is said of the printer breaks a rule; the fields say which.")
	errNoPrinter = fault.New(fault.NotFound, "printer.unknown", "There is no printer of that name.")
	errPrinters  = fault.New(fault.Conflict, "printers.full", "The café has too many printers; remove one.").With("max", maxPrinters)
)

// printerState is what the writer keeps of the printers in memory, so that a sale asks the database nothing of them.
type printerState struct {
	all []Printer // in the order they were set up; replaced, never changed in place
}

func loadPrinters(ctx context.Context, q data.Querier) (printerState, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Printer, error) {
		var p Printer
		var profile, stations string
		if err := r.Scan(&p.Name, &p.URI, &profile, &p.Receipts, &stations, &p.Fallback, &p.Active); err != nil {
			return p, err
		}
		if err := json.Unmarshal([]byte(profile), &p.Profile); err != nil {
			return p, fmt.Errorf("profile of printer %s: %w", p.Name, err)
		}
		if err := json.Unmarshal([]byte(stations), &p.Stations); err != nil {
			return p, fmt.Errorf("stations of printer %s: %w", p.Name, err)
		}
		return p, nil
	}, `SELECT name, uri, profile, receipts, stations, fallback, active FROM printers ORDER BY position LIMIT ?`, maxPrinters)
	return printerState{all}, err
}

// named returns the printer of a name, written as one likes.
func (s printerState) named(name string) (Printer, bool) {
	folded := fold(name)
	i := slices.IndexFunc(s.all, func(p Printer) bool { return fold(p.Name) == folded })
	if i < 0 {
		return Printer{}, false
	}
	return s.all[i], true
}

// NoPrinter is the printer of a till that has none: nothing comes out of another's in its place, and no drawer opens.
const NoPrinter = "-"

// receipts is the printer that the papers of a till come out of: its own, else the café's first; none when no printer
// prints receipts, and for a till of NoPrinter.
func (s printerState) receipts(till string) (Printer, bool) {
	if till == NoPrinter {
		return Printer{}, false
	}
	if p, there := s.named(till); there && p.Active && p.Receipts {
		return p, true
	}
	i := slices.IndexFunc(s.all, func(p Printer) bool { return p.Active && p.Receipts })
	if i < 0 {
		return Printer{}, false
	}
	return s.all[i], true
}

// at are the printers of a station of the kitchen.
func (s printerState) at(station string) []Printer {
	var all []Printer
	for _, p := range s.all {
		if p.Active && slices.Contains(p.Stations, station) {
			all = append(all, p)
		}
	}
	return all
}

// Printers lists the printers of the café in the order they were set up.
func (t *Till) Printers(ctx context.Context) ([]Printer, error) {
	if t.printers == nil { // opened read-only
		s, err := loadPrinters(ctx, t.db.Reader())
		return nonNil(s.all), err
	}
	return nonNil(slices.Clone(t.printers.Committed().all)), nil
}

// PrinterNamed returns a printer; case and accents of its name do not matter. Refusal: printer.unknown.
func (t *Till) PrinterNamed(ctx context.Context, name string) (Printer, error) {
	all, err := t.Printers(ctx)
	if err != nil {
		return Printer{}, err
	}
	p, there := printerState{all}.named(name)
	if !there {
		return p, errNoPrinter.Field("printer", "unknown").With("name", name)
	}
	return p, nil
}

// ReceiptPrinter is the printer that the papers of a till come out of: the one named, else the café's first; ok is false
// when there is none, and the browser prints.
func (t *Till) ReceiptPrinter(name string) (p Printer, ok bool) {
	if t.printers == nil {
		return p, false
	}
	return t.printers.Committed().receipts(name)
}

// SavePrinter sets a printer up, or changes the one of that name. It is a change of configuration: journaled with the old
// and the new values (fiscal R65).
//
// Refusals: right.missing, printer.invalid (fields name, uri, profile, stations, fallback), printers.full.
func (t *Till) SavePrinter(ctx context.Context, by By, p Printer) (Printer, error) {
	if err := by.mustManage(); err != nil {
		return Printer{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Printer, error) {
		state := t.printers.Get(tx)
		old, known := state.named(p.Name)
		if known {
			p.Name = old.Name
		}
		if err := p.check(state); err != nil {
			return p, err
		}
		if !known && len(state.all) >= maxPrinters {
			return p, errPrinters
		}
		if known && same(old, p) {
			return p, nil
		}
		all := slices.Clone(state.all)
		if i := slices.IndexFunc(all, func(o Printer) bool { return o.Name == p.Name }); i >= 0 {
			all[i] = p
		} else {
			all = append(all, p)
		}
		if err := p.write(ctx, tx); err != nil {
			return p, err
		}
		t.printers.Set(tx, printerState{all})
		before := map[string]any{}
		if known {
			before = old.facts()
		}
		return p, t.printerChanged(ctx, tx, by, p.Name, before, p.facts())
	})
	return saved, err
}

// RemovePrinter takes a printer away; those it would have printed in place of do without. What still waits for it asks
// what should become of it. Refusals: right.missing, printer.unknown.
func (t *Till) RemovePrinter(ctx context.Context, by By, name string) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		var none struct{}
		state := t.printers.Get(tx)
		gone, there := state.named(name)
		if !there {
			return none, errNoPrinter.With("name", name)
		}
		all := slices.DeleteFunc(slices.Clone(state.all), func(p Printer) bool { return p.Name == gone.Name })
		for i := range all {
			if all[i].Fallback == gone.Name {
				all[i].Fallback = ""
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM printers WHERE name = ?`, gone.Name); err != nil {
			return none, fmt.Errorf("remove printer: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE printers SET fallback = '' WHERE fallback = ?`, gone.Name); err != nil {
			return none, fmt.Errorf("remove printer: %w", err)
		}
		t.printers.Set(tx, printerState{all})
		return none, t.printerChanged(ctx, tx, by, gone.Name, gone.facts(), map[string]any{})
	})
	return err
}

// printerChanged journals a change of a printer: what differs, before and after.
func (t *Till) printerChanged(ctx context.Context, tx *data.Tx, by By, name string, before, after map[string]any) error {
	for key, was := range before {
		if is, there := after[key]; there && fmt.Sprint(is) == fmt.Sprint(was) {
			delete(before, key)
			delete(after, key)
		}
	}
	seq, err := t.configured(ctx, tx, by, "printer", name, before, after)
	if err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "printer.changed", Topics: []string{topicDevices}, Body: map[string]any{"journal": []int64{seq}}})
}

// facts are what the journal says of a printer.
func (p Printer) facts() map[string]any {
	profile := fmt.Sprintf("%s %d×%d %d=%s qr=%t image=%t cut=%s status=%t pin=%d", p.Profile.Name, p.Profile.Columns, p.Profile.Dots,
		p.Profile.Page, p.Profile.Charmap, p.Profile.QR, p.Profile.Image, p.Profile.Cut, p.Profile.Status, p.Profile.Pin)
	return map[string]any{"uri": p.URI, "profile": profile, "receipts": p.Receipts, "stations": p.Stations, "fallback": p.Fallback, "active": p.Active}
}

func same(a, b Printer) bool {
	return a.Name == b.Name && a.URI == b.URI && a.Profile == b.Profile && a.Receipts == b.Receipts &&
		slices.Equal(a.Stations, b.Stations) && a.Fallback == b.Fallback && a.Active == b.Active
}

func (p Printer) write(ctx context.Context, tx *data.Tx) error {
	profile, err := json.Marshal(p.Profile)
	if err != nil {
		return fmt.Errorf("profile of printer %s: %w", p.Name, err)
	}
	stations, err := json.Marshal(nonNil(p.Stations))
	if err != nil {
		return fmt.Errorf("stations of printer %s: %w", p.Name, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO printers (name, folded, uri, profile, receipts, stations, fallback, active, position)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM printers))
		ON CONFLICT (name) DO UPDATE SET uri = excluded.uri, profile = excluded.profile, receipts = excluded.receipts,
			stations = excluded.stations, fallback = excluded.fallback, active = excluded.active`,
		p.Name, fold(p.Name), p.URI, string(profile), p.Receipts, string(stations), p.Fallback, p.Active)
	if err != nil {
		return fmt.Errorf("printer %s: %w", p.Name, err)
	}
	return nil
}

// check cleans what is said of a printer and holds it against the rules and the other printers.
func (p *Printer) check(others printerState) error {
	refused := *errPrinter
	add := func(field, code string) {
		refused.Fields = append(refused.Fields, fault.Field{Name: field, Code: code})
	}
	name, err := cleanText("name", p.Name, maxPrinterRunes)
	switch p.Name = name; {
	case err != nil || strings.ContainsAny(name, "/=?#%&\\"):
		add("name", "printer_name")
	case fold(name) == "":
		add("name", codeRequired)
	}
	if p.URI = strings.TrimSpace(p.URI); !isDeviceURI(p.URI) {
		add("uri", "printer_uri")
	}
	if p.Profile.Check() != nil {
		add("profile", "one_of")
	}
	kept := []string{}
	for _, s := range p.Stations {
		if key := fold(s); key != "" && !slices.Contains(kept, key) {
			kept = append(kept, key)
		}
	}
	p.Stations = kept
	if p.Fallback != "" {
		other, there := others.named(p.Fallback)
		p.Fallback = other.Name
		if !there || other.Name == p.Name {
			add("fallback", "unknown")
		}
	}
	if len(refused.Fields) > 0 {
		return &refused
	}
	return nil
}

// isDeviceURI reports whether a text can be where a printer is reached. What each kind wants is the driver's to say.
func isDeviceURI(uri string) bool {
	scheme, rest, found := strings.Cut(uri, ":")
	if !found || len(uri) > maxURIBytes || strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r == 0x7f || r > 0x7e }) {
		return false
	}
	switch scheme {
	case "virtual":
		return true
	case "tcp", "usb", "serial", "cups":
		return strings.HasPrefix(rest, "//") && len(rest) > len("//")
	}
	return false
}

// checkPrinters holds each printer against the rules that SavePrinter holds it to.
func checkPrinters(ctx context.Context, q data.Querier) ([]string, error) {
	s, err := loadPrinters(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, p := range s.all {
		if err := p.check(s); err != nil {
			bad = append(bad, fmt.Sprintf("printer %s: %v", p.Name, err))
		}
	}
	slices.SortFunc(bad, cmp.Compare[string])
	return bad, nil
}
