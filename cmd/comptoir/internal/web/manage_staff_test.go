package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// The rights on the page are those of the routes: each name leads to a row, and what the page says is what the till does.
func TestTheRightsOnThePageAreThoseOfTheRoutes(t *testing.T) {
	c := openCafe(t)
	page := c.page(pos.RoleManager, staffPath)
	rows := regexp.MustCompile(`(?s)<th scope="row">([^<]+)</th>(.*?)</tr>`).FindAllStringSubmatch(page, -1)
	const named = 11
	if len(rows) != named || len(c.web.rights()) != named {
		t.Fatalf("%d rows for %d rights, want %d: one names a route that is not there", len(rows), len(c.web.rights()), named)
	}
	may := map[string]string{}
	for _, row := range rows {
		for _, cell := range regexp.MustCompile(`quiet">(oui|non)<`).FindAllStringSubmatch(row[2], -1) {
			may[row[1]] += cell[1] + " "
		}
	}
	for name, want := range map[string]string{
		"Exporter pour la comptabilité": "non oui oui ",
		"Vendre et encaisser":           "oui oui non ", "Voir les ventes": "oui oui oui ", "Voir les chiffres": "non oui oui ", "Changer le menu et les prix": "non oui non ",
		"Dire qu’un produit est épuisé": "oui oui non ",
	} {
		if may[name] != want {
			t.Errorf("%s: %q, want %q", name, may[name], want)
		}
	}
}

func TestSomebodyIsHiredChangedDisabledAndBack(t *testing.T) {
	c := openCafe(t)
	send := func(key, path string, fields url.Values) answer {
		fields.Set("command", key)
		return c.form(pos.RoleManager, path, fields)
	}
	short := send("p1", staffPath, url.Values{"name": {"Léa"}, "role": {"barista"}, "pin": {"12"}})
	if short.status != http.StatusUnprocessableEntity {
		t.Errorf("a short PIN: %d", short.status)
	}
	says(t, string(short.body), `value="Léa"`, `id="pin-wrong"`)
	if strings.Contains(string(short.body), `value="12"`) {
		t.Error("the PIN came back")
	}
	if a := send("p2", staffPath, url.Values{"name": {"Léa"}, "role": {"barista"}, "pin": {"2468"}}); a.status != http.StatusSeeOther {
		t.Fatalf("hire: %d %s", a.status, a.body)
	}
	lea := find(t, c.page(pos.RoleManager, staffPath), `href="(/manage/staff/[^"]+)"><b>Léa</b>`)
	signIn := func(pin string) answer {
		return c.do(call{method: http.MethodPost, path: "/login", nobody: true, key: "-", body: url.Values{"operator": {strings.TrimPrefix(lea, staffPath+"/")}, "pin": {pin}}.Encode(),
			header: map[string]string{fiber.HeaderContentType: fiber.MIMEApplicationForm}})
	}
	if a := signIn("2468"); a.status != http.StatusSeeOther {
		t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, lea), "sur un appareil depuis", "Désactiver Léa ?", "Oui, désactiver Léa")
	for key, x := range map[string]struct {
		path   string
		fields url.Values
	}{
		"q1": {"/name", url.Values{"name": {"Léa B."}}}, "q2": {"/role", url.Values{"role": {"manager"}}}, "q3": {"/pin", url.Values{"pin": {"1357"}}},
	} {
		if a := send(key, lea+x.path, x.fields); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", x.path, a.status, a.body)
		}
	}
	taken := send("q4", lea+"/name", url.Values{"name": {"Marie"}})
	if taken.status != http.StatusConflict {
		t.Errorf("a name that is taken: %d", taken.status)
	}
	says(t, string(taken.body), `value="Marie"`, `id="name-wrong"`)
	if a := send("q5", lea+"/disable", url.Values{}); a.status != http.StatusSeeOther {
		t.Fatalf("disable: %d %s", a.status, a.body)
	}
	if a := signIn("1357"); a.status == http.StatusSeeOther {
		t.Error("a disabled person signs in")
	}
	says(t, c.page(pos.RoleManager, staffPath), "Anciennes personnes")
	says(t, c.page(pos.RoleManager, lea), "Laisser revenir Léa B.")
	if a := send("q6", lea+"/enable", url.Values{}); a.status != http.StatusSeeOther {
		t.Fatalf("enable: %d %s", a.status, a.body)
	}
	if a := c.do(call{method: http.MethodGet, path: staffPath + "/nobody", role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("nobody: %d", a.status)
	}
}

func TestTheOnlyManagerIsToldWhyTheyStay(t *testing.T) {
	c := openCafe(t)
	marie := find(t, c.page(pos.RoleManager, staffPath), `href="(/manage/staff/[^"]+)"><b>Marie</b>`)
	page := c.page(pos.RoleManager, marie)
	says(t, page, "C’est la seule responsable")
	if strings.Contains(page, "/disable") {
		t.Error("the only manager can be disabled from the page")
	}
	a := c.form(pos.RoleManager, marie+"/role", url.Values{"command": {"r1"}, "role": {"barista"}})
	if a.status != http.StatusConflict {
		t.Errorf("demoted: %d", a.status)
	}
	says(t, string(a.body), "donnez d’abord ce rôle")
}
