package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/suspended"
)

// menuDraft is a menu being changed: what it becomes, and what of it has to be written.
type menuDraft struct {
	version    int64 // of the menu it was made from
	day        string
	vat        vatTable
	categories []Category
	products   []Product // in the order of the grid, archived ones too
	index      map[string]int
	names      map[string]int // folded name → place in products
	classes    []suspended.Class

	categoryChanges []categoryChange
	changes         []productChange
	orders          []orderChange
	ordered         bool // places have to be written
}

// productChange is a product before and after; old is nil for a new one.
type productChange struct {
	old *Product
	new Product
}

type categoryChange struct {
	old *Category
	new Category
}

// orderChange is one change of an order, as it is journaled.
type orderChange struct {
	what, id      string // "product" and its id; "order" and a category's id, "favourites" or "categories"
	before, after map[string]any
}

// loadDraft reads the menu to change it, as it is on a business day.
func loadDraft(ctx context.Context, q data.Querier, day string) (*menuDraft, error) {
	rows, err := loadMenu(ctx, q)
	if err != nil {
		return nil, err
	}
	classes, err := suspended.Classes(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	d := &menuDraft{version: rows.version, day: day, vat: rows.vat, categories: rows.categories, products: rows.products, index: make(map[string]int, len(rows.products)),
		names: make(map[string]int, len(rows.products)), classes: classes}
	for i, p := range rows.products {
		d.products[i] = p.on(day).charged(rows.vat, day)
	}
	d.number()
	return d, nil
}

// number numbers the products after their order has changed.
func (d *menuDraft) number() {
	places := map[string]int{}
	for i := range d.products {
		p := &d.products[i]
		places[p.Category]++
		p.Position = places[p.Category]
		d.index[p.ID], d.names[fold(p.Name)] = i, i
	}
}

// placed is the product in its category of VAT; what the tint of its category on the grid says helps where rates do not.
func (d *menuDraft) placed(p Product, day string) (Product, []breach) {
	tint := guessTint(p.Category, p.Station)
	if c := d.category(p.Category); c != nil {
		tint = c.Tint
	}
	return p.placed(d.vat, day, isDrink(tint))
}

// put adds a checked product, or changes the one that has its id, and returns it as it will be kept.
func (d *menuDraft) put(p Product) (Product, []breach) {
	var c checker
	if other := d.byName(p.Name); other != nil && other.ID != p.ID {
		code := codeTaken
		if other.Archived {
			code = "taken_archived"
		}
		c.add("name", code, map[string]any{"product": other.ID})
	}
	if p.SuspendClass != "" && !slices.ContainsFunc(d.classes, func(s suspended.Class) bool { return s.Code == p.SuspendClass }) {
		c.add("suspend_class", "class", nil)
	}
	at, known := d.index[p.ID]
	if !known && len(d.products) >= maxProducts {
		c.add("name", codeTooMany, map[string]any{"max": maxProducts})
	}
	category := d.category(p.Category)
	if category == nil && len(d.categories) >= maxCategories {
		c.add("category", codeTooMany, map[string]any{"max": maxCategories})
	}
	if len(c.breaches) > 0 {
		return p, c.breaches
	}
	if category == nil {
		category = d.addCategory(Category{Name: p.Category, Tint: guessTint(p.Category, p.Station)})
	}
	p.Category = category.ID
	var old Product
	if known {
		old = d.products[at]
	}
	p.Version, p.Position, p.FavouritePlace = old.Version, old.Position, old.FavouritePlace
	switch {
	case !p.Favourite:
		p.FavouritePlace = 0
	case p.FavouritePlace == 0: // a new favourite comes last
		for _, o := range d.products {
			p.FavouritePlace = max(p.FavouritePlace, o.FavouritePlace)
		}
		p.FavouritePlace++
	}
	if !known {
		return d.add(p), nil
	}
	if len(p.changedFrom(&old)) > 0 {
		d.replace(at, p)
		d.changes = append(d.changes, productChange{old: &old, new: p})
		if p.Category != old.Category {
			d.products = append(slices.Delete(d.products, at, at+1), p)
			d.ordered = true
			d.number()
		}
	}
	return p, nil
}

// add puts a new product at the end.
func (d *menuDraft) add(p Product) Product {
	if p.ID == "" {
		p.ID = free(slug(p.Name, "product"), func(id string) bool { _, taken := d.index[id]; return taken })
	}
	d.index[p.ID], d.names[fold(p.Name)] = len(d.products), len(d.products)
	p.Position = len(d.inCategory(p.Category)) + 1
	d.products = append(d.products, p)
	d.changes = append(d.changes, productChange{new: p})
	return p
}

func (d *menuDraft) replace(at int, p Product) {
	delete(d.names, fold(d.products[at].Name))
	d.products[at] = p
	d.names[fold(p.Name)] = at
}

func (d *menuDraft) byName(name string) *Product {
	if i, ok := d.names[fold(name)]; ok {
		return &d.products[i]
	}
	return nil
}

// category finds a category by id, or else by name.
func (d *menuDraft) category(idOrName string) *Category {
	folded := fold(idOrName)
	for _, same := range []func(Category) bool{
		func(c Category) bool { return c.ID == idOrName },
		func(c Category) bool { return fold(c.Name) == folded },
	} {
		if i := slices.IndexFunc(d.categories, same); i >= 0 {
			return &d.categories[i]
		}
	}
	return nil
}

func (d *menuDraft) addCategory(c Category) *Category {
	if !isSlug(c.ID) {
		c.ID = slug(c.Name, "category")
	}
	c.ID = free(c.ID, func(id string) bool {
		return slices.ContainsFunc(d.categories, func(o Category) bool { return o.ID == id })
	})
	d.categories = append(d.categories, c)
	d.categoryChanges = append(d.categoryChanges, categoryChange{new: c})
	return &d.categories[len(d.categories)-1]
}

// misfits returns the changed products whose rate is not that of all the products of their class as they will be,
// or is not under the limit of the class (fiscal U1).
func (d *menuDraft) misfits() []Product {
	var bad []Product
	for _, c := range d.changes {
		if !d.admits(c.new) {
			bad = append(bad, c.new)
		}
	}
	return bad
}

func (d *menuDraft) admits(p Product) bool {
	if p.SuspendClass == "" {
		return true
	}
	rates := []money.BasisPoints{p.VATEatIn, p.VATTakeaway}
	for _, o := range d.products {
		if o.SuspendClass == p.SuspendClass {
			rates = append(rates, o.VATEatIn, o.VATTakeaway)
		}
	}
	i := slices.IndexFunc(d.classes, func(s suspended.Class) bool { return s.Code == p.SuspendClass })
	return i >= 0 && d.classes[i].Admit(rates...) == nil
}

// described returns a product as the journal states it: what a change may change, in plain values.
func (p Product) described() map[string]any {
	cost := p.Cost
	if p.CostEstimated {
		cost = 0
	}
	components := make([]string, len(p.Components))
	for i, c := range p.Components {
		components[i] = fmt.Sprintf("%s %d (%d, %d, %s)", c.Name, c.Price, c.VATEatIn, c.VATTakeaway, c.VATCategory)
	}
	return map[string]any{
		"name": p.Name, "category": p.Category, "price": int64(p.Price), "vat_eat_in_bp": int64(p.VATEatIn),
		"vat_takeaway_bp": int64(p.VATTakeaway), "vat_category": string(p.VATCategory), "vat_kept": p.VATKept, "meal_units": p.MealUnits, "suspend_class": p.SuspendClass,
		"gift_price": int64(p.GiftPrice), "cost": int64(cost), "station": p.Station, "food": p.Food,
		"favourite": p.Favourite, "available": p.Available, "back": p.Back, "archived": p.Archived, "options": writeOptions(p.Options),
		"components": strings.Join(components, " | "), "barcode": p.Barcode,
	}
}

// changedFrom returns the names of what differs; everything when old is nil.
func (p Product) changedFrom(old *Product) []string {
	var was map[string]any
	if old != nil {
		was = old.described()
	}
	var names []string
	for name, v := range p.described() {
		if w, known := was[name]; !known || w != v {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
