package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
)

// oddDay is a day with two refunds of gifts, and three servings taken back.
func oddDay(t *testing.T) *cafe {
	t.Helper()
	c := openCafe(t)
	sale := c.post("/sales", `{"lines": [{"product": "cafe", "qty": 2, "kind": "gift"}], "tenders": [{"means": "cash", "amount": 360}]}`)
	for range 2 {
		c.post("/sales/"+text(t, sale, "id")+"/refund", `{"lines":[{"line":1,"qty":1}],"tender":"cash","reason":"regret","proof":"`+text(t, sale, "gift_code")+`"}`)
	}
	for range 3 {
		served := c.post("/suspended/redemptions", `{"product": "cafe", "token": true}`)
		c.ok(call{method: http.MethodPost, path: "/api/v1/suspended/redemptions/" + text(t, served, "number") + "/undo", body: `{"reason": "erreur"}`, role: pos.RoleManager})
	}
	return c
}

func TestT1FlagsAreShownToManagersAndSeenOnce(t *testing.T) {
	c := oddDay(t)
	page := c.page(pos.RoleManager, flagsPath)
	says(t, page, "2 remboursements de suspendus dans la journée", "3 suspendus annulés dans un même service", "Limite du hasard", "trop peu")
	flag := find(t, page, `name="flag" value="(undone:[^"]+)"`)
	c.form(pos.RoleManager, flagsPath, url.Values{"command": {"see"}, "flag": {flag}}).leads(t, flagsPath+"?done=flag_seen")
	says(t, c.page(pos.RoleManager, flagsPath), "vu par ")
	says(t, c.page(pos.RoleAccountant, flagsPath), "vu par ")
	lacks(t, c.page(pos.RoleAccountant, flagsPath), `name="flag"`)
	if a := c.form(pos.RoleManager, flagsPath, url.Values{"command": {"none"}, "flag": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("no such flag: %d", a.status)
	}
	for _, word := range []string{"fraud", "vol ", "voleu", "suspect", "soupçon"} {
		for path, role := range map[string]pos.Role{flagsPath: pos.RoleManager, readingPath: pos.RoleBarista, "/shift": pos.RoleBarista} {
			if strings.Contains(strings.ToLower(c.page(role, path)), word) {
				t.Errorf("%s says %q", path, word)
			}
		}
	}
}

// TestT3GiftRefundsStandOnTheReadingAndTheClosing: beside the document, which is fiscal and stays as it is.
func TestT3GiftRefundsStandOnTheReadingAndTheClosing(t *testing.T) {
	c := oddDay(t)
	c.post("/shifts/current/tokens", `{"box": 1}`)
	says(t, c.page(pos.RoleBarista, readingPath), "Suspendus remboursés", "A26-000001", "1 café", "Jetons", "Écart</dt><dd>1<")
	lacks(t, c.page(pos.RoleBarista, readingPath), "Limite du hasard")
	says(t, c.page(pos.RoleManager, readingPath), "Limite du hasard", "trop peu")
	c.post("/shifts/current/close", `{"counted": [{"value": 10000, "count": 1}]}`)
	closed := c.ok(call{method: http.MethodPost, path: "/api/v1/closings", body: `{"level": "day"}`, role: pos.RoleManager})
	says(t, c.page(pos.RoleManager, "/closings/"+text(t, closed, "number")), "Suspendus remboursés", "A26-000002", "Jetons dans la boîte</dt><dd>1<")
}

// TestG13WhoServesDoesNotCarryItAlone: the numbers of the partners, the right to a break, and what the house still offers.
func TestG13WhoServesDoesNotCarryItAlone(t *testing.T) {
	c := openCafe(t)
	says(t, c.page(pos.RoleBarista, aidPath), "Vous avez le droit de faire une pause", "La maison offre encore 6 fois", "Aucune association")
	contact, name := "Nadia, 06 00 00 00 00", "Les Repas du Port"
	if _, err := c.till.AddPartner(t.Context(), pos.System("sys"), pos.PartnerForm{Name: &name, Contact: &contact}); err != nil {
		t.Fatal(err)
	}
	c.served("cafe")
	says(t, c.page(pos.RoleBarista, aidPath), contact, name, "La maison offre encore 5 fois")
	says(t, c.page(pos.RoleBarista, helpPath), `href="/aid"`, `href="/flyer"`)
}

// TestG9TheFlyerSpeaksSixLanguagesAndDrawsWhatItSays: each in its direction, the same sentences in each.
func TestG9TheFlyerSpeaksSixLanguagesAndDrawsWhatItSays(t *testing.T) {
	cards, err := flyerCards()
	if err != nil {
		t.Fatal(err)
	}
	c := openCafe(t)
	page := c.page(pos.RoleBarista, flyerPath)
	var langs []string
	for _, card := range cards {
		langs = append(langs, card.Lang)
		if len(card.Lines) != 4 || card.Title == "" || card.Name == "" {
			t.Errorf("%s: %+v", card.Lang, card)
		}
		if want := map[bool]string{true: "rtl", false: "ltr"}[card.Lang == "ar"]; card.Dir != want {
			t.Errorf("%s is written %s, want %s", card.Lang, card.Dir, want)
		}
		says(t, page, `lang="`+card.Lang+`" dir="`+card.Dir+`"`, card.Title)
	}
	if got := strings.Join(langs, " "); got != "fr en es ar uk ro" {
		t.Errorf("languages %q", got)
	}
	if n := strings.Count(page, `class="marks"`); n != len(cards) {
		t.Errorf("%d cards have pictograms, want %d", n, len(cards))
	}
}
