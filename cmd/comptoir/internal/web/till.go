package web

import (
	"context"
	"html/template"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// tillView is the till, whole.
type tillView struct {
	base
	Cart  cartView
	Chips *chipsView
	Toast toastView
	Told  *cardTold // the card that was scanned on another page

	Rail, Grid, Dialogs template.HTML // what it shows of the menu; see menuBlocks

	blocks []keptBlock // the same

	Drawer bool // one hangs on the printer of this till, and may be opened

	Recovery *recoveryView // after a restart; nil: nothing to tell
}

// openingView asks for the float: nothing can be sold without an open shift.
type openingView struct {
	base
	Proposed string // what the last shift left in the drawer
}

// openingPage asks for the float in place of the till.
func (s *Server) openingPage(c *fiber.Ctx) error {
	v := openingView{base: s.newBase(c, "shift.closed", "till")}
	last, err := s.till.LastShift(c.UserContext())
	if err != nil && fault.CodeOf(err) != "shift.none" {
		return err
	}
	v.Proposed = proposedFloat(v.base, last)
	return s.page(c, http.StatusOK, "opening", v)
}

// tillPage serves GET /: the till, on the ticket of ?ticket= when it is open.
func (s *Server) tillPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if _, err := s.till.CurrentShift(ctx); fault.CodeOf(err) == "shift.none" {
		return s.openingPage(c)
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
	v, err := s.newTill(c, &s.kept, menu, tk)
	if err != nil {
		return err
	}
	if sale := c.Query("sale"); sale != "" && tk.ID == "" { // its card was accepted on the terminal's page
		if v.Cart.Paid, err = s.paidOf(c, sale); err != nil {
			return err
		}
	}
	if c.Query("told") == "card" {
		v.Told = newCardTold(v.Language, tk)
	}
	if v.Recovery, err = s.recovery(c, c.Query("ticket")); err != nil {
		return err
	}
	return s.sendTill(c, v)
}

// newTill is the till on a ticket, or on none.
func (s *Server) newTill(c *fiber.Ctx, kept *keptBlocks, menu pos.Menu, tk pos.Ticket) (tillView, error) {
	chips, err := s.chips(c, tk.ID)
	if err != nil {
		return tillView{}, err
	}
	l := s.language(c)
	v := tillView{base: s.newBase(c, "till.title", "till"), Chips: chips, Toast: arrival(c, l), Drawer: s.hasDrawer(c)}
	if v.Cart, err = s.cart(c.UserContext(), l, menu, tk); err != nil {
		return v, err
	}
	err = s.menuBlocks(c.UserContext(), kept, &v, menu)
	return v, err
}

// arrival says why one has come to the till: after a scan elsewhere that was refused, or after a session that ended
// while taps were on their way. Both are told in the address, without a code.
func arrival(c *fiber.Ctx, l *locale.Language) toastView {
	v := toastView{Language: l}
	switch code := c.Query("refused"); {
	case code != "" && l.Has("error."+code):
		v.Text, v.Wrong, v.Code = l.Refusal(code, false, nil), true, code
	case c.QueryInt("unsent") > 0:
		v.Text, v.Wrong = l.N("till.unsent", c.QueryInt("unsent")), true
	}
	return v
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

// cart is what the till shows of a ticket; without one it stands on the mode that the café has chosen for new orders.
func (s *Server) cart(ctx context.Context, l *locale.Language, menu pos.Menu, tk pos.Ticket) (cartView, error) {
	if tk.ID == "" {
		chosen, err := s.till.Settings(ctx)
		if err != nil {
			return cartView{}, err
		}
		tk.Mode = chosen.DefaultMode
	}
	v := newCart(l, menu, tk)
	v.Training = s.till.Training()
	return v, nil
}

// cartPart serves GET /till/cart. An order that has left the till meanwhile is said to have.
func (s *Server) cartPart(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), s.language(c)
	tk, err := s.shownTicket(ctx, c.Query("ticket"))
	if err != nil {
		return err
	}
	a := answerOf{ticket: tk}
	if tk.ID == "" && c.Query("ticket") != "" {
		if gone, err := s.till.Ticket(ctx, c.Query("ticket")); err == nil {
			a.toast = &toastView{Language: l, Text: l.T("ticket.gone."+gone.State, "name", ticketName(l, gone))}
		}
	}
	return s.answerCart(c, a)
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
	Told   *cardTold  // a card has just been attached
	Made   *madeCard  // and is new
	Status string     // for screen readers
}

// noticeView is the answer to a command beside the ticket.
type noticeView struct {
	Toast *toastView
	Chips *chipsView
	Grid  *gridView
}

// answerOf is what a command came to.
type answerOf struct {
	ticket pos.Ticket // zero: the till starts anew
	undo   []inverse
	paid   *pos.SaleResult
	chips  bool // what the chips show has changed
	card   bool // the card of the ticket is to be told
	made   *pos.CardIssued
	toast  *toastView
	leads  string // to another page; empty: the till stays
}

// answerCart sends the cart as the command has left it, with what went with it.
func (s *Server) answerCart(c *fiber.Ctx, a answerOf) error {
	s.showAnswer(c, a)
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	l := s.language(c)
	v := answerView{Toast: a.toast}
	if v.Cart, err = s.cart(c.UserContext(), l, menu, a.ticket); err != nil {
		return err
	}
	v.Cart.Undo, v.Cart.Leads = a.undo, a.leads
	if a.card {
		v.Told = newCardTold(l, a.ticket)
	}
	if a.made != nil {
		s.showCard(c, a.made.URL)
		if v.Made, err = newMadeCard(l, *a.made); err != nil {
			return err
		}
	}
	v.Status = l.N("status.cart", v.Cart.Items(), "sum", l.Money(a.ticket.Total))
	if a.paid != nil {
		if v.Cart.Paid, err = s.newPaid(c.UserContext(), l, *a.paid); err != nil {
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

// chipsView counts what waits: orders, and what is on the shelf.
type chipsView struct {
	*locale.Language
	Held, Available int
	Training        bool                   // the till is
	Epoch           int64                  // number of the machine's life
	Answers         map[string]answerWords // of the classes to serve
}

// chips counts what waits beside the ticket that is shown.
func (s *Server) chips(c *fiber.Ctx, shown string) (*chipsView, error) {
	ctx, l := c.UserContext(), s.language(c)
	open, err := s.till.Tickets(ctx)
	if err != nil {
		return nil, err
	}
	v := &chipsView{Language: l, Held: len(waitingBeside(open, shown)), Training: s.till.Training(), Epoch: s.till.DB().Epoch()}
	shelf, err := s.till.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	for _, class := range shelf.Classes {
		v.Available += class.Available
	}
	answers, err := s.till.ServeAnswers(ctx)
	v.Answers = newAnswers(l, answers)
	return v, err
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
	Text        string
	Wrong       bool
	Undo        undoList // what takes back what it tells; the till keeps it with what takes back the order's commands
	Link, Word  string   // where to read more
	Code, Field string   // of a refusal: what was refused, and which field of the dialog it is about
}

// NewCard says that a card could be made instead of the one that was refused.
func (v toastView) NewCard() bool { return strings.HasPrefix(v.Code, "card.") }
