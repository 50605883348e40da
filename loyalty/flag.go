package loyalty

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
)

// UnitsBeforeFlag is how many units one account may gain in a day before the manager sees a flag. It never blocks
// (solidarity.md §3.1, T5): a group may have lunch on one card.
const UnitsBeforeFlag = 12

// FlagKind says why an account is pointed out.
type FlagKind string

// The flags.
const (
	ManyUnits  FlagKind = "units"  // in one day
	ManyClaims FlagKind = "claims" // late, in seven days
)

// Flag points out an account to people, who judge. Nothing is refused because of it.
type Flag struct {
	Kind    FlagKind
	Account string // the root
	Card    string // number of its newest card
	Day     string // business day; of claims the last of the seven
	Count   int
}

// gain is what an account has gained in a day.
type gain struct {
	root, day     string
	units, claims int
}

// Flags returns what is to be looked at from one business day to another, both included: each day on which an account has
// gained more than UnitsBeforeFlag units, and for each account its worst seven days with more than ClaimsBeforeFlag late
// claims (case 11). The newest first.
func Flags(ctx context.Context, q data.Querier, from, to string) ([]Flag, error) {
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return nil, fmt.Errorf("flags from %q: %w", from, err)
	}
	gains, err := data.All(ctx, q, func(r *data.Rows) (g gain, err error) {
		err = r.Scan(&g.root, &g.day, &g.units, &g.claims)
		return g, err
	}, `
		SELECT a.root, s.day, COUNT(*), SUM(s.kind = 'LATE_CLAIM') FROM stamps s JOIN accounts a ON a.id = s.account
		WHERE s.day BETWEEN ? AND ? AND s.kind IN ('EARN', 'LATE_CLAIM') AND a.root <> '`+Counter+`'
		GROUP BY a.root, s.day ORDER BY a.root, s.day LIMIT -1`, first.AddDate(0, 0, -6).Format(time.DateOnly), to)
	if err != nil {
		return nil, err
	}
	var all []Flag
	worst := map[string]Flag{}
	for i, g := range gains {
		if g.day < from {
			continue
		}
		if g.units > UnitsBeforeFlag {
			all = append(all, Flag{Kind: ManyUnits, Account: g.root, Day: g.day, Count: g.units})
		}
		if n := claimsUpTo(gains[:i+1]); n > max(ClaimsBeforeFlag, worst[g.root].Count) {
			worst[g.root] = Flag{Kind: ManyClaims, Account: g.root, Day: g.day, Count: n}
		}
	}
	for _, f := range worst {
		all = append(all, f)
	}
	for i, f := range all {
		cards, err := CardsOf(ctx, q, f.Account)
		if err != nil {
			return nil, err
		}
		if len(cards) > 0 {
			all[i].Card = cards[0].Number
		}
	}
	slices.SortFunc(all, func(a, b Flag) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind))
	})
	return all, nil
}

// claimsUpTo sums the claims of the last account in the seven days that end with its last day.
func claimsUpTo(gains []gain) int {
	last := gains[len(gains)-1]
	end, err := time.Parse(time.DateOnly, last.day)
	if err != nil { // days are written by the kernel
		return 0
	}
	week, n := end.AddDate(0, 0, -6).Format(time.DateOnly), 0
	for _, g := range slices.Backward(gains) {
		if g.root != last.root || g.day < week {
			break
		}
		n += g.claims
	}
	return n
}
