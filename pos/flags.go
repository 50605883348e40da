package pos

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/loyalty"
)

// FlagKind is why something is to be looked at.
type FlagKind string

// The flags of solidarity.md §3.1. None blocks anything: every cap found elsewhere hurts the lunch of a group.
const (
	FlagUnits   FlagKind = "units"   // more than twelve meals on one account in a day
	FlagClaims  FlagKind = "claims"  // more than twelve late claims of one account in a week
	FlagUndone  FlagKind = "undone"  // more than two servings taken back in a shift
	FlagRefunds FlagKind = "refunds" // more than one refund of a gift in a day
	FlagRatio   FlagKind = "ratio"   // servings beside cash sales beyond what chance explains: see ServingRatio
)

// From which count on people are asked to look.
const (
	flagUndone  = 2
	flagRefunds = 1
)

// Flag is something for a manager to look at and to judge: no guest is in it, and no verdict.
type Flag struct {
	ID    string   `json:"id"` // stable: it is seen once
	Kind  FlagKind `json:"kind"`
	Day   string   `json:"day"`   // business day it was noticed on
	Who   string   `json:"who"`   // operator code, or the number of a card; empty: nobody in particular
	Count int      `json:"count"` // units, claims, servings or refunds; of a ratio, basis points
	Limit int      `json:"limit"` // that was passed
	Seen  string   `json:"seen"`  // code of who has looked at it; empty: nobody has
}

var errFlag = fault.New(fault.NotFound, "flag.unknown", "There is no such flag.")

// Flags lists what is to be looked at of the last thirty business days, the newest first, what was seen at the end.
func (t *Till) Flags(ctx context.Context) (all []Flag, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		all, err = flags(ctx, q, t.db.Today())
		return err
	})
	return all, err
}

func flags(ctx context.Context, q data.Querier, today string) ([]Flag, error) {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return nil, err
	}
	from := date(day.AddDate(0, 0, 1-ratioDays))
	var all []Flag
	for _, find := range []func(ctx context.Context, q data.Querier, from, today string) ([]Flag, error){cardFlags, undoneFlags, refundFlags, ratioFlags} {
		some, err := find(ctx, q, from, today)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	seen, err := flagsSeen(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Seen = seen[all[i].ID]
	}
	slices.SortStableFunc(all, func(a, b Flag) int {
		if (a.Seen == "") != (b.Seen == "") {
			return cmp.Compare(len(a.Seen), len(b.Seen))
		}
		return cmp.Compare(b.Day, a.Day)
	})
	return all, nil
}

func flagsSeen(ctx context.Context, q data.Querier) (map[string]string, error) {
	seen := map[string]string{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var flag, operator string
		err := r.Scan(&flag, &operator)
		seen[flag] = operator
		return err
	}, `SELECT flag, operator FROM flags_seen ORDER BY flag LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("flags seen: %w", err)
	}
	return seen, nil
}

// cardFlags are those of accounts: what a card gains, never what a guest is served.
func cardFlags(ctx context.Context, q data.Querier, from, today string) ([]Flag, error) {
	found, err := loyalty.Flags(ctx, q, from, today)
	if err != nil {
		return nil, err
	}
	all := make([]Flag, len(found))
	for i, f := range found {
		kind, limit := FlagUnits, loyalty.UnitsBeforeFlag
		if f.Kind == loyalty.ManyClaims {
			kind, limit = FlagClaims, loyalty.ClaimsBeforeFlag
		}
		all[i] = Flag{ID: string(kind) + ":" + f.Account + ":" + f.Day, Kind: kind, Day: f.Day, Who: f.Card, Count: f.Count, Limit: limit}
	}
	return all, nil
}

// undoneFlags finds the shifts with more than two servings taken back.
func undoneFlags(ctx context.Context, q data.Querier, from, today string) ([]Flag, error) {
	return data.All(ctx, q, func(r *data.Rows) (Flag, error) {
		var shift string
		f := Flag{Kind: FlagUndone, Limit: flagUndone}
		err := r.Scan(&shift, &f.Day, &f.Count)
		f.ID = "undone:" + shift
		return f, err
	}, `SELECT shift, max(day), count(*) FROM redemptions WHERE day BETWEEN ? AND ? AND undoes IS NOT NULL
		GROUP BY shift HAVING count(*) > ? ORDER BY max(seq) DESC LIMIT -1`, from, today, flagUndone)
}

// refundFlags finds the days with more than one refund of gifts.
func refundFlags(ctx context.Context, q data.Querier, from, today string) ([]Flag, error) {
	refunds, err := GiftRefunds(ctx, q, from, today)
	if err != nil {
		return nil, err
	}
	documents := map[string][]string{}
	for _, r := range refunds {
		if !slices.Contains(documents[r.Day], r.Number) {
			documents[r.Day] = append(documents[r.Day], r.Number)
		}
	}
	var all []Flag
	for day, numbers := range documents {
		if len(numbers) > flagRefunds {
			all = append(all, Flag{ID: "refunds:" + day, Kind: FlagRefunds, Day: day, Count: len(numbers), Limit: flagRefunds})
		}
	}
	slices.SortFunc(all, func(a, b Flag) int { return cmp.Compare(b.Day, a.Day) })
	return all, nil
}

// ratioFlags finds who serves beyond what chance explains. Once seen, it is told again in another month.
func ratioFlags(ctx context.Context, q data.Querier, _, today string) ([]Flag, error) {
	all, err := ratios(ctx, q, today, "")
	if err != nil {
		return nil, err
	}
	var found []Flag
	for _, r := range all {
		if r.Beyond {
			found = append(found, Flag{ID: "ratio:" + r.Operator + ":" + today[:len("2006-01")], Kind: FlagRatio, Day: today, Who: r.Operator, Count: int(r.Ratio), Limit: int(r.Limit)})
		}
	}
	return found, nil
}

// SeeFlag notes that somebody has looked at a flag. Nothing else is kept of it: what came of it is said, not written.
// Refusals: right.missing, flag.unknown.
func (t *Till) SeeFlag(ctx context.Context, by By, id string) (Flag, error) {
	if err := by.mustManage(); err != nil {
		return Flag{}, err
	}
	f, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Flag, error) {
		all, err := flags(ctx, tx, tx.Day())
		if err != nil {
			return Flag{}, err
		}
		i := slices.IndexFunc(all, func(f Flag) bool { return f.ID == id })
		if i < 0 {
			return Flag{}, errFlag.With("flag", strconv.Quote(id))
		}
		if all[i].Seen != "" {
			return all[i], nil
		}
		all[i].Seen = by.Operator.Code
		if _, err := tx.Exec(ctx, `INSERT INTO flags_seen (flag, event, at, operator) VALUES (?, ?, ?, ?)`, id, tx.EventSeq(), tx.Now().UnixMilli(), by.Operator.Code); err != nil {
			return Flag{}, fmt.Errorf("see flag: %w", err)
		}
		return all[i], tx.Record(data.Event{Type: "flag.seen", Topics: []string{"manage"}, Body: map[string]any{"flag": id, "operator": by.Operator.Code}})
	})
	return f, err
}

// Watch is what a closing, or a reading of the day, says beside its document of what is served and given back (T1, T3, I17).
type Watch struct {
	Ratios  []ServingRatio // of each operator, the largest first
	Refunds []GiftRefund
	Tokens  []Tokens // of each shift that counted them, or served by one
	Shift   *Tokens  // of the open shift; nil: there is none, or none of that
}

// DayWatch returns that of the business days from one to another; the ratios are those of the last thirty days before its end.
func (t *Till) DayWatch(ctx context.Context, from, to string) (w Watch, err error) {
	first, last, err := days(from, to)
	if err != nil {
		return w, err
	}
	at := func(day time.Time) int64 {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, int(t.db.CutOff()), t.db.Zone()).UnixMilli()
	}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		if w.Ratios, err = ratios(ctx, q, to, ""); err != nil {
			return err
		}
		if w.Refunds, err = GiftRefunds(ctx, q, from, to); err != nil {
			return err
		}
		if w.Tokens, err = tokensBetween(ctx, q, at(first), at(last.AddDate(0, 0, 1))); err != nil {
			return err
		}
		s, err := t.openShift(ctx, q)
		if fault.CodeOf(err) == errNoShift.Code {
			return nil
		}
		if err == nil {
			w.Shift, err = shiftTokens(ctx, q, s.ID)
		}
		return err
	})
	return w, err
}

// Basis is the count of a flag about a ratio, which is in basis points.
func (f Flag) Basis() money.BasisPoints { return money.BasisPoints(f.Count) }

// BasisLimit is the limit of a flag about a ratio.
func (f Flag) BasisLimit() money.BasisPoints { return money.BasisPoints(f.Limit) }
