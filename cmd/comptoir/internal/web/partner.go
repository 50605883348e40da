package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// partnerCookie holds the session of a partner on its phone; the browser sends it to its own page only.
const partnerCookie = "comptoir_partner"

// weekView is the page of a partner: its PIN once, then its week. Nothing about guests, donors or other partners.
type weekView struct {
	base
	Page     string // its own address
	SignIn   bool   // the PIN has to be given first
	Name     string
	Possible []possibleView
	Days     []partnerDay
	Classes  []classChoice
	Slots    []slotChoice
	Chosen   string
	Month    string
}

// possibleView is what the shelf could bear of one class.
type possibleView struct{ Icon, Text string }

// partnerDay is one day of the week.
type partnerDay struct {
	Name string
	Rows []allotmentRow
}

// slotChoice is an evening that can be asked for.
type slotChoice struct{ Day, Name string }

// partnerHome serves GET /P/{code} of the public listener. Whatever is wrong with the code, the answer is the same.
func (s *Server) partnerHome(c *fiber.Ctx) error { return s.showPartnerHome(c, http.StatusOK, nil) }

func (s *Server) showPartnerHome(c *fiber.Ctx, status int, trouble *troubleView) error {
	code := c.Params("code")
	if upper := strings.ToUpper(code); upper != code && c.Method() == http.MethodGet {
		return c.Redirect("/P/"+url.PathEscape(upper), http.StatusSeeOther)
	}
	v := weekView{base: s.newBase(c, "partner.page", ""), Page: "/P/" + url.PathEscape(code)}
	v.Trouble = trouble
	p, err := s.till.PartnerOf(c.UserContext(), code, c.Cookies(partnerCookie))
	if fault.CodeOf(err) == "session.none" {
		v.SignIn = true
		return s.page(c, status, "partner", v)
	}
	if err != nil {
		return err
	}
	v.Name = p.Name
	w, err := s.till.PartnerWeek(c.UserContext(), p.ID)
	if err != nil {
		return err
	}
	v.fill(w)
	return s.page(c, status, "partner", v)
}

// fill puts the week in words.
func (v *weekView) fill(w pos.WeekPlan) {
	v.Classes, v.Month = v.classes(), w.From[:len("2006-01")]
	for _, c := range v.Classes {
		p := possibleView{Icon: classIcon(c.Code), Text: v.T("partner.possible_none", "what", c.Name)}
		if n := w.Possible[c.Code]; n > 0 {
			p.Text = v.T("partner.possible", "what", v.N("class.count."+c.Code, n))
		}
		v.Possible = append(v.Possible, p)
	}
	first, err := time.Parse(time.DateOnly, w.From)
	if err != nil {
		return
	}
	for i := range 14 {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		v.Slots = append(v.Slots, slotChoice{day, v.LongDay(day)})
		if day > w.To {
			continue
		}
		d := partnerDay{Name: v.LongDay(day)}
		for _, a := range w.Allotted {
			if a.Day == day {
				d.Rows = append(d.Rows, v.allotment(a))
			}
		}
		v.Days = append(v.Days, d)
	}
	later := partnerDay{Name: v.T("collect.later")}
	for _, a := range w.Allotted {
		if a.Day > w.To && a.State.Live() {
			row := v.allotment(a)
			row.Time = row.When // under no day of its own
			later.Rows = append(later.Rows, row)
		}
	}
	if len(later.Rows) > 0 {
		v.Days = append(v.Days, later)
	}
	v.Chosen = v.Typed("slot", w.From)
}

// partnerSignIn serves POST /P/{code}: the PIN, once on each phone.
func (s *Server) partnerSignIn(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showPartnerHome(c, status, t) })
	code := c.Params("code")
	session, err := s.till.PartnerSignIn(c.UserContext(), code, c.FormValue("pin"))
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: partnerCookie, Value: session, Path: "/P/" + code, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode})
	return c.Redirect("/P/"+url.PathEscape(code), http.StatusSeeOther)
}

// asPartner does something for the partner who is signed in; without a session the page asks for the PIN. row is the field of
// the allotment it is about, "" for a new one.
func (s *Server) asPartner(c *fiber.Ctx, what, row string, do func(by pos.By, partner string) error) error {
	code := c.Params("code")
	home := "/P/" + url.PathEscape(code)
	onRefusal(c, func(status int, t *troubleView) error {
		if row != "" {
			t.ofRow(row)
		}
		return s.showPartnerHome(c, status, t)
	})
	p, err := s.till.PartnerOf(c.UserContext(), code, c.Cookies(partnerCookie))
	if err != nil {
		return err
	}
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if err := do(by, p.ID); err != nil {
		return err
	}
	return s.done(c, home, what)
}

// partnerAsks serves POST /P/{code}/allotments.
func (s *Server) partnerAsks(c *fiber.Ctx) error {
	return s.asPartner(c, "asked", "", func(by pos.By, partner string) error {
		_, err := s.till.RequestAllotment(c.UserContext(), by, partner, pos.AllotmentRequest{Class: c.FormValue("class"), Qty: qtyOf(c), Slot: slotOf(c)})
		return err
	})
}

// partnerChanges serves POST /P/{code}/allotments/{id}: another number, or none.
func (s *Server) partnerChanges(c *fiber.Ctx) error {
	id := param(c, "id")
	if c.FormValue("do") == "cancel" {
		return s.asPartner(c, "allotment_cancel", "qty-"+id, func(by pos.By, partner string) error {
			_, err := s.till.CancelOwnAllotment(c.UserContext(), by, partner, id)
			return err
		})
	}
	return s.asPartner(c, "allotment_change", "qty-"+id, func(by pos.By, partner string) error {
		_, err := s.till.ChangeOwnAllotment(c.UserContext(), by, partner, id, qtyOf(c))
		return err
	})
}

// partnerMonth serves GET /P/{code}/statement?month=.
func (s *Server) partnerMonth(c *fiber.Ctx) error {
	code := c.Params("code")
	home := "/P/" + url.PathEscape(code)
	p, err := s.till.PartnerOf(c.UserContext(), code, c.Cookies(partnerCookie))
	if fault.CodeOf(err) == "session.none" {
		return c.Redirect(home, http.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	v, err := s.statementOf(c, p.ID, "")
	if err != nil {
		return err
	}
	v.Back = home
	return s.page(c, http.StatusOK, "partner_month", v)
}
