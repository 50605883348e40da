package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

var errNotServed = fault.New(fault.Conflict, "item.not_served", "This suspended item is not served, so there is nothing to undo.")

// ServeRequest asks for one item of a class. It has no place for who asks: nothing about a guest is written down.
type ServeRequest struct {
	Class string
	Cost  money.Cents // standard cost of what is served, a memo, used when the house offers it
}

// Serve hands out the oldest item of a class: PAID and LOYALTY first, one queue for gifts and stamps, then FUND,
// then SPONSOR; from an empty shelf, an item of the HOUSE (cases 55, 56). It never refuses for want of items.
// The item goes all the way to SERVED. Errors: NotFound class.unknown.
func Serve(ctx context.Context, tx *data.Tx, r ServeRequest) (Item, error) {
	it, found, err := oldest(ctx, tx, r.Class)
	if err == nil && !found {
		it, err = offer(ctx, tx, r)
	}
	if err != nil {
		return Item{}, err
	}
	return advance(ctx, tx, it, ByAsking, Reserved, Served)
}

// Undo takes back a serving that did not take place (case 41): the item is on the shelf again, at its old rank in
// the queue; a HOUSE item, which was never given by anybody, is retracted. That it is the same shift is for the
// caller to know, and a returned Account is for the caller to reconcile.
// Errors: NotFound item.unknown, Conflict item.not_served.
func Undo(ctx context.Context, tx *data.Tx, item string) (Item, error) {
	it, err := Find(ctx, tx, item)
	if err != nil {
		return Item{}, err
	}
	if it.State != Served {
		return Item{}, errNotServed.With("item", item)
	}
	if it.Origin == House {
		return advance(ctx, tx, it, ByUndo, Available, Retracted)
	}
	return advance(ctx, tx, it, ByUndo, Available)
}

// Allot promises an item of the shelf to a partner. Errors: NotFound item.unknown, Conflict item.moved when it is
// not on the shelf.
func Allot(ctx context.Context, tx *data.Tx, item string) (Item, error) {
	return fromTo(ctx, tx, item, Available, Allotted)
}

// Lapse puts a promised item back on the shelf: the partner did not come (case 81). A returned Account is for the
// caller to reconcile. Errors: NotFound item.unknown, Conflict item.moved when it is not allotted.
func Lapse(ctx context.Context, tx *data.Tx, item string) (Item, error) {
	return fromTo(ctx, tx, item, Allotted, Available)
}

func fromTo(ctx context.Context, tx *data.Tx, item string, was, became State) (Item, error) {
	it, err := Find(ctx, tx, item)
	if err != nil {
		return Item{}, err
	}
	if it.State != was {
		return Item{}, errMoved.With("item", item).With("state", it.State)
	}
	return advance(ctx, tx, it, ByPartner, became)
}

// oldest picks from the shelf. Sponsors come last: a lot of a hundred must not make single givers wait for months
// (solidarity.md §2.6).
func oldest(ctx context.Context, tx *data.Tx, class string) (Item, bool, error) {
	var id string
	err := tx.QueryRow(ctx, `
		SELECT item FROM shelf
		WHERE class = ? AND state = 'AVAILABLE'
		ORDER BY CASE origin WHEN 'FUND' THEN 2 WHEN 'SPONSOR' THEN 3 ELSE 1 END, created
		LIMIT 1`, class).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, false, nil
	}
	if err != nil {
		return Item{}, false, fmt.Errorf("oldest %s: %w", class, err)
	}
	it, err := Find(ctx, tx, id)
	return it, err == nil, err
}

func housePrefix(day string) string { return "house:" + day + ":" }

// offer makes an item of the house. The day stands in its id, so that the day's budget is read without an index.
func offer(ctx context.Context, tx *data.Tx, r ServeRequest) (Item, error) {
	prefix := housePrefix(tx.Day()) + strconv.FormatInt(tx.EventSeq(), 10) + "."
	var nth int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) + 1 FROM items WHERE id >= ? AND id < ?`, prefix, until(prefix)).Scan(&nth)
	if err != nil {
		return Item{}, fmt.Errorf("next house item: %w", err)
	}
	it := Item{ID: prefix + strconv.Itoa(nth), Class: r.Class, Origin: House, Cost: r.Cost}
	return create(ctx, tx, it, nth, ByHouse)
}
