package web

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const drawerPath = "/drawer/open"

// openDrawerView is what opening the drawer without a sale asks for.
type openDrawerView struct {
	Drawer        bool // one hangs on the printer of this till, and may be opened
	DrawerReasons []string
	Approvers     []pos.Operator // one of whom approves; none where nobody has to
}

// hasDrawer reports whether a drawer hangs on this till, and money counts.
func (s *Server) hasDrawer(c *fiber.Ctx) bool {
	return !s.till.Training() && s.till.HasDrawer(deviceOf(c).Printer)
}

// fillDrawer fills in what opening the drawer asks for.
func (s *Server) fillDrawer(c *fiber.Ctx, v *shiftView) error {
	v.Drawer = s.hasDrawer(c)
	if !v.Drawer {
		return nil
	}
	v.DrawerReasons = []string{v.T("drawer.reason_change"), v.T("drawer.reason_count"), v.T("drawer.reason_slip")}
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil || chosen.DrawerAlone || v.Operator.Role == pos.RoleManager {
		return err
	}
	staff, err := s.till.Staff(c.UserContext())
	v.Approvers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	return err
}

// openDrawer serves POST /drawer/open.
func (s *Server) openDrawer(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "drawer_pin", "")
		t.Rename("reason", "drawer_reason", "")
		return s.showShift(c, status, shiftState{trouble: t})
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	r := pos.DrawerRequest{Reason: c.FormValue("drawer_reason")}
	if approval := typedApproval(c); len(approval) > 0 {
		r.Approval = &approval[0]
	}
	if _, err := s.till.OpenDrawer(c.UserContext(), by, r); err != nil {
		return err
	}
	return s.done(c, "/shift", "drawer_opened")
}

func (s *Server) drawerCalls() []route {
	return []route{{http.MethodPost, apiPrefix + drawerPath, counter(), command(s, http.StatusCreated, s.postOpenDrawer)}}
}

func (s *Server) postOpenDrawer(c *fiber.Ctx, by pos.By, in pos.DrawerRequest) (pos.DrawerOpened, error) {
	return s.till.OpenDrawer(c.UserContext(), by, in)
}

// scanPages are those of the drawer, the scanner and the poles.
func (s *Server) scanPages() []route {
	return append(s.scannerRoutes(), route{http.MethodPost, drawerPath, counter(), s.openDrawer})
}
