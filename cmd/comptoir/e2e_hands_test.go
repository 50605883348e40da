package main_test

// What a hand does: a finger on the glass, keys under the fingers, a scanner that types for it.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// findPlace brings an element into view and returns its middle; a reason instead when a finger could not use it.
const findPlace = `((selector) => {
  const el = [...document.querySelectorAll(selector)].find((e) => e.checkVisibility());
  if (!el) return { why: "not to be seen" };
  if (el.disabled || el.getAttribute("aria-disabled") === "true") return { why: "disabled" };
  el.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const box = el.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  const label = top?.closest("label");
  if (!el.contains(top) && !(label && label.contains(el))) return { why: "covered by " + (top?.outerHTML.slice(0, 80) ?? "nothing") };
  return { x, y };
})`

// tap puts a finger on an element as soon as a finger could use it.
func (p *tab) tap(selector string) {
	p.Helper()
	var at struct {
		X, Y float64
		Why  string
	}
	quoted, err := json.Marshal(selector)
	if err != nil {
		p.Fatal(err)
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		at.Why = ""
		raw, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](findPlace+"("+string(quoted)+")"))
		if err == nil && json.Unmarshal(raw, &at) == nil && at.Why == "" {
			break
		}
		select {
		case <-look.C:
		case <-p.ctx.Done():
			p.Fatalf("cannot tap %s: %s (last error: %v)", selector, at.Why, err)
		}
	}
	p.do("tap "+selector, chromedp.TapXY(at.X, at.Y))
	p.taps++
}

// tapTimes taps the same place again and again, as fast as a finger can.
func (p *tab) tapTimes(selector string, times int) {
	p.Helper()
	for range times {
		p.tap(selector)
	}
}

// key is one key of a keyboard: where it lies, what it says, what it types.
type key struct {
	code, name, types string
	shift             bool
	number            int64 // Windows' virtual key code
}

// keyOf finds the key that types a character on a QWERTY keyboard.
func keyOf(r rune) key {
	upper := unicode.ToUpper(r)
	switch {
	case upper >= 'A' && upper <= 'Z':
		return key{"Key" + string(upper), string(r), string(r), unicode.IsUpper(r), int64(upper)}
	case r >= '0' && r <= '9':
		return key{"Digit" + string(r), string(r), string(r), false, int64(r)}
	}
	switch r {
	case ':':
		return key{"Semicolon", ":", ":", true, 186}
	case '.':
		return key{"Period", ".", ".", false, 190}
	case '-':
		return key{"Minus", "-", "-", false, 189}
	}
	return key{"Slash", "/", "/", false, 191}
}

// namedKey finds a key that has a name.
func namedKey(name string) key {
	switch name {
	case "Enter":
		return key{"Enter", "Enter", "\r", false, 13}
	case "Tab":
		return key{"Tab", "Tab", "", false, 9}
	case "Space":
		return key{"Space", " ", " ", false, 32}
	case "Backspace":
		return key{"Backspace", "Backspace", "", false, 8}
	case "End":
		return key{"End", "End", "", false, 35}
	case "F1":
		return key{"F1", "F1", "", false, 112}
	case "F3":
		return key{"F3", "F3", "", false, 114}
	case "ArrowDown":
		return key{"ArrowDown", "ArrowDown", "", false, 40}
	case "ArrowRight":
		return key{"ArrowRight", "ArrowRight", "", false, 39}
	}
	return key{"Escape", "Escape", "", false, 27}
}

// strike presses and lets go of a key.
func strike(k key) chromedp.Action[chromedp.Void] {
	down := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Code: k.code, Key: k.name, WindowsVirtualKeyCode: k.number, NativeVirtualKeyCode: k.number,
	}
	if k.types != "" {
		down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, k.types, k.types
	}
	if k.shift {
		down.Modifiers = int64(chromedp.ModifierShift)
	}
	up := down
	up.Type, up.Text, up.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, down); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, up)
		return err
	})
}

// press strikes named keys one after another.
func (p *tab) press(names ...string) {
	p.Helper()
	for _, name := range names {
		p.do("press "+name, strike(namedKey(name)))
	}
}

// write types a text by hand.
func (p *tab) write(text string) {
	p.Helper()
	const breath = 5 // signs: who strikes six without one is a scanner
	for i, r := range text {
		if i > 0 && i%breath == 0 {
			p.rest()
		}
		p.do("write "+text, strike(keyOf(r)))
	}
}

// rest lifts the hands: keys that come after belong to nothing before.
func (p *tab) rest() {
	p.Helper()
	const pause = 150 // ms; a scanner's burst has ended after 100
	now := ask[float64](p, "performance.now()")
	p.until("a hand has rested", fmt.Sprintf("performance.now() > %f", now+pause))
}

// scan does what a card scanner does: it types the whole text at once, and Enter.
func (p *tab) scan(text string) {
	p.Helper()
	var burst []chromedp.Action[chromedp.Void]
	for _, r := range text {
		burst = append(burst, strike(keyOf(r)))
	}
	p.do("scan "+text, append(burst, strike(namedKey("Enter")))...)
}

// tabTo walks with the Tab key until an element has the focus.
func (p *tab) tabTo(selector string) {
	p.Helper()
	const most = 80 // stops of any page of ours
	for range most {
		if ask[bool](p, fmt.Sprintf("document.activeElement?.matches(%q) ?? false", selector)) {
			return
		}
		p.press("Tab")
	}
	p.Fatalf("the Tab key never comes to %s", selector)
}

// tile is the selector of a product's tile.
func tile(product string) string { return fmt.Sprintf(`.tile[data-args*='"%s"']`, product) }

// orderOf returns the id of the order the till shows.
func (p *tab) orderOf() string {
	p.Helper()
	return ask[string](p, `document.getElementById("cart").dataset.ticket`)
}

// settled waits until the till shows this quantity of its only line, and nothing is on its way.
func (p *tab) settled(quantity int) {
	p.Helper()
	p.until(fmt.Sprintf("a cart of %d, nothing pending", quantity), fmt.Sprintf(
		`[...document.querySelectorAll("#lines > [data-qty]")].reduce((n, l) => n + Number(l.dataset.qty), 0) === %d
		&& !document.querySelector("#till.waiting") && !document.querySelector("#lines .pending")`, quantity))
}

// signIn opens the till in French and signs a person in by touch.
func (p *tab) signIn(till, name, pin string) {
	p.Helper()
	p.open(till + "/login?lang=fr&next=/")
	p.signInHere(name, pin)
}

// signInHere signs a person in on the page that is open.
func (p *tab) signInHere(name, pin string) {
	p.Helper()
	p.tap(fmt.Sprintf(`label.person:has(input[value=%q])`, p.personID(name)))
	for digit := range strings.SplitSeq(pin, "") {
		p.tap(fmt.Sprintf(`[data-pad="pin"] [data-key=%q]`, digit))
	}
	p.tap(`.login-form [type="submit"]`)
	p.until("the till is ready", `document.querySelector("#till.ready")`)
}

// personID finds a person among those who may sign in.
func (p *tab) personID(name string) string {
	p.Helper()
	return ask[string](p, fmt.Sprintf(
		`[...document.querySelectorAll("label.person")].find((l) => l.querySelector("span").firstChild.textContent.trim() === %q)?.querySelector("input").value ?? ""`, name))
}

// codeOf fetches the picture of a card's code, a PNG.
func (c *cafe) codeOf(made card) []byte {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.staff+"/api/v1/cards/"+made.Code+"/qr.png", nil)
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	picture, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.Fatalf("the card's picture: %s %v", answer.Status, err)
	}
	return picture
}

// filmOf is a second of a camera that looks at a picture held askew before something grey, in poor light: a film in
// YUV4MPEG2, each frame with a noise of its own.
func filmOf(tb testing.TB, picture []byte) []byte {
	tb.Helper()
	code, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		tb.Fatalf("read the card's picture: %v", err)
	}
	const frames, width, height = 8, 640, 480
	const side, angle = 300.0, 0.21 // pixels; twelve degrees
	view := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(view, view.Bounds(), image.NewUniform(color.Gray{Y: 150}), image.Point{}, draw.Src)
	scale := side / float64(code.Bounds().Dx())
	sin, cos := math.Sincos(angle)
	middle := float64(code.Bounds().Dx()) / 2
	turned := f64.Aff3{cos * scale, -sin * scale, width/2 - (cos-sin)*scale*middle, sin * scale, cos * scale, height/2 - (sin+cos)*scale*middle}
	xdraw.ApproxBiLinear.Transform(view, turned, code, code.Bounds(), xdraw.Over, nil)
	random := rand.New(rand.NewPCG(6, 6))
	film := bytes.NewBufferString("YUV4MPEG2 W640 H480 F8:1 Ip A1:1 C420mpeg2\n")
	chroma := bytes.Repeat([]byte{128}, width*height/2)
	for range frames {
		film.WriteString("FRAME\n")
		for _, light := range view.Pix {
			noisy := 0.8*float64(light) + 20 + random.NormFloat64()*14
			film.WriteByte(byte(min(max(noisy, 0), 255)))
		}
		film.Write(chroma)
	}
	return film.Bytes()
}
