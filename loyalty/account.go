package loyalty

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/suspended"
)

// MealsPerRelease is N of solidarity.md §2.3: so many paid meals put one on the shelf.
const MealsPerRelease = 9

var (
	errAccount = fault.New(fault.NotFound, "account.unknown", "There is no such account.")
	errLaw     = fault.New(fault.Internal, "loyalty.law", "The releases of an account do not follow from its stamps.")
)

// Account is what a card page shows (solidarity.md §2.3, §2.4).
type Account struct {
	Stamps   int // S
	Filled   int // dots on the card, 0 to 8
	Released int // R: meals put on the shelf and not taken back
	Served   int // of those, served or collected
	Advance  int // D: meals the house has advanced; never shown as a debt
}

// Change is what one command did to one account.
type Change struct {
	Account   string           // the root
	Stamps    int              // gained, or lost below zero
	Released  []suspended.Item // meals put on the shelf
	Retracted []suspended.Item // meals taken back from it
	Advance   int              // D after the change
	Total     int              // S after the change
}

// standing is where the group of one root stands.
type standing struct {
	stamps   int
	releases suspended.Counts
}

func (s standing) earned() int  { return s.stamps / MealsPerRelease }      // E
func (s standing) advance() int { return s.releases.InForce - s.earned() } // D
func (s standing) lawful() bool {
	return s.releases.InForce == max(s.earned(), s.releases.Irrevocable)
}

// View returns what the card page of an account shows. Errors: NotFound account.unknown.
func View(ctx context.Context, q data.Querier, account string) (Account, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return Account{}, err
	}
	_, st, err := stand(ctx, q, root)
	if err != nil {
		return Account{}, err
	}
	return Account{
		Stamps:   st.stamps,
		Filled:   st.stamps % MealsPerRelease,
		Released: st.releases.InForce,
		Served:   st.releases.Served,
		Advance:  st.advance(),
	}, nil
}

// Reconcile makes the release law true again for the group of an account and asserts it. It is to be called when
// an item of the account has come back to the shelf (an undone serving, a lapsed allotment), and may be called at
// any time: a lawful account is left as it is. cost is the standard cost of a meal, in cents. Errors: NotFound
// account.unknown; Internal loyalty.law, which rolls the command back.
func Reconcile(ctx context.Context, tx *data.Tx, account string, cost money.Cents) (Change, error) {
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return Change{}, err
	}
	return settle(ctx, tx, root, 0, cost)
}

// settle reconciles a root that has gained or lost stamps: solidarity.md §2.4, word for word.
func settle(ctx context.Context, tx *data.Tx, root string, stamps int, cost money.Cents) (Change, error) {
	change := Change{Account: root, Stamps: stamps}
	members, st, err := stand(ctx, tx, root)
	if err != nil {
		return Change{}, err
	}
	for inForce := st.releases.InForce; inForce < st.earned(); inForce++ {
		it, err := suspended.Release(ctx, tx, root, suspended.Meal, cost)
		if err != nil {
			return Change{}, fmt.Errorf("release of %s: %w", root, err)
		}
		change.Released = append(change.Released, it)
	}
	for inForce := st.releases.InForce; inForce > st.earned(); inForce-- {
		it, found, err := suspended.RetractRelease(ctx, tx, members...)
		if err != nil {
			return Change{}, fmt.Errorf("retraction of %s: %w", root, err)
		}
		if !found {
			break // promised or eaten: the house carries the advance
		}
		change.Retracted = append(change.Retracted, it)
	}
	if len(change.Released)+len(change.Retracted) > 0 {
		// Read again: the law is asserted on what was written, not on what was meant.
		if _, st, err = stand(ctx, tx, root); err != nil {
			return Change{}, err
		}
	}
	if st.stamps < 0 || !st.lawful() {
		return Change{}, errLaw.With("account", root).With("stamps", st.stamps).
			With("in_force", st.releases.InForce).With("irrevocable", st.releases.Irrevocable)
	}
	change.Total, change.Advance = st.stamps, st.advance()
	return change, nil
}

// stand reads S, R and U of the group of a root, and who its members are.
func stand(ctx context.Context, q data.Querier, root string) (members []string, st standing, err error) {
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var id string
		var n int
		if err := r.Scan(&id, &n); err != nil {
			return err
		}
		members, st.stamps = append(members, id), st.stamps+n
		return nil
	}, `SELECT a.id, COALESCE((SELECT SUM(delta) FROM stamps WHERE account = a.id), 0)
		FROM accounts a WHERE a.root = ? ORDER BY a.id LIMIT -1`, root)
	if err != nil {
		return nil, st, fmt.Errorf("stamps of %s: %w", root, err)
	}
	st.releases, err = suspended.Releases(ctx, q, members...)
	return members, st, err
}

// rootOf returns the account that answers for this one. Errors: NotFound account.unknown.
func rootOf(ctx context.Context, q data.Querier, account string) (string, error) {
	var root string
	err := q.QueryRow(ctx, `SELECT root FROM accounts WHERE id = ?`, account).Scan(&root)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errAccount.With("account", account)
	}
	if err != nil {
		return "", fmt.Errorf("account %s: %w", account, err)
	}
	return root, nil
}

// ReleaseFates returns what became of the meals that an account has put on the shelf, those of the accounts merged
// into it with them, the newest first. Errors: NotFound account.unknown.
func ReleaseFates(ctx context.Context, q data.Querier, account string) ([]suspended.Fate, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return nil, err
	}
	members, _, err := stand(ctx, q, root)
	if err != nil {
		return nil, err
	}
	return suspended.ReleaseFates(ctx, q, members...)
}
