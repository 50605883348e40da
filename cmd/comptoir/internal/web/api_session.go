package web

import (
	_ "embed"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

//go:embed openapi.yaml
var openAPI []byte

func (s *Server) sessionCalls() []route {
	return []route{
		{http.MethodPost, sessionPath, nil, s.postSession},
		{http.MethodGet, sessionPath, anyone(), read(s.getSession)},
		{http.MethodDelete, sessionPath, anyone(), s.deleteSession},
		{http.MethodGet, openAPIPath, nil, s.getOpenAPI},
		{http.MethodGet, apiPrefix + "/events", anyone(), s.events},
	}
}

type sessionRequest struct {
	Operator string `json:"operator"` // id or name
	PIN      string `json:"pin"`
}

type sessionAnswer struct {
	ID       string   `json:"id"`
	Operator string   `json:"operator"` // name
	Role     pos.Role `json:"role"`
}

func sessionOf(op pos.Operator) sessionAnswer { return sessionAnswer{op.ID, op.Name, op.Role} }

// postSession takes no Idempotency-Key: nothing of a PIN is stored, not even in a hash.
func (s *Server) postSession(c *fiber.Ctx) error {
	var in sessionRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.signIn(c, in.Operator, in.PIN); err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(sessionOf(s.operator(c)))
}

func (s *Server) getSession(c *fiber.Ctx) (sessionAnswer, error) {
	return sessionOf(s.operator(c)), nil
}

func (s *Server) deleteSession(c *fiber.Ctx) error {
	if err := s.signOut(c); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *Server) getOpenAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(openAPI)
}
