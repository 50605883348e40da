package pos_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

const header = "name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp"

// told writes the errors of a file as a person reads them: where, why, what was there.
func told(err error) string {
	e, ok := fault.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, e.Code)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "%s: %s", f.Name, f.Code)
		for _, key := range []string{"got", "want", "first", "min", "max"} {
			if v, ok := f.Args[key]; ok {
				fmt.Fprintf(&b, " %s=%v", key, v)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Each error names its line, its column and its reason, and all of them come at once (issue: "malformed CSV").
func TestErrorsOfAMenuFile(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"nothing", "", "menu.file\nline 1: empty\n"},
		{"header only", header + "\n", "menu.file\nline 2: empty\n"},
		{"columns unknown, twice and missing", "name,category,prix,name,vat_eat_in_bp,vat_takeaway_bp\nTea,Hot,1,1,1000,1000\n",
			"menu.file\nline 1, column prix: unknown_column\nline 1, column name: duplicate\nline 1, column price_cents: missing_column\n"},
		{"all at once", header + ",meal_units,suspend_class,food\n" +
			",Hot,220,1000,1000,0,,\n" +
			"Tea,,2.20,1000,1000,0,,\n" +
			"Soup,Meals,-1,1900,abc,12,meal,\n" +
			"\n" +
			"Cake,Cakes,1000000,1000,1000,x,,peut-être\n" +
			"Beer,Cold,450,2000,2000,0,coffee,\n" +
			"Juice,Cold,320,1000,550,0,coffee,\n" +
			"Plat,Meals,990,1000,1000,1,dinner,\n",
			"menu.file\n" +
				"line 2, column name: required\n" +
				"line 3, column price_cents: number got=2.20\n" +
				"line 3, column category: required\n" +
				"line 4, column vat_takeaway_bp: number got=abc\n" +
				"line 4, column price_cents: range min=0 max=999999\n" +
				"line 4, column meal_units: range min=0 max=9\n" +
				"line 4, column vat_eat_in_bp: rate\n" +
				"line 6, column meal_units: number got=x\n" +
				"line 6, column food: yes_no got=peut-être\n" +
				"line 6, column price_cents: range min=0 max=999999\n" +
				"line 7, column suspend_class: class_rate\n" +
				"line 8, column suspend_class: class_rate\n" +
				"line 9, column suspend_class: class\n"},
		{"cells missing and too many", header + "\nTea,Hot,220\nCake,Cakes,1,1000,1000,,\n",
			"menu.file\nline 2: columns got=3 want=5\nline 3: columns got=7 want=5\n"},
		{"the same name twice, accents and case apart", header + "\nCafé,Hot,220,1000,1000\nCAFE,Hot,230,1000,1000\n",
			"menu.file\nline 3, column name: duplicate first=2\n"},
		{"a quote left open", header + "\nTea,Hot,220,1000,1000\n\"Cake,Cakes,1,1000,1000\n", "menu.file\nline 3, column 25: quote\n"},
		{"a line break in a name", header + "\n\"Te\na\",Hot,220,1000,1000\nCake,,1,1000,1000\n",
			"menu.file\nline 2, column name: control\nline 4, column category: required\n"},
		{"Latin-1", header + "\nTea,Hot,220,1000,1000\nCaf\xe9,Hot,220,1000,1000\n", "menu.file\nline 3: utf8\n"},
		{"options", header + ",options\nTea,Hot,220,1000,1000,Lait\nCake,Cakes,1,1000,1000,Taille ×3: a | b\n",
			"menu.file\nline 2, column options: options got=Lait\nline 3, column options: range min=1 max=2\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := pos.ParseMenuCSV(strings.NewReader(x.text))
			if diff := cmp.Diff(x.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorsOfAJSONMenuHaveALineToo(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"nothing", "", "menu.file\nline 1: json\n"},
		{"no products", `{"products": []}`, "menu.file\nline 1, products[0]: empty\n"},
		{"cut short", "{\"products\": [\n{\"name\": \"Tea\",\n", "menu.file\nline 2: json\n"},
		{"not JSON", "{\n\"products\": [}\n", "menu.file\nline 2: json\n"},
		{"more after it", "{\"products\": []}\n{}", "menu.file\nline 2: json\n"},
		{"values", "{\"colour\": 1, \"products\": [\n" +
			"{\"name\": \"Tea\", \"category\": \"Hot\",\n\"price\": 2.20, \"vat_eat_in_bp\": 1000, \"vat_takeaway_bp\": 1000},\n" +
			"{\"name\": \"Cake\", \"prix\": 3},\n" +
			"{\"name\": \"Soup\", \"category\": \"Meals\", \"price\": -5, \"vat_eat_in_bp\": 1000},\n" +
			"{\"name\": \"soup\", \"category\": \"Meals\", \"price\": 5, \"vat_eat_in_bp\": 1000, \"vat_takeaway_bp\": 1000, \"components\": [{\"name\": \"a\", \"price\": 1}]}]}",
			"menu.file\nline 1, column colour: unknown_column\nline 3, products[0].price: type got=number 2.20\nline 4, products[1]: unknown_column\n" +
				"line 5, products[2].vat_takeaway_bp: required\nline 5, products[2].price: range min=0 max=999999\n" +
				"line 6, products[3].components: range min=2 max=10\nline 6, products[3].name: duplicate first=5\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := pos.ParseMenuJSON(strings.NewReader(x.text))
			if diff := cmp.Diff(x.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMenuFileTellsFiftyErrorsAndCountsTheRest(t *testing.T) {
	_, err := pos.ParseMenuJSON(strings.NewReader(`{"products": [` + strings.TrimSuffix(strings.Repeat(`{"nom": "x"},`, 70), ",") + `]}`))
	if e := refused(t, err, "menu.file"); len(e.Fields) != 50 || e.Args["errors"] != 70 {
		t.Errorf("%d fields, %v errors", len(e.Fields), e.Args["errors"])
	}
	_, err = pos.ParseMenuCSV(strings.NewReader(header + "\n" + strings.Repeat("x\n", 70)))
	if e := refused(t, err, "menu.file"); len(e.Fields) != 50 {
		t.Errorf("%d fields", len(e.Fields))
	}
}

func TestAMenuFileHasLimits(t *testing.T) {
	_, err := pos.ParseMenuCSV(strings.NewReader(strings.Repeat("x", 1<<20+1)))
	refused(t, err, "menu.too_large")
	var b strings.Builder
	b.WriteString(header)
	for i := range 1001 {
		fmt.Fprintf(&b, "\nP%d,Hot,1,1000,1000", i)
	}
	_, err = pos.ParseMenuCSV(strings.NewReader(b.String()))
	if got := told(err); got != "menu.file\nline 1002: too_many max=1000\n" {
		t.Errorf("got %s", got)
	}
}

func TestSeparatorsMarksAndColumnsInAnyOrder(t *testing.T) {
	for _, text := range []string{
		header + "\nThé,Chaud,250,1000,1000\n",
		"\ufeff" + header + "\r\nThé,Chaud,250,1000,1000\r\n",
		strings.ReplaceAll(header, ",", ";") + "\nThé;Chaud;250;1000;1000",
		" Category ,NAME,vat_takeaway_bp,vat_eat_in_bp,price_cents\n\n Chaud , Thé ,1000,1000, 250 \n,,,,\n",
	} {
		f, err := pos.ParseMenuCSV(strings.NewReader(text))
		if err != nil || len(f.Products) != 1 {
			t.Fatalf("%q: %s", text, told(err))
		}
		p := f.Products[0]
		if p.Name != "Thé" || p.Category != "Chaud" || p.Price != 250 || p.VATEatIn != 1000 || !p.Food || !p.Available || p.GiftPrice != 250 {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func TestFoodIsWhatIsNotAtTheNormalRateUnlessTheFileSaysSo(t *testing.T) {
	f, err := pos.ParseMenuCSV(strings.NewReader(header + ",food,favourite\nTea,Hot,1,1000,1000,,yes\nBeer,Cold,1,2000,2000,,\nMug,Shop,1,1000,2000,,\nTruffle,Shop,1,2000,2000,Oui,non\n"))
	if err != nil {
		t.Fatal(told(err))
	}
	for i, want := range []bool{true, false, false, true} {
		if got := f.Products[i].Food; got != want {
			t.Errorf("%s: food %v, want %v", f.Products[i].Name, got, want)
		}
	}
	if !f.Products[0].Favourite || f.Products[3].Favourite {
		t.Error("favourites are not what the file says")
	}
}

func (c *cafe) importCSV(text string) (pos.ImportResult, error) {
	c.tb.Helper()
	f, err := pos.ParseMenuCSV(strings.NewReader(text))
	if err != nil {
		c.tb.Fatalf("parse: %s", told(err))
	}
	return c.ImportMenu(ctx(), c.byManager(), f)
}

func TestImportMatchesByNameAndKeepsWhatTheFileDoesNotHave(t *testing.T) {
	c := foundCafe(t)
	creme := c.product("creme")
	if _, err := c.SetAvailable(ctx(), c.by(), "creme", false, ""); err != nil {
		t.Fatal(err)
	}
	got, err := c.importCSV(header + ",station\nCREME,Chaud,320,1000,1000,bar\nEau,Froid,200,1000,550,\nThé vert,Infusions,280,1000,1000,bar\n")
	if want := (pos.ImportResult{Added: 1, Changed: 1, Unchanged: 1}); err != nil || got != want {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
	want := creme
	want.Name, want.Price, want.GiftPrice, want.Cost, want.Station, want.Available = "CREME", 320, 320, 96, "bar", false
	want.Version = c.product("creme").Version
	if diff := cmp.Diff(want, c.product("creme")); diff != "" {
		t.Errorf("matched product (-want +got):\n%s", diff)
	}
	if p := c.product("the-vert"); p.Category != "infusions" {
		t.Errorf("new product: %+v", p)
	}
	if p := c.product("plat"); p.Price != 1190 {
		t.Errorf("a product that the file does not name changed: %+v", p)
	}
	got, err = c.importCSV(header + ",station\nCREME,Chaud,320,1000,1000,bar\nThé vert,Infusions,280,1000,1000,bar\n")
	if want := (pos.ImportResult{Unchanged: 2}); err != nil || got != want {
		t.Errorf("again: %+v, %v", got, err)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	c := foundCafe(t)
	before, menu := c.seq(), mustMenu(c)
	// The second line is right by itself, and wrong beside the café's coffees at 10 %.
	_, err := c.importCSV(header + ",suspend_class\nThé,Chaud,250,1000,1000,\nVente à emporter,Chaud,250,550,550,coffee\nBon,Chaud,1,1000,1000,\n")
	if got, want := told(err), "menu.file\nline 3, column suspend_class: class_rate\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.seq() != before {
		t.Errorf("journal and events went from %v to %v", before, c.seq())
	}
	if diff := cmp.Diff(menu, mustMenu(c), cmp.AllowUnexported(pos.Menu{})); diff != "" {
		t.Errorf("the menu changed:\n%s", diff)
	}
}

func TestTheRateOfAClassChangesForAllItsProductsAtOnce(t *testing.T) {
	c := foundCafe(t)
	if _, err := c.importCSV(header + "\nCafé,Chaud,220,550,550\n"); fault.CodeOf(err) != "menu.file" {
		t.Fatalf("one of two: %v", err)
	}
	if got, err := c.importCSV(header + "\nCafé,Chaud,220,550,550\nCrème,Chaud,300,550,550\n"); err != nil || got.Changed != 2 {
		t.Fatalf("both: %+v, %s", got, told(err))
	}
}

func mustMenu(c *cafe) pos.Menu {
	c.tb.Helper()
	m, err := c.Menu(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	return m
}

func TestJSONCarriesTheWholeMenuToAnotherCafe(t *testing.T) {
	from, to := foundCafe(t), emptyCafe(t)
	p := from.product("formule")
	p.Favourite, p.Station, p.Cost, p.CostEstimated = true, "cuisine", 410, false
	from.save(p)
	if _, err := from.SetAvailable(ctx(), from.by(), "eau", false, ""); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := mustMenu(from).File().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	f, err := pos.ParseMenuJSON(&b)
	if err != nil {
		t.Fatal(told(err))
	}
	if r, err := to.ImportMenu(ctx(), to.byManager(), f); err != nil || r.Added != len(f.Products) {
		t.Fatalf("import: %+v, %s", r, told(err))
	}
	want, got := mustMenu(from), mustMenu(to)
	if diff := cmp.Diff(want.File(), got.File(), cmp.AllowUnexported(pos.MenuFile{})); diff != "" {
		t.Errorf("(-exported +imported):\n%s", diff)
	}
	if r, err := to.ImportMenu(ctx(), to.byManager(), f); err != nil || r.Unchanged != len(f.Products) {
		t.Errorf("again: %+v, %v", r, err)
	}
}

func TestAJSONFileRenamesByIDAndRefusesANameThatIsTaken(t *testing.T) {
	c := foundCafe(t)
	f := pos.MenuFile{Categories: []pos.Category{{ID: "chaud", Name: "Boissons chaudes", Tint: "hot"}}, Products: []pos.Product{c.product("cafe")}}
	f.Products[0].Name = "Expresso"
	if r, err := c.ImportMenu(ctx(), c.byManager(), f); err != nil || r.Changed != 1 || c.product("cafe").Name != "Expresso" || mustMenu(c).Categories[0].Name != "Boissons chaudes" {
		t.Fatalf("%+v, %s", r, told(err))
	}
	f.Products[0].Name = "Plat"
	f.Categories[0].Tint = "pink"
	_, err := c.ImportMenu(ctx(), c.byManager(), f)
	if got, want := told(err), "menu.file\ncategories[0].tint: one_of\nproducts[0].name: taken\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What WriteCSV writes, ParseMenuCSV reads back, whatever the names look like.
func TestCSVRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`['=+\-@]{0,2}[a-zàé"][a-zà-ÿ ,;"'=+|:*-]{0,20}`)
	word := rapid.StringMatching(`[a-zé'][a-zé '-]{0,10}[a-z]`)
	rate := rapid.SampledFrom([]money.BasisPoints{0, 210, 550, 1000, 2000})
	cents := rapid.Int64Range(0, 999_999)
	rapid.Check(t, func(t *rapid.T) {
		var f pos.MenuFile
		for i := range rapid.IntRange(1, 4).Draw(t, "products") {
			p := pos.Product{
				Name: fmt.Sprint(strings.TrimSpace(text.Draw(t, "name")), i), Category: strings.TrimSpace(text.Draw(t, "category")), Station: strings.TrimSpace(word.Draw(t, "station")),
				Price: money.Cents(cents.Draw(t, "price")), VATEatIn: rate.Draw(t, "eat in"), VATTakeaway: rate.Draw(t, "takeaway"),
				MealUnits: rapid.IntRange(0, 9).Draw(t, "units"), GiftPrice: money.Cents(cents.Draw(t, "gift")), Cost: money.Cents(cents.Draw(t, "cost")),
				Food: rapid.Bool().Draw(t, "food"), Favourite: rapid.Bool().Draw(t, "favourite"),
			}
			for g := range rapid.IntRange(0, 2).Draw(t, "groups") {
				group := pos.OptionGroup{Name: fmt.Sprint(word.Draw(t, "group"), g), Required: rapid.Bool().Draw(t, "required")}
				for k := range rapid.IntRange(1, 3).Draw(t, "choices") {
					group.Choices = append(group.Choices, pos.Choice{Name: fmt.Sprint(word.Draw(t, "choice"), k), Price: money.Cents(cents.Draw(t, "extra"))})
				}
				group.Max = rapid.IntRange(1, len(group.Choices)).Draw(t, "max")
				p.Options = append(p.Options, group)
			}
			f.Products = append(f.Products, p)
		}
		var first, second bytes.Buffer
		if err := f.WriteCSV(&first); err != nil {
			t.Fatal(err)
		}
		wrote := first.String()
		read, err := pos.ParseMenuCSV(&first)
		if err != nil {
			t.Fatalf("%s\n%s", told(err), wrote)
		}
		for i, p := range read.Products {
			if q := f.Products[i]; p.Name != q.Name || p.Category != q.Category || p.Price != q.Price || p.Food != q.Food || len(p.Options) != len(q.Options) {
				t.Fatalf("read %+v\nwant %+v", p, q)
			}
		}
		if err := read.WriteCSV(&second); err != nil || second.String() != wrote {
			t.Fatalf("%v\nfirst:\n%s\nsecond:\n%s", err, wrote, second.String())
		}
	})
}

func FuzzParseMenuCSV(f *testing.F) {
	f.Add(header + ",options,gift_price_cents\nThé,Chaud,250,1000,1000,Lait*: vache | avoine +50,200\n")
	f.Add("\ufeff" + strings.ReplaceAll(header, ",", ";") + "\n'=A1;\"x\ny\";1;0;0\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := pos.ParseMenuCSV(strings.NewReader(text))
		if err != nil {
			if e, ok := fault.As(err); !ok || e.Kind != fault.Invalid || len(e.Fields) > 50 {
				t.Fatalf("got %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := file.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		again, err := pos.ParseMenuCSV(&b)
		if err != nil || len(again.Products) != len(file.Products) {
			t.Fatalf("what was accepted is not read back: %s", told(err))
		}
	})
}
