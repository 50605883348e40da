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
	menu       Menu
	names      map[string]int // folded name → place in menu.Products
	classes    []suspended.Class
	categories []categoryChange
	changes    []productChange
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

func loadDraft(ctx context.Context, tx *data.Tx) (*menuDraft, error) {
	menu, err := loadMenu(ctx, tx)
	if err != nil {
		return nil, err
	}
	classes, err := suspended.Classes(ctx, tx)
	d := &menuDraft{menu: menu, names: make(map[string]int, len(menu.Products)), classes: classes}
	for i, p := range menu.Products {
		d.names[fold(p.Name)] = i
	}
	return d, err
}

// put adds a checked product, or changes the one that has its id, and returns it as it will be kept.
func (d *menuDraft) put(p Product) (Product, []breach) {
	var c checker
	if other := d.byName(p.Name); other != nil && other.ID != p.ID {
		c.add("name", "taken", map[string]any{"product": other.ID})
	}
	if p.SuspendClass != "" && !slices.ContainsFunc(d.classes, func(s suspended.Class) bool { return s.Code == p.SuspendClass }) {
		c.add("suspend_class", "class", nil)
	}
	at, known := d.menu.index[p.ID]
	if !known && len(d.menu.Products) >= maxProducts {
		c.add("name", codeTooMany, map[string]any{"max": maxProducts})
	}
	category := d.category(p.Category)
	if category == nil && len(d.menu.Categories) >= maxCategories {
		c.add("category", codeTooMany, map[string]any{"max": maxCategories})
	}
	if len(c.breaches) > 0 {
		return p, c.breaches
	}
	if category == nil {
		category = d.addCategory(Category{Name: p.Category, Tint: guessTint(p.Category, p.Station)})
	}
	p.Category = category.ID
	if !known {
		if p.ID == "" {
			p.ID = free(slug(p.Name, "product"), func(id string) bool { _, taken := d.menu.index[id]; return taken })
		}
		d.menu.index[p.ID], d.names[fold(p.Name)] = len(d.menu.Products), len(d.menu.Products)
		d.menu.Products = append(d.menu.Products, p)
		d.changes = append(d.changes, productChange{new: p})
		return p, nil
	}
	old := d.menu.Products[at]
	if len(p.changedFrom(&old)) > 0 {
		d.menu.Products[at] = p
		delete(d.names, fold(old.Name))
		d.names[fold(p.Name)] = at
		d.changes = append(d.changes, productChange{old: &old, new: p})
	}
	return p, nil
}

func (d *menuDraft) byName(name string) *Product {
	if i, ok := d.names[fold(name)]; ok {
		return &d.menu.Products[i]
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
		if i := slices.IndexFunc(d.menu.Categories, same); i >= 0 {
			return &d.menu.Categories[i]
		}
	}
	return nil
}

func (d *menuDraft) addCategory(c Category) *Category {
	if !isSlug(c.ID) {
		c.ID = slug(c.Name, "category")
	}
	c.ID = free(c.ID, func(id string) bool {
		return slices.ContainsFunc(d.menu.Categories, func(o Category) bool { return o.ID == id })
	})
	d.menu.Categories = append(d.menu.Categories, c)
	d.categories = append(d.categories, categoryChange{new: c})
	return &d.menu.Categories[len(d.menu.Categories)-1]
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
	for _, o := range d.menu.Products {
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
		components[i] = fmt.Sprintf("%s %d (%d, %d)", c.Name, c.Price, c.VATEatIn, c.VATTakeaway)
	}
	return map[string]any{
		"name": p.Name, "category": p.Category, "price": int64(p.Price), "vat_eat_in_bp": int64(p.VATEatIn),
		"vat_takeaway_bp": int64(p.VATTakeaway), "meal_units": p.MealUnits, "suspend_class": p.SuspendClass,
		"gift_price": int64(p.GiftPrice), "cost": int64(cost), "station": p.Station, "food": p.Food,
		"favourite": p.Favourite, "available": p.Available, "options": writeOptions(p.Options),
		"components": strings.Join(components, " | "),
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

// tintWord is how the name of a category may begin, folded, and the tint it then gets.
type tintWord struct{ begin, tint string }

const neutralTint = "neutral"

// tints lists the tints a category may have (till-pages.md §2).
func tints() []string {
	return []string{"hot", "cold", "sweet", "savoury", "meal", "favourites", neutralTint}
}

// guessTint gives a new category a colour, from the words of its name in French or English, or from the station.
func guessTint(name, station string) string {
	words := []tintWord{
		{"hot", "hot"}, {"chaud", "hot"}, {"cafe", "hot"}, {"coffee", "hot"}, {"the", "hot"}, {"tea", "hot"},
		{"cold", "cold"}, {"froid", "cold"}, {"fraich", "cold"}, {"frais", "cold"}, {"jus", "cold"}, {"soft", "cold"}, {"boisson", "cold"},
		{"biere", "cold"}, {"vin", "cold"}, {"beer", "cold"}, {"wine", "cold"}, {"drink", "cold"},
		{"cake", "sweet"}, {"gateau", "sweet"}, {"patisserie", "sweet"}, {"dessert", "sweet"}, {"sucre", "sweet"}, {"sweet", "sweet"}, {"viennois", "sweet"},
		{"sale", "savoury"}, {"savour", "savoury"}, {"snack", "savoury"}, {"sandwich", "savoury"}, {"epicerie", "savoury"}, {"larder", "savoury"},
		{"meal", "meal"}, {"repas", "meal"}, {"plat", "meal"}, {"lunch", "meal"}, {"dejeuner", "meal"}, {"formule", "meal"}, {"soup", "meal"},
		{"favori", "favourites"}, {"favour", "favourites"},
	}
	for _, w := range words {
		for _, word := range strings.FieldsFunc(fold(name), func(r rune) bool { return r == ' ' || r == '\'' || r == '-' }) {
			if strings.HasPrefix(word, w.begin) {
				return w.tint
			}
		}
	}
	if fold(station) == "kitchen" || fold(station) == "cuisine" {
		return "meal"
	}
	return neutralTint
}
