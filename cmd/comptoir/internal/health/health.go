package health

import (
	"context"
	"fmt"
	"slices"
)

// State is how a matter stands.
type State string

// The states, from the best to the worst.
const (
	Good  State = "good"  // nothing to do
	Look  State = "look"  // somebody should look at it in the next days
	Grave State = "grave" // somebody has to do something now
)

// rank orders the states; what is unknown is as bad as it gets.
func (s State) rank() int {
	switch s {
	case Good:
		return 0
	case Look:
		return 1
	case Grave:
	}
	return 2
}

// Worse reports whether a state is worse than another.
func (s State) Worse(than State) bool { return s.rank() > than.rank() }

// The matters, in the order in which they are told.
const (
	Disk        = "disk"        // space where the café's data are
	Data        = "data"        // whether the whole database was read again after a bad end, and is well
	Commit      = "commit"      // how long a sale takes to be on the disk
	Copy        = "copy"        // the continuous copy in a second place
	Backup      = "backup"      // the last file of the whole
	Code        = "code"        // the recovery code that seals the keys beside the copies
	Rehearsal   = "rehearsal"   // the last restore into a temporary file
	Restore     = "restore"     // the last restore that counts
	Journal     = "journal"     // the verification of the fiscal journal
	Head        = "head"        // the file beside the journal that anchors its end
	Clock       = "clock"       // the machine's clock
	Printers    = "printers"    // printers and their queues
	Terminals   = "terminals"   // payments by card terminals that nobody has answered
	Certificate = "certificate" // of the staff's pages over HTTPS
	Version     = "version"     // of the program and its fiscal core
	Epoch       = "epoch"       // which life of the café this is
)

// Matters lists all of them in the order in which they are told.
func Matters() []string {
	return []string{Disk, Data, Commit, Copy, Backup, Code, Rehearsal, Restore, Journal, Head, Clock, Printers, Terminals, Certificate, Version, Epoch}
}

// Bytes is a value of a finding that is a size.
type Bytes int64

// Finding is how one matter stands.
type Finding struct {
	Matter string         `json:"matter"`
	State  State          `json:"state"`
	Code   string         `json:"code"`             // stable: "ok", "low", "none" …; with Matter the key of its words
	Args   map[string]any `json:"values,omitempty"` // numbers, Bytes, time.Duration, time.Time, names of devices
}

// Source tells the findings of what somebody knows. It answers at once and never waits for a device or a network.
type Source func(context.Context) []Finding

// Gather asks every source and orders what they say. A source that panics is a grave finding, not a page that fails.
func Gather(ctx context.Context, sources ...Source) []Finding {
	var all []Finding
	for _, ask := range sources {
		all = append(all, protected(ctx, ask)...)
	}
	order := Matters()
	slices.SortStableFunc(all, func(a, b Finding) int { return slices.Index(order, a.Matter) - slices.Index(order, b.Matter) })
	return all
}

func protected(ctx context.Context, ask Source) (found []Finding) {
	defer func() {
		if p := recover(); p != nil {
			found = []Finding{{Matter: Version, State: Grave, Code: "broken", Args: map[string]any{"what": fmt.Sprintf("%T", p)}}}
		}
	}()
	return ask(ctx)
}

// Worst is the worst state of all; Good of none.
func Worst(all []Finding) State {
	worst := Good
	for _, f := range all {
		if f.State.Worse(worst) {
			worst = f.State
		}
	}
	return worst
}
