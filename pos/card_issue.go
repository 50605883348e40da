package pos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// MaxSheet is how many paper cards are made at once: five sheets of ten.
const MaxSheet = 50

var errSheet = fault.New(fault.Invalid, "sheet.count", "So many cards cannot be made at once.").Field("count", codeRange).With("max", MaxSheet)

// CardIssued is a new card: the only time its code is told.
type CardIssued struct {
	Code   string `json:"code"`
	Number string `json:"number"`
	URL    string `json:"url"`
}

// issued is what the database may keep of new cards: never a code.
type issued struct {
	Numbers []string     `json:"numbers"`
	Claim   *ClaimResult `json:"claim,omitempty"` // with the meals of a receipt
}

// NewCard makes a card with an account of its own. No name is asked. The public page may call it too. The code is
// drawn from a secret stream of the command's id: asked again, the same card is told, and only its hash is stored.
func (t *Till) NewCard(ctx context.Context, by By) (CardIssued, error) {
	card, _, err := t.issueCard(ctx, by, "")
	return card, err
}

// NewCardFor makes a card and stamps the meals of a receipt on it, in one command: either both are done or neither.
// Refusals: receipt.unknown, receipt.expired, receipt.stamped (there is nothing left to stamp).
func (t *Till) NewCardFor(ctx context.Context, by By, receiptCode string) (CardIssued, ClaimResult, error) {
	return t.issueCard(ctx, by, receiptCode)
}

// issueCard makes a card, with the meals of a receipt unless there is none.
func (t *Till) issueCard(ctx context.Context, by By, receiptCode string) (CardIssued, ClaimResult, error) {
	cards, claim, err := t.drawCards(ctx, by, 1, func(ctx context.Context, tx *data.Tx, random []io.Reader) ([]loyalty.Card, *ClaimResult, error) {
		card, err := loyalty.Issue(ctx, tx, random[0], loyalty.Phone)
		if err != nil {
			return nil, nil, err
		}
		if receiptCode == "" {
			return []loyalty.Card{card}, nil, tx.Record(data.Event{Type: "card.issued", Body: map[string]any{"account": card.Account}})
		}
		claim, err := t.stampFirst(ctx, tx, by, card, receiptCode)
		return []loyalty.Card{card}, &claim, err
	})
	if err != nil {
		return CardIssued{}, ClaimResult{}, err
	}
	return cards[0], claim, nil
}

// PaperCards makes cards to be printed and cut, each with an account of its own. Their codes are told this once; the same
// command asked again tells the same ones. Refusals: right.missing, sheet.count.
func (t *Till) PaperCards(ctx context.Context, by By, count int) ([]CardIssued, error) {
	if err := by.mustManage(); err != nil {
		return nil, err
	}
	if count < 1 || count > MaxSheet {
		return nil, errSheet
	}
	cards, _, err := t.drawCards(ctx, by, count, func(ctx context.Context, tx *data.Tx, random []io.Reader) ([]loyalty.Card, *ClaimResult, error) {
		var all []loyalty.Card
		accounts := []string{}
		for _, r := range random {
			card, err := loyalty.Issue(ctx, tx, r, loyalty.Paper)
			if err != nil {
				return nil, nil, err
			}
			all, accounts = append(all, card), append(accounts, card.Account)
		}
		return all, nil, tx.Record(data.Event{Type: "cards.printed", Body: map[string]any{"accounts": accounts}})
	})
	return cards, err
}

// ReplaceCard makes a new card for the account of a lost or damaged one, found by its code, its number, or through
// CardsByContact: the old one is dead, its stamps stay (case 45). Refusals: those of Card for what is no card, card.replaced
// for one that is dead for good, training.real.
func (t *Till) ReplaceCard(ctx context.Context, by By, codeOrNumber string) (CardIssued, error) {
	if err := by.mustSell(); err != nil {
		return CardIssued{}, err
	}
	cards, _, err := t.drawCards(ctx, by, 1, func(ctx context.Context, tx *data.Tx, random []io.Reader) ([]loyalty.Card, *ClaimResult, error) {
		if err := t.forReal(tx, by); err != nil {
			return nil, nil, err
		}
		old, err := loyalty.FindAny(ctx, tx, codeOrNumber)
		if err != nil {
			return nil, nil, err
		}
		card, err := loyalty.Replace(ctx, tx, random[0], old, loyalty.Paper)
		if err != nil {
			return nil, nil, err
		}
		return []loyalty.Card{card}, nil, tx.Record(data.Event{Type: "card.replaced", Topics: []string{"card:" + old.Number}, Body: map[string]any{"account": card.Account}})
	})
	if err != nil {
		return CardIssued{}, err
	}
	return cards[0], nil
}

// drawCards carries out a command that makes cards. Each draws from a secret stream of its own, so that the codes of a
// command that is asked again can be told again: they are kept nowhere, nor is the id of the command.
func (t *Till) drawCards(ctx context.Context, by By, count int, makeCards func(context.Context, *data.Tx, []io.Reader) ([]loyalty.Card, *ClaimResult, error)) ([]CardIssued, ClaimResult, error) {
	if by.Command.ID == "" {
		by.Command = data.NewCommand("card-" + newSecret())
	}
	random := make([]io.Reader, count)
	for i := range random {
		use := "card"
		if i > 0 {
			use += strconv.Itoa(i + 1)
		}
		var err error
		if random[i], err = t.secret.stream(use, by.Command); err != nil {
			return nil, ClaimResult{}, err
		}
	}
	id := sha256.Sum256([]byte(by.Command.ID)) // only its hash is kept: with the id itself the cards could be asked for again
	by.Command.ID = hex.EncodeToString(id[:])
	var codes []string
	answer, replayed, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (issued, error) {
		cards, claim, err := makeCards(ctx, tx, random)
		answer := issued{Claim: claim}
		for _, c := range cards {
			codes, answer.Numbers = append(codes, c.Code), append(answer.Numbers, c.Number)
		}
		return answer, err
	})
	if err != nil {
		return nil, ClaimResult{}, err
	}
	all := make([]CardIssued, count)
	for i := range all {
		code := ""
		if !replayed {
			code = codes[i]
		} else if code, err = loyalty.CodeFrom(random[i]); err != nil { // nothing was drawn from it: the closure did not run
			return nil, ClaimResult{}, err
		}
		all[i] = CardIssued{Code: code, Number: answer.Numbers[i], URL: t.CardURL(code)}
	}
	if answer.Claim == nil {
		answer.Claim = &ClaimResult{}
	}
	return all, *answer.Claim, nil
}

// stampFirst stamps the meals of a receipt on a card that is being made; the event of both is one.
func (t *Till) stampFirst(ctx context.Context, tx *data.Tx, by By, card loyalty.Card, receiptCode string) (ClaimResult, error) {
	sale, err := t.claimable(ctx, tx, by, receiptCode)
	if err != nil {
		return ClaimResult{}, err
	}
	change, err := t.earnLate(ctx, tx, card.Account, sale)
	if err != nil {
		return ClaimResult{}, err
	}
	if change.Stamps == 0 {
		return ClaimResult{}, fault.New(fault.Conflict, "receipt.stamped", "The meals of this receipt are on a card already.").With("number", sale.Number)
	}
	return claimOf(change), t.recordChanges(ctx, tx, by, "card.issued", card.Number, sale.Number, change)
}

// CardURL is the address of a card's page, in capitals so that its QR code stays small and any scanner reads it.
func (t *Till) CardURL(code string) string {
	return strings.ToUpper(t.config.PublicURL) + "/C/" + code
}
