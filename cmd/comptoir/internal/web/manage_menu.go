package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
)

// Addresses of the menu. What is new has an address of its own: a product may be called so.
const (
	menuPath        = "/manage/menu"
	newProductPath  = "/manage/product"
	categoryPath    = "/manage/categories"
	newCategoryPath = "/manage/category"
)

// untilTomorrow is what a form says for a product that comes back by itself on the next business day.
const untilTomorrow = "tomorrow"

// menuView is the menu as a manager arranges it.
type menuView struct {
	base
	Importing bool // a file has just been refused
	Liked     []entryView
	Sections  []menuSection
	Away      []entryView
}

// menuSection is one category.
type menuSection struct {
	pos.Category
	Class    string // of its tint
	Icon     string
	Steps    stepsView
	Products []entryView
}

// entryView is one product of a list.
type entryView struct {
	*locale.Language
	Row      string // id of the row
	ID, Name string
	Price    money.Cents
	Facts    []string
	Heart    bool // can be suspended
	Liked    bool
	Steps    stepsView
	SoldOut  string // in words; empty when it is available
	Command  string
}

// stepsView are the buttons that move something one step, or to the front.
type stepsView struct {
	*locale.Language
	Row       string // id of the row
	Name      string
	Place, Of int
	Moved     string // the move that has just been made here: its button has the focus again
}

// First and Last report whether a step that way changes nothing.
func (s stepsView) First() bool { return s.Place <= 1 }

// Last reports whether it is the last.
func (s stepsView) Last() bool { return s.Place >= s.Of }

// menuPage serves GET /manage/menu?at=.
func (s *Server) menuPage(c *fiber.Ctx) error { return s.showMenu(c, http.StatusOK, nil) }

func (s *Server) showMenu(c *fiber.Ctx, status int, trouble *troubleView) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	v := menuView{base: s.newBase(c, "menu.title", "manage"), Importing: trouble != nil}
	v.Section, v.Trouble = "menu", trouble
	at := c.Query("at")
	v.Liked = v.entries(menu.Favourites(), "fav-", at)
	for i, category := range menu.Categories {
		section := menuSection{Category: category, Class: tintClass(category.Tint), Icon: tintIcon(category.Tint)}
		section.Steps = v.steps("category-"+category.ID, category.Name, i+1, len(menu.Categories), at)
		var inside []pos.Product
		for _, p := range menu.Products {
			if p.Category == category.ID {
				inside = append(inside, p)
			}
		}
		section.Products = v.entries(inside, "product-", at)
		v.Sections = append(v.Sections, section)
	}
	v.Away = v.entries(menu.Archived(), "away-", at)
	return s.page(c, status, "manage_menu", v)
}

func (v menuView) entries(all []pos.Product, prefix, at string) []entryView {
	list := make([]entryView, len(all))
	for i, p := range all {
		row := prefix + p.ID
		list[i] = entryView{Language: v.Language, Row: row, ID: p.ID, Name: p.Name, Price: p.Price, Heart: p.SuspendClass != "", Liked: p.Favourite,
			Steps: v.steps(row, p.Name, i+1, len(all), at), SoldOut: soldOutWords(v.Language, p), Command: v.Command()}
		list[i].Facts = v.facts(p)
	}
	return list
}

// steps are the buttons of one row; at is "up-product-cafe" after this row went up.
func (v menuView) steps(row, name string, place, of int, at string) stepsView {
	s := stepsView{Language: v.Language, Row: row, Name: name, Place: place, Of: of}
	if move, moved, _ := strings.Cut(at, "-"); moved == row {
		s.Moved = move
	}
	return s
}

// facts says of a product in a few words what decides about its price and its stamps.
func (v menuView) facts(p pos.Product) []string {
	rate := v.Rate(p.VATEatIn)
	if p.VATTakeaway != p.VATEatIn {
		rate += " · " + v.Rate(p.VATTakeaway)
	}
	facts := []string{rate}
	if p.MealUnits > 0 {
		facts = append(facts, v.N("menu.meals", p.MealUnits))
	}
	if len(p.Options) > 0 {
		facts = append(facts, v.N("menu.questions", len(p.Options)))
	}
	return facts
}

// soldOutWords says until when a product is sold out; nothing when it is available.
func soldOutWords(l *locale.Language, p pos.Product) string {
	switch {
	case p.Available:
		return ""
	case p.Back == "":
		return l.T("menu.sold_out")
	}
	return l.T("menu.sold_out_until", "day", l.Day(p.Back))
}

// setAvailable serves POST /manage/menu/{product}/availability: available=true, or sold out with back=tomorrow, or
// until somebody says so.
func (s *Server) setAvailable(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	back := c.FormValue("back")
	if back == untilTomorrow {
		back = s.till.Tomorrow()
	}
	p, err := s.till.SetAvailable(c.UserContext(), by, param(c, "product"), c.FormValue("available") == "true", back)
	if err != nil {
		return err
	}
	return s.backTo(c, "out", c.FormValue("row"), "product-"+p.ID)
}

// moveProduct serves POST /manage/menu/{product}/move: move=up, down or top, in its category or, with
// order=favourites, among the favourites.
func (s *Server) moveProduct(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	id, move := param(c, "product"), c.FormValue("move")
	row, step := "product-"+id, s.till.MoveProduct
	if c.FormValue("order") == favourites {
		row, step = "fav-"+id, s.till.MoveFavourite
	}
	if err := step(c.UserContext(), by, id, pos.Move(move)); err != nil {
		return err
	}
	return s.backTo(c, move, row, row)
}

// backTo sends back to the menu; the button that was pressed has the focus again, and shows its row. row is what the
// form said its row is, the fallback is taken when that is none.
func (s *Server) backTo(c *fiber.Ctx, what, row, fallback string) error {
	prefixes := []string{"fav-", "product-", "category-", "away-"}
	if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(row, p) }) {
		row = fallback
	}
	u := &url.URL{Path: menuPath}
	return c.Redirect(with(u, "at", what+"-"+row), http.StatusSeeOther)
}

// archiveProduct serves POST /manage/menu/{product}/archive: archived=true puts it away, anything else brings it back.
func (s *Server) archiveProduct(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.ArchiveProduct(c.UserContext(), by, param(c, "product"), c.FormValue("archived") == "true")
	if err != nil {
		return err
	}
	if p.Archived {
		return s.done(c, menuPath, "archived")
	}
	return s.done(c, menuPath, "unarchived")
}
