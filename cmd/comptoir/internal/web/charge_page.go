package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

const chargesPath = "/charges"

// chargeView is the page of one payment by a terminal: it waits, and says what came of it.
type chargeView struct {
	base
	Charge pos.Charge
	Name   string     // of the order
	Ticket pos.Ticket // the order as it is now
	Why    string     // it is not approved, in words
	Go     string     // where it leads by itself; empty: somebody has to choose
	Pay    string     // the order's page of payment; empty: the order is not open
	Back   string     // the till
	Here   string     // the page itself
	Asked  payAsked
	Till   bool        // it began on the till
	Whole  money.Cents // of what was asked, what the card did not pay
}

// Waiting reports whether the terminal is being asked.
func (v chargeView) Waiting() bool { return v.Charge.State == pos.ChargeRequested }

// Unknown reports whether a person has to look at the terminal.
func (v chargeView) Unknown() bool { return v.Charge.State == pos.ChargeUnknown }

// Paid reports whether the card has paid, whole or in part.
func (v chargeView) Paid() bool { return v.Charge.Paid > 0 }

// NotSent reports whether the terminal never heard of it.
func (v chargeView) NotSent() bool { return v.Charge.State == pos.ChargeNotSent }

// chargeLink is the address of a charge's page; till: it began on the till.
func chargeLink(id string, a payAsked, till bool) string {
	u, err := url.Parse(a.link(""))
	if err != nil {
		return chargesPath + "/" + url.PathEscape(id)
	}
	u.Path = chargesPath + "/" + id
	if till {
		q := u.Query()
		q.Set("till", "1")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// chargePage serves GET /charges/{id}: a payment that has come to its end leads on by itself.
func (s *Server) chargePage(c *fiber.Ctx) error {
	v, err := s.newCharge(c)
	if err != nil {
		return err
	}
	if v.Go != "" {
		return c.Redirect(v.Go, http.StatusSeeOther)
	}
	return s.page(c, http.StatusOK, "charge", v)
}

// chargePart serves GET /charges/{id}/part.
func (s *Server) chargePart(c *fiber.Ctx) error {
	v, err := s.newCharge(c)
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "charge", v)
}

func (s *Server) newCharge(c *fiber.Ctx) (chargeView, error) {
	v := chargeView{base: s.newBase(c, "charge.title", "till"), Asked: asked(func(name string) string { return c.Query(name, c.FormValue(name)) }), Back: "/"}
	var err error
	if v.Charge, err = s.till.Charge(c.UserContext(), c.Params("id")); err != nil {
		return v, err
	}
	if v.Ticket, err = s.till.Ticket(c.UserContext(), v.Charge.Ticket); err != nil {
		return v, err
	}
	v.Till = c.Query("till", c.FormValue("till")) == "1"
	v.Name, v.Whole = ticketName(v.Language, v.Ticket), v.Charge.Amount-v.Charge.Paid
	v.Here = chargeLink(v.Charge.ID, v.Asked, v.Till)
	if v.Ticket.State == "open" {
		v.Pay, v.Back = v.Asked.link(v.Ticket.ID), "/?ticket="+url.QueryEscape(v.Ticket.ID)
	}
	if code := v.Charge.Code; code != "" && v.Has("error."+code) {
		v.Why = v.Refusal(code, false, map[string]any{"terminal": v.Charge.Terminal})
	}
	v.Go = s.leadsTo(v)
	return v, nil
}

// leadsTo is where a charge that has paid all that it was asked leads: to the sale, or to the rest of the order. What a
// person should read stays.
func (s *Server) leadsTo(v chargeView) string {
	c := v.Charge
	switch {
	case c.Paid == 0 || c.Over > 0 || c.Kept < c.Amount && c.Sale == "":
		return ""
	case c.Sale != "" && v.Till:
		return tillLink(s.charges.result(c))
	case c.Sale != "":
		return paidLink(s.charges.result(c), v.Asked.From)
	case v.Ticket.State != "open" || v.Ticket.Rest == 0:
		return ""
	}
	for _, p := range v.Ticket.Payments {
		if p.Charge == c.ID {
			return v.Asked.next(p.ID).link(v.Ticket.ID)
		}
	}
	return ""
}

// chargeAgain shows the page of a charge once more after a refusal.
func (s *Server) chargeAgain(c *fiber.Ctx) {
	onRefusal(c, func(status int, t *troubleView) error {
		v, err := s.newCharge(c)
		if err != nil {
			return err
		}
		v.Trouble = t
		return s.page(c, status, "charge", v)
	})
}

// answerCharge serves POST /charges/{id}/answer: what a person saw on the terminal, or that nobody can tell now.
func (s *Server) answerCharge(c *fiber.Ctx) error {
	s.chargeAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	id, ctx := c.Params("id"), c.UserContext()
	var x pos.Charge
	switch c.FormValue("said") {
	case "paid":
		x, err = s.till.AnswerCharge(ctx, by, id, true, strings.TrimSpace(c.FormValue("authorisation")))
	case "not_paid":
		x, err = s.till.AnswerCharge(ctx, by, id, false, "")
	case "apart":
		if x, err = s.till.SetChargeApart(ctx, by, id); err == nil {
			return s.done(c, asked(func(name string) string { return c.FormValue(name) }).link(x.Ticket), "charge_apart")
		}
	case "returned":
		if x, err = s.till.ReturnCharge(ctx, by, id); err == nil {
			return s.done(c, chargesPath, "charge_returned")
		}
	default:
		return errParam.Field("said", "one_of")
	}
	if err != nil {
		return err
	}
	s.charges.keep(x)
	if sale := x.Settled(); sale.ID != "" {
		s.showPaid(c, sale)
	}
	return c.Redirect(chargeLink(id, asked(func(name string) string { return c.FormValue(name) }), c.FormValue("till") == "1"), http.StatusSeeOther)
}

// askAgain serves POST /charges/{id}/again: another attempt of its own, after one that paid nothing.
func (s *Server) askAgain(c *fiber.Ctx) error {
	s.chargeAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	old, err := s.till.Charge(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	x, err := s.charge(c, by, old.Ticket, pos.ChargeRequest{Terminal: old.Terminal, Amount: old.Amount})
	if err != nil {
		return err
	}
	return c.Redirect(chargeLink(x.ID, asked(func(name string) string { return c.FormValue(name) }), c.FormValue("till") == "1"), http.StatusSeeOther)
}

// chargesView lists the payments by terminals of today, first those that somebody has to do something about.
type chargesView struct {
	base
	Lists []chargeList
}

// chargeList is a list with its words for when it is empty.
type chargeList struct {
	Title, None string
	Rows        []chargeRow
}

// chargeRow is one payment by a terminal, in words.
type chargeRow struct {
	ID, When, Order, Terminal, Sum, State, Why string
	Link                                       string // to its page; empty: there is nothing to do
}

// chargesPage serves GET /charges.
func (s *Server) chargesPage(c *fiber.Ctx) error {
	v := chargesView{base: s.newBase(c, "charges.title", "till")}
	open, err := s.till.OpenCharges(c.UserContext())
	if err != nil {
		return err
	}
	day, err := s.till.Charges(c.UserContext(), s.till.DB().Today())
	if err != nil {
		return err
	}
	asking, ended := chargeList{Title: v.T("charges.open"), None: v.T("charges.none_open")}, chargeList{Title: v.T("charges.today"), None: v.T("charges.none_today")}
	for _, x := range open {
		asking.Rows = append(asking.Rows, v.row(x))
	}
	for _, x := range slices.Backward(day) {
		if !x.Open() && x.Over == 0 {
			ended.Rows = append(ended.Rows, v.row(x))
		}
	}
	v.Lists = []chargeList{asking, ended}
	return s.page(c, http.StatusOK, "charges", v)
}

// alarmCharges tells the till which payments wait for a person.
func (s *Server) alarmCharges(c *fiber.Ctx, v *alarmView) error {
	open, err := s.till.OpenCharges(c.UserContext())
	if err != nil || len(open) == 0 {
		return err
	}
	b := s.newBase(c, "till.title", "till")
	for _, x := range open {
		if x.State != pos.ChargeRequested && len(v.Charges) < alarmNamed {
			v.Charges = append(v.Charges, b.row(x))
		}
	}
	return nil
}

// chargeMatters tells the manager's day which payments wait for an answer; whoever does not sell only reads of them.
func (s *Server) chargeMatters(c *fiber.Ctx, v *todayView) error {
	open, err := s.till.OpenCharges(c.UserContext())
	for _, x := range open {
		m := matterView{Icon: "credit-card", Text: v.T("today.charges", "order", v.Number(x.No), "sum", v.Money(x.Amount))}
		if v.Operator.Role == pos.RoleManager {
			m.Link = chargeLink(x.ID, payAsked{}, false)
		}
		v.Matters = append(v.Matters, m)
	}
	return err
}

// row words one charge.
func (b base) row(x pos.Charge) chargeRow {
	r := chargeRow{ID: x.ID, When: b.Clock(x.At), Order: b.Number(x.No), Terminal: x.Terminal, Sum: b.Money(x.Amount), State: b.T("charge.is_" + string(x.State))}
	switch {
	case x.Over > 0:
		r.State = b.T("charge.is_over", "sum", b.Money(x.Over))
	case x.State == pos.ChargeUnknown && x.Apart:
		r.State = b.T("charge.is_apart")
	case x.Paid > 0 && x.Paid < x.Amount:
		r.State = b.T("charge.is_partial", "sum", b.Money(x.Paid))
	}
	if key := "error." + x.Code; x.Code != "" && !x.Open() && b.Has(key) {
		r.Why = b.Refusal(x.Code, false, map[string]any{"terminal": x.Terminal})
	}
	if x.Open() || x.Over > 0 {
		r.Link = chargeLink(x.ID, payAsked{}, false)
	}
	return r
}
