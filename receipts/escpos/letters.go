package escpos

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// letters is what a printer can show: a page of 256, or, for pictures (page nil), all that the font has.
type letters struct{ page *charmap.Charmap }

// charmapNamed returns the page of a name of Charmaps; nil for another name.
func charmapNamed(name string) *charmap.Charmap {
	switch name {
	case "windows-1252":
		return charmap.Windows1252
	case "cp858":
		return charmap.CodePage858
	case "iso-8859-15":
		return charmap.ISO8859_15
	case "cp437":
		return charmap.CodePage437
	case "cp850":
		return charmap.CodePage850
	}
	return nil
}

func (p Profile) letters() letters {
	if p.Image {
		return letters{}
	}
	return letters{charmapNamed(p.Charmap)}
}

// Printable returns text as this printer shows it, one column a letter: callers fold and align what it returns. Any white space,
// unbreakable ones included, is a plain space; controls and marks of direction are dropped, so that no name carries a command. A
// letter that the page lacks is written another way (œ as oe, ’ as ', € as EUR) or without its accent; what is left is a question mark.
func (p Profile) Printable(text string) string { return p.letters().fold(text) }

func (l letters) has(r rune) bool {
	if l.page == nil {
		_, ok := glyph(r)
		return ok
	}
	b, ok := l.page.EncodeRune(r)
	return ok && b >= ' ' && b != 0x7f
}

func (l letters) fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(text) {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case !unicode.IsGraphic(r) || unicode.Is(unicode.M, r): // marks that no letter took in
		case l.has(r):
			b.WriteRune(r)
		default:
			b.WriteString(l.spell(r))
		}
	}
	return b.String()
}

// spell writes a letter that the page lacks with those it has.
func (l letters) spell(r rune) string {
	if s, ok := spelling(r); ok {
		return s
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		s, ok := spelling(part)
		switch {
		case unicode.Is(unicode.M, part):
		case l.has(part):
			b.WriteRune(part)
		case ok:
			b.WriteString(s)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// spelling writes a letter in ASCII where taking its accent off is not enough.
func spelling(r rune) (string, bool) {
	const ( // a letter, and what stands for it up to the next space
		quotes  = "‘' ’' ‚' ‛' ‹' ›' ʼ' ′' ´' “\" ”\" „\" ‟\" «\" »\" ″\" "
		strokes = "‐- ‑- ‒- –- —- ―- −- ─- ═= ⁄/ ÷/ ×x •* ‣* ·. ♥* ★* …... §par. "
		joined  = "€EUR œoe ŒOE æae ÆAE ßss øo ØO łl ŁL đd ĐD ðd ÐD þth ÞTH ıi "
	)
	_, after, found := strings.Cut(quotes+strokes+joined, string(r))
	if !found || r < 0x80 {
		return "", false
	}
	s, _, _ := strings.Cut(after, " ")
	return s, true
}

// bytes writes folded text in the page.
func (l letters) bytes(folded string) []byte {
	var out []byte
	for _, r := range folded {
		if b, ok := l.page.EncodeRune(r); ok {
			out = append(out, b)
		}
	}
	return out
}
