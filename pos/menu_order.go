package pos

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
)

// Move is a step in an order that a manager arranges. At the edge it changes nothing.
type Move string

// The moves.
const (
	MoveUp   Move = "up"
	MoveDown Move = "down"
	MoveTop  Move = "top"
)

// Refusals about orders.
var (
	errMove        = fault.New(fault.Invalid, "move.invalid", "The move is up, down or top.").Field("move", "one_of")
	errNoFavourite = fault.New(fault.Conflict, "product.no_favourite", "The product is no favourite.")
	errArchived    = fault.New(fault.Conflict, "product.archived", "The product was put away; it is not on the menu any more.")
)

// MoveProduct moves a product among those of its category that are on the grid; no other changes its place unless it
// is passed. Refusals: right.missing, move.invalid, product.unknown, product.archived.
func (t *Till) MoveProduct(ctx context.Context, by By, productID string, m Move) error {
	return t.rearrange(ctx, by, m, func(d *menuDraft) error {
		p, err := d.live(productID)
		if err != nil {
			return err
		}
		d.moveProduct(p, m)
		return nil
	})
}

// MoveFavourite moves a product among the favourites on the grid: their order is their own. Refusals: right.missing,
// move.invalid, product.unknown, product.archived, product.no_favourite.
func (t *Till) MoveFavourite(ctx context.Context, by By, productID string, m Move) error {
	return t.rearrange(ctx, by, m, func(d *menuDraft) error {
		p, err := d.live(productID)
		if err != nil {
			return err
		}
		if !p.Favourite {
			return errNoFavourite.With("product", p.Name)
		}
		d.moveFavourite(p, m)
		return nil
	})
}

// MoveCategory moves a category on the rail. Refusals: right.missing, move.invalid, category.unknown.
func (t *Till) MoveCategory(ctx context.Context, by By, id string, m Move) error {
	return t.rearrange(ctx, by, m, func(d *menuDraft) error {
		at := slices.IndexFunc(d.categories, func(c Category) bool { return c.ID == id })
		if at < 0 {
			return errNoCategory.With("category", id)
		}
		to, ok := m.from(at, len(d.categories))
		if !ok {
			return nil
		}
		moved(d.categories, at, to)
		d.orders = append(d.orders, orderChange{"category", id, map[string]any{"position": at + 1}, map[string]any{"position": to + 1}})
		return nil
	})
}

// rearrange is a manager's change of an order.
func (t *Till) rearrange(ctx context.Context, by By, m Move, change func(*menuDraft) error) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	if m != MoveUp && m != MoveDown && m != MoveTop {
		return errMove
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		d, err := loadDraft(ctx, tx, tx.Day())
		if err != nil {
			return struct{}{}, err
		}
		if err := change(d); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, t.saveDraft(ctx, tx, by, d)
	})
	t.warmMenu(ctx)
	return err
}

// live returns a product that is on the grid.
func (d *menuDraft) live(id string) (Product, error) {
	at, known := d.index[id]
	if !known {
		return Product{}, errNoProduct.With("product", id)
	}
	if p := d.products[at]; !p.Archived {
		return p, nil
	}
	return Product{}, errArchived.With("product", d.products[at].Name)
}

// from returns where a move leads from place at of n; ok is false when that is where it is.
func (m Move) from(at, n int) (to int, ok bool) {
	switch m {
	case MoveUp:
		to = max(at-1, 0)
	case MoveDown:
		to = min(at+1, n-1)
	case MoveTop:
		to = 0
	}
	return to, to != at
}

// moved takes the element at a place to another; those between make room.
func moved[T any](all []T, at, to int) {
	v := all[at]
	copy(all[at:], all[at+1:])
	copy(all[to+1:], all[to:len(all)-1])
	all[to] = v
}

func (d *menuDraft) moveProduct(p Product, m Move) {
	var ids []string
	for _, o := range d.products {
		if o.Category == p.Category && !o.Archived {
			ids = append(ids, o.ID)
		}
	}
	at := slices.Index(ids, p.ID)
	to, ok := m.from(at, len(ids))
	if !ok {
		return
	}
	moved(ids, at, to)
	d.arrange(ids)
	d.orders = append(d.orders, orderChange{"product", p.ID,
		map[string]any{"position": p.Position}, map[string]any{"position": d.products[d.index[p.ID]].Position}})
}

func (d *menuDraft) moveFavourite(p Product, m Move) {
	var ids []string
	for _, id := range d.favourites() {
		if !d.products[d.index[id]].Archived {
			ids = append(ids, id)
		}
	}
	at := slices.Index(ids, p.ID)
	to, ok := m.from(at, len(ids))
	if !ok {
		return
	}
	moved(ids, at, to)
	d.arrangeFavourites(ids)
	d.orders = append(d.orders, orderChange{"product", p.ID,
		map[string]any{"favourite_place": p.FavouritePlace}, map[string]any{"favourite_place": d.products[d.index[p.ID]].FavouritePlace}})
}

// arrange puts products into this order on the places they have now; all others stay where they are.
func (d *menuDraft) arrange(ids []string) {
	if len(ids) == 0 {
		return
	}
	places := make([]int, len(ids))
	products := make([]Product, len(ids))
	for i, id := range ids {
		places[i] = d.index[id]
		products[i] = d.products[places[i]]
	}
	slices.Sort(places)
	for i, at := range places {
		d.products[at] = products[i]
	}
	d.ordered = true
	d.number()
}

// arrangeFavourites is arrange for the order of the favourites.
func (d *menuDraft) arrangeFavourites(ids []string) {
	places := make([]int, len(ids))
	for i, id := range ids {
		places[i] = d.products[d.index[id]].FavouritePlace
	}
	slices.Sort(places)
	for i, id := range ids {
		d.products[d.index[id]].FavouritePlace = places[i]
	}
	d.ordered = true
}

// favourites lists the ids of the favourites in their order, archived ones too.
func (d *menuDraft) favourites() []string {
	var liked []Product
	for _, p := range d.products {
		if p.Favourite {
			liked = append(liked, p)
		}
	}
	slices.SortStableFunc(liked, func(a, b Product) int { return cmp.Compare(a.FavouritePlace, b.FavouritePlace) })
	ids := make([]string, len(liked))
	for i, p := range liked {
		ids[i] = p.ID
	}
	return ids
}

// inCategory lists the ids of a category's products in their order, archived ones too.
func (d *menuDraft) inCategory(id string) []string {
	var ids []string
	for _, p := range d.products {
		if p.Category == id {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// saveOrder writes the places that changed. Places are unique at every moment: what moves first goes beyond the last.
func (d *menuDraft) saveOrder(ctx context.Context, tx *data.Tx) error {
	if !d.ordered && len(d.orders) == 0 {
		return nil
	}
	products := make([]string, len(d.products))
	for i, p := range d.products {
		products[i] = p.ID
	}
	for _, o := range []struct {
		name, read, write string
		ids               []string
	}{
		{"categories", `SELECT id, position FROM categories ORDER BY position LIMIT 1000`, `UPDATE categories SET position = ? WHERE id = ?`, d.rail()},
		{"products", `SELECT id, position FROM products ORDER BY position LIMIT 1000`, `UPDATE products SET position = ? WHERE id = ?`, products},
		{"favourites", `SELECT id, favourite_place FROM products WHERE favourite_place > 0 ORDER BY favourite_place LIMIT 1000`,
			`UPDATE products SET favourite_place = ? WHERE id = ?`, d.favourites()},
	} {
		if err := savePlaces(ctx, tx, o.read, o.write, o.ids); err != nil {
			return fmt.Errorf("order of the %s: %w", o.name, err)
		}
	}
	return nil
}

// savePlaces gives the rows that read lists the places they have in the order of ids.
func savePlaces(ctx context.Context, tx *data.Tx, read, write string, ids []string) error {
	places := make(map[string]int, len(ids))
	slots, err := data.All(ctx, tx, func(r *data.Rows) (place int, err error) {
		var id string
		err = r.Scan(&id, &place)
		places[id] = place
		return place, err
	}, read)
	if err != nil {
		return err
	}
	if len(slots) != len(ids) {
		return fmt.Errorf("%d rows for %d places", len(slots), len(ids))
	}
	const beyond = 1 << 20
	for _, offset := range []int{beyond, 0} {
		for i, id := range ids {
			if places[id] == slots[i] {
				continue
			}
			if _, err := tx.Exec(ctx, write, slots[i]+offset, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkFavourites(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'product ' || id || ': favourite ' || favourite || ', place ' || favourite_place FROM products
		WHERE (favourite = 1) <> (favourite_place > 0) ORDER BY id LIMIT 100`)
}
