package journal

import (
	"slices"

	"comptoir/data/money"
)

// Settle applies the tax rule of a ticket (fiscal R84) to lines whose BP and TTC are set: HT is rounded half up
// once per rate, VAT is the rest, and HT is shared over the lines of the rate by largest remainder of their TTC,
// earlier lines winning ties. It writes HT and VAT of each line and returns the rates and the total.
func Settle(lines []Line) ([]Rate, Total) {
	return settle(lines, func(r Rate) money.Cents { return r.BP.Net(r.TTC) })
}

// SettleRefund does the same for the negative lines of a refund. remaining is what was left of the original
// before this refund, tax included, by rate. The HT of each rate is the rounded HT of what remains after minus
// that of what remained before, so that a fully refunded ticket nets to exactly zero, however it was cut up.
func SettleRefund(lines []Line, remaining map[money.BasisPoints]money.Cents) ([]Rate, Total) {
	return settle(lines, func(r Rate) money.Cents {
		before := remaining[r.BP]
		return r.BP.Net(before+r.TTC) - r.BP.Net(before)
	})
}

func settle(lines []Line, net func(Rate) money.Cents) ([]Rate, Total) {
	rates := group(lines)
	total := Total{Lines: len(lines)}
	weights := make([]int64, 0, len(lines))
	members := make([]int, 0, len(lines))
	for i := range rates {
		r := &rates[i]
		r.HT = net(*r)
		r.VAT = r.TTC - r.HT
		weights, members = weights[:0], members[:0]
		for n, l := range lines {
			if l.BP == r.BP {
				members = append(members, n)
				weights = append(weights, max(int64(l.TTC), -int64(l.TTC)))
			}
		}
		for k, ht := range money.Allocate(r.HT, weights) {
			l := &lines[members[k]]
			l.HT, l.VAT = ht, l.TTC-ht
		}
		total.TTC += r.TTC
		total.HT += r.HT
		total.VAT += r.VAT
	}
	return rates, total
}

// group returns one rate per bp among the lines, ascending, with its TTC.
func group(lines []Line) []Rate {
	rates := make([]Rate, 0, 4)
	for _, l := range lines {
		i, found := slices.BinarySearchFunc(rates, l.BP, func(r Rate, bp money.BasisPoints) int { return int(r.BP - bp) })
		if !found {
			rates = slices.Insert(rates, i, Rate{BP: l.BP})
		}
		rates[i].TTC += l.TTC
	}
	return rates
}

// Price returns the amount of qty thousandths at a unit price before any discount: round half up, symmetric.
func Price(unit money.Cents, qty int64) money.Cents {
	if qty < 0 {
		return -Price(unit, -qty)
	}
	return money.Cents((int64(unit)*qty + 500) / 1000)
}
