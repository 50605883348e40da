package receipts_test

import (
	"strings"
	"testing"

	"comptoir/receipts"
)

// wordsOf are the letters and digits of a text, without what only lays it out.
func wordsOf(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\n' || r == '-' || r == '=' }), "")
}

// TestAPageSaysWhatThePaperSays: the rows of a page have every word of the paper, in its order.
func TestAPageSaysWhatThePaperSays(t *testing.T) {
	for name, d := range documents(t) {
		var page strings.Builder
		for _, r := range d.Rows() {
			page.WriteString(r.Lead + " " + r.Name + " " + r.Value + "\n")
			for _, cells := range r.Cells {
				page.WriteString(strings.Join(cells[:], " ") + "\n")
			}
			if (r.Kind == receipts.RowTable) != (len(r.Cells) > 0) {
				t.Errorf("%s: a row of kind %s has %d cells", name, r.Kind, len(r.Cells))
			}
		}
		if got, want := wordsOf(page.String()), wordsOf(d.Text(200)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}
