package escpos

import "time"

// listen obeys the real-time commands, which printers find wherever they stand.
func (p *Printer) listen(c byte) {
	at := len(p.heard)
	fits := false
	switch at {
	case 0:
		fits = c == dle
		p.inside = len(p.buf) > p.ready || p.skip > 0
	case 1:
		fits = realTime(dle, c)
	case 2:
		fits = p.heard[1] == 0x04 && c >= 1 && c <= 4 || p.heard[1] == 0x05 && (c == 1 || c == 2) || p.heard[1] == 0x14 && c == 1
	case 3:
		fits = c <= 1
	case 4:
		fits = c >= 1 && c <= 8
	}
	switch {
	case !fits:
		p.heard = p.heard[:0]
		if c == dle && at > 0 {
			p.listen(c)
		}
		return
	}
	p.heard = append(p.heard, c)
	if len(p.heard) == 3 && p.heard[1] != 0x14 || len(p.heard) == 5 {
		p.obey(p.heard)
		p.heard = p.heard[:0]
	}
}

func (p *Printer) obey(command []byte) {
	if p.inside {
		p.problem("real-time command % x inside another", command)
	}
	switch command[1] {
	case 0x04:
		p.answer(p.status(command[2]))
	case 0x14:
		p.pulse(command[3], time.Duration(command[4])*100*time.Millisecond, time.Duration(command[4])*100*time.Millisecond)
	}
}

// status answers DLE EOT n.
func (p *Printer) status(n byte) byte {
	const valid = 0x12
	b := byte(valid)
	set := func(when bool, bits byte) {
		if when {
			b |= bits
		}
	}
	switch n {
	case 1:
		b |= 0x04 // the drawer's wire is high: closed
		set(p.state.idle(), 0x08)
	case 2:
		set(p.state.CoverOpen, 0x04)
		set(p.state.PaperOut, 0x20)
	case 4:
		set(p.state.PaperLow || p.state.PaperOut, 0x0c)
		set(p.state.PaperOut, 0x60)
	}
	return b
}

// roll is the byte about paper in the answers that are not in real time.
func (p *Printer) roll() (b byte) {
	if p.state.PaperLow || p.state.PaperOut {
		b |= 0x03
	}
	if p.state.PaperOut {
		b |= 0x0c
	}
	return b
}

// tellAll sends the four bytes of the automatic status.
func (p *Printer) tellAll() {
	first := byte(0x14)
	if p.state.idle() {
		first |= 0x08
	}
	if p.state.CoverOpen {
		first |= 0x20
	}
	p.answer(first, 0, p.roll(), 0x0f)
}

// identify answers GS I n.
func (p *Printer) identify(n byte) {
	said := func(text string) { p.answer([]byte("_" + text + "\x00")...) }
	switch n {
	case 1, '1':
		p.answer(0x20)
	case 2, '2':
		p.answer(0x02)
	case 3, '3':
		p.answer(0x01)
	case 65:
		said("1.0")
	case 66:
		said("COMPTOIR")
	case 67:
		said("VIRTUAL-" + p.profile.Name)
	case 68:
		said("0")
	default:
		p.problem("GS I %d", n)
	}
}

func (p *Printer) answer(b ...byte) {
	if p.state.Mute || len(p.answers)+len(b) > answerMax {
		return
	}
	p.answers = append(p.answers, b...)
	select {
	case p.woken <- struct{}{}:
	default:
	}
}
