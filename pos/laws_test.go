package pos

import (
	"context"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// Laws runs the invariants I1 to I18, and that the journal knows what is on the shelf: what doctor runs without rereading the
// whole file and every entry.
func (t *Till) Laws(ctx context.Context) (found []data.Violation, err error) {
	all := slices.Concat(suspended.Checks(), loyalty.Checks(), checks())
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		for _, c := range all {
			if !strings.HasPrefix(c.Name, "I") && !strings.Contains(c.Name, "pools") {
				continue
			}
			details, err := c.Run(ctx, q)
			if err != nil {
				return err
			}
			for _, d := range details {
				found = append(found, data.Violation{Check: c.Name, Detail: d})
			}
		}
		return nil
	})
	return found, err
}
