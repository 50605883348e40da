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

const aTablee = `{"name": "Tablée dimanche", "dishes": 50, "weekdays": [7], "starts": "19:00", "meets": "16:30", "places": 2}`

var aService = step{path: "/services", body: aTablee, keep: "service=id", role: pos.RoleManager}

func TestServiceCalls(t *testing.T) {
	t.Parallel()
	const manager = pos.RoleManager
	evening := "/services/{service}/evenings/2026-11-22"
	runAll(t, []scenario{
		{name: "new", path: "/services", role: manager, body: aTablee, status: 201,
			want: map[string]string{"class": "meal", "places": "2", "weekdays": "[7]", "from": "2026-11-21", "ended": "false"}},
		{name: "new with five volunteers unless said", path: "/services", role: manager, body: `{"name": "Soupe", "dishes": 1, "weekdays": [1], "starts": "07:30"}`, status: 201,
			want: map[string]string{"places": "5", "meets": "07:30"}},
		{name: "new as a barista", path: "/services", body: aTablee, status: 403, code: "right.missing"},
		{name: "new as an accountant", path: "/services", role: pos.RoleAccountant, body: aTablee, status: 403, code: "right.missing"},
		{name: "new with absurd dishes", path: "/services", role: manager, body: `{"name": "X", "dishes": -1, "weekdays": [1], "starts": "19:00"}`, status: 422, code: "service.invalid", field: "dishes range"},
		{name: "new on no day", path: "/services", role: manager, body: `{"name": "X", "dishes": 1, "starts": "19:00"}`, status: 422, code: "service.invalid", field: "weekdays required"},
		{name: "new of a misspelt field", path: "/services", role: manager, body: `{"dish": 1}`, status: 422, code: "body.field", field: "dish unknown"},
		{name: "new of a name that is taken", given: []step{aService}, path: "/services", role: manager, body: aTablee, status: 409, code: "service.exists", field: "name taken"},
		{name: "list", given: []step{aService}, method: http.MethodGet, path: "/services", role: pos.RoleAccountant, status: 200, want: map[string]string{"services.0.id": "{service}"}},
		{name: "list as a barista", method: http.MethodGet, path: "/services", status: 403, code: "right.missing"},
		{name: "change", given: []step{aService}, path: "/services/{service}", role: manager, body: strings.Replace(aTablee, "50", "60", 1), status: 200, want: map[string]string{"dishes": "60"}, topics: []string{"allotments", "shelf"}},
		{name: "change none", path: "/services/none", role: manager, body: aTablee, status: 404, code: "service.unknown"},
		{name: "evenings", given: []step{aService}, method: http.MethodGet, path: "/services/{service}/evenings", role: manager, status: 200,
			want: map[string]string{"evenings.0.day": "2026-11-22", "evenings.3.day": "2026-12-13", "evenings.0.reserved": "0"}},
		{name: "evenings of none", method: http.MethodGet, path: "/services/none/evenings", role: manager, status: 404, code: "service.unknown"},
		{name: "evenings of a range that cannot be", given: []step{aService}, method: http.MethodGet, path: "/services/{service}/evenings?from=x", role: manager, status: 422, code: "report.range"},
		{name: "change an evening", given: []step{aService}, path: evening, role: manager, body: `{"dishes": 80}`, status: 200, want: map[string]string{"dishes": "80", "own": "true", "places": "2"}},
		{name: "cancel an evening", given: []step{aService}, path: evening, role: manager, body: `{"cancelled": true, "reason": "travaux"}`, status: 200, want: map[string]string{"cancelled": "true", "reason": "travaux"}},
		{name: "cancel an evening without a reason", given: []step{aService}, path: evening, role: manager, body: `{"cancelled": true}`, status: 422, code: "reason.missing", field: "reason required"},
		{name: "change an evening that is over", given: []step{aService}, path: "/services/{service}/evenings/2026-11-15", role: manager, body: `{"dishes": 8}`, status: 404, code: "evening.unknown"},
		{name: "change an evening as a barista", given: []step{aService}, path: evening, body: `{"dishes": 8}`, status: 403, code: "right.missing"},
		{name: "forecast of nothing", method: http.MethodGet, path: "/services/forecast", role: manager, status: 200, want: map[string]string{"classes": "[]"}},
		{name: "forecast", given: []step{aService}, method: http.MethodGet, path: "/services/forecast", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"classes.0.all.wanted": "200", "classes.0.all.house": "200", "classes.0.all.cost": "70000", "classes.0.by_week.0.house": "50"}},
	})
}

// rotaOf plans a service and returns its id and the path of its link.
func (c *cafe) rotaOf(places int) (id, link string) {
	c.tb.Helper()
	id = text(c.tb, c.ok(call{method: http.MethodPost, path: "/api/v1/services", role: pos.RoleManager, body: strings.Replace(aTablee, `"places": 2`, fmt.Sprintf(`"places": %d`, places), 1)}), "id")
	address, err := c.till.RotaURL(c.tb.Context(), id)
	if err != nil {
		c.tb.Fatal(err)
	}
	return id, "/V/" + address[strings.LastIndex(address, "/")+1:]
}

// comes signs a name up and returns the address of the place.
func (c *cafe) comes(link, command, day, name string) string {
	c.tb.Helper()
	a := c.visit(http.MethodPost, link, url.Values{"command": {command}, "day": {day}, "name": {name}})
	if a.status != http.StatusSeeOther {
		c.tb.Fatalf("sign up: %d %s", a.status, a.body)
	}
	return a.header.Get(fiber.HeaderLocation)
}

func TestAVolunteerSignsUpWithAFirstNameAndKeepsThePage(t *testing.T) {
	c := openCafe(t)
	_, link := c.rotaOf(1)
	says(t, c.seen(link), "Tablée dimanche", "dimanche 22 novembre", "1 place", "16\u00a0h\u00a030", "1 quai des Tests")
	mine := c.comes(link, "v1", "2026-11-22", "<b>Léa</b>")
	if again := c.comes(link, "v1", "2026-11-22", "<b>Léa</b>"); again != mine {
		t.Errorf("sent twice it leads to %s, want %s", again, mine)
	}
	page := c.seen(mine)
	says(t, page, "&lt;b&gt;Léa&lt;/b&gt;, à dimanche 22 novembre", "C’est noté.", "Gardez cette page")
	if strings.Contains(page, "<b>Léa") {
		t.Error("a name is markup")
	}
	second := c.comes(link, "v2", "2026-11-22", "Luc")
	says(t, c.seen(second), "Luc, vous êtes en attente", "Rang 1")
	says(t, c.seen(link), "1 en attente")
	if strings.Contains(c.seen(link), "Luc") {
		t.Error("the rota tells a name to whoever has its link")
	}
	bare, _, _ := strings.Cut(mine, "?")
	if a := c.visit(http.MethodPost, bare, url.Values{"command": {"v3"}}); a.status != http.StatusSeeOther {
		t.Fatalf("cannot come: %d %s", a.status, a.body)
	}
	says(t, c.seen(bare), "Votre place est rendue.")
	says(t, c.seen(second), "Luc, à dimanche 22 novembre")
	if log := c.log.String(); strings.Contains(log, "Luc") || strings.Contains(log, bare) || strings.Contains(log, link) {
		t.Error("the log tells a name or a code")
	}
}

func TestASignUpThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	c := openCafe(t)
	_, link := c.rotaOf(2)
	c.comes(link, "v1", "2026-11-22", "Awa")
	a := c.visit(http.MethodPost, link, url.Values{"command": {"v2"}, "day": {"2026-11-22"}, "name": {"awa"}})
	if a.status != http.StatusConflict {
		t.Fatalf("status %d, want 409", a.status)
	}
	says(t, string(a.body), "ajoutez une initiale", `value="awa"`, `value="2026-11-22" checked`, `id="name-wrong"`)
	a = c.visit(http.MethodPost, link, url.Values{"command": {"v3"}, "name": {"Luc"}})
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("no evening chosen: %d, want 422", a.status)
	}
	says(t, string(a.body), `id="day-wrong"`, `value="Luc"`)
	if a := c.visit(http.MethodPost, link, url.Values{"day": {"2026-11-22"}, "name": {"Luc"}}); a.status != http.StatusBadRequest {
		t.Errorf("without a command id: %d, want 400", a.status)
	}
}

func TestT9LinksOfTheRotaAreUniformAndCannotBeWalkedThrough(t *testing.T) {
	c := openCafe(t)
	_, link := c.rotaOf(2)
	var said []string
	for _, path := range []string{"/V/CCCCCCCCCCCCCCCCC", "/V/x", "/V/mine/CCCCCCCCCCCCCCCCC", "/V/mine/" + strings.TrimPrefix(link, "/V/"), "/V/%00"} {
		a := c.visit(http.MethodGet, path, nil)
		if a.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, a.status)
		}
		said = append(said, find(t, string(a.body), `(Ce lien ne mène à rien[^<]*)`))
	}
	for _, s := range said {
		if s != said[0] {
			t.Errorf("%q and %q tell wrong links apart", s, said[0])
		}
	}
	for range scansPerMinute {
		c.visit(http.MethodGet, "/V/CCCCCCCCCCCCCCCCC", nil)
	}
	if a := c.visit(http.MethodGet, link, nil); a.status != http.StatusTooManyRequests {
		t.Errorf("after %d tries: %d, want 429", scansPerMinute, a.status)
	}
	if a := c.do(call{method: http.MethodGet, path: "/api/v1/services", public: true, role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("the API on the public listener: %d, want 404", a.status)
	}
}

func TestAManagerPlansAServiceAndPrintsItsSheets(t *testing.T) {
	c := openCafe(t)
	fields := url.Values{"command": {"s1"}, "name": {"Tablée dimanche"}, "class": {"meal"}, "dishes": {"cinquante"}, "weekdays": {"7"}, "starts": {"19:00"}, "places": {"2"}}
	a := c.form(pos.RoleManager, servicesPath, fields)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("dishes in letters: %d", a.status)
	}
	says(t, string(a.body), `value="cinquante"`, `id="dishes-wrong"`, `value="7" checked`)
	fields.Set("dishes", "50")
	fields.Set("command", "s2")
	made := c.form(pos.RoleManager, servicesPath, fields)
	if made.status != http.StatusSeeOther {
		t.Fatalf("plan: %d %s", made.status, made.body)
	}
	at, _, _ := strings.Cut(made.header.Get(fiber.HeaderLocation), "?")
	says(t, c.page(pos.RoleManager, at), "<svg", "HTTP://TILL.LOCAL:8081/V/", "dimanche 22 novembre", "Feuille de novembre 2026")
	evening := at + "/2026-11-22"
	for i, name := range []string{"Awa", "Luc", "Zoé"} {
		if a := c.form(pos.RoleManager, evening+"/names", url.Values{"command": {fmt.Sprint("n", i)}, "name": {name}}); a.status != http.StatusSeeOther {
			t.Fatalf("add %s: %d %s", name, a.status, a.body)
		}
	}
	says(t, c.page(pos.RoleManager, evening), "Qui vient (2 sur 2)", "Awa", "Liste d’attente", "Zoé", "Allergènes", "moutarde", "50 repas", "Merci d’être là ce soir.")
	if a := c.form(pos.RoleManager, evening+"/names/1/remove", url.Values{"command": {"r1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("take off: %d %s", a.status, a.body)
	}
	sheet := c.page(pos.RoleManager, at+"/month?month=2026-11")
	says(t, sheet, "Tablée dimanche, novembre 2026", "dim. 22", "<td>Luc</td><td>Zoé</td>", "dim. 29")
	if a := c.form(pos.RoleManager, evening, url.Values{"command": {"c1"}, "do": {"cancel"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="reason-wrong"`) {
		t.Errorf("cancelled without a reason: %d", a.status)
	}
	if a := c.form(pos.RoleManager, evening, url.Values{"command": {"c2"}, "do": {"cancel"}, "reason": {"travaux"}}); a.status != http.StatusSeeOther {
		t.Errorf("cancel: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, servicesPath), "50 repas, dimanche, à 19\u00a0h\u00a000", "travaux", "Il manque 150 repas", "525\u00a0€")
	if a := c.do(call{method: http.MethodGet, path: evening, role: pos.RoleAccountant}); a.status != http.StatusForbidden {
		t.Errorf("an accountant reads names: %d", a.status)
	}
	if a := c.do(call{method: http.MethodGet, path: at + "/month?month=soon", role: pos.RoleManager}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a month that is none: %d", a.status)
	}
}
