package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

func (s *Server) chargeCalls() []route {
	const calls, terminals = apiPrefix + "/charges", apiPrefix + "/terminals"
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodPost, apiPrefix + "/tickets/:id/charges", counter(), command(s, http.StatusCreated, s.postCharge)},
		{http.MethodGet, calls, anyone(), read(s.getCharges)},
		{http.MethodGet, calls + "/:id", anyone(), read(s.getCharge)},
		{http.MethodPost, calls + "/:id/answer", counter(), command(s, http.StatusOK, s.postChargeAnswer)},
		{http.MethodPost, calls + "/:id/apart", counter(), command(s, http.StatusOK, s.postChargeApart)},
		{http.MethodPost, calls + "/:id/returned", counter(), command(s, http.StatusOK, s.postChargeReturned)},
		{http.MethodGet, terminals, anyone(), read(s.getTerminals)},
		{http.MethodPost, terminals, manager, command(s, http.StatusCreated, s.postTerminal)},
		{http.MethodPost, terminals + "/:name/remove", manager, command(s, http.StatusOK, s.postTerminalRemove)},
	}
}

// chargeRequest asks a terminal for money.
type chargeRequest struct {
	Terminal string      `json:"terminal"` // empty: the café's first
	Amount   money.Cents `json:"amount"`   // 0: all that is left
}

func (s *Server) postCharge(c *fiber.Ctx, by pos.By, in chargeRequest) (pos.Charge, error) {
	return s.charge(c, by, param(c, "id"), pos.ChargeRequest{Terminal: in.Terminal, Amount: in.Amount})
}

type chargesAnswer struct {
	Charges []pos.Charge `json:"charges"`
}

// getCharges lists the charges of a day, or, without one, those that somebody has to do something about.
func (s *Server) getCharges(c *fiber.Ctx) (a chargesAnswer, err error) {
	if day := c.Query("date"); day != "" {
		a.Charges, err = s.till.Charges(c.UserContext(), day)
	} else {
		a.Charges, err = s.till.OpenCharges(c.UserContext())
	}
	if a.Charges == nil {
		a.Charges = []pos.Charge{}
	}
	return a, err
}

func (s *Server) getCharge(c *fiber.Ctx) (pos.Charge, error) {
	return s.till.Charge(c.UserContext(), param(c, "id"))
}

// chargeAnswer is what a person saw on the terminal.
type chargeAnswer struct {
	Paid          *bool  `json:"paid"`
	Authorisation string `json:"authorisation"`
}

var errPaidMissing = fault.New(fault.Invalid, "charge.paid", "Say whether it was paid.").Field("paid", "required")

func (s *Server) postChargeAnswer(c *fiber.Ctx, by pos.By, in chargeAnswer) (pos.Charge, error) {
	if in.Paid == nil {
		return pos.Charge{}, errPaidMissing
	}
	x, err := s.till.AnswerCharge(c.UserContext(), by, param(c, "id"), *in.Paid, in.Authorisation)
	if err == nil {
		s.charges.keep(x)
	}
	return x, err
}

func (s *Server) postChargeApart(c *fiber.Ctx, by pos.By, _ none) (pos.Charge, error) {
	return s.till.SetChargeApart(c.UserContext(), by, param(c, "id"))
}

func (s *Server) postChargeReturned(c *fiber.Ctx, by pos.By, _ none) (pos.Charge, error) {
	return s.till.ReturnCharge(c.UserContext(), by, param(c, "id"))
}

type terminalsAnswer struct {
	Terminals []pos.CardTerminal `json:"terminals"`
}

func (s *Server) getTerminals(c *fiber.Ctx) (terminalsAnswer, error) {
	all, err := s.till.CardTerminals(c.UserContext())
	if all == nil {
		all = []pos.CardTerminal{}
	}
	return terminalsAnswer{all}, err
}

func (s *Server) postTerminal(c *fiber.Ctx, by pos.By, in pos.CardTerminal) (pos.CardTerminal, error) {
	if err := checkTerminal(in); err != nil {
		return in, err
	}
	return s.till.SaveTerminal(c.UserContext(), by, in)
}

func (s *Server) postTerminalRemove(c *fiber.Ctx, by pos.By, _ none) (pos.CardTerminal, error) {
	return s.till.RemoveTerminal(c.UserContext(), by, param(c, "name"))
}
