package health

import (
	"context"
	"testing"
)

func TestFindingsAreToldInTheOrderOfTheMattersAndTheWorstIsKnown(t *testing.T) {
	all := Gather(t.Context(),
		func(context.Context) []Finding {
			return []Finding{{Matter: Clock, State: Look}, {Matter: Disk, State: Good}}
		},
		func(context.Context) []Finding { return nil },
		func(context.Context) []Finding { return []Finding{{Matter: Copy, State: Good}} })
	var got string
	for _, f := range all {
		got += f.Matter + " "
	}
	if got != "disk copy clock " || Worst(all) != Look || Worst(nil) != Good {
		t.Errorf("got %s, worst %s", got, Worst(all))
	}
	if !Grave.Worse(Look) || !State("?").Worse(Look) || Good.Worse(Good) {
		t.Error("the states are not in order")
	}
}

func TestASourceThatPanicsIsAGraveFinding(t *testing.T) {
	all := Gather(t.Context(), func(context.Context) []Finding { panic("a bug") }, func(context.Context) []Finding { return []Finding{{Matter: Disk, State: Good}} })
	if len(all) != 2 || Worst(all) != Grave {
		t.Errorf("got %+v", all)
	}
}
