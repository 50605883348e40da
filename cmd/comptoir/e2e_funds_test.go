package main_test

// The funds: a round-up proposed once at the payment, and a company that pays a lot.

import (
	"net/http"
	"strings"
)

// fundState is one fund as the API tells it.
type fundState struct {
	Fund    string
	Balance int
}

type fundsOf struct{ Funds []fundState }

// lotOf is a proposal as the API tells it.
type lotOf struct{ ID string }

// propose keeps a proposal of meals to a company.
func (c *cafe) propose(name string, meals int) lotOf {
	c.Helper()
	return api[lotOf](c, http.MethodPost, "/sponsors", map[string]any{"name": name, "address": "12 quai des Chartrons, 33000 Bordeaux", "class": "meal", "qty": meals})
}

// chooseRoundUp makes the café propose to round up for its own fund.
func (p *tab) chooseRoundUp(staff string) {
	p.Helper()
	p.open(staff + "/manage/solidarity/options")
	ask[bool](p, `(document.querySelector("[name=round_up][value=fund]") ? document.querySelector("[name=round_up][value=fund]").checked = true : document.querySelector("[name=round_up]").value = "fund", document.querySelector("[name=round_up]").form.requestSubmit(), true)`)
	p.until("the choice is kept", `location.search.includes("done=")`)
}

// roundUpAndSponsor: the payment proposes once to round up, the fund has it; then a company pays a lot and its items are on
// the shelf.
func roundUpAndSponsor(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	p.chooseRoundUp(c.staff)
	order := c.newOrder("croissant")
	total := api[struct{ Total int }](c, http.MethodGet, "/tickets/"+order, nil).Total
	p.open(c.staff + "/pay/" + order)
	p.until("rounding up is proposed", `document.querySelector("#round-up button[type=submit]")`)
	if same := ask[bool](p, `((a, b) => Math.abs(a.width - b.width) < 1 && Math.abs(a.height - b.height) < 1)(...[...document.querySelectorAll("#round-up .button")].map((b) => b.getBoundingClientRect()))`); !same {
		p.Errorf("yes and no are not of one size (G12)")
	}
	p.tap("#round-up a")
	p.until("no is heard, and not asked again", `!document.querySelector("#round-up") && document.querySelector("#pay-due")`)
	p.open(c.staff + "/pay/" + order)
	p.tap("#round-up button[type=submit]")
	p.until("it is on the order", `!document.querySelector("#round-up") && document.querySelectorAll("#lines li").length === 2`)
	p.tap("#pay [name=means][value=card]")
	p.until("it is paid", `location.pathname.startsWith("/paid/")`)
	now := api[fundsOf](c, http.MethodGet, "/funds", nil)
	if want := (100 - total%100) % 100; want == 0 || now.Funds[0].Balance != want {
		p.Errorf("the fund holds %d, want %d", now.Funds[0].Balance, want)
	}

	before := c.shelf("meal").Available
	p.open(c.staff + "/manage/funds")
	p.tap("details.fold-more > summary")
	ask[bool](p, `(document.getElementById("name").value = "Vins du Port", document.getElementById("address").value = "12 quai, Bordeaux", document.getElementById("qty").value = "5", true)`)
	p.tap("details.fold-more button.go")
	p.until("the proposal is there", `document.querySelector(".fund-paper")`)
	if !strings.Contains(p.text(".fund-paper"), "Vins du Port") {
		p.Errorf("the proposal does not say to whom")
	}
	p.open(c.staff + "/manage/funds")
	p.tap(".funds form[action$='/pay'] button.go")
	p.until("it is paid, with its statement", `document.querySelector(".fund-paper dl.sums")`)
	if got := c.shelf("meal").Available - before; got != 5 {
		p.Errorf("%d meals came to the shelf, want 5", got)
	}
}

// fundViews lists the pages of the funds, with something in them.
func fundViews(c *cafe) []view {
	c.Helper()
	partner := api[partnerOfCafe](c, http.MethodPost, "/partners", map[string]any{"name": "Les Tables du Coin"})
	for _, to := range []string{"fund", partner.ID} {
		order := c.newOrder("expresso")
		tk := api[struct{ Total int }](c, http.MethodPost, "/tickets/"+order+"/round-up", map[string]any{"to": to, "amount": 730})
		api[sale](c, http.MethodPost, "/tickets/"+order+"/checkout", map[string]any{"tenders": []map[string]any{{"means": "card", "amount": tk.Total}}})
	}
	api[lotOf](c, http.MethodPost, "/sponsors/"+c.propose("Chantier naval Roy", 20).ID+"/pay", map[string]any{"means": "transfer"})
	open := c.propose("Librairie du Port", 40)
	rounded := c.newOrder("expresso", "croissant")
	return []view{
		{"funds", c.staff + "/manage/funds", nil, false},
		{"funds-proposal", c.staff + "/manage/funds/sponsors/" + open.ID, nil, false},
		{"pay-round-up", c.staff + "/pay/" + rounded, func(p *tab) {
			p.Helper()
			p.chooseRoundUp(c.staff)
			p.open(c.staff + "/pay/" + rounded)
			p.until("rounding up is proposed", `document.querySelector("#round-up")`)
		}, true},
	}
}
