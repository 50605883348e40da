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

// all returns every language there is.
func all(t *testing.T) []*Language {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Languages()
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

var blank = regexp.MustCompile(`\{\{[^}]*\}\}`)

func TestEveryLanguageHasTheSameKeysAndBlanks(t *testing.T) {
	french := catalogue(t, "fr")
	for _, code := range Codes()[1:] {
		other := catalogue(t, code)
		for _, key := range slices.Sorted(maps.Keys(french)) {
			if other[key] == nil {
				t.Errorf("%s has no %s", code, key)
				continue
			}
			if len(french[key]) > 1 != (len(other[key]) > 1) {
				t.Errorf("%s: %s is a plural in one language and not in the other", code, key)
			}
			for form, text := range other[key] {
				if !slices.Equal(blanksOf(text), blanksOf(french[key]["other"])) && (form != "one" || !slices.Equal(blanksOf(text), blanksOf(french[key]["one"]))) {
					t.Errorf("%s: %s has other blanks than in French: %q, %q", code, key, text, french[key]["other"])
				}
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s has an empty form %q", code, key, form)
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

// TestAPluralHasEveryFormThatItsLanguageAsksFor: French and Spanish say "un million de repas" with a form of their
// own (CLDR, cardinal "many"), and a form that is missing would show the key.
func TestAPluralHasEveryFormThatItsLanguageAsksFor(t *testing.T) {
	forms := map[string][]string{"fr": {"many", "one", "other"}, "en": {"one", "other"}, "es": {"many", "one", "other"}}
	for _, l := range all(t) {
		plurals := 0
		for key, have := range catalogue(t, l.Code) {
			if len(have) == 1 {
				continue
			}
			plurals++
			if got := slices.Sorted(maps.Keys(have)); !slices.Equal(got, forms[l.Code]) {
				t.Errorf("%s: %s has the forms %v, want %v", l.Code, key, got, forms[l.Code])
			}
			for _, n := range []int{0, 1, 2, 21, 1_000_000, 2_000_001} {
				if said := l.N(key, n); said == key {
					t.Errorf("%s: %s has no words for %d", l.Code, key, n)
				}
			}
		}
		if plurals < 8 {
			t.Errorf("%s: only %d plurals found", l.Code, plurals)
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
		"done.", "weekday.", "who.", "month.", "gift.", "serve.", "ticket.gone.", "kitchen.station.", "pace.", "fate.", "proof.",
		"sales.kind_", "resent.what.", "cards.medium_",
		"discount.reason_", "print.reason_", "paper.kind_", "device.paper.", "policy.",
		"tint.", "statement.row.", "statement.cause.",
		"edit.", "dial.is_", "lever.", "act.", "option.", "why_option.", "options.group_",
		"right.", "scanner.suffix.", "pole.protocol.",
		"refund.after_",
		"allotted.", "partner.status_", "slip.origin_",
		"device.theme.", "device.text.", "device.volume.", "why.", // settings of a device, and why somebody signs in again
		"charge.is_", "terminals.make.", "terminals.protocol.", "terminals.private.", "terminals.ticket.", // states of payments, and choices of a terminal
		"than.", "compare.", "matter.", "origin.", "span.", // of a period and the one before
		"help.", "manuals.",
		"exports.kind_", "exports.hint_", "exports.form_", "accounts.means_", "accounts.role_",
		"vat.category.", "vat.mode.", "flags.is_",
		"close.step_", "close.sum_", "closing.heading.", "closings.level_",
		"stopped.what.", "stopped.do.", "stopped.fact.", "stopped.on_why.", "alerts.what.", "backup.what.", // why a café is held, and what its journal showed
		"services.of.", "forecast.title.", // by class
		"funds.of_", "funds.cause_", "funds.lot_",
		"setup.regime.", "setup.regime_why.", "setup.menu.",
		"printers.profile.", "printers.pin.", "printing.kind_", "printing.is_", "tray.", "printing.ask_", "printing.answer_",
		"sim.lever.",
		"health.", "unit.", "speed.kind_", "speed.is_", "speed.why_", // matters of the machine, and units of what is measured
	}
}

var (
	inTemplates = regexp.MustCompile(`\.[TN] "([a-z_.0-9]+)"`)
	inGo        = regexp.MustCompile(`\.[TN]\("([a-z_.0-9]+)"[,)]|newBase\(c, "([a-z_.0-9]+)"|Has\("([a-z_.0-9]+)"\)`)
)

// eachSource reads the templates and the code that say something, each with what finds the keys in it.
func eachSource(t *testing.T, read func(path, text string, find *regexp.Regexp)) {
	t.Helper()
	for _, dir := range []string{"../web", "../simulation", "."} {
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
			if err == nil {
				read(path, string(text), find)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// usedKeys reads the keys out of templates and code.
func usedKeys(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	eachSource(t, func(_, text string, find *regexp.Regexp) {
		for _, m := range find.FindAllStringSubmatch(text, -1) {
			used[strings.Join(m[1:], "")] = true
		}
	})
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
	root := filepath.Join("..", "..", "..", "..")
	seen := 0
	for _, dir := range []string{"pos", "loyalty", "suspended", "data", "receipts/spool", "cmd/comptoir/internal/device", "cmd/comptoir/internal/web"} {
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
				for _, l := range all(t) {
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
	for _, dir := range []string{"pos", "receipts/spool", "cmd/comptoir/internal/device", "cmd/comptoir/internal/web"} {
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
		"cafe.none", "data.absent", "data.ended", "data.foreign", "data.held", "data.locked", "data.newer", "data.older", "data.readonly",
		"card.medium", "gift.quantity", "item.amount", "item.exists", "token.once", "token.role", "token.unknown", "secret.unusable",
	} {
		all[code] = true
	}
	return all
}

func TestTheLanguageIsTheOneAskedForElseTheBrowsersElseFrench(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ code, accept, want string }{
		{"", "", "fr"}, {"en", "fr", "en"}, {"fr", "en", "fr"}, {"", "en-GB,en;q=0.9,fr;q=0.5", "en"}, {"", "fr-CA", "fr"},
		{"", "de,en;q=0.8", "en"}, {"es", "fr", "es"}, {"", "es-MX,es;q=0.9,en;q=0.5", "es"}, {"", "ja", "fr"}, {"xx", "en", "en"}, {"../en", ";;;", "fr"}, {"", strings.Repeat("en,", 5000), "fr"},
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
	for seconds, want := range map[int]string{1: "Attendez 1 seconde.", 2: "Attendez 2 secondes."} {
		if got := fr.Refusal("pin.wait", false, map[string]any{"seconds": seconds}); !strings.HasSuffix(got, want) {
			t.Errorf("%d: %q, want %q", seconds, got, want)
		}
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
					if banned == "certifi" && (strings.HasPrefix(key, "tablet.") || strings.HasPrefix(key, "network.")) {
						banned = "certifié" // what a tablet's menus call a file is no claim about the till
					}
					if strings.Contains(strings.ToLower(text), banned) {
						t.Errorf("%s: %s says %q", code, key, text)
					}
				}
			}
		}
	}
}

// TestOneWordForEachIdea: the catalogues are written by many; a barista reads one till (product.md, Words).
func TestOneWordForEachIdea(t *testing.T) {
	for code, others := range map[string]map[string]string{
		"es": {"suspendid": "pendiente", "camarer": "barista", "encargad": "responsable", "gerente": "responsable", "carrito": "pedido"},
		"fr": {"manager": "responsable", "panier": "commande", "ticket restaurant": "titre-restaurant"},
	} {
		for key, forms := range catalogue(t, code) {
			for _, text := range forms {
				for other, ours := range others {
					if strings.Contains(strings.ToLower(text), other) {
						t.Errorf("%s: %s says %q for %s: %q", code, key, other, ours, text)
					}
				}
			}
		}
	}
}
