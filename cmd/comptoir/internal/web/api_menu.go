package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) menuCalls() []route {
	return []route{
		{http.MethodGet, apiPrefix + "/menu", anyone(), read(s.getMenu)},
		{http.MethodPost, apiPrefix + "/menu/products/:id/availability", counter(), command(s, http.StatusOK, s.postAvailability)},
	}
}

func (s *Server) getMenu(c *fiber.Ctx) (pos.Menu, error) {
	return s.till.Menu(c.UserContext())
}

type availabilityRequest struct {
	Available *bool  `json:"available"`
	Back      string `json:"back"` // business day it is available again by itself
}

func (s *Server) postAvailability(c *fiber.Ctx, by pos.By, in availabilityRequest) (pos.Product, error) {
	if in.Available == nil {
		return pos.Product{}, errFields.Field("available", "required")
	}
	return s.till.SetAvailable(c.UserContext(), by, param(c, "id"), *in.Available, in.Back)
}
