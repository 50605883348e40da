package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const partnersPath = "/manage/partners"

// partnersView is the associations the café works with.
type partnersView struct {
	base
	Here, Gone []pos.Partner
	Form       partnerFields
	May        bool // change anything
}

// partnerFields is what a form says of a partner, as it is or as it was typed.
type partnerFields struct {
	base
	Partner  pos.Partner
	Statuses []statusChoice
	Met      bool
}

// statusChoice is one box of the form.
type statusChoice struct {
	Value, Name string
	On          bool
}

// partnerView is the page of one association.
type partnerView struct {
	base
	Partner pos.Partner
	Form    partnerFields
	Link    string // of its page: told once, right after it was made
	QR      qrImage
	Months  []monthLink
	Coming  []allotmentRow
	Met     string
	May     bool
}

// monthLink leads to the statement of one month.
type monthLink struct{ Month, Name string }

func (v base) partnerFields(p pos.Partner) partnerFields {
	f := partnerFields{base: v, Partner: p, Met: p.Introduced != ""}
	typed := v.Trouble != nil && len(v.Trouble.typed["name"]) > 0
	for _, s := range pos.PartnerStatuses() {
		on := slices.Contains(p.Status, s)
		if typed {
			on = slices.Contains(v.Trouble.typed["status"], string(s))
		}
		f.Statuses = append(f.Statuses, statusChoice{string(s), v.T("partner.status_" + string(s)), on})
	}
	if typed {
		f.Met = v.Trouble.typed.Get("introduced") != ""
	}
	return f
}

// partnersPage serves GET /manage/partners.
func (s *Server) partnersPage(c *fiber.Ctx) error { return s.showPartners(c, http.StatusOK, nil) }

func (s *Server) showPartners(c *fiber.Ctx, status int, trouble *troubleView) error {
	all, err := s.till.Partners(c.UserContext())
	if err != nil {
		return err
	}
	v := partnersView{base: s.newBase(c, "partners.title", "manage")}
	v.Section, v.Part, v.Trouble, v.May = "solidarity", "partners", trouble, s.operator(c).Role == pos.RoleManager
	v.Form = v.partnerFields(pos.Partner{Status: []pos.PartnerStatus{}})
	for _, p := range all {
		if p.Active {
			v.Here = append(v.Here, p)
		} else {
			v.Gone = append(v.Gone, p)
		}
	}
	return s.page(c, status, "manage_partners", v)
}

// partnerForm reads what was typed of a partner.
func partnerForm(c *fiber.Ctx) pos.PartnerForm {
	typed := typedIn(c)
	status := []pos.PartnerStatus{}
	for _, one := range typed["status"] {
		status = append(status, pos.PartnerStatus(one))
	}
	name, contact, collectors, met := typed.Get("name"), typed.Get("contact"), typed.Get("collectors"), typed.Get("introduced") != ""
	return pos.PartnerForm{Name: &name, Status: &status, Contact: &contact, Collectors: &collectors, Introduced: &met, PIN: typed.Get("pin")}
}

// addPartner serves POST /manage/partners, and shows the link that is told once.
func (s *Server) addPartner(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showPartners(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.AddPartner(c.UserContext(), by, partnerForm(c))
	if err != nil {
		return err
	}
	return s.showPartner(c, http.StatusOK, p.ID, p.URL, nil)
}

// partnerPage serves GET /manage/partners/{id}.
func (s *Server) partnerPage(c *fiber.Ctx) error {
	return s.showPartner(c, http.StatusOK, param(c, "id"), "", nil)
}

func (s *Server) showPartner(c *fiber.Ctx, status int, id, link string, trouble *troubleView) error {
	p, err := s.till.Partner(c.UserContext(), id)
	if err != nil {
		return err
	}
	v := partnerView{base: s.newBase(c, "partners.title", "manage"), Partner: p, Link: link, May: s.operator(c).Role == pos.RoleManager}
	v.Section, v.Part, v.Trouble, v.Title = "solidarity", "partners", trouble, p.Name
	v.Form = v.partnerFields(p)
	if p.Introduced != "" {
		v.Met = v.T("partner.met_on", "day", v.LongDay(p.Introduced))
	}
	if link != "" {
		if v.QR, err = qrSVG(link); err != nil {
			return err
		}
	}
	w, err := s.till.PartnerWeek(c.UserContext(), id)
	if err != nil {
		return err
	}
	for _, a := range w.Allotted {
		if a.State.Live() {
			v.Coming = append(v.Coming, v.allotment(a))
		}
	}
	v.Months = v.lastMonths(s.today(), 3)
	return s.page(c, status, "manage_partner", v)
}

// lastMonths are the month of a day and those before it, the newest first.
func (b base) lastMonths(day string, n int) []monthLink {
	first, err := time.Parse(time.DateOnly, day[:len("2006-01")]+"-01")
	if err != nil {
		return nil
	}
	var all []monthLink
	for i := range n {
		at := first.AddDate(0, -i, 0)
		all = append(all, monthLink{at.Format("2006-01"), b.Month(at.Format(time.DateOnly))})
	}
	return all
}

// onPartner changes one partner; a refusal shows its page again.
func (s *Server) onPartner(c *fiber.Ctx, what string, f pos.PartnerForm) error {
	id := param(c, "id")
	onRefusal(c, func(status int, t *troubleView) error { return s.showPartner(c, status, id, "", t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.ChangePartner(c.UserContext(), by, id, f)
	if err != nil {
		return err
	}
	if p.URL != "" {
		return s.showPartner(c, http.StatusOK, id, p.URL, nil)
	}
	return s.done(c, partnersPath+"/"+url.PathEscape(id), what)
}

// savePartner serves POST /manage/partners/{id}.
func (s *Server) savePartner(c *fiber.Ctx) error {
	return s.onPartner(c, "partner_saved", partnerForm(c))
}

// setPartnerPIN serves POST /manage/partners/{id}/pin. An empty one is refused beside its field.
func (s *Server) setPartnerPIN(c *fiber.Ctx) error {
	pin := c.FormValue("pin")
	if pin == "" {
		pin = "-"
	}
	return s.onPartner(c, "pin_set", pos.PartnerForm{PIN: pin})
}

// renewPartnerLink serves POST /manage/partners/{id}/link.
func (s *Server) renewPartnerLink(c *fiber.Ctx) error {
	return s.onPartner(c, "", pos.PartnerForm{NewLink: true})
}

// endPartner serves POST /manage/partners/{id}/end and brings one back with active=true.
func (s *Server) endPartner(c *fiber.Ctx) error {
	active := c.FormValue("active") == "true"
	what := "partner_ended"
	if active {
		what = "partner_back"
	}
	return s.onPartner(c, what, pos.PartnerForm{Active: &active})
}

// settleShelf serves POST /manage/partners/{id}/settle: everything on the shelf goes to this partner.
func (s *Server) settleShelf(c *fiber.Ctx) error {
	id := param(c, "id")
	onRefusal(c, func(status int, t *troubleView) error { return s.showPartner(c, status, id, "", t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.SettleShelf(c.UserContext(), by, id); err != nil {
		return err
	}
	return s.done(c, partnersPath+"/"+url.PathEscape(id)+"/statement", "shelf_settled")
}

// partnerStatementView is what a partner collected in a month, on paper too.
type partnerStatementView struct {
	base
	Statement pos.PartnerStatement
	Name      string // of the month
	Rows      []slipView
	Totals    []shareRow
	Months    []monthLink
	Back      string
}

// partnerStatement serves GET /manage/partners/{id}/statement?month=.
func (s *Server) partnerStatement(c *fiber.Ctx) error {
	v, err := s.statementOf(c, param(c, "id"), "manage")
	if err != nil {
		return err
	}
	v.Section, v.Part, v.Back = "solidarity", "partners", partnersPath+"/"+url.PathEscape(param(c, "id"))
	return s.page(c, http.StatusOK, "partner_statement", v)
}

func (s *Server) statementOf(c *fiber.Ctx, partner, nav string) (v partnerStatementView, err error) {
	v = partnerStatementView{base: s.newBase(c, "partner.statement", nav)}
	if v.Statement, err = s.till.StatementOf(c.UserContext(), partner, c.Query("month")); err != nil {
		return v, err
	}
	v.Name = v.Month(v.Statement.Month + "-01")
	for _, one := range v.Statement.Collections {
		v.Rows = append(v.Rows, v.slip(one))
	}
	for _, share := range v.Statement.Shares {
		v.Totals = append(v.Totals, v.share(share))
	}
	v.Months = v.lastMonths(s.today(), 12)
	return v, nil
}

// moveTokens serves POST /manage/partners/{id}/tokens: a bundle of tokens goes to a partner, or comes home from it.
func (s *Server) moveTokens(c *fiber.Ctx) error {
	id := param(c, "id")
	onRefusal(c, func(status int, t *troubleView) error { return s.showPartner(c, status, id, "", t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue("n")))
	if err != nil || n < 0 {
		n = 0 // which is refused by its field
	}
	if c.FormValue("way") == "home" {
		n = -n
	}
	if _, err := s.till.MoveTokens(c.UserContext(), by, id, n); err != nil {
		return err
	}
	return s.done(c, partnersPath+"/"+url.PathEscape(id), "tokens_moved")
}
