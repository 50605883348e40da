package web

import (
	"testing"

	"comptoir/data/fault"
)

// TestEveryReasonToHoldACafeIsWorded: the one page of a held café says what was found and what to do.
func TestEveryReasonToHoldACafeIsWorded(t *testing.T) {
	for _, code := range []string{"clock.ahead", "journal.key_missing", "journal.key_exposed", "journal.key_broken", "journal.key_other", "journal.broken",
		"data.migration", "data.migration_room", "data.schema", "data.replaced", "data.foreign", "data.newer", "data.held", "data.full", "data.read_only",
		"data.directory", "data.damaged", "data.stopped", "secret.unusable"} {
		why := whyStopped(fault.New(fault.Conflict, code, ""))
		for _, key := range []string{"stopped.what." + why, "stopped.do." + why} {
			for _, l := range testLanguages(t) {
				if !l.Has(key) {
					t.Errorf("%s: no %s in %s", code, key, l.Code)
				}
			}
		}
	}
}
