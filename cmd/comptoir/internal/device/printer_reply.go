package device

// replyKind is what a byte of a printer answers.
type replyKind int

// The kinds.
const (
	replyStatus replyKind = iota // DLE EOT n: how it is now
	replyEnd                     // GS r 1: all that was sent before is done
)

// reply is one answer of a printer.
type reply struct {
	kind replyKind
	b    byte
}

// ear picks answers out of whatever bytes a printer sends. What is none of them is dropped: flow control, names, garbage.
type ear struct{ skip int }

// hear takes the next byte, and reports whether it is an answer.
func (e *ear) hear(b byte) (reply, bool) {
	if e.skip > 0 && b&0x90 == 0 {
		e.skip-- // an automatic status: four bytes, told to whoever asked for it before
		return reply{}, false
	}
	e.skip = 0
	switch {
	case b&0x93 == 0x12:
		return reply{replyStatus, b}, true
	case b&0x93 == 0x10:
		e.skip = 3
	case b&0x90 == 0 && bothOrNone(b, 0x03) && bothOrNone(b, 0x0c):
		return reply{replyEnd, b}, true
	}
	return reply{}, false
}

// bothOrNone reports whether the two bits of a sensor agree: printers set them together.
func bothOrNone(b, bits byte) bool { return b&bits == 0 || b&bits == bits }

// What is asked of a printer in real time.
const (
	askOffline = 2 // why it prints nothing
	askPaper   = 4
)

// answers reports whether a status byte can be the answer to what was asked: a late answer to something else is not.
func answers(asked, b byte) bool {
	return asked != askPaper || bothOrNone(b, 0x0c) && bothOrNone(b, 0x60)
}

// codeOfStatus says what an answer tells of a printer.
func codeOfStatus(asked, b byte) string {
	switch {
	case asked == askOffline && b&0x04 != 0:
		return CodeCoverOpen
	case asked == askOffline && b&0x20 != 0, asked == askPaper && b&0x60 != 0:
		return CodePaperOut
	case asked == askOffline && b&0x40 != 0:
		return CodeError
	case asked == askPaper && b&0x0c != 0:
		return CodePaperLow
	}
	return ""
}

// blocks reports whether nothing comes out of a printer that has this in its way.
func blocks(code string) bool {
	return code != "" && code != CodePaperLow && code != CodeUnverified && code != CodeCutOff && code != CodeRestarted
}
