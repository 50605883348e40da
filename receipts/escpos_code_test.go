package receipts_test

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"comptoir/receipts"
	"comptoir/receipts/escpos"
)

// coded are the papers that bear a code, and what it says on the first strip of each.
func coded(tb testing.TB) map[string]struct {
	paper receipts.Printable
	says  string
} {
	tb.Helper()
	type one = struct {
		paper receipts.Printable
		says  string
	}
	all, z := documents(tb), closings(tb)["closed-day"]
	return map[string]one{
		"ticket": {all["ticket"], all["ticket"].QR}, "redemption": {all["redemption"], all["redemption"].QR}, "duplicate": {all["duplicate"], all["duplicate"].QR},
		"invoice": {all["invoice"], all["invoice"].QR}, "z": {z, z.Head}, "card": {paperCards(), cardURL},
	}
}

// read reads the code in a picture in-process, as the till reads a photo.
func read(img image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	hints := make(map[gozxing.DecodeHintType]any)
	hints[gozxing.DecodeHintType_TRY_HARDER] = true
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		return "", err
	}
	return found.GetText(), nil
}

// TestCodesAreReadOffThePaper: what a phone would take of the paper that came out, on each printer.
func TestCodesAreReadOffThePaper(t *testing.T) {
	for name, of := range coded(t) {
		for _, p := range escpos.Profiles() {
			paper := printedOn(t, p, encoded(t, p, of.paper))[0]
			img := paper.Image()
			if name == "card" { // two cards hang together where nothing cuts them
				b := img.Bounds()
				img = img.(interface {
					SubImage(image.Rectangle) image.Image
				}).SubImage(image.Rect(b.Min.X, b.Min.Y, b.Max.X, min(b.Max.Y, b.Min.Y+420)))
			}
			if got, err := read(img); err != nil || got != of.says {
				t.Errorf("%s on %s: read %q, %v; want %q", name, p.Name, got, err, of.says)
			}
		}
	}
}

// TestAnotherReaderReadsThePapers has zbarimg, which shares no line with us, read the same papers.
func TestAnotherReaderReadsThePapers(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("zbarimg is missing: apt-get install zbar-tools")
		}
		t.Skip("no zbarimg here")
	}
	for name, of := range coded(t) {
		for _, printer := range []string{"80", "58", "image-80", "image-58"} {
			p := profile(t, printer)
			path := filepath.Join(t.TempDir(), "paper.png")
			if err := os.WriteFile(path, pictureOf(t, printedOn(t, p, encoded(t, p, of.paper))[0]), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
			if err != nil || !strings.Contains(string(out), of.says+"\n") {
				t.Errorf("%s on %s: zbarimg reads %q, %v; want %q", name, printer, out, err, of.says)
			}
		}
	}
}
