package export

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// latin returns a text in ISO 8859-15, the character set of the accountant's file (fiscal R108). A letter outside of it
// is spelt with those inside; what cannot be spelt is a question mark, and counted, so that nothing is lost silently.
func latin(text string) (encoded []byte, lost int) {
	for _, r := range norm.NFC.String(text) {
		if b, ok := charmap.ISO8859_15.EncodeRune(r); ok && !unicode.IsControl(r) {
			encoded = append(encoded, b)
			continue
		}
		spelt, missed := spell(r)
		for _, s := range spelt {
			if b, ok := charmap.ISO8859_15.EncodeRune(s); ok {
				encoded = append(encoded, b)
			}
		}
		lost += missed
	}
	return encoded, lost
}

// spell writes a character by means of others.
func spell(r rune) (spelt string, lost int) {
	switch r {
	case '–', '—', '‑', '‐', '−':
		return "-", 0
	case '’', '‘', '′', '‹', '›':
		return "'", 0
	case '“', '”', '„':
		return `"`, 0
	case '•':
		return "*", 0
	case 'ł', 'Ł':
		return map[rune]string{'ł': "l", 'Ł': "L"}[r], 0
	case 'đ', 'Đ':
		return map[rune]string{'đ': "d", 'Đ': "D"}[r], 0
	case '\t', '\n', '\r', '\u2028', '\u2029':
		return " ", 0 // a column and a line have their own signs
	case '\ufeff', '\u200b', '\u200d':
		return "", 0
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) { // an accent comes off, a ligature comes apart
		_, fits := charmap.ISO8859_15.EncodeRune(part)
		switch {
		case unicode.Is(unicode.Mn, part): // shows nothing by itself
		case fits && !unicode.IsControl(part):
			b.WriteRune(part)
		default:
			return "?", 1
		}
	}
	return b.String(), 0
}
