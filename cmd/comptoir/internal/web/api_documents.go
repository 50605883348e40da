package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/escpos"
)

// Columns of a document as text.
const (
	textWidth      = 42 // of an 80 mm printer
	textWidthLeast = 24
	textWidthMost  = 120
)

func (s *Server) documentCalls() []route {
	const documents = apiPrefix + "/documents/:number"
	return []route{
		{http.MethodGet, documents + ".json", anyone(), read(s.document)},
		{http.MethodGet, documents + ".txt", anyone(), s.getDocumentText},
		{http.MethodGet, documents + ".html", anyone(), s.getDocumentHTML},
		{http.MethodGet, documents + ".escpos", anyone(), s.getDocumentBytes},
		{http.MethodPost, documents + "/print", counter(), command(s, http.StatusCreated, s.postPrint)},
		{http.MethodGet, apiPrefix + "/journal", anyone(), read(s.getJournal)},
	}
}

// document is any numbered document: that of a sale, or that of a closing.
type document interface {
	receipts.Printable
	Text(width int) string
}

func (s *Server) document(c *fiber.Ctx) (document, error) {
	number := param(c, "number")
	d, err := s.till.Document(c.UserContext(), number)
	if fault.CodeOf(err) == "document.kind" {
		return s.till.ClosingDocument(c.UserContext(), number)
	}
	return d, err
}

func (s *Server) getDocumentText(c *fiber.Ctx) error {
	width, err := queryInt(c, "width", textWidth, textWidthLeast, textWidthMost)
	if err != nil {
		return err
	}
	d, err := s.document(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(d.Text(int(width)))
}

// getDocumentBytes serves GET /documents/{number}.escpos?profile=: what a receipt printer of that profile is sent. It gives
// nothing out: whoever prints it says so by POST …/print.
func (s *Server) getDocumentBytes(c *fiber.Ctx) error {
	profile, err := escpos.ProfileNamed(c.Query("profile", escpos.Profiles()[0].Name))
	if err != nil {
		return err
	}
	d, err := s.document(c)
	if err != nil {
		return err
	}
	paper, err := d.ESCPOS(profile)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	return c.Send(paper)
}

// documentPage is a document on a page of its own: the very text of the paper, in French like the paper.
const documentPage = `<!doctype html>
<html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title>
<main><pre>%s</pre>%s</main></html>
`

func (s *Server) getDocumentHTML(c *fiber.Ctx) error {
	d, err := s.document(c)
	if err != nil {
		return err
	}
	code := ""
	if closing, ok := d.(receipts.Closing); ok {
		if code, err = receipts.QRSVG(closing.Head); err != nil {
			return err
		}
		code = strings.Replace(code, "<svg ", `<svg width="220" height="220" `, 1)
	}
	var page bytes.Buffer
	fmt.Fprintf(&page, documentPage, template.HTMLEscapeString(param(c, "number")), template.HTMLEscapeString(d.Text(textWidth)), code)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(page.Bytes())
}
