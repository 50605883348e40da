package main_test

import (
	"net/http"
	"strings"
)

// endMonth ends the month early and returns the name of its archive, which the service makes by itself.
func (c *cafe) endMonth() string {
	c.Helper()
	closed := api[struct{ Period string }](c, http.MethodPost, "/closings", map[string]any{"level": "month"})
	return api[struct{ Name string }](c, http.MethodPost, "/archives", map[string]any{"period": closed.Period}).Name
}

// archiveAMonth ends a month: its archive is there by itself, the page leads to the copy, and remembers who confirmed it.
func archiveAMonth(s *scene) {
	c := s.openCafe()
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": 1}}, "tenders": []map[string]any{{"means": "card", "amount": coffeePrice}},
	})
	name := c.endMonth()
	p := s.openTab(screenTill())
	p.expect("422 (Unprocessable Entity)") // for days that nobody typed
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/manage/exports")
	p.tap("a[href='/manage/archives']")
	p.until("the archive is listed", `document.readyState === "complete" && document.querySelector("a[download='`+name+`']")`)
	p.tap("form[action$='/copied'] button")
	p.until("the copy is confirmed", `document.readyState === "complete" && document.querySelector(".message.good") && !document.querySelector("form[action$='/copied']")`)
	if said := p.text("main"); !strings.Contains(said, "confirmée par Manager") {
		p.Errorf("the page says %q", said)
	}
	p.tap("#from")
	p.tap("form.stack button[type=submit]")
	p.until("days that are missing are refused on the page", `document.readyState === "complete" && document.querySelector(".message.wrong")`)
}

// archiveViews are the archives before and after the first month. They come last: a month can be ended once.
func archiveViews(c *cafe) []view {
	return []view{
		{"manage-archives-none", c.staff + "/manage/archives", nil, false},
		{"manage-archives", c.staff + "/manage/archives", func(p *tab) {
			p.Helper()
			p.open(c.staff + "/manage/archives?made=" + c.endMonth())
			p.until("the archive is listed", `document.readyState === "complete" && document.querySelector("a[download]")`)
		}, false},
	}
}
