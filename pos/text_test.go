package pos

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"comptoir/data/fault"
)

func TestCleanTextKeepsWhatAPersonWrites(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  Café crème ", "Café crème"},
		{"Cafe\u0301", "Café"}, // NFD becomes NFC
		{"Crème brûlée 🍮", "Crème brûlée 🍮"},
		{"👩🏽‍🍳", "👩🏽‍🍳"}, // joined by U+200D
		{"=SUM(A1)", "=SUM(A1)"},
		{"", ""},
	} {
		if got, err := cleanText("name", c.in, 60); err != nil || got != c.want {
			t.Errorf("cleanText(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestCleanTextRefusesWithTheFieldAndTheReason(t *testing.T) {
	for _, c := range []struct{ name, in, code string }{
		{"too long", strings.Repeat("é", 61), "too_long"},
		{"line break", "a\nb", "control"},
		{"tab inside", "a\tb", "control"},
		{"line separator", "a\u2028b", "control"},
		{"escape", "a\x1b[31m", "control"},
		{"turned around", "abc\u202edef", "control"},
		{"not UTF-8", "a\xff", "control"},
		{"replacement", "a\ufffd", "control"},
	} {
		_, err := cleanText("note", c.in, 60)
		e, ok := fault.As(err)
		if !ok || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "note" || e.Fields[0].Code != c.code {
			t.Errorf("%s: got %v, want note: %s", c.name, err, c.code)
		}
	}
	if _, err := requireName("name", " \u00a0"); fault.CodeOf(err) != "text.invalid" {
		t.Errorf("a name of white space: %v", err)
	}
}

func TestCleanTextIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := cleanText("x", rapid.String().Draw(t, "text"), 20)
		if err != nil {
			return
		}
		twice, err := cleanText("x", once, 20)
		if err != nil || twice != once || !norm.NFC.IsNormalString(once) || utf8.RuneCountInString(once) > 20 {
			t.Fatalf("%q became %q, %v", once, twice, err)
		}
	})
}

func TestSlugs(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Hearty & Seasonal", "hearty-seasonal"},
		{"Crème brûlée", "creme-brulee"},
		{"Œuf mayo", "oeuf-mayo"},
		{"My-5 Fruit Shoot", "my-5-fruit-shoot"},
		{"Ella's Kitchen Pouches", "ella-s-kitchen-pouches"},
		{"=1+1", "1-1"},
		{"咖啡", "product"},
		{"…", "product"},
		{strings.Repeat("ab ", 40), strings.TrimSuffix(strings.Repeat("ab-", 20), "-")},
	} {
		got := slug(c.name, "product")
		if got != c.want || !isSlug(got) {
			t.Errorf("slug(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	taken := map[string]bool{"tea": true, "tea-2": true}
	if got := free("tea", func(id string) bool { return taken[id] }); got != "tea-3" {
		t.Errorf("free: %q", got)
	}
}

func TestCodesOfOperators(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Awa", "AWA"}, {"Marie Curie", "MARIE"}, {"Élodie", "ELODIE"}, {"Maximilien", "MAXIMI"},
		{"A. Diallo", "ADIALL"}, {"X", "OP"}, {"李", "OP"}, {"Jean-Luc", "JEANLU"},
	} {
		if got := codeOf(c.name); got != c.want {
			t.Errorf("codeOf(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOptionsColumn(t *testing.T) {
	groups, ok := readOptions("Lait*: vache | avoine +50 | soja +40; Taille: normal | grand +80; Extras ×2: oeuf +100|fromage;")
	if !ok || len(groups) != 3 {
		t.Fatalf("read %v, %v", groups, ok)
	}
	if g := groups[0]; g.Name != "Lait" || !g.Required || g.Max != 1 || len(g.Choices) != 3 || g.Choices[1] != (Choice{Name: "avoine", Price: 50}) {
		t.Errorf("first group: %+v", g)
	}
	if g := groups[2]; g.Name != "Extras" || g.Required || g.Max != 2 || g.Choices[0].Price != 100 {
		t.Errorf("third group: %+v", g)
	}
	want := "Lait*: vache | avoine +50 | soja +40; Taille: normal | grand +80; Extras ×2: oeuf +100 | fromage"
	if got := writeOptions(groups); got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	for _, bad := range []string{"Lait", "Lait: ", ": a | b", "Lait: a | | b", "Lait: a + 5 0", "Lait: a +-5", "Lait**: a", "Lait: a +5000000"} {
		if _, ok := readOptions(bad); ok {
			t.Errorf("readOptions(%q) was accepted", bad)
		}
	}
}

// A spreadsheet must not run a cell, and the file must still be read back as it was.
func TestGuardedCellsAreHarmlessAndComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`('{0,3}[=+\-@\t\r])?.{0,6}`).Draw(t, "cell")
		got := guarded(cell)
		if got != "" && strings.ContainsAny(got[:1], "=+-@\t\r") {
			t.Fatalf("%q begins like a formula", got)
		}
		if back := unguarded(got); back != cell {
			t.Fatalf("%q became %q and came back as %q", cell, got, back)
		}
	})
}

func TestTintIsGuessedFromTheNameOfTheCategory(t *testing.T) {
	for _, c := range []struct{ name, station, want string }{
		{"Hot drinks", "bar", "hot"}, {"Boissons chaudes", "bar", "hot"}, {"Cold drinks", "bar", "cold"}, {"Cakes", "", "sweet"},
		{"Plats du jour", "kitchen", "meal"}, {"Divers", "cuisine", "meal"}, {"Shop", "", "neutral"}, {"Salé", "", "savoury"},
	} {
		if got := guessTint(c.name, c.station); got != c.want {
			t.Errorf("guessTint(%q, %q) = %q, want %q", c.name, c.station, got, c.want)
		}
	}
}

func TestASlowReaderDoesNotBringAnOldMenuBack(t *testing.T) {
	var till Till
	old := &keptMenu{version: 4, rows: &menuRows{}}
	till.keepMenu(old)
	till.keepMenu(&keptMenu{version: 7}) // a commit: version 7 exists
	till.keepMenu(old)                   // who began to read before it
	if m := till.menu.Load(); m.version != 7 || m.rows != nil {
		t.Fatalf("kept version %d, loaded %v", m.version, m.rows != nil)
	}
	till.keepMenu(&keptMenu{version: 7, rows: &menuRows{}})
	till.keepMenu(&keptMenu{version: 7}) // the hint comes after somebody has read the new menu
	if m := till.menu.Load(); m.rows == nil {
		t.Fatal("the loaded menu was forgotten")
	}
}
