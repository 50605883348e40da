package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// ConversionRequest makes items of one class out of those of another.
type ConversionRequest struct {
	From string `json:"from"`
	To   string `json:"to"`
	Qty  int    `json:"qty"` // made of the other class; 0 is 1
}

// ConversionResult is what that came to.
type ConversionResult struct {
	Used    int      `json:"used"`    // of the class that is left, converted
	Made    int      `json:"made"`    // of the other, on the shelf
	Origins []string `json:"origins"` // of those made, one each: that of all it was made of
}

// sparing is how many coffees a barista may turn into what somebody asks for, while none of its class waits (case 58).
const sparing = 2

// errConvertQty is told to whoever asks for none, or for more than anybody holds.
var errConvertQty = fault.New(fault.Invalid, "convert.quantity", "Say how many are to be made.").Field("qty", codeRange).With("max", maxLineQty)

// Convert makes meals out of coffees, or items of any class out of those of another but meals (case 59): as many of one origin
// as pay together for a gift of it, those first whose turn it is. All that was paid for them stays with what they become: there
// is no remainder. A manager does it. Refusals: right.missing, convert.class, convert.quantity, class.unknown, class.withdrawn,
// convert.few (args have, need; then nothing is converted).
func (t *Till) Convert(ctx context.Context, by By, r ConversionRequest) (ConversionResult, error) {
	if err := by.mustManage(); err != nil {
		return ConversionResult{}, err
	}
	if r.Qty == 0 {
		r.Qty = 1
	}
	if r.Qty < 1 || r.Qty > maxLineQty {
		return ConversionResult{}, errConvertQty
	}
	made, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ConversionResult, error) {
		if err := t.forReal(tx, by); err != nil {
			return ConversionResult{}, err
		}
		result := ConversionResult{Origins: []string{}}
		var journaled []int64
		var items []string
		for range r.Qty {
			c, made, err := t.convertOne(ctx, tx, by, suspended.ConvertRequest{From: r.From, To: r.To})
			if err != nil {
				return ConversionResult{}, err
			}
			result.add(c)
			journaled, items = append(journaled, made...), append(items, c.Into.ID)
		}
		return result, tx.Record(data.Event{Type: "shelf.converted", Topics: []string{"shelf"}, Body: map[string]any{"journal": journaled, "items": items}})
	})
	return made, err
}

func (r *ConversionResult) add(c suspended.Conversion) {
	r.Used, r.Made, r.Origins = r.Used+len(c.From), r.Made+1, append(r.Origins, string(c.Into.Origin))
}

// convertOne makes one, and journals what moved: so many less of one class, one more of the other.
func (t *Till) convertOne(ctx context.Context, tx *data.Tx, by By, r suspended.ConvertRequest) (suspended.Conversion, []int64, error) {
	menu, err := t.loadedMenu(ctx, tx)
	if err != nil {
		return suspended.Conversion{}, nil, err
	}
	r.Price, r.Cost = menu.gift(r.To)
	c, err := suspended.Convert(ctx, tx, r)
	if err != nil {
		return c, nil, err
	}
	var made []int64
	for _, b := range []journal.AdjustBody{
		{Class: r.From, Qty: -int64(len(c.From))},
		{Class: r.To, Qty: 1},
	} {
		b.Auth, b.Cause, b.Origin = by.Operator.Code, journal.AdjustConverted, string(c.Into.Origin)
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindSuspAdjust, Op: by.Operator.Code, Body: b})
		if err != nil {
			return c, nil, err
		}
		made = append(made, e.Seq)
	}
	return c, made, nil
}

// gift returns what one of a class costs who gives it, the least of its products, and the standard cost of that one; zero
// when no product is of the class.
func (m Menu) gift(class string) (price, cost money.Cents) {
	for _, p := range m.Products {
		if p.SuspendClass == class && !p.Archived && (price == 0 || p.GiftPrice < price) {
			price, cost = p.GiftPrice, p.Cost
		}
	}
	return price, cost
}

// spare turns two coffees into what somebody asks for when none of its class waits and they pay for it; false when the house
// offers it instead (case 58). Nobody hears of it.
func (s *settlement) spare(ctx context.Context, tx *data.Tx, class string) (bool, error) {
	waiting, err := suspended.Waiting(ctx, tx, class)
	if err != nil || waiting > 0 || class == classCoffee {
		return false, err
	}
	_, made, err := s.till.convertOne(ctx, tx, s.by, suspended.ConvertRequest{From: classCoffee, To: class, Most: sparing})
	switch fault.CodeOf(err) {
	case "convert.few", "convert.class", "class.withdrawn":
		return false, nil
	}
	s.journal = append(s.journal, made...)
	return err == nil, err
}

// ClassChange is what withdrawing a class came to.
type ClassChange struct {
	Class     string `json:"class"`
	Successor string `json:"successor"` // empty: it is given again
	Converted int    `json:"converted"` // items that became others
	Made      int    `json:"made"`      // of the successor
	Left      int    `json:"left"`      // items that did not pay for one more: they are served to the last
}

// WithdrawClass ends the giving of a class (case 59): its products are given no more, what waits becomes items of its successor
// as far as it pays for them, and the rest is served to the last. With an empty successor the class is given again. Meals are
// never withdrawn: cards give meals. A manager does it. Refusals: right.missing, convert.class, class.unknown, class.withdrawn.
func (t *Till) WithdrawClass(ctx context.Context, by By, class, successor string) (ClassChange, error) {
	if err := by.mustManage(); err != nil {
		return ClassChange{}, err
	}
	changed, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ClassChange, error) {
		if err := t.forReal(tx, by); err != nil {
			return ClassChange{}, err
		}
		if err := suspended.Withdraw(ctx, tx, class, successor); err != nil {
			return ClassChange{}, err
		}
		r := ClassChange{Class: class, Successor: successor}
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Body: journal.EventBody{
			Code: journal.EventConfigChange, Data: map[string]any{"what": "class", "class": class, "successor": successor}}})
		if err != nil {
			return r, err
		}
		journaled := []int64{e.Seq}
		var all ConversionResult
		for successor != "" {
			c, made, err := t.convertOne(ctx, tx, by, suspended.ConvertRequest{From: class, To: successor})
			if fault.CodeOf(err) == "convert.few" || fault.CodeOf(err) == "convert.class" { // too little is left, or nothing on the menu is of that class
				break
			}
			if err != nil {
				return r, err
			}
			all.add(c)
			journaled = append(journaled, made...)
		}
		r.Converted, r.Made = all.Used, all.Made
		if r.Left, err = suspended.Waiting(ctx, tx, class); err != nil {
			return r, err
		}
		return r, tx.Record(data.Event{Type: "shelf.class", Topics: []string{"shelf", "menu"}, Body: map[string]any{"journal": journaled, "class": class, "successor": successor}})
	})
	return changed, err
}

// mayGive refuses a gift of a class that is withdrawn. Refusal: class.withdrawn (args class, successor).
func mayGive(ctx context.Context, q data.Querier, class string) error {
	successor, withdrawn, err := suspended.Successor(ctx, q, class)
	if err == nil && withdrawn {
		return fault.New(fault.Conflict, "class.withdrawn", "This class is withdrawn; its successor is given instead.").With("class", class).With("successor", successor)
	}
	return err
}

// Withdrawn lists the classes that are given no more, each with its successor.
func (t *Till) Withdrawn(ctx context.Context) (map[string]string, error) {
	return withdrawn(ctx, t.db.Reader())
}

func withdrawn(ctx context.Context, q data.Querier) (map[string]string, error) {
	classes, err := suspended.Classes(ctx, q)
	if err != nil {
		return nil, err
	}
	gone := map[string]string{}
	for _, c := range classes {
		successor, is, err := suspended.Successor(ctx, q, c.Code)
		if err != nil {
			return nil, err
		}
		if is {
			gone[c.Code] = successor
		}
	}
	return gone, nil
}
