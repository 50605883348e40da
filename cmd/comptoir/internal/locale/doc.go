// Package locale owns the words of the pages and the way money, dates and numbers are written.
//
// It holds one catalogue a language (fr.json, en.json, es.json; French is the source, the others are complete) and chooses the
// language of a visitor. Every text that a person reads on a page comes from here: templates, Go and, through
// attributes and templates, the scripts. A refusal of the domain is worded by its code, under "error.<code>" and
// "field.<code>", so that no package below knows a language.
//
// It must not know what a page is, nor reach anything of the café: amounts and times come in as values.
package locale
