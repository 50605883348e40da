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

// fixView puts the means of a payment right.
type fixView struct {
	base
	Sale     pos.Sale
	From     []fixFrom
	Chosen   pos.Means // to take off
	To       []pos.Means
	Reasons  []string
	Managers []pos.Operator // one of whom approves; none when a manager asks
	Approve  bool           // it was refused without one
}

// fixFrom is a means the sale is paid by now, and how much.
type fixFrom struct {
	Means  pos.Means
	Amount money.Cents // positive
}

// fixPage serves GET /sales/{id}/fix.
func (s *Server) fixPage(c *fiber.Ctx) error { return s.showFix(c, http.StatusOK, nil) }

func (s *Server) showFix(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	sale, err := s.till.Sale(ctx, c.Params("id"))
	if err != nil {
		return err
	}
	v := fixView{base: s.newBase(c, "fix.title", "sales"), Sale: sale, To: []pos.Means{pos.Card, pos.Cash, pos.MealVoucher, pos.Cheque, pos.Transfer}}
	v.Trouble = trouble
	v.Reasons = []string{v.T("fix.reason_tap"), v.T("fix.reason_mind")}
	for _, p := range sale.PaidBy() {
		v.From = append(v.From, fixFrom{p.Means, max(p.Amount, -p.Amount)})
	}
	if len(v.From) > 0 {
		v.Chosen = pos.Means(v.Typed("from", string(v.From[0].Means)))
	}
	v.Approve = trouble != nil && (trouble.Code == "fix.approval" || trouble.Code == "approval.wrong" || trouble.Code == "pin.wait")
	if v.Operator.Role != pos.RoleManager {
		staff, err := s.till.Staff(ctx)
		if err != nil {
			return err
		}
		v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	}
	return s.page(c, status, "fix", v)
}

// fixPayment serves POST /sales/{id}/fix. An amount left empty is all that was paid by the means.
func (s *Server) fixPayment(c *fiber.Ctx) error {
	l := s.language(c)
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		t.Rename("from", "from", l.T("fix.from"))
		t.Rename("to", "to", l.T("fix.to"))
		return s.showFix(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	r := pos.FixRequest{From: pos.Means(c.FormValue("from")), To: pos.Means(c.FormValue("to")), Reason: strings.TrimSpace(c.FormValue("reason"))}
	if text := strings.TrimSpace(c.FormValue("amount")); text != "" {
		if r.Amount, err = parseMoney("amount", text); err != nil {
			return err
		}
		if r.Amount == 0 { // nothing, and not all
			r.Amount = -1
		}
	}
	if c.FormValue("pin") != "" {
		r.Approval = &pos.Approval{Operator: c.FormValue("manager"), PIN: c.FormValue("pin")}
	}
	if _, err := s.till.FixPayment(c.UserContext(), by, c.Params("id"), r); err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(c.Params("id")), "payment_fixed")
}

func (s *Server) postFix(c *fiber.Ctx, by pos.By, in pos.FixRequest) (pos.PaymentFix, error) {
	return s.till.FixPayment(c.UserContext(), by, param(c, "id"), in)
}
