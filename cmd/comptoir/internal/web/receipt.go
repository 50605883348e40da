package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts"
)

// receiptView is a receipt on a phone, and its meals that are not stamped yet.
type receiptView struct {
	base
	pos.ReceiptView
	Secret  string         // the receipt code
	Rows    []receipts.Row // the frozen document
	Card    string         // code of the card to stamp them on, when there is one at hand
	Known   bool           // it is the one kept on this device
	Over    bool           // the time to stamp is over
	Numbers string         // of its refunds
}

// errClaimCard is told when what was typed is no card's code. A short number is not enough here: numbers can be
// guessed.
var errClaimCard = fault.New(fault.Invalid, "claim.card", "No card has this code.").Field("card", "unknown")

// receiptPage serves GET /R/{code} of the public listener.
func (s *Server) receiptPage(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.findReceipt(c, status, t) })
	return s.showReceipt(c, http.StatusOK, c.Params("code"), nil)
}

// receiptFromPaper serves GET /R/{code}/{number}/{total}/{hash}: the code on paper also says what was paid (fiscal R91), for
// whoever checks it; the page needs the first part alone.
func (s *Server) receiptFromPaper(c *fiber.Ctx) error {
	return c.Redirect("/R/"+url.PathEscape(c.Params("code")), http.StatusSeeOther)
}

func (s *Server) showReceipt(c *fiber.Ctx, status int, code string, trouble *troubleView) error {
	receipt, err := s.till.Receipt(c.UserContext(), code)
	if err != nil {
		return err
	}
	v := receiptView{base: s.newBase(c, "receipt.title", ""), ReceiptView: receipt, Secret: code, Rows: receipt.Document.Rows(), Card: c.Query("card")}
	if v.Card == "" {
		v.Card = keptCard(c)
		v.Known = v.Card != ""
	}
	v.Over = receipt.DaysLeft == 0 && receipt.Meals > receipt.Stamped
	v.Numbers = strings.Join(receipt.Refunds, ", ")
	v.Trouble = trouble
	return s.page(c, status, "receipt", v)
}

// claim serves POST /R/{code}/claim: the meals of this receipt go to a card, and the card is shown.
func (s *Server) claim(c *fiber.Ctx) error {
	receipt := c.Params("code")
	onRefusal(c, func(status int, t *troubleView) error { return s.showReceipt(c, status, receipt, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card, err := s.claimant(c, c.FormValue("card"))
	if err != nil {
		return err
	}
	claimed, err := s.till.Claim(c.UserContext(), by, card, receipt)
	if err != nil {
		return err
	}
	keepCard(c, card)
	return s.toClaimed(c, card, claimed)
}

// claimant returns the code of the card in what was typed, if there is such a card. Refusals: claim.card,
// card.replaced, both beside the field.
func (s *Server) claimant(c *fiber.Ctx, typed string) (string, error) {
	code, err := cardCode(typed)
	if err != nil {
		return "", errClaimCard.Wrap(err)
	}
	_, err = s.till.CardOfPublic(c.UserContext(), code)
	e, refused := fault.As(err)
	switch {
	case refused && e.Kind == fault.NotFound:
		return "", errClaimCard.Wrap(err)
	case refused && e.Kind == fault.Gone:
		return "", e.Field("card", "unknown")
	}
	return code, err
}

// findReceiptView asks for the code of a receipt.
type findReceiptView struct {
	base
	Receipt, Card string
}

// receiptFinder serves GET /R: it leads to the receipt whose code was typed, or asks for one.
func (s *Server) receiptFinder(c *fiber.Ctx) error {
	typed := strings.ToUpper(strings.Join(strings.Fields(c.Query("receipt")), ""))
	if typed == "" {
		return s.findReceipt(c, http.StatusOK, nil)
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.findReceipt(c, status, t) })
	if i := strings.LastIndex(typed, "/R/"); i >= 0 {
		typed, _, _ = strings.Cut(typed[i+len("/R/"):], "/")
	}
	if _, err := s.till.Receipt(c.UserContext(), typed); err != nil {
		return err
	}
	to := "/R/" + url.PathEscape(typed)
	if card := c.Query("card"); card != "" {
		to += "?card=" + url.QueryEscape(card)
	}
	return c.Redirect(to, http.StatusSeeOther)
}

// findReceipt shows the page that asks for a code, with the one that was not found.
func (s *Server) findReceipt(c *fiber.Ctx, status int, t *troubleView) error {
	v := findReceiptView{base: s.newBase(c, "receipt.find", ""), Receipt: c.Query("receipt"), Card: c.Query("card")}
	if code := c.Params("code"); v.Receipt == "" && t != nil {
		v.Receipt = code
	}
	if t != nil && len(t.Fields) == 0 {
		t.Fields = []fieldTrouble{{Name: "receipt", Place: v.T("receipt.code"), Text: t.Text, Whole: t.Text}}
	}
	v.Trouble = t
	return s.page(c, status, "receipt_find", v)
}
