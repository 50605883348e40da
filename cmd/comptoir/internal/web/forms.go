package web

import (
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
)

// A refused form comes back with what was typed. What is wrong with a field stands beside it, and the field is named
// by the same word in the form (its name), on the page (its id) and in the refusal. A template says it in one line:
//
//	<input id="amount" name="amount" value="{{.Typed "amount" .Proposed}}" {{.Mark "amount" "amount-hint"}}>{{template "wrong" (.Fault "amount")}}
//
// The page is rendered twice when fields were refused: the first time tells which of them the page has a place for, so
// that the message at its top links to those, and words only the others. One field alone needs no message: the page
// opens on it. Forms are novalidate: the browser's own words are in the browser's language, and cover what is typed.

// troubleView is a refusal in words: one sentence, and what is wrong with which field.
type troubleView struct {
	Code   string // stable, of the refusal
	Text   string
	Fields []fieldTrouble
	Aloud  bool // the sentence stands at the top also when one field alone was refused

	typed  url.Values
	placed []string // names of refused fields that the page has shown, in its order
}

// fieldTrouble is what is wrong with one field.
type fieldTrouble struct {
	Name  string // of the field, which is also its id
	Place string // what the page calls it
	Text  string // what is wrong, as a sentence of its own
	Whole string // both, for where there is no form
}

// troubleOf words a refusal. One field alone takes the sentence of the refusal, unless that says nothing about it.
func troubleOf(l *locale.Language, p problem) *troubleView {
	t := &troubleView{Code: p.Code, Text: l.Refusal(p.Code, p.Status >= http.StatusInternalServerError, p.Args)}
	for _, f := range p.Fields {
		said := fieldTrouble{Name: f.Name, Place: l.Place(f.Name), Text: sentence(l.Rule(f)), Whole: l.Field(f)}
		if len(p.Fields) == 1 && !isGeneral(p.Code) {
			said.Text = t.Text
		}
		t.Fields = append(t.Fields, said)
	}
	return t
}

// isGeneral reports whether the sentence of a refusal says only that some field is wrong.
func isGeneral(code string) bool {
	switch code {
	case "text.invalid", "menu.invalid", "menu.file", "settings.invalid", "service.invalid", "evening.invalid", "line.invalid", "query.invalid", "body.field", "tenders.invalid",
		"setup.invalid", "device.invalid", "terminal.invalid", "accounting.invalid", "invoice.invalid", "vat.invalid", "printer.invalid":
		return true
	}
	return false
}

// sentence begins with a capital.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Rename gives a refused field the name and the label it has on the page, where several forms have one of that name or
// the domain counts what the page names. An empty place keeps the label.
func (t *troubleView) Rename(from, to, place string) {
	for i := range t.Fields {
		if t.Fields[i].Name == from {
			t.Fields[i].Name = to
			if place != "" {
				t.Fields[i].Place = place
			}
		}
	}
}

// Said is the refusal in one line, for where there is no form: each thing once.
func (t *troubleView) Said() string {
	all := []string{t.Text}
	for _, f := range t.Fields {
		switch {
		case f.Text == t.Text:
		case len(t.Fields) == 1:
			return f.Whole
		default:
			all = append(all, f.Whole)
		}
	}
	return strings.Join(all, " ")
}

func (t *troubleView) of(name string) *fieldTrouble {
	if t == nil {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

func (t *troubleView) isPlaced(name string) bool {
	return slices.Contains(t.placed, name)
}

// Links are the refused fields that stand on the page, in its order.
func (t *troubleView) Links() []fieldTrouble {
	var all []fieldTrouble
	for _, name := range t.placed {
		all = append(all, *t.of(name))
	}
	return all
}

// Others are the refused fields that the page does not show; none whose words are the sentence already.
func (t *troubleView) Others() []fieldTrouble {
	var all []fieldTrouble
	for _, f := range t.Fields {
		if f.Text != t.Text && !t.isPlaced(f.Name) {
			all = append(all, f)
		}
	}
	return all
}

// Beside reports that all there is to say stands beside one field.
func (t *troubleView) Beside() bool { return !t.Aloud && len(t.placed) == 1 && len(t.Fields) == 1 }

// Fault is what is wrong with a field of the page, nil when it was not refused.
func (b base) Fault(field string) *fieldTrouble { return b.Trouble.of(field) }

// Mark is the attributes of a field: which texts describe it, and whether it was refused. The page opens on the first
// refused one. hints are ids of other texts that describe it.
func (b base) Mark(field string, hints ...string) template.HTMLAttr {
	described, refused := hints, b.Trouble.of(field) != nil
	if refused {
		described = append([]string{field + "-wrong"}, hints...)
		if !b.Trouble.isPlaced(field) {
			b.Trouble.placed = append(b.Trouble.placed, field)
		}
	}
	attributes := ""
	if len(described) > 0 {
		attributes = `aria-describedby="` + template.HTMLEscapeString(strings.Join(described, " ")) + `"`
	}
	if refused {
		attributes += ` aria-invalid="true"`
		if b.Trouble.placed[0] == field {
			attributes += ` autofocus`
		}
	}
	return template.HTMLAttr(attributes) //nolint:gosec // names of our own fields, escaped
}

// Typed is what was typed into a field of the refused form, else the fallback. A PIN never comes back.
func (b base) Typed(field, fallback string) string {
	if b.Trouble != nil && b.Trouble.typed.Has(field) && !strings.HasPrefix(field, "pin") {
		return b.Trouble.typed.Get(field)
	}
	return fallback
}

// refusal is what send asks a view for.
func (b base) refusal() *troubleView { return b.Trouble }

// typedIn is what the form of this request holds.
func typedIn(c *fiber.Ctx) url.Values {
	typed := url.Values{}
	if c.Method() == http.MethodGet {
		c.Context().QueryArgs().VisitAll(func(name, value []byte) { typed.Add(string(name), string(value)) })
	}
	c.Context().PostArgs().VisitAll(func(name, value []byte) { typed.Add(string(name), string(value)) })
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		if f, err := c.MultipartForm(); err == nil {
			maps.Copy(typed, f.Value)
		}
	}
	return typed
}

// padView is a pad of digits for fields: it writes into the one that was touched last.
type padView struct {
	*locale.Language
	For   string // ids of its fields, apart by a space
	Point string // decimal sign: digits then fill from the cents; empty: plain digits
}

// Keys are the digits in the order of a phone.
func (padView) Keys() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} }

// MoneyPad is a pad for fields that take an amount.
func (b base) MoneyPad(ids ...string) padView {
	return padView{Language: b.Language, For: strings.Join(ids, " "), Point: decimalPoint(b.Language)}
}

// DigitPad is a pad for fields that take a whole number or a code.
func (b base) DigitPad(ids ...string) padView {
	return padView{Language: b.Language, For: strings.Join(ids, " ")}
}

// decimalPoint is the sign between euros and cents.
func decimalPoint(l *locale.Language) string { return strings.Trim(l.Amount(0), "0") }
