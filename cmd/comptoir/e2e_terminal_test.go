package main_test

// Cards sent to a terminal to try with, which takes two seconds, and answers by the cents of the amount.

import (
	"fmt"
	"net/http"
	"net/url"
)

// linkTerminal links a terminal to try with, and gives it to a till.
func (c *cafe) linkTerminal(p *tab) {
	c.Helper()
	api[map[string]any](c, http.MethodPost, "/terminals", map[string]any{"name": "Comptoir", "protocol": "caisse-ap", "uri": "virtual:"})
	p.open(c.staff + "/device")
	p.tap(`#terminal label:has([value="Comptoir"])`)
	p.tap(`form.device [type="submit"]`)
	p.until("the till has its terminal", `document.readyState === "complete" && location.search.includes("done=") && document.querySelector("#terminal [value=Comptoir]").checked`)
}

// charge is what these tests read of a payment by a terminal.
type charge struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// payByTerminal: two taps and the card, and the till is ready for the next order with what was paid.
func payByTerminal(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	c.linkTerminal(p)
	before := c.sales()
	p.open(c.staff + "/")
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.tap(`[data-product="expresso"], .tile[data-args*='"expresso"']`)
	p.until("the coffee is rung", `document.querySelector("#lines > [data-qty]") && document.getElementById("quick-card").getAttribute("aria-disabled") === "false"`)
	p.tap("#quick-card")
	p.until("the card is asked for", `document.querySelector(".charge .huge")?.innerText.includes("2,00")`)
	p.until("the till says what was paid", `document.querySelector("#till.ready #paid")`)
	c.soldSince(before, coffeePrice)
}

// loseTheTerminal: the till is killed while the terminal is asked. After the start nobody knows, a person looks, and the order is
// paid once.
func loseTheTerminal(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTablet())
	p.expectAway()
	p.expect("422 (Unprocessable Entity)") // the number that is refused
	p.signIn(c.staff, "Barista", "1111")
	c.linkTerminal(p)
	order := c.newOrder("expresso")
	before := c.sales()
	p.open(c.staff + "/pay/" + order)
	p.tap(`#pay [value="card"]`)
	p.until("the card is asked for", `document.querySelector(".charge .huge")`)
	c.kill()
	c.start()
	p.open(c.staff + "/?ticket=" + order)
	p.until("the order says that nobody knows", `document.querySelector("#waits")?.innerText.includes("?") && document.querySelector("#alarm .what")`)
	p.tap("#waits a")
	p.until("a person is asked", `document.querySelector(".charge.unknown")`)
	ask[bool](p, `(document.getElementById("authorisation").value = "16-69", document.querySelector("[name=said][value=paid]").click(), true)`)
	p.until("the number is refused", `document.getElementById("authorisation-wrong")`)
	ask[bool](p, `(document.getElementById("authorisation").value = "166943", document.querySelector("[name=said][value=paid]").click(), true)`)
	p.until("it is paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice)
}

// terminalViews are the pages of card terminals.
func terminalViews(c *cafe) []view {
	asked := func(p *tab) {
		p.Helper()
		api[map[string]any](c, http.MethodPost, "/terminals", map[string]any{"name": "Comptoir", "protocol": "caisse-ap", "uri": "virtual:"})
		order := c.newOrder("expresso")
		x := api[charge](c, http.MethodPost, "/tickets/"+order+"/charges", map[string]any{"amount": 194}) // nobody will know
		p.open(fmt.Sprintf("%s/charges/%s", c.staff, url.PathEscape(x.ID)))
		p.until("nobody knows", `document.querySelector(".charge.unknown")`)
	}
	answered := func(p *tab) {
		p.Helper()
		for _, x := range api[struct{ Charges []charge }](c, http.MethodGet, "/charges", nil).Charges {
			api[charge](c, http.MethodPost, "/charges/"+x.ID+"/answer", map[string]any{"paid": true})
		}
		p.open(c.staff + "/manage/terminals/Comptoir")
	}
	return []view{{"charge-unknown", c.staff + "/charges", asked, true}, {"manage-terminal", c.staff + "/manage/terminals", answered, false}}
}
