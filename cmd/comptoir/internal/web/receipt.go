package web

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"comptoir/receipts"
)

// receiptView is a receipt on a phone, and its meals that are not stamped yet.
type receiptView struct {
	base
	Secret    string // the receipt code
	Text      string // the frozen document
	Claimable int    // meals that can still be stamped
	Card      string // code of the card to stamp them on, when it has just been made
}

// receiptPage serves GET /R/{code} of the public listener.
func (s *Server) receiptPage(c *fiber.Ctx) error { return s.showReceipt(c, http.StatusOK, nil) }

func (s *Server) showReceipt(c *fiber.Ctx, status int, trouble *troubleView) error {
	receipt, err := s.till.Receipt(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	v := receiptView{base: s.newBase(c, "receipt.title", ""), Secret: c.Params("code"), Text: receipt.Document.Text(receipts.Columns80), Claimable: receipt.Claimable, Card: c.Query("card")}
	if typed := c.FormValue("card"); typed != "" {
		v.Card = typed
	}
	v.Trouble = trouble
	return s.page(c, status, "receipt", v)
}

// claim serves POST /R/{code}/claim: the meals of this receipt go to a card, and the card is shown.
func (s *Server) claim(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showReceipt(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card := c.FormValue("card")
	if _, err := s.till.CardOfPublic(c.UserContext(), card); err != nil {
		return err // a short number is not enough here: numbers can be guessed
	}
	if _, err := s.till.Claim(c.UserContext(), by, card, c.Params("code")); err != nil {
		return err
	}
	code, err := cardCode(card)
	if err != nil {
		return err
	}
	return s.done(c, "/C/"+url.PathEscape(code), "claimed")
}
