package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// tokenSums is what was counted of the tokens beside what was served; a number that is empty was not counted.
type tokenSums struct {
	*locale.Language
	Out, Left, Box, Difference, Home string
	Served, Outstanding              string
}

// TokenSums words the tokens of a shift.
func (b base) TokenSums(v *pos.Tokens) tokenSums {
	counted := func(n *int) string {
		if n == nil {
			return ""
		}
		return b.Number(*n)
	}
	return tokenSums{Language: b.Language, Out: counted(v.Out), Left: counted(v.Left), Box: counted(v.Box), Difference: counted(v.Difference),
		Home: counted(v.Home), Served: b.Number(v.Served), Outstanding: b.Number(v.Outstanding)}
}

// tokenField is one number to count.
type tokenField struct{ Name, Label, Value string }

// TokenFields are the numbers to count, blind: what was served by token is told only beside them.
func (v shiftView) TokenFields() []tokenField {
	var c pos.TokenCount
	if v.Shift.Tokens != nil {
		c = v.Shift.Tokens.TokenCount
	}
	var all []tokenField
	for _, f := range []struct {
		name string
		n    *int
	}{{"out", c.Out}, {"left", c.Left}, {"box", c.Box}} {
		value := ""
		if f.n != nil {
			value = strconv.Itoa(*f.n)
		}
		all = append(all, tokenField{"tokens-" + f.name, v.T("tokens." + f.name), value})
	}
	return all
}

var errTokens = fault.New(fault.Invalid, "tokens.invalid", "Count the tokens in whole pieces.")

// parseTokens reads a count of a form; nil when it was left empty, for tokens need not be counted.
func parseTokens(c *fiber.Ctx, field string) (*int, error) {
	text := strings.TrimSpace(c.FormValue(field))
	if text == "" {
		return nil, nil //nolint:nilnil // an empty field is a count that was not made, and no mistake
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, errTokens.Field(field, "number")
	}
	return &n, nil
}

// countTokens serves POST /shift/tokens.
func (s *Server) countTokens(c *fiber.Ctx) error {
	l := s.language(c)
	onRefusal(c, func(status int, t *troubleView) error {
		for _, name := range []string{"out", "left", "box"} {
			t.Rename(name, "tokens-"+name, l.T("tokens."+name))
		}
		return s.showShift(c, status, shiftState{trouble: t})
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var count pos.TokenCount
	for name, into := range map[string]**int{"out": &count.Out, "left": &count.Left, "box": &count.Box} {
		if *into, err = parseTokens(c, "tokens-"+name); err != nil {
			return err
		}
	}
	if _, err := s.till.CountTokens(c.UserContext(), by, count); err != nil {
		return err
	}
	return s.done(c, "/shift", "tokens_counted")
}
