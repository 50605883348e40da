package pos_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// event is one EVENT entry of the journal.
type event struct {
	Op   string
	Data map[string]any
}

// events reads the journal's events of a code, oldest first.
func (c *cafe) events(code journal.Code) []event {
	c.tb.Helper()
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 10000)
	if err != nil {
		c.tb.Fatalf("journal: %v", err)
	}
	var found []event
	for _, e := range entries {
		if e.Kind != journal.KindEvent {
			continue
		}
		env, err := e.Envelope()
		if err != nil {
			c.tb.Fatal(err)
		}
		var body journal.EventBody
		if err := e.Decode(&body); err != nil {
			c.tb.Fatal(err)
		}
		if body.Code == code {
			found = append(found, event{env.Op, body.Data})
		}
	}
	return found
}

func (c *cafe) lastChange() event {
	c.tb.Helper()
	all := c.events(journal.EventConfigChange)
	return all[len(all)-1]
}

// seq is how many journal entries and events there are: a refusal leaves both alone.
func (c *cafe) seq() [2]int64 {
	entries, _ := c.Journal().Head()
	events, _ := c.DB().EventHead()
	return [2]int64{entries, events}
}

func (c *cafe) product(id string) pos.Product {
	c.tb.Helper()
	m, err := c.Menu(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	i := slices.IndexFunc(m.Products, func(p pos.Product) bool { return p.ID == id })
	if i < 0 {
		c.tb.Fatalf("no product %s on the menu", id)
	}
	return m.Products[i]
}

func (c *cafe) save(p pos.Product) pos.Product {
	c.tb.Helper()
	saved, err := c.SaveProduct(ctx(), c.byManager(), p)
	if err != nil {
		c.tb.Fatalf("save %s: %v", p.Name, err)
	}
	return saved
}

func scone() pos.Product {
	return pos.Product{Name: "Scone", Category: "Goûter", Price: 270, VATEatIn: 1000, VATTakeaway: 550, Food: true, Available: true}
}

func TestAProductKeepsItsIDWhenItsNameChanges(t *testing.T) {
	c := foundCafe(t)
	p := c.save(scone())
	if p.ID != "scone" || p.Category != "gouter" {
		t.Fatalf("id %q, category %q", p.ID, p.Category)
	}
	p.Name, p.Price = "Scone maison", 300
	if got := c.save(p); got.ID != "scone" || got.Name != "Scone maison" {
		t.Fatalf("changed: %+v", got)
	}
	other := c.save(scone()) // the name is free again, the id is not
	if other.ID != "scone-2" {
		t.Errorf("id %q, want scone-2", other.ID)
	}
	want := event{Op: c.manager.Code, Data: map[string]any{"what": "product", "id": "scone",
		"old": map[string]any{"name": "Scone", "price": 270.0, "gift_price": 270.0},
		"new": map[string]any{"name": "Scone maison", "price": 300.0, "gift_price": 300.0}}}
	changes := c.events(journal.EventConfigChange)
	if diff := cmp.Diff(want, changes[len(changes)-2]); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func TestSavingWhatIsThereWritesNothing(t *testing.T) {
	c := foundCafe(t)
	p := c.save(scone())
	before := c.seq()
	c.save(p)
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

func TestGiftPriceAndCostFollowThePriceUntilTheyAreSet(t *testing.T) {
	c := foundCafe(t)
	p := c.save(scone())
	if p.GiftPrice != 270 || p.Cost != 81 || !p.CostEstimated {
		t.Fatalf("gift %d, cost %d (estimated %v), want 270, 81, true", p.GiftPrice, p.Cost, p.CostEstimated)
	}
	p.Price = 335
	if p = c.save(p); p.GiftPrice != 335 || p.Cost != 101 || !p.CostEstimated { // 100.5 rounds up
		t.Fatalf("gift %d, cost %d, want 335, 101", p.GiftPrice, p.Cost)
	}
	p.GiftPrice, p.Cost, p.CostEstimated = 200, 90, false
	p = c.save(p)
	p.Price = 400
	if p = c.save(p); p.GiftPrice != 200 || p.Cost != 90 || p.CostEstimated {
		t.Errorf("gift %d, cost %d, want 200, 90", p.GiftPrice, p.Cost)
	}
}

func TestOptionsGetIDsInsideTheirProduct(t *testing.T) {
	c := foundCafe(t)
	p := scone()
	p.Options = []pos.OptionGroup{
		{Name: "Lait", Required: true, Choices: []pos.Choice{{Name: "Vache"}, {Name: "Avoine", Price: 50}}},
		{Name: "Lait", Max: 2, Choices: []pos.Choice{{Name: "x"}, {Name: "X", Price: 10}}},
	}
	c.save(p)
	want := []pos.OptionGroup{
		{ID: "lait", Name: "Lait", Required: true, Max: 1, Choices: []pos.Choice{{ID: "lait/vache", Name: "Vache"}, {ID: "lait/avoine", Name: "Avoine", Price: 50}}},
		{ID: "lait-2", Name: "Lait", Max: 2, Choices: []pos.Choice{{ID: "lait-2/x", Name: "x"}, {ID: "lait-2/x-2", Name: "X", Price: 10}}},
	}
	if diff := cmp.Diff(want, c.product("scone").Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	saved := c.product("scone")
	saved.Options = nil
	if got := c.save(saved); len(got.Options) != 0 {
		t.Errorf("options remain: %v", got.Options)
	}
}

func TestARefusedProductNamesItsFieldsAndLeavesNothing(t *testing.T) {
	c := foundCafe(t)
	coffee := c.product("cafe")
	for _, x := range []struct {
		name   string
		change func(*pos.Product)
		code   string
		fields string
	}{
		{"no name", func(p *pos.Product) { p.Name = " " }, "menu.invalid", "name:required"},
		{"long name", func(p *pos.Product) { p.Name = strings.Repeat("a", 61) }, "menu.invalid", "name:too_long"},
		{"name with a line break", func(p *pos.Product) { p.Name = "a\nb" }, "menu.invalid", "name:control"},
		{"name of another, in capitals", func(p *pos.Product) { p.Name = "CAFE" }, "menu.invalid", "name:taken"},
		{"no category", func(p *pos.Product) { p.Category = "" }, "menu.invalid", "category:required"},
		{"price below zero", func(p *pos.Product) { p.Price = -1 }, "menu.invalid", "price:range"},
		{"price over the limit", func(p *pos.Product) { p.Price = 1_000_000 }, "menu.invalid", "price:range"},
		{"ten meals in one", func(p *pos.Product) { p.MealUnits = 10 }, "menu.invalid", "meal_units:range"},
		{"a rate that is none", func(p *pos.Product) { p.VATEatIn, p.VATTakeaway = 1960, 700 }, "menu.invalid", "vat_eat_in_bp:rate vat_takeaway_bp:rate"},
		{"unknown class", func(p *pos.Product) { p.VATTakeaway, p.SuspendClass = 1000, "tea" }, "menu.invalid", "suspend_class:class"},
		{"class with two rates", func(p *pos.Product) { p.SuspendClass = "coffee" }, "menu.class_rate", "suspend_class:class_rate"},
		{"class with alcohol", func(p *pos.Product) { p.VATEatIn, p.VATTakeaway, p.SuspendClass = 2000, 2000, "coffee" }, "menu.class_rate", "suspend_class:class_rate"},
		{"class at another rate than the rest", func(p *pos.Product) { p.VATEatIn, p.VATTakeaway, p.SuspendClass = 550, 550, "coffee" }, "menu.class_rate", "suspend_class:class_rate"},
		{"class for nothing", func(p *pos.Product) { p.Price, p.VATTakeaway, p.SuspendClass = 0, 1000, "coffee" }, "menu.invalid", "gift_price:range"},
		{"class with a part at another rate", func(p *pos.Product) {
			p.VATTakeaway, p.SuspendClass = 1000, "meal"
			p.Components = []pos.Component{{Name: "a", Price: 1, VATEatIn: 1000, VATTakeaway: 1000}, {Name: "b", Price: 1, VATEatIn: 2000, VATTakeaway: 2000}}
		}, "menu.class_rate", "suspend_class:class_rate"},
		{"a menu of one part", func(p *pos.Product) { p.Components = []pos.Component{{Name: "a", Price: 1}} }, "menu.invalid", "components:range"},
		{"a part without a price", func(p *pos.Product) {
			p.Components = []pos.Component{{Name: "a", Price: 100, VATEatIn: 1000, VATTakeaway: 1000}, {Name: "b", VATEatIn: 1000, VATTakeaway: 1000}}
		}, "menu.invalid", "components[1].price:range"},
		{"a question without answers", func(p *pos.Product) { p.Options = []pos.OptionGroup{{Name: "Lait"}} }, "menu.invalid", "options[0].choices:required"},
		{"more answers than there are", func(p *pos.Product) {
			p.Options = []pos.OptionGroup{{Name: "Lait", Max: 2, Choices: []pos.Choice{{Name: "a"}}}}
		}, "menu.invalid", "options[0].max:range"},
		{"an answer with a mark", func(p *pos.Product) {
			p.Options = []pos.OptionGroup{{Name: "Lait", Choices: []pos.Choice{{Name: "a|b", Price: -1}}}}
		}, "menu.invalid", "options[0].choices[0].name:mark options[0].choices[0].price:range"},
		{"unknown id", func(p *pos.Product) { p.ID = "nothing" }, "product.unknown", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := c.seq()
			p := scone()
			x.change(&p)
			_, err := c.SaveProduct(ctx(), c.byManager(), p)
			e := refused(t, err, x.code)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Name+":"+f.Code)
			}
			if got := strings.Join(fields, " "); got != x.fields {
				t.Errorf("fields %q, want %q", got, x.fields)
			}
			if got := c.seq(); got != before {
				t.Errorf("journal and events went from %v to %v", before, got)
			}
		})
	}
	if diff := cmp.Diff(coffee, c.product("cafe")); diff != "" {
		t.Errorf("the coffee changed:\n%s", diff)
	}
}

func TestOnlyAManagerChangesTheMenuButABaristaMarksSoldOut(t *testing.T) {
	c := foundCafe(t)
	accountant := pos.By{Operator: pos.Operator{Code: "COMPTA", Role: pos.RoleAccountant}}
	_, err := c.SaveProduct(ctx(), c.by(), scone())
	refused(t, err, "right.missing")
	_, err = c.ImportMenu(ctx(), c.by(), pos.MenuFile{Products: []pos.Product{scone()}})
	refused(t, err, "right.missing")
	_, err = c.SetAvailable(ctx(), accountant, "cafe", false, "")
	refused(t, err, "right.missing")
	_, err = c.SetAvailable(ctx(), c.by(), "nothing", false, "")
	refused(t, err, "product.unknown")

	p, err := c.SetAvailable(ctx(), c.by(), "cafe", false, "")
	if err != nil || p.Available || c.product("cafe").Available {
		t.Fatalf("sold out: %+v, %v", p, err)
	}
	want := event{Op: c.barista.Code, Data: map[string]any{"what": "product", "id": "cafe", "old": map[string]any{"available": true}, "new": map[string]any{"available": false}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	before := c.seq()
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, ""); err != nil || c.seq() != before {
		t.Errorf("again: %v, %v to %v", err, before, c.seq())
	}
}

func TestTheMenuIsNewAfterTheCommitAndAfterARestart(t *testing.T) {
	c := openCafe(t)
	first, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	p := c.product("cafe")
	p.Price = 250
	c.save(p)
	second, err := c.Menu(ctx())
	if err != nil || second.Version <= first.Version {
		t.Fatalf("version %d after %d, %v", second.Version, first.Version, err)
	}
	if r := c.sell("", line("cafe", 1)); r.Total != 250 {
		t.Errorf("sold at %d, want the new price 250", r.Total)
	}
	c.reopen()
	if r := c.sell("", line("cafe", 1)); r.Total != 250 { // nobody has asked for the menu yet
		t.Errorf("sold at %d after the restart, want 250", r.Total)
	}
}

func TestAFailedChangeLeavesTheMenuInMemoryAsItWas(t *testing.T) {
	var faults datatest.FailAt
	c := openCafe(t, func(config *pos.Config) { config.Fault = faults.Fault })
	for n := 1; ; n++ {
		p := c.product("creme")
		p.Price++
		p.Options = []pos.OptionGroup{{Name: "Lait", Required: true, Choices: []pos.Choice{{Name: "chèvre"}}}}
		faults.Arm(n, "exec")
		_, err := c.SaveProduct(ctx(), c.byManager(), p)
		hit := faults.Hit()
		faults.Arm(0, "")
		if hit == nil {
			if err != nil || n < 5 {
				t.Fatalf("step %d: %v", n, err)
			}
			break
		}
		if err == nil {
			t.Fatalf("step %d (%s) failed and the change was answered as done", n, hit.SQL)
		}
		if got := c.product("creme"); got.Price != 300 || got.Options[0].Choices[0].Name != "vache" {
			t.Fatalf("after step %d failed (%s): %+v", n, hit.SQL, got)
		}
	}
	if got := c.product("creme"); got.Price != 301 || got.Options[0].Choices[0].ID != "lait/chevre" {
		t.Errorf("the change is not there: %+v", got)
	}
}

func TestAProductIsNeverDeleted(t *testing.T) {
	c := foundCafe(t)
	err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM products WHERE id = 'cafe'`)
		return err
	})
	if err == nil || fault.CodeOf(err) != "internal" {
		t.Fatalf("got %v", err)
	}
}

func TestTheSameCommandSavesOnce(t *testing.T) {
	c := foundCafe(t)
	by := c.byManager()
	first, err := c.SaveProduct(ctx(), by, scone())
	if err != nil {
		t.Fatal(err)
	}
	before := c.seq()
	again, err := c.SaveProduct(ctx(), by, scone())
	if diff := cmp.Diff(first, again); err != nil || diff != "" || c.seq() != before {
		t.Errorf("replay: %v, %s", err, diff)
	}
}
