package pos

import (
	"context"
	"encoding/json"
	"fmt"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// checkAccounting holds the plans against the entries that put them in force.
func checkAccounting(ctx context.Context, q data.Querier) ([]string, error) {
	all, err := plans(ctx, q)
	if err != nil {
		return nil, err
	}
	seqs, err := data.All(ctx, q, func(r *data.Rows) (seq int64, err error) { return seq, r.Scan(&seq) }, `SELECT seq FROM accounting ORDER BY n LIMIT -1`)
	if err != nil {
		return nil, err
	}
	var bad []string
	for i, seq := range seqs {
		before, after := all[i].Plan.Changes(all[i+1].Plan)
		want, err := json.Marshal(map[string]any{"what": configAccounting, "id": "", "old": before, "new": after})
		if err != nil {
			return nil, err
		}
		got, err := eventFacts(ctx, q, seq)
		if err != nil {
			return nil, err
		}
		if string(got) != string(want) {
			bad = append(bad, fmt.Sprintf("plan %d: entry %d says %s, the plan differs by %s", i+1, seq, got, want))
		}
	}
	return bad, nil
}

// checkExports holds what is listed as handed out against the entries that say so.
func checkExports(ctx context.Context, q data.Querier) ([]string, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Exported, error) { return scanExport(r.Scan) }, `SELECT `+exportColumns+` FROM exports ORDER BY n LIMIT -1`)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, x := range all {
		want, err := json.Marshal(x.facts())
		if err != nil {
			return nil, err
		}
		got, err := eventFacts(ctx, q, x.Seq)
		if err != nil {
			return nil, err
		}
		if string(got) != string(want) {
			bad = append(bad, fmt.Sprintf("export %d: entry %d says %s, the list says %s", x.N, x.Seq, got, want))
		}
	}
	return bad, nil
}

// eventFacts are the data of an EVENT, keys in order; "null" when the entry is none.
func eventFacts(ctx context.Context, q data.Querier, seq int64) ([]byte, error) {
	e, err := journal.At(ctx, q, seq)
	if err != nil || e.Kind != journal.KindEvent {
		return []byte("null"), err
	}
	var b journal.EventBody
	if err := e.Decode(&b); err != nil {
		return nil, err
	}
	return json.Marshal(b.Data)
}
