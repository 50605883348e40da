package pos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/suspended"
)

// reportDays bounds the range of a report (architecture.md §6).
const reportDays = 400

// Report adds up what was sold and served over some business days. Refunds count with the day they were made.
type Report struct {
	From       string          `json:"from"`
	To         string          `json:"to"`
	Total      money.Cents     `json:"total"` // sales minus refunds, tax included
	Sales      int             `json:"sales"` // documents
	Refunds    int             `json:"refunds"`
	Refunded   money.Cents     `json:"refunded"` // positive
	VAT        []Tax           `json:"vat"`
	Tenders    []TenderTotal   `json:"tenders"`
	Products   []ProductTotal  `json:"products"`
	Hours      []HourTotal     `json:"hours"` // in the order of the business day: those after midnight come last
	Days       []DayTotal      `json:"days"`
	Operators  []OperatorTotal `json:"operators"`
	Discounts  []DiscountTotal `json:"discounts"`
	Solidarity Solidarity      `json:"solidarity"`
}

// TenderTotal totals one means of payment, refunds deducted. A correction of the means moves amounts with the day it was
// made; payments are counted as they were entered.
type TenderTotal struct {
	Means  Means       `json:"means"`
	Amount money.Cents `json:"amount"`
	Count  int         `json:"count"`
}

// ProductTotal totals one product of one kind, refunds deducted.
type ProductTotal struct {
	Product string      `json:"product"`
	Name    string      `json:"name"`
	Kind    Kind        `json:"kind"`
	Qty     int         `json:"qty"`
	Total   money.Cents `json:"total"`
}

// HourTotal totals one hour of the local clock.
type HourTotal struct {
	Hour  int         `json:"hour"`
	Sales int         `json:"sales"`
	Total money.Cents `json:"total"`
}

// DayTotal totals one business day; a day without documents is absent.
type DayTotal struct {
	Day   string      `json:"day"`
	Sales int         `json:"sales"`
	Total money.Cents `json:"total"`
}

// OperatorTotal totals what one operator rang.
type OperatorTotal struct {
	Operator string      `json:"operator"` // code
	Sales    int         `json:"sales"`
	Total    money.Cents `json:"total"`
	Refunds  int         `json:"refunds"`
}

// DiscountTotal totals what was taken off for one reason by one operator, refunds deducted (fiscal R44). What was
// offered, so that nothing was left to pay of a line, is counted apart: it is in no Amount.
type DiscountTotal struct {
	Reason     string      `json:"reason"`      // one of DiscountReasons
	Operator   string      `json:"operator"`    // code of who took the payment; of a refund, who took that of its sale
	Qty        int         `json:"qty"`         // units that were made cheaper
	Amount     money.Cents `json:"amount"`      // cents taken off them
	OfferedQty int         `json:"offered_qty"` // units that were offered
	Offered    money.Cents `json:"offered"`     // their menu price
}

// Solidarity totals what was given and served, by class.
type Solidarity struct {
	Given     map[string]int `json:"given"`      // gifts bought, refunded ones deducted
	Released  map[string]int `json:"released"`   // by nine paid meals, retracted ones deducted
	Served    map[string]int `json:"served"`     // undone ones deducted
	House     map[string]int `json:"house"`      // of those served, offered by the house
	ServedBy  map[string]int `json:"served_by"`  // those served, by the origin that bore them
	Collected map[string]int `json:"collected"`  // by partners, items of the house too
	Waiting   map[string]int `json:"waiting"`    // on the shelf now
	MealUnits int            `json:"meal_units"` // paid meals, refunded ones deducted
}

// Day reports one business day; empty is the current one.
func (t *Till) Day(ctx context.Context, day string) (Report, error) {
	if day == "" {
		day = t.db.Today()
	}
	return t.Range(ctx, day, day)
}

// Range reports the business days from one to another, both included, 400 at most. Refusal: report.range.
func (t *Till) Range(ctx context.Context, from, to string) (Report, error) {
	if _, _, err := days(from, to); err != nil {
		return Report{}, err
	}
	var r Report
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		r, err = t.report(ctx, q, from, to)
		return err
	})
	return r, err
}

// report adds up the days from one to another, as q sees them.
func (t *Till) report(ctx context.Context, q data.Querier, from, to string) (Report, error) {
	r := Report{From: from, To: to}
	at, err := findSeqs(ctx, q, from, to)
	if err != nil {
		return r, err
	}
	if err := t.documents(ctx, q, &r); err != nil {
		return r, fmt.Errorf("documents: %w", err)
	}
	for _, part := range []func(context.Context, data.Querier, seqs) error{r.taxes, r.tenders, r.lines, r.discounts, r.solidarity} {
		if err := part(ctx, q, at); err != nil {
			return r, fmt.Errorf("report: %w", err)
		}
	}
	return r, nil
}

// seqs are the first and the last sale of some days. A business day never goes back (data.Tx.Day), so all between
// them are theirs, and what belongs to sales is read without a look at each: a month of 100,000 in 0.5 s instead of 3.
type seqs struct{ first, last int64 }

// within narrows a table x to the rows of seqs.
const within = ` WHERE x.seq BETWEEN ? AND ? `

func findSeqs(ctx context.Context, q data.Querier, from, to string) (s seqs, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce(min(seq), 0), coalesce(max(seq), -1) FROM sales WHERE day BETWEEN ? AND ?`, from, to).Scan(&s.first, &s.last)
	if err != nil {
		return s, fmt.Errorf("sales from %s to %s: %w", from, to, err)
	}
	return s, nil
}

// quarter is the grain in which SQLite adds up sales by time, in milliseconds: the hours of every zone are made of
// such, and SQLite knows no zone.
const quarter = 15 * 60 * 1000

// documents adds up the sales and refunds themselves: in all, by hour of the café's clock, by day, by who rang them.
func (t *Till) documents(ctx context.Context, q data.Querier, r *Report) error {
	var hours [24]HourTotal
	days, operators := map[string]DayTotal{}, map[string]OperatorTotal{}
	err := data.Each(ctx, q, func(rows *data.Rows) error {
		var day, operator string
		var at int64
		var sales, refunds int
		var total, refunded money.Cents
		if err := rows.Scan(&day, &at, &operator, &sales, &refunds, &total, &refunded); err != nil {
			return err
		}
		r.Total, r.Sales, r.Refunds, r.Refunded = r.Total+total, r.Sales+sales, r.Refunds+refunds, r.Refunded+refunded
		hour := time.UnixMilli(at * quarter).In(t.db.Zone()).Hour()
		hours[hour] = HourTotal{hour, hours[hour].Sales + sales, hours[hour].Total + total}
		days[day] = DayTotal{day, days[day].Sales + sales, days[day].Total + total}
		o := operators[operator]
		operators[operator] = OperatorTotal{operator, o.Sales + sales, o.Total + total, o.Refunds + refunds}
		return nil
	}, `SELECT day, at / ?, operator, sum(refunds IS NULL), sum(refunds IS NOT NULL), sum(total), -sum(iif(refunds IS NULL, 0, total))
		FROM sales WHERE day BETWEEN ? AND ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT -1`, quarter, r.From, r.To)
	if err != nil {
		return err
	}
	r.Hours, r.Days, r.Operators = []HourTotal{}, []DayTotal{}, []OperatorTotal{}
	for _, hour := range t.hoursOfDay() {
		if h := hours[hour]; h.Sales != 0 || h.Total != 0 {
			r.Hours = append(r.Hours, h)
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		r.Days = append(r.Days, days[day])
	}
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		r.Operators = append(r.Operators, operators[operator])
	}
	return nil
}

// hoursOfDay lists the hours of the clock as a business day meets them: it begins at the cut-off.
func (t *Till) hoursOfDay() []int {
	first := int(t.db.CutOff() / time.Hour)
	hours := make([]int, 24)
	for i := range hours {
		hours[i] = (first + i) % len(hours)
	}
	return hours
}

// taxes adds up the tax of the documents; it is never computed from the total of a period (fiscal R85).
func (r *Report) taxes(ctx context.Context, q data.Querier, at seqs) (err error) {
	r.VAT, err = data.All(ctx, q, scanTax,
		`SELECT x.bp, sum(x.ht), sum(x.vat), sum(x.ttc) FROM sale_taxes AS x`+within+`GROUP BY x.bp ORDER BY x.bp LIMIT -1`, at.first, at.last)
	r.VAT = nonNil(r.VAT)
	return err
}

func (r *Report) tenders(ctx context.Context, q data.Querier, at seqs) (err error) {
	r.Tenders, err = data.All(ctx, q, func(rows *data.Rows) (TenderTotal, error) {
		var x TenderTotal
		err := rows.Scan(&x.Means, &x.Amount, &x.Count)
		return x, err
	}, `SELECT x.means, sum(x.amount), count(*) FROM sale_tenders AS x`+within+`GROUP BY x.means ORDER BY sum(x.amount) DESC, x.means LIMIT -1`, at.first, at.last)
	if err != nil {
		return err
	}
	r.Tenders, err = fixTenders(ctx, q, nonNil(r.Tenders), `SELECT from_means, to_means, amount FROM payment_fixes WHERE day BETWEEN ? AND ? ORDER BY seq LIMIT -1`, r.From, r.To)
	slices.SortStableFunc(r.Tenders, func(a, b TenderTotal) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Means, b.Means))
	})
	return err
}

// lines adds up what was sold: by product, and of it the gifts and the paid meals.
func (r *Report) lines(ctx context.Context, q data.Querier, at seqs) error {
	type key struct {
		product string
		kind    Kind
	}
	products := map[key]ProductTotal{}
	r.Solidarity.Given = map[string]int{}
	err := data.Each(ctx, q, func(rows *data.Rows) error {
		var x ProductTotal
		var class string
		var units int
		if err := rows.Scan(&x.Product, &x.Name, &x.Kind, &class, &x.Qty, &x.Total, &units); err != nil {
			return err
		}
		if x.Kind == LineGift {
			r.Solidarity.Given[class] += x.Qty
		}
		r.Solidarity.MealUnits += units
		was := products[key{x.Product, x.Kind}]
		x.Name, x.Qty, x.Total = max(x.Name, was.Name), x.Qty+was.Qty, x.Total+was.Total
		products[key{x.Product, x.Kind}] = x
		return nil
	}, `SELECT x.product, max(x.name), x.kind, x.class, sum(x.qty), sum(x.total), sum(x.qty * x.meal_units)
		FROM sale_lines AS x`+within+`GROUP BY x.product, x.kind, x.class ORDER BY x.product, x.kind, x.class LIMIT -1`, at.first, at.last)
	r.Products = slices.SortedFunc(maps.Values(products), func(a, b ProductTotal) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Product, b.Product), cmp.Compare(a.Kind, b.Kind))
	})
	r.Products = nonNil(r.Products)
	return err
}

// discounts adds up what was taken off. What a refund gives back of it is deducted from the reason and the operator of
// its sale.
func (r *Report) discounts(ctx context.Context, q data.Querier, at seqs) (err error) {
	r.Discounts, err = data.All(ctx, q, func(rows *data.Rows) (DiscountTotal, error) {
		var x DiscountTotal
		err := rows.Scan(&x.Reason, &x.Operator, &x.Qty, &x.Amount, &x.OfferedQty, &x.Offered)
		return x, err
	}, `SELECT why, who, sum(iif(whole = 0, 0, qty)), sum(iif(whole = 0, 0, disc)), sum(iif(whole = 0, qty, 0)), sum(iif(whole = 0, disc, 0))
		FROM (SELECT coalesce(o.reason, x.reason) AS why, coalesce(was.operator, s.operator) AS who, x.qty, x.disc, coalesce(o.total, x.total) AS whole
			FROM sale_lines AS x JOIN sales AS s ON s.seq = x.seq
			LEFT JOIN sales AS was ON was.seq = s.refunds LEFT JOIN sale_lines AS o ON o.seq = s.refunds AND o.n = x.of_n`+within+`AND x.disc <> 0)
		GROUP BY why, who ORDER BY why, who LIMIT -1`, at.first, at.last)
	r.Discounts = nonNil(r.Discounts)
	return err
}

// solidarity adds what was served on the days, and what suspended knows: releases of the days, and what waits now.
func (r *Report) solidarity(ctx context.Context, q data.Querier, _ seqs) error {
	s := &r.Solidarity
	for _, c := range []struct {
		into  *map[string]int
		query string
	}{
		{&s.Served, `SELECT class, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day BETWEEN ? AND ? GROUP BY class ORDER BY class LIMIT -1`},
		{&s.House, `SELECT class, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day BETWEEN ? AND ? AND origin = 'HOUSE' GROUP BY class ORDER BY class LIMIT -1`},
		{&s.ServedBy, `SELECT origin, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day BETWEEN ? AND ? GROUP BY origin ORDER BY origin LIMIT -1`},
	} {
		var err error
		if *c.into, err = counts(ctx, q, c.query, r.From, r.To); err != nil {
			return err
		}
	}
	released, err := suspended.ReleasedBetween(ctx, q, r.From, r.To)
	if err != nil {
		return err
	}
	s.Released = released
	if s.Collected, err = suspended.CollectedBetween(ctx, q, r.From, r.To); err != nil {
		return err
	}
	classes, err := suspended.Shelved(ctx, q)
	s.Waiting = map[string]int{}
	for _, c := range classes {
		s.Waiting[c.Class] = c.Available
	}
	return err
}

// counts reads words with a number each.
func counts(ctx context.Context, q data.Querier, query string, args ...any) (map[string]int, error) {
	all := map[string]int{}
	err := data.Each(ctx, q, func(rows *data.Rows) error {
		var word string
		var n int
		err := rows.Scan(&word, &n)
		all[word] = n
		return err
	}, query, args...)
	return all, err
}
