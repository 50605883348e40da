package device

import (
	"context"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"comptoir/data/money"
)

// saying is a terminal that says one thing more each time the till has spoken, and hangs up.
func saying(segments ...string) dialer {
	return inMemory(func(_ context.Context, till net.Conn) {
		heard := make([]byte, 1024)
		for _, s := range segments {
			if _, err := till.Read(heard); err != nil {
				return
			}
			if _, err := till.Write([]byte(s)); err != nil {
				return
			}
		}
		_ = till.Close()
	})
}

// judged checks what no answer of a terminal may break: an approval is of what was asked or less and was said in so many
// words, a refusal was said, and the number of a card is nowhere.
func judged(t *testing.T, said string, a Answer, yes, no *regexp.Regexp) {
	t.Helper()
	switch a.Outcome {
	case Approved:
		told := false
		for _, m := range yes.FindAllStringSubmatch(said, -1) {
			n, err := strconv.ParseInt(m[1], 10, 64)
			told = told || err == nil && money.Cents(n) == a.Amount
		}
		if !told || a.Amount <= 0 || a.Amount > asked || a.Code != "" {
			t.Errorf("%q: %+v", said, a)
		}
	case Declined:
		if !no.MatchString(said) || a.Amount != 0 || a.Code == "" {
			t.Errorf("%q: %+v", said, a)
		}
	case NotSent, Unknown:
		if a.Amount != 0 || a.Code == "" {
			t.Errorf("%q: %+v", said, a)
		}
	default:
		t.Errorf("%q: %+v is no outcome", said, a)
	}
}

var (
	caisseAPYes = regexp.MustCompile(`CB0[0-9]{2}([0-9]+)`)
	caisseAPNo  = regexp.MustCompile(`AE00201[\s\S]*AF0|AF0[\s\S]*AE00201`)
	concertYes  = regexp.MustCompile(`010([0-9]{8}).978[^\x03]*\x03`)
	concertNo   = regexp.MustCompile(`017[0-9]{8}[^\x03]*\x03`)
)

// FuzzCaisseAPCharge has a terminal answer a charge with anything, and hang up: that is never "nothing was asked".
func FuzzCaisseAPCharge(f *testing.F) {
	const head = "CZ0040300CJ012012345678901CA00201"
	for _, seed := range []string{
		"", head + "CB0041470CD0010CE003978CF002R1AE00210CC00300BCI0012AC006166943AA016952713######7451AB0042708", head + "AE00201AF00204", head + "AE00201AF00207",
		head + "AE00211" + head + "CB0041470AE00210", head + "CB0040700AE00210", head + "CB0041471AE00210", head + "CB00200AE00210", "HTTP/1.1 400 Bad Request\r\n\r\n",
		head + "AE00210", head + "AE00201", head + "CB0041470AE00210CB0041470", head + "CB012000000001470AE00210\r\n", head + "AE00201AF00150",
		head + "CB0041470AE00210AE00201", head + "CB0041470AE00299",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		synctest.Test(t, func(t *testing.T) {
			terminal := &caisseAP{setup: TerminalSetup{}.whole(), dial: saying(string(said))}
			a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"})
			if a.Outcome == NotSent {
				t.Errorf("%q: %+v", said, a)
			}
			judged(t, string(said), a, caisseAPYes, caisseAPNo)
		})
	})
}

// FuzzConcertCharge has a terminal say anything at each turn of the conversation, and hang up.
func FuzzConcertCharge(f *testing.F) {
	const good, refused = "\x020100000147019789876543210\x036", "\x020170000147019789876543210\x031"
	for _, seed := range []string{
		"", "\x06|\x06|\x05|" + good + "|\x04", "\x06|\x06|\x05|" + refused + "|\x04", "\x15|\x15|\x15|", "\x05|\x05|\x05|", "\x06|\x15|\x15|\x15|", "\x06|\x06|\x05|" + good[:7],
		"\x06|\x06|~\x05|~" + good, "\x06\x06\x05" + good, "\x06|\x06|\x05|\x02HTTP/1.1 400\x03\x00", "\x06|\x06|\x05\x05|" + good, "|\x06|\x06|\x05|" + good,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		synctest.Test(t, func(t *testing.T) {
			segments := strings.Split(string(said), "|")
			terminal := &concertTerminal{setup: TerminalSetup{}.whole(), dial: saying(segments...)}
			a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"})
			judged(t, strings.Join(segments, ""), a, concertYes, concertNo)
			if taken := strings.ContainsRune(string(said), 0x06); a.Outcome != NotSent && !taken {
				t.Errorf("%q: %+v, and no call was taken", said, a)
			}
		})
	})
}
