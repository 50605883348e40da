package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// paidView is what stays on the screen after a payment, until the next tap: the change first.
type paidView struct {
	*locale.Language
	ID, Number    string
	Total, Change money.Cents
	Stamps        int
	Released      int
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

// newPaid words what a payment came to.
func (s *Server) newPaid(l *locale.Language, r pos.SaleResult) (*paidView, error) {
	v := &paidView{Language: l, ID: r.ID, Number: r.Number, Total: r.Total, Change: r.Change, Stamps: r.Stamps, Released: r.Released, Training: r.Training}
	for _, w := range r.Warnings {
		v.Warnings = append(v.Warnings, l.T("warning."+w))
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
	sale, err := s.till.Sale(c.UserContext(), c.Params("sale"))
	if err != nil {
		return err
	}
	l := s.language(c)
	p := &paidView{Language: l, ID: sale.ID, Number: sale.Number, Total: sale.Total, Stamps: sale.Stamped, Training: sale.Training, Page: true}
	if n := len(sale.Tenders); n > 0 {
		p.Change = sale.Tenders[n-1].Change
	}
	for _, w := range queryAll(c, "warning") {
		if key := "warning." + w; l.Has(key) {
			p.Warnings = append(p.Warnings, l.T(key))
		}
	}
	p.Released, _ = strconv.Atoi(c.Query("released")) // nothing else than a number is told
	if err := p.draw(sale.ReceiptURL, sale.GiftURL); err != nil {
		return err
	}
	if from := c.Query("from"); from != "" {
		rest, err := s.shownTicket(c.UserContext(), from)
		if err != nil {
			return err
		}
		p.From, p.Rest = rest.ID, rest.Rest
	}
	return s.page(c, http.StatusOK, "after", afterView{base: s.newBase(c, "paid.title", "till"), Paid: *p})
}

// paperView is a document as it comes out of a printer.
type paperView struct {
	base
	ID, Number string
	Text       string
	QR         qrImage
	AskedAt    time.Time // zero: nobody asked for it
	Now        bool      // it has just been asked for
}

// paperPage serves GET /sales/{id}/receipt: the frozen document, for paper 80 mm wide.
func (s *Server) paperPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	sale, err := s.till.Sale(ctx, c.Params("id"))
	if err != nil {
		return err
	}
	document, err := s.till.Document(ctx, sale.Number)
	if err != nil {
		return err
	}
	v := paperView{base: s.newBase(c, "paper.heading", "sales"), ID: sale.ID, Number: sale.Number, Text: document.Text(receipts.Columns80), Now: c.Query("done") != ""}
	if v.AskedAt, err = s.till.ReceiptAskedAt(ctx, sale); err != nil {
		return err
	}
	if sale.ReceiptURL != "" {
		if v.QR, err = qrSVG(sale.ReceiptURL); err != nil {
			return err
		}
	}
	return s.page(c, http.StatusOK, "paper", v)
}

// askReceipt serves POST /sales/{id}/receipt: somebody wants it on paper.
func (s *Server) askReceipt(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	sale, err := s.till.Sale(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := s.till.AskReceipt(c.UserContext(), by, sale.ID); err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(sale.ID)+"/receipt", "receipt_asked")
}
