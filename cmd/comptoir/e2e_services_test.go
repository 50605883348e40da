package main_test

// A planned service: who signs up on a phone, and what the manager sees and prints.

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// planned is a planned service, its volunteers' link and one of its evenings.
type planned struct{ id, rota, day string }

// tablee is the planned service of the demonstration. The tab is a manager's.
func (p *tab) tablee(c *cafe) planned {
	p.Helper()
	id := api[struct {
		Services []struct{ ID string }
	}](c, http.MethodGet, "/services", nil).Services[0].ID
	day := api[struct {
		Evenings []struct{ Day string }
	}](c, http.MethodGet, "/services/"+id+"/evenings", nil).Evenings[1].Day
	p.open(c.staff + "/manage/services/" + id)
	link := p.text(".handed .address")
	return planned{id, c.public + link[strings.LastIndex(link, "/V/"):], day}
}

// signUpToCook: a phone without any script takes a place with a first name alone; the manager reads it on the evening, and
// the sheet of the evening is one page. The phone gives the place back by its own page.
func signUpToCook(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	service := p.tablee(c)

	phone := s.openTab(screenPhone())
	phone.withoutScript()
	phone.open(service.rota + "?lang=fr")
	phone.tap(fmt.Sprintf(`.night:has(input[value=%q])`, service.day))
	phone.tap("#name")
	phone.write("Noor")
	phone.tap(`button[type="submit"].go`)
	phone.until("the place is hers", `document.querySelector(".sentence")?.innerText.startsWith("Noor, à dimanche")`)
	own := ask[string](phone, `location.href`)

	p.open(c.staff + "/manage/services/" + service.id + "/" + service.day)
	if names := p.text("ul.names"); !strings.Contains(names, "Noor") {
		p.Errorf("the evening tells %q", names)
	}
	p.do("look at the paper", onPaper())
	if ask[bool](p, `!document.querySelector(".tonight").checkVisibility() || document.querySelector(".subnav").checkVisibility()`) {
		p.Error("the sheet has no place for allergens, or shows what belongs to the screen")
	}
	p.do("print the evening", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err == nil && (!strings.Contains(string(out.Data), "[0 0 59") || strings.Count(string(out.Data), "/Type /Page\n") != 1) { // A4 is 595 points wide
			err = fmt.Errorf("the evening is not one sheet of A4")
		}
		return err
	}))

	phone.open(own)
	phone.tap(".cannot summary")
	phone.tap(`.cannot button`)
	phone.until("the place is given back", `document.querySelector(".sentence")?.innerText === "Votre place est rendue."`)
	p.open(c.staff + "/manage/services/" + service.id + "/" + service.day)
	if names := p.text("ul.names"); strings.Contains(names, "Noor") {
		p.Errorf("who cannot come is still on the evening: %q", names)
	}
}

// servicesViews are the manager's list, an evening, and the rota on a phone with a name that is refused.
func servicesViews(c *cafe) []view {
	service := api[struct {
		Services []struct{ ID string }
	}](c, http.MethodGet, "/services", nil).Services[0].ID
	evening := api[struct {
		Evenings []struct{ Day string }
	}](c, http.MethodGet, "/services/"+service+"/evenings", nil).Evenings[1].Day
	return []view{
		{"manage-services", c.staff + "/manage/services", nil, false},
		{"manage-evening", c.staff + "/manage/services/" + service + "/" + evening, func(p *tab) {
			p.Helper()
			ask[bool](p, `(document.querySelectorAll("details").forEach((d) => (d.open = true)), true)`)
		}, false},
		{"rota-wrong", c.staff + "/manage/services/" + service, func(p *tab) {
			p.Helper()
			p.open(p.tablee(c).rota)
			ask[bool](p, `(document.querySelectorAll(".night input")[1].checked = true, document.querySelector("form[action^='/V/']").submit(), true)`)
			p.until("the refusal stands beside the name", `document.readyState === "complete" && document.querySelector("#name[aria-invalid=true]")`)
		}, false},
	}
}
