package main_test

// Paying: in parts, over a bad network, beside another till.

import (
	"net/http"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// partPaid opens an order of a discounted meal and two coffees, with a part of it paid in cash.
func (c *cafe) partPaid() string {
	c.Helper()
	id := c.newOrder("plat-du-jour", "expresso", "expresso")
	api[ticket](c, http.MethodPost, "/tickets/"+id+"/lines/1/discount", map[string]any{"percent": 10, "reason": "commercial"})
	api[map[string]any](c, http.MethodPost, "/tickets/"+id+"/payments", map[string]any{"means": "cash", "amount": 500, "given": 1000})
	return id
}

// mistype types an amount that is none, and tries to pay by card.
func mistype(p *tab) {
	p.Helper()
	p.expect("422 (Unprocessable Entity)")
	ask[bool](p, `(document.getElementById("amount").value = "douze", document.querySelector("#pay [value=card]").click(), true)`)
	p.until("the page says what is wrong", `document.getElementById("amount-wrong")`)
}

// countAndCheck counts two notes, and goes on to the check.
func countAndCheck(p *tab) {
	p.Helper()
	ask[bool](p, `(document.getElementById("coin-5000").value = "2", document.querySelector(".counter").closest("form").requestSubmit(), true)`)
	p.until("the count is checked", `document.getElementById("why")`)
}

// payInParts: two lines apart, the rest in equal parts, and a part that was a mistake taken off again; fingers only.
func payInParts(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	order := c.newOrder("plat-du-jour", "expresso", "croissant") // 11,90 + 2,00 + 1,40
	before := c.sales()
	p.open(c.staff + "/pay/" + order)
	p.tap(`.ordered li:nth-child(2) label`)
	p.tap(`.ordered li:nth-child(3) label`)
	p.tap(`.ordered form[action$="/split"] button`)
	p.until("the two lines are paid apart", `document.querySelector("form[action$='/join']") && document.getElementById("amount").value === "3,40"`)
	p.tap(`#pay [value="card"]`)
	p.until("they are paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice+croissantPrice)
	p.tap("#paid-next")
	p.until("the rest is left", `document.getElementById("amount")?.value === "11,90"`)

	p.tap(`.shares [href*="share=2"]`)
	p.until("half of it is proposed", `document.getElementById("amount").value === "5,95"`)
	p.tap(`.notes button:nth-child(2)`) // 10 €
	p.until("its change is told", `document.querySelector(".back")?.innerText.includes("4,05")`)
	p.tap(`.part summary`)
	p.tap(`.part [name="quick"]`)
	p.until("it is taken off", `!document.querySelector(".part") && document.getElementById("amount").value === "11,90"`)

	now := c.sales()
	p.tap(`[data-pad="amount"] [data-key="5"]`)
	p.tap(`[data-pad="amount"] [data-key="00"]`)
	p.until("digits fill from the cents", `document.getElementById("amount").value === "5,00"`)
	p.tap(`#pay [value="meal_voucher"]`)
	p.until("a part is paid", `document.readyState === "complete" && document.querySelector(".part") && document.getElementById("amount").value === "6,90"`)
	p.press("Tab") // somewhere on the page
	ask[bool](p, `(document.getElementById("amount").focus(), true)`)
	p.press("Enter") // exact, in cash
	p.until("all is paid", `document.querySelector("#paid")`)
	c.soldSince(now, mealPrice)
}

// loseThePayment: the till has settled, and its answer never arrives. The page says what is known, asks again with the
// same id, and the order is paid once. Going back afterwards leads to what happened.
func loseThePayment(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTablet())
	p.expect("net::ERR_CONNECTION_RESET")
	p.signIn(c.staff, "Barista", "1111")
	order := c.newOrder("expresso")
	before := c.sales()
	p.open(c.staff + "/pay/" + order)
	paused, freed := p.holdAt("*/pay/"+order, fetch.RequestStageResponse)
	p.tap(`#pay [value="card"]`)
	lost := paused()
	c.soldSince(before, coffeePrice) // committed, though the page does not know yet
	if _, err := chromedp.Call(p.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: lost, ErrorReason: network.ErrorReasonConnectionReset}); err != nil {
		p.Fatalf("lose the answer: %v", err)
	}
	p.until("the page says that it does not know", `!document.getElementById("unsure")?.hidden || document.querySelector("#paid")`)
	freed()
	p.until("it is paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice)

	ask[bool](p, `(history.back(), true)`)
	p.until("the page gone back to says what happened", `location.pathname.startsWith("/paid/") && document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice)
}

// payWhileTheOtherAdds: the payment page of an order that another till has added to is refused with the new total, keeps
// nothing of the old one, and then pays the new one.
func payWhileTheOtherAdds(s *scene) {
	c := s.openCafe()
	first, second := s.openTab(screenTill()), s.openTab(screenTablet())
	first.expect("409 (Conflict)")
	first.signIn(c.staff, "Barista", "1111")
	second.signIn(c.staff, "Manager", "9999")
	order := c.newOrder("expresso")
	before := c.sales()
	first.open(c.staff + "/pay/" + order)
	second.open(c.staff + "/?ticket=" + order)
	second.settled(1)
	second.tap(tile("croissant"))
	second.settled(2)
	first.tap(`#pay [value="card"]`)
	first.until("the new total is told", `document.querySelector(".message.wrong")?.innerText.includes("3,40")`)
	if amount := ask[string](first, `document.getElementById("amount").value`); amount != "3,40" {
		s.Errorf("the page proposes %q, want 3,40", amount)
	}
	first.tap(`#pay [value="card"]`)
	first.until("it is paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice+croissantPrice)
}

// findTheSaleAfterAPowerCut: the service dies and is started again; the till tells the last sale until somebody has seen it.
func findTheSaleAfterAPowerCut(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expectAway()
	p.signIn(c.staff, "Barista", "1111")
	sold := api[sale](c, http.MethodPost, "/sales", map[string]any{"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": 1}},
		"tenders": []map[string]any{{"means": "cash", "amount": coffeePrice, "given": 500}}})
	c.kill()
	c.start()
	p.open(c.staff + "/")
	p.until("the till tells the last sale", `document.getElementById("recovery")?.innerText.includes("3,00")`)
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.tap(tile("expresso"))
	p.settled(1)
	p.show(screenPhone())
	ask[bool](p, `(document.documentElement.dataset.text = "125", true)`) // the least room there is
	p.tap("#fold")
	p.until("the order can be paid under what is told", `(({ top, bottom }) => top > 0 && bottom <= innerHeight)(document.getElementById("pay").getBoundingClientRect())`)
	p.show(screenTill())
	p.tap(`#recovery [action="/till/recovered"] button`)
	p.until("it was seen", `document.querySelector("#till.ready") && !document.getElementById("recovery")`)
	if got := api[sale](c, http.MethodGet, "/sales/"+sold.ID, nil); got.Total != coffeePrice {
		s.Errorf("the sale: got %d, want %d", got.Total, coffeePrice)
	}
}

// closeTheDrawer counts, says why it differs, and closes: the page tells what was found, in any network.
func closeTheDrawer(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/shift")
	p.tap(`[data-into="coin-5000"][data-step="1"]`)
	p.tap(`form[action="/shift/check"] .go`)
	p.until("the count is checked", `document.getElementById("why")`)
	p.tap(`[data-fill][data-into="why"]`)
	p.tap(`form[action="/shift/close"] .go`)
	p.until("what was found is told", `document.querySelector(".sums")?.innerText.includes("50,00") && document.getElementById("float")`)
	if wrong := p.text(".message.wrong"); wrong != "" {
		p.Errorf("a shift that is closed is told as a fault: %s", wrong)
	}
}
