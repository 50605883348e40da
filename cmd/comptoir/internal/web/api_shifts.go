package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

func (s *Server) shiftCalls() []route {
	return []route{
		{http.MethodPost, apiPrefix + "/shifts", counter(), command(s, http.StatusCreated, s.postShift)},
		{http.MethodGet, apiPrefix + "/shifts/current", anyone(), read(s.getShift)},
		{http.MethodPost, apiPrefix + "/shifts/current/close", counter(), command(s, http.StatusOK, s.postShiftClose)},
		{http.MethodPost, apiPrefix + "/shifts/current/cash", counter(), command(s, http.StatusCreated, s.postCash)},
		{http.MethodPost, apiPrefix + "/shifts/current/count", counter(), command(s, http.StatusCreated, s.postDrawerCount)},
		{http.MethodPost, apiPrefix + "/shifts/current/tokens", counter(), command(s, http.StatusCreated, s.postTokens)},
	}
}

type shiftRequest struct {
	Float  money.Cents `json:"float"`
	Tokens *int        `json:"tokens"` // put out; absent: not counted
}

func (s *Server) postShift(c *fiber.Ctx, by pos.By, in shiftRequest) (pos.Shift, error) {
	return s.till.OpenShiftWith(c.UserContext(), by, in.Float, in.Tokens)
}

func (s *Server) postTokens(c *fiber.Ctx, by pos.By, in pos.TokenCount) (pos.Tokens, error) {
	return s.till.CountTokens(c.UserContext(), by, in)
}

func (s *Server) getShift(c *fiber.Ctx) (pos.Shift, error) {
	return s.till.CurrentShift(c.UserContext())
}

type countRequest struct {
	Counted []pos.Counted `json:"counted"`
}

func (s *Server) postShiftClose(c *fiber.Ctx, by pos.By, in pos.ShiftClose) (pos.Shift, error) {
	return s.till.CloseShiftWith(c.UserContext(), by, in)
}

func (s *Server) postDrawerCount(c *fiber.Ctx, by pos.By, in countRequest) (pos.DrawerCount, error) {
	return s.till.CountDrawer(c.UserContext(), by, in.Counted)
}

func (s *Server) postCash(c *fiber.Ctx, by pos.By, in pos.CashMove) (pos.Shift, error) {
	return s.till.MoveCash(c.UserContext(), by, in)
}
