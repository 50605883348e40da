package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// trainingRow says where a document of training is; reverses is the seq of what it takes back, 0 for none.
func trainingRow(ctx context.Context, tx *data.Tx, seq int64, id string, reverses int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO training_documents (seq, id, reverses) VALUES (?, ?, ?)`,
		seq, id, sql.NullInt64{Int64: reverses, Valid: reverses != 0})
	if err != nil {
		return fmt.Errorf("document of training: %w", err)
	}
	return nil
}

// keepTraining is writeSale in training: the sale is in the journal and can be found, and has no receipt code.
func (s *settlement) keepTraining(ctx context.Context, tx *data.Tx) error {
	s.result.Training = true
	if len(s.bought) == 0 {
		return nil
	}
	s.result.ID = tx.NewID()
	return trainingRow(ctx, tx, s.entry.Seq, s.result.ID, 0)
}

// serveInTraining is serveItems in training: each serving is a document, and the shelf keeps what it has. It is told as
// one of the house, which never was on the shelf.
func (s *settlement) serveInTraining(ctx context.Context, tx *data.Tx) error {
	for _, l := range s.served {
		row := redemptionRow{product: l.Product, name: l.Name, class: l.Class, origin: journal.OriginHouse, memo: l.Price, mode: s.ticket.Mode, operator: s.by.Operator.Code}
		for range l.Qty {
			e, err := s.append(ctx, tx, row.draft(1, nil))
			if err != nil {
				return err
			}
			if err := trainingRow(ctx, tx, e.Seq, tx.NewID(), 0); err != nil {
				return err
			}
			s.result.Redemptions = append(s.result.Redemptions, RedeemResult{Number: e.Number, Class: row.class, Origin: row.origin})
		}
	}
	return nil
}

// recordTraining is record in training.
func (s *settlement) recordTraining(_ context.Context, tx *data.Tx) error {
	e := data.Event{Type: "training.sale", Topics: []string{"sales", "tickets"}, Body: map[string]any{"journal": s.journal}}
	if s.ticket.ID != "" {
		e.Topics = append(e.Topics, "ticket:"+s.ticket.ID)
	}
	return tx.Record(e)
}

// trainingSale reads a sale or refund of training by its id or number: from the journal, for there is nothing else.
// Refusal: sale.unknown, also for what was no training.
func trainingSale(ctx context.Context, q data.Querier, idOrNumber string) (Sale, error) {
	unknown := errNoSale.With("sale", idOrNumber)
	var s Sale
	err := q.QueryRow(ctx, `SELECT seq FROM training_documents WHERE id = ?`, idOrNumber).Scan(&s.seq)
	if errors.Is(err, sql.ErrNoRows) {
		e, err := journal.ByNumber(ctx, q, idOrNumber)
		if err != nil || !e.Training {
			return s, unknown
		}
		s.seq = e.Seq
	} else if err != nil {
		return s, err
	}
	e, err := journal.At(ctx, q, s.seq)
	if err != nil {
		return s, err
	}
	if e.Kind != journal.KindTicket && e.Kind != journal.KindRefund {
		return s, unknown
	}
	return readTraining(ctx, q, e)
}

// readTraining makes the sale of an entry of training.
func readTraining(ctx context.Context, q data.Querier, e journal.Entry) (Sale, error) {
	env, err := e.Envelope()
	if err != nil {
		return Sale{}, err
	}
	var b journal.TicketBody
	if err := e.Decode(&b); err != nil {
		return Sale{}, err
	}
	s := Sale{Number: e.Number, Kind: kindSale, At: e.At, Day: e.Day, Operator: env.Op, Mode: Mode(b.Mode), Total: b.Total.TTC,
		Lines: trainingLines(b), Taxes: []Tax{}, Tenders: []SaleTender{}, Fixes: []PaymentFix{}, Training: true, seq: e.Seq}
	if err := q.QueryRow(ctx, `SELECT id FROM training_documents WHERE seq = ?`, e.Seq).Scan(&s.ID); err != nil {
		return s, fmt.Errorf("document of training %s: %w", e.Number, err)
	}
	if b.Ref != nil {
		s.Kind, s.RefundOf = kindRefund, b.Ref.Doc
	}
	for _, r := range b.Rates {
		s.Taxes = append(s.Taxes, Tax{VATBP: r.BP, HT: r.HT, VAT: r.VAT, TTC: r.TTC})
	}
	for _, p := range b.Pay {
		s.Tenders = append(s.Tenders, SaleTender{Means: meansOf(p.Means), Amount: p.Amt, Given: p.Given, Change: p.Change})
	}
	refunds, err := refundsOf(ctx, q, s)
	if err != nil {
		return s, err
	}
	for _, seq := range refunds {
		var r journal.TicketBody
		if err := decodeEntry(ctx, q, seq, &r); err != nil {
			return s, err
		}
		for _, l := range r.Lines {
			if sold := s.line(l.RefN); sold != nil {
				sold.RefundedQty -= int(l.Qty / 1000)
			}
		}
	}
	return s, nil
}

// trainingLines are the lines of an entry, each with its options and components.
func trainingLines(b journal.TicketBody) []SaleLine {
	lines := []SaleLine{}
	for _, l := range b.Lines {
		if l.Parent != 0 {
			last := &lines[len(lines)-1] // parts follow the line they belong to
			last.UnitPrice, last.Discount, last.Total = last.UnitPrice+l.PU, last.Discount+l.Disc, last.Total+l.TTC
			continue
		}
		sold := SaleLine{ID: l.N, Product: l.SKU, Name: l.Label, category: l.Cat, Kind: LineSale, Qty: int(l.Qty / 1000), UnitPrice: l.PU,
			Discount: l.Disc, Total: l.TTC, VATBP: l.BP}
		if l.K == journal.LineGift {
			sold.Kind, sold.class = LineGift, l.Class
		}
		if l.Disc > 0 {
			sold.DiscountReason = l.Reason
		}
		lines = append(lines, sold)
	}
	return lines
}

// undoInTraining takes a serving of training back, and says whether it was one. It is taken back once.
func (t *Till) undoInTraining(ctx context.Context, tx *data.Tx, by By, number string) (r UndoResult, trained bool, err error) {
	e, err := journal.ByNumber(ctx, tx, number)
	if err != nil || e.Kind != journal.KindSuspRedeem || !e.Training {
		return r, false, nil //nolint:nilerr // whoever looks among the real ones says what is wrong
	}
	if !t.inTraining(tx) {
		return r, true, errTrainingOver.With("number", number)
	}
	var b journal.RedeemBody
	if err := e.Decode(&b); err != nil {
		return r, true, err
	}
	if b.Ref != nil {
		return r, true, fault.New(fault.NotFound, "redemption.unknown", "There is no such serving.").With("number", number)
	}
	var undone bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM training_documents WHERE reverses = ?)`, e.Seq).Scan(&undone); err != nil {
		return r, true, err
	}
	if undone {
		return r, true, fault.New(fault.Conflict, "undo.done", "This serving was taken back already.").With("number", number)
	}
	row := redemptionRow{product: b.SKU, name: b.Label, class: b.Class, origin: b.Origin, memo: b.Memo, mode: Mode(b.Mode), operator: by.Operator.Code}
	d := row.draft(-1, &journal.Ref{Doc: number, Seq: e.Seq})
	d.Training = true
	back, err := t.journal.Append(ctx, tx, d)
	if err != nil {
		return r, true, err
	}
	if err := trainingRow(ctx, tx, back.Seq, tx.NewID(), e.Seq); err != nil {
		return r, true, err
	}
	return UndoResult{Number: back.Number, Class: b.Class, Origin: b.Origin, State: ""}, true,
		tx.Record(data.Event{Type: "training.undone", Body: map[string]any{"journal": []int64{back.Seq}}})
}

// servedInTraining lists the servings of the training that is on which were not taken back, newest first.
func servedInTraining(ctx context.Context, q data.Querier, since int64) ([]Served, error) {
	seqs, err := data.All(ctx, q, func(r *data.Rows) (seq int64, err error) { err = r.Scan(&seq); return seq, err },
		`SELECT d.seq FROM training_documents AS d WHERE d.seq > ? AND d.reverses IS NULL
			AND NOT EXISTS (SELECT 1 FROM training_documents AS u WHERE u.reverses = d.seq) ORDER BY d.seq DESC LIMIT ?`, since, servedLimit)
	if err != nil {
		return nil, err
	}
	var all []Served
	for _, seq := range seqs {
		e, err := journal.At(ctx, q, seq)
		if err != nil {
			return nil, err
		}
		if e.Kind != journal.KindSuspRedeem {
			continue
		}
		var b journal.RedeemBody
		if err := e.Decode(&b); err != nil {
			return nil, err
		}
		all = append(all, Served{Number: e.Number, At: e.At, Name: b.Label})
	}
	return all, nil
}
