package main_test

// Scanners as they are: keyboards that believe in one layout, on a computer that believes in another.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"comptoir/data/seed"
)

// scannerKey is the key that a scanner set for a layout strikes for a sign, before any computer has read it.
func scannerKey(layout string, r rune) key {
	if layout == "keypad" && r >= '0' && r <= '9' {
		return key{code: "Numpad" + string(r), number: int64(r)}
	}
	if layout == "fr" {
		if at, ok := map[rune]key{ // where AZERTY differs
			'A': {code: "KeyQ", shift: true}, 'Q': {code: "KeyA", shift: true}, 'Z': {code: "KeyW", shift: true}, 'W': {code: "KeyZ", shift: true}, 'M': {code: "Semicolon", shift: true},
			'a': {code: "KeyQ"}, 'q': {code: "KeyA"}, 'z': {code: "KeyW"}, 'w': {code: "KeyZ"}, 'm': {code: "Semicolon"},
			':': {code: "Period"}, '/': {code: "Period", shift: true}, '.': {code: "Comma", shift: true}, '-': {code: "Digit6"},
		}[r]; ok {
			at.name, at.types, at.number = "x", "x", 0
			return at
		}
		if r >= '0' && r <= '9' {
			return key{code: "Digit" + string(r), shift: true, number: int64(r)}
		}
	}
	k := keyOf(r)
	k.shift = k.shift || unicode.IsUpper(r)
	return k
}

// hostKey is what a computer set for a layout makes of a key.
func hostKey(layout string, k key) key {
	if digit, ok := strings.CutPrefix(k.code, "Numpad"); ok { // NumLock is off
		walk := strings.Split("Insert End ArrowDown PageDown ArrowLeft Clear ArrowRight Home ArrowUp PageUp", " ")[digit[0]-'0']
		number := map[string]int64{"Insert": 45, "End": 35, "ArrowDown": 40, "PageDown": 34, "ArrowLeft": 37, "Clear": 12, "ArrowRight": 39, "Home": 36, "ArrowUp": 38, "PageUp": 33}[walk]
		return key{code: k.code, name: walk, number: number}
	}
	us := map[string][2]string{
		"Digit1": {"1", "!"}, "Digit2": {"2", "@"}, "Digit3": {"3", "#"}, "Digit4": {"4", "$"}, "Digit5": {"5", "%"}, "Digit6": {"6", "^"}, "Digit7": {"7", "&"},
		"Digit8": {"8", "*"}, "Digit9": {"9", "("}, "Digit0": {"0", ")"}, "Period": {".", ">"}, "Comma": {",", "<"}, "Slash": {"/", "?"}, "Semicolon": {";", ":"}, "Minus": {"-", "_"},
	}
	said, sign := us[k.code]
	if letter, is := strings.CutPrefix(k.code, "Key"); is {
		said, sign = [2]string{strings.ToLower(letter), letter}, true
	}
	if sign {
		if k.name = said[0]; k.shift {
			k.name = said[1]
		}
		k.types = k.name
	}
	if layout == "de" && k.shift {
		if german, ok := map[string]string{"Digit2": `"`, "Digit3": "§", "Digit6": "&", "Digit7": "/", "Digit8": "(", "Digit9": ")", "Digit0": "=", "Period": ":", "Comma": ";"}[k.code]; ok {
			k.name, k.types = german, german
		}
	}
	if layout == "fr" {
		if french, ok := map[string][2]string{"Comma": {";", "."}}[k.code]; ok {
			if k.name = french[0]; k.shift {
				k.name = french[1]
			}
			k.types = k.name
		}
	}
	return onLayout(layout, k)
}

// scanAs scans a text with a scanner of one layout on a computer of another.
func (p *tab) scanAs(scanner, host, text string, suffix ...string) {
	p.Helper()
	var burst []chromedp.Action[chromedp.Void]
	for _, r := range text {
		burst = append(burst, strike(hostKey(host, scannerKey(scanner, r))))
	}
	for _, name := range suffix {
		burst = append(burst, strike(namedKey(name)))
	}
	p.do("scan with "+scanner+" on "+host, burst...)
}

// patient sets the device's scanner so that a machine which does ten things at once still hears one scan as one.
func (p *tab) patient() {
	p.Helper()
	ask[bool](p, `(document.cookie = "comptoir_scanner=400-any; path=/", true)`)
	p.open(ask[string](p, `location.href`))
	p.until("the till is ready", `document.querySelector("#till.ready")`)
}

// lift lifts the hands for longer than the most patient scanner is silent.
func (p *tab) lift() {
	p.Helper()
	const pause = 550 // ms
	p.until("the hands are off the keys", fmt.Sprintf("performance.now() > %f", ask[float64](p, "performance.now()")+pause))
}

// watchClicks counts what is clicked from now on.
func (p *tab) watchClicks() {
	p.Helper()
	ask[bool](p, `(window.clicked = 0, addEventListener("click", () => { window.clicked += 1; }, true), true)`)
}

// scanInNineCells: three scanners on three computers. In each cell a card and goods are what they are, as a pure reading of
// the keys and with real ones; and with a button in focus that would pay, nothing is clicked.
func scanInNineCells(s *scene) {
	const drink = "3017620422003"
	c := s.openCafe()
	c.giveCode(drink)
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.patient()
	p.tap(tile("expresso"))
	p.settled(1)
	before := c.sales()
	p.watchClicks()
	rung := 1
	for _, host := range []string{"us", "fr", "de"} {
		for _, scanner := range []string{"us", "fr", "keypad"} {
			made := api[card](c, http.MethodPost, "/cards", struct{}{})
			for text, want := range map[string]string{made.Code: "card " + made.Code, strings.ToUpper(made.URL): "card " + made.Code, drink: "goods " + drink, "036000291452": "goods 0036000291452", "3017620422004": "unknown 3017620422004"} {
				if got := p.decodes(scanner, host, text); got != want {
					p.Errorf("scanner %s on %s reads %s as %q, want %q", scanner, host, text, got, want)
				}
			}
			p.do("focus what pays", focusOn("#quick-card"))
			p.scanAs(scanner, host, strings.ToUpper(made.URL), "Enter")
			p.until("the card is on the order", fmt.Sprintf(`document.querySelector("#card-sheet, #stamps") && %s`, `document.getElementById("card-told").checkVisibility() && !document.querySelector("#till.waiting")`))
			p.lift()
			p.do("focus what pays", focusOn("#quick-card"))
			p.scanAs(scanner, host, drink, "Enter")
			rung++
			p.settled(rung)
			p.lift()
			if got := ask[int](p, "window.clicked"); got != 0 {
				p.Fatalf("scanner %s on %s clicked %d times", scanner, host, got)
			}
			api[ticket](c, http.MethodPost, "/tickets/"+p.orderOf()+"/card/remove", struct{}{})
			p.until("the card is off the order", `!document.querySelector("#stamps").innerText.includes("/9")`)
		}
	}
	if got := len(c.sales()); got != len(before) {
		p.Errorf("sales after the scans: got %d, want %d", got, len(before))
	}
}

// decodes reads the keys of a scan in the page, without striking them: what decode.js makes of them alone.
func (p *tab) decodes(scanner, host, text string) string {
	p.Helper()
	type struck struct {
		Code string `json:"code"`
		Key  string `json:"key"`
	}
	var keys []struck
	for _, r := range text {
		k := hostKey(host, scannerKey(scanner, r))
		keys = append(keys, struck{k.code, k.name})
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		p.Fatal(err)
	}
	if !ask[bool](p, `Boolean(window.decoder)`) {
		ask[bool](p, `(import(document.querySelector("script[src*='till.js']").src.replace("till.js", "decode.js")).then((m) => { window.decoder = m; }), true)`)
		p.until("the decoder is there", `window.decoder`)
	}
	return ask[string](p, fmt.Sprintf(`((keys) => {
		const scan = decoder.decode(keys.map((key, i) => ({ sign: decoder.sign(key), at: 1000 + 5 * i })), 50);
		return scan ? scan.kind + " " + scan.code : "";
	})(%s)`, raw))
}

// giveCode gives the apple juice of the demonstration the code of its packaging, by the menu's file.
func (c *cafe) giveCode(code string) {
	c.Helper()
	file := filepath.Join(c.dir, "code.csv")
	row := ""
	for line := range strings.SplitSeq(string(seed.Menu()), "\n") {
		if cells := strings.Split(line, ","); strings.HasPrefix(line, "Jus de pomme fermier") {
			row = "name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp,barcode\n" + strings.Join(cells[:5], ",") + "," + code + "\n"
		}
	}
	if err := os.WriteFile(file, []byte(row), 0o600); err != nil {
		c.Fatal(err)
	}
	if out, err := c.command("menu", "import", file).CombinedOutput(); err != nil {
		c.Fatalf("import the code: %v\n%s", err, out)
	}
}

// scanGoodsAndNonsense: goods come to the order as a tap does, with the quantity that was typed before; what is nothing of
// ours is said to be so and leaves no letter behind; what hands type stays; and what is being paid is not changed unasked.
func scanGoodsAndNonsense(s *scene) {
	const drink = "3017620422003"
	c := s.openCafe()
	c.giveCode(drink)
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.patient()
	p.write("3")
	p.lift()
	p.scanAs("us", "fr", drink, "Enter")
	p.settled(3)
	p.lift()

	p.tap("#search")
	p.write("jus")
	p.lift()
	p.scanAs("us", "fr", "3017620422004", "Enter") // a digit misread
	p.until("the till says that it knows no such code", `document.getElementById("toast").innerText.includes("Code non reconnu")`)
	if got := ask[string](p, `document.getElementById("search").value`); got != "jus" {
		p.Errorf("the search box after the scan: got %q, want jus", got)
	}
	p.lift()
	p.scanAs("us", "us", "3017620422003") // no suffix
	p.settled(4)
	p.press("Escape")

	p.tap("#pay")
	p.until("the payment is there", `location.pathname.startsWith("/pay/") && document.readyState === "complete"`)
	made := api[card](c, http.MethodPost, "/cards", struct{}{})
	p.do("focus the amount", focusOn("#amount"))
	was := ask[string](p, `document.getElementById("amount").value`)
	p.scanAs("us", "fr", made.Code, "Enter")
	p.until("the payment asks", `document.querySelector("#scan-ask[open] [data-says=card]")?.checkVisibility()`)
	if got := ask[string](p, `document.getElementById("amount").value`); got != was {
		p.Errorf("the amount after the scan: got %q, want %q", got, was)
	}
	p.tap("#scan-ask button[value=yes]")
	p.until("the card is on the payment", `location.pathname.startsWith("/pay/") && document.readyState === "complete" && document.querySelector(".shares-of")`)
	ask[bool](p, `(document.cookie = "comptoir_scanner=; max-age=0; path=/", true)`) // a scanner as it leaves the factory
	p.open(ask[string](p, `location.href`))
	p.strikesByHand()
}

// strikesByHand plays two thousand random keys at the pace of hands in the page, and counts what a scan might have done:
// no key may be held back, and nothing told.
func (p *tab) strikesByHand() {
	p.Helper()
	got := ask[string](p, `(() => {
		let seed = 7, told = 0, held = 0, at = performance.now() + 5000;
		const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
		const keys = [..."abcdefghijklmnopqrstuvwxyz0123456789"].map((c) => [c, /\d/.test(c) ? "Digit" + c : "Key" + c.toUpperCase()]);
		keys.push(["Enter", "Enter"], ["Tab", "Tab"], ["ArrowUp", "Numpad8"], [" ", "Space"], ["/", "Slash"]);
		const dialog = document.getElementById("scan-ask"), shows = dialog.showModal;
		dialog.showModal = () => { told += 1; };
		const field = document.getElementById("amount");
		field.focus();
		for (let i = 0; i < 2000; i += 1) {
			const [key, code] = keys[random(keys.length)];
			at += 60 + random(300); // ms: a quick typist's keys are 60 apart
			const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
			Object.defineProperty(event, "timeStamp", { value: at });
			const kept = field.value + (key.length === 1 ? key : "");
			if (!field.dispatchEvent(event)) held += 1;
			else if (key.length === 1) field.value = kept;
			if (field.value !== kept) return "text was lost: " + field.value + " for " + kept;
			if (field.value.length > 40) field.value = "";
		}
		dialog.showModal = shows;
		return held + " held back, " + told + " told, hidden " + document.getElementById("unscanned").hidden;
	})()`)
	if got != "0 held back, 0 told, hidden true" {
		p.Errorf("two thousand keys at the pace of hands: %s", got)
	}
}

// scanViews are the page of scanners, cameras and poles, as it opens and after a scan of a foreign layout.
func scanViews(c *cafe) []view {
	return []view{{"scanner", c.staff + "/manage/scanner", func(p *tab) {
		p.Helper()
		p.scanAs("us", "fr", ask[string](p, `document.querySelector("[data-trial]").dataset.text`))
		p.until("the page says what it thinks", `document.querySelector("[data-says=layouts]").checkVisibility()`)
	}, false}}
}

// tryAScanner: the page tells what arrives and what to do, and nothing of it goes to the till.
func tryAScanner(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/manage/scanner")
	says := func(names string) {
		p.Helper()
		p.until("the page says "+names, fmt.Sprintf(`[...document.querySelectorAll("[data-says]")].filter((el) => !el.hidden).map((el) => el.dataset.says).join(" ") === %q`, names))
		p.lift()
	}
	text, goods := ask[string](p, `document.querySelector("[data-trial]").dataset.text`), ask[string](p, `document.querySelector("[data-trial]").dataset.goods`)
	says("waiting")
	p.scanAs("us", "us", text, "Enter")
	says("card")
	p.scanAs("us", "fr", text, "Enter")
	says("card layouts")
	if got := p.text("[data-says=layouts]"); !strings.Contains(got, "QWERTY") || !strings.Contains(got, "AZERTY") {
		p.Errorf("the page says %q", got)
	}
	p.scanAs("fr", "us", text, "Tab")
	says("card layouts")
	p.scanAs("fr", "fr", text)
	says("card suffix")
	p.scanAs("keypad", "fr", goods, "Enter")
	says("goods numlock")
	p.scanAs("us", "us", "QWERTY12", "Enter")
	says("unknown")
	if got := p.decodeBars(); got != goods {
		p.Errorf("the bars on the page are read as %q, want %q", got, goods)
	}
	if at := ask[string](p, `location.pathname`); at != "/manage/scanner" {
		p.Errorf("a scan led to %s", at)
	}
	p.tap("[data-try-camera]")
	p.tap("#camera-trial [data-camera]")
	p.until("the camera's card is told", `document.querySelector("[data-seen] b").textContent.startsWith("FID")`)

	p.tap(`label.pick:has(input[value="none"])`)
	p.tap("#silence")
	p.do("empty it", focusOn("#silence"))
	ask[bool](p, `(document.getElementById("silence").value = "180", document.getElementById("silence").form.requestSubmit(), true)`)
	p.until("the device remembers it", `document.documentElement.dataset.suffix === "none" && document.documentElement.dataset.silence === "180"`)
}

// decodeBars reads the code of goods that the page has drawn.
func (p *tab) decodeBars() (text string) {
	p.Helper()
	box := ask[[]float64](p, `((box) => [box.x + scrollX, box.y + scrollY, box.width, box.height])(document.querySelector(".bars svg").getBoundingClientRect())`)
	p.do("photograph the bars", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &page.Viewport{X: box[0], Y: box[1], Width: box[2], Height: box[3], Scale: 3}, CaptureBeyondViewport: new(true)})
		if err != nil {
			return err
		}
		img, err := png.Decode(bytes.NewReader(out.Data))
		if err != nil {
			return err
		}
		bits, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			return err
		}
		found, err := oned.NewEAN13Reader().Decode(bits, nil)
		if err != nil {
			return err
		}
		text = found.GetText()
		return nil
	}))
	return text
}
