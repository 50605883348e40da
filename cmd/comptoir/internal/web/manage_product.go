package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// productView is the form of one product.
type productView struct {
	base
	Product    pos.Product // as it is; without an id a new one
	Action     string
	Form       productForm
	Version    int64 // of the product that the form shows
	Categories []pos.Category
	Rates      []rateView
	VAT        []pos.VATCategory
	Classes    []choiceView
	Stations   []string
	SoldOut    string // in words
	Apart      string // what the components cost together when they are sold apart; empty when there are none
	Focus      string // id of the field or button to stand on after the form was edited
}

// rateView is one VAT rate to choose.
type rateView struct {
	BP   money.BasisPoints
	Name string
}

// choiceView is one entry of a list.
type choiceView struct{ ID, Name string }

// Start is the attribute of the field that the page opens on after an edit.
func (v productView) Start(id string) template.HTMLAttr {
	if v.Focus == id {
		return "autofocus"
	}
	return ""
}

var errNoProduct = fault.New(fault.NotFound, "product.missing", "There is no such product on the menu.")

// newProductPage serves GET /manage/product?from=&category=: an empty form, or one filled in like another product.
func (s *Server) newProductPage(c *fiber.Ctx) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	const usual = 1000 // 10 %: what is eaten or drunk at once, alcohol apart
	form := productForm{VATEatIn: usual, VATTakeaway: usual, VATCategory: pos.VATPrepared, MealUnits: "0", Food: true, Category: categoryName(menu, c.Query("category"))}
	if model := productOf(menu, c.Query("from")); model.ID != "" {
		form = formOf(s.language(c), menu, model)
		form.Name = s.language(c).T("product.copy_of", "name", model.Name)
		form.Favourite, form.Barcode = false, "" // a code is of one thing
	}
	return s.showProduct(c, http.StatusOK, menu, pos.Product{}, form, "", nil)
}

// productPage serves GET /manage/menu/{product}.
func (s *Server) productPage(c *fiber.Ctx) error {
	menu, p, err := s.productHere(c)
	if err != nil {
		return err
	}
	return s.showProduct(c, http.StatusOK, menu, p, formOf(s.language(c), menu, p), "", nil)
}

// productHere is the menu and the product that the address names, archived ones too; a new one when it names none.
func (s *Server) productHere(c *fiber.Ctx) (pos.Menu, pos.Product, error) {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return menu, pos.Product{}, err
	}
	id := param(c, "product")
	if id == "" {
		return menu, pos.Product{Available: true}, nil
	}
	for _, all := range [][]pos.Product{menu.Products, menu.Archived()} {
		for _, p := range all {
			if p.ID == id {
				return menu, p, nil
			}
		}
	}
	return menu, pos.Product{}, errNoProduct
}

func categoryName(menu pos.Menu, id string) string {
	for _, category := range menu.Categories {
		if category.ID == id {
			return category.Name
		}
	}
	return id
}

func (s *Server) showProduct(c *fiber.Ctx, status int, menu pos.Menu, p pos.Product, form productForm, focus string, trouble *troubleView) error {
	v := productView{base: s.newBase(c, "menu.title", "manage"), Product: p, Action: menuPath, Form: form, Version: p.Version,
		Categories: menu.Categories, Focus: focus, SoldOut: soldOutWords(s.language(c), p)}
	v.Section, v.Trouble = "menu", trouble
	if p.ID == "" {
		v.SoldOut = ""
	} else {
		v.Action += "/" + url.PathEscape(p.ID)
	}
	v.VAT = append(pos.VATCategories(), pos.VATOwn)
	for _, bp := range formRates(form) {
		v.Rates = append(v.Rates, rateView{bp, v.Rate(bp)})
	}
	for _, class := range []string{"coffee", "meal"} {
		v.Classes = append(v.Classes, choiceView{class, v.T("class." + class)})
	}
	v.Stations = stationsOf(menu)
	if sum, ok := form.apart(); ok {
		v.Apart = v.Money(sum)
	}
	if trouble != nil {
		v.nameParts(trouble, form)
	}
	return s.page(c, status, "manage_product", v)
}

// formRates are the rates a form offers: those of the law, and those it has.
func formRates(form productForm) []money.BasisPoints {
	all := []money.BasisPoints{550, 1000, 2000, 210, 0}
	add := func(bp money.BasisPoints) {
		if bp >= 0 && !slices.Contains(all, bp) {
			all = append(all, bp)
		}
	}
	add(form.VATEatIn)
	add(form.VATTakeaway)
	for _, part := range form.Components {
		add(part.VATEatIn)
		add(part.VATTakeaway)
	}
	return all
}

// VATName is what the form calls a category of VAT.
func (v productView) VATName(c pos.VATCategory) string { return vatName(v.Language, c) }

// stationsOf lists the stations that the menu names already.
func stationsOf(menu pos.Menu) []string {
	var all []string
	seen := map[string]bool{"": true}
	for _, p := range menu.Products {
		if !seen[p.Station] {
			seen[p.Station] = true
			all = append(all, p.Station)
		}
	}
	return all
}

// nameParts names the refused fields of options and components as the page does: by their group, or their number.
func (v productView) nameParts(trouble *troubleView, form productForm) {
	for i, g := range form.Options {
		group := g.Name
		if group == "" {
			group = v.T("product.question", "n", i+1)
		}
		for _, f := range trouble.Fields {
			if rest, ok := strings.CutPrefix(f.Name, optionField(i, "")); ok && rest != "" {
				trouble.Rename(f.Name, f.Name, v.T("product.part_of", "part", f.Place, "whole", group))
			}
		}
	}
	for i, part := range form.Components {
		name := part.Name
		if name == "" {
			name = v.T("product.component", "n", i+1)
		}
		for _, f := range trouble.Fields {
			if strings.HasPrefix(f.Name, componentField(i, "")) {
				trouble.Rename(f.Name, f.Name, v.T("product.part_of", "part", f.Place, "whole", name))
			}
		}
	}
}

// saveProduct serves POST /manage/menu and POST /manage/menu/{product}. A button that edits the form (its name is edit)
// shows it again with one group, choice or component more, less or elsewhere, and saves nothing. A refusal shows the
// form with what was typed.
func (s *Server) saveProduct(c *fiber.Ctx) error {
	menu, p, err := s.productHere(c)
	if err != nil {
		return err
	}
	form := typedProduct(typedIn(c))
	if edit := c.FormValue("edit"); edit != "" {
		p.Version = versionOf(c) // it is not known yet whether somebody else was faster
		return s.showProduct(c, http.StatusOK, menu, p, form, form.edit(edit), nil)
	}
	form.trim()
	onRefusal(c, func(status int, t *troubleView) error {
		if p.ID != "" && t.Code == "menu.stale" {
			tellStale(s.language(c), t, formOf(s.language(c), menu, p))
		}
		return s.showProduct(c, status, menu, p, form, "", t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	changed, err := form.product(p)
	if err != nil {
		return err
	}
	changed.Version = versionOf(c)
	if _, err := s.till.SaveProduct(c.UserContext(), by, changed); err != nil {
		return err
	}
	return s.done(c, menuPath, "product_saved")
}

// tellStale says beside each field what it holds now: what was typed is still in it.
func tellStale(l *locale.Language, t *troubleView, now productForm) {
	t.Aloud = true
	values := now.values(l)
	for i, f := range t.Fields {
		t.Fields[i].Text = l.T("product.now", "value", values[f.Name])
		t.Fields[i].Whole = l.T("field.says", "place", f.Place, "what", t.Fields[i].Text)
	}
}

// editView is one small button of the form: up, down or remove.
type editView struct {
	ID, Value, Label, Icon string
	Start                  template.HTMLAttr
}

// Edit is a button that does something to the entry at, such as "options[0].choices[2]".
func (v productView) Edit(at, what, name string) editView {
	e := editView{ID: at + "-" + what, Value: at + " " + what, Icon: "arrow-" + what, Label: v.T("edit."+what, "name", name)}
	if what == "remove" {
		e.Icon = "trash-2"
	}
	e.Start = v.Start(e.ID)
	return e
}
