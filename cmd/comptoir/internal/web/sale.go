package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// saleView is one document, and what can be done about it.
type saleView struct {
	base
	Sale       pos.Sale
	At         time.Time // on the café's clock
	Original   bool      // its receipt can still be given out as the original
	Prints     int       // how often it was given out
	Invoice    string    // number of its invoice; empty: none
	Invoicable bool      // it can have one
	Unstamped  int       // of its meals those that a card may still have
	Fixable    bool      // its means of payment can be put right
	Refundable bool
	Lines      []refundLine
	Before     string // what a refund would do to stamps and suspended items; empty: nothing
	After      string // what the refund that was just made has done to them
	Means      []pos.Means
	Tender     pos.Means // chosen to give the money back
	Reasons    []string
	QR         qrImage
	Gifts      bool           // there are gifts that could be given back: with their proof, or with a manager
	Funds      bool           // there is something of a fund that could be: with a manager
	Managers   []pos.Operator // one of whom approves that; none when a manager asks, or the day is over
	Approve    bool           // it was refused without one
}

// refundLine is a line of the sale as the refund form has it.
type refundLine struct {
	pos.SaleLine
	Field string
	Left  int    // units not refunded yet
	Qty   string // in the field
}

// salePage serves GET /sales/{id}?all=: with all, the form proposes everything that is left.
func (s *Server) salePage(c *fiber.Ctx) error { return s.showSale(c, http.StatusOK, nil) }

func (s *Server) showSale(c *fiber.Ctx, status int, trouble *troubleView) error {
	ctx := c.UserContext()
	sale, err := s.till.Sale(ctx, c.Params("id"))
	if err != nil {
		return err
	}
	v := saleView{base: s.newBase(c, "sales.title", "sales"), Sale: sale, At: sale.At.In(s.till.DB().Zone()), Means: refundMeans(sale), Tender: pos.Means(c.FormValue("tender"))}
	v.Title, v.Trouble = v.T("sale.title", "number", sale.Number), trouble
	v.Reasons = []string{v.T("reason.mistake"), v.T("reason.mind"), v.T("reason.out")}
	if v.Tender == "" && len(v.Means) > 0 {
		v.Tender = v.Means[0]
	}
	v.fillLines(c.Query("all") != "")
	if sale.Kind == "sale" && !sale.Training && v.Operator.Role != pos.RoleAccountant {
		for _, l := range sale.Lines {
			v.Unstamped += l.MealUnits * (l.Qty - l.RefundedQty)
		}
		v.Unstamped -= sale.Stamped
	}
	v.Before, v.After = refundWords(v.Language, sale), refundedWords(v.Language, c)
	if err := s.fillPapers(ctx, &v); err != nil {
		return err
	}
	if err := s.fillGifts(ctx, &v); err != nil {
		return err
	}
	if sale.ReceiptURL != "" {
		if v.QR, err = qrSVG(sale.ReceiptURL); err != nil {
			return err
		}
	}
	return s.page(c, status, "sale", v)
}

// fillPapers says what became of the papers of a sale, and what can.
func (s *Server) fillPapers(ctx context.Context, v *saleView) (err error) {
	prints, err := s.till.Prints(ctx, v.Sale.Number)
	if err != nil {
		return err
	}
	v.Prints = len(prints)
	if v.Original, err = s.till.CanPrintOriginal(ctx, v.Sale.Number); err != nil {
		return err
	}
	sells := v.Operator.Role != pos.RoleAccountant && !v.Sale.Training
	v.Fixable = sells && len(v.Sale.PaidBy()) > 0
	if v.Sale.Kind != "sale" || v.Sale.Training {
		return nil
	}
	made, err := s.till.InvoiceOf(ctx, v.Sale.ID)
	switch fault.CodeOf(err) {
	case "":
		v.Invoice = made.Number
	case "invoice.unknown":
		v.Invoicable = sells && !slices.ContainsFunc(v.Sale.Lines, func(l pos.SaleLine) bool { return l.RefundedQty > 0 })
		err = nil
	}
	return err
}

// fillLines says what of each line can still be refunded.
func (v *saleView) fillLines(all bool) {
	for _, l := range v.Sale.Lines {
		r := refundLine{SaleLine: l, Field: qtyField(l.ID), Left: l.Qty - l.RefundedQty}
		proposed := "0"
		if all {
			proposed = strconv.Itoa(r.Left)
		}
		r.Qty = v.Typed(r.Field, proposed)
		v.Lines = append(v.Lines, r)
		v.Refundable = v.Refundable || r.Left > 0
	}
	v.Refundable = v.Refundable && v.Sale.Kind == "sale" && v.Operator.Role != pos.RoleAccountant
}

// fillGifts says what giving a gift back needs (cases 35 and 36), and what was given to a fund.
func (s *Server) fillGifts(ctx context.Context, v *saleView) error {
	may := v.Refundable && !v.Sale.Training
	v.Gifts, v.Funds = may && giftsLeft(v.Sale), may && (v.Sale.Outside > 0 || fundLeft(v.Sale))
	if !v.Gifts && !v.Funds {
		return nil
	}
	v.Approve = v.Trouble != nil && slices.Contains([]string{"gift.proof", "fund.manager", "approval.wrong", "pin.wait"}, v.Trouble.Code)
	if v.Operator.Role == pos.RoleManager || v.Sale.Day != s.today() {
		return nil
	}
	staff, err := s.till.Staff(ctx)
	v.Managers = slices.DeleteFunc(staff, func(o pos.Operator) bool { return o.Role != pos.RoleManager })
	return err
}

// ProofHint says when the code of a gift can be left out.
func (v saleView) ProofHint() string {
	if v.Operator.Role == pos.RoleManager || len(v.Managers) > 0 {
		return v.T("refund.proof_hint")
	}
	return v.T("refund.proof_late")
}

func giftsLeft(sale pos.Sale) bool {
	return slices.ContainsFunc(sale.Lines, func(s pos.SaleLine) bool { return s.Kind == pos.LineGift && s.RefundedQty < s.Qty })
}

func fundLeft(sale pos.Sale) bool {
	return slices.ContainsFunc(sale.Lines, func(s pos.SaleLine) bool { return s.Product == pos.FundProduct && s.RefundedQty < s.Qty })
}

// refundMeans are the ways money goes back: as it came first, corrections counted.
func refundMeans(sale pos.Sale) []pos.Means {
	var all []pos.Means
	for _, t := range sale.PaidBy() {
		if !slices.Contains(all, t.Means) {
			all = append(all, t.Means)
		}
	}
	for _, m := range []pos.Means{pos.Cash, pos.Card, pos.Transfer, pos.Cheque, pos.MealVoucher} {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// refundWords is the one sentence on what a refund does to stamps and gifts, before it is made (cases 20 to 24).
func refundWords(l *locale.Language, sale pos.Sale) string {
	gifts := giftsLeft(sale)
	switch {
	case sale.Stamped > 0 && gifts:
		return l.T("refund.before_both")
	case sale.Stamped > 0:
		return l.T("refund.before_stamps")
	case gifts:
		return l.T("refund.before_gifts")
	}
	return ""
}

// refundedWords is the one sentence on what the refund did; its address holds the numbers.
func refundedWords(l *locale.Language, c *fiber.Ctx) string {
	var parts []string
	for _, name := range []string{"stamps", "items", "advance"} {
		if n := c.QueryInt(name); n > 0 && c.Query("done") == "refunded" {
			parts = append(parts, l.N("refund.after_"+name, n))
		}
	}
	return sentence(strings.Join(parts, ", "))
}

func qtyField(line int) string { return "qty-" + strconv.Itoa(line) }

// refund serves POST /sales/{id}/refund, and goes on to the document it made.
func (s *Server) refund(c *fiber.Ctx) error {
	r := pos.RefundRequest{Lines: []pos.RefundLine{}, Tender: pos.Means(c.FormValue("tender")), Reason: strings.TrimSpace(c.FormValue("reason"))}
	if r.Reason == "" {
		r.Reason = c.FormValue("quick")
	}
	r.Proof, r.RoundUps = strings.TrimSpace(c.FormValue("proof")), c.FormValue("round-ups") != ""
	if c.FormValue("pin") != "" {
		r.Approval = &pos.Approval{Operator: c.FormValue("manager"), PIN: c.FormValue("pin")}
	}
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		for i, l := range r.Lines {
			t.Rename(fmt.Sprintf("lines[%d].qty", i), qtyField(l.Line), "")
		}
		return s.showSale(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	sale, err := s.till.Sale(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	wrong := errQuantity
	for _, l := range sale.Lines {
		text := strings.TrimSpace(c.FormValue(qtyField(l.ID)))
		if text == "" || text == "0" {
			continue
		}
		qty, err := strconv.Atoi(text)
		if err != nil {
			wrong = wrong.Field(qtyField(l.ID), "number")
			continue
		}
		r.Lines = append(r.Lines, pos.RefundLine{Line: l.ID, Qty: qty})
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	made, err := s.till.Refund(c.UserContext(), by, sale.ID, r)
	if err != nil {
		return err
	}
	return c.Redirect(refundedLink(made), http.StatusSeeOther)
}

// refundedLink is the page of a refund that was just made, with what it did to stamps and suspended items.
func refundedLink(made pos.RefundResult) string {
	q := url.Values{"done": {"refunded"}}
	for name, n := range map[string]int{"stamps": made.StampsReversed, "items": made.ItemsRetracted, "advance": made.HouseAdvance} {
		if n > 0 {
			q.Set(name, strconv.Itoa(n))
		}
	}
	return (&url.URL{Path: "/sales/" + url.PathEscape(made.ID), RawQuery: q.Encode()}).String()
}

// moveStamps serves POST /sales/{id}/move: the card that was shown was not the customer's.
func (s *Server) moveStamps(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showSale(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.MoveStamps(c.UserContext(), by, c.Params("id"), c.FormValue("to")); err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(c.Params("id")), "stamps_moved")
}

// stampSale serves POST /sales/{id}/stamp: its meals that no card has yet go to one (cases 8 and 12).
func (s *Server) stampSale(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("code", "stamp", "")
		return s.showSale(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card := c.FormValue("stamp")
	if err := s.scanByNumber(c, card); err != nil {
		return err
	}
	if _, err := s.till.StampSale(c.UserContext(), by, c.Params("id"), card); err != nil {
		return err
	}
	return s.done(c, "/sales/"+url.PathEscape(c.Params("id")), "sale_stamped")
}

// errQuantity is told when a quantity to refund is no whole number.
var errQuantity = fault.New(fault.Invalid, "quantity.invalid", "A quantity is a whole number.")
