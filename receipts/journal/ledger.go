package journal

import (
	"context"
	"fmt"

	"comptoir/data/money"
)

// ledger is what a verification remembers of the bodies it has passed.
type ledger struct {
	totals totals
	left   map[int64]*leftover // of refunded tickets only, by seq
	undone map[int64]bool      // redemptions undone, by seq

	copies   map[int64]int64 // duplicates, by seq of the document
	invoiced map[int64]int64 // invoices, by seq of the ticket
	moved    map[int64]map[Means]money.Cents
	archive  *Ref // manifest and seq of the newest archive
}

func newLedger() ledger {
	return ledger{left: map[int64]*leftover{}, undone: map[int64]bool{}, copies: map[int64]int64{}, invoiced: map[int64]int64{},
		moved: map[int64]map[Means]money.Cents{}}
}

// leftover is what refunds have left of one ticket.
type leftover struct {
	rates map[money.BasisPoints]money.Cents
	lines map[int]*Line // qty and ttc are what is left
}

// follow checks a body against the rules and the bodies before it, and moves the totals.
func (w *walker) follow(ctx context.Context, it *item) error {
	w.account(it, w.ledger.totals)
	rule := func(check, breach string) {
		if breach != "" {
			w.report.add(it.seq, check, "%s", breach)
		}
	}
	if b, sale := it.body.(*TicketBody); sale {
		return w.followSale(ctx, it, b, rule)
	}
	if speaks, err := w.followReference(ctx, it, rule); speaks || err != nil {
		return err
	}
	if it.env.Training {
		return nil // in no pool (fiscal R69)
	}
	l := &w.ledger
	var breach string
	switch b := it.body.(type) {
	case *NoteBody:
		rule(CheckArithmetic, checkNote(b))
	case *CashBody:
		rule(CheckArithmetic, checkCash(b))
	case *RedeemBody:
		rule(CheckArithmetic, checkRedeem(b))
		if b.Ref != nil {
			breach, err := w.undo(ctx, it, b)
			if err != nil {
				return err
			}
			rule(CheckRefund, breach)
		}
		l.totals, breach = l.totals.redeem(b)
		rule(CheckPool, breach)
		if after := l.totals.pool(b.Class); after != b.PoolAfter {
			rule(CheckPool, fmt.Sprintf("pool_after %d, the journal adds up to %d", b.PoolAfter, after))
		}
	case *AdjustBody:
		rule(CheckArithmetic, checkAdjust(b))
		l.totals, breach = l.totals.adjust(b)
		rule(CheckPool, breach)
		if after := l.totals.pool(b.Class); after != b.PoolAfter {
			rule(CheckPool, fmt.Sprintf("pool_after %d, the journal adds up to %d", b.PoolAfter, after))
		}
	case *ReleaseBody:
		rule(CheckArithmetic, checkRelease(b))
		l.totals, breach = l.totals.release(b)
		rule(CheckPool, breach)
		if after := l.totals.pool(b.Class); after != b.PoolAfter {
			rule(CheckPool, fmt.Sprintf("pool_after %d, the journal adds up to %d", b.PoolAfter, after))
		}
	}
	return nil
}

func (w *walker) followSale(ctx context.Context, it *item, b *TicketBody, rule func(check, breach string)) error {
	sign, remaining := int64(1), map[money.BasisPoints]money.Cents(nil)
	if it.env.Kind == KindRefund {
		sign = -1
	}
	rule(CheckArithmetic, checkSale(b, sign))
	if sign < 0 && b.Ref != nil {
		left, breach, err := w.leftover(ctx, it, b.Ref)
		if err != nil {
			return err
		}
		rule(CheckRefund, breach)
		if breach == "" {
			remaining = left.rates
			rule(CheckArithmetic, checkTax(b, remaining))
			rule(CheckRefund, left.take(b))
		}
	} else if sign > 0 {
		rule(CheckArithmetic, checkTax(b, nil))
	}
	for _, note := range b.Notes {
		e, breach, err := named(ctx, w.q, it.seq, &note, KindNotePrint)
		if err != nil {
			return err
		}
		if breach == "" && e.Training != it.env.Training {
			breach = "a note of training"
		}
		rule(CheckArithmetic, breach)
	}
	if it.env.Training {
		return nil // in no total and no pool (fiscal R66)
	}
	year, err := fiscalYear(it.env.Day, w.rules.FiscalStart)
	if err != nil {
		return nil //nolint:nilerr // reported by number
	}
	var breach string
	w.ledger.totals, breach = w.ledger.totals.sale(b, year)
	rule(CheckPool, breach)
	if want := w.ledger.totals.gt(); !b.GT.equal(want) {
		rule(CheckTotals, fmt.Sprintf("gt is %+v, the journal adds up to %+v", b.GT, want))
	}
	return nil
}

// leftover returns what is left of the ticket that a refund names.
func (w *walker) leftover(ctx context.Context, it *item, ref *Ref) (*leftover, string, error) {
	e, breach, err := named(ctx, w.q, it.seq, ref, KindTicket)
	if breach != "" || err != nil {
		return nil, breach, err
	}
	if e.Training != it.env.Training {
		return nil, "a refund across training", nil
	}
	if left, found := w.ledger.left[ref.Seq]; found {
		return left, "", nil
	}
	var b TicketBody
	if err := e.Decode(&b); err != nil {
		return nil, fmt.Sprintf("ticket %s cannot be read", ref.Doc), nil //nolint:nilerr // an anomaly of the journal, not an error of the walk
	}
	left := &leftover{rates: map[money.BasisPoints]money.Cents{}, lines: map[int]*Line{}}
	for _, l := range b.Lines {
		left.lines[l.N] = &l
		left.rates[l.BP] += l.TTC
	}
	w.ledger.left[ref.Seq] = left
	return left, "", nil
}

// take takes a refund from what is left: never more than there is, at the original price and rate, and to the
// cent when the last of a line goes (fiscal R41, R89).
func (left *leftover) take(b *TicketBody) string {
	var breach string
	for i := range b.Lines {
		l := &b.Lines[i]
		left.rates[l.BP] += l.TTC
		o, found := left.lines[l.RefN]
		if !found {
			breach = fmt.Sprintf("line %d refunds line %d, which the ticket does not have", l.N, l.RefN)
			continue
		}
		o.Qty += l.Qty
		o.TTC += l.TTC
		switch {
		case l.BP != o.BP || l.PU != o.PU || l.K != o.K || l.Class != o.Class || l.SKU != o.SKU:
			breach = fmt.Sprintf("line %d is not at the price and rate of the ticket's line %d", l.N, l.RefN)
		case o.Qty < 0 || o.TTC < 0:
			breach = fmt.Sprintf("line %d refunds more than was sold", l.N)
		case o.Qty == 0 && o.TTC != 0:
			breach = fmt.Sprintf("line %d refunds the whole quantity but leaves %d cents", l.N, o.TTC)
		}
	}
	return breach
}

// undo checks that an undone redemption is undone once, and as what it was.
func (w *walker) undo(ctx context.Context, it *item, b *RedeemBody) (string, error) {
	e, breach, err := named(ctx, w.q, it.seq, b.Ref, KindSuspRedeem)
	if breach != "" || err != nil {
		return breach, err
	}
	var was RedeemBody
	if err := e.Decode(&was); err != nil {
		return fmt.Sprintf("redemption %s cannot be read", b.Ref.Doc), nil //nolint:nilerr // an anomaly of the journal, not an error of the walk
	}
	if was.Qty != 1 || was.Class != b.Class || was.Origin != b.Origin || e.Training {
		return fmt.Sprintf("is not the reverse of %s", b.Ref.Doc), nil
	}
	if w.ledger.undone[b.Ref.Seq] {
		return fmt.Sprintf("%s was undone before", b.Ref.Doc), nil
	}
	w.ledger.undone[b.Ref.Seq] = true
	return "", nil
}
