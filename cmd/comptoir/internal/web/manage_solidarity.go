package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

const solidarityPath = "/manage/solidarity"

// solidarityView is whether the café can afford what it gives.
type solidarityView struct {
	base
}

// solidarityPage serves GET /manage/solidarity.
func (s *Server) solidarityPage(c *fiber.Ctx) error {
	v := solidarityView{base: s.newBase(c, "solidarity.title", "manage")}
	v.Section, v.Part = "solidarity", "dial"
	return s.page(c, http.StatusOK, "manage_solidarity", v)
}
