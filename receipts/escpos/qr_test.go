package escpos

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// seen reads the one code on a picture.
func seen(img image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	harder := make(map[gozxing.DecodeHintType]any, 1)
	harder[gozxing.DecodeHintType_TRY_HARDER] = true
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, harder)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

func TestCodesAreReadBackFromThePaper(t *testing.T) {
	for _, p := range Profiles() {
		for _, text := range []string{address, "FIDCBDEFGHIJKLNRTUVC", "https://cafe-zoe.fr/R/7QXN4BKD2MWT?x=é", strings.Repeat("https://till.local/", 15)} {
			for how, write := range map[string]func(*Encoder){
				"as the profile says": func(e *Encoder) { e.QR(text) }, "as a picture": func(e *Encoder) { e.QRPicture(text) },
			} {
				paper := print(t, p, func(e *Encoder) {
					e.Text("Café crème")
					write(e)
					e.Text("Merci")
				})
				if got, err := seen(paper.Image()); err != nil || got != text {
					t.Errorf("%s, %s: read %q, %v; want %q", p.Name, how, got, err, text)
				}
			}
		}
	}
}

// TestAnotherReaderReadsTheCodes has zbarimg, which shares no line with us, read each profile's sample paper.
func TestAnotherReaderReadsTheCodes(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("zbarimg is missing: apt-get install zbar-tools")
		}
		t.Skip("no zbarimg")
	}
	for _, p := range Profiles() {
		b, err := print(t, p, sample).PNG()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "paper.png")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != address {
			t.Errorf("%s: zbarimg reads %q, %v; want %q", p.Name, got, err, address)
		}
	}
}

func TestACodeIsInTheMiddleAndWhiteAllAround(t *testing.T) {
	for _, p := range Profiles() {
		paper := print(t, p, func(e *Encoder) { e.QR(address) })
		drawn := paper.draw()
		left, right, top := drawn.width, 0, drawn.height()
		for y := range drawn.height() {
			for x := range drawn.width {
				if drawn.at(x, y) {
					left, right, top = min(left, x), max(right, x+1), min(top, y)
				}
			}
		}
		if side := 29 * module; right-left != side || top < quiet*module || left < quiet*module || left != drawn.width-right {
			t.Errorf("%s: ink from %d to %d of %d, %d rows down; want %d dots in the middle", p.Name, left, right, drawn.width, top, side)
		}
	}
}

func TestCodesThatCannotBe(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("x", qrTextMax+1), "a\x1b@", "a\nb"} {
		e := New(Profiles()[0])
		e.QR(text)
		if _, err := e.Bytes(); err == nil || !strings.Contains(err.Error(), "qr.text") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestNoCodeHoldsARealTimeCommand is why defuse never changes a code: one module is wider than a lone dot.
func TestNoCodeHoldsARealTimeCommand(t *testing.T) {
	for dots := moduleLeast; dots <= module; dots++ {
		for _, text := range []string{address, strings.Repeat("https://till.local/", 15), "\x10\x04\x01" + strings.Repeat("z", 200)} {
			modules, err := modulesOf(text, 1)
			if err != nil {
				t.Fatal(err)
			}
			for shift := range 8 { // wherever it lies in its bytes
				on := newPicture(832)
				on.draw(shift, 0, drawCode(modules, dots, quiet))
				for _, b := range on.rows {
					if b == dle {
						t.Fatalf("modules of %d dots: a byte of one lone dot", dots)
					}
				}
			}
		}
	}
}
