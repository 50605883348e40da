package receipts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/receipts/journal"
)

// KitchenTicket is what a kitchen or a bar is told on paper: what to make, without a price. It names nobody and no sale: the
// ticket of what is served is, down to the byte, that of what is sold (G2). It is no document: nothing of it is journaled.
type KitchenTicket struct {
	Station string        `json:"station"`
	No      int           `json:"no"`   // of the order, as the till calls it
	Name    string        `json:"name"` // of the order; empty: none
	Mode    string        `json:"mode"` // eat_in or takeaway
	At      time.Time     `json:"at"`   // when the till asked for it, with the café's offset
	Lines   []KitchenLine `json:"lines"`
	// Renamed says that the name or the mode of an order that is on paper has changed; the ticket bears the new ones, and may
	// have no lines.
	Renamed bool `json:"renamed,omitempty"`
	// Instead is the name of the printer that does not answer, when the ticket comes out elsewhere; empty: it does not.
	Instead string `json:"instead,omitempty"`
}

// KitchenLine is one thing to make, or what has changed about one that is on paper already.
type KitchenLine struct {
	Qty       int      `json:"qty"`           // to make; of a cancelled line what is left of it, 0 nothing
	Was       int      `json:"was,omitempty"` // of a cancelled line: what the paper before this one said
	Name      string   `json:"name"`
	Options   []string `json:"options,omitempty"`
	Note      string   `json:"note,omitempty"`
	Added     bool     `json:"added,omitempty"`     // it joins an order that is on paper
	Cancelled bool     `json:"cancelled,omitempty"` // Was − Qty of it are not wanted any more
	Renoted   bool     `json:"renoted,omitempty"`   // its note is another than on paper; an empty one was taken back
}

// strip is paper that is read from across a kitchen, or kept in a pocket.
type strip interface {
	paper
	huge(text string)       // in the middle, to be called out
	big(lead, name string)  // as hanging, in large letters
	tall(lead, name string) // as hanging, in letters between big and usual
	badge(text string)      // a code that bears folds and scratches
}

// Text writes the ticket as its paper has it, in lines of at most width characters (24 when width is less).
func (k KitchenTicket) Text(width int) string {
	return onText(width, func(s *sheet) { k.writeOn(s) })
}

func (k KitchenTicket) writeOn(s strip) {
	if k.Instead != "" {
		s.mark(fmt.Sprintf(insteadOf, strings.ToUpper(k.Instead)))
		s.rule('=')
	}
	if word := k.word(); word != "" {
		s.mark(word)
	}
	s.title(strings.ToUpper(k.Station))
	s.huge(fmt.Sprint(k.No))
	if k.Name != "" {
		s.title(k.Name)
	}
	s.title(strings.ToUpper(modeLabel(journal.Mode(k.Mode))))
	s.row(k.At.Format("02/01/2006"), k.At.Format("15:04:05"))
	s.rule('-')
	mixed := k.word() == kitchenChanged
	for i, l := range k.Lines {
		if i > 0 {
			s.rule('-')
		}
		l.writeOn(s, mixed)
	}
}

// word is what the ticket is besides an order; empty for the first of one.
func (k KitchenTicket) word() string {
	all := func(is func(KitchenLine) bool) bool {
		return len(k.Lines) > 0 && !k.Renamed && !slices.ContainsFunc(k.Lines, func(l KitchenLine) bool { return !is(l) })
	}
	switch {
	case all(func(l KitchenLine) bool { return !l.Added && !l.Cancelled && !l.Renoted }):
		return ""
	case all(func(l KitchenLine) bool { return l.Added && !l.Cancelled && !l.Renoted }):
		return kitchenAdded
	case all(func(l KitchenLine) bool { return l.Cancelled }):
		return kitchenOff
	default:
		return kitchenChanged
	}
}

// writeOn writes a line. What was cancelled always says so beside its name: a strip of paper is torn, and read in part.
func (l KitchenLine) writeOn(s strip, mixed bool) {
	const under = "  "
	switch {
	case l.Cancelled:
		s.big(kitchenOff+" ", fmt.Sprintf("%d %s", l.Was-l.Qty, l.Name))
	case l.Added && mixed:
		s.big(kitchenAdded+" ", fmt.Sprintf("%d %s", l.Qty, l.Name))
	default:
		s.big(fmt.Sprint(l.Qty)+" ", l.Name)
	}
	for _, o := range l.Options {
		s.tall(under+"+ ", o)
	}
	switch {
	case l.Renoted && l.Note == "":
		s.tall(under, kitchenNoteOff)
	case l.Renoted:
		s.tall(under, kitchenRenoted+l.Note)
	case l.Note != "":
		s.tall(under, kitchenNote+l.Note)
	}
	if l.Cancelled && l.Qty > 0 {
		s.tall(under, fmt.Sprintf(kitchenLeft, l.Qty))
	}
}
