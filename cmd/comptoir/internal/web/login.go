package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

const loginPath = "/login"

// loginView is the sign-in page: who, and a PIN.
type loginView struct {
	base
	People []pos.Operator
	Chosen string
	Next   string
	Why    string // somebody has to sign in again
	Pad    padView
}

// errNobody is told when a PIN comes without a name.
var errNobody = fault.New(fault.Invalid, "login.nobody", "Choose who you are first.")

// loginPage serves GET /login.
func (s *Server) loginPage(c *fiber.Ctx) error {
	return s.showLogin(c, http.StatusOK, c.Query("next"), "", nil)
}

func (s *Server) showLogin(c *fiber.Ctx, status int, next, chosen string, trouble *troubleView) error {
	people, err := s.till.Staff(c.UserContext())
	if err != nil {
		return err
	}
	v := loginView{base: s.newBase(c, "login.title", ""), People: people, Chosen: chosen, Next: local(next)}
	v.Trouble = trouble
	if why := "why." + c.Query("why"); c.Query("why") != "" && v.Has(why) && trouble == nil {
		v.Why = v.T(why)
	}
	v.Pad = v.DigitPad("pin")
	if v.Chosen == "" && len(people) == 1 {
		v.Chosen = people[0].ID
	}
	return s.page(c, status, "login", v)
}

// login serves POST /login. A refusal shows the page again with the same person chosen, and says how long to wait.
func (s *Server) login(c *fiber.Ctx) error {
	operator, next := c.FormValue("operator"), c.FormValue("next")
	onRefusal(c, func(status int, t *troubleView) error { return s.showLogin(c, status, next, operator, t) })
	if operator == "" {
		return errNobody
	}
	if err := s.signIn(c, operator, c.FormValue("pin")); err != nil {
		return err
	}
	to := local(next)
	if to == "/" && s.operator(c).Role == pos.RoleAccountant {
		to = managePath
	}
	return c.Redirect(to, http.StatusSeeOther)
}

// logout serves POST /logout.
func (s *Server) logout(c *fiber.Ctx) error {
	if err := s.signOut(c); err != nil {
		return err
	}
	return c.Redirect(loginPath, http.StatusSeeOther)
}
