package pos

import (
	"context"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
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
	Hours      []HourTotal     `json:"hours"`
	Operators  []OperatorTotal `json:"operators"`
	Solidarity Solidarity      `json:"solidarity"`
}

// TenderTotal totals one means of payment, refunds deducted.
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

// OperatorTotal totals what one operator rang.
type OperatorTotal struct {
	Operator string      `json:"operator"` // code
	Sales    int         `json:"sales"`
	Total    money.Cents `json:"total"`
	Refunds  int         `json:"refunds"`
}

// Solidarity totals what was given and served, by class.
type Solidarity struct {
	Given     map[string]int `json:"given"`      // gifts bought, refunded ones deducted
	Released  map[string]int `json:"released"`   // by nine paid meals, retracted ones deducted
	Served    map[string]int `json:"served"`     // undone ones deducted
	House     map[string]int `json:"house"`      // of those served, offered by the house
	Waiting   map[string]int `json:"waiting"`    // on the shelf now
	MealUnits int            `json:"meal_units"` // paid meals, refunded ones deducted
}

// Day reports one business day; empty is the current one.
func (t *Till) Day(ctx context.Context, day string) (Report, error) {
	if day == "" {
		day = t.db.BusinessDay(t.db.Now())
	}
	return t.Range(ctx, day, day)
}

// Range reports the business days from one to another, both included, 400 at most. Refusal: report.range.
func (t *Till) Range(ctx context.Context, from, to string) (Report, error) {
	first, err1 := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	bad := fault.New(fault.Invalid, "report.range", "Give two days as YYYY-MM-DD, the first not after the last.")
	switch {
	case err1 != nil:
		return Report{}, bad.Field("from", "date")
	case err2 != nil:
		return Report{}, bad.Field("to", "date")
	case last.Before(first) || last.Sub(first) >= reportDays*24*time.Hour:
		return Report{}, bad.Field("to", "range").With("max", reportDays)
	}
	r := Report{From: from, To: to}
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		for _, part := range []func(context.Context, data.Querier) error{r.documents, r.taxes, r.tenders, r.products, t.hours(&r), r.operators, r.solidarity} {
			if err := part(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

func (r *Report) documents(ctx context.Context, q data.Querier) error {
	return q.QueryRow(ctx, `SELECT coalesce(sum(total), 0), coalesce(sum(refunds IS NULL), 0), coalesce(sum(refunds IS NOT NULL), 0),
		coalesce(-sum(iif(refunds IS NULL, 0, total)), 0) FROM sales WHERE day BETWEEN ? AND ?`, r.From, r.To).
		Scan(&r.Total, &r.Sales, &r.Refunds, &r.Refunded)
}

// taxes adds up the tax of the documents; it is never computed from the total of a period (fiscal R85).
func (r *Report) taxes(ctx context.Context, q data.Querier) (err error) {
	r.VAT, err = data.All(ctx, q, scanTax, `SELECT x.bp, sum(x.ht), sum(x.vat), sum(x.ttc) FROM sales AS s JOIN sale_taxes AS x ON x.seq = s.seq
		WHERE s.day BETWEEN ? AND ? GROUP BY x.bp ORDER BY x.bp`, r.From, r.To)
	r.VAT = nonNil(r.VAT)
	return err
}

func (r *Report) tenders(ctx context.Context, q data.Querier) (err error) {
	r.Tenders, err = data.All(ctx, q, func(rows *data.Rows) (TenderTotal, error) {
		var x TenderTotal
		err := rows.Scan(&x.Means, &x.Amount, &x.Count)
		return x, err
	}, `SELECT x.means, sum(x.amount), count(*) FROM sales AS s JOIN sale_tenders AS x ON x.seq = s.seq
		WHERE s.day BETWEEN ? AND ? GROUP BY x.means ORDER BY sum(x.amount) DESC, x.means`, r.From, r.To)
	r.Tenders = nonNil(r.Tenders)
	return err
}

func (r *Report) products(ctx context.Context, q data.Querier) (err error) {
	r.Products, err = data.All(ctx, q, func(rows *data.Rows) (ProductTotal, error) {
		var x ProductTotal
		err := rows.Scan(&x.Product, &x.Name, &x.Kind, &x.Qty, &x.Total)
		return x, err
	}, `SELECT l.product, max(l.name), l.kind, sum(l.qty), sum(l.total) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
		WHERE s.day BETWEEN ? AND ? GROUP BY l.product, l.kind ORDER BY sum(l.total) DESC, l.product, l.kind`, r.From, r.To)
	r.Products = nonNil(r.Products)
	return err
}

// hours needs the café's zone, which SQLite does not know.
func (t *Till) hours(r *Report) func(context.Context, data.Querier) error {
	return func(ctx context.Context, q data.Querier) error {
		type sale struct {
			at    int64
			total money.Cents
			sales int
		}
		all, err := data.All(ctx, q, func(rows *data.Rows) (sale, error) {
			var s sale
			err := rows.Scan(&s.at, &s.total, &s.sales)
			return s, err
		}, `SELECT at, total, refunds IS NULL FROM sales WHERE day BETWEEN ? AND ? ORDER BY seq`, r.From, r.To)
		if err != nil {
			return err
		}
		var byHour [24]HourTotal
		for _, s := range all {
			h := &byHour[time.UnixMilli(s.at).In(t.db.Zone()).Hour()]
			h.Sales += s.sales
			h.Total += s.total
		}
		r.Hours = []HourTotal{}
		for hour, h := range byHour {
			if h.Sales != 0 || h.Total != 0 {
				h.Hour = hour
				r.Hours = append(r.Hours, h)
			}
		}
		return nil
	}
}

func (r *Report) operators(ctx context.Context, q data.Querier) (err error) {
	r.Operators, err = data.All(ctx, q, func(rows *data.Rows) (OperatorTotal, error) {
		var x OperatorTotal
		err := rows.Scan(&x.Operator, &x.Sales, &x.Total, &x.Refunds)
		return x, err
	}, `SELECT operator, sum(refunds IS NULL), sum(total), sum(refunds IS NOT NULL) FROM sales
		WHERE day BETWEEN ? AND ? GROUP BY operator ORDER BY operator`, r.From, r.To)
	r.Operators = nonNil(r.Operators)
	return err
}

func (r *Report) solidarity(ctx context.Context, q data.Querier) error {
	s := &r.Solidarity
	for _, c := range []struct {
		into  *map[string]int
		query string
	}{
		{&s.Given, `SELECT l.class, sum(l.qty) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
			WHERE s.day BETWEEN ? AND ? AND l.kind = 'gift' GROUP BY l.class`},
		{&s.Served, `SELECT class, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day BETWEEN ? AND ? GROUP BY class`},
		{&s.House, `SELECT class, sum(iif(undoes IS NULL, 1, -1)) FROM redemptions WHERE day BETWEEN ? AND ? AND origin = 'HOUSE' GROUP BY class`},
	} {
		var err error
		if *c.into, err = countByClass(ctx, q, c.query, r.From, r.To); err != nil {
			return err
		}
	}
	if err := q.QueryRow(ctx, `SELECT coalesce(sum(l.qty * l.meal_units), 0) FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
		WHERE s.day BETWEEN ? AND ?`, r.From, r.To).Scan(&s.MealUnits); err != nil {
		return err
	}
	return r.shelf(ctx, q)
}

func countByClass(ctx context.Context, q data.Querier, query string, args ...any) (map[string]int, error) {
	type count struct {
		class string
		n     int
	}
	all, err := data.All(ctx, q, func(rows *data.Rows) (count, error) {
		var c count
		err := rows.Scan(&c.class, &c.n)
		return c, err
	}, query, args...)
	counts := map[string]int{}
	for _, c := range all {
		counts[c.class] = c.n
	}
	return counts, err
}

// shelf adds what suspended knows: releases of the days, and what waits now.
func (r *Report) shelf(ctx context.Context, q data.Querier) error {
	released, err := suspended.ReleasedBetween(ctx, q, r.From, r.To)
	if err != nil {
		return err
	}
	r.Solidarity.Released = released
	classes, err := suspended.Shelf(ctx, q)
	r.Solidarity.Waiting = map[string]int{}
	for _, c := range classes {
		r.Solidarity.Waiting[c.Class] = c.Available
	}
	return err
}
