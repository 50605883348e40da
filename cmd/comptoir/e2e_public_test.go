package main_test

// The customers' pages, on a phone and in the window.

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// withoutScript is a phone that runs no script of any page.
func (p *tab) withoutScript() {
	p.Helper()
	p.do("run no script", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// meals sells dishes of the day, on a card or on none.
func (c *cafe) meals(n int, onCard string) sale {
	c.Helper()
	return api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "card": onCard, "lines": []map[string]any{{"product": "plat-du-jour", "qty": n}},
		"tenders": []map[string]any{{"means": "cash", "amount": n * mealPrice}},
	})
}

// getACardAndClaim: a phone on the public listener, without any script; no account, no form, no word about anybody.
// What was typed wrong stands beside its field, and the next receipt knows the card.
func getACardAndClaim(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenPhone())
	p.withoutScript()
	p.open(c.public + "/C?lang=fr")
	p.tap(`form[action="/C"] [type="submit"]`)
	p.until("the card and its code are there", `document.querySelector(".qr svg")?.checkVisibility()`)
	if p.taps != 1 {
		p.Errorf("gestures for a card: got %d, want 1", p.taps)
	}
	if ask[bool](p, `[...document.querySelectorAll("[data-print], [data-share]")].some((b) => b.checkVisibility())`) {
		p.Errorf("without a script there are buttons that do nothing")
	}
	address := ask[string](p, `location.pathname`)
	code := address[strings.LastIndex(address, "/")+1:]
	p.left(c, code, 9)
	c.meals(1, code)
	p.left(c, code, 8)

	p.expect("422 (Unprocessable Entity)") // the code that is mistyped
	p.open(c.meals(2, "").ReceiptURL)
	p.until("the receipt is there", `document.querySelector(".slip")?.innerText.includes("Plat du jour")`)
	if known := ask[string](p, `document.getElementById("card").value`); known != code {
		p.Errorf("the receipt proposes the card %q, want %q", known, code)
	}
	p.tap("#card")
	p.press("End")
	p.write("c") // one letter too many
	p.tap(`form[action$="/claim"] [type="submit"]`)
	p.until("the mistake stands beside the field", `document.readyState === "complete" && document.getElementById("card-wrong")?.checkVisibility() && document.getElementById("card").value.startsWith("FID")`)
	p.tap("#card")
	p.press("End", "Backspace")
	p.tap(`form[action$="/claim"] [type="submit"]`)
	p.until("the claim leads to the card", fmt.Sprintf(`location.pathname === "/C/%s"`, code))
	if said := p.text(".message"); !strings.Contains(said, "2 repas de plus") {
		p.Errorf("after the claim the card says %q", said)
	}
	p.left(c, code, 6)

	other := s.openTab(screenPhone())
	other.withoutScript()
	other.open(c.meals(3, "").ReceiptURL + "?lang=fr")
	other.tap(`form[action="/C"] [type="submit"]`)
	other.until("a card with the meals of the receipt is there", `location.pathname.startsWith("/C/FID")`)
	if filled := ask[int](other, `document.querySelectorAll(".places .full").length`); filled != 3 || other.taps != 1 {
		p.Errorf("a new card from a receipt: %d places after %d gestures, want 3 after 1", filled, other.taps)
	}
}

// followAGift: the donor's page of a gift, from waiting to refunded. That it was served is told days later, which no
// browser waits for.
func followAGift(s *scene) {
	c := s.openCafe()
	given := api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "expresso", "qty": 2, "kind": "gift"}},
		"tenders": []map[string]any{{"means": "card", "amount": 2 * coffeePrice}},
	})
	p := s.openTab(screenPhone())
	p.withoutScript()
	p.open(given.ReceiptURL + "?lang=fr")
	p.tap(`a[href^="/G/"]`)
	p.until("the proof is there", `document.querySelector(".story li")`)
	if said := p.text(".story ul"); said != "2 × un café en attente" {
		p.Errorf("just given: %q", said)
	}
	api[struct{ Number string }](c, http.MethodPost, "/suspended/redemptions", map[string]any{"product": "expresso", "qty": 1})
	api[struct{ Number string }](c, http.MethodPost, "/sales/"+given.ID+"/refund", map[string]any{
		"lines": []map[string]any{{"line": 1, "qty": 1}}, "tender": "card", "reason": "erreur", "proof": given.GiftURL})
	p.open(given.GiftURL)
	if said := p.text(".story ul"); said != "un café en attente un café rendu (remboursé)" {
		p.Errorf("one served, one refunded: %q", said)
	}
	p.expect("404 (Not Found)")
	p.open(c.public + "/G/CBDEFGHIJKLNC")
	if said := p.text("main"); !strings.Contains(said, "pas de cadeau sous ce code") {
		p.Errorf("an unknown code: %q", said)
	}
}

// watchTheBoard: the screen in the window lights up within a second of a gift, without a stream; when the till is gone
// it says as of when it speaks.
func watchTheBoard(s *scene) {
	c := s.openCafe()
	for c.shelf("meal").Available > 0 {
		api[struct{ Number string }](c, http.MethodPost, "/suspended/redemptions", map[string]any{"product": "plat-du-jour", "qty": 1})
	}
	p := s.openTab(screenTill())
	p.expectAway()
	p.open(c.public + "/board?lang=fr")
	p.do("remember what stands there", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(window.lights = () => document.querySelectorAll(".shelf .there").length, true)`))
		return err
	}))
	before := ask[int](p, `lights()`)
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "eat_in", "lines": []map[string]any{{"product": "plat-du-jour", "qty": 1, "kind": "gift"}, {"product": "expresso", "qty": 1, "kind": "gift"}},
		"tenders": []map[string]any{{"means": "card", "amount": 600 + coffeePrice}},
	})
	p.until("both classes are there", `lights() === 2`)
	if before > 2 || ask[bool](p, `!document.getElementById("asof").hidden`) {
		p.Errorf("%d classes before the gift; the hour is shown while the till answers", before)
	}
	c.kill()
	ask[bool](p, `((now) => (Date.now = () => now() + 60000, true))(Date.now.bind(Date))`) // a minute passes
	p.until("the screen says as of when it speaks", `document.querySelector("#board.old") && document.getElementById("asof").checkVisibility()`)
	c.start()
	p.until("the till is back", `!document.querySelector("#board.old")`)
}

// printCardAndReceipt: a card of the size of a card, a receipt as wide as the paper of the counter.
func printCardAndReceipt(s *scene) {
	c := s.openCafe()
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	p := s.openTab(screenTill())
	p.open(c.public + "/C/" + made.Code + "?lang=fr")
	p.do("look at the paper", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	paper := ask[[]float64](p, `((box) => [box.width, box.height])(document.querySelector(".paper").getBoundingClientRect())`)
	const mm = 96 / 25.4
	if w, h := paper[0]/mm, paper[1]/mm; w < 85 || w > 86.5 || h < 53.5 || h > 54.5 {
		p.Errorf("the card on paper is %.1f by %.1f mm", w, h)
	}
	if over := ask[bool](p, `((el) => el.scrollHeight > el.clientHeight + 1 || el.scrollWidth > el.clientWidth + 1)(document.querySelector(".paper"))`); over {
		p.Errorf("the words of the card are cut")
	}
	shown := p.text("body")
	if !strings.Contains(shown, "Café Comptoir") || strings.Contains(shown, "favoris") {
		p.Errorf("on paper: %q", shown)
	}
	if keepsPictures() {
		p.photograph("card-paper")
	}
	p.open(c.meals(1, "").ReceiptURL)
	p.do("print the receipt", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err == nil && !strings.Contains(string(out.Data), "[0 0 22") { // 80 mm are 227 points
			err = fmt.Errorf("the paper is not 80 mm wide")
		}
		return err
	}))
}
