package pos

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"comptoir/data/money"
)

// menuColumn is a column of the CSV file.
type menuColumn struct {
	name     string
	field    string // JSON name of what it holds
	required bool
}

// menuColumns lists the columns in the order in which WriteCSV writes them.
func menuColumns() []menuColumn {
	return []menuColumn{
		{"name", "name", true}, {"category", "category", true}, {"price_cents", "price", true},
		{"vat_eat_in_bp", "vat_eat_in_bp", true}, {"vat_takeaway_bp", "vat_takeaway_bp", true},
		{"meal_units", "meal_units", false}, {"suspend_class", "suspend_class", false}, {"station", "station", false},
		{"gift_price_cents", "gift_price", false}, {"cost_cents", "cost", false}, {"food", "food", false},
		{"favourite", "favourite", false}, {"options", "options", false}, {"position", "position", false},
		{"favourite_place", "favourite_place", false}, {"archived", "archived", false},
		{"category_position", "category_position", false}, {"category_tint", "category_tint", false},
		{"vat_category", "vat_category", false}, {"vat_kept", "vat_kept", false}, {"barcode", "barcode", false},
	}
}

// ParseMenuCSV reads a menu from a file with a header row: name, category, price_cents, vat_eat_in_bp,
// vat_takeaway_bp, and as wanted meal_units, suspend_class, station, gift_price_cents, cost_cents, food, favourite
// (yes or no), options ("Lait*: vache | avoine +50; Taille: normal | grand +80": * required, +50 cents, ×2 after
// the name of a question lets two answers be chosen), position and favourite_place (1, 2, 3… in the category and among
// the favourites), archived (yes or no), category_position and category_tint, the same on every line of a category, vat_category (whose
// rates then stand for those of the line), vat_kept (yes or no) and barcode (an EAN-13, EAN-8 or UPC-A). The separator is a comma or a semicolon, the text UTF-8, with or without a byte order mark.
//
// Refusals: menu.too_large; menu.file with every error of the file, at most 50, each with its line and column.
func ParseMenuCSV(r io.Reader) (MenuFile, error) {
	text, err := readMenuFile(r)
	if err != nil {
		return MenuFile{}, err
	}
	var errs fileErrors
	f := MenuFile{lines: map[string]int{}}
	records := csv.NewReader(strings.NewReader(text))
	records.FieldsPerRecord = -1
	header, _, _ := strings.Cut(text, "\n")
	if strings.Count(header, ";") > strings.Count(header, ",") {
		records.Comma = ';'
	}
	columns, ok := readHeader(records, &errs)
	for ok && errs.total < maxFileErrors {
		cells, err := records.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, is := errors.AsType[*csv.ParseError](err); is {
			errs.add(bad.Line, strconv.Itoa(bad.Column), "quote", nil)
			break
		}
		line, _ := records.FieldPos(0)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(f.Products) == maxProducts {
			errs.add(line, "", codeTooMany, map[string]any{"max": maxProducts})
			break
		}
		if len(cells) != len(columns) {
			errs.add(line, "", "columns", map[string]any{"got": len(cells), "want": len(columns)})
			continue
		}
		f.addRow(line, columns, cells, &errs)
	}
	if ok && errs.total == 0 && len(f.Products) == 0 {
		errs.add(2, "", "empty", nil)
	}
	return f, errs.err()
}

// readHeader reads the names of the columns; ok is false when the rest of the file cannot be understood.
func readHeader(records *csv.Reader, errs *fileErrors) (columns []menuColumn, ok bool) {
	cells, err := records.Read()
	if err != nil {
		errs.add(1, "", "empty", nil)
		return nil, false
	}
	line, _ := records.FieldPos(0)
	known := menuColumns()
	for _, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		i := slices.IndexFunc(known, func(c menuColumn) bool { return c.name == name })
		switch {
		case i < 0:
			errs.add(line, name, "unknown_column", nil)
		case slices.ContainsFunc(columns, func(c menuColumn) bool { return c.name == name }):
			errs.add(line, name, "duplicate", nil)
		default:
			columns = append(columns, known[i])
		}
	}
	for _, c := range known {
		if c.required && !slices.Contains(columns, c) {
			errs.add(line, c.name, "missing_column", nil)
		}
	}
	return columns, errs.total == 0
}

func (f *MenuFile) addRow(line int, columns []menuColumn, cells []string, errs *fileErrors) {
	row := menuRow{given: map[string]bool{}, cells: map[string]string{}, failed: map[string]bool{}}
	for i, c := range columns {
		row.given[c.field] = true
		row.cells[c.field] = strings.TrimSpace(unguarded(cells[i]))
	}
	o := origin{line: line, given: row.given}
	row.fail = func(field, code string) {
		row.failed[field] = true
		_, column := o.where(field)
		errs.add(line, column, code, map[string]any{"got": shortened(row.cells[field])})
	}
	p := row.product()
	c := Category{Name: p.Category, Position: row.place("category_position"), Tint: fold(row.cells["category_tint"])}
	if row.given["category_position"] || row.given["category_tint"] {
		f.addCategory(o, c, errs)
	}
	f.add(o, p, row.failed, errs)
}

// addCategory keeps what the first line of a category says of it; the others must say the same.
func (f *MenuFile) addCategory(o origin, c Category, errs *fileErrors) {
	i := slices.IndexFunc(f.Categories, func(k Category) bool { return fold(k.Name) == fold(c.Name) })
	switch {
	case fold(c.Name) == "": // refused with its product
	case i < 0:
		if c.Tint != "" && !slices.Contains(tints(), c.Tint) {
			errs.breach(o, breach{"category_tint", "one_of", map[string]any{"tints": strings.Join(tints(), " ")}})
			c.Tint = ""
		}
		f.Categories = append(f.Categories, c)
	default:
		if f.Categories[i].Position != c.Position {
			errs.breach(o, breach{"category_position", "differs", nil})
		}
		if f.Categories[i].Tint != c.Tint {
			errs.breach(o, breach{"category_tint", "differs", nil})
		}
	}
}

// menuRow is one row of the file by field.
type menuRow struct {
	given  map[string]bool
	cells  map[string]string
	failed map[string]bool
	fail   func(field, code string)
}

func (r menuRow) product() Product {
	p := Product{
		Name: r.cells["name"], Category: r.cells["category"], Station: r.cells["station"], SuspendClass: r.cells["suspend_class"],
		Price:    money.Cents(r.number("price", true)),
		VATEatIn: money.BasisPoints(r.number("vat_eat_in_bp", true)), VATTakeaway: money.BasisPoints(r.number("vat_takeaway_bp", true)),
		MealUnits: int(r.number("meal_units", false)), GiftPrice: money.Cents(r.number("gift_price", false)), Cost: money.Cents(r.number("cost", false)),
		Favourite: r.flag("favourite", false), Available: true, Archived: r.flag("archived", false),
		Position: r.place("position"), FavouritePlace: r.place("favourite_place"),
		VATCategory: VATCategory(fold(r.cells["vat_category"])), VATKept: r.flag("vat_kept", false), Barcode: r.cells["barcode"],
	}
	p.Food = r.flag("food", foodByRate(p))
	groups, ok := readOptions(r.cells["options"])
	if !ok {
		r.fail("options", "options")
	}
	p.Options = groups
	return p
}

// foodByRate is whether a product is food when nobody has said: at the normal rate are alcohol and things (R82).
func foodByRate(p Product) bool { return p.VATEatIn < normalRate && p.VATTakeaway < normalRate }

// number reads a whole number of cents, basis points or units; nothing is 0 unless it is required.
func (r menuRow) number(field string, required bool) int64 {
	cell := r.cells[field]
	if cell == "" {
		if required {
			r.fail(field, codeRequired)
		}
		return 0
	}
	n, err := strconv.ParseInt(cell, 10, 32)
	if err != nil {
		r.fail(field, "number")
	}
	return n
}

// place reads a place in an order, from 1; nothing is 0: the file says nothing of it.
func (r menuRow) place(field string) int {
	n := r.number(field, false)
	if n < 0 || n > maxProducts || n == 0 && r.cells[field] != "" && !r.failed[field] {
		r.fail(field, "place")
		return 0
	}
	return int(n)
}

func (r menuRow) flag(field string, otherwise bool) bool {
	switch fold(r.cells[field]) {
	case "":
		return otherwise
	case "yes", "oui", "true", "1", "x":
		return true
	case "no", "non", "false", "0":
		return false
	}
	r.fail(field, "yes_no")
	return otherwise
}

// maxQuoted bounds how much of a bad cell an error repeats.
const maxQuoted = 40

func shortened(cell string) string {
	if runes := []rune(cell); len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "…"
	}
	return cell
}

// formula matches what a spreadsheet would run: a cell that begins with one of these characters (OWASP's list), or
// one that guarded has already made harmless.
var formula = regexp.MustCompile(`^'*[=+\-@\t\r]`)

// guarded makes a cell that looks like a formula text for a spreadsheet; unguarded undoes exactly that.
func guarded(cell string) string {
	if formula.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

func unguarded(cell string) string {
	if strings.HasPrefix(cell, "'") && formula.MatchString(cell) {
		return cell[1:]
	}
	return cell
}

// groupHead is a question in the options column: its name, * when it must be answered, ×2 for two answers at most.
var groupHead = regexp.MustCompile(`^([^*×]+?)\s*(\*)?\s*(?:×\s*([0-9]{1,2}))?$`)

// choiceText is an answer: its name and the cents it adds.
var choiceText = regexp.MustCompile(`^([^+]+?)\s*(?:\+\s*([0-9]{1,6}))?$`)

// readOptions reads the options column; ok is false when it does not follow the grammar of ParseMenuCSV.
func readOptions(cell string) (groups []OptionGroup, ok bool) {
	groups = []OptionGroup{}
	for part := range strings.SplitSeq(cell, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		head, answers, found := strings.Cut(part, ":")
		m := groupHead.FindStringSubmatch(strings.TrimSpace(head))
		if !found || m == nil {
			return []OptionGroup{}, false
		}
		g := OptionGroup{Name: m[1], Required: m[2] != "", Max: 1}
		if m[3] != "" {
			g.Max, _ = strconv.Atoi(m[3]) // two digits, by the pattern
		}
		for answer := range strings.SplitSeq(answers, "|") {
			c := choiceText.FindStringSubmatch(strings.TrimSpace(answer))
			if c == nil {
				return []OptionGroup{}, false
			}
			cents, _ := strconv.ParseInt("0"+c[2], 10, 64) // six digits at most, by the pattern
			g.Choices = append(g.Choices, Choice{Name: c[1], Price: money.Cents(cents)})
		}
		groups = append(groups, g)
	}
	return groups, true
}

// writeOptions is the inverse of readOptions.
func writeOptions(groups []OptionGroup) string {
	all := make([]string, len(groups))
	for i, g := range groups {
		answers := make([]string, len(g.Choices))
		for k, c := range g.Choices {
			if answers[k] = c.Name; c.Price > 0 {
				answers[k] += fmt.Sprintf(" +%d", c.Price)
			}
		}
		head := g.Name
		if g.Required {
			head += "*"
		}
		if g.Max > 1 {
			head += fmt.Sprintf(" ×%d", g.Max)
		}
		all[i] = head + ": " + strings.Join(answers, " | ")
	}
	return strings.Join(all, "; ")
}

// WriteCSV writes the menu with every column of ParseMenuCSV, which reads it back. Components of fixed-price menus
// have no column: they are in the JSON file only.
func (f MenuFile) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	var header []string
	for _, c := range menuColumns() {
		header = append(header, c.name)
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("write menu: %w", err)
	}
	named := map[string]Category{}
	for _, c := range f.Categories {
		named[c.ID] = c
		if c.ID == "" {
			named[c.Name] = c
		}
	}
	for _, p := range f.Products {
		c, ok := named[p.Category]
		if ok {
			p.Category = c.Name
		}
		if err := out.Write(p.cells(c)); err != nil {
			return fmt.Errorf("write menu: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// cells writes a product of a category in the order of menuColumns.
func (p Product) cells(c Category) []string {
	gift, cost := "", ""
	if p.GiftPrice != p.Price && p.GiftPrice != 0 {
		gift = strconv.FormatInt(int64(p.GiftPrice), 10)
	}
	if p.Cost != 0 && !p.CostEstimated {
		cost = strconv.FormatInt(int64(p.Cost), 10)
	}
	yes := map[bool]string{true: "yes", false: "no"}
	place := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	cells := []string{
		p.Name, p.Category, strconv.FormatInt(int64(p.Price), 10),
		strconv.FormatInt(int64(p.VATEatIn), 10), strconv.FormatInt(int64(p.VATTakeaway), 10),
		strconv.Itoa(p.MealUnits), p.SuspendClass, p.Station, gift, cost, yes[p.Food], yes[p.Favourite], writeOptions(p.Options),
		place(p.Position), place(p.FavouritePlace), yes[p.Archived], place(c.Position), c.Tint, string(p.VATCategory), yes[p.VATKept], p.Barcode,
	}
	for i, cell := range cells {
		cells[i] = guarded(cell)
	}
	return cells
}
