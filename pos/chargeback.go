package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// ChargebackRequest says which meals of a sale the bank took the money back for.
type ChargebackRequest struct {
	Lines []RefundLine `json:"lines"`
}

// ChargebackResult is what it came to.
type ChargebackResult struct {
	StampsReversed int `json:"stamps_reversed"`
	ItemsRetracted int `json:"items_retracted"` // releases taken off the shelf
	HouseAdvance   int `json:"house_advance"`   // meals now advanced by the house to the accounts concerned
}

// Chargeback takes the stamps of meals back whose card payment the bank has reversed, weeks later (case 33), by the release
// law: what is eaten stays eaten. No money moves and nothing fiscal changes: the sale took place, and what the bank took is
// the accountant's. Of a line the last meals that have a stamp lose it; meals without one have nothing to lose. A meal that
// was charged back earns no stamp again. Refusals: right.missing (a manager does it), sale.unknown, refund.of_refund,
// refund.empty, refund.beyond (naming lines[i].qty: more than are stamped), training.over.
func (t *Till) Chargeback(ctx context.Context, by By, saleID string, r ChargebackRequest) (ChargebackResult, error) {
	if err := by.mustManage(); err != nil {
		return ChargebackResult{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ChargebackResult, error) {
		if err := t.forReal(tx, by); err != nil {
			return ChargebackResult{}, err
		}
		sale, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return ChargebackResult{}, err
		}
		if sale.Kind != "sale" {
			return ChargebackResult{}, fault.New(fault.Invalid, "refund.of_refund", "A refund cannot be refunded; sell again instead.").With("number", sale.Number)
		}
		units, err := chargedUnits(ctx, tx, sale, r.Lines)
		if err != nil {
			return ChargebackResult{}, err
		}
		cost, err := t.releaseCost(ctx, tx)
		if err != nil {
			return ChargebackResult{}, err
		}
		changes, err := loyalty.Reverse(ctx, tx, units, loyalty.Chargeback, cost)
		if err != nil {
			return ChargebackResult{}, err
		}
		var result ChargebackResult
		for _, c := range changes {
			result.StampsReversed -= c.Stamps
			result.ItemsRetracted += len(c.Retracted)
			result.HouseAdvance += c.Advance
		}
		return result, t.recordChanges(ctx, tx, by, "stamps.charged_back", "", sale.Number, changes...)
	})
}

// chargedUnits are the stamped meals that the lines name: of each line the last.
func chargedUnits(ctx context.Context, q data.Querier, sale Sale, lines []RefundLine) ([]string, error) {
	if len(lines) == 0 {
		return nil, fault.New(fault.Invalid, "refund.empty", "Say which lines to refund.").Field("lines", "required")
	}
	stamped, err := loyalty.Stamped(ctx, q, sale.paidUnits())
	if err != nil {
		return nil, err
	}
	var units []string
	for i, r := range lines {
		l := sale.line(r.Line)
		if l == nil {
			return nil, fault.New(fault.Invalid, "refund.beyond", "The sale has no such line.").Field(fieldOf(i)+"line", "unknown")
		}
		var on []string
		for k := range (l.Qty - l.RefundedQty) * l.MealUnits {
			if u := unitID(sale.seq, l.ID, k+1); stamped[u] != "" && !slices.Contains(units, u) {
				on = append(on, u)
			}
		}
		if r.Qty < 1 || r.Qty > len(on) {
			return nil, fault.New(fault.Invalid, "refund.beyond", "More would be refunded than was sold.").
				Field(fieldOf(i)+"qty", "beyond").With("left", len(on)).With("line", r.Line)
		}
		units = append(units, on[len(on)-r.Qty:]...)
	}
	return units, nil
}
