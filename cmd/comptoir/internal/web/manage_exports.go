package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/export"
)

const exportsPath = "/manage/exports"

// exportsView is what the accountant takes away: which days, which file, and what was taken before.
type exportsView struct {
	base
	From, To string // business days, as they were chosen
	Open     string // the day that is open: it is in no file
	Periods  []periodView
	Files    []fileView
	Made     []madeView
	Ready    *madeView // the one just made
}

// periodView is a range that is often asked for.
type periodView struct {
	Name, Link string
	Hint       string // until when it is to be sent
	Here       bool
}

// fileView is one kind of file, and the forms it is written in.
type fileView struct {
	Kind  export.Kind
	Icon  string
	Forms []string
}

// madeView is a file that was handed out.
type madeView struct {
	pos.Exported

	Size string
}

// exportsPage serves GET /manage/exports?from=&to=.
func (s *Server) exportsPage(c *fiber.Ctx) error { return s.showExports(c, http.StatusOK, nil) }

func (s *Server) showExports(c *fiber.Ctx, status int, trouble *troubleView) error {
	made, err := s.till.Exports(c.UserContext(), exportsListed)
	if err != nil {
		return err
	}
	first, _, err := s.till.Closed(c.UserContext())
	if err != nil {
		return err
	}
	open := s.till.DB().Today()
	v := exportsView{base: s.newBase(c, "exports.title", "manage"), Open: open}
	v.Section, v.Trouble = "exports", trouble
	usual := monthAround(open, -1)
	if usual[1] < first { // the café is younger than that
		usual = monthAround(open, 0)
	}
	v.From, v.To = chosenDay(c, "from", usual[0]), chosenDay(c, "to", usual[1])
	v.periods(s.till.Identity().VATRegime, first)
	for _, k := range export.Kinds() {
		v.Files = append(v.Files, fileView{k, fileIcon(k), export.Forms(k)})
	}
	for _, m := range made {
		one := madeView{m, v.size(m.Size)}
		if c.Query("made") == strconv.FormatInt(m.N, 10) {
			v.Ready = &one
		}
		v.Made = append(v.Made, one)
	}
	return s.page(c, status, "manage_exports", v)
}

// chosenDay is what was typed into a field, or asked for in the address.
func chosenDay(c *fiber.Ctx, name, fallback string) string {
	if text := c.FormValue(name); text != "" {
		return text
	}
	return c.Query(name, fallback)
}

// periods are the ranges that are often asked for, and those of e-reporting (fiscal R105); none that was over before the
// café's first day.
func (v *exportsView) periods(regime, first string) {
	month := monthAround(v.Open, 0)
	quarter := quarterOf(v.Open)
	year := [2]string{v.Open[:4] + "-01-01", v.Open[:4] + "-12-31"}
	add := func(name, hint string, days [2]string) {
		if days[1] < first {
			return
		}
		link := exportsPath + "?" + url.Values{"from": {days[0]}, "to": {days[1]}}.Encode()
		v.Periods = append(v.Periods, periodView{name, link, hint, days == [2]string{v.From, v.To}})
	}
	before := monthAround(v.Open, -1)
	add(v.Month(before[0]), "", before)
	add(v.Month(month[0]), "", month)
	add(v.T("exports.quarter"), "", quarter)
	add(v.T("exports.year", "year", v.Open[:4]), "", year)
	for _, p := range export.ReportingPeriods(regime, v.Open) {
		add(v.T("exports.reporting", "from", v.DayMonth(p.From), "to", v.DayMonth(p.To)), v.T("exports.until", "day", v.DayMonth(p.Until)), [2]string{p.From, p.To})
	}
}

// monthAround returns the first and the last day of the month of a day, or of one so many months from it.
func monthAround(day string, months int) [2]string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return [2]string{day, day}
	}
	first := time.Date(at.Year(), at.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return [2]string{first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)}
}

// quarterOf returns the first and the last day of the quarter of a day.
func quarterOf(day string) [2]string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return [2]string{day, day}
	}
	first := time.Date(at.Year(), (at.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	return [2]string{first.Format(time.DateOnly), first.AddDate(0, 3, -1).Format(time.DateOnly)}
}

func fileIcon(k export.Kind) string {
	switch k {
	case export.FEC:
		return "landmark"
	case export.EReporting:
		return "send"
	case export.Takings:
		return "list"
	case export.CashBook:
		return "banknote"
	case export.Solidarity:
		return "hand-heart"
	}
	return "file-text"
}

// size words how large a file is: never nothing.
func (v exportsView) size(bytes int64) string {
	const kilo = 1000
	return v.T("exports.size", "n", v.Number(int((bytes+kilo-1)/kilo)))
}

// makeExport serves POST /manage/exports: the file is made and journaled, and waits in the list.
func (s *Server) makeExport(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showExports(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	kind, form, ok := strings.Cut(c.FormValue("file"), ".")
	if !ok {
		return errFile
	}
	r := pos.ExportRequest{Kind: export.Kind(kind), Form: form, From: c.FormValue("from"), To: c.FormValue("to"), NewestPlan: c.FormValue("newest_plan") != ""}
	f, err := s.till.Export(c.UserContext(), by, r)
	if err != nil {
		return err
	}
	q := url.Values{"from": {r.From}, "to": {r.To}, "made": {strconv.FormatInt(f.N, 10)}}
	return c.Redirect(exportsPath+"?"+q.Encode(), http.StatusSeeOther)
}

// errFile is told to a form that names no file.
var errFile = fault.New(fault.Invalid, "export.kind", "There is no such file, or not in this form.")

// exportedFile serves GET /manage/exports/{n}: the same bytes that were handed out first.
func (s *Server) exportedFile(c *fiber.Ctx) error {
	f, err := s.exported(c)
	if err != nil {
		return err
	}
	return sendExport(c, f)
}
