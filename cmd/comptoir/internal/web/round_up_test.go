package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
)

// roundsUp makes the café propose rounding up for its fund.
func (c *cafe) roundsUp(to string) {
	c.tb.Helper()
	chosen, err := c.till.Settings(c.tb.Context())
	if err != nil {
		c.tb.Fatal(err)
	}
	chosen.RoundUp = to
	if _, err := c.till.SaveGenerosity(c.tb.Context(), pos.System("sys"), chosen.Generosity); err != nil {
		c.tb.Fatal(err)
	}
}

func TestG12RoundingUpIsProposedOnceWhateverIsDoneAfterNo(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.roundsUp("fund")
	id := c.order(`"product":"plat","qty":2`) // 23,80
	for range 2 {
		card := text(t, c.post("/cards", ""), "code")
		c.ok(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/card", body: `{"code": "` + card + `"}`})
	}
	first := c.atPay("/pay/" + id)
	says(t, first.body, "Arrondir à 24", "Non merci")
	no := strings.ReplaceAll(find(t, first.body, `href="(/pay/[^"]*no=1[^"]*)"`), "&amp;", "&")
	said := c.atPay(no)
	lacks(t, said.body, "Arrondir à")

	form := said.body[strings.Index(said.body, `/card" class="stepper"`):]
	form = form[:strings.Index(form, "</form>")]
	fields := url.Values{"command": {"less"}, "card": {find(t, form, `name="card" value="([^"]*)"`)}, "units": {"0"}}
	if strings.Contains(form, `name="no" value="1"`) {
		fields.Set("no", "1")
	}
	next := c.form(pos.RoleBarista, "/pay/"+id+"/card", fields).leads(t, "/pay/"+id)
	lacks(t, c.page(pos.RoleBarista, next), "Arrondir à")

	said = c.atPay(no)
	said.press("part", url.Values{"means": {"card"}, "amount": {"10"}})
	removed := c.form(pos.RoleBarista, "/pay/"+id+"/remove/1", url.Values{"command": {"off"}, "quick": {"erreur"}}).leads(t, "/pay/"+id)
	lacks(t, c.page(pos.RoleBarista, removed), "Arrondir à")
}

func TestWhatWasGivenToAFundIsGivenBackOnThePageWithAManager(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	made := c.ok(call{method: http.MethodPost, path: "/api/v1/partners", role: pos.RoleManager, body: `{"name": "Les Tables", "pin": "2468", "status": ["food_bank"], "introduced": true}`})
	id := c.order(`"product":"plat"`) // 11,90
	c.post("/tickets/"+id+"/round-up", `{"to": "fund", "amount": 10}`)
	c.post("/tickets/"+id+"/round-up", `{"to": "`+text(t, made, "id")+`", "amount": 100}`)
	sale := text(t, c.post("/tickets/"+id+"/checkout", `{"tenders": [{"means": "card", "amount": 1300}]}`), "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), `name="round-ups"`, "Rendre aussi les 1,00", `name="pin"`)

	fields := url.Values{"qty-2": {"1"}, "round-ups": {"1"}, "tender": {"card"}, "reason": {"regret"}}
	alone := c.refundForm(sale, "alone", fields)
	if alone.status != http.StatusForbidden {
		t.Errorf("by a barista alone: %d, want 403", alone.status)
	}
	says(t, string(alone.body), "Seule une responsable rend", "<details open>", `name="round-ups" value="1" checked`, `value="regret"`)
	staff, err := c.till.Staff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range staff {
		if o.Role == pos.RoleManager {
			fields.Set("manager", o.ID)
		}
	}
	fields.Set("pin", managerPIN)
	c.refundForm(sale, "approved", fields).leads(t, "/sales/")
}
