package main_test

// What a customer takes home: receipts, their duplicates, invoices; and a payment that was entered under the wrong means.

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// invoiced makes the invoice of a sale, once, and returns its number.
func (c *cafe) invoiced(sale string) string {
	c.Helper()
	return api[struct {
		Number string `json:"number"`
	}](c, http.MethodPost, "/sales/"+sale+"/invoice", map[string]any{
		"name": "Atelier Lumière SARL", "address": "12 rue des Lilas, 33000 Bordeaux", "siret": "12345678200010"}).Number
}

// onPaper shows the page as the printer gets it.
func onPaper() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	})
}

// printPapers: the receipt from the page after the sale, and again from the page of the sale.
func printPapers(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-card")
	p.until("the till says paid", `document.querySelector("#paid")`)
	p.tap(`#paid-ways form[action$="/print"] button`)
	p.until("the original is shown", `document.readyState === "complete" && document.querySelector(".papers:not(.preview) .document") && document.querySelector(".given li")`)
	if said := p.text(".document"); strings.Contains(said, "DUPLICATA") {
		p.Errorf("the first print is a duplicate: %q", said)
	}
	number := ask[string](p, `location.pathname.split("/").pop()`)
	for k := 1; k <= 2; k++ {
		p.open(c.staff + "/sales/" + number)
		p.tap(fmt.Sprintf(`a[href="/documents/%s"]`, number))
		p.until("the page of the document is there", `document.readyState === "complete" && document.querySelector("#reason")`)
		p.tap(`.giving button`)
		p.until("the duplicate is shown", fmt.Sprintf(`document.readyState === "complete" && document.querySelector(".document")?.innerText.includes("DUPLICATA n° %d - D26-00000%d")`, k, k))
	}
	p.open(c.staff + "/documents/" + number)
	p.do("look at the paper", onPaper())
	if shown := ask[bool](p, `document.querySelector(".document").checkVisibility() || !document.querySelector(".paper-only").checkVisibility()`); shown {
		p.Error("a preview can be printed past the count")
	}
}

// makeAnInvoice: from the page of the sale, to one sheet of A4.
func makeAnInvoice(s *scene) {
	c := s.openCafe()
	made := c.meals(2, "")
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/sales/" + made.ID)
	p.tap(fmt.Sprintf(`a[href="/sales/%s/invoice"]`, made.ID))
	p.until("the form is there", `document.readyState === "complete" && document.getElementById("address")`)
	for field, text := range map[string]string{"name": "Atelier Lumière SARL", "address": "12 rue des Lilas, 33000 Bordeaux"} {
		p.tap("#" + field)
		p.write(text)
	}
	p.tap("form .go")
	p.until("the invoice is shown", `document.readyState === "complete" && document.querySelector(".bill h2")?.innerText === "FACTURE I26-000001"`)
	p.tap(".giving button")
	p.until("the original is shown", `document.readyState === "complete" && document.querySelector(".papers:not(.preview) .bill")`)
	p.do("print the invoice", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err == nil && (!strings.Contains(string(out.Data), "[0 0 59") || strings.Count(string(out.Data), "/Type /Page\n") != 1) { // A4 is 595 points wide
			err = fmt.Errorf("the invoice is not one sheet of A4")
		}
		return err
	}))
}

// fixAMeans: the wrong button, put right on the page of the sale; the drawer and the receipt say what they should.
func fixAMeans(s *scene) {
	c := s.openCafe()
	made := c.meals(1, "")
	p := s.openTab(screenPhone())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/sales/" + made.ID + "/fix")
	p.tap(`[name="to"][value="card"]`)
	p.tap(`[data-fill][data-into="reason"]`)
	p.tap("form .go.big")
	p.until("the correction is told", `document.readyState === "complete" && document.querySelector(".given li")?.innerText.includes("Carte")`)
	if said := p.text(".sums"); !strings.Contains(said, "Espèces") {
		p.Errorf("the sale no longer says what was entered: %q", said)
	}
}
