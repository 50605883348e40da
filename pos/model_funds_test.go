package pos_test

import (
	"slices"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/suspended"
)

// mealGift is the gift price of a meal on the menu of the tests: what the fund pays for one.
const mealGift = 600

// stepMoney is one random command of those who give money: to the fund, for an association, for a lot.
func (m *model) stepMoney(t *rapid.T) {
	switch rapid.IntRange(0, 3).Draw(t, "op on money") {
	case 0:
		m.lot(t)
	case 1:
		_, err := m.cafe.MintNow(ctx(), m.cafe.byManager()) // nothing is ever left to be minted
		if fault.CodeOf(err) != "fund.short" {
			t.Fatalf("mint of %d: %v", m.fund, err)
		}
	default:
		m.roundUp(t)
	}
}

// roundUp is an order of water, and something for the fund or for the association beside it.
func (m *model) roundUp(t *rapid.T) {
	to, cents := "fund", rapid.Int64Range(1, 1500).Draw(t, "cents")
	if rapid.IntRange(0, 2).Draw(t, "association") == 0 {
		to = m.partner
	}
	tk := m.cafe.ticket(line("eau", 1))
	if _, err := m.cafe.RoundUp(ctx(), m.cafe.by(), tk.ID, pos.RoundUpRequest{To: to, Amount: money.Cents(cents)}); err != nil {
		t.Fatalf("round up %d: %v", cents, err)
	}
	due := money.Cents(200 + cents)
	r, err := m.cafe.Checkout(ctx(), m.cafe.by(), tk.ID, pos.CheckoutRequest{ExpectedTotal: &due, Tenders: []pos.Tender{{Means: pos.Card, Amount: due}}})
	if err != nil {
		t.Fatalf("pay %d: %+v, %v", due, r, err)
	}
	m.total += 200
	if to != "fund" {
		m.through += cents
		return
	}
	m.total += cents
	for m.fund += cents; m.fund >= mealGift; m.fund -= mealGift {
		m.shelf["meal"] = append(m.shelf["meal"], newItem(suspended.Fund, mealGift))
	}
}

// lot is a company that pays for some items; sometimes it does not.
func (m *model) lot(t *rapid.T) {
	class, price, n := "meal", int64(mealGift), rapid.IntRange(1, 12).Draw(t, "items")
	if rapid.Bool().Draw(t, "coffee") {
		class, price = "coffee", 300
	}
	l, err := m.cafe.ProposeLot(ctx(), m.cafe.byManager(), pos.SponsorRequest{Name: "Mutuelle", Address: "1 rue des Tests", Class: class, Qty: n, Price: money.Cents(price)})
	if err != nil {
		t.Fatalf("propose %d of %s: %v", n, class, err)
	}
	if rapid.IntRange(0, 3).Draw(t, "given up") == 0 {
		if _, err := m.cafe.CancelLot(ctx(), m.cafe.byManager(), l.ID); err != nil {
			t.Fatalf("cancel: %v", err)
		}
		if _, err := m.cafe.PayLot(ctx(), m.cafe.byManager(), l.ID, pos.Transfer); fault.CodeOf(err) != "sponsor.settled" {
			t.Fatalf("paid after it was given up: %v", err)
		}
		return
	}
	if _, err := m.cafe.PayLot(ctx(), m.cafe.byManager(), l.ID, pos.Transfer); err != nil {
		t.Fatalf("pay %d of %s: %v", n, class, err)
	}
	m.total += price * int64(n)
	for range n {
		m.shelf[class] = append(m.shelf[class], newItem(suspended.Sponsor, price))
	}
}

// compareFunds holds the funds against the model.
func (m *model) compareFunds(t *rapid.T) {
	v, err := m.cafe.Funds(ctx())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(v.Funds, func(f pos.FundBalance) bool { return f.Fund == suspended.CafeFund })
	if got := int64(v.Funds[i].Balance); got != m.fund {
		t.Fatalf("the fund holds %d, the model has %d", got, m.fund)
	}
	var held int64
	for _, f := range v.Funds {
		if f.Partner == m.partner {
			held += int64(f.Balance)
		}
	}
	if held != m.through {
		t.Fatalf("%d are held for the association, the model has %d", held, m.through)
	}
}
