package receipts

import (
	"fmt"
	"time"

	"comptoir/data/money"
)

// Slip is what an association signs for when it collects: on two strips, one for each side. It is no fiscal document; that
// is the journal's entry of what left the house.
type Slip struct {
	Number      int64       `json:"number"`
	Cafe        string      `json:"cafe"`
	Address     string      `json:"address"`
	Partner     string      `json:"partner"`
	At          time.Time   `json:"at"` // of departure, with the café's offset
	Class       string      `json:"class"`
	Qty         int         `json:"qty"`
	Shares      []SlipShare `json:"shares"`
	Temperature string      `json:"temperature"` // with its unit; empty: to be written in by hand
	Allergens   string      `json:"allergens"`   // empty: to be written in by hand
	Initials    string      `json:"initials"`    // empty: to be written in by hand
	Given       money.Cents `json:"given"`       // cost of what was never sold; 0: the partner writes no receipt of it
	Waiver      bool        `json:"waiver"`      // its VAT is waived with the partner's attestation
}

// SlipShare is the part of a collection that one origin bears.
type SlipShare struct {
	Origin string `json:"origin"` // PAID, LOYALTY, SPONSOR, FUND or HOUSE
	Count  int    `json:"count"`
}

// Text writes both copies as their paper has them, in lines of at most width characters (24 when width is less).
func (p Slip) Text(width int) string {
	return onText(width, func(s *sheet) {
		for _, which := range slipCopies() {
			p.writeOn(s, which)
		}
	})
}

func (p Slip) writeOn(s paper, which string) {
	s.center(which)
	s.title(p.Cafe)
	s.center(p.Address)
	s.rule('=')
	s.title(fmt.Sprintf("Bon d'enlèvement n° %d", p.Number))
	s.row(p.Partner, "")
	s.row(p.At.Format("02/01/2006"), "départ "+p.At.Format("15 h 04"))
	s.rule('-')
	s.total(classCount(p.Class, p.Qty), "")
	for _, share := range p.Shares {
		s.hanging("  ", slipOrigin(share.Origin), fmt.Sprint(share.Count))
	}
	s.rule('-')
	for _, fact := range [][2]string{{"Température (°C)", p.Temperature}, {"Allergènes", p.Allergens}, {"Initiales de qui emporte", p.Initials}} {
		if fact[1] == "" {
			fact[1] = "......"
		}
		s.row(fact[0], fact[1])
	}
	s.rule('-')
	s.row("Ce que des clients, un mécène ou le fonds ont payé a été vendu : rien n'en est un don du café.", "")
	if p.Given > 0 {
		s.row(fmt.Sprintf("Neuvièmes repas et repas de la maison, au coût : %s. L'association peut les reprendre sur son reçu (formulaire 2041-MEC-SD).", euros(p.Given)), "")
	}
	if p.Waiver {
		s.row("Nature et quantités à reporter sur l'attestation de l'association (TVA non régularisée).", "")
	}
	s.row("Ce qui est parti n'est pas repris.", "")
}

func slipCopies() []string { return []string{"Exemplaire de l'association", "Exemplaire du café"} }

// classCount counts suspended items of a class.
func classCount(class string, n int) string {
	switch {
	case class == "coffee" && n == 1:
		return "1 café"
	case class == "coffee":
		return fmt.Sprintf("%d cafés", n)
	case class == "meal":
		return fmt.Sprintf("%d repas", n)
	default:
		return fmt.Sprintf("%d %s", n, class)
	}
}

// slipOrigin says to an association who bears what it takes.
func slipOrigin(origin string) string {
	switch origin {
	case "PAID":
		return "offerts par des clients"
	case "LOYALTY":
		return "neuvièmes repas des cartes"
	case "SPONSOR":
		return "payés par un mécène"
	case "FUND":
		return "payés par le fonds du café"
	default:
		return "donnés par la maison"
	}
}
