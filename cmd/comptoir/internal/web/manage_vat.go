package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

const vatPath = "/manage/vat"

// vatView is the table of rates: what is charged today, what will be, and the form that changes it.
type vatView struct {
	base
	Today   string // business day
	From    string // typed, or tomorrow
	Modes   []pos.VATMode
	Rows    []vatRow
	Planned []vatPlan
	Untaxed bool // this café charges no VAT
}

// vatRow is one category.
type vatRow struct {
	Category pos.VATCategory
	Cells    []vatCell
}

// vatCell is one rate: today's, and the field it is changed in.
type vatCell struct{ Field, Now, Typed string }

// vatPlan is a rate that begins later.
type vatPlan struct{ Category, Mode, Day, Rate string }

// vatPage serves GET /manage/vat.
func (s *Server) vatPage(c *fiber.Ctx) error { return s.showVAT(c, http.StatusOK, nil) }

func (s *Server) showVAT(c *fiber.Ctx, status int, trouble *troubleView) error {
	table, err := s.till.VATTable(c.UserContext())
	if err != nil {
		return err
	}
	today := s.till.DB().Today()
	v := vatView{base: s.newBase(c, "vat.title", "manage"), Today: today, Modes: pos.VATModes()}
	v.Section, v.Trouble = "settings", trouble
	v.From = v.Typed("from", s.till.Tomorrow())
	regime := s.till.Identity().VATRegime
	v.Untaxed = regime == "franchise" || regime == "exempt_association"
	for _, category := range pos.VATCategories() {
		row := vatRow{Category: category}
		for _, mode := range v.Modes {
			field := vatField(category, mode)
			now := percentText(v.Language, rateNow(table, category, mode, today))
			row.Cells = append(row.Cells, vatCell{field, v.Rate(rateNow(table, category, mode, today)), v.Typed(field, now)})
		}
		v.Rows = append(v.Rows, row)
	}
	for _, r := range table {
		if r.From > today {
			v.Planned = append(v.Planned, vatPlan{v.T("vat.category." + string(r.Category)), v.T("vat.mode." + string(r.Mode)), v.LongDay(r.From), v.Rate(r.BP)})
		}
	}
	return s.page(c, status, "manage_vat", v)
}

func vatField(c pos.VATCategory, m pos.VATMode) string { return string(c) + "." + string(m) }

// rateNow is the rate of a cell today: the table is by day.
func rateNow(table []pos.VATRate, c pos.VATCategory, m pos.VATMode, today string) (bp money.BasisPoints) {
	for _, r := range table {
		if r.Category == c && r.Mode == m && r.From <= today {
			bp = r.BP
		}
	}
	return bp
}

// percentText is a rate as it is typed, without its sign.
func percentText(l *locale.Language, bp money.BasisPoints) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(l.Rate(bp), "\u00a0", " "), "%"))
}

// changeVAT serves POST /manage/vat.
func (s *Server) changeVAT(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showVAT(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	table, err := s.till.VATTable(c.UserContext())
	if err != nil {
		return err
	}
	r := pos.VATChange{From: strings.TrimSpace(c.FormValue("from"))}
	wrong := fault.New(fault.Invalid, "vat.invalid", "Some rates cannot be read.")
	today := s.till.DB().Today()
	for _, category := range pos.VATCategories() {
		for _, mode := range pos.VATModes() {
			field := vatField(category, mode)
			text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(c.FormValue(field)), "%"))
			percent, err := money.Parse(text) // hundredths of a percent are basis points, as cents are of an euro
			if err != nil {
				wrong = wrong.Field(field, "rate")
				continue
			}
			if bp := money.BasisPoints(percent); bp != rateNow(table, category, mode, today) || planned(table, category, mode, r.From) {
				r.Rates = append(r.Rates, pos.VATRate{Category: category, Mode: mode, BP: bp})
			}
		}
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	changed, err := s.till.ChangeVAT(c.UserContext(), by, r)
	switch {
	case err != nil:
		return err
	case changed == 0:
		return s.done(c, vatPath, "vat_same")
	}
	return s.done(c, vatPath, "vat_saved")
}

// planned reports whether a cell is to change between today and a day: a form that shows today's rate takes that back only for
// the day it names.
func planned(table []pos.VATRate, c pos.VATCategory, m pos.VATMode, day string) bool {
	return slices.ContainsFunc(table, func(r pos.VATRate) bool { return r.Category == c && r.Mode == m && r.From == day })
}
