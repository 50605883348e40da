package escpos

import (
	_ "embed"
	"encoding/binary"
	"sort"
)

// Size of the cell of a letter, in dots.
const (
	cellWidth  = 12
	cellHeight = 24
)

// glyphs is Go Mono at 20 pixels, cut to black and white: for each letter, in the order of Unicode, its number in 4 bytes and 24 rows of 2
// bytes, the leftmost dot first. Frozen instead of drawn at run time, because the arithmetic of outlines may round otherwise on another
// processor, and a paper must have the same dots everywhere. The test of the file draws it anew.
//
//go:embed glyphs.bin
var glyphs string

const glyphBytes = 4 + 2*cellHeight

// glyph returns the rows of a letter, bit 15 being its leftmost dot; false when the font lacks it.
func glyph(r rune) (rows [cellHeight]uint16, ok bool) {
	n := len(glyphs) / glyphBytes
	at := func(i int) rune { return rune(binary.BigEndian.Uint32([]byte(glyphs[i*glyphBytes:][:4]))) }
	i := sort.Search(n, func(i int) bool { return at(i) >= r })
	if i == n || at(i) != r {
		return rows, false
	}
	for y := range rows {
		rows[y] = binary.BigEndian.Uint16([]byte(glyphs[i*glyphBytes+4+2*y:][:2]))
	}
	return rows, true
}
