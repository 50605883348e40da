package web

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

// rang sells one product by card and returns the sale.
func (c *cafe) rang(product string, qty int, cents money.Cents) map[string]any {
	c.tb.Helper()
	return c.post("/sales", fmt.Sprintf(`{"mode": "eat_in", "lines": [{"product": %q, "qty": %d}], "tenders": [{"means": "card", "amount": %d}]}`, product, qty, cents))
}

// onTheWall puts the clock on a time of the café's wall.
func (c *cafe) onTheWall(text string) {
	c.tb.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, c.till.DB().Zone())
	if err != nil {
		c.tb.Fatal(err)
	}
	c.clock.Set(at)
}

// plainText is a page as it is read: without marks, spaces as one.
func plainText(page string) string {
	text := regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.FieldsFunc(html.UnescapeString(text), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
}

// TestTheDashboardTellsTheNumbersOfTheReport: after sales, a refund, a gift and a serving, every number of the API's
// report of a period stands on the page of that period, in each of its spans.
func TestTheDashboardTellsTheNumbersOfTheReport(t *testing.T) {
	c := openCafe(t)
	sale := c.rang("cafe", 3, 660)
	c.post("/sales", `{"mode": "takeaway", "lines": [{"product": "eau", "qty": 1}, {"product": "biere", "qty": 2}, {"product": "cafe", "qty": 1, "kind": "gift"}], "tenders": [{"means": "cash", "amount": 1280, "given": 2000}]}`)
	c.post("/sales/"+text(t, sale, "id")+"/refund", `{"lines": [{"line": 1, "qty": 1}], "tender": "card", "reason": "erreur"}`)
	c.post("/suspended/redemptions", `{"product": "cafe"}`)
	fr := testLanguages(t)[0]
	for span, days := range map[string][2]string{"day": {"2026-11-21", "2026-11-21"}, "week": {"2026-11-16", "2026-11-22"}, "month": {"2026-11-01", "2026-11-30"}} {
		r, err := c.till.Range(t.Context(), days[0], days[1])
		if err != nil {
			t.Fatal(err)
		}
		if api := c.get("/reports/range?from=" + days[0] + "&to=" + days[1]); number(t, api, "total") != int(r.Total) || number(t, api, "sales") != r.Sales {
			t.Errorf("%s: the API tells %v, the report %+v", span, api, r)
		}
		page := plainText(c.page(pos.RoleManager, "/manage?span="+span))
		want := []string{"chiffre d’affaires " + fr.Money(r.Total), "ventes " + fr.Number(r.Sales), fr.Money(r.Average()), "1 offerts · 1 servis", "1 avoir, " + fr.Money(r.Refunded)}
		for _, x := range r.VAT {
			want = append(want, fmt.Sprintf("%s %s %s %s", fr.Rate(x.VATBP), fr.Money(x.HT), fr.Money(x.VAT), fr.Money(x.TTC)))
		}
		for _, x := range r.Tenders {
			want = append(want, fmt.Sprintf("%s %d", fr.T("means."+string(x.Means)), x.Count), fr.Money(x.Amount))
		}
		for _, x := range r.Products {
			want = append(want, fmt.Sprintf("%d %s", x.Qty, fr.Money(x.Total)))
		}
		for _, x := range r.Operators {
			want = append(want, fmt.Sprintf("Awa %d %d %s", x.Sales, x.Refunds, fr.Money(x.Total)))
		}
		for _, x := range r.Hours {
			if span == "day" {
				want = append(want, fmt.Sprintf("9\u00a0h %d %s", x.Sales, fr.Money(x.Total)))
			}
		}
		says(t, page, want...)
		if r.Total != 1720 || r.Sales != 2 || r.Refunded != 220 {
			t.Errorf("the report itself: %+v", r)
		}
	}
}

// TestDiscountsAreToldByReasonAndName: never by code.
func TestDiscountsAreToldByReasonAndName(t *testing.T) {
	c := openCafe(t)
	says(t, plainText(c.page(pos.RoleManager, managePath)), "Ni remise ni offert.")
	id := text(t, c.post("/tickets", `{"mode": "eat_in"}`), "id")
	c.post("/tickets/"+id+"/lines", `{"product": "plat", "qty": 2}`)
	c.post("/tickets/"+id+"/lines/1/discount", `{"amount": 100, "reason": "quality"}`)
	c.post("/tickets/"+id+"/checkout", `{"tenders": [{"means": "card", "amount": 2180}]}`)
	says(t, plainText(c.page(pos.RoleManager, managePath)), "qualité Awa 2,00\u00a0€ (2 articles)", "chiffre d’affaires 21,80\u00a0€")
}

// TestADayIsComparedInWords: more, less, as much, and nothing to compare with.
func TestADayIsComparedInWords(t *testing.T) {
	c := openCafe(t)
	says(t, plainText(c.page(pos.RoleManager, managePath)), "samedi 21 novembre 2026", "rien le samedi d’avant à la même heure", "Aucune vente pour le moment.", "Rien à signaler.")
	c.rang("cafe", 10, 2200) // at nine
	c.onTheWall("2026-11-21 18:00")
	c.rang("plat", 1, 1190)
	c.onTheWall("2026-11-28 08:30")
	c.rang("cafe", 11, 2420)
	c.onTheWall("2026-11-28 12:00")
	page := c.page(pos.RoleManager, managePath)
	says(t, plainText(page), "10\u00a0% de plus que le samedi d’avant à la même heure", "autant que le samedi d’avant à la même heure", "Ventes par heure Le plus fort\u00a0: 8\u00a0h, 24,20\u00a0€.")
	says(t, page, "aria-label=\"Le plus fort\u00a0: 8\u00a0h, 24,20\u00a0€.\"", "18\u00a0h\u00a0: 0,00\u00a0€, 0 vente (le samedi d’avant\u00a0: 11,90\u00a0€)", `class="before"`)
	says(t, plainText(c.page(pos.RoleManager, "/manage?span=week&lang=en")), "Week of 23 November to 29 November", "10% more than the week before by this time", "the same as the week before by this time", "Sales by day The best: Sat 28 November, €24.20.")
	says(t, plainText(c.page(pos.RoleManager, "/manage?span=month&lang=es")), "noviembre de 2026", "nada el mes anterior a estas alturas", "Lo mejor: sáb 21 de noviembre, 33,90\u00a0€.")
	c.onTheWall("2026-11-29 12:00") // the week before is all over by now
	says(t, plainText(c.page(pos.RoleManager, "/manage?span=week&lang=en")), "29% less than the week before by this time", "1 fewer than the week before by this time")
	says(t, plainText(c.page(pos.RoleManager, "/manage?day=2026-11-21&lang=fr")), "rien le samedi d’avant") // that day is over
}

// TestAPeriodLeadsToThoseBesideIt, and never into the future.
func TestAPeriodLeadsToThoseBesideIt(t *testing.T) {
	c := openCafe(t)
	for path, want := range map[string][]string{
		"/manage":                           {"day=2026-11-20&amp;span=day", "day=2026-11-21&amp;span=week", "day=2026-11-21&amp;span=month"},
		"/manage?day=2026-11-15":            {"day=2026-11-14&amp;span=day", "day=2026-11-16&amp;span=day", "day=2026-11-21&amp;span=day"},
		"/manage?span=week&day=2026-11-10":  {"day=2026-11-08&amp;span=week", "day=2026-11-16&amp;span=week"},
		"/manage?span=month&day=2026-03-31": {"day=2026-02-28&amp;span=month", "day=2026-04-01&amp;span=month"},
		"/manage?span=year&day=nonsense":    {"day=2026-11-20&amp;span=day"},
	} {
		page := c.page(pos.RoleManager, path)
		for _, link := range want {
			if !strings.Contains(page, `href="/manage?`+link+`"`) {
				t.Errorf("%s does not lead to %s", path, link)
			}
		}
	}
	if page := c.page(pos.RoleManager, managePath); strings.Contains(page, "2026-11-22") {
		t.Error("today leads to tomorrow")
	}
}

// TestWhatToLookAtLeadsThere, for whoever may go there.
func TestWhatToLookAtLeadsThere(t *testing.T) {
	c := openCafe(t)
	id := text(t, c.post("/tickets", `{"mode": "eat_in"}`), "id")
	c.post("/tickets/"+id+"/lines", `{"product": "cafe", "qty": 2}`)
	c.post("/tickets/"+id+"/payments", `{"means": "card", "amount": 200}`)
	c.post("/menu/products/eau/availability", `{"available": false}`)
	c.clock.Advance(25 * time.Hour)
	manager := c.page(pos.RoleManager, managePath)
	says(t, plainText(manager), "1 commande ouverte depuis un autre jour", "1 commande payée en partie", "Le service est ouvert depuis plus d’un jour", "1 produit épuisé")
	says(t, manager, `<li><a href="/manage/menu">`, `<li><a href="/shift">`, `<li><a href="/">`)
	accountant := c.page(pos.RoleAccountant, managePath)
	says(t, plainText(accountant), "1 produit épuisé")
	if regexp.MustCompile(`<li><a href="/(manage/menu|shift|)">`).MatchString(accountant) {
		t.Error("an accountant is led to where they may not go")
	}
	if a := c.do(call{method: http.MethodGet, path: managePath}); a.status != http.StatusForbidden {
		t.Errorf("a barista: %d", a.status)
	}
}
