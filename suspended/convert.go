package suspended

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

var (
	errConvertClass = fault.New(fault.Invalid, "convert.class", "Items become items of another class, and meals do not: cards give meals.").Field("from", "one_of")
	errConvertFew   = fault.New(fault.Conflict, "convert.few", "What waits of one origin does not pay for one of the other class.")
	errWithdrawn    = fault.New(fault.Conflict, "class.withdrawn", "This class is withdrawn; its successor is given instead.")
)

// ConvertRequest asks for one item of another class.
type ConvertRequest struct {
	From, To string
	Price    money.Cents // of a gift of To: what the items that go must have been paid together
	Cost     money.Cents // standard cost of To, a memo
	Most     int         // items that may go; 0: as many as it takes
}

// Conversion is what became of what.
type Conversion struct {
	From []Item // converted, of one origin
	Into Item   // on the shelf
}

const conversionPrefix = "conv:"

// Convert makes one item of a class out of the items of another whose turn it is (cases 58 and 59): as many of one origin as
// pay for a gift of it. The new one has that origin, and all that was paid for them: nothing is lost, and no money is left
// over. What nobody has paid for is not converted, so that no release of a card ever is.
// Errors: Invalid convert.class; NotFound class.unknown; Conflict class.withdrawn, convert.few (args have, need).
func Convert(ctx context.Context, tx *data.Tx, r ConvertRequest) (Conversion, error) {
	if r.From == r.To || r.From == Meal || r.Price <= 0 {
		return Conversion{}, errConvertClass
	}
	if err := requireClass(ctx, tx, r.From); err != nil {
		return Conversion{}, err
	}
	if successor, withdrawn, err := Successor(ctx, tx, r.To); err != nil || withdrawn {
		if err == nil {
			err = errWithdrawn.With("class", r.To).With("successor", successor)
		}
		return Conversion{}, err
	}
	ids, err := enough(ctx, tx, r)
	if err != nil {
		return Conversion{}, err
	}
	var c Conversion
	if c.From, err = findAll(ctx, tx, ids); err != nil {
		return c, err
	}
	into := Item{Class: r.To, Origin: c.From[0].Origin, Cost: r.Cost}
	for i := range c.From {
		into.Funded += c.From[i].Funded
		if c.From[i], err = advance(ctx, tx, c.From[i], ByConversion, Converted); err != nil {
			return c, err
		}
	}
	c.Into, err = createConverted(ctx, tx, into, c.From)
	return c, err
}

// enough picks the items that pay for one of the other class: of the origin whose turn it is, or of the next that has enough.
func enough(ctx context.Context, tx *data.Tx, r ConvertRequest) (ids []string, err error) {
	type pile struct {
		ids    []string
		funded money.Cents
	}
	piles := make(map[Origin]*pile)
	var best money.Cents
	err = data.Each(ctx, tx, func(rows *data.Rows) error {
		var id string
		var origin Origin
		var funded money.Cents
		if err := rows.Scan(&id, &origin, &funded); err != nil || ids != nil {
			return err
		}
		p := piles[origin]
		if p == nil {
			p = &pile{}
			piles[origin] = p
		}
		if r.Most > 0 && len(p.ids) == r.Most {
			return nil
		}
		p.ids, p.funded = append(p.ids, id), p.funded+funded
		if best = max(best, p.funded); p.funded >= r.Price {
			ids = p.ids
		}
		return nil
	}, `SELECT s.item, s.origin, i.funded FROM shelf s JOIN items i ON i.id = s.item
		WHERE s.class = ? AND s.state = 'AVAILABLE' AND i.funded > 0
		ORDER BY CASE s.origin WHEN 'FUND' THEN 2 WHEN 'SPONSOR' THEN 3 ELSE 1 END, s.created LIMIT 10000`, r.From)
	if err != nil {
		return nil, fmt.Errorf("items of %s to convert: %w", r.From, err)
	}
	if ids == nil {
		return nil, errConvertFew.With("have", best).With("need", r.Price)
	}
	return ids, nil
}

func createConverted(ctx context.Context, tx *data.Tx, into Item, from []Item) (Item, error) {
	prefix := conversionPrefix + strconv.FormatInt(tx.EventSeq(), 10) + "."
	var nth int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) + 1 FROM items WHERE id >= ? AND id < ?`, prefix, until(prefix)).Scan(&nth)
	if err != nil {
		return Item{}, fmt.Errorf("next conversion: %w", err)
	}
	into.ID = prefix + strconv.Itoa(nth)
	if into, err = create(ctx, tx, into, nth, ByConversion); err != nil {
		return Item{}, err
	}
	for _, it := range from {
		if _, err := tx.Exec(ctx, `INSERT INTO conversions (item, into_item, event) VALUES (?, ?, ?)`, it.ID, into.ID, tx.EventSeq()); err != nil {
			return Item{}, fmt.Errorf("conversion of %s: %w", it.ID, err)
		}
	}
	return into, nil
}

// Withdraw ends the giving of a class (case 59): successor takes its place, and what waits of it is converted or served to its
// end. With an empty successor it is given again. Meals are never withdrawn: cards give meals.
// Errors: NotFound class.unknown; Invalid convert.class; Conflict class.withdrawn when the successor is.
func Withdraw(ctx context.Context, tx *data.Tx, class, successor string) error {
	if class == Meal || class == successor {
		return errConvertClass
	}
	if err := requireClass(ctx, tx, class); err != nil {
		return err
	}
	if successor != "" {
		if err := requireClass(ctx, tx, successor); err != nil {
			return err
		}
		if next, withdrawn, err := Successor(ctx, tx, successor); err != nil || withdrawn {
			if err == nil {
				err = errWithdrawn.With("class", successor).With("successor", next)
			}
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO class_changes (event, class, successor, day) VALUES (?, ?, nullif(?, ''), ?)`, tx.EventSeq(), class, successor, tx.Day())
	if err != nil {
		return fmt.Errorf("withdraw %s: %w", class, err)
	}
	return nil
}

// Successor returns which class takes the place of one, when that is withdrawn.
func Successor(ctx context.Context, q data.Querier, class string) (successor string, withdrawn bool, err error) {
	all, err := data.All(ctx, q, scanID, `SELECT COALESCE(successor, '') FROM class_changes WHERE class = ? ORDER BY event DESC LIMIT 1`, class)
	if err != nil {
		return "", false, fmt.Errorf("successor of %s: %w", class, err)
	}
	if len(all) == 0 || all[0] == "" {
		return "", false, nil
	}
	return all[0], true, nil
}

// ConvertedOn lists the classes of which something was converted on a business day.
func ConvertedOn(ctx context.Context, q data.Querier, day string) ([]string, error) {
	all, err := data.All(ctx, q, scanID, `SELECT DISTINCT i.class FROM item_events e JOIN items i ON i.id = e.item
		WHERE e.day = ? AND e.became = 'CONVERTED' ORDER BY i.class LIMIT 100`, day)
	if err != nil {
		return nil, fmt.Errorf("converted on %s: %w", day, err)
	}
	return all, nil
}

// checkConversions holds that what was converted became one item of the same origin, for all that was paid for it, and that no
// item comes of a conversion that did not take place.
func checkConversions(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, scanID, `
		SELECT 'item ' || s.item || ' is converted, and into nothing' FROM shelf s
		WHERE s.state = 'CONVERTED' AND NOT EXISTS (SELECT 1 FROM conversions c WHERE c.item = s.item)
		UNION ALL SELECT 'item ' || c.item || ' became ' || c.into_item || ', and is ' || s.state FROM conversions c
		JOIN shelf s ON s.item = c.item WHERE s.state <> 'CONVERTED'
		UNION ALL SELECT 'item ' || i.id || ' has ' || i.funded || ', what became it had ' || COALESCE(SUM(p.funded), 0) FROM items i
		LEFT JOIN conversions c ON c.into_item = i.id LEFT JOIN items p ON p.id = c.item AND p.origin = i.origin
		WHERE i.id >= 'conv:' AND i.id < 'conv;' GROUP BY i.id HAVING COALESCE(SUM(p.funded), 0) <> i.funded OR COUNT(*) <> COUNT(p.id)
		UNION ALL SELECT 'item ' || c.into_item || ' came of ' || c.item || ', and is not named so' FROM conversions c
		WHERE NOT (c.into_item >= 'conv:' AND c.into_item < 'conv;')
		ORDER BY 1 LIMIT -1`)
}

func isConverted(id string) bool { return strings.HasPrefix(id, conversionPrefix) }
