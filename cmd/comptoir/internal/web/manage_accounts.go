package web

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

const accountsPath = "/manage/accounts"

// accountsView is the plan of accounts as a form.
type accountsView struct {
	base
	Seen   int64
	Since  string // first business day the plan is in force on; "" for the one that every café begins with
	Plan   export.Plan
	Groups []accountGroup
}

// accountGroup is a set of roles that belong together.
type accountGroup struct {
	Name string
	Rows []accountRow
}

// accountRow is one role: what it is, and its account.
type accountRow struct {
	Role    string
	Name    string
	Account export.Account
}

// accountsPage serves GET /manage/accounts.
func (s *Server) accountsPage(c *fiber.Ctx) error {
	now, err := s.till.Accounting(c.UserContext())
	if err != nil {
		return err
	}
	return s.showAccounts(c, http.StatusOK, now, nil)
}

func (s *Server) showAccounts(c *fiber.Ctx, status int, now pos.Accounting, trouble *troubleView) error {
	v := accountsView{base: s.newBase(c, "accounts.title", "manage"), Seen: now.N, Since: now.Day, Plan: now.Plan}
	v.Section, v.Trouble = "exports", trouble
	rates, err := s.till.RatesSold(c.UserContext())
	if err != nil {
		return err
	}
	for _, role := range export.Roles(rates...) {
		v.add(role)
	}
	if trouble != nil {
		for _, g := range v.Groups {
			for _, r := range g.Rows {
				for _, field := range []string{".number", ".label"} {
					trouble.Rename("accounts."+r.Role+field, "accounts."+r.Role+field, r.Name)
				}
			}
		}
	}
	return s.page(c, status, "manage_accounts", v)
}

// add puts a role into the group that its first word names.
func (v *accountsView) add(role string) {
	group, name := v.named(role)
	if len(v.Groups) == 0 || v.Groups[len(v.Groups)-1].Name != group {
		v.Groups = append(v.Groups, accountGroup{Name: group})
	}
	g := &v.Groups[len(v.Groups)-1]
	g.Rows = append(g.Rows, accountRow{role, name, v.Plan.Account(role)})
}

// named words a role and the group it is in.
func (v *accountsView) named(role string) (group, name string) {
	parts := strings.Split(role, ".")
	bp := func(text string) string {
		n, _ := strconv.ParseInt(text, 10, 64) // a role is made of a rate
		return v.Rate(money.BasisPoints(n))
	}
	switch parts[0] {
	case "means":
		return v.T("accounts.group_means"), v.T("accounts.means_" + strings.ToLower(parts[1]))
	case "sales":
		group := v.T("accounts.group_services")
		if parts[1] == journal.Goods {
			group = v.T("accounts.group_goods")
		}
		if len(parts) == 3 {
			return group, v.T("accounts.at_rate", "rate", bp(parts[2]))
		}
		return group, v.T("accounts.other_rates")
	case "vat":
		if len(parts) == 2 {
			return v.T("accounts.group_vat"), v.T("accounts.at_rate", "rate", bp(parts[1]))
		}
		return v.T("accounts.group_vat"), v.T("accounts.other_rates")
	}
	return v.T("accounts.group_others"), v.T("accounts.role_" + strings.ReplaceAll(role, ".", "_"))
}

// typedPlan reads the form over the plan as it was: a box that is not ticked is not sent.
func typedPlan(typed url.Values, was export.Plan, rates []money.BasisPoints) export.Plan {
	p := was
	p.Accounts = map[string]export.Account{}
	take := func(name, was string) string {
		if typed.Has(name) {
			return typed.Get(name)
		}
		return was
	}
	p.Journal = export.Account{Number: take("journal.number", was.Journal.Number), Label: take("journal.label", was.Journal.Label)}
	p.Suspended = take("suspended", was.Suspended)
	p.OnDebits, p.CountZero = typed.Get("on_debits") != "", typed.Get("count_zero") != ""
	maps.Copy(p.Accounts, was.Accounts)
	for _, role := range export.Roles(rates...) {
		field, old := "accounts."+role, was.Account(role)
		a := export.Account{Number: take(field+".number", old.Number), Label: take(field+".label", old.Label)}
		if _, own := was.Accounts[role]; own || a != old { // a role that is told like its group has no account of its own
			p.Accounts[role] = a
		}
	}
	return p
}

// saveAccounts serves POST /manage/accounts.
func (s *Server) saveAccounts(c *fiber.Ctx) error {
	now, err := s.till.Accounting(c.UserContext())
	if err != nil {
		return err
	}
	rates, err := s.till.RatesSold(c.UserContext())
	if err != nil {
		return err
	}
	wanted := typedPlan(typedIn(c), now.Plan, rates)
	seen, err := strconv.ParseInt(c.FormValue("seen"), 10, 64)
	if err != nil {
		return errParam.Field("seen", "number")
	}
	onRefusal(c, func(status int, t *troubleView) error {
		shown := now
		if t.Code != "accounting.stale" { // what somebody else has changed is shown as it is now
			shown.Plan, shown.N = wanted, seen
		}
		return s.showAccounts(c, status, shown, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.SaveAccounting(c.UserContext(), by, seen, wanted); err != nil {
		return err
	}
	return s.done(c, accountsPath, "accounts_saved")
}
