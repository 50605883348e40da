package export

import (
	"bytes"
	"time"

	"comptoir/receipts/table"
)

// fecColumns are the 18 of the format, in its order (fiscal R108).
func fecColumns() []string {
	return []string{
		"JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "PieceRef",
		"PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
	}
}

// demoLabel stands where the journal is named in a demonstration's file.
const demoLabel = "DEMONSTRATION - SANS VALEUR"

// writeFEC writes one balanced entry a closing; a day on which nothing moved has none.
func writeFEC(in Input) ([]byte, error) {
	var b bytes.Buffer
	fecLine(&b, fecColumns())
	waits := deferral{}
	for _, d := range in.Days {
		ahead, earned := waits.day(d)
		if d.Body.ToDay < in.From {
			continue
		}
		e, err := entryOf(d, ahead, earned)
		if err != nil {
			return nil, err
		}
		name := d.Plan.Journal.Label
		if in.Cafe.Demo {
			name = demoLabel
		}
		day := compact(d.Body.ToDay)
		for _, l := range e {
			fecLine(&b, []string{
				d.Plan.Journal.Number, name, d.Number, day, l.account.Number, l.account.Label, "", "", d.Number, day,
				d.Number + " " + l.text, table.Euros(l.debit), table.Euros(l.credit), "", "", compact(d.Closed.Format(time.DateOnly)), "", "",
			})
		}
	}
	return b.Bytes(), nil
}

func fecLine(b *bytes.Buffer, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte('\t')
		}
		text, _ := latin(cell) // the labels of a plan are checked: nothing is lost; a tab in one would be a space
		b.Write(text)
	}
	b.WriteString("\r\n")
}
