package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// Sales of one day in one answer.
const (
	salesDefault = 200
	salesMost    = 5000
)

func (s *Server) saleCalls() []route {
	const sales = apiPrefix + "/sales"
	return []route{
		{http.MethodPost, sales, counter(), command(s, http.StatusCreated, s.postSale)},
		{http.MethodGet, sales, anyone(), read(s.getSales)},
		{http.MethodGet, sales + "/:id", anyone(), read(s.getSale)},
		{http.MethodPost, sales + "/:id/refund", counter(), command(s, http.StatusCreated, s.postRefund)},
		{http.MethodPost, sales + "/:id/chargeback", []pos.Role{pos.RoleManager}, command(s, http.StatusCreated, s.postChargeback)},
		{http.MethodPost, sales + "/:id/invoice", counter(), command(s, http.StatusCreated, s.postInvoice)},
		{http.MethodPost, sales + "/:id/payment", counter(), command(s, http.StatusCreated, s.postFix)},
		{http.MethodPost, sales + "/:id/card", counter(), command(s, http.StatusOK, s.postSaleCard)},
	}
}

// lineInput is a line as the API takes it: a quantity that is absent is one, and a zero is a mistake to be told.
type lineInput struct {
	Product string   `json:"product"`
	Qty     *int     `json:"qty"`
	Options []string `json:"options"`
	Note    string   `json:"note"`
	Kind    pos.Kind `json:"kind"`
	Token   bool     `json:"token"`
}

func (l lineInput) request() pos.LineRequest {
	r := pos.LineRequest{Product: l.Product, Qty: 1, Options: l.Options, Note: l.Note, Kind: l.Kind, Token: l.Token}
	if l.Qty != nil {
		r.Qty = *l.Qty
	}
	return r
}

type saleInput struct {
	Mode    pos.Mode     `json:"mode"`
	Lines   []lineInput  `json:"lines"`
	Card    string       `json:"card"`
	Tenders []pos.Tender `json:"tenders"`
}

func (s *Server) postSale(c *fiber.Ctx, by pos.By, in saleInput) (pos.SaleResult, error) {
	if err := s.scanByNumber(c, in.Card); err != nil {
		return pos.SaleResult{}, err
	}
	r := pos.SellRequest{Mode: in.Mode, Card: in.Card, Tenders: in.Tenders}
	for _, l := range in.Lines {
		r.Lines = append(r.Lines, l.request())
	}
	return s.till.Sell(c.UserContext(), by, r)
}

type salesAnswer struct {
	Sales []pos.Sale `json:"sales"`
}

// getSales lists a business day, newest first, without lines.
func (s *Server) getSales(c *fiber.Ctx) (salesAnswer, error) {
	day, err := s.queryDay(c, "date")
	if err != nil {
		return salesAnswer{}, err
	}
	limit, err := queryInt(c, "limit", salesDefault, 1, salesMost)
	if err != nil {
		return salesAnswer{}, err
	}
	all, err := s.till.Sales(c.UserContext(), day, int(limit))
	if all == nil {
		all = []pos.Sale{}
	}
	return salesAnswer{all}, err
}

func (s *Server) getSale(c *fiber.Ctx) (pos.Sale, error) {
	return s.till.Sale(c.UserContext(), param(c, "id"))
}

func (s *Server) postRefund(c *fiber.Ctx, by pos.By, in pos.RefundRequest) (pos.RefundResult, error) {
	return s.till.Refund(c.UserContext(), by, param(c, "id"), in)
}

// postChargeback takes stamps back after the bank took the money back (case 33).
func (s *Server) postChargeback(c *fiber.Ctx, by pos.By, in pos.ChargebackRequest) (pos.ChargebackResult, error) {
	return s.till.Chargeback(c.UserContext(), by, param(c, "id"), in)
}

// postSaleCard moves the stamps of a sale to the right card (case 40).
func (s *Server) postSaleCard(c *fiber.Ctx, by pos.By, in cardRequest) (pos.MoveResult, error) {
	if err := s.scanByNumber(c, in.Code); err != nil {
		return pos.MoveResult{}, err
	}
	return s.till.MoveStamps(c.UserContext(), by, param(c, "id"), in.Code)
}
