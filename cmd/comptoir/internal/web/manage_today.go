package web

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

const managePath = "/manage"

// todayView is a day in figures.
type todayView struct {
	base
	Report    pos.Report
	Average   money.Cents
	Classes   []classDay
	HouseOver bool // the house has offered more today than its budget; told here, never at the counter
}

// classDay is what happened to one class of suspended items.
type classDay struct {
	Name                                    string
	Given, Released, Served, House, Waiting int
}

// todayPage serves GET /manage?day=.
func (s *Server) todayPage(c *fiber.Ctx) error {
	report, err := s.till.Day(c.UserContext(), s.dayOf(c))
	if err != nil {
		return err
	}
	v := todayView{base: s.newBase(c, "manage.today", "manage"), Report: report}
	v.Section = "today"
	shelf, err := s.till.Shelf(c.UserContext())
	if err != nil {
		return err
	}
	v.HouseOver = shelf.HouseBudgetLeft < 0
	if report.Sales > 0 {
		v.Average = (report.Total + report.Refunded) / money.Cents(report.Sales)
	}
	sol := report.Solidarity
	classes := map[string]bool{}
	for _, m := range []map[string]int{sol.Given, sol.Released, sol.Served, sol.House, sol.Waiting} {
		for class := range m {
			classes[class] = true
		}
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		v.Classes = append(v.Classes, classDay{v.T("class." + class), sol.Given[class], sol.Released[class], sol.Served[class], sol.House[class], sol.Waiting[class]})
	}
	return s.page(c, http.StatusOK, "manage_today", v)
}
