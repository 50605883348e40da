package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/data/money"
	"comptoir/pos"
)

// This file computes what a replay must come to, straight from the two files. It shares neither reading nor
// arithmetic with the replay, nor with the service: one checks the other.

// priceList is a menu by name.
type priceList map[string]listed

// listed is what the sums need of a product.
type listed struct {
	price, gift     money.Cents
	eatIn, takeaway money.BasisPoints
	options         map[string]money.Cents // "Lait: avoine" → what it adds
	parts           []listedPart           // of a fixed-price menu
}

type listedPart struct {
	weight          int64
	eatIn, takeaway money.BasisPoints
}

// pricesOf reads a menu file, or the menu as the API gives it, which is of the same JSON.
func pricesOf(form string, text []byte) (priceList, error) {
	if form == formJSON {
		return jsonPrices(text)
	}
	rows, err := csvReader(text).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("read the prices of the menu: %w", err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	prices := priceList{}
	for _, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		cell := func(name string) string {
			if i, ok := column[name]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		number := func(name string) int64 {
			n, _ := strconv.ParseInt(cell(name), 10, 64) // empty is 0; the import has refused anything else
			return n
		}
		p := listed{price: money.Cents(number("price_cents")), gift: money.Cents(number("gift_price_cents")),
			eatIn: money.BasisPoints(number("vat_eat_in_bp")), takeaway: money.BasisPoints(number("vat_takeaway_bp")), options: map[string]money.Cents{}}
		if p.gift == 0 {
			p.gift = p.price
		}
		p.readOptions(cell("options"))
		prices[cell("name")] = p
	}
	return prices, nil
}

// readOptions reads "Lait*: vache | avoine +50; Taille: normal | grand +80".
func (p *listed) readOptions(cell string) {
	for group := range strings.SplitSeq(cell, ";") {
		head, choices, found := strings.Cut(group, ":")
		if !found {
			continue
		}
		head, _, _ = strings.Cut(head, "×")
		head = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(head), "* "))
		for choice := range strings.SplitSeq(choices, "|") {
			name, plus, _ := strings.Cut(choice, "+")
			cents, _ := strconv.ParseInt(strings.TrimSpace(plus), 10, 64) // nothing is 0
			p.options[head+": "+strings.TrimSpace(name)] = money.Cents(cents)
		}
	}
}

func jsonPrices(text []byte) (priceList, error) {
	var menu struct {
		Products []struct {
			Name      string            `json:"name"`
			Price     money.Cents       `json:"price"`
			GiftPrice money.Cents       `json:"gift_price"`
			EatIn     money.BasisPoints `json:"vat_eat_in_bp"`
			Takeaway  money.BasisPoints `json:"vat_takeaway_bp"`
			Options   []struct {
				Name    string `json:"name"`
				Choices []struct {
					Name  string      `json:"name"`
					Price money.Cents `json:"price"`
				} `json:"choices"`
			} `json:"options"`
			Components []struct {
				Price    int64             `json:"price"`
				EatIn    money.BasisPoints `json:"vat_eat_in_bp"`
				Takeaway money.BasisPoints `json:"vat_takeaway_bp"`
			} `json:"components"`
		} `json:"products"`
	}
	if err := json.Unmarshal(text, &menu); err != nil {
		return nil, fmt.Errorf("read the prices of the menu: %w", err)
	}
	prices := priceList{}
	for _, p := range menu.Products {
		l := listed{price: p.Price, gift: p.GiftPrice, eatIn: p.EatIn, takeaway: p.Takeaway, options: map[string]money.Cents{}}
		if l.gift == 0 {
			l.gift = l.price
		}
		for _, g := range p.Options {
			for _, c := range g.Choices {
				l.options[g.Name+": "+c.Name] = c.Price
			}
		}
		for _, c := range p.Components {
			l.parts = append(l.parts, listedPart{c.Price, c.EatIn, c.Takeaway})
		}
		prices[strings.TrimSpace(p.Name)] = l
	}
	return prices, nil
}

// expectation is what a replay must come to.
type expectation struct {
	sums      sums
	totals    map[string]money.Cents // date and transaction → what is due
	unmatched map[string]int         // rows by item
	skipped   int                    // transactions without a row on the menu
}

// receipt is one transaction being added up.
type receipt struct {
	bought  int
	tender  string
	byRate  map[money.BasisPoints]money.Cents
	total   money.Cents
	matched bool
}

// expect adds up a file of sales at the prices of a menu.
func expect(prices priceList, replay []byte) (expectation, error) {
	x := expectation{sums: newSums(), totals: map[string]money.Cents{}, unmatched: map[string]int{}}
	rows, err := csvReader(replay).ReadAll()
	if err != nil || len(rows) == 0 {
		return x, fmt.Errorf("add up the file of sales: %w", err)
	}
	receipts := map[string]*receipt{}
	for _, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		cell := func(name, otherwise string) string {
			for i, head := range rows[0] {
				if strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(head, "\ufeff")), name) && strings.TrimSpace(row[i]) != "" {
					return strings.TrimSpace(row[i])
				}
			}
			return otherwise
		}
		key := cell("date", "") + " " + cell("transaction", "")
		if receipts[key] == nil {
			receipts[key] = &receipt{tender: cell("tender", "card"), byRate: map[money.BasisPoints]money.Cents{}}
		}
		x.addRow(prices, receipts[key], cell)
	}
	for key, r := range receipts {
		x.close(key, r)
	}
	return x, nil
}

func (x *expectation) addRow(prices priceList, r *receipt, cell func(name, otherwise string) string) {
	p, ok := prices[cell("item", "")]
	unit, chosen := p.price, []string{}
	for o := range strings.SplitSeq(cell("options", ""), ";") {
		if o = strings.TrimSpace(o); o == "" {
			continue
		}
		plus, known := p.options[o]
		unit, ok = unit+plus, ok && known
		chosen = append(chosen, o)
	}
	if !ok {
		name := cell("item", "")
		if _, listed := prices[name]; listed {
			name += " [" + strings.Join(chosen, "; ") + "]"
		}
		x.unmatched[name]++
		return
	}
	r.matched = true
	qty, _ := strconv.Atoi(cell("qty", "1")) // read before, and refused there
	rate := p.eatIn
	switch pos.Kind(cell("kind", "sale")) {
	case pos.LineRedemption:
		x.sums.redemptions += qty
		return
	case pos.LineGift:
		unit = p.gift
		x.sums.addItem(itemKey{cell("item", ""), pos.LineGift}, qty, unit*money.Cents(qty))
		r.byRate[rate] += unit * money.Cents(qty)
	default:
		takeaway := cell("mode", "eat_in") == "takeaway"
		if takeaway {
			rate = p.takeaway
		}
		x.sums.addItem(itemKey{cell("item", ""), pos.LineSale}, qty, unit*money.Cents(qty))
		r.share(p, rate, takeaway, unit, qty)
	}
	r.bought += qty
	r.total += unit * money.Cents(qty)
}

// share puts a line on its rate, or a fixed-price menu on those of its parts, pro rata (fiscal R86).
func (r *receipt) share(p listed, rate money.BasisPoints, takeaway bool, unit money.Cents, qty int) {
	if len(p.parts) == 0 {
		r.byRate[rate] += unit * money.Cents(qty)
		return
	}
	weights := make([]int64, len(p.parts))
	for i, part := range p.parts {
		weights[i] = part.weight
	}
	for i, cents := range money.Allocate(p.price, weights) {
		bp := p.parts[i].eatIn
		if takeaway {
			bp = p.parts[i].takeaway
		}
		r.byRate[bp] += cents * money.Cents(qty)
	}
	r.byRate[rate] += (unit - p.price) * money.Cents(qty)
}

// close adds a transaction to the sums: tax once per rate (fiscal R84), tenders as the file has them.
func (x *expectation) close(key string, r *receipt) {
	if !r.matched {
		x.skipped++
		return
	}
	x.totals[key] = r.total
	if r.bought == 0 {
		return
	}
	x.sums.sales++
	x.sums.total += r.total
	for bp, ttc := range r.byRate {
		if ttc != 0 {
			divisor := 10_000 + int64(bp)
			x.sums.addRate(bp, ttc, money.Cents((int64(ttc)*20_000+divisor)/(2*divisor)))
		}
	}
	left := r.total
	parts := strings.Split(r.tender, "+")
	slices.SortStableFunc(parts, func(a, b string) int { return strings.Count(b, ":") - strings.Count(a, ":") }) // the rest comes last
	for _, part := range parts {
		means, amount, fixed := strings.Cut(strings.TrimSpace(part), ":")
		cents := int64(left)
		if fixed {
			cents, _ = strconv.ParseInt(amount, 10, 64) // read before, and refused there
		}
		if cents != 0 {
			x.sums.tenders[pos.Means(means)] += money.Cents(cents)
		}
		left -= money.Cents(cents)
	}
}
