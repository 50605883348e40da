package main_test

// The shelf: what the barista is told before saying yes, and what a manager makes of what waits.

import "net/http"

// mindTheShelf: the serve sheet says yes, then « on s'arrange », never a number; the manager makes a meal of coffees.
func mindTheShelf(s *scene) {
	c := s.openCafe()
	waiting := c.shelf("coffee").Available
	const given = 5
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": given, "kind": "gift"}},
		"tenders": []map[string]any{{"means": "card", "amount": given * c.giftPrice("expresso")}},
	})
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	p.tap("#chip-shelf")
	p.until("the sheet says yes", `document.querySelector("#serve-sheet #serve-coffee")?.innerText.trim() === "Oui"`)
	if said := p.text("#serve-sheet"); containsDigit(said) {
		p.Errorf("the sheet has a number: %q", said)
	}
	for range waiting + given {
		api[struct{ Number string }](c, http.MethodPost, "/suspended/redemptions", map[string]any{"product": "expresso"})
	}
	p.until("the sheet follows", `document.querySelector("#serve-sheet #serve-coffee").innerText.includes("arrange")`)
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": given, "kind": "gift"}},
		"tenders": []map[string]any{{"means": "card", "amount": given * c.giftPrice("expresso")}},
	})
	meals := c.shelf("meal").Available
	p.open(c.staff + "/manage/shelf")
	p.tap("main details summary")
	p.tap(`form[action$="/convert"] button.go`)
	p.until("it is converted", `document.querySelector(".message.done, .done, [role=status]:not([hidden])")?.innerText.includes("converti")`)
	if now := c.shelf("meal").Available; now != meals+1 {
		p.Errorf("meals waiting: %d, want %d", now, meals+1)
	}
}

func containsDigit(s string) bool {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			return true
		}
	}
	return false
}
