package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/pos"
)

// tapOn is a tap of the till on a device.
func (b *browser) tapOn(ticket, kind, args string) string {
	b.tb.Helper()
	header := map[string]string{fragmentHeader: "cart"}
	for name, value := range b.cookies {
		header["Cookie"] += name + "=" + value + "; "
	}
	a := b.do(call{method: http.MethodPost, path: "/till/commands", nobody: true, header: header,
		body: fmt.Sprintf(`{"kind":%q,"ticket":%q,"args":%s}`, kind, ticket, args)})
	if a.status != http.StatusOK {
		b.tb.Fatalf("%s: %d %s", kind, a.status, a.body)
	}
	return string(a.body)
}

// order rings products on a new order of the device.
func (b *browser) order(products ...string) (id, cart string) {
	b.tb.Helper()
	id = find(b.tb, b.tapOn("", "new", `{"mode":"eat_in"}`), ticketOf)
	for _, p := range products {
		cart = b.tapOn(id, "add", fmt.Sprintf(`{"product":%q}`, p))
	}
	return id, cart
}

// shows is what a display of a till shows now.
func (b *browser) shows(till string) string {
	b.tb.Helper()
	a := b.ask(http.MethodGet, "/display/part?till="+url.QueryEscape(till), nil, fragmentHeader, "display")
	if a.status != http.StatusOK {
		b.tb.Fatalf("display: %d %s", a.status, a.body)
	}
	return string(a.body)
}

func lacks(tb testing.TB, text string, words ...string) {
	tb.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			tb.Errorf("%q is said in\n%s", w, text)
		}
	}
}

func (c *cafe) atTheTill() *browser {
	c.tb.Helper()
	c.web.displays.now = c.clock.Now
	return c.browser().signedIn("Marie")
}

func TestADisplayFollowsItsTillFromTheFirstTapToTheThanks(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	says(t, till.shows("1"), `class="display idle"`, "Le Fil", "Créer ma carte", "<svg")
	id, cart := till.order("plat", "cafe")
	says(t, till.shows("1"), `class="display order"`, "Plat", "Café", "14,10\u00a0€")
	till.tapOn(id, "pay", fmt.Sprintf(`{"means":"cash","given":2000,"total":1410,"version":%s}`, find(t, cart, `data-version="(\d+)"`)))
	paid := till.shows("1")
	says(t, paid, `class="display paid"`, "C’est réglé, merci", "À payer", "14,10\u00a0€", "Reçu", "20,00\u00a0€", "Rendu", "5,90\u00a0€", "Votre ticket")
	c.clock.Advance(thanksShown - time.Second)
	says(t, till.shows("1"), "Rendu")
	c.clock.Advance(2 * time.Second)
	says(t, till.shows("1"), `class="display idle"`)
}

func TestTheNextTapEndsTheThanks(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	id, cart := till.order("cafe")
	till.tapOn(id, "pay", fmt.Sprintf(`{"means":"card","total":220,"version":%s}`, find(t, cart, `data-version="(\d+)"`)))
	till.order("eau")
	text := till.shows("1")
	says(t, text, `class="display order"`, "Eau")
	lacks(t, text, "merci")
}

// TestG2ADisplayMarksNobodyOut: whoever is served from the shelf sees what anybody who is offered something sees (solidarity.md G2).
func TestG2ADisplayMarksNobodyOut(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	till.tapOn("", "serve", `{"product":"cafe","mode":"eat_in"}`)
	served := till.shows("1")
	says(t, served, "C’est réglé, merci")
	lacks(t, served, "uspendu", "0,00", "ffert", "R26-")
	c.clock.Advance(time.Hour)
	id := text(t, c.post("/tickets", `{"mode":"eat_in"}`), "id")
	till.ask(http.MethodGet, "/?ticket="+id, nil)
	tk, err := c.till.AddLine(t.Context(), pos.System("sys"), id, pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption})
	if err != nil {
		t.Skipf("a serving is no line of an order: %v", err) // it is rung by itself then
	}
	_ = tk
	order := till.shows("1")
	says(t, order, "Café", "Offert")
	lacks(t, order, "uspendu", "0,00")
}

func TestADisplayThanksForAGiftAndFillsTheCard(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	card := text(t, c.post("/cards", `{}`), "code")
	id, _ := till.order("plat")
	till.tapOn(id, "card", fmt.Sprintf(`{"code":%q}`, card))
	says(t, till.shows("1"), "0/9")
	for range 8 {
		till.tapOn(id, "add", `{"product":"plat"}`)
	}
	cart := till.tapOn(id, "gift", `{"product":"cafe"}`)
	till.tapOn(id, "pay", fmt.Sprintf(`{"means":"card","total":10890,"version":%s}`, find(t, cart, `data-version="(\d+)"`)))
	says(t, till.shows("1"), "9/9", "Un repas de plus attend quelqu’un", "Merci pour ce que vous avez offert", "Ce que devient votre don")
}

func TestADisplayFollowsOneTillOfSeveral(t *testing.T) {
	c := openCafe(t)
	bar, terrace := c.atTheTill(), c.atTheTill()
	says(t, string(terrace.ask(http.MethodGet, devicePath, nil).body), `name="till"`)
	a := terrace.ask(http.MethodPost, devicePath, url.Values{"theme": {"dark"}, "text": {"125"}, "volume": {"0"}, "till": {"Terrasse é"}, "language": {"fr"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("save the device: %d %s", a.status, a.body)
	}
	bar.order("cafe")
	terrace.order("biere")
	says(t, bar.shows("1"), "Café")
	says(t, bar.shows("Terrasse é"), "Bière")
	screen := c.browser().signedIn("Marie")
	choice := string(screen.ask(http.MethodGet, displayPath, nil).body)
	says(t, choice, "Quelle caisse", "/display?till=Terrasse", "/display?till=1")
}

func TestATillFillsItsDisplayAgainAfterARestart(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	id, _ := till.order("cafe")
	c.web.displays = newDisplays(c.web.tellScreens, c.clock.Now)
	says(t, till.shows("1"), `class="display idle"`)
	till.ask(http.MethodGet, "/till/cart?ticket="+id, nil, fragmentHeader, "cart") // the page asks when its stream is back
	says(t, till.shows("1"), "Café")
}

func TestDisplaysAreToldOfTheirOwnTillOnly(t *testing.T) {
	var told []string
	d := newDisplays(func(topic string) { told = append(told, topic) }, time.Now)
	for till, ticket := range map[string]string{"1": "a", "2": "b"} {
		d.change(till, func(s *shown) { s.ticket = ticket })
	}
	told = nil
	d.change("1", func(s *shown) { s.ticket = "a" })
	d.listen([]data.Event{{Topics: []string{"ticket:b", "tickets", "shelf", "sales"}}})
	if len(told) != 1 || told[0] != "display:2" {
		t.Errorf("told %v, want display:2 only", told)
	}
	told = nil
	d.listen([]data.Event{{Topics: []string{"settings"}}})
	if len(told) != 2 {
		t.Errorf("the settings: told %v", told)
	}
}

func TestADeviceKeepsItsSettings(t *testing.T) {
	c := openCafe(t)
	b := c.browser().signedIn("Marie")
	bad := b.ask(http.MethodPost, devicePath, url.Values{"theme": {"pink"}, "text": {"400"}, "volume": {"2"}, "till": {strings.Repeat("x", 25)}})
	if bad.status != http.StatusUnprocessableEntity {
		t.Errorf("settings there are not: %d", bad.status)
	}
	says(t, string(bad.body), `id="till-wrong"`)
	b.ask(http.MethodPost, devicePath, url.Values{"theme": {"clock"}, "text": {"112"}, "volume": {"1"}, "till": {"Bar"}, "language": {"en"}})
	page := string(b.ask(http.MethodGet, devicePath, nil).body)
	says(t, page, `<html lang="en" data-theme=`, `data-text="112"`, `data-volume="1"`, `value="Bar"`)
}

func TestTheClockTurnsTheLightOffAtNight(t *testing.T) {
	for hour, want := range map[int]string{3: "dark", 6: "dark", 7: "light", 13: "light", 19: "light", 20: "dark", 23: "dark"} {
		at := time.Date(2026, 11, 21, hour, 30, 0, 0, time.UTC)
		if got := (thisDevice{Theme: themeClock}).shownTheme(at); got != want {
			t.Errorf("%d h: %s, want %s", hour, got, want)
		}
		if got := (thisDevice{Theme: "light"}).shownTheme(at); got != "light" {
			t.Errorf("%d h: a chosen look became %s", hour, got)
		}
	}
}
