package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) reportCalls() []route {
	return []route{
		{http.MethodGet, apiPrefix + "/reports/day", anyone(), read(s.getDay)},
		{http.MethodGet, apiPrefix + "/reports/range", books(), read(s.getRange)},
	}
}

func (s *Server) getDay(c *fiber.Ctx) (pos.Report, error) {
	day, err := s.queryDay(c, "date")
	if err != nil {
		return pos.Report{}, err
	}
	return s.till.Day(c.UserContext(), day)
}

func (s *Server) getRange(c *fiber.Ctx) (pos.Report, error) {
	from, err := s.queryDay(c, "from")
	if err != nil {
		return pos.Report{}, err
	}
	to, err := s.queryDay(c, "to")
	if err != nil {
		return pos.Report{}, err
	}
	return s.till.Range(c.UserContext(), from, to)
}
