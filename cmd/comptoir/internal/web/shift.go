package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// shiftView is the drawer's page: open, move cash, count and close.
type shiftView struct {
	base
	Shift         pos.Shift // zero: none is open
	Last          *pos.Shift
	Way           string
	Denominations []coinView
	Served        []pos.Served // of this shift: what can still be taken back
}

// coinView is one coin or note to count.
type coinView struct {
	Field string // its name in the form
	Value money.Cents
}

// denominations are the euro notes and coins, largest first.
func denominations() []money.Cents {
	return []money.Cents{20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1}
}

// shiftPage serves GET /shift.
func (s *Server) shiftPage(c *fiber.Ctx) error { return s.showShift(c, http.StatusOK, nil, nil) }

// showShift shows the page with what was typed; last is the shift that has just been closed.
func (s *Server) showShift(c *fiber.Ctx, status int, last *pos.Shift, trouble *troubleView) error {
	shift, err := s.till.CurrentShift(c.UserContext())
	if err != nil && fault.CodeOf(err) != "shift.none" {
		return err
	}
	v := shiftView{base: s.newBase(c, "shift.title", "shift"), Shift: shift, Last: last, Way: c.FormValue("way")}
	v.Trouble = trouble
	if v.Served, err = s.till.ServedInShift(c.UserContext()); err != nil {
		return err
	}
	if last != nil {
		v.Done = v.T("done.shift_closed")
	}
	for _, d := range denominations() {
		v.Denominations = append(v.Denominations, coinView{coinField(d), d})
	}
	return s.page(c, status, "shift", v)
}

func coinField(d money.Cents) string { return "coin-" + strconv.FormatInt(int64(d), 10) }

// again shows the shift page once more, with what was typed.
func (s *Server) shiftAgain(c *fiber.Ctx) {
	onRefusal(c, func(status int, t *troubleView) error { return s.showShift(c, status, nil, t) })
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
	if _, err := s.till.OpenShift(c.UserContext(), by, float); err != nil {
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

// undoServing serves POST /shift/undo: a serving of this shift that did not take place (case 41).
func (s *Server) undoServing(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.UndoRedemption(c.UserContext(), by, c.FormValue("number"), s.language(c).T("serve.undo_reason")); err != nil {
		return err
	}
	return s.done(c, "/shift", "serving_undone")
}

// closeShift serves POST /shift/close. What the drawer should hold is told only after it was counted.
func (s *Server) closeShift(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	counted, err := countedIn(c)
	if err != nil {
		return err
	}
	closed, err := s.till.CloseShift(c.UserContext(), by, counted)
	if err != nil {
		return err
	}
	return s.showShift(c, http.StatusOK, &closed, nil)
}

// countedIn reads the count of a form. A form left blank is a slip of the finger: an empty drawer is a zero somewhere.
func countedIn(c *fiber.Ctx) ([]pos.Counted, error) {
	counted, blank := []pos.Counted{}, true
	for _, d := range denominations() {
		text := strings.TrimSpace(c.FormValue(coinField(d)))
		if text == "" {
			continue
		}
		blank = false
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, errCount.Field(coinField(d), "number")
		}
		if n > 0 {
			counted = append(counted, pos.Counted{Value: d, Count: n})
		}
	}
	if blank {
		return nil, errNoCount
	}
	return counted, nil
}

var errNoCount = fault.New(fault.Invalid, "count.blank", "Count the drawer; write 0 somewhere when it is empty.")

var errCount = fault.New(fault.Invalid, "count.invalid", "Count each coin and note in whole pieces.")
