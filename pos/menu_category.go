package pos

import (
	"context"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// Refusals about categories.
var (
	errNoCategory = fault.New(fault.NotFound, "category.unknown", "There is no such category on the menu.")
	errCategory   = fault.New(fault.Invalid, "category.invalid", "The category breaks a rule of the menu; the fields say which.")
)

// SaveCategory adds a category (its id is empty), last on the rail, or changes the name and tint of one; its place
// is MoveCategory's. Without a tint it gets the one its name suggests.
//
// A version other than 0 must be the category's own: else somebody else was faster. Refusals: right.missing,
// category.unknown, category.invalid (fields name, tint), menu.stale (args version; fields with args now and sent).
func (t *Till) SaveCategory(ctx context.Context, by By, c Category) (Category, error) {
	if err := by.mustManage(); err != nil {
		return Category{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Category, error) {
		d, err := loadDraft(ctx, tx, tx.Day())
		if err != nil {
			return Category{}, err
		}
		id, err := d.putCategory(c)
		if err != nil {
			return Category{}, err
		}
		if err := t.saveDraft(ctx, tx, by, d); err != nil {
			return Category{}, err
		}
		rows, err := loadMenu(ctx, tx)
		if err != nil {
			return Category{}, err
		}
		return rows.categories[slices.IndexFunc(rows.categories, func(o Category) bool { return o.ID == id })], nil
	})
	t.warmMenu(ctx)
	return saved, err
}

// putCategory adds or changes one category and returns its id.
func (d *menuDraft) putCategory(c Category) (string, error) {
	at := -1
	if c.ID != "" {
		if at = slices.IndexFunc(d.categories, func(o Category) bool { return o.ID == c.ID }); at < 0 {
			return "", errNoCategory.With("category", c.ID)
		}
	}
	var check checker
	check.category(&c)
	if i := slices.IndexFunc(d.categories, func(o Category) bool { return fold(o.Name) == fold(c.Name) }); i >= 0 && i != at {
		check.add("name", "taken", nil)
	}
	if at < 0 && len(d.categories) >= maxCategories {
		check.add("name", codeTooMany, map[string]any{"max": maxCategories})
	}
	if err := check.refusal(errCategory); err != nil {
		return "", err
	}
	if at < 0 {
		return d.addCategory(c).ID, nil
	}
	now := &d.categories[at]
	if c.Version != 0 && c.Version != now.Version && (c.Name != now.Name || c.Tint != now.Tint) {
		return "", staleCategory(*now, c)
	}
	d.changeCategory(now, c)
	return now.ID, nil
}

// changeCategory gives a category another name and tint.
func (d *menuDraft) changeCategory(now *Category, c Category) {
	if now.Name == c.Name && now.Tint == c.Tint {
		return
	}
	was := *now
	now.Name, now.Tint = c.Name, c.Tint
	d.categoryChanges = append(d.categoryChanges, categoryChange{old: &was, new: *now})
}

func staleCategory(now, sent Category) error {
	e := *errStale.With("version", now.Version)
	for _, f := range []struct{ name, now, sent string }{{"name", now.Name, sent.Name}, {"tint", now.Tint, sent.Tint}} {
		if f.now != f.sent {
			e.Fields = append(e.Fields, fault.Field{Name: f.name, Code: "stale", Args: map[string]any{"now": f.now, "sent": f.sent}})
		}
	}
	return &e
}

// category checks and cleans what a category says of itself.
func (c *checker) category(of *Category) {
	c.name("name", &of.Name)
	if of.Tint == "" {
		of.Tint = guessTint(of.Name, "")
	}
	if !slices.Contains(tints(), of.Tint) {
		c.add("tint", "one_of", map[string]any{"tints": strings.Join(tints(), " ")})
	}
}

// Tints lists the tints a category may have, in the order of the palette (till-pages.md §2).
func Tints() []string { return tints() }

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
