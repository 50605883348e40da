package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
)

// paidView is what stays on the screen after a payment, until the next tap: the change first.
type paidView struct {
	*locale.Language
	ID, Number    string
	Total, Change money.Cents
	Stamps        int
	Released      int
	Due           bool // the receipt is handed out unasked, by the café's policy
	Warnings      []string
	Training      bool        // it does not count
	QR            qrImage     // of the receipt
	GiftQR        qrImage     // of the donor's proof; empty without a gift
	Page          bool        // a page of its own, not the till's cart
	From          string      // ticket this one was split off from
	Rest          money.Cents // still to be paid of it
}

// Command is a fresh command id for the form that asks for the receipt.
func (paidView) Command() string { return newCommandID() }

// receiptDue reports whether the receipt of a sale is handed out unasked (fiscal R93).
func (s *Server) receiptDue(ctx context.Context, id string, total money.Cents) (bool, error) {
	chosen, err := s.till.Settings(ctx)
	if err != nil || id == "" || !chosen.NoteDue(pos.EatIn, total) {
		return false, err
	}
	sale, err := s.till.Sale(ctx, id)
	return chosen.NoteDue(sale.Mode, total), err
}

// newPaid words what a payment came to.
func (s *Server) newPaid(ctx context.Context, l *locale.Language, r pos.SaleResult) (v *paidView, err error) {
	v = &paidView{Language: l, ID: r.ID, Number: r.Number, Total: r.Total, Change: r.Change, Stamps: r.Stamps, Released: r.Released, Training: r.Training}
	for _, w := range r.Warnings {
		v.Warnings = append(v.Warnings, l.T("warning."+w))
	}
	if v.Due, err = s.receiptDue(ctx, r.ID, r.Total-r.Outside); err != nil {
		return nil, err
	}
	return v, v.draw(r.ReceiptURL, r.GiftURL)
}

// draw makes the codes that a customer scans.
func (v *paidView) draw(receipt, gift string) (err error) {
	if receipt != "" {
		if v.QR, err = qrSVG(receipt); err != nil {
			return err
		}
	}
	if gift != "" {
		v.GiftQR, err = qrSVG(gift)
	}
	return err
}

// afterView is the page after a payment without the island.
type afterView struct {
	base
	Paid paidView
}

// tillLink is the till on a sale that has just been paid, with what paidLink says besides.
func tillLink(sale pos.SaleResult) string {
	u, err := url.Parse(paidLink(sale, ""))
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("sale", sale.ID)
	return "/?" + q.Encode()
}

// paidLink is the page after a payment, with what only its answer knew: meals put on the shelf, and warnings.
func paidLink(sale pos.SaleResult, from string) string {
	q := url.Values{}
	for _, w := range sale.Warnings {
		q.Add("warning", w)
	}
	if sale.Released > 0 {
		q.Set("released", strconv.Itoa(sale.Released))
	}
	if from != "" {
		q.Set("from", from)
	}
	return (&url.URL{Path: "/paid/" + url.PathEscape(sale.ID), RawQuery: q.Encode()}).String()
}

// paidPage serves GET /paid/{sale}?from=: the change of the last payment, for what was handed over before was given
// back before.
func (s *Server) paidPage(c *fiber.Ctx) error {
	p, err := s.paidOf(c, c.Params("sale"))
	if err != nil {
		return err
	}
	p.Page = true
	if from := c.Query("from"); from != "" {
		rest, err := s.shownTicket(c.UserContext(), from)
		if err != nil {
			return err
		}
		p.From, p.Rest = rest.ID, rest.Rest
	}
	return s.page(c, http.StatusOK, "after", afterView{base: s.newBase(c, "paid.title", "till"), Paid: *p})
}

// paidOf words a sale that was paid, with what the address knows of it besides.
func (s *Server) paidOf(c *fiber.Ctx, id string) (*paidView, error) {
	sale, err := s.till.Sale(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	l := s.language(c)
	p := &paidView{Language: l, ID: sale.ID, Number: sale.Number, Total: sale.Total + sale.Outside, Stamps: sale.Stamped, Training: sale.Training}
	if n := len(sale.Tenders); n > 0 {
		p.Change = sale.Tenders[n-1].Change
	}
	for _, w := range queryAll(c, "warning") {
		if key := "warning." + w; l.Has(key) {
			p.Warnings = append(p.Warnings, l.T(key))
		}
	}
	p.Released, _ = strconv.Atoi(c.Query("released")) // nothing else than a number is told
	if p.Due, err = s.receiptDue(c.UserContext(), sale.ID, sale.Total); err != nil {
		return nil, err
	}
	return p, p.draw(sale.ReceiptURL, sale.GiftURL)
}
