package caisseap

import (
	"slices"
	"strings"
	"testing"
)

// FuzzCaisseAP reads any bytes as messages: what is whole says again what it was read from, no beginning of it is wrong, and
// the number of a card is nowhere in what is kept.
func FuzzCaisseAP(f *testing.F) {
	for _, seed := range []string{
		"", askedFrame, approvedFrame, refusedFrame, formatFrame, askedFrame + "\r\n", refusedFrame + approvedFrame,
		"CZ0040320CJ012012345678901CA00201AE00211CZ0040320AE00201AF00207", "CZ0040320ZT021CK003100AK008VGlja2V0AE00210",
		"HTTP/1.1 400 Bad Request\r\n\r\n", "CZ000", "CZ999", "CZ0040320AE002", "\r\n\r\n", "CZ0040320AA016952713######7451", "CZ0040320\xff\xfe",
		approvedFrame[:40], strings.Repeat("A", 9000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		messages, whole, err := Parse(text)
		if err != nil {
			return
		}
		for n := range len(text) {
			if _, _, err := Parse(text[:n]); err != nil {
				t.Fatalf("%q is fine and its first %d bytes are not", text, n)
			}
			if n > 64 {
				break
			}
		}
		for _, m := range messages {
			for _, f := range append(slices.Clone(m), innermost(m)...) {
				if (f.Tag == cardNumber || f.Tag == cardExpiry) && f.Value != "" {
					t.Fatalf("%s was kept", f.Tag)
				}
			}
		}
		if again, ok := said(messages); whole && ok && !strings.ContainsAny(string(text), "\r\n") && again != string(text) {
			t.Fatalf("read from %q, and says %q", text, again)
		}
	})
}

// innermost are the fields inside constructed ones.
func innermost(m Message) Message {
	var all Message
	for _, f := range m {
		all = append(all, f.Inner...)
	}
	return all
}

// said writes messages again; false: something of them was dropped, or cannot be written.
func said(messages []Message) (string, bool) {
	var all strings.Builder
	for _, m := range messages {
		for _, f := range append(slices.Clone(m), innermost(m)...) {
			if f.Value == "" && len(f.Inner) == 0 {
				return "", false
			}
		}
		text, err := m.Encode()
		if err != nil {
			return "", false
		}
		all.WriteString(text)
	}
	return all.String(), true
}
