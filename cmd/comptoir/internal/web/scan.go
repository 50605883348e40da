package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/pos"
)

// scanned serves POST /scan: a code that was scanned on a page of the staff other than the till. A receipt opens its
// sale. A card goes to the order of this till, a new one when there is none, and the till shows it; or back to the
// payment it was scanned on. No address that follows holds the code.
func (s *Server) scanned(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	ctx, code := c.UserContext(), c.FormValue("code")
	if _, err := loyalty.ParseCode(code); fault.CodeOf(err) == "card.unreadable" { // not of a card's shape: a receipt may hold the letters FID
		r, err := s.till.Receipt(ctx, code)
		if err != nil {
			return err
		}
		return c.Redirect("/sales/"+url.PathEscape(r.Document.Number), http.StatusSeeOther)
	}
	tk, err := s.shownTicket(ctx, c.FormValue("ticket"))
	if err != nil {
		return err
	}
	if _, err := s.till.Card(ctx, code); err != nil {
		return c.Redirect(tillAt(tk.ID, "refused", fault.CodeOf(err)), http.StatusSeeOther)
	}
	if tk.ID == "" {
		if tk, err = s.till.OpenTicket(ctx, part(by, "open"), pos.TicketRequest{}); err != nil {
			return err
		}
	}
	if _, err := s.till.AttachCard(ctx, part(by, "attach"), tk.ID, code); err != nil {
		return err
	}
	if next := c.FormValue("next"); strings.HasPrefix(next, "/pay/") {
		return c.Redirect(local(next), http.StatusSeeOther)
	}
	return c.Redirect(tillAt(tk.ID, "told", "card"), http.StatusSeeOther)
}

// tillAt is the address of the till on an order, with one thing to say.
func tillAt(ticket, name, value string) string {
	q := url.Values{name: {value}}
	if ticket != "" {
		q.Set("ticket", ticket)
	}
	return "/?" + q.Encode()
}
