package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
)

// boardView is the public board (product.md, decision 5): whether something waits; how much now only
// when the café has chosen to tell.
type boardView struct {
	base
	Also    []*locale.Language // the languages it speaks besides
	Classes []boardClass
}

// boardClass is one class on the board.
type boardClass struct {
	Name, Icon string
	Waiting    bool
	Exact      string // how many wait now, when the café has chosen to tell
	Week       string // the totals of the week, once they may be told
}

// boardPage serves GET /board.
func (s *Server) boardPage(c *fiber.Ctx) error {
	board, err := s.till.Board(c.UserContext())
	if err != nil {
		return err
	}
	v := boardView{base: s.newBase(c, "board.title", "")}
	for _, l := range s.catalogue.Languages() {
		if l.Code != v.Code {
			v.Also = append(v.Also, l)
		}
	}
	for _, b := range board.Classes {
		class := boardClass{Name: v.T("class.many." + b.Class), Icon: classIcon(b.Class), Waiting: b.Waiting}
		if b.Available != nil {
			class.Exact = v.Number(*b.Available)
		}
		if b.Given != nil && b.Served != nil {
			class.Week = v.T("board.week", "given", v.Number(*b.Given), "served", v.Number(*b.Served))
		}
		v.Classes = append(v.Classes, class)
	}
	return s.page(c, http.StatusOK, "board", v)
}

func classIcon(class string) string {
	if class == "coffee" {
		return "coffee"
	}
	return "soup"
}
