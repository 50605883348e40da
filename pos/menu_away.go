package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

var errBack = fault.New(fault.Invalid, "back.invalid", "The day on which it is back is a day to come, YYYY-MM-DD, of what is sold out.")

// Tomorrow is the business day after the current one: what "sold out until tomorrow" means (see SetAvailable).
func (t *Till) Tomorrow() string { return followingDay(t.db.Today()) }

// followingDay returns the day after a business day.
func followingDay(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "" // a business day always reads as one
	}
	return d.AddDate(0, 0, 1).Format(time.DateOnly)
}

// SetAvailable takes a product off the menu for now ("épuisé"), or puts it back. With back, a business day to come,
// it is available again by itself from that day on; without, until somebody says so. Whoever sells may do it.
// Refusals: right.missing, product.unknown, product.archived, back.invalid (field back), training.real.
func (t *Till) SetAvailable(ctx context.Context, by By, productID string, available bool, back string) (Product, error) {
	p, err := command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Product, error) {
		if err := t.forReal(tx, by); err != nil {
			return Product{}, err
		}
		old, err := loadProductOn(ctx, tx, productID, tx.Day())
		if err != nil {
			return old, err
		}
		if old.Archived {
			return old, errArchived.With("product", old.Name)
		}
		if err := checkBack(available, back, tx.Day()); err != nil || old.Available == available && old.Back == back {
			return old, err
		}
		p := old
		p.Available, p.Back = available, back
		if _, err := tx.Exec(ctx, `UPDATE products SET available = ?, back = ? WHERE id = ?`, available, back, p.ID); err != nil {
			return Product{}, fmt.Errorf("product %s: %w", p.ID, err)
		}
		return p, t.menuChanged(ctx, tx, by, []productChange{{old: &old, new: p}})
	})
	t.warmMenu(ctx)
	return p, err
}

func checkBack(available bool, back, today string) error {
	if back == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, back); err != nil {
		return errBack.Field("back", "date")
	}
	if available || back <= today {
		return errBack.Field("back", "past")
	}
	return nil
}

// ArchiveProduct puts a product away, or brings it back to its place. What is archived is off the grid and cannot be
// sold; it stays in the reports, on the orders that have it, and its name stays taken. Twice is once. Refusals:
// right.missing, product.unknown, barcode.taken.
func (t *Till) ArchiveProduct(ctx context.Context, by By, productID string, archived bool) (Product, error) {
	if err := by.mustManage(); err != nil {
		return Product{}, err
	}
	p, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Product, error) {
		old, err := loadProductOn(ctx, tx, productID, tx.Day())
		if err != nil || old.Archived == archived {
			return old, err
		}
		p := old
		p.Archived = archived
		if !archived {
			if err := barcodeTaken(ctx, tx, p); err != nil {
				return Product{}, err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE products SET archived = ? WHERE id = ?`, archived, p.ID); err != nil {
			return Product{}, fmt.Errorf("product %s: %w", p.ID, err)
		}
		return p, t.menuChanged(ctx, tx, by, []productChange{{old: &old, new: p}})
	})
	t.warmMenu(ctx)
	return p, err
}
