package web

import (
	"maps"
	"slices"

	"comptoir/data/money"
	"comptoir/pos"
)

// inverse is a command that takes another one back.
type inverse struct {
	Kind string         `json:"kind"`
	Args map[string]any `json:"args"`
}

// undoOf returns what takes a command back, found by comparing the ticket before and after it. It is a comfort of
// the page: when another till changed the ticket in between (the version grew by more than one), there is none.
func undoOf(before, after pos.Ticket) []inverse {
	if before.ID == "" || before.ID != after.ID || after.Version != before.Version+1 {
		return nil
	}
	switch {
	case before.Mode != after.Mode:
		return []inverse{{"mode", map[string]any{"mode": before.Mode}}}
	case before.Name != after.Name:
		return []inverse{{"name", map[string]any{"name": before.Name}}}
	}
	if cards := undoCards(before, after); cards != nil {
		return cards
	}
	if given := undoRoundUps(before, after); given != nil {
		return given
	}
	var all []inverse
	for _, l := range after.Lines {
		i := slices.IndexFunc(before.Lines, func(o pos.Line) bool { return o.ID == l.ID })
		if i < 0 {
			all = append(all, inverse{"remove", map[string]any{"line": l.ID}})
			continue
		}
		all = append(all, undoLine(before.Lines[i], l)...)
	}
	for _, l := range before.Lines {
		if !slices.ContainsFunc(after.Lines, func(o pos.Line) bool { return o.ID == l.ID }) {
			all = append(all, addAgain(l))
		}
	}
	return all
}

// undoLine takes back what has changed in one line. What was added is taken off again, rather than the old quantity
// set: another till may have added meanwhile.
func undoLine(old, now pos.Line) []inverse {
	if old.Qty == now.Qty && discountOf(old) != discountOf(now) {
		return []inverse{undoDiscount(old, now.ID)}
	}
	if !slices.Equal(old.Options, now.Options) || old.Note != now.Note {
		return []inverse{{"change", map[string]any{"line": now.ID, "note": old.Note, "options": optionIDs(old)}}}
	}
	switch {
	case now.Sent || now.Qty == old.Qty:
		return nil
	case now.Qty > old.Qty:
		return []inverse{{"remove", map[string]any{"line": now.ID, "qty": now.Qty - old.Qty}}}
	}
	return []inverse{{"qty", map[string]any{"line": now.ID, "qty": old.Qty}}}
}

// undoCards takes back what has changed in who stamps the meals; nil when nothing has.
func undoCards(before, after pos.Ticket) []inverse {
	card := func(number string, units ...int) inverse {
		args := map[string]any{"code": number}
		if len(units) > 0 {
			args["units"] = units[0]
		}
		return inverse{"card", args}
	}
	at := func(all []pos.TicketCard, number string) int {
		return slices.IndexFunc(all, func(c pos.TicketCard) bool { return c.Number == number })
	}
	var come, gone, others []inverse
	for i, c := range after.Cards {
		switch was := at(before.Cards, c.Number); {
		case was < 0:
			come = append(come, card(c.Number, 0))
		case i > 0 && before.Cards[was].Units != c.Units && before.MealUnits == after.MealUnits:
			others = append(others, card(c.Number, before.Cards[was].Units))
		}
	}
	for _, c := range before.Cards {
		if at(after.Cards, c.Number) < 0 {
			gone = append(gone, card(c.Number, max(1, c.Units)))
		}
	}
	switch {
	case len(come) > 0 && len(before.Cards) == 0:
		return []inverse{card("")}
	case len(gone) > 0 && len(before.Cards) == 1:
		return []inverse{card(before.Cards[0].Number)}
	case len(come)+len(gone) > 0:
		return append(come, gone...)
	}
	return others
}

// undoRoundUps takes back what has changed in what is given; nil when nothing has.
func undoRoundUps(before, after pos.Ticket) []inverse {
	amounts := map[string]money.Cents{}
	for _, r := range after.RoundUps {
		amounts[r.To] = 0
	}
	for _, r := range before.RoundUps {
		amounts[r.To] = r.Amount
	}
	for _, r := range after.RoundUps {
		if amounts[r.To] == r.Amount {
			delete(amounts, r.To)
		}
	}
	var all []inverse
	for _, to := range slices.Sorted(maps.Keys(amounts)) {
		all = append(all, inverse{"round-up", map[string]any{"to": to, "value": amounts[to].String()}})
	}
	return all
}

// addAgain rings a line anew, at today's price: a line taken off is not kept anywhere.
func addAgain(l pos.Line) inverse {
	kind := "add"
	if l.Kind == pos.LineGift {
		kind = "gift"
	}
	args := map[string]any{"product": l.Product, "qty": l.Qty, "options": optionIDs(l), "note": l.Note}
	if l.Discount > 0 {
		maps.Copy(args, discountArgs(l))
	}
	return inverse{kind, args}
}

// discountOf is the rule of a line's discount, to be compared. With other choices the same percentage is another sum.
func discountOf(l pos.Line) (rule struct {
	percent int
	off     money.Cents
	reason  string
},
) {
	rule.percent, rule.reason = l.DiscountPercent, l.DiscountReason
	if l.DiscountPercent == 0 {
		rule.off = l.Discount
	}
	return rule
}

func optionIDs(l pos.Line) []string {
	ids := make([]string, len(l.Options))
	for i, o := range l.Options {
		ids[i] = o.ID
	}
	return ids
}
