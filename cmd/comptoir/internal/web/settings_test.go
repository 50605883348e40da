package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
)

func TestTheManagerSetsTheHouseBudgetAndWhatTheBoardTells(t *testing.T) {
	c := openCafe(t)
	board := func() string {
		return string(c.do(call{method: http.MethodGet, path: "/board", nobody: true, public: true}).body)
	}
	if strings.Contains(board(), `class="state"><b>`) {
		t.Error("the board counts before anybody chose to")
	}
	if a := c.form(pos.RoleManager, settingsPath, url.Values{"command": {"s1"}, "house_budget_daily": {"11"}, "board_exact": {"1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	if page := c.page(pos.RoleManager, settingsPath); !strings.Contains(page, `value="11"`) || !strings.Contains(page, `value="1" checked`) {
		t.Errorf("the page does not show what was saved:\n%s", page)
	}
	if strings.Contains(board(), "<b>0</b>") {
		t.Error("the board says zero, which it never does (case 56)")
	}
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":2,"kind":"gift"}],"tenders":[{"means":"card","amount":360}]}`)
	if !strings.Contains(board(), "<b>2</b>") {
		t.Error("the board does not count")
	}
	if shelf := c.ok(call{method: http.MethodGet, path: "/api/v1/suspended"}); fmt.Sprint(shelf["house_budget_left"]) != "11" {
		t.Errorf("shelf %v", shelf)
	}
}

func TestARefusedSettingComesBackAsTyped(t *testing.T) {
	c := openCafe(t)
	for _, typed := range []string{"beaucoup", "1000", "-1"} {
		a := c.form(pos.RoleManager, settingsPath, url.Values{"command": {"s-" + typed}, "house_budget_daily": {typed}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `value="`+typed+`"`) {
			t.Errorf("%s: %d %s", typed, a.status, a.body)
		}
	}
	if a := c.form(pos.RoleBarista, settingsPath, url.Values{"command": {"s2"}, "house_budget_daily": {"1"}}); a.status != http.StatusForbidden {
		t.Errorf("a barista: %d", a.status)
	}
}

// TestTheManagerSeesTheHouseBudgetSpentTheCounterDoesNot: nobody in front of a guest is told that it is too much.
func TestTheManagerSeesTheHouseBudgetSpentTheCounterDoesNot(t *testing.T) {
	c := openCafe(t)
	if a := c.form(pos.RoleManager, settingsPath, url.Values{"command": {"s1"}, "house_budget_daily": {"0"}}); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	const spent = "Le budget du jour de la maison est dépassé"
	if strings.Contains(c.page(pos.RoleManager, managePath), spent) {
		t.Error("the manager is warned before anything was served")
	}
	if toast := c.tapped("serve-1", "", "serve", `{"product":"cafe"}`); strings.Contains(toast, spent) {
		t.Errorf("the counter is told: %s", toast)
	}
	if !strings.Contains(c.page(pos.RoleManager, managePath), spent) {
		t.Error("the manager is not told")
	}
}
