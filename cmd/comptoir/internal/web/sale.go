package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// saleView is one document, and what can be done about it.
type saleView struct {
	base
	Sale       pos.Sale
	At         time.Time // on the café's clock
	Refundable bool
	Means      []pos.Means
	Tender     pos.Means // chosen to give the money back
	Reasons    []string
	QR         qrImage
}

// salePage serves GET /sales/{id}.
func (s *Server) salePage(c *fiber.Ctx) error { return s.showSale(c, http.StatusOK, nil) }

func (s *Server) showSale(c *fiber.Ctx, status int, trouble *troubleView) error {
	sale, err := s.till.Sale(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	v := saleView{base: s.newBase(c, "sales.title", "sales"), Sale: sale, At: sale.At.In(s.till.DB().Zone()),
		Means: []pos.Means{pos.Card, pos.Cash, pos.Transfer, pos.Cheque, pos.MealVoucher}, Tender: pos.Means(c.FormValue("tender"))}
	v.Title, v.Trouble = v.T("sale.title", "number", sale.Number), trouble
	v.Reasons = []string{v.T("reason.mistake"), v.T("reason.mind"), v.T("reason.out")}
	if v.Tender == "" && len(sale.Tenders) > 0 {
		v.Tender = sale.Tenders[0].Means
	}
	for _, l := range sale.Lines {
		v.Refundable = v.Refundable || sale.Kind == "sale" && l.RefundedQty < l.Qty && l.Kind != pos.LineRedemption
	}
	v.Refundable = v.Refundable && v.Operator.Role != pos.RoleAccountant
	if sale.ReceiptURL != "" {
		if v.QR, err = qrSVG(sale.ReceiptURL); err != nil {
			return err
		}
	}
	return s.page(c, status, "sale", v)
}

func qtyField(line int) string { return "qty-" + strconv.Itoa(line) }

// refund serves POST /sales/{id}/refund, and goes on to the document it made.
func (s *Server) refund(c *fiber.Ctx) error {
	r := pos.RefundRequest{Lines: []pos.RefundLine{}, Tender: pos.Means(c.FormValue("tender")), Reason: c.FormValue("reason")}
	onRefusal(c, func(status int, t *troubleView) error {
		for i, l := range r.Lines {
			t.Rename(fmt.Sprintf("lines[%d].qty", i), qtyField(l.Line), "")
		}
		return s.showSale(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	sale, err := s.till.Sale(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	for _, l := range sale.Lines {
		text := strings.TrimSpace(c.FormValue(qtyField(l.ID)))
		if text == "" || text == "0" {
			continue
		}
		qty, err := strconv.Atoi(text)
		if err != nil {
			return errQuantity.Field(qtyField(l.ID), "number")
		}
		r.Lines = append(r.Lines, pos.RefundLine{Line: l.ID, Qty: qty})
	}
	made, err := s.till.Refund(c.UserContext(), by, sale.ID, r)
	if err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(made.ID), "refunded")
}

// moveStamps serves POST /sales/{id}/move: the card that was shown was not the customer's.
func (s *Server) moveStamps(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showSale(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.MoveStamps(c.UserContext(), by, c.Params("id"), c.FormValue("to")); err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(c.Params("id")), "stamps_moved")
}

// errQuantity is told when a quantity to refund is no whole number.
var errQuantity = fault.New(fault.Invalid, "quantity.invalid", "A quantity is a whole number.")
