package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// resentView is the page of what the tills gave back after a restore.
type resentView struct {
	base
	Times []resentTime
}

// resentTime is what one page gave back.
type resentTime struct {
	pos.Resent
	Rows []resentRow
}

// resentRow is one thing that moved money, or that a person has to look at.
type resentRow struct {
	pos.ResentOne
	Word string // what it was
	Name string // of whoever did it; empty: unknown
	Why  string // it was refused; empty: it was carried out again
}

// resentPage serves GET /manage/resent: what was brought back from the tills' memory, and what could not be.
func (s *Server) resentPage(c *fiber.Ctx) error {
	told, err := s.till.Resents(c.UserContext())
	if err != nil {
		return err
	}
	v := resentView{base: s.newBase(c, "resent.title", "manage")}
	v.Section, v.Part = "machine", "backup"
	for _, r := range told {
		t := resentTime{Resent: r}
		for _, one := range r.Money {
			row := resentRow{ResentOne: one, Word: v.T("resent.what." + one.What)}
			if one.Operator != "" {
				row.Name = v.Who(one.Operator)
			}
			if one.Code != "" {
				row.Why = v.T("resent.refused")
				if v.Has("error." + one.Code) {
					row.Why = v.Refusal(one.Code, false, nil)
				}
			}
			t.Rows = append(t.Rows, row)
		}
		v.Times = append(v.Times, t)
	}
	return s.page(c, http.StatusOK, "manage_resent", v)
}
