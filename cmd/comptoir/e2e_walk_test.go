package main_test

// A walk through a day, and the six pictures of it that the README shows:
//
//	COMPTOIR_WALK=1 go test ./cmd/comptoir -run TestInTheBrowser/a_walk

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// walkPictures is where the README's pictures lie.
const walkPictures = "../../.ci/walk"

// walkThrough rings an order, pays a part of it, makes it, and looks at what customer, street and manager see.
func walkThrough(s *scene) {
	c := s.openCafe()
	k := s.openKitchenScreen(c.staff, screenTill())
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	api[sale](c, http.MethodPost, "/sales", map[string]any{
		"mode": "takeaway", "card": made.Code, "lines": []map[string]any{{"product": "plat-du-jour", "qty": 6}},
		"tenders": []map[string]any{{"means": "card", "amount": 6 * mealPrice}},
	})
	for _, products := range [][]string{{"quiche-et-salade", "expresso"}, {"soupe-et-pain", "limonade-artisanale-33-cl"}, {"croque-monsieur-et-salade"}} {
		api[ticket](c, http.MethodPost, "/tickets/"+c.newOrder(products...)+"/send", struct{}{})
	}

	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	for i, product := range []string{"expresso", "noisette", "plat-du-jour", "tarte-aux-pommes"} {
		p.tap(tile(product))
		p.settled(i + 1)
	}
	p.rest()
	p.scan(made.Code)
	p.until("the card is on the order", `document.querySelector("#stamps")?.innerText.includes("/9")`)
	p.until("the sheet of the card has closed by itself", `!document.querySelector("dialog[open]")`)
	p.tap("#give")
	p.settled(5)
	p.keep("1-till")

	p.open(c.staff + "/pay/" + p.orderOf())
	p.tap(".shares a")
	p.until("half of it is proposed", `document.querySelector(".part-no")`)
	p.keep("2-payment")

	k.until("the orders are there", `document.querySelectorAll(".order").length >= 4`)
	k.keep("3-kitchen")

	phone := s.openTab(screenPhone())
	phone.open(c.public + "/C/" + made.Code)
	phone.keep("4-card")
	board := s.openTab(screenTill())
	board.open(c.public + "/board")
	board.keep("5-board")
	manager := s.openTab(screenTill())
	manager.signIn(c.staff, "Manager", "9999")
	manager.open(c.staff + "/manage")
	manager.keep("6-day")
}

// keep takes a picture for the README when COMPTOIR_WALK asks for it, and fails on a page that shows nothing.
func (p *tab) keep(name string) {
	p.Helper()
	p.until("the page has its fonts", `document.fonts.status === "loaded" && document.body.innerText.trim() !== ""`)
	if os.Getenv("COMPTOIR_WALK") == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(walkPictures, 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(walkPictures, fmt.Sprintf("%s.png", name)), png, 0o600)
	}
	if err != nil {
		p.Fatalf("keep the picture %s: %v", name, err)
	}
}
