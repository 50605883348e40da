package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// VATChange is a new table from a business day on: the cells it names, the others stay.
type VATChange struct {
	From  string // business day, today or later
	Rates []VATRate
}

// configVAT is what a CONFIG_CHANGE of rates names.
const configVAT = "vat"

// maxRate bounds a rate: it is no law, but more is a slip of the finger.
const maxRate money.BasisPoints = 3000

var (
	errVAT      = fault.New(fault.Invalid, "vat.invalid", "The rates break a rule; the fields say which.")
	errVATClass = fault.New(fault.Conflict, "vat.class", "What can be suspended would no longer have one rate for its whole class.")
)

// ChangeVAT changes rates of the table from a business day on and returns how many cells change (fiscal R88). What was sold
// keeps its rate; what is open then is paid at the rates of the day it is paid. Each category that changes is an entry of the
// journal with its old and new rates. Refusals: right.missing, vat.invalid (fields from, and <category>.<mode>), vat.class
// (args products: a gift must be taxed as what is served for it, fiscal U1).
func (t *Till) ChangeVAT(ctx context.Context, by By, r VATChange) (int, error) {
	if err := by.mustManage(); err != nil {
		return 0, err
	}
	changed, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (int, error) {
		table, err := loadVAT(ctx, tx)
		if err != nil {
			return 0, err
		}
		if err := r.check(tx.Day()); err != nil {
			return 0, err
		}
		fresh := slices.DeleteFunc(slices.Clone(r.Rates), func(x VATRate) bool {
			bp, _ := table.rateOn(x.Category, x.Mode, r.From)
			return bp == x.BP
		})
		if len(fresh) == 0 {
			return 0, nil
		}
		if err := t.keepVAT(ctx, tx, r.From, fresh); err != nil {
			return 0, err
		}
		if err := t.onePerClass(ctx, tx, r.From); err != nil {
			return 0, err
		}
		return len(fresh), t.recordVAT(ctx, tx, by, table, r.From, fresh)
	})
	t.warmMenu(ctx)
	return changed, err
}

func (r VATChange) check(today string) error {
	var c checker
	switch _, err := time.Parse(time.DateOnly, r.From); {
	case err != nil:
		c.add("from", "date", nil)
	case r.From < today:
		c.add("from", "past", nil)
	}
	for _, x := range r.Rates {
		field := string(x.Category) + "." + string(x.Mode)
		if !slices.Contains(VATCategories(), x.Category) || !slices.Contains(VATModes(), x.Mode) {
			c.add(field, "unknown", nil)
		}
		if x.BP < 0 || x.BP > maxRate {
			c.add(field, "percent", map[string]any{"max": int64(maxRate / 100)})
		}
	}
	return c.refusal(errVAT)
}

func (t *Till) keepVAT(ctx context.Context, tx *data.Tx, from string, rates []VATRate) error {
	for _, x := range rates {
		if _, err := tx.Exec(ctx, `INSERT INTO vat_rates (category, mode, from_day, bp) VALUES (?, ?, ?, ?)
			ON CONFLICT (category, mode, from_day) DO UPDATE SET bp = excluded.bp`, string(x.Category), string(x.Mode), from, int64(x.BP)); err != nil {
			return fmt.Errorf("rate of %s: %w", x.Category, err)
		}
	}
	return nil
}

// onePerClass refuses rates by which a suspended class would have more than one, on the day they begin or on a later one
// that others begin.
func (t *Till) onePerClass(ctx context.Context, tx *data.Tx, from string) error {
	table, err := loadVAT(ctx, tx)
	if err != nil {
		return err
	}
	days := []string{from}
	for _, r := range table {
		if r.From > from && !slices.Contains(days, r.From) {
			days = append(days, r.From)
		}
	}
	for _, day := range days {
		d, err := loadDraft(ctx, tx, day)
		if err != nil {
			return err
		}
		var names []string
		for _, p := range d.products {
			if !p.Archived && !d.admits(p) {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			return errVATClass.With("products", strings.Join(names[:min(len(names), namedTickets)], ", ")).With("day", day)
		}
	}
	return nil
}

// recordVAT journals each category that changes, moves the version of the menu, which every page of prices follows, and
// records the event.
func (t *Till) recordVAT(ctx context.Context, tx *data.Tx, by By, was vatTable, from string, rates []VATRate) error {
	var journaled []int64
	for _, c := range VATCategories() {
		before, after := map[string]any{}, map[string]any{}
		for _, x := range rates {
			if x.Category == c {
				bp, _ := was.rateOn(c, x.Mode, from)
				before[string(x.Mode)], after[string(x.Mode)] = int64(bp), int64(x.BP)
			}
		}
		if len(after) == 0 {
			continue
		}
		after["from"] = from
		seq, err := t.configured(ctx, tx, by, configVAT, string(c), before, after)
		if err != nil {
			return err
		}
		journaled = append(journaled, seq)
	}
	if _, err := tx.Exec(ctx, `UPDATE menu SET version = ? WHERE one = 1`, tx.EventSeq()); err != nil {
		return fmt.Errorf("menu version: %w", err)
	}
	return tx.Record(data.Event{Type: vatChanged, Topics: []string{topicMenu}, Body: map[string]any{"journal": journaled}})
}
