package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// row is one row of a table as an archive has it (receipts/archive/FORMAT.md §5), ended by end.
type row struct {
	out   []byte
	begun bool // it has a cell, possibly an empty one
}

// mark stands before the first row of a table.
const mark = "\xEF\xBB\xBF"

func (r *row) cell(s string) {
	if r.begun {
		r.out = append(r.out, ';')
	}
	r.begun = true
	if runs(s) {
		s = "'" + s
	}
	first, _ := utf8.DecodeRuneInString(s)
	if s != `\.` && !strings.ContainsAny(s, ";\"\r\n") && (s == "" || !unicode.IsSpace(first)) {
		r.out = append(r.out, s...)
		return
	}
	r.out = append(r.out, '"')
	r.out = append(r.out, strings.ReplaceAll(s, `"`, `""`)...)
	r.out = append(r.out, '"')
}

// runs reports whether a spreadsheet could take a cell for a formula.
func runs(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n", first) && !plainNumber(s)
}

// plainNumber is an optional minus, digits, and at most one comma or point followed by digits.
func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest, parted := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	return digits(whole) && (!parted || digits(rest))
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (r *row) cells(all ...string) {
	for _, s := range all {
		r.cell(s)
	}
}

func (r *row) number(all ...int64) {
	for _, n := range all {
		r.cell(strconv.FormatInt(n, 10))
	}
}

// cents writes amounts twice, in cents and in euros.
func (r *row) cents(all ...int64) {
	for _, n := range all {
		sign := ""
		if n < 0 {
			sign = "-"
		}
		r.cell(strconv.FormatInt(n, 10))
		r.cell(fmt.Sprintf("%s%d,%02d", sign, abs(n)/100, abs(n)%100))
	}
}

func (r *row) blank(n int) {
	for range n {
		r.cell("")
	}
}

func (r *row) truth(all ...bool) {
	for _, b := range all {
		if b {
			r.cell("oui")
		} else {
			r.cell("non")
		}
	}
}

// header writes the seven cells by which most tables begin.
func (r *row) header(e *entry) {
	r.number(e.seq)
	r.cells(e.doc, e.kind, e.local().Format("2006-01-02 15:04:05"), e.stamp, e.day, e.op)
}

// place writes the four cells by which the rows of a part begin.
func (r *row) place(e *entry) {
	r.number(e.seq)
	r.cells(e.doc, e.kind, e.day)
}

func (r *row) end() []byte { return append(r.out, '\r', '\n') }

// columns expands the columns of a table: "x+" is an amount, which has two.
func columns(list string) []string {
	var all []string
	for name := range strings.FieldsSeq(strings.ReplaceAll(list, "ENTETE", "seq document type heure_locale heure_utc jour operateur")) {
		if name, amount := strings.CutSuffix(name, "+"); amount {
			all = append(all, name+"_c", name+"_eur")
		} else {
			all = append(all, name)
		}
	}
	return all
}
