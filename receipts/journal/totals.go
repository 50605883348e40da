package journal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/data/money"
)

// totals are the running totals and the pools: what each document is checked and signed with. A value of it is
// copied by assignment, so its slices are replaced, never changed.
type totals struct {
	year    int // fiscal year of YearNet
	running Running
}

// sale returns the totals after a TICKET or a REFUND of the given fiscal year, and a breach when a pool would
// fall below zero.
func (t totals) sale(b *TicketBody, year int) (totals, string) {
	if year != t.year {
		t.year, t.running.YearNet = year, 0
	}
	r := &t.running
	r.YearNet += b.Total.TTC
	r.PerpNet += b.Total.TTC
	r.PerpAbs += magnitude(b.Total.TTC)
	r.Rates = slices.Clone(r.Rates)
	for _, rate := range b.Rates {
		i, found := slices.BinarySearchFunc(r.Rates, rate.BP, func(a RateTotal, bp money.BasisPoints) int { return int(a.BP - bp) })
		if !found {
			r.Rates = slices.Insert(r.Rates, i, RateTotal{BP: rate.BP})
		}
		r.Rates[i].Net += rate.TTC
		r.Rates[i].Abs += magnitude(rate.TTC)
	}
	for _, l := range b.Lines {
		if l.K != LineGift {
			continue
		}
		var breach string
		if t, breach = t.move(l.Class, l.Qty/1000); breach != "" {
			return t, breach
		}
	}
	return t, ""
}

// redeem returns the totals after a SUSP_REDEEM. A HOUSE item never was on the shelf.
func (t totals) redeem(b *RedeemBody) (totals, string) {
	if b.Origin == OriginHouse {
		return t, ""
	}
	return t.move(b.Class, -int64(b.Qty))
}

func (t totals) release(b *ReleaseBody) (totals, string) { return t.move(b.Class, int64(b.Qty)) }

func (t totals) adjust(b *AdjustBody) (totals, string) { return t.move(b.Class, b.Qty) }

// move changes one pool; below zero is a breach (fiscal U6).
func (t totals) move(class string, by int64) (totals, string) {
	pools := slices.Clone(t.running.Pools)
	i, found := slices.BinarySearchFunc(pools, class, func(p Pool, c string) int { return strings.Compare(p.Class, c) })
	if !found {
		pools = slices.Insert(pools, i, Pool{Class: class})
	}
	pools[i].N += by
	t.running.Pools = pools
	if pools[i].N < 0 {
		return t, fmt.Sprintf("pool %q falls to %d", class, pools[i].N)
	}
	return t, ""
}

func (t totals) pool(class string) int64 {
	for _, p := range t.running.Pools {
		if p.Class == class {
			return p.N
		}
	}
	return 0
}

// gt returns the totals as a body carries them: its lists are never null.
func (t totals) gt() Running {
	r := t.running
	if r.Pools == nil {
		r.Pools = []Pool{}
	}
	if r.Rates == nil {
		r.Rates = []RateTotal{}
	}
	return r
}

func (r Running) equal(o Running) bool {
	return r.YearNet == o.YearNet && r.PerpNet == o.PerpNet && r.PerpAbs == o.PerpAbs &&
		slices.Equal(r.Rates, o.Rates) && slices.Equal(r.Pools, o.Pools)
}

func magnitude(c money.Cents) money.Cents { return max(c, -c) }

// fiscalYear returns the year in which the fiscal year of a business day began; start is MM-DD.
func fiscalYear(day, start string) (int, error) {
	if len(day) != len("2006-01-02") || len(start) != len("01-02") {
		return 0, fmt.Errorf("business day %q, fiscal year from %q", day, start)
	}
	year, err := strconv.Atoi(day[:4])
	if err != nil {
		return 0, fmt.Errorf("business day %q: %w", day, err)
	}
	if day[5:] < start {
		year--
	}
	return year, nil
}
