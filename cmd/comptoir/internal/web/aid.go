package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// Addresses of what is printed and laid beside the till.
const (
	aidPath   = "/aid"
	flyerPath = "/flyer"
)

// aidView is the card beside the till: whoever serves does not carry it alone (solidarity.md, G13).
type aidView struct {
	base
	House    string // items that the house still offers today
	Partners []pos.Partner
}

// aidPage serves GET /aid.
func (s *Server) aidPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	v := aidView{base: s.newBase(c, "aid.title", "help")}
	shelf, err := s.till.Waiting(ctx)
	if err != nil {
		return err
	}
	v.House = v.Number(max(0, shelf.HouseBudgetLeft))
	all, err := s.till.Partners(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Active && p.Contact != "" {
			v.Partners = append(v.Partners, p)
		}
	}
	return s.page(c, http.StatusOK, "aid", v)
}

// flyerView is the card-sized flyer in six languages, for a window, a bowl of tokens, an association (G9). Its sentences are
// content, and not words of the till: the catalogues have three languages.
type flyerView struct {
	base
	Cards []flyerCard
}

// flyerCard is the flyer in one language.
type flyerCard struct {
	Lang  string   `json:"lang"`
	Dir   string   `json:"dir"`
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Lines []string `json:"lines"`
}

const flyerFile = "templates/flyer.json"

func flyerCards() (all []flyerCard, err error) {
	file, err := templateFiles.ReadFile(flyerFile)
	if err == nil {
		err = json.Unmarshal(file, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flyerFile, err)
	}
	return all, nil
}

// flyerPage serves GET /flyer.
func (s *Server) flyerPage(c *fiber.Ctx) (err error) {
	v := flyerView{base: s.newBase(c, "flyer.title", "help")}
	if v.Cards, err = flyerCards(); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "flyer", v)
}
