package web

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"comptoir/pos"
)

// TestRatesAreChangedFromADay: the form shows today's rates, a refusal keeps what was typed, a new rate is told as planned.
func TestRatesAreChangedFromADay(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	fields := url.Values{}
	for _, m := range regexp.MustCompile(`<input id="([a-z_]+\.[a-z_]+)"[^>]* value="([^"]*)"`).FindAllStringSubmatch(c.page(pos.RoleManager, vatPath), -1) {
		fields.Set(m[1], m[2])
	}
	if got := fields.Get("prepared.kept"); got != "5,5" {
		t.Errorf("the rate of prepared food that is kept is %q", got)
	}
	fields.Set("command", "a change of rates")
	fields.Set("from", c.till.Tomorrow())
	fields.Set("alcohol.eat_in", "vingt")
	fields.Set("goods.kept", "45")
	refused := c.form(pos.RoleManager, "/manage/vat", fields)
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d, want 422", refused.status)
	}
	says(t, string(refused.body), `value="vingt"`, `id="alcohol.eat_in-wrong"`)
	fields.Set("goods.kept", "20")
	fields.Set("alcohol.eat_in", "21")
	if a := c.form(pos.RoleManager, "/manage/vat", fields); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, "/manage/vat"), "Alcool, Sur place : 21\u00a0% à partir du")
	if a := c.form(pos.RoleBarista, vatPath, fields); a.status != http.StatusForbidden {
		t.Errorf("a barista: %d", a.status)
	}
}
