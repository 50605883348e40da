package web

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// tillView is the till, whole.
type tillView struct {
	base
	Cart   cartView
	Chips  *chipsView
	Toast  toastView
	Grid   gridView
	Rail   []railView
	Serve  classesView
	Gift   classesView
	Reason []string // quick reasons for taking off what the kitchen has
}

// openingView asks for the float: nothing can be sold without an open shift.
type openingView struct{ base }

// tillPage serves GET /: the till, on the ticket of ?ticket= when it is open.
func (s *Server) tillPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if _, err := s.till.CurrentShift(ctx); fault.CodeOf(err) == "shift.none" {
		return s.page(c, http.StatusOK, "opening", openingView{base: s.newBase(c, "shift.closed", "till")})
	} else if err != nil {
		return err
	}
	menu, err := s.till.Menu(ctx)
	if err != nil {
		return err
	}
	tk, err := s.shownTicket(ctx, c.Query("ticket"))
	if err != nil {
		return err
	}
	s.showTicket(c, tk.ID)
	chips, err := s.chips(c, tk.ID)
	if err != nil {
		return err
	}
	l := s.language(c)
	v := tillView{
		base: s.newBase(c, "till.title", "till"), Cart: newCart(l, menu, tk), Chips: chips, Grid: newGrid(l, menu), Rail: newRail(l, menu),
		Serve: newClasses(l, menu, "serve"), Gift: newClasses(l, menu, "gift"),
		Reason: []string{l.T("reason.mistake"), l.T("reason.mind"), l.T("reason.out"), l.T("reason.slow")},
	}
	v.Toast.Language = l
	return s.page(c, http.StatusOK, "till", v)
}

// shownTicket returns an open ticket, or the zero Ticket for one that is not, or is none: the till then starts anew.
func (s *Server) shownTicket(ctx context.Context, id string) (pos.Ticket, error) {
	if id == "" {
		return pos.Ticket{}, nil
	}
	tk, err := s.till.Ticket(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && tk.State != "open" {
		return pos.Ticket{}, nil
	}
	return tk, err
}

// cartPart serves GET /till/cart.
func (s *Server) cartPart(c *fiber.Ctx) error {
	tk, err := s.shownTicket(c.UserContext(), c.Query("ticket"))
	if err != nil {
		return err
	}
	return s.answerCart(c, answerOf{ticket: tk})
}

// gridPart serves GET /till/grid.
func (s *Server) gridPart(c *fiber.Ctx) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "grid", newGrid(s.language(c), menu))
}

// chipsPart serves GET /till/chips: open tickets and shelf. Without an open shift it refuses, and the page starts over.
func (s *Server) chipsPart(c *fiber.Ctx) error {
	if _, err := s.till.CurrentShift(c.UserContext()); err != nil {
		return err
	}
	chips, err := s.chips(c, c.Query("ticket"))
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "notice", noticeView{Chips: chips})
}

// answerView is the answer to a command on a ticket.
type answerView struct {
	Cart   cartView
	Toast  *toastView // nil: what is there stays
	Chips  *chipsView // nil: unchanged
	Status string     // for screen readers
}

// noticeView is the answer to a command beside the ticket.
type noticeView struct {
	Toast *toastView
	Chips *chipsView
}

// answerOf is what a command came to.
type answerOf struct {
	ticket pos.Ticket // zero: the till starts anew
	undo   []inverse
	paid   *pos.SaleResult
	chips  bool // what the chips show has changed
	toast  string
}

// answerCart sends the cart as the command has left it, with what went with it.
func (s *Server) answerCart(c *fiber.Ctx, a answerOf) error {
	s.showAnswer(c, a)
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	l := s.language(c)
	v := answerView{Cart: newCart(l, menu, a.ticket)}
	if a.toast != "" {
		v.Toast = &toastView{Language: l, Text: a.toast}
	}
	v.Cart.Undo = a.undo
	v.Status = l.N("status.cart", v.Cart.Items(), "sum", l.Money(a.ticket.Total))
	if a.paid != nil {
		if v.Cart.Paid, err = s.newPaid(l, *a.paid); err != nil {
			return err
		}
		v.Status = l.T("paid.done", "sum", l.Money(a.paid.Total))
		if a.paid.Change > 0 {
			v.Status += " " + l.T("paid.change") + " " + l.Money(a.paid.Change)
		}
	}
	if a.chips {
		if v.Chips, err = s.chips(c, a.ticket.ID); err != nil {
			return err
		}
	}
	return s.fragment(c, http.StatusOK, "answer", v)
}

// chipsView is what waits: tickets and shelf.
type chipsView struct {
	*locale.Language
	Held      []heldView
	Available int
}

// heldView is one ticket that waits.
type heldView struct{ ID, Name, Mode, Total string }

// chips reads what waits beside the ticket that is shown. Empty tickets are nobody's order.
func (s *Server) chips(c *fiber.Ctx, shown string) (*chipsView, error) {
	ctx, l := c.UserContext(), s.language(c)
	open, err := s.till.Tickets(ctx)
	if err != nil {
		return nil, err
	}
	v := &chipsView{Language: l}
	for _, tk := range open {
		if tk.ID != shown && len(tk.Lines) > 0 {
			v.Held = append(v.Held, heldView{tk.ID, ticketName(l, tk), l.T("mode." + string(tk.Mode)), l.Money(tk.Total)})
		}
	}
	shelf, err := s.till.Shelf(ctx)
	if err != nil {
		return nil, err
	}
	for _, class := range shelf.Classes {
		v.Available += class.Available
	}
	return v, nil
}

// ticketName is the name somebody gave, else its number.
func ticketName(l *locale.Language, tk pos.Ticket) string {
	if tk.Name != "" {
		return tk.Name
	}
	return l.T("cart.order", "no", tk.No)
}

// toastView is one short message.
type toastView struct {
	*locale.Language
	Text   string
	Wrong  bool
	UndoOf string // number of the serving that can be taken back
}
