package escpos

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"comptoir/data/fault"
)

func TestAJobBeginsWithAResetAndEndsWithACut(t *testing.T) {
	for _, p := range Profiles() {
		e := New(p)
		e.Text("Café crème")
		b, err := e.Bytes()
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		head := "1b401b52001b74" + hex.EncodeToString([]byte{byte(p.Page)}) + "1c2e"
		if got := hex.EncodeToString(b); got[:len(head)] != head {
			t.Errorf("%s begins with %s, want %s", p.Name, got[:len(head)], head)
		}
		end := map[Cut]string{CutFeed: "1d564200", CutOld: "1b64051b69", CutByHand: "1b6405"}[p.Cut]
		if got := hex.EncodeToString(b); got[len(got)-len(end):] != end {
			t.Errorf("%s ends with %s, want %s", p.Name, got[len(got)-len(end):], end)
		}
	}
}

func TestAWrongProfileIsRefusedFieldByField(t *testing.T) {
	for field, spoil := range map[string]func(*Profile){
		"columns": func(p *Profile) { p.Columns = 100 },
		"dots":    func(p *Profile) { p.Dots = 1 << 30 },
		"page":    func(p *Profile) { p.Page = 256 },
		"charmap": func(p *Profile) { p.Charmap = "ebcdic" },
		"cut":     func(p *Profile) { p.Cut = "guillotine" },
		"pin":     func(p *Profile) { p.Pin = 2 },
	} {
		p := Profiles()[0]
		spoil(&p)
		e := New(p)
		e.Text("é")
		e.Drawer()
		_, err := e.Bytes()
		refused, ok := fault.As(err)
		if !ok || refused.Code != "printer.profile" || len(refused.Fields) == 0 || refused.Fields[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	for _, p := range Profiles() {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestLinesThatDoNotFit(t *testing.T) {
	wide, _ := ProfileNamed("80-858") // has no œ: spelling makes lines longer
	for _, c := range []struct {
		name  string
		write func(*Encoder)
		want  string // what is printed; empty: refused
	}{
		{"too wide", func(e *Encoder) { e.Text(strings.Repeat("x", 49)) }, ""},
		{"too wide in the middle", func(e *Encoder) { e.Center(strings.Repeat("x", 49)) }, ""},
		{"too wide on the right", func(e *Encoder) { e.Row("a", strings.Repeat("x", 49)) }, ""},
		{"too wide when doubled", func(e *Encoder) { e.Size(2, 1); e.Text(strings.Repeat("x", 25)) }, ""},
		{"too wide in another page", func(e *Encoder) { e.TextIn(16, "windows-1252", strings.Repeat("é", 49)) }, ""},
		{"letters of no size", func(e *Encoder) { e.Size(0, 1); e.Text("x") }, ""},
		{"letters too large", func(e *Encoder) { e.Size(1, 9); e.Text("x") }, ""},
		{"feeds backwards", func(e *Encoder) { e.Feed(-1); e.Text("x") }, ""},
		{"feeds for ever", func(e *Encoder) { e.Feed(256); e.Text("x") }, ""},
		{"another page without a charmap", func(e *Encoder) { e.TextIn(16, "latin", "x") }, ""},
		{"full", func(e *Encoder) { e.Text(strings.Repeat("x", 48) + "   ") }, strings.Repeat("x", 48)},
		{"spelling is taken out of the gap", func(e *Encoder) { e.Text("Œuf" + strings.Repeat(" ", 39) + "1,00 €") }, "OEuf" + strings.Repeat(" ", 38) + "1,00 €"},
		{"out of the widest gap", func(e *Encoder) { e.Text("1  œuf" + strings.Repeat(" ", 36) + "1,00 €") }, "1  oeuf" + strings.Repeat(" ", 35) + "1,00 €"},
		{"spelling without a gap", func(e *Encoder) { e.Text("œ" + strings.Repeat("x", 47)) }, ""},
		{"a row on two lines", func(e *Encoder) { e.Row(strings.Repeat("x", 42), "1,00 €") }, strings.Repeat("x", 42) + "\n" + strings.Repeat(" ", 42) + "1,00 €"},
		{"a row that just fits", func(e *Encoder) { e.Row(strings.Repeat("x", 41), "1,00 €") }, strings.Repeat("x", 41) + " 1,00 €"},
		{"a row without its right", func(e *Encoder) { e.Row("x", "") }, "x"},
		{"a row without its left", func(e *Encoder) { e.Row("", "x") }, strings.Repeat(" ", 47) + "x"},
		{"a rule of what the page lacks", func(e *Encoder) { e.Rule('☕') }, strings.Repeat("-", 48)},
		{"a rule of what the page has", func(e *Encoder) { e.Size(2, 2); e.Rule('═') }, strings.Repeat("═", 24)},
		{"an empty line", func(e *Encoder) { e.Text("a"); e.Text(""); e.Center(""); e.Text("b") }, "a\n\n\nb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := New(wide)
			c.write(e)
			b, err := e.Bytes()
			if c.want == "" {
				if err == nil {
					t.Errorf("%q was printed", printBytes(t, wide, b).Text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := printBytes(t, wide, b).Text; got != c.want+"\n" {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAJobThatPrintsNothingCutsNothing(t *testing.T) {
	for _, p := range Profiles() {
		e := New(p)
		e.Drawer()
		b, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		want := "1b401b52001b74" + hex.EncodeToString([]byte{byte(p.Page)}) + "1c2e" + "1b700019fa"
		if got := hex.EncodeToString(b); got != want {
			t.Errorf("%s: got %s, want %s", p.Name, got, want)
		}
		v := NewPrinter(p, true)
		_, _ = v.Write(b)
		if len(v.Papers()) > 0 || len(v.Errors()) > 0 || len(v.Events()) != 2 {
			t.Errorf("%s: %v %v %v", p.Name, v.Papers(), v.Events(), v.Errors())
		}
	}
	p := Profiles()[0]
	p.Pin = -1
	e := New(p)
	e.Drawer()
	if _, err := e.Bytes(); fault.CodeOf(err) != "printer.profile" {
		t.Errorf("a drawer that does not hang there: %v", err)
	}
}

func TestPapersOfOneJobAreCutApart(t *testing.T) {
	p := Profiles()[0]
	e := New(p)
	for _, text := range []string{"un", "deux"} {
		e.Text(text)
		e.Cut()
	}
	b, err := e.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	v := NewPrinter(p, true)
	_, _ = v.Write(b)
	if papers := v.Papers(); len(papers) != 2 || papers[0].Text != "un\n" || papers[1].Text != "deux\n" {
		t.Errorf("%+v", papers)
	}
}

// TestTheLetterThatReadsRightNamesThePage prints the candidates on printers of each of them: there, that line and no other of its page
// reads as it was written.
func TestTheLetterThatReadsRightNamesThePage(t *testing.T) {
	const line = "é è à ç €"
	for _, real := range Candidates() {
		p := Profiles()[0]
		p.Page, p.Charmap = real.Number, real.Charmap
		e := New(Profiles()[0])
		for _, c := range Candidates() {
			e.TextIn(c.Number, c.Charmap, c.Letter+" "+line)
		}
		b, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		v := NewPrinter(p, false)
		_, _ = v.Write(b)
		var right []string
		for read := range strings.SplitSeq(v.Papers()[0].Text, "\n") {
			if letter, rest, _ := strings.Cut(read, " "); rest == line {
				right = append(right, letter)
			}
		}
		if !slices.Contains(right, real.Letter) {
			t.Errorf("printer of page %d: right are %v, want %s among them", real.Number, right, real.Letter)
		}
		for _, letter := range right { // any other one that reads right is a page the printer has as well
			i := slices.IndexFunc(Candidates(), func(c Page) bool { return c.Letter == letter })
			q := p
			q.Page, q.Charmap = Candidates()[i].Number, Candidates()[i].Charmap
			e := New(q)
			e.Text(line)
			b, _ := e.Bytes()
			v := NewPrinter(p, false)
			_, _ = v.Write(b)
			if got := v.Papers()[0].Text; got != line+"\n" {
				t.Errorf("printer of page %d set up as %s prints %q", real.Number, letter, got)
			}
		}
	}
}
