package main_test

// The network and the machine at their worst: what was tapped is neither lost nor doubled (till-pages.md §1.4).

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// focusOn puts the keyboard's focus on an element.
func focusOn(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Focus(chromedp.CSS(selector))
}

// delay adds milliseconds to each request of a tab, as a bad Wi-Fi would.
func delay(ms float64) chromedp.Action[chromedp.Void] {
	slow := &network.Conditions{Latency: ms, DownloadThroughput: -1, UploadThroughput: -1}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{slow}})
		return err
	})
}

// tapQuicklyOnASlowNetwork: the case in which htmx at its defaults makes three lines of eight taps.
func tapQuicklyOnASlowNetwork(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.do("slow the network down", delay(150))
	p.tapTimes(tile("expresso"), 7)
	p.do("hold the last tap back", delay(5000)) // longer than this machine takes to ask
	p.tap(tile("expresso"))
	if !ask[bool](p, `document.getElementById("quick-exact").getAttribute("aria-disabled") === "true"`) {
		p.Error("the till can be paid on while taps are on their way")
	}
	p.do("let the network go", delay(0))
	p.settled(8)
	c.holds(p.orderOf(), 8)
}

// holds fails the test unless an order on the server has one line of this quantity.
func (c *cafe) holds(order string, quantity int) {
	c.Helper()
	tk := c.ticket(order)
	if len(tk.Lines) != 1 || tk.Lines[0].Qty != quantity {
		c.Errorf("the order on the server: got %+v, want one line of %d", tk.Lines, quantity)
	}
}

// powerCut kills the service under a till that shows an order of one coffee.
func (s *scene) powerCut() (*cafe, *tab, string) {
	s.Helper()
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expect("net::ERR_") // each try while the service is down
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	order := p.orderOf()
	c.kill()
	return c, p, order
}

// tapWhileTheServiceIsDown: the taps are painted as what they are, pending and offline, in words; and then sold.
func tapWhileTheServiceIsDown(s *scene) {
	c, p, order := s.powerCut()
	p.tapTimes(tile("expresso"), 4)
	p.until("the four taps are painted as pending", `document.querySelector("#lines .pending .qty")?.textContent === "+4"`)
	p.until("the till says it is offline", `document.getElementById("offline").checkVisibility()`)
	if said := p.text("#offline"); !strings.Contains(said, "Hors ligne") || !strings.Contains(said, "4") {
		p.Errorf("the till says %q, want that it is offline with 4 actions waiting", said)
	}
	if said := p.text("#pay"); !strings.Contains(said, "4") {
		p.Errorf("the button to pay says %q, want how many are waiting", said)
	}
	c.start()
	p.settled(5)
	p.until("the till is no longer offline", `!document.getElementById("offline").checkVisibility()`)
	c.holds(order, 5)
	p.open(c.staff + "/?ticket=" + order)
	p.settled(5)
}

// reloadWhileTheServiceIsDown: no cart is kept in the browser. What was never answered was never promised.
func reloadWhileTheServiceIsDown(s *scene) {
	c, p, order := s.powerCut()
	p.tapTimes(tile("expresso"), 2)
	p.until("the two taps are painted as pending", `document.querySelector("#lines .pending .qty")?.textContent === "+2"`)
	if err := chromedp.Do(p.ctx, chromedp.Reload()); err == nil {
		p.Fatal("a page of a service that is down could be loaded")
	}
	c.start()
	p.open(c.staff + "/?ticket=" + order)
	p.settled(1)
	c.holds(order, 1)
}

// hold stops the next request to the till's commands at a stage, and returns what lets it go on or fail.
func (p *tab) hold(stage fetch.RequestStage) (paused func() fetch.RequestID, freed func()) {
	p.Helper()
	return p.holdAt("*/till/commands", stage)
}

// holdAt is hold for requests to other addresses.
func (p *tab) holdAt(address string, stage fetch.RequestStage) (paused func() fetch.RequestID, freed func()) {
	p.Helper()
	pattern := &fetch.RequestPattern{URLPattern: address, RequestStage: stage}
	requests := chromedp.Events(p.ctx, fetch.RequestPaused)
	if _, err := chromedp.Call(p.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{pattern}}); err != nil {
		p.Fatalf("hold requests: %v", err)
	}
	paused = func() fetch.RequestID {
		p.Helper()
		for e, err := range requests {
			if err != nil {
				p.Fatalf("wait for a request: %v", err)
			}
			return e.RequestID
		}
		p.Fatal("no request came")
		return ""
	}
	freed = func() {
		p.Helper()
		if _, err := chromedp.Call(p.ctx, fetch.Disable, cdp.Empty{}); err != nil {
			p.Fatalf("let requests go: %v", err)
		}
	}
	return paused, freed
}

// loseAnAnswer: the service has committed the tap, and its answer never arrives. The same command is sent again.
func loseAnAnswer(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expect("net::ERR_CONNECTION_RESET")
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	paused, freed := p.hold(fetch.RequestStageResponse)
	p.tap(tile("expresso"))
	lost := paused()
	c.holds(p.orderOf(), 2) // committed, though the till does not know yet
	if _, err := chromedp.Call(p.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: lost, ErrorReason: network.ErrorReasonConnectionReset}); err != nil {
		p.Fatalf("lose the answer: %v", err)
	}
	freed()
	p.settled(2)
	c.holds(p.orderOf(), 2)

	p.until("what came before is not undone in its place", `document.getElementById("undo").getAttribute("aria-disabled") === "true"`)
	p.tap(tile("expresso"))
	p.settled(3)
	p.tap("#undo")
	p.settled(2)
	c.holds(p.orderOf(), 2)
}

// payAnOrderThatHasChanged: two tills need no lock. Paying carries what the till showed, and is refused when that is
// no longer so.
func payAnOrderThatHasChanged(s *scene) {
	c := s.openCafe()
	first, second := s.openTab(screenTill()), s.openTab(screenTablet())
	first.expect("409 (Conflict)")
	first.signIn(c.staff, "Barista", "1111")
	second.signIn(c.staff, "Manager", "9999")
	before := c.sales()
	first.tap(tile("expresso"))
	first.settled(1)
	order := first.orderOf()
	second.open(c.staff + "/?ticket=" + order)
	second.settled(1)

	paused, freed := first.hold(fetch.RequestStageRequest)
	first.tap("#quick-exact")
	late := paused()
	second.tap(tile("croissant"))
	second.settled(2)
	if _, err := chromedp.Call(first.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: late}); err != nil {
		s.Fatalf("let the payment go: %v", err)
	}
	freed()

	first.until("the till says no", `document.querySelector("#toast.wrong")?.innerText`)
	if said := first.text("#toast"); !strings.Contains(said, "3,40 €") {
		s.Errorf("the refusal says %q, want the new total 3,40 €", said)
	}
	first.settled(2)
	if total := first.text("#total"); total != "3,40 €" {
		s.Errorf("the till shows %q, want 3,40 €", total)
	}
	if tk := c.ticket(order); tk.State != "open" || tk.Total != coffeePrice+croissantPrice {
		s.Errorf("the order: got %s of %d, want open of %d", tk.State, tk.Total, coffeePrice+croissantPrice)
	}
	first.tap("#quick-exact")
	first.until("the till says paid", `document.querySelector("#paid")`)
	c.soldSince(before, coffeePrice+croissantPrice)
	second.until("the other till has left the paid order", fmt.Sprintf(`document.getElementById("cart").dataset.ticket !== %q`, order))
}
