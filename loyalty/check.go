package loyalty

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"comptoir/data"
	"comptoir/suspended"
)

// Checks are the invariants this package can see by itself.
func Checks() []data.Check {
	return []data.Check{
		{Name: "I1 a meal has at most one live stamp", Run: checkUnits},
		{Name: "I3 no account has fewer than no stamps", Run: checkSums},
		{Name: "I4 releases follow from stamps", Run: checkLaw},
		{Name: "I5 the house advances only what cannot be taken back", Run: checkAdvance},
		{Name: "I7 all releases are earned or advanced", Run: checkTotals},
		{Name: "merges lead to the root, and their cards are dead", Run: checkMerges},
		{Name: "card numbers have their check digit", Run: checkNumbers},
		{Name: "nobody who is gone has left a contact", Run: checkContacts},
	}
}

// checkUnits reads the stamps of every unit in order: +1, -1, +1, … each -1 from the account of the +1 before.
func checkUnits(ctx context.Context, q data.Querier) (bad []string, err error) {
	var lastUnit, lastAccount string
	var lastNth, sum int
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var unit, account string
		var nth, delta int
		if err := r.Scan(&unit, &nth, &account, &delta); err != nil {
			return err
		}
		if unit != lastUnit {
			lastUnit, lastAccount, lastNth, sum = unit, "", 0, 0
		}
		if nth != lastNth+1 {
			bad = append(bad, fmt.Sprintf("stamps: unit %s has number %d after %d", unit, nth, lastNth))
		}
		if sum += delta; sum != 0 && sum != 1 {
			bad = append(bad, fmt.Sprintf("stamps: unit %s sums to %d at number %d", unit, sum, nth))
		}
		if delta < 0 && account != lastAccount {
			bad = append(bad, fmt.Sprintf("stamps: unit %s number %d takes from account %s what account %q has", unit, nth, account, lastAccount))
		}
		lastAccount, lastNth = account, nth
		return nil
	}, `SELECT unit, nth, account, delta FROM stamps ORDER BY unit, nth LIMIT -1`)
	return bad, err
}

func checkSums(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (string, error) {
		var account string
		var sum int
		err := r.Scan(&account, &sum)
		return fmt.Sprintf("stamps: account %s sums to %d", account, sum), err
	}, `SELECT account, SUM(delta) FROM stamps GROUP BY account HAVING SUM(delta) < 0 ORDER BY account LIMIT -1`)
}

// stands returns where every root stands, and the releases of accounts that do not exist.
func stands(ctx context.Context, q data.Querier) (all map[string]standing, orphans map[string]suspended.Counts, err error) {
	roots := map[string]string{}
	all = map[string]standing{}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var id, root string
		var sum int
		err := r.Scan(&id, &root, &sum)
		st := all[root]
		st.stamps += sum
		roots[id], all[root] = root, st
		return err
	}, `SELECT a.id, a.root, COALESCE(SUM(s.delta), 0)
		FROM accounts a LEFT JOIN stamps s ON s.account = a.id
		GROUP BY a.id ORDER BY a.id LIMIT -1`)
	if err != nil {
		return nil, nil, err
	}
	orphans, err = suspended.ReleasesByAccount(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	for account, n := range orphans {
		root, known := roots[account]
		if !known {
			continue
		}
		st := all[root]
		st.releases.InForce += n.InForce
		st.releases.Irrevocable += n.Irrevocable
		st.releases.Served += n.Served
		all[root] = st
		delete(orphans, account)
	}
	return all, orphans, nil
}

func checkLaw(ctx context.Context, q data.Querier) (bad []string, err error) {
	all, _, err := stands(ctx, q)
	for _, root := range slices.Sorted(maps.Keys(all)) {
		if st := all[root]; !st.lawful() {
			bad = append(bad, fmt.Sprintf("account %s: %d stamps earn %d releases, %d are irrevocable, but %d are in force",
				root, st.stamps, st.earned(), st.releases.Irrevocable, st.releases.InForce))
		}
	}
	return bad, err
}

func checkAdvance(ctx context.Context, q data.Querier) (bad []string, err error) {
	all, _, err := stands(ctx, q)
	for _, root := range slices.Sorted(maps.Keys(all)) {
		st := all[root]
		if d := st.advance(); d < 0 || d > 0 && st.releases.InForce != st.releases.Irrevocable {
			bad = append(bad, fmt.Sprintf("account %s: an advance of %d with %d releases in force, %d of them irrevocable",
				root, d, st.releases.InForce, st.releases.Irrevocable))
		}
	}
	return bad, err
}

// checkTotals counts the releases from the items and from the accounts, the advance being what is irrevocable
// beyond what is earned.
func checkTotals(ctx context.Context, q data.Querier) (bad []string, err error) {
	all, orphans, err := stands(ctx, q)
	if err != nil {
		return nil, err
	}
	inForce, earned, advanced := 0, 0, 0
	for _, st := range all {
		inForce += st.releases.InForce
		earned += st.earned()
		advanced += max(0, st.releases.Irrevocable-st.earned())
	}
	for _, account := range slices.Sorted(maps.Keys(orphans)) {
		n := orphans[account].InForce
		inForce += n
		bad = append(bad, fmt.Sprintf("items: %d releases in force name account %s, which does not exist", n, account))
	}
	if inForce != earned+advanced {
		bad = append(bad, fmt.Sprintf("items: %d releases in force, but %d earned and %d advanced", inForce, earned, advanced))
	}
	return bad, nil
}

// checkMerges follows every account through the merges to its end.
func checkMerges(ctx context.Context, q data.Querier) (bad []string, err error) {
	into := map[string]string{}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var absorbed, kept string
		err := r.Scan(&absorbed, &kept)
		into[absorbed] = kept
		return err
	}, `SELECT absorbed, kept FROM merges ORDER BY absorbed LIMIT -1`)
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var id, root string
		if err := r.Scan(&id, &root); err != nil {
			return err
		}
		end, steps := id, 0
		for into[end] != "" && steps <= len(into) {
			end, steps = into[end], steps+1
		}
		switch {
		case steps > len(into):
			bad = append(bad, fmt.Sprintf("merges: account %s runs in a circle", id))
		case end != root:
			bad = append(bad, fmt.Sprintf("accounts: the root of %s is %s, the merges say %s", id, root, end))
		}
		return nil
	}, `SELECT id, root FROM accounts ORDER BY id LIMIT -1`)
	if err != nil {
		return nil, err
	}
	alive, err := data.All(ctx, q, func(r *data.Rows) (string, error) {
		var number, account string
		err := r.Scan(&number, &account)
		return fmt.Sprintf("cards: %s is alive on account %s, which was merged away", number, account), err
	}, `SELECT c.number, c.account FROM cards c JOIN merges m ON m.absorbed = c.account
		WHERE c.state = 'ACTIVE' ORDER BY c.number LIMIT -1`)
	return append(bad, alive...), err
}

func checkNumbers(ctx context.Context, q data.Querier) (bad []string, err error) {
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var number string
		if err := r.Scan(&number); err != nil {
			return err
		}
		if _, looks, err := parseNumber(number); !looks || err != nil {
			bad = append(bad, fmt.Sprintf("cards: number %s does not end with its check digit", number))
		}
		return nil
	}, `SELECT number FROM cards ORDER BY number LIMIT -1`)
	return bad, err
}
