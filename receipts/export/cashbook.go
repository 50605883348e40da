package export

import (
	"bytes"
	"strings"

	"comptoir/data/money"
	"comptoir/receipts/table"
)

// cashBook writes the drawer, a line a day (fiscal R111). On each line
//
//	carried over + floats + receipts + in + out = expected at the counts + still in the drawer
//
// and counted − expected = difference. What is carried over is the drawer of a shift that the closing found open; where
// every shift was counted it is nothing. A float is what a shift began with: it was in the house before.
func cashBook(in Input) ([]byte, error) {
	rows := [][]string{{
		"Jour", "Clôture", "Tiroir en cours à l'ouverture", "Fonds de caisse", "Recettes en espèces", "Entrées", "Sorties",
		"Attendu aux comptages", "Compté", "Écart", "Comptages", "Motifs des écarts", "Tiroir en cours à la clôture",
	}}
	var open money.Cents
	for _, d := range in.Days {
		c := d.Body.Cash
		carried := open
		open += c.Float + c.Received + c.In + c.Out - c.Expected
		if c.Difference != c.Counted-c.Expected {
			return nil, wrong(d, "counted %d, expected %d, difference %d", c.Counted, c.Expected, c.Difference)
		}
		if d.Body.ToDay < in.From {
			continue
		}
		rows = append(rows, []string{
			d.Body.ToDay, d.Number, table.Euros(carried), table.Euros(c.Float), table.Euros(c.Received), table.Euros(c.In), table.Euros(c.Out),
			table.Euros(c.Expected), table.Euros(c.Counted), table.Euros(c.Difference), integer(c.Counts), strings.Join(c.Reasons, " · "), table.Euros(open),
		})
	}
	var b bytes.Buffer
	return written(table.New(&b), &b, rows)
}
