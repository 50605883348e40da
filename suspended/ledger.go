package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
)

var (
	errItem   = fault.New(fault.NotFound, "item.unknown", "There is no such suspended item.")
	errTwice  = fault.New(fault.Conflict, "item.exists", "This suspended item was issued before.")
	errMoved  = fault.New(fault.Conflict, "item.moved", "The suspended item is no longer in that state.")
	errStep   = fault.New(fault.Internal, "item.step", "A suspended item cannot go from this state to that one.")
	errAmount = fault.New(fault.Invalid, "item.amount", "What was paid for a gift is above zero, and a cost is not below.")
)

// create puts a new item on the shelf. nth is its rank among the items of the same source.
func create(ctx context.Context, tx *data.Tx, it Item, nth int, cause Cause) (Item, error) {
	if err := requireClass(ctx, tx, it.Class); err != nil {
		return Item{}, err
	}
	if it.Cost < 0 {
		return Item{}, errAmount.With("cost", int64(it.Cost))
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO items (id, class, origin, funded, cost, account, nth, event)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		it.ID, it.Class, it.Origin, it.Funded, it.Cost, it.Account, nth, tx.EventSeq())
	if data.IsDuplicate(err) {
		return Item{}, errTwice.With("item", it.ID)
	}
	if err != nil {
		return Item{}, fmt.Errorf("item %s: %w", it.ID, err)
	}
	seq, err := appendEvent(ctx, tx, it.ID, unborn, Available, cause)
	if err != nil {
		return Item{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO shelf (item, class, origin, state, created) VALUES (?, ?, ?, ?, ?)`,
		it.ID, it.Class, it.Origin, Available, seq)
	if err != nil {
		return Item{}, fmt.Errorf("shelf %s: %w", it.ID, err)
	}
	it.State, it.Created = Available, seq
	return it, nil
}

// advance moves an item along the table of transitions, once for each of the states given.
func advance(ctx context.Context, tx *data.Tx, it Item, cause Cause, to ...State) (Item, error) {
	for _, became := range to {
		if !slices.Contains(next(it.State), became) {
			return Item{}, errStep.With("item", it.ID).With("was", it.State).With("became", became)
		}
		if _, err := appendEvent(ctx, tx, it.ID, it.State, became, cause); err != nil {
			return Item{}, err
		}
		n, err := tx.Exec(ctx, `UPDATE shelf SET state = ? WHERE item = ? AND state = ?`, became, it.ID, it.State)
		if err != nil {
			return Item{}, fmt.Errorf("shelf %s: %w", it.ID, err)
		}
		if n != 1 {
			return Item{}, errMoved.With("item", it.ID)
		}
		it.State = became
	}
	return it, nil
}

// appendEvent writes one change of state and returns its place in the ledger.
func appendEvent(ctx context.Context, tx *data.Tx, item string, was, became State, cause Cause) (int64, error) {
	var seq int64
	// The writer is alone, so the next number is one more than the last: a gap is damage, and the Check says so.
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(seq), 0) + 1 FROM item_events`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("next item event: %w", err)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO item_events (seq, item, was, became, cause, day, event)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		seq, item, was, became, cause, tx.Day(), tx.EventSeq())
	if err != nil {
		return 0, fmt.Errorf("item event %d of %s: %w", seq, item, err)
	}
	return seq, nil
}

// Find returns an item as it stands. Errors: NotFound item.unknown.
func Find(ctx context.Context, q data.Querier, id string) (Item, error) {
	it := Item{ID: id}
	err := q.QueryRow(ctx, `
		SELECT i.class, i.origin, i.funded, i.cost, i.account, s.state, s.created
		FROM items i JOIN shelf s ON s.item = i.id
		WHERE i.id = ?`, id).
		Scan(&it.Class, &it.Origin, &it.Funded, &it.Cost, &it.Account, &it.State, &it.Created)
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, errItem.With("item", id)
	}
	if err != nil {
		return Item{}, fmt.Errorf("item %s: %w", id, err)
	}
	return it, nil
}

// findAll returns the items of a list of ids, in its order.
func findAll(ctx context.Context, q data.Querier, ids []string) ([]Item, error) {
	items := make([]Item, 0, len(ids))
	for _, id := range ids {
		it, err := Find(ctx, q, id)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

// until is the first text after all those that begin with a prefix. Ids carry their source first, so that the items of one
// account, one sale line or one day are neighbours and need no index of their own.
func until(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1)
}

func scanID(r *data.Rows) (id string, err error) { return id, r.Scan(&id) }
