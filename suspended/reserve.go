package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
)

// errNoneReserved ends a command that would give back, or hand out, what nobody was promised.
var errNoneReserved = fault.New(fault.Internal, "item.none_reserved", "Fewer items of this class are promised than that.")

// Waiting counts the items of a class that may be promised or served now.
func Waiting(ctx context.Context, q data.Querier, class string) (int, error) {
	return inState(ctx, q, class, Available)
}

// Promised counts the items of a class that are promised at the counter.
func Promised(ctx context.Context, q data.Querier, class string) (int, error) {
	return inState(ctx, q, class, Reserved)
}

func inState(ctx context.Context, q data.Querier, class string, s State) (n int, err error) {
	query := `SELECT COUNT(*) FROM shelf WHERE class = ? AND state = 'AVAILABLE'`
	if s == Reserved {
		query = `SELECT COUNT(*) FROM shelf WHERE class = ? AND state = 'RESERVED'`
	}
	if err := q.QueryRow(ctx, query, class).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s of %s: %w", s, class, err)
	}
	return n, nil
}

// Reserve promises the item of a class whose turn it is to somebody at the counter, and reports false when none waits: the
// promise then stands all the same, and the house keeps it. Which promise an item answers to is nowhere written (I16):
// what is promised is handed out, or given back, by class.
func Reserve(ctx context.Context, tx *data.Tx, class string) (Item, bool, error) {
	it, found, err := oldest(ctx, tx, class)
	if err != nil || !found {
		return Item{}, false, err
	}
	it, err = advance(ctx, tx, it, ByAsking, Reserved)
	return it, err == nil, err
}

// Return puts n promised items of a class back on the shelf, those whose turn comes last first; each has its old rank in the
// queue. A returned Account is for the caller to reconcile. Errors: Internal item.none_reserved.
func Return(ctx context.Context, tx *data.Tx, class string, n int) ([]Item, error) {
	all := make([]Item, 0, n)
	for range n {
		it, err := promised(ctx, tx, class, `SELECT item FROM shelf WHERE class = ? AND state = 'RESERVED'
			ORDER BY CASE origin WHEN 'FUND' THEN 2 WHEN 'SPONSOR' THEN 3 ELSE 1 END DESC, created DESC LIMIT 1`)
		if err != nil {
			return nil, err
		}
		if it, err = advance(ctx, tx, it, ByLapse, Available); err != nil {
			return nil, err
		}
		all = append(all, it)
	}
	return all, nil
}

// ServePromised hands out the promised item of a class whose turn it is. Errors: Internal item.none_reserved.
func ServePromised(ctx context.Context, tx *data.Tx, class string) (Item, error) {
	it, err := promised(ctx, tx, class, `SELECT item FROM shelf WHERE class = ? AND state = 'RESERVED'
		ORDER BY CASE origin WHEN 'FUND' THEN 2 WHEN 'SPONSOR' THEN 3 ELSE 1 END, created LIMIT 1`)
	if err != nil {
		return Item{}, err
	}
	return advance(ctx, tx, it, ByAsking, Served)
}

func promised(ctx context.Context, tx *data.Tx, class, query string) (Item, error) {
	var id string
	err := tx.QueryRow(ctx, query, class).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, errNoneReserved.With("class", class)
	}
	if err != nil {
		return Item{}, fmt.Errorf("promised %s: %w", class, err)
	}
	return Find(ctx, tx, id)
}
