package receipts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// roomLeast is the narrowest column a name is folded into beside an amount; below it the amount gets a line of
// its own.
const roomLeast = 10

// lines is where a sheet puts what it has laid out. All that it is handed fits.
type lines interface {
	line(text string)
	middle(text string)
	pair(left, right string)
	across(of rune) // a line from edge to edge
}

// sheet lays a paper of so many columns out, from the top.
type sheet struct {
	width int
	plain func(string) string // the text as this paper can show it
	to    lines
}

// textLines are lines of text. Unbreakable spaces have done their work: printers know the plain one.
type textLines struct {
	width int
	b     strings.Builder
}

// onText lays out what is written, as text of at least columnsLeast columns.
func onText(width int, write func(*sheet)) string {
	t := &textLines{width: max(width, columnsLeast)}
	write(&sheet{width: t.width, plain: printable, to: t})
	return t.b.String()
}

func (t *textLines) line(text string) {
	t.b.WriteString(strings.TrimRight(strings.ReplaceAll(text, noBreak, " "), " "))
	t.b.WriteByte('\n')
}

func (t *textLines) middle(text string) {
	t.line(strings.Repeat(" ", (t.width-runes(text))/2) + text)
}

func (t *textLines) pair(left, right string) {
	t.line(padRight(left, t.width-runes(right)) + right)
}

func (t *textLines) across(of rune) { t.line(strings.Repeat(string(of), t.width)) }

func (s *sheet) rule(of rune) { s.to.across(of) }

// center writes text in the middle, folded when it is too long; nothing when it is empty.
func (s *sheet) center(text string) {
	for _, l := range fold(s.plain(text), s.width) {
		if l != "" {
			s.to.middle(l)
		}
	}
}

// mark writes a mention between stars; without them where only so it stays on one line.
func (s *sheet) mark(text string) {
	if starred := "*** " + s.plain(text) + " ***"; runes(starred) <= s.width {
		s.center(starred)
		return
	}
	s.center(text)
}

// title, heading, total and code have no other look in text than a line in the middle, a row, and nothing.
func (s *sheet) title(text string)        { s.center(text) }
func (s *sheet) heading(text string)      { s.center(text) }
func (s *sheet) total(name, value string) { s.row(name, value) }
func (s *sheet) code(string)              {}

// Strips as text have letters of one size, and no code.
func (s *sheet) huge(text string)       { s.center(text) }
func (s *sheet) big(lead, name string)  { s.hanging(lead, name, "") }
func (s *sheet) badge(string)           {}
func (s *sheet) tall(lead, name string) { s.hanging(lead, name, "") }

// row writes a name on the left and a value on the right.
func (s *sheet) row(name, value string) { s.hanging("", name, value) }

// hanging writes lead, name and value. A name too long for what lies between the two goes on below itself; a value
// that leaves too little room for that goes below the name.
func (s *sheet) hanging(lead, name, value string) {
	lead, name, value = s.plain(lead), s.plain(name), s.plain(value)
	if runes(lead) > s.width/2 {
		lead, name = "", lead+name
	}
	indent := strings.Repeat(" ", runes(lead))
	beside := s.width - runes(lead)
	if value != "" {
		beside -= runes(value) + 1
	}
	if beside >= roomLeast || beside >= runes(name) {
		for i, l := range fold(name, max(beside, 1)) {
			switch {
			case i > 0:
				s.to.line(indent + l)
			case value == "":
				s.to.line(lead + l)
			default:
				s.to.pair(lead+l, value)
			}
		}
		return
	}
	for i, l := range fold(name, s.width-runes(lead)) {
		if i > 0 {
			lead = indent
		}
		s.to.line(lead + l)
	}
	for _, l := range fold(value, s.width) {
		s.to.pair("", l)
	}
}

// table writes four columns, the first on the left. It reports false, and writes nothing, when a cell does not fit.
func (s *sheet) table(rows [][4]string) bool {
	column := s.width / 4
	for _, r := range rows {
		if runes(r[0]) > s.width-3*column || slices.ContainsFunc(r[1:], func(c string) bool { return runes(c) >= column }) {
			return false
		}
	}
	for _, r := range rows {
		s.to.line(padRight(r[0], s.width-3*column) + padLeft(r[1], column) + padLeft(r[2], column) + padLeft(r[3], column))
	}
	return true
}

// fold cuts text that can be shown into lines of at most width characters, between words where it can. It returns at
// least one line.
func fold(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }) {
		if line != "" {
			if runes(line)+1+runes(word) <= width {
				line += " " + word
				continue
			}
			lines = append(lines, line)
		}
		letters := []rune(word)
		for len(letters) > width {
			lines = append(lines, string(letters[:width]))
			letters = letters[width:]
		}
		line = string(letters)
	}
	return append(lines, line)
}

// printable keeps what paper can show: any white space is a space, and controls, marks of direction and the like
// are dropped.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return '\u00a0'
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, text)
}

func runes(text string) int { return utf8.RuneCountInString(text) }

func padRight(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-runes(text)))
}

func padLeft(text string, width int) string {
	return strings.Repeat(" ", max(0, width-runes(text))) + text
}
