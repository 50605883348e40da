package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) closingCalls() []route {
	return []route{
		{http.MethodPost, apiPrefix + "/closings", counter(), command(s, http.StatusCreated, s.postClosing)},
		{http.MethodGet, apiPrefix + "/closings", anyone(), read(s.getClosings)},
		{http.MethodGet, apiPrefix + "/closings/:number", anyone(), read(s.getClosing)},
		{http.MethodGet, apiPrefix + "/reports/x", anyone(), s.getReading},
	}
}

// closingRequest asks to close a day, a month or a year. The token, or whoever is signed in, is a manager's.
type closingRequest struct {
	Level string `json:"level"`
}

// postClosing answers the closing that was made, or the one that is there already: 201 both times, for a till that asks
// twice has what it asked for.
func (s *Server) postClosing(c *fiber.Ctx, by pos.By, in closingRequest) (pos.Closing, error) {
	return s.till.ClosePeriod(c.UserContext(), by, pos.CloseRequest{Level: in.Level})
}

func (s *Server) getClosing(c *fiber.Ctx) (pos.Closing, error) {
	return s.till.Closing(c.UserContext(), param(c, "number"))
}

type closingsAnswer struct {
	Closings []pos.Closing `json:"closings"`
}

func (s *Server) getClosings(c *fiber.Ctx) (closingsAnswer, error) {
	from, err := s.queryDay(c, "from")
	if err != nil {
		return closingsAnswer{}, err
	}
	to, err := s.queryDay(c, "to")
	if err != nil {
		return closingsAnswer{}, err
	}
	all, err := s.till.Closings(c.UserContext(), c.Query("level"), from, to)
	return closingsAnswer{all}, err
}

// getReading is the day that is open, as text: a reading is no document and has no address of its own.
func (s *Server) getReading(c *fiber.Ctx) error {
	width, err := queryInt(c, "width", textWidth, textWidthLeast, textWidthMost)
	if err != nil {
		return err
	}
	reading, err := s.till.XReport(c.UserContext(), s.operator(c))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(reading.Text(int(width)))
}
