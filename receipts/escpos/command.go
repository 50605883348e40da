package escpos

// What begins a command.
const (
	ack = 0x06
	dle = 0x10
	esc = 0x1b
	fs  = 0x1c
	gs  = 0x1d
)

// size returns how many bytes the command at the start of b has in all; 0 while too few of them are there to tell. known is
// false for a command that this printer does not have: those n bytes are then thrown away.
func size(b []byte) (n int, known bool) {
	first := b[0]
	if first != dle && first != esc && first != fs && first != gs {
		return 1, first >= ' ' && first != 0x7f || first == '\n' || first == '\r'
	}
	switch {
	case len(b) < 2:
		return 0, true
	case first == dle:
		return sizeDLE(b)
	case first == esc:
		return sizeESC(b[1])
	case first == fs && b[1] != '(':
		return sizeFS(b[1])
	}
	return sizeGS(b)
}

func sizeESC(name byte) (int, bool) {
	switch name {
	case '@', '2', 'i', 'm':
		return 2, true
	case ' ', '!', '-', '3', 'E', 'G', 'J', 'M', 'R', 'a', 'd', 't', '{':
		return 3, true
	case '$', '\\':
		return 4, true
	case 'p':
		return 5, true
	case ack: // Star's question how it is, which clients ask to find out whom they speak to: no answer is the answer
		return 3, true
	}
	return 2, false
}

// sizeFS knows the commands for Chinese and Japanese letters, which clients turn off.
func sizeFS(name byte) (int, bool) {
	switch name {
	case '.', '&':
		return 2, true
	case '!', '-', 'C':
		return 3, true
	case 'S':
		return 4, true
	}
	return 2, false
}

func sizeGS(b []byte) (int, bool) {
	need := func(header int, rest func() int) (int, bool) {
		if len(b) < header {
			return 0, true
		}
		return header + rest(), true
	}
	word := func(at int) int { return int(b[at]) | int(b[at+1])<<8 }
	switch b[1] {
	case '!', 'B', 'I', 'a', 'r':
		return 3, true
	case 'L', 'P', 'W':
		return 4, true
	case 'V':
		return need(3, func() int {
			if m := b[2]; m == 0 || m == 1 || m == '0' || m == '1' {
				return 0
			}
			return 1
		})
	case 'v':
		return need(8, func() int { return word(4) * word(6) })
	case '(':
		return need(5, func() int { return word(3) })
	case '8': // GS 8 L is GS ( L for pictures of any size
		return need(7, func() int { return word(3) | word(5)<<16 })
	}
	return 2, false
}

func sizeDLE(b []byte) (int, bool) {
	switch {
	case !realTime(b[0], b[1]):
		return 1, false // what follows may be a command
	case len(b) < 3:
		return 0, true
	case b[1] == 0x04 && b[2] >= 1 && b[2] <= 4, b[1] == 0x05 && (b[2] == 1 || b[2] == 2):
		return 3, true
	case b[1] == 0x14 && b[2] == 1:
		return 5, true
	}
	return 3, false
}
