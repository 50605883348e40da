package escpos

import (
	"image"
	"image/color"
)

// picture is black and white dots, as a head prints them: rows of bytes, the leftmost dot in bit 7. It grows downwards as it is drawn on.
type picture struct {
	width  int // in dots
	stride int // bytes of a row
	rows   []byte
}

func newPicture(width int) *picture { return &picture{width: width, stride: (width + 7) / 8} }

func (p *picture) height() int { return len(p.rows) / max(p.stride, 1) }

// grow makes room for so many rows.
func (p *picture) grow(height int) {
	if missing := height*p.stride - len(p.rows); missing > 0 {
		p.rows = append(p.rows, make([]byte, missing)...)
	}
}

// ink blackens a rectangle; what lies outside the width is cut off.
func (p *picture) ink(x, y, w, h int) {
	p.grow(y + h)
	for row := y; row < y+h; row++ {
		for at := max(x, 0); at < min(x+w, p.width); at++ {
			p.rows[row*p.stride+at/8] |= 0x80 >> (at % 8)
		}
	}
}

func (p *picture) at(x, y int) bool { return p.rows[y*p.stride+x/8]&(0x80>>(x%8)) != 0 }

// draw puts another picture on this one.
func (p *picture) draw(x, y int, of *picture) {
	p.grow(y + of.height())
	for row := range of.height() {
		for at := range of.width {
			if of.at(at, row) {
				p.ink(x+at, y+row, 1, 1)
			}
		}
	}
}

// style is how a letter looks.
type style struct {
	w, h   int // times the usual size, 1 to 8
	bold   bool
	under  bool
	invert bool
}

// letter is one letter on a line.
type letter struct {
	r     rune
	x     int // left of its cell, in dots
	cell  int // width of its cell, in dots
	style style
}

// lineHeight is how far the paper goes on after a line of usual letters, in dots.
const lineHeight = 30

// advance is how far the paper goes on after a line: letters of twice the height need more than the usual.
func advance(line []letter) int {
	height := lineHeight
	for _, l := range line {
		height = max(height, cellHeight*l.style.h)
	}
	return height
}

// letters draws a line of letters, which stand on the same foot, below row y.
func (p *picture) letters(y int, line []letter) {
	tallest := cellHeight
	for _, l := range line {
		tallest = max(tallest, cellHeight*l.style.h)
	}
	for _, l := range line {
		p.letter(y+tallest-cellHeight*l.style.h, l)
	}
}

func (p *picture) letter(y int, l letter) {
	rows, ok := glyph(l.r)
	if !ok {
		rows, _ = glyph('?')
	}
	left := (l.cell/l.style.w - cellWidth) / 2 // where a printer's own cell is wider than the font's
	for row, bits := range rows {
		if l.style.bold {
			bits |= bits >> 1
		}
		if l.style.under && row >= cellHeight-2 {
			bits = 0xfff0
		}
		if l.style.invert {
			bits = ^bits & 0xfff0
		}
		for dot := range cellWidth {
			if bits&(0x8000>>dot) != 0 {
				p.ink(l.x+(left+dot)*l.style.w, y+row*l.style.h, l.style.w, l.style.h)
			}
		}
	}
}

// pictureOf is an image in black and white: what is darker than a little above half, seen on white paper, is black.
func pictureOf(img image.Image) *picture {
	const dark = 140 // of 255
	bounds := img.Bounds()
	p := newPicture(bounds.Dx())
	p.grow(bounds.Dy())
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			r, g, b, a := img.At(bounds.Min.X+x, bounds.Min.Y+y).RGBA()
			white := 0xffff - a // of the paper below
			if color.GrayModel.Convert(color.RGBA64{R: uint16(r + white), G: uint16(g + white), B: uint16(b + white), A: 0xffff}).(color.Gray).Y < dark {
				p.ink(x, y, 1, 1)
			}
		}
	}
	return p
}

// image is the picture as people see it.
func (p *picture) image() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, p.width, p.height()), color.Palette{color.White, color.Black})
	for y := range p.height() {
		for x := range p.width {
			if p.at(x, y) {
				img.Pix[y*img.Stride+x] = 1
			}
		}
	}
	return img
}
