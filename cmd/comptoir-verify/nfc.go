package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed nfc.txt
var nfcText string

// Hangul syllables compose by arithmetic (Unicode §3.12).
const (
	hangulS, hangulL, hangulV, hangulT     = 0xAC00, 0x1100, 0x1161, 0x11A7
	hangulLs, hangulVs, hangulTs, hangulSs = 19, 21, 28, 19 * 21 * 28
)

// firstMark is the first character that normal form C may change, or let change the one before it.
const firstMark = 0x300

// nfc knows normal form C. The standard library has no public table of it.
type nfc struct {
	class map[rune]uint8
	parts map[rune][]rune // one step for a pair, the whole for what never composes again
	pairs map[[2]rune]rune
}

// readNFC reads the embedded table, which is made from the Unicode data files.
func readNFC() (*nfc, error) {
	n := &nfc{class: map[rune]uint8{}, parts: map[rune][]rune{}, pairs: map[[2]rune]rune{}}
	for line := range strings.Lines(nfcText) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		if err := n.learn(f); err != nil {
			return nil, fmt.Errorf("table NFC : %q : %w", line, err)
		}
	}
	return n, nil
}

func (n *nfc) learn(f []string) error {
	if f[0] == "c" {
		from, to, ranged := strings.Cut(f[1], "-")
		if !ranged {
			to = from
		}
		runes, err := hexRunes([]string{from, to})
		if err != nil {
			return err
		}
		class, err := strconv.ParseUint(f[2], 10, 8)
		for r := runes[0]; r <= runes[1]; r++ {
			n.class[r] = uint8(class)
		}
		return err
	}
	runes, err := hexRunes(f[1:])
	if err != nil {
		return err
	}
	n.parts[runes[0]] = runes[1:]
	if f[0] == "p" {
		n.pairs[[2]rune{runes[1], runes[2]}] = runes[0]
	}
	return nil
}

func hexRunes(words []string) ([]rune, error) {
	all := make([]rune, len(words))
	for i, w := range words {
		n, err := strconv.ParseUint(w, 16, 21)
		if err != nil {
			return nil, err
		}
		all[i] = rune(n)
	}
	return all, nil
}

// holds reports whether s, valid UTF-8, is in normal form C.
func (n *nfc) holds(s string) bool {
	var apart []rune
	for _, r := range s {
		apart = n.decompose(apart, r)
	}
	n.order(apart)
	return string(n.compose(apart)) == s
}

func (n *nfc) decompose(out []rune, r rune) []rune {
	if s := r - hangulS; s >= 0 && s < hangulSs {
		out = append(out, hangulL+s/(hangulVs*hangulTs), hangulV+s%(hangulVs*hangulTs)/hangulTs)
		if t := s % hangulTs; t != 0 {
			out = append(out, hangulT+t)
		}
		return out
	}
	parts, ok := n.parts[r]
	if !ok {
		return append(out, r)
	}
	for _, p := range parts {
		out = n.decompose(out, p)
	}
	return out
}

// order sorts each run of marks by class; marks of one class keep their order.
func (n *nfc) order(runes []rune) {
	for i := 0; i < len(runes); {
		if n.class[runes[i]] == 0 {
			i++
			continue
		}
		j := i
		for j < len(runes) && n.class[runes[j]] != 0 {
			j++
		}
		slices.SortStableFunc(runes[i:j], func(a, b rune) int { return int(n.class[a]) - int(n.class[b]) })
		i = j
	}
}

// compose joins each starter with the marks behind it that nothing of their class or above separates from it.
func (n *nfc) compose(apart []rune) []rune {
	out := make([]rune, 0, len(apart))
	starter, last := -1, 0 // last: class of what stands between the starter and the mark in hand
	for _, r := range apart {
		class := int(n.class[r])
		if starter >= 0 && (last < class || last == 0 && starter == len(out)-1) {
			if joined, ok := n.join(out[starter], r); ok {
				out[starter] = joined
				continue
			}
		}
		if class == 0 {
			starter = len(out)
		}
		last = class
		out = append(out, r)
	}
	return out
}

func (n *nfc) join(a, b rune) (rune, bool) {
	if l, v := a-hangulL, b-hangulV; l >= 0 && l < hangulLs && v >= 0 && v < hangulVs {
		return hangulS + (l*hangulVs+v)*hangulTs, true
	}
	if s, t := a-hangulS, b-hangulT; s >= 0 && s < hangulSs && s%hangulTs == 0 && t > 0 && t < hangulTs {
		return a + t, true
	}
	joined, ok := n.pairs[[2]rune{a, b}]
	return joined, ok
}
