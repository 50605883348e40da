package main_test

// Paper: a printer that nobody knows is set up by its test page; one without paper is seen on the till, and prints once.

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// printingViews are the pages of printers: one of the bar that nobody reaches, and what waits for it. It prints no receipts,
// so that papers look on other pages as they do in a demonstration.
func printingViews(c *cafe) []view {
	dead := func(p *tab) {
		p.Helper()
		api[map[string]any](c, http.MethodPost, "/printers", map[string]any{"name": "Bar", "uri": "tcp://127.0.0.1:1", "receipts": false})
		api[map[string]any](c, http.MethodPost, "/printers/Bar/test", map[string]any{})
	}
	return []view{
		{"printer", c.staff + "/manage/printers", func(p *tab) { dead(p); p.open(c.staff + "/manage/printers/Bar") }, false},
		{"printing", c.staff + "/printing", func(p *tab) {
			dead(p)
			p.open(c.staff + "/printing")
			p.until("the printer is told about", `document.querySelector(".printers .wrong")`)
		}, true},
	}
}

// setUpPrinter sets a printer in memory up by its pages, and returns the address of its own.
func setUpPrinter(p *tab, c *cafe) string {
	p.Helper()
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/manage/printers")
	p.tap(`form[action="/manage/printers"].row button`)
	p.until("the printer has a page", `document.readyState === "complete" && document.querySelector("#test")`)
	return ask[string](p, `location.origin + location.pathname`)
}

// chooseTheLetter: the test page comes out, and a tap on the letter that reads right is all.
func chooseTheLetter(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	printer := setUpPrinter(p, c)
	p.tap(`#test form[action$="/test"] button`)
	p.until("the test page came out", `document.querySelector("#job.good")`)
	p.open(printer + "/paper")
	p.until("its paper is a picture", `document.querySelector("#tray img")?.naturalWidth > 300`)
	p.open(printer)
	p.tap(`button[name="letter"][value="B"]`)
	p.until("its letters are chosen", `document.readyState === "complete" && document.querySelector('button[value="B"][aria-pressed="true"]')`)
}

// runOutOfPaper: the till says so and sells; with paper again the receipt comes out once.
func runOutOfPaper(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	printer := setUpPrinter(p, c)
	paper := func(want string) {
		p.open(printer + "/paper")
		p.tap(`button[value="paper_out"]`)
		p.until("the paper is "+want, fmt.Sprintf(`document.readyState === "complete" && document.querySelector('button[value="paper_out"][aria-pressed=%q]')`, want))
	}
	paper("true")
	p.open(c.staff + "/")
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-card")
	p.until("the till says paid", `document.querySelector("#paid")`)
	p.tap(`#paid-ways form[action$="/print"] button`)
	p.until("the page says why nothing comes out", `document.querySelector("#job")?.innerText.includes("Plus de papier")`)
	receipt := ask[string](p, `location.href`)
	p.open(c.staff + "/")
	p.until("the till says so too", `document.querySelector("#print-alarm")?.innerText.includes("Plus de papier")`)
	paper("false")
	p.open(receipt)
	p.until("it came out", `document.querySelector("#job.good")`)
	p.open(printer + "/paper")
	p.until("once", `document.querySelectorAll("#tray img").length === 1`)
	if at, err := url.Parse(receipt); err != nil || !slices.Contains(at.Query()["n"], "0") {
		p.Errorf("the receipt is not the original: %s", receipt)
	}
}
