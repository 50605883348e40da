package export

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"comptoir/receipts/journal"
)

// Columns of the statement on paper.
const (
	statementWidth = 64
	numberWidth    = 6
)

// statementText writes the statement for paper, a window or a letter: each class as an addition that anyone can do again.
func statementText(in Input) ([]byte, error) {
	s, err := State(in)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if s.Demo {
		line("DÉMONSTRATION — SANS VALEUR")
	}
	line("RELEVÉ DE SOLIDARITÉ")
	line("%s — SIRET %s", s.Cafe.Name, s.Cafe.SIRET)
	line("Du %s au %s", longDay(s.From), longDay(s.To))
	for _, c := range s.Classes {
		line("\n%s", strings.ToUpper(className(c.Class)))
		c.write(line)
	}
	if len(s.Classes) == 0 {
		line("\nAucun suspendu n'a encore été offert, servi ni mis de côté.")
	}
	if m := s.Ceiling; m != nil {
		line("\nDepuis le premier jour, %d repas payés%s permettent %d repas\nde cartes (un pour neuf) ; %d ont été mis de côté.", m.Meals, without(m.Without), m.Earned, m.Released)
		if m.Released > m.Earned {
			line("La maison en a avancé %d : servis avant qu'un des neuf soit rendu.", m.Released-m.Earned)
		}
	}
	line("\nCe qui attendait et ce qui est arrivé fait toujours ce qui est\nparti et ce qui attend : chacun peut refaire l'addition. Personne\nn'est nommé, ni qui offre, ni qui reçoit.")
	if s.Closing == nil {
		return b.Bytes(), nil
	}
	line("\nCes nombres sont ceux des clôtures signées du journal de la caisse,")
	if s.Opening != nil {
		line("de la clôture %s (%s, non comprise)\nà la clôture %s (%s) :", s.Opening.Number, longDay(s.Opening.Day), s.Closing.Number, longDay(s.Closing.Day))
	} else {
		line("de la première à la clôture %s (%s) :", s.Closing.Number, longDay(s.Closing.Day))
	}
	line("  journal     %s", s.Cafe.Journal)
	line("  écriture    %d", s.Closing.Seq)
	line("  empreinte   %s\n              %s", s.Closing.Hash[:32], s.Closing.Hash[32:])
	line("\nTexte du code QR de cette clôture :\n%s", s.Closing.QR)
	return b.Bytes(), nil
}

// write writes the addition of one class.
func (c StatementClass) write(line func(string, ...any)) {
	row := func(sign, words string, n int64) { line("  %s %s%*d", sign, pad(words), numberWidth, n) }
	of := func(words string, n int64) { line("      %s %d", words, n) }
	rule := func() {
		line("%s", strings.Repeat(" ", statementWidth-numberWidth)+strings.Repeat("-", numberWidth))
	}
	row(" ", "En attente au début", c.Waited)
	row("+", "offerts par des clients et des mécènes", c.Given)
	row("+", "repas des cartes (neuf repas payés, un offert)", c.Cards)
	if c.Others != 0 {
		row("+", "autres", c.Others)
		for _, cause := range slices.Sorted(maps.Keys(c.OthersBy)) {
			of(causeName(cause)+" :", c.OthersBy[cause])
		}
	}
	rule()
	row(" ", "", c.Came())
	row("=", "servis", c.Served)
	for _, origin := range slices.Sorted(maps.Keys(c.ServedBy)) {
		of("dont "+originName(origin)+" :", c.ServedBy[origin])
	}
	row("+", "remis à des associations", c.Partners)
	for _, origin := range slices.Sorted(maps.Keys(c.PartnerBy)) {
		of("dont "+originName(origin)+" :", c.PartnerBy[origin])
	}
	row("+", "rendus : offerts remboursés", c.Returned)
	row("+", "rendus : repas des cartes repris avec leurs repas", c.Retracted)
	row("+", "en attente à la fin", c.Waits)
	rule()
	row(" ", "", c.Went())
	if c.House != 0 {
		row(" ", "Servis en plus, offerts par la maison", c.House)
	}
}

// pad fills words up to the column of the numbers.
func pad(words string) string {
	return words + strings.Repeat(" ", max(statementWidth-numberWidth-len("  + ")-utf8.RuneCountInString(words), 1))
}

// without words the stamps that no meal was paid for.
func without(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" et %d tampons\nrepris d'anciennes cartes ou donnés en excuse", n)
}

func causeName(cause string) string {
	switch cause {
	case journal.AdjustFund:
		return "payés par le fonds du café"
	case journal.AdjustHouse:
		return "ajoutés par la maison pour une association"
	case journal.AdjustConverted:
		return "convertis en une autre sorte, ou depuis elle"
	case journal.AdjustSponsor:
		return "payés par un mécène"
	case journal.AdjustCorrected:
		return "corrigés par un responsable"
	case journal.AdjustLapsed:
		return "rendus par une association"
	}
	return cause
}

func originName(origin string) string {
	switch origin {
	case "PAID":
		return "offerts par des clients"
	case "LOYALTY":
		return "repas des cartes"
	case "SPONSOR":
		return "payés par un mécène"
	case "FUND":
		return "payés par le fonds du café"
	case originHouse:
		return "offerts par la maison"
	}
	return origin
}

// longDay writes a business day in French words.
func longDay(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	months := []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	first := ""
	if at.Day() == 1 {
		first = "er"
	}
	return fmt.Sprintf("%d%s %s %d", at.Day(), first, months[at.Month()-1], at.Year())
}
