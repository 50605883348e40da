package rehearsal

import (
	"strings"
	"testing"
)

func TestAScriptIsPlayedInItsOrderAndItsLastCaseAgain(t *testing.T) {
	t.Parallel()
	s, err := Read("yes, no,yes,hang", []string{"yes", "no", "hang"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"yes", "no", "yes", "hang", "hang", "hang"} {
		if peek := s.Peek(); peek != want {
			t.Errorf("%d: about to play %q, want %q", i, peek, want)
		}
		if got := s.Next(0); got != want {
			t.Errorf("%d: got %q, want %q", i, got, want)
		}
	}
}

func TestAScriptWithACaseThatThereIsNotSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "yes,", "perhaps"} {
		if _, err := Read(text, []string{"yes", "no"}); err == nil || !strings.Contains(err.Error(), "yes, no") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAnAmountChoosesByItsCents(t *testing.T) {
	t.Parallel()
	b := ByCents{Cases: map[int64]string{91: "no"}, Otherwise: "yes"}
	for cents, want := range map[int64]string{91: "no", 1491: "no", 9100: "yes", 0: "yes"} {
		if got := b.Next(cents); got != want {
			t.Errorf("%d: got %q, want %q", cents, got, want)
		}
	}
	if got := b.Peek(); got != "yes" {
		t.Errorf("about to play %q", got)
	}
}
