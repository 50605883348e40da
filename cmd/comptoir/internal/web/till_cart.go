package web

import (
	"encoding/json"
	"slices"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
)

// cartView is the ticket on the till; without an id it is the empty till.
type cartView struct {
	*locale.Language
	Ticket   pos.Ticket
	Training bool // the till is: whoever shows another page than that begins anew
	Lines    []lineView
	Quick    []quickView
	Paid     *paidView
	Give     *giveView
	Undo     undoList
	Leads    string // page that the till goes to; empty: it stays
}

// Waits is the page of the payment that a terminal is asked for; empty: none is.
func (v cartView) Waits() string {
	if v.Ticket.Charge == nil {
		return ""
	}
	return chargeLink(v.Ticket.Charge.ID, payAsked{}, true)
}

// undoList is written into the cart as JSON: what takes back the last command.
type undoList []inverse

// String is what the page carries; empty when there is nothing to take back.
func (u undoList) String() string {
	if len(u) == 0 {
		return ""
	}
	b, err := json.Marshal([]inverse(u))
	if err != nil { // strings and numbers only
		return ""
	}
	return string(b)
}

// Name is what the ticket is called.
func (v cartView) Name() string { return ticketName(v.Language, v.Ticket) }

// Takeaway says which mode is on.
func (v cartView) Takeaway() bool { return v.Ticket.Mode == pos.Takeaway }

// Off says that there is nothing to pay.
func (v cartView) Off() bool { return len(v.Ticket.Lines) == 0 }

// Items counts what is on the ticket.
func (v cartView) Items() int {
	n := 0
	for _, l := range v.Ticket.Lines {
		n += l.Qty
	}
	return n
}

// lineView is one line of the cart.
type lineView struct {
	*locale.Language
	pos.Line
	Title string
}

// Seen says that taking it off needs a reason.
func (v lineView) Seen() bool { return v.Sent || v.Kept }

// quickView is one button of the row that settles the whole ticket in one tap.
type quickView struct{ ID, Label, Icon, Args string }

func newCart(l *locale.Language, menu pos.Menu, tk pos.Ticket) cartView {
	v := cartView{Language: l, Ticket: tk, Quick: quickRow(l, tk)}
	v.Give = giveOne(l, menu)
	for _, line := range tk.Lines {
		v.Lines = append(v.Lines, newLine(l, line))
	}
	return v
}

func newLine(l *locale.Language, line pos.Line) lineView {
	return lineView{Language: l, Line: line, Title: lineTitle(l, line)}
}

// giveOne is what the heart under the total adds in one tap: a coffee, the first of the menu that can be suspended;
// nil in a café that suspends none.
func giveOne(l *locale.Language, menu pos.Menu) *giveView {
	const coffee = "coffee"
	i := slices.IndexFunc(menu.Products, func(p pos.Product) bool { return p.SuspendClass == coffee && p.Available })
	if i < 0 {
		return nil
	}
	p := menu.Products[i]
	return &giveView{Product: p.ID, Title: l.T("line.gift", "name", p.Name), Label: l.T("cart.give_one", "name", p.Name, "sum", l.Money(p.GiftPrice))}
}

// giveView is the heart under the total.
type giveView struct{ Product, Title, Label string }

func lineTitle(l *locale.Language, line pos.Line) string {
	switch line.Kind {
	case pos.LineGift:
		return l.T("line.gift", "name", line.Name)
	case pos.LineRedemption:
		return l.T("line.redemption", "name", line.Name)
	case pos.LineSale:
		if line.Product == pos.FundProduct {
			return l.T("fund.line")
		}
	}
	return line.Name
}

func productOf(menu pos.Menu, id string) pos.Product {
	i := slices.IndexFunc(menu.Products, func(p pos.Product) bool { return p.ID == id })
	if i < 0 {
		return pos.Product{}
	}
	return menu.Products[i]
}

// quickNotes is how many banknotes the quick row suggests.
const quickNotes = 2

// quickRow is the row under the total: card, exact cash, and the notes a person would hand over.
func quickRow(l *locale.Language, tk pos.Ticket) []quickView {
	settle := func(means pos.Means, given money.Cents) string {
		args, err := jsonArgs("means", means, "given", int64(given), "total", int64(tk.Total), "rest", int64(tk.Rest), "version", tk.Version)
		if err != nil { // strings and numbers only
			return "{}"
		}
		return args
	}
	if tk.Rest == 0 && len(tk.Lines) > 0 {
		return []quickView{{"quick-free", l.T("pay.nothing"), "check", settle("", 0)}}
	}
	row := []quickView{
		{"quick-card", l.T("means.card"), "credit-card", settle(pos.Card, 0)},
		{"quick-exact", l.T("cart.exact"), "banknote", settle(pos.Cash, tk.Rest)},
	}
	ids := []string{"quick-note-1", "quick-note-2"}
	for i, note := range quickCash(tk.Rest) {
		if i < quickNotes {
			row = append(row, quickView{ids[i], l.Euros(note), "", settle(pos.Cash, note)})
		}
	}
	return row
}

// quickCash suggests at most three amounts above the total that a person would really hand over, smallest first
// (till-pages.md §3.3 rule 7): the next euro, the next five, the next ten, as long as the total is not round that
// far already, then single banknotes. 22,00: 25, 30, 50. 7,30: 8, 10, 20.
func quickCash(total money.Cents) []money.Cents {
	const suggestions = 3
	if total <= 0 {
		return nil
	}
	var all []money.Cents
	add := func(c money.Cents) {
		if c > total && !slices.Contains(all, c) && len(all) < suggestions {
			all = append(all, c)
		}
	}
	for _, step := range []money.Cents{100, 500, 1000} {
		if total%step != 0 {
			add((total/step + 1) * step)
		}
	}
	for _, note := range []money.Cents{500, 1000, 2000, 5000, 10_000, 20_000} {
		add(note)
	}
	slices.Sort(all)
	return all
}
