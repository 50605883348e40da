package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

const (
	servicesPath   = "/manage/services"
	newServicePath = "/manage/service"
)

// servicesView is the planned services, their coming week, and who bears the next four.
type servicesView struct {
	base
	Services  []serviceView
	Ended     []serviceView
	Forecasts []forecastView
}

// serviceView is one service and its evenings of the coming week.
type serviceView struct {
	pos.Service
	Line   string // how much, when
	Coming []pos.Evening
}

// forecastView is what the services of one class ask for.
type forecastView struct {
	pos.Forecast
	Weeks  []foreseenView
	All    foreseenView
	Basis  string // what the expectation is made of, and how it is rounded
	Budget string // beside the house's budget
	Hope   string // what sponsors have not paid yet; "" for nothing
	Ratio  string // beside the band of the dial; "" without turnover
}

// foreseenView is some days in one sentence.
type foreseenView struct {
	pos.Foreseen
	Days string
	Says string
	Lack bool
}

// eveningsView is a list of evenings.
type eveningsView struct {
	base
	All []pos.Evening
	May bool // who looks may open them
}

// EveningsOf lists evenings.
func (b base) EveningsOf(all []pos.Evening) eveningsView {
	return eveningsView{b, all, b.Operator.Role == pos.RoleManager}
}

// foreseenRow is one line of the table of a forecast.
type foreseenRow struct {
	*locale.Language
	pos.Foreseen
}

// ForeseenRow is the line of some days.
func (b base) ForeseenRow(f pos.Foreseen) foreseenRow { return foreseenRow{b.Language, f} }

// servicesPage serves GET /manage/services.
func (s *Server) servicesPage(c *fiber.Ctx) error {
	all, err := s.till.Services(c.UserContext())
	if err != nil {
		return err
	}
	today := s.today()
	evenings, err := s.till.AllEvenings(c.UserContext(), today, dayAfter(today, 6))
	if err != nil {
		return err
	}
	forecasts, err := s.till.ServiceForecast(c.UserContext())
	if err != nil {
		return err
	}
	v := servicesView{base: s.newBase(c, "services.title", "manage")}
	v.Section, v.Part = "solidarity", "services"
	for _, service := range all {
		sv := serviceView{Service: service, Line: v.serviceLine(service)}
		for _, e := range evenings {
			if e.Service == service.ID {
				sv.Coming = append(sv.Coming, e)
			}
		}
		if service.Ended {
			v.Ended = append(v.Ended, sv)
		} else {
			v.Services = append(v.Services, sv)
		}
	}
	for _, f := range forecasts {
		v.Forecasts = append(v.Forecasts, v.forecast(f))
	}
	return s.page(c, http.StatusOK, "manage_services", v)
}

// dayAfter is the day so many days after a business day.
func dayAfter(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, n).Format(time.DateOnly)
}

// serviceLine says how much of what is dished up, and when.
func (b base) serviceLine(s pos.Service) string {
	days := make([]string, len(s.Weekdays))
	for i, d := range s.Weekdays {
		days[i] = b.weekdayName(d, len(s.Weekdays) > 2)
	}
	return b.T("services.line", "dishes", b.N("services.of."+s.Class, s.Dishes), "days", strings.Join(days, ", "), "hour", b.Hour(s.Starts))
}

// weekdayName is the name of a day of the week, 1 Monday to 7 Sunday.
func (b base) weekdayName(d int, short bool) string {
	const aMonday = "2026-11-02"
	return b.Weekday(dayAfter(aMonday, d-1), short)
}

// forecast words a forecast. Every number in it was counted by the till.
func (b base) forecast(f pos.Forecast) forecastView {
	v := forecastView{Forecast: f, All: b.foreseen(f.All, f.Class)}
	for _, w := range f.By {
		v.Weeks = append(v.Weeks, b.foreseen(w, f.Class))
	}
	v.Basis = b.N("forecast.basis", f.Weeks)
	if f.Weeks == 0 {
		v.Basis = b.T("forecast.no_past")
	}
	v.Budget = b.T("forecast.budget", "house", b.Number(f.All.House), "budget", b.Number(f.Budget))
	if f.Promised > 0 {
		v.Hope = b.N("forecast.promised", f.Promised, "left", b.Number(max(0, f.All.House-f.Promised)))
	}
	if f.Turnover > 0 {
		v.Ratio = b.T("forecast.ratio", "ratio", b.Rate(f.Ratio), "low", b.Rate(f.Low), "high", b.Rate(f.High))
	}
	return v
}

func (b base) foreseen(f pos.Foreseen, class string) foreseenView {
	v := foreseenView{Foreseen: f, Days: b.T("forecast.days", "from", b.DayMonth(f.From), "to", b.DayMonth(f.To)), Lack: f.House > 0}
	switch {
	case f.Wanted == 0:
		v.Says = b.T("forecast.none")
	case f.House == 0:
		v.Says = b.T("forecast.enough", "dishes", b.N("services.of."+class, f.Wanted))
	default:
		v.Says = b.N("forecast.lack", f.House, "dishes", b.N("services.of."+class, f.House), "cost", b.Euros(f.Cost))
	}
	return v
}

// serviceFormView is the form of one service, and what hangs on it once it is there.
type serviceFormView struct {
	base
	Service  pos.Service // as it is; without an id a new one
	Action   string
	Days     []weekdayChoice
	Classes  []string
	Class    string
	Partners []pos.Partner // whom the café works with
	Partner  string
	Dishes   string
	Places   string
	Evenings []pos.Evening
	Months   []string // of which there is a rota to print, "2026-11"
	Link     string
	QR       qrImage
}

// weekdayChoice is one day of the week to tick.
type weekdayChoice struct {
	N    int
	Name string
	On   bool
}

// MonthOf names a month, "2026-11".
func (v serviceFormView) MonthOf(month string) string { return v.Month(month + "-01") }

// newServicePage serves GET /manage/service.
func (s *Server) newServicePage(c *fiber.Ctx) error {
	places := 5
	return s.showService(c, http.StatusOK, pos.Service{ServicePlan: pos.ServicePlan{Places: &places, From: s.today()}}, nil)
}

// servicePage serves GET /manage/services/{id}.
func (s *Server) servicePage(c *fiber.Ctx) error {
	service, err := s.till.Service(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	return s.showService(c, http.StatusOK, service, nil)
}

func (s *Server) showService(c *fiber.Ctx, status int, service pos.Service, trouble *troubleView) error {
	v := serviceFormView{base: s.newBase(c, "services.title", "manage"), Service: service, Action: servicesPath, Class: service.Class}
	v.Section, v.Part, v.Trouble = "solidarity", "services", trouble
	shelf, err := s.till.Waiting(c.UserContext())
	if err != nil {
		return err
	}
	for _, class := range shelf.Classes {
		v.Classes = append(v.Classes, class.Class)
	}
	v.Class, v.Partner = v.Typed("class", service.Class), v.Typed("partner", service.Partner)
	partners, err := s.till.Partners(c.UserContext())
	if err != nil {
		return err
	}
	for _, p := range partners {
		if p.Active || p.ID == v.Partner {
			v.Partners = append(v.Partners, p)
		}
	}
	if service.Dishes > 0 {
		v.Dishes = strconv.Itoa(service.Dishes)
	}
	if service.Places != nil {
		v.Places = strconv.Itoa(*service.Places)
	}
	ticked := service.Weekdays
	if trouble != nil {
		ticked = weekdaysTyped(c)
	}
	for d := 1; d <= 7; d++ {
		v.Days = append(v.Days, weekdayChoice{d, v.weekdayName(d, false), slices.Contains(ticked, d)})
	}
	if service.ID == "" {
		return s.page(c, status, "manage_service", v)
	}
	v.Action += "/" + url.PathEscape(service.ID)
	if v.Evenings, err = s.till.Evenings(c.UserContext(), service.ID, "", ""); err != nil {
		return err
	}
	for _, e := range v.Evenings {
		if month := e.Day[:len("2006-01")]; !slices.Contains(v.Months, month) {
			v.Months = append(v.Months, month)
		}
	}
	if v.Link, err = s.till.RotaURL(c.UserContext(), service.ID); err == nil && v.Link != "" {
		v.QR, err = qrSVG(v.Link)
	}
	if err != nil {
		return err
	}
	return s.page(c, status, "manage_service", v)
}

// weekdaysTyped is the days of the week that were ticked; what is no number is left for the refusal.
func weekdaysTyped(c *fiber.Ctx) []int {
	days := []int{}
	for _, text := range typedIn(c)["weekdays"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = 0
		}
		days = append(days, n)
	}
	return days
}

// typedService reads the form. Errors: service.invalid with every field that is no number.
func typedService(c *fiber.Ctx) (pos.ServicePlan, error) {
	r := reading{refusal: fault.New(fault.Invalid, "service.invalid", "Some fields cannot be read.")}
	places := r.number("places", c.FormValue("places"))
	p := pos.ServicePlan{Name: c.FormValue("name"), Class: c.FormValue("class"), Partner: c.FormValue("partner"), Dishes: r.number("dishes", c.FormValue("dishes")),
		Weekdays: weekdaysTyped(c), Starts: c.FormValue("starts"), Meets: c.FormValue("meets"), From: c.FormValue("from"), Until: c.FormValue("until"), Places: &places,
		Note: c.FormValue("note")}
	if len(r.refusal.Fields) > 0 {
		return p, r.refusal
	}
	return p, nil
}

// saveService serves POST /manage/services and POST /manage/services/{id}.
func (s *Server) saveService(c *fiber.Ctx) error {
	id, shown := param(c, "id"), pos.Service{}
	if id != "" {
		var err error
		if shown, err = s.till.Service(c.UserContext(), id); err != nil {
			return err
		}
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.showService(c, status, shown, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	plan, err := typedService(c)
	if err != nil {
		return err
	}
	if id != "" {
		shown, err = s.till.ChangeService(c.UserContext(), by, id, plan)
	} else {
		shown, err = s.till.AddService(c.UserContext(), by, plan)
	}
	if err != nil {
		return err
	}
	return s.done(c, servicesPath+"/"+url.PathEscape(shown.ID), "service_saved")
}

// renewLink serves POST /manage/services/{id}/link.
func (s *Server) renewLink(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	id := param(c, "id")
	if err := s.till.RenewLink(c.UserContext(), by, id); err != nil {
		return err
	}
	return s.done(c, servicesPath+"/"+url.PathEscape(id), "service_link")
}
