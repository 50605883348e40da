package receipts

import (
	"fmt"
	"strconv"
	"strings"

	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// The words of the documents, in one place: the law that asks for them may change them.
const (
	titleTicket = "TICKET"
	titleRefund = "AVOIR"
	titleNote   = "NOTE — NE VAUT PAS TICKET DE CAISSE / document provisoire" // fiscal R36
	titleUndo   = "ANNULATION"
	titleBill   = "FACTURE"

	markDemo      = "DÉMONSTRATION — SANS VALEUR"
	markTraining  = "SIMULATION — MODE ÉCOLE — FACTICE" // fiscal R68
	markDuplicate = "DUPLICATA n° %d"                   // fiscal R38
	markReference = " - "                               // between that and the number of the duplicate's own entry

	passThrough = journal.OtherPassThrough
	remittedTo  = "Reversé à " // before the name of the association

	givenAway = " (offert à quelqu'un)" // after the label of a gift line (fiscal U2)

	// settled closes what was paid and what was served alike, so that nothing sets a guest's paper apart (G2).
	settled = "C'est réglé, merci"

	// A kitchen is never told silently: what joined an order and what left it have their word (tills.md, complaint 8).
	kitchenAdded   = "SUITE"
	kitchenOff     = "ANNULÉ"
	kitchenChanged = "MODIFIÉ"
	kitchenNote    = "Note : "
	kitchenRenoted = "NOTE CHANGÉE : "
	kitchenNoteOff = "NOTE RETIRÉE"
	kitchenLeft    = "reste %d"
	insteadOf      = "Imprimé ici : %s ne répond pas"

	cardLaw  = "Neuf repas payés : un repas pour quelqu'un."
	cardSay  = "À dire au comptoir"
	cardKeep = "Notez votre numéro, ou laissez un contact : une carte perdue se remplace."

	acquitted = "Facture acquittée"                          // an invoice is only made for what is paid
	twoCopies = "Établie en deux exemplaires : client, café" // arrêté 83-50/A, art. 3
)

// FranchiseMention is what a café in franchise prints instead of the VAT columns, unless it has chosen other words: the
// reference moves to the CIBS; this one is tolerated until 30 June 2028 (fiscal R87).
const FranchiseMention = "TVA non applicable, art. 293 B du CGI"

// noBreak is the space that keeps a number and its unit on one line.
const noBreak = "\u00a0"

// mention returns what a VAT regime prints instead of the VAT columns, in the café's words where it has chosen some;
// empty when the columns are printed.
func mention(regime, chosen string) string {
	switch {
	case regime != "franchise" && regime != "exempt_association":
		return ""
	case chosen != "":
		return chosen
	case regime == "franchise":
		return FranchiseMention
	default:
		return ""
	}
}

func modeLabel(m journal.Mode) string {
	switch m {
	case journal.EatIn:
		return "Sur place"
	case journal.Takeaway:
		return "À emporter"
	default:
		return string(m)
	}
}

// meansLabel returns the API's name of a means of payment and the French one (product.md, decision 15).
func meansLabel(m journal.Means) (name, label string) {
	switch m {
	case journal.ByCash:
		return "cash", "Espèces"
	case journal.ByCard:
		return "card", "Carte bancaire"
	case journal.ByMealVoucher:
		return "meal_voucher", "Titre-restaurant"
	case journal.ByCheque:
		return "cheque", "Chèque"
	case journal.ByTransfer:
		return "transfer", "Virement"
	default:
		return strings.ToLower(string(m)), string(m)
	}
}

// discountLabel returns the French word for the reason of a discount (fiscal R44).
func discountLabel(reason string) string {
	switch reason {
	case "promo":
		return "promotion"
	case "staff_meal":
		return "repas du personnel"
	case "susp_meal":
		return "repas suspendu"
	case "commercial":
		return "geste commercial"
	case "quality":
		return "qualité"
	default:
		return reason
	}
}

func otherLabel(kind string) string {
	switch kind {
	case "tip":
		return "Pourboire"
	case "tr_excess":
		return "Excédent de titre-restaurant"
	case "bum_issue":
		return "Bon d'achat"
	case "deposit":
		return "Acompte"
	case passThrough:
		return "Pour une association"
	default:
		return "Hors chiffre d'affaires"
	}
}

// rateMark names the i-th rate of a document: A, B, … Z, AA, AB…
func rateMark(i int) string {
	mark := ""
	for ; i >= 0; i = i/26 - 1 {
		mark = string(rune('A'+i%26)) + mark
	}
	return mark
}

// euros writes an amount the French way, "1 234,50 €", its spaces unbreakable. The minus is that of the keyboard:
// printers have no other.
func euros(c money.Cents) string { return digits(c) + noBreak + "€" }

// digits writes an amount without its currency.
func digits(c money.Cents) string {
	sign, whole, rest := "", uint64(c), uint64(0)
	if c < 0 {
		sign, whole = "-", -whole
	}
	whole, rest = whole/100, whole%100
	return fmt.Sprintf("%s%s,%02d", sign, grouped(whole), rest)
}

// grouped writes a whole number with its thousands apart.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + noBreak + s[i:]
	}
	return s
}

// decimal writes n/10^places without zeros at its end: 2000 thousandths are "2", 250 are "0,25".
func decimal(n int64, places int) string {
	sign, u := "", uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	s := fmt.Sprintf("%0*d", places+1, u)
	whole, rest := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if rest == "" {
		return sign + whole
	}
	return sign + whole + "," + rest
}

// quantity writes thousandths with their unit; pieces ("u") need no name.
func quantity(thousandths int64, unit string) string {
	q := decimal(thousandths, 3)
	if unit == "" || unit == "u" {
		return q
	}
	return q + noBreak + unit
}

func percent(bp money.BasisPoints) string { return decimal(int64(bp), 2) + noBreak + "%" }

// groups parts a code into groups of so many characters, to be read aloud.
func groups(text string, size int) string {
	var parts []string
	for len(text) > size {
		parts, text = append(parts, text[:size]), text[size:]
	}
	return strings.Join(append(parts, text), " ")
}
