package web

import (
	"slices"

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
	case cardNumber(before) != cardNumber(after):
		return []inverse{{"card", map[string]any{"code": cardNumber(before)}}}
	}
	var all []inverse
	for _, l := range after.Lines {
		i := slices.IndexFunc(before.Lines, func(o pos.Line) bool { return o.ID == l.ID })
		switch {
		case i < 0:
			all = append(all, inverse{"remove", map[string]any{"line": l.ID}})
		case before.Lines[i].Qty != l.Qty && !l.Sent:
			all = append(all, inverse{"qty", map[string]any{"line": l.ID, "qty": before.Lines[i].Qty}})
		case before.Lines[i].Note != l.Note:
			all = append(all, inverse{"note", map[string]any{"line": l.ID, "note": before.Lines[i].Note}})
		}
	}
	for _, l := range before.Lines {
		if !slices.ContainsFunc(after.Lines, func(o pos.Line) bool { return o.ID == l.ID }) {
			all = append(all, addAgain(l))
		}
	}
	return all
}

func cardNumber(tk pos.Ticket) string {
	if tk.Card == nil {
		return ""
	}
	return tk.Card.Number
}

// addAgain rings a line anew, at today's price: a line taken off is not kept anywhere.
func addAgain(l pos.Line) inverse {
	options := make([]string, len(l.Options))
	for i, o := range l.Options {
		options[i] = o.ID
	}
	kind := "add"
	if l.Kind == pos.LineGift {
		kind = "gift"
	}
	return inverse{kind, map[string]any{"product": l.Product, "qty": l.Qty, "options": options, "note": l.Note}}
}
