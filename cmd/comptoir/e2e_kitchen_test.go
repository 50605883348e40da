package main_test

// The kitchen's screen beside the till: what is ordered appears, what is taken off is read, and what nobody shows is told.

import (
	"fmt"
	"net/http"
	"strings"
)

// openKitchenScreen signs a screen in, in French, and lets it show every station.
func (s *scene) openKitchenScreen(staff string, on size) *tab {
	s.Helper()
	k := s.openTab(on)
	k.signIn(staff, "Manager", "9999")
	k.open(staff + "/kitchen")
	k.tap(`form[action="/kitchen/watch"] button:not([name])`)
	k.cooking()
	return k
}

// cooking waits until the kitchen's page is there and follows.
func (p *tab) cooking() {
	p.Helper()
	p.until("the kitchen's screen is ready", `document.querySelector("#kitchen.ready")`)
}

// when notes in a page the instant at which a selector first matches, by the clock that all tabs of the machine share.
func (p *tab) when(selector string) {
	p.Helper()
	ask[bool](p, fmt.Sprintf(`(() => {
		const look = () => { if (!globalThis.noted && document.querySelector(%q)) globalThis.noted = Date.now(); };
		globalThis.noted = 0;
		new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
		look();
		return true;
	})()`, selector))
}

func (p *tab) noted() float64 {
	p.Helper()
	p.until("the instant is noted", `globalThis.noted`)
	return ask[float64](p, `globalThis.noted`)
}

// cookAnOrder: from the till to the screen within a second, line by line, away, and back.
func cookAnOrder(s *scene) {
	c := s.openCafe("--allow-host", plainHTTPHost)
	k := s.openKitchenScreen(c.overPlainHTTP(), screenTablet())
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap(tile("plat-du-jour"))
	p.settled(2)
	p.when("#paid")
	k.when("#orders .order")
	p.tap("#quick-exact")
	paid, shown := p.noted(), k.noted()
	if late := shown - paid; late > 1000 {
		s.Errorf("the order was on the screen %.0f ms after it was paid, want within a second", late)
	} else {
		s.Logf("from paid to the kitchen's screen: %.0f ms", late)
	}
	k.until("the order was told to be shown", `!document.querySelector("[data-fresh]")`)

	k.tap(`.make:not(.made)`)
	k.until("the line is done", `document.querySelectorAll(".make.made[aria-pressed=true]:not(.sending)").length === 1`)
	k.tap(".order .ready")
	k.until("the order is away", `document.querySelector("#nothing")`)
	k.tap("#take-back")
	k.until("it is back, with the line that was done", `document.querySelectorAll(".make.made").length === 1 && document.querySelectorAll(".make").length === 2`)
	k.press("ArrowDown", "ArrowDown", "ArrowDown")
	k.until("the keys are on the button", `document.activeElement.matches(".ready")`)
	k.press("Enter")
	k.until("the order is away again", `document.querySelector("#nothing")`)
	k.tap("[data-recall]")
	k.tap("#recall-sheet [data-kind=recall]")
	k.until("it was called back from the list", `document.querySelector(".order") && !document.querySelector("dialog[open]")`)
}

// readWhatIsTakenOff: an addition joins the card; what is taken off stays struck until somebody has read it, although the
// order was pressed away before the change was shown.
func readWhatIsTakenOff(s *scene) {
	c := s.openCafe()
	k := s.openKitchenScreen(c.staff, screenPhone())
	second := s.openTab(screenTablet())
	second.signIn(c.staff, "Barista", "1111")
	second.open(c.staff + "/kitchen")
	second.tap(`form[action="/kitchen/watch"] button[value=kitchen]`)
	second.cooking()

	order := c.newOrder("plat-du-jour", "expresso")
	send := func() { api[ticket](c, http.MethodPost, "/tickets/"+order+"/send", struct{}{}) }
	send()
	k.until("both lines are there", `document.querySelectorAll(".make").length === 2`)
	second.until("the other screen shows its own line", `document.querySelectorAll(".make").length === 1`)
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines", map[string]any{"product": "cookie", "qty": 1})
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines", map[string]any{"product": "cappuccino", "qty": 1, "options": []string{"lait/avoine"}, "note": "bien chaud 🙂"})
	send()
	k.until("the addition has joined the card", `document.querySelector(".order .mark")`)
	if said := k.text(".make:has(.mark)"); !strings.Contains(said, "+ AJOUT Cappuccino") || !strings.Contains(said, "AVOINE") || !strings.Contains(said, "BIEN CHAUD 🙂") {
		s.Errorf("the addition says %q", said)
	}
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines/1/remove", map[string]any{"reason": "erreur"})
	second.until("the line is struck", `document.querySelector(".make.altered del")`)
	if said := second.text(".make.altered"); !strings.Contains(said, "ANNULÉ") {
		s.Errorf("the struck line says %q", said)
	}
	k.until("the line is struck here too", `document.querySelector(".make.altered")`)
	k.tap(".make.altered")
	second.until("one tap was enough for both", `document.querySelector("#nothing")`)
	k.until("the struck line is gone", `document.querySelectorAll(".make").length === 2`)
}

// alarmTheTill: the screen is closed, nobody commits anything, and the till says so by itself.
func alarmTheTill(s *scene) {
	c := s.openCafe()
	k := s.openKitchenScreen(c.staff, screenTablet())
	k.open("about:blank")
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	if ask[bool](p, `document.getElementById("alarm").checkVisibility()`) {
		p.Error("the till is alarmed at once")
	}
	p.tap(tile("plat-du-jour"))
	p.settled(1)
	p.until("the till is alarmed", `document.getElementById("alarm").checkVisibility()`)
	if said := p.text("#alarm"); !strings.Contains(said, "n’a pas vu") || !strings.Contains(said, "(Bar)") {
		p.Errorf("the alarm says %q", said)
	}
	if over := ask[bool](p, `(() => {
		const a = document.getElementById("alarm").getBoundingClientRect(), b = document.getElementById("cart").getBoundingClientRect();
		return a.right > b.left && a.left < b.right && a.bottom > b.top && a.top < b.bottom;
	})()`); over {
		p.Error("the alarm covers the cart")
	}
	p.tap("#alarm-told")
	p.until("the alarm is over", `!document.getElementById("alarm").checkVisibility()`)
	k.open(c.staff + "/kitchen")
	k.cooking()
	k.until("the order still waits to be made", `document.querySelector(".order")`)
	ask[bool](p, `(document.getElementById("alarm").innerHTML = '<button data-alarm="{&quot;gone&quot;:[&quot;bar&quot;,&quot;kitchen&quot;]}" id="alarm-gone">x</button>', true)`) // as after another 20 s
	ask[bool](p, `(document.getElementById("alarm-gone").click(), true)`)
	k.until("a screen that the till has given up asks again what it shows", `document.querySelector(".choosing")`)
}

// cookAcrossARestart: the screen says that it is out of date, and is up to date again by itself.
func cookAcrossARestart(s *scene) {
	c := s.openCafe()
	k := s.openKitchenScreen(c.staff, screenTablet())
	k.expect("net::ERR_")
	order := c.newOrder("plat-du-jour")
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/send", struct{}{})
	k.until("the order is there", `document.querySelector(".order:not([data-fresh])")`)
	c.kill()
	k.tap(".order .ready")
	k.until("the screen says that it is offline", `document.getElementById("offline").checkVisibility()`)
	c.start()
	k.until("the tap has arrived", `document.querySelector("#nothing") && !document.getElementById("offline").checkVisibility()`)
	other := c.newOrder("expresso")
	api[ticket](c, http.MethodPost, "/tickets/"+other+"/send", struct{}{})
	k.until("the screen follows again", `document.querySelector(".order")`)
}

// kitchenViews are the kitchen's screen and the till's alarm in the states worth looking at; they come last, for from then
// on the café has a kitchen.
func kitchenViews(c *cafe) []view {
	return []view{
		{"kitchen-choice", c.staff + "/kitchen", nil, true},
		{"kitchen-empty", c.staff + "/kitchen", func(p *tab) {
			p.tap(`form[action="/kitchen/watch"] button:not([name])`)
			p.cooking()
		}, true},
		{"kitchen", c.staff + "/kitchen", func(p *tab) {
			p.cooking()
			c.fillKitchen()
			p.until("all is shown", `document.querySelectorAll(".order").length === 8 && !document.querySelector("[data-fresh]")`)
			// Nobody waits eight minutes for a picture.
			ask[bool](p, `["late", "soon"].every((pace, i) => document.querySelectorAll(".order")[i].classList.add(pace) || true)`)
		}, true},
		{"kitchen-recall", c.staff + "/kitchen", func(p *tab) {
			p.cooking()
			p.tap(".order .ready")
			p.until("an order is away", `document.querySelector("#take-back")`)
			p.tap("[data-recall]")
			p.until("the list is open", `document.querySelector("#recall-sheet[open] [data-kind=recall]")`)
		}, true},
		{"kitchen-stations", c.staff + "/kitchen", func(p *tab) { p.cooking(); p.tap("[data-open=more-sheet]") }, true},
		{"till-alarm", c.staff + "/", func(p *tab) {
			order := c.newOrder("expresso", "plat-du-jour")
			api[ticket](c, http.MethodPost, "/tickets/"+order, map[string]any{"name": "Léa et Ousmane"})
			api[ticket](c, http.MethodPost, "/tickets/"+order+"/send", struct{}{})
			p.until("the till is alarmed", `document.querySelector("#alarm button")`)
		}, true},
	}
}

// fillKitchen makes eight orders with everything that a card can say.
func (c *cafe) fillKitchen() {
	c.Helper()
	send := func(order string) { api[ticket](c, http.MethodPost, "/tickets/"+order+"/send", struct{}{}) }
	line := func(order string, body map[string]any) {
		api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines", body)
	}
	for _, products := range [][]string{{"plat-du-jour", "limonade-artisanale-33-cl"}, {"expresso", "expresso"}, {"quiche-et-salade"}, {"allonge", "plat-du-jour"}} {
		send(c.newOrder(products...))
	}
	named := c.newOrder("plat-du-jour", "expresso")
	api[ticket](c, http.MethodPost, "/tickets/"+named, map[string]any{"name": "Léa", "mode": "takeaway"})
	line(named, map[string]any{"product": "cappuccino", "qty": 2, "options": []string{"lait/avoine", "taille/grand"}, "note": "sans mousse, très chaud 🙂"})
	send(named)
	line(named, map[string]any{"product": "the", "qty": 1, "options": []string{"sorte/jasmin"}})
	send(named)
	changed := c.newOrder("quiche-et-salade", "expresso")
	line(changed, map[string]any{"product": "plat-du-jour", "qty": 3})
	send(changed)
	api[ticket](c, http.MethodPost, "/tickets/"+changed+"/lines/1/remove", map[string]any{"reason": "erreur"})
	api[ticket](c, http.MethodPost, "/tickets/"+changed+"/lines/3/remove", map[string]any{"qty": 1, "reason": "erreur"})
	long := c.newOrder("plat-du-jour")
	api[ticket](c, http.MethodPost, "/tickets/"+long, map[string]any{"name": strings.Repeat("Anticonstitutionnellement", 3)[:60]})
	line(long, map[string]any{"product": "quiche-et-salade", "qty": 99, "note": strings.Repeat("sans sel ni poivre ", 8)[:140]})
	send(long)
	api[struct{}](c, http.MethodPost, "/suspended/redemptions", map[string]any{"product": "plat-du-jour", "qty": 1})
}
