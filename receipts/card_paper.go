package receipts

// CardPaper is a paper card for a customer's pocket, or several of them, each on a strip of its own. It bears what opens the
// card and nothing else: no name, no count, no meal (solidarity.md §3.1).
type CardPaper struct {
	Cafe  string      `json:"cafe"`
	Cards []PaperCard `json:"cards"`
}

// PaperCard is one card.
type PaperCard struct {
	Code    string `json:"code"`    // the card's secret, as it is typed
	Number  string `json:"number"`  // short, to be said at the counter
	Address string `json:"address"` // text of its QR code
}

// Text writes the cards as their paper has them but for their codes, in lines of at most width characters (24 when width
// is less).
func (c CardPaper) Text(width int) string {
	return onText(width, func(s *sheet) {
		for _, one := range c.Cards {
			c.writeOn(s, one)
		}
	})
}

func (c CardPaper) writeOn(s strip, one PaperCard) {
	s.title(c.Cafe)
	s.center(cardLaw)
	s.badge(one.Address)
	s.center(cardSay)
	s.huge(groups(one.Number, 3))
	s.center(groups(one.Code, 4))
	s.rule('-')
	s.center(cardKeep)
}
