package journal

import (
	"context"

	"comptoir/data"
)

// Pools returns how many items of each class the journal says are on the shelf now (fiscal U6), for comparison with
// the items that are.
func Pools(ctx context.Context, q data.Querier) (map[string]int64, error) {
	id, err := readIdentity(ctx, q)
	if err != nil {
		return nil, err
	}
	s, err := (&Journal{id: id}).load(ctx, q)
	if err != nil {
		return nil, err
	}
	pools := map[string]int64{}
	for _, p := range s.totals.running.Pools {
		pools[p.Class] = p.N
	}
	return pools, nil
}
