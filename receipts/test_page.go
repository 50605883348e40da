package receipts

import (
	"fmt"
	"strings"

	"comptoir/receipts/escpos"
)

// TestPage is what a printer that nobody knows prints, so that somebody who is no expert sets it up: the line that reads
// right names the page of its letters, the ruler says whether the width is right, and two codes whether it draws them.
type TestPage struct {
	Printer string `json:"printer"` // its name
}

// testCode is short: a printer that knows no codes prints it as text.
const testCode = "TEST"

// ESCPOS implements Printable.
func (t TestPage) ESCPOS(p escpos.Profile) ([]byte, error) {
	return onRoll(p, func(r *roll) {
		r.title("PAGE DE TEST")
		r.center(t.Printer)
		r.rule('-')
		r.center("Sur quelle ligne lisez-vous bien é è à ç ê É À € ?")
		for _, c := range escpos.Candidates() {
			r.e.TextIn(c.Number, c.Charmap, c.Letter+" : é è à ç ê É À € œ ’ –")
		}
		r.rule('-')
		r.center("Cette règle tient-elle sur une ligne, d'un bord à l'autre ?")
		r.line(strings.Repeat("1234567890", r.width/10+1)[:r.width])
		r.heading("En gras")
		r.title("En grand")
		r.rule('-')
		r.center("Code 1, dessiné par l'imprimante")
		r.e.QRNative(testCode)
		r.center("Code 2, envoyé en image")
		r.e.QRPicture(testCode)
		r.rule('-')
		drawer := "aucun"
		if p.Pin >= 0 {
			drawer = fmt.Sprintf("broche %d", 2+3*p.Pin) // 0 is the socket's pin 2, 1 its pin 5
		}
		r.row("Tiroir-caisse", drawer)
		r.row("Profil", p.Name)
		r.center("Le papier est coupé sous cette ligne.")
	})
}
