package pos

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"comptoir/data"
)

// ImportPreview is what importing a file would do, for a person to confirm.
type ImportPreview struct {
	ImportResult

	Version int64       `json:"version"` // of the menu it was made on; see MenuFile.Seen
	Rows    []ImportRow `json:"rows"`    // in the order of the file
	Orders  []string    `json:"orders"`  // ids of the categories whose products change their order, "favourites", "categories"
}

// ImportRow is one product of the file.
type ImportRow struct {
	Line    int            `json:"line"` // 0: unknown
	Status  string         `json:"status"`
	Old     Product        `json:"old"` // zero for an added one
	New     Product        `json:"new"`
	Changes []ImportChange `json:"changes"` // of a changed one, by the names of the fields
}

// ImportChange is one field that the file changes, in plain values: amounts are cents, rates basis points.
type ImportChange struct {
	Field string `json:"field"`
	Old   any    `json:"old"`
	New   any    `json:"new"`
}

// What becomes of a product of a file.
const (
	ImportAdds    = "added"
	ImportChanges = "changed"
	ImportKeeps   = "unchanged"
)

// PreviewImport tells what ImportMenu would do now, and changes nothing. Refusals: right.missing, menu.file.
func (t *Till) PreviewImport(ctx context.Context, by By, f MenuFile) (ImportPreview, error) {
	if err := by.mustManage(); err != nil {
		return ImportPreview{}, err
	}
	var preview ImportPreview
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		today := t.db.Today()
		d, err := loadDraft(ctx, q, today)
		if err != nil {
			return err
		}
		preview, err = d.apply(f, today)
		return err
	})
	return preview, err
}

// count adds what became of one product of the file; old is nil for a new one.
func (p *ImportPreview) count(o origin, old *Product, now Product) {
	row := ImportRow{Line: o.line, Status: ImportAdds, New: now}
	if old != nil {
		row.Old = *old
		was, is := old.described(), now.described()
		for _, name := range now.changedFrom(old) {
			row.Changes = append(row.Changes, ImportChange{name, was[name], is[name]})
		}
		if row.Status = ImportChanges; len(row.Changes) == 0 {
			row.Status = ImportKeeps
		}
	}
	switch row.Status {
	case ImportAdds:
		p.Added++
	case ImportChanges:
		p.Changed++
	default:
		p.Unchanged++
	}
	p.Rows = append(p.Rows, row)
}

// takeOrder puts what the file gives places to into this order, and returns the names of the orders that changed.
// ids are those of the file's products in the café.
func (d *menuDraft) takeOrder(f MenuFile, ids []string) (changed []string) {
	changed = []string{}
	took := func(name string, before, after []string) {
		if !slices.Equal(before, after) {
			d.orders = append(d.orders, orderChange{"order", name, inOrder(before), inOrder(after)})
			changed = append(changed, name)
		}
	}
	before := d.rail()
	d.arrangeCategories(f.Categories)
	took("categories", before, d.rail())
	for _, c := range d.categories {
		before := d.inCategory(c.ID)
		d.arrange(wanted(f, ids, func(p Product) int { return p.Position }, func(id string) bool {
			return d.products[d.index[id]].Category == c.ID
		}))
		took(c.ID, before, d.inCategory(c.ID))
	}
	before = d.favourites()
	d.arrangeFavourites(wanted(f, ids, func(p Product) int { return p.FavouritePlace }, func(id string) bool {
		return d.products[d.index[id]].Favourite
	}))
	took("favourites", before, d.favourites())
	return changed
}

// wanted lists the ids of the file's products that have a place and pass, by that place.
func wanted(f MenuFile, ids []string, place func(Product) int, pass func(id string) bool) []string {
	var at []int
	for i, p := range f.Products {
		if place(p) > 0 && pass(ids[i]) {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(place(f.Products[a]), place(f.Products[b])) })
	var sorted []string
	for _, i := range at {
		if !slices.Contains(sorted, ids[i]) { // two rows may mean one product, one by its id and one by its name
			sorted = append(sorted, ids[i])
		}
	}
	return sorted
}

// rail lists the ids of the categories in their order.
func (d *menuDraft) rail() []string {
	ids := make([]string, len(d.categories))
	for i, c := range d.categories {
		ids[i] = c.ID
	}
	return ids
}

// arrangeCategories is arrange for the categories of a file that have a position.
func (d *menuDraft) arrangeCategories(file []Category) {
	var asked []Category
	for _, c := range file {
		if c.Position > 0 {
			asked = append(asked, c)
		}
	}
	slices.SortStableFunc(asked, func(a, b Category) int { return cmp.Compare(a.Position, b.Position) })
	var places []int
	var sorted []Category
	for _, c := range asked {
		found := d.category(c.ID)
		if found == nil {
			found = d.category(c.Name)
		}
		if found == nil || slices.ContainsFunc(sorted, func(o Category) bool { return o.ID == found.ID }) {
			continue
		}
		places = append(places, slices.IndexFunc(d.categories, func(o Category) bool { return o.ID == found.ID }))
		sorted = append(sorted, *found)
	}
	slices.Sort(places)
	for i, at := range places {
		d.categories[at] = sorted[i]
	}
}

// inOrder describes an order for the journal.
func inOrder(ids []string) map[string]any { return map[string]any{"ids": strings.Join(ids, ", ")} }
