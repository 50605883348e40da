package pos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// mintAtOnce bounds how many items one command makes of the fund; the rest waits for the next.
const mintAtOnce = 99

const topicFunds = "funds"

var errClassEmpty = fault.New(fault.Conflict, "class.empty", "Nothing on the menu can be given of this class.")

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// givenAs is the product whose gift price and rate a class has: of those that it may be served as, the one that costs most
// to give, so that no item is funded with less than any giver pays. Refusal: class.empty.
func (t *Till) givenAs(ctx context.Context, q data.Querier, class string) (Product, error) {
	menu, err := t.loadedMenu(ctx, q)
	if err != nil {
		return Product{}, err
	}
	var dearest Product
	for _, p := range menu.Products {
		if p.SuspendClass == class && p.GiftPrice > dearest.GiftPrice {
			dearest = p
		}
	}
	if dearest.ID == "" {
		return Product{}, errClassEmpty.With("class", class)
	}
	return dearest, nil
}

// fundProduct is what the café's fund is turned into: a meal; a coffee where no meal can be given. Refusal: class.empty.
func (t *Till) fundProduct(ctx context.Context, q data.Querier) (Product, error) {
	p, err := t.givenAs(ctx, q, suspended.Meal)
	if fault.CodeOf(err) == errClassEmpty.Code {
		if p, err = t.givenAs(ctx, q, suspended.Coffee); err == nil {
			if gone := mayGive(ctx, q, suspended.Coffee); gone != nil { // what is given no more is made no more
				return Product{}, errClassEmpty.With("class", suspended.Coffee).Wrap(gone)
			}
		}
	}
	return p, err
}

// mint turns the café's fund into items while it holds the gift price of one, and journals each (fiscal U6). It returns
// their ids and the seqs of the entries.
func (t *Till) mint(ctx context.Context, tx *data.Tx, operator string) (ids []string, made []int64, err error) {
	p, err := t.fundProduct(ctx, tx)
	if fault.CodeOf(err) == errClassEmpty.Code {
		return nil, nil, nil // the money waits
	}
	if err != nil {
		return nil, nil, err
	}
	minted, err := suspended.Mint(ctx, tx, suspended.Minting{Class: p.SuspendClass, Price: p.GiftPrice, Cost: p.Cost, Most: mintAtOnce})
	if err != nil {
		return nil, nil, err
	}
	for _, it := range minted {
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindSuspAdjust, Op: operator, Body: journal.AdjustBody{
			Cause: journal.AdjustFund, Class: it.Class, Origin: string(it.Origin), Qty: 1}})
		if err != nil {
			return nil, nil, err
		}
		ids, made = append(ids, it.ID), append(made, e.Seq)
	}
	return ids, made, nil
}

// FundsView is how the funds stand.
type FundsView struct {
	Funds  []FundBalance `json:"funds"`   // the café's own first
	Class  string        `json:"class"`   // what the café's fund is turned into; "" when the menu has nothing to give
	Price  money.Cents   `json:"price"`   // of one
	CanBe  int           `json:"can_be"`  // items that the café's fund could be turned into now
	ToNext money.Cents   `json:"to_next"` // what it lacks for the next one
}

// FundBalance is one fund with the name of its association.
type FundBalance struct {
	suspended.FundState
	Name string `json:"name,omitempty"`
}

// Funds returns how the funds stand.
func (t *Till) Funds(ctx context.Context) (v FundsView, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		states, err := suspended.Funds(ctx, q)
		if err != nil {
			return err
		}
		v.Funds = []FundBalance{}
		for _, s := range states {
			name, err := partnerName(ctx, q, s.Partner)
			if err != nil {
				return err
			}
			v.Funds = append(v.Funds, FundBalance{FundState: s, Name: name})
		}
		p, err := t.fundProduct(ctx, q)
		if fault.CodeOf(err) == errClassEmpty.Code {
			return nil
		}
		own := v.Funds[0].Balance
		v.Class, v.Price, v.CanBe, v.ToNext = p.SuspendClass, p.GiftPrice, int(own/max(p.GiftPrice, 1)), p.GiftPrice-own%max(p.GiftPrice, 1)
		return err
	})
	return v, err
}

// Minted is what a command made of the café's fund.
type Minted struct {
	Class   string      `json:"class"`
	Items   int         `json:"items"`
	Balance money.Cents `json:"balance"` // that stays
}

var errFundShort = fault.New(fault.Conflict, "fund.short", "The fund does not hold the price of one item.")

// MintNow turns the café's fund into items, 99 at once: after a price fell, or a menu that had nothing to give has again.
// Refusals: right.missing, training.real, class.empty, fund.short (args left, price).
func (t *Till) MintNow(ctx context.Context, by By) (Minted, error) {
	if err := by.mustManage(); err != nil {
		return Minted{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Minted, error) {
		if err := t.forReal(tx, by); err != nil {
			return Minted{}, err
		}
		p, err := t.fundProduct(ctx, tx)
		if err != nil {
			return Minted{}, err
		}
		ids, made, err := t.mint(ctx, tx, by.Operator.Code)
		if err != nil {
			return Minted{}, err
		}
		left, err := suspended.FundBalance(ctx, tx, suspended.CafeFund, "")
		if err != nil {
			return Minted{}, err
		}
		if len(ids) == 0 {
			return Minted{}, errFundShort.With("left", left).With("price", p.GiftPrice)
		}
		return Minted{Class: p.SuspendClass, Items: len(ids), Balance: left},
			tx.Record(data.Event{Type: "fund.minted", Topics: []string{topicFunds, "shelf"}, Body: map[string]any{"journal": made, "items": ids}})
	})
}

// FundEntry is a movement of a fund with the name of its association.
type FundEntry struct {
	suspended.FundEntry
	Name string `json:"name,omitempty"`
}

// fundEntriesLimit bounds one reading of the ledger.
const fundEntriesLimit = 10000

// FundLedger returns the movements of the funds on some business days, the oldest first; the newest 10,000. Refusal:
// report.range.
func (t *Till) FundLedger(ctx context.Context, from, to string) ([]FundEntry, error) {
	if _, _, err := days(from, to); err != nil {
		return nil, err
	}
	all := []FundEntry{}
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		entries, err := suspended.FundEntries(ctx, q, from, to, fundEntriesLimit)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, e := range entries {
			if _, known := names[e.Partner]; !known {
				if names[e.Partner], err = partnerName(ctx, q, e.Partner); err != nil {
					return err
				}
			}
			all = append(all, FundEntry{FundEntry: e, Name: names[e.Partner]})
		}
		return nil
	})
	return all, err
}

// checkFunds holds what the sales gave to the funds against their ledger (I12): the lines of the café's fund, and what was
// collected for associations, which is never in a total.
func checkFunds(ctx context.Context, q data.Querier) ([]string, error) {
	var lines, aside money.Cents
	err := q.QueryRow(ctx, `SELECT (SELECT coalesce(sum(total), 0) FROM sale_lines WHERE product = ? AND category = ''), (SELECT coalesce(sum(outside), 0) FROM sales)`, fundSKU).
		Scan(&lines, &aside)
	if err != nil {
		return nil, err
	}
	own, through, err := suspended.FundSums(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	if own != lines {
		bad = append(bad, fmt.Sprintf("the café's fund was given %s, the sales say %s", own, lines))
	}
	if through != aside {
		bad = append(bad, fmt.Sprintf("associations were given %s, the sales say %s", through, aside))
	}
	return bad, nil
}
