package pos

import (
	"fmt"
	"strings"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
)

// breach is one rule of the menu that a product breaks.
type breach struct {
	field string // path in the product's JSON, such as "options[0].name"
	code  string
	args  map[string]any
}

// Refusals of a product. errClassRate is told when all that is wrong is the rate of a suspended class.
var (
	errMenu      = fault.New(fault.Invalid, "menu.invalid", "The product breaks a rule of the menu; the fields say which.")
	errClassRate = fault.New(fault.Invalid, "menu.class_rate", "What can be suspended has one rate, eaten here or taken away, the same for the whole class, and no alcohol.")
)

// Codes of breaches that are looked for by name.
const (
	codeClassRate = "class_rate"
	codeRange     = "range"
	codeRequired  = "required"
	codeTaken     = "taken"
	codeTooMany   = "too_many"
)

func refuseProduct(breaches []breach) error {
	e := errMenu
	if breaches[0].code == codeClassRate {
		e = errClassRate
	}
	return (&checker{breaches}).refusal(e)
}

// checker collects breaches.
type checker struct{ breaches []breach }

func (c *checker) add(field, code string, args map[string]any) {
	c.breaches = append(c.breaches, breach{field, code, args})
}

// refusal is e with every breach as a field; nil when there is none.
func (c *checker) refusal(e *fault.Error) error {
	if len(c.breaches) == 0 {
		return nil
	}
	all := *e
	for _, b := range c.breaches {
		all.Fields = append(all.Fields, fault.Field{Name: b.field, Code: b.code, Args: b.args})
	}
	return &all
}

func (c *checker) between(field string, v, low, high int64) {
	if v < low || v > high {
		c.add(field, codeRange, map[string]any{"min": low, "max": high})
	}
}

func (c *checker) rate(field string, bp money.BasisPoints, day string) {
	if !rateInForce(bp, day) {
		c.add(field, "rate", map[string]any{"bp": int64(bp)})
	}
}

// name cleans a text that is required; optional cleans one that may be empty.
func (c *checker) name(field string, s *string) {
	clean, err := requireName(field, *s)
	c.take(s, clean, err)
}

func (c *checker) optional(field string, s *string, limit int) {
	clean, err := cleanText(field, *s, limit)
	c.take(s, clean, err)
}

func (c *checker) take(s *string, clean string, err error) {
	e, refused := fault.As(err)
	if !refused {
		*s = clean
		return
	}
	for _, f := range e.Fields {
		c.add(f.Name, f.Code, e.Args)
	}
}

// checkProduct checks what a product says of itself on a business day, and returns it in its kept form: texts
// cleaned, ids of options derived from their names, gift price and cost filled in.
func checkProduct(p Product, day string) (Product, []breach) {
	var c checker
	c.name("name", &p.Name)
	c.name("category", &p.Category)
	c.optional("station", &p.Station, maxStationRunes)
	c.optional("suspend_class", &p.SuspendClass, maxStationRunes)
	c.barcode(&p.Barcode)
	c.between("price", int64(p.Price), 0, maxPrice)
	c.between("gift_price", int64(p.GiftPrice), 0, maxPrice)
	c.between("cost", int64(p.Cost), 0, maxPrice)
	c.between("meal_units", int64(p.MealUnits), 0, maxMealUnits)
	if p.VATCategory == "" || p.VATCategory == VATOwn { // the rates of a category are the table's
		c.rate("vat_eat_in_bp", p.VATEatIn, day)
		c.rate("vat_takeaway_bp", p.VATTakeaway, day)
	}
	p = filled(p)
	if p.Available {
		p.Back = ""
	} else if _, err := time.Parse(time.DateOnly, p.Back); err != nil && p.Back != "" {
		c.add("back", "date", nil)
	}
	p.Options = c.options(p.Options)
	p.Components = c.components(p.Components, day)
	if p.SuspendClass != "" && len(c.breaches) == 0 {
		c.class(p)
	}
	return p, c.breaches
}

const maxStationRunes = 30

// filled puts the price for a gift price that is not set, and an estimate for a cost that is not.
func filled(p Product) Product {
	if p.GiftPrice == 0 {
		p.GiftPrice = p.Price
	}
	if p.Cost == 0 || p.CostEstimated {
		p.Cost, p.CostEstimated = estimatedCost(p.Price), true
	}
	return p
}

// class checks what can be known of a suspended product alone: the tax paid with a gift must be the tax of what is
// served for it (fiscal U1), which a rate that depends on the mode or on a component does not allow.
func (c *checker) class(p Product) {
	mixed := p.VATEatIn != p.VATTakeaway || p.VATEatIn >= normalRate
	for _, part := range p.Components {
		mixed = mixed || part.VATEatIn != p.VATEatIn || part.VATTakeaway != p.VATEatIn
	}
	if mixed {
		c.add("suspend_class", codeClassRate, nil)
	}
	if p.GiftPrice < 1 {
		c.add("gift_price", codeRange, map[string]any{"min": int64(1), "max": int64(maxPrice)})
	}
}

// optionMarks are the characters that the menu file gives a meaning to in its options column.
const optionMarks = "|;:*+×"

func (c *checker) options(groups []OptionGroup) []OptionGroup {
	if len(groups) > maxGroups {
		c.add("options", codeTooMany, map[string]any{"max": maxGroups})
		return []OptionGroup{}
	}
	kept := make([]OptionGroup, len(groups))
	ids := map[string]bool{}
	for i, g := range groups {
		at := fmt.Sprintf("options[%d]", i)
		c.optionName(at+".name", &g.Name)
		if g.Max == 0 {
			g.Max = 1
		}
		g.ID = free(slug(g.Name, "option"), func(id string) bool { return ids[id] })
		ids[g.ID] = true
		if len(g.Choices) > maxChoices {
			c.add(at+".choices", codeTooMany, map[string]any{"max": maxChoices})
			continue
		}
		if len(g.Choices) == 0 {
			c.add(at+".choices", codeRequired, nil)
			continue
		}
		c.between(at+".max", int64(g.Max), 1, int64(len(g.Choices)))
		g.Choices = c.choices(at, g)
		kept[i] = g
	}
	return kept
}

func (c *checker) choices(at string, g OptionGroup) []Choice {
	kept := make([]Choice, len(g.Choices))
	ids := map[string]bool{}
	for k, choice := range g.Choices {
		at := fmt.Sprintf("%s.choices[%d]", at, k)
		c.optionName(at+".name", &choice.Name)
		c.between(at+".price", int64(choice.Price), 0, maxPrice)
		choice.ID = free(g.ID+"/"+slug(choice.Name, "choice"), func(id string) bool { return ids[id] })
		ids[choice.ID] = true
		kept[k] = choice
	}
	return kept
}

func (c *checker) optionName(field string, s *string) {
	c.name(field, s)
	if strings.ContainsAny(*s, optionMarks) {
		c.add(field, "mark", map[string]any{"marks": optionMarks})
	}
}

// components checks the parts of a fixed-price menu. One that cannot be split is refused here, not at the till
// (fiscal R86): every part has a separate price.
func (c *checker) components(parts []Component, day string) []Component {
	if len(parts) == 1 || len(parts) > maxComponents {
		c.add("components", codeRange, map[string]any{"min": int64(2), "max": int64(maxComponents)})
		return nil
	}
	var kept []Component
	for i, p := range parts {
		at := fmt.Sprintf("components[%d]", i)
		c.name(at+".name", &p.Name)
		c.between(at+".price", int64(p.Price), 1, maxPrice)
		if p.VATCategory == "" || p.VATCategory == VATOwn {
			c.rate(at+".vat_eat_in_bp", p.VATEatIn, day)
			c.rate(at+".vat_takeaway_bp", p.VATTakeaway, day)
		}
		kept = append(kept, p)
	}
	return kept
}
