package journal

import (
	"bytes"
	"fmt"
	"reflect"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// parse reads an entry. What it accepts is canonical and has every key of the envelope and no other. Body is a pointer
// to the struct of the kind; nil when the kind is unknown, or when flaw says why it is not such a body.
func parse(canon []byte) (env Envelope, flaw, err error) {
	into := reflect.ValueOf(&env).Elem()
	d := decoder{src: canon}
	kind := kindIn(canon)
	for _, f := range envelopePlan.fields {
		if err := d.literal(f.key); err != nil {
			return Envelope{}, nil, err
		}
		if f.plan.kind == reflect.Invalid {
			env.Body, flaw, err = d.body(kind)
		} else {
			err = d.value(f.plan, into.Field(f.index), 1)
		}
		if err != nil {
			return Envelope{}, nil, err
		}
	}
	if err := d.end(); err != nil {
		return Envelope{}, nil, err
	}
	if env.Kind != kind {
		return Envelope{}, nil, fmt.Errorf("kind %q", env.Kind)
	}
	return env, flaw, nil
}

// body takes the body of an entry of this kind, or, when it is another object, any object.
func (d *decoder) body(kind Kind) (body any, flaw, err error) {
	start := d.at
	if p := plans[kind]; p != nil {
		v := reflect.New(bodyType(kind))
		if flaw = d.value(p, v.Elem(), 1); flaw == nil {
			return v.Interface(), nil, nil
		}
		d.at = start
	}
	_, err = d.any(1)
	return nil, flaw, err
}

// kindIn finds the kind before anything is read.
func kindIn(canon []byte) Kind { return Kind(textIn(canon, "kind")) }

// textIn finds a text of the envelope that stands after the body, before anything is read; nil when it is not there. In
// canonical bytes the key cannot stand inside a string, where its quotes are escaped.
func textIn(canon []byte, key string) []byte {
	key = `,"` + key + `":"`
	at := bytes.LastIndex(canon, []byte(key))
	if at < 0 {
		return nil
	}
	rest := canon[at+len(key):]
	return rest[:max(0, bytes.IndexByte(rest, '"'))]
}

// decoder reads canonical bytes once.
type decoder struct {
	src []byte
	at  int
}

func (d *decoder) fail(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", d.at, fmt.Sprintf(format, args...))
}

// literal takes bytes that must stand here.
func (d *decoder) literal(want []byte) error {
	if !bytes.HasPrefix(d.src[d.at:], want) {
		return d.fail("want %s", want)
	}
	d.at += len(want)
	return nil
}

// take takes one byte if it is the one.
func (d *decoder) take(c byte) bool {
	if d.at < len(d.src) && d.src[d.at] == c {
		d.at++
		return true
	}
	return false
}

// end takes the brace that closes the outermost object.
func (d *decoder) end() error {
	if !d.take('}') {
		return d.fail("want the end of the object")
	}
	if d.at != len(d.src) {
		return d.fail("text after the value")
	}
	return nil
}

func (d *decoder) value(p *plan, into reflect.Value, depth int) error {
	switch p.kind {
	case reflect.Int64:
		n, err := d.integer()
		into.SetInt(n)
		return err
	case reflect.String:
		s, err := d.text()
		into.SetString(s)
		return err
	case reflect.Bool:
		b, err := d.boolean()
		into.SetBool(b)
		return err
	case reflect.Struct:
		return d.object(p, into, depth)
	case reflect.Slice:
		return d.list(p.elem, into, depth)
	case reflect.Pointer:
		if d.word("null") {
			return nil
		}
		v := reflect.New(into.Type().Elem())
		into.Set(v)
		return d.value(p.elem, v.Elem(), depth)
	default: // a map of facts
		v, err := d.any(depth)
		if err != nil {
			return err
		}
		facts, ok := v.(map[string]any)
		if !ok {
			return d.fail("want an object")
		}
		into.Set(reflect.ValueOf(facts))
		return nil
	}
}

func (d *decoder) object(p *plan, into reflect.Value, depth int) error {
	for _, f := range p.fields {
		if f.later && !bytes.HasPrefix(d.src[d.at:], f.key) {
			continue
		}
		if err := d.literal(f.key); err != nil {
			return err
		}
		if err := d.value(f.plan, into.Field(f.index), depth+1); err != nil {
			return err
		}
	}
	if !d.take('}') {
		return d.fail("want the end of the object")
	}
	return nil
}

func (d *decoder) list(elem *plan, into reflect.Value, depth int) error {
	if !d.take('[') {
		return d.fail("want a list")
	}
	list := reflect.MakeSlice(into.Type(), 0, min(4, len(d.src)-d.at))
	for !d.take(']') {
		if list.Len() > 0 && !d.take(',') {
			return d.fail("want , or ]")
		}
		list = reflect.Append(list, reflect.Zero(into.Type().Elem()))
		if err := d.value(elem, list.Index(list.Len()-1), depth+1); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

func (d *decoder) word(w string) bool {
	if len(d.src)-d.at < len(w) || string(d.src[d.at:d.at+len(w)]) != w {
		return false
	}
	d.at += len(w)
	return true
}

func (d *decoder) boolean() (bool, error) {
	switch {
	case d.word("true"):
		return true, nil
	case d.word("false"):
		return false, nil
	}
	return false, d.fail("want true or false")
}

func (d *decoder) integer() (int64, error) {
	start := d.at
	d.take('-')
	digits := d.at
	var n int64
	for ; d.at < len(d.src) && d.src[d.at] >= '0' && d.src[d.at] <= '9' && n <= maxInteger; d.at++ {
		n = n*10 + int64(d.src[d.at]-'0')
	}
	switch {
	case d.at == digits, n > maxInteger, d.src[digits] == '0' && (d.at > digits+1 || digits > start):
		return 0, d.fail("want an integer in its shortest form")
	case digits > start:
		return -n, nil
	}
	return n, nil
}

// text takes a string: NFC, no control character, and no escape but those of " and \.
func (d *decoder) text() (string, error) {
	if !d.take('"') {
		return "", d.fail("want a string")
	}
	start := d.at
	for d.at < len(d.src) { // most strings are plain ASCII
		c := d.src[d.at]
		if c == '"' {
			d.at++
			return string(d.src[start : d.at-1]), nil
		}
		if c < ' ' || c == '\\' || c >= 0x7f {
			break
		}
		d.at++
	}
	return d.richText(start)
}

func (d *decoder) richText(start int) (string, error) {
	out := append(make([]byte, 0, d.at-start+32), d.src[start:d.at]...)
	for d.at < len(d.src) {
		r, size := utf8.DecodeRune(d.src[d.at:])
		switch {
		case r == '"':
			d.at++
			if !norm.NFC.IsNormal(out) {
				return "", d.fail("not NFC")
			}
			return string(out), nil
		case r == '\\':
			if d.at+1 == len(d.src) || d.src[d.at+1] != '"' && d.src[d.at+1] != '\\' {
				return "", d.fail("escaped without need")
			}
			out = append(out, d.src[d.at+1])
			d.at += 2
			continue
		case r == utf8.RuneError && size <= 1, unicode.IsControl(r):
			return "", d.fail("not UTF-8, or a control character")
		}
		out = append(out, d.src[d.at:d.at+size]...)
		d.at += size
	}
	return "", d.fail("string without end")
}

// any takes a value of any type: strings, booleans, nil, int64, lists and objects.
func (d *decoder) any(depth int) (any, error) {
	if depth > maxDepth || d.at == len(d.src) {
		return nil, d.fail("too deep, or no value")
	}
	switch c := d.src[d.at]; {
	case c == '{':
		return d.facts(depth)
	case c == '[':
		d.at++
		list := []any{}
		for !d.take(']') {
			if len(list) > 0 && !d.take(',') {
				return nil, d.fail("want , or ]")
			}
			v, err := d.any(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case c == '"':
		return d.text()
	case d.word("null"):
		return nil, nil //nolint:nilnil // null is a value
	case c == 't' || c == 'f':
		return d.boolean()
	}
	return d.integer()
}

func (d *decoder) facts(depth int) (map[string]any, error) {
	d.at++
	all := map[string]any{}
	last := ""
	for !d.take('}') {
		if len(all) > 0 && !d.take(',') {
			return nil, d.fail("want , or }")
		}
		key, err := d.text()
		if err != nil {
			return nil, err
		}
		if len(all) > 0 && compareKeys([]byte(last), []byte(key)) >= 0 {
			return nil, d.fail("key %q out of order", key)
		}
		if !d.take(':') {
			return nil, d.fail("want :")
		}
		if all[key], err = d.any(depth + 1); err != nil {
			return nil, err
		}
		last = key
	}
	return all, nil
}
