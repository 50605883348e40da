package main_test

// Paying: in parts, over a bad network, beside another till.

import (
	"net/http"
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
