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
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodPost, cards, counter(), command(s, http.StatusCreated, s.postCard)},
		{http.MethodPost, cards + "/merge", counter(), command(s, http.StatusOK, s.postMerge)},
		{http.MethodGet, cards + "/:code", counter(), read(s.getCard)},
		{http.MethodGet, cards + "/:code/qr.svg", counter(), s.getCardSVG},
		{http.MethodGet, cards + "/:code/qr.png", counter(), s.getCardPNG},
		{http.MethodPost, cards + "/:code/claim", counter(), command(s, http.StatusOK, s.postClaim)},
		{http.MethodPost, cards + "/sheet", manager, command(s, http.StatusCreated, s.postSheet)},
		{http.MethodPost, cards + "/find", counter(), s.postFindCards},
		{http.MethodGet, cards + "/:code/data", counter(), read(s.getCardData)},
		{http.MethodPost, cards + "/:code/lost", counter(), command(s, http.StatusOK, s.postLost)},
		{http.MethodPost, cards + "/:code/replace", counter(), command(s, http.StatusCreated, s.postReplace)},
		{http.MethodPost, cards + "/:code/contact", counter(), command(s, http.StatusOK, s.postContact)},
		{http.MethodPost, cards + "/:code/import", manager, command(s, http.StatusOK, s.postImport)},
		{http.MethodPost, cards + "/:code/goodwill", manager, command(s, http.StatusOK, s.postGoodwill)},
		{http.MethodPost, cards + "/:code/erase", manager, command(s, http.StatusOK, s.postErase)},
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

type sheetRequest struct {
	Count int `json:"count"`
}

type sheetAnswer struct {
	Cards []pos.CardIssued `json:"cards"`
}

func (s *Server) postSheet(c *fiber.Ctx, by pos.By, in sheetRequest) (sheetAnswer, error) {
	all, err := s.till.PaperCards(c.UserContext(), by, in.Count)
	return sheetAnswer{all}, err
}

type contactRequest struct {
	Contact string `json:"contact"` // empty: it is erased
}

type cardsAnswer struct {
	Cards []pos.CardView `json:"cards"`
}

// postFindCards serves POST /cards/find: a question, by POST so that no address holds a contact.
func (s *Server) postFindCards(c *fiber.Ctx) error {
	var in contactRequest
	if _, err := s.by(c); err != nil {
		return err
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.scans.take(c); err != nil { // contacts can be tried out
		return err
	}
	all, err := s.till.CardsByContact(c.UserContext(), in.Contact)
	if err != nil {
		return err
	}
	return c.JSON(cardsAnswer{all})
}

func (s *Server) getCardData(c *fiber.Ctx) (pos.CardData, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardData{}, err
	}
	return s.till.CardData(c.UserContext(), code)
}

func (s *Server) postLost(c *fiber.Ctx, by pos.By, _ none) (pos.CardView, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardView{}, err
	}
	return s.till.LoseCard(c.UserContext(), by, code)
}

func (s *Server) postReplace(c *fiber.Ctx, by pos.By, _ none) (pos.CardIssued, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardIssued{}, err
	}
	return s.till.ReplaceCard(c.UserContext(), by, code)
}

type contactAnswer struct {
	Contact string `json:"contact"` // a hint; empty: none is set
}

func (s *Server) postContact(c *fiber.Ctx, by pos.By, in contactRequest) (contactAnswer, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return contactAnswer{}, err
	}
	if err := s.till.SetContact(c.UserContext(), by, code, in.Contact); err != nil {
		return contactAnswer{}, err
	}
	hint, err := s.till.ContactHint(c.UserContext(), code)
	return contactAnswer{hint}, err
}

func (s *Server) postImport(c *fiber.Ctx, by pos.By, in pos.ImportRequest) (pos.CardView, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardView{}, err
	}
	return s.till.ImportPaper(c.UserContext(), by, code, in)
}

type goodwillRequest struct {
	Stamps int `json:"stamps"`
}

func (s *Server) postGoodwill(c *fiber.Ctx, by pos.By, in goodwillRequest) (pos.CardView, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return pos.CardView{}, err
	}
	return s.till.Goodwill(c.UserContext(), by, code, in.Stamps)
}

// erased is the answer of what leaves nothing to show.
type erased struct {
	Erased bool `json:"erased"`
}

func (s *Server) postErase(c *fiber.Ctx, by pos.By, _ none) (erased, error) {
	code := param(c, "code")
	if err := s.scanByNumber(c, code); err != nil {
		return erased{}, err
	}
	return erased{true}, s.till.CloseCard(c.UserContext(), by, code)
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
