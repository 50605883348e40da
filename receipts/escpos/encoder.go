package escpos

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"unicode/utf8"

	"comptoir/data/fault"
)

// Encoder writes the bytes that print one job on a printer of its profile. Its methods keep the first error, which Bytes returns.
type Encoder struct {
	p      Profile
	with   letters
	style  style
	out    []byte
	canvas *picture // what is drawn and not sent yet; nil outside image mode
	loose  bool     // something was printed that no cut has ended
	err    error
}

var (
	errWide     = fault.New(fault.Internal, "printer.too_wide", "A line is wider than the paper.")
	errRealTime = fault.New(fault.Internal, "printer.real_time", "The job holds bytes that a printer would obey at once.")
)

// feedToTear is how many lines lie between the head and the edge that paper is torn off at.
const feedToTear = 5

// New begins a job: the printer forgets what an interrupted one left, and takes the national set of the USA, because with that of France
// @ [ \ ] { | } ~ come out as à ° ç § é ù è ¨, and one byte a letter, because many cheap ones take two accented letters for a Chinese
// one when they are switched on. A profile that Check refuses makes Bytes refuse.
func New(p Profile) *Encoder {
	err := p.Check()
	if err != nil {
		p = Profiles()[0] // nothing that is written for it is handed out
	}
	e := &Encoder{p: p, with: p.letters(), style: style{w: 1, h: 1}, err: err}
	e.out = append(e.out, 0x1b, '@', 0x1b, 'R', 0, 0x1b, 't', byte(p.Page), 0x1c, '.')
	if p.Image {
		e.canvas = newPicture(p.Dots)
	}
	return e
}

func (e *Encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// columns is how many letters of the size in force a line has.
func (e *Encoder) columns() int { return e.p.Columns / e.style.w }

// Bold makes what follows bold, or usual again.
func (e *Encoder) Bold(on bool) {
	e.style.bold = on
	e.command(0x1b, 'E', oneOr0(on))
}

// Size makes letters w times as wide and h times as high as usual, 1 to 8. A line then has as many columns less.
func (e *Encoder) Size(w, h int) {
	if w < 1 || w > 8 || h < 1 || h > 8 {
		e.fail(fmt.Errorf("letters of %d by %d", w, h))
		return
	}
	e.style.w, e.style.h = w, h
	e.command(0x1d, '!', byte((w-1)<<4|(h-1)))
}

// command adds bytes that only a printer which writes by itself needs.
func (e *Encoder) command(b ...byte) {
	if e.canvas == nil {
		e.out = append(e.out, b...)
	}
}

func oneOr0(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// Text prints one line, as Printable shows it. Spelling may lengthen it: then it is taken out of its widest gap. A line
// that is wider than the paper all the same is an error: it is for callers to fold.
func (e *Encoder) Text(text string) {
	line := e.squeeze(e.with.fold(text))
	if utf8.RuneCountInString(line) > e.columns() {
		e.fail(errWide.With("line", line).With("columns", e.columns()))
		return
	}
	e.line(part{text: line})
}

// squeeze takes as much out of the widest gap as the line is too wide, and what trails.
func (e *Encoder) squeeze(line string) string {
	line = strings.TrimRight(line, " ")
	for utf8.RuneCountInString(line) > e.columns() {
		gap := "  "
		for strings.Contains(line, gap+" ") {
			gap += " "
		}
		at := strings.LastIndex(line, gap)
		if at < 0 {
			break
		}
		line = line[:at] + line[at+1:]
	}
	return line
}

// Row prints text on the left and on the right of a line; on two lines when there is no room for both. A side that is
// wider than the paper by itself is an error.
func (e *Encoder) Row(left, right string) {
	left, right = strings.TrimRight(e.with.fold(left), " "), strings.Trim(e.with.fold(right), " ")
	wide := utf8.RuneCountInString(right)
	switch {
	case right == "":
		e.Text(left)
		return
	case left != "" && utf8.RuneCountInString(left)+1+wide > e.columns():
		e.Text(left)
		left = ""
	}
	if wide > e.columns() {
		e.fail(errWide.With("line", right).With("columns", e.columns()))
		return
	}
	e.line(part{text: left}, part{text: right, x: (e.p.Columns - wide*e.style.w) * e.p.cell()})
}

// Center prints one line in the middle. Errors: those of Text.
func (e *Encoder) Center(text string) {
	line := strings.Trim(e.with.fold(text), " ")
	if utf8.RuneCountInString(line) > e.columns() {
		e.fail(errWide.With("line", line).With("columns", e.columns()))
		return
	}
	e.middle()
	e.line(part{text: line, x: (e.p.Dots - utf8.RuneCountInString(line)*e.p.cell()*e.style.w) / 2, middle: true})
	e.left()
}

// Rule prints one letter all across; dashes for a letter that the page lacks.
func (e *Encoder) Rule(of rune) {
	if !e.with.has(of) {
		of = '-'
	}
	e.Text(strings.Repeat(string(of), e.columns()))
}

func (e *Encoder) middle() { e.command(0x1b, 'a', 1) }
func (e *Encoder) left()   { e.command(0x1b, 'a', 0) }

// part is text on a line, from x dots on.
type part struct {
	text   string
	x      int
	middle bool // the printer finds x by itself
}

func (e *Encoder) line(parts ...part) {
	e.loose = true
	if e.canvas != nil {
		e.drawLine(parts)
		return
	}
	for _, p := range parts {
		if p.x > 0 && !p.middle { // rather than spaces: the price stays in its column whatever the printer's letters are
			e.out = append(e.out, 0x1b, '$', byte(p.x), byte(p.x>>8))
		}
		e.out = append(e.out, e.with.bytes(p.text)...)
	}
	e.out = append(e.out, '\n')
}

func (e *Encoder) drawLine(parts []part) {
	var line []letter
	cell := e.p.cell() * e.style.w
	for _, p := range parts {
		x := p.x
		for _, r := range p.text {
			line = append(line, letter{r: r, x: x, cell: cell, style: e.style})
			x += cell
		}
	}
	y := e.canvas.height()
	e.canvas.grow(y + advance(line))
	e.canvas.letters(y, line)
}

// Feed leaves n usual lines white, 0 to 255.
func (e *Encoder) Feed(n int) {
	if n < 0 || n > 255 {
		e.fail(fmt.Errorf("feed of %d lines", n))
		return
	}
	if e.canvas != nil {
		e.canvas.grow(e.canvas.height() + n*lineHeight)
		return
	}
	e.out = append(e.out, 0x1b, 'd', byte(n))
}

// Image prints a picture in the middle, one dot a pixel; what is darker than a little above half is black. A picture
// wider than the head is an error.
func (e *Encoder) Image(img image.Image) {
	if img.Bounds().Dx() > e.p.Dots {
		e.fail(errWide.With("dots", img.Bounds().Dx()))
		return
	}
	e.picture(pictureOf(img))
}

func (e *Encoder) picture(p *picture) {
	e.loose = true
	if e.canvas != nil {
		e.canvas.draw((e.p.Dots-p.width)/2, e.canvas.height(), p)
		return
	}
	whole := newPicture((p.width + 7) / 8 * 8) // bytes: what fills them up goes on both sides
	whole.draw((whole.width-p.width)/2, 0, p)
	e.middle()
	e.out = append(e.out, raster(whole)...)
	e.left()
}

// Drawer opens the drawer that hangs on the printer, with a pulse of 50 ms: it goes through the printer's queue, and so waits when there is
// no paper. A profile without a drawer is refused: printer.profile.
func (e *Encoder) Drawer() {
	if e.p.Pin < 0 {
		e.fail(errProfile.Field("pin", "required"))
		return
	}
	e.flush()
	e.out = append(e.out, 0x1b, 'p', byte(e.p.Pin), 0x19, 0xfa)
}

// Cut ends the paper: it is cut, or fed far enough to be torn off.
func (e *Encoder) Cut() {
	e.flush()
	e.loose = false
	switch e.p.Cut {
	case CutFeed:
		e.out = append(e.out, 0x1d, 'V', 66, 0)
	case CutOld:
		e.out = append(e.out, 0x1b, 'd', feedToTear, 0x1b, 'i')
	case CutByHand:
		e.out = append(e.out, 0x1b, 'd', feedToTear)
	}
}

// flush sends what is drawn.
func (e *Encoder) flush() {
	if e.canvas != nil && e.canvas.height() > 0 {
		e.out = append(e.out, raster(e.canvas)...)
		e.canvas = newPicture(e.p.Dots)
	}
}

// Bytes ends the job, with a cut where something was printed since the last one, and returns it. Refusals: printer.profile, qr.text; any other
// error is a mistake of the caller's.
func (e *Encoder) Bytes() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	if e.loose {
		e.Cut()
	}
	e.flush()
	for i := 1; i < len(e.out); i++ {
		if realTime(e.out[i-1], e.out[i]) {
			return nil, errRealTime.With("at", i-1)
		}
	}
	return bytes.Clone(e.out), nil
}
