package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheReportNamesTheKeysAndSaysThatNobodyVouchedForThem: a journal that is rebuilt whole with another key breaks no rule,
// so the report must not let a reader believe that this was ruled out.
func TestTheReportNamesTheKeysAndSaysThatNobodyVouchedForThem(t *testing.T) {
	t.Parallel()
	r := newReport()
	c := newChain(r, &anchorCheck{}, "")
	c.keys.keys = []*signingKey{{id: "k1", text: "AAAA"}}
	c.passed = 1
	text := func() string {
		var lines []string
		c.subject().print(func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) })
		return strings.Join(lines, "\n")
	}
	const sum = "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c" // of three zero bytes
	if got := text(); !strings.Contains(got, "k1, SHA-256 "+sum) || !strings.Contains(got, "aucune clé attendue") {
		t.Errorf("%s", got)
	}
	c.keys.expected = "AAAA"
	if got := text(); strings.Contains(got, "aucune clé attendue") {
		t.Errorf("%s", got)
	}
}
