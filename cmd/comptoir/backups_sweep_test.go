package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A rehearsal during which the machine fell leaves as much as the whole database: it goes at the next start.
func TestWhatARehearsalLeftIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{".rehearsal-123", ".rehearsal-9", "keys"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "deep"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweepRehearsals(dir)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "keys" {
		t.Errorf("left %v, %v", left, err)
	}
}
