package web

import (
	"fmt"
	"html"
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

func TestTwoManagersAtTheSettingsLoseNothing(t *testing.T) {
	c := openCafe(t)
	seen := html.UnescapeString(find(t, c.page(pos.RoleManager, settingsPath), `name="seen" value="([^"]+)"`))
	first := url.Values{"command": {"t1"}, "seen": {seen}, "hours": {"8 h – 18 h"}, "lock_after": {"5"}}
	if a := c.form(pos.RoleManager, settingsPath, first); a.status != http.StatusSeeOther {
		t.Fatalf("first: %d %s", a.status, a.body)
	}
	second := url.Values{"command": {"t2"}, "seen": {seen}, "hours": {"9 h – 17 h"}, "kitchen_late": {"12"}, "lock_after": {"0"}}
	a := c.form(pos.RoleManager, settingsPath, second)
	if a.status != http.StatusConflict {
		t.Fatalf("second: %d %s", a.status, a.body)
	}
	page := string(a.body)
	says(t, page, "Quelqu’un d’autre a changé un réglage", "Maintenant : 8 h – 18 h", `value="9 h – 17 h"`, `value="12"`, `id="lock_after" name="lock_after" inputmode="numeric" required value="5"`)
	second.Set("seen", html.UnescapeString(find(t, page, `name="seen" value="([^"]+)"`)))
	second.Set("lock_after", "5")
	if a := c.form(pos.RoleManager, settingsPath, second); a.status != http.StatusSeeOther {
		t.Fatalf("knowing: %d %s", a.status, a.body)
	}
	got, err := c.till.Settings(t.Context())
	if err != nil || got.Hours != "9 h – 17 h" || got.LockAfter != 5 || got.KitchenLate != 12 || got.KitchenSoon != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEverySettingThatCannotBeReadIsNamed(t *testing.T) {
	c := openCafe(t)
	a := c.form(pos.RoleManager, settingsPath, url.Values{"command": {"u1"}, "discount_alone": {"cinq"}, "lock_after": {""}, "kitchen_soon": {"x"}, "default_mode": {"à emporter"}})
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.status)
	}
	says(t, string(a.body), `id="discount_alone-wrong"`, `id="lock_after-wrong"`, `id="kitchen_soon-wrong"`, `value="cinq"`)
	a = c.form(pos.RoleManager, settingsPath, url.Values{"command": {"u2"}, "kitchen_soon": {"9"}, "kitchen_late": {"9"}, "hours": {strings.Repeat("é", 141)}, "default_mode": {"nowhere"}})
	says(t, string(a.body), `id="kitchen_late-wrong"`, `id="hours-wrong"`)
}
