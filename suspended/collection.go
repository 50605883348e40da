package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

var (
	errCollection     = fault.New(fault.NotFound, "collection.unknown", "There is no such collection.")
	errCollectionMore = fault.New(fault.Conflict, "collection.more", "More than was promised leaves with a manager's word only.").Field("qty", "stock")
	errWaste          = fault.New(fault.Conflict, "collection.waste", "No more can be thrown away than was collected.").Field("qty", "range")
)

// Collection is what left the house for a partner, counted when it left (case 82). It has no place for who ate it (case 85).
type Collection struct {
	Number      int64 // of its slip
	Allotment   string
	Partner     string
	Class       string
	Qty         int
	Promised    int // of the allotment
	Wasted      int // noted since (case 83)
	Day         string
	At          int64 // Unix milliseconds, of departure
	Temperature sql.NullInt64
	Allergens   string
	Initials    string
	Operator    string
	Auth        string
	Shares      []Share // by who bears them
}

// Share is the part of a collection that one origin bears.
type Share struct {
	Origin Origin
	Count  int
	Cost   money.Cents // Σ of standard costs, memos
	Funded money.Cents // Σ of what was paid for them, tax included
}

// IsGiven reports whether these items were never sold: only their cost may be valued as a gift (case 87).
func (s Share) IsGiven() bool { return s.Origin == Loyalty || s.Origin == House }

// Collect hands qty items of a promised allotment over: those it holds, then, when more is allowed, items of the shelf, then
// items of the house. The rest of the allotment goes back to the shelf at once. It writes the collection and returns it,
// with the items that came back, for their accounts to be reconciled. cost is the standard cost of one of the house.
// Errors: Conflict allotment.state; collection.more with left when it is not allowed.
func Collect(ctx context.Context, tx *data.Tx, a Allotment, c Collection, more bool, cost money.Cents) (Collection, []Item, error) {
	if c.Qty > a.Held && !more {
		return c, nil, errCollectionMore.With("left", a.Held)
	}
	promised, became := a.Qty, AllCollected
	if c.Qty < a.Qty {
		became = PartlyCollected
	}
	a, err := a.set(ctx, tx, became, a.Qty, Confirmed, Ready)
	if err != nil {
		return c, nil, err
	}
	var back []Item
	if c.Qty < a.Held {
		if back, err = a.giveBack(ctx, tx, a.Held-c.Qty); err != nil {
			return c, nil, err
		}
	} else if err := a.add(ctx, tx, c.Qty-a.Held, cost); err != nil {
		return c, nil, err
	}
	ids, err := a.items(ctx, tx)
	if err != nil {
		return c, nil, err
	}
	for _, id := range ids {
		if _, err := fromTo(ctx, tx, id, Allotted, Collected); err != nil {
			return c, nil, err
		}
	}
	c.Allotment, c.Partner, c.Class, c.Promised, c.Day = a.ID, a.Partner, a.Class, promised, tx.Day()
	if err := c.write(ctx, tx); err != nil {
		return c, nil, err
	}
	c, err = FindCollection(ctx, tx, c.Number)
	return c, back, err
}

// add allots n more at the counter: what the shelf still has, then of the house.
func (a Allotment) add(ctx context.Context, tx *data.Tx, n int, cost money.Cents) error {
	ids, err := forPartner(ctx, tx, a.Class, n)
	if err != nil {
		return err
	}
	for len(ids) < n {
		it, err := offer(ctx, tx, ServeRequest{Class: a.Class, Cost: cost})
		if err != nil {
			return err
		}
		ids = append(ids, it.ID)
	}
	for _, id := range ids {
		if _, err := Allot(ctx, tx, id); err != nil {
			return err
		}
		if err := a.link(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

func (c *Collection) write(ctx context.Context, tx *data.Tx) error {
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM collections`).Scan(&c.Number); err != nil {
		return fmt.Errorf("next collection: %w", err)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO collections (number, allotment, partner, class, qty, day, at, temperature, allergens, initials, operator, auth, event)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Number, c.Allotment, c.Partner, c.Class, c.Qty, c.Day, c.At, c.Temperature, c.Allergens, c.Initials, c.Operator, c.Auth, tx.EventSeq())
	if err != nil {
		return fmt.Errorf("collection %d: %w", c.Number, err)
	}
	return nil
}

const collectionColumns = `c.number, c.allotment, c.partner, c.class, c.qty, a.qty, c.day, c.at, c.temperature, c.allergens, c.initials, c.operator, c.auth,
	(SELECT COALESCE(SUM(qty), 0) FROM collection_waste w WHERE w.number = c.number)`

func scanCollection(scan func(...any) error) (c Collection, err error) {
	return c, scan(&c.Number, &c.Allotment, &c.Partner, &c.Class, &c.Qty, &c.Promised, &c.Day, &c.At, &c.Temperature, &c.Allergens, &c.Initials,
		&c.Operator, &c.Auth, &c.Wasted)
}

// FindCollection returns a collection by the number of its slip. Errors: NotFound collection.unknown.
func FindCollection(ctx context.Context, q data.Querier, number int64) (Collection, error) {
	c, err := scanCollection(q.QueryRow(ctx, `SELECT `+collectionColumns+` FROM collections c JOIN allotments a ON a.id = c.allotment WHERE c.number = ?`, number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errCollection.With("number", number)
	}
	if err == nil {
		c.Shares, err = shares(ctx, q, c.Allotment)
	}
	if err != nil {
		return c, fmt.Errorf("collection %d: %w", number, err)
	}
	return c, nil
}

// Collections lists what left the house on the business days from one to another, both included, in the order of the slips;
// for one partner, or for all with "".
func Collections(ctx context.Context, q data.Querier, partner, from, to string) ([]Collection, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Collection, error) { return scanCollection(r.Scan) },
		`SELECT `+collectionColumns+` FROM collections c JOIN allotments a ON a.id = c.allotment
		WHERE (c.partner = ?1 OR ?1 = '') AND c.day BETWEEN ?2 AND ?3 ORDER BY c.number LIMIT -1`, partner, from, to)
	if err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	for i := range all {
		if all[i].Shares, err = shares(ctx, q, all[i].Allotment); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// shares sums the items of a collection by who bears them, in the order of the origins.
func shares(ctx context.Context, q data.Querier, allotment string) ([]Share, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (s Share, err error) {
		return s, r.Scan(&s.Origin, &s.Count, &s.Cost, &s.Funded)
	}, `SELECT i.origin, COUNT(*), SUM(i.cost), SUM(i.funded) FROM allotment_items h JOIN items i ON i.id = h.item
		WHERE h.allotment = ? GROUP BY i.origin ORDER BY INSTR('PAID SPONSOR FUND LOYALTY HOUSE', i.origin) LIMIT 10`, allotment)
	if err != nil {
		return nil, fmt.Errorf("shares of allotment %s: %w", allotment, err)
	}
	return all, nil
}

// NoteWaste writes down that qty of a collection were brought back or thrown away: for the safety of food nothing of it comes
// back to the shelf (case 83). Errors: NotFound collection.unknown; Conflict collection.waste with max.
func NoteWaste(ctx context.Context, tx *data.Tx, number int64, qty int, operator string) (Collection, error) {
	c, err := FindCollection(ctx, tx, number)
	if err != nil {
		return c, err
	}
	if qty < 1 || qty > c.Qty-c.Wasted {
		return c, errWaste.With("max", c.Qty-c.Wasted)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO collection_waste (number, nth, qty, day, operator, event)
		VALUES (?1, (SELECT COALESCE(MAX(nth), 0) + 1 FROM collection_waste WHERE number = ?1), ?2, ?3, ?4, ?5)`,
		number, qty, tx.Day(), operator, tx.EventSeq()); err != nil {
		return c, fmt.Errorf("waste of collection %d: %w", number, err)
	}
	c.Wasted += qty
	return c, nil
}

// LastCollected returns the business day a partner last collected on, "" when it never has.
func LastCollected(ctx context.Context, q data.Querier, partner string) (day string, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(day), '') FROM collections WHERE partner = ?`, partner).Scan(&day)
	return day, err
}
