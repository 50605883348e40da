package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// print sends the form of a document's page and returns the page it leads to.
func (c *cafe) print(number, command, reason string) string {
	c.tb.Helper()
	a := c.form(pos.RoleBarista, "/documents/"+number+"/print", url.Values{"command": {command}, "reason": {reason}})
	return c.page(pos.RoleBarista, a.leads(c.tb, "/documents/"))
}

func TestThePageOfADocumentGivesOutOneOriginal(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1190}]}`), "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), `action="/documents/T26-000001/print"`)
	before := c.page(pos.RoleBarista, "/documents/T26-000001")
	says(t, before, "Pas encore remis", `class="papers preview"`, "Aperçu", "paper-80.css", "T26-000001")
	if strings.Contains(before, "data-print-now") || strings.Contains(before, "DUPLICATA") {
		t.Error("nobody has asked for it")
	}
	first := c.print("T26-000001", "p1", "")
	says(t, first, "data-print-now", `class="papers"`, "Original remis le", "Plat")
	if strings.Contains(first, "DUPLICATA") {
		t.Errorf("the first is a duplicate:\n%s", first)
	}
	says(t, c.print("T26-000001", "p1", ""), "Original remis le") // the same tap twice
	again := c.print("T26-000001", "p2", "lost")
	says(t, again, "DUPLICATA n° 1 - D26-000001", "Duplicata n° 1 le", "perdu", "data-print-now")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), `href="/documents/T26-000001"`, "Remis 2 fois")
	says(t, c.page(pos.RoleAccountant, "/documents/T26-000001"), "Duplicata n° 1 le", `class="papers preview"`)
	if a := c.form(pos.RoleAccountant, "/documents/T26-000001/print", url.Values{"command": {"p3"}}); a.status != http.StatusForbidden {
		t.Errorf("an accountant prints: %d, want 403", a.status)
	}
	for path, status := range map[string]int{"/documents/T26-000001?n=9": 404, "/documents/T26-000099": 404, "/documents/none": 422} {
		if a := c.do(call{method: http.MethodGet, path: path}); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	says(t, c.page(pos.RoleBarista, "/documents/D26-000001"), "DUPLICATA n° 1")
	says(t, c.page(pos.RoleBarista, "/documents/T26-000001?paper=58"), "paper-58.css")
}

// TestAnOriginalDoesNotComeOutAgainLater: its address is no way around the duplicate that is numbered (R38, R97).
func TestAnOriginalDoesNotComeOutAgainLater(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	number := text(t, c.post(aSale.path, aSale.body), "number")
	c.print(number, "p1", "")
	says(t, c.page(pos.RoleBarista, "/documents/"+number+"?n=0"), `class="papers"`, "data-print")
	c.clock.Advance(16 * time.Minute)
	later := c.page(pos.RoleBarista, "/documents/"+number+"?n=0&done=printed")
	says(t, later, `class="papers preview"`, `name="reason"`)
	if strings.Contains(later, "data-print") {
		t.Error("a second original can be printed")
	}
}

func TestPrintingOverTheAPI(t *testing.T) {
	t.Parallel()
	print := func(body string) step { return step{path: "/documents/{doc}/print", body: body} }
	runAll(t, []scenario{
		{name: "the original", given: []step{aSale}, method: http.MethodPost, path: "/documents/{doc}/print", body: `{}`, status: 201,
			want: map[string]string{"number": "{doc}", "duplicate": "0", "reference": "", "form": "paper", "reason": ""}, topics: []string{"sales"}},
		{name: "a duplicate", given: []step{aSale, print(`{}`)}, method: http.MethodPost, path: "/documents/{doc}/print", body: `{"form": "file", "reason": "accounts", "width": 32}`, status: 201,
			want: map[string]string{"duplicate": "1", "reference": "D26-000001", "form": "file", "reason": "accounts"}, topics: []string{"sales"}},
		{name: "by e-mail", given: []step{aSale}, method: http.MethodPost, path: "/documents/{doc}/print", body: `{"form": "email"}`, status: 422, code: "print.invalid", field: "form one_of"},
		{name: "no document", method: http.MethodPost, path: "/documents/T26-000099/print", body: `{}`, status: 404, code: "journal.document"},
		{name: "too narrow", given: []step{aSale}, method: http.MethodPost, path: "/documents/{doc}/print", body: `{"width": 3}`, status: 422, code: "query.invalid", field: "width range"},
		{name: "an invoice", given: []step{aSale}, method: http.MethodPost, path: "/sales/{sale}/invoice", body: `{"name": "Atelier", "address": "1 rue A"}`, status: 201,
			want: map[string]string{"number": "I26-000001", "sale": "{doc}", "total": "1850", "buyer.name": "Atelier"}, topics: []string{"sales"}},
		{name: "a second invoice", given: []step{aSale, {path: "/sales/{sale}/invoice", body: `{"name": "A", "address": "B"}`}}, method: http.MethodPost, path: "/sales/{sale}/invoice",
			body: `{"name": "Atelier", "address": "1 rue A"}`, status: 409, code: "invoice.exists"},
		{name: "no buyer", given: []step{aSale}, method: http.MethodPost, path: "/sales/{sale}/invoice", body: `{"name": "", "address": "1 rue A"}`, status: 422, code: "invoice.invalid", field: "name required"},
		{name: "the means put right", given: []step{aSale}, method: http.MethodPost, path: "/sales/{sale}/payment", body: `{"from": "card", "to": "cheque", "reason": "chèque"}`, status: 201,
			want: map[string]string{"number": "{doc}", "from": "card", "to": "cheque", "amount": "1850", "auth": ""}, topics: []string{"sales"}},
		{name: "more than was paid", given: []step{aSale}, method: http.MethodPost, path: "/sales/{sale}/payment", body: `{"from": "card", "to": "cheque", "amount": 1851, "reason": "x"}`, status: 422, code: "fix.beyond", field: "amount range"},
	})
}

func TestAnInvoiceIsMadeOnItsPage(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1},{"product":"biere","qty":1}],"tenders":[{"means":"card","amount":1640}]}`), "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), `href="/sales/`+sale+`/invoice"`)
	says(t, c.page(pos.RoleBarista, "/sales/"+sale+"/invoice"), "16,40", "T26-000001")
	wrong := c.form(pos.RoleBarista, "/sales/"+sale+"/invoice", url.Values{"command": {"i1"}, "name": {"Atelier Lumière"}, "address": {""}, "siret": {"123"}})
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("no address: %d", wrong.status)
	}
	says(t, string(wrong.body), `value="Atelier Lumière"`, `id="address-wrong"`, `id="siret-wrong"`)
	made := c.form(pos.RoleBarista, "/sales/"+sale+"/invoice", url.Values{"command": {"i2"}, "name": {"Atelier Lumière"}, "address": {"12 rue des Lilas"}, "siret": {"123 456 782 00010"}})
	page := c.page(pos.RoleBarista, made.leads(t, "/documents/I26-000001"))
	says(t, page, "La facture est faite", "FACTURE I26-000001", "Atelier Lumière", "Facture acquittée", "paper-a4.css", "Total TVA", `class="papers preview"`)
	says(t, c.page(pos.RoleBarista, "/documents/I26-000001?paper=80"), "paper-80.css", "pour le ticket T26-000001")
	says(t, c.print("I26-000001", "i3", ""), "data-print-now", "paper-a4.css")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale), "Facture I26-000001")
	again := c.form(pos.RoleBarista, "/sales/"+sale+"/invoice", url.Values{"command": {"i4"}, "name": {"A"}, "address": {"B"}})
	says(t, string(again.body), "Cette vente a déjà sa facture, I26-000001")
}

func TestAWrongMeansIsPutRightOnItsPage(t *testing.T) {
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":5}],"tenders":[{"means":"card","amount":5950}]}`), "id")
	says(t, c.page(pos.RoleBarista, "/sales/"+sale+"/fix"), "Carte", "59,50", "Accord d’une responsable")
	fields := url.Values{"command": {"f1"}, "from": {"card"}, "to": {"cash"}, "reason": {"Mauvaise touche"}}
	refusal := c.form(pos.RoleBarista, "/sales/"+sale+"/fix", fields)
	if refusal.status != http.StatusForbidden {
		t.Errorf("above the limit: %d", refusal.status)
	}
	says(t, string(refusal.body), "Au-dessus de 50,00", "<details open>", `value="Mauvaise touche"`)
	fields.Set("amount", "20")
	fields.Set("command", "f2")
	page := c.page(pos.RoleBarista, c.form(pos.RoleBarista, "/sales/"+sale+"/fix", fields).leads(t, "/sales/"))
	says(t, page, "Le moyen de paiement est corrigé", "20,00", "Carte → Espèces", "Mauvaise touche")
	for i, f := range []struct{ field, value, says string }{
		{"to", "card", "Une correction va d’un moyen"}, {"amount", "1000", "Seulement 39,50"}, {"amount", "x", "montant"}, {"amount", "0", "Seulement"}, {"reason", "", "une raison est nécessaire"},
	} {
		fields := url.Values{"command": {"w" + string(rune('a'+i))}, "from": {"card"}, "to": {"cash"}, "amount": {"1"}, "reason": {"x"}}
		fields.Set(f.field, f.value)
		a := c.form(pos.RoleBarista, "/sales/"+sale+"/fix", fields)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s %q: %d", f.field, f.value, a.status)
		}
		says(t, string(a.body), f.says)
	}
}

func TestOneWrongFieldIsToldWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	sale := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1190}]}`), "id")
	a := c.form(pos.RoleManager, "/sales/"+sale+"/invoice", url.Values{"command": {"i"}, "name": {"Atelier Nord"}, "address": {"1 rue A"}, "siret": {"123"}})
	says(t, string(a.body), "14 chiffres", `value="Atelier Nord"`, `value="123"`)
	rates := url.Values{"command": {"v"}}
	for _, category := range pos.VATCategories() {
		for _, mode := range pos.VATModes() {
			rates.Set(vatField(category, mode), "10")
		}
	}
	rates.Set("prepared.eat_in", "abc")
	a = c.form(pos.RoleManager, vatPath, rates)
	says(t, string(a.body), "pas un taux de TVA en vigueur", `value="abc"`)
}

func TestThePaperOfADeviceIsItsOwn(t *testing.T) {
	c := openCafe(t)
	c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1190}]}`)
	a := c.do(call{method: http.MethodGet, path: "/documents/T26-000001", header: map[string]string{fiber.HeaderCookie: "comptoir_paper=58"}})
	says(t, string(a.body), "paper-58.css")
	for line := range strings.SplitSeq(between(string(a.body), "<pre", "</pre>"), "\n") {
		if _, text, cut := strings.Cut(line, ">"); cut {
			line = text
		}
		if n := len([]rune(line)); n > 60 {
			t.Errorf("%d columns on 58 mm: %q", n, line)
		}
	}
}

// between is the text from one mark to another.
func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

func TestTheCodeOnPaperLeadsToItsReceipt(t *testing.T) {
	c := openCafe(t)
	sale := c.post("/sales", `{"mode":"eat_in","lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1190}]}`)
	code := text(t, sale, "receipt_code")
	d, err := c.till.Document(t.Context(), "T26-000001")
	if err != nil || !strings.HasPrefix(d.QR, publicURL+"/R/"+code+"/T26-000001/1190/") {
		t.Fatalf("the code says %q, %v", d.QR, err)
	}
	a := c.do(call{method: http.MethodGet, path: strings.TrimPrefix(d.QR, publicURL), public: true, nobody: true})
	if to := a.leads(t, "/R/"); to != "/R/"+code {
		t.Errorf("it leads to %s", to)
	}
	if r, err := c.till.Receipt(t.Context(), d.QR); err != nil || r.Document.Number != "T26-000001" {
		t.Errorf("scanned at the till: %v, %s", err, fault.CodeOf(err))
	}
}
