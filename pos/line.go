package pos

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// LineRequest is what a tap asks for.
type LineRequest struct {
	Product string   `json:"product"`
	Qty     int      `json:"qty"` // 1 to 99
	Options []string `json:"options"`
	Note    string   `json:"note"`
	Kind    Kind     `json:"kind"`            // empty is taken as a sale
	Token   bool     `json:"token,omitempty"` // of a redemption: it was asked for with a token
}

// LineOption is one choice of a line, as it was when it was rung.
type LineOption struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Price money.Cents `json:"price"`
}

// part is one fiscal line of a line: the product, then its priced options, or the components of a fixed-price
// menu. Everything the customer pays for is a line of the journal (fiscal R13, R86).
type part struct {
	SKU      string            `json:"sku"`
	Label    string            `json:"label"`
	Price    money.Cents       `json:"price"` // of one, tax included
	EatIn    money.BasisPoints `json:"eat_in"`
	Takeaway money.BasisPoints `json:"takeaway"`
	Food     bool              `json:"food"`           // may be paid by titre-restaurant (fiscal R98)
	VAT      VATCategory       `json:"vat,omitempty"`  // whose rates it has, those of the day it is paid; empty: its own
	Kept     bool              `json:"kept,omitempty"` // packaged to be kept
}

func (p part) rate(m Mode) money.BasisPoints {
	if m == Takeaway {
		return p.Takeaway
	}
	return p.EatIn
}

// line is one line of a ticket: a snapshot of the menu at the tap, so that a later change of the menu changes
// neither its name, nor its price, nor its rates (fiscal R12).
type line struct {
	ID        int          `json:"id"`
	Product   string       `json:"product"`
	Name      string       `json:"name"`
	Category  string       `json:"category"`
	Qty       int          `json:"qty"`
	Kind      Kind         `json:"kind"`
	Options   []LineOption `json:"options"`
	Note      string       `json:"note"`
	Sent      bool         `json:"sent"`              // the kitchen has it
	Kept      bool         `json:"kept"`              // the order was put aside with it
	Station   string       `json:"station,omitempty"` // where it is made; empty: it is handed over at the counter
	Kitchen   string       `json:"kitchen,omitempty"` // what the kitchen was told of it; the parts of a divided line share it
	MealUnits int          `json:"meal_units"`
	Class     string       `json:"class"`
	Token     bool         `json:"token,omitempty"`
	Cost      money.Cents  `json:"cost"`
	Price     money.Cents  `json:"price"` // menu price of one, options included: the memo of a redemption
	Parts     []part       `json:"parts"`
	Discount  discount     `json:"discount,omitzero"`
}

// unit returns what one of it costs, before any discount.
func (l line) unit() money.Cents {
	var sum money.Cents
	for _, p := range l.Parts {
		sum += p.Price
	}
	return sum
}

// total is what the payer owes for the line.
func (l line) total() money.Cents { return l.unit()*money.Cents(l.Qty) - l.cut(l.Qty) }

// same reports whether a second tap makes the quantity grow instead of adding a line. What has a discount stays
// apart: nobody has said that the next one is cheaper too.
func (l line) same(o line) bool {
	return l.Product == o.Product && l.Kind == o.Kind && l.Note == o.Note && l.Token == o.Token && !l.seen() && l.Discount.none() && o.Discount.none() &&
		l.Qty+o.Qty <= maxLineQty && slices.Equal(l.Options, o.Options) && slices.Equal(l.Parts, o.Parts)
}

// seen reports whether the line has left the hands of whoever rang it: taking it off then needs a reason and is
// journaled (fiscal R17).
func (l line) seen() bool { return l.Sent || l.Kept }

// errLine is the refusal of a line; its fields say what is wrong.
var errLine = fault.New(fault.Invalid, "line.invalid", "The line cannot be added.")

// ring turns a request into a line, with today's names, prices and rates. field names the request in errors.
func (t *Till) ring(ctx context.Context, q data.Querier, r LineRequest, field string) (line, error) {
	if r.Kind == "" {
		r.Kind = LineSale
	}
	note, err := cleanText(field+"note", r.Note, maxNoteRunes)
	if err != nil {
		return line{}, err
	}
	switch {
	case r.Qty < 1 || r.Qty > maxLineQty:
		return line{}, errLine.Field(field+"qty", "range").With("max", maxLineQty)
	case r.Kind == LineRedemption && r.Qty > 1: // one serving at a time: each is a document of its own
		return line{}, errLine.Field(field+"qty", "range").With("max", 1)
	case r.Kind != LineSale && r.Kind != LineGift && r.Kind != LineRedemption:
		return line{}, errLine.Field(field+"kind", "one_of")
	}
	p, err := t.product(ctx, q, r.Product)
	if err != nil {
		return line{}, err
	}
	if p.Archived {
		return line{}, errArchived.With("product", p.Name)
	}
	if !p.Available {
		return line{}, fault.New(fault.Conflict, "product.sold_out", "The product is sold out.").With("product", p.Name)
	}
	if r.Kind != LineSale && p.SuspendClass == "" {
		return line{}, errLine.Field(field+"product", "not_suspended")
	}
	if r.Kind == LineGift {
		if err := mayGive(ctx, q, p.SuspendClass); err != nil {
			return line{}, err
		}
	}
	l, err := t.shape(p, r, note, field)
	if err != nil || r.Kind != LineGift || p.SuspendClass != suspended.Meal || p.MealUnits == 0 {
		return l, err
	}
	chosen, err := loadSettings(ctx, q)
	if chosen.GiftsStamp { // case 17
		l.MealUnits = p.MealUnits
	}
	return l, err
}

// untaxed reports whether this café charges no VAT: franchise en base, or an exempt association (fiscal R87).
func (t *Till) untaxed() bool {
	return t.identity.VATRegime == "franchise" || t.identity.VATRegime == "exempt_association"
}

// shape fills the line from the product, without its rates in a café that charges no VAT.
func (t *Till) shape(p Product, r LineRequest, note, field string) (line, error) {
	l, err := snapshot(p, r, note, field)
	if t.untaxed() {
		for i := range l.Parts {
			l.Parts[i].EatIn, l.Parts[i].Takeaway, l.Parts[i].VAT = 0, 0, ""
		}
	}
	return l, err
}

// snapshot fills the line from the product.
func snapshot(p Product, r LineRequest, note, field string) (line, error) {
	l := line{Product: p.ID, Name: p.Name, Category: p.Category, Qty: r.Qty, Kind: r.Kind, Note: note, Cost: p.Cost, Station: p.Station, Options: []LineOption{}}
	if r.Kind == LineGift && len(r.Options) > 0 {
		return line{}, errLine.Field(field+"options", "unknown").With("option", r.Options[0])
	}
	if r.Kind == LineGift { // one price, one rate, no choice: what it will be served as is not known yet
		l.Note = "" // a condition is no field: what is written beside a gift is not kept (case 67)
		l.Class, l.Price = p.SuspendClass, p.Price
		l.Parts = []part{{SKU: p.ID, Label: p.Name, Price: p.GiftPrice, EatIn: p.VATEatIn, Takeaway: p.VATEatIn, VAT: p.VATCategory}}
		return l, nil
	}
	chosen, err := choose(p, r.Options, field)
	if err != nil {
		return line{}, err
	}
	l.Options, l.Parts = chosen, parts(p, chosen)
	l.Price = l.unit()
	if l.Price > maxPrice {
		return line{}, errLine.Field(field+"options", "price")
	}
	if r.Kind == LineRedemption {
		l.Class, l.Parts, l.Token = p.SuspendClass, nil, r.Token
		return l, nil
	}
	l.MealUnits = p.MealUnits
	return l, nil
}

// choose checks the choices against the product's groups: each known, each group within its limits, the required
// ones answered.
func choose(p Product, ids []string, field string) ([]LineOption, error) {
	chosen := []LineOption{}
	left := slices.Clone(ids)
	for _, g := range p.Options {
		n := 0
		for _, c := range g.Choices {
			if i := slices.Index(left, c.ID); i >= 0 {
				left = slices.Delete(left, i, i+1)
				chosen = append(chosen, LineOption(c))
				n++
			}
		}
		switch {
		case n == 0 && g.Required:
			return nil, errLine.Field(field+"options", "required").With("group", g.Name)
		case g.Max > 0 && n > g.Max:
			return nil, errLine.Field(field+"options", "too_many").With("group", g.Name).With("max", g.Max)
		}
	}
	if len(left) > 0 {
		return nil, errLine.Field(field+"options", "unknown").With("option", left[0])
	}
	return chosen, nil
}

// parts cuts one unit of a product into what the journal records: a component a rate for a fixed-price menu,
// its price shared pro rata of the separate prices (fiscal R86), then each priced option.
func parts(p Product, chosen []LineOption) []part {
	words := []string{p.Name}
	for _, c := range chosen {
		if c.Price == 0 {
			words = append(words, c.Name)
		}
	}
	label := strings.Join(words, ", ")
	all := []part{{SKU: p.ID, Label: label, Price: p.Price, EatIn: p.VATEatIn, Takeaway: p.VATTakeaway, Food: p.Food, VAT: p.VATCategory, Kept: p.VATKept}}
	if len(p.Components) > 0 {
		weights := make([]int64, len(p.Components))
		for i, c := range p.Components {
			weights[i] = int64(c.Price)
		}
		all = all[:0]
		for i, share := range money.Allocate(p.Price, weights) {
			c := p.Components[i]
			all = append(all, part{SKU: p.ID, Label: label + " — " + c.Name, Price: share, EatIn: c.VATEatIn, Takeaway: c.VATTakeaway,
				VAT: c.VATCategory, Kept: p.VATKept, Food: p.Food && c.VATEatIn < normalRate}) // a menu's glass of wine is no food
		}
	}
	for _, c := range chosen {
		if c.Price > 0 {
			all = append(all, part{SKU: c.ID, Label: c.Name, Price: c.Price, EatIn: p.VATEatIn, Takeaway: p.VATTakeaway, Food: p.Food, VAT: p.VATCategory, Kept: p.VATKept})
		}
	}
	return all
}

// fiscal writes the journal's lines of a line, numbered from n.
func (l line) fiscal(m Mode, n int) []journal.Line {
	lines := make([]journal.Line, len(l.Parts))
	cuts := l.cuts()
	for i, p := range l.Parts {
		parent := 0
		if i > 0 {
			parent = n
		}
		nature := journal.Service
		if m == Takeaway && l.Kind == LineSale && !l.forFund() {
			nature = journal.Goods
		}
		lines[i] = journal.Line{
			N: n + i, Parent: parent, SKU: p.SKU, Label: p.Label, Cat: l.Category, Class: l.Class, K: journal.LineSale,
			Qty: int64(l.Qty) * 1000, Unit: "u", PU: p.Price, Disc: cuts[i], TTC: p.Price*money.Cents(l.Qty) - cuts[i], BP: p.rate(m), Nat: nature, Mode: journal.Mode(m),
		}
		if l.Kind == LineGift {
			lines[i].K = journal.LineGift
		}
		if cuts[i] != 0 {
			lines[i].Reason = l.Discount.Reason
		}
	}
	return lines
}

// unitID names the k-th meal unit of a line: the atom that earns a stamp.
func unitID(seq int64, n, k int) string {
	return lineID(seq, n) + "." + strconv.Itoa(k)
}

// lineID names a line of a sale in the ledgers of loyalty and suspended.
func lineID(seq int64, n int) string { return strconv.FormatInt(seq, 10) + "." + strconv.Itoa(n) }

// splitUnitID is the inverse of unitID.
func splitUnitID(unit string) (seq int64, n, k int, err error) {
	f := strings.Split(unit, ".")
	if len(f) != 3 {
		return 0, 0, 0, fmt.Errorf("unit %q: want three numbers", unit)
	}
	if seq, err = strconv.ParseInt(f[0], 10, 64); err != nil {
		return 0, 0, 0, fmt.Errorf("unit %q: %w", unit, err)
	}
	if n, err = strconv.Atoi(f[1]); err != nil {
		return 0, 0, 0, fmt.Errorf("unit %q: %w", unit, err)
	}
	if k, err = strconv.Atoi(f[2]); err != nil {
		return 0, 0, 0, fmt.Errorf("unit %q: %w", unit, err)
	}
	return seq, n, k, nil
}
