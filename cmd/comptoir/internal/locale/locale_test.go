package locale

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
)

func load(t *testing.T) (fr, en *Language) {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Languages()[0], c.Languages()[1]
}

// catalogue reads a language as it stands in its file: a key and its forms.
func catalogue(t *testing.T, code string) map[string]map[string]string {
	t.Helper()
	text, err := files.ReadFile(code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for key, value := range raw {
		var one string
		forms := map[string]string{}
		if err := json.Unmarshal(value, &one); err == nil {
			forms["other"] = one
		} else if err := json.Unmarshal(value, &forms); err != nil {
			t.Fatalf("%s: %s: %v", code, key, err)
		}
		all[key] = forms
	}
	return all
}

var blank = regexp.MustCompile(`\{\{\.[a-z]+\}\}`)

func TestEveryLanguageHasTheSameKeysFormsAndBlanks(t *testing.T) {
	french := catalogue(t, "fr")
	for _, code := range Codes()[1:] {
		other := catalogue(t, code)
		for _, key := range slices.Sorted(maps.Keys(french)) {
			if other[key] == nil {
				t.Errorf("%s has no %s", code, key)
				continue
			}
			for form, text := range french[key] {
				theirs, ok := other[key][form]
				if !ok || strings.TrimSpace(theirs) == "" {
					t.Errorf("%s: %s has no form %q", code, key, form)
				}
				if !slices.Equal(blanksOf(text), blanksOf(theirs)) {
					t.Errorf("%s: %s has other blanks than in French: %q, %q", code, key, theirs, text)
				}
			}
		}
		for key := range other {
			if french[key] == nil {
				t.Errorf("%s has %s, which French has not", code, key)
			}
		}
	}
}

func blanksOf(text string) []string {
	found := blank.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// madeKeys are the beginnings of keys that the code puts together, each with what follows: the test that a key is
// used takes them as used.
func madeKeys() []string {
	return []string{
		"error.", "field.", // codes of refusals, see TestEveryRefusalHasWords
		"class.", "mode.", "means.", "role.", "warning.", "theme.", // values of the domain
		"done.", "weekday.", "month.", "gift.", "serve.",
	}
}

var (
	inTemplates = regexp.MustCompile(`\.[TN] "([a-z_.0-9]+)"`)
	inGo        = regexp.MustCompile(`\.[TN]\("([a-z_.0-9]+)"[,)]|newBase\(c, "([a-z_.0-9]+)"|Has\("([a-z_.0-9]+)"\)`)
)

// usedKeys reads the keys out of templates and code.
func usedKeys(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, dir := range []string{"../web", "."} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			find := inTemplates
			switch filepath.Ext(path) {
			case ".go":
				find = inGo
			case ".html":
			default:
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range find.FindAllStringSubmatch(string(text), -1) {
				used[strings.Join(m[1:], "")] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return used
}

func TestEveryKeyThatIsUsedIsThereAndEveryKeyThatIsThereIsUsed(t *testing.T) {
	known, used := catalogue(t, "fr"), usedKeys(t)
	if len(used) < 100 {
		t.Fatalf("only %d uses found: the test looks in the wrong place", len(used))
	}
	for key := range used {
		if known[key] == nil {
			t.Errorf("%s is used and has no words", key)
		}
	}
	for key := range known {
		made := slices.ContainsFunc(madeKeys(), func(p string) bool { return strings.HasPrefix(key, p) })
		if !used[key] && !made {
			t.Errorf("%s has words and is not used", key)
		}
	}
}

func TestScriptsHoldNoKeys(t *testing.T) {
	scripts, err := filepath.Glob("../web/static/js/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for key := range catalogue(t, "fr") {
			if strings.Contains(string(text), `"`+key+`"`) {
				t.Errorf("%s asks for %s: words come with the page", path, key)
			}
		}
	}
}

var refusal = regexp.MustCompile(`(?:fault\.New\(fault\.(\w+)|errTenders\(|refuse\(http\.\w+), ?"([a-z_.0-9]+)"|errTenders\("([a-z_.0-9]+)"`)

// TestEveryRefusalHasWords reads the codes out of the packages: whoever adds one words it in every language.
func TestEveryRefusalHasWords(t *testing.T) {
	fr, en := load(t)
	root := filepath.Join("..", "..", "..", "..")
	seen := 0
	for _, dir := range []string{"pos", "loyalty", "suspended", "data", "cmd/comptoir/internal/web"} {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range refusal.FindAllStringSubmatch(string(text), -1) {
				code := m[2] + m[3]
				if m[1] == "Internal" || unseen()[code] {
					continue
				}
				seen++
				for _, l := range []*Language{fr, en} {
					if !l.Has("error." + code) {
						t.Errorf("%s: %s has no words in %s", path, code, l.Code)
					}
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d refusals found: the test looks in the wrong place", seen)
	}
}

var fieldRule = regexp.MustCompile(`\.Field\([^()\n]*, "([a-z_]+)"\)|\.add\([^()\n]*, "([a-z_]+)", [^"]`)

func TestEveryRuleOfAFieldHasWords(t *testing.T) {
	fr, _ := load(t)
	seen := 0
	for _, dir := range []string{"pos", "cmd/comptoir/internal/web"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", "..", "..", dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range fieldRule.FindAllStringSubmatch(string(text), -1) {
				seen++
				if code := m[1] + m[2]; !fr.Has("field." + code) {
					t.Errorf("%s: the rule %s has no words", path, code)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d rules found: the test looks in the wrong place", seen)
	}
}

// unseen are refusals that no page can meet: those of opening a café, of the command line, and of the ledgers'
// callers.
func unseen() map[string]bool {
	all := map[string]bool{}
	for _, code := range []string{
		"cafe.none", "data.absent", "data.directory", "data.ended", "data.foreign", "data.held", "data.locked", "data.newer", "data.older", "data.readonly",
		"card.medium", "gift.quantity", "item.amount", "item.exists", "token.once", "token.role", "token.unknown", "secret.unusable",
	} {
		all[code] = true
	}
	return all
}

func TestMoneyIsWrittenAsTheLanguageWritesIt(t *testing.T) {
	fr, en := load(t)
	for _, c := range []struct {
		cents      money.Cents
		fr, en     string
		frEuros    string
		frAmountIn string
	}{
		{1240, "12,40\u00a0€", "€12.40", "12,40\u00a0€", "12,40"},
		{0, "0,00\u00a0€", "€0.00", "0\u00a0€", "0,00"},
		{5, "0,05\u00a0€", "€0.05", "0,05\u00a0€", "0,05"},
		{500, "5,00\u00a0€", "€5.00", "5\u00a0€", "5,00"},
		{-350, "−3,50\u00a0€", "−€3.50", "−3,50\u00a0€", "-3,50"},
		{123456789, "1\u202f234\u202f567,89\u00a0€", "€1,234,567.89", "1\u202f234\u202f567,89\u00a0€", "1234567,89"},
	} {
		if got := fr.Money(c.cents); got != c.fr {
			t.Errorf("French %d: %q, want %q", c.cents, got, c.fr)
		}
		if got := en.Money(c.cents); got != c.en {
			t.Errorf("English %d: %q, want %q", c.cents, got, c.en)
		}
		if got := fr.Euros(c.cents); got != c.frEuros {
			t.Errorf("round %d: %q, want %q", c.cents, got, c.frEuros)
		}
		if got := fr.Amount(c.cents); got != c.frAmountIn {
			t.Errorf("field %d: %q, want %q", c.cents, got, c.frAmountIn)
		}
		if back, err := money.Parse(fr.Amount(c.cents)); err != nil || back != c.cents {
			t.Errorf("the field %q reads as %v, %v", fr.Amount(c.cents), back, err)
		}
	}
}

func TestDatesRatesAndNumbers(t *testing.T) {
	fr, en := load(t)
	at := time.Date(2026, 11, 1, 9, 5, 0, 0, time.UTC)
	for _, c := range [][2]string{
		{fr.Date(at), "dimanche 1er novembre 2026"}, {en.Date(at), "Sunday 1 November 2026"},
		{fr.Time(at), "09\u00a0h\u00a005"}, {en.Time(at), "09:05"},
		{fr.Day("2026-11-21"), "samedi 21 novembre 2026"}, {en.Day("no day"), "no day"},
		{fr.Rate(550), "5,5\u00a0%"}, {en.Rate(550), "5.5%"}, {fr.Rate(2000), "20\u00a0%"}, {fr.Rate(0), "0\u00a0%"}, {en.Rate(210), "2.1%"},
		{fr.Number(1204), "1\u202f204"}, {en.Number(-1204567), "−1,204,567"}, {fr.Number(12), "12"},
		{fr.N("cart.items", 1), "1 article"}, {fr.N("cart.items", 0), "0 article"}, {fr.N("cart.items", 2), "2 articles"},
		{en.N("cart.items", 1), "1 item"}, {en.N("cart.items", 0), "0 items"}, {en.N("cart.items", 1500), "1,500 items"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

func TestTheLanguageIsTheOneAskedForElseTheBrowsersElseFrench(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ code, accept, want string }{
		{"", "", "fr"}, {"en", "fr", "en"}, {"fr", "en", "fr"}, {"", "en-GB,en;q=0.9,fr;q=0.5", "en"}, {"", "fr-CA", "fr"},
		{"", "de,en;q=0.8", "en"}, {"", "ja", "fr"}, {"xx", "en", "en"}, {"../en", ";;;", "fr"}, {"", strings.Repeat("en,", 5000), "fr"},
	} {
		if got := c.Choose(x.code, x.accept).Code; got != x.want {
			t.Errorf("Choose(%q, %.30q) = %s, want %s", x.code, x.accept, got, x.want)
		}
	}
}

func TestARefusalIsWordedWithItsArgumentsAndNeverWithItsCause(t *testing.T) {
	fr, en := load(t)
	args := map[string]any{"total": money.Cents(340), "version": int64(7)}
	if got := fr.Refusal("ticket.stale", false, args); !strings.Contains(got, "3,40\u00a0€") {
		t.Errorf("the new total is not told: %q", got)
	}
	if got := en.Refusal("pin.wait", false, map[string]any{"seconds": 8}); !strings.Contains(got, "8 seconds") {
		t.Errorf("the wait is not told: %q", got)
	}
	if got, want := fr.Refusal("never.heard", true, nil), fr.T("error.ours"); got != want {
		t.Errorf("an unknown code of ours: %q, want %q", got, want)
	}
	field := fault.Field{Name: "line 12, column price_cents", Code: "number"}
	if got, want := fr.Field(field), "ligne 12, colonne price_cents\u00a0: doit être un nombre entier"; got != want {
		t.Errorf("field: %q, want %q", got, want)
	}
	if got, want := en.Field(fault.Field{Name: "lines[0].qty", Code: "range"}), "Quantity: too small or too large"; got != want {
		t.Errorf("field: %q, want %q", got, want)
	}
}

func TestWordsThatMayNotBeSaid(t *testing.T) {
	for _, code := range Codes() {
		for key, forms := range catalogue(t, code) {
			for _, text := range forms {
				for _, banned := range []string{"nf525", "certifi", "déductible", "deductible"} { // product.md, decision 11
					if strings.Contains(strings.ToLower(text), banned) {
						t.Errorf("%s: %s says %q", code, key, text)
					}
				}
			}
		}
	}
}
