package pos

import (
	"cmp"
	"context"
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

// Menu is what the café sells on a business day, in the order of the grid. It is shared by whoever reads it: nobody
// changes it, not even a slice inside it.
type Menu struct {
	Categories []Category `json:"categories"`
	Products   []Product  `json:"products"` // what is on the grid; see Archived
	Version    int64      `json:"version"`  // grows with every change

	archived []Product
}

// Category is a page of the grid.
type Category struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Tint     string `json:"tint"`               // hot, cold, sweet, savoury, meal, favourites or neutral
	Position int    `json:"position,omitempty"` // place on the rail, from 1; in a file 0 says nothing of it
	Version  int64  `json:"version,omitempty"`  // grows when its name or tint changes; see SaveCategory
}

// Product is one thing on the menu. Amounts are cents, tax included.
type Product struct {
	ID             string            `json:"id"` // a slug; it never changes, the name may
	Name           string            `json:"name"`
	Category       string            `json:"category"`           // id of a category; a name is understood when it is saved
	Position       int               `json:"position,omitempty"` // place in its category, from 1; in a file 0 says nothing of it
	Price          money.Cents       `json:"price"`
	VATEatIn       money.BasisPoints `json:"vat_eat_in_bp"`
	VATTakeaway    money.BasisPoints `json:"vat_takeaway_bp"`
	MealUnits      int               `json:"meal_units"`     // stamps one earns, 0 to 9
	SuspendClass   string            `json:"suspend_class"`  // "" when it cannot be suspended
	GiftPrice      money.Cents       `json:"gift_price"`     // what giving one costs; saved as 0: the price
	Cost           money.Cents       `json:"cost"`           // what it costs the café; saved as 0: estimated from the price
	CostEstimated  bool              `json:"cost_estimated"` // Cost is costShare of the price, nobody has said better
	Station        string            `json:"station"`
	Food           bool              `json:"food"` // may be paid by meal voucher
	Favourite      bool              `json:"favourite"`
	FavouritePlace int               `json:"favourite_place,omitempty"` // place among the favourites, from 1; 0: no favourite
	Available      bool              `json:"available"`
	Back           string            `json:"back,omitempty"` // business day on which what is not available is so again by itself; "": when somebody says so
	Archived       bool              `json:"archived"`       // off the grid; reports and open orders keep it
	Options        []OptionGroup     `json:"options"`
	Components     []Component       `json:"components,omitempty"`
	Version        int64             `json:"version,omitempty"` // grows when SaveProduct or an import changes it; see SaveProduct
	VATCategory    VATCategory       `json:"vat_category"`      // whose rates are those above; saved as "": the one that has them
	VATKept        bool              `json:"vat_kept"`          // packaged to be kept: taken away, it has that rate
	Barcode        string            `json:"barcode,omitempty"` // EAN-8 or EAN-13 that it bears; "": none
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
	VATCategory VATCategory       `json:"vat_category"` // as the product's
}

// costShare is what a product is taken to cost when nobody has said: 30 % of its price, the share of goods in a
// café's turnover that solidarity.md §1 counts with.
const costShare = 30

// GiftBelowCost reports whether giving this product brings less than it costs: then every gift costs the café
// (solidarity.md §4b). It is told, never refused.
func (p Product) GiftBelowCost() bool { return p.SuspendClass != "" && p.GiftPrice < p.Cost }

func estimatedCost(price money.Cents) money.Cents { return (price*costShare + 50) / 100 }

var errNoProduct = fault.New(fault.Invalid, "product.unknown", "There is no such product on the menu.")

// Archived lists the products that were put away, by category and place.
func (m Menu) Archived() []Product { return m.archived }

// Same reports whether both are one reading of the menu: what was made of one is good for the other. A menu that was read again,
// or of another day, is not the same even where nothing differs; nor is one without products, of which there is nothing to make.
func (m Menu) Same(o Menu) bool {
	return len(m.Products) > 0 && len(m.Products) == len(o.Products) && &m.Products[0] == &o.Products[0] && m.Version == o.Version
}

// Favourites lists the favourites of the grid in the order the manager gave them.
func (m Menu) Favourites() []Product {
	var liked []Product
	for _, p := range m.Products {
		if p.Favourite {
			liked = append(liked, p)
		}
	}
	slices.SortFunc(liked, func(a, b Product) int { return cmp.Compare(a.FavouritePlace, b.FavouritePlace) })
	return liked
}

// keptMenu is the menu in memory. What is sold out until a day is available from that day on by the clock alone: the
// menu is made again from the rows when the business day changes, without a job and without a write.
type keptMenu struct {
	version int64
	rows    *menuRows // nil: only the version is known
	day     string    // business day of the others
	menu    Menu
	index   map[string]*Product // archived ones too
}

// menuRows is the menu as it stands in the database.
type menuRows struct {
	categories []Category
	products   []Product // in the order of the grid, archived ones too
	version    int64
	vat        vatTable
}

// on returns the menu of a business day.
func (r *menuRows) on(day string) *keptMenu {
	k := &keptMenu{version: r.version, rows: r, day: day, index: make(map[string]*Product, len(r.products)),
		menu: Menu{Categories: r.categories, Products: make([]Product, 0, len(r.products)), archived: []Product{}, Version: r.version}}
	for _, p := range r.products {
		p = p.on(day).charged(r.vat, day)
		k.index[p.ID] = &p
		if p.Archived {
			k.menu.archived = append(k.menu.archived, p)
		} else {
			k.menu.Products = append(k.menu.Products, p)
		}
	}
	return k
}

// on returns the product as it is on a business day.
func (p Product) on(day string) Product {
	if !p.Available && p.Back != "" && p.Back <= day {
		p.Available, p.Back = true, ""
	}
	return p
}

// Menu returns the menu as it was last committed, as it is today.
func (t *Till) Menu(ctx context.Context) (Menu, error) {
	if k := t.todaysMenu(); k != nil {
		return k.menu, nil
	}
	var rows *menuRows
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		rows, err = loadMenu(ctx, q)
		return err
	})
	if err != nil {
		return Menu{}, err
	}
	k := rows.on(t.db.Today())
	t.keepMenu(k)
	return k.menu, nil
}

// todaysMenu is the committed menu in memory; nil when none is loaded.
func (t *Till) todaysMenu() *keptMenu {
	k := t.menu.Load()
	if k == nil || k.rows == nil {
		return nil
	}
	if today := t.db.Today(); k.day != today {
		next := k.rows.on(today)
		t.menu.CompareAndSwap(k, next) // whoever was faster has the same, or a newer one
		return next
	}
	return k
}

// keepMenu keeps a menu in memory unless a newer version is known: a slow reader must not bring an old price back.
func (t *Till) keepMenu(m *keptMenu) {
	for {
		kept := t.menu.Load()
		if kept != nil && (kept.version > m.version || kept.version == m.version && kept.rows != nil) {
			return
		}
		if t.menu.CompareAndSwap(kept, m) {
			return
		}
	}
}

// forgetMenu is told what was committed, before whoever asked for it is answered. It goes by the type, not by the topic: a
// closing makes screens read the menu again, of a new day, but leaves its version; taken for a change, it would leave the till
// waiting for a version that never comes, and reading every product from its rows at every tap.
func (t *Till) forgetMenu(events []data.Event) {
	for _, e := range events {
		if e.Type == menuChanged || e.Type == vatChanged {
			t.keepMenu(&keptMenu{version: e.Seq})
		}
	}
}

// The events that change the menu; the seq of each is its new version.
const (
	menuChanged = "menu.changed"
	vatChanged  = "vat.changed"
)

// topicMenu is carried by every event after which screens read the menu again.
const topicMenu = "menu"

// product returns one product, archived ones too, for settlement: from the committed menu in memory, or, when that
// is not loaded, from q. Refusal: product.unknown.
func (t *Till) product(ctx context.Context, q data.Querier, id string) (Product, error) {
	k := t.todaysMenu()
	if k == nil {
		return loadProductOn(ctx, q, id, t.db.Today())
	}
	p, ok := k.index[id]
	if !ok {
		return Product{}, errNoProduct.With("product", id)
	}
	return *p, nil
}

// errStale is told to whoever saves what somebody else has changed since they read it. Its fields say what differs,
// each with the value now and the one that was sent.
var errStale = fault.New(fault.Conflict, "menu.stale", "Somebody else has changed it meanwhile; the fields say what differs.")

// SaveProduct adds a product (its id is empty) or changes one. Its category is an id, or a name: a new one is
// created; a product that comes into a category comes last. Of one that exists, it leaves alone whether it is
// available or archived, and its place: SetAvailable, ArchiveProduct, MoveProduct and MoveFavourite change those.
//
// A version other than 0 must be the product's own: else somebody else was faster. Refusals: right.missing,
// product.unknown, menu.invalid (fields: name, price, vat_eat_in_bp, barcode, options[0].name…), menu.class_rate, menu.stale
// (args version, the one there is now; fields with args now and sent).
func (t *Till) SaveProduct(ctx context.Context, by By, p Product) (Product, error) {
	if err := by.mustManage(); err != nil {
		return Product{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Product, error) {
		d, err := loadDraft(ctx, tx, tx.Day())
		if err != nil {
			return Product{}, err
		}
		if p, err = d.meant(p); err != nil {
			return Product{}, err
		}
		p, breaches := d.placed(p, tx.Day())
		clean, more := checkProduct(p, tx.Day())
		if breaches = append(breaches, more...); len(breaches) == 0 {
			clean, breaches = d.put(clean)
		}
		if len(breaches) == 0 && len(d.misfits()) > 0 {
			breaches = []breach{{field: "suspend_class", code: codeClassRate}}
		}
		if len(breaches) == 0 && len(d.twice()) > 0 {
			breaches = []breach{{field: "barcode", code: codeTaken}}
		}
		if len(breaches) > 0 {
			return Product{}, refuseProduct(breaches)
		}
		if err := t.saveDraft(ctx, tx, by, d); err != nil {
			return Product{}, err
		}
		return loadProductOn(ctx, tx, clean.ID, tx.Day())
	})
	t.warmMenu(ctx)
	return saved, err
}

// meant is what SaveProduct is to write of what it was given. Refusals: product.unknown, menu.stale.
func (d *menuDraft) meant(p Product) (Product, error) {
	if p.ID == "" {
		p.Archived, p.Back, p.FavouritePlace = false, "", 0
		return p, nil
	}
	at, known := d.index[p.ID]
	if !known {
		return p, errNoProduct.With("product", p.ID)
	}
	now := d.products[at]
	if p.GiftPrice == now.GiftPrice && p.GiftPrice == now.Price {
		p.GiftPrice = 0 // it was not set, and comes back as it was read: it follows the price
	}
	p.Available, p.Back, p.Archived, p.Position, p.FavouritePlace = now.Available, now.Back, now.Archived, now.Position, now.FavouritePlace
	if p.Version != 0 && p.Version != now.Version {
		return p, d.stale(now, p)
	}
	return p, nil
}

// stale says what differs between a product as it is and as it was sent. Nothing to tell is no refusal: both meant
// the same.
func (d *menuDraft) stale(now, sent Product) error {
	if c := d.category(sent.Category); c != nil {
		sent.Category = c.ID
	}
	sent, _ = d.placed(sent, d.day)
	clean, _ := checkProduct(sent, lastDay)
	is, wanted := now.described(), clean.described()
	e := *errStale.With("version", now.Version)
	for _, name := range clean.changedFrom(&now) {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: "stale", Args: map[string]any{"now": is[name], "sent": wanted[name]}})
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return &e
}

// warmMenu loads the menu again after a change, so that the next tap finds it in memory. It may fail: the change
// is committed, and whoever needs the menu next will load it.
func (t *Till) warmMenu(ctx context.Context) { _, _ = t.Menu(ctx) }
