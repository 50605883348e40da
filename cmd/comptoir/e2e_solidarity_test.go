package main_test

// Cards, stamps and suspended coffees, at the counter and on a customer's phone.

import (
	"fmt"
	"net/http"
	"strings"
)

// scanInTheSearchBox: a scanner types where the focus is; the card goes to the ticket all the same, and its Enter
// presses nothing (till-pages.md §3.3 rule 8).
func scanInTheSearchBox(s *scene) {
	c := s.openCafe()
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	before := c.sales()

	p.tap("#search")
	p.write("caf")
	p.rest()
	p.scan(made.Code)
	p.until("the card is on the ticket", `document.querySelector("#stamps").innerText.includes("0/9")`)
	if left := ask[string](p, `document.getElementById("search").value`); left != "caf" {
		p.Errorf("the search box after the scan: got %q, want %q", left, "caf")
	}
	p.press("Escape")
	p.tap(tile("plat-du-jour"))
	p.settled(1)

	// Again, as the address a QR code holds, with the focus on a button that pays.
	p.do("focus", focusOn("#quick-exact"))
	p.scan(made.URL)
	p.rest()
	p.until("nothing is on its way", `!document.querySelector("#till.waiting")`)
	if left := ask[string](p, `document.getElementById("search").value`); left != "" {
		p.Errorf("the scan of an address leaves %q in the search box", left)
	}
	if !ask[bool](p, `[...document.querySelectorAll("li[id^=tile-]")].some((tile) => tile.checkVisibility())`) {
		p.Errorf("the scan of an address leaves no tile to tap")
	}
	if seen := api[struct{ Tickets []ticket }](c, http.MethodGet, "/tickets", nil).Tickets; len(seen) != 1 || seen[0].Card == nil {
		p.Fatalf("open orders after the scans: got %+v, want one with a card", seen)
	}
	if now := c.sales(); len(now) != len(before) {
		p.Fatalf("the Enter of a scan has paid")
	}
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	c.soldSince(before, mealPrice)
	if got := api[card](c, http.MethodGet, "/cards/"+made.Code, nil).Stamps; got != 1 {
		p.Errorf("stamps of the card: got %d, want 1", got)
	}
}

// giveAndServe: a gift is a line that is paid; a serving is two taps and no payment.
func giveAndServe(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	before, waiting := c.sales(), c.shelf("coffee")

	p.taps = 0
	p.tap("#give")
	p.settled(1)
	if kind := c.ticket(p.orderOf()).Lines[0].Kind; kind != "gift" {
		p.Errorf("kind of the line: got %q, want gift", kind)
	}
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	if p.taps != 2 {
		p.Errorf("taps to give: got %d, want 2", p.taps)
	}
	c.soldSince(before, coffeePrice)
	if now := c.shelf("coffee"); now.Available != waiting.Available+1 {
		p.Errorf("coffees waiting after the gift: got %d, want %d", now.Available, waiting.Available+1)
	}

	p.taps = 0
	p.tap("#chip-shelf")
	p.tap(`#serve-sheet [data-args*='"expresso"']`)
	p.until("the till says served", `document.querySelector("#toast:not(.wrong) [data-kind=undo]")`)
	if p.taps != 2 {
		p.Errorf("taps to serve: got %d, want 2", p.taps)
	}
	if now := c.shelf("coffee"); now.Available != waiting.Available || now.Served != waiting.Served+1 {
		p.Errorf("the shelf after serving: got %+v, want %d waiting and %d served", now, waiting.Available, waiting.Served+1)
	}
	if now := c.sales(); len(now) != len(before)+1 {
		p.Errorf("serving has made a sale")
	}
	p.tap("#undo") // where every undo is; the one beside the word is the same
	p.until("the till says it is back", `document.querySelector("#toast:not(.wrong)")?.innerText.includes("Annulé") && document.getElementById("undo").getAttribute("aria-disabled") === "true"`)
	if now := c.shelf("coffee"); now.Available != waiting.Available+1 {
		p.Errorf("coffees waiting after the undo: got %d, want %d", now.Available, waiting.Available+1)
	}
}

// left opens a card's page and reads how many meals it says are left until one is offered.
func (p *tab) left(c *cafe, code string, want int) {
	p.Helper()
	p.open(c.public + "/C/" + code)
	if said := p.text(".sentence"); !strings.Contains(said, fmt.Sprint(want)) {
		p.Errorf("the card says %q, want %d meals left", said, want)
	}
	if filled := ask[int](p, `document.querySelectorAll(".places .full").length`); filled != 9-want {
		p.Errorf("places filled: got %d, want %d", filled, 9-want)
	}
}
