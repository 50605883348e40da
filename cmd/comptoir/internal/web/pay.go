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

// payView is the payment page: what is owed, what has been said so far, and how to pay the rest. What has been said
// travels in the address: nothing is settled, and nothing kept, before the whole is covered.
type payView struct {
	base
	Ticket   pos.Ticket
	Name     string
	Tenders  []tenderView
	Rest     money.Cents
	Proposed string // amount in the field
	Notes    []money.Cents
	Shares   []shareView
	Means    []meansView
	Free     bool // nothing is due
}

// tenderView is one part already said.
type tenderView struct{ Code, Name, Amount, Without string }

// shareView proposes an equal part of the rest.
type shareView struct {
	Parts int
	Link  string
}

// meansView is one way to pay.
type meansView struct {
	Means pos.Means
	Icon  string
	Hint  string
	Off   bool
}

// errPayLess is told when a part is not above zero; errPayShare when the address holds something else than parts.
var (
	errPayPart  = fault.New(fault.Invalid, "pay.part", "A part of a payment is above zero.").Field("amount", "positive")
	errPayParts = fault.New(fault.Invalid, "pay.parts", "The address does not hold parts of a payment.")
)

// payPage serves GET /pay/{ticket}?tender=card:500&share=2.
func (s *Server) payPage(c *fiber.Ctx) error {
	parts, err := readTenders(queryAll(c, "tender"))
	if err != nil {
		return err
	}
	return s.showPay(c, http.StatusOK, parts, c.Query("share"), "", nil)
}

func (s *Server) showPay(c *fiber.Ctx, status int, parts []pos.Tender, share, typed string, trouble *troubleView) error {
	tk, err := s.till.Ticket(c.UserContext(), c.Params("ticket"))
	if err != nil {
		return err
	}
	if tk.State != "open" {
		return c.Redirect("/", http.StatusSeeOther)
	}
	s.showTicket(c, tk.ID)
	l := s.language(c)
	v := payView{base: s.newBase(c, "pay.heading", "till"), Ticket: tk, Name: ticketName(l, tk), Free: tk.Total == 0}
	v.Trouble = trouble
	v.Rest = tk.Total - paidBy(parts)
	for i, p := range parts {
		without := append(append([]pos.Tender{}, parts[:i]...), parts[i+1:]...)
		v.Tenders = append(v.Tenders, tenderView{Code: writeTender(p), Name: l.T("means." + string(p.Means)), Amount: l.Money(p.Amount), Without: payLink(tk.ID, without, 0)})
	}
	v.Notes = quickCash(v.Rest)
	for _, n := range []int{2, 3, 4} {
		v.Shares = append(v.Shares, shareView{n, payLink(tk.ID, parts, n)})
	}
	v.Proposed = l.Amount(shareOf(v.Rest, share))
	if typed != "" {
		v.Proposed = typed
	}
	v.Means = meansOf(l, tk, voucherLeft(tk, parts))
	return s.page(c, status, "pay", v)
}

// meansOf lists the ways to pay what is due.
func meansOf(l *locale.Language, tk pos.Ticket, voucher money.Cents) []meansView {
	due := tk.Total > 0
	return []meansView{
		{pos.Card, "credit-card", "", !due}, {pos.Cash, "banknote", l.T("pay.cash_hint"), !due},
		{pos.MealVoucher, "ticket", l.T("pay.voucher_hint", "max", l.Money(voucher)), !due || voucher <= 0},
		{pos.Cheque, "file-text", "", !due}, {pos.Transfer, "landmark", "", !due},
	}
}

// voucherLeft is what meal vouchers may still pay: food of one's own, never a gift (I11).
func voucherLeft(tk pos.Ticket, parts []pos.Tender) money.Cents {
	left := tk.VoucherMax
	for _, p := range parts {
		if p.Means == pos.MealVoucher {
			left -= p.Amount
		}
	}
	return max(0, min(left, tk.Total-paidBy(parts)))
}

func paidBy(parts []pos.Tender) money.Cents {
	var sum money.Cents
	for _, p := range parts {
		sum += p.Amount
	}
	return sum
}

// shareOf is the first of n equal parts of an amount; the cents that do not divide are in the first ones.
func shareOf(rest money.Cents, n string) money.Cents {
	const most = 9
	parts, err := strconv.Atoi(n)
	if err != nil || parts < 2 || parts > most || rest <= 0 {
		return rest
	}
	equal := make([]int64, parts)
	for i := range equal {
		equal[i] = 1
	}
	return money.Allocate(rest, equal)[0]
}

func payLink(ticket string, parts []pos.Tender, share int) string {
	q := url.Values{}
	for _, p := range parts {
		q.Add("tender", writeTender(p))
	}
	if share > 0 {
		q.Set("share", strconv.Itoa(share))
	}
	return (&url.URL{Path: "/pay/" + ticket, RawQuery: q.Encode()}).String()
}

// writeTender writes a part as "cash:500:1000": means, amount, given.
func writeTender(p pos.Tender) string {
	s := string(p.Means) + ":" + strconv.FormatInt(int64(p.Amount), 10)
	if p.Given > 0 {
		s += ":" + strconv.FormatInt(int64(p.Given), 10)
	}
	return s
}

func readTenders(texts []string) ([]pos.Tender, error) {
	parts := []pos.Tender{}
	for _, t := range texts {
		f := strings.Split(t, ":")
		if len(f) < 2 || len(f) > 3 {
			return nil, errPayParts
		}
		p := pos.Tender{Means: pos.Means(f[0])}
		for i, into := range []*money.Cents{&p.Amount, &p.Given}[:len(f)-1] {
			n, err := strconv.ParseInt(f[i+1], 10, 64)
			if err != nil || n <= 0 || n > int64(money.MaxAmount) {
				return nil, errPayParts
			}
			*into = money.Cents(n)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// pay serves POST /pay/{ticket}: one more part. While it does not cover the rest, the page comes again with it;
// when it does, the sale is settled.
func (s *Server) pay(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	parts, err := readTenders(formAll(c, "tender"))
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(c.FormValue("amount"))
	onRefusal(c, func(status int, t *troubleView) error { return s.showPay(c, status, parts, "", typed, t) })
	tk, err := s.till.Ticket(c.UserContext(), c.Params("ticket"))
	if err != nil {
		return err
	}
	all := parts
	if tk.Total > 0 {
		part, err := nextPart(tk, parts, pos.Means(c.FormValue("means")), typed, c.FormValue("proposed"))
		if err != nil {
			return err
		}
		all = append(append([]pos.Tender{}, parts...), part)
	}
	if paidBy(all) < tk.Total {
		return c.Redirect(payLink(tk.ID, all, 0), http.StatusSeeOther)
	}
	version, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil {
		return errParam.Field("version", "number")
	}
	sale, err := s.till.Checkout(c.UserContext(), by, tk.ID, pos.CheckoutRequest{ExpectedTotal: &tk.Total, Version: &version, Tenders: all})
	if err != nil {
		return err
	}
	s.showPaid(c, sale)
	if sale.ID == "" {
		return s.done(c, "/", "served")
	}
	return c.Redirect("/paid/"+url.PathEscape(sale.ID), http.StatusSeeOther)
}

// maxParts is how many tenders settle one ticket (architecture.md §6).
const maxParts = 5

var (
	errParts       = fault.New(fault.Invalid, "tenders.many", "Too many tenders for one sale.")
	errVoucherPart = fault.New(fault.Invalid, "voucher.food", "Meal vouchers pay one's own food only.")
)

// nextPart reads the part that a button of the page adds. An amount left as it was proposed is as much as that means
// may pay; more than the rest is what was handed over, which only cash may exceed.
func nextPart(tk pos.Ticket, parts []pos.Tender, means pos.Means, typed, proposed string) (pos.Tender, error) {
	amount, err := parseMoney("amount", typed)
	if err != nil {
		return pos.Tender{}, err
	}
	if amount <= 0 {
		return pos.Tender{}, errPayPart
	}
	if len(parts) >= maxParts {
		return pos.Tender{}, errParts.With("max", maxParts)
	}
	rest := tk.Total - paidBy(parts)
	if means == pos.MealVoucher && typed == proposed {
		amount = min(amount, voucherLeft(tk, parts))
	}
	if left := voucherLeft(tk, parts); means == pos.MealVoucher && amount > left {
		return pos.Tender{}, errVoucherPart.With("max", left) // said now, not when the rest has been paid
	}
	if amount > rest {
		return pos.Tender{Means: means, Amount: rest, Given: amount}, nil
	}
	return pos.Tender{Means: means, Amount: amount}, nil
}

// formAll returns every value of a form field.
func formAll(c *fiber.Ctx, name string) []string {
	var all []string
	for _, v := range c.Context().PostArgs().PeekMulti(name) {
		all = append(all, string(v))
	}
	return all
}

// done ends a form: 303 to a page that says what was done. what is a key of the catalogue under "done.".
func (s *Server) done(c *fiber.Ctx, path, what string) error {
	u, err := url.Parse(path)
	if err != nil {
		return errBug.Wrap(err)
	}
	return c.Redirect(with(u, "done", what), http.StatusSeeOther)
}
