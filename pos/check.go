package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// checks are the invariants that span packages, and those of the derived rows.
func checks() []data.Check {
	return []data.Check{
		{Name: "I2 every stamp answers to a paid meal", Run: checkStampsPaid},
		{Name: "I6 no more stamps than paid meals", Run: checkStampsBounded},
		{Name: "I9 gifts paid are gifts on the shelf", Run: checkGiftsFunded},
		{Name: "I10 every served item has one redemption", Run: checkServed},
		{Name: "I11 vouchers never pay gifts", Run: checkVouchers},
		{Name: "I12 what was given to the funds is in them", Run: checkFunds},
		{Name: "I9 sponsors paid the lots they were proposed", Run: checkLots},
		{Name: "sales add up", Run: checkSales},
		{Name: "refunds stay within their sale", Run: checkRefunds},
		{Name: "derived rows equal the journal", Run: checkDerived},
		{Name: "parts of tickets are those that were paid", Run: checkPayments},
		{Name: "meals of a line are those of its sale", Run: checkMeals},
		{Name: "the pools of the journal are the shelf", Run: checkPools},
		{Name: "what is promised is promised on an open order", Run: checkPromises},
		{Name: "the drawer holds the cash", Run: checkDrawer},
		{Name: "favourites have a place, and only they", Run: checkFavourites},
		{Name: "the kitchen's orders are what their lines say", Run: checkKitchen},
		{Name: "a proof is of a gift", Run: checkProofs},
		{Name: "receipts are asked for once", Run: checkReceiptsAsked},
		{Name: "plans of accounts are those of the journal", Run: checkAccounting},
		{Name: "exports are those of the journal", Run: checkExports},
		{Name: "a count is kept for the open shift", Run: checkCounts},
		{Name: "the means of a sale pay what it costs", Run: checkFixes},
		{Name: "documents are given out in their order", Run: checkPrints},
		{Name: "nobody waits for a place that is free", Run: checkRota},
		{Name: "kept dials are those of the ledgers", Run: checkDials},
		{Name: "servings are kept as the ledger counts them", Run: checkServedDays},
		{Name: "the counter's card has what fell to it", Run: checkSweeps},
		{Name: "card terminals were asked for what their orders say", Run: checkCharges},
		{Name: "I17 tokens are as they were counted", Run: checkTokens},
		{Name: "codes of goods are whole, and each is one product's", Run: checkBarcodes},
		{Name: "poles could be set up again", Run: checkPoles},
		{Name: "printers are as they may be set up", Run: checkPrinters},
		{Name: "what is to be printed can be read", Run: checkPrintJobs},
	}
}

// breaches runs a query that returns one sentence per breach.
func breaches(ctx context.Context, q data.Querier, query string) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (string, error) {
		var s string
		err := r.Scan(&s)
		return s, err
	}, query)
}

// paidMeals returns, for every line that earned stamps, how many of its units are paid now.
func paidMeals(ctx context.Context, q data.Querier) (map[string]int, error) {
	type paid struct {
		seq   int64
		n     int
		units int
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (paid, error) {
		var p paid
		err := r.Scan(&p.seq, &p.n, &p.units)
		return p, err
	}, `SELECT l.seq, l.n, (l.qty + coalesce((SELECT sum(r.qty) FROM sales AS a JOIN sale_lines AS r ON r.seq = a.seq
		WHERE a.refunds = l.seq AND r.of_n = l.n), 0)) * l.meal_units
		FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq WHERE s.refunds IS NULL AND l.meal_units > 0`)
	units := map[string]int{}
	for _, p := range all {
		units[lineID(p.seq, p.n)] = p.units
	}
	return units, err
}

func checkStampsPaid(ctx context.Context, q data.Querier) ([]string, error) {
	paid, err := paidMeals(ctx, q)
	if err != nil {
		return nil, err
	}
	granted, err := grants(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	err = loyalty.LiveStamps(ctx, q, func(unit, _ string) error {
		if kind, event, k, is := loyalty.Granted(unit); is {
			if g := granted[event]; g.kind != kind || k < 1 || k > g.units {
				bad = append(bad, fmt.Sprintf("unit %s is stamped, and no manager gave it", unit))
			}
			return nil
		}
		seq, n, k, err := splitUnitID(unit)
		if err != nil {
			bad = append(bad, err.Error())
		} else if k > paid[lineID(seq, n)] {
			bad = append(bad, fmt.Sprintf("unit %s is stamped, but %d units of its line are paid", unit, paid[lineID(seq, n)]))
		}
		return nil
	})
	return bad, err
}

// granted is what one event gave without a meal: P of solidarity.md §2.3.
type granted struct {
	kind  loyalty.Kind
	units int
}

// grants returns what was given without a meal, by the event that says so.
func grants(ctx context.Context, q data.Querier) (map[int64]granted, error) {
	all := map[int64]granted{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var seq int64
		var what string
		var units int
		err := r.Scan(&seq, &what, &units)
		g := granted{loyalty.Imported, units}
		if what == eventGoodwill {
			g.kind = loyalty.Goodwill
		}
		all[seq] = g
		return err
	}, `SELECT seq, type, body ->> '$.accounts[0].stamps' FROM events WHERE type IN (?, ?) ORDER BY seq LIMIT -1`, eventImported, eventGoodwill)
	return all, err
}

// checkStampsBounded counts: no more stamps than paid meals, and what managers gave (M + P).
func checkStampsBounded(ctx context.Context, q data.Querier) ([]string, error) {
	paid, err := paidMeals(ctx, q)
	if err != nil {
		return nil, err
	}
	most, given := 0, 0
	for _, n := range paid {
		most += n
	}
	granted, err := grants(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, g := range granted {
		given += g.units
	}
	stamps, err := loyalty.TotalStamps(ctx, q)
	if err == nil && stamps > most+given {
		return []string{fmt.Sprintf("%d stamps for %d paid meals, and %d without one", stamps, most, given)}, nil
	}
	return nil, err
}

func checkGiftsFunded(ctx context.Context, q data.Querier) ([]string, error) {
	var sold, refunded money.Cents
	if err := q.QueryRow(ctx, `SELECT coalesce(sum(iif(s.refunds IS NULL, l.total, 0)), 0), coalesce(-sum(iif(s.refunds IS NULL, 0, l.total)), 0)
		FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq WHERE l.kind = 'gift'`).Scan(&sold, &refunded); err != nil {
		return nil, err
	}
	created, retracted, err := suspended.FundedPaid(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	if created != sold {
		bad = append(bad, fmt.Sprintf("gifts were sold for %s, items were funded with %s", sold, created))
	}
	if retracted != refunded {
		bad = append(bad, fmt.Sprintf("gifts were refunded for %s, items were retracted for %s", refunded, retracted))
	}
	return bad, nil
}

func checkServed(ctx context.Context, q data.Querier) ([]string, error) {
	type count struct {
		item string
		n    int
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (count, error) {
		var c count
		err := r.Scan(&c.item, &c.n)
		return c, err
	}, `SELECT item, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions GROUP BY item`)
	if err != nil {
		return nil, err
	}
	redeemed := map[string]int{}
	for _, c := range all {
		redeemed[c.item] = c.n
	}
	served, err := suspended.ServedItems(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, item := range served {
		if redeemed[item] != 1 {
			bad = append(bad, fmt.Sprintf("item %s is served, by %d redemptions", item, redeemed[item]))
		}
		delete(redeemed, item)
	}
	for item, n := range redeemed {
		if n != 0 {
			bad = append(bad, fmt.Sprintf("item %s has %d redemptions and is not served", item, n))
		}
	}
	return bad, nil
}

func checkVouchers(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'sale ' || s.number || ': vouchers of ' || v.paid || ' over food of ' || f.food
		FROM sales AS s
		JOIN (SELECT seq, sum(amount) AS paid FROM (SELECT seq, amount FROM sale_tenders WHERE means = 'meal_voucher'
			UNION ALL SELECT sale, amount FROM payment_fixes WHERE to_means = 'meal_voucher'
			UNION ALL SELECT sale, -amount FROM payment_fixes WHERE from_means = 'meal_voucher') GROUP BY seq) AS v ON v.seq = s.seq
		JOIN (SELECT seq, sum(food) AS food FROM sale_lines GROUP BY seq) AS f ON f.seq = s.seq
		WHERE s.refunds IS NULL AND v.paid > f.food`)
}

func checkSales(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT number || ': total ' || total || ', lines ' || lines || ', rates ' || rates || ', outside ' || outside || ', tenders ' || tenders
		FROM (SELECT number, total, outside,
			coalesce((SELECT sum(l.total) FROM sale_lines AS l WHERE l.seq = s.seq), 0) AS lines,
			coalesce((SELECT sum(x.ttc) FROM sale_taxes AS x WHERE x.seq = s.seq), 0) AS rates,
			coalesce((SELECT sum(p.amount) FROM sale_tenders AS p WHERE p.seq = s.seq), 0) AS tenders
			FROM sales AS s)
		WHERE total <> lines OR total <> rates OR total + outside <> tenders`)
}

func checkRefunds(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'line ' || l.n || ' of ' || s.number || ': sold ' || l.qty || ' for ' || l.total || ', refunded ' || -sum(r.qty) || ' for ' || -sum(r.total)
		FROM sales AS a JOIN sale_lines AS r ON r.seq = a.seq
		JOIN sales AS s ON s.seq = a.refunds JOIN sale_lines AS l ON l.seq = s.seq AND l.n = r.of_n
		GROUP BY l.seq, l.n HAVING -sum(r.qty) > l.qty OR -sum(r.total) > l.total
			OR -sum(r.qty) = l.qty AND (sum(r.total) + l.total <> 0 OR sum(r.disc) + l.disc <> 0 OR sum(r.food) + l.food <> 0)`)
}

// checkPayments holds the parts that tickets carry against the chained events of their payment and removal.
func checkPayments(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `WITH
		told AS (SELECT type, body ->> '$.ticket' AS ticket, body ->> '$.payment' AS n, body ->> '$.means' AS means,
				body ->> '$.amount' AS amount, body ->> '$.given' AS given, body ->> '$.operator' AS operator
			FROM events WHERE type IN ('ticket.payment', 'ticket.payment_removed')),
		made AS (SELECT ticket, n, means, amount, given, operator FROM told WHERE type = 'ticket.payment'
			EXCEPT SELECT ticket, n, means, amount, given, operator FROM told WHERE type = 'ticket.payment_removed'),
		parts AS (SELECT t.id AS ticket, p.value AS p FROM tickets AS t, json_each(t.body, '$.payments') AS p),
		kept AS (SELECT ticket, p ->> '$.id' AS n, p ->> '$.means' AS means, p ->> '$.amount' AS amount, p ->> '$.given' AS given, p ->> '$.operator' AS operator
			FROM parts)
		SELECT 'payment ' || n || ' of ticket ' || ticket || ': ' || amount || ' by ' || means || ' was never paid like this' FROM (SELECT * FROM kept EXCEPT SELECT * FROM made)
		UNION ALL SELECT 'payment ' || n || ' of ticket ' || ticket || ': ' || amount || ' by ' || means || ' is gone' FROM (SELECT * FROM made EXCEPT SELECT * FROM kept)
		UNION ALL SELECT 'payment ' || (p ->> '$.id') || ' of ticket ' || ticket || ': the change is not what was given above it' FROM parts
			WHERE p ->> '$.change' <> (p ->> '$.given') - (p ->> '$.amount')`)
}

// checkMeals compares how many meals a line is worth, which no fiscal entry says, with the chained event of its sale.
func checkMeals(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `WITH
		told AS (SELECT e.body ->> '$.journal[0]' AS seq, CAST(m.key AS INTEGER) AS n, m.value AS units
			FROM events AS e, json_each(e.body, '$.meals') AS m WHERE e.type = 'sale.paid'),
		kept AS (SELECT l.seq, l.n, l.meal_units AS units FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
			WHERE s.refunds IS NULL AND l.meal_units > 0)
		SELECT 'line ' || n || ' of entry ' || seq || ' is worth ' || units || ' meals, its sale says otherwise' FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'line ' || n || ' of entry ' || seq || ' was worth ' || units || ' meals' FROM (SELECT * FROM told EXCEPT SELECT * FROM kept)`)
}

// checkPools compares what the journal says is on the shelf with the items that are.
func checkPools(ctx context.Context, q data.Querier) ([]string, error) {
	pools, err := journal.Pools(ctx, q)
	if err != nil {
		return nil, err
	}
	shelf, err := suspended.Shelf(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, c := range shelf {
		if waiting := int64(c.Available + c.Reserved + c.Allotted); pools[c.Class] != waiting {
			bad = append(bad, fmt.Sprintf("%s: the journal has %d, the shelf %d", c.Class, pools[c.Class], waiting))
		}
	}
	return bad, nil
}

func checkDrawer(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'document ' || s.number || ': cash tenders ' || coalesce(c.cash, 0) || ', drawer ' || coalesce(d.amount, 0)
		FROM sales AS s
		LEFT JOIN (SELECT seq, sum(amount) AS cash FROM sale_tenders WHERE means = 'cash' GROUP BY seq) AS c ON c.seq = s.seq
		LEFT JOIN (SELECT seq, sum(amount) AS amount FROM drawer GROUP BY seq) AS d ON d.seq = s.seq
		WHERE coalesce(c.cash, 0) <> coalesce(d.amount, 0)`)
}
