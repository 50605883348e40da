package main_test

// The main job: a sale, by whatever the hand holds.

import (
	"fmt"
	"strings"
)

// Prices of the sample menu, in cents.
const (
	coffeePrice    = 200
	croissantPrice = 140
	mealPrice      = 1190
)

// sellByTouch: the tile, then the way of paying. till-pages.md §3.2 promises two taps.
func sellByTouch(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	before := c.sales()
	p.taps = 0
	p.tap(tile("expresso"))
	p.settled(1)
	p.do("slow the network down", delay(60)) // the café's hint of the payment comes before its answer
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	if p.taps != 2 {
		p.Errorf("taps for a coffee: got %d, want 2", p.taps)
	}
	if said := p.text("#paid"); !strings.Contains(said, "2,00 €") {
		p.Errorf("the till says %q, want the sum 2,00 €", said)
	}
	c.soldSince(before, coffeePrice)

	// The sum and the receipt's code stay until the next tap, whatever the café's hints say meanwhile.
	c.newOrder("croissant")
	p.until("the till has heard of another till's order", `document.querySelector("#chip-held .count").textContent === "1"`)
	p.rest()
	if !ask[bool](p, `document.querySelector("#paid") !== null`) {
		p.Error("what was paid has vanished from the till before the next tap")
	}
}

// sellByKeyboard: sign in, find by search, find by arrows, pay; no finger, no mouse.
func sellByKeyboard(s *scene) {
	c := s.openCafe("--allow-host", plainHTTPHost)
	p := s.openAnyTab(screenTill())
	p.open(c.overPlainHTTP() + "/login?lang=fr")
	chosen := fmt.Sprintf(`document.querySelector("input[name=operator]:checked")?.value === %q`, p.personID("Barista"))
	p.tabTo("input[name=operator]")
	p.press("Space")
	for range 5 { // the arrows walk round the few who may sign in
		if ask[bool](p, chosen) {
			break
		}
		p.tabTo("input[name=operator]") // choosing one may have moved on to the PIN
		p.press("ArrowDown")
	}
	p.until("the barista is chosen", chosen)
	p.tabTo("#pin")
	p.write("1111")
	p.press("Enter")
	p.until("the till is ready", `document.querySelector("#till.ready")`)

	before := c.sales()
	p.write("/")
	p.until("the search has the focus", `document.activeElement.id === "search"`)
	p.write("expr")
	p.press("Enter")
	p.settled(1)
	p.press("Escape")
	p.tabTo(tile("expresso"))
	p.press("ArrowRight", "Enter")
	p.settled(2)
	p.tabTo("#quick-exact")
	p.press("Enter")
	p.until("the till says paid", `document.querySelector("#paid")`)
	const longPrice = 220 // the tile to the right of the coffee's
	c.soldSince(before, coffeePrice+longPrice)
}

// sellOverPlainHTTP: a tablet reaches the till by name, without any of what a secure context has.
func sellOverPlainHTTP(s *scene) {
	c := s.openCafe("--allow-host", plainHTTPHost)
	p := s.openTab(screenTablet())
	p.signIn(c.overPlainHTTP(), "Barista", "1111")
	if ask[bool](p, "isSecureContext") {
		p.Fatalf("%s is a secure context: this proves nothing", plainHTTPHost)
	}
	before := c.sales()
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-card")
	p.until("the till says paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice)
}
