package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// eveningView is one evening: who comes, what may be changed, and the sheet to print.
type eveningView struct {
	base
	Evening   pos.Evening
	When      string
	Where     string
	Note      string
	Action    string
	Inside    []pos.Volunteer
	Waiting   []pos.Volunteer
	Free      []int // a line for each place that nobody has
	Allergens []string
}

// takeOffView is the button that takes a name off an evening.
type takeOffView struct {
	*locale.Language
	Action  string
	N       int
	Name    string
	Command string
}

// TakeOff is the button for one of them.
func (v eveningView) TakeOff(one pos.Volunteer) takeOffView {
	return takeOffView{v.Language, v.Action, one.N, one.Name, v.Command()}
}

// rotaSheetView is a month of a service on one sheet.
type rotaSheetView struct {
	base
	Service pos.Service
	Rows    []rotaRow
	Columns []int // places, at most those that fit
}

// rotaRow is one evening of the sheet: a cell for each place, empty where nobody comes yet.
type rotaRow struct {
	pos.Evening
	When  string
	Names []string
	More  string // who does not fit, and who waits
}

// sheetColumns is how many names fit on one line of the month's sheet.
const sheetColumns = 6

func eveningAddress(service, day string) string {
	return servicesPath + "/" + url.PathEscape(service) + "/" + url.PathEscape(day)
}

// eveningPage serves GET /manage/services/{id}/{day}.
func (s *Server) eveningPage(c *fiber.Ctx) error { return s.showEvening(c, http.StatusOK, nil) }

func (s *Server) showEvening(c *fiber.Ctx, status int, trouble *troubleView) error {
	e, err := s.till.Evening(c.UserContext(), param(c, "id"), param(c, "day"))
	if err != nil {
		return err
	}
	service, err := s.till.Service(c.UserContext(), e.Service)
	if err != nil {
		return err
	}
	all, err := s.till.Volunteers(c.UserContext(), e.Service, e.Day)
	if err != nil {
		return err
	}
	v := eveningView{base: s.newBase(c, "services.title", "manage"), Evening: e, Where: s.till.Identity().Address, Note: service.Note, Action: eveningAddress(e.Service, e.Day)}
	v.Section, v.Part, v.Trouble, v.When = "solidarity", "services", trouble, v.LongDay(e.Day)
	v.Title = e.Name + ", " + v.NearDay(e.Day)
	for _, one := range all {
		if one.State == pos.PlaceIn {
			v.Inside = append(v.Inside, one)
		} else {
			v.Waiting = append(v.Waiting, one)
		}
	}
	v.Free = make([]int, e.Free())
	v.Allergens = strings.Split(v.T("evening.allergens"), ", ")
	return s.page(c, status, "manage_evening", v)
}

// onEvening does something to one evening; a refusal shows its page.
func (s *Server) onEvening(c *fiber.Ctx, do func(by pos.By, service, day string) (what string, err error)) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showEvening(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	service, day := param(c, "id"), param(c, "day")
	what, err := do(by, service, day)
	if err != nil {
		return err
	}
	return s.done(c, eveningAddress(service, day), what)
}

// saveEvening serves POST /manage/services/{id}/{day}: do=change, cancel or hold.
func (s *Server) saveEvening(c *fiber.Ctx) error {
	return s.onEvening(c, func(by pos.By, service, day string) (string, error) {
		var change pos.EveningChange
		what, yes, no := "evening_saved", true, false
		switch c.FormValue("do") {
		case "cancel":
			change.Cancelled, change.Reason, what = &yes, c.FormValue("reason"), "evening_cancelled"
		case "hold":
			change.Cancelled, what = &no, "evening_held"
		default:
			r := reading{refusal: fault.New(fault.Invalid, "evening.invalid", "Some fields cannot be read.")}
			dishes, places := r.number("dishes", c.FormValue("dishes")), r.number("places", c.FormValue("places"))
			if len(r.refusal.Fields) > 0 {
				return "", r.refusal
			}
			change.Dishes, change.Places = &dishes, &places
		}
		_, err := s.till.ChangeEvening(c.UserContext(), by, service, day, change)
		return what, err
	})
}

// addVolunteer serves POST /manage/services/{id}/{day}/names: who has said so by phone.
func (s *Server) addVolunteer(c *fiber.Ctx) error {
	return s.onEvening(c, func(by pos.By, service, day string) (string, error) {
		place, err := s.till.AddVolunteer(c.UserContext(), by, service, day, c.FormValue("name"))
		return "volunteer_" + string(place.State), err
	})
}

// removeVolunteer serves POST /manage/services/{id}/{day}/names/{n}/remove.
func (s *Server) removeVolunteer(c *fiber.Ctx) error {
	return s.onEvening(c, func(by pos.By, service, day string) (string, error) {
		n, err := intParam(c, "n")
		if err != nil {
			return "", err
		}
		return "volunteer_removed", s.till.RemoveVolunteer(c.UserContext(), by, service, day, n)
	})
}

// rotaSheet serves GET /manage/services/{id}/month?month=2026-11: the rota of a month, to print.
func (s *Server) rotaSheet(c *fiber.Ctx) error {
	month := c.Query("month", s.today()[:len("2006-01")])
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return errParam.Field("month", "date")
	}
	from, to := first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)
	service, err := s.till.Service(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	evenings, err := s.till.Evenings(c.UserContext(), service.ID, from, to)
	if err != nil {
		return err
	}
	names, err := s.till.VolunteersBetween(c.UserContext(), service.ID, from, to)
	if err != nil {
		return err
	}
	v := rotaSheetView{base: s.newBase(c, "services.title", "manage"), Service: service}
	v.Section, v.Part, v.Title = "solidarity", "services", service.Name+", "+v.Month(from)
	for _, e := range evenings {
		row := v.row(e, names[e.Day])
		for len(v.Columns) < len(row.Names) {
			v.Columns = append(v.Columns, len(v.Columns)+1)
		}
		v.Rows = append(v.Rows, row)
	}
	for i := range v.Rows { // every line has as many cells
		for len(v.Rows[i].Names) < len(v.Columns) {
			v.Rows[i].Names = append(v.Rows[i].Names, "")
		}
	}
	return s.page(c, http.StatusOK, "manage_rota", v)
}

// row is one line of a month's sheet.
func (v *rotaSheetView) row(e pos.Evening, all []pos.Volunteer) rotaRow {
	row := rotaRow{Evening: e, When: v.T("day.near", "weekday", v.Weekday(e.Day, true), "day", strconv.Itoa(dayNumber(e.Day)))}
	var more []string
	for _, one := range all {
		switch {
		case one.Name == "":
		case one.State == pos.PlaceWaiting:
			more = append(more, v.T("rota.waits", "name", one.Name))
		case len(row.Names) == sheetColumns:
			more = append(more, one.Name)
		default:
			row.Names = append(row.Names, one.Name)
		}
	}
	for len(row.Names) < min(e.Places, sheetColumns) {
		row.Names = append(row.Names, "")
	}
	row.More = strings.Join(more, ", ")
	return row
}

// dayNumber is the day of the month.
func dayNumber(day string) int {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return at.Day()
}
