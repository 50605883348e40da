package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// errGiftProof is told to whoever would give a gift back without the donor's proof (T3, cases 35 and 36).
var errGiftProof = fault.New(fault.Denied, "gift.proof", "A gift goes back with the donor's code; without it, on its own day only, with a manager.")

// mayTakeGifts holds who may give back what was bought for somebody, which no donor would miss. With the code of the
// proof, whoever is at the counter, as long as it waits (case 35); without it a manager, or with the PIN of one, on the day
// of the gift (case 36). What was served or promised is for RetractGift to keep (case 37). Other lines of the sale have
// their own rules (case 39).
func (f *refund) mayTakeGifts(ctx context.Context, tx *data.Tx) error {
	if f.sale.Training || !slices.ContainsFunc(f.rows, func(l lineRow) bool { return l.kind == LineGift && !l.ofSponsor() }) {
		return nil
	}
	switch proof := proofIn(f.request.Proof); {
	case proof != "" && proof == f.sale.GiftCode:
		return nil
	case proof != "":
		return errGiftProof.Field("proof", "wrong")
	case f.sale.Day != tx.Day():
		return errGiftProof.Field("proof", "required")
	case f.by.Operator.Role == RoleManager:
		return nil
	case f.manager.ID == "":
		return errGiftProof.Field("proof", "required")
	}
	f.body.Auth = f.manager.Code
	return stillManages(ctx, tx, f.manager)
}

// proofIn reads the code of a gift out of what was typed or scanned: its own letters are at the end of the address that its
// QR holds, whatever a scanner makes of the signs between. Empty when there is nothing that could be one.
func proofIn(text string) string {
	letters := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(text))
	if letters == "" && strings.TrimSpace(text) != "" {
		return "?" // something was typed, and it is no code
	}
	return letters[max(0, len(letters)-receiptLetters-1):]
}

// GiftRefund is a gift line that was given back, as it is told on the closing: no donor, no reason in words.
type GiftRefund struct {
	Day      string // business day of the refund
	Number   string // of the refund
	Operator string // code of who gave it back
	Class    string
	Qty      int // gifts, above zero
}

// GiftRefunds lists the gifts that were given back on the business days from one to another, both included, the first
// first: they are on every closing, and their count in the public statement (T3).
func GiftRefunds(ctx context.Context, q data.Querier, from, to string) ([]GiftRefund, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (GiftRefund, error) {
		var g GiftRefund
		err := r.Scan(&g.Day, &g.Number, &g.Operator, &g.Class, &g.Qty)
		return g, err
	}, `SELECT s.day, s.number, s.operator, l.class, -sum(l.qty) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
		WHERE s.day BETWEEN ? AND ? AND s.refunds IS NOT NULL AND l.kind = 'gift'
		GROUP BY s.seq, l.class ORDER BY s.seq, l.class`, from, to)
	if err != nil {
		return nil, fmt.Errorf("refunds of gifts: %w", err)
	}
	return all, nil
}
