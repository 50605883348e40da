package web

import (
	"slices"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
)

// favourites is the category that is not on the menu: the manager's choice, in front.
const favourites = "favourites"

// gridView is the tiles, by category, and a sheet for each product that has choices.
type gridView struct {
	*locale.Language
	Sections []sectionView
	Sheets   []sheetView
}

// sectionView is one category.
type sectionView struct {
	ID, Name string
	Hidden   bool // until it is chosen
	Tiles    []tileView
}

// tileView is one product to tap.
type tileView struct {
	*locale.Language
	ID, Product, Name string
	Icon, Tint        string
	Price             money.Cents
	Required          bool // a choice has to be made first
	SoldOut           bool
	Barcode           string // EAN that it bears; empty: none
}

// sheetView is one product: its choices, and whether there is any left.
type sheetView struct {
	*locale.Language
	Product, Name string
	Price         money.Cents
	Groups        []groupView
	SoldOut       bool
	Said          string // until when it is sold out
}

// Auto reports that the last choice adds the product by itself: each group takes exactly one.
func (v sheetView) Auto() bool {
	return !slices.ContainsFunc(v.Groups, func(g groupView) bool { return !g.One })
}

// groupView is one group of choices.
type groupView struct {
	*locale.Language
	pos.OptionGroup
	One    bool // exactly one
	chosen []string
}

// Chosen reports whether a choice is made already.
func (g groupView) Chosen(id string) bool { return slices.Contains(g.chosen, id) }

// railView is one entry of the category rail.
type railView struct {
	ID, Name, Tint, Icon string
	Pressed              bool
}

func newGrid(l *locale.Language, menu pos.Menu) gridView {
	v := gridView{Language: l}
	first := firstCategory(menu)
	liked := sectionView{ID: favourites, Name: l.T("rail.favourites"), Hidden: first != favourites}
	for _, p := range menu.Favourites() {
		liked.Tiles = append(liked.Tiles, newTile(l, menu, p, "fav-"))
	}
	for _, p := range menu.Products {
		if needsChoice(p) {
			v.Sheets = append(v.Sheets, newSheet(l, p))
		}
	}
	if len(liked.Tiles) > 0 {
		v.Sections = append(v.Sections, liked)
	}
	for _, c := range menu.Categories {
		section := sectionView{ID: c.ID, Name: c.Name, Hidden: first == favourites}
		for _, p := range menu.Products {
			if p.Category == c.ID {
				section.Tiles = append(section.Tiles, newTile(l, menu, p, ""))
			}
		}
		if len(section.Tiles) > 0 {
			v.Sections = append(v.Sections, section)
		}
	}
	return v
}

// firstCategory is what the till opens on: the favourites if there are any, else everything.
func firstCategory(menu pos.Menu) string {
	if slices.ContainsFunc(menu.Products, func(p pos.Product) bool { return p.Favourite }) {
		return favourites
	}
	return ""
}

func newTile(l *locale.Language, menu pos.Menu, p pos.Product, prefix string) tileView {
	look := categoryTint(menu, p.Category)
	v := tileView{Language: l, ID: prefix + p.ID, Product: p.ID, Name: p.Name, Tint: tintClass(look),
		Price: p.Price, Required: needsChoice(p), SoldOut: !p.Available, Barcode: p.Barcode}
	if prefix != "" {
		v.Icon = tintIcon(look) // among the favourites, which category it is of; elsewhere the heading says so
	}
	return v
}

func needsChoice(p pos.Product) bool {
	return slices.ContainsFunc(p.Options, func(g pos.OptionGroup) bool { return g.Required })
}

func newSheet(l *locale.Language, p pos.Product) sheetView {
	return sheetView{Language: l, Product: p.ID, Name: p.Name, Price: p.Price, Groups: groupsOf(l, p, nil), SoldOut: !p.Available, Said: saidOf(l, p)}
}

// groupsOf lists the choices of a product, those that have to be made first.
func groupsOf(l *locale.Language, p pos.Product, chosen []string) []groupView {
	groups := make([]groupView, len(p.Options))
	for i, g := range p.Options {
		groups[i] = groupView{l, g, g.Required && g.Max <= 1, chosen}
	}
	slices.SortStableFunc(groups, func(a, b groupView) int {
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
	return groups
}

func newRail(l *locale.Language, menu pos.Menu) []railView {
	first := firstCategory(menu)
	var rail []railView
	if first == favourites {
		rail = append(rail, railView{favourites, l.T("rail.favourites"), "tint-favourites", "star", true})
	}
	rail = append(rail, railView{"", l.T("rail.all"), "tint-neutral", "layout-grid", first == ""})
	for _, c := range menu.Categories {
		if slices.ContainsFunc(menu.Products, func(p pos.Product) bool { return p.Category == c.ID }) {
			rail = append(rail, railView{c.ID, c.Name, tintClass(c.Tint), tintIcon(c.Tint), false})
		}
	}
	return rail
}

func categoryTint(menu pos.Menu, id string) string {
	for _, c := range menu.Categories {
		if c.ID == id {
			return c.Tint
		}
	}
	return ""
}

// tintClass is the class of a category's colour: one of a fixed palette, for no style may stand in the page.
func tintClass(tint string) string {
	switch tint {
	case "hot", "cold", "sweet", "savoury", "meal", "favourites":
		return "tint-" + tint
	}
	return "tint-neutral"
}

func tintIcon(tint string) string {
	switch tint {
	case "hot":
		return "coffee"
	case "cold":
		return "cup-soda"
	case "sweet":
		return "croissant"
	case "savoury":
		return "sandwich"
	case "meal":
		return "soup"
	case "favourites":
		return "star"
	}
	return "package"
}

// classesView is a sheet of what can be given, or served from the shelf: products by class.
type classesView struct {
	*locale.Language
	ID, Kind, Icon, Title, Hint string
	Gift                        bool
	Classes                     []classView
}

// classView is one class of suspended items.
type classView struct {
	Name     string
	Answer   *answerWords // of a class to serve
	Products []classProduct
}

// answerWords says of a class what a barista should know before saying yes: never a number, for the room may read along.
type answerWords struct{ ID, Icon, Word, Gentle string }

// newAnswers words what the till says of each class.
func newAnswers(l *locale.Language, answers map[string]pos.ServeAnswer) map[string]answerWords {
	all := map[string]answerWords{}
	for class, a := range answers {
		w := answerWords{ID: "serve-" + class, Icon: "hand-heart", Word: l.T("serve.house")}
		if a.Waits {
			w.Icon, w.Word = "check", l.T("serve.waits")
		}
		if a.Gentle {
			w.Gentle = l.T("serve.gentle")
		}
		all[class] = w
	}
	return all
}

// classProduct is one product of a class.
type classProduct struct {
	Product, Name string
	Title         string      // of the line it makes
	Price         money.Cents // of a gift
	Sheet         bool        // a choice has to be made first
}

// newClasses lists the classes for one kind: "gift", without those that are withdrawn, or "serve", with what to say of each.
func newClasses(l *locale.Language, menu pos.Menu, kind string, withdrawn map[string]string, answers map[string]answerWords) classesView {
	v := classesView{Language: l, ID: kind, Kind: kind, Icon: "hand-heart", Title: l.T(kind + ".title"), Hint: l.T(kind + ".hint"), Gift: kind == "gift"}
	if v.Gift {
		v.Icon = "heart"
	}
	at := map[string]int{}
	for _, p := range menu.Products {
		if p.SuspendClass == "" || !p.Available || v.Gift && withdrawn[p.SuspendClass] != "" {
			continue
		}
		i, known := at[p.SuspendClass]
		if !known {
			i = len(v.Classes)
			at[p.SuspendClass] = i
			class := classView{Name: l.T("class.many." + p.SuspendClass)}
			if a, said := answers[p.SuspendClass]; said && !v.Gift {
				class.Answer = &a
			}
			v.Classes = append(v.Classes, class)
		}
		v.Classes[i].Products = append(v.Classes[i].Products, classProduct{p.ID, p.Name, l.T("line.gift", "name", p.Name), p.GiftPrice, !v.Gift && needsChoice(p)})
	}
	return v
}
