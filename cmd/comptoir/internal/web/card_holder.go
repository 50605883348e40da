package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// onOwnCard does something to the card whose page it is: whoever has its code holds it. A short number is refused.
func (s *Server) onOwnCard(c *fiber.Ctx, do func(code string) error) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showCardPage(c, status, t) })
	code, err := cardCode(c.Params("code"))
	if err != nil {
		return err
	}
	return do(code)
}

// holderContact serves POST /C/{code}/contact of the public listener: how the holder has the stamps back when the card is
// lost; empty erases it.
func (s *Server) holderContact(c *fiber.Ctx) error {
	return s.onOwnCard(c, func(code string) error {
		by, err := s.by(c)
		if err != nil {
			return err
		}
		contact := strings.TrimSpace(c.FormValue("contact"))
		if err := s.till.SetContact(c.UserContext(), by, code, contact); err != nil {
			return err
		}
		if contact == "" {
			return s.done(c, "/C/"+url.PathEscape(code), "contact_erased")
		}
		return s.done(c, "/C/"+url.PathEscape(code), "contact_saved")
	})
}

// holderClose serves POST /C/{code}/close of the public listener (case 51).
func (s *Server) holderClose(c *fiber.Ctx) error {
	return s.onOwnCard(c, func(code string) error {
		by, err := s.by(c)
		if err != nil {
			return err
		}
		if err := s.till.CloseCard(c.UserContext(), by, code); err != nil {
			return err
		}
		return s.done(c, "/C", "card_closed")
	})
}

// holderData serves GET /C/{code}/data.json of the public listener: all that is kept about the card, to be carried away.
func (s *Server) holderData(c *fiber.Ctx) error {
	code, err := cardCode(c.Params("code"))
	if err != nil {
		return err
	}
	d, err := s.till.CardData(c.UserContext(), code)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(d, "", "  ") // people read it too
	if err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+d.Card.Number+`.json"`)
	return c.Status(http.StatusOK).Send(body)
}
