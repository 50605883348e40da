package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"comptoir/data/money"
)

// Mark is the byte order mark that tells a spreadsheet that a file is UTF-8.
const Mark = "\ufeff"

// Writer writes one table. The zero value is not usable: see New.
type Writer struct {
	to     io.Writer
	csv    *csv.Writer
	cells  []string
	marked bool
}

// New returns a writer of a table to w. It buffers: Flush at the end.
func New(w io.Writer) *Writer {
	t := &Writer{to: w, csv: csv.NewWriter(w)}
	t.csv.Comma, t.csv.UseCRLF = ';', true
	return t
}

// Row writes one row, each cell as [Cell] makes it. The first row is written behind the mark. The error is that of the
// writer underneath, possibly of an earlier row.
func (t *Writer) Row(cells ...string) error {
	if err := t.mark(); err != nil {
		return err
	}
	t.cells = t.cells[:0]
	for _, c := range cells {
		t.cells = append(t.cells, Cell(c))
	}
	return t.csv.Write(t.cells)
}

// Flush writes what is buffered. A table without any row is the mark alone.
func (t *Writer) Flush() error {
	if err := t.mark(); err != nil {
		return err
	}
	t.csv.Flush()
	return t.csv.Error()
}

func (t *Writer) mark() error {
	if t.marked {
		return nil
	}
	t.marked = true
	_, err := io.WriteString(t.to, Mark)
	return err
}

// Cell returns a text as it may stand in a table: behind an apostrophe when a spreadsheet would take it for a formula,
// which is when it begins with one of = + - @, their full-width forms, a tab or a line break, and is no plain number.
// A plain number is an optional minus, digits, and at most one comma or point with digits behind it.
func Cell(text string) string {
	if text == "" || plain(text) {
		return text
	}
	first, _ := utf8.DecodeRuneInString(text)
	if strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + text
	}
	return text
}

// plain reports whether text is a number that no spreadsheet computes.
func plain(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	whole, part, cut := strings.Cut(strings.Replace(digits, ",", ".", 1), ".")
	return numeral(whole) && (!cut || numeral(part))
}

func numeral(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// Euros writes cents as euros with a decimal comma, two decimals and nothing else: "-1234,05".
func Euros(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d,%02d", sign, c/100, c%100)
}
