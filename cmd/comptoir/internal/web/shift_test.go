package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
)

func (c *cafe) shiftForm(path, command string, fields url.Values) answer {
	c.tb.Helper()
	fields.Set("command", command)
	return c.form(pos.RoleBarista, path, fields)
}

// TestTheDrawerIsCountedBlindCheckedAndClosed posts the very fields of the page: a count that gets lost between the page
// and the till is a drawer that never fits.
func TestTheDrawerIsCountedBlindCheckedAndClosed(t *testing.T) {
	c := openCafe(t)
	page := c.page(pos.RoleBarista, "/shift")
	fields := url.Values{}
	for _, coin := range coins() {
		says(t, page, `name="`+coin.Field+`"`)
		fields.Set(coin.Field, "")
	}
	if strings.Contains(page, "Attendu") {
		t.Error("what should be there is told before it was counted")
	}
	for _, path := range []string{"/shift/check", "/shift/close", "/shift/count"} {
		if a := c.shiftForm(path, "blank"+path, fields); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s of a blank count: %d, want 422", path, a.status)
		}
	}
	for field := range fields {
		fields.Set(field, "1")
	}
	check := c.shiftForm("/shift/check", "check", fields)
	if check.status != http.StatusOK {
		t.Fatalf("check: %d %s", check.status, check.body)
	}
	says(t, string(check.body), "388,88\u00a0€", "100,00\u00a0€", "288,88\u00a0€", "Pourquoi cet écart", `name="coin-20000" value="1"`)
	if _, err := c.till.CurrentShift(t.Context()); err != nil {
		t.Errorf("the check has closed the shift: %v", err)
	}
	says(t, string(c.shiftForm("/shift/recount", "", fields).body), `name="coin-20000" inputmode="numeric" maxlength="4" autocomplete="off" value="1"`)

	silent := c.shiftForm("/shift/close", "close-1", fields)
	if silent.status != http.StatusUnprocessableEntity {
		t.Errorf("a difference without a word: %d, want 422", silent.status)
	}
	says(t, string(silent.body), `id="why-wrong"`, "Dites pourquoi le tiroir diffère", "288,88")
	fields.Set("why", "Erreur de rendu")
	for range 2 { // the answer was lost, and the same form is sent again
		closed := c.shiftForm("/shift/close", "close-2", fields)
		if closed.status != http.StatusSeeOther {
			t.Fatalf("close: %d %s", closed.status, closed.body)
		}
		told := c.page(pos.RoleBarista, closed.header.Get("Location"))
		says(t, told, "Le service est fermé", "Service fermé", "388,88\u00a0€", "288,88\u00a0€", `name="float"`)
		lacks(t, told, "Ouvrez d’abord")
	}
	if again := c.shiftForm("/shift/close", "close-3", fields); again.status != http.StatusConflict {
		t.Errorf("closed twice: %d, want 409", again.status)
	}
}

func TestACountThatFitsNeedsNoWord(t *testing.T) {
	c := openCafe(t) // a float of 100,00
	closed := c.shiftForm("/shift/close", "close", url.Values{"coin-10000": {"1"}})
	if closed.status != http.StatusSeeOther {
		t.Fatalf("close: %d %s", closed.status, closed.body)
	}
	says(t, c.page(pos.RoleBarista, closed.header.Get("Location")), "Service fermé")
}

func TestTheDrawerIsCountedInTheMiddleOfTheShift(t *testing.T) {
	c := openCafe(t)
	a := c.shiftForm("/shift/count", "count", url.Values{"coin-5000": {"1"}})
	if a.status != http.StatusOK {
		t.Fatalf("count: %d %s", a.status, a.body)
	}
	says(t, string(a.body), "le service continue", "50,00\u00a0€", "−50,00\u00a0€")
	wrong := c.shiftForm("/shift/count", "wrong", url.Values{"coin-5000": {"un"}, "coin-2000": {"-1"}, "coin-1000": {"2"}})
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("a count that is none: %d, want 422", wrong.status)
	}
	says(t, string(wrong.body), `href="#coin-5000"`, `href="#coin-2000"`, `value="un"`, `value="2"`)
}

func TestOpenOrdersAreToldBeforeTheDrawerIsCounted(t *testing.T) {
	c := openCafe(t)
	c.order(`"product":"cafe","qty":1`)
	part := c.order(`"product":"plat","qty":1`)
	c.post("/tickets/"+part+"/payments", `{"means":"cash","amount":500}`)
	says(t, c.page(pos.RoleBarista, "/shift"), "2 commandes sont encore ouvertes (9,10\u00a0€ à payer)", "/pay/"+part, "reste 6,90\u00a0€")
}

func TestCashIsMovedWithAReason(t *testing.T) {
	c := openCafe(t)
	c.shiftForm("/shift/cash", "m1", url.Values{"way": {"out"}, "amount": {"12.40"}, "reason": {"Fournisseur payé"}}).leads(t, "/shift?done=cash_moved")
	shift, err := c.till.CurrentShift(t.Context())
	if err != nil || shift.Expected != 8760 {
		t.Errorf("in the drawer: %v, %v, want 87,60", shift.Expected, err)
	}
	both := c.shiftForm("/shift/cash", "m2", url.Values{"way": {"in"}, "amount": {"0"}, "reason": {"x"}})
	if both.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing moved: %d, want 422", both.status)
	}
	says(t, string(both.body), `id="amount-wrong"`)
	none := c.shiftForm("/shift/cash", "m3", url.Values{"way": {"in"}, "amount": {"5"}})
	says(t, string(none.body), `id="reason-wrong"`, `value="5"`)
}

// T1: on the page of the shift a manager reads what each operator served beside cash; a barista does not.
func TestT1TheShiftTellsAManagerWhatWasServedBesideCash(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.served("cafe")
	const heading = "Dans ce service"
	if text := c.page(pos.RoleManager, "/shift"); !strings.Contains(text, heading) {
		t.Error("the manager has no ratios of the shift")
	}
	if text := c.page(pos.RoleBarista, "/shift"); strings.Contains(text, heading) {
		t.Error("a barista reads ratios")
	}
}
