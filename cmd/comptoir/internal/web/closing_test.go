package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func TestClosingCalls(t *testing.T) {
	t.Parallel()
	dayTopics := []string{"board", "closings", "menu", "sales", "shelf", "shift"}
	aDay := step{path: "/closings", body: `{"level": "day"}`, role: pos.RoleManager, keep: "z=number seq=seq"}
	runAll(t, []scenario{
		{name: "close the day", given: []step{aSale, aTicket, aCoffee}, path: "/closings", body: `{"level": "day"}`, role: pos.RoleManager, status: 201, topics: dayTopics,
			want: map[string]string{"number": "Z26-000001", "level": "day", "period": "2026-11-21", "made": "true", "late": "false", "total": "1850", "sales": "1", "perpetual_net": "1850",
				"vat.0.ttc": "1850", "tenders.0.means": "card", "tenders.0.amount": "1850", "body.open.tickets": "1", "body.open.amount": "440", "body.cutoff": "240"}},
		{name: "close it again", given: []step{aDay}, path: "/closings", body: `{"level": "day"}`, role: pos.RoleManager, status: 201, want: map[string]string{"number": "{z}", "seq": "{seq}", "made": "false"}},
		{name: "close the month early", given: []step{aSale}, path: "/closings", body: `{"level": "month"}`, role: pos.RoleManager, status: 201, topics: dayTopics,
			want: map[string]string{"number": "M26-000001", "total": "1850", "from_day": "2026-11-21", "to_day": "2026-11-21"}},
		{name: "close the year early, without a shift", shut: true, path: "/closings", body: `{"level": "year"}`, role: pos.RoleManager, status: 201, topics: dayTopics, want: map[string]string{"number": "Y26-000001", "total": "0"}},
		{name: "close a week", path: "/closings", body: `{"level": "week"}`, role: pos.RoleManager, status: 422, code: "closing.level", field: "level one_of"},
		{name: "close as a barista", path: "/closings", body: `{"level": "day"}`, status: 403, code: "closing.approval"},
		{name: "close as an accountant", path: "/closings", body: `{"level": "day"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "read a closing", given: []step{aSale, aDay}, method: http.MethodGet, path: "/closings/{z}", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"number": "{z}", "made": "false", "body.total.ttc": "1850", "body.nf525": "50"}},
		{name: "read none", method: http.MethodGet, path: "/closings/Z26-000009", status: 404, code: "journal.document"},
		{name: "read a ticket as a closing", given: []step{aSale}, method: http.MethodGet, path: "/closings/{doc}", status: 404, code: "journal.document"},
		{name: "list", given: []step{aDay}, method: http.MethodGet, path: "/closings?from=2026-11-01&to=2026-11-30&level=day", status: 200, want: map[string]string{"closings.0.number": "{z}"}},
		{name: "list two years", method: http.MethodGet, path: "/closings?from=2024-11-01&to=2026-11-30", status: 422, code: "report.range"},
		{name: "its document", given: []step{aDay}, method: http.MethodGet, path: "/documents/{z}.json", status: 200, want: map[string]string{"level": "day", "body.period": "2026-11-21"}},
	})
}

func TestTheDocumentOfAClosingInItsForms(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	z := text(t, c.ok(call{method: http.MethodPost, path: "/api/v1/closings", role: pos.RoleManager, body: `{"level": "day"}`}), "number")
	for form, words := range map[string][]string{
		"txt?width=32": {"CLÔTURE JOURNALIÈRE Z26-000001", "CUMULS", "À garder hors de la caisse"},
		"html":         {"CLÔTURE JOURNALIÈRE Z26-000001", `<svg width="220"`, "<title>Z26-000001</title>"},
	} {
		a := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + z + "." + form})
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d", form, a.status)
		}
		says(t, string(a.body), words...)
	}
	x := c.do(call{method: http.MethodGet, path: "/api/v1/reports/x"})
	says(t, string(x.body), "LECTURE X — n'est pas une clôture", "Journée du 22/11/2026")
	page := c.page(pos.RoleAccountant, "/closings/"+z)
	says(t, page, "Clôture du jour Z26-000001", `class="paper-code"`, "La clôture est de votre responsabilité", `download="Z26-000001.txt"`)
	lacks(t, page, "data-print-now")
	says(t, c.page(pos.RoleBarista, "/closings/"+z+"?print=1&done=closed"), "data-print-now", "C’est clos")
	says(t, c.page(pos.RoleAccountant, "/manage/closings"), "Z26-000001", "Programme, ")
}

// TestADayIsClosedOnFourPages posts the very fields of each, without a script. Whoever counts is told nothing: the sum
// that should be there, 100,00 of the float and 11,90 of a meal, stands on no page before the third.
func TestADayIsClosedOnFourPages(t *testing.T) {
	c := openCafe(t)
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat"}],"tenders":[{"means":"cash","amount":1190,"given":1190}]}`)
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"biere"}],"tenders":[{"means":"card","amount":450}]}`)
	tk := text(t, c.post("/tickets", `{"mode":"eat_in","name":"Table 4"}`), "id")
	c.post("/tickets/"+tk+"/lines", `{"product":"cafe"}`)

	says(t, c.page(pos.RoleBarista, "/close"), "Table 4", "2,20\u00a0€", `href="/?ticket=`+tk, `href="/close/count"`)
	count := c.page(pos.RoleBarista, "/close/count")
	says(t, count, `name="coin-5000"`, `name="sum-card"`, `name="left"`)
	lacks(t, count, "111,90", "4,50", "16,40", "11190", "Attendu")
	skipped := c.page(pos.RoleBarista, "/close/check")
	says(t, skipped, "Le tiroir n’est pas compté")
	lacks(t, skipped, "111,90")

	form := func(path, command string, fields url.Values) answer {
		t.Helper()
		fields.Set("command", command)
		return c.form(pos.RoleBarista, path, fields)
	}
	to := func(a answer, path string) {
		t.Helper()
		if got := a.header.Get(fiber.HeaderLocation); a.status != http.StatusSeeOther || !strings.HasPrefix(got, path) {
			t.Fatalf("%d to %q, want %s\n%s", a.status, got, path, a.body)
		}
	}
	if a := form("/close/count", "blank", url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a blank count: %d, want 422", a.status)
	}
	wrong := form("/close/count", "wrong", url.Values{"coin-5000": {"2"}, "sum-card": {"quatre"}, "left": {"50"}})
	says(t, string(wrong.body), `id="sum-card-wrong"`, `value="quatre"`, `value="2"`)
	lacks(t, string(wrong.body), "111,90")
	counted := url.Values{"coin-5000": {"2"}, "coin-1000": {"1"}, "sum-card": {"4,50"}, "left": {"50"}}
	to(form("/close/count", "count", counted), "/close/check")
	says(t, c.page(pos.RoleBarista, "/close/count"), `value="50,00"`, `value="4,50"`) // kept
	check := c.page(pos.RoleBarista, "/close/check")
	says(t, check, "111,90\u00a0€", "110,00\u00a0€", "−1,90\u00a0€", "60,00\u00a0€", "4,50\u00a0€", "Pourquoi cet écart")
	if a := form("/close/check", "silent", url.Values{}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="why-wrong"`) {
		t.Errorf("a difference without a word: %d, want 422", a.status)
	}
	to(form("/close/check", "why", url.Values{"why": {"Erreur de rendu"}}), "/close/end")
	end := c.page(pos.RoleBarista, "/close/end")
	says(t, end, "Définitif", "1 commande reste ouverte", "50,00\u00a0€", "Clôturer et imprimer")
	manager := find(t, end, `<option value="([^"]+)"[^>]*>Marie`)
	if a := form("/close/end", "nobody", url.Values{"manager": {manager}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="pin-wrong"`) {
		t.Errorf("without a PIN: %d, want 422", a.status)
	}
	last := url.Values{"manager": {manager}, "pin": {managerPIN}, "print": {"1"}}
	for range 2 { // the answer was lost, and the same form is sent again
		to(form("/close/end", "end", last), "/closings/Z26-000001?done=closed&print=1")
	}
	z := c.get("/closings/Z26-000001")
	if number(t, z, "body.cash.counted") != 5000 || number(t, z, "body.cash.difference") != -190 || number(t, z, "body.cash.out") != -6000 || number(t, z, "total") != 1640 {
		t.Errorf("%v", z)
	}
	says(t, c.page(pos.RoleBarista, "/close"), "La journée du samedi 21 novembre 2026 est close", "Z26-000001")
	says(t, c.page(pos.RoleBarista, "/shift"), "Le dernier service a laissé 50,00", `data-fill="50,00"`)
	says(t, c.page(pos.RoleManager, "/manage"), "Z26-000001", "16,40\u00a0€")
}

func TestWithoutAShiftTheDayIsClosedAllTheSame(t *testing.T) {
	c := closedCafe(t)
	says(t, c.page(pos.RoleBarista, "/close/count"), "il n’y a rien à compter", `href="/close/check"`)
	if a := c.form(pos.RoleBarista, "/close/check", url.Values{"command": {"k"}}); a.status != http.StatusSeeOther {
		t.Fatalf("on to the end: %d", a.status)
	}
	manager := find(t, c.page(pos.RoleBarista, "/close/end"), `<option value="([^"]+)"[^>]*>Marie`)
	a := c.form(pos.RoleBarista, "/close/end", url.Values{"command": {"e"}, "manager": {manager}, "pin": {"1111"}})
	if a.status != http.StatusForbidden {
		t.Errorf("with a barista's PIN: %d, want 403", a.status)
	}
	says(t, string(a.body), `id="pin-wrong"`)
}
