package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/loyalty"
	"comptoir/pos"
	"comptoir/receipts"
)

// qrPixels is the side of a card's QR code as a picture.
const qrPixels = 512

func (s *Server) cardCalls() []route {
	const cards = apiPrefix + "/cards"
	return []route{
		{http.MethodPost, cards, counter(), command(s, http.StatusCreated, s.postCard)},
		{http.MethodPost, cards + "/merge", counter(), command(s, http.StatusOK, s.postMerge)},
		{http.MethodGet, cards + "/:code", counter(), read(s.getCard)},
		{http.MethodGet, cards + "/:code/qr.svg", counter(), s.getCardSVG},
		{http.MethodGet, cards + "/:code/qr.png", counter(), s.getCardPNG},
		{http.MethodPost, cards + "/:code/claim", counter(), command(s, http.StatusOK, s.postClaim)},
	}
}

func (s *Server) postCard(c *fiber.Ctx, by pos.By, _ none) (pos.CardIssued, error) {
	return s.till.NewCard(c.UserContext(), by)
}

func (s *Server) getCard(c *fiber.Ctx) (pos.CardView, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardView{}, err
	}
	return s.till.Card(c.UserContext(), code)
}

// cardURL returns what the QR code of a card holds. It takes the full code: of a card only the code's hash is
// stored, so a number cannot be turned into a QR code. The card must exist.
func (s *Server) cardURL(c *fiber.Ctx) (string, error) {
	code, err := loyalty.ParseCode(param(c, "code"))
	if err != nil {
		return "", err
	}
	if _, err := s.till.Card(c.UserContext(), code); err != nil {
		return "", err
	}
	return s.till.CardURL(code), nil
}

func (s *Server) getCardSVG(c *fiber.Ctx) error {
	url, err := s.cardURL(c)
	if err != nil {
		return err
	}
	svg, err := receipts.QRSVG(url)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.SendString(svg)
}

func (s *Server) getCardPNG(c *fiber.Ctx) error {
	url, err := s.cardURL(c)
	if err != nil {
		return err
	}
	png, err := receipts.QRPNG(url, qrPixels)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(png)
}

type claimRequest struct {
	ReceiptCode string `json:"receipt_code"`
}

func (s *Server) postClaim(c *fiber.Ctx, by pos.By, in claimRequest) (pos.ClaimResult, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.ClaimResult{}, err
	}
	return s.till.Claim(c.UserContext(), by, code, in.ReceiptCode)
}

type mergeRequest struct {
	From string `json:"from"` // the card that is replaced
	Into string `json:"into"`
}

func (s *Server) postMerge(c *fiber.Ctx, by pos.By, in mergeRequest) (pos.CardView, error) {
	for _, code := range []string{in.From, in.Into} {
		if err := s.scanByNumber(c, code); err != nil {
			return pos.CardView{}, err
		}
	}
	return s.till.MergeCards(c.UserContext(), by, in.From, in.Into)
}
