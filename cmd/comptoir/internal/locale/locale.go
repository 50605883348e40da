package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"comptoir/data/fault"
)

//go:embed fr.json en.json es.json
var files embed.FS

// Codes returns the languages there are, the first one being spoken when nothing better is known.
func Codes() []string { return []string{"fr", "en", "es"} }

// Catalogue holds the words of every language.
type Catalogue struct {
	languages []*Language
	matcher   language.Matcher
}

// Language words and formats for one language. It is safe for concurrent use.
type Language struct {
	Code      string // "fr", "en" or "es": the lang attribute of a page
	localizer *i18n.Localizer
}

// Load reads the catalogues inside the binary.
func Load() (*Catalogue, error) {
	bundle := i18n.NewBundle(language.French)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	c := &Catalogue{}
	tags := make([]language.Tag, len(Codes()))
	for i, code := range Codes() {
		if _, err := bundle.LoadMessageFileFS(files, code+".json"); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", code, err)
		}
		tags[i] = language.MustParse(code)
	}
	for _, code := range Codes() { // only now: a localizer knows the languages its bundle has at its making
		c.languages = append(c.languages, &Language{Code: code, localizer: i18n.NewLocalizer(bundle, code)})
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Languages returns every language, in the order of Codes.
func (c *Catalogue) Languages() []*Language { return c.languages }

// Choose returns the language to speak: the one asked for by code if it exists, else the best of an
// Accept-Language header, else French. Both arguments come from strangers and may hold anything.
func (c *Catalogue) Choose(code, accept string) *Language {
	for _, l := range c.languages {
		if l.Code == code {
			return l
		}
	}
	const longest = 200 // a header longer than this is no browser's
	if len(accept) > longest {
		return c.languages[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return c.languages[0]
	}
	_, i, _ := c.matcher.Match(wanted...)
	return c.languages[i]
}

// T returns the text of a key. args are names and values of its blanks, in turn: T("sale.number", "number", n).
// A key that is not in the catalogue comes back as it is; a test sees to it that none is missing.
func (l *Language) T(key string, args ...any) string {
	return l.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: blanks(args)})
}

// N is T for a text with a singular and a plural: n decides, and fills the blank {{.n}}.
func (l *Language) N(key string, n int, args ...any) string {
	data := blanks(args)
	data["n"] = l.Number(n)
	return l.text(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
}

func blanks(args []any) map[string]any {
	data := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return data
}

// Has reports whether the catalogue words a key.
func (l *Language) Has(key string) bool {
	_, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: key})
	return err == nil
}

// text is Localize with a spoken fallback: a till that lacks a word still works.
func (l *Language) text(c *i18n.LocalizeConfig) string {
	s, err := l.localizer.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return s
}

// Refusal words a refusal by its stable code, with its arguments: amounts become money. A code without words of
// its own gets a general sentence: what was asked cannot be done, or, for ours, something is broken here.
func (l *Language) Refusal(code string, ours bool, args map[string]any) string {
	key := "error." + code
	switch {
	case l.Has(key):
	case ours:
		key = "error.ours"
	default:
		key = "error.yours"
	}
	said := l.said(args)
	if n, ok := args["seconds"].(int); ok { // the one count that a refusal tells: "une seconde", "2 secondes"
		if s, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: said}); err == nil {
			return s
		}
	}
	return l.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: said})
}

// Field words what is wrong with one field of the input, its place included: "ligne 12, price_cents : un nombre".
func (l *Language) Field(f fault.Field) string {
	return l.T("field.says", "place", l.Place(f.Name), "what", l.Rule(f))
}

// Rule words what is wrong with a field, without its place: for where its label stands beside it.
func (l *Language) Rule(f fault.Field) string {
	key := "field." + f.Code
	if !l.Has(key) {
		key = "field.invalid"
	}
	return l.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: l.said(f.Args)})
}

// Place words where a field stands. Imports name theirs "line 12, column price_cents"; forms have labels.
func (l *Language) Place(name string) string {
	if line, ok := strings.CutPrefix(name, "line "); ok {
		line, column, found := strings.Cut(line, ", column ")
		if !found {
			return l.T("field.line", "line", line)
		}
		return l.T("field.cell", "line", line, "column", column)
	}
	last := name[strings.LastIndex(name, ".")+1:]
	if key := "field.name." + last; l.Has(key) {
		return l.T(key)
	}
	return name
}

// said turns the arguments of a refusal into what a sentence shows: amounts become money.
func (l *Language) said(args map[string]any) map[string]any {
	data := make(map[string]any, len(args))
	for k, v := range args {
		if text, ok := l.amount(v); ok {
			v = text
		}
		data[k] = v
	}
	return data
}
