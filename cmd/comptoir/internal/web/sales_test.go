package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// aDay sells on the café's 21 November: a coffee by card at 9:00, a meal and a gift in cash at 14:05, one meal refunded.
func aDay(t *testing.T) *cafe {
	t.Helper()
	c := openCafe(t)
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":10}],"tenders":[{"means":"card","amount":2200}]}`)
	c.clock.Set(time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC))
	meal := c.post("/sales", `{"mode":"takeaway","lines":[{"product":"plat","qty":1},{"product":"cafe","qty":1,"kind":"gift"}],"tenders":[{"means":"cash","amount":1370,"given":2000}]}`)
	c.post("/sales/"+text(t, meal, "id")+"/refund", `{"lines":[{"line":1,"qty":1}],"tender":"cash","reason":"froid"}`)
	return c
}

func TestTheListOfSalesIsTheDaysUnlessAskedOtherwise(t *testing.T) {
	c := aDay(t)
	page := c.page(pos.RoleBarista, "/sales")
	says(t, page, "T26-000001", "T26-000002", "A26-000001", "3 documents", "23,80\u00a0€", "11,90\u00a0€ remboursés", "samedi 21 novembre 2026", "Awa", `value="2026-11-21"`)
	for _, f := range []struct{ query, has, not string }{
		{"q=22", "T26-000001", "T26-000002"},
		{"q=14+h+05", "T26-000002", "T26-000001"},
		{"means=cash", "T26-000002", "T26-000001"},
		{"kind=refund", "A26-000001", ">T26-000001<"},
		{"by=NOBODY", "Rien ne correspond", "T26-000001"},
		{"day=2026-11-20", "Rien ne correspond", "T26-000001"},
		{"q=99", "Chercher sur 30 jours", "T26-000001"},
		{"q=99", "from=2026-10-23", "T26-000001"},
	} {
		page := c.page(pos.RoleBarista, "/sales?"+f.query)
		if !strings.Contains(page, f.has) || strings.Contains(page, f.not) {
			t.Errorf("?%s: want %q and not %q in\n%s", f.query, f.has, f.not, page)
		}
	}
}

func TestANumberOrAReceiptLeadsToItsSale(t *testing.T) {
	c := aDay(t)
	sale := c.get("/sales/T26-000002")
	for _, q := range []string{"T26-000002", "t26-2", text(t, sale, "receipt_code"), "HTTP%3A%2F%2FTILL.LOCAL%3A8081%2FR%2F" + text(t, sale, "receipt_code")} {
		a := c.do(call{method: http.MethodGet, path: "/sales?q=" + q})
		if a.status != http.StatusSeeOther || a.header.Get(fiber.HeaderLocation) != "/sales/"+text(t, sale, "id") {
			t.Errorf("?q=%s: %d to %q", q, a.status, a.header.Get(fiber.HeaderLocation))
		}
	}
}

func TestASearchThatIsNotUnderstoodSaysSoBesideTheField(t *testing.T) {
	c := aDay(t)
	for _, f := range []struct{ query, field, says string }{
		{"q=bonjour", "q", "Ce n’est ni un numéro"},
		{"from=2026-11-21&to=2026-11-01", "to", "le premier avant le dernier"},
		{"from=demain", "from", "le premier avant le dernier"},
		{"kind=x", "kind", "Pas dans la liste"},
	} {
		a := c.do(call{method: http.MethodGet, path: "/sales?" + f.query})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("?%s: %d, want 422", f.query, a.status)
		}
		says(t, string(a.body), `id="`+f.field+`-wrong"`, f.says, `aria-describedby="`+f.field+`-wrong" aria-invalid="true" autofocus`)
	}
	says(t, string(c.do(call{method: http.MethodGet, path: "/sales?q=bonjour"}).body), `value="bonjour"`)
}

func TestALongListIsTurnedPageByPage(t *testing.T) {
	c := openCafe(t)
	for range salesOnPage + 1 {
		c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`)
	}
	first := c.page(pos.RoleBarista, "/sales")
	says(t, first, "1 à 50 sur 51", "page=2", "T26-000051", "51 documents", "112,20\u00a0€")
	second := c.page(pos.RoleBarista, "/sales?page=2")
	says(t, second, "51 à 51 sur 51", "T26-000001", "112,20\u00a0€")
	if strings.Contains(second, "T26-000051") {
		t.Error("the second page begins like the first")
	}
	if a := c.do(call{method: http.MethodGet, path: "/sales?page=0"}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("page 0: %d, want 422", a.status)
	}
}

// TestTheListIsExportedForASpreadsheet holds the file against one that a person has looked at: -update writes it anew.
func TestTheListIsExportedForASpreadsheet(t *testing.T) {
	c := aDay(t)
	for _, language := range []string{"fr", "en"} {
		a := c.do(call{method: http.MethodGet, path: "/sales/export.csv?from=2026-11-01&to=2026-11-21&lang=" + language, role: pos.RoleAccountant})
		if a.status != http.StatusOK || a.header.Get(fiber.HeaderContentType) != "text/csv; charset=utf-8" {
			t.Fatalf("%s: %d %s", language, a.status, a.header.Get(fiber.HeaderContentType))
		}
		golden := filepath.Join("testdata", "sales-"+language+".golden")
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, a.body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(a.body) != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", language, a.body, want)
		}
	}
	if a := c.do(call{method: http.MethodGet, path: "/sales/export.csv?kind=x", role: pos.RoleAccountant}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a list that cannot be: %d, want 422", a.status)
	}
}
