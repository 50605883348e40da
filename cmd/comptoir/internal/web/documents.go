package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts"
)

const documentsPath = "/documents"

// paperA4 is the sheet of an invoice; the papers of tills are those of the device.
const paperA4 = "a4"

// documentView is a document as it comes out of a printer, or as it was.
type documentView struct {
	base
	Document receipts.Document
	Text     string
	Paper    string // papers or paperA4: the sheet it is laid out for
	QR       qrImage
	Prints   []printView
	Given    bool // it is a copy that has just left the till, and may be printed; else it is a preview
	Now      bool // it has just been asked for
	Original bool // the next print is the original
	CanPrint bool // whoever looks may give it out
	Reasons  []string
	Sale     string // number of the sale it belongs to; empty: none
	Job      *jobView
	Printer  bool // the papers of this device come out of a printer of the café
}

// printView is one time the document was given out.
type printView struct {
	pos.Printed
	On time.Time // on the café's clock
}

// documentPage serves GET /documents/{number}?n=&paper=: the frozen document; with n, the copy that was given out as that.
func (s *Server) documentPage(c *fiber.Ctx) error { return s.showDocument(c, http.StatusOK, nil) }

func (s *Server) showDocument(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx, number := c.UserContext(), c.Params("number")
	v := documentView{base: s.newBase(c, "paper.heading", "sales"), Reasons: pos.PrintReasons(), Now: c.Query("done") == "printed"}
	v.Trouble = trouble
	var err error
	n, bad := strconv.Atoi(c.Query("n"))
	if v.Given = bad == nil; v.Given {
		v.Document, err = s.till.Copy(ctx, number, n)
	} else {
		v.Document, err = s.till.Document(ctx, number)
	}
	if err != nil {
		return err
	}
	v.layOut(c.Query("paper"))
	v.Printer = s.hasPrinter(c) && v.Paper != paperA4
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	if err := s.fillPrints(c, &v); err != nil {
		return err
	}
	if slices.ContainsFunc(v.Prints, func(p printView) bool { return p.Duplicate == n && !s.till.InHand(p.Printed) }) {
		v.Given = false // whoever comes back to it is given a duplicate, not the same paper twice
	}
	if v.Document.QR != "" {
		if v.QR, err = qrSVG(v.Document.QR); err != nil {
			return err
		}
	}
	return s.page(c, status, "document", v)
}

// layOut chooses the sheet: of an invoice A4 unless another is asked for, of all else the paper of this device.
func (v *documentView) layOut(asked string) {
	v.Title = v.T("paper.kind_"+string(v.Document.Kind), "number", v.Document.Number)
	v.Paper = v.Device.Paper
	if v.Document.Kind == receipts.Invoice {
		v.Paper = paperA4
	}
	if slices.Contains(papers(), asked) || asked == paperA4 && v.Document.Kind == receipts.Invoice {
		v.Paper = asked
	}
	width := receipts.Columns80
	if v.Paper == paper58 {
		width = receipts.Columns58
	}
	v.Text = v.Document.Text(width)
	switch v.Document.Kind {
	case receipts.Ticket, receipts.Refund:
		v.Sale = v.Document.Number
	case receipts.Invoice:
		v.Sale = v.Document.Of
	case receipts.Note, receipts.Redemption: // one is of an order, and from a serving nothing leads to a sale (I16)
	}
}

// fillPrints tells how often the document was given out, and whether it may be now.
func (s *Server) fillPrints(c *fiber.Ctx, v *documentView) error {
	ctx := c.UserContext()
	v.CanPrint = v.Operator.Role != pos.RoleAccountant && v.Document.Kind != receipts.Note
	prints, err := s.till.Prints(ctx, v.Document.Number)
	if err != nil {
		return err
	}
	for _, p := range prints {
		v.Prints = append(v.Prints, printView{p, p.At.In(s.till.DB().Zone())})
	}
	v.Original, err = s.till.CanPrintOriginal(ctx, v.Document.Number)
	return err
}

// printDocument serves POST /documents/{number}/print, and goes on to the copy that it made, which prints itself.
func (s *Server) printDocument(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showDocument(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	made, err := s.till.PrintDocument(c.UserContext(), by, c.Params("number"), pos.PrintRequest{Reason: c.FormValue("reason"), Printer: s.printsOn(c)})
	if err != nil {
		return err
	}
	q := url.Values{"n": {strconv.Itoa(made.Duplicate)}, "done": {"printed"}}
	if made.Job != "" {
		q = url.Values{"n": {strconv.Itoa(made.Duplicate)}, "job": {made.Job}}
	}
	if paper := c.FormValue("paper"); paper != "" {
		q.Set("paper", paper)
	}
	return c.Redirect(documentsPath+"/"+url.PathEscape(made.Number)+"?"+q.Encode(), http.StatusSeeOther)
}

// printed is a document that was given out, as the API tells it: with the words of the paper.
type printed struct {
	pos.Printed
	Text string `json:"text"` // for the width asked for
	QR   string `json:"qr"`   // text of its code; empty: none
}

// printInput asks for a document.
type printInput struct {
	Form   string `json:"form"`
	Reason string `json:"reason"`
	Width  int    `json:"width"` // columns; 0: textWidth

	Printer string `json:"printer"` // of the café, that it comes out of; empty: whoever asks prints it
}

func (s *Server) postPrint(c *fiber.Ctx, by pos.By, in printInput) (printed, error) {
	if in.Width == 0 {
		in.Width = textWidth
	}
	if in.Width < textWidthLeast || in.Width > textWidthMost {
		return printed{}, errParam.Field("width", "range").With("min", textWidthLeast).With("max", textWidthMost)
	}
	p, err := s.till.PrintDocument(c.UserContext(), by, param(c, "number"), pos.PrintRequest{Form: in.Form, Reason: in.Reason, Printer: in.Printer})
	if err != nil {
		return printed{}, err
	}
	d, err := s.till.Copy(c.UserContext(), p.Number, p.Duplicate)
	return printed{Printed: p, Text: d.Text(in.Width), QR: d.QR}, err
}

// invoiceView asks whom an invoice is made out to.
type invoiceView struct {
	base
	Sale pos.Sale
}

// invoicePage serves GET /sales/{id}/invoice.
func (s *Server) invoicePage(c *fiber.Ctx) error { return s.showInvoice(c, http.StatusOK, nil) }

func (s *Server) showInvoice(c *fiber.Ctx, status int, trouble *troubleView) error {
	sale, err := s.till.Sale(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	v := invoiceView{base: s.newBase(c, "invoice.title", "sales"), Sale: sale}
	v.Trouble = trouble
	return s.page(c, status, "invoice", v)
}

// makeInvoice serves POST /sales/{id}/invoice, and shows the invoice.
func (s *Server) makeInvoice(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showInvoice(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	made, err := s.till.Invoice(c.UserContext(), by, c.Params("id"), pos.InvoiceRequest{
		Name: c.FormValue("name"), Address: strings.Join(strings.Fields(c.FormValue("address")), " "), SIRET: c.FormValue("siret"), VATNumber: c.FormValue("vat_number")})
	if err != nil {
		return err
	}
	return s.done(c, documentsPath+"/"+url.PathEscape(made.Number), "invoice_made")
}

func (s *Server) postInvoice(c *fiber.Ctx, by pos.By, in pos.InvoiceRequest) (pos.Invoice, error) {
	return s.till.Invoice(c.UserContext(), by, param(c, "id"), in)
}
