package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// maxParts is how many tenders settle one ticket (architecture.md §6).
const maxParts = 5

// payView is the payment page: what was ordered, what is left to pay, and how. Every part that is paid stands on the
// ticket, where all tills see it; the address only says how the rest is shared out.
type payView struct {
	base
	Ticket   pos.Ticket
	Name     string
	Lines    []payLine
	Parts    []partView
	Asked    payAsked
	PartNo   int         // of equal parts, counted from 1; 0: the rest is not shared out
	Due      money.Cents // the part to pay now
	Proposed string      // the same, in the field
	Notes    []money.Cents
	Shares   []shareView
	Means    []meansView
	Rarely   []meansView // behind "other"
	Free     bool        // nothing is left to pay
	Back     *partView   // what has just been paid in part, while its change is handed back
	Reasons  []string    // quick ones, for taking a part off again
	Stamps   *cardTold   // the cards of the order; nil: none
	NoteDue  bool        // a note is due before the payment, and there is none yet
	Whole    pos.Ticket  // that this ticket was split off from; zero: none
	WholeIs  string      // its name
	Offer    *roundOffer // proposed once; nil: nothing is
	Given    []roundGift // what the payer adds for associations
	Waits    string      // page of the payment that a terminal is asked for; empty: none is
	Terminal string      // that cards are sent to; empty: they are entered by hand
}

// payAsked is what the address of the page says.
type payAsked struct {
	Share, Of int    // the rest is paid in so many equal parts, of as many at first; 0: it is not
	From      string // ticket this one was split off from, to go back to
	Paid      int    // the part that has just been paid
	No        bool   // rounding up was answered: it is not proposed again
}

// payLine is a line of the order, of which some can be paid apart.
type payLine struct {
	pos.Line
	Title    string
	Field    string // of how many go
	Discount string // in words
	Taken    bool   // chosen on the form that was refused
	Counts   []int
}

// partView is a part that is paid.
type partView struct {
	pos.Payment
	Name  string
	Field string // of the reason why it is taken off
}

// shareView shares the rest out in equal parts.
type shareView struct {
	Parts int
	Link  string
	Here  bool
}

// meansView is one way to pay.
type meansView struct {
	Means pos.Means
	Icon  string
	Hint  string
	Off   bool

	ByHand bool // a card of which this till's terminal knows nothing
}

// errPayPart is told when a part is not above zero.
var errPayPart = fault.New(fault.Invalid, "pay.part", "A part of a payment is above zero.").Field("amount", "positive")

// asked reads how the rest is shared out, from the address or the form of the page.
func asked(value func(string) string) payAsked {
	number := func(name string) int {
		n, err := strconv.Atoi(value(name))
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	a := payAsked{Share: number("share"), Of: number("of"), From: value("from"), Paid: number("paid"), No: value("no") == "1"}
	if a.Share < 2 && a.Of < 2 || a.Share < 1 || a.Share > maxParts || a.Of > maxParts {
		a.Share, a.Of = 0, 0
	}
	a.Of = max(a.Of, a.Share)
	return a
}

// link is the address of the page of a ticket.
func (a payAsked) link(ticket string) string {
	q := url.Values{}
	if a.Share > 0 {
		q.Set("share", strconv.Itoa(a.Share))
		q.Set("of", strconv.Itoa(a.Of))
	}
	if a.From != "" {
		q.Set("from", a.From)
	}
	if a.No {
		q.Set("no", "1")
	}
	if a.Paid > 0 {
		q.Set("paid", strconv.Itoa(a.Paid))
	}
	return (&url.URL{Path: "/pay/" + url.PathEscape(ticket), RawQuery: q.Encode()}).String()
}

// next is the address after a part was paid.
func (a payAsked) next(paid int) payAsked {
	a.Paid = paid
	if a.Share--; a.Share < 1 {
		a.Share, a.Of = 0, 0
	}
	return a
}

// payPage serves GET /pay/{ticket}?share=2&of=3&from=&paid=.
func (s *Server) payPage(c *fiber.Ctx) error {
	return s.showPay(c, http.StatusOK, asked(func(name string) string { return c.Query(name) }), nil)
}

// payAgain shows the page once more after a refusal, as the ticket stands now: with what was typed, unless that was
// what an older page had proposed.
func (s *Server) payAgain(c *fiber.Ctx) {
	a := asked(func(name string) string { return c.FormValue(name) })
	a.Paid = 0
	onRefusal(c, func(status int, t *troubleView) error {
		if c.FormValue("amount") == c.FormValue("proposed") {
			t.typed.Del("amount")
		}
		t.Rename("tenders", "amount", "")
		t.Rename("given", "amount", "")
		return s.showPay(c, status, a, t)
	})
}

func (s *Server) showPay(c *fiber.Ctx, status int, a payAsked, trouble *troubleView) error {
	ctx := c.UserContext()
	tk, err := s.till.Ticket(ctx, c.Params("ticket"))
	if err != nil {
		return err
	}
	if tk.State != "open" {
		return s.leavePay(c, tk, a)
	}
	terminal, err := s.terminalOf(c)
	if err != nil {
		return err
	}
	s.showTicket(c, tk.ID)
	l := s.language(c)
	v := payView{base: s.newBase(c, "pay.heading", "till"), Ticket: tk, Name: ticketName(l, tk), Asked: a, Free: tk.Rest == 0 && len(tk.Lines) > 0, Terminal: terminal}
	v.Title, v.Trouble = l.T("pay.title", "name", v.Name), trouble
	v.Due = tk.Rest
	if tk.Charge != nil { // what a terminal is asked for is not paid otherwise
		v.Due = max(0, v.Due-tk.Charge.Amount)
		v.Waits = chargeLink(tk.Charge.ID, a, false)
	}
	if a.Share > 0 {
		v.PartNo, v.Due = a.Of-a.Share+1, share(v.Due, a.Share)
	}
	v.Proposed = l.Amount(v.Due)
	v.Notes = quickCash(v.Due)
	v.Lines, v.Parts = payLines(c, l, tk), partsOf(l, tk)
	for i, p := range v.Parts {
		if p.ID == a.Paid && p.Change > 0 {
			v.Back = &v.Parts[i]
		}
	}
	for n := 2; n <= maxParts-len(tk.Payments); n++ {
		v.Shares = append(v.Shares, shareView{n, payAsked{Share: n, Of: n, From: a.From}.link(tk.ID), n == a.Share && a.Share == a.Of})
	}
	v.Means, v.Rarely = meansOf(l, tk, v.Due, terminal)
	v.Stamps = newCardTold(l, tk)
	v.Reasons = []string{l.T("reason.mistake"), l.T("reason.mind")}
	chosen, err := s.till.Settings(ctx)
	if err != nil {
		return err
	}
	if err := s.roundUps(c, &v, chosen); err != nil {
		return err
	}
	v.NoteDue = tk.Notes == 0 && chosen.NoteDue(tk.Mode, tk.Total)
	if v.Whole, err = s.shownTicket(ctx, a.From); err != nil {
		return err
	}
	v.WholeIs = ticketName(l, v.Whole)
	return s.page(c, status, "pay", v)
}

// leavePay is where a ticket that is not open leads: to the sale that settled it, so that a page that was reloaded, or
// gone back to, says what happened.
func (s *Server) leavePay(c *fiber.Ctx, tk pos.Ticket, a payAsked) error {
	if tk.Sale != "" {
		return c.Redirect(paidLink(pos.SaleResult{ID: tk.Sale}, a.From), http.StatusSeeOther)
	}
	return s.done(c, "/", "ticket_"+tk.State)
}

// share is the first of n equal parts of an amount; the cents that do not divide are in the first ones.
func share(rest money.Cents, n int) money.Cents {
	equal := make([]int64, n)
	for i := range equal {
		equal[i] = 1
	}
	return money.Allocate(rest, equal)[0]
}

// meansOf lists the ways to pay what is due now, and those behind "other". With a terminal, a card that was paid on another one is
// entered by hand behind "other".
func meansOf(l *locale.Language, tk pos.Ticket, due money.Cents, terminal string) (first, others []meansView) {
	none := due == 0
	voucher := meansView{Means: pos.MealVoucher, Icon: "ticket", Off: none}
	switch left := voucherLeft(tk); {
	case none:
	case left == 0:
		voucher.Off, voucher.Hint = true, l.T("pay.voucher_none")
	case left < due:
		voucher.Hint = l.T("pay.voucher_hint", "max", l.Money(left))
	}
	if terminal != "" {
		others = []meansView{{Means: pos.Card, Icon: "pen-line", Hint: l.T("pay.card_by_hand"), Off: none, ByHand: true}}
	}
	return []meansView{{Means: pos.Card, Icon: "credit-card", Hint: terminal, Off: none || tk.Charge != nil && terminal != ""}, {Means: pos.Cash, Icon: "banknote", Hint: l.T("pay.cash_hint"), Off: none}, voucher},
		append(others, meansView{Means: pos.Cheque, Icon: "file-text", Off: none}, meansView{Means: pos.Transfer, Icon: "landmark", Off: none})
}

// voucherLeft is what meal vouchers may still pay: food of one's own, never a gift (I11).
func voucherLeft(tk pos.Ticket) money.Cents {
	left := tk.VoucherMax
	for _, p := range tk.Payments {
		if p.Means == pos.MealVoucher {
			left -= p.Amount
		}
	}
	return max(0, min(left, tk.Rest))
}

// pay serves POST /pay/{ticket}: one more part, or all that is left. The part that covers the rest settles the sale.
func (s *Server) pay(c *fiber.Ctx) error {
	s.payAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	total, version, err := asShown(c)
	if err != nil {
		return err
	}
	a := asked(func(name string) string { return c.FormValue(name) })
	if c.FormValue("means") == "none" {
		sale, err := s.till.Checkout(c.UserContext(), by, c.Params("ticket"), pos.CheckoutRequest{ExpectedTotal: &total, Version: &version, Tenders: []pos.Tender{}})
		if err != nil {
			return err
		}
		return s.settled(c, sale, a)
	}
	r, err := s.payment(c, a)
	if err != nil {
		return err
	}
	r.ExpectedTotal, r.Version = &total, &version
	if r.Means == pos.Card && c.FormValue("by_hand") == "" {
		terminal, err := s.terminalOf(c)
		if err != nil {
			return err
		}
		if terminal != "" {
			x, err := s.charge(c, by, c.Params("ticket"), pos.ChargeRequest{Terminal: terminal, Amount: r.Amount, ExpectedTotal: &total, Version: &version})
			if err != nil {
				return err
			}
			return c.Redirect(chargeLink(x.ID, a, false), http.StatusSeeOther)
		}
	}
	paid, err := s.till.AddPayment(c.UserContext(), by, c.Params("ticket"), r)
	if err != nil {
		return err
	}
	if paid.Sale != nil {
		return s.settled(c, *paid.Sale, a)
	}
	return c.Redirect(a.next(paid.Ticket.Payments[len(paid.Ticket.Payments)-1].ID).link(paid.Ticket.ID), http.StatusSeeOther)
}

// settled goes on to what a payment came to.
func (s *Server) settled(c *fiber.Ctx, sale pos.SaleResult, a payAsked) error {
	s.showPaid(c, sale)
	if sale.ID == "" {
		return s.done(c, "/", "served")
	}
	return c.Redirect(paidLink(sale, a.From), http.StatusSeeOther)
}

// asShown is the ticket as the page had it: another total, or another version, is another order.
func asShown(c *fiber.Ctx) (money.Cents, int64, error) {
	total, err1 := strconv.ParseInt(c.FormValue("total"), 10, 64)
	version, err2 := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err1 != nil || err2 != nil {
		return 0, 0, errParam
	}
	return money.Cents(total), version, nil
}

// payment reads what a button of the page pays: a banknote pays the part that is due, a means what the field says. A
// voucher left as it was proposed pays as much as it may; of equal parts, more cash than the part is what was handed over.
func (s *Server) payment(c *fiber.Ctx, a payAsked) (pos.PaymentRequest, error) {
	due, err := strconv.ParseInt(c.FormValue("due"), 10, 64)
	if err != nil {
		return pos.PaymentRequest{}, errParam
	}
	if note := c.FormValue("note"); note != "" {
		given, err := strconv.ParseInt(note, 10, 64)
		if err != nil {
			return pos.PaymentRequest{}, errParam
		}
		return pos.PaymentRequest{Means: pos.Cash, Amount: money.Cents(due), Given: money.Cents(given)}, nil
	}
	typed := strings.TrimSpace(c.FormValue("amount"))
	amount, err := parseMoney("amount", typed)
	if err != nil {
		return pos.PaymentRequest{}, err
	}
	if amount <= 0 {
		return pos.PaymentRequest{}, errPayPart
	}
	r := pos.PaymentRequest{Means: pos.Means(c.FormValue("means")), Amount: amount}
	if c.FormValue("by_hand") != "" { // the button says so, and no means
		r.Means = pos.Card
	}
	switch {
	case r.Means == pos.MealVoucher && typed == c.FormValue("proposed"):
		tk, err := s.till.Ticket(c.UserContext(), c.Params("ticket"))
		if err != nil {
			return r, err
		}
		if left := voucherLeft(tk); left > 0 {
			r.Amount = min(amount, left)
		}
	case r.Means == pos.Cash && a.Share > 0 && amount > money.Cents(due):
		r.Amount, r.Given = money.Cents(due), amount
	}
	return r, nil
}

// done ends a form: 303 to a page that says what was done. what is a key of the catalogue under "done.".
func (s *Server) done(c *fiber.Ctx, path, what string) error {
	u, err := url.Parse(path)
	if err != nil {
		return errBug.Wrap(err)
	}
	return c.Redirect(with(u, "done", what), http.StatusSeeOther)
}
