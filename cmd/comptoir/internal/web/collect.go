package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/suspended"
)

const (
	collectPath = "/collect"
	slipsPath   = "/slips"
	collectDays = 7 // shown ahead
)

// collectView is what partners come for: this evening, what is asked, and the days to come.
type collectView struct {
	base
	Today, Asked, Later []allotmentRow
	Partners            []pos.Partner
	Classes             []classChoice
	First, Last         string // days that may be chosen
}

// classChoice is a class of suspended items, in a form.
type classChoice struct{ Code, Name string }

// allotmentRow is one allotment in words.
type allotmentRow struct {
	pos.Allotment
	What  string // "12 repas"
	When  string
	State string
	Icon  string
	Live  bool
	Asked bool
}

// handoverView is the form of a collection.
type handoverView struct {
	base
	Row      allotmentRow
	Partner  pos.Partner
	Managers []pos.Operator // for whoever is none
	First    bool           // the partner has not been met
	Now      string
}

// allotment words an allotment.
func (b base) allotment(a pos.Allotment) allotmentRow {
	r := allotmentRow{Allotment: a, What: b.N("class.count."+a.Class, a.Qty), When: b.LongDay(a.Day), Icon: classIcon(a.Class), Live: a.State.Live(),
		Asked: a.State == suspended.Requested, State: b.T("allotted." + strings.ToLower(string(a.State)))}
	if a.Time != "" {
		r.When = b.T("collect.at", "day", r.When, "time", a.Time)
	}
	return r
}

// collectPage serves GET /collect.
func (s *Server) collectPage(c *fiber.Ctx) error { return s.showCollect(c, http.StatusOK, nil) }

func (s *Server) showCollect(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx, today := c.UserContext(), s.today()
	first, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return err
	}
	v := collectView{base: s.newBase(c, "collect.title", "till"), First: today, Last: first.AddDate(0, 0, 60).Format(time.DateOnly)}
	v.Trouble = trouble
	all, err := s.till.Allotments(ctx, today, v.Last)
	if err != nil {
		return err
	}
	soon := first.AddDate(0, 0, collectDays).Format(time.DateOnly)
	for _, a := range all {
		switch row := v.allotment(a); {
		case a.State == suspended.Requested:
			v.Asked = append(v.Asked, row)
		case a.Day == today:
			v.Today = append(v.Today, row)
		case row.Live && a.Day <= soon:
			v.Later = append(v.Later, row)
		}
	}
	if v.Partners, err = s.till.Partners(ctx); err != nil {
		return err
	}
	v.Partners = slices.DeleteFunc(v.Partners, func(p pos.Partner) bool { return !p.Active })
	v.Classes = v.classes()
	return s.page(c, status, "collect", v)
}

// classes lists what can be promised, in the order of the screens.
func (b base) classes() []classChoice {
	return []classChoice{{suspended.Meal, b.T("class.many." + suspended.Meal)}, {suspended.Coffee, b.T("class.many." + suspended.Coffee)}}
}

// slotOf reads the evening of a form.
func slotOf(c *fiber.Ctx) string {
	day, hour := c.FormValue("slot"), c.FormValue("hour")
	if day != "" && hour != "" {
		return day + "T" + hour
	}
	return day
}

// qtyOf reads a number of items; what is no number is 0, which is refused by its field.
func qtyOf(c *fiber.Ctx) int {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue("qty")))
	if err != nil {
		return 0
	}
	return n
}

// allot serves POST /collect.
func (s *Server) allot(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showCollect(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.Allot(c.UserContext(), by, pos.AllotmentRequest{Partner: c.FormValue("partner"), Class: c.FormValue("class"), Qty: qtyOf(c), Slot: slotOf(c)}); err != nil {
		return err
	}
	return s.done(c, collectPath, "allotted")
}

// changeAllotment serves POST /collect/{id}/change: do says what is done with what was asked or promised.
func (s *Server) changeAllotment(c *fiber.Ctx) error {
	id, list := param(c, "id"), "later-"
	if c.FormValue("do") == "confirm" {
		list = "asked-"
	}
	onRefusal(c, func(status int, t *troubleView) error {
		t.ofRow(list + id)
		return s.showCollect(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	ctx, what := c.UserContext(), c.FormValue("do")
	switch what {
	case "confirm":
		n := qtyOf(c)
		if n == 0 {
			n = -1 // what is no number is refused: only the API leaves it out and means all
		}
		_, err = s.till.ConfirmAllotment(ctx, by, id, pos.ConfirmRequest{Qty: n, Keep: c.FormValue("keep") != ""})
	case "ready":
		_, err = s.till.ReadyAllotment(ctx, by, id)
	case "cancel":
		_, err = s.till.CancelAllotment(ctx, by, id)
	default:
		what = "change"
		_, err = s.till.ChangeAllotment(ctx, by, id, qtyOf(c))
	}
	if err != nil {
		return err
	}
	return s.done(c, collectPath, "allotment_"+what)
}

// ofRow puts a refused number beside the field of its own row: the page has another field of that name.
func (t *troubleView) ofRow(field string) {
	t.Rename("qty", field, "")
	t.typed.Set(field, t.typed.Get("qty"))
	t.typed.Del("qty")
}

// handoverPage serves GET /collect/{id}.
func (s *Server) handoverPage(c *fiber.Ctx) error { return s.showHandover(c, http.StatusOK, nil) }

func (s *Server) showHandover(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	a, err := s.till.Allotment(ctx, param(c, "id"))
	if err != nil {
		return err
	}
	v := handoverView{base: s.newBase(c, "collect.title", "till"), Now: s.till.DB().Now().In(s.till.DB().Zone()).Format("15:04")}
	v.Trouble, v.Row = trouble, v.allotment(a)
	if v.Partner, err = s.till.Partner(ctx, a.Partner); err != nil {
		return err
	}
	v.First = v.Partner.Introduced == ""
	if v.Operator.Role != pos.RoleManager {
		staff, err := s.till.Staff(ctx)
		if err != nil {
			return err
		}
		v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	}
	return s.page(c, status, "handover", v)
}

// errDegrees refuses what is no temperature, beside its field.
var errDegrees = fault.New(fault.Invalid, "collection.invalid", "The collection breaks a rule; the fields say which.").Field("temperature", "number")

// collect serves POST /collect/{id}, and leads to the slip.
func (s *Server) collect(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin-manager", "")
		return s.showHandover(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	r := pos.CollectRequest{Qty: qtyOf(c), PIN: c.FormValue("pin"), Allergens: c.FormValue("allergens"), Time: c.FormValue("time"), Initials: c.FormValue("initials")}
	if typed := strings.TrimSpace(c.FormValue("temperature")); typed != "" {
		degrees, ok := pos.ParseDegrees(typed)
		if !ok {
			return errDegrees
		}
		r.Temperature = &degrees
	}
	if pin := c.FormValue("pin-manager"); pin != "" {
		r.Approval = &pos.Approval{Operator: c.FormValue("manager"), PIN: pin}
	}
	done, err := s.till.CollectAllotment(c.UserContext(), by, param(c, "id"), r)
	if err != nil {
		return err
	}
	return s.done(c, slipsPath+"/"+strconv.FormatInt(done.Number, 10), "collected")
}

// slipView is a slip: what left the house, by who bears it.
type slipView struct {
	base
	Collection pos.Collection
	What       string
	DayWords   string
	Left       string // hour of departure
	Degrees    string
	Rows       []shareRow
	Given      string // cost of what was never sold; empty when the partner writes no receipt
	Address    []string
	Copies     []string
	Paper      string
	Most       int // that can still be noted as waste
	Printer    bool
	Job        *jobView
}

// shareRow is one origin of a slip.
type shareRow struct {
	Name, Count, Cost, Sold string
	Given                   bool
}

func (b base) share(s pos.CollectionShare) shareRow {
	return shareRow{Name: b.T("slip.origin_" + strings.ToLower(s.Origin)), Count: b.Number(s.Count), Cost: b.Money(s.Cost), Sold: b.Money(s.Sold), Given: s.Given}
}

func (b base) slip(one pos.Collection) slipView {
	v := slipView{base: b, Collection: one, What: b.N("class.count."+one.Class, one.Qty), DayWords: b.LongDay(one.Day), Left: b.Clock(one.At), Most: one.Qty - one.Wasted}
	if one.Temperature != nil {
		v.Degrees = strings.Replace(one.Temperature.String(), ".", decimalPoint(b.Language), 1) + "\u202f°C"
	}
	for _, s := range one.Shares {
		v.Rows = append(v.Rows, b.share(s))
	}
	if one.ValueTold && one.GivenCost > 0 {
		v.Given = b.Money(one.GivenCost)
	}
	return v
}

// slipPage serves GET /slips/{n}?paper=.
func (s *Server) slipPage(c *fiber.Ctx) error { return s.showSlip(c, http.StatusOK, nil) }

func (s *Server) showSlip(c *fiber.Ctx, status int, trouble *troubleView) error {
	n, err := intParam(c, "n")
	if err != nil {
		return err
	}
	one, err := s.till.Collection(c.UserContext(), int64(n))
	if err != nil {
		return err
	}
	b := s.newBase(c, "slip.title", "till")
	b.Trouble = trouble
	v := b.slip(one)
	v.Title = v.T("slip.number", "n", strconv.Itoa(n))
	v.Address = strings.Split(s.till.Identity().Address, "\n")
	v.Copies = []string{v.T("slip.copy_partner"), v.T("slip.copy_cafe")}
	v.Paper = v.Device.Paper
	if paper := c.Query("paper"); paper == paperA5 || slices.Contains(papers(), paper) {
		v.Paper = paper
	}
	v.Printer = s.hasPrinter(c) && v.Operator.Role != pos.RoleAccountant
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	return s.page(c, status, "slip", v)
}

// printSlip serves POST /slips/{n}/print: both copies come out of the printer of this device.
func (s *Server) printSlip(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showSlip(c, status, t) })
	n, err := intParam(c, "n")
	if err != nil {
		return err
	}
	by, err := s.by(c)
	if err != nil {
		return err
	}
	job, err := s.till.PrintSlip(c.UserContext(), by, int64(n))
	if err != nil {
		return err
	}
	return c.Redirect(slipsPath+"/"+strconv.Itoa(n)+"?job="+url.QueryEscape(job), http.StatusSeeOther)
}

// paperA5 is the larger sheet of a slip.
const paperA5 = "a5"

// noteWaste serves POST /slips/{n}/waste.
func (s *Server) noteWaste(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showSlip(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	n, err := intParam(c, "n")
	if err != nil {
		return err
	}
	if _, err := s.till.NoteWaste(c.UserContext(), by, int64(n), qtyOf(c)); err != nil {
		return err
	}
	return s.done(c, slipsPath+"/"+url.PathEscape(c.Params("n")), "waste_noted")
}
