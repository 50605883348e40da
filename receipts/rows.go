package receipts

// RowKind says how a row of a document stands on a page.
type RowKind string

// The kinds of row.
const (
	RowCenter RowKind = "center" // Name, in the middle
	RowPair   RowKind = "pair"   // Lead and Name on the left, Value on the right
	RowRule   RowKind = "rule"   // a line across
	RowTable  RowKind = "table"  // Cells, the first row of which is its head
)

// Row is one row of a document on a page that folds text by itself.
type Row struct {
	Kind  RowKind
	Lead  string // quantity of a line; spaces alone: the row belongs to the one above
	Name  string
	Value string
	Cells [][4]string
}

// Rows returns the document as rows: the same words in the same order as Text, for a page. Nothing is folded or cut.
func (d Document) Rows() []Row {
	var r rowSheet
	d.writeOn(&r)
	return r.rows
}

// rowSheet is paper that keeps what is written on it.
type rowSheet struct{ rows []Row }

func (r *rowSheet) add(row Row) { r.rows = append(r.rows, row) }

func (r *rowSheet) center(text string) {
	if text = printable(text); text != "" {
		r.add(Row{Kind: RowCenter, Name: text})
	}
}

func (r *rowSheet) mark(text string) { r.center("*** " + text + " ***") }

// title, heading, total and code look like any other row; the code of a page is the page's own.
func (r *rowSheet) title(text string)        { r.center(text) }
func (r *rowSheet) heading(text string)      { r.center(text) }
func (r *rowSheet) total(name, value string) { r.row(name, value) }
func (r *rowSheet) code(string)              {}

func (r *rowSheet) row(name, value string) { r.hanging("", name, value) }

func (r *rowSheet) hanging(lead, name, value string) {
	r.add(Row{Kind: RowPair, Lead: printable(lead), Name: printable(name), Value: printable(value)})
}

func (r *rowSheet) rule(rune) { r.add(Row{Kind: RowRule}) }

func (r *rowSheet) table(rows [][4]string) bool {
	r.add(Row{Kind: RowTable, Cells: rows})
	return true
}

// Indented reports that the row belongs to the one above it.
func (r Row) Indented() bool { return len(r.Lead) > 0 && r.Lead[0] == ' ' }
