package web

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts"
)

// rung opens an order with these products on the till.
func (c *cafe) rung(products ...string) string {
	c.tb.Helper()
	id := find(c.tb, c.tapped(c.key(), "", "new", `{"mode":"eat_in"}`), ticketOf)
	for _, p := range products {
		c.tapped(c.key(), id, "add", fmt.Sprintf(`{"product":%q}`, p))
	}
	return id
}

func (c *cafe) key() string { return fmt.Sprintf("tap-%d", c.keys.Add(1)) }

func TestTheSheetOfALineHasItsChoicesItsNoteAndItsDiscount(t *testing.T) {
	c := openCafe(t)
	id := c.rung()
	c.tapped(c.key(), id, "add", `{"product":"creme","options":["lait/avoine"],"note":"tiède"}`)
	sheet := c.page(pos.RoleBarista, "/till/sheet/line?line=1&ticket="+id)
	says(t, sheet, `value="lait/avoine" required checked`, `value="tiède"`, `data-kind="discount"`, "Marie")
	changed := c.tapped(c.key(), id, "change", `{"line":1,"note":"tiède","options":["lait/vache"]}`)
	says(t, changed, "vache", "« tiède »", "3,00\u00a0€", `&#34;kind&#34;:&#34;change&#34;`)

	c.tapped(c.key(), id, "hold", `{}`)
	seen := c.page(pos.RoleBarista, "/till/sheet/line?line=1&ticket="+id)
	if strings.Contains(seen, "lait/avoine") {
		t.Error("the choices of a line that was put aside are offered")
	}
	says(t, seen, "mise de côté", "data-reason")
	if a := c.do(call{method: http.MethodGet, path: "/till/sheet/line?line=9&ticket=" + id}); a.status != http.StatusNotFound {
		t.Errorf("a line that is not there: %d, want 404", a.status)
	}
}

func TestADiscountIsGivenTakenBackAndApproved(t *testing.T) {
	c := openCafe(t)
	id := c.rung("plat") // 11,90
	alone := c.tapped(c.key(), id, "discount", `{"line":1,"how":"20","reason":"quality"}`)
	says(t, alone, "9,52\u00a0€", "20\u00a0% de remise", `&#34;how&#34;:&#34;none&#34;`)
	says(t, c.tapped(c.key(), id, "discount", `{"line":1,"how":"amount","value":"1,50","reason":"promo"}`), "10,40\u00a0€", `&#34;how&#34;:&#34;20&#34;`)

	big := c.tap(c.key(), id, "discount", `{"line":1,"how":"100","reason":"commercial"}`)
	if big.status != http.StatusForbidden {
		t.Fatalf("offered by a barista alone: %d, want 403", big.status)
	}
	says(t, string(big.body), `data-code="discount.approval"`)
	offered := c.tapped(c.key(), id, "discount", `{"line":1,"how":"100","reason":"commercial","manager":"Marie","pin":"`+managerPIN+`"}`)
	says(t, offered, "offert", "0,00\u00a0€", `id="quick-free"`, `&#34;value&#34;:&#34;1.50&#34;`)
	for args, field := range map[string]string{
		`{"line":1,"reason":"promo"}`: "how", `{"line":1,"how":"percent","value":"beaucoup","reason":"promo"}`: "value",
		`{"line":1,"how":"percent","value":"","reason":"promo"}`: "value", `{"line":1,"how":"amount","value":"x","reason":"promo"}`: "value",
		`{"line":1,"how":"10"}`: "reason", `{"line":0,"how":"10","reason":""}`: "reason",
	} {
		a := c.tap(c.key(), id, "discount", args)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `data-field="`+field+`"`) {
			t.Errorf("%s: %d %s, want 422 beside %s", args, a.status, a.body, field)
		}
	}
}

// TestALineThatComesBackHasItsDiscount: taking a line off is undone with what it had.
func TestALineThatComesBackHasItsDiscount(t *testing.T) {
	c := openCafe(t)
	id := c.rung("plat")
	c.tapped(c.key(), id, "discount", `{"line":1,"how":"10","reason":"promo"}`)
	gone := c.tapped(c.key(), id, "remove", `{"line":1}`)
	undo := strings.ReplaceAll(find(t, gone, `data-undo="\[\{&#34;kind&#34;:&#34;add&#34;,&#34;args&#34;:(\{.*?\})\}\]"`), "&#34;", `"`)
	key := c.key()
	says(t, c.tapped(key, id, "add", undo), "10,71\u00a0€", "10\u00a0% de remise")
	says(t, c.tapped(key, id, "add", undo), "10,71\u00a0€") // a lost answer asked for again
}

func TestWhatWaitsCanBeJoined(t *testing.T) {
	c := openCafe(t)
	first, second := c.rung("cafe"), c.rung("eau")
	c.tapped(c.key(), first, "name", `{"name":"Terrasse"}`)
	says(t, c.page(pos.RoleBarista, "/till/sheet/held?ticket="+second), "Terrasse", `data-kind="join"`)
	joined := c.tapped(c.key(), second, "join", fmt.Sprintf(`{"ticket":%q}`, first))
	says(t, joined, "Café", "Eau", "4,20\u00a0€", `data-undo=""`, `<span class="count">0</span>`)
	gone := c.page(pos.RoleBarista, "/till/cart?ticket="+first)
	says(t, gone, `data-ticket=""`, "Terrasse")
}

func TestSoldOutForTodayIsSaidAndTakenBack(t *testing.T) {
	c := openCafe(t)
	out := c.tapped(c.key(), "", "available", `{"product":"cafe","back":"tomorrow"}`)
	says(t, out, "Épuisé aujourd’hui : Café", "épuisé", `&#34;back&#34;:&#34;now&#34;`)
	says(t, c.page(pos.RoleBarista, "/till/sheet/product?product=cafe"), "De nouveau là")
	says(t, c.tapped(c.key(), "", "available", `{"product":"cafe","back":"now"}`), "De nouveau là : Café")
	says(t, c.tapped(c.key(), "", "available", `{"product":"cafe","back":"later"}`), "jusqu’à nouvel ordre")
	if a := c.do(call{method: http.MethodGet, path: "/till/sheet/product?product=none"}); a.status != http.StatusNotFound {
		t.Errorf("a product that is not there: %d, want 404", a.status)
	}
}

func TestANewCardIsShownOnceAndAttached(t *testing.T) {
	c := openCafe(t)
	id := c.rung("plat")
	key := c.key()
	made := c.tapped(key, id, "new-card", `{}`)
	says(t, made, `id="new-card"`, "<svg", "0/9 +1")
	number := find(t, made, `class="aloud">(\d+)<`)
	says(t, c.tapped(key, id, "new-card", `{}`), number) // the same card, asked for again
	if got := text(t, c.get("/tickets/"+id), "card.number"); got != number {
		t.Errorf("card of the order: %s, want %s", got, number)
	}
}

func TestANoteIsSeenAndPrinted(t *testing.T) {
	c := openCafe(t)
	id := c.rung("plat")
	noted := c.tapped(c.key(), id, "print", `{}`)
	says(t, c.page(pos.RoleBarista, find(t, noted, `href="(/notes/[^"?]+)`)), "Plat", "data-print", "N26-000001")
	says(t, noted, "mise de côté")
}

func TestAScanOnAnotherPageLeavesNoCodeInAnAddress(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	scan := func(fields url.Values) string {
		fields.Set("command", c.key())
		a := c.form(pos.RoleBarista, "/scan", fields)
		if a.status != http.StatusSeeOther {
			t.Fatalf("scan %v: %d %s", fields, a.status, a.body)
		}
		to := a.header.Get(fiber.HeaderLocation)
		if strings.Contains(to, card) {
			t.Errorf("the code stands in %s", to)
		}
		return to
	}
	id := c.rung("plat")
	says(t, c.page(pos.RoleBarista, scan(url.Values{"code": {card}, "ticket": {id}})), `id="card-told" class`, "0 sur 9", "1 avec cette commande")
	anew := scan(url.Values{"code": {card}, "ticket": {"none"}})
	if strings.Contains(anew, id) || !strings.Contains(anew, "ticket=") {
		t.Errorf("without an order of this till: %s, want a new one", anew)
	}
	if to := scan(url.Values{"code": {card}, "ticket": {id}, "next": {"/pay/" + id}}); to != "/pay/"+id {
		t.Errorf("from a payment: back to %s", to)
	}
	says(t, c.page(pos.RoleBarista, scan(url.Values{"code": {"FIDCCCCCCCCCCCCCCCCC"}, "ticket": {id}})), `data-kind="new-card"`, `data-ticket="`+id+`"`)
	receipt := text(t, c.post("/sales", `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`), "receipt_code")
	if to := scan(url.Values{"code": {receipt}}); to != "/sales/T26-000001" {
		t.Errorf("a receipt leads to %s", to)
	}
	a := c.form(pos.RoleBarista, "/scan", url.Values{"command": {c.key()}, "code": {"CCFIDCCCCCCCC"}})
	if a.status != http.StatusNotFound { // no receipt of this café; the letters FID in its middle make it no card
		t.Errorf("a receipt with FID in its code: %d %s", a.status, a.header.Get(fiber.HeaderLocation))
	}
}

func TestAPhotographOfACardIsReadWithinLimits(t *testing.T) {
	c := openCafe(t)
	made := c.post("/cards", `{}`)
	send := func(picture []byte) answer {
		return c.do(call{method: http.MethodPost, path: photoPath, key: "-", body: string(picture), header: map[string]string{fiber.HeaderContentType: "image/png", fragmentHeader: "photo"}})
	}
	code, err := receipts.QRPNG(text(t, made, "url"), 300)
	if err != nil {
		t.Fatal(err)
	}
	var blank, vast bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 480, 360))); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&vast, image.NewGray(image.Rect(0, 0, 8000, 8000))); err != nil { // small in bytes, 64 MB decoded
		t.Fatal(err)
	}
	for _, x := range []struct {
		name    string
		picture []byte
		status  int
	}{
		{"a card", code, http.StatusOK}, {"nothing", blank.Bytes(), http.StatusNoContent}, {"a bomb", vast.Bytes(), http.StatusUnprocessableEntity},
		{"no picture", []byte("<svg/>"), http.StatusUnprocessableEntity}, {"too large", bytes.Repeat([]byte("x"), maxPhoto+1), http.StatusRequestEntityTooLarge},
	} {
		if a := send(x.picture); a.status != x.status || x.status == http.StatusOK && string(a.body) != text(t, made, "code") {
			t.Errorf("%s: %d %.60q, want %d", x.name, a.status, a.body, x.status)
		}
	}
	for range photosASession {
		if a := send(blank.Bytes()); a.status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a seventh picture in one second is taken")
}

func TestTheTillOpensOnTheModeTheCafeHasChosen(t *testing.T) {
	c := openCafe(t)
	chosen, err := c.till.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	chosen.DefaultMode = pos.Takeaway
	if _, err := c.till.SaveSettings(t.Context(), pos.System("sys"), chosen); err != nil {
		t.Fatal(err)
	}
	says(t, c.page(pos.RoleBarista, "/"), `data-mode="takeaway" data-args="{&#34;mode&#34;:&#34;takeaway&#34;}" aria-pressed="true"`)
}

func TestACardThatTakesTooFewMealsIsGivenMoreOnItsSheet(t *testing.T) {
	c := openCafe(t)
	id := c.rung("plat", "plat", "plat")
	first, second := c.post("/cards", ""), c.post("/cards", "")
	share := func(card map[string]any, units int) string {
		return c.tapped(c.key(), id, "card", fmt.Sprintf(`{"code":%q,"units":%d}`, text(t, card, "code"), units))
	}
	share(first, 1)
	share(second, 2)
	share(second, 0)
	sheet := c.page(pos.RoleBarista, "/till/sheet/card?ticket="+id)
	says(t, sheet, `&#34;units&#34;:2`) // one more than the one it has
}
