package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (c *cafe) refundForm(sale, command string, fields url.Values) answer {
	c.tb.Helper()
	fields.Set("command", command)
	return c.form(pos.RoleBarista, "/sales/"+sale+"/refund", fields)
}

func TestARefundSaysWhatIsWrongBesideEachField(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":2},{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":2600}]}`), "id")
	for i, f := range []struct {
		name   string
		fields url.Values
		field  string
		says   string
	}{
		{"half a meal", url.Values{"qty-1": {"1.5"}, "tender": {"card"}, "reason": {"froid"}}, "qty-1", "Une quantité est un nombre entier"},
		{"more than was sold", url.Values{"qty-1": {"3"}, "tender": {"card"}, "reason": {"froid"}}, "qty-1", "Pas plus que ce qui reste"},
		{"nothing", url.Values{"tender": {"card"}, "reason": {"froid"}}, "lines", "Dites quelles quantités"},
		{"no reason", url.Values{"qty-1": {"1"}, "tender": {"card"}}, "reason", "une raison est nécessaire"},
		{"no such means", url.Values{"qty-1": {"1"}, "tender": {"gold"}, "reason": {"froid"}}, "tender", "Ce moyen de paiement n’existe pas"},
		{"a voucher that paid nothing", url.Values{"qty-1": {"1"}, "tender": {"meal_voucher"}, "reason": {"froid"}}, "tender", "titre-restaurant"},
	} {
		a := c.refundForm(sale, "bad-"+string(rune('a'+i)), f.fields)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", f.name, a.status)
		}
		page := string(a.body)
		says(t, page, `id="`+f.field+`-wrong"`, f.says)
		if n := strings.Count(page, f.says); n != 1 {
			t.Errorf("%s: said %d times", f.name, n)
		}
	}
	several := string(c.refundForm(sale, "several", url.Values{"qty-1": {"x"}, "qty-2": {"y"}, "tender": {"card"}}).body)
	says(t, several, `href="#qty-1"`, `href="#qty-2"`, `value="x"`, `value="y"`)
	if a := c.refundForm("none", "none", url.Values{"qty-1": {"1"}}); a.status != http.StatusNotFound {
		t.Errorf("of no sale: %d, want 404", a.status)
	}
	says(t, c.page(pos.RoleBarista, "/sales/"+sale+"?all=1"), `name="qty-1" inputmode="numeric" maxlength="3" autocomplete="off" data-most="2" value="2"`)
}

func TestARefundTellsWhatItDoesToStampsAndSuspendedMeals(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	sold := c.post("/sales", `{"mode":"eat_in","card":"`+card+`","lines":[{"product":"plat","qty":9},{"product":"cafe","qty":1,"kind":"gift"}],"tenders":[{"means":"card","amount":10890}]}`)
	sale := text(t, sold, "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), "Les tampons des repas remboursés sont repris, et un suspendu")
	a := c.refundForm(sale, "r1", url.Values{"qty-1": {"2"}, "qty-2": {"1"}, "tender": {"card"}, "reason": {"froid"}, "proof": {text(t, sold, "gift_url")}})
	page := c.page(pos.RoleBarista, a.leads(t, "/sales/"))
	says(t, page, "Remboursement fait", "2 tampons repris, 2 suspendus retirés de l’étagère", "Avoir A26-000001")
	if strings.Contains(c.page(pos.RoleBarista, a.header.Get(fiber.HeaderLocation)+"&x"), "avancé") {
		t.Error("no meal was served: nothing is advanced")
	}
	plain := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`), "id")
	if page := c.page(pos.RoleBarista, "/sales/"+plain); strings.Contains(page, "message good") || strings.Contains(page, "repris") {
		t.Errorf("a coffee has neither stamp nor gift:\n%s", page)
	}
	if strings.Contains(c.page(pos.RoleAccountant, "/sales/"+plain), `id="refund"`) {
		t.Error("an accountant refunds nothing")
	}
}

// TestCase36ThePageAsksForTheProofOrAManager: a barista without the code is told so beside its field, with what was typed,
// and one manager's PIN is enough on the day.
func TestCase36ThePageAsksForTheProofOrAManager(t *testing.T) {
	c := openCafe(t)
	sold := c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":3,"kind":"gift"}],"tenders":[{"means":"card","amount":540}]}`)
	sale := text(t, sold, "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), `name="proof"`, "Sans lui, le jour même, une responsable donne son accord", "Accord d’une responsable")
	lacks(t, c.page(pos.RoleManager, "/sales/"+sale), `name="pin"`)
	if a := c.do(call{method: http.MethodGet, path: "/api/v1/sales/" + sale}); strings.Contains(string(a.body), text(t, sold, "gift_code")) {
		t.Error("whoever reads the sale is told the donor's code")
	}
	fields := url.Values{"qty-1": {"1"}, "tender": {"card"}, "reason": {"regret"}}
	none := c.refundForm(sale, "none", fields)
	if none.status != http.StatusForbidden {
		t.Errorf("without the code: %d, want 403", none.status)
	}
	says(t, string(none.body), `id="proof-wrong"`, "Un suspendu se rembourse avec le code du don", `value="regret"`, "<details open>")
	fields.Set("proof", "CBDEFGHIJKLNC")
	says(t, string(c.refundForm(sale, "wrong", fields).body), `id="proof-wrong"`, `value="CBDEFGHIJKLNC"`)
	fields.Del("proof")
	var manager string
	staff, err := c.till.Staff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range staff {
		if o.Role == pos.RoleManager {
			manager = o.ID
		}
	}
	fields.Set("manager", manager)
	fields.Set("pin", "0000")
	says(t, string(c.refundForm(sale, "pin", fields).body), `id="pin-wrong"`, "Ce n’est pas le code d’une responsable")
	c.clock.Advance(2e9)
	fields.Set("pin", managerPIN)
	c.refundForm(sale, "approved", fields).leads(t, "/sales/")
	c.clock.Advance(24 * 60 * 60 * 1e9)
	later := c.page(pos.RoleBarista, "/sales/"+sale)
	says(t, later, "Passé le jour du don, il est nécessaire")
	lacks(t, later, `name="pin"`)
	fields = url.Values{"qty-1": {"1"}, "tender": {"card"}, "reason": {"regret"}, "proof": {text(t, sold, "gift_code")}}
	c.refundForm(sale, "proved", fields).leads(t, "/sales/")
}
