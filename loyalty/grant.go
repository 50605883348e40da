package loyalty

import (
	"context"
	"fmt"
	"strconv"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// MaxImport is how many stamps an old paper card brings at most: one with nine has earned its meal and is over (case 25).
const MaxImport = MealsPerRelease - 1

// Prefixes of the units that no meal stands behind: P of solidarity.md §2.3. The event and a count follow.
const (
	importUnit   = "imp:"
	goodwillUnit = "good:"
)

var (
	errGrant    = fault.New(fault.Invalid, "grant.count", "So many stamps cannot be given at once.").Field("stamps", "range")
	errImported = fault.New(fault.Conflict, "import.again", "An old paper card was imported on this card before.")
)

// Import brings the stamps of an old paper card to the account, once (case 25): 1 to MaxImport. Each is a unit of its own,
// derived from the event. cost as Earn. Errors: NotFound account.unknown, Invalid grant.count, Conflict import.again.
func Import(ctx context.Context, tx *data.Tx, account string, n int, cost money.Cents) (Change, error) {
	if n < 1 || n > MaxImport {
		return Change{}, errGrant.With("max", MaxImport)
	}
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return Change{}, err
	}
	var before int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM accounts a JOIN stamps s ON s.account = a.id WHERE a.root = ? AND s.kind = 'PAPER_IMPORT'`, root).Scan(&before)
	if err != nil {
		return Change{}, fmt.Errorf("imports of %s: %w", root, err)
	}
	if before > 0 {
		return Change{}, errImported
	}
	return grant(ctx, tx, root, importUnit, n, Imported, cost)
}

// Apologise gives the account stamps without a meal (case 26). How many may be given in a month is for pos to know. cost
// as Earn. Errors: NotFound account.unknown, Invalid grant.count.
func Apologise(ctx context.Context, tx *data.Tx, account string, n int, cost money.Cents) (Change, error) {
	if n < 1 || n > MealsPerRelease {
		return Change{}, errGrant.With("max", MealsPerRelease)
	}
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return Change{}, err
	}
	return grant(ctx, tx, root, goodwillUnit, n, Goodwill, cost)
}

func grant(ctx context.Context, tx *data.Tx, root, prefix string, n int, kind Kind, cost money.Cents) (Change, error) {
	for k := range n {
		unit := prefix + strconv.FormatInt(tx.EventSeq(), 10) + "." + strconv.Itoa(k+1)
		if err := write(ctx, tx, unit, 1, root, kind); err != nil {
			return Change{}, err
		}
	}
	return settle(ctx, tx, root, n, cost)
}

// Granted reads a unit that no meal stands behind: which kind of stamp it is, and the event and count it is derived from.
// It reports false for a meal.
func Granted(unit string) (kind Kind, event int64, k int, is bool) {
	for _, of := range []struct {
		prefix string
		kind   Kind
	}{{importUnit, Imported}, {goodwillUnit, Goodwill}} {
		if n, err := fmt.Sscanf(unit, of.prefix+"%d.%d", &event, &k); err == nil && n == 2 {
			return of.kind, event, k, true
		}
	}
	return "", 0, 0, false
}

// Given counts the stamps written from one business day to another, both included, by kind: those lost under the kinds
// that take back. What PAPER_IMPORT and GOODWILL have is told in the monthly statement.
func Given(ctx context.Context, q data.Querier, from, to string) (map[Kind]int, error) {
	counts := make(map[Kind]int)
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var kind Kind
		var n int
		err := r.Scan(&kind, &n)
		counts[kind] += n
		return err
	}, `SELECT kind, COUNT(*) FROM stamps WHERE day BETWEEN ? AND ? AND (kind <> 'MOVE' OR delta = 1) GROUP BY kind ORDER BY kind LIMIT -1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("stamps from %s to %s: %w", from, to, err)
	}
	return counts, nil
}
