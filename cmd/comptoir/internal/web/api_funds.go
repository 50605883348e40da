package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/suspended"
)

func (s *Server) fundCalls() []route {
	const funds, sponsors = apiPrefix + "/funds", apiPrefix + "/sponsors"
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodPost, apiPrefix + "/tickets/:id/round-up", counter(), command(s, http.StatusOK, s.postRoundUp)},
		{http.MethodGet, funds, books(), read(s.getFunds)},
		{http.MethodGet, funds + "/entries", books(), read(s.getFundEntries)},
		{http.MethodPost, funds + "/mint", manager, command(s, http.StatusCreated, s.postMint)},
		{http.MethodPost, funds + "/remittances", manager, command(s, http.StatusCreated, s.postRemittance)},
		{http.MethodGet, funds + "/remittances", books(), read(s.getRemittances)},
		{http.MethodGet, funds + "/remittances/:n", books(), read(s.getRemittance)},
		{http.MethodPost, sponsors, manager, command(s, http.StatusCreated, s.postSponsor)},
		{http.MethodGet, sponsors, books(), read(s.getSponsors)},
		{http.MethodGet, sponsors + "/:id", books(), read(s.getSponsor)},
		{http.MethodPost, sponsors + "/:id/pay", manager, command(s, http.StatusCreated, s.postSponsorPayment)},
		{http.MethodPost, sponsors + "/:id/cancel", manager, command(s, http.StatusOK, s.postSponsorCancel)},
		{http.MethodGet, sponsors + "/:id/statement", books(), read(s.getSponsorStatement)},
	}
}

func (s *Server) postRoundUp(c *fiber.Ctx, by pos.By, in pos.RoundUpRequest) (pos.Ticket, error) {
	return s.till.RoundUp(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) getFunds(c *fiber.Ctx) (pos.FundsView, error) { return s.till.Funds(c.UserContext()) }

type fundEntriesAnswer struct {
	Entries []pos.FundEntry `json:"entries"`
}

func (s *Server) getFundEntries(c *fiber.Ctx) (fundEntriesAnswer, error) {
	all, err := s.till.FundLedger(c.UserContext(), c.Query("from"), c.Query("to"))
	return fundEntriesAnswer{all}, err
}

func (s *Server) postMint(c *fiber.Ctx, by pos.By, _ none) (pos.Minted, error) {
	return s.till.MintNow(c.UserContext(), by)
}

func (s *Server) postRemittance(c *fiber.Ctx, by pos.By, in pos.RemitRequest) (pos.Remittance, error) {
	return s.till.Remit(c.UserContext(), by, in)
}

type remittancesAnswer struct {
	Remittances []pos.Remittance        `json:"remittances"`
	Pledges     []suspended.MonthPledge `json:"pledges"`
}

func (s *Server) getRemittances(c *fiber.Ctx) (a remittancesAnswer, err error) {
	if a.Remittances, err = s.till.Remittances(c.UserContext()); err != nil {
		return a, err
	}
	a.Pledges, err = s.till.Pledges(c.UserContext())
	return a, err
}

func (s *Server) getRemittance(c *fiber.Ctx) (pos.RemittanceStatement, error) {
	n, err := intParam(c, "n")
	if err != nil {
		return pos.RemittanceStatement{}, err
	}
	return s.till.RemittanceStatement(c.UserContext(), n)
}

func (s *Server) postSponsor(c *fiber.Ctx, by pos.By, in pos.SponsorRequest) (pos.SponsorLot, error) {
	return s.till.ProposeLot(c.UserContext(), by, in)
}

type sponsorsAnswer struct {
	Sponsors []pos.SponsorLot `json:"sponsors"`
}

func (s *Server) getSponsors(c *fiber.Ctx) (sponsorsAnswer, error) {
	all, err := s.till.SponsorLots(c.UserContext())
	return sponsorsAnswer{all}, err
}

func (s *Server) getSponsor(c *fiber.Ctx) (pos.SponsorLot, error) {
	return s.till.SponsorLot(c.UserContext(), param(c, "id"))
}

type sponsorPayment struct {
	Means pos.Means `json:"means"`
}

func (s *Server) postSponsorPayment(c *fiber.Ctx, by pos.By, in sponsorPayment) (pos.PaidLot, error) {
	return s.till.PayLot(c.UserContext(), by, param(c, "id"), in.Means)
}

func (s *Server) postSponsorCancel(c *fiber.Ctx, by pos.By, _ none) (pos.SponsorLot, error) {
	return s.till.CancelLot(c.UserContext(), by, param(c, "id"))
}

func (s *Server) getSponsorStatement(c *fiber.Ctx) (pos.SponsorStatement, error) {
	return s.till.SponsorShare(c.UserContext(), param(c, "id"))
}
