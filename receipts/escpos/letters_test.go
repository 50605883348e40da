package escpos

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// french is every letter and sign of French, and what typography adds.
const french = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" +
	"àâäæçéèêëîïôœöùûüÿÀÂÄÆÇÉÈÊËÎÏÔŒÖÙÛÜŸ" + "«»’‘“”–—…€°§µ£²" + ` !"#$%&'()*+,-./:;<=>?@[\]^_{|}~` + "`"

// TestEveryLetterOfFrenchOnEveryPage prints the alphabet on a strict printer and reads it back: what a page has comes out as it
// is, what it lacks as letters that say the same, and never as a question mark.
func TestEveryLetterOfFrenchOnEveryPage(t *testing.T) {
	var said strings.Builder
	for _, name := range Charmaps() {
		p := Profiles()[0]
		p.Charmap = name
		var foreign []string
		for letter := range strings.SplitSeq(french, "") {
			paper := print(t, p, func(e *Encoder) { e.Text("|" + letter + "|") })
			got := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(paper.Text), "|"), "|")
			switch {
			case got == "" || strings.Contains(got, "?") && letter != "?":
				t.Errorf("%s: %s prints as %q", name, letter, got)
			case got != letter:
				foreign = append(foreign, letter+" "+got)
			}
		}
		fmt.Fprintf(&said, "%s: %s\n", name, strings.Join(foreign, ", "))
	}
	golden(t, "letters.txt", []byte(said.String()))
}

func TestSpacesOfFrenchPrintAsPlainOnes(t *testing.T) {
	for _, space := range "\u00a0\u202f\u2009\t\n" {
		paper := print(t, Profiles()[0], func(e *Encoder) { e.Text("7,00" + string(space) + "€") })
		if paper.Text != "7,00 €\n" {
			t.Errorf("%U: %q", space, paper.Text)
		}
	}
}

func TestAccentsThatComeApartAreJoined(t *testing.T) {
	paper := print(t, Profiles()[0], func(e *Encoder) {
		e.Text("Cafe\u0301 \u0301seul ŷ ǎ Łódź ﬁn ⅓ №7 日本 \u200b\u202e❤️")
	})
	if want := "Café seul y a Lódz fin 1/3 No7 ?? ?\n"; paper.Text != want {
		t.Errorf("got %q, want %q", paper.Text, want)
	}
}

// TestNoNameCarriesACommand prints names that hold each control byte, and the commands that would do harm.
func TestNoNameCarriesACommand(t *testing.T) {
	names := []string{
		"\x1b@\x1bp\x00\x19\xfa", "\x1dV\x42\x00", "\x10\x14\x01\x00\x01", "\x10\x04\x01", "\x1bR\x01@{}", "\x9b\x1b\x1bt\x13é",
		"Caf\x00é", "\x7f\x7f", "\x1c&", "\x18\x0c",
	}
	for c := range 0x20 {
		names = append(names, "a"+string(rune(c))+"b")
	}
	for _, p := range Profiles() {
		for _, name := range names {
			for how, write := range map[string]func(*Encoder){
				"text": func(e *Encoder) { e.Text(name) }, "center": func(e *Encoder) { e.Center(name) },
				"row": func(e *Encoder) { e.Row(name, name) }, "in": func(e *Encoder) { e.TextIn(p.Page, p.Charmap, name) },
			} {
				paper := print(t, p, write)
				for _, event := range paper.Events {
					if event.Kind != EventInit && event.Kind != EventCut && event.Kind != EventPicture {
						t.Errorf("%s: %s of %q: %v", p.Name, how, name, event)
					}
				}
				if n := slices.IndexFunc(paper.Events[1:], func(e Event) bool { return e.Kind == EventInit }); n >= 0 {
					t.Errorf("%s: %s of %q resets the printer", p.Name, how, name)
				}
			}
		}
	}
}

// anyProfile draws a profile that some printer might have.
func anyProfile() *rapid.Generator[Profile] {
	return rapid.Custom(func(t *rapid.T) Profile {
		p := rapid.SampledFrom(Profiles()).Draw(t, "profile")
		p.Charmap = rapid.SampledFrom(Charmaps()).Draw(t, "charmap")
		p.Page = rapid.IntRange(0, 255).Draw(t, "page")
		p.QR = rapid.Bool().Draw(t, "qr") && !p.Image
		p.Cut = rapid.SampledFrom([]Cut{CutFeed, CutOld, CutByHand}).Draw(t, "cut")
		return p
	})
}

// anyText draws what people, and people who mean harm, put into names.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.StringN(0, 60, -1), rapid.StringOf(rapid.SampledFrom([]rune(french))),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
		rapid.StringOf(rapid.SampledFrom([]rune("\x10\x04\x05\x14\x1b\x1d@VpéR\x00\x01 "))))
}

func TestWhateverIsWrittenPrintsWithoutAnError(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyProfile().Draw(r, "profile")
		var want []string
		e := New(p)
		for _, text := range rapid.SliceOfN(anyText(), 1, 8).Draw(r, "texts") {
			w := rapid.IntRange(1, 3).Draw(r, "w")
			e.Size(w, rapid.IntRange(1, 4).Draw(r, "h"))
			e.Bold(rapid.Bool().Draw(r, "bold"))
			line := []rune(strings.TrimRight(p.Printable(text), " "))
			line = line[:min(len(line), p.Columns/w)]
			e.Text(string(line))
			want = append(want, strings.TrimRight(string(line), " "))
		}
		b, err := e.Bytes()
		if err != nil {
			r.Fatal(err)
		}
		v := NewPrinter(p, true)
		_, _ = v.Write(b)
		if errs := v.Errors(); len(errs) > 0 {
			r.Fatalf("%v\n% x", errs, b)
		}
		papers := v.Papers()
		if len(papers) != 1 || !papers[0].Cut {
			r.Fatalf("%d papers", len(papers))
		}
		for _, event := range papers[0].Events[1:] {
			if event.Kind != EventCut && (!p.Image || event.Kind != EventPicture) {
				r.Fatalf("text made the printer do %v", event)
			}
		}
		if got := strings.TrimRight(papers[0].Text, "\n"); !p.Image && got != strings.TrimRight(strings.Join(want, "\n"), "\n") {
			r.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestPrintableIsWhatComesOut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyProfile().Draw(r, "profile")
		once := p.Printable(anyText().Draw(r, "text"))
		if again := p.Printable(once); again != once {
			r.Fatalf("%q becomes %q", once, again)
		}
		for _, c := range once {
			if !p.letters().has(c) {
				r.Fatalf("%q is not on %s", c, p.Charmap)
			}
		}
	})
}
