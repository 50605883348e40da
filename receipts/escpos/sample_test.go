package escpos

import (
	"image"
	"image/color"
	"testing"
)

// sample is a paper with everything that an encoder can do.
func sample(e *Encoder) {
	e.Size(2, 2)
	e.Center("CAFÉ ZOÉ")
	e.Size(1, 1)
	e.Center("12 rue de l’Égalité, Bordeaux")
	e.Rule('=')
	e.Row("2 Café crème", "7,00 €")
	e.Row("1 Œufs cocotte au comté", "7,70\u202f€")
	e.Text("éèêëàâäùûüôöîïç ÉÈÊÀÇÔ")
	e.Text("«» ° § µ £ € … – — “oui”")
	e.Text("@ [ \\ ] { | } ~ # $ ^ `")
	e.Rule('-')
	e.Bold(true)
	e.Row("TOTAL TTC", "14,70 €")
	e.Bold(false)
	e.Size(2, 1)
	e.Row("SUITE", "n° 7")
	e.Size(1, 2)
	e.Row("À emporter", "12:40")
	e.Size(1, 1)
	e.Feed(1)
	e.QR(address)
	e.Center("Merci, à bientôt")
	e.Image(disc(96))
}

const address = "HTTP://TILL.LOCAL/C/FIDCBDEFGHIJKLNRTUVC"

// disc is a picture of a black ring.
func disc(side int) image.Image {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := 2*x-side, 2*y-side
			if d := dx*dx + dy*dy; d > side*side || d < side*side/4 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}

// print prints on a strict printer of the profile; anything wrong with it is an error of the test.
func print(tb testing.TB, p Profile, what func(*Encoder)) Paper {
	tb.Helper()
	e := New(p)
	what(e)
	b, err := e.Bytes()
	if err != nil {
		tb.Fatalf("%s: %v", p.Name, err)
	}
	return printBytes(tb, p, b)
}

func printBytes(tb testing.TB, p Profile, b []byte) Paper {
	tb.Helper()
	v := NewPrinter(p, true)
	_, _ = v.Write(b)
	for _, err := range v.Errors() {
		tb.Errorf("%s: %v", p.Name, err)
	}
	papers := v.Papers()
	if len(papers) != 1 {
		tb.Fatalf("%s: %d papers, want 1", p.Name, len(papers))
	}
	if !papers[0].Cut {
		tb.Errorf("%s: the paper is not cut", p.Name)
	}
	return papers[0]
}
