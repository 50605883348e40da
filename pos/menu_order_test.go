package pos_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/fault"
	"comptoir/pos"
)

// inCategory lists the names of a category on the grid, in order.
func (c *cafe) inCategory(id string) string {
	c.tb.Helper()
	var names []string
	for _, p := range mustMenu(c).Products {
		if p.Category == id {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
}

func (c *cafe) liked() string {
	c.tb.Helper()
	var names []string
	for _, p := range mustMenu(c).Favourites() {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func (c *cafe) rail() string {
	c.tb.Helper()
	var names []string
	for _, p := range mustMenu(c).Categories {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func (c *cafe) like(ids ...string) {
	c.tb.Helper()
	for _, id := range ids {
		p := c.product(id)
		p.Favourite = true
		c.save(p)
	}
}

func (c *cafe) archive(id string, away bool) {
	c.tb.Helper()
	if _, err := c.ArchiveProduct(ctx(), c.byManager(), id, away); err != nil {
		c.tb.Fatalf("archive %s: %v", id, err)
	}
}

func TestAProductMovesAmongThoseOfItsCategory(t *testing.T) {
	c := foundCafe(t) // Repas: Plat Duo Offert Formule, with others between them
	for _, x := range []struct {
		id   string
		move pos.Move
		want string
	}{
		{"duo", pos.MoveUp, "Duo Plat Offert Formule"},
		{"duo", pos.MoveUp, "Duo Plat Offert Formule"}, // it is first
		{"plat", pos.MoveDown, "Duo Offert Plat Formule"},
		{"formule", pos.MoveTop, "Formule Duo Offert Plat"},
		{"plat", pos.MoveDown, "Formule Duo Offert Plat"}, // it is last
	} {
		if err := c.MoveProduct(ctx(), c.byManager(), x.id, x.move); err != nil {
			t.Fatal(err)
		}
		if got := c.inCategory("repas"); got != x.want {
			t.Errorf("%s %s: %s, want %s", x.id, x.move, got, x.want)
		}
	}
	if got := c.inCategory("chaud") + c.inCategory("froid"); got != "Café CrèmeEau Bière" {
		t.Errorf("others moved: %s", got)
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "product", "id": "formule", "old": map[string]any{"position": 4.0}, "new": map[string]any{"position": 1.0}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	c.reopen()
	if got := c.inCategory("repas"); got != "Formule Duo Offert Plat" {
		t.Errorf("after a restart: %s", got)
	}
}

func TestAMoveThatIsNoneWritesNothingAndARefusedOneSaysWhy(t *testing.T) {
	c := foundCafe(t)
	c.archive("duo", true)
	before := c.seq()
	for _, x := range []struct {
		name string
		err  error
		code string
	}{
		{"edge", c.MoveProduct(ctx(), c.byManager(), "plat", pos.MoveUp), ""},
		{"rail's edge", c.MoveCategory(ctx(), c.byManager(), "chaud", pos.MoveTop), ""},
		{"barista", c.MoveProduct(ctx(), c.by(), "plat", pos.MoveDown), "right.missing"},
		{"sideways", c.MoveProduct(ctx(), c.byManager(), "plat", "left"), "move.invalid"},
		{"unknown", c.MoveProduct(ctx(), c.byManager(), "none", pos.MoveUp), "product.unknown"},
		{"archived", c.MoveProduct(ctx(), c.byManager(), "duo", pos.MoveUp), "product.archived"},
		{"no favourite", c.MoveFavourite(ctx(), c.byManager(), "plat", pos.MoveUp), "product.no_favourite"},
		{"no category", c.MoveCategory(ctx(), c.byManager(), "none", pos.MoveUp), "category.unknown"},
	} {
		if got := fault.CodeOf(x.err); x.err != nil && got != x.code || x.err == nil && x.code != "" {
			t.Errorf("%s: %v, want %q", x.name, x.err, x.code)
		}
	}
	if c.seq() != before {
		t.Errorf("journal and events went from %v to %v", before, c.seq())
	}
}

func TestFavouritesHaveAnOrderOfTheirOwn(t *testing.T) {
	c := foundCafe(t)
	c.like("plat", "cafe", "eau")
	if got := c.liked(); got != "Plat Café Eau" {
		t.Fatalf("in the order in which they were chosen: %s", got)
	}
	if err := c.MoveFavourite(ctx(), c.byManager(), "eau", pos.MoveTop); err != nil {
		t.Fatal(err)
	}
	if err := c.MoveFavourite(ctx(), c.byManager(), "cafe", pos.MoveUp); err != nil {
		t.Fatal(err)
	}
	if got := c.liked(); got != "Eau Café Plat" {
		t.Errorf("moved: %s", got)
	}
	if got := c.inCategory("chaud"); got != "Café Crème" {
		t.Errorf("the category moved too: %s", got)
	}
	p := c.product("cafe")
	p.Favourite = false
	c.save(p)
	c.like("creme")
	if got := c.liked(); got != "Eau Plat Crème" || c.product("creme").FavouritePlace != 3 {
		t.Errorf("one gone, one new: %s, at %d", got, c.product("creme").FavouritePlace)
	}
	// An archived favourite keeps its place, and nobody stumbles over it.
	c.archive("plat", true)
	if err := c.MoveFavourite(ctx(), c.byManager(), "creme", pos.MoveUp); err != nil || c.liked() != "Crème Eau" {
		t.Errorf("over an archived one: %v, %s", err, c.liked())
	}
	c.archive("plat", false)
	if got := c.liked(); got != "Crème Plat Eau" {
		t.Errorf("brought back: %s", got)
	}
}

func TestCategoriesAreCreatedNamedColouredAndMoved(t *testing.T) {
	c := foundCafe(t)
	added, err := c.SaveCategory(ctx(), c.byManager(), pos.Category{Name: " Pâtisseries 🍰 "})
	if err != nil || added.ID != "patisseries" || added.Tint != "sweet" || added.Position != 4 || added.Name != "Pâtisseries 🍰" {
		t.Fatalf("%+v, %v", added, err)
	}
	added.Name, added.Tint = strings.Repeat("é", 60), "cold"
	if added, err = c.SaveCategory(ctx(), c.byManager(), added); err != nil || added.ID != "patisseries" || added.Tint != "cold" {
		t.Fatalf("%+v, %v", added, err)
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "category", "id": "patisseries", "old": map[string]any{"name": "Pâtisseries 🍰", "tint": "sweet"},
		"new": map[string]any{"name": strings.Repeat("é", 60), "tint": "cold"}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	if err := c.MoveCategory(ctx(), c.byManager(), "froid", pos.MoveTop); err != nil {
		t.Fatal(err)
	}
	if err := c.MoveCategory(ctx(), c.byManager(), "repas", pos.MoveUp); err != nil {
		t.Fatal(err)
	}
	if got := c.rail(); got != "Froid Repas Chaud "+added.Name {
		t.Errorf("rail: %s", got)
	}
	before := c.seq()
	for _, x := range []struct {
		c    pos.Category
		code string
		says string
	}{
		{pos.Category{Name: ""}, "category.invalid", "name:required"},
		{pos.Category{Name: strings.Repeat("é", 61)}, "category.invalid", "name:too_long"},
		{pos.Category{Name: "FROID"}, "category.invalid", "name:taken"},
		{pos.Category{Name: "Vins", Tint: "pink"}, "category.invalid", "tint:one_of"},
		{pos.Category{ID: "none", Name: "Vins"}, "category.unknown", ""},
	} {
		_, err := c.SaveCategory(ctx(), c.byManager(), x.c)
		var says []string
		for _, f := range refused(t, err, x.code).Fields {
			says = append(says, f.Name+":"+f.Code)
		}
		if got := strings.Join(says, " "); got != x.says {
			t.Errorf("%+v: %s, want %s", x.c, got, x.says)
		}
	}
	_, err = c.SaveCategory(ctx(), c.by(), pos.Category{Name: "Vins"})
	refused(t, err, "right.missing")
	if c.seq() != before {
		t.Error("a refusal left something")
	}
}

func TestAProductThatComesIntoACategoryComesLast(t *testing.T) {
	c := foundCafe(t)
	p := c.product("cafe")
	p.Category = "Repas"
	c.save(p)
	if got := c.inCategory("repas") + " | " + c.inCategory("chaud"); got != "Plat Duo Offert Formule Café | Crème" {
		t.Errorf("%s", got)
	}
}

func TestWhoSavesAnOlderVersionIsToldBothValues(t *testing.T) {
	c := foundCafe(t)
	first := c.product("cafe")
	second := first
	first.Price, first.Station = 230, "bar"
	first = c.save(first)
	second.Price, second.Name = 240, "Expresso"
	before := c.seq()
	_, err := c.SaveProduct(ctx(), c.byManager(), second)
	e := refused(t, err, "menu.stale")
	said := map[string][2]any{}
	for _, f := range e.Fields {
		said[f.Name] = [2]any{f.Args["now"], f.Args["sent"]}
	}
	want := map[string][2]any{"price": {int64(230), int64(240)}, "name": {"Café", "Expresso"}, "station": {"bar", ""}}
	if diff := cmp.Diff(want, said); diff != "" || e.Args["version"] != first.Version || c.seq() != before {
		t.Errorf("(-want +got):\n%s\nversion %v, want %v", diff, e.Args["version"], first.Version)
	}
	second.Version = first.Version // the manager has seen it, and means it
	if got := c.save(second); got.Price != 240 || got.Name != "Expresso" || got.Version <= first.Version {
		t.Errorf("%+v", got)
	}
	same := c.product("cafe")
	same.Version = 1 // an old page, but nothing differs
	if got := c.save(same); got.Version != same.Version && got.Version != c.product("cafe").Version {
		t.Errorf("%+v", got)
	}
	hot := mustMenu(c).Categories[0]
	stale := hot
	hot.Name = "Boissons"
	if _, err := c.SaveCategory(ctx(), c.byManager(), hot); err != nil {
		t.Fatal(err)
	}
	stale.Tint = "cold"
	_, err = c.SaveCategory(ctx(), c.byManager(), stale)
	if e := refused(t, err, "menu.stale"); len(e.Fields) != 2 || e.Fields[0].Args["now"] != "Boissons" || e.Fields[1].Args["sent"] != "cold" {
		t.Errorf("category: %+v", e.Fields)
	}
}

// A form that was open while the counter sold a product out, or the order changed, does not undo that.
func TestSavingAProductLeavesItsAvailabilityAndPlacesAlone(t *testing.T) {
	c := foundCafe(t)
	c.like("plat", "cafe")
	open := c.product("cafe")
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, c.Tomorrow()); err != nil {
		t.Fatal(err)
	}
	if err := c.MoveFavourite(ctx(), c.byManager(), "cafe", pos.MoveUp); err != nil {
		t.Fatal(err)
	}
	if err := c.MoveProduct(ctx(), c.byManager(), "creme", pos.MoveTop); err != nil {
		t.Fatal(err)
	}
	c.archive("cafe", true)
	open.Price = 230
	got := c.save(open)
	if got.Price != 230 || got.Available || got.Back != c.Tomorrow() || got.FavouritePlace != 1 || got.Position != 2 || !got.Archived {
		t.Errorf("%+v", got)
	}
}

func TestAnArchivedProductLeavesTheGridAndStaysOnTheOrdersThatHaveIt(t *testing.T) {
	c := openCafe(t)
	tk, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{Mode: pos.EatIn})
	if err != nil {
		t.Fatal(err)
	}
	if tk, err = c.AddLine(ctx(), c.by(), tk.ID, line("eau", 2)); err != nil {
		t.Fatal(err)
	}
	c.archive("eau", true)
	want := event{Op: "MARIE", Data: map[string]any{"what": "product", "id": "eau", "old": map[string]any{"archived": false}, "new": map[string]any{"archived": true}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	if got := c.inCategory("froid"); got != "Bière" {
		t.Errorf("on the grid: %s", got)
	}
	if away := mustMenu(c).Archived(); len(away) != 1 || away[0].ID != "eau" {
		t.Errorf("archived: %+v", away)
	}
	_, err = c.AddLine(ctx(), c.by(), tk.ID, line("eau", 1))
	refused(t, err, "product.archived")
	_, err = c.SetAvailable(ctx(), c.by(), "eau", false, "")
	refused(t, err, "product.archived")
	water := scone()
	water.Name = "EAU"
	_, err = c.SaveProduct(ctx(), c.byManager(), water)
	if e := refused(t, err, "menu.invalid"); e.Fields[0].Code != "taken_archived" {
		t.Errorf("its name: %+v", e.Fields)
	}
	if r, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{ExpectedTotal: &tk.Total, Tenders: []pos.Tender{{Means: pos.Card, Amount: tk.Total}}}); err != nil || r.Total != 400 {
		t.Fatalf("checkout: %+v, %v", r, err)
	}
	_, err = c.ArchiveProduct(ctx(), c.by(), "eau", false)
	refused(t, err, "right.missing")
	before := c.seq()
	c.archive("eau", true)
	if c.seq() != before {
		t.Error("twice is not once")
	}
	c.reopen()
	c.archive("eau", false)
	if got := c.inCategory("froid"); got != "Eau Bière" {
		t.Errorf("brought back: %s", got)
	}
}

func TestTheLastOfAThousandProductsGoesToTheTop(t *testing.T) {
	c := emptyCafe(t)
	var f pos.MenuFile
	for i := range 1000 {
		p := scone()
		p.Name = "P" + strings.Repeat("x", i/40) + string(rune('a'+i%40%26)) + strings.Repeat("y", i%40/26)
		f.Products = append(f.Products, p)
	}
	if _, err := c.ImportMenu(ctx(), c.byManager(), f); err != nil {
		t.Fatal(told(err))
	}
	last := mustMenu(c).Products[999]
	if err := c.MoveProduct(ctx(), c.byManager(), last.ID, pos.MoveTop); err != nil {
		t.Fatal(err)
	}
	if got := mustMenu(c).Products[0]; got.ID != last.ID || got.Position != 1 {
		t.Errorf("%+v", got)
	}
}
