package web

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
)

// settingsView is what the café has chosen.
type settingsView struct {
	base
	Budget string // as it is, or as it was typed
	Exact  bool
}

const settingsPath = "/manage/settings"

// settingsPage serves GET /manage/settings.
func (s *Server) settingsPage(c *fiber.Ctx) error {
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	return s.showSettings(c, http.StatusOK, strconv.Itoa(chosen.HouseBudgetDaily), chosen.BoardExact, nil)
}

func (s *Server) showSettings(c *fiber.Ctx, status int, budget string, exact bool, trouble *troubleView) error {
	v := settingsView{base: s.newBase(c, "settings.title", "manage"), Budget: budget, Exact: exact}
	v.Section, v.Trouble = "settings", trouble
	return s.page(c, status, "manage_settings", v)
}

// saveSettings serves POST /manage/settings.
func (s *Server) saveSettings(c *fiber.Ctx) error {
	typed, exact := c.FormValue("house_budget_daily"), c.FormValue("board_exact") != ""
	onRefusal(c, func(status int, t *troubleView) error { return s.showSettings(c, status, typed, exact, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	budget, err := strconv.Atoi(typed)
	if err != nil {
		return fault.New(fault.Invalid, "settings.invalid", "A setting is not a number.").Field("house_budget_daily", "number")
	}
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	chosen.HouseBudgetDaily, chosen.BoardExact = budget, exact
	if _, err := s.till.SaveSettings(c.UserContext(), by, chosen); err != nil {
		return err
	}
	return s.done(c, settingsPath, "settings_saved")
}
