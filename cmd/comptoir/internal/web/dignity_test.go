package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

// TestG1NothingIsAskedOfWhoeverIsServed: the call of a serving has no field for a person, a reason or a count, and the sheet of
// the till none to type in; a token is a tap, and a word needs none.
func TestG1NothingIsAskedOfWhoeverIsServed(t *testing.T) {
	c := openCafe(t)
	document, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for name := range document.Components.Schemas["RedeemRequest"].Value.Properties {
		fields = append(fields, name)
	}
	slices.Sort(fields)
	if got := strings.Join(fields, " "); got != "mode note options product qty token" {
		t.Errorf("a serving is asked for with %s", got)
	}
	for _, more := range []string{"name", "reason", "who", "count", "card", "phone"} {
		if a := c.do(call{method: http.MethodPost, path: "/api/v1/suspended/redemptions", body: `{"product":"cafe","` + more + `":"x"}`}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a serving with %s: %d, want 422", more, a.status)
		}
	}
	sheet := find(t, c.page(pos.RoleBarista, "/"), `(?s)<dialog id="serve-sheet"[^>]*>(.*?)</dialog>`)
	if inputs := regexp.MustCompile(`<(?:input|textarea|select)[^>]*>`).FindAllString(sheet, -1); len(inputs) != 1 || !strings.Contains(inputs[0], `id="by-token"`) || strings.Contains(inputs[0], "checked") {
		t.Errorf("the sheet asks for %q, want one empty box for the token", inputs)
	}
	says(t, sheet, "Aucune question à poser", "Avec un jeton")
}

// TestG2ThePaperOfAGuestIsLaidOutAsAnyOther: line by line what a paid one says, amounts left out; no word of the shelf, no
// 0,00 that would face the room, as text and as a page.
func TestG2ThePaperOfAGuestIsLaidOutAsAnyOther(t *testing.T) {
	c := openCafe(t)
	paid := text(t, c.sold(1190, `{"product":"plat","qty":1}`), "number")
	served := text(t, c.post("/suspended/redemptions", `{"product":"plat"}`), "number")
	paper := func(number, form string) string {
		a := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + number + "." + form, role: pos.RoleManager})
		if a.status != http.StatusOK {
			t.Fatalf("%s.%s: %d", number, form, a.status)
		}
		return string(a.body)
	}
	amounts := regexp.MustCompile(`\s+-?[\d ]+,\d\d(\s€)?(\s+[A-Z])?$`)
	var known []string
	for line := range strings.Lines(paper(paid, "txt")) {
		known = append(known, strings.TrimSpace(amounts.ReplaceAllString(strings.TrimRight(line, "\n"), "")))
	}
	says(t, paper(served, "txt"), "Plat", "Le Fil")
	own := regexp.MustCompile(served + `|Signature|[0-9a-f]{8}|\d\d:\d\d`)
	for line := range strings.Lines(paper(served, "txt")) {
		line = strings.TrimSpace(line)
		if line != "" && !own.MatchString(line) && !slices.Contains(known, line) {
			t.Errorf("the paper of a guest has a line of its own: %q", line)
		}
	}
	for _, form := range []string{"txt", "html"} {
		lacks(t, strings.ToLower(paper(served, form)), "suspend", "0,00", "offert", "gratuit", "don ")
	}
}

// TestG2TheNumberOfAnOrderIsThatOfAnyOther: the kitchen counts orders, whoever pays.
func TestG2TheNumberOfAnOrderIsThatOfAnyOther(t *testing.T) {
	s := openKitchen(t)
	s.sellPlat()
	s.post("/suspended/redemptions", `{"product": "plat"}`)
	s.sellPlat()
	var numbers []string
	for _, m := range regexp.MustCompile(`class="no">(\d+)<`).FindAllStringSubmatch(s.looks(""), -1) {
		numbers = append(numbers, m[1])
	}
	if got := strings.Join(numbers, " "); got != "1 2 3" {
		t.Errorf("orders %q, want 1 2 3", got)
	}
	lacks(t, strings.ToLower(s.looks("")), "suspend", "offert", "0,00")
}

// TestG3NobodyHearsNo: beyond the shelf and beyond the house's budget the answer is the same yes, and no word on the way of a
// serving refuses anything, in any language.
func TestG3NobodyHearsNo(t *testing.T) {
	c := openCafe(t)
	for i := range 9 { // the house offers six a day
		toast := c.tapped(fmt.Sprint("serve-", i), "", "serve", `{"product":"cafe"}`)
		says(t, toast, "Servi : un café")
		lacks(t, toast, "budget", "dépassé", "vide", "refus")
	}
	no := map[string]*regexp.Regexp{
		"fr": regexp.MustCompile(`(?i)refus|impossible|interdit|épuisé|plus rien|il n’y en a plus|désolé`),
		"en": regexp.MustCompile(`(?i)refuse|impossible|denied|not allowed|none left|sorry|run out`),
		"es": regexp.MustCompile(`(?i)rechaz|imposible|denegad|agotad|no queda|lo siento`),
	}
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	walked := 0
	for code, words := range no {
		l := catalogue.Choose(code, "")
		for _, key := range []string{"serve.by_token", "serve.done", "serve.hint", "serve.title", "serve.undone", "chips.shelf", "class.one.coffee", "class.one.meal",
			"class.many.coffee", "class.many.meal", "classes.none", "board.counts_on_you", "board.there", "board.ask", "display.settled", "warning.house.budget"} {
			if !l.Has(key) {
				continue
			}
			walked++
			if said := l.T(key); words.MatchString(said) {
				t.Errorf("%s: %s says %q", code, key, said)
			}
		}
	}
	if walked < 36 {
		t.Errorf("only %d sentences were looked at", walked)
	}
}

// TestG4NoPublicPageMovesWhileSomebodyIsServed: the same bytes before and after; no hour of the day anywhere. What a donor may
// know comes after the day, in threes (I15).
func TestG4NoPublicPageMovesWhileSomebodyIsServed(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	sale := c.post("/sales", fmt.Sprintf(`{"mode":"eat_in","card":%q,"lines":[{"product":"plat","qty":9},{"product":"cafe","qty":3,"kind":"gift"}],"tenders":[{"means":"card","amount":11250}]}`, card))
	paths := []string{"/board", "/board.json", "/C/" + card, "/G/" + text(t, sale, "gift_code"), "/statement", "/R/" + text(t, sale, "receipt_code")}
	command := regexp.MustCompile(`name="command" value="[^"]*"`)
	look := func() (all []string) {
		for _, path := range paths {
			all = append(all, command.ReplaceAllString(string(c.visit(http.MethodGet, path, nil).body), ""))
		}
		return all
	}
	before := look()
	for range 3 {
		c.served("cafe")
	}
	c.served("plat")
	for i, after := range look() {
		if after != before[i] {
			t.Errorf("%s has moved while somebody was served", paths[i])
		}
	}
	clock, tags := regexp.MustCompile(`\b\d{1,2}\s?[h:]\s?\d{2}\b`), regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)
	for _, i := range []int{0, 1, 3, 4} {
		if told := clock.FindString(tags.ReplaceAllString(before[i], "")); told != "" {
			t.Errorf("%s tells the hour %q", paths[i], told)
		}
	}
}

// TestG5NothingOfAServingIsInTheLog: driven over HTTP at the level debug, no line has a product, an item, a document or a code
// of it, beside the operator or alone (T14 too: no code of a card, a gift or a receipt).
func TestG5NothingOfAServingIsInTheLog(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	sale := c.post("/sales", fmt.Sprintf(`{"mode":"eat_in","card":%q,"lines":[{"product":"plat","qty":1},{"product":"cafe","qty":1,"kind":"gift"}],"tenders":[{"means":"card","amount":1370}]}`, card))
	served := c.post("/suspended/redemptions", `{"product":"cafe","token":true,"note":"sans sucre"}`)
	c.tapped("tap", "", "serve", `{"product":"cafe","token":true}`)
	for _, path := range []string{"/C/" + card, "/G/" + text(t, sale, "gift_code"), "/R/" + text(t, sale, "receipt_code")} {
		if a := c.visit(http.MethodGet, path, nil); a.header.Get("Referrer-Policy") != "same-origin" { // to no other site; none at all would empty the Origin of its forms
			t.Errorf("%s: Referrer-Policy %q", path, a.header.Get("Referrer-Policy"))
		}
	}
	log := c.log.String()
	if !strings.Contains(log, "/suspended/redemptions") {
		t.Fatalf("the log says nothing of the calls: %s", log)
	}
	lacks(t, log, `"cafe"`, "product", "sans sucre", "token\":true", text(t, served, "number"), "gift:", card, text(t, sale, "gift_code"), text(t, sale, "receipt_code"), "PAID", "Café")
}

// TestG6NoStoryIsAskedForOrShown: no page and no word asks a guest for a story, a portrait or thanks.
func TestG6NoStoryIsAskedForOrShown(t *testing.T) {
	story := regexp.MustCompile(`(?i)témoign|portrait|racontez|testimon|your story|su historia|bénéficiaire|beneficiar`)
	for _, code := range locale.Codes() {
		file, err := os.ReadFile(filepath.Join("..", "locale", code+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if said := story.FindString(string(file)); said != "" {
			t.Errorf("%s says %q", code, said)
		}
	}
}

// TestG7AGuestChoosesFromTheMenuOfEverybody: what may be served is what is sold, by its name, and there is no other menu.
func TestG7AGuestChoosesFromTheMenuOfEverybody(t *testing.T) {
	c := openCafe(t)
	sheet := find(t, c.page(pos.RoleBarista, "/"), `(?s)<dialog id="serve-sheet"[^>]*>(.*?)</dialog>`)
	menu, err := c.till.Menu(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range menu.Products {
		if offered := strings.Contains(sheet, `"`+p.ID+`"`) || strings.Contains(sheet, `&#34;`+p.ID+`&#34;`); offered != (p.SuspendClass != "" && p.Available) {
			t.Errorf("%s: offered %v", p.Name, offered)
		}
		if p.SuspendClass != "" && p.Price == 0 {
			t.Errorf("%s is sold to nobody", p.Name)
		}
	}
}

// TestG8EverybodyIsToldNotSomebody: the line that a coffee may be waiting is on every receipt, whoever paid what.
func TestG8EverybodyIsToldNotSomebody(t *testing.T) {
	c := openCafe(t)
	for _, lines := range []struct {
		amount int
		what   string
	}{{450, `{"product":"biere","qty":1}`}, {1190, `{"product":"plat","qty":1}`}, {180, `{"product":"cafe","qty":1,"kind":"gift"}`}} {
		says(t, c.seen("/R/"+text(t, c.sold(lines.amount, lines.what), "receipt_code")), "Un café vous attend peut-être")
	}
	says(t, c.seen("/board"), "Aucune question")
}

// TestG10WhoeverIsServedChooses: options, a larger cup of the class, to take away.
func TestG10WhoeverIsServedChooses(t *testing.T) {
	c := openCafe(t)
	c.sold(180, `{"product":"cafe","qty":1,"kind":"gift"}`)
	r := c.post("/suspended/redemptions", `{"product":"creme","options":["lait/avoine"],"mode":"takeaway"}`)
	if got := text(t, r, "origin"); got != "PAID" {
		t.Errorf("a larger cup is served as %s", got)
	}
}

// TestG12NobodyIsComparedOrPressed: no average, no typical gift, no goal to reach, in any language.
func TestG12NobodyIsComparedOrPressed(t *testing.T) {
	pressed := map[string]*regexp.Regexp{
		"fr": regexp.MustCompile(`(?i)en moyenne|don moyen|la plupart donnent|objectif de dons`),
		"en": regexp.MustCompile(`(?i)on average|average gift|most people give|gift goal`),
		"es": regexp.MustCompile(`(?i)de media|donación media|la mayoría da`),
	}
	c := openCafe(t)
	sale := c.sold(180, `{"product":"cafe","qty":1,"kind":"gift"}`)
	for code, words := range pressed {
		for _, path := range []string{"/board", "/C", "/G/" + text(t, sale, "gift_code"), "/R/" + text(t, sale, "receipt_code")} {
			if said := words.FindString(c.seen(path + "?lang=" + code)); said != "" {
				t.Errorf("%s in %s says %q", path, code, said)
			}
		}
	}
}

// TestCase65AServingHasNoCashValue: no refund of it, and no tender by a token.
func TestCase65AServingHasNoCashValue(t *testing.T) {
	c := openCafe(t)
	served := c.post("/suspended/redemptions", `{"product":"cafe","token":true}`)
	if a := c.do(call{method: http.MethodPost, path: "/api/v1/sales/" + text(t, served, "number") + "/refund", body: `{"lines":[{"line":1,"qty":1}],"tender":"cash","reason":"argent"}`}); a.status != http.StatusNotFound {
		t.Errorf("a serving is refunded: %d", a.status)
	}
	if a := c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"lines":[{"product":"eau","qty":1}],"tenders":[{"means":"token","amount":200}]}`}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a token pays: %d", a.status)
	}
}

// TestT2TheDisplayShowsAGiftBeforeItIsPaid: whoever gives sees it rung, and is shown its proof.
func TestT2TheDisplayShowsAGiftBeforeItIsPaid(t *testing.T) {
	c := openCafe(t)
	till := c.atTheTill()
	id, _ := till.order("plat")
	cart := till.tapOn(id, "gift", `{"product":"cafe"}`)
	says(t, till.shows("1"), `class="display order"`, "suspendu", "1,80\u00a0€", "13,70\u00a0€")
	till.tapOn(id, "pay", fmt.Sprintf(`{"means":"card","total":1370,"version":%s}`, find(t, cart, `data-version="(\d+)"`)))
	says(t, till.shows("1"), "Ce que devient votre don")
}

// TestT8ACopyOfACardIsACardAndNothingMore: it adds and it reads a count; it takes nothing.
func TestT8ACopyOfACardIsACardAndNothingMore(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	c.post("/sales", fmt.Sprintf(`{"card":%q,"lines":[{"product":"plat","qty":2}],"tenders":[{"means":"card","amount":2380}]}`, card))
	for range 2 { // two phones
		says(t, c.seen("/C/"+card), `aria-label="2 sur 9"`)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if a := c.visit(method, "/C/"+card, url.Values{"command": {"x"}}); a.status < http.StatusBadRequest {
			t.Errorf("%s of a card in public: %d", method, a.status)
		}
	}
}

// TestT9AnUnknownCodeIsUnknownWhateverItIs: one that was never drawn, one that is too short and one of another kind are told the same.
func TestT9AnUnknownCodeIsUnknownWhateverItIs(t *testing.T) {
	c := openCafe(t)
	receipt := text(t, c.sold(180, `{"product":"cafe","qty":1,"kind":"gift"}`), "receipt_code")
	var told []string
	for _, code := range []string{"CBDEFGHIJKLNC", receipt, "x"} {
		a := c.visit(http.MethodGet, "/G/"+code, nil)
		if a.status != http.StatusNotFound {
			t.Errorf("/G/%s: %d", code, a.status)
		}
		told = append(told, strings.ReplaceAll(string(a.body), code, ""))
	}
	if told[0] != told[1] {
		t.Error("the code of a receipt is told apart from one that was never drawn")
	}
}

// TestT11TheBrowserSendsIntentsOnly: a price, a stamp, an origin that a page would send is refused, and nothing is rung.
func TestT11TheBrowserSendsIntentsOnly(t *testing.T) {
	c := openCafe(t)
	for path, body := range map[string]string{
		"/sales":                 `{"lines":[{"product":"plat","qty":1,"price":1}],"tenders":[{"means":"card","amount":1}]}`,
		"/suspended/redemptions": `{"product":"cafe","origin":"PAID"}`,
		"/tickets":               `{"stamps":9}`,
	} {
		if a := c.do(call{method: http.MethodPost, path: "/api/v1" + path, body: body}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s %s: %d, want 422", path, body, a.status)
		}
	}
	if a := c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"lines":[{"product":"plat","qty":1}],"tenders":[{"means":"card","amount":1}]}`}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a total of the browser's own: %d", a.status)
	}
}
