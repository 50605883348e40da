package pos_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
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

// Whatever is moved, archived, liked and put into other categories: places stay 1, 2, 3… and both files bring the
// whole arrangement to another café, and back to this one.
func TestTheArrangementSurvivesBothFiles(t *testing.T) {
	c, other := foundCafe(t), emptyCafe(t)
	c.like("plat", "eau", "cafe", "biere")
	rapid.Check(t, func(rt *rapid.T) {
		ids := []string{"cafe", "plat", "duo", "eau", "biere", "offert", "creme"}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			id, m := rapid.SampledFrom(ids).Draw(rt, "product"), rapid.SampledFrom([]pos.Move{pos.MoveUp, pos.MoveDown, pos.MoveTop}).Draw(rt, "move")
			var err error
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				err = c.MoveProduct(ctx(), c.byManager(), id, m)
			case 1:
				err = c.MoveFavourite(ctx(), c.byManager(), id, m)
			case 2:
				err = c.MoveCategory(ctx(), c.byManager(), rapid.SampledFrom([]string{"chaud", "froid", "repas"}).Draw(rt, "category"), m)
			case 3:
				_, err = c.ArchiveProduct(ctx(), c.byManager(), id, rapid.Bool().Draw(rt, "archived"))
			default:
				p := productOf(c, id)
				p.Favourite, p.Category = rapid.Bool().Draw(rt, "favourite"), rapid.SampledFrom([]string{"chaud", "froid", "repas"}).Draw(rt, "into")
				_, err = c.SaveProduct(ctx(), c.byManager(), p)
			}
			if code := fault.CodeOf(err); err != nil && !slices.Contains([]string{"product.archived", "product.no_favourite", "menu.class_rate"}, code) {
				rt.Fatal(err)
			}
		}
		want := mustMenu(c).File()
		for form, write := range map[string]func() (pos.MenuFile, error){
			"csv": func() (pos.MenuFile, error) {
				var b bytes.Buffer
				return readBack(want.WriteCSV(&b), func() (pos.MenuFile, error) { return pos.ParseMenuCSV(&b) })
			},
			"json": func() (pos.MenuFile, error) {
				var b bytes.Buffer
				return readBack(want.WriteJSON(&b), func() (pos.MenuFile, error) { return pos.ParseMenuJSON(&b) })
			},
		} {
			file, err := write()
			if err != nil {
				rt.Fatalf("%s: %s", form, told(err))
			}
			for name, into := range map[string]*cafe{"another café": other, "itself": c} { // the other is empty at first, and then in the order of the file before
				if _, err := into.ImportMenu(ctx(), into.byManager(), file); err != nil {
					rt.Fatalf("%s into %s: %s", form, name, told(err))
				}
				if diff := cmp.Diff(arrangement(want, form), arrangement(mustMenu(into).File(), form)); diff != "" {
					rt.Fatalf("%s into %s (-want +got):\n%s", form, name, diff)
				}
				before := into.seq()
				r, err := into.ImportMenu(ctx(), into.byManager(), file)
				if err != nil || r.Unchanged != len(file.Products) || r.Reordered != 0 || into.seq() != before {
					rt.Fatalf("%s into %s again: %+v, %v", form, name, r, err)
				}
			}
		}
	})
}

func readBack(wrote error, read func() (pos.MenuFile, error)) (pos.MenuFile, error) {
	if wrote != nil {
		return pos.MenuFile{}, wrote
	}
	return read()
}

// productOf is product for archived ones too.
func productOf(c *cafe, id string) pos.Product {
	m := mustMenu(c)
	all := slices.Concat(m.Products, m.Archived())
	return all[slices.IndexFunc(all, func(p pos.Product) bool { return p.ID == id })]
}

// arrangement is what of a menu is its order. A category without products has no line in a CSV file.
func arrangement(f pos.MenuFile, form string) (all []string) {
	for _, c := range f.Categories {
		if form != "csv" || slices.ContainsFunc(f.Products, func(p pos.Product) bool { return p.Category == c.ID }) {
			all = append(all, c.Name+" "+c.Tint)
		}
	}
	for _, p := range f.Products {
		all = append(all, strings.Join([]string{p.Name, p.Category, string(rune('0' + p.Position)), string(rune('0' + p.FavouritePlace)), map[bool]string{true: "archived"}[p.Archived]}, " "))
	}
	return all
}

func TestAnImportTellsWhatItWouldDoBeforeItDoesIt(t *testing.T) {
	c := foundCafe(t)
	text := header + ",position\nCAFE,Chaud,230,1000,1000,2\nCrème,Chaud,300,1000,1000,1\nThé,Infusions,280,1000,1000,\n"
	f, err := pos.ParseMenuCSV(strings.NewReader(text))
	if err != nil {
		t.Fatal(told(err))
	}
	before := c.seq()
	got, err := c.PreviewImport(ctx(), c.byManager(), f)
	if err != nil {
		t.Fatal(told(err))
	}
	if c.seq() != before || got.ImportResult != (pos.ImportResult{Added: 1, Changed: 1, Unchanged: 1, Reordered: 1}) || !slices.Equal(got.Orders, []string{"chaud"}) {
		t.Errorf("%+v", got)
	}
	wantChanges := []pos.ImportChange{{Field: "name", Old: "Café", New: "CAFE"}, {Field: "price", Old: int64(220), New: int64(230)}}
	if diff := cmp.Diff(wantChanges, got.Rows[0].Changes); diff != "" || got.Rows[0].Line != 2 || got.Rows[0].Status != pos.ImportChanges ||
		got.Rows[1].Status != pos.ImportKeeps || got.Rows[2].Status != pos.ImportAdds {
		t.Errorf("(-want +got):\n%s%+v", diff, got.Rows)
	}
	_, err = c.PreviewImport(ctx(), c.by(), f)
	refused(t, err, "right.missing")

	f.Seen = got.Version
	if _, err := c.SetAvailable(ctx(), c.by(), "plat", false, ""); err != nil {
		t.Fatal(err)
	}
	_, err = c.ImportMenu(ctx(), c.byManager(), f)
	refused(t, err, "menu.moved")
	f.Seen = 0
	if r, err := c.ImportMenu(ctx(), c.byManager(), f); err != nil || r != got.ImportResult || c.inCategory("chaud") != "Crème CAFE" {
		t.Errorf("%+v, %v: %s", r, err, c.inCategory("chaud"))
	}
	var orders []event
	for _, e := range c.events(journal.EventConfigChange) {
		if e.Data["what"] == "order" {
			orders = append(orders, e)
		}
	}
	want := []event{{Op: "MARIE", Data: map[string]any{"what": "order", "id": "chaud", "old": map[string]any{"ids": "cafe, creme"}, "new": map[string]any{"ids": "creme, cafe"}}}}
	if diff := cmp.Diff(want, orders); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func TestTheCategoryOfACSVFileSaysOneThing(t *testing.T) {
	_, err := pos.ParseMenuCSV(strings.NewReader(header + ",position,archived,category_position,category_tint\n" +
		"Tea,Hot,220,1000,1000,0,,1,hot\nMate,HOT,220,1000,1000,-1,maybe,2,cold\nCake,Cakes,1,1000,1000,x,,,pink\n"))
	want := "menu.file\nline 2, column position: place got=0\nline 3, column archived: yes_no got=maybe\nline 3, column position: place got=-1\n" +
		"line 3, column category_position: differs\nline 3, column category_tint: differs\nline 4, column position: number got=x\nline 4, column category_tint: one_of\n"
	if diff := cmp.Diff(want, told(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTwoHundredProductsAreMovedInTime(t *testing.T) {
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
