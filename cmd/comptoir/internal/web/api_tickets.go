package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) ticketCalls() []route {
	const tickets = apiPrefix + "/tickets"
	return []route{
		{http.MethodPost, tickets, counter(), command(s, http.StatusCreated, s.postTicket)},
		{http.MethodGet, tickets, anyone(), read(s.getTickets)},
		{http.MethodGet, tickets + "/:id", anyone(), read(s.getTicket)},
		{http.MethodPost, tickets + "/:id", counter(), command(s, http.StatusOK, s.postTicketChange)},
		{http.MethodPost, tickets + "/:id/lines", counter(), command(s, http.StatusCreated, s.postLine)},
		{http.MethodPost, tickets + "/:id/lines/:line", counter(), command(s, http.StatusOK, s.postLineChange)},
		{http.MethodPost, tickets + "/:id/lines/:line/remove", counter(), command(s, http.StatusOK, s.postLineRemove)},
		{http.MethodPost, tickets + "/:id/lines/:line/discount", counter(), command(s, http.StatusOK, s.postLineDiscount)},
		{http.MethodPost, tickets + "/:id/discount", counter(), command(s, http.StatusOK, s.postTicketDiscount)},
		{http.MethodPost, tickets + "/:id/split", counter(), command(s, http.StatusCreated, s.postSplit)},
		{http.MethodPost, tickets + "/:id/join", counter(), command(s, http.StatusOK, s.postJoin)},
		{http.MethodPost, tickets + "/:id/payments", counter(), command(s, http.StatusCreated, s.postPayment)},
		{http.MethodPost, tickets + "/:id/payments/:n/remove", counter(), command(s, http.StatusOK, s.postPaymentRemove)},
		{http.MethodPost, tickets + "/:id/card", counter(), command(s, http.StatusOK, s.postTicketCard)},
		{http.MethodPost, tickets + "/:id/card/remove", counter(), command(s, http.StatusOK, s.postTicketCardRemove)},
		{http.MethodPost, tickets + "/:id/send", counter(), command(s, http.StatusOK, s.postSend)},
		{http.MethodPost, tickets + "/:id/note", counter(), command(s, http.StatusCreated, s.postNote)},
		{http.MethodPost, tickets + "/:id/drop", counter(), command(s, http.StatusOK, s.postDrop)},
		{http.MethodPost, tickets + "/:id/checkout", counter(), command(s, http.StatusCreated, s.postCheckout)},
	}
}

func (s *Server) postTicket(c *fiber.Ctx, by pos.By, in pos.TicketRequest) (pos.Ticket, error) {
	return s.till.OpenTicket(c.UserContext(), by, in)
}

type ticketsAnswer struct {
	Tickets []pos.Ticket `json:"tickets"`
}

func (s *Server) getTickets(c *fiber.Ctx) (ticketsAnswer, error) {
	all, err := s.till.Tickets(c.UserContext())
	return ticketsAnswer{all}, err
}

func (s *Server) getTicket(c *fiber.Ctx) (pos.Ticket, error) {
	return s.till.Ticket(c.UserContext(), param(c, "id"))
}

func (s *Server) postTicketChange(c *fiber.Ctx, by pos.By, in pos.TicketChange) (pos.Ticket, error) {
	return s.till.ChangeTicket(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) postLine(c *fiber.Ctx, by pos.By, in lineInput) (pos.Ticket, error) {
	return s.till.AddLine(c.UserContext(), by, param(c, "id"), in.request())
}

func (s *Server) postLineChange(c *fiber.Ctx, by pos.By, in pos.LineChange) (pos.Ticket, error) {
	line, err := intParam(c, "line")
	if err != nil {
		return pos.Ticket{}, err
	}
	return s.till.ChangeLine(c.UserContext(), by, param(c, "id"), line, in)
}

func (s *Server) postLineRemove(c *fiber.Ctx, by pos.By, in pos.RemoveRequest) (pos.Ticket, error) {
	line, err := intParam(c, "line")
	if err != nil {
		return pos.Ticket{}, err
	}
	return s.till.RemoveLine(c.UserContext(), by, param(c, "id"), line, in)
}

// cardRequest names a card, of an order or of a sale.
type cardRequest struct {
	Code string `json:"code"` // code or number
}

// shareRequest puts a card on an order.
type shareRequest struct {
	Code  string `json:"code"`  // code or number
	Units *int   `json:"units"` // meals it stamps; nil: its own share, 0: it is taken off
}

func (s *Server) postTicketCard(c *fiber.Ctx, by pos.By, in shareRequest) (pos.Ticket, error) {
	if err := s.scanByNumber(c, in.Code); err != nil {
		return pos.Ticket{}, err
	}
	if in.Units != nil {
		return s.till.ShareCard(c.UserContext(), by, param(c, "id"), in.Code, *in.Units)
	}
	return s.till.AttachCard(c.UserContext(), by, param(c, "id"), in.Code)
}

func (s *Server) postTicketCardRemove(c *fiber.Ctx, by pos.By, _ none) (pos.Ticket, error) {
	return s.till.DetachCard(c.UserContext(), by, param(c, "id"))
}

func (s *Server) postSend(c *fiber.Ctx, by pos.By, _ none) (pos.Ticket, error) {
	return s.till.SendTicket(c.UserContext(), by, param(c, "id"))
}

func (s *Server) postNote(c *fiber.Ctx, by pos.By, _ none) (pos.Note, error) {
	return s.till.PrintNote(c.UserContext(), by, param(c, "id"))
}

type reasonRequest struct {
	Reason string `json:"reason"`
}

// dropRequest gives an order up: with the reason, or because its customer has left without paying.
type dropRequest struct {
	Reason    string `json:"reason"`
	WalkedOut bool   `json:"walked_out"`
}

func (s *Server) postDrop(c *fiber.Ctx, by pos.By, in dropRequest) (pos.Ticket, error) {
	if in.WalkedOut {
		return s.till.WalkOut(c.UserContext(), by, param(c, "id"))
	}
	return s.till.DropTicket(c.UserContext(), by, param(c, "id"), in.Reason)
}

func (s *Server) postCheckout(c *fiber.Ctx, by pos.By, in pos.CheckoutRequest) (pos.SaleResult, error) {
	return s.till.Checkout(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) postLineDiscount(c *fiber.Ctx, by pos.By, in pos.DiscountRequest) (pos.Ticket, error) {
	line, err := intParam(c, "line")
	if err != nil {
		return pos.Ticket{}, err
	}
	if line == 0 { // which would be every line of the ticket
		return pos.Ticket{}, errParam.Field("line", "range")
	}
	return s.till.DiscountLine(c.UserContext(), by, param(c, "id"), line, in)
}

func (s *Server) postTicketDiscount(c *fiber.Ctx, by pos.By, in pos.DiscountRequest) (pos.Ticket, error) {
	return s.till.DiscountLine(c.UserContext(), by, param(c, "id"), 0, in)
}

type splitRequest struct {
	Lines []pos.SplitLine `json:"lines"`
}

func (s *Server) postSplit(c *fiber.Ctx, by pos.By, in splitRequest) (pos.SplitResult, error) {
	return s.till.SplitTicket(c.UserContext(), by, param(c, "id"), in.Lines)
}

type joinRequest struct {
	From string `json:"from"` // id of the ticket that goes
}

func (s *Server) postJoin(c *fiber.Ctx, by pos.By, in joinRequest) (pos.Ticket, error) {
	return s.till.JoinTickets(c.UserContext(), by, in.From, param(c, "id"))
}

func (s *Server) postPayment(c *fiber.Ctx, by pos.By, in pos.PaymentRequest) (pos.PaymentResult, error) {
	return s.till.AddPayment(c.UserContext(), by, param(c, "id"), in)
}

func (s *Server) postPaymentRemove(c *fiber.Ctx, by pos.By, in reasonRequest) (pos.Ticket, error) {
	n, err := intParam(c, "n")
	if err != nil {
		return pos.Ticket{}, err
	}
	return s.till.RemovePayment(c.UserContext(), by, param(c, "id"), n, in.Reason)
}
