package export

import (
	"bytes"
	"slices"
	"strconv"

	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// column is one column of the takings: its head, and the number of a day.
type column struct {
	head  string
	cents func(journal.CloseBody) money.Cents // nil for a count
	count func(journal.CloseBody) int64
}

// takings writes a line a day and one of sums: what was sold and given back, tax by rate, what came in by each means, what
// was taken off and offered. Discounts and offers are memo: they are in the prices already (fiscal R110).
func takings(in Input) ([]byte, error) {
	days := in.asked()
	columns := takingsColumns(days)
	head, sums := []string{"Jour", "Clôture"}, make([]int64, len(columns))
	for _, c := range columns {
		head = append(head, c.head)
	}
	rows := [][]string{head}
	for _, d := range days {
		row := []string{d.Body.ToDay, d.Number}
		for i, c := range columns {
			n := c.of(d.Body)
			sums[i] += n
			row = append(row, c.cell(n))
		}
		rows = append(rows, row)
	}
	last := []string{"Total", ""}
	for i, c := range columns {
		last = append(last, c.cell(sums[i]))
	}
	var b bytes.Buffer
	return written(table.New(&b), &b, append(rows, last))
}

func (c column) of(b journal.CloseBody) int64 {
	if c.cents != nil {
		return int64(c.cents(b))
	}
	return c.count(b)
}

func (c column) cell(n int64) string {
	if c.cents != nil {
		return table.Euros(money.Cents(n))
	}
	return strconv.FormatInt(n, 10)
}

func takingsColumns(days []Day) []column {
	count := func(head string, of func(journal.CloseBody) int64) column { return column{head: head, count: of} }
	cents := func(head string, of func(journal.CloseBody) money.Cents) column { return column{head: head, cents: of} }
	all := []column{
		count("Tickets", func(b journal.CloseBody) int64 { return b.Sales.N }), cents("Ventes TTC", func(b journal.CloseBody) money.Cents { return b.Sales.TTC }),
		count("Avoirs", func(b journal.CloseBody) int64 { return b.Refunds.N }), cents("Avoirs TTC", func(b journal.CloseBody) money.Cents { return b.Refunds.TTC }),
		cents("Total TTC", func(b journal.CloseBody) money.Cents { return b.Total.TTC }),
		cents("Total HT", func(b journal.CloseBody) money.Cents { return b.Total.HT }), cents("Total TVA", func(b journal.CloseBody) money.Cents { return b.Total.VAT }),
	}
	for _, bp := range ratesOf(days) {
		all = append(all, cents("HT à "+percent(bp), func(b journal.CloseBody) money.Cents { return rateOf(b, bp).HT }),
			cents("TVA à "+percent(bp), func(b journal.CloseBody) money.Cents { return rateOf(b, bp).VAT }))
	}
	for _, m := range means() {
		all = append(all, cents(meansName(m), func(b journal.CloseBody) money.Cents { return meansOf(b, m) }))
	}
	for _, k := range moneysOf(days) {
		all = append(all, cents(moneyName(k), func(b journal.CloseBody) money.Cents { return moneyOf(b, k) }))
	}
	return append(all,
		cents("Entrées de caisse", func(b journal.CloseBody) money.Cents { return b.Cash.In }), cents("Sorties de caisse", func(b journal.CloseBody) money.Cents { return b.Cash.Out }),
		cents("Écart de caisse", func(b journal.CloseBody) money.Cents { return b.Cash.Difference }),
		cents("Remises (pour mémoire)", func(b journal.CloseBody) money.Cents { return discounts(b, false) }),
		cents("Offerts (pour mémoire)", func(b journal.CloseBody) money.Cents { return discounts(b, true) }),
		count("Suspendus servis", func(b journal.CloseBody) int64 { return b.Counts.Redemptions }),
		cents("Tickets ouverts à la clôture", func(b journal.CloseBody) money.Cents { return b.Open.Amount }),
	)
}

// ratesOf are the rates that something was sold at, ascending.
func ratesOf(days []Day) []money.BasisPoints {
	var all []money.BasisPoints
	for _, d := range days {
		for _, r := range d.Body.Rates {
			all = append(all, r.BP)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func rateOf(b journal.CloseBody, bp money.BasisPoints) (sum journal.Rate) {
	for _, r := range b.Rates {
		if r.BP == bp {
			sum = r
		}
	}
	return sum
}

func meansOf(b journal.CloseBody, m journal.Means) (sum money.Cents) {
	for _, p := range b.Means {
		if p.Means == m {
			sum += p.Amt
		}
	}
	return sum
}

// moneysOf are the kinds of money received that is no sale.
func moneysOf(days []Day) []string {
	var all []string
	for _, d := range days {
		for _, n := range d.Body.NonTurnover {
			all = append(all, n.K)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func moneyOf(b journal.CloseBody, k string) (sum money.Cents) {
	for _, n := range b.NonTurnover {
		if n.K == k {
			sum += n.Amt
		}
	}
	return sum
}

func moneyName(k string) string {
	switch k {
	case "tip":
		return "Pourboires"
	case "tr_excess":
		return "Excédents de titres-restaurant"
	case "bum_issue":
		return "Bons vendus"
	case "deposit":
		return "Acomptes"
	case journal.OtherPassThrough:
		return "Pour des associations, à reverser"
	}
	return k
}

func discounts(b journal.CloseBody, offered bool) (sum money.Cents) {
	for _, d := range b.Discounts {
		if d.Offered == offered {
			sum += d.Amt
		}
	}
	return sum
}
