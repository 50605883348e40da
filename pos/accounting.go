package pos

import (
	"context"
	"encoding/json"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

// Accounting is a plan for the accountant and since when it is in force.
type Accounting struct {
	N    int64       `json:"n"`   // 0: the plan of a café that has chosen nothing
	Day  string      `json:"day"` // first business day it is in force on; "" for N 0
	Plan export.Plan `json:"plan"`
}

// errAccountingStale is told to whoever changes a plan that somebody else has changed since they read it.
var errAccountingStale = fault.New(fault.Conflict, "accounting.stale", "Somebody else has changed the accounts meanwhile; look at them as they are now.")

// mustKeepBooks refuses whoever is neither a manager nor an accountant.
func (b By) mustKeepBooks() error {
	if b.Operator.Role == RoleManager || b.Operator.Role == RoleAccountant {
		return nil
	}
	return errRight
}

// Accounting returns the newest plan: that of the open day.
func (t *Till) Accounting(ctx context.Context) (Accounting, error) {
	all, err := plans(ctx, t.db.Reader())
	if err != nil {
		return Accounting{}, err
	}
	return all[len(all)-1], nil
}

// SaveAccounting puts another plan in force, from the business day on that is open: what is closed keeps the plan it had,
// so that exporting it again gives the same bytes (fiscal R109). seen is the number of the plan that was read. One journal
// entry holds what differs, old and new (R65). A plan that says the same changes nothing.
//
// Refusals: right.missing for whoever is neither a manager nor an accountant, accounting.invalid, accounting.stale.
func (t *Till) SaveAccounting(ctx context.Context, by By, seen int64, p export.Plan) (Accounting, error) {
	if err := by.mustKeepBooks(); err != nil {
		return Accounting{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Accounting, error) {
		clean, err := p.Check()
		if err != nil {
			return Accounting{}, err
		}
		all, err := plans(ctx, tx)
		if err != nil {
			return Accounting{}, err
		}
		now := all[len(all)-1]
		if now.Plan.Equal(clean) {
			return now, nil
		}
		if now.N != seen {
			return Accounting{}, errAccountingStale
		}
		return t.putAccounting(ctx, tx, by, now, clean)
	})
	return saved, err
}

func (t *Till) putAccounting(ctx context.Context, tx *data.Tx, by By, now Accounting, p export.Plan) (Accounting, error) {
	before, after := now.Plan.Changes(p)
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Body: journal.EventBody{
		Code: journal.EventConfigChange, Data: map[string]any{"what": configAccounting, "id": "", "old": before, "new": after}}})
	if err != nil {
		return Accounting{}, err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Accounting{}, fmt.Errorf("plan: %w", err)
	}
	next := Accounting{N: now.N + 1, Day: e.Day, Plan: p}
	if _, err := tx.Exec(ctx, `INSERT INTO accounting (n, seq, day, body) VALUES (?, ?, ?, ?)`, next.N, e.Seq, next.Day, string(body)); err != nil {
		return Accounting{}, fmt.Errorf("plan: %w", err)
	}
	return next, tx.Record(data.Event{Type: "accounting.changed", Body: map[string]any{"journal": []int64{e.Seq}}})
}

// configAccounting is what a CONFIG_CHANGE of the plan is of.
const configAccounting = "accounting"

// plans returns every plan in the order of time, that of a café that has chosen nothing first.
func plans(ctx context.Context, q data.Querier) ([]Accounting, error) {
	rows, err := data.All(ctx, q, func(r *data.Rows) (Accounting, error) {
		var a Accounting
		var body string
		if err := r.Scan(&a.N, &a.Day, &body); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(body), &a.Plan)
	}, `SELECT n, day, body FROM accounting ORDER BY n LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	return append([]Accounting{{Plan: export.DefaultPlan()}}, rows...), nil
}

// planOf returns the plan in force on a business day: the newest that had begun.
func planOf(all []Accounting, day string) export.Plan {
	plan := all[0].Plan
	for _, a := range all[1:] {
		if a.Day <= day {
			plan = a.Plan
		}
	}
	return plan
}

// RatesSold returns the rates that something was ever sold at, as the newest closing has them.
func (t *Till) RatesSold(ctx context.Context) ([]money.BasisPoints, error) {
	e, err := journal.LastClosing(ctx, t.db.Reader(), journal.KindCloseDay)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var b journal.CloseBody
	if err := e.Decode(&b); err != nil {
		return nil, err
	}
	rates := make([]money.BasisPoints, len(b.GT.Rates))
	for i, r := range b.GT.Rates {
		rates[i] = r.BP
	}
	return rates, nil
}

// Closed returns the first business day of the journal, and the last one that is closed; last is "" when none is.
func (t *Till) Closed(ctx context.Context) (first, last string, err error) {
	genesis, err := journal.At(ctx, t.db.Reader(), 0)
	if err != nil {
		return "", "", err
	}
	e, err := journal.LastClosing(ctx, t.db.Reader(), journal.KindCloseDay)
	if fault.KindOf(err) == fault.NotFound {
		return genesis.Day, "", nil
	}
	return genesis.Day, e.Day, err
}
