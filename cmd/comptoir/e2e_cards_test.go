package main_test

// Cards on paper, several cards on one order, and a card that was lost.

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// cardViews are the desk of the cards, a card there, and an order that two cards share.
func cardViews(c *cafe, x exhibits) []view {
	sheet := func(p *tab) {
		p.Helper()
		ask[bool](p, `(document.querySelector("[action$=sheet]").submit(), true)`)
		p.until("the cards are there", `document.querySelectorAll(".cutout").length === 10`)
	}
	shared := c.newOrder("plat-du-jour", "plat-du-jour", "quiche-et-salade")
	api[ticket](c, http.MethodPost, "/tickets/"+shared+"/lines", map[string]any{"product": "plat-du-jour", "qty": 1})
	for _, code := range []string{x.card, x.full} {
		api[ticket](c, http.MethodPost, "/tickets/"+shared+"/card", map[string]any{"code": code})
	}
	open := func(p *tab) {
		p.Helper()
		ask[bool](p, `(document.querySelector("#stamps").click(), true)`)
		p.until("the cards are told", `document.querySelector("#card-sheet[open] .share")`)
	}
	return []view{
		{"cards", c.staff + "/manage/cards/" + x.card, nil, false},
		{"cards-sheet", c.staff + "/manage/cards", sheet, false},
		{"cards-shared", c.staff + "/?ticket=" + shared, open, true},
	}
}

// printPaperCards: a sheet is ten cards of the size of a card on one A4 page; a decoder reads each from the picture of the
// print, and each opens its own page.
func printPaperCards(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/manage/cards?lang=fr")
	p.tap("[action$=sheet] button")
	p.until("ten cards are there", `document.querySelectorAll(".cutout").length === 10`)
	letters := ask[[]string](p, `[...document.querySelectorAll(".cutout .letters")].map((line) => line.textContent.replaceAll(" ", ""))`)

	p.do("print the sheet", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
		if err != nil {
			return err
		}
		if pages := strings.Count(string(out.Data), "/Type /Page\n"); pages != 1 || !strings.Contains(string(out.Data), "[0 0 59") { // A4 is 595 points wide
			return fmt.Errorf("%d pages, or not of A4", pages)
		}
		return nil
	}))
	p.do("look at the paper", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	if cut := ask[int](p, `[...document.querySelectorAll(".cutout")].filter((el) => el.scrollHeight > el.clientHeight + 1 || el.scrollWidth > el.clientWidth + 1).length`); cut > 0 {
		p.Errorf("the words of %d cards are cut", cut)
	}
	if keepsPictures() {
		p.photograph("cards-paper")
	}
	boxes := ask[[][]float64](p, `[...document.querySelectorAll(".cutout")].map((el) => el.getBoundingClientRect()).map((box) => [box.x + scrollX, box.y + scrollY, box.width, box.height])`)
	for i, box := range boxes {
		url := p.decodeAt(box)
		if !strings.HasSuffix(url, "/C/"+letters[i]) {
			p.Fatalf("card %d on paper is read as %q, want the code %q", i+1, url, letters[i])
		}
		if got := api[card](c, http.MethodGet, "/cards/"+letters[i], nil); got.Stamps != 0 {
			p.Errorf("card %d is new and has %d stamps", i+1, got.Stamps)
		}
	}
	p.open(c.public + "/C/" + letters[9])
	if said := p.text("h1"); said == "" {
		p.Errorf("the last card opens no page")
	}
}

// decodeAt reads the QR code in a picture of a part of the page.
func (p *tab) decodeAt(box []float64) (text string) {
	p.Helper()
	p.do("photograph a part", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		var err error
		for _, near := range []float64{2, 3, 4} { // a reader looks again from a little nearer, as a hand with a phone does
			if text, err = readPicture(ctx, t, page.Viewport{X: box[0], Y: box[1], Width: box[2], Height: box[3], Scale: near}); err == nil {
				return nil
			}
		}
		return err
	}))
	return text
}

// readPicture takes a picture and reads the QR code in it, upright or on its side: two codes in a hundred bear a pattern that
// this reader takes for a corner, and it meets the corners in another order on a picture that is turned.
func readPicture(ctx context.Context, t *chromedp.Target, part page.Viewport) (string, error) {
	out, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &part, CaptureBeyondViewport: new(true)})
	if err != nil {
		return "", err
	}
	img, err := png.Decode(bytes.NewReader(out.Data))
	if err != nil {
		return "", err
	}
	upright, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	onItsSide, err := upright.RotateCounterClockwise()
	if err != nil {
		return "", err
	}
	hard := make(map[gozxing.DecodeHintType]any)
	hard[gozxing.DecodeHintType_TRY_HARDER] = true
	found, err := qrcode.NewQRCodeReader().Decode(upright, hard)
	if err != nil {
		found, err = qrcode.NewQRCodeReader().Decode(onItsSide, hard)
	}
	if err != nil {
		return "", err
	}
	return found.GetText(), nil
}

// shareTheMeals: two friends, two cards, one order: each has its stamp; and a card that was lost comes back by its contact.
func shareTheMeals(s *scene) {
	c := s.openCafe()
	a, b := api[card](c, http.MethodPost, "/cards", struct{}{}), api[card](c, http.MethodPost, "/cards", struct{}{})
	order := c.newOrder("plat-du-jour", "plat-du-jour", "expresso")
	api[ticket](c, http.MethodPost, "/tickets/"+order+"/lines", map[string]any{"product": "plat-du-jour", "qty": 1})
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/?ticket=" + order)
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.scan(a.Code)
	p.until("the first card is on it", `document.querySelector("#stamps").innerText.includes("0/9")`)
	p.rest()
	p.scan(b.Code)
	p.until("both cards are on it", `document.querySelector("#stamps").innerText.includes("× 2")`)
	p.open(c.staff + "/pay/" + order)
	p.tap(`.shares-of li:last-child button[value="2"]`)
	p.until("the second card has two", `document.querySelector(".shares-of li:last-child b")?.textContent === "2"`)
	p.tap(`.means button[value=card]`)
	p.until("the sale is paid", `location.pathname.startsWith("/paid/")`)
	if got := []int{api[card](c, http.MethodGet, "/cards/"+a.Code, nil).Stamps, api[card](c, http.MethodGet, "/cards/"+b.Code, nil).Stamps}; got[0] != 1 || got[1] != 2 {
		p.Errorf("stamps of the two cards: got %v, want 1 and 2", got)
	}

	p.open(c.public + "/C/" + b.Code + "?lang=fr")
	p.tap("#contact")
	p.write("0612345678")
	p.press("Enter")
	p.until("the contact is kept", `document.querySelector("#lost").innerText.includes("… 78")`)
	p.open(c.staff + "/manage/cards")
	p.tap("#card")
	p.write("+33612345678")
	p.press("Enter")
	p.until("the card is found", `document.querySelector(".found")`)
	p.tap("[action$=replace] button")
	p.until("the new card is there", `document.querySelectorAll(".cutout").length === 1`)
	code := strings.ReplaceAll(p.text(".cutout .letters"), " ", "")
	if got := api[card](c, http.MethodGet, "/cards/"+code, nil).Stamps; got != 2 {
		p.Errorf("stamps of the new card: got %d, want 2", got)
	}
	p.expect("410 (Gone)")
	p.open(c.public + "/C/" + b.Code + "?lang=fr")
	if said := p.text("main"); !strings.Contains(said, "remplacée") || strings.Contains(said, "9") {
		p.Errorf("the old card says %q", said)
	}
}
