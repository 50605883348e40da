package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// lastCase is the last of the edge cases of solidarity.md §2.7.
const lastCase = 88

// caseless are the cases without a test of their own, each with the reason.
func caseless() map[int]string {
	return map[int]string{
		15: "the café sells no gift cards: there is no such means of payment to earn with",
		80: "there is one database and no till without it: a browser holds no truth, so that nothing is served from a stale shelf",
	}
}

// inTests finds the names of tests and of their parts, and inNames the numbers in them: TestCase57…, TestCase9AndCase21…,
// TestCases48To50…, "case 57 …".
var (
	inTests = regexp.MustCompile(`func Test\w*|"[^"\n]*\bcases? \d[^"\n]*"`)
	inNames = regexp.MustCompile(`[Cc]ases? ?(\d+)(?:(To|And| to | and |, )(\d+))?`)
)

func TestEveryCaseHasItsTest(t *testing.T) {
	tested := map[int]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "cases_test.go") && strings.Contains(path, "cmd") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range inNames.FindAllStringSubmatch(strings.Join(inTests.FindAllString(string(text), -1), "\n"), -1) {
			from, _ := strconv.Atoi(m[1])
			to := from
			if m[3] != "" {
				to, _ = strconv.Atoi(m[3])
			}
			if joint := strings.TrimSpace(m[2]); joint == "To" || joint == "to" {
				for n := from; n <= to; n++ {
					tested[n] = path
				}
			}
			tested[from], tested[to] = path, path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= lastCase; n++ {
		why, excused := caseless()[n]
		switch {
		case excused && tested[n] != "":
			t.Errorf("case %d has a test in %s: take it off the list (%s)", n, tested[n], why)
		case !excused && tested[n] == "":
			t.Errorf("case %d of solidarity.md has no test with its number", n)
		}
	}
}
