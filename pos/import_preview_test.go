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
