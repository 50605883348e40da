package web

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// upload sends a menu file with a form, with a boundary of its own each time, as a browser does.
func (c *cafe) upload(command, name, file string) answer {
	c.tb.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		c.tb.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = w.WriteField("command", command)
	_ = w.Close()
	return c.do(call{method: http.MethodPost, path: importPath, role: pos.RoleManager, body: body.String(), key: "-", header: map[string]string{fiber.HeaderContentType: w.FormDataContentType()}})
}

const menuHead = "name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp\n"

func (c *cafe) names(part string, pattern string) []string {
	c.tb.Helper()
	var all []string
	for _, name := range []string{"Café", "Crème", "Plat", "Eau", "Bière"} {
		if i := strings.Index(part, strings.ReplaceAll(pattern, "NAME", name)); i >= 0 {
			all = append(all, fmt.Sprintf("%06d %s", i, name))
		}
	}
	slices.Sort(all)
	for i := range all {
		all[i] = all[i][7:]
	}
	return all
}

func TestAMenuFileWithErrorsSaysWhereAndChangesNothing(t *testing.T) {
	c := openCafe(t)
	bad := c.upload("m1", "menu.csv", menuHead+"Tarte,Sucré,beaucoup,1000,1000\n")
	if bad.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, want 422: %s", bad.status, bad.body)
	}
	says(t, string(bad.body), "ligne 2, colonne price_cents")
	if none := c.form(pos.RoleManager, importPath, url.Values{"command": {"m2"}}); none.status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", none.status)
	}
	if broken := c.form(pos.RoleManager, importPath, url.Values{"command": {"m3"}, "packed": {"AAAA"}, "seen": {"1"}}); broken.status != http.StatusUnprocessableEntity {
		t.Errorf("a broken form: %d", broken.status)
	}
	if strings.Contains(c.page(pos.RoleManager, menuPath), "Tarte") {
		t.Error("something was imported")
	}
}

func TestAnImportIsShownThenConfirmed(t *testing.T) {
	c := openCafe(t)
	shown := c.upload("m1", "carte.csv", menuHead+"Tarte,Sucré,350,1000,1000\nCafé,Chaud,240,1000,1000\nEau,Froid,200,1000,550\n")
	if shown.status != http.StatusOK {
		t.Fatalf("preview: %d %s", shown.status, shown.body)
	}
	page := string(shown.body)
	says(t, page, "Ce que carte.csv change", "1 produit ajouté", "1 produit changé", "1 produit sans changement", "<del>2,20\u00a0€</del>", "<ins>2,40\u00a0€</ins>")
	if strings.Contains(c.page(pos.RoleManager, menuPath), "Tarte") {
		t.Fatal("imported before it was confirmed")
	}
	confirm := url.Values{"command": {"m2"}, "name": {"carte.csv"}}
	confirm.Set("packed", html.UnescapeString(find(t, page, `name="packed" value="([^"]+)"`)))
	confirm.Set("seen", find(t, page, `name="seen" value="(\d+)"`))
	moved := confirm
	c.post("/menu/products/plat/availability", `{"available":false}`)
	again := c.form(pos.RoleManager, importPath, moved)
	if again.status != http.StatusConflict {
		t.Fatalf("the menu has moved: %d %s", again.status, again.body)
	}
	says(t, string(again.body), "Le menu a changé depuis l’aperçu", "1 produit ajouté")
	confirm.Set("seen", find(t, string(again.body), `name="seen" value="(\d+)"`))
	for range 2 { // twice is once
		if a := c.form(pos.RoleManager, importPath, confirm); a.status != http.StatusSeeOther {
			t.Fatalf("confirm: %d %s", a.status, a.body)
		}
	}
	says(t, c.page(pos.RoleManager, menuPath), "Tarte", "3,50\u00a0€", "2,40\u00a0€")
	says(t, c.page(pos.RoleManager, menuPath+"/export.csv"), "Tarte", "category_tint")
	says(t, string(c.upload("m3", "carte.csv", menuHead+"Tarte,Sucré,350,1000,1000\n").body), "il n’y a rien à reprendre")
}

// A browser draws another boundary each time it sends the same form.
func TestTheSameFormWithAFileIsTheSameCommand(t *testing.T) {
	c := openCafe(t)
	var sums []string
	c.web.staff.Post("/asked", func(x *fiber.Ctx) error { sums = append(sums, string(askedOf(x))); return nil })
	send := func(file, name string) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, _ := w.CreateFormFile("file", name)
		_, _ = part.Write([]byte(file))
		_ = w.WriteField("command", "same")
		_ = w.Close()
		req := c.request(call{method: http.MethodPost, path: "/asked", body: body.String(), header: map[string]string{fiber.HeaderContentType: w.FormDataContentType()}})
		if _, err := c.web.staff.Test(req, -1); err != nil {
			t.Fatal(err)
		}
	}
	send("a", "x.csv")
	send("a", "x.csv")
	send("b", "x.csv")
	send("a", "y.csv")
	if len(sums) != 4 || sums[0] != sums[1] || sums[0] == sums[2] || sums[0] == sums[3] {
		t.Errorf("%q", sums)
	}
}

func TestAManagerArrangesTheMenu(t *testing.T) {
	c := openCafe(t)
	move := func(key, path string, fields url.Values) string {
		fields.Set("command", key)
		a := c.form(pos.RoleManager, path, fields)
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		return a.header.Get(fiber.HeaderLocation)
	}
	back := move("a1", menuPath+"/creme/move", url.Values{"move": {"up"}})
	page := c.page(pos.RoleManager, back)
	if got := c.names(page, "<b>NAME"); !slices.Equal(got, []string{"Crème", "Café", "Plat", "Eau", "Bière"}) {
		t.Errorf("on the page: %v", got)
	}
	row := find(t, page, `(?s)(<li id="product-creme".*?</li>)`)
	if !strings.Contains(find(t, row, `(<button[^>]*value="up"[^>]*>)`), "autofocus") {
		t.Errorf("the focus is lost: %s", row)
	}
	if got := c.names(c.page(pos.RoleBarista, "/till/grid"), `data-name="NAME"`); !slices.Equal(got, []string{"Crème", "Café", "Plat", "Eau", "Bière"}) {
		t.Errorf("on the till: %v", got)
	}
	page = c.page(pos.RoleManager, move("a2", categoryPath+"/froid/move", url.Values{"move": {"top"}}))
	if at := strings.Index(page, `id="category-froid"`); at < 0 || at > strings.Index(page, `id="category-chaud"`) {
		t.Error("the category did not move")
	}
	move("a3", menuPath+"/plat/archive", url.Values{"archived": {"true"}})
	says(t, c.page(pos.RoleManager, menuPath), `id="away-plat"`)
	if strings.Contains(c.page(pos.RoleBarista, "/till/grid"), `data-name="Plat"`) {
		t.Error("an archived product is on the grid")
	}
	says(t, c.page(pos.RoleManager, menuPath+"/plat"), "n’est plus à la caisse", "Remettre au menu")
	move("a4", menuPath+"/plat/archive", url.Values{"archived": {"false"}})
	says(t, c.page(pos.RoleBarista, "/till/grid"), `data-name="Plat"`)
	if a := c.form(pos.RoleManager, menuPath+"/cafe/move", url.Values{"command": {"a5"}, "move": {"left"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("sideways: %d", a.status)
	}
}

func TestSoldOutUntilTomorrowFromThePageAndTheAPI(t *testing.T) {
	c := openCafe(t)
	back := c.form(pos.RoleManager, menuPath+"/cafe/availability", url.Values{"command": {"o1"}, "available": {"false"}, "back": {"tomorrow"}, "row": {"product-cafe"}}).header.Get(fiber.HeaderLocation)
	page := c.page(pos.RoleManager, back)
	says(t, page, "Épuisé, de retour", "De nouveau là")
	if got := text(t, c.get("/menu"), "products.0.back"); got != c.till.Tomorrow() {
		t.Errorf("back %q", got)
	}
	got := c.post("/menu/products/cafe/availability", `{"available":true}`)
	if text(t, got, "available") != "true" {
		t.Errorf("%v", got)
	}
	if a := c.do(call{method: http.MethodPost, path: "/api/v1/menu/products/cafe/availability", body: `{"available":false,"back":"2020-01-01"}`}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "back.invalid") {
		t.Errorf("a day gone by: %d %s", a.status, a.body)
	}
	c.post("/menu/products/cafe/availability", `{"available":false}`)
	says(t, c.page(pos.RoleManager, menuPath), `<span class="tag">Épuisé</span>`)
}

func TestACategoryIsNamedAndColoured(t *testing.T) {
	c := openCafe(t)
	says(t, c.page(pos.RoleManager, newCategoryPath), `value="sweet"`)
	name := strings.Repeat("é", 58) + "🍰"
	if a := c.form(pos.RoleManager, categoryPath, url.Values{"command": {"c1"}, "name": {name}, "tint": {"sweet"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, menuPath), name, "Rien dans cette catégorie", "tint-sweet")
	page := c.page(pos.RoleManager, categoryPath+"/chaud")
	version := find(t, page, `name="version" value="(\d+)"`)
	says(t, page, `value="Chaud"`, `value="hot" checked`)
	fields := url.Values{"command": {"c2"}, "name": {"Froid"}, "tint": {"hot"}, "version": {version}}
	taken := c.form(pos.RoleManager, categoryPath+"/chaud", fields)
	if taken.status != http.StatusUnprocessableEntity {
		t.Errorf("a name that is taken: %d", taken.status)
	}
	says(t, string(taken.body), `value="Froid"`, `id="name-wrong"`)
	if a := c.form(pos.RoleManager, categoryPath+"/chaud", url.Values{"command": {"c3"}, "name": {"Boissons"}, "tint": {"hot"}, "version": {version}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	stale := c.form(pos.RoleManager, categoryPath+"/chaud", url.Values{"command": {"c4"}, "name": {"Infusions"}, "tint": {"hot"}, "version": {version}})
	if stale.status != http.StatusConflict {
		t.Fatalf("%d %s", stale.status, stale.body)
	}
	says(t, string(stale.body), "Quelqu’un d’autre", "Maintenant : Boissons", `value="Infusions"`)
	if a := c.do(call{method: http.MethodGet, path: categoryPath + "/none", role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("none: %d", a.status)
	}
}
