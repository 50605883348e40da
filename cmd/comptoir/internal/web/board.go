package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
)

// boardView is the public board (product.md, decision 5): whether something waits; how much now only
// when the café has chosen to tell. One page, by the size of the screen: for a phone, and for a window at five metres.
type boardView struct {
	base
	Also    []*locale.Language // the languages it speaks besides
	Classes []boardClass
	Week    string // which week the totals are of
	Counter bool   // every nine meals paid here put one on the shelf, cards or not
	AsOf    string // the hour it was read at, for a screen that loses the till
	Rule    string // what becomes of what waits for long (case 72)
}

// boardClass is one class on the board.
type boardClass struct {
	Name, Icon string
	Waiting    bool
	Exact      string // how many wait now, when the café has chosen to tell and there are some
	Totals     string // of the week, once they may be told
}

// boardPage serves GET /board.
func (s *Server) boardPage(c *fiber.Ctx) error {
	board, err := s.till.Board(c.UserContext())
	if err != nil {
		return err
	}
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	v := boardView{base: s.newBase(c, "board.title", ""), Counter: chosen.CounterCard}
	v.Rule = v.N("board.rule", chosen.AgeingDays)
	v.AsOf = v.T("board.as_of", "time", v.Clock(s.till.DB().Now()))
	for _, l := range s.catalogue.Languages() {
		if l.Code != v.Code {
			v.Also = append(v.Also, l)
		}
	}
	for _, b := range board.Classes {
		class := boardClass{Name: v.T("class.many." + b.Class), Icon: classIcon(b.Class), Waiting: b.Waiting}
		if b.Available != nil && *b.Available > 0 {
			class.Exact = v.Number(*b.Available)
		}
		if b.Given != nil && b.Served != nil {
			class.Totals = v.T("board.week", "given", v.Number(*b.Given), "served", v.Number(*b.Served))
			v.Week = v.weekOfBoard(board.Week, s.till.DB().Today())
		}
		v.Classes = append(v.Classes, class)
	}
	return s.page(c, http.StatusOK, "board", v)
}

// weekOfBoard names the week of the totals: this one, or by its number.
func (b base) weekOfBoard(monday, today string) string {
	if b.week(monday) == b.week(today) {
		return b.T("board.this_week")
	}
	return b.T("board.week_of", "week", b.week(monday))
}

func classIcon(class string) string {
	if class == "coffee" {
		return "coffee"
	}
	return "soup"
}
