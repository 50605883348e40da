package device

import (
	"testing"

	"comptoir/data/fault"
)

func wantRefusal(t *testing.T, err error, code string) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("got %q (%v), want %q", got, err, code)
	}
}

// fields lists what a refusal names.
func fields(t *testing.T, err error) []string {
	t.Helper()
	refused, ok := fault.As(err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	var names []string
	for _, f := range refused.Fields {
		names = append(names, f.Name)
	}
	return names
}
