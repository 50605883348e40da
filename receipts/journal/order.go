package journal

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// order sorts the members of one object that stand in dst from base on, and refuses a duplicate key.
// Objects of this package are written with sorted keys already, so the common case moves nothing.
func (p *canonizer) order(base int, members []member) error {
	sorted := true
	for i := 1; i < len(members); i++ {
		c := p.compare(members[i-1], members[i])
		if c == 0 {
			return p.fail("duplicate key")
		}
		sorted = sorted && c < 0
	}
	if sorted {
		return nil
	}
	slices.SortFunc(members, p.compare)
	p.scratch = p.scratch[:0]
	for i, m := range members {
		if i > 0 {
			if p.compare(members[i-1], m) == 0 {
				return p.fail("duplicate key")
			}
			p.scratch = append(p.scratch, ',')
		}
		p.scratch = append(p.scratch, p.dst[m.start:m.end]...)
	}
	p.dst = append(p.dst[:base], p.scratch...)
	return nil
}

func (p *canonizer) compare(a, b member) int {
	return compareKeys(p.key(a), p.key(b))
}

// key returns the key of a member with its escapes undone.
func (p *canonizer) key(m member) []byte {
	k := p.dst[m.start+1 : m.keyEnd]
	if bytes.IndexByte(k, '\\') < 0 {
		return k
	}
	plain := make([]byte, 0, len(k))
	for i := 0; i < len(k); i++ {
		if k[i] == '\\' {
			i++ // canonical text escapes only " and \
		}
		plain = append(plain, k[i])
	}
	return plain
}

// compareKeys orders two UTF-8 keys by their UTF-16 code units, as RFC 8785 asks. That differs from the order of
// their bytes only where one has a rune above U+FFFF, whose first unit is a surrogate, and the other one of
// U+E000 to U+FFFF.
func compareKeys(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) || a[n] < 0xee && b[n] < 0xee {
		return bytes.Compare(a, b)
	}
	for n > 0 && !utf8.RuneStart(a[n]) {
		n--
	}
	ra, _ := utf8.DecodeRune(a[n:])
	rb, _ := utf8.DecodeRune(b[n:])
	if (ra > 0xffff) != (rb > 0xffff) {
		return firstUnit(ra) - firstUnit(rb)
	}
	return bytes.Compare(a, b)
}

// firstUnit returns the first UTF-16 code unit of r.
func firstUnit(r rune) int {
	if r > 0xffff {
		return 0xd800 + int((r-0x10000)>>10)
	}
	return int(r)
}
