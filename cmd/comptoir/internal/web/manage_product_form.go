package web

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// productForm is a product as it is typed. Its fields are named as the refusals of a product name theirs.
type productForm struct {
	Name, Category, Price, GiftPrice, Cost, Station string
	VATEatIn, VATTakeaway                           money.BasisPoints
	VATCategory                                     pos.VATCategory
	VATKept                                         bool
	Barcode                                         string
	MealUnits                                       string
	SuspendClass                                    string
	Food, Favourite                                 bool
	Options                                         []groupForm
	Components                                      []componentForm
}

// groupForm is a question as it is typed.
type groupForm struct {
	Name, Max string
	Required  bool
	Choices   []choiceForm
}

// choiceForm is an answer as it is typed.
type choiceForm struct{ Name, Price string }

// componentForm is a part of a fixed-price menu as it is typed.
type componentForm struct {
	Name, Price           string
	VATEatIn, VATTakeaway money.BasisPoints
}

// The most that a form may grow to; the menu's own limits are smaller, and say so.
const (
	maxFormGroups     = 12
	maxFormChoices    = 25
	maxFormComponents = 12
)

func optionField(i int, field string) string    { return fmt.Sprintf("options[%d].%s", i, field) }
func componentField(i int, field string) string { return fmt.Sprintf("components[%d].%s", i, field) }
func choiceField(i, k int, field string) string {
	return fmt.Sprintf("options[%d].choices[%d].%s", i, k, field)
}

// formOf is a product as its form shows it.
func formOf(l *locale.Language, menu pos.Menu, p pos.Product) productForm {
	f := productForm{
		Name: p.Name, Category: categoryName(menu, p.Category), Price: l.Amount(p.Price), Station: p.Station, VATEatIn: p.VATEatIn, VATTakeaway: p.VATTakeaway,
		VATCategory: p.VATCategory, VATKept: p.VATKept, Barcode: p.Barcode,
		MealUnits: strconv.Itoa(p.MealUnits), SuspendClass: p.SuspendClass, Food: p.Food, Favourite: p.Favourite,
	}
	if p.GiftPrice != p.Price && p.GiftPrice > 0 {
		f.GiftPrice = l.Amount(p.GiftPrice)
	}
	if !p.CostEstimated && p.Cost > 0 {
		f.Cost = l.Amount(p.Cost)
	}
	for _, g := range p.Options {
		group := groupForm{Name: g.Name, Required: g.Required, Max: strconv.Itoa(g.Max)}
		for _, choice := range g.Choices {
			group.Choices = append(group.Choices, choiceForm{choice.Name, optionalAmount(l, choice.Price)})
		}
		f.Options = append(f.Options, group)
	}
	for _, part := range p.Components {
		f.Components = append(f.Components, componentForm{part.Name, l.Amount(part.Price), part.VATEatIn, part.VATTakeaway})
	}
	return f
}

func optionalAmount(l *locale.Language, c money.Cents) string {
	if c == 0 {
		return ""
	}
	return l.Amount(c)
}

// typedProduct reads the form.
func typedProduct(typed url.Values) productForm {
	value := func(name string) string { return strings.TrimSpace(typed.Get(name)) }
	rate := func(name string) money.BasisPoints {
		n, err := strconv.ParseInt(value(name), 10, 32)
		if err != nil {
			n = -1 // no rate is negative: the menu's rules refuse it by name
		}
		return money.BasisPoints(n)
	}
	f := productForm{
		Name: value("name"), Category: value("category"), Price: value("price"), GiftPrice: value("gift_price"), Cost: value("cost"), Station: value("station"),
		VATEatIn: rate("vat_eat_in_bp"), VATTakeaway: rate("vat_takeaway_bp"), VATCategory: pos.VATCategory(value("vat_category")), VATKept: value("vat_kept") != "", Barcode: value("barcode"), MealUnits: value("meal_units"), SuspendClass: value("suspend_class"),
		Food: value("food") != "", Favourite: value("favourite") != "",
	}
	for i := 0; i < maxFormGroups && typed.Has(optionField(i, "name")); i++ {
		g := groupForm{Name: value(optionField(i, "name")), Max: value(optionField(i, "max")), Required: value(optionField(i, "required")) != ""}
		for k := 0; k < maxFormChoices && typed.Has(choiceField(i, k, "name")); k++ {
			g.Choices = append(g.Choices, choiceForm{value(choiceField(i, k, "name")), value(choiceField(i, k, "price"))})
		}
		f.Options = append(f.Options, g)
	}
	for i := 0; i < maxFormComponents && typed.Has(componentField(i, "name")); i++ {
		f.Components = append(f.Components, componentForm{value(componentField(i, "name")), value(componentField(i, "price")),
			rate(componentField(i, "vat_eat_in_bp")), rate(componentField(i, "vat_takeaway_bp"))})
	}
	return f
}

// edits are the values of the buttons that edit the form: "options add", "options 1 up", "options 0 choices remove 2".
var edits = regexp.MustCompile(`^(options|components)(?:\[(\d{1,2})\]\.(choices))?(?:\[(\d{1,2})\])? (add|remove|up|down)$`)

// edit does what a button of the form asks, such as "options add" or "options[0].choices[2] up", and returns the id of
// the field or button to go on from. What it does not understand changes nothing.
func (f *productForm) edit(what string) (focus string) {
	m := edits.FindStringSubmatch(what)
	if m == nil {
		return ""
	}
	at, _ := strconv.Atoi(m[4]) // two digits, by the pattern; empty: 0
	switch {
	case m[3] != "":
		g, _ := strconv.Atoi(m[2])
		if g >= len(f.Options) {
			return ""
		}
		list := fmt.Sprintf("options[%d].choices", g)
		f.Options[g].Choices, focus = edited(f.Options[g].Choices, choiceForm{}, list, at, m[5], maxFormChoices)
	case m[1] == "options":
		f.Options, focus = edited(f.Options, groupForm{Max: "1", Choices: make([]choiceForm, 2)}, m[1], at, m[5], maxFormGroups)
	default:
		var fresh []componentForm
		if n := len(f.Components); n == 0 && m[5] == "add" {
			fresh = append(fresh, componentForm{VATEatIn: f.VATEatIn, VATTakeaway: f.VATTakeaway}) // one part alone is no menu
		}
		f.Components, focus = edited(append(f.Components, fresh...), componentForm{VATEatIn: f.VATEatIn, VATTakeaway: f.VATTakeaway}, m[1], at, m[5], maxFormComponents)
		if len(fresh) > 0 {
			focus = componentField(0, "name")
		}
	}
	return focus
}

// edited is a list after one edit, and the id to go on from: the new entry's name, the moved entry's button, or the
// button that adds.
func edited[T any](all []T, fresh T, list string, at int, do string, most int) (after []T, focus string) {
	adds := list + "-add"
	if do == "add" {
		if len(all) >= most {
			return all, adds
		}
		return append(all, fresh), fmt.Sprintf("%s[%d].name", list, len(all))
	}
	if at >= len(all) {
		return all, adds
	}
	to := at
	switch do {
	case "remove":
		return slices.Delete(all, at, at+1), adds
	case "up":
		to = max(at-1, 0)
	case "down":
		to = min(at+1, len(all)-1)
	}
	all[at], all[to] = all[to], all[at]
	return all, fmt.Sprintf("%s[%d]-%s", list, to, do)
}

// trim takes out what was added and left empty.
func (f *productForm) trim() {
	for i := range f.Options {
		f.Options[i].Choices = slices.DeleteFunc(f.Options[i].Choices, func(c choiceForm) bool { return c == choiceForm{} })
	}
	f.Options = slices.DeleteFunc(f.Options, func(g groupForm) bool { return g.Name == "" && len(g.Choices) == 0 })
	f.Components = slices.DeleteFunc(f.Components, func(c componentForm) bool { return c.Name == "" && c.Price == "" })
}

// product is the product with what was typed. What the form does not show stays. Errors: menu.invalid with every field
// that cannot be read.
func (f productForm) product(p pos.Product) (pos.Product, error) {
	p.Name, p.Category, p.Station, p.SuspendClass, p.Food, p.Favourite = f.Name, f.Category, f.Station, f.SuspendClass, f.Food, f.Favourite
	p.VATEatIn, p.VATTakeaway, p.VATCategory, p.VATKept, p.Barcode = f.VATEatIn, f.VATTakeaway, f.VATCategory, f.VATKept, f.Barcode
	r := reading{refusal: fault.New(fault.Invalid, "menu.invalid", "Some fields of the product cannot be read.")}
	p.Price = r.money("price", f.Price, true)
	p.GiftPrice, p.Cost, p.CostEstimated = r.money("gift_price", f.GiftPrice, false), r.money("cost", f.Cost, false), false
	p.MealUnits = r.number("meal_units", f.MealUnits)
	p.Options = []pos.OptionGroup{}
	for i, g := range f.Options {
		group := pos.OptionGroup{Name: g.Name, Required: g.Required, Max: r.number(optionField(i, "max"), g.Max)}
		for k, choice := range g.Choices {
			group.Choices = append(group.Choices, pos.Choice{Name: choice.Name, Price: r.money(choiceField(i, k, "price"), choice.Price, false)})
		}
		p.Options = append(p.Options, group)
	}
	p.Components = nil
	for i, part := range f.Components {
		p.Components = append(p.Components, pos.Component{Name: part.Name, Price: r.money(componentField(i, "price"), part.Price, true),
			VATEatIn: part.VATEatIn, VATTakeaway: part.VATTakeaway})
	}
	if len(r.refusal.Fields) > 0 {
		return p, r.refusal
	}
	return p, nil
}

// vatName is what a page calls a category of VAT.
func vatName(l *locale.Language, c pos.VATCategory) string {
	if c == "" {
		return l.T("vat.by_rates")
	}
	return l.T("vat.category." + string(c))
}

// reading collects the fields that cannot be read.
type reading struct{ refusal *fault.Error }

func (r *reading) money(field, text string, required bool) money.Cents {
	if text == "" && !required {
		return 0
	}
	c, err := money.Parse(text)
	if err != nil {
		r.refusal = r.refusal.Field(field, "money")
	}
	return c
}

func (r *reading) number(field, text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		r.refusal = r.refusal.Field(field, "number")
	}
	return n
}

// apart is what the components cost together, sold apart; ok is false when there are none or one cannot be read.
func (f productForm) apart() (sum money.Cents, ok bool) {
	for _, part := range f.Components {
		c, err := money.Parse(part.Price)
		if err != nil {
			return 0, false
		}
		sum += c
	}
	return sum, len(f.Components) > 0
}

// values are the fields of the form in words, by the names of the refusals.
func (f productForm) values(l *locale.Language) map[string]string {
	yes := map[bool]string{true: l.T("product.yes"), false: l.T("product.no")}
	options := make([]string, len(f.Options))
	for i, g := range f.Options {
		names := make([]string, len(g.Choices))
		for k, choice := range g.Choices {
			if names[k] = choice.Name; choice.Price != "" {
				names[k] += " +" + choice.Price
			}
		}
		options[i] = l.T("product.option_group", "group", g.Name, "choices", strings.Join(names, ", "))
	}
	components := make([]string, len(f.Components))
	for i, part := range f.Components {
		components[i] = part.Name + " " + part.Price
	}
	class := l.T("product.no_class")
	if f.SuspendClass != "" {
		class = l.T("class." + f.SuspendClass)
	}
	return map[string]string{
		"name": f.Name, "category": f.Category, "price": f.Price, "gift_price": f.GiftPrice, "cost": f.Cost, "station": f.Station,
		"vat_eat_in_bp": l.Rate(f.VATEatIn), "vat_takeaway_bp": l.Rate(f.VATTakeaway), "vat_category": vatName(l, f.VATCategory), "vat_kept": yes[f.VATKept], "meal_units": f.MealUnits, "suspend_class": class,
		"food": yes[f.Food], "favourite": yes[f.Favourite], "options": strings.Join(options, " ; "), "components": strings.Join(components, " ; "), "barcode": f.Barcode,
	}
}
