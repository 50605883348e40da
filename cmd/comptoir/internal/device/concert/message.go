package concert

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrGarbled is what reading returns for a text that is no message.
var ErrGarbled = errors.New("concert: not a message")

// Bounds of what a message can hold.
const (
	AmountMax   = 99_999_999 // cents: eight digits
	PrivateSize = 10
	requestSize = 34
	answerHead  = 15 // of an answer, up to its private data
	answerMax   = answerHead + 32
)

// Types of a transaction.
const (
	Debit  = '0'
	Credit = '1'
	Cancel = '2'
)

// Results of a transaction.
const (
	Done      = '0'
	NotDone   = '7'
	Undecided = '9' // the terminal does not know either
)

// card is the means of payment, end the wish to hear of the transaction's end, and free the leave to decide on an authorisation.
const (
	card = '1'
	end  = "A010"
	free = "B010"
)

// Request is what a till asks.
type Request struct {
	Till     string // two digits
	Cents    int64
	Type     byte
	Currency string // ISO number
	Private  string // at most PrivateSize; what the till likes to see again
}

// Answer is what the terminal says.
type Answer struct {
	Till     string
	Result   byte
	Cents    int64
	Means    byte
	Currency string
	Private  string // without the blanks around it
}

// Encode writes the request. One that cannot be written is an error.
func (r Request) Encode() (string, error) {
	text := fmt.Sprintf("%s%08d0%c%c%s%-*s%s%s", r.Till, r.Cents, card, r.Type, r.Currency, PrivateSize, r.Private, end, free)
	if r.Cents < 0 || len(text) != requestSize || !isText(text) {
		return "", errors.New("concert: the request cannot be written")
	}
	return text, nil
}

// ReadRequest reads a request. Error: ErrGarbled.
func ReadRequest(text string) (Request, error) {
	if len(text) != requestSize || !isText(text) {
		return Request{}, ErrGarbled
	}
	cents, err := digits(text[2:10])
	return Request{Till: text[:2], Cents: cents, Type: text[12], Currency: text[13:16], Private: strings.TrimSpace(text[16:26])}, err
}

// Encode writes the answer, as the terminal does.
func (a Answer) Encode() string {
	return fmt.Sprintf("%s%c%08d%c%s%-*s", a.Till, a.Result, a.Cents, a.Means, a.Currency, PrivateSize, a.Private)
}

// ReadAnswer reads an answer. Error: ErrGarbled.
func ReadAnswer(text string) (Answer, error) {
	if len(text) < answerHead || len(text) > answerMax || !isText(text) {
		return Answer{}, ErrGarbled
	}
	cents, err := digits(text[3:11])
	return Answer{Till: text[:2], Result: text[2], Cents: cents, Means: text[11], Currency: text[12:15], Private: strings.TrimSpace(text[answerHead:])}, err
}

func digits(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 62)
	if err != nil {
		return 0, ErrGarbled
	}
	return int64(n), nil
}

func isText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
