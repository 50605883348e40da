package pos

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// firstRates is the day from which the rates stand that the till comes with; a change is always later.
const firstRates = "2014-01-01"

// rateName names a rate by its cell and its first day.
func rateName(category, mode, from string) string { return category + "." + mode + " from " + from }

// rates notes the rates of one change, the newest of a cell and a day last.
func (read told) rates(b journal.EventBody) {
	after, _ := b.Data["new"].(map[string]any)
	from, _ := after["from"].(string)
	for mode, bp := range after {
		if n, is := bp.(float64); is {
			read.vat[rateName(fmt.Sprint(b.Data["id"]), mode, from)] = int64(n)
		}
	}
}

// checkVAT holds the rates against those the journal says were changed, and that no cell is without one (fiscal R88).
func checkVAT(ctx context.Context, q data.Querier, journaled map[string]int64) ([]string, error) {
	table, err := loadVAT(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	left := maps.Clone(journaled)
	for _, r := range table {
		if r.From == firstRates {
			continue
		}
		key := rateName(string(r.Category), string(r.Mode), r.From)
		if bp, told := left[key]; !told || bp != int64(r.BP) {
			bad = append(bad, fmt.Sprintf("rate %s is %d, the journal says %d", key, r.BP, bp))
		}
		delete(left, key)
	}
	for _, key := range slices.Sorted(maps.Keys(left)) {
		bad = append(bad, "rate "+key+" is in the journal only")
	}
	for _, c := range VATCategories() {
		for _, m := range VATModes() {
			if _, known := table.rateOn(c, m, firstRates); !known {
				bad = append(bad, fmt.Sprintf("rate %s.%s is missing", c, m))
			}
		}
	}
	return bad, nil
}
