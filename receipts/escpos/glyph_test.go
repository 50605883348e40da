package escpos

import (
	"bytes"
	"encoding/binary"
	"flag"
	"image"
	"os"
	"testing"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var update = flag.Bool("update", false, "write the golden files anew, to be looked at before they are committed")

// drawn is the file of glyphs as the font's outlines give it.
func drawn(t *testing.T) []byte {
	t.Helper()
	const (
		pixels   = 20
		baseline = 19
		ink      = 115 // of 255: from here on a dot is black, which leaves thin strokes whole
	)
	outlines, err := opentype.Parse(gomono.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(outlines, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	var buffer sfnt.Buffer
	for r := rune(0x20); r <= 0xffff; r++ {
		if i, err := outlines.GlyphIndex(&buffer, r); err != nil || i == 0 || !unicode.IsGraphic(r) || unicode.Is(unicode.Co, r) {
			continue
		}
		mask := image.NewAlpha(image.Rect(0, 0, cellWidth, cellHeight))
		d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(0, baseline)}
		d.DrawString(string(r))
		if d.Dot.X.Round() != cellWidth {
			t.Fatalf("%c is %v wide, want %d", r, d.Dot.X, cellWidth)
		}
		out = binary.BigEndian.AppendUint32(out, uint32(r))
		for y := range cellHeight {
			var row uint16
			for x := range cellWidth {
				if mask.AlphaAt(x, y).A >= ink {
					row |= 1 << (15 - x)
				}
			}
			out = binary.BigEndian.AppendUint16(out, row)
		}
	}
	return out
}

func TestGlyphsAreThoseOfTheFont(t *testing.T) {
	want := drawn(t)
	if *update {
		if err := os.WriteFile("glyphs.bin", want, 0o600); err != nil {
			t.Fatal(err)
		}
		glyphs = string(want)
	}
	if !bytes.Equal([]byte(glyphs), want) {
		t.Errorf("glyphs.bin is %d bytes, want the %d of the font", len(glyphs), len(want))
	}
	for _, r := range "éÉœŒ€’“”–—…«»°§µ£ç" {
		if _, ok := glyph(r); !ok {
			t.Errorf("no glyph for %c", r)
		}
	}
}
