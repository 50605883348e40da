package web

import (
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

func refusalOf(l *locale.Language, e *fault.Error) *troubleView { return troubleOf(l, problemOf(e)) }

func TestARefusalIsToldOnce(t *testing.T) {
	l := testLanguages(t)[0]
	for _, c := range []struct {
		name string
		err  *fault.Error
		said string // in one line
		text string // beside its field
	}{
		{"a sentence says it all", errAmount.Field("amount", "money"), "Tapez un montant comme 12,40.", "Tapez un montant comme 12,40."},
		{"the sentence says nothing of the field", fault.New(fault.Invalid, "text.invalid", "").Field("name", "too_long"), "Nom\u00a0: trop long", "Trop long"},
		{"no field", errRole, "Votre rôle ne le permet pas. Demandez à la responsable.", ""},
		{"two fields", fault.New(fault.Invalid, "text.invalid", "").Field("name", "too_long").Field("note", "control"),
			"Ce texte manque, est trop long, ou ne peut pas être imprimé. Nom\u00a0: trop long Note\u00a0: a des signes qui ne s’impriment pas", "Trop long"},
	} {
		got := refusalOf(l, c.err)
		if got.Said() != c.said {
			t.Errorf("%s: said %q, want %q", c.name, got.Said(), c.said)
		}
		if len(got.Fields) > 0 && got.Fields[0].Text != c.text {
			t.Errorf("%s: beside the field %q, want %q", c.name, got.Fields[0].Text, c.text)
		}
	}
}

func TestAFieldIsMarkedDescribedAndOpenedOn(t *testing.T) {
	b := base{Language: testLanguages(t)[0]}
	if got := b.Mark("amount", "amount-hint"); got != `aria-describedby="amount-hint"` {
		t.Errorf("an accepted field: %s", got)
	}
	b.Trouble = refusalOf(b.Language, fault.New(fault.Invalid, "text.invalid", "").Field("reason", "required").Field("amount", "money").Field("elsewhere", "required"))
	if got := b.Mark("amount", "amount-hint"); got != `aria-describedby="amount-wrong amount-hint" aria-invalid="true" autofocus` {
		t.Errorf("the first refused field of the page: %s", got)
	}
	if got := b.Mark("reason"); got != `aria-describedby="reason-wrong" aria-invalid="true"` {
		t.Errorf("the second: %s", got)
	}
	if again := b.Mark("amount"); !strings.HasSuffix(string(again), "autofocus") {
		t.Errorf("the second rendering: %s", again)
	}
	links, others := b.Trouble.Links(), b.Trouble.Others()
	if len(links) != 2 || links[0].Name != "amount" || len(others) != 1 || others[0].Name != "elsewhere" || b.Trouble.Beside() {
		t.Errorf("links %v, others %v", links, others)
	}
	b.Trouble.Rename("elsewhere", "qty-3", "Café")
	if f := b.Fault("qty-3"); f == nil || f.Place != "Café" {
		t.Errorf("under its other name: %v", f)
	}
}

// TestARefusedFormComesBackWithItsWordsBesideTheField: nothing typed is lost, one wrong field needs no message of its
// own, several are linked to from the top.
func TestARefusedFormComesBackWithItsWordsBesideTheField(t *testing.T) {
	c := openCafe(t)
	one := c.form(pos.RoleBarista, "/shift/cash", url.Values{"command": {"f-1"}, "way": {"out"}, "amount": {"douze"}, "reason": {"Pain <3"}})
	if one.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, want 422", one.status)
	}
	page := string(one.body)
	says(t, page, `value="douze" autocomplete="off" aria-describedby="amount-wrong" aria-invalid="true" autofocus`, `id="amount-wrong"`, `value="Pain &lt;3"`, `value="out" checked`, "novalidate")
	if n := strings.Count(page, "Tapez un montant comme 12,40."); n != 1 {
		t.Errorf("the words are there %d times, want once", n)
	}
	if strings.Contains(page, `class="message wrong"`) {
		t.Error("one field needs no message at the top")
	}
}

// TestEveryFormIsJudgedByTheTill: the browser's own words are in its language, and show one field at a time.
func TestEveryFormIsJudgedByTheTill(t *testing.T) {
	forms := regexp.MustCompile(`(?s)<form[^>]*method="post".*?</form>`)
	visible := regexp.MustCompile(`<input (?:[^>]*type="hidden")?|<select|<textarea`)
	err := fs.WalkDir(templateFiles, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templateFiles.ReadFile(name)
		if err != nil {
			return err
		}
		for _, form := range forms.FindAllString(string(raw), -1) {
			asks := slices.ContainsFunc(visible.FindAllString(form, -1), func(tag string) bool { return !strings.HasSuffix(tag, `type="hidden"`) })
			if opening, _, _ := strings.Cut(form, ">"); asks && !strings.Contains(opening, " novalidate") {
				t.Errorf("%s: %s>", name, opening)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
