package journal

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"comptoir/data/fault"
)

// Limits of what is canonical.
const (
	maxInteger = 1<<53 - 1 // every JSON reader holds it exactly
	maxDepth   = 32        // arrays and objects inside each other
)

// Canonicalize rewrites one JSON text in the one form that is hashed: RFC 8785 restricted to objects, arrays,
// strings in NFC without control characters, integers |n| < 2^53, booleans and null (fiscal §6.2). Keys are
// sorted by UTF-16 code units. Strings that are not NFC are normalised. Anything else (a float, an exponent,
// minus zero, a control character, a lone surrogate, a duplicate key, text after the value) is refused with a
// fault of kind Invalid, code "journal.canon".
func Canonicalize(src []byte) ([]byte, error) {
	return appendCanonical(make([]byte, 0, len(src)), src)
}

// IsCanonical reports whether b is exactly the canonical form of itself.
func IsCanonical(b []byte) bool {
	got, err := Canonicalize(b)
	return err == nil && bytes.Equal(got, b)
}

func appendCanonical(dst, src []byte) ([]byte, error) {
	p := canonizer{src: src, dst: dst}
	if err := p.value(0); err != nil {
		return nil, err
	}
	p.space()
	if p.at != len(p.src) {
		return nil, p.fail("text after the value")
	}
	return p.dst, nil
}

// canonizer reads src once and writes dst; only an object whose keys come unsorted is written twice.
type canonizer struct {
	src     []byte
	at      int
	dst     []byte
	members []member // a stack shared by the open objects
	scratch []byte
}

// member is one "key":value in dst. Its key is between the quotes that follow start.
type member struct{ start, keyEnd, end int }

func (p *canonizer) fail(what string) error {
	return fault.New(fault.Invalid, "journal.canon", "the text cannot be written in canonical JSON").
		With("offset", p.at).Wrap(fmt.Errorf("%s at byte %d", what, p.at))
}

func (p *canonizer) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips white space and returns the byte there without taking it; 0 at the end.
func (p *canonizer) next() byte {
	p.space()
	if p.at == len(p.src) {
		return 0
	}
	return p.src[p.at]
}

func (p *canonizer) value(depth int) error {
	if depth > maxDepth {
		return p.fail("too deep")
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == '-' || c >= '0' && c <= '9':
		return p.integer()
	case c == 't':
		return p.word("true")
	case c == 'f':
		return p.word("false")
	case c == 'n':
		return p.word("null")
	default:
		return p.fail("no value")
	}
}

func (p *canonizer) word(w string) error {
	if !bytes.HasPrefix(p.src[p.at:], []byte(w)) {
		return p.fail("no value")
	}
	p.at += len(w)
	p.dst = append(p.dst, w...)
	return nil
}

func (p *canonizer) integer() error {
	start := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		p.at++
	}
	digits := string(p.src[start:p.at])
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > maxInteger || n < -maxInteger || strconv.FormatInt(n, 10) != digits {
		p.at = start
		return p.fail("not an integer below 2^53")
	}
	p.dst = append(p.dst, digits...)
	return nil
}

func (p *canonizer) array(depth int) error {
	p.at++
	p.dst = append(p.dst, '[')
	for n := 0; ; n++ {
		if p.next() == ']' && n == 0 {
			break
		}
		if err := p.value(depth + 1); err != nil {
			return err
		}
		c := p.next()
		if c == ']' {
			break
		}
		if c != ',' {
			return p.fail("want , or ]")
		}
		p.at++
		p.dst = append(p.dst, ',')
	}
	p.at++
	p.dst = append(p.dst, ']')
	return nil
}

func (p *canonizer) object(depth int) error {
	p.at++
	p.dst = append(p.dst, '{')
	base, first := len(p.dst), len(p.members)
	for n := 0; ; n++ {
		if p.next() == '}' && n == 0 {
			break
		}
		if err := p.member(depth); err != nil {
			return err
		}
		c := p.next()
		if c == '}' {
			break
		}
		if c != ',' {
			return p.fail("want , or }")
		}
		p.at++
		p.dst = append(p.dst, ',')
	}
	p.at++
	err := p.order(base, p.members[first:])
	p.members = p.members[:first]
	p.dst = append(p.dst, '}')
	return err
}

func (p *canonizer) member(depth int) error {
	if p.next() != '"' {
		return p.fail("want a key")
	}
	m := member{start: len(p.dst)}
	if err := p.text(); err != nil {
		return err
	}
	m.keyEnd = len(p.dst) - 1
	if p.next() != ':' {
		return p.fail("want :")
	}
	p.at++
	p.dst = append(p.dst, ':')
	if err := p.value(depth + 1); err != nil {
		return err
	}
	m.end = len(p.dst)
	p.members = append(p.members, m)
	return nil
}

// text takes the string at p.at, quotes included.
func (p *canonizer) text() error {
	p.at++
	p.dst = append(p.dst, '"')
	start := p.at
	for p.at < len(p.src) { // most strings are plain ASCII and are copied as they stand
		c := p.src[p.at]
		if c == '"' {
			p.dst = append(p.dst, p.src[start:p.at]...)
			p.at++
			p.dst = append(p.dst, '"')
			return nil
		}
		if c < ' ' || c == '\\' || c >= 0x7f {
			break
		}
		p.at++
	}
	p.at = start
	decoded, err := p.decode()
	if err != nil {
		return err
	}
	for _, c := range norm.NFC.Bytes(decoded) {
		if c == '"' || c == '\\' {
			p.dst = append(p.dst, '\\')
		}
		p.dst = append(p.dst, c)
	}
	p.dst = append(p.dst, '"')
	return nil
}

// decode reads up to the closing quote and resolves the escapes.
func (p *canonizer) decode() ([]byte, error) {
	var out []byte
	for p.at < len(p.src) {
		if p.src[p.at] == '"' {
			p.at++
			return out, nil
		}
		r, size := utf8.DecodeRune(p.src[p.at:])
		if r == utf8.RuneError && size <= 1 {
			return nil, p.fail("not UTF-8")
		}
		if r == '\\' {
			var err error
			if r, size, err = p.escape(); err != nil {
				return nil, err
			}
		}
		if unicode.IsControl(r) {
			return nil, p.fail("control character")
		}
		p.at += size
		out = utf8.AppendRune(out, r)
	}
	return nil, p.fail("string without end")
}

// escape reads the escape at p.at without taking it, and returns its rune and its length.
func (p *canonizer) escape() (rune, int, error) {
	if p.at+1 >= len(p.src) {
		return 0, 0, p.fail("string without end")
	}
	switch c := p.src[p.at+1]; c {
	case '"', '\\', '/':
		return rune(c), 2, nil
	case 'u':
	default: // \b \f \n \r \t are control characters; the rest is not JSON
		return 0, 0, p.fail("control character")
	}
	high, ok := p.hex(p.at + 2)
	if !ok {
		return 0, 0, p.fail("bad escape")
	}
	if high < 0xd800 || high > 0xdfff {
		return high, 6, nil
	}
	low, ok := p.hex(p.at + 8)
	if high > 0xdbff || !ok || p.src[p.at+6] != '\\' || p.src[p.at+7] != 'u' || low < 0xdc00 || low > 0xdfff {
		return 0, 0, p.fail("lone surrogate")
	}
	return 0x10000 + (high-0xd800)<<10 + (low - 0xdc00), 12, nil
}

func (p *canonizer) hex(at int) (rune, bool) {
	if at+4 > len(p.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.src[at:at+4]), 16, 16)
	return rune(n), err == nil
}
