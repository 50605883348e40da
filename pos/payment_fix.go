package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// FixRequest puts the means of a payment right: it was taken by one, and entered under another.
type FixRequest struct {
	From     Means       `json:"from"`   // as it was entered
	To       Means       `json:"to"`     // as it was taken
	Amount   money.Cents `json:"amount"` // above 0; 0 is all that the document has on From
	Reason   string      `json:"reason"`
	Approval *Approval   `json:"approval"`
}

// PaymentFix is one correction of the means of a sale or a refund.
type PaymentFix struct {
	Number   string      `json:"number"` // of the document corrected
	From     Means       `json:"from"`
	To       Means       `json:"to"`
	Amount   money.Cents `json:"amount"` // negative of a refund
	Reason   string      `json:"reason"`
	Day      string      `json:"day"` // business day of the correction, which is the one it counts in
	At       time.Time   `json:"at"`
	Operator string      `json:"operator"` // code
	Auth     string      `json:"auth"`     // code of the manager who allowed it; empty: none, or who made it
}

var (
	errFix         = fault.New(fault.Invalid, "fix.invalid", "A correction moves an amount from one means of payment to another.")
	errFixBeyond   = fault.New(fault.Invalid, "fix.beyond", "Not so much was paid by this means.")
	errFixRefunded = fault.New(fault.Conflict, "fix.refunded", "What was given back since would no longer match the means it was paid by.")
	errFixApproval = fault.New(fault.Denied, "fix.approval", "This correction needs a manager.")
)

// FixPayment corrects the means of a payment (fiscal R42): a PAY_FIX entry of today, with so much less by one means and so
// much more by the other; the sale and its document stay as they were. Cash moves in the drawer of the open shift. The
// laws of the means hold after it: a meal voucher pays food only, and what vouchers paid is what vouchers got back.
// A barista alone corrects Settings.FixAlone of a document, in all, of a day that is still open; more, or later, needs a manager's PIN, of which
// nothing is kept.
//
// Refusals: right.missing, sale.unknown, tenders.means (from, to), fix.invalid (from, to), fix.beyond (args max),
// voucher.food, fix.refunded, shift.none, reason.missing, fix.approval, approval.wrong, pin.wait, training.real, training.over.
func (t *Till) FixPayment(ctx context.Context, by By, saleID string, r FixRequest) (PaymentFix, error) {
	if r.Approval != nil {
		by.Command = by.Command.Of([]byte("fix"), []byte(by.Operator.ID), []byte(saleID), []byte(r.From), []byte(r.To),
			[]byte(r.Amount.String()), []byte(r.Reason), []byte(r.Approval.Operator))
	}
	made, err := t.fixPayment(ctx, by, saleID, r, keptOperator{})
	if r.Approval == nil || fault.CodeOf(err) != errFixApproval.Code {
		return made, err
	}
	manager, err := t.approve(ctx, by, *r.Approval)
	if err != nil {
		return PaymentFix{}, err
	}
	return t.fixPayment(ctx, by, saleID, r, manager)
}

func (t *Till) fixPayment(ctx context.Context, by By, saleID string, r FixRequest, manager keptOperator) (PaymentFix, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (PaymentFix, error) {
		if err := t.forReal(tx, by); err != nil {
			return PaymentFix{}, err
		}
		s, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return PaymentFix{}, err
		}
		if s.Training {
			return PaymentFix{}, errTrainingOver.With("number", s.Number)
		}
		b, err := t.fix(ctx, tx, s, &r)
		if err != nil {
			return PaymentFix{}, err
		}
		if b.Auth, err = t.mayFix(ctx, tx, by, s, r, manager); err != nil {
			return PaymentFix{}, err
		}
		return t.keepFix(ctx, tx, by, s, r, b)
	})
}

// fix checks a correction against what was paid and given back, and returns its body.
func (t *Till) fix(ctx context.Context, tx *data.Tx, s Sale, r *FixRequest) (b journal.PayFixBody, err error) {
	var known bool
	for _, m := range []struct {
		field string
		means Means
		into  *journal.Means
	}{{"from", r.From, &b.From}, {"to", r.To, &b.To}} {
		if m.means == "" {
			return b, errFix.Field(m.field, "required")
		}
		if *m.into, known = m.means.journal(); !known {
			return b, errTenders("tenders.means", "There is no such means of payment.", m.field, "one_of")
		}
	}
	if r.From == r.To {
		return b, errFix.Field("to", "same")
	}
	if r.Reason, err = cleanReason(r.Reason); err != nil {
		return b, err
	}
	paid, err := paidNow(ctx, tx, s.seq)
	if err != nil {
		return b, err
	}
	sign := money.Cents(1)
	if s.Kind == kindRefund {
		sign = -1
	}
	has := paid[b.From] * sign
	if r.Amount == 0 {
		r.Amount = has
	}
	if r.Amount <= 0 || r.Amount > has {
		return b, errFixBeyond.Field("amount", codeRange).With("max", has)
	}
	b.Amt, b.Of, b.Reason = r.Amount*sign, journal.Ref{Doc: s.Number, Seq: s.seq}, r.Reason
	return b, t.keepsMeans(ctx, tx, s, b)
}

// paidNow is what a document has on each means, corrections counted; negative of a refund. It reads the journal itself:
// the rows only say where the corrections are.
func paidNow(ctx context.Context, q data.Querier, seq int64) (map[journal.Means]money.Cents, error) {
	var b journal.TicketBody
	if err := decodeEntry(ctx, q, seq, &b); err != nil {
		return nil, err
	}
	paid := make(map[journal.Means]money.Cents)
	for _, p := range b.Pay {
		paid[p.Means] += p.Amt
	}
	fixes, err := data.All(ctx, q, func(r *data.Rows) (seq int64, err error) { err = r.Scan(&seq); return seq, err },
		`SELECT seq FROM payment_fixes WHERE sale = ? ORDER BY seq`, seq)
	if err != nil {
		return nil, fmt.Errorf("corrections of entry %d: %w", seq, err)
	}
	for _, fixed := range fixes {
		var f journal.PayFixBody
		if err := decodeEntry(ctx, q, fixed, &f); err != nil {
			return nil, err
		}
		paid[f.From] -= f.Amt
		paid[f.To] += f.Amt
	}
	return paid, nil
}

// keepsMeans holds the law of meal vouchers over a sale and its refunds as the correction would leave them (I11): they
// pay food, and what they paid goes back to them, and nothing else does.
func (t *Till) keepsMeans(ctx context.Context, tx *data.Tx, s Sale, b journal.PayFixBody) error {
	sale := s
	if s.Kind == kindRefund {
		var err error
		if sale, err = t.loadSale(ctx, tx, s.RefundOf); err != nil {
			return err
		}
	}
	documents, err := refundsOf(ctx, tx, sale)
	if err != nil {
		return err
	}
	var vouchers, others money.Cents
	for _, seq := range append(documents, sale.seq) {
		paid, err := paidNow(ctx, tx, seq)
		if err != nil {
			return err
		}
		if seq == s.seq {
			paid[b.From] -= b.Amt
			paid[b.To] += b.Amt
		}
		if seq == sale.seq {
			if err := voucherFood(paid[journal.ByMealVoucher], sale.food()); err != nil {
				return err
			}
		}
		for means, amount := range paid {
			if means == journal.ByMealVoucher {
				vouchers += amount
			} else {
				others += amount
			}
		}
	}
	if vouchers < 0 || others < 0 {
		return errFixRefunded.Field("amount", "refunded")
	}
	return nil
}

// food is what meal vouchers may pay of a sale.
func (s *Sale) food() money.Cents {
	var sum money.Cents
	for _, l := range s.Lines {
		sum += l.food
	}
	return sum
}

// mayFix returns the manager who allows a correction, when that is another than who makes it. Large ones need one, and
// those of a day that is over: they change what was counted and signed.
func (t *Till) mayFix(ctx context.Context, tx *data.Tx, by By, s Sale, r FixRequest, manager keptOperator) (string, error) {
	if by.Operator.Role == RoleManager {
		return "", nil
	}
	if manager.ID != "" {
		return manager.Code, stillManages(ctx, tx, manager)
	}
	chosen, err := loadSettings(ctx, tx)
	if err != nil {
		return "", err
	}
	alone, err := fixedAlone(ctx, tx, s)
	if err != nil {
		return "", err
	}
	if r.Amount+alone > chosen.FixAlone || s.Day != tx.Day() {
		return "", errFixApproval.With("max", chosen.FixAlone)
	}
	return "", nil
}

// fixedAlone is what was moved on a document without a manager's PIN, either way: a large correction in slices is a large
// one.
func fixedAlone(ctx context.Context, q data.Querier, s Sale) (sum money.Cents, err error) {
	if err := q.QueryRow(ctx, `SELECT coalesce(sum(abs(amount)), 0) FROM payment_fixes WHERE sale = ? AND auth = ''`, s.seq).Scan(&sum); err != nil {
		return 0, fmt.Errorf("corrections of %s: %w", s.Number, err)
	}
	return sum, nil
}

// keepFix journals a correction, writes its row and moves the drawer.
func (t *Till) keepFix(ctx context.Context, tx *data.Tx, by By, s Sale, r FixRequest, b journal.PayFixBody) (PaymentFix, error) {
	var cash money.Cents
	switch {
	case r.From == Cash:
		cash = -b.Amt
	case r.To == Cash:
		cash = b.Amt
	}
	var shift Shift
	if cash != 0 {
		var err error
		if shift, err = t.openShift(ctx, tx); err != nil {
			return PaymentFix{}, err
		}
	}
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindPayFix, Op: by.Operator.Code, Body: b})
	if err != nil {
		return PaymentFix{}, err
	}
	f := PaymentFix{Number: s.Number, From: r.From, To: r.To, Amount: b.Amt, Reason: r.Reason, Day: e.Day, At: e.At, Operator: by.Operator.Code, Auth: b.Auth}
	if _, err := tx.Exec(ctx, `INSERT INTO payment_fixes (seq, sale, day, at, operator, auth, from_means, to_means, amount, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, s.seq, f.Day, f.At.UnixMilli(), f.Operator, f.Auth, string(f.From), string(f.To), int64(f.Amount), f.Reason); err != nil {
		return PaymentFix{}, fmt.Errorf("correct %s: %w", s.Number, err)
	}
	topics := []string{"sales"}
	if cash != 0 {
		topics = append(topics, topicShift)
		if err := drawerEntry(ctx, tx, e.Seq, shift.ID, fixCause(cash), cash); err != nil {
			return PaymentFix{}, err
		}
	}
	return f, tx.Record(data.Event{Type: "payment.fixed", Topics: topics, Body: map[string]any{"journal": []int64{e.Seq}}})
}

// fixCause is why a correction moves the drawer: money is in it, or is not.
func fixCause(cash money.Cents) string {
	if cash < 0 {
		return drawerOut
	}
	return drawerIn
}

// fixesLimit bounds how many corrections of one document are listed: each moves a cent at least, and nobody makes so many.
const fixesLimit = 100

// fixesOf lists the corrections of a document, the first first.
func fixesOf(ctx context.Context, q data.Querier, s Sale) ([]PaymentFix, error) {
	fixes, err := data.All(ctx, q, func(r *data.Rows) (PaymentFix, error) {
		f := PaymentFix{Number: s.Number}
		var at int64
		err := r.Scan(&f.From, &f.To, &f.Amount, &f.Reason, &f.Day, &at, &f.Operator, &f.Auth)
		f.At = time.UnixMilli(at).UTC()
		return f, err
	}, `SELECT from_means, to_means, amount, reason, day, at, operator, auth FROM payment_fixes WHERE sale = ? ORDER BY seq LIMIT ?`, s.seq, fixesLimit)
	return nonNil(fixes), err
}

// PaidBy is what a document has on each means, corrections counted, in the order in which they were entered; means with
// nothing left are not told. Negative of a refund.
func (s *Sale) PaidBy() []TenderTotal {
	all := []TenderTotal{}
	add := func(m Means, amount money.Cents, count int) {
		for i := range all {
			if all[i].Means == m {
				all[i].Amount += amount
				all[i].Count += count
				return
			}
		}
		all = append(all, TenderTotal{m, amount, count})
	}
	for _, x := range s.Tenders {
		add(x.Means, x.Amount, 1)
	}
	for _, f := range s.Fixes {
		add(f.From, -f.Amount, 0)
		add(f.To, f.Amount, 0)
	}
	kept := all[:0]
	for _, x := range all {
		if x.Amount != 0 {
			kept = append(kept, x)
		}
	}
	return kept
}

// fixTenders moves the totals of means by the corrections that a query finds: columns from_means, to_means, amount.
func fixTenders(ctx context.Context, q data.Querier, totals []TenderTotal, query string, args ...any) ([]TenderTotal, error) {
	by := make(map[Means]int)
	for i, x := range totals {
		by[x.Means] = i
	}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var from, to Means
		var amount money.Cents
		if err := r.Scan(&from, &to, &amount); err != nil {
			return err
		}
		for _, move := range []TenderTotal{{Means: from, Amount: -amount}, {Means: to, Amount: amount}} {
			if _, known := by[move.Means]; !known {
				by[move.Means] = len(totals)
				totals = append(totals, TenderTotal{Means: move.Means})
			}
			totals[by[move.Means]].Amount += move.Amount
		}
		return nil
	}, query, args...)
	return totals, err
}
