package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// The steps of closing a day, each a page of its own, with a way back until the last.
const (
	stepOpen  = iota + 1 // what is still open
	stepCount            // the drawer, without a word of what should be in it
	stepCheck            // expected beside counted
	stepEnd              // what becomes final
	stepsOfDay
)

// closeView is one step of closing a day.
type closeView struct {
	base
	Step      int
	Steps     []closeStep
	Deadlines pos.Deadlines
	Last      pos.Closing // the last day that was closed; told when nothing can be closed now
	Orders    []openOrder // that stay open
	Due       money.Cents // of them
	NoShift   bool
	Coins     []coinView
	Slips     []otherMeans
	Left      string // what is proposed to stay in the drawer
	Kept      bool   // the drawer was counted
	CountedAt string
	Reckoning *pos.Reckoning // of the last two steps only: whoever counts is told nothing
	Reasons   []string
	Managers  []pos.Operator
	Charges   []chargeRow // payments by terminals that nobody has answered
}

// closeStep is one step in the row of them.
type closeStep struct {
	N          int
	Name, Link string
	Here, Past bool
}

// otherMeans is a means other than cash, to be typed from its own slips.
type otherMeans struct {
	Field, Name, Value string
}

func stepPath(step int) string {
	return [...]string{closePath, closePath, closePath + "/count", closePath + "/check", closePath + "/end"}[step]
}

// CoinIDs are the fields that the pad of the count writes into.
func (v closeView) CoinIDs() []string { return coinIDs(v.Coins) }

// DigitPads is one pad for many fields.
func (v closeView) DigitPads(ids []string) padView { return v.DigitPad(ids...) }

// SlipIDs are the fields that take an amount.
func (v closeView) SlipIDs() []string {
	ids := []string{}
	for _, slip := range v.Slips {
		ids = append(ids, slip.Field)
	}
	return append(ids, "left")
}

// MoneyPads is one pad for many amounts.
func (v closeView) MoneyPads(ids []string) padView { return v.MoneyPad(ids...) }

// Back is the step before.
func (v closeView) Back() string { return stepPath(v.Step - 1) }

// Until is the hour at which the day ends by itself.
func (v closeView) Until() string { return v.Clock(v.Deadlines.Until) }

func (s *Server) closeOpenPage(c *fiber.Ctx) error {
	return s.showClose(c, http.StatusOK, stepOpen, nil)
}
func (s *Server) closeCountPage(c *fiber.Ctx) error {
	return s.showClose(c, http.StatusOK, stepCount, nil)
}
func (s *Server) closeCheckPage(c *fiber.Ctx) error {
	return s.showClose(c, http.StatusOK, stepCheck, nil)
}
func (s *Server) closeEndPage(c *fiber.Ctx) error { return s.showClose(c, http.StatusOK, stepEnd, nil) }

// showClose shows a step, with what was typed.
func (s *Server) showClose(c *fiber.Ctx, status, step int, trouble *troubleView) error {
	ctx := c.UserContext()
	v := closeView{base: s.newBase(c, "close.title", "shift"), Step: step}
	v.Trouble = trouble
	for n := stepOpen; n < stepsOfDay; n++ {
		v.Steps = append(v.Steps, closeStep{n, v.T(fmt.Sprintf("close.step_%d", n)), stepPath(n), n == step, n < step})
	}
	var err error
	if v.Deadlines, err = s.till.Deadlines(ctx); err != nil {
		return err
	}
	if !v.Deadlines.Due {
		if v.Last, err = s.till.LastClosing(ctx, receipts.LevelDay); err != nil {
			return err
		}
		v.Step = 0
		return s.page(c, status, "close", v)
	}
	if err := s.orders(c, &v); err != nil {
		return err
	}
	if step == stepOpen {
		return s.page(c, status, "close", v)
	}
	r, err := s.till.Reckon(ctx)
	if err != nil {
		return err
	}
	v.reckoned(r)
	if step == stepEnd {
		staff, err := s.till.Staff(ctx)
		if err != nil {
			return err
		}
		v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	}
	return s.page(c, status, "close", v)
}

// orders tells what is open.
func (s *Server) orders(c *fiber.Ctx, v *closeView) error {
	charges, err := s.till.OpenCharges(c.UserContext())
	if err != nil {
		return err
	}
	for _, x := range charges {
		v.Charges = append(v.Charges, v.row(x))
	}
	all, err := s.till.Tickets(c.UserContext())
	for _, tk := range all {
		if len(tk.Lines) > 0 {
			v.Orders = append(v.Orders, openOrder{tk.ID, ticketName(v.Language, tk), v.Money(tk.Rest)})
			v.Due += tk.Rest
		}
	}
	return err
}

// reckoned fills in a step: of the count, nothing that says what should be there.
func (v *closeView) reckoned(r pos.Reckoning) {
	v.NoShift, v.Kept = r.Shift.ID == "", r.Kept.Shift != ""
	if v.Step > stepCount {
		v.Reckoning = &r
		v.CountedAt = v.Clock(r.Kept.At)
		v.Reasons = []string{v.T("shift.reason_miscount"), v.T("shift.reason_unknown")}
		return
	}
	v.Coins = coins()
	for i, coin := range v.Coins {
		for _, n := range r.Kept.Counted {
			if n.Value == coin.Value {
				v.Coins[i].Kept = strconv.Itoa(n.Count)
			}
		}
	}
	v.Left = v.Amount(r.Shift.Float)
	if r.Kept.Left != nil {
		v.Left = v.Amount(*r.Kept.Left)
	} else if v.Kept {
		v.Left = ""
	}
	used := []pos.Means{pos.Card}
	for _, x := range r.Others {
		if x.Means != pos.Card {
			used = append(used, x.Means)
		}
	}
	for _, means := range used {
		other := otherMeans{Field: "sum-" + string(means), Name: v.T("close.sum_" + string(means))}
		for _, x := range r.Kept.Others {
			if x.Means == means {
				other.Value = v.Amount(x.Amount)
			}
		}
		v.Slips = append(v.Slips, other)
	}
}

// keepCount serves POST /close/count, and goes on to what it compares with.
func (s *Server) keepCount(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showClose(c, status, stepCount, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	count, err := dayCount(c)
	if err != nil {
		return err
	}
	if _, err := s.till.KeepCount(c.UserContext(), by, count); err != nil {
		return err
	}
	return c.Redirect(stepPath(stepCheck), http.StatusSeeOther)
}

// dayCount reads the count of a form: coins in pieces, the others as amounts. What is left blank was not counted.
func dayCount(c *fiber.Ctx) (r pos.DayCount, err error) {
	if r.Counted, err = countedIn(c); err != nil {
		return r, err
	}
	for _, means := range []pos.Means{pos.Card, pos.MealVoucher, pos.Cheque, pos.Transfer} {
		field := "sum-" + string(means)
		if strings.TrimSpace(c.FormValue(field)) == "" {
			continue
		}
		amount, err := parseMoney(field, c.FormValue(field))
		if err != nil {
			return r, err
		}
		r.Others = append(r.Others, pos.MeansCount{Means: means, Amount: amount})
	}
	if strings.TrimSpace(c.FormValue("left")) != "" {
		left, err := parseMoney("left", c.FormValue("left"))
		if err != nil {
			return r, err
		}
		r.Left = &left
	}
	return r, nil
}

// explainCount serves POST /close/check: why the drawer differs, and on to the end.
func (s *Server) explainCount(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("reason", "why", "")
		return s.showClose(c, status, stepCheck, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	r, err := s.till.Reckon(c.UserContext())
	if err != nil {
		return err
	}
	if r.Kept.Shift != "" {
		if r.Difference != 0 && strings.TrimSpace(c.FormValue("why")) == "" {
			return errWhy
		}
		if _, err := s.till.ExplainCount(c.UserContext(), by, c.FormValue("why")); err != nil {
			return err
		}
	}
	return c.Redirect(stepPath(stepEnd), http.StatusSeeOther)
}

// printClosing asks a printer for a closing, and returns its job. The day is closed whatever becomes of its paper: what is
// refused is logged, and the page that follows prints it on demand.
func (s *Server) printClosing(c *fiber.Ctx, by pos.By, number, printer string) string {
	by.Command = data.NewCommand(by.Command.ID+"-print", []byte("closing"), []byte(number), []byte(printer))
	made, err := s.till.PrintDocument(c.UserContext(), by, number, pos.PrintRequest{Printer: printer})
	if err != nil {
		s.log.WarnContext(c.UserContext(), "print a closing", "number", number, "error", err)
	}
	return made.Job
}

// closeDay serves POST /close/end: the day ends, with its count, and its document follows.
func (s *Server) closeDay(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		return s.showClose(c, status, stepEnd, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if c.FormValue("pin") == "" {
		return errClosePIN
	}
	closing, err := s.till.ClosePeriod(c.UserContext(), by, pos.CloseRequest{Level: receipts.LevelDay, Count: true,
		Approval: &pos.Approval{Operator: c.FormValue("manager"), PIN: c.FormValue("pin")}})
	if err != nil {
		return err
	}
	to := closingLink(closing.Number) + "?done=closed"
	switch printer := s.printsOn(c); {
	case c.FormValue("print") == "":
	case printer == "":
		to += "&print=1"
	default:
		to += "&job=" + url.QueryEscape(s.printClosing(c, by, closing.Number, printer))
	}
	return c.Redirect(to, http.StatusSeeOther)
}
