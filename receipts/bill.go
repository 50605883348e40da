package receipts

import "strings"

// Bill is an invoice laid out for a sheet of A4: the words of Text, in tables. Its first column is text, the others are
// amounts and rates.
type Bill struct {
	Heading string   // "FACTURE I26-000001"
	Marks   []string // as Document
	Seller  []string // lines, the name first
	Facts   []string // lines: dates, the ticket
	To      string   // over the buyer
	Buyer   []string // lines, the name first
	Head    []string
	Rows    []BillRow
	Rates   [][]string  // with its own head; empty without VAT
	Totals  [][2]string // the last one is what was paid
	Foot    []string    // lines under it, "Facture acquittée…" first
	Proof   string      // what the journal knows it by
}

// BillRow is a line of an invoice.
type BillRow struct {
	Under bool   // it belongs to the line above
	Why   string // reason of the discount
	Cells []string
}

// Bill lays an invoice out for A4. Any other document has none.
func (d Document) Bill() Bill {
	if d.Kind != Invoice {
		return Bill{}
	}
	const day = "02/01/2006"
	b := Bill{
		Heading: d.Title + " " + d.Number, Marks: d.Marks, Seller: d.Identity.lines(), To: "Client",
		Facts: []string{"Date : " + d.At.Format(day), "Vente du " + d.SoldAt.Format(day+" 15:04"), "Ticket " + d.Of, d.ModeLabel},
		Buyer: Identity{Name: d.Buyer.Name, LegalName: d.Buyer.Name, Address: d.Buyer.Address, SIRET: d.Buyer.SIRET, VATNumber: d.Buyer.VATNumber}.lines(),
		Head:  []string{"Désignation", "Qté", "P.U. TTC", "Remise", "Total"},
		Foot:  []string{d.Closing + " le " + d.SoldAt.Format(day)},
		Proof: strings.Join([]string{"Contrôle " + d.Buyer.Groups(), strings.TrimSpace(d.Software + ", noyau " + d.Core + " " + d.shortSource()), "Signature " + d.Extract, "Empreinte " + d.Hash}, " · "),
	}
	if d.Mention != "" {
		b.Foot = append(b.Foot, d.Mention)
	}
	taxed := len(d.Taxes) > 0
	if taxed {
		b.Head = []string{"Désignation", "Qté", "P.U. TTC", "Remise", "Taux", "HT", "TVA", "TTC"}
		b.Rates = [][]string{{"Taux", "HT", "TVA", "TTC"}}
		b.Totals = [][2]string{{"Total HT", euros(d.Total.HT)}, {"Total TVA", euros(d.Total.VAT)}}
	}
	for _, l := range d.Lines {
		r := BillRow{Under: l.Parent > 0, Why: l.Why, Cells: []string{l.Label, l.Quantity, euros(l.UnitPrice), ""}}
		if l.Discount != 0 {
			r.Cells[3] = euros(-l.Discount)
		}
		if taxed {
			r.Cells = append(r.Cells, d.Rate(l.Mark), euros(l.HT), euros(l.VAT))
		}
		r.Cells = append(r.Cells, euros(l.Total))
		b.Rows = append(b.Rows, r)
	}
	for _, t := range d.Taxes {
		b.Rates = append(b.Rates, []string{t.Rate, euros(t.HT), euros(t.VAT), euros(t.TTC)})
	}
	total := "Total"
	if taxed {
		total = "Total TTC"
	}
	b.Totals = append(b.Totals, [2]string{total, euros(d.Total.TTC)})
	return b
}

// lines are the lines of somebody's identity, without what is not known.
func (id Identity) lines() []string {
	lines := []string{id.Name}
	if id.LegalName != "" && id.LegalName != id.Name {
		lines = append(lines, id.LegalName)
	}
	lines = append(lines, id.Address)
	for _, fact := range [][2]string{{"SIRET", id.SIRET}, {"TVA", id.VATNumber}, {"NAF", id.NAF}} {
		if fact[1] != "" {
			lines = append(lines, fact[0]+" "+fact[1])
		}
	}
	return lines
}
