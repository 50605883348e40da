package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// discountForm gives a line, or every line of an order, a discount or offers it, and asks for a manager when the till
// says that one is needed.
type discountForm struct {
	*locale.Language
	Line     int // 0: every line
	Has      bool
	Reasons  []reasonView
	Managers []pos.Operator
}

// reasonView is one reason of a discount.
type reasonView struct{ Code, Text string }

// Percents are the discounts of one tap.
func (discountForm) Percents() []int { return []int{10, 20, 50} }

// Percent writes one of them.
func (v discountForm) Percent(n int) string { return v.Rate(money.BasisPoints(wholePercent * n)) }

func (s *Server) newDiscountForm(ctx context.Context, l *locale.Language, line int, has bool) (*discountForm, error) {
	staff, err := s.till.Staff(ctx)
	v := &discountForm{Language: l, Line: line, Has: has}
	for _, code := range pos.DiscountReasons() {
		v.Reasons = append(v.Reasons, reasonView{code, sentence(l.T("discount.reason_" + code))})
	}
	v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	return v, err
}

// Cut says what was taken off a line, and why; empty when nothing was.
func (v lineView) Cut() string {
	why := v.T("discount.reason_" + v.DiscountReason)
	switch {
	case v.Discount == 0:
		return ""
	case v.DiscountPercent == wholePercent:
		return v.T("line.offered", "why", why)
	case v.DiscountPercent > 0:
		return v.T("line.percent_off", "percent", v.Rate(money.BasisPoints(wholePercent*v.DiscountPercent)), "sum", v.Money(v.Discount), "why", why)
	}
	return v.T("line.off", "sum", v.Money(v.Discount), "why", why)
}

// How a discount is said, beside a number of percent.
const (
	wholePercent = 100
	howPercent   = "percent" // typed
	howAmount    = "amount"  // typed, off one
	howNone      = "none"    // takes it off
)

var errHow = fault.New(fault.Invalid, "discount.how", "Say how much is taken off.").Field("how", "required")

// discount reads what a discount form, or the inverse of one, says.
func (a tillArgs) discount() (pos.DiscountRequest, error) {
	r := pos.DiscountRequest{Reason: a.Reason}
	if a.PIN != "" {
		r.Approval = &pos.Approval{Operator: a.Manager, PIN: a.PIN}
	}
	var err error
	switch a.How {
	case "":
		return r, errHow
	case howNone:
	case howAmount:
		r.Amount, err = parseMoney("value", a.Value)
	default:
		percent := a.How
		if percent == howPercent {
			percent = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(a.Value), "%"))
		}
		if r.Percent, err = strconv.Atoi(percent); err != nil {
			err = errPercent
		}
	}
	if err == nil && a.How != howNone && r.Percent == 0 && r.Amount == 0 {
		err = errPercent // nothing off would take an earlier discount away
	}
	return r, err
}

var errPercent = fault.New(fault.Invalid, "discount.value", "Type a number of percent, 1 to 100, or an amount.").Field("value", "required")

// undoDiscount puts back the discount that a line had.
func undoDiscount(old pos.Line, id int) inverse {
	args := discountArgs(old)
	args["line"] = id
	return inverse{"discount", args}
}

func discountArgs(l pos.Line) map[string]any {
	switch {
	case l.Discount == 0:
		return map[string]any{"how": howNone}
	case l.DiscountPercent > 0:
		return map[string]any{"how": strconv.Itoa(l.DiscountPercent), "reason": l.DiscountReason}
	}
	one := int64(l.Discount) / int64(max(l.Qty, 1)) // kept as cents off one
	return map[string]any{"how": howAmount, "value": fmt.Sprintf("%d.%02d", one/100, one%100), "reason": l.DiscountReason}
}

// addLine rings a line. One that had been taken off comes back with the discount it had: a command of its own, under an
// id made of the tap's.
func (s *Server) addLine(ctx context.Context, by pos.By, id string, a tillArgs, kind pos.Kind) (pos.Ticket, error) {
	if a.How == "" {
		return s.till.AddLine(ctx, by, id, a.line(kind))
	}
	r, err := a.discount()
	if err != nil {
		return pos.Ticket{}, err
	}
	tk, err := s.till.AddLine(ctx, part(by, "line"), id, a.line(kind))
	if err != nil || len(tk.Lines) == 0 {
		return tk, err
	}
	return s.till.DiscountLine(ctx, part(by, "discount"), id, tk.Lines[len(tk.Lines)-1].ID, r)
}
