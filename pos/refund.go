package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// RefundRequest gives back what was paid for some lines.
type RefundRequest struct {
	Lines    []RefundLine `json:"lines"`
	Tender   Means        `json:"tender"` // how the money goes back
	Reason   string       `json:"reason"`
	Proof    string       `json:"proof,omitempty"`     // code of the gifts, typed or scanned; needed by a barista for a gift line
	Approval *Approval    `json:"approval,omitempty"`  // of a manager, for a gift line without its proof on its own day, and for what a fund has
	RoundUps bool         `json:"round_ups,omitempty"` // what the sale collected for associations too, all of it
}

// RefundLine is so much of a line.
type RefundLine struct {
	Line int `json:"line"`
	Qty  int `json:"qty"`
}

// RefundResult is what a refund came to. Total is negative.
type RefundResult struct {
	ID             string      `json:"id"`
	Number         string      `json:"number"`            // of the A document
	Total          money.Cents `json:"total"`             // what was given back: turnover and Outside
	Outside        money.Cents `json:"outside,omitempty"` // of it, that was for associations
	StampsReversed int         `json:"stamps_reversed"`
	ItemsRetracted int         `json:"items_retracted"` // gifts and releases taken off the shelf
	HouseAdvance   int         `json:"house_advance"`   // meals now advanced by the house to the accounts concerned
}

// refund is one refund on its way.
type refund struct {
	till     *Till
	by       By
	manager  keptOperator // who approved it; nobody when it needs no one
	request  RefundRequest
	sale     Sale
	original journal.TicketBody
	left     map[int]int                       // units not refunded yet, by line of the original
	remains  map[money.BasisPoints]money.Cents // of the original, tax included, by rate
	vouchers money.Cents                       // paid by titre-restaurant and not refunded yet
	outside  money.Cents                       // given for associations and not given back yet
	others   money.Cents                       // paid by other means and not refunded yet
	shift    Shift
	body     journal.TicketBody
	rows     []lineRow
	units    []string
	entry    journal.Entry
	journal  []int64
	topics   []string
	result   RefundResult
}

// Refund gives lines of a sale back with their original cents and rates, today, as a document of its own: nothing
// of the sale changes (fiscal R40, R41). Stamps of refunded meals are taken back from the accounts that have them
// by the release law; gifts only while the shelf still holds them, with the donor's proof or a manager (cases 35 to 39): the
// PIN is compared outside the writer, and neither it nor a digest of it is stored. Refusals: sale.unknown, refund.of_refund,
// refund.empty, refund.beyond (naming lines[i].qty), refund.voucher, tenders.means, reason.missing, shift.none, gift.served,
// gift.proof, fund.manager, fund.day, fund.spent, approval.wrong, pin.wait; training.real and training.over: training refunds what was sold in training, and
// nothing else does.
func (t *Till) Refund(ctx context.Context, by By, saleID string, r RefundRequest) (RefundResult, error) {
	if r.Approval != nil {
		input := [][]byte{[]byte("refund"), []byte(by.Operator.ID), []byte(saleID), []byte(r.Tender), []byte(r.Reason), []byte(r.Proof), []byte(r.Approval.Operator), fmt.Append(nil, r.RoundUps)}
		for _, l := range r.Lines {
			input = append(input, fmt.Append(nil, l.Line, "x", l.Qty))
		}
		by.Command = by.Command.Of(input...)
	}
	made, err := t.refund(ctx, by, saleID, r, keptOperator{})
	if code := fault.CodeOf(err); r.Approval == nil || code != errGiftProof.Code && code != errFundManager.Code {
		return made, err
	}
	manager, err := t.approve(ctx, by, *r.Approval)
	if err != nil {
		return RefundResult{}, err
	}
	return t.refund(ctx, by, saleID, r, manager)
}

func (t *Till) refund(ctx context.Context, by By, saleID string, r RefundRequest, manager keptOperator) (RefundResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (RefundResult, error) {
		sale, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return RefundResult{}, err
		}
		f := &refund{till: t, by: by, manager: manager, request: r, sale: sale, topics: []string{"sales"}}
		for _, step := range []func(context.Context, *data.Tx) error{
			f.check, f.loadOriginal, f.shape, f.mayTakeGifts, f.mayTakeFunds, f.retractGifts, f.journalRefund, f.write, f.takeFunds, f.reverseStamps, f.record,
		} {
			if err := step(ctx, tx); err != nil {
				return RefundResult{}, err
			}
		}
		return f.result, nil
	})
}

func (f *refund) check(ctx context.Context, tx *data.Tx) (err error) {
	switch training := f.till.inTraining(tx); {
	case f.sale.Training && !training:
		return errTrainingOver.With("number", f.sale.Number)
	case training && !f.sale.Training:
		return errTrainingReal
	}
	if f.sale.Kind != "sale" {
		return fault.New(fault.Invalid, "refund.of_refund", "A refund cannot be refunded; sell again instead.").With("number", f.sale.Number)
	}
	if f.request.Reason, err = cleanReason(f.request.Reason); err != nil {
		return err
	}
	if _, known := f.request.Tender.journal(); !known {
		return errTenders("tenders.means", "There is no such means of payment.", "tender", "one_of")
	}
	if len(f.request.Lines) == 0 {
		return fault.New(fault.Invalid, "refund.empty", "Say which lines to refund.").Field("lines", "required")
	}
	f.shift, err = f.till.openShift(ctx, tx)
	return err
}

// loadOriginal reads what was sold and what was refunded of it from the journal itself: the derived rows only say
// where the entries are, and must agree.
func (f *refund) loadOriginal(ctx context.Context, tx *data.Tx) error {
	if err := decodeEntry(ctx, tx, f.sale.seq, &f.original); err != nil {
		return err
	}
	f.left, f.remains = map[int]int{}, map[money.BasisPoints]money.Cents{}
	f.count(f.original)
	earlier, err := refundsOf(ctx, tx, f.sale)
	if err != nil {
		return err
	}
	for _, seq := range earlier {
		var b journal.TicketBody
		if err := decodeEntry(ctx, tx, seq, &b); err != nil {
			return err
		}
		f.count(b)
	}
	for _, seq := range append(earlier, f.sale.seq) {
		if err := f.countMeans(ctx, tx, seq); err != nil {
			return err
		}
	}
	for _, l := range f.sale.Lines {
		if f.left[l.ID] != l.Qty-l.RefundedQty {
			return fmt.Errorf("refund of %s: line %d has %d left in the journal, %d in the derived rows; run comptoir doctor",
				f.sale.Number, l.ID, f.left[l.ID], l.Qty-l.RefundedQty)
		}
	}
	return nil
}

// refundsOf returns the entries that refund a sale, the first first.
func refundsOf(ctx context.Context, q data.Querier, s Sale) ([]int64, error) {
	query := `SELECT seq FROM sales WHERE refunds = ? ORDER BY seq`
	if s.Training {
		query = `SELECT seq FROM training_documents WHERE reverses = ? ORDER BY seq`
	}
	return data.All(ctx, q, func(r *data.Rows) (seq int64, err error) { err = r.Scan(&seq); return seq, err }, query, s.seq)
}

// count adds a ticket, or a refund with its negative amounts, to what is left.
func (f *refund) count(b journal.TicketBody) {
	for _, l := range b.Lines {
		n := l.N
		if l.RefN != 0 {
			n = l.RefN
		}
		f.left[n] += int(l.Qty / 1000)
	}
	for _, r := range b.Rates {
		f.remains[r.BP] += r.TTC
	}
	f.outside += outside(b)
}

// countMeans adds what a document has on each means, corrections counted, to what is left.
func (f *refund) countMeans(ctx context.Context, q data.Querier, seq int64) error {
	paid, err := paidNow(ctx, q, seq)
	for means, amount := range paid {
		if means == journal.ByMealVoucher {
			f.vouchers += amount
		} else {
			f.others += amount
		}
	}
	return err
}

// checkTender holds that a titre-restaurant is never turned into money: what it paid goes back to it, and nothing
// else does.
func (f *refund) checkTender() error {
	left := f.others
	if f.request.Tender == MealVoucher {
		left = f.vouchers
	}
	if -f.result.Total > left {
		return errTenders("refund.voucher", "What a meal voucher paid goes back to the voucher, and only that.", "tender", "voucher").With("max", left)
	}
	return nil
}

func decodeEntry(ctx context.Context, q data.Querier, seq int64, body any) error {
	e, err := journal.At(ctx, q, seq)
	if err != nil {
		return err
	}
	return e.Decode(body)
}

// shape builds the reversing lines, and refuses what goes beyond the sale.
func (f *refund) shape(context.Context, *data.Tx) error {
	asked := map[int]int{}
	for i, r := range f.request.Lines {
		field := fieldOf(i)
		l := f.sale.line(r.Line)
		if l == nil {
			return fault.New(fault.Invalid, "refund.beyond", "The sale has no such line.").Field(field+"line", "unknown")
		}
		left := f.left[r.Line] - asked[r.Line]
		if r.Qty < 1 || r.Qty > left {
			return fault.New(fault.Invalid, "refund.beyond", "More would be refunded than was sold.").
				Field(field+"qty", "beyond").With("left", left).With("line", r.Line)
		}
		f.reverse(*l, r.Qty, left)
		asked[r.Line] += r.Qty
	}
	return nil
}

func (s *Sale) line(n int) *SaleLine {
	for i := range s.Lines {
		if s.Lines[i].ID == n {
			return &s.Lines[i]
		}
	}
	return nil
}

// share is the part of an amount that falls to the units from the first on, of so many in all: cumulative shares,
// rounded half up, so that all the pieces of an amount add up to it however it is cut.
func share(amount money.Cents, first, units, of int) money.Cents {
	upTo := func(n int) money.Cents { return (2*amount*money.Cents(n) + money.Cents(of)) / (2 * money.Cents(of)) }
	return upTo(first+units) - upTo(first)
}

// reverse adds the negative lines of qty of l, options and components with it, each with its share of the discount,
// and the meal units that go: the highest of those left.
func (f *refund) reverse(l SaleLine, qty, left int) {
	first, gone := len(f.body.Lines)+1, l.Qty-left
	var unit, disc money.Cents
	for _, o := range f.original.Lines {
		if o.N != l.ID && o.Parent != l.ID {
			continue
		}
		n := len(f.body.Lines) + 1
		o.RefN, o.N, o.Reason = o.N, n, f.request.Reason
		o.Disc = -share(o.Disc, gone, qty, l.Qty)
		o.Qty, o.TTC = -int64(qty)*1000, -o.PU*money.Cents(qty)-o.Disc
		if o.Parent != 0 {
			o.Parent = first
		}
		unit, disc = unit+o.PU, disc+o.Disc
		f.body.Lines = append(f.body.Lines, o)
	}
	f.rows = append(f.rows, lineRow{n: first, product: l.Product, name: l.Name, category: l.category, kind: l.Kind, class: l.class,
		qty: -qty, unit: unit, disc: disc, rate: l.VATBP, mealUnits: l.MealUnits, food: -share(l.food, gone, qty, l.Qty), of: l.ID})
	for k := (left - qty) * l.MealUnits; k < left*l.MealUnits; k++ {
		f.units = append(f.units, unitID(f.sale.seq, l.ID, k+1))
	}
}

func (f *refund) journalRefund(ctx context.Context, tx *data.Tx) error {
	f.body.Mode, f.body.Reason = f.original.Mode, f.request.Reason
	f.body.Ref = &journal.Ref{Doc: f.sale.Number, Seq: f.sale.seq}
	f.body.Rates, f.body.Total = journal.SettleRefund(f.body.Lines, f.remains)
	f.result.Total = f.body.Total.TTC
	if f.request.RoundUps && f.outside > 0 {
		f.result.Outside = -f.outside
		f.result.Total += f.result.Outside
		f.body.NonTurnover = []journal.NonTurnover{{K: journal.OtherPassThrough, Amt: f.result.Outside}}
	}
	if err := f.checkTender(); err != nil {
		return err
	}
	if f.result.Total != 0 {
		means, _ := f.request.Tender.journal()
		f.body.Pay = []journal.Payment{{N: 1, Means: means, Amt: f.result.Total, Given: f.result.Total}}
	}
	var err error
	f.entry, err = f.till.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindRefund, Series: journal.SeriesRefund, Op: f.by.Operator.Code, Training: f.sale.Training,
		Body: journal.RefundBody(f.body)})
	f.journal, f.result.Number = append(f.journal, f.entry.Seq), f.entry.Number
	return err
}

func (f *refund) write(ctx context.Context, tx *data.Tx) error {
	f.result.ID = tx.NewID()
	if f.sale.Training {
		return trainingRow(ctx, tx, f.entry.Seq, f.result.ID, f.sale.seq)
	}
	row := saleRow{seq: f.entry.Seq, id: f.result.ID, number: f.entry.Number, refunds: f.sale.seq, day: f.entry.Day, at: f.entry.At,
		operator: f.by.Operator.Code, shift: f.shift.ID, mode: f.sale.Mode, total: f.body.Total.TTC, outside: f.result.Outside}
	if err := row.write(ctx, tx, f.rows, f.body); err != nil {
		return err
	}
	if f.request.Tender != Cash || f.result.Total == 0 {
		return nil
	}
	opened, err := f.till.kicked(ctx, tx, f.by)
	if err != nil {
		return err
	}
	f.topics = append(f.topics, opened...)
	return drawerEntry(ctx, tx, f.entry.Seq, f.shift.ID, drawerRefund, f.result.Total)
}

func (f *refund) retractGifts(ctx context.Context, tx *data.Tx) error {
	for _, l := range f.rows {
		if l.kind != LineGift || f.sale.Training {
			continue
		}
		items, err := suspended.RetractGift(ctx, tx, lineID(f.sale.seq, l.of), -l.qty, suspended.ByRefund)
		if err != nil {
			return err
		}
		f.result.ItemsRetracted += len(items)
	}
	return nil
}

func (f *refund) reverseStamps(ctx context.Context, tx *data.Tx) error {
	if len(f.units) == 0 {
		return nil
	}
	cost, err := f.till.releaseCost(ctx, tx)
	if err != nil {
		return err
	}
	changes, err := loyalty.Reverse(ctx, tx, f.units, loyalty.Refunded, cost)
	if err != nil {
		return err
	}
	for _, c := range changes {
		f.result.StampsReversed -= c.Stamps
		f.result.ItemsRetracted += len(c.Retracted)
		f.result.HouseAdvance += c.Advance
	}
	made, err := f.till.journalChanges(ctx, tx, f.by, f.entry.Number, changes...)
	f.journal = append(f.journal, made...)
	return err
}

func (f *refund) record(_ context.Context, tx *data.Tx) error {
	if f.sale.Training {
		return tx.Record(data.Event{Type: "training.refund", Topics: f.topics, Body: map[string]any{"journal": f.journal}})
	}
	if f.result.ItemsRetracted > 0 {
		f.topics = append(f.topics, "shelf")
	}
	return tx.Record(data.Event{Type: "sale.refunded", Topics: f.topics, Body: map[string]any{
		"journal": f.journal, "refunds": f.sale.seq, "stamps": -f.result.StampsReversed}})
}

// journalChanges writes what stamps put on the shelf or took off it (fiscal U4). document is the number of the
// document that completed or broke the series; no card is named.
func (t *Till) journalChanges(ctx context.Context, tx *data.Tx, by By, document string, changes ...loyalty.Change) ([]int64, error) {
	var made []int64
	for _, c := range changes {
		for _, move := range []struct {
			items []suspended.Item
			qty   int
		}{{c.Released, 1}, {c.Retracted, -1}} {
			for _, it := range move.items {
				e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindSuspRelease, Op: by.Operator.Code, Body: journal.ReleaseBody{
					Class: it.Class, Cause: "loyalty", Qty: move.qty, Ticket: document}})
				if err != nil {
					return nil, err
				}
				made = append(made, e.Seq)
			}
		}
	}
	return made, nil
}
