package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// rotaPath is where volunteers sign up; ownPath leads to a place that was taken, for its holder alone.
const (
	rotaPath = "/V/:code"
	ownPath  = "/V/mine/:place"
)

// rotaView is what whoever has the link of a service sees: evenings and counts, nobody's name.
type rotaView struct {
	base
	Secret  string
	Service pos.Service
	Where   string
	Chosen  string // day of the evening that is chosen
	Choices []eveningChoice
}

// eveningChoice is one evening to choose.
type eveningChoice struct {
	pos.Evening
	When string // weekday and day
	Left string // places, or the waiting list, in words
	Full bool
}

// placeView is a place as its holder sees it.
type placeView struct {
	base
	Place pos.HeldPlace
	Own   string // code of the place
	When  string
	Where string
	Link  string
}

// Hour writes an hour of the café's clock, "19:00", as the language does.
func (b base) Hour(clock string) string {
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return clock
	}
	return b.Time(at)
}

// NearDay writes a day of the next weeks: "dimanche 22 novembre".
func (b base) NearDay(day string) string {
	return b.T("day.near", "weekday", b.Weekday(day, false), "day", b.DayMonth(day))
}

// rotaPage serves GET /V/{code} of the public listener.
func (s *Server) rotaPage(c *fiber.Ctx) error { return s.showRota(c, http.StatusOK, nil) }

func (s *Server) showRota(c *fiber.Ctx, status int, trouble *troubleView) error {
	code := param(c, "code")
	rota, err := s.till.Rota(c.UserContext(), code)
	if err != nil {
		return err
	}
	v := rotaView{base: s.newBase(c, "rota.title", ""), Secret: code, Service: rota.Service, Where: s.till.Identity().Address}
	v.Trouble = trouble
	v.Chosen = v.Typed("day", c.Query("day"))
	for _, e := range rota.Evenings {
		choice := eveningChoice{Evening: e, When: v.NearDay(e.Day), Full: e.Free() == 0}
		switch {
		case e.Cancelled:
		case !choice.Full:
			choice.Left = v.N("rota.places", e.Free())
		case e.Waiting == 0:
			choice.Left = v.T("rota.full")
		default:
			choice.Left = v.N("rota.waiting", e.Waiting)
		}
		v.Choices = append(v.Choices, choice)
	}
	return s.page(c, status, "rota", v)
}

// signUp serves POST /V/{code}: a first name and an evening. It leads to the page that only its holder has.
func (s *Server) signUp(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showRota(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	place, err := s.till.SignUp(c.UserContext(), by, param(c, "code"), c.FormValue("day"), c.FormValue("name"))
	if err != nil {
		return err
	}
	return s.done(c, "/V/mine/"+url.PathEscape(place.Code), "place_"+string(place.State))
}

// placePage serves GET /V/mine/{place} of the public listener.
func (s *Server) placePage(c *fiber.Ctx) error { return s.showPlace(c, http.StatusOK, nil) }

func (s *Server) showPlace(c *fiber.Ctx, status int, trouble *troubleView) error {
	code := param(c, "place")
	place, err := s.till.PlaceOf(c.UserContext(), code)
	if err != nil {
		return err
	}
	v := placeView{base: s.newBase(c, "rota.mine", ""), Place: place, Own: code, Where: s.till.Identity().Address, Link: s.till.PublicURL() + "/V/mine/" + url.PathEscape(code)}
	v.Trouble, v.When = trouble, v.NearDay(place.Evening.Day)
	return s.page(c, status, "place", v)
}

// leavePlace serves POST /V/mine/{place}: its holder cannot come.
func (s *Server) leavePlace(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showPlace(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	code := param(c, "place")
	if err := s.till.LeavePlace(c.UserContext(), by, code); err != nil {
		return err
	}
	return c.Redirect("/V/mine/"+url.PathEscape(code), http.StatusSeeOther)
}
