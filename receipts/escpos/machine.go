package escpos

import (
	"strings"
	"time"
	"unicode"

	"github.com/skip2/go-qrcode"
	"golang.org/x/text/encoding/charmap"
)

// machine is what a printer remembers between two commands.
type machine struct {
	style    style
	align    byte
	page     *charmap.Charmap
	ours     bool // it is that of the profile, or it has been said that it is not
	national byte
	chinese  bool // two bytes a letter, as clones are when they are switched on
	spacing  int  // from one line to the next, in dots
	left     int  // margin
	area     int  // width that is printed on
	x        int  // of the next letter
	line     []letter
	code     string // that is stored to be drawn
	dots     int    // of a module
	level    byte
	stored   *picture // kept by GS ( L

	paper Paper
	text  strings.Builder
	lines int  // of text
	inked int  // row below the last ink
	long  bool // the paper is as long as it may be
}

// reset is ESC @.
func (p *Printer) reset() {
	h := &p.head
	if len(h.line) > 0 {
		p.breach("a line without its line feed is thrown away: %q", textOf(h.line, p.profile.cell()))
	}
	if p.atTheEdge() {
		p.finish(true)
	}
	h.style, h.align, h.national, h.chinese = style{w: 1, h: 1}, 0, 0, true
	p.turn(0)
	h.spacing, h.left, h.area, h.x, h.line = lineHeight, 0, p.profile.Dots, 0, nil
	h.code, h.dots, h.level, h.stored = "", 3, '0', nil
}

// atTheEdge reports that a paper of a printer without a knife is far enough out to be torn off.
func (p *Printer) atTheEdge() bool {
	h := &p.head
	return p.profile.Cut == CutByHand && h.paper.height > 0 && h.paper.height-h.inked >= feedToTear*lineHeight
}

func (p *Printer) current() Paper {
	paper := p.head.paper
	paper.Text = p.head.text.String()
	if paper.Text = strings.TrimRight(paper.Text, "\n"); paper.Text != "" {
		paper.Text += "\n"
	}
	paper.Cut = paper.Cut || p.atTheEdge()
	return paper
}

// finish takes the paper out and begins the next one.
func (p *Printer) finish(cut bool) {
	h := &p.head
	h.paper.Cut = cut
	p.papers = append(p.papers, p.current())
	if len(p.papers) > keptMost {
		p.papers = append(p.papers[:0:0], p.papers[1:]...)
	}
	h.paper = Paper{width: p.profile.Dots}
	h.text.Reset()
	h.lines, h.inked, h.long = 0, 0, false
}

// room reports that the paper may grow by so many rows.
func (p *Printer) room(rows int) bool {
	if p.head.paper.height+rows <= rowsMax {
		return true
	}
	if !p.head.long {
		p.head.long = true
		p.problem("a paper of more than %d rows", rowsMax)
	}
	return false
}

func (p *Printer) feed(rows int) {
	if p.room(rows) {
		p.head.paper.height += rows
	}
}

// put adds a letter to the line, which goes on below when it is full.
func (p *Printer) put(r rune) {
	h := &p.head
	cell := p.profile.cell() * h.style.w
	if h.x+cell > h.area {
		p.breach("the line %q is wider than the paper", textOf(h.line, p.profile.cell()))
		p.feedLine()
	}
	if n := len(h.line); n > 0 && h.x < h.line[n-1].x+h.line[n-1].cell && r != ' ' {
		p.breach("%q is printed over %q", r, textOf(h.line, p.profile.cell()))
	}
	if len(h.line) < h.area { // printed over and over
		h.line = append(h.line, letter{r: r, x: h.x, cell: cell, style: h.style})
	}
	h.x += cell
}

// feedLine prints the line and goes to the next.
func (p *Printer) feedLine() {
	h := &p.head
	line := h.line
	h.line, h.x = nil, 0
	rows := h.spacing
	if len(line) > 0 {
		rows = max(advance(line)-lineHeight+h.spacing, cellHeight*tallest(line))
	}
	if !p.room(rows) || h.lines >= rowsMax {
		return
	}
	if len(line) > 0 {
		end := 0
		for _, l := range line {
			end = max(end, l.x+l.cell)
		}
		from := h.left + p.aligned(end)
		for i := range line {
			line[i].x += from
		}
		h.paper.marks = append(h.paper.marks, mark{y: h.paper.height, line: line})
		h.inked = h.paper.height + rows
	}
	h.text.WriteString(textOf(line, p.profile.cell()))
	h.text.WriteByte('\n')
	h.lines++
	h.paper.height += rows
}

func tallest(line []letter) int {
	h := 1
	for _, l := range line {
		h = max(h, l.style.h)
	}
	return h
}

// aligned is where something of a width begins.
func (p *Printer) aligned(width int) int {
	switch p.head.align {
	case 1:
		return max(0, (p.head.area-width)/2)
	case 2:
		return max(0, p.head.area-width)
	}
	return 0
}

// place prints a picture.
func (p *Printer) place(pic *picture) {
	h := &p.head
	if len(h.line) > 0 {
		p.feedLine()
	}
	if pic.width > h.area {
		p.breach("a picture of %d dots on %d", pic.width, h.area)
	}
	if !p.room(pic.height()) {
		return
	}
	h.paper.marks = append(h.paper.marks, mark{x: h.left + p.aligned(pic.width), y: h.paper.height, pic: pic})
	h.paper.height += pic.height()
	h.inked = h.paper.height
}

// printCode draws the code that is stored.
func (p *Printer) printCode() {
	h := &p.head
	if !p.profile.QR { // what such printers do
		p.breach("a code of its own")
		for _, c := range []byte(h.code) {
			p.letter(c)
		}
		p.feedLine()
		return
	}
	levels := [4]qrcode.RecoveryLevel{qrcode.Low, qrcode.Medium, qrcode.High, qrcode.Highest}
	modules, err := modulesOf(h.code, levels[(h.level-'0')%4])
	if h.code == "" || err != nil {
		p.problem("a code of %d bytes: %v", len(h.code), err)
		return
	}
	pic := drawCode(modules, h.dots, 0)
	p.event(Event{Kind: EventCode, Text: h.code, Modules: len(modules), Width: pic.width, Height: pic.height()})
	p.place(pic)
}

// letter prints a byte as the page in force has it.
func (p *Printer) letter(c byte) {
	r := p.head.page.DecodeByte(c)
	if c >= 0x80 && p.head.chinese {
		p.breach("%q is half a Chinese letter on many printers", r)
		p.head.chinese = false // said once
	}
	if c >= 0x80 && !p.head.ours {
		p.breach("%q of another page than the profile's", r)
		p.head.ours = true // said once a page
	}
	if p.head.national == 1 { // France: a wrong set has to look wrong
		const usa, france = "#$@[\\]^`{|}~", "#$à°ç§^`éùè¨"
		if i := strings.IndexByte(usa, c); i >= 0 {
			r = []rune(france)[i]
		}
	}
	if !unicode.IsGraphic(r) {
		r = unicode.ReplacementChar
	}
	p.put(r)
}

// cut ends the paper.
func (p *Printer) cut(mode byte, known bool) {
	if len(p.head.line) > 0 {
		p.feedLine()
	}
	if !known {
		p.breach("cut %d on a printer whose cut is %s", mode, p.profile.Cut)
	}
	p.event(Event{Kind: EventCut, Mode: int(mode)})
	if p.profile.Cut == CutByHand {
		return
	}
	const toKnife = 3 * lineHeight
	if p.profile.Cut == CutFeed {
		p.feed(toKnife)
	}
	p.finish(true)
}

// pulse opens the drawer.
func (p *Printer) pulse(pin byte, on, off time.Duration) {
	pin &= 1
	if int(pin) != p.profile.Pin {
		p.breach("a pulse on pin %d, where no drawer hangs", pin)
	}
	p.event(Event{Kind: EventDrawer, Pin: int(pin), On: on, Off: off})
}
