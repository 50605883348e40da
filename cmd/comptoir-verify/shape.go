package main

import (
	"slices"
	"strings"
)

// shape is what a value of the format must look like: exactly these keys, each of its kind.
type shape struct {
	kind   kind
	orNull bool
	spare  bool // a member that may be missing
	free   bool // an object with any keys
	of     *shape
	fields []field // ascending by key
}

type field struct {
	key string
	shape
}

// readShape reads a shape as bodies.go writes them:
//
//	s text   i integer   b true or false   * an object free in its keys
//	?x an x, or null     [x] a list of x   {key x, key x} an object of exactly these keys; ~key may be missing
func readShape(text string) shape {
	r := shapeReader{strings.TrimSpace(text)}
	s := r.shape()
	if r.rest != "" {
		panic("shape: " + text) // of this program's own text: every start of a test would meet it
	}
	return s
}

type shapeReader struct{ rest string }

func (r *shapeReader) take(prefix string) bool {
	rest, ok := strings.CutPrefix(r.rest, prefix)
	if ok {
		r.rest = strings.TrimLeft(rest, " \t\n")
	}
	return ok
}

func (r *shapeReader) shape() shape {
	switch {
	case r.take("?"):
		s := r.shape()
		s.orNull = true
		return s
	case r.take("s"):
		return shape{kind: isText}
	case r.take("i"):
		return shape{kind: isInteger}
	case r.take("b"):
		return shape{kind: isBool}
	case r.take("*"):
		return shape{kind: isObject, free: true}
	case r.take("["):
		of := r.shape()
		r.need("]")
		return shape{kind: isList, of: &of}
	}
	r.need("{")
	s := shape{kind: isObject}
	for !r.take("}") {
		key, rest, _ := strings.Cut(r.rest, " ")
		r.rest = rest
		key, spare := strings.CutPrefix(key, "~")
		of := r.shape()
		of.spare = spare
		s.fields = append(s.fields, field{key, of})
		r.take(",")
	}
	slices.SortFunc(s.fields, func(a, b field) int { return strings.Compare(a.key, b.key) })
	return s
}

func (r *shapeReader) need(what string) {
	if !r.take(what) {
		panic("shape: " + what + " expected before " + r.rest)
	}
}

// misfit is a place that does not have its shape. Its path is put together only when there is one.
type misfit struct{ path, what string }

func (m *misfit) Error() string { return "« " + m.path + " » " + m.what }

// match reports the first place where v does not have the shape. The keys of v ascend: its parser saw to that.
func (s *shape) match(v value, name string) error {
	if m := s.misfit(v); m != nil {
		m.path = strings.TrimSuffix(name+"."+m.path, ".")
		return m
	}
	return nil
}

func (s *shape) misfit(v value) *misfit {
	switch {
	case s.orNull && v.null():
		return nil
	case v.kind() != s.kind:
		return &misfit{what: "n'est pas du type prévu"}
	case s.free:
		return nil
	case s.kind == isList:
		for item := range v.items() {
			if m := s.of.misfit(item); m != nil {
				return m
			}
		}
	case s.kind == isObject:
		return s.misfitFields(v)
	}
	return nil
}

func (s *shape) misfitFields(v value) *misfit {
	i := 0
	for key, member := range v.members() {
		for i < len(s.fields) && s.fields[i].spare && s.fields[i].key < key {
			i++
		}
		switch {
		case i < len(s.fields) && s.fields[i].key == key:
		case i < len(s.fields) && s.fields[i].key < key:
			return &misfit{s.fields[i].key, "manque"}
		default:
			return &misfit{shown(key), "est une clé inconnue"}
		}
		if m := s.fields[i].misfit(member); m != nil {
			m.path = strings.TrimSuffix(key+"."+m.path, ".")
			return m
		}
		i++
	}
	for ; i < len(s.fields); i++ {
		if !s.fields[i].spare {
			return &misfit{s.fields[i].key, "manque"}
		}
	}
	return nil
}
