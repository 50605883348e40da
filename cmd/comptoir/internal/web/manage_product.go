package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// productView is the form of one product.
type productView struct {
	base
	New        bool
	Action     string
	Form       productForm
	Categories []pos.Category
	Rates      []rateView
	Classes    []choiceView
}

// productForm is a product as it is typed.
type productForm struct {
	Name, Category, Price, GiftPrice, Cost, Station string
	VATEatIn, VATTakeaway                           money.BasisPoints
	MealUnits                                       string
	SuspendClass                                    string
	Food, Favourite                                 bool
	Options                                         []string // in words
}

// rateView is one VAT rate to choose.
type rateView struct {
	BP   money.BasisPoints
	Name string
}

// choiceView is one entry of a list.
type choiceView struct{ ID, Name string }

var errNoProduct = fault.New(fault.NotFound, "product.missing", "There is no such product on the menu.")

// newProductPage serves GET /manage/menu/new.
func (s *Server) newProductPage(c *fiber.Ctx) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	const usual = 1000 // 10 %: what is eaten or drunk at once, alcohol apart
	form := productForm{VATEatIn: usual, VATTakeaway: usual, MealUnits: "0", Food: true}
	return s.showProduct(c, http.StatusOK, menu, pos.Product{}, form, nil)
}

// productPage serves GET /manage/menu/{product}.
func (s *Server) productPage(c *fiber.Ctx) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	p := productOf(menu, c.Params("product"))
	if p.ID == "" {
		return errNoProduct
	}
	return s.showProduct(c, http.StatusOK, menu, p, s.formOf(c, menu, p), nil)
}

func (s *Server) formOf(c *fiber.Ctx, menu pos.Menu, p pos.Product) productForm {
	l := s.language(c)
	f := productForm{
		Name: p.Name, Category: p.Category, Price: l.Amount(p.Price), Station: p.Station, VATEatIn: p.VATEatIn, VATTakeaway: p.VATTakeaway,
		MealUnits: strconv.Itoa(p.MealUnits), SuspendClass: p.SuspendClass, Food: p.Food, Favourite: p.Favourite,
	}
	if p.GiftPrice != p.Price && p.GiftPrice > 0 {
		f.GiftPrice = l.Amount(p.GiftPrice)
	}
	if !p.CostEstimated && p.Cost > 0 {
		f.Cost = l.Amount(p.Cost)
	}
	for _, category := range menu.Categories {
		if category.ID == p.Category {
			f.Category = category.Name
		}
	}
	for _, g := range p.Options {
		names := make([]string, len(g.Choices))
		for i, choice := range g.Choices {
			names[i] = choice.Name
			if choice.Price > 0 {
				names[i] += " +" + l.Money(choice.Price)
			}
		}
		f.Options = append(f.Options, l.T("product.option_group", "group", g.Name, "choices", strings.Join(names, ", ")))
	}
	return f
}

func (s *Server) showProduct(c *fiber.Ctx, status int, menu pos.Menu, p pos.Product, form productForm, trouble *troubleView) error {
	v := productView{base: s.newBase(c, "menu.title", "manage"), New: p.ID == "", Action: menuPath, Form: form, Categories: menu.Categories}
	v.Section, v.Trouble = "menu", trouble
	if !v.New {
		v.Action += "/" + url.PathEscape(p.ID)
	}
	for _, bp := range []money.BasisPoints{550, 1000, 2000, 0} {
		v.Rates = append(v.Rates, rateView{bp, v.Rate(bp)})
	}
	for _, class := range []string{"coffee", "meal"} {
		v.Classes = append(v.Classes, choiceView{class, v.T("class." + class)})
	}
	return s.page(c, status, "manage_product", v)
}

// saveProduct serves POST /manage/menu and POST /manage/menu/{product}. A refusal shows the form with what was typed.
func (s *Server) saveProduct(c *fiber.Ctx) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	p := pos.Product{Available: true}
	if id := c.Params("product"); id != "" {
		if p = productOf(menu, id); p.ID == "" {
			return errNoProduct
		}
	}
	form := typedProduct(c)
	onRefusal(c, func(status int, t *troubleView) error { return s.showProduct(c, status, menu, p, form, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	changed, err := form.product(p)
	if err != nil {
		return err
	}
	if _, err := s.till.SaveProduct(c.UserContext(), by, changed); err != nil {
		return err
	}
	return s.done(c, menuPath, "product_saved")
}

func typedProduct(c *fiber.Ctx) productForm {
	value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	rate := func(name string) money.BasisPoints {
		n, err := strconv.ParseInt(value(name), 10, 32)
		if err != nil {
			n = -1 // no rate is negative: the menu's rules refuse it by name
		}
		return money.BasisPoints(n)
	}
	return productForm{
		Name: value("name"), Category: value("category"), Price: value("price"), GiftPrice: value("gift_price"), Cost: value("cost"), Station: value("station"),
		VATEatIn: rate("vat_eat_in"), VATTakeaway: rate("vat_takeaway"), MealUnits: value("meal_units"), SuspendClass: value("suspend_class"),
		Food: value("food") != "", Favourite: value("favourite") != "",
	}
}

// product is the product with what was typed. What the form does not show stays.
func (f productForm) product(p pos.Product) (pos.Product, error) {
	p.Name, p.Category, p.Station, p.SuspendClass, p.Food, p.Favourite = f.Name, f.Category, f.Station, f.SuspendClass, f.Food, f.Favourite
	p.VATEatIn, p.VATTakeaway = f.VATEatIn, f.VATTakeaway
	var err error
	if p.Price, err = parseMoney("price", f.Price); err != nil {
		return p, err
	}
	p.GiftPrice, p.Cost, p.CostEstimated = 0, 0, false
	if f.GiftPrice != "" {
		if p.GiftPrice, err = parseMoney("gift_price", f.GiftPrice); err != nil {
			return p, err
		}
	}
	if f.Cost != "" {
		if p.Cost, err = parseMoney("cost", f.Cost); err != nil {
			return p, err
		}
	}
	p.MealUnits = 0
	if f.MealUnits != "" {
		if p.MealUnits, err = strconv.Atoi(f.MealUnits); err != nil {
			return p, errCount.Field("meal_units", "number")
		}
	}
	return p, nil
}
