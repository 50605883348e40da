package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// Where a round-up goes, beside the id of an association.
const toFund = "fund"

// FundProduct is the product of a line that gives to the café's fund: it is none of the menu.
const FundProduct = "susp-fund"

// fundSKU is the product of the line by which a customer gives to the café's fund, and fundLabel its words on fiscal
// documents, which are French. It is no product of the menu: it has no category.
const (
	fundSKU   = FundProduct
	fundLabel = "Pour le fonds du café"
)

// maxAside is how many associations one order may give to.
const maxAside = 5

// aside is what a customer gives for an association, beside what is bought: it is never the café's (case 70).
type aside struct {
	To     string      `json:"to"`   // id of the partner
	Name   string      `json:"name"` // when it was given
	Amount money.Cents `json:"amount"`
}

// RoundUp is what the payer of an order adds for the café's fund or for an association.
type RoundUp struct {
	To     string      `json:"to"` // "fund", or the id of a partner
	Name   string      `json:"name,omitempty"`
	Amount money.Cents `json:"amount"`
}

// RoundUpRequest sets what is added to an order for one purpose.
type RoundUpRequest struct {
	To     string      `json:"to"`               // "fund", or the id of a partner
	Amount money.Cents `json:"amount"`           // in all; 0 takes it off
	Reason string      `json:"reason,omitempty"` // needed when it becomes less after the order was put aside or noted (fiscal R17)
}

var (
	errRoundUp     = fault.New(fault.Invalid, "round_up.invalid", "The amount cannot be added.")
	errAsideAlone  = fault.New(fault.Invalid, "round_up.alone", "Money for an association is taken beside something that is bought.")
	errFundManager = fault.New(fault.Denied, "fund.manager", "What was given to a fund is given back by a manager.")
	errFundDay     = fault.New(fault.Conflict, "fund.day", "What was given to a fund is given back on the same day only.")
)

// forFund reports whether the line is a gift to the café's fund: a sale at the rate of the meals, which no voucher pays,
// no discount lowers, and which earns no stamp (cases 20, 69).
func (l line) forFund() bool { return l.Product == fundSKU && l.Category == "" }

// outside is what a document collected beside its turnover, negative of a refund.
func outside(b journal.TicketBody) (sum money.Cents) {
	for _, n := range b.NonTurnover {
		sum += n.Amt
	}
	return sum
}

// outside is what the order gives for associations.
func (tk ticket) outside() (sum money.Cents) {
	for _, a := range tk.Aside {
		sum += a.Amount
	}
	return sum
}

// owed is what the payer owes: the lines, and what is given for associations.
func (tk ticket) owed() money.Cents { return tk.total() + tk.outside() }

func (tk ticket) asideFor(to string) money.Cents {
	for _, a := range tk.Aside {
		if a.To == to {
			return a.Amount
		}
	}
	return 0
}

// setAside sets what is given for an association; 0 takes it off.
func (tk *ticket) setAside(to, name string, amount money.Cents) {
	tk.Aside = slices.DeleteFunc(tk.Aside, func(a aside) bool { return a.To == to })
	if amount > 0 {
		tk.Aside = append(tk.Aside, aside{To: to, Name: name, Amount: amount})
	}
}

// roundUps lists what the order gives, to the café's fund first.
func (tk ticket) roundUps() []RoundUp {
	var all []RoundUp
	var own money.Cents
	for _, l := range tk.Lines {
		if l.forFund() {
			own += l.total()
		}
	}
	if own > 0 {
		all = append(all, RoundUp{To: toFund, Amount: own})
	}
	for _, a := range tk.Aside {
		all = append(all, RoundUp(a))
	}
	return all
}

// RoundUp sets what the payer of an open order adds for the café's fund, or for an association. The first is a line of the
// order, sold at the rate of the meals; the second is beside it, outside turnover and VAT: the total to be paid grows, the
// turnover does not. It is what somebody asked for: nothing adds it by itself.
//
// Refusals: ticket.unknown, ticket.closed, round_up.invalid (fields amount, to), class.empty when the menu has nothing that
// the fund could become, lines.full, partner.unknown, partner.ended, ticket.overpaid, reason.missing.
func (t *Till) RoundUp(ctx context.Context, by By, ticketID string, r RoundUpRequest) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.round_up", func(ctx context.Context, tx *data.Tx, tk *ticket) ([]int64, error) {
		if r.Amount < 0 || r.Amount > maxPrice {
			return nil, errRoundUp.Field("amount", codeRange).With("max", maxPrice)
		}
		switch r.To {
		case "":
			return nil, errRoundUp.Field("to", "required")
		case toFund:
			return t.roundToFund(ctx, tx, by, tk, r)
		}
		return t.roundAside(ctx, tx, by, tk, r)
	})
}

// roundToFund makes the line of the fund cost so much.
func (t *Till) roundToFund(ctx context.Context, tx *data.Tx, by By, tk *ticket, r RoundUpRequest) (journaled []int64, err error) {
	was := slices.DeleteFunc(slices.Clone(tk.Lines), func(l line) bool { return !l.forFund() })
	if len(was) == 1 && was[0].total() == r.Amount {
		return nil, nil
	}
	var l line
	if r.Amount > 0 {
		if l, err = t.fundLine(ctx, tx, r.Amount); err != nil {
			return nil, err
		}
	}
	for _, old := range was {
		at, err := tk.find(old.ID)
		if err != nil {
			return nil, err
		}
		take := t.takeLast
		if r.Amount > 0 {
			take = t.takeOff // something takes its place: the order is not given up
		}
		made, err := take(ctx, tx, by, tk, at, at.Qty, r.Reason)
		if err != nil {
			return nil, err
		}
		journaled = append(journaled, made...)
	}
	if r.Amount > 0 {
		err = tk.add(l)
	}
	return journaled, err
}

// fundLine is a line of the fund: one unit at the rate that a gift of the fund's class has.
func (t *Till) fundLine(ctx context.Context, q data.Querier, amount money.Cents) (line, error) {
	p, err := t.fundProduct(ctx, q)
	if err != nil {
		return line{}, err
	}
	l, err := t.shape(p, LineRequest{Product: p.ID, Qty: 1, Kind: LineGift}, "", "")
	if err != nil {
		return line{}, err
	}
	l.Product, l.Name, l.Category, l.Kind, l.Class, l.Station, l.Cost, l.Price = fundSKU, fundLabel, "", LineSale, "", "", 0, amount
	l.Parts[0].SKU, l.Parts[0].Label, l.Parts[0].Price, l.Parts[0].Food = fundSKU, fundLabel, amount, false
	return l, nil
}

// roundAside sets what is given for an association. What becomes less after the order left the hands of whoever rang it
// needs a reason, which is journaled as what is taken off it is (fiscal R17).
func (t *Till) roundAside(ctx context.Context, tx *data.Tx, by By, tk *ticket, r RoundUpRequest) ([]int64, error) {
	name := ""
	if r.Amount > 0 {
		var err error
		if name, err = association(ctx, tx, r.To); err != nil {
			return nil, err
		}
	}
	less := tk.asideFor(r.To) - r.Amount
	tk.setAside(r.To, name, r.Amount)
	if len(tk.Aside) > maxAside {
		return nil, errRoundUp.Field("to", "too_many").With("max", maxAside)
	}
	if less <= 0 || !slices.ContainsFunc(tk.Lines, line.seen) {
		return nil, nil
	}
	reason, err := cleanReason(r.Reason)
	if err != nil {
		return nil, err
	}
	return t.journalCheaper(ctx, tx, by, *tk, 0, less, reason)
}

// creditFunds puts what was given into its funds, and turns the café's fund into items while it holds the price of one.
func (s *settlement) creditFunds(ctx context.Context, tx *data.Tx) error {
	var own money.Cents
	for _, l := range s.bought {
		if l.forFund() {
			own += l.total()
		}
	}
	for _, a := range s.ticket.Aside {
		if _, err := suspended.MoveFund(ctx, tx, suspended.FundEntry{Fund: suspended.PassThrough, Partner: a.To, Name: a.Name, Cents: a.Amount, Cause: suspended.FundGiven, Ref: s.entry.Number}); err != nil {
			return err
		}
	}
	if own == 0 {
		return nil
	}
	if _, err := suspended.MoveFund(ctx, tx, suspended.FundEntry{Fund: suspended.CafeFund, Cents: own, Cause: suspended.FundGiven, Ref: s.entry.Number}); err != nil {
		return err
	}
	minted, made, err := s.till.mint(ctx, tx, s.by.Operator.Code)
	s.minted, s.journal, s.result.Minted = minted, append(s.journal, made...), len(minted)
	return err
}

// mayTakeFunds leaves giving back what was given to a fund, and what a sponsor paid, to a manager; the first on its own day
// only: it is how a mistake is put right, not how a gift is taken back.
func (f *refund) mayTakeFunds(ctx context.Context, tx *data.Tx) error {
	lot, fund := slices.ContainsFunc(f.rows, lineRow.ofSponsor), f.fundLines() != 0 || f.request.RoundUps && f.outside > 0
	if f.sale.Training || !lot && !fund {
		return nil
	}
	switch {
	case f.by.Operator.Role == RoleManager:
	case f.manager.ID == "":
		return errFundManager
	default:
		f.body.Auth = f.manager.Code
		if err := stillManages(ctx, tx, f.manager); err != nil {
			return err
		}
	}
	if fund && f.sale.Day != tx.Day() {
		return errFundDay.With("day", f.sale.Day)
	}
	return nil
}

// fundLines is what of the refund was given to the café's fund, negative.
func (f *refund) fundLines() (sum money.Cents) {
	for _, l := range f.rows {
		if l.product == fundSKU && l.category == "" {
			sum += l.unit*money.Cents(l.qty) - l.disc
		}
	}
	return sum
}

// takeFunds takes out of the funds what is given back, while they hold it.
func (f *refund) takeFunds(ctx context.Context, tx *data.Tx) error {
	if f.sale.Training {
		return nil
	}
	if own := f.fundLines(); own != 0 {
		if _, err := suspended.MoveFund(ctx, tx, suspended.FundEntry{Fund: suspended.CafeFund, Cents: own, Cause: suspended.FundReturned, Ref: f.entry.Number}); err != nil {
			return err
		}
	}
	if f.result.Outside == 0 {
		return nil
	}
	given, err := suspended.FundGivenFor(ctx, tx, f.sale.Number)
	if err != nil {
		return err
	}
	for _, g := range given {
		g.Cents, g.Cause, g.Ref = -g.Cents, suspended.FundReturned, f.entry.Number
		if _, err := suspended.MoveFund(ctx, tx, g); err != nil {
			return err
		}
	}
	return nil
}

// passed lists the associations that a sale collected for, as its receipt names them.
func passed(ctx context.Context, q data.Querier, s Sale) (names []string, err error) {
	if s.Outside <= 0 || s.Training {
		return nil, nil
	}
	given, err := suspended.FundGivenFor(ctx, q, s.Number)
	for _, g := range given {
		names = append(names, g.Name)
	}
	return names, err
}
