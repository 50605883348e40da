package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/table"
	"comptoir/suspended"
)

const fundsPath = "/manage/funds"

// fundsView is what the funds hold, whom it is paid out to, and what companies were proposed.
type fundsView struct {
	base
	Now      pos.FundsView
	Own      string // what the café's fund holds
	Next     string // what it lacks for the next item, in words
	Due      []fundRow
	Entries  []fundEntryView
	Paid     []remittanceRow
	Lots     []lotView
	Manager  bool
	Classes  []namedCode
	From, To string // of the ledger's file
}

// namedCode is a value and its word.
type namedCode struct{ Code, Name string }

// fundRow is one fund of an association.
type fundRow struct {
	Name, Kind, In, Out, Held string
	Since                     string
	From, To                  string // of the form that pays it out
	Field                     string // of the means
	Empty                     bool
}

type fundEntryView struct{ Day, What, Ref, Sum, Balance string }

type remittanceRow struct {
	N                     int
	Day, Name, Sum, Means string
}

// lotView is one proposal.
type lotView struct {
	pos.SponsorLot

	What, Sum, State string
	Open             bool
	Field            string
}

// fundsPage serves GET /manage/funds.
func (s *Server) fundsPage(c *fiber.Ctx) error { return s.showFunds(c, http.StatusOK, nil) }

// entriesShown is how many movements the page shows; the file has all.
const entriesShown = 30

func (s *Server) showFunds(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	v := fundsView{base: s.newBase(c, "funds.title", "manage")}
	v.Section, v.Part, v.Trouble, v.Manager = "solidarity", "funds", trouble, v.Operator.Role == pos.RoleManager
	var err error
	if v.Now, err = s.till.Funds(ctx); err != nil {
		return err
	}
	v.To = s.till.DB().Today()
	v.From = v.To[:len("2006-01")] + "-01"
	entries, err := s.till.FundLedger(ctx, v.From, v.To)
	if err != nil {
		return err
	}
	paid, err := s.till.Remittances(ctx)
	if err != nil {
		return err
	}
	lots, err := s.till.SponsorLots(ctx)
	if err != nil {
		return err
	}
	v.fill(entries, paid, lots)
	return s.page(c, status, "manage_funds", v)
}

// fill puts what was read into words.
func (v *fundsView) fill(entries []pos.FundEntry, paid []pos.Remittance, lots []pos.SponsorLot) {
	v.Own = v.Money(v.Now.Funds[0].Balance)
	if v.Now.Class != "" {
		v.Next = v.T("funds.next", "sum", v.Money(v.Now.ToNext), "what", v.T("class.one."+v.Now.Class), "price", v.Money(v.Now.Price))
	}
	for i, f := range v.Now.Funds[1:] {
		r := fundRow{Name: f.Name, Kind: v.T("funds.of_" + strings.ToLower(string(f.Fund))), In: v.Money(f.In), Out: v.Money(f.Out), Held: v.Money(f.Balance),
			From: pos.FromCollected, To: f.Partner, Field: "means-" + strconv.Itoa(i), Empty: f.Balance == 0}
		if f.Since != "" {
			r.Since = v.LongDay(f.Since)
		}
		if f.Fund == suspended.Pledge {
			r.From = pos.FromPledge
		}
		v.Due = append(v.Due, r)
	}
	for i := len(entries) - 1; i >= max(0, len(entries)-entriesShown); i-- {
		v.Entries = append(v.Entries, v.entry(entries[i]))
	}
	for _, r := range paid {
		v.Paid = append(v.Paid, remittanceRow{r.N, v.LongDay(r.Day), r.Name, v.Money(r.Cents), v.T("means." + r.Means)})
	}
	for i, l := range lots {
		w := lotView{SponsorLot: l, What: v.N("funds.lot_"+l.Class, l.Qty, "price", v.Money(l.Price)), Sum: v.Money(l.Total), Field: "lot-" + strconv.Itoa(i)}
		switch {
		case l.Paid != "":
			w.State = v.T("funds.lot_paid", "day", v.LongDay(l.Paid))
		case l.Cancelled != "":
			w.State = v.T("funds.lot_cancelled", "day", v.LongDay(l.Cancelled))
		default:
			w.State, w.Open = v.T("funds.lot_open", "day", v.LongDay(l.Day)), true
		}
		v.Lots = append(v.Lots, w)
	}
	for _, class := range []string{suspended.Meal, suspended.Coffee} {
		v.Classes = append(v.Classes, namedCode{class, v.T("class.many." + class)})
	}
}

// entry words one movement of a fund.
func (b base) entry(e pos.FundEntry) fundEntryView {
	what := b.T("funds.cause_" + strings.ToLower(string(e.Cause)))
	if e.Name != "" {
		what += " · " + e.Name
	}
	ref := e.Ref
	if e.Cause == suspended.FundMinted || e.Cause == suspended.FundRemitted {
		ref = ""
	}
	return fundEntryView{b.DayMonth(e.Day), what, ref, b.Money(e.Cents), b.Money(e.Balance)}
}

// fundsForm runs a form of the page: a refusal shows the page again with what was typed.
func (s *Server) fundsForm(c *fiber.Ctx, said string, rename map[string]string, do func(by pos.By) (string, error)) error {
	onRefusal(c, func(status int, t *troubleView) error {
		for from, to := range rename {
			t.Rename(from, to, "")
		}
		return s.showFunds(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	to, err := do(by)
	if err != nil {
		return err
	}
	return s.done(c, to, said)
}

// mintFund serves POST /manage/funds/mint.
func (s *Server) mintFund(c *fiber.Ctx) error {
	return s.fundsForm(c, "fund_minted", nil, func(by pos.By) (string, error) {
		_, err := s.till.MintNow(c.UserContext(), by)
		return fundsPath, err
	})
}

// remitFund serves POST /manage/funds/remit: all that is held for an association.
func (s *Server) remitFund(c *fiber.Ctx) error {
	field := c.FormValue("field")
	return s.fundsForm(c, "fund_remitted", map[string]string{"means": field, "amount": field}, func(by pos.By) (string, error) {
		r, err := s.till.Remit(c.UserContext(), by, pos.RemitRequest{To: c.FormValue("to"), From: c.FormValue("from"), Means: pos.Means(c.FormValue(field))})
		return fundsPath + "/remittances/" + strconv.Itoa(r.N), err
	})
}

// proposeLot serves POST /manage/funds/sponsors.
func (s *Server) proposeLot(c *fiber.Ctx) error {
	return s.fundsForm(c, "lot_proposed", nil, func(by pos.By) (string, error) {
		r := pos.SponsorRequest{Name: c.FormValue("name"), Address: c.FormValue("address"), SIRET: c.FormValue("siret"), VATNumber: c.FormValue("vat_number"), Class: c.FormValue("class")}
		var err error
		if r.Qty, err = strconv.Atoi(strings.TrimSpace(c.FormValue("qty"))); err != nil {
			return "", errParam.Field("qty", "number")
		}
		if price := strings.TrimSpace(c.FormValue("price")); price != "" {
			if r.Price, err = parseMoney("price", price); err != nil {
				return "", err
			}
		}
		l, err := s.till.ProposeLot(c.UserContext(), by, r)
		return lotLink(l.ID), err
	})
}

func lotLink(id string) string { return fundsPath + "/sponsors/" + url.PathEscape(id) }

// payLot serves POST /manage/funds/sponsors/{id}/pay.
func (s *Server) payLot(c *fiber.Ctx) error {
	field := c.FormValue("field", "means")
	return s.fundsForm(c, "lot_paid", map[string]string{"means": field}, func(by pos.By) (string, error) {
		_, err := s.till.PayLot(c.UserContext(), by, c.Params("id"), pos.Means(c.FormValue(field)))
		return lotLink(c.Params("id")), err
	})
}

// cancelLot serves POST /manage/funds/sponsors/{id}/cancel.
func (s *Server) cancelLot(c *fiber.Ctx) error {
	return s.fundsForm(c, "lot_cancelled", nil, func(by pos.By) (string, error) {
		_, err := s.till.CancelLot(c.UserContext(), by, c.Params("id"))
		return fundsPath, err
	})
}

// fundPaper is a statement to print: of a remittance, or of a sponsor.
type fundPaper struct {
	base
	Issuer    pos.Identity
	Remitted  *pos.RemittanceStatement
	Kind, Sum string
	Means     string
	Entries   []fundEntryView
	Lot       *lotView
	Share     *pos.SponsorStatement
	Months    []shareMonth
}

type shareMonth struct {
	Month                    string
	Served, Collected, Other int
}

// remittancePage serves GET /manage/funds/remittances/{n}: what goes with the money.
func (s *Server) remittancePage(c *fiber.Ctx) error {
	n, err := intParam(c, "n")
	if err != nil {
		return err
	}
	st, err := s.till.RemittanceStatement(c.UserContext(), n)
	if err != nil {
		return err
	}
	v := fundPaper{base: s.newBase(c, "funds.statement", "manage"), Issuer: s.till.Identity(), Remitted: &st}
	v.Section, v.Part = "solidarity", "funds"
	v.Kind, v.Sum, v.Means = v.T("funds.of_"+strings.ToLower(string(st.Fund))), v.Money(st.Cents), v.T("means."+st.Means)
	for _, e := range st.Entries {
		e.Name = ""
		v.Entries = append(v.Entries, v.entry(pos.FundEntry{FundEntry: e}))
	}
	return s.page(c, http.StatusOK, "fund_paper", v)
}

// lotPage serves GET /manage/funds/sponsors/{id}: the proposal, and once it is paid what became of the company's items.
func (s *Server) lotPage(c *fiber.Ctx) error {
	l, err := s.till.SponsorLot(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	v := fundPaper{base: s.newBase(c, "funds.proposal", "manage"), Issuer: s.till.Identity()}
	v.Section, v.Part = "solidarity", "funds"
	v.Lot = &lotView{SponsorLot: l, What: v.N("funds.lot_"+l.Class, l.Qty, "price", v.Money(l.Price)), Sum: v.Money(l.Total), Open: l.Paid == "" && l.Cancelled == ""}
	if l.Paid == "" {
		return s.page(c, http.StatusOK, "fund_paper", v)
	}
	share, err := s.till.SponsorShare(c.UserContext(), l.ID)
	if err != nil {
		return err
	}
	v.Share = &share
	for _, m := range share.Months {
		month := v.Month(m.From + "-01")
		if m.To != m.From {
			month += " – " + v.Month(m.To+"-01")
		}
		v.Months = append(v.Months, shareMonth{month, m.Served, m.Collected, m.Other})
	}
	return s.page(c, http.StatusOK, "fund_paper", v)
}

// fundsFile serves GET /manage/funds/ledger.csv?from=&to=: every movement of the funds.
func (s *Server) fundsFile(c *fiber.Ctx) error {
	entries, err := s.till.FundLedger(c.UserContext(), c.Query("from"), c.Query("to"))
	if err != nil {
		return err
	}
	l := s.language(c)
	var b bytes.Buffer
	w := table.New(&b)
	rows := [][]string{{l.T("funds.seq"), l.T("today.day"), l.T("funds.fund"), l.T("funds.association"), l.T("funds.cause"), l.T("funds.ref"), l.T("funds.sum"), l.T("funds.balance")}}
	for _, e := range entries {
		rows = append(rows, []string{strconv.FormatInt(e.Seq, 10), e.Day, l.T("funds.of_" + strings.ToLower(string(e.Fund))), e.Name, l.T("funds.cause_" + strings.ToLower(string(e.Cause))),
			e.Ref, l.Amount(e.Cents), l.Amount(e.Balance)})
	}
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			return errBug.Wrap(err)
		}
	}
	if err := w.Flush(); err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="%s-%s-%s.csv"`, l.T("funds.file"), c.Query("from"), c.Query("to")))
	return c.Send(b.Bytes())
}
