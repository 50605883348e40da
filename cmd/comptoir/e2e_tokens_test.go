package main_test

import (
	"net/http"
)

// serveByToken: one tap more says that a token was put down; it is said of this serving alone, and counted when the shift is.
func serveByToken(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	type tokens struct{ Tokens struct{ Served int } }
	served := func() int { return api[tokens](c, http.MethodGet, "/shifts/current", nil).Tokens.Served }

	p.tap("#chip-shelf")
	p.tap(".by-token .choice")
	p.tap(`#serve-sheet [data-args*='"expresso"']`)
	p.until("the till says served", `document.querySelector("#toast:not(.wrong) [data-kind=undo]") && !document.querySelector("#serve-sheet[open]")`)
	if got := served(); got != 1 {
		p.Errorf("servings by token: got %d, want 1", got)
	}
	p.tap("#chip-shelf")
	if ask[bool](p, `document.getElementById("by-token").checked`) {
		p.Errorf("the till remembers that a token was put down")
	}
	p.tap(`#serve-sheet [data-args*='"expresso"']`)
	p.until("the sheet is closed", `!document.querySelector("#serve-sheet[open]")`)
	p.until("the till says served", `document.querySelector("#toast:not(.wrong) [data-kind=undo]")`)
	if got := served(); got != 1 {
		p.Errorf("servings by token after one by a word: got %d, want 1", got)
	}

	p.open(c.staff + "/shift")
	p.tap("#tokens-box")
	p.write("2")
	p.tap(`form[action="/shift/tokens"] button[type=submit]`)
	p.until("the difference is shown", `document.querySelector(".token-sums .due")?.innerText.includes("1")`)
}
