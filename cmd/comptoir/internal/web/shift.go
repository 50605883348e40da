package web

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// shiftView is the drawer's page: open, move cash, count, check the count and close.
type shiftView struct {
	base
	Shift    pos.Shift // zero: none is open
	Last     pos.Shift // just closed, told once
	Way      string
	Reasons  []string // quick ones, of a movement
	Coins    []coinView
	Open     openOrders
	Check    *countCheck      // the count before the shift is closed with it; nil: it is still being made
	Found    *pos.DrawerCount // of a count that closed nothing
	Closable bool             // the day can be closed now
	Proposed string           // float of the next shift: what the last one left in the drawer
	Served   []pos.Served     // of this shift: what can still be taken back
	Undo     string           // number of the one that a manager has to look at; empty: none was refused
	Managers []pos.Operator   // one of whom approves
	Ratios   ratioTable       // of this shift, for a manager (T1)
	openDrawerView
}

// openOrders are those that a shift leaves open when it is closed.
type openOrders struct {
	Count int
	Due   money.Cents
	Parts []partPaidView // a part of them is paid
}

// shiftState is what the page shows besides what is always there.
type shiftState struct {
	check   *countCheck
	found   *pos.DrawerCount
	trouble *troubleView
}

// doneClosed is what an address says of a shift that has just been closed. The form of the close is sent until it is
// answered, and only a redirect is an answer that does not send it again.
const doneClosed = "shift_closed"

// shiftPage serves GET /shift.
func (s *Server) shiftPage(c *fiber.Ctx) error { return s.showShift(c, http.StatusOK, shiftState{}) }

// showShift shows the page with what was typed.
func (s *Server) showShift(c *fiber.Ctx, status int, state shiftState) error {
	shift, err := s.till.CurrentShift(c.UserContext())
	if err != nil && fault.CodeOf(err) != "shift.none" {
		return err
	}
	v := shiftView{base: s.newBase(c, "shift.title", "shift"), Shift: shift, Check: state.check, Found: state.found, Way: c.FormValue("way"), Coins: coins()}
	v.Trouble = state.trouble
	v.Reasons = []string{v.T("shift.reason_change"), v.T("shift.reason_supplier"), v.T("shift.reason_bank")}
	if err := s.approvers(c, &v); err != nil {
		return err
	}
	if v.Served, err = s.till.ServedInShift(c.UserContext()); err != nil {
		return err
	}
	if err := s.fillDrawer(c, &v); err != nil {
		return err
	}
	if v.Open, err = s.openOrders(c); err != nil {
		return err
	}
	if state.found != nil {
		v.Done = v.T("done.drawer_counted")
	}
	if shift.ID == "" {
		err = s.afterShift(c, &v)
	} else if v.Operator.Role == pos.RoleManager {
		err = s.shiftRatios(c, &v)
	}
	if err != nil {
		return err
	}
	return s.page(c, status, "shift", v)
}

// shiftRatios fills in what each operator served beside cash in this shift.
func (s *Server) shiftRatios(c *fiber.Ctx, v *shiftView) error {
	all, err := s.till.ShiftRatios(c.UserContext())
	if err != nil && fault.CodeOf(err) != "shift.none" { // closed meanwhile
		return err
	}
	v.Ratios = v.ratioTable(all)
	return nil
}

// afterShift fills in the page between two shifts: what was found, what was left, whether the day can be closed.
func (s *Server) afterShift(c *fiber.Ctx, v *shiftView) error {
	last, err := s.till.LastShift(c.UserContext())
	if err != nil && fault.CodeOf(err) != "shift.none" {
		return err
	}
	if c.Query("done") == doneClosed {
		v.Last = last
	}
	v.Proposed = proposedFloat(v.base, last)
	deadlines, err := s.till.Deadlines(c.UserContext())
	v.Closable = deadlines.Due
	return err
}

// proposedFloat is what the last shift left in the drawer; empty when there was none.
func proposedFloat(b base, last pos.Shift) string {
	if last.ID == "" {
		return ""
	}
	return b.Amount(last.Counted)
}

// openOrders says what is still open: it stays open, and is better known before the drawer is counted.
func (s *Server) openOrders(c *fiber.Ctx) (o openOrders, err error) {
	all, err := s.till.Tickets(c.UserContext())
	l := s.language(c)
	for _, tk := range all {
		if len(tk.Lines) == 0 {
			continue
		}
		o.Count++
		o.Due += tk.Rest
		if tk.Paid > 0 {
			o.Parts = append(o.Parts, partPaidView{tk.ID, ticketName(l, tk), l.Money(tk.Rest)})
		}
	}
	return o, err
}

// shiftAgain shows the page once more, with what was typed.
func (s *Server) shiftAgain(c *fiber.Ctx) {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		return s.showShift(c, status, shiftState{trouble: t})
	})
}

// openShift serves POST /shift/open, and goes on to the till.
func (s *Server) openShift(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	float, err := parseMoney("float", c.FormValue("float"))
	if err != nil {
		return err
	}
	tokens, err := parseTokens(c, "tokens")
	if err != nil {
		return err
	}
	if _, err := s.till.OpenShiftWith(c.UserContext(), by, float, tokens); err != nil {
		return err
	}
	return c.Redirect("/", http.StatusSeeOther)
}

// moveCash serves POST /shift/cash.
func (s *Server) moveCash(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	amount, err := parseMoney("amount", c.FormValue("amount"))
	if err != nil {
		return err
	}
	if c.FormValue("way") == "out" {
		amount = -amount
	}
	if _, err := s.till.MoveCash(c.UserContext(), by, pos.CashMove{Amount: amount, Reason: c.FormValue("reason")}); err != nil {
		return err
	}
	return s.done(c, "/shift", "cash_moved")
}

// approvers asks for a manager when taking a serving back was refused without one.
func (s *Server) approvers(c *fiber.Ctx, v *shiftView) error {
	if t := v.Trouble; t == nil || c.FormValue("number") == "" || t.Code != "undo.approval" && t.Code != "approval.wrong" && t.Code != "pin.wait" {
		return nil
	}
	staff, err := s.till.Staff(c.UserContext())
	v.Undo, v.Managers = c.FormValue("number"), slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	return err
}

// typedApproval is the manager's PIN of a form; none when it was left empty.
func typedApproval(c *fiber.Ctx) []pos.Approval {
	if c.FormValue("pin") == "" {
		return nil
	}
	return []pos.Approval{{Operator: c.FormValue("manager"), PIN: c.FormValue("pin")}}
}

// undoServing serves POST /shift/undo: a serving of this shift that did not take place (case 41).
func (s *Server) undoServing(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.UndoRedemption(c.UserContext(), by, c.FormValue("number"), s.language(c).T("serve.undo_reason"), typedApproval(c)...); err != nil {
		return err
	}
	return s.done(c, "/shift", "serving_undone")
}
