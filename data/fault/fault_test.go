package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"comptoir/data/fault"
)

func TestRefusalSurvivesWrapping(t *testing.T) {
	cause := errors.New("disk on fire")
	err := fmt.Errorf("open shift: %w", fault.New(fault.Conflict, "shift.none", "No shift is open.").With("till", "C1").Wrap(cause))
	if got := fault.KindOf(err); got != fault.Conflict {
		t.Errorf("KindOf = %q, want conflict", got)
	}
	if got := fault.CodeOf(err); got != "shift.none" {
		t.Errorf("CodeOf = %q, want shift.none", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the private cause is lost")
	}
}

func TestCopiesDoNotShareArgsOrFields(t *testing.T) {
	base := fault.New(fault.Invalid, "line", "bad").With("max", 99)
	a, b := base.Field("qty", "limit"), base.Field("note", "long")
	if len(base.Fields) != 0 || len(a.Fields) != 1 || len(b.Fields) != 1 || a.Fields[0].Name != "qty" || b.Fields[0].Name != "note" {
		t.Errorf("fields leak between copies: %v %v %v", base.Fields, a.Fields, b.Fields)
	}
	c := base.With("max", 100)
	if base.Args["max"] != 99 || c.Args["max"] != 100 {
		t.Errorf("args leak between copies: %v %v", base.Args, c.Args)
	}
}

func TestAnythingElseIsInternal(t *testing.T) {
	if k, c := fault.KindOf(errors.New("x")), fault.CodeOf(errors.New("x")); k != fault.Internal || c != "internal" {
		t.Errorf("got %q %q", k, c)
	}
	if k, c := fault.KindOf(nil), fault.CodeOf(nil); k != "" || c != "" {
		t.Errorf("nil: got %q %q", k, c)
	}
}
