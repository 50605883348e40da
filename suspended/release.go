package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

var errReleaseAccount = fault.New(fault.Internal, "release.account", "A release belongs to an account.")

// Counts sums up the releases of one or more accounts (solidarity.md §2.3).
type Counts struct {
	InForce     int // R: not retracted
	Irrevocable int // U: reserved, allotted, served or collected
	Served      int // served or collected
}

func releasePrefix(account string) string { return "rel:" + account + ":" }

// Release puts a meal on the shelf because an account has earned it. Its number counts every release ever issued
// to that account, retracted ones included, so that no release is issued twice. The caller keeps the release law;
// only loyalty calls this. Errors: NotFound class.unknown.
func Release(ctx context.Context, tx *data.Tx, account, class string, cost money.Cents) (Item, error) {
	if account == "" {
		return Item{}, errReleaseAccount
	}
	prefix := releasePrefix(account)
	var nth int
	err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(nth), 0) + 1 FROM items WHERE id >= ? AND id < ?`, prefix, until(prefix)).Scan(&nth)
	if err != nil {
		return Item{}, fmt.Errorf("next release of %s: %w", account, err)
	}
	it := Item{ID: prefix + strconv.Itoa(nth), Class: class, Origin: Loyalty, Cost: cost, Account: account}
	return create(ctx, tx, it, nth, ByRelease)
}

// RetractRelease takes back the most recent release of these accounts that is still on the shelf. It reports false
// when there is none: what is promised or eaten stays (case 30).
func RetractRelease(ctx context.Context, tx *data.Tx, accounts ...string) (Item, bool, error) {
	var last Item
	for _, account := range accounts {
		prefix := releasePrefix(account)
		var id string
		err := tx.QueryRow(ctx, `
			SELECT item FROM shelf
			WHERE item >= ? AND item < ? AND state = 'AVAILABLE'
			ORDER BY created DESC LIMIT 1`, prefix, until(prefix)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return Item{}, false, fmt.Errorf("last release of %s: %w", account, err)
		}
		it, err := Find(ctx, tx, id)
		if err != nil {
			return Item{}, false, err
		}
		if it.Created > last.Created {
			last = it
		}
	}
	if last.ID == "" {
		return Item{}, false, nil
	}
	it, err := advance(ctx, tx, last, ByLaw, Retracted)
	return it, err == nil, err
}

// Releases counts the releases of these accounts together: the accounts of one merged group are counted as one.
func Releases(ctx context.Context, q data.Querier, accounts ...string) (Counts, error) {
	var sum Counts
	for _, account := range accounts {
		prefix := releasePrefix(account)
		err := eachCount(ctx, q, func(_ string, state State, n int) { sum.add(state, n) },
			`SELECT origin, state, COUNT(*) FROM shelf WHERE item >= ? AND item < ? GROUP BY origin, state ORDER BY origin, state LIMIT 100`,
			prefix, until(prefix))
		if err != nil {
			return Counts{}, fmt.Errorf("releases of %s: %w", account, err)
		}
	}
	return sum, nil
}

// ReleasesByAccount counts the releases of every account that has any, as they stand on the items: for I4, I5 and
// I7 of loyalty's Check.
func ReleasesByAccount(ctx context.Context, q data.Querier) (map[string]Counts, error) {
	sums := map[string]Counts{}
	err := eachCount(ctx, q, func(account string, state State, n int) {
		sum := sums[account]
		sum.add(state, n)
		sums[account] = sum
	}, `SELECT i.account, s.state, COUNT(*) FROM items i JOIN shelf s ON s.item = i.id
		WHERE i.origin = 'LOYALTY' GROUP BY i.account, s.state ORDER BY i.account, s.state LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("releases by account: %w", err)
	}
	return sums, nil
}

func (c *Counts) add(s State, n int) {
	if s.InForce() {
		c.InForce += n
	}
	if s.Irrevocable() {
		c.Irrevocable += n
	}
	if s == Served || s == Collected {
		c.Served += n
	}
}

// eachCount runs a SELECT of (key, state, count) and hands over its rows.
func eachCount(ctx context.Context, q data.Querier, add func(key string, s State, n int), query string, args ...any) error {
	return data.Each(ctx, q, func(r *data.Rows) error {
		var key string
		var s State
		var n int
		err := r.Scan(&key, &s, &n)
		if err == nil {
			add(key, s, n)
		}
		return err
	}, query, args...)
}
