package web

import (
	"encoding/json"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

const manifestPath = "/app.webmanifest"

// manifestCache lets a browser keep a manifest for an hour: every page names it.
const manifestCache = "public, max-age=3600"

// manifest is how a page becomes an icon of a tablet or a phone (W3C Web Application Manifest).
type manifest struct {
	Name       string         `json:"name"`
	ShortName  string         `json:"short_name"`
	Lang       string         `json:"lang"`
	StartURL   string         `json:"start_url,omitempty"` // none: the page it was added from, such as one's card
	Scope      string         `json:"scope"`
	Display    string         `json:"display"`
	Background string         `json:"background_color"`
	Theme      string         `json:"theme_color"`
	Icons      []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// Colours of the icon and of the paper under a page that is starting; those of tokens.css.
const (
	paperColour  = "#fbf6ef"
	accentColour = "#a8481f"
)

// manifestFile serves GET /app.webmanifest, on both listeners: the till for the staff, the card for a customer.
func (s *Server) manifestFile(c *fiber.Ctx) error {
	name := cafeName(s.till.Identity())
	m := manifest{Name: name, ShortName: name, Lang: s.language(c).Code, Scope: "/", Display: "standalone", Background: paperColour, Theme: accentColour}
	if !isPublic(c) {
		m.StartURL = "/"
	}
	for _, size := range []string{"192", "512"} {
		src, err := s.pages.assets.path("icons/app-" + size + ".png")
		if err != nil {
			return errBug.Wrap(err)
		}
		m.Icons = append(m.Icons, manifestIcon{Src: src, Sizes: size + "x" + size, Type: "image/png", Purpose: "any maskable"})
	}
	body, err := json.Marshal(m)
	if err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderCacheControl, manifestCache)
	c.Set(fiber.HeaderContentType, "application/manifest+json; charset=utf-8")
	return c.Status(http.StatusOK).Send(body)
}
