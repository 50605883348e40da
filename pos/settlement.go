package pos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
	"comptoir/suspended"
)

// receiptLetters is the length of a receipt code without its check letter: 48 random bits, which the limit on
// scans makes unguessable in its thirty days.
const receiptLetters = 12

// settlement is one payment on its way through the steps of settle.
type settlement struct {
	till     *Till
	by       By
	ticket   ticket
	tenders  []Tender
	shift    Shift
	bought   []line        // sale and gift lines
	numbered []int         // journal line number of each
	served   []line        // redemption lines
	entry    journal.Entry // of the TICKET; zero when nothing was bought
	body     journal.TicketBody
	units    []string       // meal units that earn a stamp
	meals    map[string]int // how many one of a line is worth, by line number
	journal  []int64        // seqs of the entries made
	items    []string       // ids of gifts and releases put on the shelf; then of what was served
	stamped  []stampedCard  // what each card has gained
	promises ticket         // what waits on the shelf for the servings
	lot      *suspended.Lot // that a sponsor pays; nil at the counter
	invoice  string         // number of the invoice that a lot has
	minted   []string       // ids of items that the fund was turned into
	tokens   []int64        // seqs of the servings asked for with a token
	result   SaleResult
}

func fieldOf(i int) string { return "lines[" + strconv.Itoa(i) + "]." }

func (s *settlement) openShift(ctx context.Context, tx *data.Tx) (err error) {
	if len(s.ticket.Lines) == 0 {
		return errEmpty
	}
	if err := s.ticket.chargeable(); err != nil {
		return err
	}
	table, err := s.till.todaysVAT(ctx, tx)
	if err != nil {
		return err
	}
	s.ticket.charge(table, tx.Day())
	for _, l := range s.ticket.Lines {
		if l.Kind == LineRedemption {
			s.served = append(s.served, l)
		} else {
			s.bought = append(s.bought, l)
		}
	}
	if s.result.Total, s.result.Outside = s.ticket.owed(), s.ticket.outside(); s.result.Outside > 0 && len(s.bought) == 0 {
		return errAsideAlone
	}
	s.shift, err = s.till.openShift(ctx, tx)
	return err
}

// journalTicket writes the TICKET entry, unless the ticket only serves from the shelf.
func (s *settlement) journalTicket(ctx context.Context, tx *data.Tx) error {
	if len(s.bought) == 0 {
		return nil
	}
	b := journal.TicketBody{Mode: journal.Mode(s.ticket.Mode), Auth: s.ticket.auth(s.by.Operator.Code), Notes: s.ticket.Noted}
	for _, l := range s.bought {
		n := len(b.Lines) + 1
		s.numbered = append(s.numbered, n)
		b.Lines = append(b.Lines, l.fiscal(s.ticket.Mode, n)...)
	}
	b.Rates, b.Total = journal.Settle(b.Lines)
	for _, a := range s.ticket.Aside {
		b.NonTurnover = append(b.NonTurnover, journal.NonTurnover{K: journal.OtherPassThrough, Amt: a.Amount})
	}
	for i, t := range s.tenders {
		means, _ := t.Means.journal()
		b.Pay = append(b.Pay, journal.Payment{N: i + 1, Means: means, Amt: t.Amount, Given: t.Given, Change: t.Given - t.Amount, Ref: t.ref})
	}
	var err error
	s.body = b
	s.entry, err = s.append(ctx, tx, journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Body: b})
	s.result.Number = s.entry.Number
	return err
}

func (s *settlement) append(ctx context.Context, tx *data.Tx, d journal.Draft) (journal.Entry, error) {
	d.Op, d.Training = s.by.Operator.Code, s.ticket.Training
	e, err := s.till.journal.Append(ctx, tx, d)
	if err == nil {
		s.journal = append(s.journal, e.Seq)
	}
	return e, err
}

func (s *settlement) writeSale(ctx context.Context, tx *data.Tx) error {
	if len(s.bought) == 0 {
		return nil
	}
	code, err := s.code(tx, "receipt")
	if err != nil {
		return err
	}
	s.result.ID, s.result.ReceiptCode, s.result.ReceiptURL = tx.NewID(), code, s.till.receiptURL(code)
	gift, err := s.giftCode(tx)
	if err != nil {
		return err
	}
	row := saleRow{gift: gift, seq: s.entry.Seq, id: s.result.ID, number: s.entry.Number, day: s.entry.Day, at: s.entry.At,
		operator: s.by.Operator.Code, shift: s.shift.ID, mode: s.ticket.Mode, total: s.body.Total.TTC, outside: s.result.Outside, code: code}
	lines := make([]lineRow, len(s.bought))
	for i, l := range s.bought {
		lines[i] = lineRow{n: s.numbered[i], product: l.Product, name: l.Name, category: l.Category, kind: l.Kind, qty: l.Qty,
			unit: l.unit(), disc: l.cut(l.Qty), rate: l.Parts[0].rate(s.ticket.Mode), food: l.food()}
		if l.Kind == LineGift {
			lines[i].class = l.Class
		}
		if lines[i].disc > 0 {
			lines[i].reason = l.Discount.Reason
		}
		if l.earns() {
			lines[i].mealUnits = l.MealUnits
		}
		if lines[i].mealUnits > 0 {
			s.meals[strconv.Itoa(lines[i].n)] = l.MealUnits
		}
		for k := range lines[i].mealUnits * l.Qty {
			s.units = append(s.units, unitID(row.seq, lines[i].n, k+1))
		}
	}
	row.units = len(s.units)
	return row.write(ctx, tx, lines, s.body)
}

func (s *settlement) code(tx *data.Tx, use string) (string, error) {
	random, err := s.till.random(tx, use, s.by.Command)
	if err != nil {
		return "", err
	}
	return loyalty.NewCode(random, receiptLetters)
}

// giftCode draws the code under which the donor sees what became of the gifts; empty when nothing is given. It is
// no code of the receipt, nor made from it: whoever is shown the proof learns nothing else of the sale.
func (s *settlement) giftCode(tx *data.Tx) (string, error) {
	if s.lot != nil || !slices.ContainsFunc(s.bought, func(l line) bool { return l.Kind == LineGift }) { // a sponsor is told counts (T17)
		return "", nil
	}
	code, err := s.code(tx, "gift")
	s.result.GiftCode, s.result.GiftURL = code, s.till.giftURL(code)
	return code, err
}

func (s *settlement) pledgeGifts(ctx context.Context, tx *data.Tx) error {
	for i, l := range s.bought {
		if l.Kind != LineGift {
			continue
		}
		for k := range l.Qty {
			it, err := suspended.Give(ctx, tx, suspended.Gift{Class: l.Class, Funded: l.unit(), Cost: l.Cost, Sponsor: s.lot != nil,
				SaleLine: lineID(s.entry.Seq, s.numbered[i]), N: k + 1})
			if err != nil {
				return err
			}
			s.items = append(s.items, it.ID)
		}
	}
	return s.creditFunds(ctx, tx)
}

func (s *settlement) fillDrawer(ctx context.Context, tx *data.Tx) error {
	for i, t := range s.tenders {
		if t.Means != Cash {
			continue
		}
		if err := drawerEntry(ctx, tx, s.entry.Seq, s.shift.ID, drawerSale, t.Amount); err != nil {
			return err
		}
		if i < len(s.ticket.Payments) { // it was opened when that part was paid
			continue
		}
		told, err := s.till.kick(ctx, tx, s.by)
		if err != nil {
			return err
		}
		s.ticket.printed = s.ticket.printed || told
	}
	return s.releaseParts(ctx, tx)
}

// releaseParts takes the cash of the parts paid before out of the drawer: it is in the sale's own row now.
func (s *settlement) releaseParts(ctx context.Context, tx *data.Tx) error {
	cash := s.ticket.paidBy(Cash)
	if cash == 0 {
		return nil
	}
	seq, err := s.till.moveDrawer(ctx, tx, s.by, s.shift, -cash, partPaid(s.ticket.ID))
	s.journal = append(s.journal, seq)
	return err
}

// serveItems hands out what the order takes from the shelf. What was bought beside it is under an event that is written
// already, and which this one does not name: no row of a serving leads to a sale, its card or its command (I16).
func (s *settlement) serveItems(ctx context.Context, tx *data.Tx) error {
	if len(s.served) == 0 {
		return nil
	}
	if len(s.bought) > 0 {
		if err := tx.Divide(ctx); err != nil {
			return err
		}
	}
	s.journal, s.items = nil, nil
	for _, l := range s.served {
		for range l.Qty {
			if err := s.serveOne(ctx, tx, l); err != nil {
				return err
			}
		}
	}
	left, err := s.till.houseBudgetLeft(ctx, tx, tx.Day())
	if err != nil {
		return err
	}
	if left < 0 {
		s.result.Warnings = append(s.result.Warnings, WarnHouseBudget)
	}
	e := data.Event{Type: "shelf.served", Topics: []string{"shelf"}, Body: map[string]any{"journal": s.journal, "items": s.items}}
	if len(s.tokens) > 0 {
		e.Body = map[string]any{"journal": s.journal, "items": s.items, "by_token": s.tokens}
	}
	if len(s.bought) == 0 {
		e.Topics = append(e.Topics, s.topics()...)
	}
	return tx.Record(e)
}

func (s *settlement) toKitchen(ctx context.Context, tx *data.Tx) error {
	if err := s.till.toKitchen(ctx, tx, &s.ticket, line.unsent); err != nil {
		return err
	}
	s.till.slipUnsent(tx, &s.ticket)
	full, err := s.till.printSlips(ctx, tx, &s.ticket)
	if full {
		s.result.Warnings = append(s.result.Warnings, WarnPrintFull)
	}
	return err
}

// closeTicket settles the order. Its row stays: what was served is taken off it, and the card with it when nothing else was on
// it, so that no row says of a card that somebody was served with it (I16). A page that was reloaded finds the sale.
func (s *settlement) closeTicket(ctx context.Context, tx *data.Tx) error {
	if s.ticket.ID == "" {
		return nil // rung and paid in one call: there never was an open ticket
	}
	s.ticket.State, s.ticket.Sale = ticketPaid, s.result.ID
	s.ticket.Lines = slices.DeleteFunc(s.ticket.Lines, func(l line) bool { return l.Kind == LineRedemption })
	s.promises.Promises, s.ticket.Promises = s.ticket.Promises, nil
	if len(s.bought) == 0 {
		s.ticket.detachAll()
	}
	return s.ticket.save(ctx, tx)
}

// errSums ends the transaction, not the café.
var errSums = errors.New("the sale does not add up")

// checkSums asserts what must hold of the sale before it is committed; Check asserts it again on read.
func (s *settlement) checkSums(context.Context, *data.Tx) error {
	var paid money.Cents
	for _, t := range s.tenders {
		paid += t.Amount
	}
	gifts := 0 // that must be on the shelf; one of training never is
	for _, l := range s.bought {
		if l.Kind == LineGift && !s.ticket.Training {
			gifts += l.Qty
		}
	}
	switch {
	case paid != s.result.Total || s.body.Total.TTC+s.result.Outside != s.result.Total:
		return fmt.Errorf("%w: total %d, tendered %d, journaled %d", errSums, s.result.Total, paid, s.body.Total.TTC)
	case len(s.items) != gifts+s.result.Released:
		return fmt.Errorf("%w: %d items for %d gifts and %d releases", errSums, len(s.items), gifts, s.result.Released)
	case s.result.Stamps > len(s.units):
		return fmt.Errorf("%w: %d stamps for %d meals", errSums, s.result.Stamps, len(s.units))
	}
	return nil
}

func (s *settlement) record(_ context.Context, tx *data.Tx) error {
	if len(s.bought) == 0 {
		return nil // serveItems records what was served
	}
	body := map[string]any{"journal": s.journal, "account": s.ticket.Account, "stamps": s.result.Stamps, "items": nonNil(append(s.items, s.minted...)), "meals": s.meals}
	if len(s.ticket.Cards) > 0 {
		body["accounts"] = s.stamped // of several cards each its own
	}
	e := data.Event{Type: "sale.paid", Topics: s.topics(), Body: body}
	if len(s.items)+len(s.minted) > 0 {
		e.Topics = append(e.Topics, "shelf")
	}
	for _, c := range s.stamped {
		e.Topics = append(e.Topics, "card:"+c.number)
	}
	return tx.Record(e)
}

// topics are what screens read again when an order is settled.
func (s *settlement) topics() []string {
	all := []string{"sales", "tickets"}
	if s.ticket.ID != "" {
		all = append(all, "ticket:"+s.ticket.ID)
	}
	if s.ticket.kitchen {
		all = append(all, topicKitchen)
	}
	if s.ticket.printed {
		all = append(all, spool.Topic)
	}
	return all
}

// nonNil writes an absent list as [].
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
