package main_test

// The till under a barista's hands: lines changed in place, discounts that need somebody else, keys, scanners of three
// countries, a photograph of a card, and a session that ends in the middle.

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/chromedp/chromedp"
)

// line reads one line of the order on the till, by its place.
func (p *tab) line(place int) string {
	p.Helper()
	return p.text(fmt.Sprintf("#lines > li:nth-child(%d)", place))
}

// quiet waits until nothing is on its way and no dialog is open.
func (p *tab) quiet() {
	p.Helper()
	p.until("nothing is on its way", `!document.querySelector("#till.waiting") && !document.querySelector("dialog[open]")`)
}

// changeALineInPlace: the choices change in one command, and the note that was there stays; the quantity is typed on a
// pad; one button takes each of it back.
func changeALineInPlace(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(`.tile[data-sheet="cappuccino"]`)
	p.tap(`#sheet-cappuccino .choice:has([value="lait/vache"])`)
	p.tap(`#sheet-cappuccino [type="submit"]`)
	p.settled(1)
	p.quiet()
	p.tap(tile("expresso"))
	p.settled(2)

	p.tap("#line-1-what")
	p.tap("#line-note")
	p.write("tiede")
	p.tap(`#line-sheet [type="submit"]`)
	p.quiet()
	p.tap("#line-1-what")
	p.tap(`#line-sheet .choice:has([value="lait/avoine"])`)
	p.tap(`#line-sheet form[data-kind="change"] [type="submit"]`)
	p.quiet()
	p.until("the line has its new choice", `document.querySelector("#line-1").innerText.includes("avoine")`)
	if said := p.line(1); !strings.Contains(said, "tiede") || !strings.Contains(said, "4,40 €") || strings.Contains(said, "vache") {
		p.Errorf("the changed line says %q, want oat milk, the note and 4,40 €", said)
	}

	p.tap("#line-2-qty")
	p.tap(`#number-sheet [data-key="1"]`)
	p.tap(`#number-sheet [data-key="2"]`)
	p.tap(`#number-sheet [type="submit"]`)
	p.settled(13)
	p.quiet()

	p.tap("#undo")
	p.settled(2)
	p.tap("#undo")
	p.until("the milk is as it was", `document.querySelector("#line-1").innerText.includes("vache")`)
	if said := p.line(1); !strings.Contains(said, "tiede") {
		p.Errorf("undoing the choice has lost the note: %q", said)
	}
	p.tap("#undo")
	p.until("the note is gone", `!document.querySelector("#line-1").innerText.includes("tiede")`)

	p.tap("#line-2-qty") // zero takes off what nobody has seen, without a question
	p.tap(`#number-sheet [data-key="0"]`)
	p.tap(`#number-sheet [type="submit"]`)
	p.settled(1)
}

// discountWithAnotherPair: a discount beyond what a barista may give alone asks for a manager in the same dialog, and
// loses nothing of what was chosen.
func discountWithAnotherPair(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expect("403 (Forbidden)", "422 (Unprocessable Entity)")
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("plat-du-jour"))
	p.settled(1)
	p.tap("#line-1-what")
	p.tap("#line-sheet .fold-more > summary")
	p.tap(`#line-sheet .choice:has([value="percent"])`)
	p.tap("#discount-value-1")
	p.write("60")
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.until("a reason is asked for, in the dialog", `document.querySelector("#line-sheet[open] form[data-kind=discount] [data-problem]").checkVisibility()`)
	p.tap(`#line-sheet .choice:has([value="quality"])`)
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.until("a manager is asked for", `document.querySelector("#line-sheet[open] .approve").checkVisibility()`)
	if typed := ask[string](p, `document.getElementById("discount-value-1").value`); typed != "60" {
		p.Errorf("what was typed: got %q, want 60", typed)
	}
	p.tap("#discount-pin-1")
	p.write("0001")
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.until("the wrong PIN is refused beside it", `document.getElementById("discount-pin-1").getAttribute("aria-invalid") === "true"`)
	const delay = 1100 // ms: after one wrong PIN the next is looked at a second later
	p.until("the next PIN is looked at", fmt.Sprintf("performance.now() > %f", ask[float64](p, "performance.now()")+delay))
	ask[string](p, `document.getElementById("discount-pin-1").value = ""`)
	p.tap("#discount-pin-1")
	p.write("9999")
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.quiet()
	if total := p.text("#total"); total != "4,76 €" { // 11,90 less 60 %
		p.Errorf("total after the discount: got %q, want 4,76 €", total)
	}
	if said := p.line(1); !strings.Contains(said, "60 %") || !strings.Contains(said, "qualité") {
		p.Errorf("the line says %q, want how much and why", said)
	}
}

// sellByKeys: digits are the quantity of the next tile, F-keys the categories, Ctrl+Z takes back, Enter pays.
func sellByKeys(s *scene) {
	c := s.openCafe()
	p := s.openAnyTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.write("12")
	p.until("the badge says twelve", `document.getElementById("times").textContent === "×12"`)
	p.press("Backspace")
	p.do("focus the coffee", focusOn(tile("expresso")))
	p.write("0")
	p.until("the badge says ten", `document.getElementById("times").textContent === "×10"`)
	p.press("Escape")
	p.write("3")
	p.press("Enter")
	p.settled(3)
	if ask[bool](p, `document.getElementById("times").checkVisibility()`) {
		p.Error("the badge stays after its tile")
	}
	shown := ask[string](p, `document.querySelectorAll("#rail [data-show]")[2].dataset.show`)
	p.press("F3")
	p.until("the third category is shown", fmt.Sprintf(`document.getElementById("category-%s").checkVisibility() && !document.getElementById("tile-expresso").checkVisibility()`, shown))
	p.press("F1")
	ask[bool](p, `(document.activeElement.blur(), document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "z", code: "KeyZ", ctrlKey: true, bubbles: true })))`)
	p.until("the three are taken back", `document.querySelectorAll("#lines > li").length === 0`)
	p.do("focus the coffee", focusOn(tile("expresso")))
	p.press("Enter")
	p.settled(1)
	ask[bool](p, `(document.activeElement.blur(), true)`)
	p.press("Enter")
	p.until("the payment page is there", `location.pathname.startsWith("/pay/")`)
}

// onLayout is the key that a scanner set for QWERTY strikes, as a computer set for another layout reads it.
func onLayout(layout string, k key) key {
	signs := map[string]map[string][2]string{ // position: alone, with Shift
		"fr": {
			"KeyA": {"q", "Q"}, "KeyQ": {"a", "A"}, "KeyW": {"z", "Z"}, "KeyZ": {"w", "W"}, "KeyM": {",", "?"}, "Semicolon": {"m", "M"},
			"Slash": {"!", "§"}, "Period": {":", "/"}, "Minus": {")", "°"}, "Digit0": {"à", "0"}, "Digit1": {"&", "1"}, "Digit2": {"é", "2"},
			"Digit3": {`"`, "3"}, "Digit4": {"'", "4"}, "Digit5": {"(", "5"}, "Digit6": {"-", "6"}, "Digit7": {"è", "7"}, "Digit8": {"_", "8"}, "Digit9": {"ç", "9"},
		},
		"de": {"KeyY": {"z", "Z"}, "KeyZ": {"y", "Y"}, "Slash": {"-", "_"}, "Semicolon": {"ö", "Ö"}, "Minus": {"ß", "?"}},
	}
	said, other := signs[layout][k.code]
	if !other {
		return k
	}
	k.name = said[0]
	if k.shift {
		k.name = said[1]
	}
	k.types = k.name
	return k
}

// scanOn scans with a scanner set for QWERTY on a computer set for another layout.
func (p *tab) scanOn(layout, text string) {
	p.Helper()
	var burst []chromedp.Action[chromedp.Void]
	for _, r := range text {
		k := keyOf(r)
		k.shift = k.shift || unicode.IsUpper(r)
		burst = append(burst, strike(onLayout(layout, k)))
	}
	p.do("scan on "+layout, append(burst, strike(namedKey("Enter")))...)
}

// scanOnThreeLayouts: whatever the scanner and the computer believe of each other, and whatever dialog is open; what was
// typed there stays. One scan and two taps are a meal with a card.
func scanOnThreeLayouts(s *scene) {
	c := s.openCafe("--allow-host", plainHTTPHost)
	p := s.openTab(screenTill())
	p.expect("422 (Unprocessable Entity)", "404 (Not Found)")
	p.signIn(c.overPlainHTTP(), "Barista", "1111")
	for _, layout := range []string{"us", "fr", "de"} {
		made := api[card](c, http.MethodPost, "/cards", struct{}{})
		before := c.sales()
		p.taps = 0
		p.scanOn(layout, made.URL)
		p.until("the card is told over the cart", `document.getElementById("card-told").checkVisibility() && document.querySelector("#stamps").innerText.includes("0/9")`)
		p.rest()
		p.tap(tile("plat-du-jour"))
		p.settled(1)
		p.tap("#quick-card")
		p.until("the till says paid", `document.querySelector("#paid")`)
		if p.taps > 3 {
			p.Errorf("%s: taps for a meal with a card: got %d, want at most 3", layout, p.taps)
		}
		c.soldSince(before, mealPrice)
		if got := api[card](c, http.MethodGet, "/cards/"+made.Code, nil).Stamps; got != 1 {
			p.Errorf("%s: stamps of the card: got %d, want 1", layout, got)
		}

		p.tap(tile("expresso"))
		p.settled(1)
		p.tap("#lines .what")
		p.tap("#line-note")
		p.write("serre")
		p.rest()
		p.scanOn(layout, made.URL)
		p.until("the card is on the ticket", `document.querySelector("#stamps").innerText.includes("1/9")`)
		if typed := ask[string](p, `document.querySelector("#line-sheet[open] #line-note")?.value ?? "the dialog is closed"`); typed != "serre" {
			p.Errorf("%s: the note after the scan: got %q, want serre", layout, typed)
		}
		p.rest()
		p.tap("#line-sheet [data-close]")
		p.tap("#hold")
		p.until("the till is empty", `document.getElementById("cart").dataset.ticket === ""`)
	}

	p.scan("FIDCBDEFGHIJKLNRTUVV") // wrong letters, or nobody's
	p.until("the till offers a card", `document.querySelector("#toast.wrong [data-kind=new-card]")`)
	p.tap("#toast [data-kind=new-card]")
	p.until("the new card is shown", `document.querySelector("#new-card[open] .qr svg")`)
}

// scanElsewhere: on any page of the staff a card goes to the till's order and a receipt opens its sale; no address holds
// a code.
func scanElsewhere(s *scene) {
	c := s.openCafe()
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	sold := c.meals(1, "")
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	order := p.orderOf()
	p.open(c.staff + "/sales")
	p.scan(made.URL)
	p.until("the till has the card on its order", fmt.Sprintf(`document.querySelector("#till.ready") && document.getElementById("cart").dataset.ticket === %q && document.getElementById("card-told").checkVisibility()`, order))
	if address := ask[string](p, `location.href`); strings.Contains(address, made.Code) {
		p.Errorf("the address holds the code: %s", address)
	}
	p.open(c.staff + "/shift")
	p.scan(strings.ToUpper(sold.ReceiptURL))
	p.until("the sale is there", `location.pathname.startsWith("/sales/T26-")`)
}

// photographACard: on plain http there is no camera, and a photograph does.
func photographACard(s *scene) {
	c := s.openCafe("--allow-host", plainHTTPHost)
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	picture := filepath.Join(s.dir, "card.png")
	if err := os.WriteFile(picture, c.codeOf(made), 0o600); err != nil {
		s.Fatal(err)
	}
	p := s.openTab(screenTablet())
	p.signIn(c.overPlainHTTP(), "Barista", "1111")
	p.tap("#stamps")
	p.until("a photograph is offered", `document.querySelector("#card-sheet[open] .photo").checkVisibility() && !document.querySelector("[data-camera]").checkVisibility()`)
	p.do("take a photograph", chromedp.SetUploadFiles(chromedp.CSS("#card-sheet [data-photo]"), []string{picture}))
	p.until("the card is on the ticket", `document.querySelector("#stamps").innerText.includes("0/9") && !document.querySelector("dialog[open]")`)
}

// holdACardBefore the camera: on the machine itself the browser gives a live view. What it sees is a film of the card
// that the demonstration was opened with.
func holdACardBefore(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap("#stamps")
	p.tap("#card-sheet [data-camera]")
	p.until("the card is on the ticket", `document.querySelector("#stamps").innerText.includes("0/9") && !document.querySelector("dialog[open]")`)
	p.until("the camera is off", `document.querySelector("#card-sheet video")?.srcObject?.active !== true`)
}

// loseTheSession: the session ends in the middle of an order. After signing in the same order is there, and the tap that
// was not recorded is told.
func loseTheSession(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expect("401 (Unauthorized)", "409 (Conflict)")
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	order := p.orderOf()
	// In one breath: a hint may take the page to the sign-in page by itself, and a finger would meet no page.
	ask[bool](p, fmt.Sprintf(`(fetch("/logout", { method: "POST", redirect: "manual" }).then(() => document.querySelector(%q).click()), true)`, tile("croissant")))
	p.until("the till asks who is there", `location.pathname === "/login" && document.readyState === "complete" && document.querySelector(".login-form [type=submit]")`)
	p.signInHere("Barista", "1111")
	p.settled(1)
	if now := p.orderOf(); now != order {
		p.Errorf("the order after signing in: got %q, want %q", now, order)
	}
	if said := p.text("#toast"); !strings.Contains(said, "1 geste") {
		p.Errorf("the till says %q, want that one tap was not recorded", said)
	}
}

// manyOrders: with many orders open, one is found by its name, accents or not, and a long name breaks nothing.
func manyOrders(s *scene) {
	c := s.openCafe()
	for range 199 {
		c.newOrder("expresso")
	}
	long := strings.Repeat("Éloïse ☕ ", 5) + "à la fenêtre" // within 60 runes
	named := api[ticket](c, http.MethodPost, "/tickets", map[string]any{"mode": "takeaway", "name": long})
	api[ticket](c, http.MethodPost, "/tickets/"+named.ID+"/lines", map[string]any{"product": "croissant", "qty": 2, "note": "🥐 bien chaud"})
	p := s.openTab(screenPhone())
	p.signIn(c.staff, "Barista", "1111")
	p.tap("#chip-held")
	p.tap("#held-search")
	p.write("fenetre")
	p.until("one order is left of the list", `[...document.querySelectorAll("#held > li")].filter((li) => li.checkVisibility()).length === 1`)
	if wide := ask[[]string](p, findFaults+"(true)"); len(wide) > 0 {
		p.Errorf("the list of orders: %s", strings.Join(wide, "; "))
	}
	p.tap(fmt.Sprintf("#held-%s .button", named.ID))
	p.until("the order is on the till", fmt.Sprintf(`document.getElementById("cart").dataset.ticket === %q && !document.querySelector("dialog[open]")`, named.ID))
	p.tap("#fold")
	if wide := ask[[]string](p, findFaults+"(true)"); len(wide) > 0 {
		p.Errorf("an order with a long name: %s", strings.Join(wide, "; "))
	}
}
