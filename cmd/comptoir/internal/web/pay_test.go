package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

// order opens a ticket of lines such as `"product":"plat","qty":2`.
func (c *cafe) order(lines ...string) string {
	c.tb.Helper()
	id := text(c.tb, c.post("/tickets", `{"mode":"eat_in"}`), "id")
	for _, l := range lines {
		c.post("/tickets/"+id+"/lines", "{"+l+"}")
	}
	return id
}

// atPay is the payment page of a ticket, as a barista has it open.
type atPay struct {
	*cafe
	path   string
	hidden url.Values // of its form
	body   string
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(version|total|due|proposed|share|of|from)" value="([^"]*)"`)

func (c *cafe) atPay(path string) *atPay {
	c.tb.Helper()
	p := &atPay{cafe: c, path: path, hidden: url.Values{}, body: c.page(pos.RoleBarista, path)}
	for _, m := range hiddenField.FindAllStringSubmatch(p.body[strings.Index(p.body, `id="pay"`):], -1) {
		p.hidden.Set(m[1], m[2])
	}
	return p
}

// press sends the form of the page as it stands, with what was typed or pressed.
func (p *atPay) press(command string, pressed url.Values) answer {
	p.tb.Helper()
	form := url.Values{"command": {command}, "amount": {p.hidden.Get("proposed")}}
	for _, values := range []url.Values{p.hidden, pressed} {
		for name := range values {
			form.Set(name, values.Get(name))
		}
	}
	path, _, _ := strings.Cut(p.path, "?")
	return p.form(pos.RoleBarista, path, form)
}

// leads fails the test unless an answer goes on to an address.
func (a answer) leads(tb testing.TB, to string) string {
	tb.Helper()
	got := a.header.Get(fiber.HeaderLocation)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(got, to) {
		tb.Fatalf("%d to %q, want 303 to %s\n%s", a.status, got, to, a.body)
	}
	return got
}

func means(m pos.Means) url.Values { return url.Values{"means": {string(m)}} }

func TestAPartStaysOnTheTicketUntilTheRestIsPaid(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"plat","qty":2`)
	p := c.atPay("/pay/" + id)
	says(t, p.body, "23,80\u00a0€", `value="23,80"`, "25\u00a0€", "30\u00a0€")
	next := p.press("p1", url.Values{"means": {"meal_voucher"}, "amount": {"10"}}).leads(t, "/pay/"+id+"?paid=1")
	if tk := c.get("/tickets/" + id); number(t, tk, "paid") != 1000 || number(t, tk, "rest") != 1380 {
		t.Errorf("the part is not on the ticket: %v", tk)
	}
	p = c.atPay(next)
	says(t, p.body, "Déjà payé", "Titre-restaurant", "13,80\u00a0€", `value="13,80"`)
	refused := p.press("p2", url.Values{"means": {"card"}, "amount": {"20"}})
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("more than the rest by card: %d, want 422", refused.status)
	}
	says(t, string(refused.body), "Il ne reste que 13,80\u00a0€ à payer", `value="20"`, `id="amount-wrong"`)
	done := p.press("p3", url.Values{"means": {"cash"}, "amount": {"20"}})
	to := done.leads(t, "/paid/")
	says(t, c.page(pos.RoleBarista, to), "6,20\u00a0€", "T26-000001")
	if again := p.press("p3", url.Values{"means": {"cash"}, "amount": {"20"}}); again.header.Get(fiber.HeaderLocation) != to {
		t.Errorf("the form sent twice: %d %s", again.status, again.header.Get(fiber.HeaderLocation))
	}
	if back := c.do(call{method: http.MethodGet, path: next}); !strings.HasPrefix(back.header.Get(fiber.HeaderLocation), "/paid/") {
		t.Errorf("the page gone back to: %d %s", back.status, back.header.Get(fiber.HeaderLocation))
	}
}

func TestEqualPartsArePaidOneAfterAnother(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":10`) // 22,00
	next, paid := "/pay/"+id+"?share=3&of=3", []string{}
	for i := range 3 {
		p := c.atPay(next)
		says(t, p.body, fmt.Sprintf("Part %d sur 3", i+1))
		paid = append(paid, p.hidden.Get("proposed"))
		a := p.press(fmt.Sprintf("p%d", i), means(pos.Card))
		next = a.header.Get(fiber.HeaderLocation)
		if a.status != http.StatusSeeOther {
			t.Fatalf("part %d: %d %s", i+1, a.status, a.body)
		}
	}
	if got := strings.Join(paid, " "); got != "7,34 7,33 7,33" {
		t.Errorf("the parts are %s, want 7,34 7,33 7,33", got)
	}
	if !strings.HasPrefix(next, "/paid/") {
		t.Errorf("the last part leads to %s", next)
	}
}

func TestABanknotePaysThePartAndTheChangeIsShownAtOnce(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":10`)
	p := c.atPay("/pay/" + id + "?share=2&of=2")
	says(t, p.body, `name="note" value="1500"`)
	next := p.press("p1", url.Values{"note": {"2000"}}).leads(t, "/pay/"+id)
	says(t, c.page(pos.RoleBarista, next), "À rendre", "9,00\u00a0€", "reçu 20,00\u00a0€, rendu 9,00\u00a0€")
	// More typed than the part is what was handed over; the change of the first part is not told again.
	p = c.atPay(next)
	done := p.press("p2", url.Values{"means": {"cash"}, "amount": {"12"}}).leads(t, "/paid/")
	page := c.page(pos.RoleBarista, done)
	says(t, page, `<p class="huge">1,00`)
}

func TestAVoucherLeftAsProposedPaysWhatItMay(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"plat","qty":1`, `"product":"biere","qty":1`) // 11,90 of food, 4,50 of beer
	p := c.atPay("/pay/" + id)
	says(t, p.body, "11,90\u00a0€ au plus")
	refused := p.press("p1", url.Values{"means": {"meal_voucher"}, "amount": {"12"}})
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("a voucher on beer: %d, want 422", refused.status)
	}
	says(t, string(refused.body), "paient 11,90\u00a0€ au plus", `id="amount-wrong"`)
	next := p.press("p2", means(pos.MealVoucher)).leads(t, "/pay/"+id)
	says(t, c.page(pos.RoleBarista, next), "4,50\u00a0€", "Rien ici ne se paie ainsi")
}

func TestAPartIsTakenOffWithAReason(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"plat","qty":1`)
	c.atPay("/pay/"+id).press("p1", url.Values{"means": {"cash"}, "amount": {"5"}}).leads(t, "/pay/"+id)
	remove := func(command, payment string, fields url.Values) answer {
		fields.Set("command", command)
		return c.form(pos.RoleBarista, "/pay/"+id+"/remove/"+payment, fields)
	}
	if a := remove("r1", "1", url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d, want 422", a.status)
	} else {
		says(t, string(a.body), `id="reason-1-wrong"`, `id="part-1" open`)
	}
	if a := remove("r2", "9", url.Values{"quick": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("a part that is not: %d, want 404", a.status)
	}
	remove("r3", "1", url.Values{"quick": {"Erreur de saisie"}}).leads(t, "/pay/"+id)
	if tk := c.get("/tickets/" + id); number(t, tk, "paid") != 0 {
		t.Errorf("the part is still there: %v", tk)
	}
}

func TestSomeLinesArePaidApartAndTheRestAfterwards(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"plat","qty":3`, `"product":"cafe","qty":1`)
	split := func(command string, fields url.Values) answer {
		fields.Set("command", command)
		return c.form(pos.RoleBarista, "/pay/"+id+"/split", fields)
	}
	none := split("s1", url.Values{})
	if none.status != http.StatusUnprocessableEntity {
		t.Errorf("no line: %d, want 422", none.status)
	}
	says(t, string(none.body), `id="lines-wrong"`, "Choisissez les lignes")
	split("s2", url.Values{"line": {"1", "2"}, "take-1": {"3"}}).leads(t, "/pay/"+id) // all of it: nothing to part
	apart := split("s3", url.Values{"line": {"1"}, "take-1": {"2"}}).leads(t, "/pay/")
	if !strings.HasSuffix(apart, "?from="+id) {
		t.Fatalf("the part leads to %s", apart)
	}
	p := c.atPay(apart)
	says(t, p.body, "23,80\u00a0€", "Une partie de", "Remettre ensemble")
	after := c.page(pos.RoleBarista, p.press("p1", means(pos.Card)).leads(t, "/paid/"))
	says(t, after, "Payer le reste", "14,10\u00a0€", "/pay/"+id)

	again := split("s4", url.Values{"line": {"2"}}).leads(t, "/pay/")
	other, _, _ := strings.Cut(strings.TrimPrefix(again, "/pay/"), "?")
	a := c.form(pos.RoleBarista, "/pay/"+other+"/join", url.Values{"command": {"j1"}, "from": {id}})
	a.leads(t, "/pay/"+id)
	if tk := c.get("/tickets/" + id); number(t, tk, "total") != 1410 {
		t.Errorf("put back together: %v", tk)
	}
	if a := c.form(pos.RoleBarista, "/pay/"+id+"/join", url.Values{"command": {"j2"}, "from": {id}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("joined with itself: %d, want 422", a.status)
	}
}

func TestAnOrderThatChangedIsToldWithItsNewTotal(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":1`)
	p := c.atPay("/pay/" + id)
	c.post("/tickets/"+id+"/lines", `{"product":"eau","qty":1}`)
	stale := p.press("p1", means(pos.Card))
	if stale.status != http.StatusConflict {
		t.Fatalf("a changed order: %d, want 409", stale.status)
	}
	says(t, string(stale.body), "le total est maintenant 4,20\u00a0€", `value="4,20"`)
	kept := p.press("p2", url.Values{"means": {"card"}, "amount": {"1,50"}})
	says(t, string(kept.body), `value="1,50"`)

	// Two tills on one ticket: the second hears that a part is paid, and pays the rest.
	first, second := c.atPay("/pay/"+id), c.atPay("/pay/"+id)
	first.press("p3", url.Values{"means": {"card"}, "amount": {"2"}}).leads(t, "/pay/"+id)
	late := second.press("p4", means(pos.Card))
	if late.status != http.StatusConflict {
		t.Errorf("paid twice: %d, want 409", late.status)
	}
	says(t, string(late.body), "Déjà payé", `value="2,20"`)
	c.atPay("/pay/"+id).press("p5", means(pos.Card)).leads(t, "/paid/")
	second.press("p6", means(pos.Card)).leads(t, "/paid/") // already paid: what happened, not an error
}

func TestNothingDueIsSettledWithoutAMeans(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":1`)
	c.ok(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/lines/1/discount", role: pos.RoleManager, body: `{"percent":100,"reason":"commercial"}`})
	p := c.atPay("/pay/" + id)
	says(t, p.body, "Offert", "geste commercial", "Valider, rien à payer")
	p.press("p1", url.Values{"means": {"none"}}).leads(t, "/paid/")
}

func TestADiscountIsToldOnItsLine(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"plat","qty":1`)
	c.ok(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/lines/1/discount", role: pos.RoleManager, body: `{"percent":10,"reason":"quality"}`})
	says(t, c.page(pos.RoleBarista, "/pay/"+id), "−1,19\u00a0€\u00a0: qualité", "10,71\u00a0€")
}

func TestThePaymentPageRefusesWhatIsNoPayment(t *testing.T) {
	c := openCafe(t)
	id := c.order(`"product":"cafe","qty":1`)
	p := c.atPay("/pay/" + id)
	for i, f := range []struct {
		pressed url.Values
		status  int
		says    string
	}{
		{url.Values{"means": {"card"}, "amount": {"deux"}}, http.StatusUnprocessableEntity, "Tapez un montant"},
		{url.Values{"means": {"card"}, "amount": {"0"}}, http.StatusUnprocessableEntity, "supérieur à zéro"},
		{url.Values{"means": {"gold"}}, http.StatusUnprocessableEntity, "Ce moyen de paiement n’existe pas"},
		{url.Values{"means": {"card"}, "version": {"x"}}, http.StatusUnprocessableEntity, "incomplet"},
		{url.Values{"note": {"100"}}, http.StatusUnprocessableEntity, "reçu"},
	} {
		a := p.press(fmt.Sprintf("bad-%d", i), f.pressed)
		if a.status != f.status {
			t.Errorf("%v: %d, want %d", f.pressed, a.status, f.status)
		}
		says(t, string(a.body), f.says)
	}
	if a := c.do(call{method: http.MethodGet, path: "/pay/none"}); a.status != http.StatusNotFound {
		t.Errorf("no ticket: %d, want 404", a.status)
	}
	c.post("/tickets/"+id+"/drop", `{}`)
	c.do(call{method: http.MethodGet, path: "/pay/" + id}).leads(t, "/?done=ticket_dropped")
}

func TestSharesOfTheAddress(t *testing.T) {
	for query, want := range map[string]payAsked{
		"": {}, "share=3": {Share: 3, Of: 3}, "share=2&of=3": {Share: 2, Of: 3}, "share=1&of=3": {Share: 1, Of: 3}, "share=1": {}, "share=0&of=3": {},
		"share=9": {}, "share=-2": {}, "share=x&from=t&paid=4": {From: "t", Paid: 4}, "share=2&of=99": {},
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := asked(q.Get); got != want {
			t.Errorf("?%s is %+v, want %+v", query, got, want)
		}
	}
	if got := share(1000, 3); got != money.Cents(334) {
		t.Errorf("a third of 10,00 is %s", got)
	}
}
