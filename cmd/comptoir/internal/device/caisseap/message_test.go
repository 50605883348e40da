package caisseap

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The frames of makers' guides, as they stand there.
const (
	askedFrame    = "CZ0040320CJ012012345678901CA00201CB0041470CD0010CE003978CF016V20261121-000042"
	approvedFrame = "CZ0040320CJ012012345678901CA00201CB0041470CD0010CE003978AE00210CC00300BCI0012AC006166943AA016952713######7451AB0042708"
	refusedFrame  = "CZ0040320CJ012012345678901CA00201CD0010CE003978AE00201AF00204"
	formatFrame   = "CZ0040320AE00201AF00209"
)

func TestAMessageIsWrittenAsTheMakersShowIt(t *testing.T) {
	got, err := Message{
		{Tag: Version, Value: "0320"}, {Tag: Identifier, Value: "012345678901"}, {Tag: Till, Value: "01"}, {Tag: Amount, Value: "1470"},
		{Tag: Action, Value: Debit}, {Tag: Currency, Value: "978"}, {Tag: TicketReturn}, {Tag: Private, Value: "V20261121-000042"},
	}.Encode()
	if err != nil || got != askedFrame {
		t.Errorf("got %q (%v), want %q", got, err, askedFrame)
	}
}

func TestAFieldThatCannotBeWrittenIsRefused(t *testing.T) {
	for _, f := range []Field{
		{Tag: "C", Value: "1"}, {Tag: "cz", Value: "1"}, {Tag: "CF", Value: "é"}, {Tag: "CF", Value: "a\nb"}, {Tag: "CF", Value: strings.Repeat("1", 1000)},
		{Tag: Constructed, Inner: Message{{Tag: "AK", Value: "\x00"}}},
	} {
		if got, err := (Message{f}).Encode(); err == nil {
			t.Errorf("%q was written as %q", f, got)
		}
	}
}

func TestAnAnswerIsReadWithoutTheNumberOfTheCard(t *testing.T) {
	messages, whole, err := Parse([]byte(approvedFrame))
	if err != nil || !whole || len(messages) != 1 {
		t.Fatalf("got %v, whole %v, error %v", messages, whole, err)
	}
	want := Message{
		{Tag: "CZ", Value: "0320"}, {Tag: "CJ", Value: "012345678901"}, {Tag: "CA", Value: "01"}, {Tag: "CB", Value: "1470"}, {Tag: "CD", Value: "0"},
		{Tag: "CE", Value: "978"}, {Tag: "AE", Value: "10"}, {Tag: "CC", Value: "00B"}, {Tag: "CI", Value: "2"}, {Tag: "AC", Value: "166943"}, {Tag: "AA"}, {Tag: "AB"},
	}
	if diff := cmp.Diff(want, messages[0]); diff != "" {
		t.Error(diff)
	}
}

func TestTheTicketInsideAnAnswerIsReadAsFieldsOfItsOwn(t *testing.T) {
	in := Message{{Tag: Version, Value: "0320"}, {Tag: Constructed, Inner: Message{{Tag: TicketReturn, Value: "100"}, {Tag: Ticket, Value: "VGlja2V0"}}}, {Tag: Status, Value: Done}}
	text, err := in.Encode()
	if want := "CZ0040320ZT021CK003100AK008VGlja2V0AE00210"; err != nil || text != want {
		t.Fatalf("got %q (%v), want %q", text, err, want)
	}
	messages, whole, err := Parse([]byte(text))
	if err != nil || !whole {
		t.Fatalf("whole %v, error %v", whole, err)
	}
	if diff := cmp.Diff([]Message{in}, messages); diff != "" {
		t.Error(diff)
	}
}

func TestEachBeginningOfAnAnswerIsNeitherWholeNorWrong(t *testing.T) {
	bounds := map[int]bool{0: true}
	for at := 0; at < len(approvedFrame); {
		_, size, err := field([]byte(approvedFrame[at:]))
		if err != nil || size == 0 {
			t.Fatal(err)
		}
		at += size
		bounds[at] = true
	}
	for n := range len(approvedFrame) + 1 {
		_, whole, err := Parse([]byte(approvedFrame[:n]))
		if err != nil || whole != bounds[n] {
			t.Errorf("after %d bytes: whole %v, want %v; error %v", n, whole, bounds[n], err)
		}
	}
}

func TestWhatIsNoMessageIsGarbled(t *testing.T) {
	for name, text := range map[string]string{
		"http":             "HTTP/1.1 400 Bad Request\r\n\r\n",
		"small letters":    "cz0040320",
		"a length of none": "CZ000",
		"no number":        "CZ0a40320",
		"no version first": "AE00210",
		"a field twice":    "CZ0040320AE00210AE00201",
		"zeros":            "\x00\x00\x00\x00\x00\x00",
		"a broken inside":  "CZ0040320ZT009CK003100A",
		"a version inside": "CZ0040320ZT009CZ0040320",
		"inside an inside": "CZ0040320ZT013ZT008CK003100",
		"twice inside":     "CZ0040320ZT016CK003100CK003100",
	} {
		if messages, whole, err := Parse([]byte(text)); !errors.Is(err, ErrGarbled) {
			t.Errorf("%s: got %v, whole %v, error %v", name, messages, whole, err)
		}
	}
}

func TestALineEndBetweenFieldsIsSkipped(t *testing.T) {
	messages, whole, err := Parse([]byte(refusedFrame + "\r\n" + formatFrame + "\n"))
	if err != nil || !whole || len(messages) != 2 {
		t.Errorf("got %d messages, whole %v, error %v", len(messages), whole, err)
	}
}
