package export

import (
	"fmt"
	"slices"
	"strconv"

	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// posting is one line of an accounting entry: an amount on one side of an account, never negative.
type posting struct {
	account       Account
	text          string
	debit, credit money.Cents
}

// entry is what a day comes to in accounting.
type entry []posting

// debit puts an amount on the left of an account; a negative one stands on the right, and nothing is no line.
func (e *entry) debit(a Account, text string, amount money.Cents) {
	switch {
	case amount > 0:
		*e = append(*e, posting{account: a, text: text, debit: amount})
	case amount < 0:
		*e = append(*e, posting{account: a, text: text, credit: -amount})
	}
}

func (e *entry) credit(a Account, text string, amount money.Cents) { e.debit(a, text, -amount) }

// entryOf books one closing (fiscal R109). Refunds are deducted from what they refund, in its nature and at its rate;
// discounts are in the prices already, and offers are memo only (fiscal R110). Money put into the drawer and taken out of
// it stands against one account; the float of a shift is no movement: it is in the drawer already.
func entryOf(d Day, ahead, earned money.Cents) (entry, error) {
	var e entry
	b, p := d.Body, d.Plan
	cash := p.Account(roleMeans + string(journal.ByCash))
	for _, m := range inOrder(b.Means) {
		e.debit(p.Account(roleMeans+string(m.Means)), meansName(m.Means), m.Amt)
	}
	for _, n := range salesInOrder(b.Natures) {
		a := p.Account(salesRole(n.Nat, n.BP))
		e.credit(a, a.Label, n.HT)
	}
	for _, r := range b.Rates {
		e.credit(p.Account(vatRole(r.BP)), "TVA "+percent(r.BP), r.VAT)
	}
	for _, n := range b.NonTurnover {
		a := p.Account(roleOther + n.K)
		e.credit(a, a.Label, n.Amt)
	}
	for _, move := range []struct {
		text   string
		amount money.Cents
	}{{"Entrées de caisse", b.Cash.In}, {"Sorties de caisse", b.Cash.Out}} {
		e.debit(cash, move.text, move.amount)
		e.credit(p.Account(roleDrawer), move.text, move.amount)
	}
	gap := p.Account(roleGain)
	if b.Cash.Difference < 0 {
		gap = p.Account(roleLoss)
	}
	e.debit(cash, "Écart de caisse", b.Cash.Difference)
	e.credit(gap, "Écart de caisse", b.Cash.Difference)
	e.debit(p.Account(roleEarned), "Suspendus vendus, à servir", ahead)
	e.credit(p.Account(roleAhead), "Suspendus vendus, à servir", ahead)
	e.debit(p.Account(roleAhead), "Suspendus servis", earned)
	e.credit(p.Account(roleEarned), "Suspendus servis", earned)
	return e, e.balance(d)
}

// balance asserts that the entry does.
func (e entry) balance(d Day) error {
	var sum money.Cents
	for _, l := range e {
		sum += l.debit - l.credit
		if l.debit < 0 || l.credit < 0 || (l.debit == 0) == (l.credit == 0) {
			return wrong(d, "a line of %d and %d", l.debit, l.credit)
		}
	}
	if sum != 0 {
		return wrong(d, "the entry is off by %d", sum)
	}
	return nil
}

// inOrder sorts means as an entry has them; one that this version does not know comes last.
func inOrder(all []journal.CloseMeans) []journal.CloseMeans {
	place := func(m journal.Means) int {
		if i := slices.Index(means(), m); i >= 0 {
			return i
		}
		return len(means())
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b journal.CloseMeans) int { return place(a.Means) - place(b.Means) })
}

// salesInOrder sorts what was sold: services before goods, by rate.
func salesInOrder(all []journal.CloseNature) []journal.CloseNature {
	return slices.SortedStableFunc(slices.Values(all), func(a, b journal.CloseNature) int {
		if a.Nat != b.Nat {
			if a.Nat == journal.Service {
				return -1
			}
			return 1
		}
		return int(a.BP - b.BP)
	})
}

func meansName(m journal.Means) string {
	switch m {
	case journal.ByCash:
		return "Espèces"
	case journal.ByCard:
		return "Carte bancaire"
	case journal.ByMealVoucher:
		return "Titres-restaurant"
	case journal.ByCheque:
		return "Chèques"
	case journal.ByTransfer:
		return "Virements"
	}
	return string(m)
}

// percent writes a rate: "5,5 %".
func percent(bp money.BasisPoints) string {
	text := strconv.FormatInt(int64(bp/100), 10)
	if rest := bp % 100; rest != 0 {
		text += "," + fmt.Sprintf("%02d", rest)
		if rest%10 == 0 {
			text = text[:len(text)-1]
		}
	}
	return text + " %"
}
