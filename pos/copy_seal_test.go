package pos_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/pos"
)

// TestACopyNobodySealedIsRefused: a page that makes a command up, changes a letter of one, or brings that of another café.
func TestACopyNobodySealedIsRefused(t *testing.T) {
	c, other := emptyCafe(t), emptyCafe(t)
	one := pos.Copy{Command: "k1", First: c.clock.Now(), Operator: c.barista.ID, Method: "POST", Address: "/api/v1/sales", Body: `{"lines":[]}`}
	sealed, err := c.SealCopy(one)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.OpenCopy(sealed); err != nil || got.Command != one.Command || strings.Contains(sealed, "sales") {
		t.Fatalf("its own: %+v %v", got, err)
	}
	for i := range len(sealed) {
		letter := "A"
		if sealed[i] == 'A' {
			letter = "B"
		}
		if got, err := c.OpenCopy(sealed[:i] + letter + sealed[i+1:]); err == nil && got != one {
			t.Fatalf("with another letter %d it is %+v", i, got)
		}
	}
	for _, forged := range []string{"", "x", "e30", sealed[4:], sealed + sealed} {
		_, err := c.OpenCopy(forged)
		refused(t, err, "resend.unreadable")
	}
	_, err = other.OpenCopy(sealed)
	refused(t, err, "resend.unreadable")
}

// TestACopyIsOldWhateverTheClockSays: the clock of a restored machine is set back by three months, to when a copy was young and
// its command is forgotten; or it is a little behind, which costs nothing.
func TestACopyIsOldWhateverTheClockSays(t *testing.T) {
	c := openCafe(t)
	sealed, err := c.SealCopy(pos.Copy{Command: "k1", First: c.clock.Now(), Method: "POST", Address: "/till/commands"})
	if err != nil {
		t.Fatal(err)
	}
	const days = 20 // between two sales: more is a clock that is wrong
	for range 5 {
		c.clock.Advance(days * 24 * time.Hour)
		c.sell("", line("cafe", 1))
	}
	young, err := c.SealCopy(pos.Copy{Command: "k2", First: c.clock.Now(), Method: "POST", Address: "/till/commands"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.OpenCopy(sealed)
	refused(t, err, "resend.old")
	c.clock.Advance(-5 * days * 24 * time.Hour)
	_, err = c.OpenCopy(sealed)
	refused(t, err, "resend.old")
	if _, err := c.OpenCopy(young); err != nil {
		t.Errorf("a copy that is young by the café's own days: %v", err)
	}
}

// BenchmarkSealACopy compares the copy that a page is handed with the command it is of: medians of five hundred each, in turn.
//
//	go test -run '^$' -bench SealACopy -benchtime 1x ./pos
func BenchmarkSealACopy(b *testing.B) {
	const rounds = 500
	c := openCafe(b)
	one := pos.Copy{Command: strings.Repeat("k", 36), First: c.clock.Now(), Operator: c.barista.ID, Method: "POST", Address: "/till/commands", Type: "application/json",
		Body: `{"kind":"pay","ticket":"01a20043-1f3b-7366-846f-8a53eb4fcf68","args":{"means":"cash","total":1370,"given":2000,"version":12}}`}
	for b.Loop() {
		var seals, sales []time.Duration
		for range rounds {
			seals = append(seals, c.timed(func() error {
				_, err := c.SealCopy(one)
				return err
			}))
			sales = append(sales, c.timed(func() error {
				c.sell("", line("cafe", 1))
				return nil
			}))
		}
		b.ReportMetric(float64(middle(seals).Microseconds()), "µs/seal")
		b.ReportMetric(float64(middle(seals))/float64(middle(sales)), "seal/sale")
	}
}

// FuzzOpenCopy hands letters to the reader of copies: none that the café has not sealed is one.
func FuzzOpenCopy(f *testing.F) {
	f.Add("")
	f.Add("e30")
	f.Add(strings.Repeat("A", 64))
	c := emptyCafe(f)
	f.Fuzz(func(t *testing.T, sealed string) {
		if _, err := c.OpenCopy(sealed); err == nil {
			t.Fatalf("%q is taken for a copy", sealed)
		}
	})
}
