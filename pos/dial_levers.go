package pos

import (
	"cmp"
	"maps"
	"slices"

	"comptoir/data/money"
	"comptoir/suspended"
)

// Lever is one choice of the café and what the dial would be had it been made thirty days ago, all else as it was: the
// same sales, the same guests. What a lever saves at the counter comes from somewhere else, never from a guest: fewer
// items of the house means more that somebody has paid for.
type Lever struct {
	Code  string            `json:"code"`            // one of those below
	Class string            `json:"class,omitempty"` // whose price, cost or items it moves
	Step  int64             `json:"step"`            // by so much: cents of a price or a cost, items a day, slots a week, items a month
	Ratio money.BasisPoints `json:"ratio"`           // then
	Cost  money.Cents       `json:"cost"`            // then

	// Enough is how much of it alone brings the dial back into the band, and EnoughRatio what it is then; 0 when it lies
	// in it, or when no amount of this lever does.
	Enough      int64             `json:"enough"`
	EnoughRatio money.BasisPoints `json:"enough_ratio"`
}

// The levers. The pace of the shelf is none: it moves what is served to tomorrow, and saves nothing in thirty days.
const (
	LeverGiftPrice   = "gift_price"   // what giving one costs: the café tops up less
	LeverHouseLine   = "house_line"   // items of the house, a day
	LeverProductCost = "product_cost" // another dish of the class
	LeverPartnerSlot = "partner_slot" // collections by partners, a week
	LeverSponsor     = "sponsor"      // a lot somebody pays for, served in place of what the house offers
)

// The step of each lever, and how many steps are tried.
const (
	stepPrice   = 50 // cents of a meal
	stepSmall   = 10 // cents of any other class
	stepHouse   = 2  // items a day
	stepSlot    = 1  // a week
	stepSponsor = 10 // items in the thirty days
	dialWeeks   = 4  // in thirty days
	maxSteps    = 10
)

// move is a lever in one direction: what k steps of it add to the cost.
type move struct {
	code, class string
	step        int64
	adds        func(k int64) money.Cents
}

// giftPrices returns what giving one of each class costs: the cheapest of its products.
func giftPrices(m Menu) map[string]money.Cents {
	prices := map[string]money.Cents{}
	for _, p := range m.Products {
		if was, known := prices[p.SuspendClass]; p.SuspendClass != "" && (!known || p.GiftPrice < was) {
			prices[p.SuspendClass] = p.GiftPrice
		}
	}
	return prices
}

// levers works out each lever on the handings of the dial's days. Above the band those that lower it are told, below it
// those that raise it, in it both. First come those that alone bring it back, by how few steps they need, then by effect.
func (b *books) levers(d Dial, gift map[string]money.Cents) []Lever {
	all := []Lever{}
	if d.Position == DialUnknown {
		return all
	}
	steps := map[string]int64{}
	for _, m := range b.within(d.From, d.Day).moves(gift) {
		l := Lever{Code: m.code, Class: m.class, Step: m.step, Cost: d.Cost + m.adds(1)}
		then := d.DialSum
		then.Cost = l.Cost
		l.Ratio, _ = then.ratio()
		if l.Cost == d.Cost || d.Position == DialAbove && l.Cost > d.Cost || d.Position == DialBelow && l.Cost < d.Cost {
			continue
		}
		for k := int64(1); d.Position != DialWithin && k <= maxSteps && l.Enough == 0; k++ {
			then.Cost = d.Cost + m.adds(k)
			if r, p := d.Band.holds(then); p == DialWithin {
				l.Enough, l.EnoughRatio = k*m.step, r
				steps[l.Code+l.Class] = k
			}
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(x, y Lever) int {
		needs := func(l Lever) int64 { return cmp.Or(steps[l.Code+l.Class], maxSteps+1) }
		return cmp.Or(cmp.Compare(needs(x), needs(y)), cmp.Compare(distance(y.Cost, d.Cost), distance(x.Cost, d.Cost)))
	})
	return all
}

func distance(a, b money.Cents) money.Cents { return max(a-b, b-a) }

// handed are the handings of some days, one behind the other; what was taken back cancels what it took back.
type handed []handing

// within picks the handings of some days.
func (b *books) within(from, to string) (all handed) {
	for _, h := range b.given {
		if from <= h.day && h.day <= to {
			all = append(all, h)
		}
	}
	return all
}

// changed is what the handings would cost more, had each been another.
func (all handed) changed(change func(*handing)) (more money.Cents) {
	for _, h := range all {
		was := h.borne()
		change(&h)
		more += h.sign * (h.borne() - was)
	}
	return more
}

// moves lists the levers in both directions.
func (all handed) moves(gift map[string]money.Cents) []move {
	var list []move
	for _, class := range slices.Sorted(maps.Keys(gift)) {
		step := int64(stepSmall)
		if class == classMeal {
			step = stepPrice
		}
		for _, s := range []int64{step, -step} {
			list = append(list,
				move{LeverGiftPrice, class, s, func(k int64) money.Cents { return all.giftPrice(class, money.Cents(k*s)) }},
				move{LeverProductCost, class, s, func(k int64) money.Cents { return all.productCost(class, money.Cents(k*s)) }})
		}
		list = append(list, move{LeverSponsor, class, stepSponsor, func(k int64) money.Cents { return all.sponsored(class, k*stepSponsor, gift[class]) }})
	}
	for _, sign := range []int64{-1, 1} {
		list = append(list,
			move{LeverHouseLine, "", sign * stepHouse, func(k int64) money.Cents { return all.houseLine(sign * k * stepHouse) }},
			move{LeverPartnerSlot, "", sign * stepSlot, func(k int64) money.Cents { return all.partnerSlots(sign * k * stepSlot) }})
	}
	return list
}

// giftPrice is what gifts of a class would cost more at another price: what is paid more is topped up less.
func (all handed) giftPrice(class string, more money.Cents) money.Cents {
	return all.changed(func(h *handing) {
		if h.class == class && h.origin == suspended.Paid {
			h.funded = max(h.funded+more, 0)
		}
	})
}

// productCost is what a dish of another cost would cost more, whoever bears it.
func (all handed) productCost(class string, more money.Cents) money.Cents {
	return all.changed(func(h *handing) {
		if h.class == class {
			h.cost = max(h.cost+more, 0)
		}
	})
}

// days adds up, by business day, how many of the handings there were and what they cost.
func (all handed) days(of func(handing) bool) (days []string, count, cost map[string]money.Cents) {
	count, cost = map[string]money.Cents{}, map[string]money.Cents{}
	for _, h := range all {
		if of(h) {
			count[h.day] += h.sign
			cost[h.day] += h.sign * h.borne()
		}
	}
	for day, n := range count {
		if n <= 0 {
			delete(count, day)
		}
	}
	return slices.Sorted(maps.Keys(count)), count, cost
}

// houseLine is what so many items of the house a day would cost more: fewer only on days that had them, more on each day
// that had any, at their mean cost.
func (all handed) houseLine(more int64) (add money.Cents) {
	days, count, cost := all.days(func(h handing) bool { return h.origin == suspended.House })
	for _, day := range days {
		n := min(money.Cents(max(more, -more)), count[day])
		if more > 0 {
			n = money.Cents(more)
		}
		part := halfUp(max(cost[day], 0)*n, count[day])
		if more < 0 {
			part = -part
		}
		add += part
	}
	return add
}

// partnerSlots is what so many collections a week would cost more, at the mean of those there were. A day on which a
// partner came is one.
func (all handed) partnerSlots(more int64) money.Cents {
	days, _, cost := all.days(func(h handing) bool { return h.collected })
	var sum money.Cents
	for _, day := range days {
		sum += cost[day]
	}
	slots := money.Cents(len(days))
	if slots == 0 || sum <= 0 {
		return 0
	}
	n := max(money.Cents(more*dialWeeks), -slots)
	if n < 0 {
		return -halfUp(sum*-n, slots)
	}
	return halfUp(sum*n, slots)
}

// sponsored is what a lot of n items at the gift price would have spared, served in place of the house's.
func (all handed) sponsored(class string, n int64, price money.Cents) money.Cents {
	var count, spared money.Cents
	for _, h := range all {
		if h.origin != suspended.House || h.class != class {
			continue
		}
		was := h.borne()
		h.funded = price
		count, spared = count+h.sign, spared+h.sign*(was-h.borne())
	}
	if count <= 0 || spared <= 0 {
		return 0
	}
	return -halfUp(spared*min(money.Cents(n), count), count)
}
