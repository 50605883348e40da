package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/receipts/journal"
)

// TestBothReadersTakeTheSameBytesForCanonical hands the same texts to the core's reader and to comptoir-verify's, which
// know nothing of each other: forms of JSON, and strings of letters and marks that Unicode composes and orders.
func TestBothReadersTakeTheSameBytesForCanonical(t *testing.T) {
	t.Parallel()
	rounds := 4
	if os.Getenv("CI") != "" {
		rounds = 40
	}
	inspect := buildInspector(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		var texts []string
		for range 150 { // each gives few anomalies; a report lists a thousand
			texts = append(texts, someJSON(random, 0))
		}
		for seq, taken := range inspect.canonical(texts) {
			if want := journal.IsCanonical([]byte(texts[seq])); taken != want {
				t.Errorf("%q: canonical for the core %v, for comptoir-verify %v", texts[seq], want, taken)
			}
		}
	}
}

// someJSON is a value that is canonical more often than not.
func someJSON(r *rand.Rand, depth int) string {
	pieces := []rune{
		'a', 'e', 'é', '\u0301', '\u0323', '\u0334', '\u0327', '\u1100', '\u1161', '\u11a8', '\uac00', '\u0915', '\u093c', '\u0958', '\u2126', '\u0340',
		'\u1e9b', '\u0f71', '\u0f72', '\u0f73', '\u0b47', '\u0b3e', '\U0001d15e', '\U0001f600', '\ue000', '/', '\u2028', '\u00a0', '\u0085',
	}
	text := func() string {
		var b strings.Builder
		for range r.IntN(5) {
			if r.IntN(12) == 0 {
				b.WriteString([]string{`\"`, `\\`, `\/`, `\n`, "\x01", "\xc3", "\u007f"}[r.IntN(7)])
			} else {
				b.WriteRune(pieces[r.IntN(len(pieces))])
			}
		}
		return `"` + b.String() + `"`
	}
	switch kind := r.IntN(10); {
	case depth < 4 && kind < 3:
		var members []string
		for _, key := range []string{"a", "b", "é", "\ue000", "\U0001f600"}[:r.IntN(5)] {
			members = append(members, `"`+key+`":`+someJSON(r, depth+1))
		}
		return "{" + strings.Join(members, ",") + "}"
	case depth < 4 && kind < 5:
		var items []string
		for range r.IntN(3) {
			items = append(items, someJSON(r, depth+1))
		}
		return "[" + strings.Join(items, ",") + "]"
	case kind < 7:
		return []string{"0", "-1", "12", "-0", "01", "1.0", "1e2", "9007199254740991", "9007199254740992", "true", "false", "null", "nul", ""}[r.IntN(14)]
	}
	return text()
}

// canonical asks comptoir-verify which texts it takes for canonical bytes. None of them is an entry, so each is an
// anomaly; those that are canonical are told to lack what an entry has, by no place in their bytes.
func (i inspector) canonical(texts []string) []bool {
	i.tb.Helper()
	var b strings.Builder
	b.WriteString(`{"format":"cafe-fiscal/1","journal":""}` + "\n")
	for seq, text := range texts {
		hash := journal.HashOf([]byte(text))
		fmt.Fprintf(&b, `{"seq":%d,"canon":"%s","hash":"%s","sig":""}`+"\n", seq, base64.StdEncoding.EncodeToString([]byte(text)), hex.EncodeToString(hash[:]))
	}
	fmt.Fprintf(&b, `{"end":true,"entries":%d,"documents":0,"keys":0,"skipped":0,"marks":0}`+"\n", len(texts))
	name := filepath.Join(i.tb.TempDir(), "texts.jsonl")
	writeAll(i.tb, name, []byte(b.String()))
	all := make([]bool, len(texts))
	for _, a := range i.run(name).Anomalies {
		if a.Check == "canonical" && a.Seq != nil {
			all[*a.Seq] = !strings.Contains(a.Detail, "canonique : octet ")
		}
	}
	return all
}
