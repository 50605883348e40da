package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/money"
)

// VATCategory says which rates of the table a product follows (fiscal R82).
type VATCategory string

// The categories of the table, and VATOwn, which is none: the product has rates of its own.
const (
	VATPrepared VATCategory = "prepared"     // prepared food, pastries, sandwiches
	VATOpen     VATCategory = "open_drink"   // coffee, tea, soft drinks served open
	VATSealed   VATCategory = "sealed_drink" // soft drinks and water in a sealed bottle or can
	VATAlcohol  VATCategory = "alcohol"
	VATGrocery  VATCategory = "grocery" // food sold packaged, to be eaten elsewhere and later
	VATGoods    VATCategory = "goods"   // what is no food, and confectionery until the accountant says better
	VATOwn      VATCategory = "own"
)

// VATCategories lists the categories of the table in the order of its page.
func VATCategories() []VATCategory {
	return []VATCategory{VATPrepared, VATOpen, VATSealed, VATAlcohol, VATGrocery, VATGoods}
}

// VATMode is a column of the table: how something is consumed, and for what is taken away whether it is packaged to be
// kept, which the product says.
type VATMode string

// The columns of the table.
const (
	VATEatIn    VATMode = "eat_in"
	VATTakeaway VATMode = "takeaway" // to be eaten at once
	VATKept     VATMode = "kept"
)

// VATModes lists the columns of the table in their order.
func VATModes() []VATMode { return []VATMode{VATEatIn, VATTakeaway, VATKept} }

// VATRate is one cell of the table from a business day on.
type VATRate struct {
	Category VATCategory
	Mode     VATMode
	From     string            // business day, YYYY-MM-DD
	BP       money.BasisPoints // from that day on, until the next
}

// vatTable is every rate there was, is and will be, by day.
type vatTable []VATRate

// VATTable returns the table of rates, each cell by day. Refusals: none.
func (t *Till) VATTable(ctx context.Context) ([]VATRate, error) { return loadVAT(ctx, t.db.Reader()) }

func loadVAT(ctx context.Context, q data.Querier) (vatTable, error) {
	rates, err := data.All(ctx, q, func(r *data.Rows) (x VATRate, err error) { return x, r.Scan(&x.Category, &x.Mode, &x.From, &x.BP) },
		`SELECT category, mode, from_day, bp FROM vat_rates ORDER BY from_day, category, mode LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("rates of VAT: %w", err)
	}
	return rates, nil
}

// rateOn is the rate of a cell on a business day; known is false for what is in no table.
func (table vatTable) rateOn(c VATCategory, m VATMode, day string) (bp money.BasisPoints, known bool) {
	for _, r := range table { // by day: the last that fits is the one in force
		if r.Category == c && r.Mode == m && r.From <= day {
			bp, known = r.BP, true
		}
	}
	return bp, known
}

// pair is what a category charges eaten here and taken away on a business day.
func (table vatTable) pair(c VATCategory, kept bool, day string) (eatIn, takeaway money.BasisPoints, known bool) {
	eatIn, known = table.rateOn(c, VATEatIn, day)
	away := VATTakeaway
	if kept {
		away = VATKept
	}
	takeaway, _ = table.rateOn(c, away, day)
	return eatIn, takeaway, known
}

// charged is the product with the rates of its category on a business day.
func (p Product) charged(table vatTable, day string) Product {
	if eatIn, takeaway, known := table.pair(p.VATCategory, p.VATKept, day); known {
		p.VATEatIn, p.VATTakeaway = eatIn, takeaway
	}
	p.Components = slices.Clone(p.Components)
	for i := range p.Components {
		c := &p.Components[i]
		if eatIn, takeaway, known := table.pair(c.VATCategory, p.VATKept, day); known {
			c.VATEatIn, c.VATTakeaway = eatIn, takeaway
		}
	}
	return p
}

// placed is the product in the category it names, or, when it names none, in the one that charges what it says: a file
// or a form that knows rates only. What fits no category has rates of its own. drink tells what the rates do not.
func (p Product) placed(table vatTable, day string, drink bool) (Product, []breach) {
	var c checker
	if p.VATCategory == "" {
		p.VATCategory = table.guess(p.VATEatIn, p.VATTakeaway, p.VATKept, day, drink || p.SuspendClass == classCoffee)
	}
	p.Components = slices.Clone(p.Components)
	for i := range p.Components {
		part := &p.Components[i]
		if part.VATCategory == "" {
			part.VATCategory = table.guess(part.VATEatIn, part.VATTakeaway, p.VATKept, day, part.VATEatIn >= normalRate)
		}
		c.vatCategory(fmt.Sprintf("components[%d].vat_category", i), part.VATCategory)
	}
	c.vatCategory("vat_category", p.VATCategory)
	return p.charged(table, day), c.breaches
}

// classCoffee is the suspended class of hot drinks.
const classCoffee = "coffee"

func (c *checker) vatCategory(field string, category VATCategory) {
	if category != VATOwn && !slices.Contains(VATCategories(), category) {
		words := make([]string, 0, len(VATCategories())+1)
		for _, known := range append(VATCategories(), VATOwn) {
			words = append(words, string(known))
		}
		c.add(field, "one_of", map[string]any{"categories": strings.Join(words, " ")})
	}
}

// guess is the category that charges these rates on a business day. Where two do, a drink is a drink.
func (table vatTable) guess(eatIn, takeaway money.BasisPoints, kept bool, day string, drink bool) VATCategory {
	order := []VATCategory{VATPrepared, VATGoods, VATGrocery, VATSealed, VATOpen, VATAlcohol}
	if drink {
		order = []VATCategory{VATOpen, VATSealed, VATAlcohol, VATPrepared, VATGrocery, VATGoods}
	}
	for _, c := range order {
		if here, away, known := table.pair(c, kept, day); known && here == eatIn && away == takeaway {
			return c
		}
	}
	return VATOwn
}

// isDrink reports whether a category of the grid holds drinks, by its tint.
func isDrink(tint string) bool { return tint == "hot" || tint == "cold" }

// charge gives each line the rates of a business day, those of the day of its payment (fiscal R83, R88), and reports whether
// that changed one. The lines are copied: whoever shares them keeps theirs.
func (tk *ticket) charge(table vatTable, day string) (changed bool) {
	tk.Lines = slices.Clone(tk.Lines)
	for i := range tk.Lines {
		l := &tk.Lines[i]
		l.Parts = slices.Clone(l.Parts)
		for k := range l.Parts {
			changed = l.Parts[k].charge(table, day, l.Kind == LineGift || l.forFund()) || changed
		}
	}
	return changed
}

// charge is charge of one part. What is given has the rate of what is eaten here, however it will be served (fiscal U1).
func (p *part) charge(table vatTable, day string, given bool) bool {
	eatIn, takeaway, known := table.pair(p.VAT, p.Kept, day)
	if !known {
		return false
	}
	if given {
		takeaway = eatIn
	}
	changed := p.EatIn != eatIn || p.Takeaway != takeaway
	p.EatIn, p.Takeaway = eatIn, takeaway
	return changed
}

// todaysVAT is the table in memory, or the one q sees when none is loaded.
func (t *Till) todaysVAT(ctx context.Context, q data.Querier) (vatTable, error) {
	if k := t.todaysMenu(); k != nil {
		return k.rows.vat, nil
	}
	return loadVAT(ctx, q)
}
