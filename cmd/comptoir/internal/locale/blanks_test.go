package locale

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryBlankIsFilled: a blank that no call fills would be read aloud on a page. A plural's number fills {{.n}}.
func TestEveryBlankIsFilled(t *testing.T) {
	known, filled := catalogue(t, "fr"), 0
	says := regexp.MustCompile(`\.([TN])[( ]"([a-z_.0-9]+)"`)
	eachSource(t, func(path, text string, _ *regexp.Regexp) {
		for _, at := range says.FindAllStringSubmatchIndex(text, -1) {
			plural, key, rest := text[at[2]:at[3]] == "N", text[at[4]:at[5]], callOf(text[at[1]:])
			if known[key] == nil { // the beginning of one that is put together
				continue
			}
			for _, b := range slices.Concat(blanksOf(known[key]["one"]), blanksOf(known[key]["other"])) {
				if plural && b == "{{.n}}" {
					filled++
				} else if name := strings.Trim(b, "{.}"); !strings.Contains(rest, `"`+name+`"`) {
					t.Errorf("%s: %s is said without its %s", path, key, b)
				}
			}
			if plural != (len(known[key]) > 1) {
				t.Errorf("%s: %s is a plural or is not, and is said the other way", path, key)
			}
		}
	})
	if filled < 100 {
		t.Errorf("only %d numbers of plurals found: the test looks in the wrong place", filled)
	}
}

// callOf is what follows of a call until its bracket, or that of the template around it, is closed.
func callOf(text string) string {
	depth := 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ')', strings.HasPrefix(text[i:], "}}"):
			return text[:i]
		}
	}
	return text
}
