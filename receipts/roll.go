package receipts

import (
	"strings"
	"unicode"

	"github.com/skip2/go-qrcode"

	"comptoir/receipts/escpos"
)

// Printable is a paper that a receipt printer can be handed.
type Printable interface {
	// ESCPOS returns the bytes that print the paper on a printer of this profile: they begin with a reset and end with a
	// cut, so that nothing of one job is left to the next. Its words are those of Text, in the letters that the printer has.
	// Refusal: printer.profile.
	ESCPOS(p escpos.Profile) ([]byte, error)
}

// roll is the paper of a receipt printer: a sheet whose lines go to the printer, and which can show some of them large.
type roll struct {
	sheet

	e    *escpos.Encoder
	dots int // of the head
}

// onRoll writes strips of paper for a printer of this profile, each cut off from the next.
func onRoll(p escpos.Profile, strips ...func(*roll)) ([]byte, error) {
	r := &roll{e: escpos.New(p), dots: p.Dots}
	r.sheet = sheet{width: p.Columns, plain: func(text string) string { return asPrinted(p, text) }, to: r}
	if err := p.Check(); err != nil {
		return nil, err
	}
	for _, write := range strips {
		write(r)
		r.e.Cut()
	}
	return r.e.Bytes()
}

// asPrinted is text in the letters of a printer. What is unbreakable stays so until it is laid out.
func asPrinted(p escpos.Profile, text string) string {
	parts := strings.Split(printable(text), noBreak)
	for i, part := range parts {
		parts[i] = p.Printable(part)
	}
	return strings.Join(parts, noBreak)
}

func (r *roll) line(text string)        { r.e.Text(text) }
func (r *roll) middle(text string)      { r.e.Center(text) }
func (r *roll) pair(left, right string) { r.e.Row(left, right) }
func (r *roll) across(of rune)          { r.e.Rule(of) }

// sized writes in bold letters w times as wide and h times as high.
func (r *roll) sized(w, h int, write func(s *sheet)) {
	r.e.Size(w, h)
	r.e.Bold(true)
	write(&sheet{width: r.width / w, plain: r.plain, to: r})
	r.e.Bold(false)
	r.e.Size(1, 1)
}

// doubled is 2 where letters twice as wide leave room for so many of them, else 1.
func (r *roll) doubled(letters int) int {
	if letters <= r.width/2 {
		return 2
	}
	return 1
}

func (r *roll) title(text string) {
	r.sized(r.doubled(runes(r.plain(text))), 2, func(s *sheet) { s.center(text) })
}

// mark is large whatever it takes: it says what the paper is worth (fiscal R38, R68).
func (r *roll) mark(text string) {
	r.sized(2, 2, func(s *sheet) { s.mark(text) })
}

func (r *roll) heading(text string) {
	r.sized(1, 1, func(s *sheet) { s.center(text) })
}

func (r *roll) total(name, value string) {
	r.sized(r.doubled(runes(r.plain(name))+1+runes(r.plain(value))), 2, func(s *sheet) { s.row(name, value) })
}

// code prints a QR code. One that cannot be drawn is left out: a receipt without its code is better than none.
func (r *roll) code(text string) {
	if text != "" && len(text) <= QRTextMax && !strings.ContainsFunc(text, unicode.IsControl) {
		r.e.QR(text)
	}
}

func (r *roll) huge(text string) {
	size := 4
	for size > 1 && runes(r.plain(text)) > r.width/size {
		size--
	}
	r.sized(size, size, func(s *sheet) { s.center(text) })
}

func (r *roll) big(lead, name string) {
	r.sized(2, 2, func(s *sheet) { s.hanging(lead, name, "") })
}

func (r *roll) tall(lead, name string) {
	r.sized(1, 2, func(s *sheet) { s.hanging(lead, name, "") })
}

// badge prints a code at level Q (25 %), for what is carried about, in modules of 6 dots where the paper is wide enough:
// 22 to 30 mm for the address of a card.
func (r *roll) badge(text string) {
	const module = 6
	modules, err := matrix(text, qrcode.High)
	if err != nil {
		r.code(text)
		return
	}
	r.e.Image(drawn(modules, len(modules)*min(module, r.dots/len(modules))))
}

// ESCPOS implements Printable.
func (d Document) ESCPOS(p escpos.Profile) ([]byte, error) {
	return onRoll(p, func(r *roll) { d.writeOn(r) })
}

// ESCPOS implements Printable.
func (c Closing) ESCPOS(p escpos.Profile) ([]byte, error) {
	return onRoll(p, func(r *roll) { c.writeOn(r) })
}

// ESCPOS implements Printable.
func (k KitchenTicket) ESCPOS(p escpos.Profile) ([]byte, error) {
	return onRoll(p, func(r *roll) { k.writeOn(r) })
}

// ESCPOS implements Printable: each card is cut off from the next.
func (c CardPaper) ESCPOS(p escpos.Profile) ([]byte, error) {
	var strips []func(*roll)
	for _, one := range c.Cards {
		strips = append(strips, func(r *roll) { c.writeOn(r, one) })
	}
	return onRoll(p, strips...)
}

// ESCPOS implements Printable: both copies, cut apart.
func (p Slip) ESCPOS(profile escpos.Profile) ([]byte, error) {
	var strips []func(*roll)
	for _, which := range slipCopies() {
		strips = append(strips, func(r *roll) { p.writeOn(r, which) })
	}
	return onRoll(profile, strips...)
}
