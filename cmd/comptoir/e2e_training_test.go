package main_test

// Training: what a newcomer does in it looks like the till, and counts nowhere.

import (
	"fmt"
	"net/http"
	"strings"
)

// dayTotals is what of a day's report training must leave alone.
type dayTotals struct {
	Total   int64 `json:"total"`
	Sales   int   `json:"sales"`
	Refunds int   `json:"refunds"`
}

// dropOpen leaves no order open: training and orders do not mix.
func (c *cafe) dropOpen() {
	c.Helper()
	type open struct {
		ID       string
		Payments []struct{ ID int }
	}
	for _, tk := range api[struct{ Tickets []open }](c, http.MethodGet, "/tickets", nil).Tickets {
		for _, part := range tk.Payments {
			api[ticket](c, http.MethodPost, fmt.Sprintf("/tickets/%s/payments/%d/remove", tk.ID, part.ID), map[string]any{"reason": "essai"})
		}
		api[ticket](c, http.MethodPost, "/tickets/"+tk.ID+"/drop", map[string]any{"reason": "essai"})
	}
}

// learnToSell switches training on with a manager's PIN at a barista's till, sells and switches it off: the till says what
// it is all the time, and the day is what it was.
func learnToSell(s *scene) {
	c := s.openCafe()
	c.dropOpen()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	elsewhere := p.sibling()
	elsewhere.open(c.staff + "/")
	elsewhere.until("the other till is ready", `document.querySelector("#till.ready")`)
	before := api[dayTotals](c, http.MethodGet, "/reports/day", nil)
	p.toFront()
	p.tap("[data-open=more-sheet]")
	p.tap("#more-sheet a[href='/training']")
	p.until("the page asks for a manager", `document.readyState === "complete" && document.querySelector("#pin")`)
	p.tap("#pin")
	p.write("9999")
	p.tap("form[action='/training'] button[type=submit]")
	p.until("the till says that it is in training", `document.querySelector("#till.ready") && document.querySelector("aside.training")`)
	if said := p.text("aside.training"); !strings.Contains(said, "MODE ÉCOLE") {
		p.Errorf("the banner says %q", said)
	}
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	if said := p.text("#paid"); !strings.Contains(said, "X26-") || !strings.Contains(said, "ne compte pas") {
		p.Errorf("after the payment the till says %q", said)
	}
	if ask[bool](p, `document.querySelector("#paid .qr") !== null`) {
		p.Error("a code of training looks like a real one")
	}
	p.tap("#paid form[action$='/print'] button")
	p.until("the paper is shown", `document.readyState === "complete" && document.querySelector(".document")`)
	if said := p.text(".document"); strings.Count(said, "FACTICE") < 2 {
		p.Errorf("the paper is not marked at its head and its foot: %q", said)
	}

	elsewhere.toFront()
	elsewhere.until("the other till has begun anew", `document.querySelector("#till.ready") && document.querySelector("aside.training")`)
	p.toFront()
	p.open(c.staff + "/training")
	p.tap("#pin")
	p.write("9999")
	p.tap("form[action='/training'] button[type=submit]")
	p.until("training is over", `document.readyState === "complete" && document.querySelector(".message.good") && !document.querySelector("aside.training")`)
	if after := api[dayTotals](c, http.MethodGet, "/reports/day", nil); after != before {
		p.Errorf("the day was %+v, and is %+v", before, after)
	}
	elsewhere.toFront()
	elsewhere.until("the other till counts again", `document.querySelector("#till.ready") && !document.querySelector("aside.training")`)
}

// trainingViews are the pages in training. They come last: nothing may be open when it begins.
func trainingViews(c *cafe) []view {
	on := func(then func(*tab)) func(*tab) {
		return func(p *tab) {
			p.Helper()
			if !api[struct{ On bool }](c, http.MethodGet, "/training", nil).On {
				c.dropOpen()
				api[struct{}](c, http.MethodPost, "/training", map[string]any{"on": true})
			}
			then(p)
		}
	}
	at := func(path, ready string) func(*tab) {
		return func(p *tab) {
			p.Helper()
			p.open(c.staff + path)
			p.until("the page is there", `document.readyState === "complete" && document.querySelector("`+ready+`")`)
		}
	}
	return []view{
		{"training-off", c.staff + "/training", func(p *tab) { c.dropOpen(); p.open(c.staff + "/training") }, false},
		{"training-till", c.staff + "/", on(func(p *tab) { at("/?ticket="+c.newOrder("expresso", "plat-du-jour", "croissant"), "#till.ready")(p) }), true},
		{"training-paid", c.staff + "/", on(func(p *tab) {
			at("/?ticket="+c.newOrder("expresso", "plat-du-jour"), "#till.ready")(p)
			p.tap("#quick-exact")
			p.until("the till says paid", `document.querySelector("#paid")`)
		}), true},
		{"training-display", c.staff + "/", on(func(p *tab) {
			at("/?ticket="+c.newOrder("expresso", "plat-du-jour"), "#till.ready")(p)
			at("/display?till=1", "#display.order")(p)
		}), true},
		{"training-pay", c.staff + "/", on(func(p *tab) { at("/pay/"+c.newOrder("expresso", "plat-du-jour"), "main")(p) }), true},
		{"training-on", c.staff + "/training", on(at("/training", "main")), false},
		{"training-kitchen", c.staff + "/kitchen", on(at("/kitchen", "body")), true},
		{"training-sales", c.staff + "/sales", on(at("/sales", "main")), false},
		{"training-paper", c.staff + "/sales", on(func(p *tab) {
			made := api[sale](c, http.MethodPost, "/sales", map[string]any{"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": 1}},
				"tenders": []map[string]any{{"means": "cash", "amount": coffeePrice}}})
			at("/documents/"+made.Number, ".document")(p)
		}), false},
	}
}
