package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"comptoir/pos"
)

// typed is the form of a product page as a browser would send it again.
func typedForm(t *testing.T, page string) url.Values {
	t.Helper()
	form := find(t, page, `(?s)<form id="product"(.*?)</form>`)
	fields := url.Values{}
	for _, input := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
		name := regexp.MustCompile(` name="([^"]*)"`).FindStringSubmatch(input)
		if name == nil || strings.Contains(input, `type="checkbox"`) && !strings.Contains(input, " checked") {
			continue
		}
		value := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(input)
		fields.Set(name[1], strings.ReplaceAll(value[1], "&#43;", "+"))
	}
	for _, list := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(list[2]); chosen != nil {
			fields.Set(list[1], chosen[1])
		}
	}
	return fields
}

func TestAProductIsChangedAndARefusalLosesNothing(t *testing.T) {
	c := openCafe(t)
	page := c.page(pos.RoleManager, "/manage/menu/cafe")
	says(t, page, `value="2,20"`)
	fields := typedForm(t, page)
	fields.Set("name", "Café du matin")
	fields.Set("price", "2,50")
	fields.Set("vat_category", "own")
	fields.Set("vat_takeaway_bp", "550")
	refused := c.form(pos.RoleManager, "/manage/menu/cafe", fields)
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("a class with two rates: %d, want 422", refused.status)
	}
	says(t, string(refused.body), "Café du matin", `value="2,50"`, `id="suspend_class-wrong"`)
	fields.Set("vat_category", "open_drink") // whose rates then stand for those of the form
	if a := c.form(pos.RoleManager, "/manage/menu/cafe", fields); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleBarista, "/till/grid"), "Café du matin", "2,50\u00a0€")
}

func TestEveryFieldThatCannotBeReadIsNamedAtOnce(t *testing.T) {
	c := openCafe(t)
	fields := typedForm(t, c.page(pos.RoleManager, "/manage/menu/creme"))
	for field, text := range map[string]string{"price": "cher", "cost": "x", "meal_units": "un", "options[0].max": "deux", "options[0].choices[1].price": "y"} {
		fields.Set(field, text)
	}
	a := c.form(pos.RoleManager, "/manage/menu/creme", fields)
	page := string(a.body)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.status)
	}
	says(t, page, `id="price-wrong"`, `id="cost-wrong"`, `id="meal_units-wrong"`, `id="options[0].max-wrong"`, `id="options[0].choices[1].price-wrong"`,
		`value="cher"`, `value="deux"`, `href="#options%5b0%5d.choices%5b1%5d.price"`, "(Lait)")
	if strings.Count(page, " autofocus") != 1 {
		t.Errorf("%d fields want the focus", strings.Count(page, " autofocus"))
	}
}

// Every button of the form keeps what is typed, and saves nothing.
func TestOptionsAreAddedMovedAndRemovedInTheForm(t *testing.T) {
	c := openCafe(t)
	page := c.page(pos.RoleManager, "/manage/menu/cafe")
	edit := func(what string, set map[string]string) {
		t.Helper()
		fields := typedForm(t, page)
		for k, v := range set {
			fields.Set(k, v)
		}
		fields.Set("edit", what)
		a := c.form(pos.RoleManager, "/manage/menu/cafe", fields)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", what, a.status, a.body)
		}
		page = string(a.body)
	}
	edit("options add", map[string]string{"name": "Café de la maison", "price": "presque"})
	says(t, page, `value="Café de la maison"`, `value="presque"`, `id="options[0].name"`, `id="options[0].choices[1].name"`)
	says(t, find(t, page, `(<input id="options\[0\].name"[^>]*>)`), "autofocus")
	edit("options[0].choices add", map[string]string{"name": "Café", "price": "2,20", "options[0].name": "Sucre", "options[0].choices[0].name": "un", "options[0].choices[1].name": "deux",
		"options[0].choices[2].name": "trois", "options[0].choices[1].price": "0,10"})
	edit("options[0].choices[1] up", map[string]string{"options[0].choices[2].name": "trois"})
	edit("options add", nil)
	edit("options[1] up", map[string]string{"options[1].name": "Tasse", "options[1].choices[0].name": "grande", "options[1].required": "1"})
	edit("options[1].choices[2] remove", nil)
	edit("options[9] remove", nil) // nothing there
	edit("nonsense", nil)
	if got := text(t, c.get("/menu"), "products.0.options"); got != "[]" {
		t.Fatalf("saved by an edit: %s", got)
	}
	if a := c.form(pos.RoleManager, "/manage/menu/cafe", typedForm(t, page)); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	menu, err := c.till.Menu(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range productOf(menu, "cafe").Options {
		for _, choice := range g.Choices {
			got = append(got, g.Name+"/"+choice.Name+"/"+choice.Price.String())
		}
	}
	if all := strings.Join(got, " "); all != "Tasse/grande/0.00 Sucre/deux/0.10 Sucre/un/0.00" {
		t.Errorf("saved: %s", all)
	}
}

func TestASetMenuIsMadeOfPartsWithTheirSum(t *testing.T) {
	c := openCafe(t)
	fields := typedForm(t, c.page(pos.RoleManager, newProductPath))
	fields.Set("name", "Formule")
	fields.Set("category", "Repas")
	fields.Set("price", "14")
	fields.Set("edit", "components add")
	page := string(c.form(pos.RoleManager, menuPath, fields).body)
	fields = typedForm(t, page)
	for field, v := range map[string]string{"components[0].name": "Plat", "components[0].price": "12", "components[1].name": "Vin", "components[1].price": "4,50",
		"components[1].vat_eat_in_bp": "2000", "components[1].vat_takeaway_bp": "2000"} {
		fields.Set(field, v)
	}
	fields.Set("edit", "components[1] up")
	page = string(c.form(pos.RoleManager, menuPath, fields).body)
	says(t, page, "Séparément : 16,50\u00a0€")
	fields = typedForm(t, page)
	fields.Set("components[0].price", "0")
	refused := c.form(pos.RoleManager, menuPath, fields)
	says(t, string(refused.body), `id="components[0].price-wrong"`)
	fields.Set("components[0].price", "4,50")
	if a := c.form(pos.RoleManager, menuPath, fields); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	menu, err := c.till.Menu(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if parts := productOf(menu, "formule").Components; len(parts) != 2 || parts[0].Name != "Vin" || parts[0].VATEatIn != 2000 || parts[1].Price != 1200 {
		t.Errorf("%+v", parts)
	}
}

func TestTwoManagersAtOnceAreToldBothValues(t *testing.T) {
	c := openCafe(t)
	first := typedForm(t, c.page(pos.RoleManager, "/manage/menu/cafe"))
	second := typedForm(t, c.page(pos.RoleManager, "/manage/menu/cafe"))
	first.Set("price", "2,30")
	if a := c.form(pos.RoleManager, "/manage/menu/cafe", first); a.status != http.StatusSeeOther {
		t.Fatalf("first: %d %s", a.status, a.body)
	}
	second.Set("price", "2,40")
	second.Set("station", "bar")
	a := c.form(pos.RoleManager, "/manage/menu/cafe", second)
	if a.status != http.StatusConflict {
		t.Fatalf("second: %d %s", a.status, a.body)
	}
	page := string(a.body)
	says(t, page, "Quelqu’un d’autre", "Maintenant : 2,30", `value="2,40"`, `value="bar"`)
	if a := c.form(pos.RoleManager, "/manage/menu/cafe", typedForm(t, page)); a.status != http.StatusSeeOther {
		t.Fatalf("second, knowing: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, "/manage/menu/cafe"), `value="2,40"`)
}

func TestAProductIsDuplicatedAsANewOne(t *testing.T) {
	c := openCafe(t)
	page := c.page(pos.RoleManager, newProductPath+"?from=creme")
	says(t, page, `value="Crème (copie)"`, `value="Lait"`, `value="avoine"`)
	if a := c.form(pos.RoleManager, menuPath, typedForm(t, page)); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleBarista, "/till/grid"), "Crème (copie)")
}
