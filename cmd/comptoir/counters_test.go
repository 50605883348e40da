package main

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"
)

// counters is testdata/counters.json: what a sale asks of the disk, with the tolerance of each. Counts do not depend
// on the machine; a change of one is a change of the program, and of this file.
type counters struct {
	SyncsAlone    counter `json:"syncs_per_sale_1_client"`
	LogBytesAlone counter `json:"log_bytes_per_sale_1_client"`
	SyncsTogether counter `json:"syncs_per_sale_64_clients"`
}

// counter is a value and how far it may be off; at_most alone is an upper bound.
type counter struct {
	Value     float64 `json:"value"`
	Tolerance float64 `json:"tolerance"`
	AtMost    float64 `json:"at_most"`
}

func (c counter) check(t *testing.T, what string, got float64) {
	t.Helper()
	t.Logf("%s: %.4g", what, got)
	if c.AtMost > 0 && got > c.AtMost {
		t.Errorf("%s: got %.4g, want at most %g", what, got, c.AtMost)
	}
	if c.Tolerance > 0 && (got < c.Value-c.Tolerance || got > c.Value+c.Tolerance) {
		t.Errorf("%s: got %.4g, want %g ± %g: if the change is meant, change testdata/counters.json with its reason", what, got, c.Value, c.Tolerance)
	}
}

func TestASaleAsksNoMoreOfTheDiskThanItDid(t *testing.T) {
	text, err := os.ReadFile("testdata/counters.json")
	if err != nil {
		t.Fatal(err)
	}
	var want counters
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	r, err := openRig(t.Context(), "group", groupBatch)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	upTo := func(n int) func(time.Time, int) bool {
		return func(_ time.Time, sold int) bool { return sold < n }
	}
	alone, err := r.count(t.Context(), 1, 0, upTo(600)) // ten checkpoints
	if err != nil {
		t.Fatal(err)
	}
	want.SyncsAlone.check(t, "syncs per sale, 1 client", alone.Syncs)
	want.LogBytesAlone.check(t, "log bytes per sale, 1 client", alone.LogBytes)
	// While a slow disk syncs one batch the next gathers: how many it holds then hardly depends on the machine.
	r.disk.DelaySync(5 * time.Millisecond)
	together, err := r.count(t.Context(), 64, 0, upTo(40))
	if err != nil {
		t.Fatal(err)
	}
	want.SyncsTogether.check(t, "syncs per sale, 64 clients", together.Syncs)
}

// A copy that is kept asks nothing more of the café's own disk, whether answers wait for it or not.
func TestACopyAsksNothingMoreOfTheDiskThanASale(t *testing.T) {
	text, err := os.ReadFile("testdata/counters.json")
	if err != nil {
		t.Fatal(err)
	}
	var want counters
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name, wait := range map[string]bool{"copy": false, "answers wait": true} {
		k := copyCase{Name: name}
		if err := k.open(t.Context(), t.TempDir(), true, wait); err != nil {
			t.Fatal(err)
		}
		alone, err := k.rig.count(t.Context(), 1, 0, func(_ time.Time, sold int) bool { return sold < 600 })
		if err := errors.Join(err, k.close()); err != nil {
			t.Fatal(err)
		}
		want.SyncsAlone.check(t, name+": syncs per sale, 1 client", alone.Syncs)
		want.LogBytesAlone.check(t, name+": log bytes per sale, 1 client", alone.LogBytes)
	}
}
