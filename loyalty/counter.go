package loyalty

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// Counter is the account of the café itself, which no card leads to: what nobody stamps in time falls to it, where the
// café has chosen so (solidarity.md §4 item 13). It follows the same law as any other.
const Counter = "counter"

// Sweep stamps these units on the account of the café, as late claims; those that are live on a card are left alone. cost
// is the standard cost of a meal in cents.
func Sweep(ctx context.Context, tx *data.Tx, units []string, cost money.Cents) (Change, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO accounts (id, root, created) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`, Counter, Counter, tx.Now().UnixMilli()); err != nil {
		return Change{}, fmt.Errorf("account of the counter: %w", err)
	}
	stamped, err := Stamped(ctx, tx, units)
	if err != nil {
		return Change{}, err
	}
	var free []string
	for _, u := range units {
		if stamped[u] == "" {
			free = append(free, u)
		}
	}
	return Earn(ctx, tx, Counter, free, Claimed, cost)
}

// Gained counts the late claims ever written for an account, taken back or not.
func Gained(ctx context.Context, q data.Querier, account string) (n int, err error) {
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM stamps WHERE account = ? AND delta = 1 AND kind = 'LATE_CLAIM'`, account).Scan(&n); err != nil {
		return 0, fmt.Errorf("late claims of %s: %w", account, err)
	}
	return n, nil
}
