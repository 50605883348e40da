package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
)

// oneDay sells something, and closes the day; it returns the day.
func (c *cafe) oneDay() string {
	c.tb.Helper()
	day := c.till.DB().Today()
	c.post("/sales", `{"mode": "eat_in", "lines": [{"product": "plat", "qty": 1}], "tenders": [{"means": "card", "amount": 1190}]}`)
	c.clock.Advance(24 * time.Hour)
	c.post("/shifts/current/cash", `{"amount": 100, "reason": "monnaie"}`)
	return day
}

func TestExportCalls(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	day := c.oneDay()
	ask := func(role pos.Role, key, body string) answer {
		return c.do(call{method: http.MethodPost, path: "/api/v1/exports", role: role, key: key, body: body})
	}
	a := ask(pos.RoleAccountant, "export-1", fmt.Sprintf(`{"kind": "fec", "from": %q, "to": %q}`, day, day))
	sum := sha256.Sum256(a.body)
	if a.status != http.StatusCreated || a.header.Get(hashHeader) != hex.EncodeToString(sum[:]) || a.header.Get("Content-Disposition") != `attachment; filename="123456782FEC`+strings.ReplaceAll(day, "-", "")+`.txt"` {
		t.Fatalf("%d %v\n%s", a.status, a.header, a.body)
	}
	if b := ask(pos.RoleAccountant, "export-1", fmt.Sprintf(`{"kind": "fec", "from": %q, "to": %q}`, day, day)); string(b.body) != string(a.body) || b.header.Get("Location") != a.header.Get("Location") {
		t.Errorf("again: %d %v\n%s", b.status, b.header, b.body)
	}
	if b := c.do(call{method: http.MethodGet, path: a.header.Get("Location"), role: pos.RoleManager}); string(b.body) != string(a.body) {
		t.Errorf("its address: %d\n%s", b.status, b.body)
	}
	list := c.ok(call{method: http.MethodGet, path: "/api/v1/exports", role: pos.RoleManager})
	if got := fmt.Sprint(list["exports"]); !strings.Contains(got, a.header.Get(hashHeader)) || strings.Count(got, "sha256") != 1 {
		t.Errorf("the list: %s", got)
	}
	for body, want := range map[string]string{
		`{"kind": "fec", "from": "2031-01-01", "to": "2031-01-02"}`:        "export.nothing_closed",
		`{"kind": "zip", "from": "2026-11-01", "to": "2026-11-30"}`:        "export.kind",
		`{"kind": "csv", "from": "2026-11-30", "to": "2026-11-01"}`:        "report.range",
		`{"kind": "csv", "form": 3}`:                                       "body.field",
		`{"kind": "solidarity", "from": "2026-11-02", "to": "2026-11-30"}`: "export.months",
	} {
		if a := ask(pos.RoleManager, "", body); !strings.Contains(string(a.body), want) || a.status < 400 {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.body, want)
		}
	}
	if a := c.do(call{method: http.MethodGet, path: "/api/v1/exports/99", role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("an export that was not made: %d", a.status)
	}
}

func TestAccountingCalls(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	now := c.do(call{method: http.MethodGet, path: "/api/v1/accounting", role: pos.RoleAccountant})
	plan := regexp.MustCompile(`"plan":(\{.*\})\}`).FindStringSubmatch(string(now.body))[1]
	changed := strings.Replace(plan, `"number":"580"`, `"number":"467"`, 1)
	save := func(seen int, plan string) answer {
		return c.do(call{method: http.MethodPost, path: "/api/v1/accounting", role: pos.RoleAccountant, body: fmt.Sprintf(`{"seen": %d, "plan": %s}`, seen, plan)})
	}
	if a := save(0, changed); a.status != http.StatusOK || !strings.Contains(string(a.body), `"n":1`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := save(0, plan); a.status != http.StatusConflict || !strings.Contains(string(a.body), "accounting.stale") {
		t.Errorf("over what was not seen: %d %s", a.status, a.body)
	}
	if a := save(1, strings.Replace(plan, `"number":"580"`, `"number":"5"`, 1)); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "accounts.drawer.number") {
		t.Errorf("an account of one digit: %d %s", a.status, a.body)
	}
}

func TestTheAccountantChoosesDaysAndTakesAFile(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	day := c.oneDay()
	page := c.page(pos.RoleAccountant, exportsPath)
	for _, want := range []string{"Écritures comptables", "E-reporting, du", "Rien n’a encore été exporté", `value="fec.txt"`, `value="2026-11-01"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	fields := url.Values{"command": {"page-1"}, "from": {day[:8] + "01"}, "to": {day[:8] + "30"}, "file": {"solidarity.txt"}}
	a := c.form(pos.RoleAccountant, exportsPath, fields)
	if a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page = c.page(pos.RoleAccountant, a.header.Get("Location"))
	link := regexp.MustCompile(`href="(/manage/exports/\d+)"`).FindStringSubmatch(page)
	if link == nil || !strings.Contains(page, "Le fichier est prêt") || strings.Count(page, link[1]) != 2 {
		t.Fatalf("after the export:\n%s", page)
	}
	file := c.do(call{method: http.MethodGet, path: link[1], role: pos.RoleAccountant})
	sum := sha256.Sum256(file.body)
	if !strings.HasPrefix(string(file.body), "RELEVÉ DE SOLIDARITÉ\n") || !strings.Contains(page, hex.EncodeToString(sum[:])) {
		t.Errorf("the file %s, whose hash the page does not have", file.body)
	}
	if again := c.form(pos.RoleAccountant, exportsPath, fields); again.header.Get("Location") != a.header.Get("Location") {
		t.Errorf("tapped twice: %s, then %s", a.header.Get("Location"), again.header.Get("Location"))
	}
}

func TestARefusedExportKeepsTheDaysThatWereTyped(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for name, f := range map[string]struct {
		fields url.Values
		says   string
	}{
		"the future":    {url.Values{"from": {"2031-01-01"}, "to": {"2031-01-31"}, "file": {"fec.txt"}}, "Aucun de ces jours n’est encore clôturé"},
		"backwards":     {url.Values{"from": {"2026-11-20"}, "to": {"2026-11-02"}, "file": {"csv.csv"}}, `id="to-wrong"`},
		"part of month": {url.Values{"from": {"2026-11-20"}, "to": {"2026-11-30"}, "file": {"solidarity.json"}}, `id="from-wrong"`},
		"no file":       {url.Values{"from": {"2026-11-20"}, "to": {"2026-11-30"}}, "Ce fichier n’existe pas"},
	} {
		f.fields.Set("command", "refused "+name)
		a := c.form(pos.RoleManager, exportsPath, f.fields)
		if a.status < 400 || !strings.Contains(string(a.body), f.says) || !strings.Contains(string(a.body), `value="`+f.fields.Get("from")+`"`) {
			t.Errorf("%s: %d, %q is not there", name, a.status, f.says)
		}
	}
	if a := c.form(pos.RoleBarista, exportsPath, url.Values{"command": {"b"}, "file": {"fec.txt"}}); a.status != http.StatusForbidden {
		t.Errorf("a barista: %d", a.status)
	}
}

func TestThePlanOfAccountsIsAFormThatLosesNothing(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	page := c.page(pos.RoleAccountant, accountsPath)
	if !strings.Contains(page, `name="accounts.drawer.number"`) || !strings.Contains(page, `value="580"`) {
		t.Fatal(page)
	}
	fields := url.Values{"command": {"plan-1"}, "seen": {"0"}, "accounts.drawer.number": {"58"}, "accounts.drawer.label": {"Banque & coffre"}, "suspended": {"immediate"}}
	a := c.form(pos.RoleAccountant, accountsPath, fields)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="accounts.drawer.number-wrong"`) || !strings.Contains(string(a.body), "Banque &amp; coffre") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	fields.Set("command", "plan-2")
	fields.Set("accounts.drawer.number", "5801")
	saved := c.form(pos.RoleAccountant, accountsPath, fields)
	if saved.status != http.StatusSeeOther {
		t.Fatalf("%d %s", saved.status, saved.body)
	}
	if page := c.page(pos.RoleAccountant, saved.header.Get("Location")); !strings.Contains(page, "Plan comptable enregistré.") || !strings.Contains(page, "en vigueur depuis") {
		t.Error("the page does not say that it is saved, and since when")
	}
	now, err := c.till.Accounting(t.Context())
	if err != nil || now.Plan.Accounts["drawer"].Label != "Banque & coffre" || now.Plan.Accounts["means.CASH"].Number != "530" {
		t.Errorf("%+v, %v", now, err)
	}
	fields.Set("command", "plan-3")
	fields.Set("accounts.drawer.number", "467")
	if a := c.form(pos.RoleManager, accountsPath, fields); a.status != http.StatusConflict || !strings.Contains(string(a.body), "Quelqu’un d’autre vient de changer") || !strings.Contains(string(a.body), `value="1"`) {
		t.Errorf("over what was not seen: %d", a.status)
	}
}
