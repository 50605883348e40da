package pos

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Settings are what the café chooses. What it has not chosen has the default.
type Settings struct {
	HouseBudgetDaily int  `json:"house_budget_daily"` // items the house offers a day before the manager is warned; default 6
	BoardExact       bool `json:"board_exact"`        // the public board tells exact live counts; default no (product.md, decision 5)

	DiscountAlone money.Cents `json:"discount_alone"` // cents that a barista alone may take off a ticket; default 500

	DefaultMode Mode   `json:"default_mode"` // how a new order of the till is consumed; default eaten here
	Hours       string `json:"hours"`        // opening hours in words, for the customers; default none
	LockAfter   int    `json:"lock_after"`   // minutes without a touch after which the till asks for a PIN; 0: never, the default
	KitchenSoon int    `json:"kitchen_soon"` // minutes after which the kitchen is told that an order waits; default 5
	KitchenLate int    `json:"kitchen_late"` // minutes after which it is late, more than KitchenSoon; default 8

	VoucherAnyDay bool `json:"voucher_any_day"` // no warning for titres-restaurant on Sundays and holidays; default no (fiscal R98)

	FixAlone      money.Cents   `json:"fix_alone"`      // cents whose means of payment a barista alone may correct on the day; default 5000
	ReceiptPolicy ReceiptPolicy `json:"receipt_policy"` // when a note is proposed; default NoteFrom25
	VATMention    string        `json:"vat_mention"`    // what a café without VAT prints instead of its columns; empty: the law's own words

	DrawerAlone bool `json:"drawer_alone"` // a barista opens the drawer without a sale, and without a manager; default no

	Generosity // SaveGenerosity changes it
}

// Limits and defaults of settings.
const (
	defaultHouseBudget = 6 // items a day
	maxHouseBudget     = 999
	defaultDiscount    = 500 // cents a ticket
	maxHoursRunes      = 140
	maxLockAfter       = 480 // minutes: a shift
	defaultKitchenSoon = 5   // minutes
	defaultKitchenLate = 8   // minutes
	maxKitchenMinutes  = 120
)

// ReceiptPolicy is when the customer is proposed a note before the payment, and the receipt after it (fiscal R93).
type ReceiptPolicy string

// The policies.
const (
	NoteAlways   ReceiptPolicy = "chr_always" // of every order eaten here
	NoteFrom25   ReceiptPolicy = "note_25"    // of those from 25 euros: arrêté 83-50/A
	NoteOnDemand ReceiptPolicy = "on_demand"  // of none
)

// ReceiptPolicies lists the policies.
func ReceiptPolicies() []ReceiptPolicy { return []ReceiptPolicy{NoteFrom25, NoteAlways, NoteOnDemand} }

// noteFrom is the price of a service, tax included, from which a note is due without being asked for (arrêté 83-50/A).
const noteFrom = 2500

// NoteDue reports whether a note of an order is due by the café's policy: of what is eaten here and costs something.
func (s Settings) NoteDue(mode Mode, total money.Cents) bool {
	switch {
	case mode != EatIn || total <= 0:
		return false
	case s.ReceiptPolicy == NoteAlways:
		return true
	default:
		return s.ReceiptPolicy != NoteOnDemand && total >= noteFrom
	}
}

const (
	defaultFixAlone = 5000 // cents
	maxMentionRunes = 140
)

var errSettings = fault.New(fault.Invalid, "settings.invalid", "A setting is out of range; the fields say which.")

// DefaultSettings are the settings of a café that has chosen nothing.
func DefaultSettings() Settings {
	return Settings{HouseBudgetDaily: defaultHouseBudget, DiscountAlone: defaultDiscount, DefaultMode: EatIn, KitchenSoon: defaultKitchenSoon, KitchenLate: defaultKitchenLate,
		FixAlone: defaultFixAlone, ReceiptPolicy: NoteFrom25, Generosity: defaultGenerosity()}
}

// Settings returns what the café has chosen.
func (t *Till) Settings(ctx context.Context) (Settings, error) {
	return loadSettings(ctx, t.db.Reader())
}

// loadSettings reads the settings. A key of a later version is left alone.
func loadSettings(ctx context.Context, q data.Querier) (Settings, error) {
	s := DefaultSettings()
	into := map[string]any{
		"house_budget_daily": &s.HouseBudgetDaily, "board_exact": &s.BoardExact, "discount_alone": &s.DiscountAlone, "default_mode": &s.DefaultMode, "hours": &s.Hours,
		"lock_after": &s.LockAfter, "kitchen_soon": &s.KitchenSoon, "kitchen_late": &s.KitchenLate, "voucher_any_day": &s.VoucherAnyDay,
		"fix_alone": &s.FixAlone, "receipt_policy": &s.ReceiptPolicy, "vat_mention": &s.VATMention, "drawer_alone": &s.DrawerAlone,
	}
	maps.Copy(into, s.fields())
	rows, err := data.All(ctx, q, func(r *data.Rows) (kv [2]string, err error) { return kv, r.Scan(&kv[0], &kv[1]) },
		`SELECT key, value FROM settings ORDER BY key LIMIT 100`)
	if err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	for _, kv := range rows {
		if field, known := into[kv[0]]; known {
			if err := json.Unmarshal([]byte(kv[1]), field); err != nil {
				return s, fmt.Errorf("setting %s: %w", kv[0], err)
			}
		}
	}
	return s, nil
}

// values returns the settings by key, as they are journaled.
func (s Settings) values() map[string]any {
	return map[string]any{
		"house_budget_daily": s.HouseBudgetDaily, "board_exact": s.BoardExact, "discount_alone": int64(s.DiscountAlone), "default_mode": string(s.DefaultMode), "hours": s.Hours,
		"lock_after": s.LockAfter, "kitchen_soon": s.KitchenSoon, "kitchen_late": s.KitchenLate, "voucher_any_day": s.VoucherAnyDay,
		"fix_alone": int64(s.FixAlone), "receipt_policy": string(s.ReceiptPolicy), "vat_mention": s.VATMention, "drawer_alone": s.DrawerAlone,
	}
}

// check refuses what is out of range, every field at once, and cleans the texts.
func (s *Settings) check() error {
	var c checker
	c.between("house_budget_daily", int64(s.HouseBudgetDaily), 0, maxHouseBudget)
	c.between("discount_alone", int64(s.DiscountAlone), 0, maxPrice)
	c.between("lock_after", int64(s.LockAfter), 0, maxLockAfter)
	c.between("kitchen_soon", int64(s.KitchenSoon), 1, maxKitchenMinutes-1)
	c.between("kitchen_late", int64(s.KitchenLate), min(int64(s.KitchenSoon)+1, maxKitchenMinutes), maxKitchenMinutes)
	if s.DefaultMode != EatIn && s.DefaultMode != Takeaway {
		c.add("default_mode", "one_of", nil)
	}
	c.optional("hours", &s.Hours, maxHoursRunes)
	c.between("fix_alone", int64(s.FixAlone), 0, maxPrice)
	if s.ReceiptPolicy = cmp.Or(s.ReceiptPolicy, NoteFrom25); !slices.Contains(ReceiptPolicies(), s.ReceiptPolicy) {
		c.add("receipt_policy", "one_of", nil)
	}
	c.optional("vat_mention", &s.VATMention, maxMentionRunes)
	return c.refusal(errSettings)
}

// SaveSettings replaces the settings, those of generosity left as they are; one journal entry holds the old and new values of those that differ (fiscal
// R65). Refusals: right.missing, settings.invalid.
func (t *Till) SaveSettings(ctx context.Context, by By, s Settings) (Settings, error) {
	if err := by.mustManage(); err != nil {
		return Settings{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Settings, error) {
		if err := s.check(); err != nil {
			return Settings{}, err
		}
		old, err := loadSettings(ctx, tx)
		s.Generosity = old.Generosity
		if err != nil || old == s {
			return s, err
		}
		return s, t.changeSettings(ctx, tx, by, old.values(), s.values())
	})
	return saved, err
}

func (t *Till) changeSettings(ctx context.Context, tx *data.Tx, by By, before, after map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if before[key] == after[key] {
			delete(before, key)
			delete(after, key)
			continue
		}
		value, err := json.Marshal(after[key])
		if err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, string(value)); err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
	}
	seq, err := t.configured(ctx, tx, by, "settings", "", before, after)
	if err != nil {
		return err
	}
	if mention, changed := after["vat_mention"]; changed { // documents made before keep the words they were made with
		if _, err := tx.Exec(ctx, `INSERT INTO vat_mentions (seq, mention) VALUES (?, ?)`, seq, mention); err != nil {
			return fmt.Errorf("mention of VAT: %w", err)
		}
	}
	return tx.Record(data.Event{Type: "settings.changed", Topics: []string{"settings", "shelf", "board"}, Body: map[string]any{"journal": []int64{seq}}})
}
