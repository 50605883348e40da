package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/suspended"
)

const shelfPath = "/manage/shelf"

// shelfPageView is what waits, by class, and what a manager can make of it.
type shelfPageView struct {
	base
	Classes  []shelfClassView
	Closures []closureView
	Rule     string // the rule of ageing, as the board says it
}

// shelfClassView is one class.
type shelfClassView struct {
	Code, Name string
	Rows       []shelfRow
	Old        string // what is older than the rule, and what follows
	Gone       string // it is withdrawn, and what takes its place
	Price      money.Cents
	Into       []shelfInto // classes it can be converted into; none for meals, and for what is withdrawn
}

// shelfInto is a class that another can be converted into.
type shelfInto struct {
	Code, Name string
	Says       string // what one of it takes
}

// shelfRow is what waits of a class by who bears it.
type shelfRow struct {
	Origin                        string
	Available, Reserved, Allotted string
	Age                           string
	Old                           bool
}

// closureView is one holiday.
type closureView struct{ From, Says, Remove string }

// shelfPage serves GET /manage/shelf.
func (s *Server) shelfPage(c *fiber.Ctx) error { return s.showShelf(c, http.StatusOK, nil) }

func (s *Server) showShelf(c *fiber.Ctx, status int, trouble *troubleView) error {
	stands, err := s.till.ShelfStands(c.UserContext())
	if err != nil {
		return err
	}
	v := shelfPageView{base: s.newBase(c, "shelf.title", "manage")}
	v.Section, v.Part, v.Trouble = "solidarity", "shelf", trouble
	v.Rule = v.N("shelf.rule", stands.AgeAfter)
	for _, class := range stands.Classes {
		v.Classes = append(v.Classes, v.class(stands, class))
	}
	for _, closed := range stands.Closures {
		says := v.T("shelf.closed_from", "from", v.LongDay(closed.From), "to", v.LongDay(closed.To))
		if closed.From == closed.To {
			says = v.LongDay(closed.From)
		}
		v.Closures = append(v.Closures, closureView{closed.From, says, v.T("shelf.reopen_of", "days", says)})
	}
	return s.page(c, status, "manage_shelf", v)
}

func (b base) class(stands pos.ShelfStanding, code string) shelfClassView {
	v := shelfClassView{Code: code, Name: b.T("class.many." + code), Price: stands.Prices[code]}
	old := 0
	for _, r := range stands.Rows {
		if r.Class != code {
			continue
		}
		old += r.Old
		v.Rows = append(v.Rows, shelfRow{Origin: b.T("origin." + string(r.Origin)), Available: b.Number(r.Available), Reserved: b.Number(r.Reserved),
			Allotted: b.Number(r.Allotted), Age: b.N("shelf.days", r.Age), Old: r.Old > 0})
	}
	if old > 0 {
		v.Old = b.N("shelf.old", old)
	}
	if successor := stands.Withdrawn[code]; successor != "" {
		v.Gone = b.T("shelf.gone", "class", b.T("class.many."+successor))
	}
	if code == suspended.Meal {
		return v
	}
	for _, to := range stands.Classes {
		if to == code || stands.Withdrawn[to] != "" || stands.Prices[to] == 0 {
			continue
		}
		v.Into = append(v.Into, shelfInto{to, b.T("class.many." + to), b.T("shelf.takes", "what", b.T("class.one."+to), "sum", b.Money(stands.Prices[to]))})
	}
	return v
}

// shelfAgain shows the page once more, with what was typed.
func (s *Server) shelfAgain(c *fiber.Ctx) {
	onRefusal(c, func(status int, t *troubleView) error { return s.showShelf(c, status, t) })
}

// convertItems serves POST /manage/shelf/convert.
func (s *Server) convertItems(c *fiber.Ctx) error {
	s.shelfAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	qty, err := strconv.Atoi(strings.TrimSpace(c.FormValue("qty")))
	if err != nil || qty < 1 {
		qty = -1 // refused in the words of the domain
	}
	if _, err := s.till.Convert(c.UserContext(), by, pos.ConversionRequest{From: c.FormValue("class"), To: c.FormValue("to"), Qty: qty}); err != nil {
		return err
	}
	return s.done(c, shelfPath, "converted")
}

// withdrawClass serves POST /manage/shelf/class: without a successor the class is given again.
func (s *Server) withdrawClass(c *fiber.Ctx) error {
	s.shelfAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.WithdrawClass(c.UserContext(), by, c.FormValue("class"), c.FormValue("successor")); err != nil {
		return err
	}
	if c.FormValue("successor") == "" {
		return s.done(c, shelfPath, "class_given")
	}
	return s.done(c, shelfPath, "class_withdrawn")
}

// closeHolidays serves POST /manage/shelf/closures.
func (s *Server) closeHolidays(c *fiber.Ctx) error {
	s.shelfAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.CloseForHolidays(c.UserContext(), by, suspended.Closure{From: c.FormValue("from"), To: c.FormValue("to")}); err != nil {
		return err
	}
	return s.done(c, shelfPath, "closure_noted")
}

// reopenHolidays serves POST /manage/shelf/closures/{from}/remove.
func (s *Server) reopenHolidays(c *fiber.Ctx) error {
	s.shelfAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	from, err := url.PathUnescape(c.Params("from"))
	if err != nil {
		return err
	}
	if err := s.till.OpenAgain(c.UserContext(), by, from); err != nil {
		return err
	}
	return s.done(c, shelfPath, "closure_removed")
}
