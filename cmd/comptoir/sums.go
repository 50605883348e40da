package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"comptoir/data/money"
	"comptoir/pos"
)

// sums adds up sales in three ways. Two that were reached on different roads have to be equal.
type sums struct {
	sales       int // documents
	redemptions int
	total       money.Cents
	items       map[itemKey]tally
	rates       map[money.BasisPoints]rateSum
	tenders     map[pos.Means]money.Cents
}

type itemKey struct {
	name string
	kind pos.Kind
}

type tally struct {
	qty   int
	total money.Cents
}

type rateSum struct{ ttc, ht, vat money.Cents }

func newSums() sums {
	return sums{items: map[itemKey]tally{}, rates: map[money.BasisPoints]rateSum{}, tenders: make(map[pos.Means]money.Cents)}
}

func (s *sums) addItem(k itemKey, qty int, total money.Cents) {
	t := s.items[k]
	s.items[k] = tally{t.qty + qty, t.total + total}
}

func (s *sums) addRate(bp money.BasisPoints, ttc, ht money.Cents) {
	r := s.rates[bp]
	s.rates[bp] = rateSum{r.ttc + ttc, r.ht + ht, r.vat + ttc - ht}
}

// untax makes the sums those of a café that charges no VAT.
func (s *sums) untax() {
	s.rates = map[money.BasisPoints]rateSum{0: {ttc: s.total, ht: s.total}}
}

// add adds other, sign times: -1 takes it away.
func (s *sums) add(other sums, sign int) {
	c := money.Cents(sign)
	s.sales += sign * other.sales
	s.redemptions += sign * other.redemptions
	s.total += c * other.total
	for k, t := range other.items {
		s.addItem(k, sign*t.qty, c*t.total)
	}
	for bp, r := range other.rates {
		s.addRate(bp, c*r.ttc, c*r.ht)
	}
	for m, amount := range other.tenders {
		s.tenders[m] += c * amount
	}
}

// differences says in words where got is not want.
func differences(where string, got, want sums) []string {
	var found []string
	differ := func(what string, g, w any) {
		if g != w {
			found = append(found, fmt.Sprintf("%s: %s: got %v, want %v", where, what, g, w))
		}
	}
	differ("sales", got.sales, want.sales)
	differ("total", got.total, want.total)
	for _, k := range keys(got.items, want.items, compareItems) {
		differ(k.name+" ("+string(k.kind)+")", got.items[k], want.items[k])
	}
	for _, bp := range keys(got.rates, want.rates, cmp.Compare[money.BasisPoints]) {
		differ(percent(bp), got.rates[bp], want.rates[bp])
	}
	for _, m := range keys(got.tenders, want.tenders, cmp.Compare[pos.Means]) {
		differ(string(m), got.tenders[m], want.tenders[m])
	}
	return found
}

func compareItems(a, b itemKey) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.kind, b.kind))
}

// keys returns the keys of both maps, in order.
func keys[K comparable, V any](a, b map[K]V, compare func(K, K) int) []K {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.SortedFunc(maps.Keys(all), compare)
}

// String writes a tally for a person.
func (t tally) String() string { return fmt.Sprintf("%d × = %s", t.qty, euros(t.total)) }

// String writes a rate's sums for a person.
func (r rateSum) String() string {
	return fmt.Sprintf("%s incl., %s excl., tax %s", euros(r.ttc), euros(r.ht), euros(r.vat))
}

// euros writes an amount, as the command line shows it: 1234.50.
func euros(c money.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// percent writes a rate: 5.5%.
func percent(bp money.BasisPoints) string {
	text := fmt.Sprintf("%d.%02d", bp/100, bp%100)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text + "%"
}
