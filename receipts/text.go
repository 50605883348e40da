package receipts

import (
	"fmt"
	"strings"
)

// Columns of the two usual papers, 80 and 58 mm wide, and the fewest a document can be read in.
const (
	Columns80    = 42
	Columns58    = 32
	columnsLeast = 24
)

// Text writes the document for paper, or for a page in one width of letters: lines of at most width characters
// (24 when width is less), amounts on the right, long names folded between words, each line ended by "\n".
// Characters are counted as runes. What cannot be printed is left out, so that no name can command a printer.
func (d Document) Text(width int) string {
	return onText(width, func(s *sheet) { d.writeOn(s) })
}

// paper is what a document is written on, from the top: columns of letters, rows of a page, or a printer's roll.
type paper interface {
	center(text string)
	title(text string) // what a person looks for first
	mark(text string)  // a mention, set apart
	heading(text string)
	row(name, value string)
	total(name, value string) // the row that a person looks for
	hanging(lead, name, value string)
	rule(of rune)
	table(rows [][4]string) bool // false: there is no room for one, and nothing was written
	code(text string)            // a QR code, on paper that can bear one; nothing when text is empty
}

func (d Document) writeOn(s paper) {
	d.writeHead(s)
	d.writeLines(s)
	if d.Priced {
		d.writeTotals(s)
		d.writePayments(s)
	}
	d.writeFoot(s)
}

func (d Document) writeHead(s paper) {
	d.Identity.writeOn(s)
	s.rule('=')
	d.writeMarks(s)
	titles := strings.Split(d.Title, " / ")
	titles[len(titles)-1] += " " + d.Number
	for _, t := range titles {
		s.title(t)
	}
	switch {
	case d.Of == "":
	case d.Kind == Redemption:
		s.center("de " + d.Of)
	case d.Kind == Invoice:
		s.center("pour le ticket " + d.Of)
	default:
		s.center("sur " + d.Of)
	}
	if d.Invoice != "" {
		s.center("facture " + d.Invoice)
	}
	s.row(d.At.Format("02/01/2006 15:04:05"), "UTC"+d.At.Format("-07:00"))
	s.row("Caisse "+d.Register, "Opérateur "+d.Operator)
	if d.ModeLabel != "" {
		s.row(d.ModeLabel, "")
	}
	if d.Print > 0 {
		s.row("Édition", fmt.Sprintf("n° %d", d.Print))
	}
	if len(d.Notes) > 0 {
		s.row("Note "+strings.Join(d.Notes, ", "), "")
	}
	d.writeBuyer(s)
	s.rule('-')
}

// writeOn writes the café at the head of a document.
func (id Identity) writeOn(s paper) {
	s.title(id.Name)
	if id.LegalName != id.Name {
		s.center(id.LegalName)
	}
	s.center(id.Address)
	for _, fact := range [][2]string{{"SIRET", id.SIRET}, {"TVA", id.VATNumber}, {"NAF", id.NAF}} {
		if fact[1] != "" {
			s.center(fact[0] + " " + fact[1])
		}
	}
}

// writeBuyer writes whom an invoice is made out to, and when it was sold.
func (d Document) writeBuyer(s paper) {
	if d.Buyer == nil {
		return
	}
	s.row("Vente du", d.SoldAt.Format("02/01/2006 15:04"))
	s.rule('-')
	s.row("Client", "")
	s.row(d.Buyer.Name, "")
	s.row(d.Buyer.Address, "")
	if d.Buyer.SIRET != "" {
		s.row("SIRET "+d.Buyer.SIRET, "")
	}
	if d.Buyer.VATNumber != "" {
		s.row("TVA "+d.Buyer.VATNumber, "")
	}
}

func (d Document) writeMarks(s paper) {
	for _, m := range d.Marks {
		s.mark(m)
	}
}

func (d Document) writeLines(s paper) {
	marks := 0 // width of the widest mark
	for _, t := range d.Taxes {
		marks = max(marks, runes(t.Mark))
	}
	for _, l := range d.Lines {
		lead := l.Quantity + " "
		if l.Parent > 0 {
			lead = "  " + lead
		}
		total := ""
		if d.Priced {
			total = euros(l.Total)
		}
		if d.Priced && marks > 0 {
			total += noBreak + l.Mark + strings.Repeat(noBreak, max(0, marks-runes(l.Mark)))
		}
		s.hanging(lead, l.Label, total)
		if !d.Priced {
			continue
		}
		if l.Qty != 1000 && l.Qty != -1000 || l.Discount != 0 { // else it is the total
			s.hanging("    ", "P.U. "+euros(l.UnitPrice), "")
		}
		if l.Discount != 0 {
			why := ""
			if l.Why != "" {
				why = " (" + l.Why + ")"
			}
			s.hanging("    ", "Remise "+euros(-l.Discount)+why, "")
		}
		if d.Kind == Invoice && len(d.Taxes) > 0 {
			s.hanging("    ", "HT "+euros(l.HT)+", TVA "+d.Rate(l.Mark)+" "+euros(l.VAT), "")
		}
	}
	s.rule('-')
	s.row("Nombre de lignes", fmt.Sprint(d.LineCount))
}

func (d Document) writeTotals(s paper) {
	total := "TOTAL"
	if d.Kind == Note || len(d.Taxes) > 0 {
		total = "TOTAL TTC"
	}
	if len(d.Taxes) > 0 || d.Total.HT != 0 && d.Kind == Note {
		s.row("Total HT", euros(d.Total.HT))
	}
	s.total(total, euros(d.Total.TTC))
	if len(d.Taxes) > 0 {
		s.rule('-')
		d.writeTaxes(s)
	}
}

// Rate is the rate of a mark, in words; empty for a mark that the document does not have.
func (d Document) Rate(mark string) string {
	for _, t := range d.Taxes {
		if t.Mark == mark {
			return t.Rate
		}
	}
	return ""
}

// writeTaxes writes the VAT table; on paper too narrow for its amounts, one row an amount.
func (d Document) writeTaxes(s paper) {
	table := [][4]string{{"Taux", "HT", "TVA", "TTC"}}
	for _, t := range d.Taxes {
		table = append(table, [4]string{t.Mark + " " + t.Rate, digits(t.HT), digits(t.VAT), digits(t.TTC)})
	}
	if s.table(table) {
		return
	}
	for _, r := range table[1:] {
		s.row(r[0]+" HT", r[1])
		s.row(r[0]+" TVA", r[2])
		s.row(r[0]+" TTC", r[3])
	}
}

func (d Document) writePayments(s paper) {
	if len(d.Others)+len(d.Payments) == 0 {
		return
	}
	s.rule('-')
	for _, o := range d.Others {
		s.row(o.Label, euros(o.Amount))
	}
	for _, p := range d.Payments {
		s.row(p.Label, euros(p.Amount))
		if p.Change != 0 {
			s.hanging("  ", "Reçu", euros(p.Given))
			s.hanging("  ", "Rendu", euros(p.Change))
		}
	}
}

// shortSource is as much of the hash of the core's sources as a receipt has room for.
func (d Document) shortSource() string {
	const digits = 16
	return d.Source[:min(digits, len(d.Source))]
}

func (d Document) writeFoot(s paper) {
	if d.Mention != "" {
		s.rule('-')
		s.center(d.Mention)
	}
	s.rule('=')
	d.writeMarks(s)
	switch d.Kind {
	case Invoice:
		s.center(d.Closing + " le " + d.SoldAt.Format("02/01/2006"))
		s.center("Contrôle " + d.Buyer.Groups())
	case Note:
		s.center(twoCopies)
	default:
		s.center(d.Closing)
	}
	if d.ReceiptURL != "" {
		s.center(d.ReceiptURL)
	}
	s.code(d.QR)
	s.center(fmt.Sprintf("%s, noyau %s", d.Software, d.Core))
	if d.Source != "" {
		s.center("Sources " + d.shortSource())
	}
	if d.Extract != "" {
		s.center("Signature " + d.Extract)
	}
	if d.Hash != "" {
		s.center("Empreinte " + d.Hash)
	}
}
