package concert

import (
	"bytes"
	"errors"
	"testing"
)

// madeFrame is a request as a maker's guide has it: 14,70 € by card, answered at once.
const madeFrame = "0100001470010978          A011B010"

func TestARequestIsWrittenAsTheMakersShowIt(t *testing.T) {
	got, err := Request{Till: "01", Cents: 1470, Type: Debit, Currency: "978"}.Encode()
	// A till that wants to know what became of the money waits for the end.
	if want := "0100001470010978          A010B010"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	frame := Frame(madeFrame)
	if check := frame[len(frame)-1]; check != 0x05 {
		t.Errorf("the check of the guide's frame is %#x, want 0x05", check)
	}
	if want := "\x02" + madeFrame + "\x03\x05"; !bytes.Equal(frame, []byte(want)) {
		t.Errorf("got %q, want %q", frame, want)
	}
}

func TestARequestIsReadBack(t *testing.T) {
	want := Request{Till: "07", Cents: AmountMax, Type: Credit, Currency: "978", Private: "0123456789"}
	text, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadRequest(text); err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	if got, err := ReadRequest(madeFrame); err != nil || got.Cents != 1470 || got.Private != "" {
		t.Errorf("the guide's: got %+v (%v)", got, err)
	}
}

func TestARequestThatDoesNotFitIsRefused(t *testing.T) {
	fits := Request{Till: "01", Cents: 1, Type: Debit, Currency: "978"}
	for name, spoil := range map[string]func(*Request){
		"nine digits": func(r *Request) { r.Cents = AmountMax + 1 },
		"below zero":  func(r *Request) { r.Cents = -1 },
		"a long ref":  func(r *Request) { r.Private = "01234567890" },
		"a till":      func(r *Request) { r.Till = "1" },
		"a byte":      func(r *Request) { r.Private = "\x03" },
	} {
		r := fits
		spoil(&r)
		if text, err := r.Encode(); err == nil {
			t.Errorf("%s: written as %q", name, text)
		}
	}
}

func TestAnAnswerIsReadBackAndNothingElseIsAnAnswer(t *testing.T) {
	want := Answer{Till: "01", Result: Done, Cents: 1470, Means: card, Currency: "978", Private: "0123456789"}
	if got, err := ReadAnswer(want.Encode()); err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	for _, text := range []string{"", "01", "HTTP/1.1 400 Bad Request", "010+00014701978", "010\x0000014701978", want.Encode() + want.Encode()} {
		if got, err := ReadAnswer(text); !errors.Is(err, ErrGarbled) {
			t.Errorf("%q: got %+v (%v)", text, got, err)
		}
	}
}
