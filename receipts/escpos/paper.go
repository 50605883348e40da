package escpos

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"time"
)

// Paper is what came out of a printer, up to a cut.
type Paper struct {
	Text   string  // its letters, line by line; pictures have none
	Events []Event // what else happened, in its order
	Cut    bool    // cut, or fed far enough to be torn off

	width, height int // dots
	marks         []mark
}

// mark is a line of letters or a picture, at its place.
type mark struct {
	x, y int
	line []letter
	pic  *picture
}

// The kinds of Event.
const (
	EventInit    = "init"
	EventCode    = "qr"
	EventPicture = "picture"
	EventDrawer  = "drawer"
	EventCut     = "cut"
)

// Event is something a printer did that is no letter.
type Event struct {
	Kind    string
	Text    string // of a code
	Modules int    // of a code: on a side, without the white around it
	Width   int    // of a code or a picture, in dots
	Height  int
	Mode    int // of a cut: m of GS V, 'i' or 'm' of the old commands
	Pin     int // of a drawer
	On, Off time.Duration
}

// String is the event in a golden file.
func (e Event) String() string {
	switch e.Kind {
	case EventCode:
		return fmt.Sprintf("QR native %q modules=%d dots=%d", e.Text, e.Modules, e.Width)
	case EventPicture:
		return fmt.Sprintf("PICTURE %d×%d", e.Width, e.Height)
	case EventDrawer:
		return fmt.Sprintf("DRAWER pin=%d on=%v off=%v", e.Pin, e.On, e.Off)
	case EventCut:
		return fmt.Sprintf("CUT %d", e.Mode)
	}
	return strings.ToUpper(e.Kind)
}

// Image is the paper as it looks, one pixel a dot of the head.
func (p Paper) Image() image.Image { return p.draw().image() }

// PNG is the paper as it looks, as a file. The same paper is the same picture on every machine.
func (p Paper) PNG() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p.draw().image()); err != nil {
		return nil, fmt.Errorf("draw paper: %w", err)
	}
	return b.Bytes(), nil
}

func (p Paper) draw() *picture {
	on := newPicture(p.width)
	on.grow(max(p.height, 1))
	for _, m := range p.marks {
		if m.pic != nil {
			on.draw(m.x, m.y, m.pic)
			continue
		}
		on.letters(m.y, m.line)
	}
	return on
}

// textOf is a line of letters without their looks: letters of twice the width take one place, and gaps are as wide as they look.
func textOf(line []letter, cell int) string {
	var b strings.Builder
	at := 0
	for _, l := range line {
		for ; at+cell <= l.x; at += cell {
			b.WriteByte(' ')
		}
		b.WriteRune(l.r)
		at = l.x + l.cell
	}
	return strings.TrimRight(b.String(), " ")
}
