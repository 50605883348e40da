package web

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	xdraw "golang.org/x/image/draw"

	"comptoir/loyalty"
	"comptoir/receipts"
)

// TestEveryCardIsReadOnAPictureThatItFills: as a telephone shows it and a camera takes it, whatever its letters.
func TestEveryCardIsReadOnAPictureThatItFills(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{9})
	for range 25 {
		letters, err := loyalty.NewCode(random, 16)
		if err != nil {
			t.Fatal(err)
		}
		url := "HTTP://192.168.1.20:8081/C/FID" + letters
		drawn, err := receipts.QRPNG(url, qrPixels)
		if err != nil {
			t.Fatal(err)
		}
		card, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []int{300, 480, qrPixels} {
			view := image.NewRGBA(image.Rect(0, 0, side, side))
			xdraw.ApproxBiLinear.Scale(view, view.Bounds(), card, card.Bounds(), xdraw.Src, nil)
			var sent bytes.Buffer
			if err := jpeg.Encode(&sent, view, &jpeg.Options{Quality: 70}); err != nil {
				t.Fatal(err)
			}
			got, _, err := image.Decode(&sent)
			if err != nil {
				t.Fatal(err)
			}
			if read := codeOn(got); read != url {
				t.Errorf("%s at %d pixels: read %q", url, side, read)
			}
		}
	}
}
