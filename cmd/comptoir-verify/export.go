package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An export, as `comptoir journal export` writes it: FORMAT.md §10. Its lines have one form each, to the byte, so they
// are read by cutting and not by a reader of JSON.
const (
	exportHead  = `{"format":"cafe-fiscal/1","journal":"`
	exportEntry = `{"seq":`
)

// exportSource reads the entries of an export and stops before the rows of the tables.
type exportSource struct {
	lines *lines
	rest  string // the first line that is no entry
	cut   error
}

func (s *exportSource) next() (record, error) {
	line, err := s.lines.next()
	if err != nil {
		s.cut = err
		return record{}, err
	}
	if text := string(line); strings.HasPrefix(text, exportEntry) {
		return record{line: s.lines.n, packed: text, decode: decodeExport}, nil
	}
	s.rest = string(line)
	return record{}, io.EOF
}

// pieces cuts a line of an export into what stands between the parts of its form.
func pieces(line string, form ...string) ([]string, bool) {
	line, ok := strings.CutPrefix(line, form[0])
	var all []string
	for _, f := range form[1:] {
		piece, rest, found := strings.Cut(line, f)
		ok = ok && found
		all, line = append(all, piece), rest
	}
	return all, ok && line == ""
}

// decodeExport reads {"seq":n,"canon":"…","hash":"…","sig":"…"}.
func decodeExport(r record) (raw, error) {
	p, ok := pieces(r.packed, exportEntry, `,"canon":"`, `","hash":"`, `","sig":"`, `"}`)
	if !ok {
		return raw{}, errors.New("ce n'est pas une ligne d'export")
	}
	seq, err := wholeNumber(p[0])
	if err != nil {
		return raw{}, err
	}
	canon, err := base64.StdEncoding.Strict().DecodeString(p[1])
	if err != nil || len(canon) > canonMax {
		return raw{}, fmt.Errorf("écriture %d : « canon » n'est pas du base64", seq)
	}
	hash, err := hex.DecodeString(p[2])
	if err != nil || p[2] != strings.ToLower(p[2]) {
		return raw{}, fmt.Errorf("écriture %d : « hash » n'est pas de l'hexadécimal", seq)
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(p[3])
	if err != nil {
		return raw{}, fmt.Errorf("écriture %d : « sig » n'est pas du base64url", seq)
	}
	return raw{seq: seq, canon: string(canon), hash: string(hash), sig: sig}, nil
}

// wholeNumber reads an integer in its shortest form.
func wholeNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("« %s » n'est pas un nombre entier", shown(s))
	}
	return n, nil
}

// verifyExport checks an export from its head on. An error means that it is none.
func (v *verifier) verifyExport(from io.Reader) (*chain, error) {
	s := &exportSource{lines: newLines(from, lineMax)}
	first, err := s.lines.next()
	if err != nil {
		return nil, fmt.Errorf("la première ligne ne peut pas être lue : %w", err)
	}
	id, ok := pieces(string(first), exportHead, `"}`)
	if !ok {
		return nil, errors.New("ce n'est pas un export de journal : sa première ligne est autre")
	}
	c := v.newChain(span{whole: true, head: true, index: true})
	err = walk(s, v.book, v.nfc, c.keys, c.pass, func(r record, err error) {
		v.report.found(checkCanonical, nil, "ligne %d : %v", r.line, err)
	})
	if err != nil {
		v.report.found(checkLink, nil, "l'export est coupé ou abîmé après la ligne %d : %v", s.lines.n, err)
		c.span.index = false
	} else {
		s.tables(c)
	}
	if c.rules != nil && id[0] != c.id.journal {
		v.report.found(checkLink, nil, "l'export dit être du journal %s, son acte de fondation est du %s", shown(id[0]), shown(c.id.journal))
	}
	c.end()
	return c, nil
}

// tables reads the rows of the derived tables and the last line, which says how many lines there must be.
func (s *exportSource) tables(c *chain) {
	var rows [4]int64 // documents, keys, skipped, marks
	entries := c.passed
	for line, err := s.rest, s.cut; ; {
		if err != nil || line == "" {
			c.r.found(checkLink, nil, "l'export est coupé : sa dernière ligne manque")
			c.span.index = false
			return
		}
		table, bad := indexRow(c, line)
		if table < 0 {
			if p, ok := pieces(line, `{"end":true,"entries":`, `,"documents":`, `,"keys":`, `,"skipped":`, `,"marks":`, `}`); ok {
				s.end(c, p, append([]int64{entries}, rows[:]...))
				return
			}
			bad = errors.New("ce n'est pas une ligne d'export")
		}
		if bad != nil {
			c.r.found(checkIndex, nil, "ligne %d : %v", s.lines.n, bad)
		} else {
			rows[table]++
		}
		var next []byte
		next, err = s.lines.next()
		line = string(next)
	}
}

// end compares the last line with what has been read, and sees that nothing follows.
func (s *exportSource) end(c *chain, stated []string, read []int64) {
	for i, text := range stated {
		if n, err := wholeNumber(text); err != nil || n != read[i] {
			c.r.found(checkLink, nil, "la dernière ligne annonce « %s » là où %d lignes ont été lues", shown(text), read[i])
		}
	}
	if _, err := s.lines.next(); !errors.Is(err, io.EOF) {
		c.r.found(checkLink, nil, "des lignes suivent la dernière")
	}
}

// indexRow compares one row of a derived table. The number is that of the table, −1 for none.
func indexRow(c *chain, line string) (int, error) {
	for i, form := range [][]string{
		{`{"series":"`, `","year":`, `,"n":`, `,"seq":`, `}`},
		{`{"key":"`, `","public":"`, `","seq":`, `}`},
		{`{"skipped":"`, `","year":`, `,"n":`, `,"seq":`, `}`},
		{`{"mark":"`, `","seq":`, `}`},
	} {
		p, ok := pieces(line, form...)
		if !ok {
			continue
		}
		var numbers []int64
		for _, text := range p[map[int]int{0: 1, 1: 2, 2: 1, 3: 1}[i]:] {
			n, err := wholeNumber(text)
			if err != nil {
				return i, err
			}
			numbers = append(numbers, n)
		}
		switch i {
		case 0:
			c.index.document(c, p[0], int(numbers[0]), numbers[1], numbers[2])
		case 1:
			c.index.key(c, numbers[0], p[0], p[1])
		case 2:
			c.index.skip(c, skippedRow{seriesYear{p[0], int(numbers[0])}, numbers[1], numbers[2]})
		default:
			c.index.mark(c, numbers[0], p[0])
		}
		return i, nil
	}
	return -1, nil
}
