package receipts

import (
	"fmt"
	"strings"

	"comptoir/receipts/journal"
)

// Text writes the closing for paper, as Document.Text does.
func (c Closing) Text(width int) string {
	return onText(width, func(s *sheet) { c.writeOn(s) })
}

// Rows returns the closing as rows: the same words in the same order as Text, for a page.
func (c Closing) Rows() []Row {
	var r rowSheet
	c.writeOn(&r)
	return r.rows
}

func (c Closing) writeOn(s paper) {
	c.writeHead(s)
	c.writeTurnover(s)
	c.writeMeans(s)
	c.writeCharges(s)
	c.writeDiscounts(s)
	c.writeCash(s)
	c.writeOpen(s)
	for _, class := range c.Body.Suspended {
		writeSuspended(s, class)
	}
	c.writeDocuments(s)
	c.writePerpetual(s)
	c.writeBackup(s)
	c.writeFoot(s)
}

// writeBackup says whether the data lie elsewhere as well, and loudly when they do not.
func (c Closing) writeBackup(s paper) {
	b := c.Backup
	if b == nil {
		return
	}
	section(s, "SAUVEGARDE")
	at := b.At.Format("02/01/2006 15:04:05")
	switch {
	case b.OK:
		s.row("Sauvegarde vérifiée", at)
	case b.Pending:
		s.row("Sauvegarde en cours", at)
	default:
		s.mark("SAUVEGARDE NON FAITE")
		s.row("Voir page Sauvegarde", at)
	}
	s.hanging("  ", b.Place, "")
}

func (c Closing) writeMarks(s paper) {
	for _, m := range c.Marks {
		s.mark(m)
	}
}

// section begins a block.
func section(s paper, title string) {
	s.rule('-')
	s.heading(title)
}

func (c Closing) writeHead(s paper) {
	c.Identity.writeOn(s)
	s.rule('=')
	c.writeMarks(s)
	s.title(strings.TrimSpace(c.Title + " " + c.Number))
	b := c.Body
	s.center(periodWords(c.Level, b))
	if b.Late {
		s.center("Clôture tardive, faite par la caisse après la fin de la période")
	}
	if b.Resumed {
		s.center("Période reprise : voir l'écriture RESUME du journal")
	}
	s.row(c.At.Format("02/01/2006 15:04:05"), "UTC"+c.At.Format("-07:00"))
	if c.Register != "" {
		s.row("Caisse "+c.Register, "Opérateur "+c.Operator)
	} else {
		s.row("Opérateur "+c.Operator, "")
	}
	s.center(fmt.Sprintf("Une journée se termine à %02d:%02d", b.CutOff/60, b.CutOff%60))
}

// periodWords names the period of a closing.
func periodWords(level string, b journal.CloseBody) string {
	switch level {
	case LevelMonth:
		return fmt.Sprintf("Mois %s, du %s au %s (%s)", monthWords(b.Period), dayWords(b.FromDay), dayWords(b.ToDay), days(b.Days))
	case LevelYear:
		return fmt.Sprintf("Exercice %s, du %s au %s (%s)", b.Period, dayWords(b.FromDay), dayWords(b.ToDay), days(b.Days))
	default:
		return "Journée du " + dayWords(b.ToDay)
	}
}

func days(n int) string {
	if n == 1 {
		return "1 jour"
	}
	return fmt.Sprintf("%d jours", n)
}

// dayWords writes a business day the French way; what is none stays as it is.
func dayWords(day string) string {
	if parts := strings.Split(day, "-"); len(parts) == 3 {
		return parts[2] + "/" + parts[1] + "/" + parts[0]
	}
	return day
}

func monthWords(month string) string {
	if year, m, found := strings.Cut(month, "-"); found {
		return m + "/" + year
	}
	return month
}

// counted writes a name and how many there were of it.
func counted(name string, n int64) string { return fmt.Sprintf("%s (%d)", name, n) }

func (c Closing) writeTurnover(s paper) {
	b := c.Body
	section(s, "CHIFFRE D'AFFAIRES")
	s.row(counted("Ventes", b.Sales.N), euros(b.Sales.TTC))
	s.row(counted("Avoirs", b.Refunds.N), euros(b.Refunds.TTC))
	s.total("TOTAL TTC", euros(b.Total.TTC))
	s.row("Total HT", euros(b.Total.HT))
	s.row("Total TVA", euros(b.Total.VAT))
	table := [][4]string{{"Taux", "HT", "TVA", "TTC"}}
	for _, r := range b.Rates {
		table = append(table, [4]string{percent(r.BP), digits(r.HT), digits(r.VAT), digits(r.TTC)})
	}
	if len(b.Rates) == 0 || s.table(table) {
		return
	}
	for _, r := range table[1:] {
		s.row(r[0]+" HT", r[1])
		s.row(r[0]+" TVA", r[2])
		s.row(r[0]+" TTC", r[3])
	}
}

func (c Closing) writeMeans(s paper) {
	b := c.Body
	section(s, "PAIEMENTS")
	for _, m := range b.Means {
		_, label := meansLabel(m.Means)
		s.row(counted(label, m.N), euros(m.Amt))
	}
	if len(b.Means) == 0 {
		s.row("Aucun", "")
	}
	if len(b.NonTurnover) == 0 {
		return
	}
	section(s, "HORS CHIFFRE D'AFFAIRES")
	for _, o := range b.NonTurnover {
		s.row(otherLabel(o.K), euros(o.Amt))
	}
}

// writeDiscounts tells what was taken off and what was offered whole, apart, by reason and by mode (fiscal R44, U5).
func (c Closing) writeDiscounts(s paper) {
	for _, block := range []struct {
		title   string
		offered bool
	}{{"REMISES", false}, {"OFFERTS", true}} {
		section(s, block.title)
		none := true
		for _, d := range c.Body.Discounts {
			if d.Offered != block.offered {
				continue
			}
			none = false
			s.row(counted(discountLabel(d.Reason)+", "+strings.ToLower(modeLabel(d.Mode)), d.N), euros(-d.Amt))
		}
		if none {
			s.row("Aucun", "")
		}
	}
}

func (c Closing) writeCash(s paper) {
	cash := c.Body.Cash
	section(s, "TIROIR-CAISSE")
	s.row("Fond de caisse", euros(cash.Float))
	s.row("Espèces reçues", euros(cash.Received))
	s.row("Entrées", euros(cash.In))
	s.row("Sorties", euros(cash.Out))
	if cash.Counts == 0 {
		s.row("Pas de comptage de fin de service", "")
		return
	}
	s.row(counted("Attendu aux comptages", cash.Counts), euros(cash.Expected))
	s.row("Compté", euros(cash.Counted))
	s.row("ÉCART", euros(cash.Difference))
	for _, reason := range cash.Reasons {
		s.hanging("  ", "Motif : "+strings.TrimPrefix(reason, "difference: "), "")
	}
}

func (c Closing) writeOpen(s paper) {
	section(s, "NOTES RESTÉES OUVERTES")
	s.row(counted("Commandes non payées", c.Body.Open.Tickets), euros(c.Body.Open.Amount))
}

func writeSuspended(s paper, x journal.CloseSuspended) {
	section(s, strings.ToUpper(classLabel(x.Class)))
	for _, row := range []struct {
		name string
		n    int64
	}{
		{"Payés pour quelqu'un", x.Pledged}, {"Remboursés", x.Returned}, {"Libérés par une carte", x.Released}, {"Libérations reprises", x.Retracted},
		{"Remis à des partenaires", x.Collected}, {"Autres mouvements", x.Others},
	} {
		if row.n != 0 {
			s.row(row.name, fmt.Sprint(row.n))
		}
	}
	for _, served := range x.Served {
		s.row(fmt.Sprintf("Servis, %s, %s", originLabel(served.Origin), strings.ToLower(modeLabel(served.Mode))), fmt.Sprint(served.N))
		s.hanging("  ", "pour mémoire", euros(served.Memo))
	}
	s.row("EN ATTENTE", fmt.Sprint(x.Shelf))
}

func (c Closing) writeDocuments(s paper) {
	section(s, "DOCUMENTS")
	for _, d := range c.Body.Documents {
		s.row(counted(seriesLabel(d.Series), d.N), "")
		s.hanging("  ", d.First+" à "+d.Last, "")
	}
	n := c.Body.Counts
	for _, row := range []struct {
		name string
		n    int64
	}{
		{"Notes", n.Notes}, {"Suspendus servis, annulations déduites", n.Redemptions}, {"Duplicatas", n.Duplicates}, {"Factures", n.Invoices},
		{"Lignes retirées de commandes", n.Minus}, {"Documents du mode école", n.Training},
	} {
		s.row(row.name, fmt.Sprint(row.n))
	}
	s.row(counted("Écritures", n.Entries), fmt.Sprintf("%d à %d", c.Body.FromSeq, c.Body.ToSeq))
}

// writePerpetual writes the totals that are never reset (fiscal R50, R51).
func (c Closing) writePerpetual(s paper) {
	gt := c.Body.GT
	section(s, "CUMULS")
	s.row("Exercice en cours", euros(gt.YearNet))
	s.row("Perpétuel net", euros(gt.PerpNet))
	s.row("Perpétuel absolu", euros(gt.PerpAbs))
	table := [][4]string{{"Taux", "", "Net", "Absolu"}}
	for _, r := range gt.Rates {
		table = append(table, [4]string{percent(r.BP), "", digits(r.Net), digits(r.Abs)})
	}
	if len(gt.Rates) == 0 || s.table(table) {
		return
	}
	for _, r := range gt.Rates {
		s.row(percent(r.BP)+" net", digits(r.Net))
		s.row(percent(r.BP)+" absolu", digits(r.Abs))
	}
}

func (c Closing) writeFoot(s paper) {
	s.rule('=')
	c.writeMarks(s)
	if c.Software == "" { // a reading
		s.center("Aucune période n'est close par cette lecture.")
		return
	}
	s.center(fmt.Sprintf("%s, noyau %s", c.Software, c.Core))
	c.writeSource(s)
	s.center("Journal " + c.Journal)
	s.center(fmt.Sprintf("Écriture %d, signature %s", c.Seq, c.Extract))
	s.center("Empreinte")
	writeHash(s, c.Hash)
	s.code(c.Head)
	s.center("À garder hors de la caisse : ce papier prouve que rien n'a été retiré du journal jusqu'ici.")
}

// writeSource writes the hash of the core's sources, when this program knows it.
func (c Closing) writeSource(s paper) {
	if c.Source != "" {
		s.center("Sources du noyau")
		writeHash(s, c.Source)
	}
}

// writeHash writes a hash in groups that a person can compare.
func writeHash(s paper, hash string) {
	const part = 16
	for from := 0; from+2*part <= len(hash); from += 2 * part {
		s.center(hash[from:from+part] + " " + hash[from+part:from+2*part])
	}
}

// classLabel names the pool of a suspended class.
func classLabel(class string) string {
	switch class {
	case "coffee":
		return "Cafés suspendus"
	case "meal":
		return "Repas suspendus"
	default:
		return "Suspendus : " + class
	}
}

// originLabel says who bore what was served.
func originLabel(origin string) string {
	switch origin {
	case "PAID":
		return "payés par des clients"
	case "LOYALTY":
		return "cartes de fidélité"
	case "SPONSOR":
		return "parrains"
	case "FUND":
		return "fonds"
	case journal.OriginHouse:
		return "offerts par la maison"
	default:
		return origin
	}
}

func seriesLabel(series journal.Series) string {
	switch series {
	case journal.SeriesTicket:
		return "Tickets"
	case journal.SeriesRefund:
		return "Avoirs"
	case journal.SeriesNote:
		return "Notes"
	case journal.SeriesRedemption:
		return "Suspendus servis"
	case journal.SeriesTraining:
		return "Mode école"
	case journal.SeriesDay:
		return "Clôtures journalières"
	case journal.SeriesMonth:
		return "Clôtures mensuelles"
	case journal.SeriesYear:
		return "Clôtures annuelles"
	case journal.SeriesDuplicate:
		return "Duplicatas"
	case journal.SeriesInvoice:
		return "Factures"
	default:
		return string(series)
	}
}

func closingTitle(level string) string {
	switch level {
	case LevelDay:
		return "CLÔTURE JOURNALIÈRE"
	case LevelMonth:
		return "CLÔTURE MENSUELLE"
	case LevelYear:
		return "CLÔTURE ANNUELLE"
	default:
		return "LECTURE X — n'est pas une clôture" // fiscal R47
	}
}
