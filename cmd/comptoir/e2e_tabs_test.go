package main_test

// More than one page of the same person: a browser gives six connections to one host, and streams must not eat them.

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
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
