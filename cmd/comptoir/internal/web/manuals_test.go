package web

import (
	"net/http"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestTheManualsAreServedInFrenchWithTheVersionTheyAreOf(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	list := c.page(pos.RoleAccountant, manualsPath)
	for _, name := range manuals() {
		says(t, list, `href="/manuals/`+name+`"`)
		p := c.page(pos.RoleAccountant, manualsPath+"/"+name)
		says(t, p, `<article class="manual" lang="fr">`, "noyau fiscal "+journal.CoreVersion, "data-print")
	}
	says(t, c.page(pos.RoleManager, manualsPath+"/closing"), "4\u00a0h du matin", "1er\u00a0janvier")
	if a := c.do(call{method: http.MethodGet, path: manualsPath + "/none", role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("no such manual: %d", a.status)
	}
}

func TestHoursAndDaysInFrench(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{"4\u00a0h": hourFR(4 * time.Hour), "4\u00a0h\u00a030": hourFR(4*time.Hour + 30*time.Minute), "0\u00a0h": hourFR(0),
		"1er\u00a0juillet": dayFR("07-01"), "15\u00a0avril": dayFR("04-15")} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
