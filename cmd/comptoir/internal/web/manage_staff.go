package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// staffView is who works here.
type staffView struct {
	base
	Staff   []pos.Operator
	Roles   []pos.Role
	NewName string
	NewRole pos.Role
}

// staffPage serves GET /manage/staff.
func (s *Server) staffPage(c *fiber.Ctx) error { return s.showStaff(c, http.StatusOK, nil) }

func (s *Server) showStaff(c *fiber.Ctx, status int, trouble *troubleView) error {
	staff, err := s.till.Staff(c.UserContext())
	if err != nil {
		return err
	}
	v := staffView{base: s.newBase(c, "staff.title", "manage"), Staff: staff, Roles: []pos.Role{pos.RoleBarista, pos.RoleManager, pos.RoleAccountant},
		NewName: c.FormValue("name"), NewRole: pos.Role(c.FormValue("role"))}
	v.Section, v.Trouble = "staff", trouble
	return s.page(c, status, "manage_staff", v)
}

// onStaff does something to the staff: the list again when it was refused or done.
func (s *Server) onStaff(c *fiber.Ctx, what string, do func(pos.By) error) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showStaff(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if err := do(by); err != nil {
		return err
	}
	return s.done(c, "/manage/staff", what)
}

// addOperator serves POST /manage/staff.
func (s *Server) addOperator(c *fiber.Ctx) error {
	return s.onStaff(c, "operator_added", func(by pos.By) error {
		_, err := s.till.AddOperator(c.UserContext(), by, pos.NewOperator{Name: c.FormValue("name"), PIN: c.FormValue("pin"), Role: pos.Role(c.FormValue("role"))})
		return err
	})
}

// disableOperator serves POST /manage/staff/{id}/disable.
func (s *Server) disableOperator(c *fiber.Ctx) error {
	return s.onStaff(c, "operator_disabled", func(by pos.By) error { return s.till.DisableOperator(c.UserContext(), by, c.Params("id")) })
}

// setPIN serves POST /manage/staff/{id}/pin.
func (s *Server) setPIN(c *fiber.Ctx) error {
	return s.onStaff(c, "pin_set", func(by pos.By) error { return s.till.SetPIN(c.UserContext(), by, c.Params("id"), c.FormValue("pin")) })
}
