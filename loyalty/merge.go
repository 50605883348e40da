package loyalty

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// Merge makes one account answer for another and all that was merged into it (case 48). The stamps and releases
// of the two count together from now on, the cards of the first are dead, and the sum is reconciled: it may
// release a meal (8 + 1), and where one side had an advance it may take one back (case 49). Merging an account
// into itself, or twice, changes nothing (case 50). There is no way back. The change is that of the account kept,
// and its Stamps are those that came over. Errors: NotFound account.unknown.
func Merge(ctx context.Context, tx *data.Tx, from, into string, cost money.Cents) (Change, error) {
	absorbed, err := rootOf(ctx, tx, from)
	if err != nil {
		return Change{}, err
	}
	kept, err := rootOf(ctx, tx, into)
	if err != nil {
		return Change{}, err
	}
	if absorbed == kept {
		return settle(ctx, tx, kept, 0, cost)
	}
	_, before, err := stand(ctx, tx, absorbed)
	if err != nil {
		return Change{}, err
	}
	for _, step := range []struct {
		what, statement string
		args            []any
	}{
		{"merge", `INSERT INTO merges (absorbed, kept, event) VALUES (?, ?, ?)`,
			[]any{absorbed, kept, tx.EventSeq()}},
		{"cards", `UPDATE cards SET state = 'MERGED' WHERE state = 'ACTIVE' AND account IN (SELECT id FROM accounts WHERE root = ?)`,
			[]any{absorbed}},
		{"roots", `UPDATE accounts SET root = ? WHERE root = ?`, []any{kept, absorbed}},
	} {
		if _, err := tx.Exec(ctx, step.statement, step.args...); err != nil {
			return Change{}, fmt.Errorf("%s of %s into %s: %w", step.what, absorbed, kept, err)
		}
	}
	return settle(ctx, tx, kept, before.stamps, cost)
}
