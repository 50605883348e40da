package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// visit asks the public listener as a phone does, in French.
func (c *cafe) visit(method, path string, fields url.Values, header ...string) answer {
	c.tb.Helper()
	headers := map[string]string{fiber.HeaderContentType: fiber.MIMEApplicationForm, fiber.HeaderAcceptLanguage: "fr"}
	for i := 0; i+1 < len(header); i += 2 {
		headers[header[i]] = header[i+1]
	}
	return c.do(call{method: method, path: path, nobody: true, public: true, body: fields.Encode(), key: "-", header: headers})
}

// seen is a public page, with status 200.
func (c *cafe) seen(path string, header ...string) string {
	c.tb.Helper()
	a := c.visit(http.MethodGet, path, nil, header...)
	if a.status != http.StatusOK {
		c.tb.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return string(a.body)
}

// sold rings and pays lines by card, and returns the answer.
func (c *cafe) sold(total int, lines string) map[string]any {
	c.tb.Helper()
	return c.post("/sales", fmt.Sprintf(`{"mode":"eat_in","lines":[%s],"tenders":[{"means":"card","amount":%d}]}`, lines, total))
}

func (c *cafe) served(product string) {
	c.tb.Helper()
	c.post("/suspended/redemptions", fmt.Sprintf(`{"product":%q,"qty":1}`, product))
}

func TestACardWithTheMealsOfAReceiptIsOneGesture(t *testing.T) {
	c := openCafe(t)
	receipt := text(t, c.sold(2380, `{"product":"plat","qty":2}`), "receipt_code")
	says(t, c.seen("/R/"+receipt), "2 repas à tamponner", "Encore 30 jours", "Créer ma carte avec ces 2 tampons", "Plat")
	made := c.visit(http.MethodPost, "/C", url.Values{"command": {"c1"}, "receipt": {receipt}})
	to := made.header.Get(fiber.HeaderLocation)
	code := find(t, to, `^/C/(FID\w+)\?claimed=2$`)
	says(t, c.seen(to), "Encore 7 repas avant d’en offrir un.", "<svg", "2 repas de plus sont tamponnés", `aria-label="2 sur 9"`)
	again := c.visit(http.MethodPost, "/C", url.Values{"command": {"c1"}, "receipt": {receipt}})
	if again.header.Get(fiber.HeaderLocation) != to {
		t.Errorf("the form sent twice leads to %s, want %s", again.header.Get(fiber.HeaderLocation), to)
	}
	says(t, c.seen("/R/"+receipt), "Les 2 repas de ce reçu sont sur une carte.")
	other := c.visit(http.MethodPost, "/C", url.Values{"command": {"c2"}, "receipt": {receipt}})
	if other.status != http.StatusConflict {
		t.Errorf("a second card with the same meals: %d", other.status)
	}
	says(t, string(other.body), "déjà sur une carte", "Plat")
	numbered := c.visit(http.MethodGet, "/C/"+strings.ReplaceAll(find(t, c.seen("/C/"+code), `class="aloud">([\d ]+)<`), " ", ""), nil)
	if numbered.status < http.StatusBadRequest {
		t.Errorf("a short number opens a card in public: %d", numbered.status)
	}
	if lower := c.visit(http.MethodGet, "/C/"+strings.ToLower(code), nil); lower.status != http.StatusSeeOther {
		t.Errorf("a code in small letters: %d, want 303", lower.status)
	}
}

// TestAClaimIsRefusedBesideItsFieldAndNothingIsLost: what was typed comes back, and why it is no card stands beside it.
func TestAClaimIsRefusedBesideItsFieldAndNothingIsLost(t *testing.T) {
	c := openCafe(t)
	receipt := text(t, c.sold(1190, `{"product":"plat","qty":1}`), "receipt_code")
	for typed, want := range map[string]string{
		"":                       "Aucune carte n’a ce code",
		"bonjour":                "Aucune carte n’a ce code",
		"FIDCBDEFGHIJKLNRTUVC":   "Aucune carte n’a ce code",
		"123456789":              "Aucune carte n’a ce code",
		"<script>alert(1)":       "Aucune carte n’a ce code",
		strings.Repeat("C", 600): "Aucune carte n’a ce code",
	} {
		a := c.visit(http.MethodPost, "/R/"+receipt+"/claim", url.Values{"command": {"x" + typed[:min(len(typed), 20)]}, "card": {typed}})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, a.status)
		}
		says(t, string(a.body), want, `id="card-wrong"`, `aria-invalid="true"`, "Plat")
		if typed != "" && !strings.Contains(typed, "<") && !strings.Contains(string(a.body), `value="`+typed+`"`) {
			t.Errorf("%q is lost", typed)
		}
	}
	card := text(t, c.post("/cards", `{}`), "code")
	spaced := strings.ToLower(inFours(card))
	done := c.visit(http.MethodPost, "/R/"+strings.ToLower(receipt)+"/claim", url.Values{"command": {"ok"}, "card": {" " + spaced}})
	if to := done.header.Get(fiber.HeaderLocation); to != "/C/"+card+"?claimed=1" {
		t.Errorf("claimed: %d to %s\n%s", done.status, to, done.body)
	}
	cookie := find(t, done.header.Get(fiber.HeaderSetCookie), `(?i)^(`+cardCookie+`=`+card+`); .*path=/R; HttpOnly`)
	later := text(t, c.sold(1190, `{"product":"plat","qty":1}`), "receipt_code")
	says(t, c.seen("/R/"+later, "Cookie", cookie), `value="`+card+`"`, "la carte gardée sur cet appareil")
	same := c.visit(http.MethodPost, "/R/"+receipt+"/claim", url.Values{"command": {"ok2"}, "card": {card}})
	says(t, c.seen(same.header.Get(fiber.HeaderLocation)), "étaient déjà tamponnés")
	merged := text(t, c.post("/cards", `{}`), "code")
	c.post("/cards/merge", fmt.Sprintf(`{"from":%q,"into":%q}`, card, merged))
	gone := c.visit(http.MethodPost, "/R/"+later+"/claim", url.Values{"command": {"ok3"}, "card": {card}})
	says(t, string(gone.body), "remplacée", `id="card-wrong"`)
}

func TestAReceiptIsFoundByItsCodeOrItsAddress(t *testing.T) {
	c := openCafe(t)
	receipt := text(t, c.sold(220, `{"product":"cafe","qty":1}`), "receipt_code")
	says(t, c.seen("/R"), `name="receipt"`, "treize lettres")
	for _, typed := range []string{receipt, strings.ToLower(inFours(receipt)), "http://till.local:8081/R/" + receipt} {
		a := c.visit(http.MethodGet, "/R?card=FID&receipt="+url.QueryEscape(typed), nil)
		if to := a.header.Get(fiber.HeaderLocation); to != "/R/"+receipt+"?card=FID" {
			t.Errorf("%q: %d to %q", typed, a.status, to)
		}
	}
	for _, path := range []string{"/R?receipt=CBDEFGHIJKLNC", "/R/CBDEFGHIJKLNC", "/R/..%2f..%2fetc", "/R?receipt=%00"} {
		a := c.visit(http.MethodGet, path, nil)
		if a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
		says(t, string(a.body), "Aucun reçu ne porte ce code", `id="receipt-wrong"`)
	}
}

func TestAReceiptOutOfTimeOrRefundedSaysSo(t *testing.T) {
	c := openCafe(t)
	sale := c.sold(3950, `{"product":"plat","qty":3},{"product":"eau","qty":1},{"product":"cafe","qty":1,"kind":"gift"}`)
	receipt := text(t, sale, "receipt_code")
	c.post("/sales/"+text(t, sale, "id")+"/refund", `{"lines":[{"line":1,"qty":1}],"tender":"card","reason":"froid"}`)
	says(t, c.seen("/R/"+receipt), "2 repas à tamponner", "Remboursé, en tout ou en partie", "A26-000001", `href="/G/`+text(t, sale, "gift_code")+`"`)
	c.clock.Advance(31 * 24 * time.Hour)
	page := c.seen("/R/" + receipt)
	says(t, page, "Ce temps est passé")
	if strings.Contains(page, "/claim") {
		t.Error("a receipt out of time still asks for a card")
	}
}

// TestADonorsProofGoesThroughItsStates: waiting, refunded, and served once it may be told; no amount, no way back to
// the receipt, no hour.
func TestADonorsProofGoesThroughItsStates(t *testing.T) {
	c := openCafe(t)
	c.clock.Advance(2 * 24 * time.Hour) // Monday of week 48
	sale := c.sold(540, `{"product":"cafe","qty":3,"kind":"gift"}`)
	path := "/G/" + text(t, sale, "gift_code")
	if want := publicURL + path; text(t, sale, "gift_url") != want {
		t.Errorf("gift_url %s, want %s", text(t, sale, "gift_url"), want)
	}
	fates := func() string {
		var all []string
		for _, m := range regexp.MustCompile(`(?:(\d+) × )?un café <b>([^<]*)</b>`).FindAllStringSubmatch(c.seen(path), -1) {
			all = append(all, strings.TrimSpace(m[1]+" "+m[2]))
		}
		return strings.Join(all, ", ")
	}
	is := func(when, want string) {
		t.Helper()
		if got := fates(); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	is("paid", "3 en attente")
	c.post("/sales/"+text(t, sale, "id")+"/refund", `{"lines":[{"line":1,"qty":1}],"tender":"card","reason":"erreur","proof":"`+path+`"}`)
	is("one refunded", "2 en attente, rendu (remboursé)")
	c.served("cafe")
	c.served("cafe")
	is("served today", "2 en attente, rendu (remboursé)")
	c.clock.Advance(24 * time.Hour)
	c.served("cafe")
	is("the day after, two of them", "2 en attente, rendu (remboursé)")
	c.clock.Advance(24 * time.Hour)
	is("three, on days that are over", "2 servi (semaine 48), rendu (remboursé)")

	page := c.seen(path)
	for _, secret := range []string{text(t, sale, "receipt_code"), text(t, sale, "id"), text(t, sale, "number"), "€", "1,80", "déductible", "08:00", "9 h"} {
		if strings.Contains(page, secret) {
			t.Errorf("the proof tells %q", secret)
		}
	}
	for _, code := range []string{"CBDEFGHIJKLNC", text(t, sale, "receipt_code"), "x"} {
		a := c.visit(http.MethodGet, "/G/"+code, nil)
		if a.status != http.StatusNotFound {
			t.Errorf("%s: %d", code, a.status)
		}
		says(t, string(a.body), "pas de cadeau sous ce code")
	}
}

func TestTheStoryOfACardIsToldByDayAndLate(t *testing.T) {
	c := openCafe(t)
	c.clock.Advance(2 * 24 * time.Hour)
	card := text(t, c.post("/cards", `{}`), "code")
	says(t, c.seen("/C/"+card), "Vous lirez ici ce qu’il devient")
	body := fmt.Sprintf(`{"mode":"eat_in","card":%q,"lines":[{"product":"plat","qty":9}],"tenders":[{"means":"card","amount":10710}]}`, card)
	c.post("/sales", body)
	says(t, c.seen("/C/"+card), "attend quelqu’un", "Offert le lundi 23 novembre 2026", `aria-label="9 sur 9"`, "Grâce à vous, 1 repas offert")
	for range 3 {
		c.served("plat")
	}
	c.post("/sales/"+text(t, c.post("/sales", body), "id")+"/refund", `{"lines":[{"line":1,"qty":9}],"tender":"card","reason":"erreur"}`)
	page := c.seen("/C/" + card)
	if strings.Contains(page, "servi le") {
		t.Error("what was served today is told today")
	}
	says(t, page, "repris après un remboursement")
	c.clock.Advance(24 * time.Hour)
	says(t, c.seen("/C/"+card), "servi le lundi 23 novembre 2026")
	says(t, c.seen("/C/"+card+"?lang=es"), "se sirvió el lunes")
}

func TestACardAsAPictureCanBeReadByMachineAndByPerson(t *testing.T) {
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	a := c.visit(http.MethodGet, "/C/"+card+"/card.png", nil)
	if a.status != http.StatusOK || a.header.Get(fiber.HeaderContentType) != "image/png" || len(a.body) > 150<<10 {
		t.Fatalf("%d %s, %d bytes", a.status, a.header.Get(fiber.HeaderContentType), len(a.body))
	}
	img, err := png.Decode(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != cardWidth || b.Dy() != cardHeight {
		t.Errorf("%v", b)
	}
	if unknown := c.visit(http.MethodGet, "/C/FIDCBDEFGHIJKLNRTUVC/card.png", nil); unknown.status < http.StatusBadRequest {
		t.Errorf("a card that is none has a picture: %d", unknown.status)
	}
}

// TestAPictureHoldsAnyName: sixty letters fit, what no font has is left out, nothing fails.
func TestAPictureHoldsAnyName(t *testing.T) {
	painter, err := newCardPainter()
	if err != nil {
		t.Fatal(err)
	}
	paint := func(name string) []byte {
		picture, err := painter.paint(cardPaper{Cafe: name, Link: publicURL + "/C/FIDCBDEFGHIJKLNRTUVC"})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		return picture
	}
	if !bytes.Equal(paint("Le Fil🥐"), paint("Le Fil")) {
		t.Error("an emoji leaves a box on the picture")
	}
	img, err := png.Decode(bytes.NewReader(paint(strings.Repeat("Œuvre ", 10))))
	if err != nil {
		t.Fatal(err)
	}
	for y := range cardQRTop - 40 {
		if img.At(2, y) != img.At(2, 0) || img.At(cardWidth-3, y) != img.At(2, 0) {
			t.Fatalf("a long name runs over the edge at line %d", y)
		}
	}
	paint("")
}

func TestTheBoardSpeaksEveryLanguageAndTellsNoLiveCount(t *testing.T) {
	c := openCafe(t)
	c.sold(900, `{"product":"cafe","qty":5,"kind":"gift"}`)
	page := c.seen("/board")
	says(t, page, "il y en a", "le comptoir compte sur vous", "Aucune question", `lang="en"`, "No questions", `lang="es"`, "Sin preguntas", `id="asof" hidden`)
	if strings.Contains(find(t, page, `(?s)<main(.*)</main>`), ">5") {
		t.Error("the board tells how many there are")
	}
	says(t, c.seen("/board?lang=en"), `<html lang="en"`, "there are some", `lang="fr"`)
	first := c.visit(http.MethodGet, "/board.json", nil)
	same := c.visit(http.MethodGet, "/board.json", nil, fiber.HeaderIfNoneMatch, first.header.Get(fiber.HeaderETag))
	if same.status != http.StatusNotModified || len(same.body) != 0 {
		t.Errorf("nothing has changed: %d, %d bytes", same.status, len(same.body))
	}
	c.sold(600, `{"product":"plat","qty":1,"kind":"gift"}`)
	if now := c.visit(http.MethodGet, "/board.json", nil, fiber.HeaderIfNoneMatch, first.header.Get(fiber.HeaderETag)); now.status != http.StatusOK {
		t.Errorf("a first meal waits: %d", now.status)
	}
	c.clock.Advance(2 * 24 * time.Hour) // Monday of week 48
	for range 3 {
		c.served("cafe")
	}
	c.clock.Advance(24 * time.Hour)
	says(t, c.seen("/board"), "Cette semaine", "0 offerts · 3 servis")
	c.clock.Advance(7 * 24 * time.Hour)
	says(t, c.seen("/board"), "Semaine 48")
}

// TestT9CodesAreNotGuessed: receipts, gifts and cards share one allowance of an address.
func TestT9CodesAreNotGuessed(t *testing.T) {
	c := openCafe(t)
	for _, path := range []string{"/G/CBDEFGHIJKLNC", "/R?receipt=CBDEFGHIJKLNC", "/R/CBDEFGHIJKLNC", "/C/FIDCBDEFGHIJKLNRTUVC"} {
		for range scansPerMinute/4 + 1 {
			c.visit(http.MethodGet, path, nil)
		}
	}
	for _, path := range []string{"/G/CBDEFGHIJKLNC", "/R", "/C"} {
		if a := c.visit(http.MethodGet, path, nil); a.status != http.StatusTooManyRequests {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := c.visit(http.MethodGet, "/board", nil); a.status != http.StatusOK {
		t.Errorf("the board after too many codes: %d", a.status)
	}
}

// TestCustomersPagesAreLight: what a phone loads for each, compressed, without the two fonts.
func TestCustomersPagesAreLight(t *testing.T) {
	c := openCafe(t)
	sale := c.sold(2560, `{"product":"plat","qty":2},{"product":"cafe","qty":1,"kind":"gift"}`)
	card := text(t, c.post("/cards", `{}`), "code")
	const most = 60 << 10
	for _, path := range []string{"/C", "/C/" + card, "/R/" + text(t, sale, "receipt_code"), "/G/" + text(t, sale, "gift_code"), "/board", "/R"} {
		page := c.seen(path)
		weight := zipped(page)
		for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"`).FindAllStringSubmatch(page, -1) {
			weight += zipped(c.seen(m[1]))
		}
		if weight > most {
			t.Errorf("%s weighs %d bytes, at most %d", path, weight, most)
		}
		t.Logf("%-24s %5.1f KB", path[:min(len(path), 24)], float64(weight)/1024)
	}
}

func zipped(text string) int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Len()
}

// TestT13StaffPagesAreNotInPublic: a phone in the guests' network reaches nothing of the till.
func TestT13StaffPagesAreNotInPublic(t *testing.T) {
	c := openCafe(t)
	public := map[string]bool{}
	for _, r := range c.web.publicRoutes() {
		public[r.method+" "+r.path] = true
	}
	for _, r := range c.web.staffRoutes() {
		if public[r.method+" "+r.path] && r.path != staticPath && r.path != manifestPath && r.path != healthPath && r.path != "/" {
			t.Errorf("%s %s is on both listeners", r.method, r.path)
		}
	}
	for _, path := range []string{"/manage", "/api/v1/menu", "/api/v1/events", "/till/cart", "/sales"} {
		if a := c.do(call{method: http.MethodGet, path: path, role: pos.RoleManager, public: true}); a.status != http.StatusNotFound {
			t.Errorf("%s in public: %d", path, a.status)
		}
	}
}
