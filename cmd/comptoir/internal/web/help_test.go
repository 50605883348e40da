package web

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"comptoir/loyalty"
	"comptoir/pos"
)

// TestTheHelpNamesEveryButtonAsItStands: each button that a sentence names is in a page, with this word, and where the
// help draws an icon, with this icon beside it. A page that loses a button fails here until the help follows.
func TestTheHelpNamesEveryButtonAsItStands(t *testing.T) {
	var pages strings.Builder
	err := fs.WalkDir(templateFiles, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "/help.html") {
			return err
		}
		text, err := templateFiles.ReadFile(name)
		pages.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") || name == "help.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages.Write(text)
	}
	all := pages.String()
	steps := helpSteps()
	if len(steps) != 10 {
		t.Errorf("%d things to know, want ten", len(steps))
	}
	for _, step := range steps {
		for _, b := range step.buttons {
			word := regexp.QuoteMeta(b.word)
			if strings.HasPrefix(b.word, "means.") { // the payment page makes these keys
				word = `means\.(?:%s|" \+)|` + word
			}
			if !regexp.MustCompile(`"` + word).MatchString(all) {
				t.Errorf("%s: no page says %s", step.name, b.word)
			}
			if b.icon != "" && !strings.HasPrefix(b.word, "means.") && !regexp.MustCompile(`icon "`+b.icon+`"\}\}(?:[^}]{0,40}|[^}]{0,20}data-slow="[^}]*\}\}">)\{\{[$.]*T "`+word+`"|"`+word+`"\}\}">\{\{icon "`+b.icon+`"|`+`"`+word+`"\), "`+b.icon+`"`).MatchString(all) {
				t.Errorf("%s: no page shows %s beside %s", step.name, b.icon, b.word)
			}
		}
	}
}

// TestTheHelpReadsInEveryLanguage: ten steps, every blank a button, no mark left over.
func TestTheHelpReadsInEveryLanguage(t *testing.T) {
	c := openCafe(t)
	for _, l := range testLanguages(t) {
		page := c.page(pos.RoleAccountant, helpPath+"?lang="+l.Code)
		if n := strings.Count(page, "<li><h2>"); n != 10 {
			t.Errorf("%s: %d steps", l.Code, n)
		}
		if strings.ContainsAny(page, "\x00\x01") || strings.Contains(page, "no value") {
			t.Errorf("%s: a mark or a blank is left in the page", l.Code)
		}
		text := plainText(page)
		for _, step := range helpSteps() {
			for _, b := range step.buttons {
				says(t, text, strings.TrimRight(l.T(b.word), "\u00a0:"))
			}
		}
	}
	says(t, plainText(c.page(pos.RoleBarista, helpPath+"?lang=fr")), "Suspendus , puis le produit", "Hors ligne \u00a0? Continuez")
}

// TestTheTestCodeHasEveryLetterAndIsNobodysCard: a scanner that reads it reads every card.
func TestTheTestCodeHasEveryLetterAndIsNobodysCard(t *testing.T) {
	if code, err := loyalty.ParseCode(testCode); err != nil || code != testCode {
		t.Fatalf("%s is no card code: %v", testCode, err)
	}
	for _, letter := range "CBDEFGHIJKLNRTUV" {
		if !strings.ContainsRune(testCode[3:], letter) {
			t.Errorf("%c is not in it", letter)
		}
	}
	c := openCafe(t)
	says(t, c.page(pos.RoleBarista, helpPath), fmt.Sprintf(`data-calibrate="HTTP://TILL.LOCAL:8081/C/%s"`, testCode))
}
