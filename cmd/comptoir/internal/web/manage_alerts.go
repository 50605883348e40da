package web

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

const alertsPath = "/manage/alerts"

// alertsView is what the till saw in its journal and nobody has taken note of.
type alertsView struct {
	base
	Alerts []alertView
	UpTo   int64 // the newest that is shown
}

type alertView struct {
	pos.Alert

	Text, Date string
}

// alertsPage serves GET /manage/alerts.
func (s *Server) alertsPage(c *fiber.Ctx) error { return s.showAlerts(c, http.StatusOK, nil) }

func (s *Server) showAlerts(c *fiber.Ctx, status int, trouble *troubleView) error {
	found, err := s.till.Alerts(c.UserContext())
	if err != nil {
		return err
	}
	v := alertsView{base: s.newBase(c, "alerts.title", "manage")}
	v.Trouble = trouble
	for _, a := range found {
		what := a.What
		if a.Code == journal.EventKeyLost {
			what = "key"
		}
		if a.Code == journal.EventRestore {
			what = "restored"
		}
		text := string(a.Code)
		if key := "alerts.what." + what; v.Has(key) {
			text = v.T(key)
		}
		at := a.At.In(v.zone)
		v.Alerts = append(v.Alerts, alertView{a, text, v.Date(at) + " " + v.Time(at)})
		v.UpTo = a.Seq
	}
	return s.page(c, status, "manage_alerts", v)
}

// seeAlerts serves POST /manage/alerts: the manager has taken note of what was shown.
func (s *Server) seeAlerts(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showAlerts(c, status, t) })
	upTo, err := strconv.ParseInt(c.FormValue("up_to"), 10, 64)
	if err != nil {
		return errParam
	}
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if err := s.till.SeeAlerts(c.UserContext(), by, upTo); err != nil {
		return err
	}
	return c.Redirect(managePath+"?done=alerts", http.StatusSeeOther)
}
