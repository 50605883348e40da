package main_test

// Associations: what they ask for on their phone, what the café confirms and hands over, and the slip.

import (
	"fmt"
	"net/http"
)

// partnerOfCafe is an association as a test needs it.
type partnerOfCafe struct{ ID, URL string }

// aPartner adds an association that has been met, and meals for it on the shelf.
func (c *cafe) aPartner(name string, meals int) partnerOfCafe {
	c.Helper()
	p := api[partnerOfCafe](c, http.MethodPost, "/partners", map[string]any{"name": name, "pin": "2468", "status": []string{"food_bank"}, "introduced": true,
		"contact": "Nadia, 05 56 00 00 00", "collectors": "Nadia ou Paul"})
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "plat-du-jour", "qty": meals, "kind": "gift"}},
		"tenders": []map[string]any{{"means": "card", "amount": meals * c.giftPrice("plat-du-jour")}},
	})
	return p
}

// giftPrice is what a product costs as a gift, in cents.
func (c *cafe) giftPrice(product string) int {
	c.Helper()
	menu := api[struct {
		Products []struct {
			ID        string
			GiftPrice int `json:"gift_price"`
		}
	}](c, http.MethodGet, "/menu", nil)
	for _, p := range menu.Products {
		if p.ID == product {
			return p.GiftPrice
		}
	}
	c.Fatalf("%s is not on the menu", product)
	return 0
}

// collectForAnAssociation: a partner asks on its phone, the café confirms, three of four leave with a slip.
func collectForAnAssociation(s *scene) {
	c := s.openCafe()
	asked := c.aPartner("Maraude du Pont", 4)
	phone := s.openTab(screenPhone())
	phone.open(asked.URL)
	phone.tap("#pin")
	phone.write("2468")
	phone.tap("main form button")
	phone.until("the week is shown", `document.querySelector("#qty")`)
	phone.tap("#qty")
	phone.write("4")
	phone.tap("form.card button.big")
	phone.until("the café has the request", `document.querySelector(".mine")`)

	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/collect")
	p.tap("button[value=confirm]")
	p.until("it is promised", `document.querySelector("a[href^='/collect/']")`)
	if now := c.shelf("meal"); now.Allotted != 4 {
		p.Errorf("meals promised: got %+v, want 4", now)
	}
	p.tap("a[href^='/collect/']")
	p.until("the form is there", `document.querySelector("#temperature")`)
	ask[bool](p, `(document.getElementById("qty").value = "3", document.getElementById("temperature").value = "63,5", document.getElementById("allergens").value = "gluten, lait", document.getElementById("initials").value = "ND", true)`)
	p.tap("main form button.big")
	p.until("the slip has two copies", `document.querySelectorAll(".bon").length === 2`)
	if said := p.text(".bon table"); said == "" {
		p.Errorf("the slip says nothing of who bears them")
	}
	if now := c.shelf("meal"); now.Allotted != 0 {
		p.Errorf("meals promised after the collection: %+v", now)
	}
	phone.open(asked.URL + "/statement")
	phone.until("the month is told", fmt.Sprintf(`document.body.innerText.includes(%q)`, "Maraude du Pont"))
}

// partnerViews are the pages of associations: its own week on a phone, the collections at the till, the slip.
func partnerViews(c *cafe) []view {
	p := c.aPartner("Les Repas du Port et de la Gare", 12)
	ask := func(qty int, asking bool) string {
		return api[struct{ ID string }](c, http.MethodPost, "/suspended/allotments", map[string]any{"partner": p.ID, "class": "meal", "qty": qty, "ask": asking}).ID
	}
	taken := ask(3, false)
	ask(4, false)
	ask(30, true)
	api[struct{ Number int }](c, http.MethodPost, "/suspended/allotments/"+taken+"/collect", map[string]any{"qty": 3, "temperature": 63.5, "allergens": "gluten, lait", "initials": "ND"})
	enter := func(p *tab) {
		p.Helper()
		p.tap("#pin")
		p.write("2468")
		p.tap("main form button")
		p.until("the week is shown", `document.querySelector("#qty")`)
	}
	return []view{
		{"partner-week", p.URL, enter, false},
		{"partner-collect", c.staff + "/collect", nil, false},
		{"partner-slip", c.staff + "/slips/1", nil, false},
	}
}
