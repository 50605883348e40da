package web

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"comptoir/receipts"
)

// Measures of a card as a picture, in pixels: upright, for the screen of a phone held to a scanner.
const (
	cardWidth    = 1080
	cardHeight   = 1540
	cardMargin   = 60
	cardQR       = 820 // side of the code: 35 mm at 600 dots per inch, and more than a phone needs
	cardQRTop    = 290
	cardCorner   = 56
	cardTextMost = cardWidth - 2*cardMargin
)

// cardPainter draws cards. Its fonts are those of the Go project: they have every letter of the languages spoken here,
// and need no file of their own.
type cardPainter struct{ bold, regular *opentype.Font }

func newCardPainter() (*cardPainter, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, err
	}
	regular, err := opentype.Parse(goregular.TTF)
	return &cardPainter{bold, regular}, err
}

// cardPicture serves GET /C/{code}/card.png: the card as a picture, which needs no network later.
func (s *Server) cardPicture(c *fiber.Ctx) error {
	code := strings.ToUpper(c.Params("code"))
	card, err := s.till.CardOfPublic(c.UserContext(), code)
	if err != nil {
		return err
	}
	l := s.language(c)
	picture, err := s.painter.paint(cardPaper{
		Cafe: cafeName(s.till.Identity()), Title: l.T("card.page"), Link: s.till.CardURL(code), Aloud: aloud(card.Number), Letters: inFours(code),
		Show: l.T("card.show"), Law: l.T("card.picture_law"),
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Status(http.StatusOK).Send(picture)
}

// cardPaper is what stands on the picture of a card.
type cardPaper struct {
	Cafe, Title, Link, Aloud, Letters, Show, Law string
}

// paint draws a card as a PNG: its code black on white with its quiet zone, and in words all that is needed without it.
func (p *cardPainter) paint(c cardPaper) ([]byte, error) {
	ground, white := color.RGBA{0xfb, 0xf6, 0xef, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink, muted, accent := color.RGBA{0x2a, 0x20, 0x19, 0xff}, color.RGBA{0x65, 0x56, 0x4a, 0xff}, color.RGBA{0xa8, 0x48, 0x1f, 0xff}
	code, err := receipts.QRImage(c.Link, cardQR)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, cardWidth, cardHeight))
	draw.Draw(img, img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	panel := image.Rect(cardMargin, cardQRTop-40, cardWidth-cardMargin, cardQRTop+cardQR+260)
	rounded(img, panel, cardCorner, white)
	left := (cardWidth - cardQR) / 2
	draw.Draw(img, image.Rect(left, cardQRTop, left+cardQR, cardQRTop+cardQR), code, image.Point{}, draw.Src)
	below := cardQRTop + cardQR
	for _, t := range []struct {
		text string
		font *opentype.Font
		size float64
		y    int
		ink  color.Color
	}{
		{c.Cafe, p.bold, 76, 130, ink},
		{c.Title, p.regular, 44, 200, accent},
		{c.Aloud, p.bold, 84, below + 100, ink},
		{c.Letters, p.regular, 44, below + 190, muted},
		{c.Show, p.regular, 36, cardHeight - 96, ink},
		{c.Law, p.regular, 32, cardHeight - 42, muted},
	} {
		if err := centered(img, t.font, t.text, t.size, t.y, t.ink); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// centered writes a line in the middle of the picture, in smaller letters when it is too long. What the font has no
// sign for is left out.
func centered(img draw.Image, f *opentype.Font, text string, size float64, y int, ink color.Color) error {
	const least = 18 // a name of sixty letters is still whole
	var buffer sfnt.Buffer
	known := strings.Map(func(r rune) rune {
		if glyph, err := f.GlyphIndex(&buffer, r); err != nil || glyph == 0 || unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	for ; ; size *= 0.94 {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return err
		}
		width := font.MeasureString(face, known).Ceil()
		if width > cardTextMost && size > least {
			continue
		}
		d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face, Dot: fixed.P((cardWidth-width)/2, y)}
		d.DrawString(known)
		return nil
	}
}

// rounded fills a rectangle with round corners.
func rounded(img draw.Image, r image.Rectangle, radius float32, fill color.Color) {
	w, h := float32(r.Dx()), float32(r.Dy())
	const k = 0.4477 // of the radius: where a curve's handle stands off its corner
	v := vector.NewRasterizer(r.Dx(), r.Dy())
	v.MoveTo(radius, 0)
	v.LineTo(w-radius, 0)
	v.CubeTo(w-k*radius, 0, w, k*radius, w, radius)
	v.LineTo(w, h-radius)
	v.CubeTo(w, h-k*radius, w-k*radius, h, w-radius, h)
	v.LineTo(radius, h)
	v.CubeTo(k*radius, h, 0, h-k*radius, 0, h-radius)
	v.LineTo(0, radius)
	v.CubeTo(0, k*radius, k*radius, 0, radius, 0)
	v.ClosePath()
	v.Draw(img, r, image.NewUniform(fill), image.Point{})
}
