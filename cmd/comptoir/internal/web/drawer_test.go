package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/escpos"
)

// drawer hangs a drawer on a printer of the café.
func (c *cafe) drawer() {
	c.tb.Helper()
	p := pos.Printer{Name: "Comptoir", URI: "virtual:", Profile: escpos.Profiles()[0], Receipts: true, Active: true}
	p.Profile.Pin = 0
	if _, err := c.till.SavePrinter(c.tb.Context(), pos.System("sys"), p); err != nil {
		c.tb.Fatal(err)
	}
}

func TestTheDrawerIsOpenedOnThePageOfTheShift(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	if page := c.page(pos.RoleBarista, "/shift"); strings.Contains(page, `action="/drawer/open"`) {
		t.Error("a till without a drawer offers to open one")
	}
	c.drawer()
	says(t, c.page(pos.RoleBarista, "/shift"), `action="/drawer/open"`, `name="pin"`)
	says(t, c.page(pos.RoleBarista, "/"), `href="/shift#drawer"`)
	send := func(fields url.Values) answer {
		fields.Set("command", c.key())
		return c.form(pos.RoleBarista, drawerPath, fields)
	}
	if a := send(url.Values{}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="drawer_reason-wrong"`) {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
	if a := send(url.Values{"drawer_reason": {"Monnaie"}}); a.status != http.StatusForbidden || !strings.Contains(string(a.body), `value="Monnaie"`) {
		t.Errorf("a barista alone: %d", a.status)
	}
	a := send(url.Values{"drawer_reason": {"Monnaie"}, "manager": {"Marie"}, "pin": {managerPIN}})
	if a.status != http.StatusSeeOther {
		t.Errorf("with a manager: %d %s", a.status, a.body)
	}
	if jobs, err := c.till.PrintJobs(t.Context()); err != nil || len(jobs) != 1 || jobs[0].Kind != pos.JobDrawer {
		t.Errorf("jobs: %v %v", jobs, err)
	}
	if got := c.do(call{method: http.MethodPost, path: "/api/v1/drawer/open", role: pos.RoleManager, body: `{"reason":"Compter"}`}); got.status != http.StatusCreated {
		t.Errorf("API: %d %s", got.status, got.body)
	}
}
