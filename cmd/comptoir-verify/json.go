package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

const (
	depthMax   = 32      // levels of objects and arrays (FORMAT.md §2)
	integerMax = 1 << 53 // an integer is smaller, with and without its sign
)

// kind is what a JSON value is. The format has no other number than the integer.
type kind uint8

const (
	isNull kind = iota
	isBool
	isInteger
	isText
	isList
	isObject
)

// node is one value of a tree, its descendants right behind it.
type node struct {
	key, text string // key: of a member of an object
	n         int64  // an integer; 1 for true
	from, to  int32  // its bytes
	next      int32  // the first node that is not a descendant
	kind      kind
}

// tree holds the values of one entry. It is used again for the next: nothing keeps a value of it.
type tree struct {
	src   string
	nodes []node
}

// value is one place in a tree. The zero value is a null that is nowhere.
type value struct {
	t *tree
	i int32
}

func (v value) kind() kind {
	if v.t == nil {
		return isNull
	}
	return v.t.nodes[v.i].kind
}

func (v value) absent() bool { return v.t == nil }
func (v value) null() bool   { return v.kind() == isNull }
func (v value) bool() bool   { return v.kind() == isBool && v.t.nodes[v.i].n == 1 }

// int is the integer, 0 for what is none.
func (v value) int() int64 {
	if v.kind() != isInteger {
		return 0
	}
	return v.t.nodes[v.i].n
}

// str is the text, "" for what is none.
func (v value) str() string {
	if v.kind() != isText {
		return ""
	}
	return v.t.nodes[v.i].text
}

// bytes are those of the value as they stand.
func (v value) bytes() string {
	if v.t == nil {
		return ""
	}
	n := v.t.nodes[v.i]
	return v.t.src[n.from:n.to]
}

// get returns the member of an object; a value that is absent when it has none of the name.
func (v value) get(key string) value {
	for k, member := range v.members() {
		if k == key {
			return member
		}
	}
	return value{}
}

// members walks an object, or a list with empty keys.
func (v value) members() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		if k := v.kind(); k != isList && k != isObject {
			return
		}
		for i := v.i + 1; i < v.t.nodes[v.i].next; i = v.t.nodes[i].next {
			if !yield(v.t.nodes[i].key, value{v.t, i}) {
				return
			}
		}
	}
}

// items walks a list.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		for _, item := range v.members() {
			if !yield(item) {
				return
			}
		}
	}
}

func (v value) len() (n int) {
	for range v.items() {
		n++
	}
	return n
}

// parser reads canonical JSON and nothing else: what FORMAT.md §2 does not allow is an error.
type parser struct {
	src  string
	at   int
	tree *tree
	nfc  *nfc
	// loose lets white space and every escape of JSON through, as a manifest may have them.
	loose bool
}

// parseLoose is parseCanonical of what was written for people: white space and escapes are free, the rest is not.
func parseLoose(t *tree, forms *nfc, src string) (value, error) {
	return parse(t, &parser{src: src, tree: t, nfc: forms, loose: true})
}

// parseCanonical reads src into t, whose former values are gone.
func parseCanonical(t *tree, forms *nfc, src string) (value, error) {
	return parse(t, &parser{src: src, tree: t, nfc: forms})
}

func parse(t *tree, p *parser) (value, error) {
	t.src, t.nodes = p.src, t.nodes[:0]
	if err := p.value("", 0); err != nil {
		return value{}, err
	}
	if p.peek(); p.at != len(p.src) {
		return value{}, p.fault("des octets suivent la valeur")
	}
	return value{t, 0}, nil
}

func (p *parser) fault(format string, args ...any) error {
	return fmt.Errorf("octet %d : %s", p.at, fmt.Sprintf(format, args...))
}

// peek is the next byte of the structure, 0 at the end.
func (p *parser) peek() byte {
	for p.loose && p.at < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.at]) >= 0 {
		p.at++
	}
	return p.byte()
}

// byte is the next byte as it stands, 0 at the end.
func (p *parser) byte() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

func (p *parser) value(key string, depth int) error {
	self := len(p.tree.nodes)
	p.tree.nodes = append(p.tree.nodes, node{key: key, from: int32(p.at)})
	var err error
	switch c := p.peek(); {
	case c == '{' || c == '[':
		if depth == depthMax {
			return p.fault("plus de %d niveaux", depthMax)
		}
		err = p.container(self, depth+1)
	case c == '"':
		p.tree.nodes[self].kind = isText
		p.tree.nodes[self].text, err = p.text()
	case c == '-' || c >= '0' && c <= '9':
		p.tree.nodes[self].kind = isInteger
		p.tree.nodes[self].n, err = p.integer()
	case p.word("true"):
		p.tree.nodes[self].kind, p.tree.nodes[self].n = isBool, 1
	case p.word("false"):
		p.tree.nodes[self].kind = isBool
	case p.word("null"):
	default:
		return p.fault("valeur attendue")
	}
	p.tree.nodes[self].next, p.tree.nodes[self].to = int32(len(p.tree.nodes)), int32(p.at)
	return err
}

func (p *parser) word(w string) bool {
	if len(p.src)-p.at < len(w) || p.src[p.at:p.at+len(w)] != w {
		return false
	}
	p.at += len(w)
	return true
}

// container reads an object or an array of which the bracket is next.
func (p *parser) container(self, depth int) error {
	object := p.peek() == '{'
	last := byte(']')
	p.tree.nodes[self].kind = isList
	if object {
		last = '}'
		p.tree.nodes[self].kind = isObject
	}
	p.at++
	if p.peek() == last {
		p.at++
		return nil
	}
	key := ""
	for n := 0; ; n++ {
		if object {
			var err error
			if key, err = p.key(key, n == 0); err != nil {
				return err
			}
		}
		if err := p.value(key, depth); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.at++
		case last:
			p.at++
			return nil
		default:
			return p.fault("« , » ou « %c » attendu", last)
		}
	}
}

// key reads the name of a member and its colon: names ascend by UTF-16 code units.
func (p *parser) key(before string, first bool) (string, error) {
	if p.peek() != '"' {
		return "", p.fault("clé attendue")
	}
	key, err := p.text()
	if err != nil {
		return "", err
	}
	if !first && !utf16Less(before, key) {
		return "", p.fault("la clé « %s » n'est pas dans l'ordre", shown(key))
	}
	if p.peek() != ':' {
		return "", p.fault("« : » attendu")
	}
	p.at++
	return key, nil
}

// utf16Less compares by UTF-16 code units: a character beyond U+FFFF begins with one of 0xD800 to 0xDBFF, so it comes
// before U+E000 and above.
func utf16Less(a, b string) bool {
	unit := func(r rune) rune {
		if r > 0xFFFF {
			return 0xD800
		}
		return r
	}
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			if unit(ra) != unit(rb) {
				return unit(ra) < unit(rb)
			}
			return ra < rb
		}
		a, b = a[na:], b[nb:]
	}
	return a == "" && b != ""
}

func (p *parser) integer() (int64, error) {
	begin := p.at
	negative := p.word("-")
	digits := p.at
	var n int64
	for c := p.byte(); c >= '0' && c <= '9'; c = p.byte() {
		if n = n*10 + int64(c-'0'); n >= integerMax {
			return 0, p.fault("nombre trop grand")
		}
		p.at++
	}
	switch c := p.byte(); {
	case p.at == digits:
		return 0, p.fault("chiffre attendu")
	case p.src[digits] == '0' && p.at-digits > 1, negative && n == 0:
		p.at = begin
		return 0, p.fault("nombre qui n'a pas la forme la plus courte")
	case c == '.' || c == 'e' || c == 'E':
		return 0, p.fault("un nombre est entier")
	}
	if negative {
		n = -n
	}
	return n, nil
}

// text reads a string of which the quote is next.
func (p *parser) text() (string, error) {
	p.at++
	begin, escaped, marks := p.at, []byte(nil), false
	for from := begin; ; {
		switch c := p.byte(); {
		case p.at >= len(p.src):
			return "", p.fault("texte sans fin")
		case c == '"':
			s := p.src[from:p.at]
			if escaped != nil {
				s = string(append(escaped, s...))
			}
			if marks && !p.nfc.holds(s) {
				return "", p.fault("texte qui n'est pas en forme normale C")
			}
			p.at++
			return s, nil
		case c == '\\' && p.loose:
			return p.escaped(begin)
		case c == '\\':
			if p.at+1 >= len(p.src) || p.src[p.at+1] != '"' && p.src[p.at+1] != '\\' {
				return "", p.fault("échappement qui n'est pas canonique")
			}
			escaped = append(escaped, p.src[from:p.at]...)
			from = p.at + 1 // the escaped character stands for itself
			p.at += 2
		case c < 0x20 || c == 0x7F:
			return "", p.fault("caractère de commande")
		case c < utf8.RuneSelf:
			p.at++
		default:
			r, size := utf8.DecodeRuneInString(p.src[p.at:])
			if r == utf8.RuneError && size == 1 {
				return "", p.fault("octets qui ne sont pas de l'UTF-8")
			}
			if r <= 0x9F {
				return "", p.fault("caractère de commande")
			}
			marks = marks || r >= firstMark
			p.at += size
		}
	}
}

// escaped reads a string with any escape of JSON, from the byte behind its quote.
func (p *parser) escaped(begin int) (s string, err error) {
	for ; p.byte() != '"'; p.at++ {
		if p.byte() == '\\' {
			p.at++
		}
		if p.at >= len(p.src) {
			return "", p.fault("texte sans fin")
		}
	}
	p.at++
	if err := json.Unmarshal([]byte(p.src[begin-1:p.at]), &s); err != nil {
		return "", p.fault("texte mal échappé")
	}
	return s, nil
}

// shown cuts a text of unknown origin to what fits a sentence, and lets nothing through that moves a terminal.
func shown(s string) string {
	const most = 80
	out := make([]rune, 0, most)
	for _, r := range s {
		if len(out) == most {
			return string(out) + "…"
		}
		if r < 0x20 || r >= 0x7F && r <= 0x9F || r == utf8.RuneError || r >= 0x200B && r <= 0x200F || r >= 0x2028 && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			r = '?'
		}
		out = append(out, r)
	}
	return string(out)
}
