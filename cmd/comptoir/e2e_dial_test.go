package main_test

// The dial, and the choices it is held against.

import "net/http"

// turnTheDial: the manager reads the dial first, moves the band below it, and the page says so; a wrong band stays typed.
func turnTheDial(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	c.meals(2, "")
	for range 2 {
		api[struct{}](c, http.MethodPost, "/suspended/redemptions", map[string]any{"product": "expresso", "qty": 1})
	}
	d := api[struct {
		Ratio    int    `json:"ratio"`
		Position string `json:"position"`
	}](c, http.MethodGet, "/suspended/dial", nil)
	if d.Ratio == 0 || d.Position == "unknown" {
		p.Fatalf("the API says %+v", d)
	}
	p.open(c.staff + "/manage")
	first := ask[string](p, `document.querySelector(".dial-first .dial-now").textContent`)
	p.tap(".dial-first h2 a")
	p.until("the page of the dial", `document.querySelector(".levers") !== null`)
	if there := ask[string](p, `document.querySelector(".dial-now").textContent`); there != first || first == "" {
		p.Errorf("the first page says %q, the page of the dial %q", first, there)
	}
	if n := ask[int](p, `document.querySelectorAll("[aria-labelledby=forecast] tbody tr").length`); n != 7 {
		p.Errorf("the forecast has %d days", n)
	}
	p.open(c.staff + "/manage/solidarity/options")
	p.expect("422 (Unprocessable Entity)")
	ask[bool](p, `(document.getElementById("dial_low").value = "9", document.getElementById("dial_high").value = "3", document.querySelector(".save-bar button").click(), true)`)
	p.until("the refusal", `document.getElementById("dial_high-wrong") !== null`)
	if typed := ask[string](p, `document.getElementById("dial_low").value`); typed != "9" {
		p.Errorf("what was typed is gone: %q", typed)
	}
	ask[bool](p, `(document.getElementById("dial_low").value = "0,01", document.getElementById("dial_high").value = "0,02", document.querySelector(".save-bar button").click(), true)`)
	p.until("the saved band", `document.getElementById("dial_high")?.value === "0,02" && !document.querySelector(".wrong")`)
	p.open(c.staff + "/manage/solidarity")
	if over := ask[bool](p, `document.querySelector(".dial-says").textContent.includes("Au-dessus")`); !over {
		p.Errorf("the dial says %q", ask[string](p, `document.querySelector(".dial-says").textContent`))
	}
}
