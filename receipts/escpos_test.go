package receipts_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/escpos"
	"comptoir/receipts/journal"
)

// profile is a shipped profile.
func profile(tb testing.TB, name string) escpos.Profile {
	tb.Helper()
	p, err := escpos.ProfileNamed(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// encoded are the bytes of a paper.
func encoded(tb testing.TB, p escpos.Profile, of receipts.Printable) []byte {
	tb.Helper()
	b, err := of.ESCPOS(p)
	if err != nil {
		tb.Fatalf("for %s: %v", p.Name, err)
	}
	return b
}

// printedOn prints bytes on a strict printer: papers come out, cut, and nothing was wrong or is left over.
func printedOn(tb testing.TB, p escpos.Profile, b []byte) []escpos.Paper {
	tb.Helper()
	v := escpos.NewPrinter(p, true)
	if _, err := v.Write(b); err != nil {
		tb.Fatal(err)
	}
	for _, err := range v.Errors() {
		tb.Errorf("on %s: %v", p.Name, err)
	}
	papers := v.Papers()
	for i, paper := range papers {
		if !paper.Cut {
			tb.Errorf("on %s: paper %d is not cut", p.Name, i+1)
		}
	}
	return papers
}

// texted is a paper that says its words without a printer.
type texted interface {
	receipts.Printable
	Text(width int) string
}

// papers are all papers of the golden files, by name.
func papers(tb testing.TB) map[string]texted {
	tb.Helper()
	all := map[string]texted{"cards": paperCards(), "slip": slip()}
	for name, d := range documents(tb) {
		all[name] = d
	}
	for name, c := range closings(tb) {
		all[name] = c
	}
	for name, k := range kitchenTickets() {
		all[name] = k
	}
	return all
}

// hexOf writes bytes for people to compare: a line of the paper a line, and of a picture its head, its length and its hash.
func hexOf(b []byte) string {
	var out strings.Builder
	flush := func(b []byte) {
		for chunk := range slices.Chunk(b, 48) {
			fmt.Fprintf(&out, "%x\n", chunk)
		}
	}
	from := 0
	for i := 0; i < len(b); i++ {
		switch {
		case bytes.HasPrefix(b[i:], []byte("\x1dv0\x00")) && i+8 <= len(b):
			flush(b[from:i])
			n := (int(b[i+4]) | int(b[i+5])<<8) * (int(b[i+6]) | int(b[i+7])<<8)
			fmt.Fprintf(&out, "%x + %d bytes %x\n", b[i:i+8], n, sha256.Sum256(b[i+8:i+8+n]))
			from = i + 8 + n
			i = from - 1
		case b[i] == '\n':
			flush(b[from : i+1])
			from = i + 1
		}
	}
	flush(b[from:])
	return out.String()
}

// goldenPicture holds a picture; what differs is for people to see.
func goldenPicture(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: another picture, %v; write it anew and look at it", path, err)
	}
}

// lenientOn prints what the page of a test asks of a printer without knowing what it can.
func lenientOn(tb testing.TB, p escpos.Profile, b []byte) []escpos.Paper {
	tb.Helper()
	v := escpos.NewPrinter(p, false)
	if _, err := v.Write(b); err != nil {
		tb.Fatal(err)
	}
	if errs := v.Errors(); len(errs) > 0 {
		tb.Errorf("on %s: %v", p.Name, errs)
	}
	return v.Papers()
}

// TestPapersOfPrinters holds the bytes, the words, the events and the picture of what cafés print. They are written anew, to be
// looked at, by: go test ./receipts -run TestPapersOfPrinters -update
func TestPapersOfPrinters(t *testing.T) {
	all := map[string]receipts.Printable{"test-page": receipts.TestPage{Printer: "Comptoir"}}
	for name, paper := range papers(t) {
		all[name] = paper
	}
	for name, on := range map[string][]string{
		"ticket": {"80", "58", "image-80", "image-58"}, "cash": {"80"}, "redemption": {"80", "58"}, "note": {"80"}, "duplicate": {"80"}, "training": {"80"}, "invoice": {"80"},
		"closed-day": {"80"}, "kitchen": {"80"}, "kitchen-added": {"58"}, "kitchen-cancelled": {"80"}, "kitchen-changed": {"58"}, "kitchen-elsewhere": {"80"},
		"cards": {"80", "58"}, "slip": {"80"}, "test-page": {"80"},
	} {
		for _, printer := range on {
			t.Run(name+" "+printer, func(t *testing.T) {
				p := profile(t, printer)
				b := encoded(t, p, all[name])
				path := "escpos/" + name + "." + printer
				golden(t, path+".hex", hexOf(b))
				var said strings.Builder
				out := printedOn
				if name == "test-page" {
					out = lenientOn
				}
				for i, paper := range out(t, p, b) {
					said.WriteString(paper.Text)
					for _, event := range paper.Events {
						fmt.Fprintf(&said, "[%s]\n", event)
					}
					goldenPicture(t, fmt.Sprintf("%s.%d.png", path, i+1), pictureOf(t, paper))
				}
				golden(t, path+".txt", said.String())
			})
		}
	}
}

// shown are the letters of a text on a printer of a profile, in the order of the alphabet, because one that the printer lacks and
// writes in two folds a line elsewhere.
func shown(p escpos.Profile, text string) string {
	var lines []string
	for l := range strings.SplitSeq(text, "\n") {
		lines = append(lines, p.Printable(l))
	}
	letters := []rune(strings.ReplaceAll(wordsOf(strings.Join(lines, "\n")), "*", ""))
	slices.Sort(letters)
	return string(letters)
}

// TestAPrinterSaysWhatTheTextSays: every paper, on every printer, has the words of its text in their order. What is sent as a
// picture is, dot by dot, what the same paper prints in letters.
func TestAPrinterSaysWhatTheTextSays(t *testing.T) {
	for name, paper := range papers(t) {
		for _, p := range escpos.Profiles() {
			var said, pictures strings.Builder
			for _, out := range printedOn(t, p, encoded(t, p, paper)) {
				said.WriteString(out.Text)
				fmt.Fprintf(&pictures, "%x", sha256.Sum256(pictureOf(t, out)))
			}
			if !p.Image {
				text := paper.Text(p.Columns)
				same := shown(p, said.String()) == shown(p, text)
				if p.Charmap == "windows-1252" { // it has every letter of ours, so that even lines are the same
					bare := strings.NewReplacer("*", "")
					same = wordsOf(bare.Replace(said.String())) == wordsOf(bare.Replace(text))
				}
				if !same {
					t.Errorf("%s on %s, -text +paper:\n%s", name, p.Name, cmp.Diff(text, said.String()))
				}
				continue
			}
			letters := p
			letters.Image = false
			var same strings.Builder
			for _, out := range printedOn(t, letters, encoded(t, letters, paper)) {
				fmt.Fprintf(&same, "%x", sha256.Sum256(pictureOf(t, out)))
			}
			if pictures.String() != same.String() {
				t.Errorf("%s on %s is another picture than in letters", name, p.Name)
			}
		}
	}
}

func pictureOf(tb testing.TB, paper escpos.Paper) []byte {
	tb.Helper()
	b, err := paper.PNG()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestAGuestsPaperIsThatOfAnyOtherInBytesG2 goes along what a printer is sent for someone who paid for one coffee, and for someone
// who was served one: what the second lacks are amounts and the rules around them, and nothing else differs.
func TestAGuestsPaperIsThatOfAnyOtherInBytesG2(t *testing.T) {
	const number = "T26-000002" // the same on both: numbers differ between any two papers
	online := receipts.Extra{ReceiptURL: "HTTP://127.0.0.1:8081/R/7QXN4BKD2MWT"}
	paid := render(t, entry(t, journal.KindTicket, number, coffee()), genesis(), online)
	guest := render(t, entry(t, journal.KindSuspRedeem, number, served()), genesis(), online)
	if want := strings.Replace(paid.QR, "/180/", "/0/", 1); guest.QR != want {
		t.Errorf("the code says %s, want %s", guest.QR, want)
	}
	guest.QR = paid.QR
	amount := regexp.MustCompile(`\d,\d\d|Taux`)
	for _, p := range escpos.Profiles() {
		if p.Image {
			continue // dot by dot what it is in letters
		}
		lines := bytes.SplitAfter(encoded(t, p, guest), []byte("\n"))
		for _, l := range bytes.SplitAfter(encoded(t, p, paid), []byte("\n")) {
			item := len(lines) > 0 && len(lines[0]) > 2 && bytes.HasPrefix(l, append(bytes.TrimSuffix(lines[0], []byte("\n")), 0x1b, '$')) && bytes.Contains(l, []byte("1,80"))
			switch {
			case len(lines) > 0 && bytes.Equal(l, lines[0]), item:
				lines = lines[1:]
			case !amount.Match(l) && !bytes.Contains(l, []byte("-----")):
				t.Fatalf("%s: on the paper of someone who paid alone: %q, where a guest's has %q", p.Name, l, lines)
			}
		}
		if len(lines) > 0 {
			t.Errorf("%s: on a guest's paper alone: %q", p.Name, lines)
		}
	}
}

// A kitchen's ticket has no field that could tell what was served from what was sold: the same order is the same bytes. Nor has a
// paper card one that could name anybody.
func TestStripsHaveNoFieldForAnybody(t *testing.T) {
	for _, strip := range []any{receipts.KitchenTicket{}, receipts.KitchenLine{}, receipts.CardPaper{}, receipts.PaperCard{}} {
		kind := reflect.TypeOf(strip)
		for f := range kind.Fields() {
			if field := strings.ToLower(f.Name); regexp.MustCompile("kind|origin|price|total|sale|account|holder|contact|phone|tender|class").MatchString(field) {
				t.Errorf("%s has a field %s", kind, field)
			}
		}
	}
}

func TestADuplicateIsTheOriginalButForItsMentionOnPaperR38(t *testing.T) {
	e := entry(t, journal.KindTicket, "T26-000002", coffee())
	for _, p := range escpos.Profiles() {
		if p.Image {
			continue
		}
		original := encoded(t, p, render(t, e, genesis(), receipts.Extra{}))
		copied := encoded(t, p, render(t, e, genesis(), receipts.Extra{Duplicate: 2}))
		mention := regexp.MustCompile(`(?s)\x1d!\x11\x1bE\x01(\x1ba\x01[^\n]*(DUPLICATA|n. 2)[^\n]*\n\x1ba\x00)+\x1bE\x00\x1d!\x00`)
		if n := len(mention.FindAll(copied, -1)); n != 2 {
			t.Errorf("%s: the mention stands %d times, large, want at the head and at the foot", p.Name, n)
		}
		if !bytes.Equal(original, mention.ReplaceAll(copied, nil)) {
			t.Errorf("%s: besides its mention the duplicate is not the original:\n%s\n%s", p.Name, hexOf(original), hexOf(copied))
		}
	}
}

// R68: papers of training say so large, at the head and at the foot, and carry no code; nor does a note, which must not look signed.
func TestAPaperThatIsWorthNothingSaysSoAndHasNoCodeR68(t *testing.T) {
	for name, words := range map[string]string{"training": "SIMULATION", "note": "NE VAUT PAS"} {
		for _, p := range escpos.Profiles() {
			for _, paper := range printedOn(t, p, encoded(t, p, documents(t)[name])) {
				for _, e := range paper.Events {
					if strings.Contains(e.String(), "QR") || !p.Image && strings.Contains(e.String(), "PICTURE") || strings.Contains(e.String(), "DRAWER") {
						t.Errorf("%s on %s: %s", name, p.Name, e)
					}
				}
				if least := map[string]int{"training": 2, "note": 1}[name]; !p.Image && strings.Count(paper.Text, words) < least {
					t.Errorf("%s on %s says %q less than %d times:\n%s", name, p.Name, words, least, paper.Text)
				}
			}
		}
	}
}

func TestAPaperForNoPrinterIsRefused(t *testing.T) {
	none := profile(t, "80")
	none.Columns = 0
	for name, paper := range papers(t) {
		if _, err := paper.ESCPOS(none); fault.CodeOf(err) != "printer.profile" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (receipts.TestPage{Printer: "Bar"}).ESCPOS(escpos.Profile{}); fault.CodeOf(err) != "printer.profile" {
		t.Errorf("the page that finds out what a printer can: %v", err)
	}
}

// A receipt without its code is better than none.
func TestACodeThatCannotBeDrawnKeepsNoReceiptBack(t *testing.T) {
	d := documents(t)["cash"]
	for _, text := range []string{"", strings.Repeat("x", receipts.QRTextMax+1), "a\x1b@b"} {
		d.QR = text
		p := profile(t, "80")
		if b := encoded(t, p, d); bytes.Contains(b, []byte("\x1d(k")) || len(printedOn(t, p, b)) != 1 {
			t.Errorf("with %q as its code: % x", text, b)
		}
	}
}
