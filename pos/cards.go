package pos

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// CardView is what a card shows: counts, no person.
type CardView struct {
	Number   string `json:"number"`
	Stamps   int    `json:"stamps"`
	Filled   int    `json:"filled"`   // places filled of nine
	Released int    `json:"released"` // meals this card has put on the shelf
	Served   int    `json:"served"`   // of those, eaten
	Advance  int    `json:"advance"`  // meals of this round already eaten: a refund came after; nobody owes anything
}

// Card returns what the card with this code or number shows. Refusals: card.unreadable, card.code, card.unknown,
// card.replaced.
func (t *Till) Card(ctx context.Context, codeOrNumber string) (CardView, error) {
	ref, err := loyalty.Find(ctx, t.db.Reader(), codeOrNumber)
	if err != nil {
		return CardView{}, err
	}
	return viewCard(ctx, t.db.Reader(), ref.Account, ref.Number)
}

// CardOfPublic is Card for the public listener: only a full code opens a card there, a short number is refused as
// unreadable, for numbers can be guessed.
func (t *Till) CardOfPublic(ctx context.Context, code string) (CardView, error) {
	parsed, err := loyalty.ParseCode(code)
	if err != nil {
		return CardView{}, err
	}
	return t.Card(ctx, parsed)
}

func viewCard(ctx context.Context, q data.Querier, account, number string) (CardView, error) {
	a, err := loyalty.View(ctx, q, account)
	return CardView{Number: number, Stamps: a.Stamps, Filled: a.Filled, Released: a.Released, Served: a.Served, Advance: a.Advance}, err
}

// ClaimResult is what a claim came to.
type ClaimResult struct {
	Stamps   int `json:"stamps"`
	Released int `json:"released"`
	Filled   int `json:"filled"`
}

// Claim stamps the meals of a receipt that are paid and not yet stamped, within the days that the café has chosen (cases 8 to 11). A
// second claim finds nothing left and changes nothing. Refusals: those of Card, receipt.unknown, receipt.expired.
func (t *Till) Claim(ctx context.Context, by By, card, receiptCode string) (ClaimResult, error) {
	answer, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ClaimResult, error) {
		ref, err := loyalty.Find(ctx, tx, card)
		if err != nil {
			return ClaimResult{}, err
		}
		sale, err := t.claimable(ctx, tx, by, receiptCode)
		if err != nil {
			return ClaimResult{}, err
		}
		return t.stampLate(ctx, tx, by, ref, sale)
	})
	return answer, err
}

// claimable finds the sale of a receipt whose meals can still be stamped.
func (t *Till) claimable(ctx context.Context, tx *data.Tx, by By, receiptCode string) (Sale, error) {
	if err := t.forReal(tx, by); err != nil {
		return Sale{}, err
	}
	sale, err := t.saleByCode(ctx, tx, receiptCode)
	if err != nil {
		return Sale{}, err
	}
	return sale, stillClaimable(ctx, tx, sale)
}

// stillClaimable refuses what is older than the café has chosen (case 9).
func stillClaimable(ctx context.Context, tx *data.Tx, sale Sale) error {
	chosen, err := loadSettings(ctx, tx)
	if days := chosen.ClaimDays; err == nil && tx.Now().Sub(sale.At) > time.Duration(days)*24*time.Hour {
		err = fault.New(fault.Gone, "receipt.expired", "The meals of this receipt can no longer be stamped.").With("days", days)
	}
	return err
}

// StampSale stamps the meals of a sale that no card has yet, found at the till without its receipt (case 12). Refusals:
// sale.unknown, those of Card, receipt.expired, training.real.
func (t *Till) StampSale(ctx context.Context, by By, saleID, card string) (ClaimResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (ClaimResult, error) {
		if err := t.forReal(tx, by); err != nil {
			return ClaimResult{}, err
		}
		sale, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return ClaimResult{}, err
		}
		if sale.Training || sale.Kind != "sale" {
			return ClaimResult{}, errNoSale.With("sale", saleID)
		}
		if sale.Day != tx.Day() && by.mustManage() != nil {
			return ClaimResult{}, fault.New(fault.Denied, "stamp.later", "After the day of the sale, its receipt is shown, or a manager stamps its meals.").With("day", sale.Day)
		}
		if err := stillClaimable(ctx, tx, sale); err != nil {
			return ClaimResult{}, err
		}
		ref, err := loyalty.Find(ctx, tx, card)
		if err != nil {
			return ClaimResult{}, err
		}
		return t.stampLate(ctx, tx, by, ref, sale)
	})
}

func (t *Till) stampLate(ctx context.Context, tx *data.Tx, by By, ref loyalty.CardRef, sale Sale) (ClaimResult, error) {
	change, err := t.earnLate(ctx, tx, ref.Account, sale)
	if err != nil {
		return ClaimResult{}, err
	}
	if change.Stamps == 0 {
		a, err := loyalty.View(ctx, tx, ref.Account)
		return ClaimResult{Filled: a.Filled}, err
	}
	return claimOf(change), t.recordChanges(ctx, tx, by, "stamps.claimed", ref.Number, sale.Number, change)
}

// earnLate stamps the meals of a sale that have no stamp yet; the zero change when there is none.
func (t *Till) earnLate(ctx context.Context, tx *data.Tx, account string, sale Sale) (loyalty.Change, error) {
	stamped, err := loyalty.Stamped(ctx, tx, sale.paidUnits())
	if err != nil {
		return loyalty.Change{}, err
	}
	charged, err := loyalty.ChargedBack(ctx, tx, sale.paidUnits())
	if err != nil {
		return loyalty.Change{}, err
	}
	units := slices.DeleteFunc(sale.paidUnits(), func(u string) bool { return stamped[u] != "" || charged[u] })
	if len(units) == 0 {
		return loyalty.Change{}, nil
	}
	cost, err := t.releaseCost(ctx, tx)
	if err != nil {
		return loyalty.Change{}, err
	}
	return loyalty.Earn(ctx, tx, account, units, loyalty.Claimed, cost)
}

func claimOf(change loyalty.Change) ClaimResult {
	return ClaimResult{Stamps: change.Stamps, Released: len(change.Released), Filled: change.Total % loyalty.MealsPerRelease}
}

// recordChanges journals what moved on the shelf and records the event of a command that only moves stamps.
func (t *Till) recordChanges(ctx context.Context, tx *data.Tx, by By, what, cardNumber, document string, changes ...loyalty.Change) error {
	made, err := t.journalChanges(ctx, tx, by, document, changes...)
	if err != nil {
		return err
	}
	e := data.Event{Type: what, Topics: []string{"card:" + cardNumber}}
	if cardNumber == "" {
		e.Topics = []string{"sales"}
	}
	accounts := []map[string]any{}
	for _, c := range changes {
		accounts = append(accounts, map[string]any{"account": c.Account, "stamps": c.Stamps})
		if len(c.Released)+len(c.Retracted) > 0 && !slices.Contains(e.Topics, "shelf") {
			e.Topics = append(e.Topics, "shelf")
		}
	}
	e.Body = map[string]any{"journal": nonNil(made), "accounts": accounts}
	return tx.Record(e)
}

// MoveResult is what moving stamps to the right card came to.
type MoveResult struct {
	Stamps int `json:"stamps"` // now on the card
	Filled int `json:"filled"`
}

// MoveStamps puts the stamps of a sale on the right card (case 40); meals of it without a stamp stay without one.
// Both accounts follow the law. Refusals: sale.unknown, those of Card, move.later (another day: a manager).
func (t *Till) MoveStamps(ctx context.Context, by By, saleID, card string) (MoveResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (MoveResult, error) {
		if err := t.forReal(tx, by); err != nil {
			return MoveResult{}, err
		}
		sale, err := t.loadSale(ctx, tx, saleID)
		if err != nil {
			return MoveResult{}, err
		}
		if sale.Day != tx.Day() && by.mustManage() != nil {
			return MoveResult{}, fault.New(fault.Denied, "move.later", "After the day of the sale, a manager moves its stamps.").With("day", sale.Day)
		}
		ref, err := loyalty.Find(ctx, tx, card)
		if err != nil {
			return MoveResult{}, err
		}
		cost, err := t.releaseCost(ctx, tx)
		if err != nil {
			return MoveResult{}, err
		}
		units := sale.paidUnits()
		changes, err := loyalty.Move(ctx, tx, units, ref.Account, cost)
		if err != nil {
			return MoveResult{}, err
		}
		if err := t.recordChanges(ctx, tx, by, "stamps.moved", ref.Number, sale.Number, changes...); err != nil {
			return MoveResult{}, err
		}
		return t.movedTo(ctx, tx, units, ref.Account)
	})
}

func (t *Till) movedTo(ctx context.Context, q data.Querier, units []string, account string) (MoveResult, error) {
	stamped, err := loyalty.Stamped(ctx, q, units)
	if err != nil {
		return MoveResult{}, err
	}
	var r MoveResult
	for _, holder := range stamped {
		if holder == account {
			r.Stamps++
		}
	}
	a, err := loyalty.View(ctx, q, account)
	r.Filled = a.Filled
	return r, err
}

// MergeCards makes one account of two: the first card is replaced by the second, all stamps and releases count
// together (cases 48 to 50). Again, or into itself, it changes nothing. Refusals: those of Card.
func (t *Till) MergeCards(ctx context.Context, by By, from, into string) (CardView, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (CardView, error) {
		if err := t.forReal(tx, by); err != nil {
			return CardView{}, err
		}
		target, err := loyalty.Find(ctx, tx, into)
		if err != nil {
			return CardView{}, err
		}
		source, err := loyalty.FindAny(ctx, tx, from)
		if err != nil {
			return CardView{}, err
		}
		if source.Account != target.Account {
			if source.State != loyalty.Active && source.State != loyalty.Lost { // its stamps are another card's now, or nobody's
				_, err := loyalty.Find(ctx, tx, from)
				return CardView{}, err
			}
			cost, err := t.releaseCost(ctx, tx)
			if err != nil {
				return CardView{}, err
			}
			change, err := loyalty.Merge(ctx, tx, source.Account, target.Account, cost)
			if err != nil {
				return CardView{}, err
			}
			if err := t.recordChanges(ctx, tx, by, "cards.merged", target.Number, "", change); err != nil {
				return CardView{}, err
			}
		}
		return viewCard(ctx, tx, target.Account, target.Number)
	})
}

// saleByCode finds a sale by the code of its receipt, as it is printed, typed or scanned.
func (t *Till) saleByCode(ctx context.Context, q data.Querier, code string) (Sale, error) {
	code = receiptCode(code)
	unknown := fault.New(fault.NotFound, "receipt.unknown", "There is no receipt with this code.")
	if !isReceiptCode(code) {
		return Sale{}, unknown
	}
	s, err := t.scanSale(q.QueryRow(ctx, `SELECT `+saleColumns+` WHERE s.code = ? AND s.code <> ''`, code).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Sale{}, unknown
	}
	if err != nil {
		return Sale{}, err
	}
	return s, s.fill(ctx, q)
}
