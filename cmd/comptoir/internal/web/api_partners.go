package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// partnerCalls are the calls of associations, of what is promised to them, and of what they collected.
func (s *Server) partnerCalls() []route {
	const partners, allotments, slips = apiPrefix + "/partners", apiPrefix + "/suspended/allotments", apiPrefix + "/suspended/collections"
	manager := []pos.Role{pos.RoleManager}
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{get, partners, anyone(), read(s.getPartners)},
		{post, partners, manager, command(s, http.StatusCreated, s.postPartner)},
		{get, partners + "/:id", anyone(), read(s.getPartner)},
		{post, partners + "/:id", manager, command(s, http.StatusOK, s.postPartnerChange)},
		{get, partners + "/:id/statement", anyone(), read(s.getPartnerStatement)},
		{post, partners + "/:id/settle", manager, command(s, http.StatusCreated, s.postSettle)},
		{get, allotments, anyone(), read(s.getAllotments)},
		{post, allotments, counter(), command(s, http.StatusCreated, s.postAllotment)},
		{get, allotments + "/:id", anyone(), read(s.getAllotment)},
		{post, allotments + "/:id", counter(), command(s, http.StatusOK, s.postAllotmentChange)},
		{post, allotments + "/:id/confirm", counter(), command(s, http.StatusOK, s.postConfirm)},
		{post, allotments + "/:id/ready", counter(), command(s, http.StatusOK, s.postReady)},
		{post, allotments + "/:id/cancel", counter(), command(s, http.StatusOK, s.postAllotmentCancel)},
		{post, allotments + "/:id/collect", counter(), command(s, http.StatusCreated, s.postCollect)},
		{get, slips + "/:n", anyone(), read(s.getCollection)},
		{post, slips + "/:n/waste", counter(), command(s, http.StatusOK, s.postWaste)},
	}
}

// partnerList is all associations.
type partnerList struct {
	Partners []pos.Partner `json:"partners"`
}

// allotmentList is what partners have to come on some evenings, or had.
type allotmentList struct {
	Allotments []pos.Allotment `json:"allotments"`
}

// collectionList is what left the house in one command.
type collectionList struct {
	Collections []pos.Collection `json:"collections"`
}

// qtyRequest is a number of items.
type qtyRequest struct {
	Qty int `json:"qty"`
}

func (s *Server) getPartners(c *fiber.Ctx) (partnerList, error) {
	all, err := s.till.Partners(c.UserContext())
	return partnerList{all}, err
}

func (s *Server) postPartner(c *fiber.Ctx, by pos.By, in pos.PartnerForm) (pos.Partner, error) {
	return s.till.AddPartner(c.UserContext(), by, in)
}

func (s *Server) getPartner(c *fiber.Ctx) (pos.Partner, error) {
	return s.till.Partner(c.UserContext(), param(c, "id"))
}

func (s *Server) postPartnerChange(c *fiber.Ctx, by pos.By, in pos.PartnerForm) (pos.Partner, error) {
	return s.till.ChangePartner(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) getPartnerStatement(c *fiber.Ctx) (pos.PartnerStatement, error) {
	return s.till.StatementOf(c.UserContext(), param(c, "id"), c.Query("month"))
}

func (s *Server) postSettle(c *fiber.Ctx, by pos.By, _ none) (collectionList, error) {
	all, err := s.till.SettleShelf(c.UserContext(), by, param(c, "id"))
	return collectionList{all}, err
}

func (s *Server) getAllotments(c *fiber.Ctx) (allotmentList, error) {
	from, err := s.queryDay(c, "from")
	if err != nil {
		return allotmentList{}, err
	}
	to := from
	if c.Query("to") != "" {
		if to, err = s.queryDay(c, "to"); err != nil {
			return allotmentList{}, err
		}
	}
	all, err := s.till.Allotments(c.UserContext(), from, to)
	return allotmentList{all}, err
}

func (s *Server) postAllotment(c *fiber.Ctx, by pos.By, in pos.AllotmentRequest) (pos.Allotment, error) {
	return s.till.Allot(c.UserContext(), by, in)
}

func (s *Server) getAllotment(c *fiber.Ctx) (pos.Allotment, error) {
	return s.till.Allotment(c.UserContext(), param(c, "id"))
}

func (s *Server) postAllotmentChange(c *fiber.Ctx, by pos.By, in qtyRequest) (pos.Allotment, error) {
	return s.till.ChangeAllotment(c.UserContext(), by, param(c, "id"), in.Qty)
}

func (s *Server) postConfirm(c *fiber.Ctx, by pos.By, in pos.ConfirmRequest) (pos.Allotment, error) {
	return s.till.ConfirmAllotment(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) postReady(c *fiber.Ctx, by pos.By, _ none) (pos.Allotment, error) {
	return s.till.ReadyAllotment(c.UserContext(), by, param(c, "id"))
}

func (s *Server) postAllotmentCancel(c *fiber.Ctx, by pos.By, _ none) (pos.Allotment, error) {
	return s.till.CancelAllotment(c.UserContext(), by, param(c, "id"))
}

func (s *Server) postCollect(c *fiber.Ctx, by pos.By, in pos.CollectRequest) (pos.Collection, error) {
	return s.till.CollectAllotment(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) getCollection(c *fiber.Ctx) (pos.Collection, error) {
	n, err := intParam(c, "n")
	if err != nil {
		return pos.Collection{}, err
	}
	return s.till.Collection(c.UserContext(), int64(n))
}

func (s *Server) postWaste(c *fiber.Ctx, by pos.By, in qtyRequest) (pos.Collection, error) {
	n, err := intParam(c, "n")
	if err != nil {
		return pos.Collection{}, err
	}
	return s.till.NoteWaste(c.UserContext(), by, int64(n), in.Qty)
}
