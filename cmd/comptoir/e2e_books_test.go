package main_test

// What the accountant takes away, and that it is what was closed.

import (
	"fmt"
	"net/http"

	"github.com/chromedp/chromedp"
)

// closeTheDay ends the business day that is open.
func (c *cafe) closeTheDay() {
	c.Helper()
	api[struct{}](c, http.MethodPost, "/closings", map[string]any{"level": "day"})
}

// takeTheFiles: a day is sold and closed; the manager chooses the month, taps a file, and downloads what the journal has the
// hash of. A second time it is the same bytes.
func takeTheFiles(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	c.meals(2, "")
	c.closeTheDay()
	p.open(c.staff + "/manage/exports")
	p.tap(`button[value="fec.txt"]`)
	p.until("the file is ready", `document.readyState === "complete" && document.querySelector(".ready a")`)
	link := ask[string](p, `document.querySelector(".ready a").href`)
	read := func() string {
		p.Helper()
		hash, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf(`fetch(%q).then((r) => r.arrayBuffer()).then((b) => crypto.subtle.digest("SHA-256", b)).then((h) => [...new Uint8Array(h)].map((x) => x.toString(16).padStart(2, "0")).join(""))`, link), chromedp.EvalAwaitPromise))
		if err != nil {
			p.Fatalf("download %s: %v", link, err)
		}
		return hash
	}
	hash := read()
	if listed := ask[string](p, `document.querySelector(".made .hash").textContent`); listed != hash {
		p.Errorf("the list says %s, the file has %s", listed, hash)
	}
	if again := read(); again != hash {
		p.Errorf("downloaded again: %s, first %s", again, hash)
	}
	type exported struct {
		Exports []struct {
			N      int64
			SHA256 string
		}
	}
	all := api[exported](c, http.MethodGet, "/exports", nil).Exports
	if len(all) != 1 || all[0].SHA256 != hash {
		p.Errorf("the API lists %+v", all)
	}
}

// changeAnAccount: an account that cannot stand is refused beside its field with all that was typed; mended, it is saved.
func changeAnAccount(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTablet())
	p.expect("422 (Unprocessable Entity)")
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/manage/accounts")
	set := func(id, value string) {
		ask[bool](p, fmt.Sprintf(`(document.getElementById(%q).value = %q, true)`, id, value))
	}
	set("accounts.drawer.number", "9")
	set("accounts.drawer.label", "Coffre & banque")
	p.tap(".save-bar button")
	p.until("the refusal stands beside the field", `document.readyState === "complete" && document.getElementById("accounts.drawer.number-wrong")`)
	if typed := ask[string](p, `document.getElementById("accounts.drawer.label").value`); typed != "Coffre & banque" {
		p.Errorf("what was typed is %q now", typed)
	}
	set("accounts.drawer.number", "5801")
	p.tap(".save-bar button")
	p.until("it is saved", `document.readyState === "complete" && document.querySelector(".message.good")`)
	if number := ask[string](p, `document.getElementById("accounts.drawer.number").value`); number != "5801" {
		p.Errorf("the account is %q", number)
	}
}

// booksViews are a file that is ready. They come last: they close the day, if it is not closed yet.
func booksViews(c *cafe) []view {
	return []view{
		{"manage-exports-made", c.staff + "/manage/exports", func(p *tab) {
			p.Helper()
			c.closeTheDay()
			p.tap(`button[value="solidarity.txt"]`)
			p.until("the file is ready", `document.readyState === "complete" && document.querySelector(".ready a")`)
		}, false},
	}
}
