package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// form sends a form of a page, as a browser does.
func (c *cafe) form(role pos.Role, path string, fields url.Values) answer {
	c.tb.Helper()
	return c.do(call{method: http.MethodPost, path: path, role: role, body: fields.Encode(), key: "-",
		header: map[string]string{fiber.HeaderContentType: fiber.MIMEApplicationForm}})
}

// page reads a page in French and fails on any other status.
func (c *cafe) page(role pos.Role, path string) string {
	c.tb.Helper()
	a := c.do(call{method: http.MethodGet, path: path, role: role})
	if a.status != http.StatusOK {
		c.tb.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return string(a.body)
}

// tap sends a command of the till under a key.
func (c *cafe) tap(key, ticket, kind, args string) answer {
	c.tb.Helper()
	return c.do(call{method: http.MethodPost, path: "/till/commands", key: key, header: map[string]string{fragmentHeader: "cart"},
		body: fmt.Sprintf(`{"kind":%q,"ticket":%q,"args":%s}`, kind, ticket, args)})
}

func (c *cafe) tapped(key, ticket, kind, args string) string {
	c.tb.Helper()
	a := c.tap(key, ticket, kind, args)
	if a.status != http.StatusOK {
		c.tb.Fatalf("%s: %d %s", kind, a.status, a.body)
	}
	return string(a.body)
}

func find(tb testing.TB, text, pattern string) string {
	tb.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		tb.Fatalf("%s is not in\n%s", pattern, text)
	}
	return m[1]
}

func says(tb testing.TB, text string, words ...string) {
	tb.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			tb.Errorf("%q is not said in\n%s", w, text)
		}
	}
}

const ticketOf = `data-ticket="([^"]*)"`

func TestATapSentTwiceIsOneTap(t *testing.T) {
	c := openCafe(t)
	cart := c.tapped("k-new", "", "new", `{"mode":"eat_in"}`)
	id := find(t, cart, ticketOf)
	first := c.tapped("k-add", id, "add", `{"product":"cafe"}`)
	again := c.tapped("k-add", id, "add", `{"product":"cafe"}`)
	says(t, first, `id="line-1"`, `data-qty="1"`, "2,20\u00a0€", `data-undo="[{&#34;kind&#34;:&#34;remove&#34;`)
	says(t, again, `data-qty="1"`)
	if tk := c.get("/tickets/" + id); number(t, tk, "lines.0.qty") != 1 {
		t.Errorf("the tap was rung twice: %v", tk)
	}
	if a := c.tap("k-add", id, "add", `{"product":"plat"}`); a.status != http.StatusConflict {
		t.Errorf("the same id for another tap: %d, want 409", a.status)
	}
}

func TestATillPaysInOneTapAndShowsTheChange(t *testing.T) {
	c := openCafe(t)
	id := find(t, c.tapped("1", "", "new", `{"mode":"eat_in"}`), ticketOf)
	cart := c.tapped("2", id, "add", `{"product":"plat"}`)
	version := find(t, cart, `data-version="(\d+)"`)
	says(t, cart, "12\u00a0€", "15\u00a0€")
	paid := c.tapped("3", id, "pay", fmt.Sprintf(`{"means":"cash","given":2000,"total":1190,"version":%s}`, version))
	says(t, paid, `id="paid"`, "8,10\u00a0€", "T26-000001", "<svg", `data-ticket=""`)
	if again := c.tapped("3", id, "pay", fmt.Sprintf(`{"means":"cash","given":2000,"total":1190,"version":%s}`, version)); !strings.Contains(again, "T26-000001") {
		t.Errorf("the same payment again is another one: %s", again)
	}
}

func TestAStalePaymentIsRefusedInWordsWithTheNewTotal(t *testing.T) {
	c := openCafe(t)
	id := find(t, c.tapped("1", "", "new", `{"mode":"eat_in"}`), ticketOf)
	c.tapped("2", id, "add", `{"product":"cafe"}`)
	c.tapped("3", id, "add", `{"product":"eau"}`)
	a := c.tap("4", id, "pay", `{"means":"card","total":220,"version":2}`)
	if a.status != http.StatusConflict {
		t.Fatalf("status %d, want 409: %s", a.status, a.body)
	}
	says(t, string(a.body), `id="toast"`, `role="alert"`, "4,20\u00a0€")
}

func TestTheHeartGivesServesAndTakesBack(t *testing.T) {
	c := openCafe(t)
	id := find(t, c.tapped("1", "", "new", `{"mode":"eat_in"}`), ticketOf)
	cart := c.tapped("2", id, "gift", `{"product":"cafe"}`)
	says(t, cart, "Café suspendu", "1,80\u00a0€")
	c.tapped("3", id, "pay", fmt.Sprintf(`{"means":"card","total":180,"version":%s}`, find(t, cart, `data-version="(\d+)"`)))
	served := c.tapped("4", "", "serve", `{"product":"cafe","mode":"eat_in"}`)
	number := find(t, served, `number&#34;:&#34;(R26-\d+)`)
	says(t, served, "Servi", `<span class="count">0</span>`)
	says(t, c.tapped("5", "", "undo-serve", fmt.Sprintf(`{"number":%q}`, number)), "disponible", `<span class="count">1</span>`)
	if got := c.tap("6", "", "serve", `{"product":"biere","mode":"eat_in"}`); got.status != http.StatusUnprocessableEntity {
		t.Errorf("serving a beer: %d, want 422", got.status)
	}
}

func TestHoldAndResume(t *testing.T) {
	c := openCafe(t)
	id := find(t, c.tapped("1", "", "new", `{"mode":"takeaway"}`), ticketOf)
	c.tapped("2", id, "add", `{"product":"cafe"}`)
	c.tapped("3", id, "name", `{"name":"Léa"}`)
	held := c.tapped("4", id, "hold", `{}`)
	says(t, held, `data-ticket=""`, `<span class="count">1</span>`)
	says(t, c.page(pos.RoleBarista, "/till/sheet/held"), `id="held-`+id+`"`, "Léa", "À emporter", "2,20\u00a0€")
	empty := find(t, c.tapped("5", "", "new", `{"mode":"eat_in"}`), ticketOf)
	says(t, c.tapped("6", empty, "resume", fmt.Sprintf(`{"ticket":%q}`, id)), `data-ticket="`+id+`"`, "Léa")
	if state := text(t, c.get("/tickets/"+empty), "state"); state != "dropped" {
		t.Errorf("an empty ticket that is left is %s, want dropped", state)
	}
}

func TestTheTillAsksForTheFloatFirst(t *testing.T) {
	c := closedCafe(t)
	says(t, c.page(pos.RoleBarista, "/"), "Le service n’est pas ouvert", `name="float"`)
	a := c.form(pos.RoleBarista, "/shift/open", url.Values{"command": {"f1"}, "float": {"cent"}})
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a float that is no amount: %d, want 422", a.status)
	}
	says(t, string(a.body), `value="cent"`, "Tapez un montant")
	if a := c.form(pos.RoleBarista, "/shift/open", url.Values{"command": {"f2"}, "float": {"100,50"}}); a.status != http.StatusSeeOther {
		t.Fatalf("open the shift: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleBarista, "/"), `id="grid"`, `id="cart"`)
}

func TestARefundFromItsPage(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":2}],"tenders":[{"means":"card","amount":2380}]}`), "id")
	says(t, c.page(pos.RoleBarista, "/sales?q=23,80"), "T26-000001")
	refund := func(command, qty, reason string) answer {
		return c.form(pos.RoleBarista, "/sales/"+sale+"/refund", url.Values{"command": {command}, "qty-1": {qty}, "tender": {"card"}, "reason": {reason}})
	}
	beyond := refund("r1", "3", "froid")
	if beyond.status != http.StatusUnprocessableEntity {
		t.Errorf("more than was sold: %d, want 422", beyond.status)
	}
	says(t, string(beyond.body), `value="3"`, `value="froid"`, "Pas plus que ce qui reste", `id="qty-1-wrong"`)
	if a := refund("r2", "1", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d, want 422", a.status)
	}
	done := refund("r3", "1", "froid")
	if done.status != http.StatusSeeOther {
		t.Fatalf("refund: %d %s", done.status, done.body)
	}
	says(t, c.page(pos.RoleBarista, done.header.Get(fiber.HeaderLocation)), "Avoir A26-000001", "Remboursement fait")
}

func TestPagesAreForTheirRoles(t *testing.T) {
	c := openCafe(t)
	for _, r := range c.web.pageRoutes() {
		path := strings.NewReplacer(":hash", "x", "*", "css/base.css", ":ticket", "none", ":payment", "1", ":sale", "none", ":id", "none", ":product", "none").Replace(r.path)
		for _, role := range []pos.Role{"", pos.RoleBarista, pos.RoleManager, pos.RoleAccountant} {
			a := c.do(call{method: r.method, path: path, role: role, nobody: role == ""})
			switch {
			case r.roles == nil || role != "" && slices.Contains(r.roles, role):
				if a.status == http.StatusForbidden || a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get(fiber.HeaderLocation), loginPath) && !slices.Contains([]string{"/logout", "/lock", devicePath + "/screen"}, r.path) { // a token has no session to reserve
					t.Errorf("%s %s refuses %q: %d", r.method, r.path, role, a.status)
				}
			case role == "" && a.status != http.StatusSeeOther && !strings.HasSuffix(path, ".json"): // a file for programs says 401
				t.Errorf("%s %s without a session: %d, want 303 to the sign-in page", r.method, r.path, a.status)
			case role != "" && a.status != http.StatusForbidden:
				t.Errorf("%s %s as %s: %d, want 403", r.method, r.path, role, a.status)
			}
		}
	}
}

func TestAWrongPINIsToldOnThePageWithThePersonStillChosen(t *testing.T) {
	c := openCafe(t)
	page := string(c.do(call{method: http.MethodGet, path: "/login", nobody: true}).body)
	id := find(t, page, `name="operator" value="([^"]+)"`)
	a := c.do(call{method: http.MethodPost, path: "/login", nobody: true, key: "-", body: url.Values{"operator": {id}, "pin": {"0000"}, "next": {"//evil.example"}}.Encode(),
		header: map[string]string{fiber.HeaderContentType: fiber.MIMEApplicationForm}})
	if a.status != http.StatusUnauthorized {
		t.Fatalf("status %d, want 401", a.status)
	}
	says(t, string(a.body), "Ce n’est pas le bon code", "checked", `name="next" value="/"`)
}

func TestStaticFilesAreKeptForAYearUnderTheirHash(t *testing.T) {
	c := openCafe(t)
	path, err := c.web.pages.assets.path("js/till.js")
	if err != nil {
		t.Fatal(err)
	}
	a := c.do(call{method: http.MethodGet, path: path, nobody: true})
	if a.status != http.StatusOK || a.header.Get(fiber.HeaderCacheControl) != assetCache || a.header.Get(fiber.HeaderContentType) != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", a.status, a.header)
	}
	same := c.do(call{method: http.MethodGet, path: path, nobody: true, header: map[string]string{fiber.HeaderIfNoneMatch: a.header.Get(fiber.HeaderETag)}})
	if same.status != http.StatusNotModified {
		t.Errorf("asked again with its tag: %d, want 304", same.status)
	}
	old := c.do(call{method: http.MethodGet, path: "/static/000000000000/js/till.js", nobody: true})
	if old.status != http.StatusOK || old.header.Get(fiber.HeaderCacheControl) != "no-cache" {
		t.Errorf("under an old hash: %d %q", old.status, old.header.Get(fiber.HeaderCacheControl))
	}
}

// TestAServingIsTakenBackFromThePageOfItsShift: the toast is gone with the next tap, the list is not.
func TestAServingIsTakenBackFromThePageOfItsShift(t *testing.T) {
	c := openCafe(t)
	c.tapped("serve-1", "", "serve", `{"product":"cafe"}`)
	number := find(t, c.page(pos.RoleBarista, "/shift"), `name="number" value="(R26-\d+)"`)
	if a := c.form(pos.RoleBarista, "/shift/undo", url.Values{"command": {"undo-1"}, "number": {number}}); a.status != http.StatusSeeOther {
		t.Fatalf("undo: %d %s", a.status, a.body)
	}
	if strings.Contains(c.page(pos.RoleBarista, "/shift"), number) {
		t.Error("what was taken back is still listed")
	}
	if a := c.form(pos.RoleBarista, "/shift/undo", url.Values{"command": {"undo-2"}, "number": {number}}); a.status != http.StatusConflict {
		t.Errorf("again: %d", a.status)
	}
}
