package web

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const trainingPath = "/training"

// trainingView is the page that switches training on and off for the whole till.
type trainingView struct {
	base
	Managers []pos.Operator // one of whom approves; none when a manager asks
	Open     []openOrder    // which have to be settled first
	NoShift  bool
}

// openOrder is an order that is in the way.
type openOrder struct{ ID, Name, Due string }

// trainingPage serves GET /training.
func (s *Server) trainingPage(c *fiber.Ctx) error { return s.showTraining(c, http.StatusOK, nil) }

func (s *Server) showTraining(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	v := trainingView{base: s.newBase(c, "training.title", "")}
	v.Trouble = trouble
	if _, err := s.till.CurrentShift(ctx); err != nil {
		v.NoShift = true
	}
	open, err := s.till.Tickets(ctx)
	if err != nil {
		return err
	}
	for _, tk := range open {
		v.Open = append(v.Open, openOrder{tk.ID, ticketName(v.Language, tk), v.Money(tk.Rest)})
	}
	if v.Operator.Role != pos.RoleManager {
		staff, err := s.till.Staff(ctx)
		if err != nil {
			return err
		}
		v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	}
	return s.page(c, status, "training", v)
}

// changeTraining serves POST /training.
func (s *Server) changeTraining(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		return s.showTraining(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	r := pos.TrainingRequest{On: c.FormValue("on") == "1"}
	if c.FormValue("pin") != "" {
		r.Approval = &pos.Approval{Operator: c.FormValue("manager"), PIN: c.FormValue("pin")}
	}
	now, err := s.till.ChangeTraining(c.UserContext(), by, r)
	switch {
	case err != nil:
		return err
	case now.On:
		return c.Redirect("/", http.StatusSeeOther)
	}
	return s.done(c, trainingPath, "training_off")
}

func (s *Server) trainingCalls() []route {
	return []route{
		{http.MethodGet, apiPrefix + trainingPath, anyone(), read(s.getTraining)},
		{http.MethodPost, apiPrefix + trainingPath, []pos.Role{pos.RoleManager}, command(s, http.StatusOK, s.postTraining)},
	}
}

func (s *Server) getTraining(*fiber.Ctx) (pos.TrainingResult, error) {
	return pos.TrainingResult{On: s.till.Training()}, nil
}

// trainingRequest switches training; the token, or whoever is signed in, is a manager's.
type trainingRequest struct {
	On bool `json:"on"`
}

func (s *Server) postTraining(c *fiber.Ctx, by pos.By, in trainingRequest) (pos.TrainingResult, error) {
	return s.till.SetTraining(c.UserContext(), by, in.On)
}
