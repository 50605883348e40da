package web

import (
	"context"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

// madeCard is a card that has just been made at the till: its code, large, for the customer to photograph.
type madeCard struct {
	*locale.Language
	Number string
	QR     qrImage
}

func newMadeCard(l *locale.Language, card pos.CardIssued) (*madeCard, error) {
	qr, err := qrSVG(card.URL)
	return &madeCard{l, card.Number, qr}, err
}

// newCardFor makes a card and attaches it to the order. Both are commands of their own, under ids that come from the
// one of the tap: sent again, they are the same two.
func (s *Server) newCardFor(ctx context.Context, by pos.By, ticket string) (answerOf, error) {
	card, err := s.till.NewCard(ctx, part(by, "card"))
	if err != nil {
		return answerOf{}, err
	}
	tk, err := s.till.AttachCard(ctx, part(by, "attach"), ticket, card.Code)
	return answerOf{ticket: tk, made: &card}, err
}

// part is who asks for one of several commands that one tap stands for.
func part(by pos.By, of string) pos.By {
	by.Command.ID += "/" + of
	return by
}
