package pos

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/suspended"
)

// Limits of a menu file.
const (
	maxMenuFile   = 1 << 20 // bytes
	maxFileErrors = 50      // errors told at once
)

// lastDay is the business day for which a file is checked before it is known when it will be imported.
const lastDay = "9999-12-31"

// MenuFile is a menu outside the café: read by ParseMenuCSV or ParseMenuJSON, made by Menu.File, or by hand.
// Its products name their category by id if Categories has it, else by name. Where products, favourites or
// categories have a position, those of the file stand in this order; all others stay where they are.
type MenuFile struct {
	Categories []Category `json:"categories"`
	Products   []Product  `json:"products"`

	// Seen is the version of the menu on which the file was previewed: if the menu has changed since, the import is
	// refused. 0: whatever the menu is.
	Seen int64 `json:"-"`

	origins []origin       // of each product; nil when the file was made by hand
	lines   map[string]int // folded name → line, while the file is read
}

// origin is where in a file a product stood.
type origin struct {
	line  int             // 0: unknown
	path  string          // of a JSON file, "products[3]."; empty in a CSV file
	given map[string]bool // JSON names of the fields that the file has; nil: all
}

// ImportResult counts what an import did.
type ImportResult struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Reordered int `json:"reordered"` // orders that changed: of a category's products, of the favourites, of the categories
}

var (
	errMenuFile  = fault.New(fault.Invalid, "menu.file", "The menu file has errors; nothing of it was applied.")
	errMenuMoved = fault.New(fault.Conflict, "menu.moved", "The menu has changed since the file was previewed.")
	errMenuSize  = fault.New(fault.Invalid, "menu.too_large", "The menu file is too large.").With("max", maxMenuFile)
)

// File returns the menu as a file, for WriteCSV and WriteJSON: category by category, each in its order, archived
// products too.
func (m Menu) File() MenuFile {
	f := MenuFile{Categories: make([]Category, len(m.Categories)), Products: make([]Product, 0, len(m.Products)+len(m.archived))}
	for i, c := range m.Categories {
		c.Version = 0
		f.Categories[i] = c
		from := len(f.Products)
		for _, all := range [][]Product{m.Products, m.archived} {
			for _, p := range all {
				if p.Category == c.ID {
					p.Version = 0
					f.Products = append(f.Products, p)
				}
			}
		}
		slices.SortFunc(f.Products[from:], func(a, b Product) int { return cmp.Compare(a.Position, b.Position) })
	}
	return f
}

// ImportMenu applies a file: all of it in one commit, or nothing. A product that is already on the menu, by its id
// or else by its name (case and accents apart), keeps its id and whatever the file has no column for; a product
// that the file does not name stays as it is.
//
// Refusals: right.missing, menu.file (a field per error, at most 50: its name says where, such as "line 12, column
// price_cents", its code why; args line, column), menu.moved (the menu is not the one on which it was previewed).
func (t *Till) ImportMenu(ctx context.Context, by By, f MenuFile) (ImportResult, error) {
	if err := by.mustManage(); err != nil {
		return ImportResult{}, err
	}
	result, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ImportResult, error) {
		d, err := loadDraft(ctx, tx, tx.Day())
		if err != nil {
			return ImportResult{}, err
		}
		if f.Seen != 0 && f.Seen != d.version {
			return ImportResult{}, errMenuMoved
		}
		p, err := d.apply(f, tx.Day())
		if err != nil {
			return ImportResult{}, err
		}
		return p.ImportResult, t.saveDraft(ctx, tx, by, d)
	})
	t.warmMenu(ctx)
	return result, err
}

// apply puts a whole file into the draft.
func (d *menuDraft) apply(f MenuFile, day string) (ImportPreview, error) {
	preview := ImportPreview{Version: d.version, Rows: []ImportRow{}, Orders: []string{}}
	var errs fileErrors
	renamed := d.takeCategories(f.Categories, &errs)
	origins := map[string]origin{}
	ids := make([]string, len(f.Products))
	for i, p := range f.Products {
		o := f.origin(i)
		if name, ok := renamed[p.Category]; ok {
			p.Category = name
		}
		var old *Product
		if found := d.match(p); found != nil {
			was := *found
			old = &was
			p = o.merge(was, p)
			p.ID = was.ID
		} else if p.ID != "" && !isSlug(p.ID) {
			errs.breach(o, breach{"id", "slug", nil})
			continue
		}
		p, breaches := d.placed(p.on(day), day)
		clean, more := checkProduct(p, day)
		if breaches = append(breaches, more...); len(breaches) == 0 {
			clean, breaches = d.put(clean)
		}
		for _, b := range breaches {
			errs.breach(o, b)
		}
		origins[clean.ID], ids[i] = o, clean.ID
		preview.count(o, old, clean)
	}
	for _, p := range d.misfits() {
		errs.breach(origins[p.ID], breach{"suspend_class", codeClassRate, map[string]any{"product": p.Name}})
	}
	for _, p := range d.twice() {
		errs.breach(origins[p.ID], breach{"barcode", codeTaken, map[string]any{"product": p.Name}})
	}
	if errs.total == 0 {
		preview.Orders = d.takeOrder(f, ids)
		preview.Reordered = len(preview.Orders)
	}
	return preview, errs.err()
}

// takeCategories adds or changes the categories of a file and returns, for each id in the file, the café's id.
func (d *menuDraft) takeCategories(all []Category, errs *fileErrors) map[string]string {
	ids := make(map[string]string, len(all))
	for i, c := range all {
		o := origin{path: fmt.Sprintf("categories[%d].", i)}
		old := d.category(c.ID)
		same := d.category(c.Name)
		if old == nil {
			old = same
		}
		if old != nil && c.Tint == "" {
			c.Tint = old.Tint
		}
		var check checker
		check.category(&c)
		if same != nil && same.ID != old.ID {
			check.add("name", "taken", nil)
		}
		if old == nil && len(d.categories) >= maxCategories {
			check.add("name", codeTooMany, map[string]any{"max": maxCategories})
		}
		if len(check.breaches) > 0 {
			for _, b := range check.breaches {
				errs.breach(o, b)
			}
			continue
		}
		if old == nil {
			old = d.addCategory(c)
		} else {
			d.changeCategory(old, c)
		}
		if c.ID != "" {
			ids[c.ID] = old.ID
		}
	}
	return ids
}

// match finds the product that a row of a file means.
func (d *menuDraft) match(p Product) *Product {
	if at, known := d.index[p.ID]; known {
		return &d.products[at]
	}
	return d.byName(p.Name)
}

func (f MenuFile) origin(i int) origin {
	if i < len(f.origins) {
		return f.origins[i]
	}
	return origin{path: fmt.Sprintf("products[%d].", i)}
}

// merge keeps of the old product what the file has no column for.
func (o origin) merge(old, p Product) Product {
	kept := func(field string) bool { return o.given != nil && !o.given[field] }
	if kept("vat_category") && p.VATEatIn == old.VATEatIn && p.VATTakeaway == old.VATTakeaway {
		p.VATCategory = old.VATCategory
	}
	if kept("vat_kept") {
		p.VATKept = old.VATKept
	}
	if kept("meal_units") {
		p.MealUnits = old.MealUnits
	}
	if kept("suspend_class") {
		p.SuspendClass = old.SuspendClass
	}
	if kept("station") {
		p.Station = old.Station
	}
	if kept("gift_price") {
		p.GiftPrice = old.GiftPrice
		if old.GiftPrice == old.Price { // it was not set: it follows the price
			p.GiftPrice = 0
		}
	}
	if kept("cost") {
		p.Cost, p.CostEstimated = old.Cost, old.CostEstimated
	}
	if kept("food") {
		p.Food = old.Food
	}
	if kept("favourite") {
		p.Favourite = old.Favourite
	}
	if kept("available") {
		p.Available, p.Back = old.Available, old.Back
	}
	if kept("barcode") {
		p.Barcode = old.Barcode
	}
	if kept("archived") {
		p.Archived = old.Archived
	}
	if kept("options") {
		p.Options = old.Options
	}
	if kept("components") {
		p.Components = old.Components
	}
	return p
}

// where names a field of a product for a person who has the file open.
func (o origin) where(field string) (line int, column string) {
	if o.path != "" {
		return o.line, o.path + field
	}
	root, _, _ := strings.Cut(field, "[")
	for _, c := range menuColumns() {
		if c.field == root {
			return o.line, c.name
		}
	}
	return o.line, root
}

// fileErrors collects what is wrong with a file.
type fileErrors struct {
	fields []fault.Field
	total  int
}

func (e *fileErrors) add(line int, column, code string, args map[string]any) {
	if e.total++; len(e.fields) == maxFileErrors {
		return
	}
	all := map[string]any{"line": line, "column": column}
	maps.Copy(all, args)
	e.fields = append(e.fields, fault.Field{Name: placed(line, column), Code: code, Args: all})
}

// placed says where: "line 12, column price_cents", or "line 12, products[3].price" in a JSON file.
func placed(line int, column string) string {
	var parts []string
	if line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", line))
	}
	switch {
	case strings.ContainsAny(column, ".["):
		parts = append(parts, column)
	case column != "":
		parts = append(parts, "column "+column)
	}
	return strings.Join(parts, ", ")
}

func (e *fileErrors) breach(o origin, b breach) {
	line, column := o.where(b.field)
	e.add(line, column, b.code, b.args)
}

func (e *fileErrors) err() error {
	if e.total == 0 {
		return nil
	}
	c := *errMenuFile.With("errors", e.total)
	c.Fields = e.fields
	return &c
}

// add checks one product of a file as far as that can be done without the café, and keeps it. failed are the
// fields that could not even be read: they are not reported twice.
func (f *MenuFile) add(o origin, p Product, failed map[string]bool, errs *fileErrors) {
	clean, breaches := checkProduct(p, lastDay)
	if !slices.Contains([]string{"", suspended.Coffee, suspended.Meal}, clean.SuspendClass) {
		breaches = append(breaches, breach{"suspend_class", "class", nil})
	}
	for _, b := range breaches {
		follows := b.field == "suspend_class" || b.field == "gift_price"
		if !failed[b.field] && (len(failed) == 0 || !follows) {
			errs.breach(o, b)
		}
	}
	folded := fold(clean.Name)
	if first, twice := f.lines[folded]; twice {
		errs.breach(o, breach{"name", "duplicate", map[string]any{"first": first}})
	} else if folded != "" {
		f.lines[folded] = o.line
	}
	f.Products = append(f.Products, clean)
	f.origins = append(f.origins, o)
}

// readMenuFile returns the text of a file without its byte order mark. Refusals: menu.too_large, menu.file
// (code "utf8" for each line that is not UTF-8).
func readMenuFile(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxMenuFile+1))
	if err != nil {
		return "", fmt.Errorf("read menu file: %w", err)
	}
	if len(b) > maxMenuFile {
		return "", errMenuSize
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	var errs fileErrors
	line := 0
	for l := range strings.Lines(text) {
		if line++; !utf8.ValidString(l) {
			errs.add(line, "", "utf8", nil)
		}
	}
	return text, errs.err()
}
