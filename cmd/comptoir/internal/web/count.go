package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// coinView is one coin or note to count.
type coinView struct {
	Field string // its name in the form
	Value money.Cents
	Kept  string // how many were counted before; empty: none were
}

// coins are the euro notes and coins, largest first.
func coins() []coinView {
	var all []coinView
	for _, d := range []money.Cents{20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1} {
		all = append(all, coinView{Field: "coin-" + strconv.FormatInt(int64(d), 10), Value: d})
	}
	return all
}

// CoinIDs are the fields that the pad of a count writes into.
func (v shiftView) CoinIDs() []string { return coinIDs(v.Coins) }

func coinIDs(coins []coinView) []string {
	ids := make([]string, len(coins))
	for i, c := range coins {
		ids[i] = c.Field
	}
	return ids
}

// drawerSums are the three sums of a count.
type drawerSums struct {
	*locale.Language
	Expected, Counted, Difference money.Cents
}

// Sums puts the sums of a count beside each other.
func (v shiftView) Sums(expected, counted, difference money.Cents) drawerSums {
	return drawerSums{v.Language, expected, counted, difference}
}

// DigitPads is one pad for many fields.
func (v shiftView) DigitPads(ids []string) padView { return v.DigitPad(ids...) }

// countCheck is a count that is made, before the shift is closed with it.
type countCheck struct {
	Counted    money.Cents
	Expected   money.Cents
	Difference money.Cents
	Rows       []countRow
	Reasons    []string // quick ones, of a difference
}

// countRow is what was counted of one coin or note.
type countRow struct {
	coinView
	Count int
	Sum   money.Cents
}

// countDrawer serves POST /shift/count: a count in the middle of the shift, which goes on.
func (s *Server) countDrawer(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	counted, err := countedIn(c)
	if err != nil {
		return err
	}
	found, err := s.till.CountDrawer(c.UserContext(), by, counted)
	if err != nil {
		return err
	}
	return s.showShift(c, http.StatusOK, shiftState{found: &found})
}

// checkCount serves POST /shift/check: what was counted beside what should be there, shown only once it was counted.
// Nothing is written; one may count again.
func (s *Server) checkCount(c *fiber.Ctx) error {
	s.shiftAgain(c)
	check, err := s.countCheck(c)
	if err != nil {
		return err
	}
	return s.showShift(c, http.StatusOK, shiftState{check: check})
}

// recount serves POST /shift/recount: back to the count, as it was made.
func (s *Server) recount(c *fiber.Ctx) error {
	t := &troubleView{typed: typedIn(c)} // what was typed, and nothing wrong with it
	return s.showShift(c, http.StatusOK, shiftState{trouble: t})
}

// countCheck adds up the count of the form. Refusals: shift.none, and those of the count.
func (s *Server) countCheck(c *fiber.Ctx) (*countCheck, error) {
	counted, err := countedIn(c)
	if err != nil {
		return nil, err
	}
	shift, err := s.till.CurrentShift(c.UserContext())
	if err != nil {
		return nil, err
	}
	l := s.language(c)
	v := &countCheck{Expected: shift.Expected, Reasons: []string{l.T("shift.reason_miscount"), l.T("shift.reason_unknown")}}
	if v.Counted, err = pos.AddUp(counted); err != nil {
		return nil, err
	}
	v.Difference = v.Counted - v.Expected
	for _, coin := range coins() {
		row := countRow{coinView: coin}
		for _, n := range counted {
			if n.Value == coin.Value {
				row.Count, row.Sum = n.Count, n.Value*money.Cents(n.Count)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// closeShift serves POST /shift/close, with the count that was checked. A difference needs a word, and nothing more:
// closing always works.
func (s *Server) closeShift(c *fiber.Ctx) error {
	s.shiftAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	check, err := s.countCheck(c)
	switch {
	case fault.CodeOf(err) == "shift.none": // closed already: by this very command, if its answer was lost
		check = &countCheck{}
	case err != nil:
		return err
	}
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("reason", "why", "")
		return s.showShift(c, status, shiftState{check: check, trouble: t})
	})
	counted, err := countedIn(c)
	if err != nil {
		return err
	}
	if check.Difference != 0 && strings.TrimSpace(c.FormValue("why")) == "" {
		return errWhy
	}
	if _, err := s.till.CloseShiftWith(c.UserContext(), by, pos.ShiftClose{Counted: counted, Reason: c.FormValue("why")}); err != nil {
		return err
	}
	return s.done(c, "/shift", doneClosed)
}

// countedIn reads the count of a form. A form left blank is a slip of the finger: an empty drawer is a zero somewhere.
func countedIn(c *fiber.Ctx) ([]pos.Counted, error) {
	counted, blank, wrong := []pos.Counted{}, true, errCount
	for _, coin := range coins() {
		text := strings.TrimSpace(c.FormValue(coin.Field))
		if text == "" {
			continue
		}
		blank = false
		const most = 9999 // of one kind in a till
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > most {
			wrong = wrong.Field(coin.Field, "number")
		}
		if n > 0 {
			counted = append(counted, pos.Counted{Value: coin.Value, Count: n})
		}
	}
	switch {
	case blank:
		return nil, errNoCount
	case len(wrong.Fields) > 0:
		return nil, wrong
	}
	return counted, nil
}

// Refusals of a count.
var (
	errNoCount = fault.New(fault.Invalid, "count.blank", "Count the drawer; write 0 somewhere when it is empty.")
	errCount   = fault.New(fault.Invalid, "count.invalid", "Count each coin and note in whole pieces.")
	errWhy     = fault.New(fault.Invalid, "difference.reason", "Say why the drawer differs.").Field("reason", "required")
)
