package caisseap

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrGarbled is what Parse returns for bytes that no further byte can make a message.
var ErrGarbled = errors.New("caisse-ap: not a message")

// Tags of fields that the till writes or reads.
const (
	Version       = "CZ" // first of each message
	Identifier    = "CJ" // of the till, as given to its maker
	Till          = "CA" // number of the till
	Amount        = "CB" // cents
	Application   = "CC"
	Action        = "CD"
	Currency      = "CE" // ISO number
	Private       = "CF" // what the till likes to see again
	TicketReturn  = "CK"
	EntryMode     = "CI"
	Status        = "AE"
	Detail        = "AF" // why it was not done
	Authorisation = "AC"
	Ticket        = "AK" // inside Constructed
	Constructed   = "ZT" // holds fields
	cardNumber    = "AA"
	cardExpiry    = "AB"
)

// Actions, values of Action.
const (
	Debit    = "0"
	Credit   = "1"
	Identify = "I"
)

// Values of Status.
const (
	Done    = "10"
	NotDone = "01"
	Taken   = "11" // taken into account: the end is still to come
)

// header is the length of a field's tag and length.
const header = 5

// valueMax is the greatest length of a value.
const valueMax = 999

// Field is one field: a value, or for a constructed one the fields inside.
type Field struct {
	Tag   string
	Value string
	Inner Message
}

// Message is a run of fields.
type Message []Field

// Get returns the value of a field, and whether it is there.
func (m Message) Get(tag string) (string, bool) {
	for _, f := range m {
		if f.Tag == tag {
			return f.Value, true
		}
	}
	return "", false
}

// Encode writes the message. A field without a value is left out; one that cannot be written is an error.
func (m Message) Encode() (string, error) {
	var b strings.Builder
	for _, f := range m {
		value := f.Value
		if len(f.Inner) > 0 {
			inner, err := f.Inner.Encode()
			if err != nil {
				return "", err
			}
			value = inner
		}
		if value == "" {
			continue
		}
		if !isTag(f.Tag) || len(value) > valueMax || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return "", fmt.Errorf("caisse-ap: field %q cannot be written", f.Tag)
		}
		fmt.Fprintf(&b, "%s%03d%s", f.Tag, len(value), value)
	}
	return b.String(), nil
}

// Parse reads messages, each begun by its version. Whole says that the text ends where a field does; what stands behind the
// last whole field is left for when more has come. Line ends between fields are skipped. Error: ErrGarbled.
func Parse(text []byte) (messages []Message, whole bool, err error) {
	for at := 0; ; {
		for at < len(text) && (text[at] == '\r' || text[at] == '\n') {
			at++
		}
		if at == len(text) {
			return messages, true, nil
		}
		f, size, err := field(text[at:])
		if err != nil {
			return messages, false, err
		}
		if size == 0 {
			return messages, false, nil
		}
		at += size
		if messages, err = add(messages, f); err != nil {
			return messages, false, err
		}
	}
}

// add puts a field where it belongs: a version begins a message.
func add(messages []Message, f Field) ([]Message, error) {
	if f.Tag == Version {
		return append(messages, Message{f}), nil
	}
	if len(messages) == 0 {
		return messages, ErrGarbled
	}
	last := &messages[len(messages)-1]
	if _, twice := last.Get(f.Tag); twice {
		return messages, ErrGarbled
	}
	*last = append(*last, f)
	return messages, nil
}

// field reads one field and its size; 0: not all of it is there yet.
func field(text []byte) (Field, int, error) {
	for i := range min(header, len(text)) {
		if letter := i < 2; letter != isLetter(text[i]) || !letter && (text[i] < '0' || text[i] > '9') {
			return Field{}, 0, ErrGarbled
		}
	}
	if len(text) < header {
		return Field{}, 0, nil
	}
	length, err := strconv.Atoi(string(text[2:header]))
	if err != nil || length == 0 {
		return Field{}, 0, ErrGarbled
	}
	if len(text) < header+length {
		return Field{}, 0, nil
	}
	f := Field{Tag: string(text[:2])}
	value := text[header : header+length]
	switch f.Tag {
	case cardNumber, cardExpiry: // never kept
	case Constructed:
		if f.Inner, err = inner(value); err != nil {
			return f, 0, err
		}
	default:
		f.Value = string(value)
	}
	return f, header + length, nil
}

// inner reads the fields of a constructed one, which is whole or wrong.
func inner(text []byte) (Message, error) {
	m := []Message{{}}
	for at := 0; at < len(text); {
		f, size, err := field(text[at:])
		if err != nil {
			return nil, err
		}
		if size == 0 || f.Tag == Version || f.Tag == Constructed {
			return nil, ErrGarbled
		}
		if m, err = add(m, f); err != nil {
			return nil, err
		}
		at += size
	}
	return m[0], nil
}

func isTag(s string) bool  { return len(s) == 2 && isLetter(s[0]) && isLetter(s[1]) }
func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }
