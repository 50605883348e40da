package web

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/pos"
	"comptoir/receipts"
)

func TestAScanIsACardGoodsOrAReceipt(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		text, code string
		kind       scanKind
		refusal    string
	}{
		{testCode, testCode, scanCard, ""},
		{"http://192.168.1.20:8081/C/" + testCode, testCode, scanCard, ""},
		{"HTTPM!!192:168:1:20M8081!C!" + testCode, testCode, scanCard, ""}, // a scanner for QWERTY on AZERTY
		{"FIDCBDEFGHIJKLNRTUVV", "", scanCard, "card.code"},
		{"3017620422003", "3017620422003", scanGoods, ""},
		{"036000291452", "0036000291452", scanGoods, ""},
		{"96385074", "96385074", scanGoods, ""},
		{"3017620422004", "", scanGoods, "barcode.invalid"},
		{"http://cafe.example/R/CBDEFGHIJKLNR", "CBDEFGHIJKLNR", scanReceipt, ""},
		{"cbdefghijklnr", "cbdefghijklnr", scanReceipt, ""},
		{"", "", scanReceipt, ""},
	} {
		kind, code, err := readScan(x.text)
		if kind != x.kind || code != x.code || fault.CodeOf(err) != x.refusal {
			t.Errorf("%q: got %s %q %v, want %s %q %q", x.text, kind, code, err, x.kind, x.code, x.refusal)
		}
	}
}

// FuzzScan: whatever a scanner types, what is taken for a card or for goods is one, whole, and reads the same again.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		testCode, "http://192.168.1.20:8081/C/" + testCode, "HTTPM!!192:168:1:20M8081!C!" + testCode, "3017620422003", "96385074", "036000291452",
		"http://cafe.example/R/CBDEFGHIJKLNR", "à&é\"'(-è_çà", "\x1b@", "FID", "https://https://x/R/CBDEFGHIJKLNR", " 3017620422003\r\n", "٣٠١٧٦٢٠٤٢٢٠٠٣",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kind, code, err := readScan(text)
		if err != nil {
			if code != "" || kind == scanReceipt {
				t.Fatalf("%q: refused as %s %q: %v", text, kind, code, err)
			}
			return
		}
		again, same, err := readScan(code)
		switch kind {
		case scanCard:
			if clean, bad := loyalty.ParseCode(code); bad != nil || clean != code {
				t.Fatalf("%q: no card: %q", text, code)
			}
		case scanGoods:
			if clean, bad := pos.ParseBarcode(code); bad != nil || clean != code {
				t.Fatalf("%q: no goods: %q", text, code)
			}
		case scanReceipt:
			return // looked for among those there are
		}
		if err != nil || again != kind || same != code {
			t.Fatalf("%q: %s %q, and that is %s %q, %v", text, kind, code, again, same, err)
		}
	})
}

// TestGoodsAreReadOnAPicture: held askew, in poor light, from near and far, and on their side.
func TestGoodsAreReadOnAPicture(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		code   string
		format gozxing.BarcodeFormat
		writer gozxing.Writer
	}{
		{"3017620422003", gozxing.BarcodeFormat_EAN_13, oned.NewEAN13Writer()}, {"96385074", gozxing.BarcodeFormat_EAN_8, oned.NewEAN8Writer()},
	} {
		bars, err := x.writer.EncodeWithoutHint(x.code, x.format, 240, 110)
		if err != nil {
			t.Fatal(err)
		}
		for _, angle := range []float64{0, 0.1, -0.1, math.Pi / 2, math.Pi} {
			if got := goodsOn(photographed(t, bars, angle)); got != x.code {
				t.Errorf("%s turned by %.2f: read %q", x.code, angle, got)
			}
		}
	}
	if got := goodsOn(photographed(t, image.NewUniform(color.White), 0)); got != "" {
		t.Errorf("nothing is read as %q", got)
	}
}

// TestACardIsReadWhateverItsCodeLooksLike: each of these bears a pattern that is taken for a corner of the code.
func TestACardIsReadWhateverItsCodeLooksLike(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"FIDFTLRRFIHNBILCDEUI", "FIDHFLJNJEEJLEIDTCJJ", "FIDILCGFKEFIELEIETKT", "FIDGKUHJVFJBKCFBGFGU", "FIDVILGIGLJIFDUTECLH", "FIDRJECNGLNRKCBJTJND",
	} {
		address := "HTTP://192.168.1.20:8081/C/" + code
		drawn, err := receipts.QRImage(address, 300)
		if err != nil {
			t.Fatal(err)
		}
		view := image.NewGray(image.Rect(0, 0, 480, 480))
		draw.Draw(view, view.Bounds(), image.NewUniform(color.Gray{Y: 170}), image.Point{}, draw.Src)
		draw.Draw(view, image.Rect(90, 90, 390, 390), drawn, image.Point{}, draw.Src)
		if got := codeOn(view); got != address {
			t.Errorf("%s: read %q", address, got)
		}
	}
}

// photographed is a picture of something in the hand, as a camera writes it.
func photographed(t *testing.T, what image.Image, angle float64) image.Image {
	t.Helper()
	label := image.NewGray(image.Rect(0, 0, 240, 110))
	draw.Draw(label, label.Bounds(), what, image.Point{}, draw.Src)
	view := image.NewGray(image.Rect(0, 0, 480, 480))
	draw.Draw(view, view.Bounds(), image.NewUniform(color.Gray{Y: 170}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(angle)
	const scale, middle = 1.6, 240.0
	const x, y = 120.0, 55.0 // the middle of the label
	turn := f64.Aff3{cos * scale, -sin * scale, middle - scale*(cos*x-sin*y), sin * scale, cos * scale, middle - scale*(sin*x+cos*y)}
	xdraw.ApproxBiLinear.Transform(view, turn, label, label.Bounds(), xdraw.Over, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for i, light := range view.Pix {
		view.Pix[i] = byte(min(max(0.8*float64(light)+20+random.NormFloat64()*8, 0), 255))
	}
	var sent bytes.Buffer
	if err := jpeg.Encode(&sent, view, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	taken, _, err := image.Decode(&sent)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// barcode gives a product the code of its packaging.
func (c *cafe) barcode(product, code string) {
	c.tb.Helper()
	menu, err := c.till.Menu(c.tb.Context())
	if err != nil {
		c.tb.Fatal(err)
	}
	p := productOf(menu, product)
	p.Barcode = code
	if _, err := c.till.SaveProduct(c.tb.Context(), pos.System("sys"), p); err != nil {
		c.tb.Fatal(err)
	}
}

// Goods that are scanned on another page come to the order of this till; a page that is paying is gone back to.
func TestGoodsScannedElsewhereComeToTheOrder(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.barcode("eau", "3017620422003")
	c.barcode("creme", "96385074")
	post := func(code, ticket, next string) string {
		t.Helper()
		a := c.form(pos.RoleBarista, "/scan", url.Values{"code": {code}, "command": {c.key()}, "ticket": {ticket}, "next": {next}})
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", code, a.status, a.body)
		}
		return a.header.Get(fiber.HeaderLocation)
	}
	to := post("3017620422003", "", "")
	_, ticket, found := strings.Cut(to, "ticket=")
	if !found || !strings.Contains(to, "told=goods") || strings.Contains(to, "30176") {
		t.Fatalf("led to %s", to)
	}
	ticket, _, _ = strings.Cut(ticket, "&")
	if to := post("3017620422003", ticket, "/pay/"+ticket); to != "/pay/"+ticket {
		t.Errorf("from the payment: led to %s", to)
	}
	if tk, err := c.till.Ticket(t.Context(), ticket); err != nil || len(tk.Lines) == 0 || tk.Total != 400 {
		t.Errorf("the order: %+v, %v", tk, err)
	}
	before, err := c.till.Tickets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"4006381333931": "barcode.unknown", "4006381333932": "barcode.invalid", "96385074": "scan.choose"} {
		if to := post(code, "", ""); !strings.Contains(to, "refused="+want) {
			t.Errorf("%s: led to %s", code, to)
		}
	}
	if after, err := c.till.Tickets(t.Context()); err != nil || len(after) != len(before) {
		t.Errorf("a code that nothing has opened an order: %d of %d, %v", len(after), len(before), err)
	}
}
