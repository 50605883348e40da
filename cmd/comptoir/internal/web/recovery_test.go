package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
)

// restart serves the same café anew, a minute later.
func (c *cafe) restart() {
	c.tb.Helper()
	c.clock.Advance(time.Minute)
	c.web = newServer(c.tb, c.till, c.log)
}

func TestAfterARestartTheTillTellsTheLastSale(t *testing.T) {
	c := openCafe(t)
	const card = `id="recovery"`
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"cash","amount":1190,"given":2000}]}`)
	if strings.Contains(c.page(pos.RoleBarista, "/"), card) {
		t.Error("nothing has restarted")
	}
	part := c.order(`"product":"cafe","qty":2`)
	c.post("/tickets/"+part+"/payments", `{"means":"card","amount":200}`)
	c.restart()
	says(t, c.page(pos.RoleBarista, "/"), card, "La caisse a redémarré", "T26-000001", "11,90\u00a0€", "Espèces", "rendu 8,10\u00a0€", "09\u00a0h\u00a000", "Awa", "ticket pas demandé", "/pay/"+part, "reste 2,40\u00a0€")
	c.form(pos.RoleBarista, "/till/recovered", url.Values{"ticket": {part}}).leads(t, "/?ticket="+part)
	if strings.Contains(c.page(pos.RoleBarista, "/"), card) {
		t.Error("it was seen already")
	}
	c.restart()
	says(t, c.page(pos.RoleBarista, "/"), card)
	if a := c.form(pos.RoleAccountant, "/till/recovered", url.Values{}); a.status != http.StatusForbidden {
		t.Errorf("an accountant: %d, want 403", a.status)
	}
}

// TestWhatIsPaidInPartSinceTheStartIsNoNews: the till has it in its list of open orders.
func TestWhatIsPaidInPartSinceTheStartIsNoNews(t *testing.T) {
	c := openCafe(t)
	c.restart()
	part := c.order(`"product":"cafe","qty":2`)
	c.post("/tickets/"+part+"/payments", `{"means":"card","amount":200}`)
	if strings.Contains(c.page(pos.RoleBarista, "/"), `id="recovery"`) {
		t.Error("a part paid since the start is told as if the till had just started again")
	}
}

func TestInTheMorningNothingIsTold(t *testing.T) {
	c := openCafe(t)
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`)
	c.post("/shifts/current/close", `{"counted":[]}`)
	c.restart()
	c.post("/shifts", `{"float":0}`)
	if strings.Contains(c.page(pos.RoleBarista, "/"), `id="recovery"`) {
		t.Error("yesterday's last sale is told in the morning")
	}
}

// TestAPageReloadedInTheMiddleOfAPaymentLearnsThatItIsPaid: its order is in its address.
func TestAPageReloadedInTheMiddleOfAPaymentLearnsThatItIsPaid(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":2`)
	c.post("/tickets/"+id+"/checkout", `{"tenders":[{"means":"cash","amount":440,"given":500}]}`)
	says(t, c.page(pos.RoleBarista, "/?ticket="+id), `id="recovery"`, "Cette commande est payée", "T26-000001", "rendu 0,60\u00a0€")
	if strings.Contains(c.page(pos.RoleBarista, "/"), `id="recovery"`) {
		t.Error("a till that was elsewhere is told nothing")
	}
}

// TestAfterARestoreTheTillTellsWhatMayBeMissing to whoever sells, until it was read, and at each start until a manager has taken note.
func TestAfterARestoreTheTillTellsWhatMayBeMissing(t *testing.T) {
	c := openCafe(t)
	if err := c.till.RecordRestore(t.Context(), pos.Restore{From: "/media/caisse", Copied: c.clock.Now().Add(-time.Minute), Head: 3, Epoch: 7}); err != nil {
		t.Fatal(err)
	}
	c.restart()
	says(t, c.page(pos.RoleBarista, "/"), `id="recovery"`, "restaurée depuis une copie", "21 novembre 2026 08\u00a0h\u00a059")
	c.form(pos.RoleBarista, "/till/recovered", url.Values{}).leads(t, "/")
	if strings.Contains(c.page(pos.RoleBarista, "/"), `id="recovery"`) {
		t.Error("it was read already")
	}
	c.restart()
	says(t, c.page(pos.RoleBarista, "/"), "restaurée depuis une copie")
}
