package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// TestEveryHeadOfATableSaysWhatItHeads: a screen reader tells a cell with its row and column only when they say so.
func TestEveryHeadOfATableSaysWhatItHeads(t *testing.T) {
	heads := 0
	each(t, ".html", func(name, text string) {
		for _, th := range regexp.MustCompile(`<th[ >][^>]*>?`).FindAllString(text, -1) {
			heads++
			if !strings.Contains(th, `scope="col"`) && !strings.Contains(th, `scope="row"`) {
				t.Errorf("%s: %s has no scope", name, th)
			}
		}
	})
	if heads < 40 {
		t.Errorf("only %d heads found: the test looks in the wrong place", heads)
	}
}

// TestNoHeadingIsSkipped: the headings of a page, as they stand in its template, go down one step at a time.
func TestNoHeadingIsSkipped(t *testing.T) {
	each(t, ".html", func(name, text string) {
		if !strings.HasPrefix(name, "templates/pages/") {
			return
		}
		last := '1'
		for _, h := range regexp.MustCompile(`<h([1-6])[ >]`).FindAllStringSubmatch(text, -1) {
			if level := rune(h[1][0]); level > last+1 {
				t.Errorf("%s: a heading of level %c follows one of level %c", name, level, last)
			}
			last = rune(h[1][0])
		}
	})
}

// each reads every template or style sheet.
func each(t *testing.T, ending string, look func(name, text string)) {
	t.Helper()
	for root, files := range map[string]fs.ReadFileFS{"templates": templateFiles, "static": staticFiles} {
		err := fs.WalkDir(files, root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ending) {
				return err
			}
			text, err := files.ReadFile(name)
			look(name, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFocusIsAlwaysSeen: no style sheet takes the outline away, and what moves asks first whether it may.
func TestFocusIsAlwaysSeen(t *testing.T) {
	sheets := 0
	each(t, ".css", func(name, text string) {
		sheets++
		if found := regexp.MustCompile(`outline(-style|-width)?:\s*(none|0)\b`).FindString(text); found != "" {
			t.Errorf("%s: %s", name, found)
		}
	})
	if sheets < 6 {
		t.Errorf("only %d style sheets found", sheets)
	}
}
