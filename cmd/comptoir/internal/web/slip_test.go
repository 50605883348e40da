package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts"
)

// TestASlipOnARollSaysWhatItsPageSays: both copies come out of the printer of the till, in the words of the French page.
func TestASlipOnARollSaysWhatItsPageSays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.drawer()
	id, _, _ := c.partnerOn("Les Repas du Port", "public_utility")
	c.sold(600, `{"product":"plat","qty":1,"kind":"gift"}`)
	path := "/suspended/allotments/" + text(t, c.post("/suspended/allotments", fmt.Sprintf(`{"partner": %q, "class": "meal", "qty": 1, "ask": true}`, id)), "id")
	c.post(path+"/confirm", "")
	c.ok(call{method: http.MethodPost, path: "/api/v1" + path + "/collect", role: pos.RoleManager, body: `{"qty": 3, "temperature": 63.5, "allergens": "gluten", "initials": "M. B."}`})
	page := c.do(call{method: http.MethodGet, path: "/slips/1", header: map[string]string{fiber.HeaderAcceptLanguage: "fr"}})
	says(t, string(page.body), `action="/slips/1/print"`)
	led := c.form(pos.RoleBarista, "/slips/1/print", url.Values{"command": {"s1"}}).leads(t, "/slips/1?job=")
	says(t, c.page(pos.RoleBarista, led), "Bon d’enlèvement n° 1")

	job, err := c.till.PrintJob(t.Context(), led[strings.Index(led, "=")+1:])
	if err != nil {
		t.Fatal(err)
	}
	paper, err := c.till.Paper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	bons := regexp.MustCompile(`(?s)<article.*</article>`).FindString(string(page.body))
	plain := func(text string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(text, "’", "'")), " ")
	}
	told := plain(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(bons, " ")))
	for l := range strings.SplitSeq(paper.(receipts.Slip).Text(120), "\n") {
		for _, part := range regexp.MustCompile(`\s{2,}`).Split(strings.Trim(l, " -="), -1) {
			if date := regexp.MustCompile(`^\d\d/\d\d/\d{4}$`); !strings.Contains(told, plain(part)) && !date.MatchString(part) {
				t.Errorf("the page lacks %q of the paper: %s", part, told)
			}
		}
	}
	if a := c.form(pos.RoleBarista, "/slips/9/print", url.Values{"command": {"s2"}}); a.status != http.StatusNotFound {
		t.Errorf("a slip that is none: %d", a.status)
	}
	if a := c.form(pos.RoleAccountant, "/slips/1/print", url.Values{"command": {"s3"}}); a.status != http.StatusForbidden {
		t.Errorf("an accountant prints: %d", a.status)
	}
}
