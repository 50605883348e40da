package suspended

import (
	"context"
	"fmt"

	"comptoir/data"
)

// PartnerChecks are the invariants of what is promised to partners: those of a café that has them. Checks are those of the shelf
// alone.
func PartnerChecks() []data.Check {
	return []data.Check{
		{Name: "allotments hold what is promised and what was collected", Run: checkAllotments},
		{Name: "collections are what their allotments handed over", Run: checkCollections},
	}
}

// checkAllotments holds what is promised to partners and what they collected against the items, both ways.
func checkAllotments(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) }, `
		WITH held AS (SELECT a.id, a.class, a.state, a.qty, (SELECT COUNT(*) FROM allotment_items h WHERE h.allotment = a.id) AS n FROM allotments a)
		SELECT 'item ' || s.item || ' is ' || s.state || ', but in no allotment' FROM shelf s
			WHERE s.state IN ('ALLOTTED', 'COLLECTED') AND s.item NOT IN (SELECT item FROM allotment_items)
		UNION ALL SELECT 'item ' || h.item || ' of allotment ' || a.id || ' (' || a.class || ' ' || a.state || ') is ' || s.class || ' ' || s.state
			FROM allotment_items h JOIN allotments a ON a.id = h.allotment JOIN shelf s ON s.item = h.item
			WHERE s.class <> a.class OR s.state <> CASE WHEN a.state IN ('CONFIRMED', 'READY') THEN 'ALLOTTED' ELSE 'COLLECTED' END
		UNION ALL SELECT 'allotment ' || id || ' is ' || state || ' for ' || qty || ' and holds ' || n FROM held
			WHERE n <> qty AND state IN ('CONFIRMED', 'READY') OR n <> 0 AND state IN ('REQUESTED', 'LAPSED', 'CANCELLED')
				OR n < qty AND state = 'COLLECTED' OR (n < 1 OR n >= qty) AND state = 'PARTLY_COLLECTED'
		UNION ALL SELECT 'allotment ' || id || ' was collected, without a slip' FROM held
			WHERE state IN ('COLLECTED', 'PARTLY_COLLECTED') AND id NOT IN (SELECT allotment FROM collections)
		ORDER BY 1 LIMIT 100`)
}

// checkCollections holds each slip against what its allotment handed over, and against what was thrown away of it.
func checkCollections(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := data.All(ctx, q, func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) }, `
		SELECT 'collection ' || c.number || ' of ' || c.qty || ' ' || c.class || ' is of an allotment ' || a.state || ' of ' || a.class || ' of another number or partner'
			FROM collections c JOIN allotments a ON a.id = c.allotment
			WHERE a.state NOT IN ('COLLECTED', 'PARTLY_COLLECTED') OR a.class <> c.class OR a.partner <> c.partner
				OR c.qty <> (SELECT COUNT(*) FROM allotment_items h WHERE h.allotment = a.id)
		UNION ALL SELECT 'collection ' || c.number || ': more was thrown away than it had' FROM collections c
			WHERE c.qty < (SELECT COALESCE(SUM(w.qty), 0) FROM collection_waste w WHERE w.number = c.number)
		ORDER BY 1 LIMIT 100`)
	if err != nil {
		return nil, err
	}
	var count, last int64
	if err := q.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MAX(number), 0) FROM collections`).Scan(&count, &last); err != nil {
		return nil, err
	}
	if count != last {
		bad = append(bad, fmt.Sprintf("there are %d collections, the last has number %d", count, last))
	}
	return bad, nil
}
