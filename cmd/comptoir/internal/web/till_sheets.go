package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// sheetPart serves GET /till/sheet/{line|ticket|card|product|held}: what a dialog of the till holds, when it is opened.
// The choices that ring a product are in the page already: they may not wait for a network.
func (s *Server) sheetPart(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), s.language(c)
	menu, err := s.till.Menu(ctx)
	if err != nil {
		return err
	}
	if c.Params("sheet") == "product" {
		p := productOf(menu, c.Query("product"))
		if p.ID == "" {
			return errRoute
		}
		return s.fragment(c, fiber.StatusOK, "product-sheet", newSheet(l, p))
	}
	tk, err := s.shownTicket(ctx, c.Query("ticket"))
	if err != nil {
		return err
	}
	switch c.Params("sheet") {
	case "held":
		v, err := s.held(ctx, l, tk)
		if err != nil {
			return err
		}
		return s.fragment(c, fiber.StatusOK, "held-sheet", v)
	case "ticket":
		v := ticketSheet{cartView: newCart(l, menu, tk), Manager: s.operator(c).Role == pos.RoleManager}
		if v.Discount, err = s.newDiscountForm(ctx, l, 0, isDiscounted(tk)); err != nil {
			return err
		}
		return s.fragment(c, fiber.StatusOK, "ticket-sheet", v)
	case "card":
		return s.fragment(c, fiber.StatusOK, "card-sheet", cardSheet{Language: l, Told: newCardTold(l, tk)})
	case "line":
		i := slices.IndexFunc(tk.Lines, func(line pos.Line) bool { return line.ID == c.QueryInt("line") })
		if i < 0 {
			return errRoute
		}
		v := newLineSheet(l, menu, tk.Lines[i])
		if v.Kind == pos.LineSale {
			if v.Form, err = s.newDiscountForm(ctx, l, v.ID, v.Discount > 0); err != nil {
				return err
			}
		}
		return s.fragment(c, fiber.StatusOK, "line-sheet", v)
	}
	return errRoute
}

// lineSheet is all that can be said of one line.
type lineSheet struct {
	lineView
	Groups []groupView // its choices; none once others have seen it
	Give   bool        // one of it can be given
	Form   *discountForm
}

func newLineSheet(l *locale.Language, menu pos.Menu, line pos.Line) lineSheet {
	v := lineSheet{lineView: newLine(l, line)}
	p := productOf(menu, line.Product)
	v.Give = p.SuspendClass != "" && p.Available && line.Kind == pos.LineSale
	if line.Kind != pos.LineSale || v.Seen() {
		return v
	}
	var chosen []string
	for _, o := range line.Options {
		chosen = append(chosen, o.ID)
	}
	v.Groups = groupsOf(l, p, chosen)
	return v
}

// ticketSheet is all that can be said of the whole order.
type ticketSheet struct {
	cartView
	Discount *discountForm
	Manager  bool // may say that the customer has left without paying
}

func isDiscounted(tk pos.Ticket) bool {
	return slices.ContainsFunc(tk.Lines, func(line pos.Line) bool { return line.Discount > 0 })
}

// cardSheet is the cards of the order, and how to attach one without a scanner.
type cardSheet struct {
	*locale.Language
	Told *cardTold
}

// cardTold is what the cards of an order show: how full each is, and what this order adds. No person, no history.
type cardTold struct {
	*locale.Language
	Cards []cardShare
	Free  int // meals that no card stamps: they can be claimed from the receipt
}

// cardShare is one card, and what of the order is its own.
type cardShare struct {
	*locale.Language
	Number       string
	Filled, Adds int
	Alone        bool
	Less, More   int  // what the stepper would make of it
	Most         bool // there is none to take
}

// newCardTold is nil for an order without a card.
func newCardTold(l *locale.Language, tk pos.Ticket) *cardTold {
	if tk.Card == nil {
		return nil
	}
	v := &cardTold{Language: l, Free: tk.MealUnits}
	for _, c := range tk.Cards {
		v.Free -= c.Units
	}
	for i, c := range tk.Cards {
		most := v.Free == 0 && (i == 0 || tk.Cards[0].Units <= 1)
		v.Cards = append(v.Cards, cardShare{Language: l, Number: c.Number, Filled: c.Filled, Adds: c.Units, Alone: len(tk.Cards) == 1,
			Less: c.Units - 1, More: c.Units + 1, Most: most})
	}
	return v
}

// Places are the nine places of the card: full, about to be, or empty.
func (v cardShare) Places() []string {
	const places = 9
	all := make([]string, places)
	for i := range all {
		switch {
		case i < v.Filled:
			all[i] = "full"
		case i < v.Filled+v.Adds:
			all[i] = "next"
		}
	}
	return all
}

// Releases reports that this order puts a meal on the shelf.
func (v cardShare) Releases() bool {
	const places = 9
	return v.Filled+v.Adds >= places
}

// heldSheet is the orders that wait.
type heldSheet struct {
	*locale.Language
	Held []heldView
	Join bool // they can be joined to the order on the till
}

// Many reports that the list is long enough to be searched.
func (v heldSheet) Many() bool {
	const enough = 12
	return len(v.Held) > enough
}

// heldView is one order that waits.
type heldView struct {
	ID, Name, Mode string
	At             time.Time // on the café's clock
	Total, Paid    money.Cents
}

func (s *Server) held(ctx context.Context, l *locale.Language, shown pos.Ticket) (heldSheet, error) {
	open, err := s.till.Tickets(ctx)
	v := heldSheet{Language: l, Join: shown.ID != ""}
	for _, tk := range waitingBeside(open, shown.ID) {
		v.Held = append(v.Held, heldView{ID: tk.ID, Name: ticketName(l, tk), Mode: l.T("mode." + string(tk.Mode)),
			At: tk.OpenedAt.In(s.till.DB().Zone()), Total: tk.Total, Paid: tk.Paid})
	}
	return v, err
}

// waitingBeside are the open orders beside the one on the till. Empty ones are nobody's order.
func waitingBeside(open []pos.Ticket, shown string) []pos.Ticket {
	return slices.DeleteFunc(open, func(tk pos.Ticket) bool { return tk.ID == shown || len(tk.Lines) == 0 })
}

// noteView is a provisional note, to be seen and printed.
type noteView struct {
	base
	Number string
	Text   string // the very text of the paper
	Ticket string
	Pay    bool // it was made on the way to the payment, which goes on
	Now    bool // it has just been made
	Job    *jobView
}

// payNote serves POST /pay/{ticket}/note: the note that is due before the payment (fiscal R93).
func (s *Server) payNote(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	note, err := s.till.PrintNote(c.UserContext(), by, c.Params("ticket"))
	if err != nil {
		return err
	}
	page := "/notes/" + url.PathEscape(note.Number) + "?pay=1&ticket=" + url.QueryEscape(note.Ticket)
	if note.Job != "" {
		return c.Redirect(page+"&job="+url.QueryEscape(note.Job), http.StatusSeeOther)
	}
	return s.done(c, page, "printed")
}

// notePage serves GET /notes/{number}.
func (s *Server) notePage(c *fiber.Ctx) error {
	d, err := s.till.Document(c.UserContext(), param(c, "number"))
	if err != nil {
		return err
	}
	v := noteView{base: s.newBase(c, "ticket.note", "till"), Number: d.Number, Ticket: c.Query("ticket"), Pay: c.Query("pay") != "", Now: c.Query("done") == "printed"}
	width := receipts.Columns80
	if v.Device.Paper == paper58 {
		width = receipts.Columns58
	}
	v.Text = d.Text(width)
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	return s.page(c, fiber.StatusOK, "note", v)
}
