package web

import (
	"bytes"
	"html/template"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
)

func testRenderer(t *testing.T) *renderer {
	t.Helper()
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// set is the set of one page.
func (r *renderer) set(t *testing.T, name string) *template.Template {
	t.Helper()
	set, err := r.pages[name]()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestAPageHoldsOnlyThePartsItCalls: a set of every part for each page took 69 MB and a second of each start.
func TestAPageHoldsOnlyThePartsItCalls(t *testing.T) {
	r := testRenderer(t)
	all := len(r.parts.Templates())
	for name, part := range map[string]string{"login": "kitchen-board", "card": "cart", "manage_vat": "product-sheet"} {
		set := r.set(t, name)
		if n := len(set.Templates()); set.Lookup(part) != nil || n > all/2 {
			t.Errorf("%s holds %d templates of %d, %s among them: %v", name, n, all, part, set.Lookup(part) != nil)
		}
	}
	if set := r.set(t, "till"); set.Lookup("cart") == nil || set.Lookup("line") == nil {
		t.Error("the till lacks the parts of its parts")
	}
}

func testLanguages(t *testing.T) []*locale.Language {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Languages()
}

func TestEveryPageFitsItsStruct(t *testing.T) {
	r := testRenderer(t)
	for _, s := range screens() {
		if err := templatecheck.CheckHTML(r.set(t, s.name).Lookup("layout"), s.view); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}

func TestEveryFragmentFitsItsStruct(t *testing.T) {
	r := testRenderer(t)
	for name, view := range map[string]any{
		"answer": answerView{}, "notice": noticeView{}, "toast": toastView{}, "grid": gridView{}, "cart": cartView{}, "line": lineView{},
		"paid": paidView{}, "chips": chipsView{}, "line-sheet": lineSheet{}, "ticket-sheet": ticketSheet{}, "card-sheet": cardSheet{},
		"product-sheet": sheetView{}, "held-sheet": heldSheet{}, "card-told": cardTold{}, "new-card": madeCard{}, "tile": tileView{}, "sheet": sheetView{}, "pad": padView{}, "trouble": &troubleView{}, "wrong": &fieldTrouble{},
		"kitchen-board": kitchenBoard{}, "recalled": recalledView{}, "alarm": alarmView{}, "print-alarm": printAlarm{}, "printing-list": printingList{}, "job": jobView{}, "tray": tray{},
		"rail": railsView{}, "dialogs": dialogsView{},
	} {
		if err := templatecheck.CheckHTML(r.parts.Lookup(name), view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryPageRendersEmptyAndFull executes each page in each language with nothing in it and with something
// everywhere, and holds the result against the policy: nothing inline, no word missing.
func TestEveryPageRendersEmptyAndFull(t *testing.T) {
	r := testRenderer(t)
	for _, l := range testLanguages(t) {
		for _, s := range screens() {
			for _, full := range []bool{false, true} {
				var b bytes.Buffer
				if err := r.set(t, s.name).ExecuteTemplate(&b, "layout", example(s.view, l, full)); err != nil {
					t.Errorf("%s, %s, full %t: %v", s.name, l.Code, full, err)
					continue
				}
				keepsPolicy(t, s.name, b.String())
			}
		}
	}
}

var (
	inlineStyle  = regexp.MustCompile(`(?i)<style|\sstyle\s*=`)
	inlineScript = regexp.MustCompile(`(?i)<script(?:>|[^>]*[^-]>[^<])|\son[a-z]+\s*=|javascript:`)
	otherHost    = regexp.MustCompile(`(?i)(?:src|href)="(?:https?:)?//`)
	duplicateID  = regexp.MustCompile(`\sid="([^"]+)"`)
)

func keepsPolicy(t *testing.T, name, page string) {
	t.Helper()
	for what, forbidden := range map[string]*regexp.Regexp{"inline style": inlineStyle, "inline script": inlineScript, "another host": otherHost} {
		if found := forbidden.FindString(page); found != "" {
			t.Errorf("%s: %s: %q", name, what, found)
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%s: a value stands where it is not safe", name)
	}
	seen := map[string]bool{}
	for _, m := range duplicateID.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] && !strings.HasSuffix(m[1], "-title") { // the sheets of an example have one name
			t.Errorf("%s: the id %q stands twice", name, m[1])
		}
		seen[m[1]] = true
	}
}

// example fills a view: with its zero values, or with one of everything.
func example(view any, l *locale.Language, full bool) any {
	v := reflect.New(reflect.TypeOf(view)).Elem()
	fillIn(v, l, full, 0)
	return v.Interface()
}

func fillIn(v reflect.Value, l *locale.Language, full bool, depth int) {
	const deep = 8
	if !v.CanSet() || depth > deep {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case **locale.Language:
		*x = l
		return
	case **time.Location:
		*x = time.UTC
		return
	case *time.Time:
		*x = time.Date(2026, 11, 21, 12, 5, 0, 0, time.UTC)
		return
	case *template.HTML:
		*x = "<svg></svg>"
		return
	case *pos.Role:
		*x = pos.RoleManager
		return
	case *pos.Mode:
		*x = pos.EatIn
		return
	case *pos.Means:
		*x = pos.Cash
		return
	case *base:
		fillBase(x, l, full)
		return
	}
	fillByKind(v, l, full, depth)
}

func fillBase(b *base, l *locale.Language, full bool) {
	*b = base{Language: l, Title: "Titre", Cafe: "Le Fil", Operator: pos.Operator{ID: "1", Name: "Awa", Role: pos.RoleManager}, Other: otherTheme{"dark", "/?theme=dark"}, zone: time.UTC, names: func() pos.Names { return pos.Names{"AWA": "Awa"} },
		Others: []otherLanguage{{"fr", "FR", "Français", "/?lang=fr", true}, {"en", "EN", "English", "/?lang=en", false}}}
	if full {
		b.Demo, b.Theme, b.Done, b.Trouble = true, "dark", "Fait.", &troubleView{Text: "Non.", Fields: []fieldTrouble{{"amount", "Montant", "Trop.", "Montant : trop."}, {"nowhere", "Prix", "Trop.", "Prix : trop."}}}
	}
}

func fillByKind(v reflect.Value, l *locale.Language, full bool, depth int) {
	switch v.Kind() { //nolint:exhaustive // views hold nothing else
	case reflect.Struct:
		for i := range v.NumField() {
			fillField(v, i, l, full, depth)
		}
	case reflect.Slice:
		if full {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillIn(v.Index(0), l, full, depth+1)
		}
	case reflect.Pointer:
		if full || v.Type() == reflect.TypeFor[*chipsView]() {
			v.Set(reflect.New(v.Type().Elem()))
			fillIn(v.Elem(), l, full, depth+1)
		}
	case reflect.String:
		if full {
			v.SetString("coffee")
		}
	case reflect.Int, reflect.Int64:
		if full {
			v.SetInt(3)
		}
	case reflect.Bool:
		v.SetBool(full)
	}
}

// fillField fills one field. An icon is always named: there is none without a name.
func fillField(v reflect.Value, i int, l *locale.Language, full bool, depth int) {
	if v.Type().Field(i).Name == "Icon" {
		v.Field(i).SetString("coffee")
		return
	}
	f := v.Field(i)
	if !f.CanSet() { // embedded, or private
		f = reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
	}
	fillIn(f, l, full, depth+1)
}

// frenchManual checks that a manual says which language it is in.
func frenchManual(t *testing.T, name, text string) {
	t.Helper()
	if strings.Contains(name, "/manual_") && !strings.Contains(text, `<article class="manual" lang="fr">`) {
		t.Errorf("%s does not say that it is French", name)
	}
}

func TestNoWordIsWrittenInATemplateOrAScript(t *testing.T) {
	text := regexp.MustCompile(`>([^<>{}]*[A-Za-zÀ-ÿ]{3,}[^<>{}]*)<`)
	actions := regexp.MustCompile(`\{\{.*?\}\}`)
	err := fs.WalkDir(templateFiles, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templateFiles.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.Contains(name, "/manual_") || name == "templates/parts/manual.html" {
			frenchManual(t, name, string(raw)) // fiscal R7: handed to an administration, so French in every language
			return nil
		}
		plain := actions.ReplaceAllString(string(raw), "")
		for _, m := range text.FindAllStringSubmatch(plain, -1) {
			if word := strings.TrimSpace(m[1]); word != "CSV" && word != "JSON" {
				t.Errorf("%s: the words %q are not from the catalogue", name, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestQuickCashSuggestsWhatAPersonHandsOver(t *testing.T) {
	for _, c := range []struct {
		total money.Cents
		want  []money.Cents
	}{
		{2200, []money.Cents{2500, 3000, 5000}}, {730, []money.Cents{800, 1000, 2000}}, {150, []money.Cents{200, 500, 1000}},
		{1240, []money.Cents{1300, 1500, 2000}}, {500, []money.Cents{1000, 2000, 5000}}, {2000, []money.Cents{5000, 10000, 20000}},
		{6500, []money.Cents{7000, 10000, 20000}}, {20000, nil}, {0, nil}, {-500, nil}, {1, []money.Cents{100, 500, 1000}},
	} {
		got := quickCash(c.total)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("quickCash(%s) = %v, want %v", c.total, got, c.want)
		}
	}
}

func TestUndoTakesBackWhatTheCommandDid(t *testing.T) {
	line := func(id, qty int) pos.Line { return pos.Line{ID: id, Product: "espresso", Qty: qty, Kind: pos.LineSale} }
	before := pos.Ticket{ID: "t", Version: 4, Mode: pos.EatIn, Lines: []pos.Line{line(1, 2)}}
	change := func(f func(*pos.Ticket)) pos.Ticket {
		after := before
		after.Version++
		after.Lines = append([]pos.Line{}, before.Lines...)
		f(&after)
		return after
	}
	for _, c := range []struct {
		name string
		do   func(*pos.Ticket)
		want string
	}{
		{"one more", func(t *pos.Ticket) { t.Lines[0].Qty = 3 }, `[{"kind":"remove","args":{"line":1,"qty":1}}]`},
		{"one less", func(t *pos.Ticket) { t.Lines[0].Qty = 1 }, `[{"kind":"qty","args":{"line":1,"qty":2}}]`},
		{"other choices", func(t *pos.Ticket) { t.Lines[0].Options = []pos.LineOption{{ID: "x"}} }, `[{"kind":"change","args":{"line":1,"note":"","options":[]}}]`},
		{"a new line", func(t *pos.Ticket) { t.Lines = append(t.Lines, line(2, 1)) }, `[{"kind":"remove","args":{"line":2}}]`},
		{"a line less", func(t *pos.Ticket) { t.Lines = nil }, `[{"kind":"add","args":{"note":"","options":[],"product":"espresso","qty":2}}]`},
		{"another mode", func(t *pos.Ticket) { t.Mode = pos.Takeaway }, `[{"kind":"mode","args":{"mode":"eat_in"}}]`},
		{"a name", func(t *pos.Ticket) { t.Name = "Léa" }, `[{"kind":"name","args":{"name":""}}]`},
		{"a card", func(t *pos.Ticket) { t.Cards = []pos.TicketCard{{Number: "123456789"}} }, `[{"kind":"card","args":{"code":""}}]`},
		{"a note", func(t *pos.Ticket) { t.Lines[0].Note = "serré" }, `[{"kind":"change","args":{"line":1,"note":"","options":[]}}]`},
		{"what is sent", func(t *pos.Ticket) { t.Lines[0].Sent = true }, ``},
		{"what another till did as well", func(t *pos.Ticket) { t.Version++; t.Lines[0].Qty = 9 }, ``},
	} {
		if got := undoList(undoOf(before, change(c.do))).String(); got != c.want {
			t.Errorf("%s: undo is %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOnlyAddressesOfTheTillAreGoneToAfterSigningIn(t *testing.T) {
	for next, want := range map[string]string{
		"": "/", "/sales?day=2026-11-21": "/sales?day=2026-11-21", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "sales": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("local(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestEveryAssetHasAnAddressThatChangesWithItsContent(t *testing.T) {
	r := testRenderer(t)
	path, err := r.assets.path("js/till.js")
	if err != nil || !regexp.MustCompile(`^/static/[0-9a-f]{12}/js/till\.js$`).MatchString(path) {
		t.Errorf("path of till.js: %q, %v", path, err)
	}
	if _, err := r.assets.path("js/none.js"); err == nil {
		t.Error("a file that is not there has an address")
	}
	if err := r.parts.ExecuteTemplate(io.Discard, "toast", toastView{Language: testLanguages(t)[0], Text: "x"}); err != nil {
		t.Error(err)
	}
}
