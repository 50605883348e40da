package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

const flagsPath = "/manage/flags"

// flagsView is what a manager may want to look at: counts and limits, no verdict.
type flagsView struct {
	base
	Flags  []flagView
	Ratios ratioTable
}

// flagView is one flag in words.
type flagView struct {
	pos.Flag

	Text string
}

// ratioTable sets what each operator serves beside what they sell for cash.
type ratioTable struct {
	*locale.Language
	Rows []ratioRow
}

type ratioRow struct {
	Who, Served, Cash, Undone, Ratio, Limit string
	Beyond                                  bool
}

func (b base) ratioTable(all []pos.ServingRatio) ratioTable {
	v := ratioTable{Language: b.Language}
	for _, r := range all {
		row := ratioRow{Who: b.Who(r.Operator), Served: b.Number(r.Served), Cash: b.Number(r.Cash), Undone: b.Number(r.Undone), Ratio: b.Rate(r.Ratio), Beyond: r.Beyond}
		if r.Limit > 0 {
			row.Limit = b.Rate(r.Limit)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// flagsPage serves GET /manage/flags.
func (s *Server) flagsPage(c *fiber.Ctx) error { return s.showFlags(c, http.StatusOK, nil) }

func (s *Server) showFlags(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	v := flagsView{base: s.newBase(c, "flags.title", "manage")}
	v.Section, v.Part, v.Trouble = "solidarity", "flags", trouble
	found, err := s.till.Flags(ctx)
	if err != nil {
		return err
	}
	for _, f := range found {
		v.Flags = append(v.Flags, flagView{f, v.flagText(f)})
	}
	all, err := s.till.ServingRatios(ctx)
	if err != nil {
		return err
	}
	v.Ratios = v.ratioTable(all)
	return s.page(c, status, "manage_flags", v)
}

func (v flagsView) flagText(f pos.Flag) string {
	switch f.Kind {
	case pos.FlagRatio:
		return v.T("flags.is_ratio", "who", v.Who(f.Who), "ratio", v.Rate(f.Basis()), "limit", v.Rate(f.BasisLimit()))
	case pos.FlagUnits, pos.FlagClaims:
		return v.T("flags.is_"+string(f.Kind), "card", f.Who, "count", v.Number(f.Count), "limit", v.Number(f.Limit))
	case pos.FlagUndone, pos.FlagRefunds:
	}
	return v.T("flags.is_"+string(f.Kind), "count", v.Number(f.Count), "limit", v.Number(f.Limit))
}

// seeFlag serves POST /manage/flags: somebody has looked at one.
func (s *Server) seeFlag(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showFlags(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.SeeFlag(c.UserContext(), by, c.FormValue("flag")); err != nil {
		return err
	}
	return s.done(c, flagsPath, "flag_seen")
}

// watchView is what a closing, or a reading of the day, says beside its document: the tokens, the gifts given back, and for
// who keeps the books the ratios.
type watchView struct {
	*locale.Language
	Ratios  ratioTable
	Refunds []refundRow
	Tokens  []tokenSums
}

type refundRow struct{ Number, Who, What string }

// None reports whether there is nothing to say.
func (v watchView) None() bool { return len(v.Ratios.Rows)+len(v.Refunds)+len(v.Tokens) == 0 }

// dayWatch words what was served and given back on the business days from one to another.
func (s *Server) dayWatch(c *fiber.Ctx, b base, from, to string) (*watchView, error) {
	w, err := s.till.DayWatch(c.UserContext(), from, to)
	if err != nil {
		return nil, err
	}
	v := &watchView{Language: b.Language}
	if b.Operator.Role != pos.RoleBarista {
		v.Ratios = b.ratioTable(w.Ratios)
	}
	for _, r := range w.Refunds {
		v.Refunds = append(v.Refunds, refundRow{r.Number, b.Who(r.Operator), b.N("class.count."+r.Class, r.Qty)})
	}
	if w.Shift != nil && to == s.today() {
		w.Tokens = append(w.Tokens, *w.Shift)
	}
	for i := range w.Tokens {
		v.Tokens = append(v.Tokens, b.TokenSums(&w.Tokens[i]))
	}
	return v, nil
}
