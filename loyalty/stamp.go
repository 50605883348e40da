package loyalty

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// ClaimsBeforeFlag is how many late units one account may claim in seven days before the manager sees a flag. It
// never blocks (case 11).
const ClaimsBeforeFlag = 12

var (
	errTaken = fault.New(fault.Conflict, "stamp.taken", "This meal is already stamped on another card.")
	errKind  = fault.New(fault.Internal, "stamp.kind", "A stamp of this kind does not go in this direction.")
	errUnit  = fault.New(fault.Internal, "stamp.unit", "A stamp names its meal unit.")
)

// Kind says why a stamp was gained or lost.
type Kind string

// The kinds (solidarity.md §2.1).
const (
	Earned     Kind = "EARN"       // the card was on the ticket when it was paid
	Claimed    Kind = "LATE_CLAIM" // from the receipt, afterwards
	Refunded   Kind = "REFUND"
	Voided     Kind = "VOID"
	Chargeback Kind = "CHARGEBACK"
	Moved      Kind = "MOVE"
	Imported   Kind = "PAPER_IMPORT" // from an old paper card; no meal of the till stands behind it
	Goodwill   Kind = "GOODWILL"     // an apology; nor behind this one
)

// stamp is the last entry of a unit.
type stamp struct {
	nth     int
	account string // as written: not the root
}

func (s stamp) live() bool { return s.nth%2 == 1 }

// Earn stamps these meal units on the account and reconciles it once. A unit that is live there already is left
// alone, so that a second scan changes nothing (case 1). kind is Earned or Claimed; cost is the standard cost of a
// meal in cents, for what is released. Errors: NotFound account.unknown; Conflict stamp.taken for a unit that is
// live on another account, and then nothing is stamped.
func Earn(ctx context.Context, tx *data.Tx, account string, units []string, kind Kind, cost money.Cents) (Change, error) {
	if kind != Earned && kind != Claimed {
		return Change{}, errKind.With("kind", string(kind))
	}
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return Change{}, err
	}
	gained := 0
	for _, unit := range units {
		last, holder, err := lastStamp(ctx, tx, unit)
		switch {
		case err != nil:
			return Change{}, err
		case last.live() && holder == root:
			continue
		case last.live():
			return Change{}, errTaken.With("unit", unit)
		}
		if err := write(ctx, tx, unit, last.nth+1, root, kind); err != nil {
			return Change{}, err
		}
		gained++
	}
	return settle(ctx, tx, root, gained, cost)
}

// Reverse takes the stamps of these units back, each from the account that has it, and reconciles each account
// once (cases 27, 34). A unit without a live stamp is skipped: it was never stamped, or was reversed before. kind
// is Refunded, Voided or Chargeback. One change per account, in the order of the units.
func Reverse(ctx context.Context, tx *data.Tx, units []string, kind Kind, cost money.Cents) ([]Change, error) {
	if kind != Refunded && kind != Voided && kind != Chargeback {
		return nil, errKind.With("kind", string(kind))
	}
	var lost tally
	for _, unit := range units {
		last, holder, err := lastStamp(ctx, tx, unit)
		if err != nil {
			return nil, err
		}
		if !last.live() {
			continue
		}
		if err := write(ctx, tx, unit, last.nth+1, last.account, kind); err != nil {
			return nil, err
		}
		lost.add(holder, -1)
	}
	return lost.settle(ctx, tx, cost)
}

// Move takes live stamps from the cards that have them and gives them to another (case 40: the wrong card was
// scanned), then reconciles every account concerned, those that lose first. A unit without a live stamp, or whose
// stamp is there already, is skipped. Errors: NotFound account.unknown.
func Move(ctx context.Context, tx *data.Tx, units []string, to string, cost money.Cents) ([]Change, error) {
	root, err := rootOf(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	var sums tally
	gained := 0
	for _, unit := range units {
		last, holder, err := lastStamp(ctx, tx, unit)
		if err != nil {
			return nil, err
		}
		if !last.live() || holder == root {
			continue
		}
		err = errors.Join(
			write(ctx, tx, unit, last.nth+1, last.account, Moved),
			write(ctx, tx, unit, last.nth+2, root, Moved))
		if err != nil {
			return nil, err
		}
		sums.add(holder, -1)
		gained++
	}
	if gained > 0 {
		sums.add(root, gained)
	}
	return sums.settle(ctx, tx, cost)
}

// tally sums stamps by root, in the order the roots came up.
type tally struct {
	roots []string
	sums  map[string]int
}

func (t *tally) add(root string, n int) {
	if t.sums == nil {
		t.sums = map[string]int{}
	}
	if _, known := t.sums[root]; !known {
		t.roots = append(t.roots, root)
	}
	t.sums[root] += n
}

func (t *tally) settle(ctx context.Context, tx *data.Tx, cost money.Cents) ([]Change, error) {
	changes := make([]Change, 0, len(t.roots))
	for _, root := range t.roots {
		change, err := settle(ctx, tx, root, t.sums[root], cost)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// lastStamp returns the last entry of a unit and the root of its account; the zero stamp when there is none.
func lastStamp(ctx context.Context, q data.Querier, unit string) (last stamp, holder string, err error) {
	if unit == "" {
		return stamp{}, "", errUnit
	}
	err = q.QueryRow(ctx, `
		SELECT s.nth, s.account, a.root
		FROM stamps s JOIN accounts a ON a.id = s.account
		WHERE s.unit = ?
		ORDER BY s.nth DESC LIMIT 1`, unit).Scan(&last.nth, &last.account, &holder)
	if errors.Is(err, sql.ErrNoRows) {
		return stamp{}, "", nil
	}
	if err != nil {
		return stamp{}, "", fmt.Errorf("stamp of %s: %w", unit, err)
	}
	return last, holder, nil
}

// write appends one entry. Odd ones give, even ones take back: the table refuses anything else.
func write(ctx context.Context, tx *data.Tx, unit string, nth int, account string, kind Kind) error {
	delta := 1
	if nth%2 == 0 {
		delta = -1
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stamps (unit, nth, account, delta, kind, day, event)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		unit, nth, account, delta, kind, tx.Day(), tx.EventSeq())
	if err != nil {
		return fmt.Errorf("stamp %d of %s: %w", nth, unit, err)
	}
	return nil
}

// Stamped returns those of the units that are live, each with the root of the account that has it.
func Stamped(ctx context.Context, q data.Querier, units []string) (map[string]string, error) {
	live := map[string]string{}
	for _, unit := range units {
		last, holder, err := lastStamp(ctx, q, unit)
		if err != nil {
			return nil, err
		}
		if last.live() {
			live[unit] = holder
		}
	}
	return live, nil
}

// LiveStamps hands over every live stamp, ordered by unit, with the account it was written for: for I2, each
// answers to a paid unit. An error of yield ends it and is returned. yield must not query.
func LiveStamps(ctx context.Context, q data.Querier, yield func(unit, account string) error) error {
	return data.Each(ctx, q, func(r *data.Rows) error {
		var unit, account string
		if err := r.Scan(&unit, &account); err != nil {
			return err
		}
		return yield(unit, account)
	}, `SELECT s.unit, s.account FROM stamps s
		WHERE s.delta = 1 AND s.nth = (SELECT MAX(nth) FROM stamps WHERE unit = s.unit)
		ORDER BY s.unit LIMIT -1`)
}

// TotalStamps returns the sum of S over all accounts, for I6: never more than the units paid.
func TotalStamps(ctx context.Context, q data.Querier) (int, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT COALESCE(SUM(delta), 0) FROM stamps`).Scan(&n); err != nil {
		return 0, fmt.Errorf("sum of stamps: %w", err)
	}
	return n, nil
}

// ClaimsSince counts the units that the group of an account has claimed late on or after a business day
// (YYYY-MM-DD): more than ClaimsBeforeFlag in seven days is shown to the manager. Errors: NotFound account.unknown.
func ClaimsSince(ctx context.Context, q data.Querier, account, day string) (int, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return 0, err
	}
	var n int
	err = q.QueryRow(ctx, `
		SELECT COUNT(*)
		FROM accounts a JOIN stamps s ON s.account = a.id
		WHERE a.root = ? AND s.kind = 'LATE_CLAIM' AND s.day >= ?`, root, day).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("claims of %s: %w", root, err)
	}
	return n, nil
}

// WithoutMeal counts the stamps given up to the end of a business day for no meal: taken over from old paper cards, and given
// as an apology (P of solidarity.md §2.3).
func WithoutMeal(ctx context.Context, q data.Querier, day string) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(*) FROM stamps WHERE kind IN ('PAPER_IMPORT', 'GOODWILL') AND day <= ?`, day).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("stamps without a meal up to %s: %w", day, err)
	}
	return n, nil
}
