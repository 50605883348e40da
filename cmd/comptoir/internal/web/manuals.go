package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

const manualsPath = "/manuals"

var errNoManual = fault.New(fault.NotFound, "manual.unknown", "There is no such manual.")

// manuals lists the manuals that the law asks for (fiscal R7), in the order in which they are read. Their text is
// French whatever the language of the page: they are handed to an administration.
func manuals() []string { return []string{"user", "closing", "tax", "crypto"} }

// manualView is one manual, or the list of them.
type manualView struct {
	base
	Manual  string // empty: the list
	Manuals []string

	Software, Core, Source string
	CutOff                 string // end of a business day on the café's wall clock, "4 h"
	FiscalStart            string // first day of the fiscal year, "1er janvier"
}

// manualsPage serves GET /manuals.
func (s *Server) manualsPage(c *fiber.Ctx) error {
	return s.page(c, http.StatusOK, "manuals", s.manual(c, "", "manuals.title"))
}

// manualPage serves GET /manuals/:name.
func (s *Server) manualPage(c *fiber.Ctx) error {
	for _, name := range manuals() {
		if c.Params("name") == name {
			return s.page(c, http.StatusOK, "manual_"+name, s.manual(c, name, "manuals."+name))
		}
	}
	return errNoManual
}

func (s *Server) manual(c *fiber.Ctx, name, title string) manualView {
	id := s.till.Identity()
	return manualView{base: s.newBase(c, title, "help"), Manual: name, Manuals: manuals(), Software: s.till.Software(), Core: journal.CoreVersion,
		Source: journal.SourceHash(journal.CoreVersion), CutOff: hourFR(id.CutOff), FiscalStart: dayFR(id.FiscalStart)}
}

// hourFR writes an hour of the wall clock in French: "4 h", "4 h 30".
func hourFR(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	if m == 0 {
		return fmt.Sprintf("%d\u00a0h", h)
	}
	return fmt.Sprintf("%d\u00a0h\u00a0%02d", h, m)
}

// dayFR writes a day of the year given as MM-DD in French: "1er janvier".
func dayFR(day string) string {
	at, err := time.Parse("01-02", day)
	if err != nil {
		return day // the genesis has checked it
	}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	if at.Day() == 1 {
		return "1er\u00a0" + months[at.Month()-1]
	}
	return fmt.Sprintf("%d\u00a0%s", at.Day(), months[at.Month()-1])
}
