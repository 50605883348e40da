package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestNothingPromisesWhatTheTillIsNotR4 reads whatever is shown or printed: no certificate that is not there (fiscal R4),
// no gift that the tax office would know of (U9). The key nf525 of the journal is a code of its format, and shown nowhere.
func TestNothingPromisesWhatTheTillIsNotR4(t *testing.T) {
	promise := regexp.MustCompile(`(?i)NF ?525|certifié|certified|certificad|dons? déductible|reçu fiscal|tax[- ]deductible|donación deducible`)
	ofTablets := regexp.MustCompile(`(?m)^  "(tablet|network)\.[^\n]*$`) // « certificado » is what their menus call a file; no claim about the till
	read := 0
	for _, place := range []string{"templates", "../locale", "../../../../receipts/testdata", "../../../../receipts/words.go", "../../../../receipts/bill.go", "../../../../receipts/closing.go"} {
		err := filepath.WalkDir(place, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || regexp.MustCompile(`_test\.go$`).MatchString(path) {
				return err
			}
			text, err := os.ReadFile(path)
			text = ofTablets.ReplaceAll(text, nil)
			for _, found := range promise.FindAllIndex(text, -1) {
				said := string(text[max(0, found[0]-30):min(len(text), found[1]+30)])
				if !regexp.MustCompile(`"nf525":|"nf525"`).MatchString(said) {
					t.Errorf("%s says %q", path, said)
				}
			}
			read++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 50 {
		t.Errorf("only %d files were read: the test looks in the wrong place", read)
	}
}
