package main_test

// The manager's menu beside the till: what is arranged, asked and sold out there is so under the barista's finger.

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// barista is the id of the demonstration's barista.
func (c *cafe) barista() string {
	c.Helper()
	for part := range strings.SplitSeq(c.read("/login"), `name="operator" value="`) {
		if id, rest, ok := strings.Cut(part, `"`); ok && strings.Contains(rest[:min(len(rest), 200)], "Barista") {
			return id
		}
	}
	c.Fatal("nobody is called Barista")
	return ""
}

// read gets a page that needs nobody signed in.
func (c *cafe) read(path string) string {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.staff+path, nil)
	if err != nil {
		c.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	return string(text)
}

// arrangeTheMenu: a manager moves a product up, adds a question with two answers, sells it out until tomorrow; an open
// till follows each without being asked to.
func arrangeTheMenu(s *scene) {
	c := s.openCafe()
	t := s.openTab(screenTill())
	t.signIn(c.staff, "Barista", "1111")
	m := s.openTab(screenTablet())
	m.signIn(c.staff, "Manager", "9999")
	follows := func(what, selector string, act func()) {
		s.Helper()
		t.when(selector)
		began := ask[float64](m, "Date.now()")
		act()
		s.Logf("%s: on the till after %.0f ms", what, t.noted()-began)
	}
	m.open(c.staff + "/manage/menu")
	second := ask[string](m, `document.querySelectorAll("[id^=product-]")[1].id.slice("product-".length)`)
	row := "#product-" + second
	follows("a product that moved", fmt.Sprintf("[data-category]:not([data-category=favourites]) li:first-child#tile-%s", second), func() { m.tap(row + " [value=up]") })
	m.until("the focus is on the button that was pressed", fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, row+" [value=up]"))

	m.open(c.staff + "/manage/menu/" + second)
	m.tap("#options-add")
	m.until("a question is there, with the focus in it", `document.activeElement.name?.startsWith("options[") && document.activeElement.name.endsWith("].name")`)
	group := ask[string](m, `document.activeElement.name.replace(/\.name$/, "")`)
	for name, text := range map[string]string{".name": "Sucre", ".choices[0].name": "un", ".choices[1].name": "deux"} {
		ask[bool](m, fmt.Sprintf(`(document.getElementById(%q).value = %q, true)`, group+name, text))
	}
	ask[bool](m, fmt.Sprintf(`(document.getElementsByName(%q)[0].checked = true)`, group+".required"))
	follows("a question", fmt.Sprintf("#tile-%s .tile[data-sheet]", second), func() { m.tap(".save-bar button") })

	m.open(c.staff + "/manage/menu")
	m.tap(row + " .out summary")
	follows("sold out until tomorrow", fmt.Sprintf("#tile-%s .tile[aria-disabled=true]", second), func() { m.tap(row + ` [value=tomorrow]`) })
	m.until("the list says until when", fmt.Sprintf(`document.querySelector(%q)`, row+" .tag"))
}

// arrangeWithoutScript: an old tablet, or a browser that runs no script, arranges all the same.
func arrangeWithoutScript(s *scene) {
	c := s.openCafe()
	m := s.openTab(screenPhone())
	m.signIn(c.staff, "Manager", "9999")
	m.expect("net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_DEVTOOLS") // what this scene does to the scripts
	m.do("lose every script", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		blocked := network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/*.js", Block: true}}}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, blocked)
		return err
	}))
	m.open(c.staff + "/manage/menu/expresso")
	m.tap("#options-add")
	m.until("the form has grown, with the focus in it", `document.activeElement.id === "options[0].name"`)
	ask[bool](m, `(document.getElementById("options[0].name").value = "Tasse", document.getElementById("options[0].choices[0].name").value = "petite", true)`)
	m.tap(`[id="options[0].choices-add"]`)
	m.until("what was typed is still there", `document.getElementById("options[0].choices[2].name") && document.getElementById("options[0].name").value === "Tasse"`)
	m.tap(".save-bar button")
	m.until("it is saved, without what was left empty", `document.querySelector("#product-expresso .what").innerText.includes("1 question")`)
}

// chooseMenuFile sends a menu file from the page of the menu, and waits for what it would change.
func (p *tab) chooseMenuFile() {
	p.Helper()
	ask[bool](p, `(() => {
		const files = new DataTransfer(), field = document.getElementById("file");
		files.items.add(new File(["name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp,position\nExpresso,Boissons chaudes,210,1000,1000,3\nChocolat maison,Boissons chaudes,420,1000,1000,1\n"], "carte.csv"));
		field.files = files.files;
		field.form.submit();
		return true;
	})()`)
	p.until("the file is previewed", `document.querySelector("[name=packed]")`)
}
