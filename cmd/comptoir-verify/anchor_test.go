package main

import (
	"strings"
	"testing"
	"time"
)

// TestWhatWasSeenAfterAResumeIsNotDeclaredByIt: a journal that was put back twice is found the second time too, though the
// entries written between fall among the numbers that the first RESUME calls lost.
func TestWhatWasSeenAfterAResumeIsNotDeclaredByIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	hash := strings.Repeat("ab", 32)
	resume := resumed{&resumption{cause: "behind", of: "J", head: head{100, hash}, anchor: &head{120, hash}, lost: 20}, 101, at}
	for seen, declared := range map[string]bool{
		`{"journal":"J","seq":115,"hash":"` + hash + `","at":"2026-11-21T11:59:59.000Z"}`: true,
		`{"journal":"J","seq":115,"hash":"` + hash + `","at":"2026-11-21T12:00:00.001Z"}`: false,
		`{"seq":115,"hash":"` + hash + `"}`:                                               true,
		`{"seq":100,"hash":"` + hash + `"}`:                                               false,
		`{"journal":"K","seq":115,"hash":"` + hash + `"}`:                                 false,
	} {
		a, err := readAnchor(seen)
		if err != nil {
			t.Fatal(err)
		}
		if got := resume.declares(a, "J"); got != declared {
			t.Errorf("%s: declared %v, want %v", seen, got, declared)
		}
	}
	if _, err := readAnchor(`{"seq":115,"hash":"` + hash + `","at":"yesterday"}`); err == nil {
		t.Error("a head of no time is taken")
	}
}
