package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// partnerOn adds an association and signs it in on a phone: its id, its page and its cookie.
func (c *cafe) partnerOn(name, status string) (id, page, cookie string) {
	c.tb.Helper()
	made := c.ok(call{method: http.MethodPost, path: "/api/v1/partners", role: pos.RoleManager,
		body: fmt.Sprintf(`{"name": %q, "pin": "2468", "status": [%q], "introduced": true}`, name, status)})
	page = "/P/" + text(c.tb, made, "code")
	in := c.visit(http.MethodPost, page, url.Values{"pin": {"2468"}})
	cookie, _, _ = strings.Cut(in.header.Get(fiber.HeaderSetCookie), ";")
	if in.status != http.StatusSeeOther || cookie == "" {
		c.tb.Fatalf("sign in: %d %s", in.status, in.body)
	}
	kept := in.header.Get(fiber.HeaderSetCookie)
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "path=" + page} {
		if !strings.Contains(kept, want) {
			c.tb.Errorf("the cookie %q lacks %s", kept, want)
		}
	}
	return text(c.tb, made, "id"), page, cookie
}

func TestT15ThePageOfAPartnerAnswersTheSameToWhateverIsNoCode(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	id, page, _ := c.partnerOn("Les Repas du Port", "food_bank")
	c.ok(call{method: http.MethodPost, path: "/api/v1/partners/" + id, role: pos.RoleManager, body: `{"active": false}`})
	var first string
	for _, path := range []string{page, "/P/CBDEFGHIJKLNRTUVC", "/P/CBDEFGHIJKLNRTUVB", "/P/x", "/P/" + strings.Repeat("C", 200)} {
		a := c.visit(http.MethodPost, path, url.Values{"pin": {"2468"}})
		said := strings.ReplaceAll(string(a.body), path, "")
		if first == "" {
			first = said
		}
		if a.status != http.StatusNotFound || said != first {
			t.Errorf("%s: %d, another answer than for one that has ended", path, a.status)
		}
	}
}

func TestT15GuessingThePINOnAPhoneIsLimitedByCodeAndByAddress(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	_, page, _ := c.partnerOn("Les Repas du Port", "food_bank")
	codes := map[int]int{}
	for range 2 * scansPerMinute {
		codes[c.visit(http.MethodPost, page, url.Values{"pin": {"0000"}}).status]++
	}
	if codes[http.StatusForbidden] > 2 || codes[http.StatusTooManyRequests] < scansPerMinute {
		t.Errorf("answers by status: %v", codes)
	}
}

func TestAPartnerAsksChangesAndCancelsOnItsPage(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	_, page, cookie := c.partnerOn("Les Repas du Port", "food_bank")
	c.sold(1800, `{"product":"plat","qty":3,"kind":"gift"}`)
	ask := func(command, qty string, header ...string) answer {
		return c.visit(http.MethodPost, page+"/allotments", url.Values{"command": {command}, "class": {"meal"}, "qty": {qty}, "slot": {"2026-11-22"}, "hour": {"19:00"}}, header...)
	}
	if a := ask("a1", "3"); a.status != http.StatusUnauthorized || !strings.Contains(string(a.body), `id="pin"`) {
		t.Errorf("without a session: %d", a.status)
	}
	if a := ask("a1", "3", "Cookie", cookie, "Origin", "https://elsewhere.example"); a.status != http.StatusForbidden {
		t.Errorf("from a foreign page: %d", a.status)
	}
	for range 2 { // a double tap is one request
		if a := ask("a2", "3", "Cookie", cookie); a.status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for _, absurd := range []string{"0", "-3", "9999", "douze"} {
		if a := ask("a-"+absurd, absurd, "Cookie", cookie); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="qty-wrong"`) {
			t.Errorf("%s meals: %d", absurd, a.status)
		}
	}
	all, err := c.till.Allotments(t.Context(), "2026-11-22", "2026-11-22")
	if err != nil || len(all) != 1 || all[0].Qty != 3 || all[0].State != "REQUESTED" || all[0].Time != "19:00" {
		t.Fatalf("%+v, %v", all, err)
	}
	one := page + "/allotments/" + all[0].ID
	c.visit(http.MethodPost, one, url.Values{"command": {"b1"}, "qty": {"2"}, "do": {"change"}}, "Cookie", cookie)
	says(t, c.seen(page, "Cookie", cookie), "2 repas", "demandé")
	if a := c.visit(http.MethodPost, one, url.Values{"command": {"b2"}, "qty": {"x"}, "do": {"change"}}, "Cookie", cookie); !strings.Contains(string(a.body), "qty-"+all[0].ID+"-wrong") {
		t.Errorf("a number that is none: %d, not beside its own field", a.status)
	}
	c.visit(http.MethodPost, one, url.Values{"command": {"b3"}, "do": {"cancel"}}, "Cookie", cookie)
	says(t, c.seen(page, "Cookie", cookie), "annulé")
}

func TestAPartnersPageShowsNothingOfOthers(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	_, page, cookie := c.partnerOn("Les Repas du Port", "food_bank")
	other, theirs, _ := c.partnerOn("La Maraude", "general_interest")
	c.sold(1800, `{"product":"plat","qty":3,"kind":"gift"}`)
	c.post("/suspended/allotments", fmt.Sprintf(`{"partner": %q, "class": "meal", "qty": 3}`, other))
	before := c.seen(page, "Cookie", cookie)
	for _, secret := range []string{"La Maraude", other, "3 repas"} {
		if strings.Contains(before, secret) {
			t.Errorf("the page of one says %q of another", secret)
		}
	}
	if a := c.visit(http.MethodGet, theirs, nil, "Cookie", cookie); strings.Contains(string(a.body), "La Maraude") {
		t.Error("the session of one opens the page of another")
	}
	if a := c.visit(http.MethodGet, theirs+"/statement", nil, "Cookie", cookie); a.status != http.StatusSeeOther {
		t.Errorf("the statement of another: %d", a.status)
	}
}

func TestCase86TaxWordsStandOnlyOnTheSlipsOfThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	for status, want := range map[string][]bool{"food_bank": {true, true}, "public_utility": {true, true}, "general_interest": {true, false}, "other": {false, false}} {
		t.Run("case 86 "+status, func(t *testing.T) {
			t.Parallel()
			c := openCafe(t)
			id, _, _ := c.partnerOn("Les Repas du Port", status)
			made := c.post("/suspended/allotments", fmt.Sprintf(`{"partner": %q, "class": "meal", "qty": 1, "ask": true}`, id))
			c.sold(600, `{"product":"plat","qty":1,"kind":"gift"}`)
			path := "/suspended/allotments/" + text(t, made, "id")
			c.post(path+"/confirm", "")
			c.ok(call{method: http.MethodPost, path: "/api/v1" + path + "/collect", role: pos.RoleManager, body: `{"qty": 3}`})
			a := c.do(call{method: http.MethodGet, path: "/slips/1", header: map[string]string{fiber.HeaderAcceptLanguage: "fr"}})
			slip := string(a.body)
			for i, words := range []string{"2041-MEC-SD", "attestation"} {
				if strings.Contains(slip, words) != want[i] {
					t.Errorf("%q on the slip: %v, want %v", words, !want[i], want[i])
				}
			}
			says(t, slip, "offerts par des clients", "donnés par la maison", "Exemplaire de l’association", "Exemplaire du café")
			for _, never := range []string{"don déductible", "déductible", "6,00"} {
				if strings.Contains(slip, never) {
					t.Errorf("the slip says %q", never)
				}
			}
		})
	}
}
