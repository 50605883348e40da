package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

// firstDay is before any journal began.
const firstDay = "2000-01-01"

// exportInput reads what a file is made of, as q sees it: the closings of its days, and of those before them where the
// file says what was there when it begins. It cuts x.To to the last day that is closed.
func (t *Till) exportInput(ctx context.Context, q data.Querier, x *Exported, all []Accounting) (export.Input, error) {
	deferred := false
	for _, a := range all {
		deferred = deferred || a.Plan.Suspended == export.SuspendedDeferred
	}
	since := x.From
	switch {
	case x.Kind == export.FEC && deferred, x.Kind == export.CashBook:
		since = firstDay // what waits to be earned, and what is in the drawer, come from the first day on
	case x.Kind == export.Solidarity:
		since = dayBefore(x.From)
	}
	entries, err := journal.Closings(ctx, q, journal.KindCloseDay, since, x.To)
	if err != nil {
		return export.Input{}, err
	}
	if len(entries) == 0 || entries[len(entries)-1].Day < x.From {
		return export.Input{}, errExportEmpty.With("open", t.db.Today())
	}
	x.To = entries[len(entries)-1].Day
	in := export.Input{From: x.From, To: x.To, Days: make([]export.Day, len(entries)), Cafe: export.Cafe{
		Name: t.identity.Name, SIRET: t.identity.SIRET, VATNumber: t.identity.VATNumber, Regime: t.identity.VATRegime, Demo: t.identity.Demo}}
	for i, e := range entries {
		if in.Days[i], in.Cafe.Journal, err = t.exportDay(e); err != nil {
			return in, err
		}
		if in.Days[i].Plan = planOf(all, e.Day); x.Plan >= 0 {
			in.Days[i].Plan = all[x.Plan].Plan
		}
	}
	switch x.Kind {
	case export.EReporting:
		return in, zeroTickets(ctx, q, in)
	case export.Solidarity:
		return in, t.solidarityOf(ctx, q, &in)
	case export.FEC, export.Takings, export.CashBook:
	}
	if x.Kind == export.FEC && deferred {
		return in, giftsSold(ctx, q, in)
	}
	return in, nil
}

// exportDay reads one closing, and the journal it is in.
func (t *Till) exportDay(e journal.Entry) (export.Day, string, error) {
	d := export.Day{Number: e.Number, Seq: e.Seq, Hash: e.Hash, Closed: e.At.In(t.db.Zone())}
	env, err := e.Envelope()
	if err != nil {
		return d, "", err
	}
	return d, env.Journal, e.Decode(&d.Body)
}

// byDay finds the days of an input.
func byDay(in export.Input) map[string]*export.Day {
	at := make(map[string]*export.Day, len(in.Days))
	for i := range in.Days {
		at[in.Days[i].Body.ToDay] = &in.Days[i]
	}
	return at
}

// zeroTickets counts the tickets and refunds of zero value, which no closing tells apart (fiscal U16). Documents of training have no
// row here.
func zeroTickets(ctx context.Context, q data.Querier, in export.Input) error {
	at := byDay(in)
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var day string
		var n int64
		if err := r.Scan(&day, &n); err != nil {
			return err
		}
		if d := at[day]; d != nil {
			d.ZeroTickets = n
		}
		return nil
	}, `SELECT day, count(*) FROM sales WHERE day BETWEEN ? AND ? AND total = 0 GROUP BY day ORDER BY day LIMIT -1`, in.From, in.To)
	if err != nil {
		return fmt.Errorf("tickets of zero value: %w", err)
	}
	return nil
}

// giftsSold adds what the suspended items of each day were sold for, tax left out at the rate they were sold at (fiscal
// R113). It moves revenue between two accounts, and no tax.
func giftsSold(ctx context.Context, q data.Querier, in export.Input) error {
	at := byDay(in)
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var day string
		var g export.Gift
		var bp money.BasisPoints
		var ttc money.Cents
		if err := r.Scan(&day, &g.Class, &bp, &g.Sold, &ttc, &g.Refunded); err != nil {
			return err
		}
		if d := at[day]; d != nil {
			g.HT = bp.Net(ttc)
			d.Gifts = append(d.Gifts, g)
		}
		return nil
	}, `SELECT s.day, l.class, l.vat_bp, sum(iif(s.refunds IS NULL, l.qty, 0)), sum(iif(s.refunds IS NULL, l.total, 0)), -sum(iif(s.refunds IS NULL, 0, l.qty))
		FROM sales AS s JOIN sale_lines AS l ON l.seq = s.seq
		WHERE s.day <= ? AND l.kind = 'gift' GROUP BY s.day, l.class, l.vat_bp ORDER BY s.day, l.class, l.vat_bp LIMIT -1`, in.To)
	if err != nil {
		return fmt.Errorf("gifts sold: %w", err)
	}
	return nil
}
