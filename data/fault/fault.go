package fault

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Kind says what sort of refusal an error is. The web layer maps each kind to one status.
type Kind string

// The kinds, from the caller's fault to ours.
const (
	Invalid         Kind = "invalid"         // the input breaks a rule; Fields say which
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Denied          Kind = "denied"          // signed in, but without the right
	NotFound        Kind = "not_found"       // no such thing
	Gone            Kind = "gone"            // it existed, it has been replaced or has lapsed
	Conflict        Kind = "conflict"        // the state has moved on
	TooMany         Kind = "too_many"        // slow down
	Busy            Kind = "busy"            // nothing happened; try again
	Unknown         Kind = "unknown"         // it may have happened; ask again with the same command id
	Internal        Kind = "internal"        // a bug, or a broken machine
)

// Kinds lists every kind, so that a table over them can be tested for completeness.
func Kinds() []Kind {
	return []Kind{Invalid, Unauthenticated, Denied, NotFound, Gone, Conflict, TooMany, Busy, Unknown, Internal}
}

// Field is one part of the input that breaks a rule.
type Field struct {
	Name string         `json:"name"`           // path of the field, such as "lines[2].qty"
	Code string         `json:"code"`           // stable code of the rule
	Args map[string]any `json:"args,omitempty"` // numbers and names for the sentence
}

// Error is an expected refusal: a public half (Kind, Code, Detail, Args, Fields) and a private cause.
type Error struct {
	Kind   Kind
	Code   string         // stable, such as "shift.none"; the catalogue key is "error." + Code
	Detail string         // one English sentence for developers, safe to show
	Args   map[string]any // numbers and names for the sentence
	Fields []Field
	Err    error // the cause: for the log, never for a page
}

// New returns a refusal without fields or cause.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// With returns a copy that carries one more argument for the sentence.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[key] = value
	return &c
}

// Field returns a copy that names one more field and the rule it breaks.
func (e *Error) Field(name, code string) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), Field{Name: name, Code: code})
	return &c
}

// Wrap returns a copy that carries the private cause.
func (e *Error) Wrap(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Error is for the log. Pages and API answers use Code, Detail, Args and Fields.
func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Code + ": " + e.Detail)
	for _, f := range e.Fields {
		fmt.Fprintf(&s, " [%s: %s]", f.Name, f.Code)
	}
	if e.Err != nil {
		s.WriteString(": " + e.Err.Error())
	}
	return s.String()
}

// Unwrap returns the private cause.
func (e *Error) Unwrap() error { return e.Err }

// As returns the refusal inside err, if there is one.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// KindOf returns the kind of err: Internal for an error that is not a refusal, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the stable code of err: "internal" for an error that is not a refusal, "" for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := As(err); ok {
		return e.Code
	}
	return "internal"
}
