package main_test

// Every page on every screen, in both languages and both looks: nothing hangs over the edge, nothing is too small for
// a finger, nothing is cut, and axe-core finds nothing. With COMPTOIR_SCREENSHOTS set, and in CI, a picture of each is
// kept for a person to look at.

import (
	"context"
	_ "embed" // axe-core
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// view is one state of one page.
type view struct {
	name, address string
	prepare       func(*tab) // nil: as it opens
	fingers       bool       // a page of the counter: fit for fingers
}

// exhibits is what the pages show: an order with everything on it, a sale, a card, a receipt.
type exhibits struct {
	order, sale, receipt, card string
	number                     string // of the sale's document
	full, gift                 string // a card that has just been filled, what became of a gift
}

// looks are the combinations in which every page is shown.
func looks() []look {
	return []look{{"fr", "light"}, {"fr", "dark"}, {"en", "light"}, {"en", "dark"}, {"es", "light"}}
}

type look struct{ language, theme string }

// lookAtEveryPage goes through all pages once for each language and look, side by side. COMPTOIR_LOOK narrows it to the
// views whose names match.
func lookAtEveryPage(s *scene) {
	only, err := regexp.Compile(os.Getenv("COMPTOIR_LOOK"))
	if err != nil {
		s.Fatalf("COMPTOIR_LOOK: %v", err)
	}
	for _, l := range looks() {
		s.beside(l.language+" "+l.theme, lookLimit, func(own *scene) {
			c := own.openCafe("--https", "127.0.0.1:0")
			x := c.furnish()
			p := own.openTab(screenTill())
			p.expect("404 (Not Found)", "422 (Unprocessable Entity)", "503 (Service Unavailable)") // the pages that say so
			p.open(fmt.Sprintf("%s/login?lang=%s&theme=%s", c.staff, l.language, l.theme))
			if v := (view{name: "login", fingers: true}); only.MatchString(v.name) {
				p.lookAt(v, l)
			}
			p.open(fmt.Sprintf("%s/board?lang=%s&theme=%s", c.public, l.language, l.theme)) // its cookies are its own
			p.open(c.staff + "/login")
			p.signInHere("Manager", "9999")
			for _, v := range slices.Concat(views(c, x), cardViews(c, x), kitchenViews(c), servicesViews(c), partnerViews(c), fundViews(c), terminalViews(c), networkViews(c), printingViews(c), scanViews(c), closingViews(c), trainingViews(c), archiveViews(c), booksViews(c), machineViews(c), heldViews(c)) {
				if only.MatchString(v.name) {
					p.open(v.address)
					p.lookAt(v, l)
				}
			}
		})
	}
}

// furnish makes something to show.
func (c *cafe) furnish() exhibits {
	c.Helper()
	order := c.newOrder("expresso", "plat-du-jour", "croissant", "jus-de-pomme-fermier-25-cl", "tarte-aux-pommes", "quiche-et-salade")
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/card", map[string]any{"code": made.Code})
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines", map[string]any{"product": "expresso", "qty": 1, "kind": "gift"})
	sell := func(onCard string, meals int) sale {
		return api[sale](c, http.MethodPost, "/sales", map[string]any{
			"mode": "eat_in", "card": onCard, "lines": []map[string]any{{"product": "plat-du-jour", "qty": meals}, {"product": "expresso", "qty": 1, "kind": "gift"}},
			"tenders": []map[string]any{{"means": "cash", "amount": meals*mealPrice + coffeePrice, "given": 20000}},
		})
	}
	sell(made.Code, 4)
	later := sell("", 2)
	full := api[card](c, http.MethodPost, "/cards", struct{}{}).Code
	sell(full, 9)
	return exhibits{order: order, sale: later.ID, number: later.Number, receipt: later.ReceiptURL, card: made.Code, full: full, gift: later.GiftURL}
}

// newOrder opens an order of one each.
func (c *cafe) newOrder(products ...string) string {
	c.Helper()
	tk := api[ticket](c, http.MethodPost, "/tickets", map[string]any{"mode": "eat_in"})
	for _, product := range products {
		api[ticket](c, http.MethodPost, "/tickets/"+tk.ID+"/lines", map[string]any{"product": product, "qty": 1})
	}
	return tk.ID
}

// views lists the pages in the states worth looking at.
func views(c *cafe, x exhibits) []view {
	script := func(js string) func(*tab) {
		return func(p *tab) { p.Helper(); ask[bool](p, "("+js+", true)") }
	}
	refuse := func(js string) func(*tab) {
		return func(p *tab) {
			p.Helper()
			ask[bool](p, "("+js+", true)")
			p.until("the refusal stands beside a field", `document.readyState === "complete" && document.querySelector("[aria-invalid=true]")`)
		}
	}
	cart := c.staff + "/?ticket=" + x.order
	display := func(ticket, state, then string) func(*tab) {
		return func(p *tab) {
			p.Helper()
			p.open(c.staff + "/?ticket=" + ticket)
			p.until("the till is ready", `document.querySelector("#till.ready")`)
			if then != "" {
				ask[bool](p, "("+then+", true)")
				p.until("the till says paid", `document.querySelector("#paid")`)
			}
			p.open(c.staff + "/display?till=1")
			p.until("the display shows it", fmt.Sprintf(`document.querySelector("#display.%s")`, state))
		}
	}
	return []view{
		{"till-empty", c.staff + "/", nil, true},
		{"till-cart", cart, nil, true},
		{"till-cart-open", cart, script(`document.getElementById("till").classList.add("unfolded")`), true},
		{"till-line", cart, script(`document.getElementById("till").classList.add("unfolded"), document.querySelector("#lines .what").click()`), true},
		{"till-discount", cart, script(`document.querySelector("#lines .what").click(), new MutationObserver((_, o) => { const fold = document.querySelector("#line-sheet details"); if (fold) { o.disconnect(); fold.open = true; fold.querySelector(".approve").hidden = false; } }).observe(document.getElementById("line-sheet"), { childList: true })`), true},
		{"till-number", cart, script(`document.querySelector("#lines .qty").click()`), true},
		{"till-ticket", cart, script(`document.querySelector("#title").click()`), true},
		{"till-card", cart, script(`document.querySelector("#stamps").click()`), true},
		{"till-product", c.staff + "/", script(`document.getElementById("look").click(), document.querySelector(".tile").click()`), true},
		{"till-options", c.staff + "/", script(`document.querySelector(".tile[data-sheet]").click()`), true},
		{"till-give", c.staff + "/", script(`document.querySelector("[data-open=gift-sheet]").click()`), true},
		{"till-serve", c.staff + "/", script(`document.querySelector("[data-open=serve-sheet]").click()`), true},
		{"till-held", c.staff + "/", script(`document.querySelector("#chip-held").click()`), true},
		{"till-more", c.staff + "/", script(`document.querySelector("[data-open=more-sheet]").click()`), true},
		{"till-paid", c.staff + "/?ticket=" + c.newOrder("expresso", "plat-du-jour"), script(`document.getElementById("quick-exact").click()`), true},
		{"pay", c.staff + "/pay/" + x.order, nil, true},
		{"pay-parts", c.staff + "/pay/" + c.partPaid(), nil, true},
		{"pay-wrong", c.staff + "/pay/" + x.order, mistype, true},
		{"after", c.staff + "/paid/" + x.sale, nil, true},
		{"paper", c.staff + "/documents/" + x.number, nil, false},
		{"paper-58", c.staff + "/documents/" + x.number + "?paper=58", nil, false},
		{"invoice-new", c.staff + "/sales/" + x.sale + "/invoice", nil, false},
		{"invoice", c.staff + "/documents/" + c.invoiced(x.sale), nil, false},
		{"fix", c.staff + "/sales/" + x.sale + "/fix", nil, false},
		{"about", c.staff + "/about", nil, false},
		{"sales-wrong", c.staff + "/sales?q=bonjour&from=x", nil, false},
		{"sales", c.staff + "/sales", nil, false},
		{"sale", c.staff + "/sales/" + x.sale, nil, false},
		{"shift", c.staff + "/shift", nil, true},
		{"shift-check", c.staff + "/shift", countAndCheck, true},
		{"sale-all", c.staff + "/sales/" + x.sale + "?all=1", nil, true},
		{"help", c.staff + "/help", nil, false},
		{"manuals", c.staff + "/manuals", nil, false},
		{"manual-user", c.staff + "/manuals/user", nil, false},
		{"manual-tax", c.staff + "/manuals/tax", nil, false},
		{"manage-alerts", c.staff + "/manage/alerts", nil, false},
		{"manage-flags", c.staff + "/manage/flags", nil, false}, {"aid", c.staff + "/aid", nil, false}, {"flyer", c.staff + "/flyer", nil, false},
		{"manage-today", c.staff + "/manage", nil, false},
		{"manage-week", c.staff + "/manage?span=week", script(`document.querySelectorAll("details").forEach((d) => (d.open = true))`), false},
		{"manage-month", c.staff + "/manage?span=month", nil, false},
		{"manage-menu", c.staff + "/manage/menu", nil, false},
		{"manage-menu-open", c.staff + "/manage/menu", script(`document.querySelectorAll("main > details, #product-allonge .out").forEach((d) => (d.open = true))`), false},
		{"manage-import", c.staff + "/manage/menu", (*tab).chooseMenuFile, false},
		{"manage-category", c.staff + "/manage/categories/boissons-chaudes", nil, false},
		{"manage-product", c.staff + "/manage/menu/cappuccino", nil, false},
		{"manage-product-new", c.staff + "/manage/product", nil, false},
		{"manage-staff", c.staff + "/manage/staff", script(`document.querySelectorAll("details").forEach((d) => (d.open = true))`), false},
		{"manage-member", c.staff + "/manage/staff/" + c.barista(), script(`document.querySelectorAll("details").forEach((d) => (d.open = true))`), false},
		{"manage-settings", c.staff + "/manage/settings", nil, false},
		{"manage-solidarity", c.staff + "/manage/solidarity", nil, false},
		{"manage-solidarity-levers", c.staff + "/manage/solidarity", script(`document.getElementById("promised").scrollIntoView()`), false},
		{"manage-options", c.staff + "/manage/solidarity/options", nil, false},
		{"manage-shelf", c.staff + "/manage/shelf", script(`document.querySelectorAll("details").forEach((d) => (d.open = true))`), false},
		{"manage-vat", c.staff + "/manage/vat", nil, false},
		{"manage-exports", c.staff + "/manage/exports", nil, false},
		{"manage-exports-wrong", c.staff + "/manage/exports?from=2031-01-01&to=2030-01-01", refuse(`document.querySelector("button[value='fec.txt']").click()`), false},
		{"manage-accounts", c.staff + "/manage/accounts", nil, false},
		{"manage-accounts-wrong", c.staff + "/manage/accounts", refuse(`document.getElementById("accounts.drawer.number").value = "9", document.querySelector(".save-bar button").click()`), false},
		{"display-idle", c.staff + "/display?till=none", nil, true},
		{"display-order", cart, display(x.order, "order", ""), true},
		{"display-paid", cart, display(c.newOrder("expresso", "plat-du-jour"), "paid", `document.getElementById("quick-note-1").click()`), true},
		{"device", c.staff + "/device", nil, true},
		{"setup", c.staff + "/setup", nil, true},
		{"error", c.staff + "/sales/none", nil, false},
		{"card-new", c.public + "/C", nil, false},
		{"card", c.public + "/C/" + x.card, nil, false},
		{"card-full", c.public + "/C/" + x.full, nil, false},
		{"receipt", x.receipt, nil, false},
		{"receipt-refused", x.receipt, claimWithNoCard, false},
		{"receipt-find", c.public + "/R/CBDEFGHIJKLNC", nil, false},
		{"gift", x.gift, nil, false},
		{"public-error", c.public + "/C/none", nil, false},
		{"board", c.public + "/board", nil, false},
	}
}

// claimWithNoCard claims the stamps of a receipt for what is no card, and waits for the refusal.
func claimWithNoCard(p *tab) {
	p.Helper()
	ask[bool](p, `(document.getElementById("card").value = "bonjour", document.querySelector("form[action$='/claim']").submit(), true)`)
	p.until("the refusal stands beside the field", `document.readyState === "complete" && document.querySelector("#card[aria-invalid=true]")`)
}

// lookAt holds the page that is open against every screen, and against the same screens at 200 %.
func (p *tab) lookAt(v view, l look) {
	p.Helper()
	if v.prepare != nil {
		p.until("the till is ready", `!document.querySelector("div#till") || document.querySelector("#till.ready")`) // some forms have a field of that name
		v.prepare(p)
	}
	if v.name == "till-paid" {
		p.until("the till says paid", `document.querySelector("#paid")`)
	}
	p.do("teach the page to audit itself", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe+";true"))
		return err
	}))
	for _, screen := range []size{screenTill(), screenTablet(), screenPhone()} {
		p.show(screen)
		name := fmt.Sprintf("%s-%s-%s-%dx%d", v.name, l.language, l.theme, screen.width, screen.height)
		for _, fault := range ask[[]string](p, findFaults+fmt.Sprintf("(%t)", v.fingers)) {
			p.Errorf("%s: %s", name, fault)
		}
		for _, breach := range p.audit() {
			p.Errorf("%s: %s", name, breach)
		}
		if keepsPictures() {
			p.photograph(name)
		}
	}
	p.growText(v, l)
	for _, screen := range []size{{screenTill().width / 2, screenTill().height / 2}, {screenTablet().width / 2, screenTablet().height / 2}, narrowest()} {
		p.show(screen)
		if wide := ask[string](p, findSideways); wide != "" {
			p.Errorf("%s %s %s at %d px, as at 200 %%: sideways scroll: %s", v.name, l.language, l.theme, screen.width, wide)
		}
	}
	p.show(screenTill())
	p.do("ask for less motion", media("prefers-reduced-motion", "reduce"))
	for _, fault := range ask[[]string](p, findMotion) {
		p.Errorf("%s %s %s: %s", v.name, l.language, l.theme, fault)
	}
	p.do("allow motion again", media("prefers-reduced-motion", ""))
}

// media makes the browser say that its owner prefers something.
func media(feature, value string) chromedp.Action[chromedp.Void] {
	wish := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, wish)
		return err
	})
}

// findMotion lists what still moves for those who asked that nothing does.
const findMotion = `[...document.querySelectorAll("body *")].filter((el) => {
  const { animationName, animationDuration, transitionDuration } = getComputedStyle(el);
  const lasts = (durations) => durations.split(",").some((d) => parseFloat(d) > 0.01);
  return (animationName !== "none" && lasts(animationDuration)) || lasts(transitionDuration);
}).slice(0, 3).map((el) => "moves: " + el.tagName.toLowerCase() + "#" + el.id + "." + el.className)`

// growText holds the page against every screen in the largest text that a device can choose.
func (p *tab) growText(v view, l look) {
	p.Helper()
	ask[bool](p, `(document.documentElement.dataset.text = "125", true)`)
	for _, screen := range []size{screenTill(), screenTablet(), screenPhone()} {
		p.show(screen)
		for _, fault := range ask[[]string](p, findFaults+fmt.Sprintf("(%t)", v.fingers)) {
			p.Errorf("%s %s %s in text of 125 %% at %d px: %s", v.name, l.language, l.theme, screen.width, fault)
		}
	}
	ask[bool](p, `(delete document.documentElement.dataset.text, true)`)
}

// narrowest is what a phone's page has left when it is enlarged (WCAG 1.4.10).
func narrowest() size { return size{320, 568} }

// show puts the page on a screen.
func (p *tab) show(screen size) {
	p.Helper()
	p.do("resize", chromedp.EmulateViewport(screen.width, screen.height, chromedp.EmulateTouch))
	p.until("the page has its fonts", `document.fonts.status === "loaded"`)
}

// keepsPictures reports whether a picture of each page is kept for a person to look at: in CI, and when it is asked for.
func keepsPictures() bool {
	return os.Getenv("CI") == "true" || os.Getenv("COMPTOIR_SCREENSHOTS") != ""
}

func (p *tab) photograph(name string) {
	p.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = savePicture(name+".png", png)
	}
	if err != nil {
		p.Fatalf("keep a picture: %v", err)
	}
}

// axe is axe-core 4.14.1 (MPL-2.0, unchanged; its licence is beside it). It is in no product binary.
//
//go:embed testdata/axe/axe.min.js
var axe string

// runAxe lists what breaks WCAG 2.2 AA, and what axe-core holds for good practice.
const runAxe = `axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
  .then((found) => found.violations.map((v) => v.id + " (" + v.impact + "): " + v.help + ": " +
    v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " [" + n.any.concat(n.all, n.none).map((c) => c.message).slice(0, 1).join() + "]").join(" | ")))`

// audit asks axe-core what is wrong with the page.
func (p *tab) audit() []string {
	p.Helper()
	breaches, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("audit the page: %v", err)
	}
	return breaches
}

// findSideways says what makes a page scroll sideways; "" when nothing does.
const findSideways = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > root.clientWidth + 1);
  return root.scrollWidth + " > " + root.clientWidth + " px, by " + wide.slice(0, 3).map((el) => el.tagName.toLowerCase() + "#" + el.id + "." + el.className).join(", ");
})()`

// findFaults lists what is wrong with a page on the screen it is on. A finger needs 44 px each way; a text cut inside
// a button cannot be read.
const findFaults = `((fingers) => {
  const faults = [], root = document.documentElement;
  const says = (el) => (el.getAttribute("aria-label") || el.innerText || el.name || el.id || "").trim().replace(/\s+/g, " ").slice(0, 40);
  const name = (el) => el.tagName.toLowerCase() + (el.id ? "#" + el.id : "") + " \"" + says(el) + "\"";
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > root.clientWidth + 1);
    faults.push("sideways scroll: " + root.scrollWidth + " > " + root.clientWidth + " px, by " + wide.slice(0, 3).map(name).join(", "));
  }
  if (document.body.innerText.includes("<no value>")) faults.push("a blank that nobody filled");
  const top = document.querySelector("dialog[open]") ?? document;
  for (const el of top.querySelectorAll("button, a[href], input:not([type=hidden]), select, summary")) {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || el.matches(".skip")) continue;
    const box = (el.closest("label") ?? el).getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (fingers && (box.width < 43.5 || box.height < 43.5)) faults.push("too small for a finger: " + name(el) + " " + Math.round(box.width) + "x" + Math.round(box.height));
    if (el.matches("button, a.button") && el.scrollWidth > el.clientWidth + 1) faults.push("cut: " + name(el) + " needs " + el.scrollWidth + " of " + el.clientWidth + " px");
    const rolls = el.closest(".rail, .todo, .subnav"); // a strip that a finger pushes sideways
    if (!rolls && (box.left < -1 || box.right > root.clientWidth + 1)) faults.push("beyond the edge: " + name(el));
  }
  for (const code of document.querySelectorAll(".qr svg")) {
    const { width, height, bottom } = code.getBoundingClientRect(), frame = code.parentElement.getBoundingClientRect();
    if (!frame.width) continue;
    const square = !code.closest(".bars"); // bars are wider than high
    if ((square ? Math.abs(width - height) > 1 : width < 1.2 * height) || bottom > frame.bottom + 1) faults.push("a code that cannot be scanned: " + Math.round(width) + "x" + Math.round(frame.height));
  }
  return faults;
})`
