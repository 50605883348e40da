package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// loadMenu reads the whole menu as its rows stand; q must show one state of the database.
func loadMenu(ctx context.Context, q data.Querier) (*menuRows, error) {
	m := &menuRows{categories: []Category{}, products: []Product{}}
	if err := q.QueryRow(ctx, `SELECT version FROM menu WHERE one = 1`).Scan(&m.version); err != nil {
		return m, fmt.Errorf("menu version: %w", err)
	}
	categories, err := data.All(ctx, q, func(r *data.Rows) (c Category, err error) {
		return c, r.Scan(&c.ID, &c.Name, &c.Tint, &c.Version)
	}, `SELECT id, name, tint, version FROM categories ORDER BY position LIMIT ?`, maxCategories)
	if err != nil {
		return m, fmt.Errorf("categories: %w", err)
	}
	for i, c := range categories {
		c.Position = i + 1
		m.categories = append(m.categories, c)
	}
	products, err := loadProducts(ctx, q, "")
	if err != nil {
		return m, err
	}
	m.products = append(m.products, products...)
	m.vat, err = loadVAT(ctx, q)
	return m, err
}

// loadProductOn reads one product as it is on a business day. Refusal: product.unknown.
func loadProductOn(ctx context.Context, q data.Querier, id, day string) (Product, error) {
	p, err := loadProduct(ctx, q, id)
	if err != nil {
		return p, err
	}
	table, err := loadVAT(ctx, q)
	return p.on(day).charged(table, day), err
}

// loadProduct reads one product. Refusal: product.unknown.
func loadProduct(ctx context.Context, q data.Querier, id string) (Product, error) {
	if id == "" {
		return Product{}, errNoProduct.With("product", id)
	}
	products, err := loadProducts(ctx, q, id)
	if err != nil {
		return Product{}, err
	}
	if len(products) == 0 {
		return Product{}, errNoProduct.With("product", id)
	}
	return products[0], nil
}

// loadProducts reads one product, or all of them in the order of the grid when id is empty.
func loadProducts(ctx context.Context, q data.Querier, id string) ([]Product, error) {
	products, err := data.All(ctx, q, scanProduct, `SELECT id, name, category, price, vat_eat_in, vat_takeaway, meal_units,
		suspend_class, gift_price, cost, station, food, favourite, available, back, archived, version, place, liked, vat_category, vat_kept, barcode
		FROM (SELECT *, row_number() OVER (PARTITION BY category ORDER BY position) AS place,
			favourite * row_number() OVER (PARTITION BY favourite ORDER BY favourite_place) AS liked FROM products)
		WHERE id = ?1 OR ?1 = '' ORDER BY position LIMIT ?2`, id, maxProducts)
	if err != nil {
		return nil, fmt.Errorf("products: %w", err)
	}
	at := make(map[string]*Product, len(products))
	for i := range products {
		at[products[i].ID] = &products[i]
	}
	if err := loadOptions(ctx, q, id, at); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	if err := loadComponents(ctx, q, id, at); err != nil {
		return nil, fmt.Errorf("components: %w", err)
	}
	return products, nil
}

func scanProduct(r *data.Rows) (Product, error) {
	p := Product{Options: []OptionGroup{}}
	err := r.Scan(&p.ID, &p.Name, &p.Category, &p.Price, &p.VATEatIn, &p.VATTakeaway, &p.MealUnits,
		&p.SuspendClass, &p.GiftPrice, &p.Cost, &p.Station, &p.Food, &p.Favourite, &p.Available, &p.Back, &p.Archived, &p.Version,
		&p.Position, &p.FavouritePlace, &p.VATCategory, &p.VATKept, &p.Barcode)
	return filled(p), err
}

// optionRow is a choice with its group.
type optionRow struct {
	product string
	group   OptionGroup
	choice  Choice
}

func loadOptions(ctx context.Context, q data.Querier, id string, at map[string]*Product) error {
	rows, err := data.All(ctx, q, func(r *data.Rows) (o optionRow, err error) {
		return o, r.Scan(&o.product, &o.group.ID, &o.group.Name, &o.group.Required, &o.group.Max, &o.choice.ID, &o.choice.Name, &o.choice.Price)
	}, `SELECT g.product, g.id, g.name, g.required, g.most, o.id, o.name, o.price
		FROM option_groups g JOIN options o ON o.product = g.product AND o.option_group = g.position
		WHERE g.product = ?1 OR ?1 = '' ORDER BY g.product, g.position, o.position LIMIT ?2`, id, maxProducts*maxGroups*maxChoices)
	for _, o := range rows {
		p := at[o.product]
		if n := len(p.Options); n == 0 || p.Options[n-1].ID != o.group.ID {
			p.Options = append(p.Options, o.group)
		}
		g := &p.Options[len(p.Options)-1]
		g.Choices = append(g.Choices, o.choice)
	}
	return err
}

func loadComponents(ctx context.Context, q data.Querier, id string, at map[string]*Product) error {
	type row struct {
		product string
		Component
	}
	rows, err := data.All(ctx, q, func(r *data.Rows) (c row, err error) {
		return c, r.Scan(&c.product, &c.Name, &c.Price, &c.VATEatIn, &c.VATTakeaway, &c.VATCategory)
	}, `SELECT product, name, price, vat_eat_in, vat_takeaway, vat_category FROM components
		WHERE product = ?1 OR ?1 = '' ORDER BY product, position LIMIT ?2`, id, maxProducts*maxComponents)
	for _, c := range rows {
		at[c.product].Components = append(at[c.product].Components, c.Component)
	}
	return err
}

// saveDraft writes what changed, each change with its journal entry, and the one event. Nothing changed writes
// nothing.
func (t *Till) saveDraft(ctx context.Context, tx *data.Tx, by By, d *menuDraft) error {
	if len(d.categoryChanges)+len(d.changes)+len(d.orders) == 0 {
		return nil
	}
	var journaled []int64
	entry := func(what, id string, before, after map[string]any) error {
		seq, err := t.configured(ctx, tx, by, what, id, before, after)
		journaled = append(journaled, seq)
		return err
	}
	for _, c := range d.categoryChanges {
		if err := saveCategory(ctx, tx, c.new); err != nil {
			return fmt.Errorf("category %s: %w", c.new.ID, err)
		}
		old := map[string]any{}
		if c.old != nil {
			old = map[string]any{"name": c.old.Name, "tint": c.old.Tint}
		}
		if err := entry("category", c.new.ID, old, map[string]any{"name": c.new.Name, "tint": c.new.Tint}); err != nil {
			return err
		}
	}
	if err := d.freeBarcodes(ctx, tx); err != nil {
		return err
	}
	for _, c := range d.changes {
		if err := saveProduct(ctx, tx, c.new); err != nil {
			return fmt.Errorf("product %s: %w", c.new.ID, err)
		}
	}
	if err := d.saveOrder(ctx, tx); err != nil {
		return err
	}
	for _, o := range d.orders {
		if err := entry(o.what, o.id, o.before, o.after); err != nil {
			return err
		}
	}
	return t.menuChanged(ctx, tx, by, d.changes, journaled...)
}

// menuChanged journals the changes of products with their old and new values (fiscal R65), moves the version of
// the menu, and records the one event of the command.
func (t *Till) menuChanged(ctx context.Context, tx *data.Tx, by By, changes []productChange, journaled ...int64) error {
	for _, c := range changes {
		before, after := map[string]any{}, map[string]any{}
		now := c.new.described()
		for _, name := range c.new.changedFrom(c.old) {
			after[name] = now[name]
			if c.old != nil {
				before[name] = c.old.described()[name]
			}
		}
		seq, err := t.configured(ctx, tx, by, "product", c.new.ID, before, after)
		if err != nil {
			return err
		}
		journaled = append(journaled, seq)
	}
	if _, err := tx.Exec(ctx, `UPDATE menu SET version = ? WHERE one = 1`, tx.EventSeq()); err != nil {
		return fmt.Errorf("menu version: %w", err)
	}
	return tx.Record(data.Event{Type: menuChanged, Topics: []string{topicMenu}, Body: map[string]any{"journal": nonNil(journaled)}})
}

// configured journals one change of the café's configuration (fiscal R65) and returns the entry's seq.
func (t *Till) configured(ctx context.Context, tx *data.Tx, by By, what, id string, before, after map[string]any) (int64, error) {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Body: journal.EventBody{
		Code: journal.EventConfigChange, Data: map[string]any{"what": what, "id": id, "old": before, "new": after}}})
	return e.Seq, err
}

func saveCategory(ctx context.Context, tx *data.Tx, c Category) error {
	_, err := tx.Exec(ctx, `INSERT INTO categories (id, name, folded, tint, version, position)
		VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM categories))
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, tint = excluded.tint, version = excluded.version`,
		c.ID, c.Name, fold(c.Name), c.Tint, tx.EventSeq())
	return err
}

// saveProduct writes a product as it stands. A gift price equal to the price and an estimated cost are kept as
// "not set", so that they follow the price.
func saveProduct(ctx context.Context, tx *data.Tx, p Product) error {
	gift, cost := p.GiftPrice, p.Cost
	if gift == p.Price {
		gift = 0
	}
	if p.CostEstimated {
		cost = money.Cents(0)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO products (id, name, folded, category, price, vat_eat_in, vat_takeaway,
		meal_units, suspend_class, gift_price, cost, station, food, favourite, available, back, archived, version, vat_category, vat_kept, barcode, position, favourite_place)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM products),
		CASE ?14 WHEN 0 THEN 0 ELSE (SELECT coalesce(max(favourite_place), 0) + 1 FROM products) END)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, category = excluded.category,
		price = excluded.price, vat_eat_in = excluded.vat_eat_in, vat_takeaway = excluded.vat_takeaway,
		meal_units = excluded.meal_units, suspend_class = excluded.suspend_class, gift_price = excluded.gift_price,
		cost = excluded.cost, station = excluded.station, food = excluded.food, favourite = excluded.favourite,
		available = excluded.available, back = excluded.back, archived = excluded.archived, version = excluded.version,
		vat_category = excluded.vat_category, vat_kept = excluded.vat_kept, barcode = excluded.barcode,
		favourite_place = CASE WHEN favourite_place > 0 AND excluded.favourite_place > 0 THEN favourite_place ELSE excluded.favourite_place END`,
		p.ID, p.Name, fold(p.Name), p.Category, p.Price, p.VATEatIn, p.VATTakeaway,
		p.MealUnits, p.SuspendClass, gift, cost, p.Station, p.Food, p.Favourite, p.Available, p.Back, p.Archived, tx.EventSeq(),
		string(p.VATCategory), p.VATKept, p.Barcode); err != nil {
		return err
	}
	for _, clear := range []string{
		`DELETE FROM options WHERE product = ?`, `DELETE FROM option_groups WHERE product = ?`, `DELETE FROM components WHERE product = ?`,
	} {
		if _, err := tx.Exec(ctx, clear, p.ID); err != nil {
			return err
		}
	}
	return saveParts(ctx, tx, p)
}

func saveParts(ctx context.Context, tx *data.Tx, p Product) error {
	for i, g := range p.Options {
		if _, err := tx.Exec(ctx, `INSERT INTO option_groups (product, position, id, name, required, most) VALUES (?, ?, ?, ?, ?, ?)`,
			p.ID, i+1, g.ID, g.Name, g.Required, g.Max); err != nil {
			return err
		}
		for k, c := range g.Choices {
			if _, err := tx.Exec(ctx, `INSERT INTO options (product, option_group, position, id, name, price) VALUES (?, ?, ?, ?, ?, ?)`,
				p.ID, i+1, k+1, c.ID, c.Name, c.Price); err != nil {
				return err
			}
		}
	}
	for i, c := range p.Components {
		if _, err := tx.Exec(ctx, `INSERT INTO components (product, position, name, price, vat_eat_in, vat_takeaway, vat_category) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			p.ID, i+1, c.Name, c.Price, c.VATEatIn, c.VATTakeaway, string(c.VATCategory)); err != nil {
			return err
		}
	}
	return nil
}
