package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

const staffPath = "/manage/staff"

// staffView is who works here.
type staffView struct {
	base
	Here, Programs, Gone []personView
	Roles                []pos.Role
	NewRole              pos.Role
	Rights               []rightView
	Alone                money.Cents // that a barista may take off a ticket
}

// personView is one of them.
type personView struct {
	pos.StaffMember
	Command string
	Since   string // clock, of the session
}

// rightView is one row of what each role may do.
type rightView struct {
	Name string
	May  []bool // in the order of the roles
}

// memberView is the page of one person.
type memberView struct {
	base
	Member pos.StaffMember
	Roles  []pos.Role
	Last   bool // nobody else could manage
	Self   bool
}

var errNoOperator = fault.New(fault.NotFound, "operator.unknown", "There is no such operator.")

func roles() []pos.Role { return []pos.Role{pos.RoleBarista, pos.RoleManager, pos.RoleAccountant} }

// staffPage serves GET /manage/staff.
func (s *Server) staffPage(c *fiber.Ctx) error { return s.showStaff(c, http.StatusOK, nil) }

func (s *Server) showStaff(c *fiber.Ctx, status int, trouble *troubleView) error {
	all, err := s.till.AllStaff(c.UserContext())
	if err != nil {
		return err
	}
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	v := staffView{base: s.newBase(c, "staff.title", "manage"), Roles: roles(), Alone: chosen.DiscountAlone}
	v.Section, v.Trouble = "staff", trouble
	v.NewRole = pos.Role(v.Typed("role", string(pos.RoleBarista)))
	for _, m := range all {
		p := personView{StaffMember: m, Command: v.Command()}
		if m.Devices > 0 {
			p.Since = v.Clock(m.Since)
		}
		switch {
		case m.Program && m.Active:
			v.Programs = append(v.Programs, p)
		case m.Active:
			v.Here = append(v.Here, p)
		case !m.Program: // a program that has ended does not come back
			v.Gone = append(v.Gone, p)
		}
	}
	for _, r := range s.rights() {
		row := rightView{Name: v.T("right." + r.name)}
		for _, role := range v.Roles {
			row.May = append(row.May, slices.Contains(r.roles, role))
		}
		v.Rights = append(v.Rights, row)
	}
	return s.page(c, status, "manage_staff", v)
}

// right is something that a role may or may not do: the roles are those of the route that does it.
type right struct {
	name  string
	roles []pos.Role
}

// rights reads out of the table of routes who may do what.
func (s *Server) rights() []right {
	get, post := http.MethodGet, http.MethodPost
	var all []right
	routes := s.staffRoutes()
	for _, r := range []struct{ name, method, path string }{
		{"sell", post, "/pay/:ticket"}, {"serve", post, apiPrefix + "/suspended/redemptions"}, {"refund", post, "/sales/:id/refund"},
		{"sold_out", post, apiPrefix + "/menu/products/:id/availability"}, {"shift", post, "/shift/close"}, {"sales", get, "/sales"},
		{"figures", get, managePath}, {"exports", post, exportsPath}, {"menu", post, menuPath}, {"staff", post, staffPath}, {"settings", post, settingsPath},
	} {
		at := slices.IndexFunc(routes, func(o route) bool { return o.method == r.method && o.path == r.path })
		if at >= 0 { // a test holds every name against the table
			all = append(all, right{r.name, routes[at].roles})
		}
	}
	return all
}

// memberPage serves GET /manage/staff/{id}.
func (s *Server) memberPage(c *fiber.Ctx) error { return s.showMember(c, http.StatusOK, nil) }

func (s *Server) showMember(c *fiber.Ctx, status int, trouble *troubleView) error {
	all, err := s.till.AllStaff(c.UserContext())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(m pos.StaffMember) bool { return m.ID == param(c, "id") })
	if at < 0 {
		return errNoOperator
	}
	v := memberView{base: s.newBase(c, "staff.title", "manage"), Member: all[at], Roles: roles(), Self: all[at].ID == s.operator(c).ID}
	v.Section, v.Trouble = "staff", trouble
	v.Last = all[at].Role == pos.RoleManager && !slices.ContainsFunc(all, func(m pos.StaffMember) bool {
		return m.ID != all[at].ID && m.Active && !m.Program && m.Role == pos.RoleManager
	})
	return s.page(c, status, "manage_member", v)
}

// onStaff does something to the staff; a refusal shows the page it was asked on.
func (s *Server) onStaff(c *fiber.Ctx, show again, to, what string, do func(pos.By) error) error {
	onRefusal(c, show)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if err := do(by); err != nil {
		return err
	}
	return s.done(c, to, what)
}

// onMember is onStaff on the page of one person.
func (s *Server) onMember(c *fiber.Ctx, what string, do func(by pos.By, id string) error) error {
	id := param(c, "id")
	show := func(status int, t *troubleView) error { return s.showMember(c, status, t) }
	return s.onStaff(c, show, staffPath+"/"+url.PathEscape(id), what, func(by pos.By) error { return do(by, id) })
}

// addOperator serves POST /manage/staff.
func (s *Server) addOperator(c *fiber.Ctx) error {
	show := func(status int, t *troubleView) error { return s.showStaff(c, status, t) }
	return s.onStaff(c, show, staffPath, "operator_added", func(by pos.By) error {
		_, err := s.till.AddOperator(c.UserContext(), by, pos.NewOperator{Name: c.FormValue("name"), PIN: c.FormValue("pin"), Role: pos.Role(c.FormValue("role"))})
		return err
	})
}

// renameOperator serves POST /manage/staff/{id}/name.
func (s *Server) renameOperator(c *fiber.Ctx) error {
	return s.onMember(c, "operator_renamed", func(by pos.By, id string) error {
		return s.till.RenameOperator(c.UserContext(), by, id, c.FormValue("name"))
	})
}

// setRole serves POST /manage/staff/{id}/role.
func (s *Server) setRole(c *fiber.Ctx) error {
	return s.onMember(c, "role_set", func(by pos.By, id string) error {
		return s.till.SetRole(c.UserContext(), by, id, pos.Role(c.FormValue("role")))
	})
}

// setPIN serves POST /manage/staff/{id}/pin.
func (s *Server) setPIN(c *fiber.Ctx) error {
	return s.onMember(c, "pin_set", func(by pos.By, id string) error { return s.till.SetPIN(c.UserContext(), by, id, c.FormValue("pin")) })
}

// disableOperator serves POST /manage/staff/{id}/disable.
func (s *Server) disableOperator(c *fiber.Ctx) error {
	return s.onMember(c, "operator_disabled", func(by pos.By, id string) error { return s.till.DisableOperator(c.UserContext(), by, id) })
}

// enableOperator serves POST /manage/staff/{id}/enable.
func (s *Server) enableOperator(c *fiber.Ctx) error {
	return s.onMember(c, "operator_enabled", func(by pos.By, id string) error { return s.till.EnableOperator(c.UserContext(), by, id) })
}
