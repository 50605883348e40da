package pos

import (
	"context"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Limits of the menu.
const (
	maxProducts   = 1000
	maxCategories = 100
	maxMealUnits  = 9  // of one product: a meal for nine fills a card
	maxGroups     = 8  // option groups of a product
	maxChoices    = 20 // choices of a group
	maxComponents = 10 // of a fixed-price menu
)

// Menu is what the café sells, in the order of the grid. It is shared by whoever reads it: nobody changes it, not
// even a slice inside it.
type Menu struct {
	Categories []Category `json:"categories"`
	Products   []Product  `json:"products"`
	Version    int64      `json:"version"` // grows with every change

	index map[string]int // id → place in Products; nil: only the version is known
}

// Category is a page of the grid.
type Category struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Tint string `json:"tint"` // hot, cold, sweet, savoury, meal, favourites or neutral
}

// Product is one thing on the menu. Amounts are cents, tax included.
type Product struct {
	ID            string            `json:"id"` // a slug; it never changes, the name may
	Name          string            `json:"name"`
	Category      string            `json:"category"` // id of a category; a name is understood when it is saved
	Price         money.Cents       `json:"price"`
	VATEatIn      money.BasisPoints `json:"vat_eat_in_bp"`
	VATTakeaway   money.BasisPoints `json:"vat_takeaway_bp"`
	MealUnits     int               `json:"meal_units"`     // stamps one earns, 0 to 9
	SuspendClass  string            `json:"suspend_class"`  // "" when it cannot be suspended
	GiftPrice     money.Cents       `json:"gift_price"`     // what giving one costs; saved as 0: the price
	Cost          money.Cents       `json:"cost"`           // what it costs the café; saved as 0: estimated from the price
	CostEstimated bool              `json:"cost_estimated"` // Cost is costShare of the price, nobody has said better
	Station       string            `json:"station"`
	Food          bool              `json:"food"` // may be paid by meal voucher
	Favourite     bool              `json:"favourite"`
	Available     bool              `json:"available"`
	Options       []OptionGroup     `json:"options"`
	Components    []Component       `json:"components,omitempty"`
}

// OptionGroup is one question asked about a product. Ids are slugs, unique inside the product.
type OptionGroup struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Required bool     `json:"required"`
	Max      int      `json:"max"` // choices at most; saved as 0: 1
	Choices  []Choice `json:"choices"`
}

// Choice is one answer.
type Choice struct {
	ID    string      `json:"id"` // "lait/avoine"
	Name  string      `json:"name"`
	Price money.Cents `json:"price"` // on top of the product's
}

// Component is a part of a fixed-price menu that mixes rates: the price of the menu is shared over its components
// pro rata of what they cost apart (fiscal R86).
type Component struct {
	Name        string            `json:"name"`
	Price       money.Cents       `json:"price"` // sold apart
	VATEatIn    money.BasisPoints `json:"vat_eat_in_bp"`
	VATTakeaway money.BasisPoints `json:"vat_takeaway_bp"`
}

// costShare is what a product is taken to cost when nobody has said: 30 % of its price, the share of goods in a
// café's turnover that solidarity.md §1 counts with.
const costShare = 30

func estimatedCost(price money.Cents) money.Cents { return (price*costShare + 50) / 100 }

var errNoProduct = fault.New(fault.Invalid, "product.unknown", "There is no such product on the menu.")

// Menu returns the menu as it was last committed.
func (t *Till) Menu(ctx context.Context) (Menu, error) {
	if m := t.menu.Load(); m != nil && m.index != nil {
		return *m, nil
	}
	var m Menu
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		m, err = loadMenu(ctx, q)
		return err
	})
	if err != nil {
		return Menu{}, err
	}
	t.keepMenu(&m)
	return m, nil
}

// keepMenu keeps a menu in memory unless a newer version is known: a slow reader must not bring an old price back.
func (t *Till) keepMenu(m *Menu) {
	for {
		kept := t.menu.Load()
		if kept != nil && (kept.Version > m.Version || kept.Version == m.Version && kept.index != nil) {
			return
		}
		if t.menu.CompareAndSwap(kept, m) {
			return
		}
	}
}

// forgetMenu is told what was committed, before whoever asked for it is answered.
func (t *Till) forgetMenu(events []data.Event) {
	for _, e := range events {
		if slices.Contains(e.Topics, topicMenu) {
			t.keepMenu(&Menu{Version: e.Seq})
		}
	}
}

// topicMenu is carried by every event that changes the menu; its seq is the menu's version.
const topicMenu = "menu"

// product returns one product, for settlement: from the committed menu in memory, or, when that is not loaded,
// from q. Refusal: product.unknown.
func (t *Till) product(ctx context.Context, q data.Querier, id string) (Product, error) {
	m := t.menu.Load()
	if m == nil || m.index == nil {
		return loadProduct(ctx, q, id)
	}
	i, ok := m.index[id]
	if !ok {
		return Product{}, errNoProduct.With("product", id)
	}
	return m.Products[i], nil
}

// SetAvailable takes a product off the menu for now ("épuisé"), or puts it back. Whoever sells may do it.
// Refusals: right.missing, product.unknown.
func (t *Till) SetAvailable(ctx context.Context, by By, productID string, available bool) (Product, error) {
	p, err := command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Product, error) {
		old, err := loadProduct(ctx, tx, productID)
		if err != nil || old.Available == available {
			return old, err
		}
		p := old
		p.Available = available
		if _, err := tx.Exec(ctx, `UPDATE products SET available = ? WHERE id = ?`, available, p.ID); err != nil {
			return Product{}, fmt.Errorf("product %s: %w", p.ID, err)
		}
		return p, t.menuChanged(ctx, tx, by, []productChange{{old: &old, new: p}})
	})
	t.warmMenu(ctx)
	return p, err
}

// SaveProduct adds a product (its id is empty) or changes one. Its category is an id, or a name: a new one is
// created. Refusals: right.missing, product.unknown, menu.invalid (fields: name, price, vat_eat_in_bp,
// options[0].name…), menu.class_rate.
func (t *Till) SaveProduct(ctx context.Context, by By, p Product) (Product, error) {
	if err := by.mustManage(); err != nil {
		return Product{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Product, error) {
		d, err := loadDraft(ctx, tx)
		if err != nil {
			return Product{}, err
		}
		at, known := d.menu.index[p.ID]
		if p.ID != "" && !known {
			return Product{}, errNoProduct.With("product", p.ID)
		}
		if known && p.GiftPrice == d.menu.Products[at].GiftPrice && p.GiftPrice == d.menu.Products[at].Price {
			p.GiftPrice = 0 // it was not set, and comes back as it was read: it follows the price
		}
		clean, breaches := checkProduct(p, tx.Day())
		if len(breaches) == 0 {
			clean, breaches = d.put(clean)
		}
		if len(breaches) == 0 && len(d.misfits()) > 0 {
			breaches = []breach{{field: "suspend_class", code: codeClassRate}}
		}
		if len(breaches) > 0 {
			return Product{}, refuseProduct(breaches)
		}
		if err := t.saveDraft(ctx, tx, by, d); err != nil {
			return Product{}, err
		}
		return loadProduct(ctx, tx, clean.ID)
	})
	t.warmMenu(ctx)
	return saved, err
}

// warmMenu loads the menu again after a change, so that the next tap finds it in memory. It may fail: the change
// is committed, and whoever needs the menu next will load it.
func (t *Till) warmMenu(ctx context.Context) { _, _ = t.Menu(ctx) }
