package escpos

import (
	"bytes"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// do carries one whole command out.
func (p *Printer) do(c []byte) {
	switch {
	case c[0] == '\n':
		p.feedLine()
	case c[0] == esc:
		p.doESC(c[1], c[2:])
	case c[0] == gs:
		p.doGS(c[1], c[2:])
	case c[0] == fs && c[1] == '(' && c[2] != 'A': // A: how Chinese letters look
		p.problem("unknown command FS ( %c", c[2])
	case c[0] == fs && (c[1] == '&' || c[1] == '.'):
		p.head.chinese = c[1] == '&'
	case c[0] >= ' ':
		p.letter(c[0])
	}
}

func (p *Printer) doESC(name byte, args []byte) {
	h := &p.head
	switch name {
	case '@':
		p.reset()
		p.event(Event{Kind: EventInit})
	case '2':
		h.spacing = lineHeight
	case '3':
		h.spacing = int(args[0])
	case 'd':
		lines := int(args[0])
		if len(h.line) > 0 {
			lines = max(lines, 1)
		}
		for range lines {
			p.feedLine()
		}
	case 'J':
		if len(h.line) > 0 {
			p.feedLine()
		}
		p.feed(int(args[0]))
	case '$':
		h.x = min(word(args), h.area)
	case '\\':
		h.x = min(max(h.x+int(int16(word(args))), 0), h.area)
	case 'i', 'm':
		p.cut(name, p.profile.Cut == CutOld)
	case 'p':
		p.pulse(args[0], 2*time.Duration(args[1])*time.Millisecond, 2*time.Duration(args[2])*time.Millisecond)
	default:
		p.doStyle(name, args[0])
	}
}

// doStyle does the commands of ESC that change how letters look.
func (p *Printer) doStyle(name, n byte) {
	h := &p.head
	on := n&1 != 0
	switch name {
	case '!':
		h.style.bold, h.style.under = n&0x08 != 0, n&0x80 != 0
		h.style.w, h.style.h = 1+int(n>>5&1), 1+int(n>>4&1)
	case '-':
		h.style.under = n%'0' != 0
	case 'E', 'G':
		h.style.bold = on
	case 'R':
		if h.national = n; n != 0 {
			p.breach("national set %d: text in it reads otherwise", n)
		}
	case 'a':
		if h.align = n % '0'; h.align > 2 {
			p.problem("ESC a %d", n)
			h.align = 0
		}
	case 't':
		p.turn(int(n))
	case ack:
		p.breach("a question of another make")
	case ' ', 'M', '{':
		if n%'0' != 0 {
			p.breach("ESC %c %d", name, n)
		}
	}
}

// turn is ESC t. A page that the printer lacks leaves the one in force.
func (p *Printer) turn(n int) {
	if n == p.profile.Page {
		p.head.page, p.head.ours = charmapNamed(p.profile.Charmap), true
		return
	}
	if n != 0 {
		p.breach("page %d, where the profile has %d", n, p.profile.Page)
	}
	pages := map[int]*charmap.Charmap{0: charmap.CodePage437, 2: charmap.CodePage850, 16: charmap.Windows1252, 19: charmap.CodePage858} // most have
	if page := pages[n]; page != nil {
		p.head.page, p.head.ours = page, false
	}
}

func word(b []byte) int { return int(b[0]) | int(b[1])<<8 }

func (p *Printer) doGS(name byte, args []byte) {
	h := &p.head
	switch name {
	case '!':
		h.style.w, h.style.h = int(args[0]>>4&7)+1, int(args[0]&7)+1
	case 'B':
		h.style.invert = args[0]&1 != 0
	case 'L':
		h.left = min(word(args), p.profile.Dots)
		h.area = min(h.area, p.profile.Dots-h.left)
	case 'W':
		if h.area = word(args); h.left+h.area > p.profile.Dots {
			p.breach("an area of %d dots from %d on", h.area, h.left)
			h.area = p.profile.Dots - h.left
		}
	case 'I':
		p.identify(args[0])
	case 'a':
		if p.asb = args[0] != 0; p.asb {
			p.tellAll()
		}
	case 'r':
		p.tell(args[0])
	case 'V':
		if bytes.IndexByte([]byte{0, 1, '0', '1', 65, 66}, args[0]) < 0 {
			p.problem("GS V %d", args[0])
			return
		}
		p.cut(args[0], p.profile.Cut == CutFeed)
	case 'v':
		p.raster(args)
	case '(':
		p.doFunction(args[0], args[3:])
	case '8':
		p.doGraphics(args[0], args[5:])
	}
}

// tell answers GS r: all that came before has been done.
func (p *Printer) tell(n byte) {
	switch n {
	case 1, '1':
		p.answer(p.roll())
	case 2, '2':
		p.answer(0x01)
	default:
		p.problem("GS r %d", n)
	}
}

// raster is GS v 0.
func (p *Printer) raster(args []byte) {
	width, height := word(args[2:]), word(args[4:])
	if args[0] != '0' || args[1]%'0' != 0 {
		p.problem("GS v % x", args[:2])
	}
	if width == 0 || height == 0 {
		p.problem("a picture of %d×%d", 8*width, height)
		return
	}
	p.show(&picture{width: 8 * width, stride: width, rows: bytes.Clone(args[6:])})
}

func (p *Printer) show(pic *picture) {
	p.event(Event{Kind: EventPicture, Width: pic.width, Height: pic.height()})
	p.place(pic)
}

// doGraphics is GS ( L and GS 8 L: a picture is kept, then printed.
func (p *Printer) doGraphics(letter byte, b []byte) {
	const header = 10 // m, function, tone, scales, colour, width in dots, height
	h := &p.head
	switch {
	case letter == 'L' && len(b) == 2 && b[0] == 48 && (b[1] == 2 || b[1] == 50) && h.stored != nil:
		p.show(h.stored)
		h.stored = nil
	case letter == 'L' && len(b) > header && b[0] == 48 && b[1] == 112 && b[2] == 48 && b[3] == 1 && b[4] == 1:
		pic := &picture{width: word(b[6:]), stride: (word(b[6:]) + 7) / 8, rows: bytes.Clone(b[header:])}
		if pic.width == 0 || len(pic.rows) != pic.stride*word(b[8:]) {
			p.problem("a picture of %d×%d in %d bytes", pic.width, word(b[8:]), len(pic.rows))
			return
		}
		h.stored = pic
	default:
		p.problem("unknown graphics %c % x", letter, b[:min(len(b), header)])
	}
}

// doFunction is GS ( with a letter: codes, and the echo of a job's number.
func (p *Printer) doFunction(letter byte, b []byte) {
	h := &p.head
	switch {
	case letter == 'H' && len(b) == 6 && b[0] == 48 && b[1] == 48:
		p.answer(append(append([]byte{0x37, 0x22}, b[2:]...), 0)...)
	case letter == 'L':
		p.doGraphics(letter, b)
	case letter != 'k' || len(b) < 3 || b[0] != 49:
		p.problem("unknown command GS ( %c % x", letter, b[:min(len(b), 8)])
	case b[1] == 65:
		if b[2] != 50 {
			p.breach("a code of model %d", b[2])
		}
	case b[1] == 67:
		if h.dots = int(b[2]); h.dots < 1 || h.dots > 16 {
			p.problem("modules of %d dots", h.dots)
			h.dots = 3
		}
	case b[1] == 69 && b[2] >= '0' && b[2] <= '3':
		h.level = b[2]
	case b[1] == 80:
		h.code = string(b[3:])
	case b[1] == 81:
		p.printCode()
	default:
		p.problem("unknown function of codes % x", b[:3])
	}
}
