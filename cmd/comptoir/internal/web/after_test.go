package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func TestAfterAPaymentTheChangeIsShownWithTheWaysOn(t *testing.T) {
	c := openCafe(t)
	sale := c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1},{"product":"cafe","qty":1,"kind":"gift"}],"tenders":[{"means":"cash","amount":1370,"given":2000}]}`)
	page := c.page(pos.RoleBarista, "/paid/"+text(t, sale, "id")+"?warning=house.budget&warning=made.up&released=1")
	says(t, page, "6,30\u00a0€", "Encaissé\u00a0: 13,70\u00a0€", "T26-000001", `action="/sales/`+text(t, sale, "id")+`/receipt"`, "Ticket par QR", "Merci pour le suspendu", "Ce qu’il devient", "Nouvelle vente")
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

func TestAReceiptIsAskedForOnceAndComesAsPaper(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1190}]}`), "id")
	if page := c.page(pos.RoleAccountant, "/sales/"+sale+"/receipt"); strings.Contains(page, "Demandé à") || strings.Contains(page, "data-print-now") {
		t.Error("nobody has asked for it")
	}
	ask := func(role pos.Role, path, command string) answer {
		return c.form(role, path, url.Values{"command": {command}})
	}
	asked := ask(pos.RoleBarista, "/sales/"+sale+"/receipt", "r1")
	if asked.status != http.StatusSeeOther {
		t.Fatalf("ask: %d %s", asked.status, asked.body)
	}
	page := c.page(pos.RoleBarista, asked.header.Get(fiber.HeaderLocation))
	says(t, page, "T26-000001", "Plat", "Demandé à 09\u00a0h\u00a000", "data-print-now", "paper.css")
	if again := ask(pos.RoleBarista, "/sales/"+sale+"/receipt", "r2"); again.status != http.StatusSeeOther {
		t.Errorf("again: %d", again.status)
	}
	if a := ask(pos.RoleAccountant, "/sales/"+sale+"/receipt", "r3"); a.status != http.StatusForbidden {
		t.Errorf("an accountant asks: %d, want 403", a.status)
	}
	if a := ask(pos.RoleBarista, "/sales/none/receipt", "r4"); a.status != http.StatusNotFound {
		t.Errorf("of no sale: %d, want 404", a.status)
	}
}
