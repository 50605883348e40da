package web

import (
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
)

func TestAfterAPaymentTheChangeIsShownWithTheWaysOn(t *testing.T) {
	c := openCafe(t)
	sale := c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1},{"product":"cafe","qty":1,"kind":"gift"}],"tenders":[{"means":"cash","amount":1370,"given":2000}]}`)
	page := c.page(pos.RoleBarista, "/paid/"+text(t, sale, "id")+"?warning=house.budget&warning=made.up&released=1")
	says(t, page, "6,30\u00a0€", "Encaissé\u00a0: 13,70\u00a0€", "T26-000001", `action="/documents/T26-000001/print"`, "Ticket par QR", "Merci pour le suspendu", "Ce qu’il devient", "Nouvelle vente")
	if strings.Contains(page, "care\">made.up") || strings.Contains(page, "warning.made.up") {
		t.Error("the address writes on the page")
	}
	plain := c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`)
	if page := c.page(pos.RoleBarista, "/paid/"+text(t, plain, "id")); strings.Contains(page, "Merci pour le suspendu") || strings.Contains(page, "À rendre") {
		t.Errorf("a coffee by card has neither change nor gift:\n%s", page)
	}
	if a := c.do(call{method: http.MethodGet, path: "/paid/none"}); a.status != http.StatusNotFound {
		t.Errorf("a sale that is not: %d, want 404", a.status)
	}
}
