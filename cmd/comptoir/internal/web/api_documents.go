package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/receipts"
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
		{http.MethodGet, apiPrefix + "/journal", anyone(), read(s.getJournal)},
	}
}

func (s *Server) document(c *fiber.Ctx) (receipts.Document, error) {
	return s.till.Document(c.UserContext(), param(c, "number"))
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

// documentPage is a document on a page of its own: the very text of the paper, in French like the paper.
const documentPage = `<!doctype html>
<html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title>
<main><pre>%s</pre></main></html>
`

func (s *Server) getDocumentHTML(c *fiber.Ctx) error {
	d, err := s.document(c)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	fmt.Fprintf(&page, documentPage, template.HTMLEscapeString(d.Number), template.HTMLEscapeString(d.Text(textWidth)))
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(page.Bytes())
}
