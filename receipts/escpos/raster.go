package escpos

// stripRows is how many rows of a picture are sent at a time: cheap printers keep no more of them in memory.
const stripRows = 256

// raster returns the commands that print rows of a picture: GS v 0, in strips.
func raster(p *picture) []byte {
	var out []byte
	for from := 0; from < p.height(); from += stripRows {
		rows := min(stripRows, p.height()-from)
		out = append(out, 0x1d, 'v', '0', 0, byte(p.stride), byte(p.stride>>8), byte(rows), byte(rows>>8))
		strip := len(out)
		out = append(out, p.rows[from*p.stride:(from+rows)*p.stride]...)
		defuse(out[strip:])
	}
	return out
}

// realTime reports that a printer would obey these two bytes at once, even inside a picture: DLE EOT (tells how it is), DLE ENQ (goes on after
// an error, or throws everything away) and DLE DC4 (opens the drawer, switches off).
func realTime(first, second byte) bool {
	return first == 0x10 && (second == 0x04 || second == 0x05 || second == 0x14)
}

// defuse takes real-time commands out of a picture: the lone dot of the first byte gets a neighbour, which nobody sees. Codes are
// never touched: their modules are at least moduleLeast dots wide, so that no byte of them is one lone dot between white ones.
func defuse(data []byte) {
	for i := 1; i < len(data); i++ {
		if realTime(data[i-1], data[i]) {
			data[i-1] |= 0x20
		}
	}
}
