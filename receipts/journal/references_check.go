package journal

import (
	"context"
	"fmt"

	"comptoir/data/money"
)

// CheckReference names what an entry breaks that speaks of an earlier one: duplicates, invoices, corrections of the
// means, archives (fiscal R38, R42, R73, R94).
const CheckReference = "reference"

// followReference checks such an entry, and reports whether it is one.
func (w *walker) followReference(ctx context.Context, it *item, rule func(check, breach string)) (bool, error) {
	var breach string
	var err error
	switch b := it.body.(type) {
	case *DuplicateBody:
		rule(CheckArithmetic, checkDuplicate(b))
		breach, err = w.followCopy(ctx, it, b)
	case *InvoiceBody:
		rule(CheckArithmetic, checkInvoice(b))
		breach, err = w.followInvoice(ctx, it, b)
	case *PayFixBody:
		rule(CheckArithmetic, checkPayFix(b))
		breach, err = w.followFix(ctx, it, b)
	case *ArchiveBody:
		rule(CheckArithmetic, checkArchive(b))
		breach = checkArchived(b, w.ledger.archive, w.books.newest())
		w.ledger.archive = &Ref{Doc: b.Manifest, Seq: it.seq}
	default:
		return false, nil
	}
	if it.env.Training {
		rule(CheckReference, fmt.Sprintf("a %s in training", it.env.Kind))
	}
	rule(CheckReference, breach)
	return true, err
}

func (w *walker) followCopy(ctx context.Context, it *item, b *DuplicateBody) (string, error) {
	n := w.ledger.copies[b.Of.Seq]
	w.ledger.copies[b.Of.Seq]++
	of, breach, err := named(ctx, w.q, it.seq, &b.Of, copied()...)
	if breach != "" || err != nil {
		return breach, err
	}
	return checkCopy(b, of, n), nil
}

func (w *walker) followInvoice(ctx context.Context, it *item, b *InvoiceBody) (string, error) {
	n := w.ledger.invoiced[b.Of.Seq]
	w.ledger.invoiced[b.Of.Seq]++
	of, breach, err := named(ctx, w.q, it.seq, &b.Of, KindTicket)
	if breach != "" || err != nil {
		return breach, err
	}
	var ticket TicketBody
	if err := of.Decode(&ticket); err != nil {
		return fmt.Sprintf("ticket %s cannot be read", b.Of.Doc), nil //nolint:nilerr // an anomaly of the journal, not an error of the walk
	}
	return checkInvoiced(b, of, &ticket, n), nil
}

func (w *walker) followFix(ctx context.Context, it *item, b *PayFixBody) (string, error) {
	of, breach, err := named(ctx, w.q, it.seq, &b.Of, KindTicket, KindRefund)
	if breach != "" || err != nil {
		return breach, err
	}
	var document TicketBody
	if err := of.Decode(&document); err != nil {
		return fmt.Sprintf("document %s cannot be read", b.Of.Doc), nil //nolint:nilerr // an anomaly of the journal, not an error of the walk
	}
	moved := w.ledger.moved[b.Of.Seq]
	if moved == nil {
		moved = make(map[Means]money.Cents)
		w.ledger.moved[b.Of.Seq] = moved
	}
	breach = checkFixed(b, of, &document, moved)
	moved[b.From] -= b.Amt
	moved[b.To] += b.Amt
	return breach, nil
}
