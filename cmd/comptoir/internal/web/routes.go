package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// Addresses that more than one file needs.
const (
	apiPrefix   = "/api/v1"
	healthPath  = "/healthz"
	sessionPath = apiPrefix + "/session"
	openAPIPath = apiPrefix + "/openapi.yaml"
)

// route is one row of a listener's table. roles nil: nobody has to be signed in.
type route struct {
	method  string
	path    string // Fiber pattern; it is also what the log shows
	roles   []pos.Role
	handler func(*fiber.Ctx) error
}

// counter are the roles that sell.
func counter() []pos.Role { return []pos.Role{pos.RoleBarista, pos.RoleManager} }

// books are the roles that read the café's figures.
func books() []pos.Role { return []pos.Role{pos.RoleManager, pos.RoleAccountant} }

// anyone are all roles: whoever is signed in.
func anyone() []pos.Role { return []pos.Role{pos.RoleBarista, pos.RoleManager, pos.RoleAccountant} }

// staffRoutes is the table of the staff listener: the API, then the pages.
func (s *Server) staffRoutes() []route {
	return append(s.apiRoutes(), s.pageRoutes()...)
}

// publicRoutes is the table of the public listener. Nothing in it tells who, when or how many now (I15, I16).
func (s *Server) publicRoutes() []route {
	return append([]route{
		{http.MethodGet, healthPath, nil, s.health},
		{http.MethodGet, "/board.json", nil, s.publicBoard},
	}, s.publicPageRoutes()...)
}

// apiRoutes lists every call of the API; openapi.yaml describes each, and a test holds one against the other.
func (s *Server) apiRoutes() []route {
	var all []route
	for _, group := range [][]route{
		{{http.MethodGet, healthPath, nil, s.health}},
		s.sessionCalls(), s.menuCalls(), s.shiftCalls(), s.drawerCalls(), s.trainingCalls(), s.ticketCalls(), s.saleCalls(), s.cardCalls(),
		s.suspendedCalls(), s.fundCalls(), s.partnerCalls(), s.documentCalls(), s.reportCalls(),
		s.exportCalls(), s.archiveCalls(), s.closingCalls(), s.serviceCalls(), s.chargeCalls(), s.printerCalls(), s.backupCalls(),
	} {
		all = append(all, group...)
	}
	return all
}

// mount puts the rows of a table on a listener's application.
func (s *Server) mount(app *fiber.App, rows []route) {
	for _, r := range rows {
		app.Add(r.method, r.path, s.guarded(r))
	}
}

// guarded is a row's handler behind its checks: who may, how often, how large.
func (s *Server) guarded(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Locals(localPattern, r.path)
		if err := s.authorise(c, r); err != nil {
			return err
		}
		if len(c.Request().Body()) > bodyLimit(r.path) {
			return errTooLarge
		}
		if isScan(r.path) && isPublic(c) {
			if err := s.scans.take(c); err != nil {
				return err
			}
		}
		if err := r.handler(c); err != nil {
			return err
		}
		return s.leaveCopy(c, r)
	}
}
