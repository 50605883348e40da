package main_test

// The end of a day: what is open, the drawer counted blind, what differs, and the closing with its paper.

import (
	"fmt"
	"net/http"
	"strings"
)

// closing is what these tests read of a closing.
type closing struct {
	Number string `json:"number"`
	Total  int64  `json:"total"`
	Made   bool   `json:"made"`
	Body   struct {
		Open struct{ Tickets int } `json:"open"`
		Cash struct{ Counted, Expected, Difference, Out int64 }
	} `json:"body"`
}

// closeTheDay is played on the screen of a till by a manager, and on a phone by a barista with a manager at her side.
func closeTheDay(s *scene) {
	for _, x := range []struct {
		name, who, pin string
		screen         size
	}{{"manager", "Manager", "9999", screenTill()}, {"barista", "Barista", "1111", screenPhone()}} {
		s.beside(x.name, sceneLimit, func(own *scene) {
			c := own.openCafe()
			p := own.openTab(x.screen)
			p.signIn(c.staff, x.who, x.pin)
			p.closeTheDay(c)
		})
	}
}

func (p *tab) closeTheDay(c *cafe) {
	p.Helper()
	order := c.newOrder("plat-du-jour")
	drawer := api[struct{ Expected int64 }](c, http.MethodGet, "/shifts/current", nil).Expected
	day := api[struct{ Total int64 }](c, http.MethodGet, "/reports/day", nil).Total
	at := func(what, path, ready string) {
		p.Helper()
		p.until(what, `document.readyState === "complete" && location.pathname === "`+path+`" && document.querySelector("`+ready+`")`)
	}
	p.open(c.staff + "/shift")
	p.tap(`a[href="/close"]`)
	at("what is open is told", "/close", `.orders a[href$='`+order+`']`)
	p.tap(".onward .go")
	at("the drawer is to be counted", "/close/count", "#coin-5000")
	if told := p.text("main"); strings.Contains(told, euros(drawer)) {
		p.Errorf("what should be there, %s, is told before it was counted", euros(drawer))
	}
	p.tap(`[data-into="coin-5000"][data-step="1"]`)
	p.tap(`[data-into="coin-5000"][data-step="1"]`)
	ask[bool](p, `(document.getElementById("left").value = "80", true)`)
	p.tap(`form[action="/close/count"] .go`)
	at("the count is compared", "/close/check", "#why")

	c.kill() // the power is cut with the count made and nothing closed
	c.start()
	p.open(c.staff + "/close/check")
	at("the count is still there", "/close/check", "#why")
	if told := p.text("main"); !strings.Contains(told, euros(drawer)) || !strings.Contains(told, "100,00 €") {
		p.Errorf("expected %s and counted 100,00 € are not told: %s", euros(drawer), told)
	}
	p.tap(`[data-fill][data-into="why"]`)
	p.tap(`form[action="/close/check"] .go`)
	at("what becomes final is told", "/close/end", "#pin")
	p.tap(".onward .plain")
	at("back is possible until the last step", "/close/check", "#why")
	p.tap(`form[action="/close/check"] .go`)
	at("the last step again", "/close/end", "#pin")
	p.tap("#pin")
	p.write("9999")
	p.tap(`form[action="/close/end"] button[name="print"]`)
	p.until("the closing is shown", `document.readyState === "complete" && document.querySelector(".document")?.innerText.includes("CLÔTURE JOURNALIÈRE Z26-000001") && document.querySelector(".paper-code svg")`)

	made := api[closing](c, http.MethodGet, "/closings/Z26-000001", nil)
	if made.Total != day || made.Body.Open.Tickets != 1 || made.Body.Cash.Counted != 8000 || made.Body.Cash.Out > -2000 || made.Body.Cash.Difference != 10000-drawer {
		p.Errorf("closed %+v; the day was %d, the drawer %d", made, day, drawer)
	}
	if again := api[closing](c, http.MethodPost, "/closings", map[string]any{"level": "day"}); again.Made || again.Number != made.Number {
		p.Errorf("closed twice: %+v", again)
	}
	p.open(c.staff + "/close")
	p.until("nothing is left to close", `document.readyState === "complete" && document.querySelector("a[href='/closings/Z26-000001']") && !document.querySelector(".way")`)
	p.open(c.staff + "/shift")
	p.until("the next float is proposed", `document.querySelector("[data-fill='80,00'][data-into=float]")`)
}

// euros writes cents as the text of a French page reads.
func euros(cents int64) string {
	return strings.Replace(fmt.Sprintf("%d.%02d €", cents/100, cents%100), ".", ",", 1)
}

// closingViews are the steps of closing, and what they lead to. They come near the end: the day is over after them.
func closingViews(c *cafe) []view {
	at := func(path, ready string) func(*tab) {
		return func(p *tab) {
			p.Helper()
			p.open(c.staff + path)
			p.until("the page is there", `document.readyState === "complete" && document.querySelector("`+ready+`")`)
		}
	}
	count := func(p *tab) {
		p.Helper()
		ask[bool](p, `(document.getElementById("coin-5000").value = "3", document.getElementById("sum-card").value = "120,50", document.getElementById("left").value = "100", document.querySelector("form[action='/close/count']").requestSubmit(), true)`)
		p.until("the count is compared", `document.readyState === "complete" && document.getElementById("why")`)
	}
	return []view{
		{"close", c.staff + "/close", nil, true},
		{"close-count", c.staff + "/close/count", nil, true},
		{"close-check", c.staff + "/close/count", count, true},
		{"close-end", c.staff + "/close/end", nil, true},
		{"close-wrong", c.staff + "/close/end", func(p *tab) {
			ask[bool](p, `(document.querySelector("form[action='/close/end']").requestSubmit(), true)`)
			p.until("the refusal stands beside the field", `document.readyState === "complete" && document.querySelector("#pin[aria-invalid=true]")`)
		}, true},
		{"reading", c.staff + "/shift/x", nil, false},
		{"closings-none", c.staff + "/manage/closings?month=2026-01", nil, false},
		{"closing", c.staff + "/manage", func(p *tab) {
			made := api[closing](c, http.MethodPost, "/closings", map[string]any{"level": "month"})
			at("/closings/"+strings.Replace(made.Number, "M", "Z", 1), ".paper-code svg")(p)
		}, false},
		{"closing-month", c.staff + "/closings/M26-000001", nil, false},
		{"closings", c.staff + "/manage/closings", func(p *tab) { ask[bool](p, `(document.querySelector(".early").open = true)`) }, false},
		{"close-done", c.staff + "/close", nil, true},
	}
}
