package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/loyalty"
	"comptoir/pos"
	"comptoir/receipts"
)

// cardView is a customer's card. It names nobody.
type cardView struct {
	base
	Card    pos.CardView
	Secret  string // the code, which is the card
	Left    int    // meals until one is given
	Full    bool   // the last one has just been given
	Places  []bool
	QR      qrImage
	Aloud   string // the number, in groups
	Letters string // the code itself, in fours: what the receipt page asks for
	Link    string
}

// cardPage serves GET /C/{code} of the public listener. An address that is not in capitals leads to the one that is.
func (s *Server) cardPage(c *fiber.Ctx) error {
	code := c.Params("code")
	card, err := s.till.CardOfPublic(c.UserContext(), code)
	if err != nil {
		return err
	}
	if upper := strings.ToUpper(code); upper != code {
		return c.Redirect("/C/"+url.PathEscape(upper), http.StatusSeeOther)
	}
	v := cardView{base: s.newBase(c, "card.page", ""), Card: card, Secret: code, Left: loyalty.MealsPerRelease - card.Filled, Aloud: aloud(card.Number), Letters: inFours(code), Link: s.till.CardURL(code)}
	v.Full = card.Filled == 0 && card.Stamps > 0
	for i := range loyalty.MealsPerRelease {
		v.Places = append(v.Places, i < card.Filled || v.Full)
	}
	if v.QR, err = qrSVG(v.Link); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "card", v)
}

// cardCode is the code of a card in what was typed or scanned: the code, or the address of its page.
func cardCode(typed string) (string, error) { return loyalty.ParseCode(typed) }

// inFours groups the letters of a code, to be copied by hand.
func inFours(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), " ")
}

// aloud groups a card's number by three, to be read out.
func aloud(number string) string {
	var groups []string
	for len(number) > 3 {
		groups, number = append(groups, number[:3]), number[3:]
	}
	return strings.Join(append(groups, number), " ")
}

// cardPicture serves GET /C/{code}/qr.png: the card as a picture, which needs no network later.
func (s *Server) cardPicture(c *fiber.Ctx) error {
	code := strings.ToUpper(c.Params("code"))
	if _, err := s.till.CardOfPublic(c.UserContext(), code); err != nil {
		return err
	}
	png, err := receipts.QRPNG(s.till.CardURL(code), cardPixels)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(png)
}

// newCardView is the page of one button that makes a card.
type newCardView struct {
	base
	Receipt string // whose meals are to be stamped next
}

// newCardPage serves GET /C.
func (s *Server) newCardPage(c *fiber.Ctx) error {
	return s.page(c, http.StatusOK, "card_new", newCardView{base: s.newBase(c, "newcard.title", ""), Receipt: c.Query("receipt")})
}

// newCard serves POST /C: a card, without a form. From a receipt it goes on to stamping its meals.
func (s *Server) newCard(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card, err := s.till.NewCard(c.UserContext(), by)
	if err != nil {
		return err
	}
	if receipt := c.FormValue("receipt"); receipt != "" {
		return c.Redirect("/R/"+url.PathEscape(receipt)+"?card="+url.QueryEscape(card.Code), http.StatusSeeOther)
	}
	return s.done(c, "/C/"+url.PathEscape(card.Code), "card_made")
}
