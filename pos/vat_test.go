package pos_test

import (
	"strings"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
)

// rateOf sells one of a product and returns the rates of the journal's lines.
func (c *cafe) rateOf(product string, mode pos.Mode) (all []money.BasisPoints) {
	c.tb.Helper()
	p := c.product(product)
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: mode, Lines: []pos.LineRequest{line(product, 1)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: p.Price}}})
	if err != nil {
		c.tb.Fatalf("sell %s: %v", product, err)
	}
	for _, l := range c.body(r.Number).Lines {
		all = append(all, l.BP)
	}
	return all
}

// TestEveryCellOfTheTable is fiscal R82, cell by cell: what the journal has for a product of each category, eaten here,
// taken away to be eaten at once, and taken away to be kept.
func TestEveryCellOfTheTable(t *testing.T) {
	c := openCafe(t)
	for _, row := range []struct {
		name                  string
		category              pos.VATCategory
		here, atOnce, forKeep money.BasisPoints
	}{
		{"Quiche", pos.VATPrepared, 1000, 1000, 550},
		{"Thé", pos.VATOpen, 1000, 1000, 1000},
		{"Limonade en bouteille", pos.VATSealed, 1000, 550, 550},
		{"Vin", pos.VATAlcohol, 2000, 2000, 2000},
		{"Café en grains", pos.VATGrocery, 550, 550, 550},
		{"Tasse", pos.VATGoods, 2000, 2000, 2000},
	} {
		for _, kept := range []bool{false, true} {
			p := pos.Product{Name: row.name, Category: "R82", Price: 500, VATCategory: row.category, VATKept: kept, Available: true}
			if kept {
				p.Name += " à garder"
			}
			p, err := c.SaveProduct(ctx(), c.byManager(), p)
			if err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
			away := row.atOnce
			if kept {
				away = row.forKeep
			}
			if got := c.rateOf(p.ID, pos.EatIn); got[0] != row.here {
				t.Errorf("%s eaten here, packaged %t: got %d, want %d", row.name, kept, got[0], row.here)
			}
			if got := c.rateOf(p.ID, pos.Takeaway); got[0] != away {
				t.Errorf("%s taken away, packaged %t: got %d, want %d", row.name, kept, got[0], away)
			}
		}
	}
	c.verify()
}

// TestAProductSaidByItsRatesHasTheirCategory: files and forms that know rates only.
func TestAProductSaidByItsRatesHasTheirCategory(t *testing.T) {
	c := openCafe(t)
	for id, want := range map[string]pos.VATCategory{"cafe": pos.VATOpen, "plat": pos.VATPrepared, "eau": pos.VATSealed, "biere": pos.VATAlcohol} {
		if got := c.product(id).VATCategory; got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	if parts := c.product("formule").Components; parts[0].VATCategory != pos.VATPrepared || parts[1].VATCategory != pos.VATAlcohol {
		t.Errorf("the parts of the menu: %+v", parts)
	}
	odd := c.save(pos.Product{Name: "Journal", Category: "Divers", Price: 150, VATEatIn: 210, VATTakeaway: 210, Available: true})
	if odd.VATCategory != pos.VATOwn || odd.VATEatIn != 210 {
		t.Errorf("%+v", odd)
	}
	_, err := c.SaveProduct(ctx(), c.byManager(), pos.Product{Name: "Rien", Category: "Divers", Price: 150, VATCategory: "magic", Available: true})
	if e := refused(t, err, "menu.invalid"); e.Fields[0].Name != "vat_category" {
		t.Errorf("%+v", e)
	}
}

// TestAFileKeepsTheCategory: a file as the café was given it has rates and no category; what it does not say stays.
func TestAFileKeepsTheCategory(t *testing.T) {
	c := openCafe(t)
	p := c.product("cafe")
	p.VATCategory = pos.VATPrepared
	c.save(p)
	if r, err := c.importCSV("name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp\nCafé,Chaud,230,1000,1000\nBière,Froid,450,2000,2000\n"); err != nil || r.Changed != 1 || r.Unchanged != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := c.product("cafe"); got.VATCategory != pos.VATPrepared || got.Price != 230 {
		t.Errorf("%+v", got)
	}
	m, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := m.File().WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	if r, err := c.importCSV(text.String()); err != nil || r.Changed+r.Added != 0 {
		t.Errorf("its own file changes the menu: %+v, %v", r, err)
	}
}

// TestANewRateTouchesNothingSold is fiscal R88: a new rate from a day on, journaled with what it was; what was sold keeps its
// rate, also in its refund; the day it begins, the till charges it.
func TestANewRateTouchesNothingSold(t *testing.T) {
	c := openCafe(t)
	sold := c.sell("", line("plat", 1))
	_, err := c.ChangeVAT(ctx(), c.by(), pos.VATChange{From: c.DB().Today()})
	refused(t, err, "right.missing")
	_, err = c.ChangeVAT(ctx(), c.byManager(), pos.VATChange{From: "2020-01-01", Rates: []pos.VATRate{{Category: pos.VATPrepared, Mode: pos.VATEatIn, BP: 9000}, {Category: "x", Mode: pos.VATKept}}})
	if e := refused(t, err, "vat.invalid"); len(e.Fields) != 3 {
		t.Errorf("%+v", e.Fields)
	}
	change := pos.VATChange{From: c.Tomorrow(), Rates: []pos.VATRate{
		{Category: pos.VATPrepared, Mode: pos.VATEatIn, BP: 1200}, {Category: pos.VATPrepared, Mode: pos.VATTakeaway, BP: 1200}, {Category: pos.VATPrepared, Mode: pos.VATKept, BP: 550}}}
	if n, err := c.ChangeVAT(ctx(), c.byManager(), change); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	if e := c.lastChange(); e.Data["what"] != "vat" || e.Data["id"] != "prepared" || e.Data["old"].(map[string]any)["eat_in"] != float64(1000) || e.Data["new"].(map[string]any)["eat_in"] != float64(1200) {
		t.Errorf("%+v", e.Data)
	}
	if got := c.rateOf("plat", pos.EatIn); got[0] != 1000 {
		t.Errorf("today it is %d", got[0])
	}
	c.clock.Advance(day)
	if got := c.rateOf("plat", pos.EatIn); got[0] != 1200 || c.product("plat").VATEatIn != 1200 {
		t.Errorf("from its day on it is %d", got[0])
	}
	if got := c.rateOf("eau", pos.EatIn); got[0] != 1000 {
		t.Errorf("another category has changed to %d", got[0])
	}
	back := c.refund(sold.ID, 1, 1)
	if b := c.body(back.Number); b.Lines[0].BP != 1000 {
		t.Errorf("the refund is at %d", b.Lines[0].BP)
	}
	c.verify()
}

// TestAnOrderIsPaidAtTheRatesOfItsDay: rung before the cut-off, paid after it; the till says so before the payment.
func TestAnOrderIsPaidAtTheRatesOfItsDay(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("formule", 1), gift("plat", 1))
	if _, err := c.ChangeVAT(ctx(), c.byManager(), pos.VATChange{From: c.Tomorrow(), Rates: []pos.VATRate{
		{Category: pos.VATPrepared, Mode: pos.VATEatIn, BP: 1200}, {Category: pos.VATPrepared, Mode: pos.VATTakeaway, BP: 1200}}}); err != nil {
		t.Fatal(err)
	}
	if tk, err := c.Ticket(ctx(), tk.ID); err != nil || tk.RatesChanged {
		t.Errorf("before the day: %+v, %v", tk, err)
	}
	c.clock.Advance(day)
	tk, err := c.Ticket(ctx(), tk.ID)
	if err != nil || !tk.RatesChanged || tk.Lines[0].VATBP != 1200 || tk.Total != 2000 {
		t.Errorf("%+v, %v", tk, err)
	}
	r := c.settle(tk)
	b := c.body(r.Number)
	if b.Lines[0].BP != 1200 || b.Lines[1].BP != 2000 || b.Lines[2].BP != 1200 || b.Total.TTC != 2000 {
		t.Errorf("%+v", b.Lines)
	}
	c.verify()
}

// TestASuspendedClassKeepsOneRate is fiscal U1: the tax paid with a gift is the tax of what is served for it.
func TestASuspendedClassKeepsOneRate(t *testing.T) {
	c := openCafe(t)
	_, err := c.ChangeVAT(ctx(), c.byManager(), pos.VATChange{From: c.Tomorrow(), Rates: []pos.VATRate{{Category: pos.VATPrepared, Mode: pos.VATTakeaway, BP: 550}}})
	if e := refused(t, err, "vat.class"); e.Args["products"] != "Plat" {
		t.Errorf("%+v", e.Args)
	}
	table, err := c.VATTable(ctx())
	if err != nil || len(table) != 18 {
		t.Errorf("%d cells, %v", len(table), err)
	}
}

// TestAMenuIsSplitByThePricesOfItsParts is fiscal R86 with its vector, through a sale.
func TestAMenuIsSplitByThePricesOfItsParts(t *testing.T) {
	c := openCafe(t)
	b := c.body(c.sell("", line("formule", 1)).Number)
	if len(b.Lines) != 2 || b.Lines[0].TTC != 1050 || b.Lines[0].HT != 955 || b.Lines[1].TTC != 350 || b.Lines[1].HT != 292 {
		t.Errorf("%+v", b.Lines)
	}
	_, err := c.SaveProduct(ctx(), c.byManager(), pos.Product{Name: "Midi", Category: "Repas", Price: 1400, VATEatIn: 1000, VATTakeaway: 1000, Available: true,
		Components: []pos.Component{{Name: "plat", Price: 1200, VATEatIn: 1000, VATTakeaway: 1000}, {Name: "vin", VATEatIn: 2000, VATTakeaway: 2000}}})
	if e := refused(t, err, "menu.invalid"); e.Fields[0].Name != "components[1].price" {
		t.Errorf("%+v", e)
	}
}
