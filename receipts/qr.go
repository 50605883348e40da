package receipts

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/skip2/go-qrcode"

	"comptoir/data/fault"
)

// Limits of a QR code.
const (
	QRTextMax = 300  // bytes: a phone still reads the code off a screen at arm's length
	QRSizeMax = 4096 // pixels
)

// QRSVG draws text as a QR code: an SVG image of one black path on white, a module wide as the unit, with its quiet
// zone of 4 modules and without any style, so that it stands under a strict policy; its role and its name are the
// page's. Error correction is level M (15 %): wet counters, thumbs. Text made of 0–9 A–Z $ % * + - . / : alone is coded
// 5.5 bits a character, which keeps the code of a card at 29 modules at most: that is why its address is in
// capitals (product.md, decision 4). Empty text, or more than 300 bytes, is Invalid "qr.text".
func QRSVG(text string) (string, error) { return drawSVG(text, qrcode.Medium) }

// QRSVGPaper is QRSVG for a card that is printed and carried about: level Q (25 %), for folds and scratches, at 33 modules
// for the address of a card (solidarity.md §3.1). Refusals: those of QRSVG.
func QRSVGPaper(text string) (string, error) { return drawSVG(text, qrcode.High) }

func drawSVG(text string, level qrcode.RecoveryLevel) (string, error) {
	modules, err := matrix(text, level)
	if err != nil {
		return "", err
	}
	n := len(modules)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, n, n, n, n)
	for y, row := range modules {
		for x := 0; x < n; x++ {
			from := x
			for x < n && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}

// QRPNG draws the same code as a PNG of exactly size by size pixels. Refusals: those of QRImage.
func QRPNG(text string, size int) ([]byte, error) {
	img, err := QRImage(text, size)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode qr: %w", err)
	}
	return b.Bytes(), nil
}

// QRImage draws the same code as a picture of exactly size by size pixels. Modules are whole pixels wide, so that
// every one is as wide as the next; what is left over widens the quiet zone. Refusals: those of QRSVG, and Invalid
// "qr.size" for a size below one pixel a module or above 4096.
func QRImage(text string, size int) (image.Image, error) {
	modules, err := matrix(text, qrcode.Medium)
	if err != nil {
		return nil, err
	}
	n := len(modules)
	if size < n || size > QRSizeMax {
		return nil, fault.New(fault.Invalid, "qr.size", "the picture of a QR code has at least one pixel a module and at most 4096").
			With("min", n).With("max", QRSizeMax)
	}
	return drawn(modules, size), nil
}

// drawn is a code as a picture of size by size pixels, at least one a module.
func drawn(modules [][]bool, size int) image.Image {
	n := len(modules)
	scale := size / n
	margin := (size - n*scale) / 2
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for y := range n * scale {
		for x := range n * scale {
			if modules[y/scale][x/scale] {
				img.SetColorIndex(margin+x, margin+y, 1)
			}
		}
	}
	return img
}

// matrix returns the modules of a QR code, quiet zone included; true is black.
func matrix(text string, level qrcode.RecoveryLevel) ([][]bool, error) {
	if text == "" || len(text) > QRTextMax {
		return nil, fault.New(fault.Invalid, "qr.text", "a QR code holds 1 to 300 bytes").With("max", QRTextMax)
	}
	code, err := qrcode.New(text, level)
	if err != nil {
		return nil, fault.New(fault.Internal, "qr.encode", "the text cannot be coded").Wrap(err)
	}
	return code.Bitmap(), nil
}
