package main_test

// More than one page of the same person: a browser gives six connections to one host, and streams must not eat them.

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// sibling opens one more tab of the same browser: cookies and connections are shared.
func (p *tab) sibling() *tab {
	p.Helper()
	ctx, closed := chromedp.NewContext(p.ctx)
	p.Cleanup(closed)
	next := &tab{scene: p.scene, ctx: ctx}
	next.do("open one more tab", chromedp.EmulateViewport(screenTill().width, screenTill().height, chromedp.EmulateTouch))
	return next
}

// toFront makes a tab the one that is seen; the others are hidden, as in a window.
func (p *tab) toFront() {
	p.Helper()
	p.do("bring the tab to the front", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.BringToFront, cdp.Empty{})
		return err
	}))
}

// sevenTabs: six open streams would freeze the seventh page of a browser; hidden pages hold none.
func sevenTabs(s *scene) {
	const tabs = 7
	c := s.openCafe()
	first := s.openTab(screenTill())
	first.signIn(c.staff, "Barista", "1111")
	all := []*tab{first}
	for len(all) < tabs {
		next := first.sibling()
		next.toFront()
		next.open(c.staff + "/")
		next.until(fmt.Sprintf("till %d of %d is ready", len(all)+1, tabs), `document.querySelector("#till.ready")`)
		all = append(all, next)
	}
	for i, p := range all {
		p.toFront()
		p.tap(tile("expresso"))
		p.settled(1)
		if i > 0 && p.orderOf() == first.orderOf() {
			s.Errorf("till %d rings on the order of the first", i+1)
		}
	}
}

// paintWithoutScript: after a power cut the barista sees the tiles and the order before any script has come.
func paintWithoutScript(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	order := c.newOrder("expresso", "plat-du-jour")
	p.expect("net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_DEVTOOLS") // what this scene does to the scripts
	p.do("lose every script", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		blocked := network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/*.js", Block: true}}}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, blocked)
		return err
	}))
	p.open(c.staff + "/?ticket=" + order)
	p.until("the page is there", `document.readyState === "complete"`)
	if ask[bool](p, `document.querySelector("#till").matches(".ready")`) {
		s.Fatal("the scripts came all the same")
	}
	for what, selector := range map[string]string{"tiles": tile("expresso"), "lines": "#lines > li", "the total": "#total"} {
		if !ask[bool](p, fmt.Sprintf(`document.querySelector(%q)?.checkVisibility() ?? false`, selector)) {
			s.Errorf("without a script %s are not to be seen", what)
		}
	}
}
