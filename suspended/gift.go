package suspended

import (
	"context"
	"fmt"
	"strconv"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

var (
	errGiftServed = fault.New(fault.Conflict, "gift.served", "Fewer of these gifts are still on the shelf than are to be taken back.")
	errGiftNone   = fault.New(fault.Invalid, "gift.quantity", "At least one gift is to be taken back.")
	errGiftSource = fault.New(fault.Internal, "gift.source", "A gift names its sale line and its rank on it.")
)

// Gift is one unit of a paid gift line.
type Gift struct {
	Class    string
	Funded   money.Cents // paid for this one, tax included, above 0 (I9)
	Cost     money.Cents // standard cost, a memo
	SaleLine string      // "<sale seq>.<line>"
	N        int         // k-th of the line, from 1
	Sponsor  bool        // of a lot that a company paid for: served last, told in counts only (T17)
}

func giftPrefix(saleLine string) string { return "gift:" + saleLine + "." }

func sponsorPrefix(saleLine string) string { return "sponsor:" + saleLine + "." }

// Give puts a paid gift, or an item of a sponsor's lot, on the shelf. Errors: NotFound class.unknown, Invalid item.amount, Conflict item.exists.
func Give(ctx context.Context, tx *data.Tx, g Gift) (Item, error) {
	if g.SaleLine == "" || g.N < 1 {
		return Item{}, errGiftSource
	}
	if g.Funded <= 0 {
		return Item{}, errAmount.With("funded", int64(g.Funded))
	}
	it := Item{ID: giftPrefix(g.SaleLine) + strconv.Itoa(g.N), Class: g.Class, Origin: Paid, Funded: g.Funded, Cost: g.Cost}
	if g.Sponsor {
		it.ID, it.Origin = sponsorPrefix(g.SaleLine)+strconv.Itoa(g.N), Sponsor
		return create(ctx, tx, it, g.N, BySponsor)
	}
	return create(ctx, tx, it, g.N, BySale)
}

// RetractGift takes n gifts of a sale line back from the shelf, the last given first, and returns them. Fewer than
// n AVAILABLE is Conflict gift.served with "left", and nothing is retracted: what was drunk or promised is
// consumed (cases 35, 37, 38, 39).
func RetractGift(ctx context.Context, tx *data.Tx, saleLine string, n int, cause Cause) ([]Item, error) {
	if n < 1 {
		return nil, errGiftNone
	}
	ids, err := giftsLeft(ctx, tx, saleLine)
	if err != nil {
		return nil, err
	}
	if len(ids) < n {
		return nil, errGiftServed.With("left", len(ids)).With("asked", n)
	}
	items, err := findAll(ctx, tx, ids[:n])
	if err != nil {
		return nil, err
	}
	for k := range items {
		if items[k], err = advance(ctx, tx, items[k], cause, Retracted); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// GiftsLeft counts the gifts of a sale line that are still on the shelf: how many a refund may take back.
func GiftsLeft(ctx context.Context, q data.Querier, saleLine string) (int, error) {
	ids, err := giftsLeft(ctx, q, saleLine)
	return len(ids), err
}

// giftsLeft lists the AVAILABLE gifts of a sale line, the last given first.
func giftsLeft(ctx context.Context, q data.Querier, saleLine string) ([]string, error) {
	prefix, lot := giftPrefix(saleLine), sponsorPrefix(saleLine)
	ids, err := data.All(ctx, q, scanID, `
		SELECT item FROM shelf
		WHERE (item >= ? AND item < ? OR item >= ? AND item < ?) AND state = 'AVAILABLE'
		ORDER BY created DESC LIMIT 1000`, prefix, until(prefix), lot, until(lot))
	if err != nil {
		return nil, fmt.Errorf("gifts of %s: %w", saleLine, err)
	}
	return ids, nil
}
