package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) serviceCalls() []route {
	const services = apiPrefix + "/services"
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodGet, services, books(), read(s.getServices)},
		{http.MethodPost, services, manager, command(s, http.StatusCreated, s.postService)},
		{http.MethodGet, services + "/forecast", books(), read(s.getForecast)},
		{http.MethodPost, services + "/:id", manager, command(s, http.StatusOK, s.postServiceChange)},
		{http.MethodGet, services + "/:id/evenings", books(), read(s.getEvenings)},
		{http.MethodPost, services + "/:id/evenings/:day", manager, command(s, http.StatusOK, s.postEvening)},
	}
}

type servicesAnswer struct {
	Services []pos.Service `json:"services"`
}

func (s *Server) getServices(c *fiber.Ctx) (servicesAnswer, error) {
	all, err := s.till.Services(c.UserContext())
	return servicesAnswer{all}, err
}

func (s *Server) postService(c *fiber.Ctx, by pos.By, in pos.ServicePlan) (pos.Service, error) {
	return s.till.AddService(c.UserContext(), by, in)
}

func (s *Server) postServiceChange(c *fiber.Ctx, by pos.By, in pos.ServicePlan) (pos.Service, error) {
	return s.till.ChangeService(c.UserContext(), by, param(c, "id"), in)
}

type eveningsAnswer struct {
	Evenings []pos.Evening `json:"evenings"`
}

func (s *Server) getEvenings(c *fiber.Ctx) (eveningsAnswer, error) {
	all, err := s.till.Evenings(c.UserContext(), param(c, "id"), c.Query("from"), c.Query("to"))
	return eveningsAnswer{all}, err
}

func (s *Server) postEvening(c *fiber.Ctx, by pos.By, in pos.EveningChange) (pos.Evening, error) {
	return s.till.ChangeEvening(c.UserContext(), by, param(c, "id"), param(c, "day"), in)
}

type forecastAnswer struct {
	Classes []pos.Forecast `json:"classes"`
}

func (s *Server) getForecast(c *fiber.Ctx) (forecastAnswer, error) {
	all, err := s.till.ServiceForecast(c.UserContext())
	return forecastAnswer{all}, err
}
